"""Conditions without columns: decided now, or once per execution before anything is sent.

Where records are changed such a condition goes with all the others into the filter, which then
is NOTHING: a write is guarded by one thing only.
"""

from __future__ import annotations

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Expr, Parameter
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.render import render
from aerodbapi.plan.tree import children, is_constant

__all__ = ["contradiction"]


def contradiction(draft: Draft, planning: Planning) -> Draft:
    """Drop conjuncts that are true; make the plan Empty when one never is."""
    rest: list[Expr] = []
    guards = list(draft.guards)
    for conjunct in draft.where:
        if not is_constant(conjunct) or (draft.writes and _has_parameter(conjunct)):
            rest.append(conjunct)
        elif _has_parameter(conjunct):
            guards.append(conjunct)
        elif constant(conjunct)(()) is not True:
            return replace(draft, empty=f"{render(conjunct)} is never true")
    return replace(draft, where=tuple(rest), guards=tuple(guards))


def _has_parameter(expression: Expr) -> bool:
    return isinstance(expression, Parameter) or any(map(_has_parameter, children(expression)))
