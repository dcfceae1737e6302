"""A cluster with its carrier, opened and closed together: what every face stands on.

`Engine` waits, `AsyncEngine` is awaited; both run the same conversations. `call` is the short
road for single-record commands: one exchange, and only when that gives no answer the
conversation with its retries. Carriers and the embedded node are imported when they are used.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aerodbapi.cluster import tend
from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.commands import Resume, command, compressed, failure_of
from aerodbapi.cluster.observing import observed
from aerodbapi.errors import ConnectionClosed, Error, error_for
from aerodbapi.transport.workers import Scope

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.node import Node
    from aerodbapi.conninfo import ConnInfo
    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.native.calls import Call
    from aerodbapi.transport.aio import AsyncCarrier
    from aerodbapi.transport.async_loopback import AsyncLoopbackCarrier
    from aerodbapi.transport.loopback import LoopbackCarrier
    from aerodbapi.transport.sync import SyncCarrier

__all__ = ["AsyncEngine", "BaseEngine", "Engine"]

_T = TypeVar("_T")
CANCELLED: Final = "cancelled: connection.cancel() was called"


class BaseEngine:
    """What both engines hold: the options, the cluster, and the embedded node if there is one."""

    def __init__(self, conninfo: ConnInfo) -> None:
        self.conninfo = conninfo
        self.cluster = Cluster(conninfo)
        self.node: EmbeddedNode | None = None
        self._give_back: Callable[[ConnInfo, EmbeddedNode], None] | None = None
        self.closed = False

    def _embed(self) -> EmbeddedNode:
        from aerodbapi.native import embedding

        self.node = embedding.acquire(self.conninfo)
        self._give_back = embedding.release
        return self.node

    def _release(self) -> None:
        node, self.node = self.node, None
        if node is not None and self._give_back is not None:
            self._give_back(self.conninfo, node)

    def _retried(self, call: Call[Any], resume: Resume | None) -> Conversation[bytes]:
        return command(
            self.cluster,
            call.key[0],
            call.partition,
            call.frame,
            policy=call.policy,
            write=call.write,
            accept=call.accept,
            resume=resume,
        )

    def _observed(self, conversation: Conversation[_T]) -> Conversation[_T]:
        observer = self.cluster.observer
        if observer is None:
            return conversation
        return observed(self.cluster, observer.recorder, conversation)

    def use_password(self, password: str) -> None:
        """Log in with this password from now on."""
        self.conninfo = self.conninfo.replace(password=password)
        if not self.conninfo.embedded:
            carrier: Any = self.carrier  # type: ignore[attr-defined]  # both engines have one
            carrier.use_password(password)

    def _in_full(self, call: Call[Any]) -> Conversation[bytes]:
        """The conversation of a command in a transaction, or under observation."""
        if call.txn is None:
            return self._retried(call, None)
        from aerodbapi.native import transactions  # few programs need them

        return transactions.carry_out(self.cluster, call)

    def _first_frame(self, call: Call[Any]) -> bytes:
        return compressed(call.frame, call.policy) if call.policy.compress else call.frame

    def _aim(self, call: Call[Any]) -> Node:
        """The node for the first try."""
        if self.closed:
            raise ConnectionClosed("the connection is closed")
        replica = call.policy.replica
        if call.write and replica != "master":
            replica = "sequence"
        key = call.key
        digest = key[3]
        node = self.cluster.node_for(key[0], (digest[0] | digest[1] << 8) & 4095, 0, replica)
        if node.tripped:
            raise error_for(-14, node=str(node))
        return node


class Engine(BaseEngine):
    """The engine of the synchronous faces. Build it with `open`."""

    carrier: SyncCarrier | LoopbackCarrier

    def __init__(self, conninfo: ConnInfo) -> None:
        super().__init__(conninfo)
        self._scope = Scope()

    @classmethod
    def open(cls, conninfo: ConnInfo) -> Engine:
        """Connect. Raises ConnectionFailed naming every seed, or the embedded node's error."""
        engine = cls(conninfo)
        if conninfo.embedded:
            from aerodbapi.transport.loopback import LoopbackCarrier

            node = engine._embed()
            engine.carrier = LoopbackCarrier(lambda _: node)
        else:
            from aerodbapi.transport.sync import SyncCarrier

            engine.carrier = SyncCarrier(conninfo, engine.cluster)
        try:
            engine.carrier.run(tend.connect(engine.cluster))
        except BaseException:
            engine.close()
            raise
        engine.carrier.start_tending()
        return engine

    def call(self, call: Call[_T]) -> _T:
        """Carry out a single-record command."""
        if call.txn is not None or self.cluster.observer is not None:
            return call.read(self.run(self._in_full(call)), call.key)
        policy = call.policy
        started = time.monotonic()
        total, silence = policy.total_timeout, policy.socket_timeout
        node = None
        try:
            node = self._aim(call)
            body = self.carrier.exchange(
                node,
                self._first_frame(call),
                silence / 1000 if silence else None,
                started + total / 1000 if total else None,
            )
            if len(body) >= 22 and body[5] in call.accept:
                return call.read(body, call.key)
            error = failure_of(body, node)
        except ConnectionClosed:
            raise
        except Error as failure:
            error = failure
        body = self.carrier.run(self._retried(call, Resume(error, node, started)))
        return call.read(body, call.key)

    def run(self, conversation: Conversation[_T]) -> _T:
        """Run a conversation to its end."""
        self._check_open()
        return self.carrier.run(self._observed(conversation), self._scope)

    def iterate(self, conversation: Conversation[Any]) -> Generator[Any, None, None]:
        """Yield what a conversation emits."""
        self._check_open()
        return self.carrier.iterate(self._observed(conversation), self._scope)

    def cancel(self) -> None:
        """Stop every conversation that is under way: it raises QueryAborted where it is run.

        Single-record commands run to their end. Any thread may call this.
        """
        scope, self._scope = self._scope, Scope()
        scope.end(CANCELLED)

    def close(self) -> None:
        """Close all connections, and the embedded node when this was its last user."""
        if self.closed:
            return
        self.closed = True
        self.carrier.close()
        self._release()

    def _check_open(self) -> None:
        if self.closed:
            raise ConnectionClosed("the connection is closed")


class AsyncEngine(BaseEngine):
    """The engine of the asynchronous faces. Build it with `open`, inside an event loop."""

    carrier: AsyncCarrier | AsyncLoopbackCarrier

    def __init__(self, conninfo: ConnInfo) -> None:
        super().__init__(conninfo)
        from aerodbapi.transport.async_scope import AsyncScope

        self._scope = AsyncScope()

    @classmethod
    async def open(cls, conninfo: ConnInfo) -> AsyncEngine:
        """Connect. Raises ConnectionFailed naming every seed, or the embedded node's error."""
        engine = cls(conninfo)
        if conninfo.embedded:
            from aerodbapi.transport.async_loopback import AsyncLoopbackCarrier

            node = engine._embed()
            engine.carrier = AsyncLoopbackCarrier(lambda _: node)
        else:
            from aerodbapi.transport.aio import AsyncCarrier

            engine.carrier = AsyncCarrier(conninfo, engine.cluster)
        try:
            await engine.carrier.run(tend.connect(engine.cluster))
        except BaseException:
            await engine.close()
            raise
        engine.carrier.start_tending()
        return engine

    async def call(self, call: Call[_T]) -> _T:
        """Carry out a single-record command."""
        if call.txn is not None or self.cluster.observer is not None:
            return call.read(await self.run(self._in_full(call)), call.key)
        policy = call.policy
        started = time.monotonic()
        total, silence = policy.total_timeout, policy.socket_timeout
        node = None
        try:
            node = self._aim(call)
            body = await self.carrier.exchange(
                node,
                self._first_frame(call),
                silence / 1000 if silence else None,
                started + total / 1000 if total else None,
            )
            if len(body) >= 22 and body[5] in call.accept:
                return call.read(body, call.key)
            error = failure_of(body, node)
        except ConnectionClosed:
            raise
        except Error as failure:
            error = failure
        body = await self.carrier.run(self._retried(call, Resume(error, node, started)))
        return call.read(body, call.key)

    async def run(self, conversation: Conversation[_T]) -> _T:
        """Run a conversation to its end."""
        self._check_open()
        return await self.carrier.run(self._observed(conversation), self._scope)

    def iterate(self, conversation: Conversation[Any]) -> AsyncGenerator[Any, None]:
        """Yield what a conversation emits."""
        self._check_open()
        return self.carrier.iterate(self._observed(conversation), self._scope)

    async def cancel(self) -> None:
        """Stop every conversation that is under way: it raises QueryAborted where it is run.

        Single-record commands run to their end.
        """
        scope, self._scope = self._scope, type(self._scope)()
        await scope.end(CANCELLED)

    async def close(self) -> None:
        """Close all connections, and the embedded node when this was its last user."""
        if self.closed:
            return
        self.closed = True
        await self.carrier.close()
        self._release()

    def _check_open(self) -> None:
        if self.closed:
            raise ConnectionClosed("the connection is closed")
