"""Operations on the bits of blobs, as the dictionaries that `operate` takes.

Arguments, dictionary keys and operation codes are aerospike-py's.
"""

from __future__ import annotations

from aerodbapi.compat.aerospike_py._types import Operation, build, with_given

__all__ = [
    "Operation",
    "bit_add",
    "bit_and",
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


def bit_resize(
    bin: str, byte_size: int, resize_flags: int = 0, policy: int | None = None
) -> Operation:
    """Make the blob `byte_size` bytes long; `resize_flags` are BIT_RESIZE_*."""
    op = build(4001, bin, byte_size=byte_size)
    return with_given(op, resize_flags=resize_flags or None, bit_policy=policy)


def bit_insert(
    bin: str, byte_offset: int, value: bytes | bytearray, policy: int | None = None
) -> Operation:
    """Put bytes in at `byte_offset`."""
    op = build(4002, bin, byte_offset=byte_offset, val=value)
    return with_given(op, bit_policy=policy)


def bit_remove(bin: str, byte_offset: int, byte_size: int, policy: int | None = None) -> Operation:
    """Take `byte_size` bytes out at `byte_offset`."""
    op = build(4003, bin, byte_offset=byte_offset, byte_size=byte_size)
    return with_given(op, bit_policy=policy)


def bit_set(
    bin: str, bit_offset: int, bit_size: int, value: bytes | bytearray, policy: int | None = None
) -> Operation:
    """Overwrite bits."""
    op = build(4004, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)
    return with_given(op, bit_policy=policy)


def bit_or(
    bin: str, bit_offset: int, bit_size: int, value: bytes | bytearray, policy: int | None = None
) -> Operation:
    """Combine bits with `value` by OR."""
    op = build(4005, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)
    return with_given(op, bit_policy=policy)


def bit_xor(
    bin: str, bit_offset: int, bit_size: int, value: bytes | bytearray, policy: int | None = None
) -> Operation:
    """Combine bits with `value` by XOR."""
    op = build(4006, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)
    return with_given(op, bit_policy=policy)


def bit_and(
    bin: str, bit_offset: int, bit_size: int, value: bytes | bytearray, policy: int | None = None
) -> Operation:
    """Combine bits with `value` by AND."""
    op = build(4007, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)
    return with_given(op, bit_policy=policy)


def bit_not(bin: str, bit_offset: int, bit_size: int, policy: int | None = None) -> Operation:
    """Turn bits over."""
    op = build(4008, bin, bit_offset=bit_offset, bit_size=bit_size)
    return with_given(op, bit_policy=policy)


def bit_lshift(
    bin: str, bit_offset: int, bit_size: int, shift: int, policy: int | None = None
) -> Operation:
    """Shift bits to the left."""
    op = build(4009, bin, bit_offset=bit_offset, bit_size=bit_size, shift=shift)
    return with_given(op, bit_policy=policy)


def bit_rshift(
    bin: str, bit_offset: int, bit_size: int, shift: int, policy: int | None = None
) -> Operation:
    """Shift bits to the right."""
    op = build(4010, bin, bit_offset=bit_offset, bit_size=bit_size, shift=shift)
    return with_given(op, bit_policy=policy)


def bit_add(
    bin: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    signed: bool = False,
    action: int = 0,
    policy: int | None = None,
) -> Operation:
    """Add to the number that bits hold; `action` is BIT_OVERFLOW_*."""
    op = build(
        4011, bin, bit_offset=bit_offset, bit_size=bit_size, val=value, signed=signed, action=action
    )
    return with_given(op, bit_policy=policy)


def bit_subtract(
    bin: str,
    bit_offset: int,
    bit_size: int,
    value: int,
    signed: bool = False,
    action: int = 0,
    policy: int | None = None,
) -> Operation:
    """Subtract from the number that bits hold; `action` is BIT_OVERFLOW_*."""
    op = build(
        4012, bin, bit_offset=bit_offset, bit_size=bit_size, val=value, signed=signed, action=action
    )
    return with_given(op, bit_policy=policy)


def bit_set_int(
    bin: str, bit_offset: int, bit_size: int, value: int, policy: int | None = None
) -> Operation:
    """Overwrite bits with a number."""
    op = build(4013, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)
    return with_given(op, bit_policy=policy)


def bit_get(bin: str, bit_offset: int, bit_size: int) -> Operation:
    """Answer with bits, left-aligned in bytes."""
    return build(4050, bin, bit_offset=bit_offset, bit_size=bit_size)


def bit_count(bin: str, bit_offset: int, bit_size: int) -> Operation:
    """Answer with the number of bits that are set."""
    return build(4051, bin, bit_offset=bit_offset, bit_size=bit_size)


def bit_lscan(bin: str, bit_offset: int, bit_size: int, value: bool) -> Operation:
    """Answer with the place of the first bit that is `value`, or -1."""
    return build(4052, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)


def bit_rscan(bin: str, bit_offset: int, bit_size: int, value: bool) -> Operation:
    """Answer with the place of the last bit that is `value`, or -1."""
    return build(4053, bin, bit_offset=bit_offset, bit_size=bit_size, val=value)


def bit_get_int(bin: str, bit_offset: int, bit_size: int, signed: bool = False) -> Operation:
    """Answer with the number that bits hold."""
    return build(4054, bin, bit_offset=bit_offset, bit_size=bit_size, signed=signed)
