"""Typed operands of pushed predicates: one arm per type that an operand may have.

The server's expressions are statically typed, bins are not: `b = 5` is an arm for integers
beside one for doubles. An arm is UNKNOWN on a record whose bin has another type, so that an OR
of arms is true exactly when the predicate is. Under NOT each arm is negated by itself (NOT of
UNKNOWN stays UNKNOWN); NOTs have been brought down to the comparisons before.
Bounds are rounded so that integers and doubles compare exactly, beyond 2**53 too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Union

from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import Binary, Column, Expr, Unary
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.pieces import NEVER, Piece
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN, compare
from aerodbapi.plan.tree import is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp
from aerodbapi.protocol.flags import ParticleType

__all__ = [
    "Arm",
    "Arms",
    "Operand",
    "class_of_kind",
    "column_arms",
    "compare_arms",
    "float_bound",
    "int_bound",
    "operand",
    "presence",
    "value_arms",
]

#: More combinations than this are not worth their bytes.
MAX_ARMS: Final = 16

#: A test of a type: TRUE on records whose bin (or key) has it, never TRUE on others.
Presence = Exp


@frozen
class Arm:
    """An operand seen as `kind`: an expression, a constant, or (neither) out of reach.

    `needs`: what must be true for the arm to have a value at all.
    """

    kind: str
    exp: Exp | None = None
    value: Any = None
    needs: tuple[Presence, ...] = ()

    @property
    def constant(self) -> bool:
        return self.exp is None and self.value is not None


Arms = tuple[Arm, ...]
#: Gives an operand's arms for bound values; None: nothing can be said.
Operand = Callable[[Sequence[Any]], Union[Arms, None]]

#: Kind → constructor, and particle type (which is what bin_type gives). Collections and shapes
#: are only told apart by type: the server does not order them, or not as SQL does.
_BIN: Final[dict[str, tuple[Callable[[str], Exp] | None, int]]] = {
    "int": (wire.int_bin, ParticleType.INTEGER),
    "float": (wire.float_bin, ParticleType.DOUBLE),
    "str": (wire.str_bin, ParticleType.STRING),
    "bytes": (wire.blob_bin, ParticleType.BLOB),
    "bool": (wire.bool_bin, ParticleType.BOOL),
    "list": (None, ParticleType.LIST),
    "map": (None, ParticleType.MAP),
    "geojson": (None, ParticleType.GEOJSON),
}
_SCALARS: Final = frozenset({"int", "float", "str", "bool"})
_NUMBERS: Final = frozenset({"int", "float"})

_COMPARE: Final[dict[str, Callable[[Exp, Exp], Exp]]] = {
    "=": wire.eq,
    "<>": wire.ne,
    "<": wire.lt,
    "<=": wire.le,
    ">": wire.gt,
    ">=": wire.ge,
}
_FLIP: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARITHMETIC: Final[dict[str, Callable[..., Exp]]] = {
    "+": wire.add,
    "-": wire.sub,
    "*": wire.mul,
    "/": wire.div,
    "%": wire.mod,
}


# ---- operands ----------------------------------------------------------------------------------


def operand(expression: Expr) -> Operand | None:
    """Compile an operand; None when the server cannot be asked for it."""
    if is_constant(expression):
        give = constant(expression)
        return lambda values: value_arms(give(values))
    if isinstance(expression, Column):
        arms = column_arms(expression)
        return None if arms is None else lambda values: arms
    if isinstance(expression, Unary) and expression.op in "+-":
        return _sign(expression)
    if isinstance(expression, Binary) and expression.op in _ARITHMETIC:
        return _arithmetic(expression)
    return None


def value_arms(value: Any) -> Arms | None:
    """Give a constant's arm: () for NULL, None for what never goes out."""
    kind = kind_of(value)
    if kind == "null":
        return ()
    if kind == "bytes":
        return (Arm(kind, value=bytes(value)),)
    if kind in _SCALARS:
        return (Arm(kind, value=value),)
    return None


def column_arms(column: Column) -> Arms | None:
    """Give the arms of a bin, the key or a metadata column."""
    if is_bin(column):
        return tuple(_bin_arm(column.name, kind, *made) for kind, made in _BIN.items())
    return _SPECIAL.get(column.name)


def _bin_arm(name: str, kind: str, make: Callable[[str], Exp] | None, code: int) -> Arm:
    exp = None if make is None else make(name)
    return Arm(kind, exp, needs=(wire.eq(wire.bin_type(name), wire.val(code)),))


def _key_arm(kind: str, exp: Exp, least: Any) -> Arm:
    # There is no type test for keys: comparing with the least value is true of every key of
    # the type, and UNKNOWN for the others.
    return Arm(kind, exp, needs=(wire.ge(exp, wire.val(least)),))


#: Columns that are no bins. `__gen` and `__digest` have no expression.
_SPECIAL: Final[dict[str, Arms]] = {
    "PK": (
        _key_arm("int", wire.key_int(), INT64_MIN),
        _key_arm("str", wire.key_str(), ""),
        _key_arm("bytes", wire.key_blob(), b""),
    ),
    "__ttl": (Arm("int", wire.ttl()),),
    "__lut": (Arm("int", wire.last_update()),),
    "__size": (Arm("int", wire.record_size()),),
    "__set": (Arm("str", wire.set_name()),),
}


def _sign(node: Unary) -> Operand | None:
    inner = operand(node.operand)
    if inner is None or node.op == "+":
        return inner

    def arms(values: Sequence[Any]) -> Arms | None:
        found = inner(values)
        if found is None:
            return None
        return tuple(_negated(arm) for arm in found if arm.kind in _NUMBERS)

    return arms


def _negated(arm: Arm) -> Arm:
    if arm.exp is None:
        return arm
    if arm.kind == "int":
        return Arm("int", wire.sub(wire.val(0), arm.exp), needs=arm.needs)
    return Arm("float", wire.mul(arm.exp, wire.val(-1.0)), needs=arm.needs)


def _arithmetic(node: Binary) -> Operand | None:
    left, right = operand(node.left), operand(node.right)
    if left is None or right is None:
        return None

    def arms(values: Sequence[Any]) -> Arms | None:
        lefts, rights = left(values), right(values)
        if lefts is None or rights is None:
            return None
        found = [
            _calculate(node.op, one, other)
            for one in lefts
            if one.kind in _NUMBERS
            for other in rights
            if other.kind in _NUMBERS
        ]
        return tuple(arm for arm in found if arm is not None) if len(found) <= MAX_ARMS else None

    return arms


def _calculate(op: str, left: Arm, right: Arm) -> Arm | None:
    """Combine two numeric arms; None where the answer is NULL."""
    kind = "int" if left.kind == right.kind == "int" else "float"
    needs = (*left.needs, *(each for each in right.needs if each not in left.needs))
    if op in "/%":
        if kind == "int" and right.constant and right.value == 0:
            return None
        # Dividing the least integer by -1 traps in the processor, a divisor that is a bin may
        # be -1, and the server's % takes integers only: those are left to the residual.
        if not right.constant or right.value in (0, -1) or (op == "%" and kind == "float"):
            return Arm(kind, needs=needs)
    one, other = _number(left, kind), _number(right, kind)
    if one is None or other is None:
        return Arm(kind, needs=needs)
    return Arm(kind, _ARITHMETIC[op](one, other), needs=needs)


def _number(arm: Arm, kind: str) -> Exp | None:
    """Write a numeric arm as `kind`; None when it is out of reach."""
    if arm.exp is not None:
        return wire.to_float(arm.exp) if arm.kind != kind else arm.exp
    if arm.value is None:
        return None
    if kind == "int":
        return wire.val(int(arm.value)) if INT64_MIN <= arm.value <= INT64_MAX else None
    try:
        return wire.val(float(arm.value))
    except OverflowError:
        return None


# ---- comparison --------------------------------------------------------------------------------


def presence(*arms: Arm) -> Exp | bool:
    """Give what is true when all of `arms` have a value."""
    needs: list[Exp] = []
    for arm in arms:
        needs += [each for each in arm.needs if each not in needs]
    if not needs:
        return True
    return needs[0] if len(needs) == 1 else wire.and_(*needs)


def compare_arms(op: str, lefts: Arms, rights: Arms, negated: bool) -> list[Piece]:
    """Give the pieces whose OR is true when `left op right` is (or, negated, is false)."""
    pieces = (_compare_pair(op, left, right, negated) for left in lefts for right in rights)
    return [piece for piece in pieces if piece[0] is not False]


def class_of_kind(kind: str) -> str:
    """Name the class that a kind compares in: integers and doubles are one."""
    return "number" if kind in _NUMBERS else kind


def _compare_pair(op: str, left: Arm, right: Arm, negated: bool) -> Piece:
    if class_of_kind(left.kind) != class_of_kind(right.kind):
        return NEVER
    if left.constant and right.constant:
        answer = compare[op](left.value, right.value)
        return answer is not None and answer is not negated, True
    if left.constant:
        return _compare_pair(_FLIP[op], right, left, negated)
    if left.exp is None or (right.exp is None and not right.constant):
        return presence(left, right), False
    if right.constant:
        return _compare_constant(op, left, right.value, negated)
    if left.kind != right.kind:
        return _compare_mixed(op, left, right, negated)
    assert right.exp is not None
    return _signed(_COMPARE[op](left.exp, right.exp), negated), True


def _signed(exp: Exp, negated: bool) -> Exp:
    return wire.not_(exp) if negated else exp


def _compare_constant(op: str, arm: Arm, value: Any, negated: bool) -> Piece:
    assert arm.exp is not None
    bound: tuple[str, Any] | bool = (op, value)
    if arm.kind == "int":
        bound = int_bound(op, value)
    elif arm.kind == "float":
        bound = float_bound(op, value)
    if isinstance(bound, bool):
        return (presence(arm), True) if bound is not negated else NEVER
    return _signed(_COMPARE[bound[0]](arm.exp, wire.val(bound[1])), negated), True


def _compare_mixed(op: str, left: Arm, right: Arm, negated: bool) -> Piece:
    """Compare an integer with a double: rounding makes ties of near misses, so ties count."""
    assert left.exp is not None
    assert right.exp is not None
    one = wire.to_float(left.exp) if left.kind == "int" else left.exp
    other = wire.to_float(right.exp) if right.kind == "int" else right.exp
    if (op == "=" and not negated) or (op == "<>" and negated):
        return wire.eq(one, other), False
    if op in ("=", "<>"):
        return presence(left, right), False
    if not negated:
        return _COMPARE[op[0] + "="](one, other), False
    return wire.not_(_COMPARE[op[0]](one, other)), False


def int_bound(op: str, value: int | float) -> tuple[str, int] | bool:
    """Say `integer op value` with an int64 bound; True or False when it is that for all."""
    if isinstance(value, float):
        if math.isnan(value):
            return op == "<>"
        if not math.isinf(value):
            whole = math.floor(value)
            if whole != value:
                if op in ("=", "<>"):
                    return op == "<>"
                op, value = (op[0] + "=", whole if op[0] == "<" else whole + 1)
            else:
                value = whole
    if value > INT64_MAX:
        return op in ("<>", "<", "<=")
    if value < INT64_MIN:
        return op in ("<>", ">", ">=")
    return op, int(value)


def float_bound(op: str, value: int | float) -> tuple[str, float] | bool:
    """Say `double op value` with a double bound; True or False when it is that for all."""
    if isinstance(value, float):
        return op, float(value)
    try:
        near = float(value)
    except OverflowError:
        near = math.inf if value > 0 else -math.inf
    if near == value:
        return op, near
    if op in ("=", "<>"):
        return op == "<>"
    below = near if near < value else math.nextafter(near, -math.inf)
    above = near if near > value else math.nextafter(near, math.inf)
    return op[0] + "=", below if op[0] == "<" else above
