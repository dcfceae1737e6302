"""Drive conversations in a coroutine: the loop that asyncio and the async loopback share.

The same order of things as `engine`, with tasks for threads. Cancellation is thrown into the
conversation like any other interruption, so that its streams end and their connections close.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any, Final, Protocol, TypeVar

from aerodbapi.cluster.effects import (
    Close,
    Conversation,
    Effect,
    Emit,
    Exchange,
    Fork,
    Next,
    Pulled,
    Sleep,
    Stream,
    Work,
)
from aerodbapi.errors import Error, QueryAborted
from aerodbapi.transport.async_pulling import Bridged
from aerodbapi.transport.async_scope import AsyncScope, Inside
from aerodbapi.transport.workers import Workers

__all__ = ["AsyncDrive", "AsyncStream", "BaseAsyncCarrier", "Outcome"]

_T = TypeVar("_T")
_ABORTED: Final = "stopped: its results are not wanted any more"


class AsyncStream(Protocol):
    """A reply of many frames."""

    async def next(self) -> bytes:
        """Return the next frame's body."""

    def close(self, reusable: bool) -> None:
        """End it; `reusable`: the last frame was read. Does nothing the second time."""


class Outcome:
    """Where a driven conversation leaves its value: async generators cannot return one."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None


AsyncDrive = AsyncGenerator[Any, None]


class BaseAsyncCarrier(ABC):
    """What every asynchronous carrier does with a conversation."""

    __slots__ = ()

    async def run(self, conversation: Conversation[_T], scope: AsyncScope | None = None) -> _T:
        """Carry out `conversation` and return its value; items that it emits are dropped.

        `scope`: when it is ended, by another task, what is under way raises QueryAborted.
        """
        self._enter()
        outcome = Outcome()
        inside = None if scope is None else scope.enter()
        drive = self._drive(conversation, outcome, spread=False, inside=inside)
        try:
            async with aclosing(drive):
                async for _ in drive:
                    pass
        finally:
            if inside is not None:
                inside.leave()
        value: _T = outcome.value
        return value

    async def iterate(
        self, conversation: Conversation[Any], scope: AsyncScope | None = None
    ) -> AsyncGenerator[Any, None]:
        """Iterate over what `conversation` emits, one `Emit.items` after another.

        Nothing is sent before the first item is asked for. `aclose()` ends the conversation
        and the streams that it has open; `scope` as in `run`.
        """
        self._enter()
        inside = None if scope is None else scope.enter()
        drive = self._drive(conversation, Outcome(), spread=True, inside=inside)
        try:
            async with aclosing(drive):
                async for items in drive:
                    if inside is None:
                        yield items
                        continue
                    inside.rest(drive)
                    yield items
                    inside.go_on()
        finally:
            if inside is not None:
                inside.leave()

    @abstractmethod
    def _enter(self) -> None:
        """Raise InterfaceError when this is not the carrier's event loop."""

    @abstractmethod
    async def _exchange(self, effect: Exchange) -> bytes: ...

    @abstractmethod
    async def _open(self, effect: Stream) -> AsyncStream: ...

    async def _drive(
        self,
        conversation: Conversation[Any],
        outcome: Outcome,
        *,
        spread: bool,
        inside: Inside | None = None,
    ) -> AsyncDrive:
        """Do the effects of `conversation`. `spread`: somebody reads the emitted items."""
        streams: set[AsyncStream] = set()
        pulls: list[Bridged] = []
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                try:
                    effect = (
                        conversation.send(answer) if error is None else conversation.throw(error)
                    )
                except StopIteration as stop:
                    outcome.value = stop.value
                    return
                answer = error = None
                try:
                    if type(effect) is Emit:
                        if spread:
                            yield effect.items
                    elif type(effect) is Fork:
                        gathered = Outcome()
                        async with aclosing(self._fork(effect, gathered, spread=spread)) as fork:
                            async for items in fork:
                                yield items
                        answer = gathered.value
                    else:
                        answer = await self._do(effect, streams, pulls)
                except BaseException as caught:
                    error = caught if inside is None else inside.meaning(caught)
        finally:
            del error
            for stream in streams:
                stream.close(reusable=False)
            for pulled in pulls:
                await pulled.finished()

    async def _do(self, effect: Effect, streams: set[AsyncStream], pulls: list[Bridged]) -> Any:
        if type(effect) is Exchange:
            return await self._exchange(effect)
        if type(effect) is Next:
            return await effect.handle.next()
        if type(effect) is Stream:
            stream = await self._open(effect)
            streams.add(stream)
            return stream
        if type(effect) is Close:
            streams.discard(effect.handle)
            effect.handle.close(effect.reusable)
            return None
        if type(effect) is Sleep:
            return await asyncio.sleep(effect.seconds)
        if type(effect) is Work:
            return await self._work_on(effect, pulls)
        raise TypeError(f"a conversation yielded {effect!r}, which is not an effect")

    async def _work_on(self, work: Work, pulls: list[Bridged]) -> Any:
        """Run the function on a thread of its own; a task of this loop drives what it pulls.

        When it is cancelled, the function is interrupted and waited for.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()

        def pull(conversation: Conversation[Any]) -> Pulled:
            pulled = Bridged(self._drive(conversation, Outcome(), spread=True), loop)
            pulls.append(pulled)
            return pulled

        _workers.start(lambda: _run_work(work, pull, loop, done))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            if work.interrupt is not None:
                work.interrupt()
            for pulled in pulls:
                pulled.close()
            await _settled(done)
            raise

    async def _fork(self, fork: Fork, gathered: Outcome, *, spread: bool) -> AsyncDrive:
        if len(fork.branches) > 1:
            together = self._together(fork, gathered, spread=spread)
            async with aclosing(together) as drive:
                async for items in drive:
                    yield items
            return
        gathered.value = [None] * len(fork.branches)
        for branch in fork.branches:
            outcome = Outcome()
            async with aclosing(self._branch(branch, outcome, spread=spread)) as drive:
                async for items in drive:
                    yield items
            gathered.value = [outcome.value]

    async def _branch(
        self, branch: Conversation[Any], outcome: Outcome, *, spread: bool
    ) -> AsyncDrive:
        """Drive a branch; its outcome is its value or its Error."""
        try:
            async with aclosing(self._drive(branch, outcome, spread=spread)) as drive:
                async for items in drive:
                    yield items
        except Error as error:
            outcome.value = error

    async def _together(self, fork: Fork, gathered: Outcome, *, spread: bool) -> AsyncDrive:
        """Run branches as tasks and yield what they emit; `gathered` gets the outcomes."""
        gathering = _Gathering(len(fork.branches), stop_on_error=fork.stop_on_error)
        for index, branch in enumerate(fork.branches):
            work = self._work(gathering, index, branch, spread=spread)
            gathering.tasks.append(asyncio.ensure_future(work))
        try:
            while (items := await gathering.get()) is not None:
                yield items
        finally:
            gathering.end()
            await asyncio.wait(gathering.tasks)
        if gathering.crash is not None:
            raise gathering.crash
        gathered.value = gathering.outcomes

    async def _work(
        self, gathering: _Gathering, index: int, branch: Conversation[Any], *, spread: bool
    ) -> None:
        outcome = Outcome()
        try:
            async with aclosing(self._branch(branch, outcome, spread=spread)) as drive:
                async for items in drive:
                    await gathering.put(items)
        except asyncio.CancelledError:
            gathering.finish(index, QueryAborted(_ABORTED))
        except BaseException as error:
            gathering.finish(index, None, error)
        else:
            gathering.finish(index, outcome.value)


def _run_work(
    work: Work,
    pull: Callable[[Conversation[Any]], Pulled],
    loop: asyncio.AbstractEventLoop,
    done: asyncio.Future[Any],
) -> None:
    """Run a Work's function on this thread, and tell the loop what came of it."""
    value: Any = None
    error: BaseException | None = None
    try:
        value = work.function(pull)
    except BaseException as caught:
        error = caught

    def settle() -> None:
        if error is None:
            done.set_result(value)
        else:
            done.set_exception(error)

    with suppress(RuntimeError):  # the loop was closed: nobody waits
        loop.call_soon_threadsafe(settle)


async def _settled(done: asyncio.Future[Any]) -> None:
    """Wait for `done` whatever else is cancelled meanwhile; its outcome is not wanted."""
    while not done.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([done])
    if not done.cancelled():
        done.exception()


_workers = Workers()


def _after_fork() -> None:
    global _workers
    _workers = Workers()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _Gathering:
    """One fork: the outcomes of `count` branches, and a bounded queue of what they emit."""

    __slots__ = (
        "_capacity",
        "_ended",
        "_filled",
        "_items",
        "_open",
        "_room",
        "_stop_on_error",
        "crash",
        "outcomes",
        "tasks",
    )

    def __init__(self, count: int, *, stop_on_error: bool) -> None:
        self.tasks: list[asyncio.Future[None]] = []
        # A task that is cancelled before its first step runs none of its code.
        self.outcomes: list[Any] = [QueryAborted(_ABORTED) for _ in range(count)]
        self.crash: BaseException | None = None
        self._capacity = count + 2
        self._items: deque[Any] = deque()
        self._open = set(range(count))
        self._stop_on_error = stop_on_error
        self._ended = False
        self._filled = asyncio.Event()
        self._room = asyncio.Event()

    async def put(self, items: Any) -> None:
        """Hand `items` to the reader; waits while it is behind."""
        while len(self._items) >= self._capacity:
            self._room.clear()
            await self._room.wait()
        self._items.append(items)
        self._filled.set()

    async def get(self) -> Any:
        """Return the next emitted items, or None when every branch is done and all was read."""
        while not self._items:
            if not self._open or all(task.done() for task in self.tasks):
                return None
            self._filled.clear()
            await self._filled.wait()
        items = self._items.popleft()
        self._room.set()
        return items

    def finish(self, index: int, outcome: Any, crash: BaseException | None = None) -> None:
        self.outcomes[index] = outcome
        self._open.discard(index)
        self._filled.set()
        if crash is not None and self.crash is None:
            self.crash = crash
        if crash is not None or (self._stop_on_error and isinstance(outcome, Error)):
            self.end(but=index)

    def end(self, but: int | None = None) -> None:
        """Cancel every branch that is not done."""
        if self._ended:
            return
        self._ended = True
        for index, task in enumerate(self.tasks):
            if index != but and not task.done():
                task.add_done_callback(lambda _: self._filled.set())
                task.cancel()
