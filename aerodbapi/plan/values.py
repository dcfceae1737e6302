"""What the Values of a plan are, once values are bound: keys, bounds of index ranges, counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.nearest import greatest_integer, least_integer
from aerodbapi.plan.operations import Constant, Range, Slot, Value
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN
from aerodbapi.plan.times import nanoseconds

__all__ = ["count_of", "index_bounds", "keys_of", "nanoseconds", "resolve"]


def resolve(value: Value, values: Sequence[Any]) -> Any:
    """Give the Python value that `value` stands for in this execution."""
    if isinstance(value, Slot):
        return values[value.index]
    if isinstance(value, Constant):
        return value.value
    return (value.function or constant(value.expression))(values)


def _elements(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else (value,)


def keys_of(
    keys: Iterable[Value], values: Sequence[Any], digest: bool = False
) -> list[int | str | bytes]:
    """Give the distinct keys (or digests) of a BatchGet in order; those that cannot exist drop."""
    convert = digest_of if digest else key_of
    found: dict[Any, int | str | bytes] = {}
    for key in keys:
        for element in _elements(resolve(key, values)):
            converted = convert(element)
            if converted is not None:
                found.setdefault((type(converted), converted), converted)
    return list(found.values())


def count_of(value: Value | None, values: Sequence[Any], clause: str = "LIMIT") -> int | None:
    """Give the count of a LIMIT or OFFSET; None for none (NULL, too).

    Raises ProgrammingError for what is no whole number from 0 on.
    """
    count = None if value is None else resolve(value, values)
    if count is None:
        return None
    if kind_of(count) != "int" or count < 0:
        raise errors.ProgrammingError(f"{clause} takes a whole number from 0 on, not {count!r}")
    return int(count)


#: Index type → the kinds of value that its queries take.
_HELD: Final = {
    "STRING": frozenset({"str"}),
    "BLOB": frozenset({"bytes"}),
    "GEO2DSPHERE": frozenset({"geojson", "str"}),
}


def index_bounds(
    ranges: Iterable[Range], index_type: str, values: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Give the distinct (low, high) pairs, both included, that a secondary index is asked for.

    Bounds of a NUMERIC index are int64, a double's the integers nearest to it or within; the
    others are equalities.
    Ranges that can hold nothing (NULL, an empty range, a value of a kind that the index does
    not hold) drop, so [] means no rows.
    """
    found: dict[Any, tuple[Any, Any]] = {}
    for each in ranges:
        for low, high in _pairs(each, values):
            if index_type == "NUMERIC":
                bounds = _numeric(each, low, high)
            else:
                bounds = (low, high) if kind_of(low) in _HELD[index_type] else None
            if bounds is not None:
                found.setdefault(bounds, bounds)
    return list(found.values())


def _pairs(each: Range, values: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    if each.low is not None and each.low == each.high:
        for element in _elements(resolve(each.low, values)):
            yield element, element
        return
    low = -math.inf if each.low is None else resolve(each.low, values)
    high = math.inf if each.high is None else resolve(each.high, values)
    yield low, high


def _numeric(each: Range, low: Any, high: Any) -> tuple[int, int] | None:
    least = _whole(low, each.low_open, up=True)
    most = _whole(high, each.high_open, up=False)
    if least is None or most is None or least > most:
        return None
    return least, most


def _whole(bound: Any, is_open: bool, *, up: bool) -> int | None:
    """Give the int64 that ends the range at `bound`; None when nothing lies within."""
    kind = kind_of(bound)
    if kind == "float":
        # What is within is what is beyond the last integer on the other side of an open bound.
        found = (least_integer if up is not is_open else greatest_integer)(bound)
        if found is None:
            # No integer is so great, or so small: all are within, or none.
            return (INT64_MIN if up else INT64_MAX) if is_open else None
        bound = found
    elif kind != "int":
        return None
    if is_open:
        bound += 1 if up else -1
    if up:
        return None if bound > INT64_MAX else max(bound, INT64_MIN)
    return None if bound < INT64_MIN else min(bound, INT64_MAX)
