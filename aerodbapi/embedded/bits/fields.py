"""Bit commands that overwrite a range of a blob: the range is one unsigned integer.

Its most significant bit is the range's first. ADD and SUBTRACT find signed overflow just as
the server does (particle_blob.c, handle_signed_overflow): by the signs of both numbers and of
the wrapped result. So two negative numbers whose sum wraps to 0 pass as no overflow, and so
does subtracting the least number from one that is not negative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.bits.request import PARTIAL, SATURATE, SIGNED, WRAP, Request
from aerodbapi.embedded.replies import Refused

__all__ = ["CHANGES", "Change", "NotApplicable", "change", "field_of", "span_of"]

_NOT_APPLICABLE: Final = 26


class NotApplicable(Refused):
    """What NO_FAIL turns into doing nothing."""

    def __init__(self, result_code: int = _NOT_APPLICABLE) -> None:
        super().__init__(result_code)


#: The range's value and size in bits, the request → its new value.
Change = Callable[[int, int, Request], int]


def span_of(blob: bytes, request: Request) -> tuple[int, int]:
    """Give the range's first bit and size; NotApplicable when it leaves the blob.

    With PARTIAL a range that starts inside the blob is cut at its end.
    """
    start, size = request.offset, request.size
    available = 8 * len(blob) - start
    if available <= 0 or (size > available and not request.has(PARTIAL)):
        raise NotApplicable
    return start, min(size, available)


def field_of(blob: bytes, start: int, size: int) -> int:
    """Read a range of bits as an unsigned integer."""
    end = start + size
    window = int.from_bytes(blob[start // 8 : (end + 7) // 8], "big")
    return window >> -end % 8 & (1 << size) - 1


def change(blob: bytes, request: Request, compute: Change) -> bytes:
    """Replace a range of the blob by what `compute` makes of it."""
    start, size = span_of(blob, request)
    first, last = start // 8, (start + size + 7) // 8
    shift = -(start + size) % 8
    mask = (1 << size) - 1
    window = int.from_bytes(blob[first:last], "big")
    value = compute(window >> shift & mask, size, request)
    window = window & ~(mask << shift) | (value & mask) << shift
    return blob[:first] + window.to_bytes(last - first, "big") + blob[last:]


def _operand(size: int, request: Request) -> int:
    """Give the first `size` bits of the request's bytes."""
    return field_of(request.buffer, 0, size)


def _set(field: int, size: int, request: Request) -> int:
    return _operand(size, request)


def _or(field: int, size: int, request: Request) -> int:
    return field | _operand(size, request)


def _xor(field: int, size: int, request: Request) -> int:
    return field ^ _operand(size, request)


def _and(field: int, size: int, request: Request) -> int:
    return field & _operand(size, request)


def _not(field: int, size: int, request: Request) -> int:
    return ~field


def _left_shift(field: int, size: int, request: Request) -> int:
    return field << request.value if request.value < size else 0


def _right_shift(field: int, size: int, request: Request) -> int:
    return field >> request.value


def _set_integer(field: int, size: int, request: Request) -> int:
    return request.value


def _add(field: int, size: int, request: Request) -> int:
    mask = (1 << size) - 1
    value = request.value & mask
    total = field + value & mask
    if request.extra & SIGNED:
        return _signed(field, value, total, size, request)
    return _unsigned(total, total < field, mask, request)


def _subtract(field: int, size: int, request: Request) -> int:
    mask = (1 << size) - 1
    value = request.value & mask
    total = field - value & mask
    if request.extra & SIGNED:
        return _signed(field, -value & mask, total, size, request)
    return _unsigned(total, total > field, 0, request)


def _unsigned(total: int, overflows: bool, limit: int, request: Request) -> int:
    if not overflows or request.extra & WRAP:
        return total
    if request.extra & SATURATE:
        return limit
    raise NotApplicable


def _signed(field: int, value: int, total: int, size: int, request: Request) -> int:
    sign = 1 << size - 1
    if request.extra & WRAP:
        return total
    below = bool(field & value & sign) and not total & sign and total != 0
    above = not (field | value) & sign and field != 0 and value != 0 and bool(total & sign)
    if not (below or above):
        return total
    if request.extra & SATURATE:
        return sign if below else sign - 1
    raise NotApplicable


#: Command → what it makes of the range's value; bits above the range's size do not matter.
CHANGES: Final[dict[int, Change]] = {
    3: _set,
    4: _or,
    5: _xor,
    6: _and,
    7: _not,
    8: _left_shift,
    9: _right_shift,
    10: _add,
    11: _subtract,
    12: _set_integer,
}
