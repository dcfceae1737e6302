"""Find the cluster's nodes from its seeds, and keep nodes and partition maps up to date.

A round works on copies and publishes them at its end. Its rules (the field's own; wire.md
"Cluster tend"):

- Each node is asked for its generations; what they cover is read again only when they changed.
- When any node's peers changed, or a node failed, all nodes that answer list their peers.
- A node that fails is removed when no other node lists it; when no node answers at all, after
  five rounds. A node that answers is removed when no other lists it and it owns nothing.
- A node that believes to be alone while others are there does not get to change the map.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aerodbapi.cluster.effects import Conversation
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.info import ask
from aerodbapi.cluster.node import UNKNOWN, Node
from aerodbapi.cluster.partitions import PartitionTable, merge, replace_nodes
from aerodbapi.cluster.seeds import (
    WrongCluster,
    access_address,
    greet,
    info_deadline,
    no_seed,
    probe,
    seed_hosts,
    service_name,
)
from aerodbapi.errors import AuthenticationError, ConnectionFailed, Error, ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.partitions import Peer, decode_peers, decode_replicas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aerodbapi.cluster.cluster import Cluster

__all__ = ["Tended", "connect", "tend"]

_FAILURES_TO_REMOVE: Final = 5
_MAX_DISCOVERY: Final = 16  # generations of peers' peers: a bound, not a rule


@frozen
class Tended:
    """What a round changed: carriers close the pools of removed nodes."""

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()


@dataclass(slots=True)
class _Round:
    """Working copies of one round."""

    cluster: Cluster
    nodes: dict[str, Node]
    tables: dict[str, PartitionTable]
    added: list[Node] = field(default_factory=list)
    removed: list[Node] = field(default_factory=list)
    map_changed: list[Node] = field(default_factory=list)
    racks_changed: list[Node] = field(default_factory=list)
    bad_hosts: dict[tuple[str, int], Error] = field(default_factory=dict)
    refreshed: int = 0  # nodes that listed their peers

    def add(self, node: Node) -> None:
        self.nodes[node.name] = node
        self.added.append(node)
        self.map_changed.append(node)
        if self.cluster.conninfo.rack_ids:
            self.racks_changed.append(node)

    def remove(self, node: Node) -> None:
        if self.nodes.get(node.name) is node:
            del self.nodes[node.name]
        self.removed.append(node)

    def publish(self) -> Tended:
        cluster = self.cluster
        if self.removed:
            gone = self.removed
            self.tables = {
                ns: replace_nodes(table, lambda node: self.nodes.get(node.name), gone)
                for ns, table in self.tables.items()
            }
        # Nodes first: whoever finds a node in a map finds it among the nodes too.
        cluster.publish_nodes(self.nodes)
        cluster.publish_partitions(self.tables)
        cluster.tends += 1
        if cluster.observer is not None:
            cluster.observer.tended(cluster, self.removed)
        return Tended(tuple(self.added), tuple(self.removed))


def _begin(cluster: Cluster) -> _Round:
    return _Round(cluster, dict(cluster.nodes), dict(cluster.partitions))


def connect(cluster: Cluster) -> Conversation[Tended]:
    """Reach the cluster through its seeds and read its nodes and partition maps.

    Raises ConnectionFailed naming every seed and why it failed, or at once when a seed belongs
    to another cluster; AuthenticationError when the login is refused.
    """
    state = _begin(cluster)
    try:
        yield from _seed(state)
    except WrongCluster as error:
        raise ConnectionFailed(error.message, node=error.node) from None
    yield from _discover(state, list(state.added))
    errors = yield from _read_maps(state)
    if errors and not state.tables:
        raise errors[0]
    yield from _read_racks(state)
    yield from greet(cluster, state.added)
    return state.publish()


def tend(cluster: Cluster) -> Conversation[Tended]:
    """Do one round of tending; without any node left, begin at the seeds again.

    A node's failure is counted, not raised. Raises as `connect` when there is no node left and
    no seed answers.
    """
    if not cluster.nodes:
        return (yield from connect(cluster))
    state = _begin(cluster)
    for node in state.nodes.values():
        node.references = 0
        node.reset_errors()
    if (yield from _read_generations(state)):
        sound = [node for node in state.nodes.values() if not node.failures]
        yield from _discover(state, sound)
        _remove_lost(state)
    yield from _read_maps(state)
    yield from _read_racks(state)
    yield from greet(cluster, state.added)
    return state.publish()


# ---- seeds -------------------------------------------------------------------------------------


def _seed(state: _Round) -> Conversation[None]:
    """Add the node behind the first seed that answers."""
    cluster = state.cluster
    failures: list[tuple[str, Error]] = []
    for host, port, tls_name in seed_hosts(cluster):
        try:
            node = yield from probe(cluster, host, port, tls_name)
            if not cluster.conninfo.embedded:
                node = yield from access_address(cluster, node)
        except (AuthenticationError, WrongCluster):
            raise  # another seed would answer the same, or lock the account
        except Error as error:
            failures.append((Node("", host, port).address, error))
        else:
            state.add(node)
            return
    raise no_seed(failures)


# ---- generations -------------------------------------------------------------------------------


def _read_generations(state: _Round) -> Conversation[bool]:
    """Ask every node what changed; tell whether the set of nodes may have."""
    cluster = state.cluster
    names = ["node", "peers-generation", "partition-generation"]
    if cluster.conninfo.rack_ids:
        names.append("rebalance-generation")
    nodes = list(state.nodes.values())
    deadline = info_deadline(cluster)
    outcomes = yield from together(ask(node, names, deadline) for node in nodes)
    changed = False
    for node, outcome in zip(nodes, outcomes, strict=True):
        if isinstance(outcome, Error):
            node.failures += 1
            changed = True
            continue
        if outcome.get("node") != node.name:
            node.failures = _FAILURES_TO_REMOVE  # its address is another node's now
            changed = True
            continue
        node.failures = 0
        changed |= _number(outcome, "peers-generation") != node.peers_generation
        if _number(outcome, "partition-generation") != node.partition_generation:
            state.map_changed.append(node)
        if "rebalance-generation" in outcome:
            generation = _number(outcome, "rebalance-generation")
            if generation != node.rebalance_generation:
                node.rebalance_generation = generation
                state.racks_changed.append(node)
    return changed


def _number(reply: dict[str, str], name: str) -> int:
    try:
        return int(reply.get(name, ""))
    except ValueError:
        return UNKNOWN


# ---- peers -------------------------------------------------------------------------------------


def _discover(state: _Round, ask_these: Sequence[Node]) -> Conversation[None]:
    """Read the peers of nodes, add the new ones, read theirs, until no node is new."""
    for _ in range(_MAX_DISCOVERY):
        if not ask_these:
            return
        before = len(state.added)
        yield from _read_peers(state, ask_these)
        ask_these = state.added[before:]


def _read_peers(state: _Round, nodes: Sequence[Node]) -> Conversation[None]:
    command = service_name(state.cluster, "peers")
    deadline = info_deadline(state.cluster)
    outcomes = yield from together(ask(node, [command], deadline) for node in nodes)
    wanted: dict[str, tuple[Peer, int]] = {}
    listed: list[tuple[Node, int, tuple[Peer, ...]]] = []
    for node, outcome in zip(nodes, outcomes, strict=True):
        try:
            if isinstance(outcome, Error):
                raise outcome
            generation, port, peers = decode_peers(outcome.get(command, ""))
        except Error:
            node.failures += 1
            continue
        state.refreshed += 1
        node.peers_count = len(peers)
        listed.append((node, generation, peers))
        for peer in peers:
            if not _is_known(state, peer):
                wanted.setdefault(peer.name, (peer, port))
    yield from _add_peers(state, [peer for peer, _ in wanted.values()])
    for node, generation, peers in listed:
        # A peer that could not be reached: read the list again in the next round.
        complete = all(peer.name in state.nodes for peer in peers)
        node.peers_generation = generation if complete else UNKNOWN
        for peer in peers:
            if peer.name in state.nodes:
                state.nodes[peer.name].references += 1


def _is_known(state: _Round, peer: Peer) -> bool:
    """Tell whether a peer is among the nodes, at an address that still stands."""
    node = state.nodes.get(peer.name)
    if node is None:
        return False
    return not node.failures or not peer.hosts or (node.host, node.port) in peer.hosts


def _add_peers(state: _Round, peers: Sequence[Peer]) -> Conversation[None]:
    outcomes = yield from together(_reach(state, peer) for peer in peers)
    for peer, outcome in zip(peers, outcomes, strict=True):
        if isinstance(outcome, Error):
            continue
        old = state.nodes.get(peer.name)
        if old is not None:
            state.remove(old)  # its address changed
        state.add(outcome)


def _reach(state: _Round, peer: Peer) -> Conversation[Node]:
    """Try the addresses of a peer until one answers by its name."""
    failure: Error = ConnectionFailed(f"the peer {peer.name} has no address")
    for host, port in peer.hosts:
        if (host, port) in state.bad_hosts:
            continue
        try:
            tls_name = peer.tls_name or (host if state.cluster.conninfo.tls is not None else None)
            node = yield from probe(state.cluster, host, port, tls_name)
        except Error as error:
            state.bad_hosts[host, port] = failure = error
            continue
        if node.name == peer.name:
            return node
        failure = ConnectionFailed(f"{node.address} is {node.name}, not {peer.name}")
    raise failure


# ---- removal -----------------------------------------------------------------------------------


def _remove_lost(state: _Round) -> None:
    for node in list(state.nodes.values()):
        if node in state.added:
            continue
        if state.refreshed == 0:
            if node.failures >= _FAILURES_TO_REMOVE:
                state.remove(node)
        elif (
            len(state.nodes) > 1
            and node.references == 0
            and (node.failures or not any(table.owns_any(node) for table in state.tables.values()))
        ):
            state.remove(node)


# ---- partition maps and racks ------------------------------------------------------------------


def _read_maps(state: _Round) -> Conversation[list[Error]]:
    """Read the partition maps of the nodes that changed theirs, merge them; return failures."""
    alone = state.refreshed == 1 or len(state.nodes) == 1
    nodes = [
        node
        for node in state.map_changed
        if not node.failures and state.nodes.get(node.name) is node and (alone or node.peers_count)
    ]
    names = ["partition-generation", "replicas"]
    deadline = info_deadline(state.cluster)
    outcomes = yield from together(ask(node, names, deadline) for node in nodes)
    errors = []
    for node, outcome in zip(nodes, outcomes, strict=True):
        try:
            if isinstance(outcome, Error):
                raise outcome
            _merge_maps(state, node, outcome)
        except Error as error:
            node.failures += 1
            errors.append(error)
    return errors


def _merge_maps(state: _Round, node: Node, reply: dict[str, str]) -> None:
    text = reply.get("replicas", "")
    if wire.error_of(text) is not None:
        raise ProtocolError(f"replicas: {text}", node=str(node))
    claims = decode_replicas(text)
    node.partition_generation = _number(reply, "partition-generation")
    for namespace, claim in claims.items():
        table, displaced = merge(state.tables.get(namespace), node, claim)
        state.tables[namespace] = table
        for loser in displaced:
            loser.partition_generation = UNKNOWN


def _read_racks(state: _Round) -> Conversation[None]:
    """Read the racks of the nodes whose rebalance changed; the Community Edition has none."""
    nodes = [node for node in state.racks_changed if not node.failures]
    deadline = info_deadline(state.cluster)
    outcomes = yield from together(ask(node, ["rack-ids"], deadline) for node in nodes)
    for node, outcome in zip(nodes, outcomes, strict=True):
        if isinstance(outcome, Error):
            node.rebalance_generation = UNKNOWN
            continue
        node.racks = _racks(outcome.get("rack-ids", ""))


def _racks(text: str) -> dict[str, int]:
    """Parse "namespace:rack;namespace:rack"; an error is no racks."""
    racks = {}
    if wire.error_of(text) is None:
        for pair in text.split(";"):
            namespace, _, rack = pair.partition(":")
            if namespace and rack.lstrip("-").isdecimal():
                racks[namespace] = int(rack)
    return racks
