"""The operations of a batch's key, unpacked when somebody looks at them.

Batches carry most writes of many bins; the node stores those as they came (`embedded.ops`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.message import decode_ops

if TYPE_CHECKING:
    from aerodbapi.protocol.message import Operation

__all__ = ["PackedOps", "packed_ops"]

_head_of = struct.Struct(">I3xB").unpack_from
_OVERHEAD = 4  # what an operation's size counts besides name and value


class PackedOps(Sequence["Operation"]):
    """`size` operations, packed; a sequence of `Operation`s that is equal to the tuple of them."""

    __slots__ = ("_ops", "packed", "size")

    def __init__(self, packed: bytes, size: int) -> None:
        self.packed = packed
        self.size = size
        self._ops: tuple[Operation, ...] | None = None

    def _unpacked(self) -> tuple[Operation, ...]:
        if self._ops is None:
            self._ops = decode_ops(self.packed, 0, self.size)[0]
        return self._ops

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._unpacked())

    @overload
    def __getitem__(self, index: int) -> Operation: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Operation]: ...

    def __getitem__(self, index: int | slice) -> Operation | Sequence[Operation]:
        return self._unpacked()[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedOps):
            return self.packed == other.packed
        return self._unpacked() == other

    def __hash__(self) -> int:
        return hash(self._unpacked())

    def __repr__(self) -> str:
        return repr(self._unpacked())


def packed_ops(body: bytes, offset: int, count: int) -> tuple[PackedOps, int]:
    """Return `count` operations, and the offset behind them. Raises as decode_ops does."""
    begin, end = offset, len(body)
    for _ in range(count):
        size, name_size = _head_of(body, offset)
        if size < _OVERHEAD + name_size:
            raise ProtocolError(f"an operation of {size} bytes does not fit its message")
        offset += 4 + size
        if offset > end:
            raise ProtocolError(f"an operation of {size} bytes does not fit its message")
    return PackedOps(body[begin:offset], count), offset
