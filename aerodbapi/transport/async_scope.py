"""What ends conversations of an event loop together: `connection.cancel()` of asyncio programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aerodbapi.errors import QueryAborted

__all__ = ["AsyncScope", "Inside"]


class AsyncScope:
    """The conversations that `end` ends."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: set[Inside] = set()

    def enter(self) -> Inside:
        """Take a conversation in, which the running task drives."""
        member = Inside(self._members)
        self._members.add(member)
        return member

    async def end(self, reason: str) -> None:
        """End those inside, and wait until they have ended."""
        members = list(self._members)
        for member in members:
            await member.end(reason)
        for _ in range(_TURNS):
            if not any(member in self._members for member in members):
                return
            await asyncio.sleep(0)


_TURNS = 100


class Inside:
    """One conversation inside a scope: driven by a task, or resting between two of its items."""

    __slots__ = ("_drive", "_members", "_reason", "_task")

    def __init__(self, members: set[Inside]) -> None:
        self._members = members
        self._reason: str | None = None
        self._task = asyncio.current_task()
        self._drive: AsyncGenerator[Any, None] | None = None

    def leave(self) -> None:
        self._members.discard(self)

    def rest(self, drive: AsyncGenerator[Any, None]) -> None:
        """Note that nobody drives it until more is asked for."""
        self._task, self._drive = None, drive

    def go_on(self) -> None:
        """Note that the running task drives it on. Raises QueryAborted when it was ended."""
        if self._reason is not None:
            raise QueryAborted(self._reason)
        self._task, self._drive = asyncio.current_task(), None

    async def end(self, reason: str) -> None:
        """Cancel the task that drives it, or close it where it rests."""
        self._reason = reason
        if self._drive is not None:
            await self._drive.aclose()
            self.leave()
        elif self._task is not None:
            self._task.cancel()

    def meaning(self, error: BaseException) -> BaseException:
        """What interrupted an effect: our own cancellation is a QueryAborted."""
        if self._reason is None or not isinstance(error, asyncio.CancelledError):
            return error
        uncancel = getattr(self._task, "uncancel", None)  # from Python 3.11 on
        if uncancel is not None:
            uncancel()
        return QueryAborted(self._reason)
