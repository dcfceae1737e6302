"""Info commands of UDF modules: a text is compiled and run once before it is kept.

What is refused, in which words: server source, udf_cask.c and mod_lua.c (populate_error).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.info.request import Request
from aerodbapi.errors import UnsupportedFeature

__all__ = ["COMMANDS"]

_KIND: Final = "udf"
_MAX_NAME: Final = 127  # bytes
_MAX_SIZE: Final = 1 << 20  # bytes of a module's text
_MAX_LENGTH: Final = (1 << 32) - 1  # of its base64
#: Lua's messages begin with the text's name and the line.
_PLACED: Final = re.compile(
    r'\[string "(?P<file>[^"]*)"\]:(?P<line>\d+): (?P<message>.*)', re.DOTALL
)


def _put(request: Request) -> str:
    """Keep a module; refusals are `error=<what>`."""
    parameters = request.parameters
    filename = _filename(request)
    _, dot, extension = (filename or "").partition(".")
    if filename is None or not dot or not extension or filename.startswith("."):
        return "error=invalid_filename"
    length = parameters.get("content-len", "")
    if not length.isdecimal() or int(length) > _MAX_LENGTH or int(length) % 4:
        return "error=invalid_content_len"
    if parameters.get("udf-type", "LUA") != "LUA":
        return "error=invalid_udf_type"
    content = parameters.get("content")
    if content is None or len(content) != int(length):
        return "error=invalid_content"
    if len(content) // 4 * 3 > _MAX_SIZE:
        return "error=invalid_udf_content_len,>1M"
    try:
        source = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return "error=invalid_base64_content"
    if not source:
        return "error=invalid_base64_content"
    store = request.node.store
    try:
        problem = store.udf.check(source, filename)
    except UnsupportedFeature:
        problem = None  # a node without Lua keeps modules, and says so when they are called
    if problem is not None:
        return _compile_error(problem)
    store.define(_KIND, filename, content)
    store.confirm()
    return "ok"


def _compile_error(message: str) -> str:
    """Tell what is wrong with a text and where; without a place only the first line of it."""
    placed = _PLACED.match(message)
    if placed:
        file, line, message = placed["file"], placed["line"], placed["message"]
    else:
        file, line, message = "", "0", message.partition("\n")[0][:256]
    encoded = base64.b64encode(message.encode("utf-8", "surrogateescape")).decode()
    return f"error=compile_error;file={file};line={line};message={encoded}"


def _filename(request: Request) -> str | None:
    name = request.parameters.get("filename", "")
    return name if 0 < len(name.encode("utf-8", "surrogateescape")) <= _MAX_NAME else None


def _list(request: Request) -> str:
    """List the modules; the hash is of what the server keeps of one, a JSON object."""
    lines = []
    for filename, content in sorted(request.node.store.definitions(_KIND).items()):
        kept = json.dumps({"content64": content, "type": "LUA", "name": filename})
        digest = hashlib.sha1(kept.encode(), usedforsecurity=False).hexdigest()
        lines.append(f"filename={filename},hash={digest},type=LUA;")
    return "".join(lines)


def _get(request: Request) -> str:
    filename = _filename(request)
    if filename is None:
        return "error=invalid_filename"
    content = request.node.store.definitions(_KIND).get(filename)
    return "error=not_found" if content is None else f"type=LUA;content={content};"


def _remove(request: Request) -> str:
    filename = _filename(request)
    if filename is None:
        return "error=invalid_filename"
    request.node.store.define(_KIND, filename, None)
    request.node.store.confirm()
    return "ok"


def _clear_cache(request: Request) -> str:
    request.node.store.udf.clear()
    return "ok"


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "udf-put": _put,
    "udf-list": _list,
    "udf-get": _get,
    "udf-remove": _remove,
    "udf-clear-cache": _clear_cache,
}
