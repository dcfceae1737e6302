"""AsyncCarrier: conversations on asyncio, forks as tasks, tending as a task.

One carrier belongs to one event loop: the first that uses it. Whatever ends a command early
(cancellation, a timeout, a closed iterator) closes the connection that it used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import deque
from functools import partial
from time import monotonic
from typing import Final, NoReturn

from aerodbapi.cluster import tend
from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Exchange, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import ConnectionFailed, Error, InterfaceError, ProtocolError
from aerodbapi.transport import connect, failures
from aerodbapi.transport.async_connection import AsyncConnection
from aerodbapi.transport.async_engine import AsyncEngine, AsyncStream
from aerodbapi.transport.blocking import NEVER, limit_of
from aerodbapi.transport.login import Credentials, authenticate
from aerodbapi.transport.pool import FRESH, BasePool

__all__ = ["AsyncCarrier"]

_log = logging.getLogger("aerodbapi.tend")
#: Longest wait for a free connection when the command has no deadline, in seconds.
_POOL_WAIT: Final = 30.0


class _AsyncPool(BasePool[AsyncConnection]):
    """A pool that coroutines wait on."""

    __slots__ = ("login_lock", "waiters")

    def __init__(self, node: Node, conninfo: ConnInfo) -> None:
        super().__init__(node, conninfo)
        self.waiters: deque[asyncio.Future[None]] = deque()
        self.login_lock = asyncio.Lock()

    def release(self, connection: AsyncConnection) -> None:
        """Give back a connection whose reply was read to its end."""
        connection.rest()
        self.idle.append(connection)
        if self.closed:
            self.drain()
        if self.waiters:
            self.wake()

    def forget(self, slot: object) -> None:
        """Free the slot of a connection that ended."""
        self.live.pop(slot, None)
        self.wake()

    def wake(self) -> None:
        """Wake one coroutine that waits for a connection."""
        while self.waiters:
            waiter = self.waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def wait(self, until: float) -> None:
        """Wait until a connection may be free. Raises OperationalError (-7) after `until`."""
        left = until - monotonic()
        waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        try:
            if left > 0:
                await asyncio.wait_for(waiter, left)
                return
        except asyncio.TimeoutError:
            pass
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.wake()  # the turn was ours: pass it on
            raise
        with contextlib.suppress(ValueError):
            self.waiters.remove(waiter)
        raise failures.no_connection(self.node, self.limit)


class AsyncCarrier(AsyncEngine):
    """Carries conversations for the coroutines of one event loop."""

    def __init__(self, conninfo: ConnInfo, cluster: Cluster) -> None:
        self.conninfo = conninfo
        self.cluster = cluster
        self._credentials = Credentials(conninfo)
        self._context: ssl.SSLContext | None = None
        self._pools: list[_AsyncPool] = []
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
            pool = self._pool(node)
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
        self, pool: _AsyncPool, socket_timeout: float | None, deadline: float | None
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
                try:
                    return await self._dial(pool, slot, deadline)
                except BaseException:
                    pool.forget(slot)
                    raise
            await pool.wait(until)

    def _idle(self, pool: _AsyncPool) -> AsyncConnection | None:
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

    def _pool(self, node: Node) -> _AsyncPool:
        self._enter()
        pool: _AsyncPool | None = node.link
        if pool is None or pool.closed:
            pool = node.link = _AsyncPool(node, self.conninfo)
            self._pools.append(pool)
        return pool

    async def _dial(
        self, pool: _AsyncPool, slot: object, deadline: float | None
    ) -> AsyncConnection:
        """Connect, encrypt and log in; all of it within connect_timeout and login_timeout."""
        node = pool.node
        limit = limit_of(node, self.conninfo.connect_timeout / 1000, deadline)
        connection = await self._connected(node, None if limit == NEVER else limit)
        pool.live[slot] = connection
        connection.on_end = partial(pool.forget, slot)
        if self._credentials.needed and not pool.session.open:
            try:
                await self._log_in(pool, connection, deadline)
            except BaseException as error:
                connection.close()
                failure = failures.no_login(error, node)
                if failure is None or failure is error:
                    raise
                raise failure from error
        return connection

    async def _connected(self, node: Node, limit: float | None) -> AsyncConnection:
        """Try the addresses of the node's host in the resolver's order."""
        if self._context is None and self.conninfo.tls is not None:
            self._context = connect.tls_context(self.conninfo.tls)
        loop = asyncio.get_running_loop()
        until = None if limit is None else monotonic() + limit
        try:
            found = await asyncio.wait_for(
                loop.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM), limit
            )
        except (OSError, UnicodeError, asyncio.TimeoutError) as error:
            raise ConnectionFailed(
                f"cannot find host {node.host!r}: {failures.reason(error)}", node=str(node)
            ) from error
        attempts = []
        for position, (family, kind, protocol, _, address) in enumerate(found):
            left = None if until is None else max(until - monotonic(), 0.001)
            share = None if left is None else left / (len(found) - position)
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                connect.options(sock)
                await asyncio.wait_for(loop.sock_connect(sock, address), share)
            except OSError as error:
                sock.close()
                attempts.append(f"{address[0]}: {connect.words(error)}")
            except asyncio.TimeoutError:  # an OSError since Python 3.11 only
                sock.close()
                attempts.append(f"{address[0]}: timed out")
            except BaseException:
                sock.close()
                raise
            else:
                return await self._wrapped(node, sock, until)
        raise ConnectionFailed(f"cannot connect: {'; '.join(attempts)}", node=str(node))

    async def _wrapped(
        self, node: Node, sock: socket.socket, until: float | None
    ) -> AsyncConnection:
        """Put the protocol, and TLS if asked for, on a connected socket."""
        loop = asyncio.get_running_loop()
        name = connect.tls_name(node, self.conninfo) if self._context is not None else None
        opening = loop.create_connection(
            partial(AsyncConnection, loop, node),
            sock=sock,
            ssl=self._context,
            server_hostname=name,
        )
        try:
            left = None if until is None else max(until - monotonic(), 0.001)
            _, connection = await asyncio.wait_for(opening, left)
        except asyncio.TimeoutError:
            sock.close()
            raise failures.tls_failure(TimeoutError("the handshake timed out"), node) from None
        except (OSError, ValueError) as error:
            sock.close()
            raise failures.tls_failure(error, node) from error
        except BaseException:
            sock.close()
            raise
        return connection

    async def _log_in(
        self, pool: _AsyncPool, connection: AsyncConnection, deadline: float | None
    ) -> None:
        async with pool.login_lock:
            if pool.session.current() is None:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, self._credentials.prepare)
            until = monotonic() + (self.conninfo.login_timeout / 1000 or NEVER)
            if deadline is not None:
                until = min(until, deadline)
            steps = authenticate(self._credentials, pool.session)
            request = next(steps, None)
            while request is not None:
                connection.ask(request, None, until)
                try:
                    request = steps.send(await connection.next())
                except StopIteration:
                    break
        connection.rest()

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

    def start_tending(self) -> None:
        """Tend the cluster each tend_interval, in a task, until `close`."""
        self._enter()
        if self._tending is None:
            self._tending = asyncio.ensure_future(self._tend())

    async def _tend(self) -> None:
        while True:
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
        self, carrier: AsyncCarrier, pool: _AsyncPool, connection: AsyncConnection, node: Node
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
