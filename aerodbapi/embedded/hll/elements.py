"""Elements of an HLL as they are hashed: packed values in their smallest form.

Which form the server takes for the smallest: msgpack_in.c, msgpack_compactify. It leaves bytes
under a bin header alone when they are too many for the next smaller header.
"""

from __future__ import annotations

from typing import Final

from aerodbapi.embedded.packed import LIST, MAP, PackedError, Reader, pack_int

__all__ = ["elements"]

#: First byte of long strings and blobs → size of their length, most bytes for a smaller header.
_RAW: Final = {
    0xC4: (1, 0x1F),
    0xD9: (1, 0x1F),
    0xC5: (2, 0xFF),
    0xDA: (2, 0xFF),
    0xC6: (4, 0xFFFF),
    0xDB: (4, 0xFFFF),
}
#: Of ext values: most bytes for a smaller header, too.
_EXT: Final = {0xC8: (2, 0xFF), 0xC9: (4, 0xFFFF)}
_FIXED_EXT: Final = {1: 0xD4, 2: 0xD5, 4: 0xD6, 8: 0xD7, 16: 0xD8}


def elements(reader: Reader) -> list[bytes]:
    """Read a list of scalars; PackedError when it is empty, or has a list or map in it."""
    count = reader.list_size()
    if not count:
        raise PackedError("no elements")
    return [_element(reader) for _ in range(count)]


def _element(reader: Reader) -> bytes:
    start = reader.at
    kind, _ = reader.token()
    if kind in (LIST, MAP):
        raise PackedError("a list or map as an element")
    data = reader.data[start : reader.at]
    first = data[0]
    if 0xCC <= first <= 0xD3:
        return _integer(data)
    if first in _RAW:
        size, most = _RAW[first]
        content = data[1 + size :]
        return data if len(content) > most else _raw_header(len(content)) + content
    if first == 0xC7:
        fixed = _FIXED_EXT.get(data[1])
        return data if fixed is None else bytes((fixed,)) + data[2:]
    if first in _EXT:
        size, most = _EXT[first]
        content = data[1 + size :]  # type and bytes
        return data if len(content) - 1 > most else _ext(content)
    return data


def _integer(data: bytes) -> bytes:
    if data[0] == 0xCF and data[1] & 0x80:
        return data
    return pack_int(int.from_bytes(data[1:], "big", signed=data[0] >= 0xD0))


def _raw_header(size: int) -> bytes:
    if size < 32:
        return bytes((0xA0 | size,))
    if size < 1 << 8:
        return bytes((0xD9, size))
    return b"\xda" + size.to_bytes(2, "big")


def _ext(content: bytes) -> bytes:
    size = len(content) - 1
    if size in _FIXED_EXT:
        return bytes((_FIXED_EXT[size],)) + content
    header = bytes((0xC7, size)) if size < 1 << 8 else b"\xc8" + size.to_bytes(2, "big")
    return header + content
