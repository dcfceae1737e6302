"""Operations on the bits of blobs, as dictionaries; `policy`: {"bit_write_flags": BIT_WRITE_*}."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Ctx, Op, Policy

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


def bit_resize(bin_name: str, byte_size: Any, policy: Policy = None, resize_flags: int = 0) -> Op:
    """Grow (with zero bytes) or shrink the blob to `byte_size`; `flags` are BitResize's."""
    return {
        "op": a.OP_BIT_RESIZE,
        "bin": bin_name,
        "policy": policy,
        "resize_flags": resize_flags,
        "byte_size": byte_size,
    }


def bit_remove(bin_name: str, byte_offset: Any, byte_size: Any, policy: Policy = None) -> Op:
    """Remove bytes."""
    return {
        "op": a.OP_BIT_REMOVE,
        "bin": bin_name,
        "policy": policy,
        "byte_offset": byte_offset,
        "byte_size": byte_size,
    }


def bit_set(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value_byte_size: Any,
    value: Any,
    policy: Policy = None,
) -> Op:
    """Overwrite bits with those of `value`, from its highest on."""
    return {
        "op": a.OP_BIT_SET,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value_byte_size": value_byte_size,
        "value": value,
    }


def bit_set_int(
    bin_name: str, bit_offset: Any, bit_size: Any, value: Any, policy: Policy = None
) -> Op:
    """Write an integer of at most 64 bits."""
    return {
        "op": a.OP_BIT_SET_INT,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": value,
    }


def bit_count(bin_name: str, bit_offset: Any, bit_size: Any) -> Op:
    """The number of bits that are set."""
    return {"op": a.OP_BIT_COUNT, "bin": bin_name, "bit_offset": bit_offset, "bit_size": bit_size}


def bit_add(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value: Any,
    sign: bool,
    action: int,
    policy: Policy = None,
) -> Op:
    """Add to an integer of at most 64 bits; `overflow` is one of BitOverflow."""
    return {
        "op": a.OP_BIT_ADD,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": value,
        "sign": sign,
        "action": action,
    }


def bit_and(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value_byte_size: Any,
    value: Any,
    policy: Policy = None,
) -> Op:
    """Bitwise and with `value`."""
    return {
        "op": a.OP_BIT_AND,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value_byte_size": value_byte_size,
        "value": value,
    }


def bit_get(bin_name: str, bit_offset: Any, bit_size: Any) -> Op:
    """Bits as bytes, filled up with zero bits at the end."""
    return {"op": a.OP_BIT_GET, "bin": bin_name, "bit_offset": bit_offset, "bit_size": bit_size}


def bit_get_int(bin_name: str, bit_offset: Any, bit_size: Any, sign: bool) -> Op:
    """Bits, at most 64, as an integer."""
    return {
        "op": a.OP_BIT_GET_INT,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "sign": sign,
    }


def bit_insert(
    bin_name: str, byte_offset: Any, value_byte_size: Any, value: Any, policy: Policy = None
) -> Op:
    """Insert bytes."""
    return {
        "op": a.OP_BIT_INSERT,
        "bin": bin_name,
        "byte_offset": byte_offset,
        "value_byte_size": value_byte_size,
        "value": value,
        "policy": policy,
    }


def bit_lscan(bin_name: str, bit_offset: Any, bit_size: Any, value: Any) -> Op:
    """Where the first bit with this value is, from `bit_offset`; -1 when there is none."""
    return {
        "op": a.OP_BIT_LSCAN,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": value,
    }


def bit_lshift(
    bin_name: str, bit_offset: Any, bit_size: Any, shift: Any, policy: Policy = None
) -> Op:
    """Shift bits left by `shift`."""
    return {
        "op": a.OP_BIT_LSHIFT,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": shift,
        "policy": policy,
    }


def bit_not(bin_name: str, bit_offset: Any, bit_size: Any, policy: Policy = None) -> Op:
    """Turn bits around."""
    return {
        "op": a.OP_BIT_NOT,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "policy": policy,
    }


def bit_or(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value_byte_size: Any,
    value: Any,
    policy: Policy = None,
) -> Op:
    """Bitwise or with `value`."""
    return {
        "op": a.OP_BIT_OR,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value_byte_size": value_byte_size,
        "value": value,
    }


def bit_rscan(bin_name: str, bit_offset: Any, bit_size: Any, value: Any) -> Op:
    """Where the last bit with this value is, from `bit_offset`; -1 when there is none."""
    return {
        "op": a.OP_BIT_RSCAN,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": value,
    }


def bit_rshift(
    bin_name: str, bit_offset: Any, bit_size: Any, shift: Any, policy: Policy = None
) -> Op:
    """Shift bits right by `shift`."""
    return {
        "op": a.OP_BIT_RSHIFT,
        "bin": bin_name,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": shift,
        "policy": policy,
    }


def bit_subtract(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value: Any,
    sign: bool,
    action: int,
    policy: Policy = None,
) -> Op:
    """Subtract from an integer of at most 64 bits; `overflow` is one of BitOverflow."""
    return {
        "op": a.OP_BIT_SUBTRACT,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value": value,
        "sign": sign,
        "action": action,
    }


def bit_xor(
    bin_name: str,
    bit_offset: Any,
    bit_size: Any,
    value_byte_size: Any,
    value: Any,
    policy: Policy = None,
) -> Op:
    """Bitwise exclusive or with `value`."""
    return {
        "op": a.OP_BIT_XOR,
        "bin": bin_name,
        "policy": policy,
        "bit_offset": bit_offset,
        "bit_size": bit_size,
        "value_byte_size": value_byte_size,
        "value": value,
    }


def bit_b64_encode(
    bin_name: str,
    byte_offset: Any = 0,
    byte_size: Any = None,
    invert_size: Any = False,
    ctx: Ctx = None,
) -> Op:
    """Bytes as base-64 text (servers from 8.1.3 on)."""
    return {
        "op": a._OP_BIT_B64_ENCODE,
        "bin": bin_name,
        "byte_offset": byte_offset,
        "byte_size": byte_size,
        "invert_size": invert_size,
        "ctx": ctx,
    }
