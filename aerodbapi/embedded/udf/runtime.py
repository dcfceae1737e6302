"""One Lua state with one module loaded: bytes in, bytes out.

A state runs one call at a time, and Python's other threads run meanwhile. Programs in it reach
nothing but what `lua/` gives them; a call ends when its time is over, and when the state's
memory is used up. States are cheap (a millisecond), and given up rather than repaired.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.errors import UnsupportedFeature

if TYPE_CHECKING:
    from types import ModuleType

    from aerodbapi.embedded.storage import Record

__all__ = ["CLIENT", "MAX_MEMORY", "NODE", "Applied", "LuaFailed", "Runtime"]

#: The sides that a chain of stream operations is divided between.
NODE: Final = 1
CLIENT: Final = 2

#: Bytes that a state may use; more ends the call with "not enough memory".
MAX_MEMORY: Final = 64 << 20
#: A state that still uses more than this after a call is not used again.
KEPT_MEMORY: Final = 8 << 20

#: The files of `lua/` in the order in which they build on each other.
_FILES: Final = (
    "values",
    "list",
    "map",
    "bytes",
    "msgpack",
    "record",
    "stream",
    "host",
    "patterns",
    "sandbox",
)
#: Log levels of Lua programs (cf_log_level): critical, warning, info, debug, detail.
_LEVELS: Final = (logging.CRITICAL, logging.WARNING, logging.INFO, logging.DEBUG, 5)

_log = logging.getLogger("aerodbapi.udf")
_log.addHandler(logging.NullHandler())  # programs' warnings go nowhere unless somebody listens

#: Gives the text of a registered module by its name, without ".lua"; None when there is none.
Sources = Callable[[str], "bytes | None"]
#: The fields of a record as `lua/host.lua` takes them.
Fields = tuple[Any, ...]


class LuaFailed(Exception):
    """A program failed; the text is what the client is told."""


class Applied(NamedTuple):
    """What a record function came to.

    `kind`, `data`: the result's particle, or when not `good` the failure's text. `write`: the
    record is to get the `n_bins` bins that are `packed`, and the TTL `ttl` if not None.
    """

    good: bool
    kind: int
    data: bytes
    result_code: int = 0
    write: bool = False
    packed: bytes = b""
    n_bins: int = 0
    ttl: int | None = None
    drops_key: bool = False
    has_geojson: bool = False


@cache
def _lupa() -> ModuleType:
    """Import lupa with Lua 5.4; raises UnsupportedFeature when it is not installed."""
    try:
        import lupa.lua54
    except ImportError:
        raise UnsupportedFeature(
            'Lua UDFs need lupa: pip install "aerodbapi[udf]"', result_code=16
        ) from None
    module: ModuleType = lupa.lua54
    return module


@cache
def _texts() -> tuple[tuple[bytes, bytes], ...]:
    folder = resources.files(__package__) / "lua"
    names = [f"{name}.lua" for name in _FILES]
    return tuple((name.encode(), (folder / name).read_bytes()) for name in names)


class Runtime:
    """A Lua state. Raises UnsupportedFeature without lupa, LuaFailed for a broken module.

    `module`: what is loaded, or None for a state that only checks texts. `deadline` (of
    time.monotonic) and `record` (whose size programs ask for) are set before each call.
    """

    def __init__(
        self, sources: Sources, module: str | None = None, *, max_memory: int = MAX_MEMORY
    ) -> None:
        lupa = _lupa()
        self.deadline = time.monotonic() + 1.0
        self.record: Record | None = None
        self._is_spent = False
        self._errors: tuple[type[Exception], ...] = (lupa.LuaMemoryError, lupa.LuaError)
        self._sources = sources
        self._lua = lupa.LuaRuntime(
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            encoding=None,
            max_memory=max_memory,
        )
        self._host = self._lua.table()
        self._build()
        if module is not None:
            problem = self._call(b"load", module.encode())
            if problem is not None:
                raise LuaFailed(problem.decode("utf-8", "replace"))

    def _build(self) -> None:
        host = self._host
        host[b"host_expired"] = self._expired
        host[b"host_time"] = _now_ms
        host[b"host_log"] = _write_log
        host[b"host_source"] = self._source
        host[b"host_size"] = self._size
        load = self._lua.compile(b"local text, name = ... return assert(load(text, name, 't'))")
        for name, text in _texts():
            load(text, b"=aerodbapi/" + name)(host)
        for name in (b"limit_coroutines", b"sandbox_library", b"sandbox_globals", b"sandbox_types"):
            host[name]()

    def _expired(self) -> bool:
        self._is_spent = time.monotonic() > self.deadline
        return self._is_spent

    def _size(self) -> int:
        """Bytes that the record at hand takes as it is stored."""
        from aerodbapi.embedded.expressions.reading import stored_size

        return 0 if self.record is None else stored_size(self.record)

    def _source(self, name: bytes) -> bytes | None:
        return self._sources(name.decode("utf-8", "replace"))

    def _call(self, name: bytes, *arguments: Any) -> Any:
        try:
            return self._host[name](*arguments)
        except self._errors as error:  # beside the program, such as while its arguments are read
            self._is_spent = True
            raise LuaFailed(str(error).partition("\n")[0] or "not enough memory") from None

    @property
    def reusable(self) -> bool:
        """Whether nothing of the last call makes the next one worse."""
        if self._is_spent:
            return False
        used: int | None = self._lua.get_memory_used()
        return used is None or used < KEPT_MEMORY

    def check(self, source: bytes, filename: str) -> str | None:
        """Compile and run a text as registering does; gives what Lua says is wrong, or None."""
        found = self._call(b"check", source, filename.encode("utf-8", "surrogateescape"))
        return None if found is None else str(found, "utf-8", "replace")

    def apply_record(self, function: bytes, arguments: bytes, fields: Fields) -> Applied:
        """Call a function with a record and the packed list of arguments."""
        try:
            return Applied(*self._call(b"apply_record", function, arguments, *fields))
        except LuaFailed as failure:
            return Applied(False, 3, str(failure).encode())

    def apply_stream(
        self,
        function: bytes,
        arguments: bytes,
        side: int,
        read: Callable[[], Fields | None],
        write: Callable[[int, bytes], None],
    ) -> None:
        """Run a stream function as NODE or CLIENT; raises LuaFailed.

        `read` gives the next record's fields, on the client the next particle; None ends.
        """
        problem = self._call(b"apply_stream", function, arguments, side, read, write)
        if problem is not None:
            raise LuaFailed(problem.decode("utf-8", "replace"))


def _now_ms() -> int:
    return int(time.time() * 1000)


def _write_log(level: int, message: bytes) -> None:
    level = _LEVELS[max(0, min(level, len(_LEVELS) - 1))]
    _log.log(level, "%s", message.decode("utf-8", "replace"))
