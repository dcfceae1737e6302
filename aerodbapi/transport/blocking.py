"""A blocking connection and the frames that come over it.

Timeouts are the kernel's (SO_RCVTIMEO, SO_SNDTIMEO) on a socket that Python sees as blocking:
Python's own would poll before each call. They are set only when they change, so that an
exchange on a warm connection is two system calls. OpenSSL retries for ever on a blocking
socket, whence TLS uses Python's timeouts, as do systems whose `struct timeval` we do not know.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from struct import Struct
from time import monotonic
from typing import Any, Final

from aerodbapi.errors import ProtocolError
from aerodbapi.transport import failures
from aerodbapi.transport.wire import HEADER, body_size, opened

__all__ = [
    "CHUNK",
    "NEVER",
    "SLACK",
    "SLACK_SECONDS",
    "Connection",
    "Frames",
    "limit_of",
    "whole_reply",
]

#: "No timeout", as seconds.
NEVER: Final = float("inf")
#: Bytes asked of the kernel at a time: more than nearly every record.
CHUNK: Final = 16384
_BULK: Final = 1 << 18
_KERNEL_TIMEOUTS: Final = sys.platform in ("linux", "darwin")
_TIMEVAL: Final = Struct("@ll")
#: A timeout may be this much longer than asked for before it is set anew.
SLACK: Final = 1.0625
SLACK_SECONDS: Final = 0.002


def limit_of(node: object, socket_timeout: float | None, deadline: float | None) -> float:
    """Return the seconds that the next system call may take. Raises Timeout when none are left."""
    limit = socket_timeout or NEVER
    if deadline is not None:
        limit = min(limit, deadline - monotonic())
        if limit <= 0:
            raise failures.too_late(node)
    return limit


class Connection:
    """A connected socket, with its slot in the pool's `live`, which `close` gives back.

    `used`: time.monotonic() at the start of its last command. `timeout`: seconds, now set.
    A connection that nobody holds any more closes itself (an interrupt may strike anywhere).
    """

    __slots__ = ("__weakref__", "_live", "_slot", "_tls", "recv", "send", "sock", "timeout", "used")

    def __init__(self, sock: socket.socket, live: dict[object, Any], slot: object) -> None:
        self.sock = sock
        self._live = live
        self._slot = slot
        live[slot] = sock
        self._tls = isinstance(sock, ssl.SSLSocket)
        self.send = sock.sendall
        self.recv = sock.recv
        self.used = monotonic()
        self.timeout = -1.0
        sock.settimeout(None)
        self.set_timeout(NEVER)

    def set_timeout(self, seconds: float) -> None:
        """Let each send and receive take `seconds` (above 0; NEVER: no limit)."""
        if self._tls or not _KERNEL_TIMEOUTS:
            self.sock.settimeout(None if seconds == NEVER else seconds)
        else:
            micros = 0 if seconds == NEVER else max(1, int(min(seconds, 1e9) * 1e6))
            value = _TIMEVAL.pack(*divmod(micros, 1_000_000))
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, value)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, value)
        self.timeout = seconds

    def arm(self, limit: float) -> None:
        """See that system calls take about `limit` seconds at most."""
        if not limit <= self.timeout <= limit * SLACK + SLACK_SECONDS:
            # From the middle of the range: commands whose limits differ a little share it.
            self.set_timeout(limit * (1 + SLACK) / 2 + SLACK_SECONDS / 2)

    def alive(self) -> bool:
        """Look, without waiting, whether the peer hung up or sent what nobody asked for."""
        try:
            if not self._tls:
                self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
                return False
            # TLS sends session tickets unasked: only the end of the stream counts.
            self.timeout = -1.0
            self.sock.settimeout(0)
            return bool(socket.socket.recv(self.sock, 1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except (OSError, ValueError):
            return False

    def interrupt(self) -> None:
        """Make whoever waits on this connection fail now."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown: it would drop the TLS state under the thread that waits.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket and give the slot back; more than once does no harm."""
        self._live.pop(self._slot, None)
        self.sock.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


class Frames:
    """Reads frames from a connection: `data` holds what came and was not yet handed out.

    `asked`: the request's kind of frame. `socket_timeout`, `deadline`: as in effects.Exchange.
    """

    __slots__ = ("_asked", "_at", "_connection", "_data", "_deadline", "_node", "_socket_timeout")

    def __init__(
        self,
        connection: Connection,
        node: object,
        asked: int,
        socket_timeout: float | None,
        deadline: float | None,
        data: bytes = b"",
    ) -> None:
        self._connection = connection
        self._node = node
        self._asked = asked
        self._socket_timeout = socket_timeout
        self._deadline = deadline
        self._data = data
        self._at = 0

    @property
    def drained(self) -> bool:
        """Tell whether nothing stands behind the last frame."""
        return self._at == len(self._data)

    def next(self) -> bytes:
        """Return the next frame's body, decompressed.

        Raises ProtocolError, ConnectionFailed (the peer hung up), Timeout and OSError.
        """
        while len(self._data) - self._at < HEADER:
            self._data = self._data[self._at :] + self._receive(_BULK)
            self._at = 0
        start = self._at + HEADER
        kind, size = body_size(self._data[self._at : start], self._asked)
        end = start + size
        if end <= len(self._data):
            body = self._data[start:end]
            self._at = end
        else:
            body = self._gather(self._data[start:], size)
            self._data, self._at = b"", 0
        return opened(kind, body, self._asked)

    def _gather(self, first: bytes, size: int) -> bytes:
        parts = [first]
        missing = size - len(first)
        while missing:
            part = self._receive(min(missing, _BULK), got=size - missing, wanted=size)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _receive(self, size: int, got: int = 0, wanted: int | None = None) -> bytes:
        connection = self._connection
        if self._deadline is not None or connection.timeout != self._socket_timeout:
            left = None if self._deadline is None else self._deadline - monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            connection.arm(min(self._socket_timeout or NEVER, NEVER if left is None else left))
        data = connection.recv(size)
        if not data:
            raise failures.hung_up(self._node, got or len(self._data) - self._at, wanted)
        return data


def whole_reply(
    connection: Connection,
    node: object,
    asked: int,
    data: bytes | None,
    socket_timeout: float | None,
    deadline: float | None,
) -> bytes:
    """Receive what is missing of a reply that begins with `data`; nothing may follow it.

    `data`: the first receive's bytes (b"": the node hung up), None before it.
    """
    if data == b"":
        raise failures.hung_up(node, 0)
    frames = Frames(connection, node, asked, socket_timeout, deadline, data or b"")
    body = frames.next()
    if not frames.drained:
        raise ProtocolError("bytes that nobody asked for follow a reply")
    return body
