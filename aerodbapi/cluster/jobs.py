"""Background queries: started at every node, which then works alone; waited for by polling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.cluster import info_texts
from aerodbapi.cluster.commands import HEADER_BYTES, failure_of, framed
from aerodbapi.cluster.effects import Conversation, Exchange
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.info import info_node, poll
from aerodbapi.cluster.policy import WRITE, Policy
from aerodbapi.errors import ConnectionFailed, Error, QueryAborted, RecordNotFound
from aerodbapi.frozen import replace
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.query import QueryRequest, encode_query

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = ["abort", "background", "progress", "wait"]

_TASK_BITS: Final = 63  # what every server version parses
#: Answers of a node at work, and of one that never had a record of the set: it is done.
_STARTED: Final = (0, 2)


def background(
    cluster: Cluster, request: QueryRequest, policy: Policy = WRITE
) -> Conversation[int]:
    """Start a background query at every node; return its task id.

    `request.task_id` 0 is replaced by a random one. Each node changes the records that it is
    master of. Nothing is tried again: a node that got the request may be at work. When a node
    fails, its error is raised, in doubt when others were started; to stop those with `abort`,
    choose the task id yourself.
    """
    nodes = list(cluster.nodes.values())
    if not nodes:
        raise ConnectionFailed("the cluster has no node that can be reached")
    task_id = request.task_id or cluster.random.getrandbits(_TASK_BITS) | 1
    request = replace(request, task_id=task_id)
    outcomes = yield from together(_start(cluster, node, request, policy) for node in nodes)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Error)]
    if errors:
        error = errors[0]
        started = len(outcomes) - len(errors)
        error.in_doubt = started > 0 or any(e.in_doubt for e in errors)
        error.args = (
            f"{error.message} [task {task_id} started on {started} of {len(nodes)} nodes]",
        )
        raise error
    return task_id


def _start(
    cluster: Cluster, node: Node, request: QueryRequest, policy: Policy
) -> Conversation[None]:
    total, silence = policy.total_timeout, policy.socket_timeout
    deadline = cluster.clock() + total / 1000 if total else None
    request = replace(request, timeout_ms=total, socket_timeout_ms=silence)
    frame = framed(encode_query(request), policy)
    body = yield Exchange(node, frame, deadline, silence / 1000 if silence else None)
    if len(body) < HEADER_BYTES or body[5] not in _STARTED:
        raise failure_of(body, node)


def progress(cluster: Cluster, task_id: int, module: str = "query") -> Conversation[bool]:
    """Tell whether every node is done with a background query.

    A node that does not know the task (any more) is done with it. Raises QueryAborted when a
    node gave it up.
    """
    nodes = list(cluster.nodes.values())
    outcomes = yield from together(
        info_node(cluster, node, info_texts.query_show(node.version, task_id, module))
        for node in nodes
    )
    done = True
    for node, outcome in zip(nodes, outcomes, strict=True):
        if isinstance(outcome, RecordNotFound):
            continue
        if isinstance(outcome, Error):
            raise outcome
        status = wire.pairs(outcome, ":").get("status", "done(ok)").lower()
        if status.startswith(("active", "in_progress")):
            done = False
        elif "(" in status and not status.endswith("(ok)"):
            raise QueryAborted(f"the background query {task_id} ended as {status}", node=str(node))
    return done


def wait(
    cluster: Cluster, task_id: int, *, total_timeout: int = 0, module: str = "query"
) -> Conversation[None]:
    """Wait until every node is done with a background query; Timeout after `total_timeout` ms."""
    what = f"the background query {task_id}"
    yield from poll(
        cluster,
        lambda: progress(cluster, task_id, module),
        total_timeout=total_timeout,
        what=what,
    )


def abort(cluster: Cluster, task_id: int) -> Conversation[bool]:
    """End a query on all nodes; tell whether any of them was still at work on it."""
    nodes = list(cluster.nodes.values())
    outcomes = yield from together(
        info_node(cluster, node, info_texts.query_abort(node.version, task_id)) for node in nodes
    )
    found = False
    for outcome in outcomes:
        if isinstance(outcome, RecordNotFound):
            continue
        if isinstance(outcome, Error):
            raise outcome
        found = True
    return found
