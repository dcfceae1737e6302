"""Carriers for embedded nodes: requests are handed over in this process, without a socket.

`resolver(node)` says who answers for a node: an object with `receive(request)`, an iterable of
reply frames that is pulled as they are wanted; None refuses the connection, as a stopped or
partitioned node does. Both faces run everything in the caller's thread: no threads are made,
and the branches of a fork run one after another, in order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from time import monotonic
from typing import Any, Protocol, TypeVar

from aerodbapi.cluster.effects import Conversation, Exchange, Fork, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.errors import ConnectionFailed, Error, ProtocolError, QueryAborted
from aerodbapi.transport import failures
from aerodbapi.transport.engine import Drive, Engine, OpenStream
from aerodbapi.transport.wire import HEADER, body_size, opened
from aerodbapi.transport.workers import Scope

__all__ = ["AsyncLoopbackCarrier", "LoopbackCarrier", "Receiver", "Resolver"]

_T = TypeVar("_T")


class Receiver(Protocol):
    """An embedded node."""

    def receive(self, request: bytes, /) -> Iterable[bytes]:
        """Answer one request frame with reply frames. Raises ProtocolError for a bad frame."""


Resolver = Callable[[Node], "Receiver | None"]


class LoopbackCarrier(Engine):
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
        return _Stream(self._resolver, frames, effect)

    def _together(self, fork: Fork, scope: Scope | None, *, spread: bool) -> Drive:
        outcomes: list[Any] = []
        stopped = False
        for branch in fork.branches:
            if stopped:
                branch.close()
                outcomes.append(QueryAborted("stopped: another branch failed"))
                continue
            outcomes.append((yield from self._branch(branch, scope, spread=spread)))
            stopped = fork.stop_on_error and isinstance(outcomes[-1], Error)
        return outcomes


class AsyncLoopbackCarrier:
    """The face of LoopbackCarrier that asyncio programs await.

    Nodes answer at once, so nothing is waited for but `Sleep`; between two items of `iterate`
    the event loop gets its turn.
    """

    __slots__ = ("_carrier",)

    def __init__(self, resolver: Resolver) -> None:
        self._carrier = LoopbackCarrier(resolver)

    async def exchange(
        self,
        node: Node,
        request: bytes,
        socket_timeout: float | None = None,
        deadline: float | None = None,
    ) -> bytes:
        """Hand a frame to `node` and return the body of its reply."""
        return self._carrier.exchange(node, request, socket_timeout, deadline)
