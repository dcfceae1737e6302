"""Expressions that compute with numbers."""

from __future__ import annotations

from aerodbapi.compat.aerospike_helpers.expressions.resources import (
    _ExprOp,
    _VarArgs,
    expression,
    values,
)

__all__ = [
    "Abs",
    "Add",
    "Ceil",
    "Div",
    "Floor",
    "Log",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Pow",
    "Sub",
    "ToFloat",
    "ToInt",
]


class Add(_VarArgs):
    """The sum of numbers of one type."""

    _op = _ExprOp.ADD


class Sub(_VarArgs):
    """The first number less the others; of a single one, the negative."""

    _op = _ExprOp.SUB


class Mul(_VarArgs):
    """The product of numbers of one type."""

    _op = _ExprOp.MUL


class Div(_VarArgs):
    """The first number divided by the others; of a single one, the reciprocal."""

    _op = _ExprOp.DIV


class Min(_VarArgs):
    """The smallest of numbers of one type."""

    _op = _ExprOp.MIN


class Max(_VarArgs):
    """The greatest of numbers of one type."""

    _op = _ExprOp.MAX


Pow = expression(
    __name__, "Pow", _ExprOp.POW, "base exponent", values(), "A float to the power of another."
)
Log = expression(
    __name__, "Log", _ExprOp.LOG, "num base", values(), "The logarithm of a float to a base."
)
Mod = expression(
    __name__, "Mod", _ExprOp.MOD, "numerator denominator", values(), "The remainder of integers."
)
Abs = expression(__name__, "Abs", _ExprOp.ABS, "value", values(), "The absolute value.")
Floor = expression(__name__, "Floor", _ExprOp.FLOOR, "value", values(), "A float rounded down.")
Ceil = expression(__name__, "Ceil", _ExprOp.CEIL, "value", values(), "A float rounded up.")
ToInt = expression(
    __name__, "ToInt", _ExprOp.TO_INT, "value", values(), "A float as an integer, cut off."
)
ToFloat = expression(
    __name__, "ToFloat", _ExprOp.TO_FLOAT, "value", values(), "An integer as a float."
)
