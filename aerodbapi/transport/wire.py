"""What every carrier checks of a reply: its 8-byte header, its kind, its size.

The rules live in `protocol.frame`; here stand the few lines that the carriers' loops need of
them without a call for each reply.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import frame

__all__ = ["HEADER", "MESSAGE_WORD", "body_size", "opened", "unpack_word"]

HEADER: Final = frame.HEADER_SIZE
#: The header of an empty message frame, as one number: adding a body's size gives its header.
MESSAGE_WORD: Final = 2 << 56 | frame.MESSAGE << 48

_WORD: Final = Struct(">Q")
unpack_word = _WORD.unpack_from


def body_size(header: bytes | bytearray, asked: int) -> tuple[int, int]:
    """Return (kind, size) of a reply to a request of kind `asked`; `header` is 8 bytes or more.

    Raises ProtocolError for another version, another kind, or a size above the limit.
    """
    kind, size = frame.parse_header(bytes(header[:HEADER]))
    if kind in (asked, frame.COMPRESSED) or (asked, kind) == (frame.COMPRESSED, frame.MESSAGE):
        return kind, size
    raise ProtocolError(f"a frame of kind {kind} answers one of kind {asked}")


def opened(kind: int, body: bytes, asked: int) -> bytes:
    """Return a reply's body, decompressed. Raises ProtocolError."""
    if kind != frame.COMPRESSED:
        return body
    kind, body = frame.decompress(body)
    if asked not in (kind, frame.COMPRESSED):
        raise ProtocolError(f"a compressed frame of kind {kind} answers one of kind {asked}")
    return body
