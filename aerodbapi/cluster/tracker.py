"""Which partitions a query has still to read, and after which record each one goes on.

The tracker is plain data that pickles: it is also the bookmark of a paginated query. One query
at a time may use it; the branches of that query write to disjoint partitions, without a lock.

A partition is pending until a node has sent all of it. A node sends the records of a partition
in the order of their digests (those of an index query: of index value, then digest), so that
the last one seen tells where to go on after a broken stream, at whatever node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.partitions import N_PARTITIONS, PartitionTable
from aerodbapi.errors import Error, ParameterError, PartitionUnavailable
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = ["PartitionFilter", "PartitionTracker", "Share", "tracker_of_node"]

_MASK: Final = N_PARTITIONS - 1


@frozen
class PartitionFilter:
    """The partitions to read: `count` of them from `begin` on; or, with `digest`, the one that
    holds this digest, after it. Raises ParameterError when they are not within 0 to 4095."""

    begin: int = 0
    count: int = N_PARTITIONS
    digest: bytes | None = None

    def __post_init__(self) -> None:
        if self.digest is not None:
            if len(self.digest) != 20:
                raise ParameterError(f"a digest has 20 bytes, not {len(self.digest)}")
            object.__setattr__(self, "begin", _partition_of(self.digest))
            object.__setattr__(self, "count", 1)
        if not (0 <= self.begin < N_PARTITIONS and 0 < self.count <= N_PARTITIONS - self.begin):
            raise ParameterError(
                f"partitions {self.begin} to {self.begin + self.count - 1} "
                f"are not within 0 to {N_PARTITIONS - 1}"
            )


def _partition_of(digest: bytes) -> int:
    return (digest[0] | digest[1] << 8) & _MASK


def tracker_of_node(cluster: Cluster, namespace: str, name: str) -> PartitionTracker | None:
    """A tracker of the partitions whose master is the node of this name; None without the node."""
    node = cluster.nodes.get(name)
    if node is None:
        return None
    tracker = PartitionTracker(PartitionFilter())
    table = cluster.partitions.get(namespace)
    masters = table.replicas[0] if table is not None else []
    for pid, owner in enumerate(masters):
        if owner is not node:
            tracker.restore({pid: (False, None, None)})
    return tracker


@dataclass(slots=True, eq=False)
class Share:
    """One node's part of one round.

    `whole`: partitions to read from their beginning; `resumed`: those to go on with after a
    record. `limit`: how many records the node may send (0: all). `received` counts what it
    sent, `delivered` what of that went on to the reader. `missing`: partitions that it refused.
    """

    node: Node
    whole: Sequence[int]
    resumed: list[int] = field(default_factory=list)
    limit: int = 0
    received: int = 0
    delivered: int = 0
    missing: dict[int, int] = field(default_factory=dict)  # partition → result code
    error: Error | None = None

    def partitions(self) -> list[int]:
        """All partitions of the share."""
        return [*self.whole, *self.resumed]


class PartitionTracker:
    """The state of one query over the partitions of `filter` (None: all 4096).

    `dedupe`: drop records whose digest was delivered before, at the cost of memory for every
    digest. A record has several entries in an index on a collection (and a region has in a geo
    index): a node sends it once in one answer, but again when a query goes on, on a next page
    or after a failure. None leaves it to the query, which does it for such indexes.
    """

    __slots__ = (
        "attempts",
        "bvals",
        "dedupe",
        "digests",
        "filter",
        "pending",
        "previous",
        "seen",
    )

    def __init__(
        self, filter: PartitionFilter | None = None, *, dedupe: bool | None = None
    ) -> None:
        self.filter = filter if filter is not None else PartitionFilter()
        begin, count = self.filter.begin, self.filter.count
        self.digests: list[bytes | None] = [None] * N_PARTITIONS
        self.bvals: list[int | None] = [None] * N_PARTITIONS
        self.digests[begin] = self.filter.digest
        self.pending = bytearray(N_PARTITIONS)
        self.pending[begin : begin + count] = b"\1" * count
        self.attempts: dict[int, int] = {}
        self.previous: dict[int, Node] = {}
        self.dedupe = dedupe
        self.seen: set[bytes] | None = set() if dedupe else None

    @property
    def is_done(self) -> bool:
        """True when every partition has been read to its end."""
        return not any(self.pending)

    def statuses(self) -> dict[int, tuple[bool, bytes | None, int | None]]:
        """Partition → (whether it is pending, digest and index value of its last record)."""
        begin, end = self.filter.begin, self.filter.begin + self.filter.count
        return {
            pid: (bool(self.pending[pid]), self.digests[pid], self.bvals[pid])
            for pid in range(begin, end)
        }

    def restore(self, statuses: dict[int, tuple[bool, bytes | None, int | None]]) -> None:
        """Go on where the tracker that returned `statuses` was."""
        for pid, (pending, digest, bval) in statuses.items():
            self.pending[pid] = pending
            self.digests[pid] = digest
            self.bvals[pid] = bval

    # ---- a round -----------------------------------------------------------------------------

    def start(self, *, repeats: bool = False) -> None:
        """Begin a query, or its next page: earlier failures do not count any more.

        `repeats`: its index may bring a record more than once.
        """
        if repeats and self.dedupe is None and self.seen is None:
            self.seen = set()
        self.attempts = {}
        self.previous = {}

    def assign(
        self, cluster: Cluster, namespace: str, replica: str, max_records: int = 0
    ) -> tuple[list[Share], list[PartitionUnavailable]]:
        """Share the pending partitions out to nodes, by replica policy and earlier attempts.

        `max_records` (0: no limit) is divided over the nodes; nodes that would get none have to
        wait for a later round. Returns the shares, and an error for each partition that no
        node owns. Raises NamespaceNotFound, ConnectionFailed without any node.
        """
        failures: list[PartitionUnavailable] = []
        shares = self._whole_shares(cluster, namespace, replica)
        if shares is None:
            shares = self._pending_shares(cluster, namespace, replica, failures)
        if max_records:
            shares = shares[:max_records]
            each, rest = divmod(max_records, len(shares)) if shares else (0, 0)
            for index, share in enumerate(shares):
                share.limit = each + (index < rest)
        return shares, failures

    def _whole_shares(self, cluster: Cluster, namespace: str, replica: str) -> list[Share] | None:
        """The short road: everything pending from the beginning, at the masters."""
        table = cluster.partitions.get(namespace)
        whole = self.attempts or self.filter.count != N_PARTITIONS or 0 in self.pending
        if table is None or whole or replica not in ("sequence", "master"):
            return None
        if any(digest is not None for digest in self.digests):
            return None
        masters = _masters(table)
        return None if masters is None else [Share(node, pids) for node, pids in masters]

    def _pending_shares(
        self,
        cluster: Cluster,
        namespace: str,
        replica: str,
        failures: list[PartitionUnavailable],
    ) -> list[Share]:
        whole: dict[Node, list[int]] = {}
        resumed: dict[Node, list[int]] = {}
        attempts, previous = self.attempts, self.previous
        for pid, pending in enumerate(self.pending):
            if not pending:
                continue
            try:
                node = cluster.node_for(
                    namespace, pid, attempts.get(pid, 0), replica, previous.get(pid)
                )
            except PartitionUnavailable as error:
                self.retry(pid, None)
                failures.append(error)
                continue
            parts = whole if self.digests[pid] is None else resumed
            parts.setdefault(node, []).append(pid)
        nodes = dict.fromkeys([*whole, *resumed])
        return [Share(node, whole.get(node, []), resumed.get(node, [])) for node in nodes]

    def retry(self, pid: int, node: Node | None) -> None:
        """Let another replica try the partition that `node` could not serve."""
        self.attempts[pid] = self.attempts.get(pid, 0) + 1
        if node is not None:
            self.previous[pid] = node

    def note(self, digests: Iterable[bytes], bvals: Iterable[int | None] | None = None) -> None:
        """Remember records that were delivered, in the order in which the node sent them."""
        last = self.digests
        if bvals is None:
            for digest in digests:
                last[(digest[0] | digest[1] << 8) & _MASK] = digest
            return
        values = self.bvals
        for digest, bval in zip(digests, bvals, strict=True):
            pid = (digest[0] | digest[1] << 8) & _MASK
            last[pid] = digest
            values[pid] = bval

    def fresh(self, digests: Iterable[bytes]) -> list[bool]:
        """Tell which of `digests` were not seen before, and remember them (`dedupe` only)."""
        seen = self.seen
        if seen is None:
            return [True for _ in digests]
        flags = []
        for digest in digests:
            flags.append(digest not in seen)
            seen.add(digest)
        return flags

    def finish(self, share: Share) -> None:
        """Settle a share whose node has sent everything, or as much as it was allowed to."""
        for pid in share.missing:
            self.retry(pid, share.node)
        if share.limit and share.received >= share.limit:
            return  # there may be more
        for pid in share.partitions():
            if pid not in share.missing:
                self.pending[pid] = 0

    def fail(self, share: Share, error: Error) -> None:
        """Settle a share whose node failed: other replicas go on where it stopped."""
        share.error = error
        for pid in share.partitions():
            self.retry(pid, share.node)

    # ---- as a bookmark -----------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        state = {name: getattr(self, name) for name in ("filter", "dedupe", "pending", "seen")}
        state["positions"] = {
            pid: (digest, self.bvals[pid])
            for pid, digest in enumerate(self.digests)
            if digest is not None
        }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["filter"], dedupe=state["dedupe"])  # type: ignore[misc]
        self.pending = state["pending"]
        self.seen = state["seen"]
        self.digests = [None] * N_PARTITIONS
        for pid, (digest, bval) in state["positions"].items():
            self.digests[pid] = digest
            self.bvals[pid] = bval


@lru_cache(maxsize=8)
def _masters(table: PartitionTable) -> tuple[tuple[Node, Sequence[int]], ...] | None:
    """Each master with its partitions; None when a partition has no master."""
    owned: dict[Node, list[int]] = {}
    for pid, node in enumerate(table.replicas[0]):
        if node is None:
            return None
        owned.setdefault(node, []).append(pid)
    if len(owned) == 1:
        return ((next(iter(owned)), range(N_PARTITIONS)),)
    return tuple((node, tuple(pids)) for node, pids in owned.items())
