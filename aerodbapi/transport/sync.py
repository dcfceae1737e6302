"""SyncCarrier: conversations on blocking sockets, forks on threads, tending on a daemon thread.

`exchange` is the short road for single-record commands: a warm connection from a lock-free
pool, one send, one receive. Everything else goes through the engine's loop.

A command is sent a second time only when its first send failed: the node then had an
incomplete frame at most, which it cannot have processed. All other failures are for the
conversation to judge.
"""

from __future__ import annotations

import os
import threading
import weakref
from functools import partial
from time import monotonic
from typing import Final, NoReturn

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Conversation, Exchange, Fork, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import ConnectionFailed, QueryAborted
from aerodbapi.protocol.frame import MESSAGE
from aerodbapi.transport import failures
from aerodbapi.transport.blocking import (
    CHUNK,
    NEVER,
    SLACK,
    SLACK_SECONDS,
    Connection,
    Frames,
    limit_of,
    whole_reply,
)
from aerodbapi.transport.carrier import BaseCarrier, Drive, OpenStream
from aerodbapi.transport.dialing import Dialer
from aerodbapi.transport.pool import FRESH, Pool
from aerodbapi.transport.tending import Tender
from aerodbapi.transport.wire import HEADER, MESSAGE_WORD, unpack_word
from aerodbapi.transport.workers import Gathering, Scope, Workers

__all__ = ["SyncCarrier"]

#: Seconds that the end of a fork waits for its branches, which were interrupted before.
_JOIN_SECONDS: Final = 5.0
#: Longest wait for a free connection when the command has no deadline, in seconds.
_POOL_WAIT: Final = 30.0


class SyncCarrier(BaseCarrier):
    """Carries conversations for threads. Safe for any number of threads and across os.fork."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_dialer",
        "_lock",
        "_pools",
        "_tender",
        "_workers",
        "cluster",
        "conninfo",
    )

    def __init__(self, conninfo: ConnInfo, cluster: Cluster) -> None:
        self.conninfo = conninfo
        self.cluster = cluster
        self._dialer = Dialer(conninfo)
        self._pools: list[Pool[Connection]] = []
        self._lock = threading.RLock()
        self._workers = Workers()
        self._tender: Tender | None = None
        self._closed = False
        _carriers.add(self)

    # ---- one request, one reply --------------------------------------------------------------

    def exchange(
        self,
        node: Node,
        request: bytes,
        socket_timeout: float | None = None,
        deadline: float | None = None,
        scope: Scope | None = None,
    ) -> bytes:
        """Send a frame to `node` and return the body of its reply.

        `socket_timeout`: longest silence in seconds, `deadline`: time.monotonic() seconds; None
        is no limit. Raises Timeout, ConnectionFailed, ProtocolError, AuthenticationError and
        OperationalError (-7: no free connection), with node and in_doubt as `effects` says.
        """
        now = monotonic()
        limit = socket_timeout or NEVER
        if deadline is not None and deadline - now < limit:
            limit = deadline - now
        pool: Pool[Connection] = node.link
        connection: Connection | None = None
        sent = False
        try:
            try:
                connection = pool.idle.pop()
            except (IndexError, AttributeError):  # none idle; no pool yet
                connection = None
            if connection is None or now - connection.used > FRESH or limit <= 0:
                doubtful, connection = connection, None
                pool = self._pool(node)
                connection = self._acquire(pool, doubtful, socket_timeout, deadline, scope)
            if scope is not None:
                scope.enter(connection)
            if not limit <= connection.timeout <= limit * SLACK + SLACK_SECONDS:
                connection.arm(limit_of(node, socket_timeout, deadline))
            try:
                connection.send(request)
            except OSError as error:
                connection = self._replaced(
                    pool, connection, error, socket_timeout, deadline, scope
                )
                connection.send(request)
            sent = True
            connection.used = now
            data = connection.recv(CHUNK)
            size = len(data) - HEADER
            if size >= 0 and unpack_word(data)[0] - size == MESSAGE_WORD and request[1] == MESSAGE:
                body = data[HEADER:]
            else:
                body = whole_reply(connection, node, request[1], data, socket_timeout, deadline)
        except BaseException as error:
            self._fail(error, node, connection, scope, sent=sent, doing="in a command")
        if scope is not None:
            scope.leave(connection)
        pool.idle.append(connection)
        if pool.waiting or pool.closed:
            pool.returned()
        return body

    def _acquire(
        self,
        pool: Pool[Connection],
        doubtful: Connection | None,
        socket_timeout: float | None,
        deadline: float | None,
        scope: Scope | None,
    ) -> Connection:
        """Return a connection to send on, made anew if need be; its timeout is not set.

        `doubtful`: one that was taken from the pool without a look.
        """
        limit = 0.0
        try:
            limit = limit_of(pool.node, socket_timeout, deadline)
        finally:
            if doubtful is not None:
                pool.idle.append(doubtful)
        until = monotonic() + min(limit, _POOL_WAIT)
        return pool.acquire(
            lambda slot: self._dialer.dial(pool, slot, deadline),
            until,
            (lambda: None) if scope is None else scope.check,
        )

    def _replaced(
        self,
        pool: Pool[Connection],
        connection: Connection,
        error: OSError,
        socket_timeout: float | None,
        deadline: float | None,
        scope: Scope | None,
    ) -> Connection:
        """Return another connection for one that the node had closed while it was idle."""
        if isinstance(error, (BlockingIOError, TimeoutError)):
            raise error
        if scope is not None:
            scope.leave(connection)
        connection.close()
        pool.weed()
        fresh = self._acquire(pool, None, socket_timeout, deadline, scope)
        if scope is not None:
            scope.enter(fresh)
        fresh.arm(limit_of(pool.node, socket_timeout, deadline))
        return fresh

    def _fail(
        self,
        error: BaseException,
        node: Node,
        connection: Connection | None,
        scope: Scope | None,
        *,
        sent: bool,
        doing: str,
    ) -> NoReturn:
        """Drop the connection, and raise what `error` means."""
        if connection is not None:
            if scope is not None:
                scope.leave(connection)
            connection.close()
            pool = node.link
            if pool is not None:
                pool.returned(broken=isinstance(error, (ConnectionFailed, OSError)))
        if scope is not None and scope.ended and isinstance(error, Exception):
            aborted = scope.aborted()
            aborted.in_doubt = sent
            raise aborted from error
        if self._closed and isinstance(error, Exception):
            raise failures.closed() from error
        failure = failures.failure(error, node, sent=sent, doing=doing)
        if failure is None or failure is error:
            raise error
        raise failure from error

    # ---- connections -------------------------------------------------------------------------

    def _pool(self, node: Node) -> Pool[Connection]:
        pool: Pool[Connection] | None = node.link
        if pool is not None and not pool.closed:
            return pool
        with self._lock:
            if self._closed:
                raise failures.closed()
            if node.link is None or node.link.closed:
                pool = Pool(node, self.conninfo)
                self._pools.append(pool)
                node.link = pool
            if self._tender is not None:
                self._tender.ensure()
            found: Pool[Connection] = node.link
            return found

    # ---- effects -----------------------------------------------------------------------------

    def _exchange(self, effect: Exchange, scope: Scope | None) -> bytes:
        return self.exchange(
            effect.node, effect.request, effect.socket_timeout, effect.deadline, scope
        )

    def _open(self, effect: Stream, scope: Scope | None) -> OpenStream:
        """Send a stream's request, on another connection if the node had closed the first."""
        node = effect.node
        pool = self._pool(node)
        connection: Connection | None = None
        limits = (effect.socket_timeout, effect.deadline)
        try:
            connection = self._acquire(pool, None, *limits, scope)
            if scope is not None:
                scope.enter(connection)
            connection.arm(limit_of(node, *limits))
            try:
                connection.send(effect.request)
            except OSError as error:
                connection = self._replaced(pool, connection, error, *limits, scope)
                connection.send(effect.request)
            connection.used = monotonic()
        except BaseException as error:
            self._fail(error, node, connection, scope, sent=False, doing="sending a query")
        return _Stream(self, pool, connection, effect, scope)

    def _together(self, fork: Fork, scope: Scope | None, *, spread: bool) -> Drive:
        """Run branches on threads; the caller reads their items, or drives the last itself."""
        branches = fork.branches
        gathering = Gathering(scope, len(branches), stop_on_error=fork.stop_on_error)
        others = branches if spread else branches[:-1]
        try:
            for index, branch in enumerate(others):
                self._workers.start(partial(self._work, gathering, index, branch, spread))
            if not spread:
                yield from self._inline(gathering, branches[-1])
            while (items := gathering.get()) is not None:
                yield items
        except BaseException:
            gathering.end()
            raise
        finally:
            gathering.join(_JOIN_SECONDS)
        if gathering.crash is not None:
            raise gathering.crash
        return gathering.outcomes

    def _inline(self, gathering: Gathering, branch: Conversation[object]) -> Drive:
        """Drive the last branch in the caller's thread."""
        outcome: object = None
        try:
            outcome = yield from self._branch(branch, gathering, spread=False)
        finally:
            gathering.finish(len(gathering.outcomes) - 1, outcome)

    def _work(
        self, gathering: Gathering, index: int, branch: Conversation[object], spread: bool
    ) -> None:
        """Drive one branch on a worker's thread; tells the gathering how it ended."""
        drive = self._branch(branch, gathering, spread=spread)
        try:
            while True:
                items = next(drive)
                try:
                    gathering.put(items)
                except QueryAborted as error:
                    drive.throw(error)
        except StopIteration as stop:
            gathering.finish(index, stop.value)
        except BaseException as error:
            gathering.finish(index, None, error)

    # ---- life --------------------------------------------------------------------------------

    def use_password(self, password: str) -> None:
        """Log in with this password from now on; connections that are open stay."""
        self.conninfo = self.conninfo.replace(password=password)
        self._dialer = Dialer(self.conninfo)

    def start_tending(self) -> None:
        """Tend the cluster each tend_interval, on a daemon thread, until `close`."""
        with self._lock:
            if self._closed:
                raise failures.closed()
            if self._tender is None:
                self._tender = Tender(self, self.conninfo.tend_interval / 1000)
            self._tender.ensure()

    def reap(self) -> None:
        """Close connections that were idle too long, and the pools of nodes that are gone."""
        # By link: a probed node hands its pool on to the node that it turned out to be.
        known = {id(node.link) for node in self.cluster.nodes.values()}
        now = monotonic()
        with self._lock:
            for pool in list(self._pools):
                pool.reap(now)
                if id(pool) not in known:
                    pool.drain()
                    if not pool.live:
                        pool.close()
                        self._pools.remove(pool)

    def close(self) -> None:
        """End the tending and every connection: commands under way raise ConnectionClosed."""
        with self._lock:
            self._closed = True
            pools, self._pools = self._pools, []
            tender, self._tender = self._tender, None
        if tender is not None:
            tender.stop()
        for pool in pools:
            pool.close()
            pool.interrupt()
        self._workers.close()

    def _forget_parent(self) -> None:
        """In the child of a fork: drop what the parent goes on using. Its threads are not here."""
        self._lock = threading.RLock()
        self._workers = Workers()
        self._dialer = Dialer(self.conninfo)
        pools, self._pools = self._pools, []
        for pool in pools:
            pool.abandon()
        if self._tender is not None:
            self._tender = Tender(self, self.conninfo.tend_interval / 1000)


class _Stream:
    """An open reply of many frames, with the connection that brings it."""

    __slots__ = ("_carrier", "_connection", "_frames", "_node", "_pool", "_scope")

    def __init__(
        self,
        carrier: SyncCarrier,
        pool: Pool[Connection],
        connection: Connection,
        effect: Stream,
        scope: Scope | None,
    ) -> None:
        self._carrier = carrier
        self._pool = pool
        self._connection: Connection | None = connection
        self._node = effect.node
        self._scope = scope
        self._frames = Frames(
            connection, effect.node, effect.request[1], effect.socket_timeout, effect.deadline
        )

    def next(self) -> bytes:
        """Return the next frame's body; after an error the stream is closed."""
        connection = self._connection
        if connection is None:
            raise ConnectionFailed("the stream is closed", node=str(self._node), in_doubt=True)
        try:
            return self._frames.next()
        except BaseException as error:
            self._connection = None
            self._carrier._fail(
                error, self._node, connection, self._scope, sent=True, doing="reading a query"
            )

    def close(self, reusable: bool) -> None:
        """Give the connection back, or close it when frames may still come."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._scope is not None:
            self._scope.leave(connection)
        if reusable and self._frames.drained:
            connection.used = monotonic()
            self._pool.release(connection)
        else:
            connection.close()
            self._pool.returned()


_carriers: weakref.WeakSet[SyncCarrier] = weakref.WeakSet()


def _after_fork() -> None:
    for carrier in list(_carriers):
        carrier._forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
