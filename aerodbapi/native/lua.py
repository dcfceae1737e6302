"""The client's share of stream UDFs: the last reduce and what follows it, run in Lua here.

A node gives the values that its part of the chain made, one or more for each partition; the
module's text decides how they become one, so the client needs it as well as the nodes.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.udf.runtime import CLIENT, LuaFailed, Runtime
from aerodbapi.errors import UDFError
from aerodbapi.protocol import cdt, particles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aerodbapi.embedded.udf.runtime import Fields, Sources

__all__ = ["SECONDS", "folder", "layered", "reduce"]

#: What the client's share may take, unless the caller says otherwise.
SECONDS: Final = 60.0
#: Codes of as_module_err_string: the module was not loaded; the function failed.
_NOT_LOADED: Final = 1
_FAILED: Final = 2
_UDF: Final = 100


def folder(path: str | Path) -> Sources:
    """Give the texts of the modules in a folder, by name: "m" is `<path>/m.lua`."""
    root = Path(path)

    def source(module: str) -> bytes | None:
        parts = module.split(".")
        if not all(parts) or any("/" in part or "\\" in part or "\0" in part for part in parts):
            return None
        try:
            return root.joinpath(*parts).with_name(parts[-1] + ".lua").read_bytes()
        except OSError:
            return None

    return source


def layered(path: str | Path, module: str, text: str) -> Sources:
    """Give the modules of a folder; one module that is not there is `text`."""
    local = folder(path)
    otherwise = text.encode("utf-8", "surrogateescape")

    def source(name: str) -> bytes | None:
        found = local(name)
        return otherwise if found is None and name == module else found

    return source


def reduce(
    source: str | bytes | Sources,
    function: str,
    arguments: Sequence[Any],
    values: Iterable[Any],
    *,
    module: str = "module",
    seconds: float = SECONDS,
) -> list[Any]:
    """Run the client's share of a stream function over the nodes' values; gives its results.

    `source`: the module's text, or what gives the texts of modules by name (see `folder`) when
    modules require one another; then `module` is the name of the one with the function.
    Like the server's own clients it ends at the first None among the values.
    Raises UDFError (100) when the module is missing or does not load, the function fails, or
    takes longer than `seconds`; UnsupportedFeature without lupa; DataError for an argument that
    no UDF takes.
    """
    module = module.removesuffix(".lua")
    sources = source if callable(source) else _only(module, source)
    packed = cdt.pack(list(arguments))
    rest = iter(values)
    results: list[Any] = []

    def read() -> Fields | None:
        for value in rest:
            return particles.encode(value)
        return None

    def write(kind: int, data: bytes) -> None:
        results.append(particles.decode(kind, data))

    if sources(module) is None:
        raise _failed(_NOT_LOADED, f"no module {module!r} is found for the client's share")
    try:
        runtime = Runtime(sources, module)
    except LuaFailed as problem:
        raise _failed(_NOT_LOADED, str(problem)) from None
    runtime.deadline = time.monotonic() + seconds
    try:
        runtime.apply_stream(function.encode(), packed, CLIENT, read, write)
    except LuaFailed as problem:
        raise _failed(_FAILED, str(problem)) from None
    return results


def _only(module: str, text: str | bytes) -> Sources:
    source = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return lambda name: source if name == module else None


def _failed(code: int, problem: str) -> UDFError:
    return UDFError(f"UDF: Execution Error {code} : {problem}", result_code=_UDF)
