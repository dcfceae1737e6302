"""Walking expressions: children, rebuilding, conjuncts, the columns that one reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, get_args

from aerodbapi.frozen import names, replace
from aerodbapi.grammar.ast import Binary, Column, Expr, Literal, Parameter

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FLIPPED",
    "METADATA",
    "children",
    "columns",
    "conjoin",
    "conjuncts",
    "is_atom",
    "is_bin",
    "is_constant",
    "place",
    "rebuild",
    "substitute",
]

#: Operators that make numbers of numbers.
ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "//", "%"})
COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
#: The comparison with its sides exchanged.
FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

#: Metadata column → type code.
METADATA: Final = {
    "__digest": "BLOB",
    "__gen": "BIGINT",
    "__ttl": "BIGINT",
    "__set": "VARCHAR",
    "__lut": "BIGINT",
    "__size": "BIGINT",
}

_EXPRESSIONS: Final = frozenset(get_args(Expr))
_FIELDS: Final[dict[type, tuple[str, ...]]] = {
    node: tuple(name for name in names(node) if name not in ("span", "order"))
    for node in _EXPRESSIONS
}


def children(expression: Expr) -> Iterator[Expr]:
    """Yield the direct operands of `expression`, left to right (queries inside stay closed)."""
    for name in _FIELDS.get(type(expression), ()):
        yield from _expressions(getattr(expression, name))


def _expressions(part: Any) -> Iterator[Expr]:
    if type(part) in _EXPRESSIONS:
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _expressions(each)


def rebuild(expression: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Copy `expression` with `change` applied to each direct operand."""
    parts: dict[str, Any] = {}
    for name in _FIELDS.get(type(expression), ()):
        part = getattr(expression, name)
        if type(part) in _EXPRESSIONS or isinstance(part, tuple):
            parts[name] = _changed(part, change)
    return replace(expression, **parts) if parts else expression


def _changed(part: Any, change: Callable[[Expr], Expr]) -> Any:
    if type(part) in _EXPRESSIONS:
        return change(part)
    if isinstance(part, tuple):
        return tuple(_changed(each, change) for each in part)
    return part


def columns(expression: Expr) -> Iterator[Column]:
    """Yield every column that `expression` reads, as often as it reads it."""
    if isinstance(expression, Column):
        yield expression
    for child in children(expression):
        yield from columns(child)


def is_constant(expression: Expr) -> bool:
    """True when only literals and parameters stand in it: one value per execution."""
    return next(columns(expression), None) is None


def conjuncts(expression: Expr | None) -> tuple[Expr, ...]:
    """Split at the top-level ANDs."""
    if expression is None:
        return ()
    if isinstance(expression, Binary) and expression.op == "AND":
        return conjuncts(expression.left) + conjuncts(expression.right)
    return (expression,)


def conjoin(parts: Iterable[Expr]) -> Expr | None:
    """Join with AND; None when there is nothing."""
    whole: Expr | None = None
    for part in parts:
        whole = part if whole is None else Binary("AND", whole, part)
    return whole


def substitute(expression: Expr, column: Column, value: Expr) -> Expr:
    """Put `value` where `column` stands."""
    if expression == column:
        return value
    return rebuild(expression, lambda part: substitute(part, column, value))


def place(node: Any) -> str:
    """Say where a node stands in the text: " (line 1, column 8)", or nothing if unknown."""
    span = getattr(node, "span", node)
    if span is None or not hasattr(span, "line"):
        return ""
    return f" (line {span.line}, column {span.column})"


def is_atom(expression: Expr) -> bool:
    """True of a bare Literal or Parameter."""
    return isinstance(expression, (Literal, Parameter))


def is_bin(column: Column) -> bool:
    """True of a bound column that is a bin, not the key or metadata."""
    return column.quoted or not (column.name == "PK" or column.name in METADATA)
