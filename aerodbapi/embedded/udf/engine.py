"""A node's Lua states: made when a module is first called, reused, forgotten when texts change.

Modules require one another, so a change of any text ends the life of every state; calls that
run meanwhile end with the text they began with.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.udf.runtime import LuaFailed, Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aerodbapi.embedded.storage import Store

__all__ = ["Engine"]

#: States of one module that wait for the next call.
_KEPT: Final = 8
_SUFFIX: Final = ".lua"
#: What the server says when it cannot load a module (mod_lua.c, as_module_err_string).
_NOT_LOADED: Final = "UDF: Execution Error 1"


class Engine:
    """The modules of a store, ready to be called from many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._texts: Mapping[str, str] = {}
        self._idle: dict[str, list[Runtime]] = {}

    @contextmanager
    def state(self, module: str) -> Iterator[Runtime]:
        """Lend a state with the module loaded, to one thread.

        Raises LuaFailed when there is no such module or it does not load, UnsupportedFeature
        without lupa.
        """
        runtime, texts = self._take(module)
        if runtime is None:
            runtime = self._new(module, texts)
        yield runtime
        # Not after an exception: then nobody knows what the state is like.
        if runtime.reusable:
            with self._lock:
                idle = self._idle.setdefault(module, [])
                if texts is self._texts and len(idle) < _KEPT:
                    idle.append(runtime)

    def _take(self, module: str) -> tuple[Runtime | None, Mapping[str, str]]:
        texts = self._store.definitions("udf")
        with self._lock:
            if texts is not self._texts:
                self._texts = texts
                self._idle = {}
            idle = self._idle.get(module)
            return (idle.pop() if idle else None), texts

    def _new(self, module: str, texts: Mapping[str, str]) -> Runtime:
        if module + _SUFFIX not in texts:
            raise LuaFailed(_NOT_LOADED)
        try:
            return Runtime(lambda name: _text(texts, name), module)
        except LuaFailed:
            raise LuaFailed(_NOT_LOADED) from None

    def clear(self) -> None:
        """Forget all states that wait for a call."""
        with self._lock:
            self._texts = {}
            self._idle = {}

    def check(self, source: bytes, filename: str) -> str | None:
        """Compile and run a text that is to be registered; gives what Lua says is wrong.

        Raises UnsupportedFeature without lupa.
        """
        texts = self._store.definitions("udf")
        try:
            return Runtime(lambda name: _text(texts, name)).check(source, filename)
        except LuaFailed as problem:  # out of memory
            return str(problem)


def _text(texts: Mapping[str, str], module: str) -> bytes | None:
    found = texts.get(module + _SUFFIX)
    return None if found is None else base64.b64decode(found)
