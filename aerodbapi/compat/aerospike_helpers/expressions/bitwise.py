"""Expressions on the bits of blobs. Those that change something have the changed blob as value."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.base import BlobBin
from aerodbapi.compat.aerospike_helpers.expressions.calls import bits
from aerodbapi.compat.aerospike_helpers.expressions.resources import _BaseExpr, expression

__all__ = [
    "BitAdd",
    "BitAnd",
    "BitB64Encode",
    "BitCount",
    "BitGet",
    "BitGetInt",
    "BitInsert",
    "BitLeftScan",
    "BitLeftShift",
    "BitNot",
    "BitOr",
    "BitRemove",
    "BitResize",
    "BitRightScan",
    "BitRightShift",
    "BitSet",
    "BitSetInt",
    "BitSubtract",
    "BitXor",
]

_PLAIN = bits(BlobBin)

BitResize = expression(
    __name__,
    "BitResize",
    a.OP_BIT_RESIZE,
    "policy byte_size flags bin",
    _PLAIN,
    "Grow (with zero bytes) or shrink the blob to `byte_size`; `flags` are BitResize's.",
)
BitInsert = expression(
    __name__, "BitInsert", a.OP_BIT_INSERT, "policy byte_offset value bin", _PLAIN, "Insert bytes."
)
BitRemove = expression(
    __name__,
    "BitRemove",
    a.OP_BIT_REMOVE,
    "policy byte_offset byte_size bin",
    _PLAIN,
    "Remove bytes.",
)
BitSet = expression(
    __name__,
    "BitSet",
    a.OP_BIT_SET,
    "policy bit_offset bit_size value bin",
    _PLAIN,
    "Overwrite bits with those of `value`, from its highest on.",
)
BitOr = expression(
    __name__,
    "BitOr",
    a.OP_BIT_OR,
    "policy bit_offset bit_size value bin",
    _PLAIN,
    "Bitwise or with `value`.",
)
BitXor = expression(
    __name__,
    "BitXor",
    a.OP_BIT_XOR,
    "policy bit_offset bit_size value bin",
    _PLAIN,
    "Bitwise exclusive or with `value`.",
)
BitAnd = expression(
    __name__,
    "BitAnd",
    a.OP_BIT_AND,
    "policy bit_offset bit_size value bin",
    _PLAIN,
    "Bitwise and with `value`.",
)
BitNot = expression(
    __name__, "BitNot", a.OP_BIT_NOT, "policy bit_offset bit_size bin", _PLAIN, "Turn bits around."
)
BitLeftShift = expression(
    __name__,
    "BitLeftShift",
    a.OP_BIT_LSHIFT,
    "policy bit_offset bit_size shift bin",
    _PLAIN,
    "Shift bits left by `shift`.",
)
BitRightShift = expression(
    __name__,
    "BitRightShift",
    a.OP_BIT_RSHIFT,
    "policy bit_offset bit_size shift bin",
    _PLAIN,
    "Shift bits right by `shift`.",
)
BitAdd = expression(
    __name__,
    "BitAdd",
    a.OP_BIT_ADD,
    "policy bit_offset bit_size value action bin",
    _PLAIN,
    "Add to an integer of at most 64 bits; `overflow` is one of BitOverflow.",
)
BitSubtract = expression(
    __name__,
    "BitSubtract",
    a.OP_BIT_SUBTRACT,
    "policy bit_offset bit_size value action bin",
    _PLAIN,
    "Subtract from an integer of at most 64 bits; `overflow` is one of BitOverflow.",
)
BitSetInt = expression(
    __name__,
    "BitSetInt",
    a.OP_BIT_SET_INT,
    "policy bit_offset bit_size value bin",
    _PLAIN,
    "Write an integer of at most 64 bits.",
)
BitGet = expression(
    __name__,
    "BitGet",
    a.OP_BIT_GET,
    "bit_offset bit_size bin",
    _PLAIN,
    "Bits as bytes, filled up with zero bits at the end.",
)
BitCount = expression(
    __name__,
    "BitCount",
    a.OP_BIT_COUNT,
    "bit_offset bit_size bin",
    _PLAIN,
    "The number of bits that are set.",
)
BitLeftScan = expression(
    __name__,
    "BitLeftScan",
    a.OP_BIT_LSCAN,
    "bit_offset bit_size value bin",
    _PLAIN,
    "Where the first bit with this value is, from `bit_offset`; -1 when there is none.",
)
BitRightScan = expression(
    __name__,
    "BitRightScan",
    a.OP_BIT_RSCAN,
    "bit_offset bit_size value bin",
    _PLAIN,
    "Where the last bit with this value is, from `bit_offset`; -1 when there is none.",
)


class BitGetInt(_BaseExpr):
    """Bits, at most 64, as an integer."""

    _op = a.OP_BIT_GET_INT

    def __init__(self, bit_offset: Any, bit_size: Any, sign: bool, bin: Any) -> None:
        self._children = (bit_offset, bit_size, 1 if sign else 0, _blob(bin))


class BitB64Encode(_BaseExpr):
    """Bytes as base-64 text (servers from 8.1.3 on)."""

    def __init__(
        self, byte_offset: int, byte_size: int | None, invert_size: bool, bin: Any
    ) -> None:
        part = () if byte_size is None else (byte_offset, byte_size, 1 if invert_size else 0)
        self._op = a._OP_BIT_B64_ENCODE_RANGE if part else a._OP_BIT_B64_ENCODE
        self._children = (*part, _blob(bin))


def _blob(bin: Any) -> _BaseExpr:
    return bin if isinstance(bin, _BaseExpr) else BlobBin(bin)
