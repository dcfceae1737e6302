"""Threads for forked branches, and what ties a fork together: its scope and its channel.

`Workers` never refuses or queues a task: an idle thread takes it or a new one is started, so
forks inside forks cannot starve. `Gathering` is one fork: it collects outcomes, hands emitted
items to the reader through a bounded queue, and ends all its branches at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from aerodbapi.errors import Error, QueryAborted

__all__ = ["Gathering", "Interruptible", "Scope", "Workers"]

_IDLE_SECONDS: Final = 10.0
_ABORTED: Final = "stopped: its results are not wanted any more"
_Task = Callable[[], None]


class Workers:
    """Daemon threads that run tasks; idle ones wait ten seconds for another."""

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[_Task | None]] = []
        self._lock = threading.Lock()

    def start(self, task: _Task) -> None:
        """Run `task` on a thread at once. It must not raise."""
        with self._lock:
            inbox = self._idle.pop() if self._idle else None
        if inbox is None:
            inbox = SimpleQueue()
            threading.Thread(
                target=self._work, args=(inbox,), name="aerodbapi-branch", daemon=True
            ).start()
        inbox.put(task)

    def close(self) -> None:
        """Let the idle threads end."""
        with self._lock:
            idle, self._idle = self._idle, []
        for inbox in idle:
            inbox.put(None)

    def _work(self, inbox: SimpleQueue[_Task | None]) -> None:
        while True:
            try:
                task = inbox.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if inbox in self._idle:
                        self._idle.remove(inbox)
                        return
                continue  # taken between the two lines above: its task is on the way
            if task is None:
                return
            task()
            del task
            with self._lock:
                self._idle.append(inbox)


class Interruptible(Protocol):
    """What a scope ends: a connection in use."""

    def interrupt(self) -> None:
        """Make whoever waits on it fail at once. Called from another thread."""


class Scope:
    """What can be ended together: connections in use, sleeps, and the scopes inside."""

    __slots__ = ("__weakref__", "_ended", "_inner", "_lock", "_parent", "_reason", "_users")

    def __init__(self, parent: Scope | None = None) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._users: set[Interruptible] = set()
        self._inner: set[Scope] = set()
        self._parent = parent
        self._reason = _ABORTED
        if parent is not None:
            parent._adopt(self)

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def check(self) -> None:
        """Raise QueryAborted once the scope has been ended."""
        if self._ended.is_set():
            raise self.aborted()

    def aborted(self) -> QueryAborted:
        """What those inside raise once the scope has been ended."""
        return QueryAborted(self._reason)

    def enter(self, user: Interruptible) -> None:
        """Let `end` interrupt `user` until `leave`. Raises QueryAborted when already ended."""
        with self._lock:
            self._users.add(user)
        if self._ended.is_set():
            self.leave(user)
            self.check()

    def leave(self, user: Interruptible) -> None:
        with self._lock:
            self._users.discard(user)

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise QueryAborted as soon as the scope ends."""
        if self._ended.wait(seconds):
            self.check()

    def end(self, reason: str = _ABORTED) -> None:
        """End everything inside, now and from now on."""
        self._reason = reason
        self._ended.set()
        with self._lock:
            users, inner = list(self._users), list(self._inner)
            apart = [user for user in users if getattr(user, "apart", False)]
            for user in users:  # inside the lock: whoever left may give its connection away
                if user not in apart:
                    user.interrupt()
        for user in apart:  # functions, which may be opening scopes inside this one
            user.interrupt()
        for scope in inner:
            scope.end(reason)

    def detach(self) -> None:
        """Tell the parent that this scope is done."""
        if self._parent is not None:
            with self._parent._lock:
                self._parent._inner.discard(self)

    def _adopt(self, scope: Scope) -> None:
        with self._lock:
            self._inner.add(scope)
        if self.ended:
            scope.end(self._reason)


class Gathering(Scope):
    """One fork: the outcomes of `count` branches, and the items that they emit meanwhile."""

    __slots__ = ("_capacity", "_changed", "_items", "_open", "crash", "outcomes", "stop_on_error")

    def __init__(self, parent: Scope | None, count: int, *, stop_on_error: bool) -> None:
        self._changed = threading.Condition()
        self._items: deque[Any] = deque()
        self._capacity = count + 2
        self._open = count
        self.outcomes: list[Any] = [None] * count
        self.crash: BaseException | None = None
        self.stop_on_error = stop_on_error
        super().__init__(parent)  # last: an ended parent ends this scope at once

    def put(self, items: Any) -> None:
        """Hand `items` to the reader; waits while it is behind. Raises QueryAborted at the end."""
        with self._changed:
            while len(self._items) >= self._capacity and not self.ended:
                self._changed.wait()
            self.check()
            self._items.append(items)
            self._changed.notify_all()

    def get(self) -> Any:
        """Return the next emitted items, or None when every branch is done and all was read."""
        with self._changed:
            while not self._items and self._open:
                self._changed.wait()
            if not self._items:
                return None
            items = self._items.popleft()
            self._changed.notify_all()
            return items

    def finish(self, index: int, outcome: Any, crash: BaseException | None = None) -> None:
        """Record how branch `index` ended; `crash`: an exception that is not an Error."""
        with self._changed:
            self.outcomes[index] = outcome
            self._open -= 1
            if crash is not None and self.crash is None:
                self.crash = crash
            self._changed.notify_all()
        if crash is not None or (self.stop_on_error and isinstance(outcome, Error)):
            self.end()

    def end(self, reason: str = _ABORTED) -> None:
        super().end(reason)
        with self._changed:
            self._changed.notify_all()

    def join(self, seconds: float | None = None) -> bool:
        """Wait until every branch is done; False when `seconds` were not enough."""
        until = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while self._open:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)
        self.detach()
        return True
