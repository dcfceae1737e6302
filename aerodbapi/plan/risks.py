"""Which records an integer operation may overflow on: expressions that are true of all of them."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp

__all__ = ["risk_of"]

#: Below 2**63 by more than the rounding of two doubles and of what is made of them.
_SAFE: Final = 9.2233720368e18


def risk_of(op: str, left: Exp, left_value: Any, right: Exp, right_value: Any) -> tuple[Exp, ...]:
    """Give the tests of `left op right`, two integers; a value that is None is a bin's."""
    if op in ("//", "%"):
        return ()  # a divisor of -1 is never sent
    if left_value is None and right_value is None:
        return (_near(op, left, right),)
    if right_value is None:
        if op == "-":
            return _outside(right, left_value - INT64_MAX, left_value - INT64_MIN)
        return risk_of(op, right, None, left, left_value)
    if op == "*":
        most = INT64_MAX // abs(right_value) if right_value else INT64_MAX
        return _outside(left, -most, most)
    shift = right_value if op == "+" else -right_value
    return _outside(left, INT64_MIN - shift, INT64_MAX - shift)


def _outside(exp: Exp, low: int, high: int) -> tuple[Exp, ...]:
    tests: list[Exp] = []
    if low > INT64_MIN:
        tests.append(wire.lt(exp, wire.val(low)))
    if high < INT64_MAX:
        tests.append(wire.gt(exp, wire.val(high)))
    return tuple(tests)


def _near(op: str, left: Exp, right: Exp) -> Exp:
    """Compute in doubles, which are never far off."""
    work = {"+": wire.add, "-": wire.sub, "*": wire.mul}[op]
    result = work(wire.to_float(left), wire.to_float(right))
    return wire.gt(wire.abs_(result), wire.val(_SAFE))
