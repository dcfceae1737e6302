"""What a client knows of its cluster without asking: nodes, addresses, connections, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = ["ClusterStats", "NodeAddress", "NodeStats", "nodes", "stats"]


class NodeAddress(NamedTuple):
    """A node: its address, its port, its name."""

    address: str
    port: int
    node_name: str


class NodeStats(NamedTuple):
    """`in_use`, `in_pool`: connections to the node. `errors`: failures since the last tend."""

    name: str
    address: str
    port: int
    in_use: int
    in_pool: int
    errors: int


class ClusterStats(NamedTuple):
    """The nodes, and how many rounds of tending there were."""

    nodes: list[NodeStats]
    tends: int


def nodes(cluster: Cluster) -> list[NodeAddress]:
    """The cluster's nodes."""
    return [NodeAddress(node.host, node.port, node.name) for node in cluster.nodes.values()]


def stats(cluster: Cluster) -> ClusterStats:
    """Connections and errors of each node. A node in the process has no connections."""
    return ClusterStats([_node(node) for node in cluster.nodes.values()], cluster.tends)


def _node(node: Node) -> NodeStats:
    idle = len(getattr(node.link, "idle", ()))
    live = len(getattr(node.link, "live", ()))
    return NodeStats(node.name, node.host, node.port, max(live - idle, 0), idle, node.errors)
