"""What a function that runs as `Work` pulls: a conversation that the asking thread drives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any, Final

from aerodbapi.errors import QueryAborted
from aerodbapi.transport.workers import Scope

__all__ = ["Held", "Interrupt"]

_ABORTED: Final = "stopped: its results are not wanted any more"


class Interrupt:
    """What a scope calls when it ends, beside the connections in use."""

    __slots__ = ("interrupt",)
    #: It takes locks of its own, under which others ask for the scope's.
    apart = True

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self.interrupt = interrupt


class Held:
    """A conversation that the asking thread drives; one thread at a time."""

    __slots__ = ("_closed", "_drive", "_lock", "_scope")

    def __init__(self, drive: Generator[Any, None, Any], scope: Scope) -> None:
        self._drive = drive
        self._scope = scope
        self._lock = threading.Lock()
        self._closed = False

    def __iter__(self) -> Held:
        return self

    def __next__(self) -> Any:
        with self._lock:
            if self._closed:
                raise QueryAborted(_ABORTED)
            return next(self._drive)

    def close(self, reusable: bool = False) -> None:
        """End the conversation; waits for the thread that drives it, which is interrupted."""
        self._scope.end()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._drive.close()
        self._scope.detach()
