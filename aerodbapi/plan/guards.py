"""What a connection to a cluster in use refuses: statements that read whole sets (`scans=`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.plan import operations as op

__all__ = ["check_scans"]

_INSTEAD: Final = (
    "name the records (PK = …, PK IN (…)), ask for an indexed bin (CREATE INDEX … ON {table} (…)), "
)


def check_scans(root: Any, scans: str) -> None:
    """Raise ProgrammingError for a plan with a primary-index query that `scans` forbids.

    "refuse" forbids all of them, "limit" those that no LIMIT ends early.
    """
    if scans == "allow":
        return
    for scan, limited in _scans(root, False):
        if scans == "limit" and limited:
            continue
        target = scan.target
        table = target.namespace if target.set is None else f"{target.namespace}.{target.set}"
        instead = _INSTEAD.format(table=table)
        if scans == "limit":
            instead += "say LIMIT where not every record has to be read, "
        raise errors.ProgrammingError(
            f"the statement reads all of {table} (scans={scans}): {instead}"
            "or connect with scans=allow"
        )


def _scans(node: Any, limited: bool) -> Iterator[tuple[op.PartitionQuery, bool]]:
    """Yield every primary-index query of a plan, and whether a LIMIT ends it early."""
    if isinstance(node, op.PartitionQuery):
        yield node, limited or node.limit is not None
    elif isinstance(node, op.KeyJoin):
        return  # keys, where there are few enough; otherwise checked when it is run
    elif isinstance(node, (tuple, list)):
        for each in node:
            yield from _scans(each, limited)
    elif _is_operation(node):
        if isinstance(node, op.Relational):
            limited = False  # its own LIMIT stands in the reads where it ends them
        elif isinstance(node, op.Limit):
            limited = limited or node.count is not None
        elif isinstance(node, (op.Update, op.Remove)):
            limited = limited or node.limit is not None
        for field in dataclasses.fields(node):
            yield from _scans(getattr(node, field.name), limited)


def _is_operation(node: Any) -> bool:
    return dataclasses.is_dataclass(node) and type(node).__module__.startswith("aerodbapi.plan.")
