"""Gives names their meaning: tables, columns, parameters.

A bound expression has four kinds of column: `PK` (the user key), metadata (`__digest __gen
__ttl __set __lut __size`), and bins; a bin whose name is one of those is marked `quoted`.
Bins need not be known: an unknown one is NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aerodbapi import errors
from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import (
    Binary,
    Call,
    Column,
    Expr,
    In,
    Literal,
    Parameter,
    Star,
    TableName,
)
from aerodbapi.plan import declared
from aerodbapi.plan.declaration import Table
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.membership import any_of
from aerodbapi.plan.operations import Computed, Constant, Slot, Target, Value
from aerodbapi.plan.tree import METADATA, columns, is_bin, place, rebuild

__all__ = [
    "DIGEST",
    "KEY",
    "METADATA",
    "Context",
    "bin_name",
    "bind_expression",
    "bind_names",
    "bind_table",
    "bind_value",
    "expression_of",
    "is_bin",
    "kind",
    "options",
    "qualifiers",
    "table_of",
]

KEY: Final = Column("PK")
DIGEST: Final = Column("__digest")

#: How the records without a set are called.
NO_SET: Final = "__default"

_MAX_BIN: Final = 15
_MAX_SET: Final = 63
_MAX_NAMESPACE: Final = 31


@frozen
class Context:
    """What planning depends on besides statement and catalog.

    `profile`: "sql" or "aql". `namespace`: the connection's default or None. `parameters`: the
    kind (`plan.kinds.kind_of`) of each value to be bound, None where it is not known.
    `server`: the oldest version in the cluster. `nul_free`: see `plan.pushdown.Options`.
    `push`: False reads whole sets and decides every condition here, by which tests and doubters
    compare.
    """

    profile: str = "sql"
    namespace: str | None = None
    parameters: tuple[str | None, ...] = ()
    server: tuple[int, ...] = (8, 1, 0)
    nul_free: bool = False
    push: bool = True


# ---- tables ------------------------------------------------------------------------------------


def bind_table(table: TableName, context: Context) -> Target:
    """Give whose records a table name means.

    One name is a namespace in profile aql and without a default namespace, else a set;
    `__default` the records without a set, `ns.*` a whole namespace. Raises ProgrammingError
    for names that are too long or have too many parts.
    """
    parts = table.parts
    if len(parts) == 1:
        if context.profile == "aql" or context.namespace is None:
            namespace, set_name = parts[0], None
        else:
            namespace, set_name = context.namespace, parts[0]
    elif len(parts) == 2:
        namespace, set_name = parts[0], None if parts[1] == "*" else parts[1]
    else:
        raise errors.ProgrammingError(
            f"a table is namespace.set, not {'.'.join(parts)}{place(table)}"
        )
    _check_length("namespace", namespace, _MAX_NAMESPACE, table)
    _check_length("set", set_name or "x", _MAX_SET, table)
    return Target(namespace, "" if set_name == NO_SET else set_name)


def _check_length(what: str, name: str, limit: int, node: TableName) -> None:
    if not 0 < len(name.encode()) <= limit:
        raise errors.ProgrammingError(
            f"{what} name {name!r} is not 1 to {limit} bytes long{place(node)}"
        )


def qualifiers(
    table: TableName | None, target: Target | None, declaration: Table | None = None
) -> frozenset[tuple[str, ...]]:
    """Give the qualifiers that columns of this table may have, and what it was declared as."""
    found = _qualifiers(table, target)
    return found if declaration is None else declared.Scope.of(found, declaration)


def _qualifiers(table: TableName | None, target: Target | None) -> frozenset[tuple[str, ...]]:
    if table is None:
        return frozenset({()})
    if table.alias is not None:
        return frozenset({(), (table.alias,)})
    found: set[tuple[str, ...]] = {(), table.parts, table.parts[-1:]}
    if target is not None and target.set:
        found |= {(target.set,), (target.namespace, target.set)}
    return frozenset(found)


# ---- columns -----------------------------------------------------------------------------------


def bin_name(column: Column) -> str:
    """Check the name of a bin. Raises BinNameError above 15 bytes."""
    size = len(column.name.encode())
    if not 0 < size <= _MAX_BIN:
        raise errors.BinNameError(
            f"bin name {column.name!r} has {size} bytes, 1 to {_MAX_BIN} are allowed{place(column)}"
        )
    return column.name


def bind_column(column: Column, allowed: Iterable[tuple[str, ...]]) -> Column:
    """Resolve one column. Raises ProgrammingError for an unknown qualifier."""
    if column.table not in allowed:
        raise errors.ProgrammingError(
            f"there is no table {'.'.join(column.table)} here{place(column)}"
        )
    table = table_of(allowed)
    if table is not None:
        return declared.bound_column(column, table)
    if not column.quoted:
        if column.name.upper() == "PK" or column.name == "__key":
            return Column("PK", span=column.span)
        if column.name in METADATA:
            return Column(column.name, span=column.span)
    return Column(
        bin_name(column),
        quoted=column.name == "PK" or column.name in METADATA,
        span=column.span,
    )


def table_of(allowed: Iterable[tuple[str, ...]]) -> Table | None:
    """Give the declared table whose columns these names are."""
    return allowed.table if isinstance(allowed, declared.Scope) else None


def bind_expression(expression: Expr, allowed: Iterable[tuple[str, ...]] = ((),)) -> Expr:
    """Resolve every column, and put conditions on declared ones to what their bins hold."""
    return declared.stored(bind_names(expression, allowed), table_of(allowed))


def bind_names(expression: Expr, allowed: Iterable[tuple[str, ...]] = ((),)) -> Expr:
    """Resolve every column; DIGEST and EDIGEST in `=` and IN become __digest.

    The other side of a comparison with __digest is wrapped in DIGEST(…), which turns hex,
    base64 and bytes into a digest.
    """
    if isinstance(expression, Column):
        return bind_column(expression, allowed)
    if isinstance(expression, Call) and Star in map(type, expression.arguments):
        raise errors.NotSupportedError(
            f"not supported yet: function {expression.name}{place(expression)}"
        )
    if isinstance(expression, Star):
        raise errors.ProgrammingError(f"* stands in a select list only{place(expression)}")
    if isinstance(expression, Binary) and expression.op in ("=", "<>"):
        rewritten = any_of(expression)
        if rewritten is not None:
            return bind_names(rewritten, allowed)
        left, right = (
            _digest_column(side, allowed) for side in (expression.left, expression.right)
        )
        if left is not None or right is not None:
            sides = [
                column or Call("DIGEST", (bind_names(side, allowed),))
                for column, side in ((left, expression.left), (right, expression.right))
            ]
            return Binary(expression.op, sides[0], sides[1], expression.span)
    if isinstance(expression, In):
        column = _digest_column(expression.operand, allowed)
        if column is not None:
            options = [Call("DIGEST", (bind_names(o, allowed),)) for o in expression.options]
            return In(column, tuple(options), expression.negated, expression.span)
    return rebuild(expression, lambda part: bind_names(part, allowed))


def _digest_column(expression: Expr, allowed: Iterable[tuple[str, ...]]) -> Column | None:
    if not isinstance(expression, Column) or expression.quoted:
        return None
    if expression.name == "__digest" or expression.name.upper() in ("DIGEST", "EDIGEST"):
        bind_column(Column("__digest", expression.table, span=expression.span), allowed)
        return DIGEST
    return None


# ---- values ------------------------------------------------------------------------------------


def bind_value(expression: Expr) -> Value:
    """Turn an expression without columns into a plan's Value.

    Raises ProgrammingError where it has columns.
    """
    if isinstance(expression, Literal):
        return Constant(expression.value)
    if isinstance(expression, Parameter):
        return Slot(expression.index)
    column = next(columns(expression), None)
    if column is not None:
        raise errors.ProgrammingError(
            f"a value is wanted here, and {column.name} is a column (text takes '…'){place(column)}"
        )
    return Computed(expression, constant(expression))


def expression_of(value: Value) -> Expr:
    """Turn a plan's Value back into an expression."""
    if isinstance(value, Slot):
        return Parameter(value.index)
    return Literal(value.value) if isinstance(value, Constant) else value.expression


def kind(expression: Expr, context: Context) -> str | None:
    """Name the kind of a constant expression's value; None when it is not known yet."""
    if isinstance(expression, Literal):
        return kind_of(expression.value)
    if isinstance(expression, Parameter) and expression.index < len(context.parameters):
        return context.parameters[expression.index]
    if isinstance(expression, Call) and expression.name == "DIGEST":
        return "bytes"
    if isinstance(expression, Call) and expression.name in declared.INTERNAL:
        return declared.kind_of_call(expression, kind(expression.arguments[0], context))
    return None


def options(
    given: Sequence[tuple[str, Expr]], known: frozenset[str]
) -> tuple[tuple[str, Value], ...]:
    """Bind a WITH clause. Raises ProgrammingError for a name that is not among `known`."""
    bound = []
    for name, expression in given:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise errors.ProgrammingError(f"unknown option {name}{place(expression)}{hint}")
        bound.append((name, bind_value(bind_expression(expression))))
    return tuple(bound)
