"""Packed msgpack read in place: kinds, spans and Aerospike's total order, no values built.

Lists and maps stay the bytes that they were stored as; expressions and secondary indexes only
look into them. Kinds are numbered in the order in which values of different kinds sort
(wire.md §11; the server's msgpack_in.h, msgpack_type).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

__all__ = [
    "BYTES",
    "DOUBLE",
    "EXT",
    "FALSE",
    "GEOJSON",
    "INF",
    "INTEGER",
    "LIST",
    "MAP",
    "NEGATIVE",
    "NIL",
    "STRING",
    "TRUE",
    "WILDCARD",
    "PackedError",
    "Reader",
    "Token",
    "compare",
    "elements",
    "list_header",
    "map_header",
    "pack_int",
    "pack_typed",
    "pairs",
    "spans",
]

NIL: Final = 1
FALSE: Final = 2
TRUE: Final = 3
NEGATIVE: Final = 4
INTEGER: Final = 5
STRING: Final = 6
LIST: Final = 7
MAP: Final = 8
BYTES: Final = 9
DOUBLE: Final = 10
GEOJSON: Final = 11
EXT: Final = 12
WILDCARD: Final = 13
INF: Final = 14

_KEY_ORDERED: Final = 1
_MARKER_EXT: Final = 0xFF  # type of the ext values that only compare
_FLOAT = struct.Struct(">f")
_DOUBLE = struct.Struct(">d")

#: First byte → size of the length that follows it, for str and bin.
_RAW_LENGTHS: Final = {0xC4: 1, 0xD9: 1, 0xC5: 2, 0xDA: 2, 0xC6: 4, 0xDB: 4}
#: First byte → size of the element count that follows it, and whether it is a map.
_COUNTS: Final = {0xDC: (2, False), 0xDD: (4, False), 0xDE: (2, True), 0xDF: (4, True)}
_FIXED_EXTS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_SIZED_EXTS: Final = {0xC7: 1, 0xC8: 2, 0xC9: 4}

#: kind, value: int, float, payload bytes (with its type prefix), or number of elements of a
#: list or of keys and values of a map.
Token = tuple[int, "int | float | bytes | None"]


class PackedError(ValueError):
    """Bytes that are no msgpack, or end early."""


class Reader:
    """A position in packed bytes; every method that reads moves it and raises PackedError."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    def _take(self, size: int) -> bytes:
        at = self.at
        if at + size > self.end:
            raise PackedError(f"packed value ends early at byte {at}")
        self.at = at + size
        return self.data[at : at + size]

    def _unsigned(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def token(self) -> Token:
        """Read one scalar, or the header of one list or map."""
        first = self._take(1)[0]
        if first < 0x80:
            return INTEGER, first
        if first >= 0xE0:
            return NEGATIVE, first - 256
        if first < 0x90:
            return MAP, 2 * (first & 0x0F)
        if first < 0xA0:
            return LIST, first & 0x0F
        if first < 0xC0:
            return _raw(self._take(first & 0x1F))
        return self._long_token(first)

    def _long_token(self, first: int) -> Token:
        if first in _RAW_LENGTHS:
            return _raw(self._take(self._unsigned(_RAW_LENGTHS[first])))
        if 0xCC <= first <= 0xCF:
            return INTEGER, _signed(self._unsigned(1 << (first - 0xCC)), 8)
        if 0xD0 <= first <= 0xD3:
            size = 1 << (first - 0xD0)
            number = _signed(self._unsigned(size), size)
            return (NEGATIVE if number < 0 else INTEGER), number
        if first in _COUNTS:
            size, is_map = _COUNTS[first]
            count = self._unsigned(size)
            return (MAP, 2 * count) if is_map else (LIST, count)
        return self._rare_token(first)

    def _rare_token(self, first: int) -> Token:
        if first == 0xC0:
            return NIL, None
        if first in (0xC2, 0xC3):
            return first - 0xC0, None
        if first == 0xCB:
            return DOUBLE, _DOUBLE.unpack(self._take(8))[0]
        if first == 0xCA:
            return DOUBLE, _FLOAT.unpack(self._take(4))[0]
        if first in _FIXED_EXTS:
            return _ext(self._take(1 + _FIXED_EXTS[first]))
        if first in _SIZED_EXTS:
            return _ext(self._take(1 + self._unsigned(_SIZED_EXTS[first])))
        raise PackedError(f"byte 0x{first:02x} starts no packed value")

    def peek(self) -> int:
        """Give the kind of the next value without moving."""
        at = self.at
        kind = self.token()[0]
        self.at = at
        return kind

    def skip(self, count: int = 1) -> None:
        """Pass over `count` whole values, with all that is inside them."""
        while count:
            kind, value = self.token()
            count -= 1
            if kind in (LIST, MAP):
                assert isinstance(value, int)
                if value > self.end - self.at:
                    raise PackedError("a list or map with more elements than bytes")
                count += value

    def span(self) -> bytes:
        """Read one whole value as the bytes that it takes."""
        start = self.at
        self.skip()
        return self.data[start : self.at]

    def integer(self) -> int:
        """Read an integer (64 bits, signed; larger unsigned ones wrap)."""
        kind, value = self.token()
        if kind not in (INTEGER, NEGATIVE):
            raise PackedError("not an integer")
        assert isinstance(value, int)
        return value

    def raw(self) -> bytes:
        """Read the payload of a str or bin, with its type prefix when it has one."""
        kind, value = self.token()
        if kind not in (STRING, BYTES, GEOJSON):
            raise PackedError("not a string")
        assert isinstance(value, bytes)
        return value

    def list_size(self) -> int:
        """Read the header of a list and give its number of elements."""
        kind, value = self.token()
        if kind != LIST:
            raise PackedError("not a list")
        assert isinstance(value, int)
        return value

    def done(self) -> bool:
        """Tell whether all bytes are read."""
        return self.at >= self.end


def _raw(payload: bytes) -> Token:
    prefix = payload[:1]
    if prefix == b"\x03":
        return STRING, payload
    return (GEOJSON if prefix == b"\x17" else BYTES), payload


def _signed(number: int, size: int) -> int:
    return number - (1 << 8 * size) if number >> (8 * size - 1) else number


def _ext(payload: bytes) -> Token:
    """Sort out an ext value; `payload`: type byte, then data."""
    if len(payload) == 2 and payload[0] == _MARKER_EXT and payload[1] in (0, 1):
        return (WILDCARD if payload[1] == 0 else INF), payload
    return EXT, payload


def _open(reader: Reader, kind: int, count: int) -> tuple[int, bool]:
    """Pass over a container's metadata element; give what is left, and "unordered map"."""
    if not count:
        return 0, False
    at = reader.at
    first_kind, payload = reader.token()
    if first_kind not in (EXT, WILDCARD, INF):
        reader.at = at
        return count, kind == MAP
    assert isinstance(payload, bytes)
    unordered = kind == MAP and not payload[0] & _KEY_ORDERED
    if payload[0] == _MARKER_EXT:
        reader.at = at
        return count, unordered
    if kind == MAP:
        reader.skip()
        return count - 2, unordered
    return count - 1, unordered


def compare(left: bytes, right: bytes) -> tuple[int, bool]:
    """Compare two packed values: (-1, 0 or 1; whether an unordered map was come across).

    Raises PackedError. The server refuses to judge comparisons that met an unordered map
    (exp.c, cmp_msgpack), which depends on how far the comparison had to look.
    """
    a, b = Reader(left), Reader(right)
    todo, end_result, unordered = 1, 0, False
    while todo:
        todo -= 1
        kind_a, value_a = a.token()
        kind_b, value_b = b.token()
        if kind_a in (LIST, MAP):
            value_a, loose = _open(a, kind_a, value_a)  # type: ignore[arg-type]
            unordered |= loose
        if kind_b in (LIST, MAP):
            value_b, loose = _open(b, kind_b, value_b)  # type: ignore[arg-type]
            unordered |= loose
        if WILDCARD in (kind_a, kind_b):
            return 0, unordered
        if kind_a != kind_b:
            return (-1 if kind_a < kind_b else 1), unordered
        if kind_a == LIST:
            assert isinstance(value_a, int)
            assert isinstance(value_b, int)
            if value_a == value_b:
                todo += value_a
            else:
                todo = min(value_a, value_b)
                end_result = -1 if value_a < value_b else 1
            continue
        if value_a != value_b:
            if value_a < value_b:  # type: ignore[operator]
                return -1, unordered
            if value_a > value_b:  # type: ignore[operator]
                return 1, unordered
        if kind_a == MAP:
            assert isinstance(value_a, int)
            todo += value_a
    return end_result, unordered


def elements(packed: bytes) -> Iterator[Token]:
    """Walk a packed list's elements as tokens; lists and maps inside are passed over whole."""
    reader = Reader(packed)
    count, _ = _open(reader, LIST, reader.list_size())
    for _ in range(count):
        yield _whole(reader)


def pairs(packed: bytes) -> Iterator[tuple[Token, Token]]:
    """Walk a packed map's keys and values as tokens; containers are passed over whole."""
    reader = Reader(packed)
    kind, count = reader.token()
    if kind != MAP:
        raise PackedError("not a map")
    assert isinstance(count, int)
    count, _ = _open(reader, MAP, count)
    for _ in range(count // 2):
        key = _whole(reader)
        yield key, _whole(reader)


def spans(container: bytes) -> list[bytes]:
    """Give a packed list's elements, or a map's keys and values in turn, each packed."""
    reader = Reader(container)
    kind, count = reader.token()
    if kind not in (LIST, MAP):
        raise PackedError("not a list or map")
    assert isinstance(count, int)
    count, _ = _open(reader, kind, count)
    return [reader.span() for _ in range(count)]


def _whole(reader: Reader) -> Token:
    token = reader.token()
    if token[0] in (LIST, MAP):
        assert isinstance(token[1], int)
        reader.skip(token[1])
    return token


def pack_int(number: int) -> bytes:
    """Pack a 64-bit signed integer in its smallest form."""
    if 0 <= number < 0x80:
        return bytes((number,))
    if -32 <= number < 0:
        return bytes((number + 256,))
    if number >= 0:
        for first, size in ((0xCC, 1), (0xCD, 2), (0xCE, 4)):
            if number < 1 << 8 * size:
                return bytes((first,)) + number.to_bytes(size, "big")
        return b"\xcf" + number.to_bytes(8, "big")
    for first, size in ((0xD0, 1), (0xD1, 2), (0xD2, 4)):
        if number >= -(1 << (8 * size - 1)):
            return bytes((first,)) + number.to_bytes(size, "big", signed=True)
    return b"\xd3" + number.to_bytes(8, "big", signed=True)


def pack_typed(prefix: int, payload: bytes) -> bytes:
    """Pack a string, blob, GeoJSON or HLL with its type prefix, as a str."""
    size = len(payload) + 1
    if size < 32:
        header = bytes((0xA0 | size,))
    elif size < 1 << 8:
        header = b"\xd9" + bytes((size,))
    elif size < 1 << 16:
        header = b"\xda" + size.to_bytes(2, "big")
    else:
        header = b"\xdb" + size.to_bytes(4, "big")
    return header + bytes((prefix,)) + payload


def list_header(count: int) -> bytes:
    """Pack the header of a list of `count` elements."""
    if count < 16:
        return bytes((0x90 | count,))
    if count < 1 << 16:
        return b"\xdc" + count.to_bytes(2, "big")
    return b"\xdd" + count.to_bytes(4, "big")


def map_header(pairs: int) -> bytes:
    """Pack the header of a map of `pairs` keys and values."""
    if pairs < 16:
        return bytes((0x80 | pairs,))
    if pairs < 1 << 16:
        return b"\xde" + pairs.to_bytes(2, "big")
    return b"\xdf" + pairs.to_bytes(4, "big")
