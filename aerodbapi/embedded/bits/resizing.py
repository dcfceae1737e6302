"""RESIZE, INSERT and REMOVE: the bit commands that change a blob's length, by whole bytes."""

from __future__ import annotations

from typing import Final

from aerodbapi.embedded.bits.fields import NotApplicable
from aerodbapi.embedded.bits.request import (
    FROM_FRONT,
    GROW_ONLY,
    MAX_BYTES,
    PARTIAL,
    SHRINK_ONLY,
    Request,
)
from aerodbapi.embedded.replies import Refused

__all__ = ["insert", "remove", "resize"]

_PARAMETER: Final = 4


def resize(blob: bytes | None, request: Request) -> bytes | None:
    """Cut the blob or fill it up with zeros, at its end or front; None: the size is right."""
    old = blob or b""
    size = _check_size(request.size // 8)
    if size == len(old):
        return None
    if request.extra & (GROW_ONLY if size < len(old) else SHRINK_ONLY):
        raise NotApplicable(_PARAMETER)
    if request.extra & FROM_FRONT:
        return old[len(old) - size :] if size < len(old) else old.rjust(size, b"\0")
    return old[:size].ljust(size, b"\0")


def insert(blob: bytes | None, request: Request) -> bytes:
    """Put bytes before the offset; zeros fill the gap when that is behind the end."""
    old = blob or b""
    at = request.offset // 8
    _check_size(max(at, len(old)) + len(request.buffer))
    return old[:at].ljust(at, b"\0") + request.buffer + old[at:]


def remove(blob: bytes | None, request: Request) -> bytes:
    """Take bytes out; what is behind the end is refused (4), or ignored when PARTIAL."""
    old = blob or b""
    at = request.offset // 8
    end = at + request.size // 8
    if at >= len(old) or (end > len(old) and not request.has(PARTIAL)):
        raise NotApplicable(_PARAMETER)
    return old[:at] + old[end:]


def _check_size(size: int) -> int:
    if size >= MAX_BYTES:
        raise Refused(_PARAMETER)
    return size
