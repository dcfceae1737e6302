"""What a function that runs as `Work` pulls from an event loop: see `pulling` for the other.

A task of the loop runs the conversation, ahead of the reader by a few items and no further.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from aerodbapi.errors import QueryAborted

__all__ = ["Bridged"]

_ABORTED: Final = "stopped: its results are not wanted any more"
#: Items that the event loop reads ahead.
_AHEAD: Final = 4


class Bridged:
    """A conversation that a task of `loop` drives, for a thread that waits for its items."""

    __slots__ = ("_changed", "_drive", "_error", "_items", "_loop", "_over", "_room", "_task")

    def __init__(self, drive: AsyncGenerator[Any, None], loop: asyncio.AbstractEventLoop) -> None:
        self._drive = drive
        self._loop = loop
        self._changed = threading.Condition()
        self._items: deque[Any] = deque()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._error: BaseException | None = None

    def __iter__(self) -> Bridged:
        return self

    def __next__(self) -> Any:
        with self._changed:
            if self._task is None and not self._over:
                self._loop.call_soon_threadsafe(self._begin)
            while not self._items and not self._over:
                self._changed.wait()
            if self._items:
                items = self._items.popleft()
                if len(self._items) == _AHEAD - 1:
                    self._loop.call_soon_threadsafe(self._room.set)
                return items
            if self._error is not None:
                raise self._error
        raise StopIteration

    def close(self) -> None:
        """End the conversation soon; whoever waits for an item gets QueryAborted now."""
        self._end(QueryAborted(_ABORTED))
        self._items.clear()
        try:
            self._loop.call_soon_threadsafe(self._cancel)
        except RuntimeError:  # the loop is closed, and its tasks with it
            return

    async def finished(self) -> None:
        """Wait until the conversation has ended, its connections given back or closed."""
        self.close()
        task = self._task
        if task is None:
            await self._drive.aclose()
            return
        task.cancel()
        await asyncio.wait([task])

    # ---- in the event loop ---------------------------------------------------------------------

    def _begin(self) -> None:
        if self._task is None and not self._over:
            self._task = self._loop.create_task(self._run())

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        error: BaseException | None = None
        try:
            async with aclosing(self._drive) as drive:
                async for items in drive:
                    await self._put(items)
        except asyncio.CancelledError:
            error = QueryAborted(_ABORTED)
        except BaseException as caught:
            error = caught
        self._end(error)

    async def _put(self, items: Any) -> None:
        while True:
            with self._changed:
                if len(self._items) < _AHEAD:
                    self._items.append(items)
                    self._changed.notify()
                    return
                self._room.clear()
            await self._room.wait()

    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            if not self._over:
                self._over = True
                self._error = error
            self._changed.notify_all()
