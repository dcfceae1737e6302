"""An asyncio connection: a protocol that cuts frames out of what the transport delivers.

One receive buffer serves all small frames; a frame longer than it is received straight into
its own bytes. Frames that nobody asked for yet are kept up to a limit, then reading pauses:
the server feels the reader's pace. One lazy timer watches deadline and silence: it is not set
anew for each command, but looks when it fires whether the time it stood for has moved.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, cast

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.frame import MESSAGE
from aerodbapi.transport import failures
from aerodbapi.transport.wire import HEADER, MESSAGE_WORD, body_size, opened, unpack_word

__all__ = ["AsyncConnection"]

_BUFFER: Final = 1 << 16
#: Bytes of undelivered frames that pause reading.
_AHEAD: Final = 4 << 20
_NEVER: Final = float("inf")


class AsyncConnection(asyncio.BufferedProtocol):
    """A connection and its one command under way.

    `used`: time.monotonic() of its last command. `on_end` is called once, when it is closed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, node: object) -> None:
        self._loop = loop
        self._node = node
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._have = 0  # bytes in the buffer
        self._long: bytearray | None = None  # the body of a frame longer than the buffer
        self._long_kind = 0
        self._filled = 0
        self._asked = 0
        self._whole = 0  # the header of an empty reply, where the short way is open
        self._ready: deque[tuple[int, bytes]] = deque()
        self._ahead = 0
        self._paused = False
        self._waiter: asyncio.Future[bytes] | None = None
        self._error: BaseException | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = _NEVER
        self._deadline = _NEVER
        self._silence = _NEVER
        self._heard = 0.0
        self.on_end: Callable[[], None] | None = None
        self.used = monotonic()

    # ---- for the carrier ---------------------------------------------------------------------

    def ask(self, request: bytes, socket_timeout: float | None, deadline: float | None) -> None:
        """Send a request whose reply `next` will return. Raises ConnectionFailed (not sent)."""
        if self._error is not None or self._transport is None:
            raise (
                failures.failure(
                    self._error or ConnectionResetError(), self._node, sent=False, doing="when idle"
                )
                or failures.closed()
            )
        self._asked = request[1]
        self._whole = MESSAGE_WORD if self._asked == MESSAGE else 0
        self._deadline = _NEVER if deadline is None else deadline
        self._silence = socket_timeout or _NEVER
        self._heard = self.used = monotonic()
        self._transport.write(request)

    def next(self) -> asyncio.Future[bytes]:
        """Return a future of the next frame's body. Cancelled, the connection is unusable."""
        waiter: asyncio.Future[bytes] = self._loop.create_future()
        if self._ready:
            self._hand_out(waiter)
            if self._paused and self._ahead < _AHEAD // 2 and self._transport is not None:
                self._paused = False
                self._transport.resume_reading()
        elif self._error is not None:
            waiter.set_exception(self._error)
        else:
            self._waiter = waiter
            self._heard = monotonic()
            if self._deadline < self._timer_at or self._heard + self._silence < self._timer_at:
                self._watch()
        return waiter

    @property
    def drained(self) -> bool:
        """Tell whether nothing stands behind the last frame."""
        return not self._ready and not self._have and self._long is None

    def rest(self) -> None:
        """End the command: from now on nothing may arrive."""
        self._asked = 0
        self._deadline = self._silence = _NEVER

    def alive(self) -> bool:
        """Tell whether it can take a command."""
        return self._error is None and self.drained and self._transport is not None

    def close(self) -> None:
        """Drop the connection at once, with whatever is under way."""
        self._end(failures.hung_up(self._node, 0))

    interrupt = close

    # ---- for the transport -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._error is not None:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> Any:
        if self._long is not None:
            return memoryview(self._long)[self._filled :]
        return self._view[self._have :]

    def buffer_updated(self, count: int) -> None:
        have = self._have + count
        waiter = self._waiter
        if (
            waiter is not None
            and self._long is None
            and have >= HEADER
            and unpack_word(self._buffer)[0] - have + HEADER == MESSAGE_WORD == self._whole
        ):  # the usual case: exactly the one message that is waited for
            self._have = 0
            self._waiter = None
            if not waiter.done():
                waiter.set_result(bytes(self._view[HEADER:have]))
        else:
            self._collect(count)

    def _collect(self, count: int) -> None:
        """Take in `count` bytes that are more or less than one frame."""
        if self._long is not None:
            self._filled += count
            if self._filled == len(self._long):
                body, self._long = bytes(self._long), None
                self._deliver(self._long_kind, body)
        else:
            self._have += count
            try:
                self._cut()
            except ProtocolError as error:
                self._end(error)
                return
        if self._waiter is not None:
            if self._ready:
                waiter, self._waiter = self._waiter, None
                if not waiter.done():
                    self._hand_out(waiter)
            else:
                self._heard = monotonic()
        if self._ahead > _AHEAD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        got = self._have if self._long is None else self._filled + HEADER
        wanted = None if self._long is None else len(self._long) + HEADER
        self._end(failures.hung_up(self._node, got, wanted))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or failures.hung_up(self._node, self._have))

    # ---- inside ------------------------------------------------------------------------------

    def _cut(self) -> None:
        """Take whole frames out of the buffer."""
        at = 0
        while self._have - at >= HEADER:
            if not self._asked:
                raise ProtocolError("bytes that nobody asked for", node=str(self._node))
            start = at + HEADER
            kind, size = body_size(self._buffer[at:start], self._asked)
            end = start + size
            if end <= self._have:
                self._deliver(kind, bytes(self._view[start:end]))
                at = end
            elif size + HEADER > _BUFFER:
                self._long = bytearray(size)
                self._long_kind = kind
                self._filled = self._have - start
                self._long[: self._filled] = self._view[start : self._have]
                at = self._have
            else:
                break
        if at:
            self._buffer[: self._have - at] = self._buffer[at : self._have]
            self._have -= at
        if self._have and not self._asked:
            raise ProtocolError("bytes that nobody asked for", node=str(self._node))

    def _hand_out(self, waiter: asyncio.Future[bytes]) -> None:
        kind, body = self._ready.popleft()
        self._ahead -= len(body)
        try:
            waiter.set_result(opened(kind, body, self._asked))
        except ProtocolError as error:
            waiter.set_exception(error)

    def _deliver(self, kind: int, body: bytes) -> None:
        self._ready.append((kind, body))
        self._ahead += len(body)

    def _watch(self) -> None:
        """See that the timer fires no later than the command's time is over."""
        when = min(self._deadline, self._heard + self._silence)
        if when < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = when
            self._timer = self._loop.call_later(max(0.0, when - monotonic()), self._fire)

    def _fire(self) -> None:
        self._timer, self._timer_at = None, _NEVER
        if self._waiter is None or self._waiter.done():
            return
        if monotonic() < min(self._deadline, self._heard + self._silence):
            self._watch()
        else:
            self._end(TimeoutError())

    def _end(self, error: BaseException) -> None:
        if self._error is not None:
            return
        self._error = error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        if self.on_end is not None:
            on_end, self.on_end = self.on_end, None
            on_end()
