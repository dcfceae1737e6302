"""Replies to single-record commands: one pass over the bytes, no object for an operation."""

from __future__ import annotations

import struct
from typing import Any

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.flags import EPOCH_2010, TTL_NEVER, ParticleType
from aerodbapi.protocol.message import MESSAGE_HEADER

try:
    from aerodbapi.protocol._bins import decode_bins
except ImportError:  # installed without a C compiler
    from aerodbapi.protocol.bins import decode_bins

__all__ = [
    "decode_bins",
    "decode_bins_ordered",
    "decode_reply",
    "decode_reply_ordered",
    "kept_packed",
    "ttl_of",
]

_PACKED = (ParticleType.LIST, ParticleType.MAP)
_unpack_header = MESSAGE_HEADER.unpack_from
_unpack_u32 = struct.Struct(">I").unpack_from


def decode_reply(body: bytes) -> tuple[int, int, int, dict[str, Any]]:
    """(result code, generation, void-time, bins) of a reply of exactly one message.

    Of operations on the same bin the last one's result is kept; a result of nothing is None.
    """
    if type(body) is not bytes:
        body = bytes(body)
    result_code, generation, void_time, n_ops, position = _reply_head(body)
    bins: dict[str, Any] = {}
    if n_ops:
        position = decode_bins(body, position, n_ops, bins)
    if position != len(body):
        raise ProtocolError(f"{len(body) - position} bytes follow a reply")
    return result_code, generation, void_time, bins


def _reply_head(body: bytes) -> tuple[int, int, int, int, int]:
    try:
        size, _, _, _, _, result_code, generation, void_time, _, n_fields, n_ops = _unpack_header(
            body
        )
        position = 22
        for _ in range(n_fields):
            position += 4 + _unpack_u32(body, position)[0]
    except struct.error:
        raise ProtocolError(f"a reply of {len(body)} bytes is cut off") from None
    if size != 22:
        raise ProtocolError(f"a message header of {size} bytes, not 22")
    return result_code, generation, void_time, n_ops, position


def decode_reply_ordered(body: bytes) -> tuple[int, int, int, list[tuple[str, Any]]]:
    """Like decode_reply, with every operation's result in order as (bin, value)."""
    if type(body) is not bytes:
        body = bytes(body)
    result_code, generation, void_time, n_ops, position = _reply_head(body)
    results, position = decode_bins_ordered(body, position, n_ops)
    if position != len(body):
        raise ProtocolError(f"{len(body) - position} bytes follow a reply")
    return result_code, generation, void_time, results


def decode_bins_ordered(
    body: bytes, position: int, n_ops: int
) -> tuple[list[tuple[str, Any]], int]:
    """The values of `n_ops` operations in order as (bin, value), and the offset behind them."""
    results: list[tuple[str, Any]] = []
    for _ in range(n_ops):
        one: dict[str, Any] = {}
        position = decode_bins(body, position, 1, one)
        results.extend(one.items())
    return results, position


def kept_packed(body: bytes) -> bytes:
    """The body of a reply, of one message or many, in which lists and maps are blobs.

    So they are read as the bytes that they travel as (policies, `deserialize`).
    """
    made, position = bytearray(body), 0
    try:
        while position < len(made):
            head = _unpack_header(made, position)
            position += head[0]
            for _ in range(head[9]):
                position += 4 + _unpack_u32(made, position)[0]
            for _ in range(head[10]):
                if made[position + 5] in _PACKED:
                    made[position + 5] = ParticleType.BLOB
                position += 4 + _unpack_u32(made, position)[0]
            if not head[0]:
                break  # the decoder says what is wrong with it
    except (struct.error, IndexError):
        return body
    return bytes(made)


def ttl_of(void_time: int, now: float) -> int:
    """Seconds that a record has left at Unix time `now`: at least 1, or TTL_NEVER."""
    if void_time == 0:
        return TTL_NEVER
    return max(void_time + EPOCH_2010 - int(now), 1)
