"""The single-record command: one request, one reply, and the retries between them.

`policy` (the module) states the rules. A write that fails is `in_doubt` when one of its tries
may have reached a node that gave no definite answer: then it may have been applied, whatever
the last try was answered.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Union

from aerodbapi.cluster.effects import Conversation, Exchange, Sleep
from aerodbapi.cluster.policy import NODE_ERRORS, RETRYABLE, STAYS, Policy, server_timeout
from aerodbapi.errors import Error, ProtocolError, error_for
from aerodbapi.frozen import frozen
from aerodbapi.protocol.frame import MESSAGE, compress

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = ["HEADER_BYTES", "Request", "Resume", "Tries", "command", "failure_of", "framed"]

#: A whole frame, or a function from the server's timeout in milliseconds to one.
Request = Union[bytes, Callable[[int], bytes]]

_OK: Final = frozenset({0})
HEADER_BYTES: Final = 22  # bytes of a message's header; its result code is byte 5
_TIMEOUT: Final = 9
_KEY_BUSY: Final = 14  # result code
_TIMEOUT_AT: Final = 8 + 14  # where a message frame holds transaction_ttl
_U32: Final = struct.Struct(">I")


@frozen
class Resume:
    """A first try that a shorter road made and that failed: what `command` needs to go on.

    `node` is the one asked (None when none was found), `started` the clock at the first try.
    `error` is the carrier's, or `failure_of` the reply: its `in_doubt` counts.
    """

    error: Error
    node: Node | None
    started: float


class Tries:
    """The tries of one command so far: how many, where the next one goes, whether in doubt.

    `replica` is the index for `Cluster.node_for`, `previous` the node of the last try.
    """

    __slots__ = (
        "cluster",
        "count",
        "deadline",
        "in_doubt",
        "policy",
        "previous",
        "replica",
        "write",
    )

    def __init__(
        self, cluster: Cluster, policy: Policy, *, write: bool, deadline: float | None
    ) -> None:
        self.cluster = cluster
        self.policy = policy
        self.write = write
        self.deadline = deadline
        self.count = 0
        self.replica = 0
        self.in_doubt = False
        self.previous: Node | None = None

    def failed(self, error: Error, node: Node | None) -> float:
        """Count a failed try and return the seconds to wait before the next one.

        Raises `error`, completed with node, in_doubt and the number of tries, when no further
        try is allowed.
        """
        code = error.result_code
        policy = self.policy
        self.count += 1
        self.previous = node
        self.in_doubt = self.write and (self.in_doubt or error.in_doubt)
        if node is not None and (code in NODE_ERRORS or code == _KEY_BUSY):
            node.count_failure(code)
            if code in NODE_ERRORS:
                node.count_error(self.cluster.max_error_rate)
        if code not in RETRYABLE:
            raise self._final(error, "" if self.count == 1 else f"try {self.count}")
        if self.count > policy.max_retries:
            raise self._final(error, f"{_tries(self.count)}, no more allowed")
        moves = not (_fixed(policy) or (self.write and code in STAYS))
        pause = 0.0 if moves and self.count == 1 else policy.sleep_between_retries / 1000
        if self.deadline is not None and self.cluster.clock() + pause >= self.deadline:
            limit = f"total timeout of {policy.total_timeout} ms"
            raise self._final(error, f"{_tries(self.count)}, {limit}")
        self.replica += moves
        self.cluster.retries += 1
        return pause

    def remaining(self) -> float | None:
        """Seconds before the deadline, or None when there is none."""
        return None if self.deadline is None else self.deadline - self.cluster.clock()

    def _final(self, error: Error, note: str) -> Error:
        error.in_doubt = self.in_doubt
        if error.node is None and self.previous is not None:
            error.node = str(self.previous)
        if note:
            error.args = (f"{error.message} [{note}]",)
        return error


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"


def _fixed(policy: Policy) -> bool:
    return policy.linearize or policy.replica == "master"


def replica_policy(policy: Policy, *, write: bool) -> str:
    """The replica policy to give to `node_for`: writes and linearized reads begin at the master."""
    if policy.linearize or policy.replica == "master":
        return "master"
    return "sequence" if write else policy.replica


def framed(request: Request, policy: Policy, remaining: float | None = None) -> bytes:
    """Build the frame of a try that may take `remaining` seconds more (None: the first try)."""
    if isinstance(request, bytes):
        frame = request
        if remaining is None and not policy.compress:
            return frame
        if remaining is not None and frame[1] == MESSAGE:
            timeout = _U32.pack(server_timeout(policy, remaining))
            frame = frame[:_TIMEOUT_AT] + timeout + frame[_TIMEOUT_AT + 4 :]
    else:
        frame = request(server_timeout(policy, remaining))
    return compressed(frame, policy)


def compressed(frame: bytes, policy: Policy) -> bytes:
    """Compress a frame when its policy says so and it is long enough."""
    if policy.compress and len(frame) > policy.compression_threshold:
        return compress(frame)
    return frame


def failure_of(body: bytes, node: Node) -> Error:
    """Build the error that a message body's result code stands for.

    It is `in_doubt`, for a write, where the answer is not definite: the server's own timeout
    (it may finish yet), and bytes that say nothing.
    """
    if len(body) < HEADER_BYTES:
        text = f"a reply of {len(body)} bytes is no message"
        return ProtocolError(text, node=str(node), in_doubt=True)
    return error_for(body[5], node=str(node), in_doubt=body[5] == _TIMEOUT)


def command(
    cluster: Cluster,
    namespace: str,
    pid: int,
    request: Request,
    *,
    policy: Policy,
    write: bool,
    accept: frozenset[int] = _OK,
    resume: Resume | None = None,
) -> Conversation[bytes]:
    """Carry out a single-record command; return the reply's body.

    `pid`: the record's partition. `request`: a frame, sent as it is first and with a smaller
    timeout field in later tries, or a function that builds it. `accept`: result codes that are
    answers; all others raise their error of `aerodbapi.errors`, with node, in_doubt and, after
    retries, the number of tries. `resume`: a first try that failed already on a shorter road.
    """
    total, silence = policy.total_timeout, policy.socket_timeout
    started = resume.started if resume is not None else cluster.clock()
    deadline = started + total / 1000 if total else None
    seconds = silence / 1000 if silence else None
    replica = replica_policy(policy, write=write)
    tries: Tries | None = None
    if resume is not None:
        tries = Tries(cluster, policy, write=write, deadline=deadline)
        pause = tries.failed(resume.error, resume.node)
        if pause:
            yield Sleep(pause)
    while True:
        node: Node | None = None
        try:
            if tries is None:
                node = cluster.node_for(namespace, pid, 0, replica)
                frame = framed(request, policy)
            else:
                node = cluster.node_for(namespace, pid, tries.replica, replica, tries.previous)
                frame = framed(request, policy, tries.remaining())
            if node.tripped:
                raise error_for(-14, node=str(node))
            body: bytes = yield Exchange(node, frame, deadline, seconds)
            if len(body) >= HEADER_BYTES and body[5] in accept:
                return body
            raise failure_of(body, node)
        except Error as error:
            if tries is None:
                tries = Tries(cluster, policy, write=write, deadline=deadline)
            pause = tries.failed(error, node)
        if pause:
            yield Sleep(pause)
