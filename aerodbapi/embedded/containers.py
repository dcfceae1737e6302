"""Lists and maps as clients send them → as the node keeps them.

Kept ones are unambiguous: numbers and strings in their smallest form, the pairs of every map
in the order of their keys and no key twice, of metadata only the order, no other ext value
(the server lets some through), nothing behind the value. A list or map that claims an order
has to have it already (server source: cdt.c `cdt_untrusted_rewrite`).
"""

from __future__ import annotations

from functools import cmp_to_key
from itertools import pairwise
from typing import Final

from aerodbapi.embedded.packed import (
    BYTES,
    EXT,
    GEOJSON,
    INF,
    INTEGER,
    LIST,
    MAP,
    NEGATIVE,
    STRING,
    WILDCARD,
    PackedError,
    Reader,
    compare,
    list_header,
    map_header,
    pack_int,
    pack_typed,
)

__all__ = ["MAX_DEPTH", "canonical", "canonical_element", "may_be_key"]

#: Deepest nesting that is kept; what packs and unpacks values has the same limit.
MAX_DEPTH: Final = 128

_ORDERED: Final = 1  # of a list, or of a map's keys
_VALUES_ORDERED: Final = 2
_ONLY_COMPARES: Final = 0xFF  # ext type
_META: Final = frozenset((EXT, WILDCARD, INF))
_BLOB: Final = 4  # the type prefix of a blob that may be a key
_EMPTY: Final = {LIST: b"\x90", MAP: b"\x80"}
_UINT64: Final = 0xCF


def canonical(packed: bytes, kind: int) -> bytes:
    """Rewrite a packed list (kind LIST) or map (MAP); PackedError for what cannot be kept."""
    reader = Reader(packed)
    if reader.peek() != kind:
        raise PackedError("another kind of value")
    rewritten = _value(reader, 0)
    if not reader.done():
        raise PackedError("something follows the value")
    return rewritten


def canonical_element(packed: bytes) -> bytes:
    """Rewrite a value that is to become an element of a list or map; PackedError as above."""
    if len(packed) == 1 and (packed[0] < 0x80 or packed[0] >= 0xE0):
        return packed
    reader = Reader(packed)
    rewritten = _value(reader, 0)
    if not reader.done():
        raise PackedError("something follows the value")
    return rewritten


def may_be_key(packed: bytes) -> bool:
    """Tell whether a value may be the key of a map: an integer, a string or a blob."""
    return _may_be_key(Reader(packed))


def _value(reader: Reader, depth: int) -> bytes:
    start = reader.at
    kind, value = reader.token()
    if kind in (LIST, MAP):
        if depth == MAX_DEPTH:
            raise PackedError("nested too deeply")
        assert isinstance(value, int)
        return _container(reader, kind, value, depth) if value else _EMPTY[kind]
    if kind in _META:
        raise PackedError("a value that only compares")
    if kind in (STRING, BYTES, GEOJSON):
        assert isinstance(value, bytes)
        return pack_typed(value[0], value[1:]) if value else b"\xa0"
    if kind in (INTEGER, NEGATIVE):
        assert isinstance(value, int)
        if reader.data[start] != _UINT64 or value >= 0:
            return pack_int(value)
    return reader.data[start : reader.at]


def _container(reader: Reader, kind: int, count: int, depth: int) -> bytes:
    """Rewrite what follows a header of `count` elements (of a map: keys and values)."""
    width = 2 if kind == MAP else 1
    flags = 0
    if reader.peek() in _META:
        flags = _flags(reader, kind)
        count -= width
    if count > reader.end - reader.at:
        raise PackedError("more elements than bytes")
    items = []
    for _ in range(count // width):
        if kind == MAP and not _may_be_key(reader):
            raise PackedError("a key that is no integer, string or blob")
        key = _value(reader, depth + 1)
        items.append((key, _value(reader, depth + 1) if kind == MAP else b""))
    if kind == MAP:
        items = _in_key_order(items, flags)
    elif flags & _ORDERED and any(
        _order(left, right) > 0 for (left, _), (right, _) in pairwise(items)
    ):
        raise PackedError("an ordered list that is not in order")
    body = b"".join(part for item in items for part in item)
    meta = b"" if not flags else b"\xc7\0" + bytes((flags,)) + (b"\xc0" if kind == MAP else b"")
    size = len(items) + (1 if flags else 0)
    return (list_header(size) if kind == LIST else map_header(size)) + meta + body


def _flags(reader: Reader, kind: int) -> int:
    """Read a container's metadata element, and give the flags that are kept: its order.

    That an index be kept with the value changes no answer, so it is forgotten here.
    """
    _, payload = reader.token()
    assert isinstance(payload, bytes)
    if payload[0] == _ONLY_COMPARES:
        raise PackedError("a value that only compares")
    if kind == MAP:
        reader.skip()
    return payload[0] & (_ORDERED | (_VALUES_ORDERED if kind == MAP else 0))


def _may_be_key(reader: Reader) -> bool:
    at = reader.at
    kind, value = reader.token()
    reader.at = at
    if kind == BYTES:
        return isinstance(value, bytes) and value[:1] == bytes((_BLOB,))
    return kind in (INTEGER, NEGATIVE, STRING)


def _order(left: bytes, right: bytes) -> int:
    return compare(left, right)[0]


def _in_key_order(items: list[tuple[bytes, bytes]], flags: int) -> list[tuple[bytes, bytes]]:
    orders = [_order(left, right) for (left, _), (right, _) in pairwise(items)]
    if all(order < 0 for order in orders):
        return items
    if 0 in orders or flags & _ORDERED:
        raise PackedError("keys that are equal, or not in the order that the map claims")
    rank = cmp_to_key(_order)
    ordered = sorted(items, key=lambda item: rank(item[0]))
    if any(_order(left, right) == 0 for (left, _), (right, _) in pairwise(ordered)):
        raise PackedError("a key twice")
    return ordered
