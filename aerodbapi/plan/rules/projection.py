"""Only the bins that the select list and the residual read are sent; none for metadata.

A query's answer leaves out records that have none of the bins asked for (server proto.c,
as_msg_make_response_bufbuilder). So bins are chosen only where a condition proves that one of
them is there, or where the server can be told to answer for every record.
"""

from __future__ import annotations

from typing import Final

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Column,
    Expr,
    In,
    IsNull,
    Like,
    Parameter,
    Unary,
)
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.evaluate import MEMBERSHIP
from aerodbapi.plan.tree import COMPARISONS, columns, is_bin

__all__ = ["projection", "proven"]

#: Since this version a query honours RESPOND_ALL_OPS (server query.c).
RESPOND_ALL_SINCE: Final = (8, 1, 2)


def projection(draft: Draft, planning: Planning) -> Draft:
    """Choose the bins to read."""
    if draft.empty or draft.outputs is None:
        return draft
    reads = [*draft.outputs, *([] if draft.residual is None else [draft.residual])]
    names = (column.name for each in reads for column in columns(each) if is_bin(column))
    bins = tuple(dict.fromkeys(names))
    if not bins or draft.by_key or draft.writes:
        return replace(draft, bins=bins)
    sure = {draft.index.bin} if draft.index is not None else set()
    for conjunct in (*draft.where, *draft.chosen):
        sure |= proven(conjunct)
    if sure.intersection(bins):
        return replace(draft, bins=bins)
    if planning.context.server >= RESPOND_ALL_SINCE:
        return replace(draft, bins=bins, respond_all=True)
    note = "all bins travel: this server leaves out records that have none of those asked for"
    return replace(draft, notes=(*draft.notes, note))


def proven(condition: Expr, negated: bool = False) -> set[str]:
    """Name bins that a record must have for `condition` to be true (negated: to be false)."""
    if isinstance(condition, Unary) and condition.op == "NOT":
        return proven(condition.operand, not negated)
    if isinstance(condition, Binary) and condition.op in ("AND", "OR"):
        left, right = proven(condition.left, negated), proven(condition.right, negated)
        return left | right if (condition.op == "AND") is not negated else left & right
    if isinstance(condition, Binary) and condition.op in COMPARISONS:
        return _read(condition.left) | _read(condition.right)
    if isinstance(condition, IsNull):
        return _read(condition.operand) if condition.negated is not negated else set()
    if isinstance(condition, In) and condition.negated is not negated:
        # NOT IN an empty list, which a parameter may be, is true of NULL as well.
        lists = any(isinstance(option, Parameter) for option in condition.options)
        return set() if lists else _read(condition.operand)
    if isinstance(condition, (Between, In, Like)):
        return _read(condition.operand)
    if isinstance(condition, Call) and condition.name in MEMBERSHIP:
        return _read(condition.arguments[0])
    return _read(condition) if isinstance(condition, Column) else set()


def _read(operand: Expr) -> set[str]:
    """Name the bins without which an operand is NULL."""
    if isinstance(operand, Column):
        return {operand.name} if is_bin(operand) else set()
    if isinstance(operand, Unary) and operand.op in "+-":
        return _read(operand.operand)
    if isinstance(operand, Binary) and operand.op in ("+", "-", "*", "/", "//", "%", "||"):
        return _read(operand.left) | _read(operand.right)
    return set()
