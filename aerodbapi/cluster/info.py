"""Info conversations: ask one node, some node or all nodes, and wait for what takes time.

The texts of the commands are in `info_texts`. A value that is an error ("ERROR:…", "FAIL:…")
is raised as the error of its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.cluster import info_texts
from aerodbapi.cluster.effects import Conversation, Exchange, Sleep
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.policy import INFO, Policy
from aerodbapi.errors import (
    ConnectionFailed,
    Error,
    IndexNotFound,
    ProtocolError,
    RecordNotFound,
    Timeout,
    error_for,
)
from aerodbapi.protocol import info as wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = [
    "ask",
    "info_all",
    "info_node",
    "info_one",
    "lowest_version",
    "poll",
    "wait_for_index",
    "wait_for_no_index",
]

#: How long a name that was just made may be unknown to some nodes, in seconds.
_GRACE: Final = 5.0
#: Waits between polls, in seconds: short ones first, since small things are ready at once.
_FIRST_WAIT: Final = 0.005
_LONGEST_WAIT: Final = 0.5


def ask(
    node: Node, names: Sequence[str], deadline: float | None = None
) -> Conversation[dict[str, str]]:
    """Ask one node for several values in one request; errors stay text in the values."""
    body = yield Exchange(node, wire.encode_request(names), deadline)
    return wire.decode_reply(body)


def info_node(
    cluster: Cluster, node: Node, command: str, *, policy: Policy = INFO
) -> Conversation[str]:
    """Ask `node` one thing; raise the error that its answer stands for, if it is one."""
    reply = yield from ask(node, [command], _deadline(cluster, policy))
    return _value(reply, command, node)


def info_all(
    cluster: Cluster, command: str, *, policy: Policy = INFO
) -> Conversation[dict[str, str]]:
    """Ask every node; return node name → value, or raise the first node's error."""
    nodes = list(cluster.nodes.values())
    if not nodes:
        raise ConnectionFailed("the cluster has no node that can be reached")
    outcomes = yield from together(info_node(cluster, n, command, policy=policy) for n in nodes)
    values = {}
    for node, outcome in zip(nodes, outcomes, strict=True):
        if isinstance(outcome, Error):
            raise outcome
        values[node.name] = outcome
    return values


def info_one(
    cluster: Cluster, command: str, *, policy: Policy = INFO
) -> Conversation[dict[str, str]]:
    """Ask some node, another one when it cannot be reached: {its name: value}.

    What is asked may be done twice when a connection breaks: `command` must bear that.
    """
    tries = policy.max_retries + 1
    while True:
        node = cluster.random_node()
        tries -= 1
        try:
            value = yield from info_node(cluster, node, command, policy=policy)
        except ConnectionFailed:
            node.count_error(cluster.max_error_rate)
            if not tries:
                raise
        else:
            return {node.name: value}


def _value(reply: dict[str, str], command: str, node: Node) -> str:
    if len(reply) != 1:
        raise ProtocolError(f"{len(reply)} answers to the info command {command!r}", node=str(node))
    value = next(iter(reply.values()))
    failure = wire.error_of(value)
    if failure is not None:
        code, text = failure
        raise error_for(code, f"{text} [info command {command.split(':')[0]}]", node=str(node))
    return value


def _deadline(cluster: Cluster, policy: Policy) -> float | None:
    return cluster.clock() + policy.total_timeout / 1000 if policy.total_timeout else None


def lowest_version(cluster: Cluster) -> tuple[int, ...]:
    """The oldest version among the nodes: what a command for any of them may use."""
    return min((node.version for node in cluster.nodes.values()), default=())


# ---- waiting -----------------------------------------------------------------------------------


def _waits() -> Iterator[float]:
    wait = _FIRST_WAIT
    while True:
        yield wait
        wait = min(wait * 2, _LONGEST_WAIT)


def poll(
    cluster: Cluster,
    ready: Callable[[], Conversation[bool]],
    *,
    total_timeout: int,
    what: str,
) -> Conversation[None]:
    """Call `ready` until it returns True; Timeout after `total_timeout` ms (0: without limit)."""
    deadline = cluster.clock() + total_timeout / 1000 if total_timeout else None
    for wait in _waits():
        if (yield from ready()):
            return
        if deadline is not None and cluster.clock() + wait >= deadline:
            raise Timeout(f"{what} took longer than {total_timeout} ms")
        yield Sleep(wait)


def wait_for_index(
    cluster: Cluster, namespace: str, name: str, *, total_timeout: int = 0
) -> Conversation[None]:
    """Wait until every node has built the secondary index `name`.

    Raises IndexNotFound when after some seconds no node knows it, Timeout after
    `total_timeout` milliseconds (0: without limit).
    """
    grace = cluster.clock() + _GRACE

    def ready() -> Conversation[bool]:
        states = yield from _index_states(cluster, namespace, name)
        if all(state is None for state in states) and cluster.clock() > grace:
            raise IndexNotFound(f"no node knows the index {name} of namespace {namespace}")
        return all(state is not None and state >= 100 for state in states)

    yield from poll(cluster, ready, total_timeout=total_timeout, what=f"building index {name}")


def wait_for_no_index(
    cluster: Cluster, namespace: str, name: str, *, total_timeout: int = 0
) -> Conversation[None]:
    """Wait until no node knows the secondary index `name` any more."""

    def ready() -> Conversation[bool]:
        states = yield from _index_states(cluster, namespace, name)
        return all(state is None for state in states)

    yield from poll(cluster, ready, total_timeout=total_timeout, what=f"dropping index {name}")


def _index_states(cluster: Cluster, namespace: str, name: str) -> Conversation[list[int | None]]:
    """Percent built, for each node; None where the index is not known (yet, or any more)."""
    nodes = list(cluster.nodes.values())
    outcomes = yield from together(
        info_node(cluster, n, info_texts.sindex_stat(n.version, namespace, name)) for n in nodes
    )
    states: list[int | None] = []
    for outcome in outcomes:
        if isinstance(outcome, (IndexNotFound, RecordNotFound)):
            states.append(None)
        elif isinstance(outcome, Error):
            raise outcome
        else:
            percent = wire.pairs(outcome).get("load_pct", "100")
            states.append(int(percent) if percent.isdecimal() else 0)
    return states
