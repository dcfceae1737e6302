"""Expressions and plan values as SQL text, for EXPLAIN and for error messages."""

from __future__ import annotations

from aerodbapi.grammar.ast import Expr, Literal
from aerodbapi.grammar.render import to_sql
from aerodbapi.plan.declared import shown
from aerodbapi.plan.operations import Constant, Slot, Value

__all__ = ["render", "render_value"]


def render(expression: Expr) -> str:
    """Write `expression` as SQL; parameters are ?, or ?N where their order is not the text's."""
    return to_sql(shown(expression))


def render_value(value: Value | None) -> str:
    """Write a plan value, parameters as ?N; None as nothing."""
    if value is None:
        return ""
    if isinstance(value, Slot):
        return f"?{value.index + 1}"
    if isinstance(value, Constant):
        return to_sql(Literal(value.value))
    return to_sql(shown(value.expression))
