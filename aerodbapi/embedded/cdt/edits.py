"""What list and map edits share: their outcome, values to store, and sums."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.embedded.cdt.results import double, integer
from aerodbapi.embedded.containers import canonical_element
from aerodbapi.embedded.packed import (
    DOUBLE,
    INTEGER,
    NEGATIVE,
    NIL,
    PackedError,
    Reader,
    pack_int,
)
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = [
    "ELEMENT_EXISTS",
    "ELEMENT_NOT_FOUND",
    "INCOMPATIBLE_TYPE",
    "NO_FAIL",
    "PARAMETER",
    "PARTIAL",
    "Edit",
    "add",
    "storable",
]

PARAMETER: Final = 4
INCOMPATIBLE_TYPE: Final = 12
ELEMENT_NOT_FOUND: Final = 23
ELEMENT_EXISTS: Final = 24

#: Flags of writes, the same for lists and maps.
NO_FAIL: Final = 4
PARTIAL: Final = 8

_DOUBLE = struct.Struct(">d")
_NUMBERS: Final = (INTEGER, NEGATIVE)


class Edit(NamedTuple):
    """What an edit comes to: the list or map to store (None: as it was), and the result."""

    packed: bytes | None = None
    result: Particle | None = None


def storable(packed: bytes) -> bytes:
    """Give a sent value as it is kept; Refused(4) when it cannot be."""
    try:
        return canonical_element(packed)
    except PackedError:
        raise Refused(PARAMETER) from None


def _number(packed: bytes) -> int | float | None:
    """Read a number; None for nil. Refused(4) for anything else."""
    try:
        kind, value = Reader(packed).token()
    except PackedError:
        raise Refused(PARAMETER) from None
    if kind in _NUMBERS or kind == DOUBLE:
        assert isinstance(value, int | float)
        return value
    if kind == NIL:
        return None
    raise Refused(PARAMETER)


def add(found: bytes | None, delta: bytes | None, sign: int = 1) -> tuple[bytes, Particle]:
    """Add to a number (None: to nothing); give the sum packed, and as a result.

    The sum has the type of what is there. Integers wrap at 64 bits. Refused(4) when either is
    no number; an absent or nil `delta` is 1.
    """
    addend = None if delta is None else _number(delta)
    if addend is None:
        addend = 1
    addend *= sign
    if found is None:
        return _packed(addend)
    value = _number(found)
    if value is None:
        raise Refused(PARAMETER)
    if isinstance(value, int):
        return _packed(value + _truncated(addend))
    return _packed(value + float(addend))


def _truncated(addend: float) -> int:
    """Cut a number to 64 bits; what is too large becomes the least integer, as processors do."""
    if isinstance(addend, int):
        return addend
    least = -(1 << 63)
    return int(addend) if least <= addend < -least else least


def _packed(total: float) -> tuple[bytes, Particle]:
    if isinstance(total, int):
        total = (total + (1 << 63)) % (1 << 64) - (1 << 63)
        return pack_int(total), integer(total)
    packed = b"\xcb" + _DOUBLE.pack(total)
    return packed, double(packed)
