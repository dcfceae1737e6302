"""Operations on one record's bins, for `operate`: each names a bin and what is done to it.

client.operate(key, [increment("visits", 1), read("visits")])
"""

from __future__ import annotations

from typing import Any, Union

from aerodbapi.errors import DataError, ParameterError
from aerodbapi.protocol import particles
from aerodbapi.protocol.commands import bin_name
from aerodbapi.protocol.flags import OpType
from aerodbapi.protocol.message import Operation, encode_op

__all__ = [
    "READS",
    "append",
    "delete",
    "encode",
    "increment",
    "prepend",
    "read",
    "read_all",
    "touch",
    "write",
]

#: Operation types that only read.
READS = frozenset(
    [
        OpType.READ,
        OpType.CDT_READ,
        OpType.EXP_READ,
        OpType.BITS_READ,
        OpType.HLL_READ,
        OpType.STRING_READ,
        OpType.TO_STRING,
    ]
)


def read(bin: str) -> Operation:
    """The value of `bin`, as it is at this place in the list of operations."""
    return Operation(OpType.READ, _named(bin))


def read_all() -> Operation:
    """The values of all bins."""
    return Operation(OpType.READ, "")


def write(bin: str, value: Any) -> Operation:
    """Set `bin`; None removes it."""
    return Operation(OpType.WRITE, _named(bin), *particles.encode(value))


def increment(bin: str, amount: Union[int, float]) -> Operation:
    """Add `amount` to a number of the same kind; a missing bin counts as zero."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise DataError(f"an increment is int or float, not {type(amount).__name__}")
    return Operation(OpType.INCR, _named(bin), *particles.encode(amount))


def append(bin: str, value: Union[str, bytes]) -> Operation:
    """Put text or bytes behind the bin's."""
    return Operation(OpType.APPEND, _named(bin), *particles.encode(_text_or_bytes(value)))


def prepend(bin: str, value: Union[str, bytes]) -> Operation:
    """Put text or bytes before the bin's."""
    return Operation(OpType.PREPEND, _named(bin), *particles.encode(_text_or_bytes(value)))


def touch() -> Operation:
    """Renew the record's TTL and count up its generation."""
    return Operation(OpType.TOUCH, "")


def delete() -> Operation:
    """Remove all bins that the record has at this place in the list of operations."""
    return Operation(OpType.DELETE_ALL, "")


def encode(operations: list[Operation] | tuple[Operation, ...]) -> bytes:
    """Encode operations as they stand in a message. Raises BinNameError above 15 bytes."""
    return b"".join(encode_op(o.op, bin_name(o.name), o.particle_type, o.value) for o in operations)


def _named(bin: Any) -> str:
    if isinstance(bin, str):
        return bin
    raise ParameterError(f"a bin's name is text, not {type(bin).__name__}", result_code=-2)


def _text_or_bytes(value: object) -> Any:
    if not isinstance(value, (str, bytes, bytearray)):
        raise DataError(f"what is appended is text or bytes, not {type(value).__name__}")
    return value
