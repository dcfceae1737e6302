"""Columns of declared tables: names become bins, and conditions are put to what bins hold.

These functions stand in bound expressions, never in anybody's text:

- `$BOUND(value, type, op)`: what a bin is compared with to decide `column op value`;
- `$DECODE(bin, type, name)`: the value that a bin's content stands for, checked;
- `$ENCODE(value, type, name, nullable)`: what the bin of a column holds for a value, checked;
- `$KEY(value, …)`: the user key that the columns of a primary key make together;
- `$PRESENT(value, …)`: 1 where all of them are NULL, else NULL (`declaration.PRESENCE`).

A column whose bin holds its value itself (`SqlType.plain`) needs none of them in conditions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Column,
    Distinct,
    Expr,
    In,
    IsNull,
    Literal,
)
from aerodbapi.plan.declaration import INFORMATION_SCHEMA, DeclaredColumn, Table
from aerodbapi.plan.sql_types import SqlType, type_of_code
from aerodbapi.plan.tree import (
    COMPARISONS,
    FLIPPED,
    METADATA,
    conjuncts,
    is_constant,
    place,
    rebuild,
)

__all__ = [
    "INTERNAL",
    "Scope",
    "bound_column",
    "decoded",
    "encoded",
    "joined_key",
    "shown",
    "stored",
    "type_of",
    "with_whole_key",
]

INTERNAL: Final = frozenset({"$BOUND", "$DECODE", "$ENCODE", "$KEY", "$PRESENT"})

#: BETWEEN's sides as comparisons.
_LOW, _HIGH = ">=", "<="


class Scope(frozenset[tuple[str, ...]]):
    """The qualifiers that columns may have, and the declared table that they are of."""

    table: Table | None = None

    @classmethod
    def of(cls, qualifiers: Iterable[tuple[str, ...]], table: Table | None) -> Scope:
        made = cls(qualifiers)
        made.table = table
        return made


# ---- names -------------------------------------------------------------------------------------


def bound_column(column: Column, table: Table) -> Column:
    """Resolve a column of a declared table, its qualifier left out.

    Raises ProgrammingError for a name that is not declared.
    """
    found = table.column(column.name, column.quoted)
    if found is not None:
        return _own(found, column)
    if not column.quoted and table.namespace != INFORMATION_SCHEMA:
        if column.name.upper() == "PK" or column.name == "__key":
            return Column("PK", span=column.span)
        if column.name in METADATA:
            return Column(column.name, span=column.span)
    from difflib import get_close_matches

    names = [each.name for each in table.columns]
    near = get_close_matches(column.name, names, 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise errors.ProgrammingError(
        f"{table.namespace}.{table.set} has no column {column.name}{place(column)}{hint}"
    )


def _own(found: DeclaredColumn, column: Column) -> Column:
    if not found.bin:
        return Column("PK", span=column.span)
    quoted = found.bin == "PK" or found.bin in METADATA
    return Column(found.bin, quoted=quoted, span=column.span)


def declared_of(column: Column, table: Table) -> DeclaredColumn | None:
    """Give the declared column that a bound column is; None for metadata."""
    if column.quoted or column.name not in ("PK", *METADATA):
        return table.of_bin(column.name)
    return table.key_column if column.name == "PK" else None


def type_of(column: Column, table: Table | None) -> SqlType | None:
    """Give a bound column's declared type."""
    found = None if table is None else declared_of(column, table)
    return None if found is None else found.type


# ---- conditions --------------------------------------------------------------------------------


def stored(expression: Expr, table: Table | None) -> Expr:
    """Put a bound expression to what the bins hold.

    Comparisons of a column with constants compare its bin; a column that stands elsewhere is
    decoded where its bin does not hold the value itself.
    """
    if table is None or all(column.type.plain for column in table.columns):
        return expression
    return _stored(expression, table)


def _stored(node: Expr, table: Table) -> Expr:
    if isinstance(node, Column):
        return decoded(node, table, plain=False)
    if isinstance(node, IsNull) and isinstance(node.operand, Column):
        return node
    if isinstance(node, (Binary, Distinct)) and (
        isinstance(node, Distinct) or node.op in COMPARISONS
    ):
        return _comparison(node, table)
    kind = _converted(getattr(node, "operand", None), table)
    if kind is not None and isinstance(node, Between) and _between_constants(node):
        low, high = _bound(node.low, kind, _LOW), _bound(node.high, kind, _HIGH)
        return Between(node.operand, low, high, node.negated, node.span)
    if kind is not None and isinstance(node, In) and all(map(is_constant, node.options)):
        options = tuple(_bound(option, kind, "=") for option in node.options)
        return In(node.operand, options, node.negated, node.span)
    return rebuild(node, lambda part: _stored(part, table))


def _between_constants(node: Between) -> bool:
    return is_constant(node.low) and is_constant(node.high)


def _comparison(node: Any, table: Table) -> Expr:
    op = node.op if isinstance(node, Binary) else "="
    left, right = _converted(node.left, table), _converted(node.right, table)
    if left is not None and left == right:
        return node  # type: ignore[no-any-return]
    sides = None
    if left is not None and is_constant(node.right):
        sides = node.left, _bound(node.right, left, op)
    elif right is not None and is_constant(node.left):
        sides = _bound(node.left, right, FLIPPED[op]), node.right
    if sides is None:
        return rebuild(node, lambda part: _stored(part, table))
    if isinstance(node, Binary):
        return Binary(node.op, *sides, node.span)
    return Distinct(*sides, node.negated, node.span)


def _converted(node: Any, table: Table) -> SqlType | None:
    """The type of a column whose bin does not hold its values themselves."""
    kind = type_of(node, table) if isinstance(node, Column) else None
    return None if kind is None or kind.plain else kind


def _bound(value: Expr, kind: SqlType, op: str) -> Expr:
    return Call("$BOUND", (value, Literal(kind.code), Literal(op)), span=value.span)


def decoded(column: Column, table: Table, *, plain: bool = True) -> Expr:
    """Give the value of a bound column; `plain`: even where only a check is needed."""
    found = declared_of(column, table)
    if found is None or (found.type.plain and not plain):
        return column
    arguments = (column, Literal(str(found.type)), Literal(found.name))
    return Call("$DECODE", arguments, span=column.span)


def encoded(value: Expr, column: DeclaredColumn) -> Expr:
    """Give what the column's bin holds for a value."""
    arguments = (
        value,
        Literal(str(column.type)),
        Literal(column.name),
        Literal(column.nullable),
    )
    return Call("$ENCODE", arguments, span=value.span)


def shown(expression: Expr) -> Expr:
    """Take what stands in no text out of an expression, to show it."""
    if isinstance(expression, Call) and expression.name == "$KEY":
        return Call("KEY", tuple(map(shown, expression.arguments)))
    if isinstance(expression, Call) and expression.name in INTERNAL - {"$PRESENT"}:
        return shown(expression.arguments[0])
    return rebuild(expression, shown)


# ---- keys of several columns -------------------------------------------------------------------


def joined_key(values: Sequence[Any]) -> str:
    """Give the user key that the bins' contents of several key columns make: JSON text."""
    return json.dumps(
        [{"x": bytes(value).hex()} if isinstance(value, bytes) else value for value in values],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def with_whole_key(where: tuple[Expr, ...], table: Table | None) -> tuple[Expr, ...]:
    """Put `PK = $KEY(…)` for equalities with all columns of a primary key of several."""
    if table is None or len(table.key) < 2:
        return where
    found: dict[str, tuple[Expr, Expr]] = {}
    for part in where:
        if isinstance(part, Binary) and part.op == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(one, Column) and is_constant(other):
                    column = declared_of(one, table)
                    if column is not None and column.name in table.key:
                        found.setdefault(column.name, (part, other))
    if len(found) < len(table.key):
        return where
    values = tuple(found[name][1] for name in table.key)
    done = {id(found[name][0]) for name in table.key}
    rest = tuple(part for part in where if id(part) not in done)
    return (Binary("=", Column("PK"), Call("$KEY", values)), *rest)


def whole_condition(condition: Expr | None, table: Table | None) -> tuple[Expr, ...]:
    """The conjuncts of a bound WHERE, with a key of several columns found in them."""
    return with_whole_key(conjuncts(condition), table)


def kind_of_call(node: Call, given: str | None) -> str | None:
    """The kind of value that `$BOUND` or `$ENCODE` gives, of an argument of kind `given`."""
    if node.name in ("$KEY", "$PRESENT"):
        return "str" if node.name == "$KEY" else None
    argument = node.arguments[1]
    code = argument.value if isinstance(argument, Literal) else ""
    kind = type_of_code(code).kind
    if given == "null":
        return given
    return f"list:{kind}" if (given or "").startswith("list:") else kind
