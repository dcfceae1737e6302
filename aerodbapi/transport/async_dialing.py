"""New connections for asyncio: the pool that counts them, TCP, TLS, login."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from functools import partial
from time import monotonic

from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import ConnectionFailed
from aerodbapi.transport import connect, failures
from aerodbapi.transport.async_connection import AsyncConnection
from aerodbapi.transport.blocking import NEVER, limit_of
from aerodbapi.transport.login import Credentials, authenticate
from aerodbapi.transport.pool import BasePool

__all__ = ["AsyncDialer", "AsyncPool"]


class AsyncPool(BasePool[AsyncConnection]):
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


class AsyncDialer:
    """Makes connections that are ready for commands."""

    __slots__ = ("_context", "_credentials", "conninfo")

    def __init__(self, conninfo: ConnInfo) -> None:
        self.conninfo = conninfo
        self._credentials = Credentials(conninfo)
        self._context: ssl.SSLContext | None = None

    async def dial(self, pool: AsyncPool, slot: object, deadline: float | None) -> AsyncConnection:
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
        self, pool: AsyncPool, connection: AsyncConnection, deadline: float | None
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
