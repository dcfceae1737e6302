"""Expressions that compute with the bits of integers."""

from __future__ import annotations

from aerodbapi.compat.aerospike_helpers.expressions.resources import (
    _ExprOp,
    _VarArgs,
    expression,
    values,
)

__all__ = [
    "IntAnd",
    "IntArithmeticRightShift",
    "IntCount",
    "IntLeftScan",
    "IntLeftShift",
    "IntNot",
    "IntOr",
    "IntRightScan",
    "IntRightShift",
    "IntXOr",
]


class IntAnd(_VarArgs):
    """Bitwise and."""

    _op = _ExprOp.INT_AND


class IntOr(_VarArgs):
    """Bitwise or."""

    _op = _ExprOp.INT_OR


class IntXOr(_VarArgs):
    """Bitwise exclusive or."""

    _op = _ExprOp.INT_XOR


IntNot = expression(__name__, "IntNot", _ExprOp.INT_NOT, "expr", values(), "Bitwise not.")
IntLeftShift = expression(
    __name__, "IntLeftShift", _ExprOp.INT_LSHIFT, "value shift", values(), "Shift left."
)
IntRightShift = expression(
    __name__, "IntRightShift", _ExprOp.INT_RSHIFT, "value shift", values(), "Shift right."
)
IntArithmeticRightShift = expression(
    __name__,
    "IntArithmeticRightShift",
    _ExprOp.INT_ARSHIFT,
    "value shift",
    values(),
    "Shift right, with copies of the sign.",
)
IntCount = expression(
    __name__, "IntCount", _ExprOp.INT_COUNT, "value", values(), "The number of bits that are 1."
)
IntLeftScan = expression(
    __name__,
    "IntLeftScan",
    _ExprOp.INT_LSCAN,
    "value search",
    values(),
    "Where the first bit of this value is, from the highest on; -1 when there is none.",
)
IntRightScan = expression(
    __name__,
    "IntRightScan",
    _ExprOp.INT_RSCAN,
    "value search",
    values(),
    "Where the last bit of this value is, counted from the highest; -1 when there is none.",
)
