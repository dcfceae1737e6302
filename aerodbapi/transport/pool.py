"""The connections of one node that are not in use, and the rules that every pool shares.

The hot path takes and returns with `idle.pop()` and `idle.append()`, atomic on a deque, and
holds no lock. `live` has an entry for each connection that exists: its size is the number that
`max_connections` limits. The newest connection is used first, so that surplus ones grow old
and are reaped.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.transport import failures
from aerodbapi.transport.login import Session

__all__ = ["FRESH", "BasePool", "Pool", "Pooled"]

#: Seconds for which an idle connection is taken to be alive without a look.
FRESH: Final = 1.0
#: Longest wait for a wake-up that was lost (a connection dropped without being returned).
_SLICE: Final = 0.05


class Pooled(Protocol):
    """What a pool keeps. `used`: time.monotonic() of its last command."""

    used: float

    def close(self) -> None: ...

    def interrupt(self) -> None: ...

    def alive(self) -> bool:
        """Look, without waiting, whether the peer hung up."""


_C = TypeVar("_C", bound=Pooled)


class BasePool(Generic[_C]):
    """A node's idle connections. `limit`: max_connections. `max_idle`: seconds, inf for ever.

    `opened`: how many connections were made so far.
    """

    __slots__ = ("closed", "idle", "limit", "live", "max_idle", "node", "opened", "session")

    def __init__(self, node: Node, conninfo: ConnInfo) -> None:
        self.node = node
        self.limit = conninfo.max_connections
        self.max_idle = float(conninfo.max_idle or "inf")
        self.idle: deque[_C] = deque()
        self.live: dict[object, Any] = {}
        self.session = Session()
        self.closed = False
        self.opened = 0  # connections so far

    def take(self, now: float) -> _C | None:
        """Return an idle connection that is alive, or None; dead ones are closed."""
        while True:
            try:
                connection = self.idle.pop()
            except IndexError:
                return None
            age = now - connection.used
            if age < FRESH or (age < self.max_idle and connection.alive()):
                return connection
            connection.close()

    def reap(self, now: float) -> int:
        """Close connections that were idle too long; return how many."""
        count = 0
        while self.idle and now - self.idle[0].used >= self.max_idle:
            try:
                connection = self.idle.popleft()
            except IndexError:  # taken by another thread meanwhile
                break
            if now - connection.used < self.max_idle:
                self.idle.append(connection)
                break
            connection.close()
            count += 1
        return count

    def weed(self) -> None:
        """Close the idle connections that the node has closed."""
        for _ in range(len(self.idle)):
            try:
                connection = self.idle.popleft()
            except IndexError:
                break
            if connection.alive():
                self.idle.append(connection)
            else:
                connection.close()

    def drain(self) -> None:
        """Close the idle connections."""
        while self.idle:
            try:
                self.idle.popleft().close()
            except IndexError:
                break


class Pool(BasePool[_C]):
    """A pool that threads wait on."""

    __slots__ = ("_freed", "login_lock", "waiting")

    def __init__(self, node: Node, conninfo: ConnInfo) -> None:
        super().__init__(node, conninfo)
        self._freed = threading.Condition()
        self.login_lock = threading.Lock()
        self.waiting = 0

    def acquire(
        self, connect: Callable[[object], _C], until: float, stopped: Callable[[], None]
    ) -> _C:
        """Return an idle connection, or what `connect(slot)` makes; waits for one until `until`.

        `connect` owns `slot`: whoever closes the connection takes it out of `live`. `stopped`
        raises when waiting makes no sense any more.
        Raises OperationalError (code -7) when all of `limit` stay in use.
        """
        slot = object()
        try:
            while True:
                connection = self.take(time.monotonic())
                if connection is not None:
                    return connection
                if self._claim(slot, until):
                    return connect(slot)
                stopped()
        except BaseException:
            self.live.pop(slot, None)
            self.wake()
            raise

    def _claim(self, slot: object, until: float) -> bool:
        """Take a slot in `live`; or wait a little until one may be free, and return False."""
        with self._freed:
            if self.closed:
                raise failures.closed()
            if len(self.live) < self.limit:
                self.live[slot] = None
                self.opened += 1
                return True
            left = until - time.monotonic()
            if left <= 0:
                raise failures.no_connection(self.node, self.limit)
            self.waiting += 1
            try:
                if not self.idle:
                    self._freed.wait(min(left, _SLICE))
            finally:
                self.waiting -= 1
        return False

    def release(self, connection: _C) -> None:
        """Give back a connection whose reply was read to its end."""
        self.idle.append(connection)
        if self.waiting or self.closed:
            self.returned()

    def returned(self, *, broken: bool = False) -> None:
        """Follow a connection's return or end; `broken`: the node may have dropped all others."""
        if self.closed:
            self.drain()
        elif broken:
            self.weed()
        if self.waiting:
            self.wake()

    def wake(self) -> None:
        """Wake one thread that waits for a connection."""
        with self._freed:
            self._freed.notify()

    def interrupt(self) -> None:
        """Make the commands that are under way fail."""
        for sock in list(self.live.values()):
            if sock is not None:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def abandon(self) -> None:
        """Close this process's copies of the sockets without a word to the peer (after a fork)."""
        self.closed = True
        for sock in list(self.live.values()):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.close()
        self.idle.clear()

    def close(self) -> None:
        """Close idle connections now and those in use when they come back."""
        self.closed = True
        self.drain()
        with self._freed:
            self._freed.notify_all()
