"""Commands on the bits of blobs (server: particle_blob.c).

Bit 0 is the highest bit of byte 0; negative offsets count from the end. Arguments may be
expressions when the command stands in an expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import BinCommand, Context, integer, steps
from aerodbapi.protocol.bin_policies import BitOverflow, BitPolicy, BitResize, coerce
from aerodbapi.protocol.expressions import CallSystem, Exp, ExpType

__all__ = [
    "bit_add",
    "bit_and",
    "bit_b64_encode",
    "bit_count",
    "bit_get",
    "bit_get_int",
    "bit_insert",
    "bit_lscan",
    "bit_lshift",
    "bit_not",
    "bit_or",
    "bit_remove",
    "bit_resize",
    "bit_rscan",
    "bit_rshift",
    "bit_set",
    "bit_set_int",
    "bit_subtract",
    "bit_xor",
]

Policy = Union[BitPolicy, Mapping[str, Any], int, None]

_SIGNED = 1


def _modify(code: int, *args: Any, policy: Policy, last: tuple[int, ...] = ()) -> BinCommand:
    flags = coerce(BitPolicy, policy).flags
    return BinCommand(CallSystem.BITS, code, (*args, flags, *last), True, ExpType.BLOB)


def _read(code: int, *args: Any, result: int = ExpType.INT) -> BinCommand:
    return BinCommand(CallSystem.BITS, code, args, False, result)


def _blob(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview, Exp)):
        return value
    raise ParameterError(f"value is bytes, not {type(value).__name__}", result_code=-2)


def _bool(value: Any) -> Any:
    return value if isinstance(value, Exp) else bool(value)


def _bits(offset: Any, size: Any) -> tuple[Any, Any]:
    return integer("bit_offset", offset), integer("bit_size", size)


def bit_resize(byte_size: Any, policy: Policy = None, flags: int = BitResize.DEFAULT) -> BinCommand:
    """Grow (with zero bytes) or shrink the blob to `byte_size`; `flags` are BitResize's."""
    size, last = integer("byte_size", byte_size), (integer("flags", flags),)
    return _modify(0, size, policy=policy, last=last)


def bit_insert(byte_offset: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Insert bytes."""
    return _modify(1, integer("byte_offset", byte_offset), _blob(value), policy=policy)


def bit_remove(byte_offset: Any, byte_size: Any, policy: Policy = None) -> BinCommand:
    """Remove bytes."""
    size = integer("byte_size", byte_size)
    return _modify(2, integer("byte_offset", byte_offset), size, policy=policy)


def bit_set(bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Overwrite bits with those of `value`, from its highest on."""
    return _modify(3, *_bits(bit_offset, bit_size), _blob(value), policy=policy)


def bit_or(bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Bitwise or with `value`."""
    return _modify(4, *_bits(bit_offset, bit_size), _blob(value), policy=policy)


def bit_xor(bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Bitwise exclusive or with `value`."""
    return _modify(5, *_bits(bit_offset, bit_size), _blob(value), policy=policy)


def bit_and(bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Bitwise and with `value`."""
    return _modify(6, *_bits(bit_offset, bit_size), _blob(value), policy=policy)


def bit_not(bit_offset: Any, bit_size: Any, policy: Policy = None) -> BinCommand:
    """Turn bits around."""
    return _modify(7, *_bits(bit_offset, bit_size), policy=policy)


def bit_lshift(bit_offset: Any, bit_size: Any, shift: Any, policy: Policy = None) -> BinCommand:
    """Shift bits left by `shift`."""
    return _modify(8, *_bits(bit_offset, bit_size), integer("shift", shift), policy=policy)


def bit_rshift(bit_offset: Any, bit_size: Any, shift: Any, policy: Policy = None) -> BinCommand:
    """Shift bits right by `shift`."""
    return _modify(9, *_bits(bit_offset, bit_size), integer("shift", shift), policy=policy)


def bit_add(
    bit_offset: Any,
    bit_size: Any,
    value: Any,
    signed: bool = False,
    overflow: int = BitOverflow.FAIL,
    policy: Policy = None,
) -> BinCommand:
    """Add to an integer of at most 64 bits; `overflow` is one of BitOverflow."""
    return _arithmetic(10, bit_offset, bit_size, value, signed, overflow, policy)


def bit_subtract(
    bit_offset: Any,
    bit_size: Any,
    value: Any,
    signed: bool = False,
    overflow: int = BitOverflow.FAIL,
    policy: Policy = None,
) -> BinCommand:
    """Subtract from an integer of at most 64 bits; `overflow` is one of BitOverflow."""
    return _arithmetic(11, bit_offset, bit_size, value, signed, overflow, policy)


def _arithmetic(
    code: int,
    bit_offset: Any,
    bit_size: Any,
    value: Any,
    signed: bool,
    overflow: int,
    policy: Policy,
) -> BinCommand:
    action = integer("overflow", overflow) | (_SIGNED if signed else 0)
    bits = _bits(bit_offset, bit_size)
    return _modify(code, *bits, integer("value", value), policy=policy, last=(action,))


def bit_set_int(bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None) -> BinCommand:
    """Write an integer of at most 64 bits."""
    return _modify(12, *_bits(bit_offset, bit_size), integer("value", value), policy=policy)


def bit_get(bit_offset: Any, bit_size: Any) -> BinCommand:
    """Bits as bytes, filled up with zero bits at the end."""
    return _read(50, *_bits(bit_offset, bit_size), result=ExpType.BLOB)


def bit_count(bit_offset: Any, bit_size: Any) -> BinCommand:
    """The number of bits that are set."""
    return _read(51, *_bits(bit_offset, bit_size))


def bit_lscan(bit_offset: Any, bit_size: Any, value: Any) -> BinCommand:
    """Where the first bit with this value is, from `bit_offset`; -1 when there is none."""
    return _read(52, *_bits(bit_offset, bit_size), _bool(value))


def bit_rscan(bit_offset: Any, bit_size: Any, value: Any) -> BinCommand:
    """Where the last bit with this value is, from `bit_offset`; -1 when there is none."""
    return _read(53, *_bits(bit_offset, bit_size), _bool(value))


def bit_get_int(bit_offset: Any, bit_size: Any, signed: bool = False) -> BinCommand:
    """Bits, at most 64, as an integer."""
    return _read(54, *_bits(bit_offset, bit_size), *((1,) if signed else ()))


def bit_b64_encode(
    byte_offset: Any = 0,
    byte_size: Any = None,
    invert_size: bool = False,
    ctx: Union[Context, None] = None,
) -> BinCommand:
    """Bytes as base-64 text (servers from 8.2 on).

    `byte_size` None: to the end; with `invert_size` it is counted back from the end.
    """
    args: tuple[Any, ...] = (integer("byte_offset", byte_offset),)
    if byte_size is not None:
        args += (integer("byte_size", byte_size), *((1,) if invert_size else ()))
    return BinCommand(CallSystem.BITS, 55, args, False, ExpType.STRING, steps(ctx))
