"""What a client knows of its cluster without asking: nodes, addresses, connections, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = [
    "ClusterStats",
    "Connections",
    "NodeAddress",
    "NodeStats",
    "connections",
    "nodes",
    "stats",
]


class NodeAddress(NamedTuple):
    """A node: its address, its port, its name."""

    address: str
    port: int
    node_name: str


class Connections(NamedTuple):
    """A node's connections: now in use and idle; made, and ended, so far.

    A connection whose command ran out of time is ended at once: none is ever `recovered`.
    """

    in_use: int = 0
    in_pool: int = 0
    opened: int = 0
    closed: int = 0
    recovered: int = 0
    aborted: int = 0


class NodeStats(NamedTuple):
    """`errors`: failures since the last tend; the totals are of tries of single commands."""

    name: str
    address: str
    port: int
    in_use: int
    in_pool: int
    errors: int
    opened: int = 0
    closed: int = 0
    error_total: int = 0
    timeout_total: int = 0
    busy_total: int = 0


class ClusterStats(NamedTuple):
    """The nodes, how many rounds of tending there were, how often commands were tried again."""

    nodes: list[NodeStats]
    tends: int
    retries: int = 0


def nodes(cluster: Cluster) -> list[NodeAddress]:
    """The cluster's nodes."""
    return [NodeAddress(node.host, node.port, node.name) for node in cluster.nodes.values()]


def stats(cluster: Cluster) -> ClusterStats:
    """Connections and errors of each node. A node in the process has no connections."""
    found = [_node(node) for node in cluster.nodes.values()]
    return ClusterStats(found, cluster.tends, cluster.retries)


def connections(node: Node) -> Connections:
    """A node's connections."""
    pool = node.link
    if pool is None or not hasattr(pool, "idle"):
        return Connections()
    idle, live, opened = len(pool.idle), len(pool.live), pool.opened
    return Connections(max(live - idle, 0), idle, opened, max(opened - live, 0))


def _node(node: Node) -> NodeStats:
    found = connections(node)
    return NodeStats(
        node.name,
        node.host,
        node.port,
        found.in_use,
        found.in_pool,
        node.errors,
        found.opened,
        found.closed,
        node.error_total,
        node.timeout_total,
        node.busy_total,
    )
