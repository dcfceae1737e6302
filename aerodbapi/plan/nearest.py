"""Which integers count as a double: beside a double an integer is compared as the nearest one."""

from __future__ import annotations

import math
from typing import Final

from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN

__all__ = ["greatest_integer", "least_integer"]

#: Up to here every integer is a double.
_DENSE: Final = 2.0**53


def least_integer(number: float) -> int | None:
    """Give the least int64 whose nearest double is `number` or more; None for none (NaN too)."""
    if number != number or number == math.inf:
        return None
    if number == -math.inf:
        return INT64_MIN
    found = _least(number)
    return None if found > INT64_MAX else max(found, INT64_MIN)


def greatest_integer(number: float) -> int | None:
    """Give the greatest int64 whose nearest double is `number` or less; None for none."""
    if number == -math.inf:
        return None
    if number != number or number == math.inf:
        return INT64_MAX
    found = -_least(-number)
    return None if found < INT64_MIN else min(found, INT64_MAX)


def _least(number: float) -> int:
    if abs(number) < _DENSE:
        return math.ceil(number)
    below = math.nextafter(number, -math.inf)
    if math.isinf(below):
        return int(number)
    middle = (int(below) + int(number)) // 2
    while float(middle) < number:
        middle += 1
    return middle
