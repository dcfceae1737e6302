"""AsyncCarrier: conversations on asyncio, forks as tasks, tending as a task.

One carrier belongs to one event loop: the first that uses it. Whatever ends a command early
(cancellation, a timeout, a closed iterator) closes the connection that it used.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import Final, NoReturn

from aerodbapi.cluster import tend
from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Exchange, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import ConnectionFailed, Error, InterfaceError, ProtocolError
from aerodbapi.transport import failures
from aerodbapi.transport.async_carrier import AsyncStream, BaseAsyncCarrier
from aerodbapi.transport.async_connection import AsyncConnection
from aerodbapi.transport.async_dialing import AsyncDialer, AsyncPool
from aerodbapi.transport.blocking import limit_of
from aerodbapi.transport.pool import FRESH

__all__ = ["AsyncCarrier"]

_log = logging.getLogger("aerodbapi.tend")
#: Longest wait for a free connection when the command has no deadline, in seconds.
_POOL_WAIT: Final = 30.0


class AsyncCarrier(BaseAsyncCarrier):
    """Carries conversations for the coroutines of one event loop."""

    def __init__(self, conninfo: ConnInfo, cluster: Cluster) -> None:
        self.conninfo = conninfo
        self.cluster = cluster
        self._dialer = AsyncDialer(conninfo)
        self._pools: list[AsyncPool] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tending: asyncio.Task[None] | None = None
        self._closed = False

    # ---- one request, one reply --------------------------------------------------------------

    async def exchange(
        self,
        node: Node,
        request: bytes,
        socket_timeout: float | None = None,
        deadline: float | None = None,
    ) -> bytes:
        """Send a frame to `node` and return the body of its reply.

        Limits and errors are those of SyncCarrier.exchange. InterfaceError on another loop.
        """
        connection: AsyncConnection | None = None
        sent = False
        try:
            pool: AsyncPool = self._pool(node)
            now = monotonic()
            idle = pool.idle
            fresh = idle and now - idle[-1].used < FRESH and idle[-1].alive()
            if fresh and (deadline is None or now < deadline):
                connection = idle.pop()
            else:
                connection = await self._acquire(pool, socket_timeout, deadline)
            connection.ask(request, socket_timeout, deadline)
            sent = True
            body = await connection.next()
            if not connection.drained:
                raise ProtocolError("bytes that nobody asked for follow a reply")
        except BaseException as error:
            self._fail(error, node, connection, sent=sent, doing="in a command")
        pool.release(connection)
        return body

    async def _acquire(
        self, pool: AsyncPool, socket_timeout: float | None, deadline: float | None
    ) -> AsyncConnection:
        until = monotonic() + min(limit_of(pool.node, socket_timeout, deadline), _POOL_WAIT)
        if pool.idle and monotonic() - pool.idle[-1].used > FRESH:
            # The loop may not have run for long: let it see which peers hung up.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        while True:
            connection = self._idle(pool)
            if connection is not None:
                return connection
            if self._closed:
                raise failures.closed()
            if len(pool.live) < pool.limit:
                slot = object()
                pool.live[slot] = None
                pool.opened += 1
                try:
                    return await self._dialer.dial(pool, slot, deadline)
                except BaseException:
                    pool.forget(slot)
                    raise
            await pool.wait(until)

    def _idle(self, pool: AsyncPool) -> AsyncConnection | None:
        now = monotonic()
        while pool.idle:
            connection = pool.idle.pop()
            if connection.alive() and now - connection.used < pool.max_idle:
                return connection
            connection.close()
        return None

    def _fail(
        self,
        error: BaseException,
        node: Node,
        connection: AsyncConnection | None,
        *,
        sent: bool,
        doing: str,
    ) -> NoReturn:
        """Drop the connection, and raise what `error` means."""
        if connection is not None:
            connection.close()
        if self._closed and isinstance(error, Exception):
            raise failures.closed() from error
        failure = failures.failure(error, node, sent=sent, doing=doing)
        if failure is None or failure is error:
            raise error
        raise failure from error

    # ---- connections -------------------------------------------------------------------------

    def _enter(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise InterfaceError(
                "this connection belongs to another event loop: open one in each loop"
            )
        if self._closed:
            raise failures.closed()

    def _pool(self, node: Node) -> AsyncPool:
        self._enter()
        pool: AsyncPool | None = node.link
        if pool is None or pool.closed:
            pool = node.link = AsyncPool(node, self.conninfo)
            self._pools.append(pool)
        return pool

    # ---- effects -----------------------------------------------------------------------------

    async def _exchange(self, effect: Exchange) -> bytes:
        return await self.exchange(
            effect.node, effect.request, effect.socket_timeout, effect.deadline
        )

    async def _open(self, effect: Stream) -> AsyncStream:
        connection: AsyncConnection | None = None
        try:
            pool = self._pool(effect.node)
            connection = await self._acquire(pool, effect.socket_timeout, effect.deadline)
            connection.ask(effect.request, effect.socket_timeout, effect.deadline)
        except BaseException as error:
            self._fail(error, effect.node, connection, sent=False, doing="sending a query")
        return _Stream(self, pool, connection, effect.node)

    # ---- life --------------------------------------------------------------------------------

    def use_password(self, password: str) -> None:
        """Log in with this password from now on; connections that are open stay."""
        self.conninfo = self.conninfo.replace(password=password)
        self._dialer = AsyncDialer(self.conninfo)

    def start_tending(self) -> None:
        """Tend the cluster each tend_interval, in a task, until `close`."""
        self._enter()
        if self._tending is None:
            self._tending = asyncio.ensure_future(self._tend())

    async def _tend(self) -> None:
        while not self._closed:  # also where a cancellation was lost on the way
            await asyncio.sleep(self.conninfo.tend_interval / 1000)
            try:
                await self.run(tend.tend(self.cluster))
                self.reap()
            except Error as error:
                _log.debug("tending failed: %s", error)
            except Exception:  # a bug must not leave the cluster untended
                _log.exception("tending failed")

    def reap(self) -> None:
        """Close connections that were idle too long, and the pools of nodes that are gone."""
        known = {id(node.link) for node in self.cluster.nodes.values()}
        now = monotonic()
        for pool in list(self._pools):
            pool.reap(now)
            if id(pool) not in known:
                pool.drain()
                if not pool.live:
                    pool.closed = True
                    self._pools.remove(pool)

    async def close(self) -> None:
        """End the tending and every connection: commands under way raise ConnectionClosed."""
        self._closed = True
        tending, self._tending = self._tending, None
        pools, self._pools = self._pools, []
        for pool in pools:
            pool.closed = True
            pool.drain()
            for connection in list(pool.live.values()):
                if connection is not None:
                    connection.close()
            while pool.waiters:
                pool.wake()
        if tending is not None:
            tending.cancel()
            await asyncio.wait([tending])
        await asyncio.sleep(0)  # aborted transports close their sockets in the loop's next turn


class _Stream:
    """An open reply of many frames, with the connection that brings it."""

    __slots__ = ("_carrier", "_connection", "_node", "_pool")

    def __init__(
        self, carrier: AsyncCarrier, pool: AsyncPool, connection: AsyncConnection, node: Node
    ) -> None:
        self._carrier = carrier
        self._pool = pool
        self._connection: AsyncConnection | None = connection
        self._node = node

    async def next(self) -> bytes:
        """Return the next frame's body; after an error the stream is closed."""
        connection = self._connection
        if connection is None:
            raise ConnectionFailed("the stream is closed", node=str(self._node), in_doubt=True)
        try:
            return await connection.next()
        except BaseException as error:
            self._connection = None
            self._carrier._fail(error, self._node, connection, sent=True, doing="reading a query")

    def close(self, reusable: bool) -> None:
        """Give the connection back, or close it when frames may still come."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if reusable and connection.alive():
            self._pool.release(connection)
        else:
            connection.close()
