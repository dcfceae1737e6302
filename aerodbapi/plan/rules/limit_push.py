"""LIMIT goes on the wire when nothing above the query needs more rows; LIMIT 0 sends nothing."""

from __future__ import annotations

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Binary
from aerodbapi.plan.bind import bind_value, expression_of
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.operations import Constant, Value
from aerodbapi.plan.values import count_of

__all__ = ["limit_push"]


def limit_push(draft: Draft, planning: Planning) -> Draft:
    """Tell the query how many records are enough."""
    for clause, value in (("LIMIT", draft.limit), ("OFFSET", draft.offset)):
        if isinstance(value, Constant):
            count_of(value, (), clause)
    if draft.limit is None or draft.empty:
        return draft
    if isinstance(draft.limit, Constant):
        if draft.limit.value is None:
            return replace(draft, limit=None)
        if draft.limit.value == 0:
            return replace(draft, empty="LIMIT 0")
        if draft.single and draft.offset is None:
            return replace(draft, limit=None)
    if draft.by_key or draft.residual is not None or _brings_twice(draft):
        return draft
    return replace(draft, wire_limit=_sum(draft.limit, draft.offset))


def _brings_twice(draft: Draft) -> bool:
    return draft.index is not None and draft.index.collection is not None


def _sum(limit: Value, offset: Value | None) -> Value:
    """How many records are enough when the first `offset` are passed over."""
    if offset is None:
        return limit
    if isinstance(limit, Constant) and isinstance(offset, Constant):
        return Constant(limit.value + (offset.value or 0))
    whole = Binary("+", expression_of(limit), expression_of(offset))
    return bind_value(whole)
