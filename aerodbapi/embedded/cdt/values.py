"""Lists and maps taken apart into packed elements, and put together again.

Elements stay the bytes that they are stored as. Where they begin is found by the `msgpack`
library, an element per call; a list of 10,000 elements takes about a millisecond. Reading from
the front of a list looks no further than it has to, appending does not look inside at all.
"""

from __future__ import annotations

from typing import Final

import msgpack

from aerodbapi.embedded.cdt.order import SortKey, sort_key
from aerodbapi.embedded.packed import LIST, MAP, PackedError, Reader, list_header, map_header

__all__ = ["ORDERED", "VALUES_ORDERED", "ListValue", "MapValue", "empty_list", "empty_map"]

ORDERED: Final = 1  # of a list, or of a map by its keys
VALUES_ORDERED: Final = 2  # of a map

_META: Final = b"\xc7\x00"
_NIL: Final = b"\xc0"
_MAX_BUFFER: Final = 1 << 31


def empty_list(flags: int) -> bytes:
    """Pack an empty list; `flags`: ORDERED or 0."""
    return b"\x91" + _META + bytes((flags,)) if flags else b"\x90"


def empty_map(flags: int) -> bytes:
    """Pack an empty map; `flags`: ORDERED and VALUES_ORDERED."""
    return b"\x81" + _META + bytes((flags,)) + _NIL if flags else b"\x80"


def _open(packed: bytes, kind: int) -> tuple[int, int, int]:
    """Give a container's number of elements, its flags, and where its contents begin."""
    reader = Reader(packed)
    found, count = reader.token()
    if found != kind:
        raise PackedError("another kind of value")
    assert isinstance(count, int)
    at = reader.at
    if not count or packed[at] != 0xC7:
        return count, 0, at
    width = 2 if kind == MAP else 1
    return count - width, packed[at + 2], at + 2 + width


def _split(packed: bytes, at: int, count: int) -> list[bytes]:
    """Cut `count` values that begin at byte `at`."""
    if len(packed) - at == count:  # every value is one byte
        return [packed[i : i + 1] for i in range(at, at + count)]
    unpacker = msgpack.Unpacker(max_buffer_size=_MAX_BUFFER)
    unpacker.feed(packed[at:] if at else packed)
    skip, tell = unpacker.skip, unpacker.tell
    parts = []
    begin = at
    for _ in range(count):
        skip()
        end = at + tell()
        parts.append(packed[begin:end])
        begin = end
    return parts


class ListValue:
    """A list. `flags`: ORDERED or 0. `packed`: as it was given."""

    __slots__ = ("_at", "_items", "_keys", "count", "flags", "packed")

    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        self.count, self.flags, self._at = _open(packed, LIST)
        self._items: list[bytes] | None = None
        self._keys: list[SortKey] | None = None

    @property
    def ordered(self) -> bool:
        """Tell whether the list keeps itself sorted."""
        return bool(self.flags & ORDERED)

    @property
    def items(self) -> list[bytes]:
        """Give all elements; do not change the result."""
        if self._items is None:
            self._items = _split(self.packed, self._at, self.count)
        return self._items

    @property
    def keys(self) -> list[SortKey]:
        """Give the sort keys of all elements."""
        if self._keys is None:
            self._keys = [sort_key(item) for item in self.items]
        return self._keys

    def slice(self, begin: int, end: int) -> list[bytes]:
        """Give the elements from `begin` up to `end`."""
        if self._items is None and 2 * end <= self.count:
            return _split(self.packed, self._at, end)[begin:]
        return self.items[begin:end]

    def with_items(self, items: list[bytes], flags: int | None = None) -> bytes:
        """Pack a list of other elements with the same flags, or with others."""
        if flags is None:
            flags = self.flags
        if not items:
            return empty_list(flags)
        if not flags:
            return list_header(len(items)) + b"".join(items)
        return list_header(len(items) + 1) + _META + bytes((flags,)) + b"".join(items)

    def appended(self, items: list[bytes]) -> bytes:
        """Pack an unordered list with elements added at its end."""
        tail = b"".join(items)
        return list_header(self.count + len(items)) + self.packed[self._at :] + tail


class MapValue:
    """A map: keys in their order, and values beside them. `flags`: its orders."""

    __slots__ = ("_at", "_keys", "_value_keys", "_values", "count", "flags", "packed")

    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        size, self.flags, self._at = _open(packed, MAP)
        self.count = size // 2
        self._keys: list[bytes] | None = None
        self._values: list[bytes] = []
        self._value_keys: list[SortKey] | None = None

    @property
    def ordered(self) -> bool:
        """Tell whether the map has an order of its own; its keys are sorted in any case."""
        return self.flags != 0

    @property
    def keys(self) -> list[bytes]:
        """Give all keys, sorted; do not change the result."""
        if self._keys is None:
            parts = _split(self.packed, self._at, 2 * self.count)
            self._keys, self._values = parts[::2], parts[1::2]
        return self._keys

    @property
    def values(self) -> list[bytes]:
        """Give all values, in the order of their keys; do not change the result."""
        if self._keys is None:
            _ = self.keys
        return self._values

    @property
    def value_keys(self) -> list[SortKey]:
        """Give the sort keys of all values."""
        if self._value_keys is None:
            self._value_keys = [sort_key(value) for value in self.values]
        return self._value_keys

    def by_value(self) -> list[int]:
        """Give all places in the order of values; equal values in the order of their keys."""
        return sorted(range(self.count), key=self.value_keys.__getitem__)

    def with_pairs(self, keys: list[bytes], values: list[bytes], flags: int | None = None) -> bytes:
        """Pack a map of other pairs, sorted by key, with the same flags or with others."""
        return pack_map(keys, values, self.flags if flags is None else flags)


def pack_map(keys: list[bytes], values: list[bytes], flags: int) -> bytes:
    """Pack a map of pairs in the order in which they are given."""
    if not keys:
        return empty_map(flags)
    body = b"".join(part for pair in zip(keys, values) for part in pair)
    if not flags:
        return map_header(len(keys)) + body
    return map_header(len(keys) + 1) + _META + bytes((flags,)) + _NIL + body
