"""Expressions and values as SQL text, for EXPLAIN and for error messages."""

from __future__ import annotations

from collections.abc import Callable
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
    Star,
    Unary,
)
from aerodbapi.plan.operations import Computed, Slot, Value
from aerodbapi.types import GeoJSON

__all__ = ["literal", "render", "render_value"]

#: Binding strength; an operand that binds weaker is put in parentheses.
_STRENGTH: Final = {
    "OR": 1,
    "AND": 2,
    "NOT": 3,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 4),
    "||": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "%": 7,
}
_PREDICATE: Final = 4
_ATOM: Final = 9


def render(expression: Expr) -> str:
    """Write `expression` as SQL; parameters are $1, $2, …"""
    return _render(expression)[0]


def render_value(value: Value | None) -> str:
    """Write a plan value; None as nothing."""
    if value is None:
        return ""
    if isinstance(value, Slot):
        return f"${value.index + 1}"
    if isinstance(value, Computed):
        return render(value.expression)
    return literal(value.value)


def literal(value: Any) -> str:
    """Write a constant."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, GeoJSON):
        return f"GEOJSON({literal(value.text)})"
    if isinstance(value, (bytes, bytearray)):
        return f"X'{bytes(value).hex().upper()}'"
    return repr(value)


def _render(expression: Expr) -> tuple[str, int]:
    return _RENDERERS[type(expression)](expression)


def _at_least(strength: int, expression: Expr) -> str:
    text, found = _render(expression)
    return text if found >= strength else f"({text})"


def _column(node: Column) -> tuple[str, int]:
    plain = node.name.isidentifier() and not node.quoted
    name = node.name if plain else '"' + node.name.replace('"', '""') + '"'
    return ".".join((*node.table, name)), _ATOM


def _unary(node: Unary) -> tuple[str, int]:
    if node.op == "NOT":
        return f"NOT {_at_least(3, node.operand)}", 3
    return f"{node.op}{_at_least(8, node.operand)}", 8


def _binary(node: Binary) -> tuple[str, int]:
    strength = _STRENGTH[node.op]
    left = _at_least(strength, node.left)
    return f"{left} {node.op} {_at_least(strength + 1, node.right)}", strength


def _between(node: Between) -> tuple[str, int]:
    word = "NOT BETWEEN" if node.negated else "BETWEEN"
    low, high = _at_least(5, node.low), _at_least(5, node.high)
    return f"{_at_least(5, node.operand)} {word} {low} AND {high}", _PREDICATE


def _in(node: In) -> tuple[str, int]:
    word = "NOT IN" if node.negated else "IN"
    options = ", ".join(render(option) for option in node.options)
    return f"{_at_least(5, node.operand)} {word} ({options})", _PREDICATE


def _like(node: Like) -> tuple[str, int]:
    word = ("NOT " if node.negated else "") + ("ILIKE" if node.ignore_case else "LIKE")
    text = f"{_at_least(5, node.operand)} {word} {_at_least(5, node.pattern)}"
    if node.escape is not None:
        text += f" ESCAPE {_at_least(5, node.escape)}"
    return text, _PREDICATE


def _is_null(node: IsNull) -> tuple[str, int]:
    word = "IS NOT NULL" if node.negated else "IS NULL"
    return f"{_at_least(5, node.operand)} {word}", _PREDICATE


def _call(node: Call) -> tuple[str, int]:
    distinct = "DISTINCT " if node.distinct else ""
    return f"{node.name}({distinct}{', '.join(render(a) for a in node.arguments)})", _ATOM


_RENDERERS: Final[dict[type, Callable[[Any], tuple[str, int]]]] = {
    Literal: lambda node: (literal(node.value), _ATOM),
    Parameter: lambda node: (f"${node.index + 1}", _ATOM),
    Column: _column,
    Star: lambda node: (".".join((*node.table, "*")), _ATOM),
    Unary: _unary,
    Binary: _binary,
    Between: _between,
    In: _in,
    Like: _like,
    IsNull: _is_null,
    Call: _call,
    Cast: lambda node: (f"CAST({render(node.operand)} AS {node.type})", _ATOM),
}
