"""The carrier for embedded nodes that asyncio programs await. See `loopback`."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from aerodbapi.cluster.effects import Exchange, Fork, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.errors import Error
from aerodbapi.transport.async_carrier import AsyncDrive, AsyncStream, BaseAsyncCarrier, Outcome
from aerodbapi.transport.carrier import OpenStream
from aerodbapi.transport.loopback import LoopbackCarrier, Resolver, not_run

__all__ = ["AsyncLoopbackCarrier"]


class AsyncLoopbackCarrier(BaseAsyncCarrier):
    """The face of LoopbackCarrier that asyncio programs await.

    Nodes answer at once, so nothing is waited for but `Sleep`; between the frames of a stream
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

    def start_tending(self) -> None:
        """Do nothing: embedded nodes change only by this program's own doing."""

    def reap(self) -> None:
        """Do nothing: there are no connections."""

    async def close(self) -> None:
        """Refuse all further commands. The nodes stay as they are."""
        self._carrier.close()

    def _enter(self) -> None:
        """Accept every event loop: nothing here is bound to one."""

    async def _exchange(self, effect: Exchange) -> bytes:
        return self._carrier._exchange(effect, None)

    async def _open(self, effect: Stream) -> AsyncStream:
        return _AsyncStream(self._carrier._open(effect, None))

    async def _together(self, fork: Fork, gathered: Outcome, *, spread: bool) -> AsyncDrive:
        gathered.value = []
        stopped = False
        for branch in fork.branches:
            outcome = Outcome()
            if stopped:
                branch.close()
                outcome.value = not_run()
            else:
                async with aclosing(self._branch(branch, outcome, spread=spread)) as drive:
                    async for items in drive:
                        yield items
            gathered.value.append(outcome.value)
            stopped = stopped or (fork.stop_on_error and isinstance(outcome.value, Error))


class _AsyncStream:
    __slots__ = ("_stream",)

    def __init__(self, stream: OpenStream) -> None:
        self._stream = stream

    async def next(self) -> bytes:
        await asyncio.sleep(0)
        return self._stream.next()

    def close(self, reusable: bool) -> None:
        self._stream.close(reusable)
