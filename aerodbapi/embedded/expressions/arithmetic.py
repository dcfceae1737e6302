"""Arithmetic on integers and doubles, as a C program on 64-bit words does it.

Integers wrap at 64 bits, division truncates towards zero, integer division by zero is
UNKNOWN, doubles follow IEEE 754 (exp.c, eval_add to eval_max).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Final

from aerodbapi.embedded.expressions.builder import Builder, BuildFunction, expect
from aerodbapi.embedded.expressions.values import (
    UNKNOWN,
    Context,
    Evaluate,
    ExpressionError,
    Node,
    Type,
)

__all__ = ["OPS", "wrap"]

_HALF: Final = 1 << 63
_ALL: Final = (1 << 64) - 1
_LEAST: Final = -_HALF


def wrap(number: int) -> int:
    """Reduce an integer to 64 bits, signed."""
    return ((number + _HALF) & _ALL) - _HALF


def _divide(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return wrap(quotient if (a < 0) == (b < 0) else -quotient)


def _fdivide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, math.copysign(1.0, a) * math.copysign(1.0, b))


def _subtract_all(values: Sequence[Any]) -> Any:
    if len(values) == 1:
        return 0 - values[0]
    return reduce(lambda a, b: a - b, values)


def _product(values: Sequence[Any], one: Any) -> Any:
    return reduce(lambda a, b: a * b, values, one)


def _int_divide(values: Sequence[int]) -> Any:
    if len(values) == 1:
        values = (1, values[0])
    divisor = wrap(_product(values[1:], 1))
    return UNKNOWN if divisor == 0 else _divide(values[0], divisor)


def _float_divide(values: Sequence[float]) -> float:
    if len(values) == 1:
        values = (1.0, values[0])
    return _fdivide(values[0], _product(values[1:], 1.0))


def _least(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: b if a > b else a, values)


def _greatest(values: Sequence[Any]) -> Any:
    return reduce(lambda a, b: b if a < b else a, values)


Fold = Callable[[Sequence[Any]], Any]

#: Op → (on integers, on doubles), over any number of arguments from one.
_FOLDS: Final[dict[int, tuple[Fold, Fold]]] = {
    20: (lambda v: wrap(sum(v)), lambda v: reduce(lambda a, b: a + b, v)),
    21: (lambda v: wrap(_subtract_all(v)), lambda v: _subtract_all(v) + 0.0),
    22: (lambda v: wrap(_product(v, 1)), lambda v: reduce(lambda a, b: a * b, v)),
    23: (_int_divide, _float_divide),
    50: (_least, _least),
    51: (_greatest, _greatest),
}

_INT_FOLDS: Final[dict[int, Fold]] = {
    32: lambda v: reduce(lambda a, b: a & b, v),
    33: lambda v: reduce(lambda a, b: a | b, v),
    34: lambda v: reduce(lambda a, b: a ^ b, v),
}


def _folded(arguments: Sequence[Evaluate], fold: Fold) -> Evaluate:
    """Evaluate all arguments, stopping at the first UNKNOWN, and fold them."""

    def evaluate(context: Context) -> Any:
        values = []
        for argument in arguments:
            value = argument(context)
            if value is UNKNOWN:
                return UNKNOWN
            values.append(value)
        return fold(values)

    return evaluate


def _vary(builder: Builder, op: int, count: int) -> Node:
    if count < 1:
        raise ExpressionError("arithmetic without arguments")
    nodes = [builder.typed(Type.INT, Type.FLOAT) for _ in range(count)]
    kind = nodes[0].type
    if any(node.type != kind for node in nodes):
        raise ExpressionError("integers and doubles in one operation")
    fold = _FOLDS[op][kind == Type.FLOAT]
    return Node(_folded([node.evaluate for node in nodes], fold), kind)


def _int_vary(builder: Builder, op: int, count: int) -> Node:
    if count < 1:
        raise ExpressionError("bit arithmetic without arguments")
    arguments = [builder.typed(Type.INT).evaluate for _ in range(count)]
    return Node(_folded(arguments, _INT_FOLDS[op]), Type.INT)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent == math.floor(exponent) and exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base == 0.0:  # a pole: ±0 to a negative power
            odd = exponent == math.floor(exponent) and exponent % 2 == 1
            return math.copysign(math.inf, base) if odd else math.inf
        return -math.nan


def _natural_log(number: float) -> float:
    if number > 0.0:
        return math.log(number)
    return -math.inf if number == 0.0 else math.nan


def _log(number: float, base: float) -> float:
    return _fdivide(_natural_log(number), _natural_log(base))


def _remainder(a: int, b: int) -> Any:
    return UNKNOWN if b == 0 else a - b * _truncated(a, b)


def _truncated(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _left_scan(number: int, wanted: bool) -> int:
    bits = (number if wanted else ~number) & _ALL
    return 64 - bits.bit_length() if bits else -1


def _right_scan(number: int, wanted: bool) -> int:
    bits = (number if wanted else ~number) & _ALL
    return 64 - (bits & -bits).bit_length() if bits else -1


#: Op → (types of the two arguments, result type, function). Shifts count modulo 64, as the
#: processor's own do.
_BINARY: Final[dict[int, tuple[int, int, int, Callable[[Any, Any], Any]]]] = {
    24: (Type.FLOAT, Type.FLOAT, Type.FLOAT, _power),
    25: (Type.FLOAT, Type.FLOAT, Type.FLOAT, _log),
    26: (Type.INT, Type.INT, Type.INT, _remainder),
    36: (Type.INT, Type.INT, Type.INT, lambda a, b: wrap(a << (b & 63))),
    37: (Type.INT, Type.INT, Type.INT, lambda a, b: wrap((a & _ALL) >> (b & 63))),
    38: (Type.INT, Type.INT, Type.INT, lambda a, b: a >> (b & 63)),
    40: (Type.INT, Type.TRILEAN, Type.INT, _left_scan),
    41: (Type.INT, Type.TRILEAN, Type.INT, _right_scan),
}


def _binary(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    left, right, result, function = _BINARY[op]
    first, second = builder.typed(left).evaluate, builder.typed(right).evaluate

    def evaluate(context: Context) -> Any:
        a = first(context)
        if a is UNKNOWN:
            return UNKNOWN
        b = second(context)
        return UNKNOWN if b is UNKNOWN else function(a, b)

    return Node(evaluate, result)


def _to_int(number: float) -> int:
    """Truncate as cvttsd2si does: what does not fit becomes the least integer."""
    if math.isnan(number) or not -9.3e18 < number < 9.3e18:
        return _LEAST
    whole = int(number)
    return whole if _LEAST <= whole < _HALF else _LEAST


def _rounded(function: Callable[[float], int]) -> Callable[[float], float]:
    def rounded(number: float) -> float:
        if not math.isfinite(number):
            return number
        return math.copysign(float(function(number)), number)

    return rounded


def _absolute(number: Any) -> Any:
    return wrap(abs(number)) if isinstance(number, int) else math.fabs(number)


#: Op → (argument types, result type or None for the argument's, function).
_UNARY: Final[dict[int, tuple[tuple[int, ...], int | None, Callable[[Any], Any]]]] = {
    27: ((Type.INT, Type.FLOAT), None, _absolute),
    28: ((Type.FLOAT,), Type.FLOAT, _rounded(math.floor)),
    29: ((Type.FLOAT,), Type.FLOAT, _rounded(math.ceil)),
    30: ((Type.FLOAT,), Type.INT, _to_int),
    31: ((Type.INT,), Type.FLOAT, float),
    35: ((Type.INT,), Type.INT, lambda a: ~a),
    39: ((Type.INT,), Type.INT, lambda a: bin(a & _ALL).count("1")),
}


def _unary(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    types, result, function = _UNARY[op]
    node = builder.typed(*types)
    argument = node.evaluate

    def evaluate(context: Context) -> Any:
        value = argument(context)
        return UNKNOWN if value is UNKNOWN else function(value)

    return Node(evaluate, node.type if result is None else result)


OPS: Final[dict[int, BuildFunction]] = {
    **dict.fromkeys(_FOLDS, _vary),
    **dict.fromkeys(_INT_FOLDS, _int_vary),
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_UNARY, _unary),
}
