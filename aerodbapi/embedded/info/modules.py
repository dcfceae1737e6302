"""Info commands of UDF modules: the Lua text is kept, and compiled by whoever runs it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.info.request import Request

__all__ = ["COMMANDS"]

_KIND: Final = "udf"


def _put(request: Request) -> str:
    """Keep a module; refusals are `error=<what>`."""
    filename = _filename(request)
    if filename is None:
        return "error=invalid_filename"
    content = request.parameters.get("content", "")
    if not request.parameters.get("content-len", "").isdigit():
        return "error=invalid_content_len"
    try:
        source = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return "error=invalid_base64_content"
    if not source:
        return "error=invalid_base64_content"
    store = request.node.store
    store.define(_KIND, filename, base64.b64encode(source).decode())
    store.confirm()
    return "ok"


def _filename(request: Request) -> str | None:
    """Modules are plain file names that end in .lua."""
    name = request.parameters.get("filename", "")
    plain = name.endswith(".lua") and len(name) < 128 and "/" not in name
    return name if plain else None


def _list(request: Request) -> str:
    lines = []
    for filename, content in sorted(request.node.store.definitions(_KIND).items()):
        digest = hashlib.sha1(base64.b64decode(content), usedforsecurity=False).hexdigest()
        lines.append(f"filename={filename},hash={digest},type=LUA;")
    return "".join(lines)


def _get(request: Request) -> str:
    filename = request.parameters.get("filename")
    if not filename:
        return "error=invalid_filename"
    content = request.node.store.definitions(_KIND).get(filename)
    return "error=not_found" if content is None else f"type=LUA;content={content};"


def _remove(request: Request) -> str:
    filename = request.parameters.get("filename")
    if not filename:
        return "error=invalid_filename"
    request.node.store.define(_KIND, filename, None)
    request.node.store.confirm()
    return "ok"


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "udf-put": _put,
    "udf-list": _list,
    "udf-get": _get,
    "udf-remove": _remove,
}
