"""Who owns which partition: the map of one namespace, and how replies are merged into it.

A table is never changed after it was published: a merge builds another one and the cluster
swaps it in whole, so that readers on any thread need no lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aerodbapi.cluster.node import Node

__all__ = ["N_PARTITIONS", "Claim", "PartitionTable", "merge", "replace_nodes"]

N_PARTITIONS: Final = 4096
_BITMAP_SIZE: Final = N_PARTITIONS // 8
#: byte of a bitmap → which of its eight partitions (0 to 7, most significant bit first) are set
_BITS: Final = tuple(tuple(bit for bit in range(8) if byte & (0x80 >> bit)) for byte in range(256))


class Claim(Protocol):
    """What a node says it owns in one namespace (protocol.partitions.Replicas)."""

    @property
    def regime(self) -> int: ...
    @property
    def factor(self) -> int: ...
    @property
    def bitmaps(self) -> tuple[bytes, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class PartitionTable:
    """The partition map of a namespace.

    `replicas[level][partition]` is a Node or None; level 0 is the master. `regimes`: the
    regime under which each partition was last claimed (0 outside strong consistency).
    `regime` is the highest of them, `factor` the replication factor (1 or more).
    """

    regime: int
    factor: int
    replicas: tuple[list[Node | None], ...]
    regimes: list[int]

    def owns_any(self, node: Node) -> bool:
        """Tell whether any partition, at any level, is mapped to `node`."""
        return any(node in level for level in self.replicas)

    def node_count(self) -> int:
        """Count the nodes that own something."""
        return len({id(node) for level in self.replicas for node in level if node is not None})


@lru_cache(maxsize=256)
def _owned(bitmap: bytes) -> tuple[int, ...]:
    """Partition ids whose bit is set; bitmaps repeat between tends, hence the cache."""
    return tuple(
        index << 3 | bit for index, byte in enumerate(bitmap) if byte for bit in _BITS[byte]
    )


def merge(
    table: PartitionTable | None, node: Node, claim: Claim
) -> tuple[PartitionTable, set[Node]]:
    """Build the table that holds after `node` made `claim` on top of `table`.

    Returns it with the nodes that lost a partition: their own claims should be read again.

    A partition claimed under a lower regime than the stored one keeps its owner (the node
    missed a change of the cluster). What a node no longer claims stays until another claims it.
    Levels above the claim's factor are dropped. Source: wire.md "Cluster tend".
    """
    factor = max(1, min(claim.factor, len(claim.bitmaps) or 1))
    regimes = list(table.regimes) if table is not None else [0] * N_PARTITIONS
    replicas = tuple(_level(table, level) for level in range(factor))
    regime = claim.regime
    displaced: set[Node | None] = set()
    for level, bitmap in zip(replicas, claim.bitmaps, strict=False):
        for pid in _owned(bitmap[:_BITMAP_SIZE]):
            if regime >= regimes[pid]:
                regimes[pid] = regime
                if level[pid] is not node:
                    displaced.add(level[pid])
                    level[pid] = node
    highest = max(regime, table.regime) if table is not None else regime
    return PartitionTable(highest, factor, replicas, regimes), displaced - {None}  # type: ignore[return-value]


def _level(table: PartitionTable | None, level: int) -> list[Node | None]:
    if table is None or level >= len(table.replicas):
        return [None] * N_PARTITIONS
    return list(table.replicas[level])


def replace_nodes(
    table: PartitionTable, replacement: Callable[[Node], Node | None], gone: Iterable[Node]
) -> PartitionTable:
    """Build a table without the nodes of `gone`: each becomes its replacement, or None."""
    swap: dict[Node | None, Node | None] = {node: replacement(node) for node in gone}
    replicas = tuple([swap.get(node, node) for node in level] for level in table.replicas)
    return PartitionTable(table.regime, table.factor, replicas, table.regimes)
