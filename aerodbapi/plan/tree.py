"""Walking expressions: children, rebuilding, conjuncts, the columns that one reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Cast,
    Column,
    Expr,
    In,
    IsNull,
    Like,
    Literal,
    Parameter,
    Unary,
)

__all__ = [
    "COMPARISONS",
    "FLIPPED",
    "children",
    "columns",
    "conjoin",
    "conjuncts",
    "constant",
    "is_constant",
    "place",
    "rebuild",
    "substitute",
]

COMPARISONS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
#: The comparison with its sides exchanged.
FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

_FIELDS: Final[dict[type, tuple[str, ...]]] = {
    Unary: ("operand",),
    Binary: ("left", "right"),
    Between: ("operand", "low", "high"),
    In: ("operand", "options"),
    Like: ("operand", "pattern", "escape"),
    IsNull: ("operand",),
    Call: ("arguments",),
    Cast: ("operand",),
}


def children(expression: Expr) -> Iterator[Expr]:
    """Yield the direct operands of `expression`, left to right."""
    for name in _FIELDS.get(type(expression), ()):
        part = getattr(expression, name)
        if isinstance(part, tuple):
            yield from part
        elif part is not None:
            yield part


def rebuild(expression: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Copy `expression` with `change` applied to each direct operand."""
    parts: dict[str, Any] = {}
    for name in _FIELDS.get(type(expression), ()):
        part = getattr(expression, name)
        if isinstance(part, tuple):
            parts[name] = tuple(change(each) for each in part)
        elif part is not None:
            parts[name] = change(part)
    return replace(expression, **parts) if parts else expression


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


def constant(expression: Expr) -> bool:
    """True of a bare Literal or Parameter."""
    return isinstance(expression, (Literal, Parameter))
