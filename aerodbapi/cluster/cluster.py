"""The cluster as known now: its nodes, its partition maps, and which node to ask.

The tending conversation writes here, everybody else reads. `nodes` and `partitions` are
replaced whole and never mutated, so that a reader on any thread sees one state or the other.
"""

from __future__ import annotations

import random
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from aerodbapi.errors import ConnectionFailed, NamespaceNotFound, PartitionUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aerodbapi.cluster.node import Node
    from aerodbapi.cluster.observing import Observer
    from aerodbapi.cluster.partitions import PartitionTable
    from aerodbapi.conninfo import ConnInfo

__all__ = ["Cluster"]


class Cluster:
    """All that the client knows of a cluster. `conninfo` says where and how it was asked to go.

    `nodes`: name → Node. `partitions`: namespace → PartitionTable. `clock`: monotonic seconds
    (tests replace it). `random`: the source of random choices (tests seed it). `observer`: who
    takes metrics.
    """

    __slots__ = (
        "clock",
        "conninfo",
        "max_error_rate",
        "nodes",
        "observer",
        "partitions",
        "random",
        "retries",
        "tends",
    )

    def __init__(
        self,
        conninfo: ConnInfo,
        *,
        clock: Callable[[], float] = time.monotonic,
        choices: random.Random | None = None,
    ) -> None:
        self.conninfo = conninfo
        self.clock = clock
        self.random = choices if choices is not None else random.Random()
        self.max_error_rate = conninfo.max_error_rate
        self.nodes: Mapping[str, Node] = MappingProxyType({})
        self.partitions: Mapping[str, PartitionTable] = MappingProxyType({})
        self.tends = 0
        self.retries = 0  # tries after the first, of all single-record commands
        self.observer: Observer | None = None  # with metrics only

    # ---- which node --------------------------------------------------------------------------

    def node_for(
        self,
        namespace: str,
        pid: int,
        attempt: int = 0,
        replica: str = "sequence",
        previous: Node | None = None,
    ) -> Node:
        """Choose the node to ask about partition `pid`.

        `attempt` is the replica index: it grows with every try that should go elsewhere.
        `replica` is the policy's; writes pass "master" or "sequence". `previous`: the node of
        the last try, which "any" and "prefer_rack" avoid while there is another.
        Raises NamespaceNotFound, or PartitionUnavailable when no known node owns `pid`.
        """
        table = self.partitions.get(namespace)
        if table is None:
            table = self._table_missing(namespace)
        replicas = table.replicas
        if replica == "sequence":
            node = replicas[attempt % len(replicas)][pid]
        elif replica == "master":
            node = replicas[0][pid]
            if node is None:
                raise _unavailable(namespace, pid)
            return node
        else:
            node = self._choose(namespace, table, pid, attempt, replica, previous)
        if node is None:
            node = _next_owner(table, pid, attempt)
            if node is None:
                raise _unavailable(namespace, pid)
        return node

    def check_namespace(self, namespace: str) -> None:
        """Raise NamespaceNotFound for one that is nowhere: info commands do not always say so."""
        if namespace not in self.partitions:
            self._table_missing(namespace)

    def random_node(self) -> Node:
        """Choose any node, preferring those whose circuit is closed.

        Raises ConnectionFailed when the cluster has no node.
        """
        nodes = list(self.nodes.values())
        if not nodes:
            raise ConnectionFailed("the cluster has no node that can be reached")
        sound = [node for node in nodes if not node.tripped and not node.failures]
        return self.random.choice(sound or nodes)

    def _choose(
        self,
        namespace: str,
        table: PartitionTable,
        pid: int,
        attempt: int,
        replica: str,
        previous: Node | None,
    ) -> Node | None:
        count = len(table.replicas)
        first = attempt
        if replica == "any":
            first = int(self.random.random() * count)
            node = table.replicas[first][pid]
            if node is not None and node is not previous:
                return node
        owners = [
            node
            for index in range(first, first + count)
            if (node := table.replicas[index % count][pid]) is not None
        ]
        others = [node for node in owners if node is not previous] or owners
        if replica == "prefer_rack":
            for rack in self.conninfo.rack_ids:
                for node in others:
                    if node.racks.get(namespace) == rack:
                        return node
        return others[0] if others else None

    # ---- changes of state --------------------------------------------------------------------

    def publish_nodes(self, nodes: Mapping[str, Node]) -> None:
        """Replace the set of nodes."""
        self.nodes = MappingProxyType(dict(nodes))

    def publish_partitions(self, tables: Mapping[str, PartitionTable]) -> None:
        """Replace partition maps."""
        self.partitions = MappingProxyType(dict(tables))

    def _table_missing(self, namespace: str) -> PartitionTable:
        """Say that there is no such namespace, unless nodes in this process make it on use."""
        tables = self.partitions
        if self.conninfo.embedded and tables:
            return next(iter(tables.values()))
        if not self.nodes:
            raise ConnectionFailed("the cluster has no node that can be reached")
        known = ", ".join(sorted(tables)) or "none"
        raise NamespaceNotFound(
            f"the cluster has no namespace {namespace!r} (it has: {known}); "
            "namespaces come from the servers' configuration"
        )


def _next_owner(table: PartitionTable, pid: int, attempt: int) -> Node | None:
    count = len(table.replicas)
    for index in range(attempt, attempt + count):
        node = table.replicas[index % count][pid]
        if node is not None:
            return node
    return None


def _unavailable(namespace: str, pid: int) -> PartitionUnavailable:
    return PartitionUnavailable(
        f"no node that can be reached owns partition {pid} of namespace {namespace}"
    )
