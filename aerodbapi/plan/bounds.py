"""Comparisons of numbers as filter expressions that answer as `plan.semantics` does.

The server compares doubles after IEEE 754, SQL takes NaN for the greatest number, equal to
itself: where NaN may be, the expression says so. An integer beside a double counts as the nearest
double: for an integer bin and a double constant that is a range of integers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Union

from aerodbapi.plan.nearest import greatest_integer, least_integer
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN, double
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp

__all__ = [
    "COMPLEMENT",
    "compare_doubles",
    "compare_exps",
    "double_test",
    "integer_test",
]

#: A test, or what it is of every number.
Test = Union[Exp, bool]

#: The comparison that is true where this one is false.
COMPLEMENT: Final = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_COMPARE: Final[dict[str, Callable[[Any, Any], Exp]]] = {
    "=": wire.eq,
    "<>": wire.ne,
    "<": wire.lt,
    "<=": wire.le,
    ">": wire.gt,
    ">=": wire.ge,
}


def compare_exps(op: str, left: Exp, right: Exp) -> Exp:
    """Compare two expressions of one type of which the server says what SQL says."""
    return _COMPARE[op](left, right)


# ---- integers ----------------------------------------------------------------------------------


def integer_test(op: str, exp: Exp, value: int | float) -> Test:
    """Say `integer op value`."""
    if isinstance(value, int):
        low: int | None = value if value >= INT64_MIN else INT64_MIN
        high: int | None = value if value <= INT64_MAX else INT64_MAX
        if value > INT64_MAX:
            low = None
        if value < INT64_MIN:
            high = None
    else:
        low, high = least_integer(value), greatest_integer(value)
    # `low` and `high` end what is equal: nothing when one is None or they have crossed.
    return _RANGES[op](exp, low, high)


def _below(exp: Exp, low: int | None) -> Test:
    if low is None:
        return True
    return False if low == INT64_MIN else wire.lt(exp, wire.val(low))


def _above(exp: Exp, high: int | None) -> Test:
    if high is None:
        return True
    return False if high == INT64_MAX else wire.gt(exp, wire.val(high))


def _equal(exp: Exp, low: int | None, high: int | None) -> Test:
    if low is None or high is None or low > high:
        return False
    if low == high:
        return wire.eq(exp, wire.val(low))
    return wire.and_(wire.ge(exp, wire.val(low)), wire.le(exp, wire.val(high)))


def _not(test: Test) -> Test:
    return not test if isinstance(test, bool) else wire.not_(test)


def _unequal(exp: Exp, low: int | None, high: int | None) -> Test:
    if low is not None and low == high:
        return wire.ne(exp, wire.val(low))
    return _not(_equal(exp, low, high))


def _at_most(exp: Exp, high: int | None) -> Test:
    if high is None:
        return False
    return True if high == INT64_MAX else wire.le(exp, wire.val(high))


def _at_least(exp: Exp, low: int | None) -> Test:
    if low is None:
        return False
    return True if low == INT64_MIN else wire.ge(exp, wire.val(low))


_RANGES: Final[dict[str, Callable[[Exp, int | None, int | None], Test]]] = {
    "=": _equal,
    "<>": _unequal,
    "<": lambda exp, low, high: _below(exp, low),
    "<=": lambda exp, low, high: _at_most(exp, high),
    ">": lambda exp, low, high: _above(exp, high),
    ">=": lambda exp, low, high: _at_least(exp, low),
}


# ---- doubles -----------------------------------------------------------------------------------


def double_test(op: str, exp: Exp, value: int | float) -> Test:
    """Say `double op value`."""
    number = double(value)
    if number == number:
        if op[0] == ">":  # NaN is greater than all
            return wire.not_(_COMPARE[COMPLEMENT[op]](exp, wire.val(number)))
        return _COMPARE[op](exp, wire.val(number))
    if op in (">", "<="):
        return op == "<="
    return (wire.ne if op in ("=", ">=") else wire.eq)(exp, exp)


def compare_doubles(op: str, left: Exp, right: Exp, left_nan: bool, right_nan: bool) -> Exp:
    """Compare two doubles; `left_nan`, `right_nan`: whether that side can be NaN."""
    if op[0] == ">":
        flipped = "<" + op[1:]
        return compare_doubles(flipped, right, left, right_nan, left_nan)
    if op == "<>":
        return wire.not_(compare_doubles("=", left, right, left_nan, right_nan))
    if op == "<=":
        return wire.not_(compare_doubles("<", right, left, right_nan, left_nan))
    if op == "=":
        same = wire.eq(left, right)
        if not (left_nan and right_nan):
            return same
        return wire.or_(same, wire.and_(wire.ne(left, left), wire.ne(right, right)))
    if not right_nan:
        return wire.lt(left, right)
    below = wire.not_(wire.le(right, left))
    return wire.and_(wire.eq(left, left), below) if left_nan else below
