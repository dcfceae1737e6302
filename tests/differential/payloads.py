"""Packed payloads of list, map and path operations, from Python values.

Values that a client would not send are given as `Packed` bytes.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.embedded.packed import Reader, list_header, map_header, pack_int
from aerodbapi.protocol import cdt
from aerodbapi.types import KeyOrderedDict

__all__ = [
    "INVERTED",
    "Packed",
    "command",
    "kv_ordered",
    "loop",
    "ordered",
    "path",
    "quoted",
    "within",
]

INVERTED = 0x10000


class Packed(bytes):
    """Bytes that stand for a value."""


def packed(value: Any) -> bytes:
    return value if isinstance(value, Packed) else cdt.pack(value)


def _list(items: list[bytes]) -> Packed:
    return Packed(list_header(len(items)) + b"".join(items))


def command(number: int, *arguments: Any) -> Packed:
    """Pack a command and its arguments."""
    return _list([pack_int(number), *map(packed, arguments)])


def within(context: list[Any], inner: bytes) -> Packed:
    """Pack a command inside a context of types and values in turn."""
    steps = _list([packed(one) for one in context])
    return _list([pack_int(0xFF), steps, inner])


def path(steps: list[Any], flags: int, change: Any = None) -> Packed:
    """Pack a path of types and values in turn, and the expression of new values."""
    parts = [pack_int(0xFE), _list([packed(one) for one in steps]), pack_int(flags)]
    if change is not None:
        parts.append(packed(change))
    return _list(parts)


def loop(kind: int, which: int) -> list[int]:
    """Give the expression of a loop variable: its type, and 0 key, 1 value, 2 index."""
    return [122, kind, which]


def quoted(inner: bytes) -> Packed:
    """Quote the lists among a command's arguments, as expressions want them."""
    reader = Reader(inner)
    count = reader.list_size()
    parts = [reader.span() for _ in range(count)]
    return _list([b"\x92\x7e" + part if part[0] & 0xF0 == 0x90 else part for part in parts])


def ordered(items: list[Any]) -> Packed:
    """Pack an ordered list; `items` are in order."""
    return Packed(
        list_header(len(items) + 1) + b"\xc7\x00\x01" + b"".join(packed(item) for item in items)
    )


def kv_ordered(value: dict[Any, Any]) -> Packed:
    """Pack a map ordered by key and value."""
    body = cdt.pack(KeyOrderedDict(value))
    head = map_header(len(value) + 1)
    return Packed(head + b"\xc7\x00\x03\xc0" + body[len(head) + 4 :])
