"""A finished draft becomes the operations that bring its records."""

from __future__ import annotations

from aerodbapi.plan import operations as op
from aerodbapi.plan.declaration import INFORMATION_SCHEMA
from aerodbapi.plan.draft import Draft, Planning, placed
from aerodbapi.plan.rules import RULES

__all__ = ["access", "chosen", "wrapped"]


def chosen(draft: Draft, planning: Planning) -> Draft:
    """Let every rule have its say."""
    planning = placed(draft.target, planning)
    for rule in RULES:
        draft = rule(draft, planning)
    return draft


def access(draft: Draft) -> op.Operation:
    """Build the operations that bring a draft's records."""
    if draft.empty is not None:
        return op.Empty(draft.empty)
    return wrapped(_leaf(draft), draft)


def wrapped(node: op.Operation, draft: Draft) -> op.Operation:
    """Put what is looked at on the way back above the operation that reads."""
    if draft.empty is not None:
        return op.Empty(draft.empty)
    if draft.residual is not None and not draft.writes:
        node = op.Filter(node, draft.residual)
    for guard in draft.guards:
        node = op.Guard(node, guard)
    return node


def _leaf(draft: Draft) -> op.Operation:
    target, bins, pushed = draft.target, draft.bins, draft.pushed
    if target.namespace == INFORMATION_SCHEMA:
        from aerodbapi.plan.information_schema import local_rows  # few programs need it

        return local_rows(target, draft.residual)
    if draft.keys is not None:
        if draft.single:
            return op.Get(target, draft.keys[0], bins, pushed, draft.digest)
        return op.BatchGet(target, draft.keys, bins, pushed, draft.digest)
    if draft.index is not None:
        # One bin has one value: only a collection can bring a record into two ranges.
        dedupe = draft.index.collection is not None or len(draft.ranges) > 1
        return op.IndexQuery(
            target,
            draft.index,
            draft.ranges,
            bins,
            pushed,
            draft.wire_limit,
            dedupe,
            draft.respond_all,
        )
    return op.PartitionQuery(target, bins, pushed, draft.wire_limit, draft.respond_all)
