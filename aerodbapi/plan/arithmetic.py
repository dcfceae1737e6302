"""What SQL's arithmetic and `||` mean over bin values, as DuckDB computes them.

NULL (and what is no number) gives NULL. Integers have 64 bits: a result beyond them raises
DataError. `/` divides doubles after IEEE 754; `//` truncates integers towards zero, `%` takes
the sign of the dividend. Both give NULL for a divisor of zero, whatever its type: releases of
DuckDB answer that differently, and `a // NULLIF(b, 0)` is the same in all of them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.values import cast
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN, class_of, double

__all__ = [
    "add",
    "checked",
    "concatenate",
    "divide",
    "multiply",
    "negate",
    "quotient",
    "remainder",
    "subtract",
    "text_of",
]


def checked(number: int) -> int:
    """Return an integer of 64 bits; DataError when it is none."""
    if INT64_MIN <= number <= INT64_MAX:
        return number
    raise errors.DataError(f"integer overflow: {_shown(number)} does not fit 64 bits")


def _shown(number: int) -> str:
    return str(number) if number.bit_length() < 256 else "the result"


def _numbers(left: Any, right: Any) -> bool:
    """True when both are numbers (a bool is none)."""
    return class_of(left) == "number" and class_of(right) == "number"


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def work(left: Any, right: Any) -> int | float | None:
        if not _numbers(left, right):
            return None
        if isinstance(left, int) and isinstance(right, int):
            return checked(function(left, right))
        return float(function(double(left), double(right)))

    return work


#: With a double on either side both become doubles.
add: Final = _arithmetic(operator.add)
subtract: Final = _arithmetic(operator.sub)
multiply: Final = _arithmetic(operator.mul)


def divide(left: Any, right: Any) -> float | None:
    """Divide as doubles: by zero it is infinite, or NaN."""
    if not _numbers(left, right):
        return None
    dividend, divisor = double(left), double(right)
    if divisor == 0.0:
        if dividend == 0.0 or dividend != dividend:
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)
    return dividend / divisor


def quotient(left: Any, right: Any) -> int | float | None:
    """Divide integers, truncating towards zero; doubles are divided as by `/`."""
    if not _numbers(left, right) or right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        whole = abs(left) // abs(right)
        return checked(whole if (left < 0) == (right < 0) else -whole)
    return divide(left, right)


def remainder(left: Any, right: Any) -> int | float | None:
    """Take what the truncated division leaves over."""
    if not _numbers(left, right) or right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        if right == -1:
            checked(-left)  # as the division of which this is the rest
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    dividend, divisor = double(left), double(right)
    return math.nan if math.isinf(dividend) else math.fmod(dividend, divisor)


def negate(value: Any) -> int | float | None:
    """Change the sign."""
    if class_of(value) != "number":
        return None
    return checked(-value) if isinstance(value, int) else -value


def concatenate(left: Any, right: Any) -> str | bytes | None:
    """Join texts; numbers and booleans are written out. Two blobs make a blob."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    kinds = {class_of(left), class_of(right)}
    if kinds == {"bytes"}:
        return bytes(left) + bytes(right)
    if kinds <= {"str", "number", "bool"}:
        return text_of(left) + text_of(right)
    return None


def text_of(value: Any) -> str:
    """Write a string, number or boolean as CAST (… AS VARCHAR) does."""
    text: str = cast(value, "VARCHAR")
    return text
