"""Frames: the 8-byte header before every body, compression, and splitting a stream.

Header: version 2, kind, 48-bit big-endian length of the body.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ADMIN",
    "COMPRESSED",
    "HEADER_SIZE",
    "INFO",
    "MAX_BODY",
    "MESSAGE",
    "FrameBuffer",
    "compress",
    "decompress",
    "frame",
    "parse_header",
]

INFO: Final = 1
ADMIN: Final = 2
MESSAGE: Final = 3
COMPRESSED: Final = 4

HEADER_SIZE: Final = 8
#: Longest body that a server accepts or sends (server: PROTO_SIZE_MAX).
MAX_BODY: Final = 128 << 20

_VERSION: Final = 2
_LENGTH_MASK: Final = (1 << 48) - 1
_KINDS: Final = frozenset((INFO, ADMIN, MESSAGE, COMPRESSED))
_U64 = struct.Struct(">Q")
_pack_u64 = _U64.pack
_unpack_u64 = _U64.unpack_from


def frame(kind: int, body: bytes) -> bytes:
    """Put the header before `body`."""
    return _pack_u64(_VERSION << 56 | kind << 48 | len(body)) + body


def parse_header(header: bytes | bytearray | memoryview, offset: int = 0) -> tuple[int, int]:
    """Return (kind, length of the body) of the 8 bytes at `offset`.

    Raises ProtocolError for another version, an unknown kind, or a body above MAX_BODY.
    """
    if len(header) - offset < HEADER_SIZE:
        raise ProtocolError(f"a frame header has {HEADER_SIZE} bytes, not {len(header) - offset}")
    word: int = _unpack_u64(header, offset)[0]
    kind, length = word >> 48 & 0xFF, word & _LENGTH_MASK
    if word >> 56 != _VERSION:
        raise ProtocolError(f"frame of protocol version {word >> 56}, not {_VERSION}")
    if kind not in _KINDS:
        raise ProtocolError(f"unknown kind of frame: {kind}")
    if length > MAX_BODY:
        raise ProtocolError(f"a frame of {length} bytes is longer than the protocol's {MAX_BODY}")
    return kind, length


def compress(frame_bytes: bytes) -> bytes:
    """Wrap a whole frame in a compressed one: u64 size of the inner frame, zlib stream."""
    body = _pack_u64(len(frame_bytes)) + zlib.compress(frame_bytes, 1)
    return frame(COMPRESSED, body)


def decompress(body: bytes) -> tuple[int, bytes]:
    """Return (kind, body) of the frame inside a compressed frame's body.

    Never inflates more than the declared size, which is at most MAX_BODY.
    """
    if len(body) < HEADER_SIZE:
        raise ProtocolError("a compressed frame without the size of its content")
    size: int = _unpack_u64(body)[0]
    if not HEADER_SIZE <= size <= MAX_BODY + HEADER_SIZE:
        raise ProtocolError(f"a compressed frame claims to hold {size} bytes")
    try:
        inner = zlib.decompressobj().decompress(memoryview(body)[HEADER_SIZE:], size + 1)
    except zlib.error as error:
        raise ProtocolError(f"a compressed frame is damaged: {error}") from None
    if len(inner) != size:
        raise ProtocolError(f"a compressed frame does not hold the {size} bytes it claims")
    kind, length = parse_header(inner)
    if kind == COMPRESSED or length != size - HEADER_SIZE:
        raise ProtocolError("a compressed frame does not hold exactly one frame")
    return kind, inner[HEADER_SIZE:]


class FrameBuffer:
    """Splits a byte stream into frames: `feed` bytes as they come, iterate over what is whole.

    Compressed frames come out as they are (kind COMPRESSED). A header that parse_header
    refuses raises ProtocolError as soon as its eight bytes are there.
    """

    __slots__ = ("_bytes", "_start")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._start = 0

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes received."""
        if self._start:
            del self._bytes[: self._start]
            self._start = 0
        self._bytes += data

    def __len__(self) -> int:
        """Bytes held back because their frame is not whole."""
        return len(self._bytes) - self._start

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while len(self._bytes) - self._start >= HEADER_SIZE:
            begin = self._start + HEADER_SIZE
            kind, length = parse_header(self._bytes, self._start)
            if len(self._bytes) < begin + length:
                return
            with memoryview(self._bytes) as view:
                body = bytes(view[begin : begin + length])
            self._start = begin + length
            yield kind, body
