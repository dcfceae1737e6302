"""What EXPLAIN adds for a key: the record's digest and partition, and the nodes that have it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import Error
from aerodbapi.plan import explain
from aerodbapi.plan import operations as plans
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.digest import digest, partition_id

if TYPE_CHECKING:
    from aerodbapi.dbapi.session import Session

__all__ = ["with_key_facts"]

_NAMES: Final = [column.name for column in explain.COLUMNS]
_NODE: Final = _NAMES.index("node")


def with_key_facts(
    session: Session, plan: plans.Plan, rows: list[tuple[Any, ...]], values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """EXPLAIN's rows, with the facts of its Get in that row's detail."""
    leaf: Any = plan.root
    while leaf is not None and not isinstance(leaf, plans.Get):
        leaf = getattr(leaf, "child", None) or getattr(leaf, "source", None)
    if leaf is None:
        return rows
    try:
        facts = " ".join(_facts(session, leaf, values))
    except (Error, IndexError):  # a value that is no key, or none that is bound
        return rows
    return [
        (*row[:-1], f"{row[-1] or ''} {facts}".strip()) if row[_NODE] == "Get" else row
        for row in rows
    ]


def _facts(session: Session, leaf: plans.Get, values: Sequence[Any]) -> Iterator[str]:
    target, value = leaf.target, resolve(leaf.key, values)
    if leaf.digest:
        found = digest_of(value)
    else:
        key = key_of(value)
        found = None if key is None else digest(target.set, key)
    if found is None:
        return
    number = partition_id(found)
    yield f"digest={found.hex().upper()}"
    yield f"edigest={base64.b64encode(found).decode()}"
    yield f"partition={number}"
    table = session.cluster.partitions.get(target.namespace)
    if table is not None:
        nodes = [level[number] for level in table.replicas]
        yield f"master={nodes[0]}"
        replicas = ",".join(str(node) for node in nodes[1:] if node is not None)
        if replicas:
            yield f"replicas={replicas}"
    yield f"timeout={session.read_policy.total_timeout}"
