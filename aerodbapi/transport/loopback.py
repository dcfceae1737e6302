"""The carrier for embedded nodes: requests are handed over in this process, without a socket.

`resolver(node)` says who answers for a node: an object with `receive(request)`, an iterable of
reply frames that is pulled as they are wanted; None refuses the connection, as a stopped or
partitioned node does. Everything runs in the caller's thread: no threads are made, and the
branches of a fork run one after another, in order. `async_loopback` has its asynchronous face.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

from aerodbapi.cluster.effects import Exchange, Fork, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.errors import ConnectionFailed, Error, ProtocolError, QueryAborted, Timeout
from aerodbapi.transport import failures
from aerodbapi.transport.carrier import BaseCarrier, Drive, OpenStream
from aerodbapi.transport.wire import HEADER, body_size, opened
from aerodbapi.transport.workers import Scope

__all__ = ["LoopbackCarrier", "Receiver", "Resolver", "not_run"]


class Receiver(Protocol):
    """An embedded node."""

    def receive(self, request: bytes, /) -> Iterable[bytes]:
        """Answer one request frame with reply frames. Raises ProtocolError for a bad frame."""


Resolver = Callable[[Node], "Receiver | None"]


class LoopbackCarrier(BaseCarrier):
    """Carries conversations to nodes in this process; as safe for threads as the nodes are."""

    __slots__ = ("_closed", "_resolver")

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._closed = False

    def exchange(
        self,
        node: Node,
        request: bytes,
        socket_timeout: float | None = None,
        deadline: float | None = None,
    ) -> bytes:
        """Hand a frame to `node` and return the body of its reply; as SyncCarrier.exchange."""
        for frame in self._receive(node, request, deadline):
            return _body(frame, node, request[1])
        raise failures.hung_up(node, 0)

    def start_tending(self) -> None:
        """Do nothing: embedded nodes change only by this program's own doing."""

    def reap(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Refuse all further commands. The nodes stay as they are."""
        self._closed = True

    def _receive(self, node: Node, request: bytes, deadline: float | None) -> Iterable[bytes]:
        if self._closed:
            raise failures.closed()
        if deadline is not None and monotonic() >= deadline:
            raise failures.too_late(node)
        receiver = self._resolver(node)
        if receiver is None:
            raise ConnectionFailed("connection refused: the node is stopped", node=str(node))
        return receiver.receive(request)

    def _exchange(self, effect: Exchange, scope: Scope | None) -> bytes:
        return self.exchange(effect.node, effect.request, None, effect.deadline)

    def _open(self, effect: Stream, scope: Scope | None) -> OpenStream:
        frames = self._receive(effect.node, effect.request, effect.deadline)
        return _Stream(self._resolver, frames, effect, scope)

    def _together(self, fork: Fork, scope: Scope | None, *, spread: bool) -> Drive:
        outcomes: list[Any] = []
        stopped = False
        for branch in fork.branches:
            if stopped:
                branch.close()
                outcomes.append(not_run())
                continue
            outcomes.append((yield from self._branch(branch, scope, spread=spread)))
            stopped = fork.stop_on_error and isinstance(outcomes[-1], Error)
        return outcomes


class _Stream:
    """Reply frames, pulled one at a time."""

    __slots__ = ("_deadline", "_frames", "_kind", "_node", "_resolver", "_scope")

    def __init__(
        self,
        resolver: Resolver,
        frames: Iterable[bytes],
        effect: Stream,
        scope: Scope | None,
    ) -> None:
        self._resolver = resolver
        self._frames: Iterator[bytes] | None = iter(frames)
        self._node = effect.node
        self._kind = effect.request[1]
        self._deadline = effect.deadline
        self._scope = scope
        if scope is not None:
            scope.enter(self)

    def next(self) -> bytes:
        """Return the next frame's body. A node that was stopped meanwhile hangs up."""
        if self._frames is None or self._resolver(self._node) is None:
            self.close(False)
            raise failures.hung_up(self._node, 0)
        if self._deadline is not None and monotonic() >= self._deadline:
            self.close(False)
            raise Timeout("timed out reading a query", node=str(self._node), in_doubt=True)
        for frame in self._frames:
            return _body(frame, self._node, self._kind)
        raise failures.hung_up(self._node, 0)

    def close(self, reusable: bool) -> None:
        """Let the node end its query."""
        if self._scope is not None:
            self._scope.leave(self)
        self._end()

    def interrupt(self) -> None:
        """End the query from another thread; whoever reads it finds out at its next frame."""
        with suppress(ValueError):  # the node is making a frame right now
            self._end()

    def _end(self) -> None:
        end = getattr(self._frames, "close", None)
        if end is not None:
            end()
        self._frames = None


def _body(frame: bytes, node: Node, asked: int) -> bytes:
    try:
        kind, size = body_size(frame, asked)
        if size != len(frame) - HEADER:
            raise ProtocolError(f"a frame of {len(frame)} bytes says it has {size + HEADER}")
        return opened(kind, frame[HEADER:], asked)
    except ProtocolError as error:
        error.node = str(node)
        error.in_doubt = True
        raise


def not_run() -> QueryAborted:
    """The outcome of a branch that was not begun."""
    return QueryAborted("stopped: another branch failed")
