"""The columns of a result: names, expressions, types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Distinct,
    Expr,
    In,
    IsNull,
    IsTruth,
    Like,
    Literal,
    SelectItem,
    Star,
    Unary,
)
from aerodbapi.plan.bind import bind_expression
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.declaration import Table
from aerodbapi.plan.declared import decoded
from aerodbapi.plan.evaluate import compile_row
from aerodbapi.plan.kinds import kind_of, type_code
from aerodbapi.plan.operations import OutputColumn
from aerodbapi.plan.tree import COMPARISONS, METADATA, is_bin, place

__all__ = ["select_list", "type_of"]

_CONDITIONS: Final = (Between, In, Like, IsNull, IsTruth, Distinct)


def select_list(
    items: Sequence[SelectItem],
    allowed: frozenset[tuple[str, ...]],
    info: SetInfo | None,
    has_table: bool,
) -> tuple[tuple[OutputColumn, ...], int | None]:
    """Give the columns, and where bins belong that turn up first in rows (None: no star).

    Names are unique: a second `a` is `a_1`. Raises NotSupportedError for what cannot be
    evaluated, ProgrammingError for a star without a table.
    """
    columns: list[OutputColumn] = []
    star: int | None = None
    for item in items:
        if isinstance(item.expression, Star):
            _check_star(item.expression, allowed, has_table)
            columns += _all_columns(info)
            if info is None or info.declared is None:
                star = len(columns) if star is None else star
        else:
            source = bind_expression(item.expression, allowed)
            code = type_of(source, info)
            columns.append(OutputColumn(item.name, _checked(source, info), code))
    compile_row([column.source for column in columns])
    return _unique(columns), star


def _check_star(star: Star, allowed: frozenset[tuple[str, ...]], has_table: bool) -> None:
    if not has_table:
        raise errors.ProgrammingError(f"SELECT * needs a table{place(star)}")
    if star.table not in allowed:
        raise errors.ProgrammingError(f"there is no table {'.'.join(star.table)} here{place(star)}")


def _checked(source: Expr, info: SetInfo | None) -> Expr:
    """Have the content of a declared column's bin checked where it is shown as it is."""
    if info is None or info.declared is None or not isinstance(source, Column):
        return source
    return decoded(source, info.declared)


def _declared_columns(table: Table) -> list[OutputColumn]:
    """All columns of a declared table, in its order."""
    found = []
    for column in table.columns:
        quoted = column.bin == "PK" or column.bin in METADATA
        bin = Column(column.bin, quoted=quoted) if column.bin else Column("PK")
        found.append(OutputColumn(column.name, decoded(bin, table), column.type.code))
    return found


def _all_columns(info: SetInfo | None) -> list[OutputColumn]:
    if info is not None and info.declared is not None:
        return _declared_columns(info.declared)
    found = [OutputColumn("PK", Column("PK"), _key_type(info))]
    for column in () if info is None else info.columns:
        quoted = column.name == "PK" or column.name in METADATA
        found.append(OutputColumn(column.name, Column(column.name, quoted=quoted), column.code))
    return found


def _unique(columns: Iterable[OutputColumn]) -> tuple[OutputColumn, ...]:
    taken: set[str] = set()
    unique = []
    for column in columns:
        name, count = column.name, 0
        while name in taken:
            count += 1
            name = f"{column.name}_{count}"
        taken.add(name)
        unique.append(column if name == column.name else _renamed(column, name))
    return tuple(unique)


def _renamed(column: OutputColumn, name: str) -> OutputColumn:
    return OutputColumn(name, column.source, column.type)


def _key_type(info: SetInfo | None) -> str:
    return "VARCHAR" if info is None else info.key.code


def type_of(source: Expr, info: SetInfo | None) -> str:
    """Name the type code of an expression; JSON, which holds anything, when it is not known."""
    if isinstance(source, Column):
        return _column_type(source, info)
    if isinstance(source, Call) and source.name == "$DECODE":
        return type_of(source.arguments[0], info)
    if isinstance(source, Literal):
        return "VARCHAR" if source.value is None else type_code([kind_of(source.value)])
    if isinstance(source, Cast):
        return _CAST_CODES.get(source.type.partition("(")[0], "JSON")
    if isinstance(source, _CONDITIONS) or _is_condition(source):
        return "BOOLEAN"
    if isinstance(source, Unary):
        return type_of(source.operand, info)
    if isinstance(source, Binary):
        if source.op == "||":
            return "VARCHAR"
        sides = {type_of(source.left, info), type_of(source.right, info)}
        return "BIGINT" if sides == {"BIGINT"} and source.op != "/" else "DOUBLE"
    if isinstance(source, Case):
        results = [result for _, result in source.branches]
        return _shared([*results, source.default or Literal(None)], info)
    return _call_type(source, info) if isinstance(source, Call) else "JSON"


def _call_type(source: Call, info: SetInfo | None) -> str:
    from aerodbapi.plan.functions import function_of  # as in plan.evaluate

    found = function_of(source.name, len(source.arguments))
    if found is None:
        return "JSON"
    return _shared(source.arguments, info) if found.type == "same" else found.type


def _shared(sources: Sequence[Expr], info: SetInfo | None) -> str:
    """Name the type of what is one of `sources`."""
    types = {
        type_of(source, info)
        for source in sources
        if not (isinstance(source, Literal) and source.value is None)
    }
    if types == {"BIGINT", "DOUBLE"}:
        return "DOUBLE"
    return types.pop() if len(types) == 1 else "JSON"


def _is_condition(source: Any) -> bool:
    if isinstance(source, Unary):
        return source.op == "NOT"
    return isinstance(source, Binary) and source.op in COMPARISONS | {"AND", "OR"}


_CAST_CODES: Final = {
    **{name: name for name in ("BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "BLOB", "GEOJSON")},
    "DECIMAL": "DOUBLE",
}


def _column_type(column: Column, info: SetInfo | None) -> str:
    if not is_bin(column):
        return METADATA.get(column.name) or _key_type(info)
    known = None if info is None else info.column(column.name)
    return "JSON" if known is None else known.code
