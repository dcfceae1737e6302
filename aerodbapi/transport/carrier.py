"""Drive conversations in the caller's thread: the loop that threads and loopback share.

A carrier adds `_exchange`, `_open` and `_together`; here stand the order of things, who cleans
up, and what `run` and `iterate` promise. Whatever interrupts an effect (Ctrl-C and a closed
iterator too) is thrown into the conversation, so that it can end its streams.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, Protocol, TypeVar

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
from aerodbapi.errors import Error
from aerodbapi.transport.pulling import Held, Interrupt
from aerodbapi.transport.workers import Scope

__all__ = ["BaseCarrier", "Drive", "OpenStream"]

_T = TypeVar("_T")
#: Yields emitted items, returns the conversation's value.
Drive = Generator[Any, None, Any]


class OpenStream(Protocol):
    """A reply of many frames."""

    def next(self) -> bytes:
        """Return the next frame's body."""

    def close(self, reusable: bool) -> None:
        """End it; `reusable`: the last frame was read. Does nothing the second time."""


class BaseCarrier(ABC):
    """What every synchronous carrier does with a conversation."""

    __slots__ = ()

    def run(self, conversation: Conversation[_T], scope: Scope | None = None) -> _T:
        """Carry out `conversation` and return its value; items that it emits are dropped.

        `scope`: when it is ended, from another thread, what is under way raises QueryAborted.
        """
        drive = self._drive(conversation, scope, spread=False)
        try:
            while True:
                next(drive)
        except StopIteration as stop:
            value: _T = stop.value
            return value

    def iterate(
        self, conversation: Conversation[Any], scope: Scope | None = None
    ) -> Generator[Any, None, None]:
        """Return an iterator over what `conversation` emits, one `Emit.items` after another.

        Nothing is sent before the first item is asked for. Closing the iterator (or dropping
        it) ends the conversation and the streams that it has open; `scope` as in `run`.
        """
        yield from self._drive(conversation, scope, spread=True)

    @abstractmethod
    def _exchange(self, effect: Exchange, scope: Scope | None) -> bytes: ...

    @abstractmethod
    def _open(self, effect: Stream, scope: Scope | None) -> OpenStream: ...

    @abstractmethod
    def _together(self, fork: Fork, scope: Scope | None, *, spread: bool) -> Drive:
        """Run two or more branches; returns the list of outcomes."""

    def _drive(
        self, conversation: Conversation[Any], scope: Scope | None, *, spread: bool
    ) -> Drive:
        """Do the effects of `conversation`. `spread`: somebody reads the emitted items."""
        streams: set[Any] = set()  # OpenStreams, and what Work pulls
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                try:
                    effect = (
                        conversation.send(answer) if error is None else conversation.throw(error)
                    )
                except StopIteration as stop:
                    return stop.value
                answer = error = None
                try:
                    if type(effect) is Emit:
                        if spread:
                            yield effect.items
                    elif type(effect) is Fork:
                        answer = yield from self._fork(effect, scope, spread=spread)
                    else:
                        answer = self._do(effect, scope, streams)
                except BaseException as caught:
                    error = caught
        finally:
            del error
            for stream in streams:
                stream.close(reusable=False)

    def _do(self, effect: Effect, scope: Scope | None, streams: set[Any]) -> Any:
        if type(effect) is Close:
            streams.discard(effect.handle)
            effect.handle.close(effect.reusable)
            return None
        if scope is not None:
            scope.check()
        if type(effect) is Next:
            return effect.handle.next()
        if type(effect) is Exchange:
            return self._exchange(effect, scope)
        if type(effect) is Stream:
            stream = self._open(effect, scope)
            streams.add(stream)
            return stream
        if type(effect) is Sleep:
            return scope.sleep(effect.seconds) if scope else time.sleep(max(0, effect.seconds))
        if type(effect) is Work:
            return self._work_on(effect, scope, streams)
        raise TypeError(f"a conversation yielded {effect!r}, which is not an effect")

    def _work_on(self, work: Work, scope: Scope | None, streams: set[Any]) -> Any:
        """Run the function here; its threads drive what it pulls."""

        def pull(conversation: Conversation[Any]) -> Pulled:
            inner = Scope(scope)
            pulled = Held(self._drive(conversation, inner, spread=True), inner)
            streams.add(pulled)
            return pulled

        if scope is None or work.interrupt is None:
            return work.function(pull)
        interrupt = Interrupt(work.interrupt)
        scope.enter(interrupt)
        try:
            return work.function(pull)
        except Exception as error:
            if scope.ended:  # whatever the function makes of its interruption
                raise scope.aborted() from error
            raise
        finally:
            scope.leave(interrupt)

    def _fork(self, fork: Fork, scope: Scope | None, *, spread: bool) -> Drive:
        if len(fork.branches) > 1:
            return (yield from self._together(fork, scope, spread=spread))
        if not fork.branches:
            return []
        return [(yield from self._branch(fork.branches[0], scope, spread=spread))]

    def _branch(self, branch: Conversation[Any], scope: Scope | None, *, spread: bool) -> Drive:
        """Drive a branch; its outcome is its value or its Error."""
        try:
            return (yield from self._drive(branch, scope, spread=spread))
        except Error as error:
            return error
