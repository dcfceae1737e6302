"""Typed operands of pushed predicates: one arm per type that an operand may have.

The server's expressions are statically typed, bins are not: `b = 5` is an arm for integers
beside one for doubles. An arm is UNKNOWN on a record whose bin has another type, so that an OR
of arms is true exactly when the predicate is. Under NOT each arm is negated by itself (NOT of
UNKNOWN stays UNKNOWN); NOTs have been brought down to the comparisons before.
The server's integers wrap where SQL's overflow is an error: an arm knows its `risks`, and a
record at risk always passes, so that the error is raised where the record is looked at again.
How numbers compare is in `plan.bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Union

from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import Binary, Column, Expr, Unary
from aerodbapi.plan.bounds import (
    COMPLEMENT,
    compare_doubles,
    compare_exps,
    double_test,
    integer_test,
)
from aerodbapi.plan.evaluate import settled
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.pieces import NEVER, Piece
from aerodbapi.plan.risks import risk_of
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN, compare
from aerodbapi.plan.tree import is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp
from aerodbapi.protocol.flags import ParticleType

__all__ = [
    "Arm",
    "Arms",
    "Operand",
    "at_risk",
    "class_of_kind",
    "column_arms",
    "compare_arms",
    "constant_test",
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

    `needs`: what must be true for the arm to have a value at all. `risks`: one of them is true
    where an integer may not fit 64 bits.
    """

    kind: str
    exp: Exp | None = None
    value: Any = None
    needs: tuple[Presence, ...] = ()
    risks: tuple[Exp, ...] = ()

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

_FLIP: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARITHMETIC: Final[dict[str, Callable[..., Exp]]] = {
    "+": wire.add,
    "-": wire.sub,
    "*": wire.mul,
    "/": wire.div,
    "//": wire.div,
    "%": wire.mod,
}


# ---- operands ----------------------------------------------------------------------------------


def operand(expression: Expr) -> Operand | None:
    """Compile an operand; None when the server cannot be asked for it."""
    if is_constant(expression):
        give = settled(expression)
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
        least = wire.eq(arm.exp, wire.val(INT64_MIN))
        return Arm("int", wire.sub(wire.val(0), arm.exp), None, arm.needs, (*arm.risks, least))
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
    kind = "int" if left.kind == right.kind == "int" and op != "/" else "float"
    needs = _joined(left.needs, right.needs)
    risks = _joined(left.risks, right.risks)
    if op in ("//", "%"):
        if right.constant and right.value == 0:
            return Arm(kind, None, None, needs, risks) if risks else None
        # Dividing the least integer by -1 traps in the processor, a divisor that is a bin may
        # be -1 or 0, and the server's % takes integers only: those are left to the residual.
        if not right.constant or right.value == -1 or (op == "%" and kind == "float"):
            return Arm(kind, None, None, needs, risks)
    one, other = _number(left, kind), _number(right, kind)
    if one is None or other is None:
        return Arm(kind, None, None, needs, risks)
    if kind == "int":
        risks = _joined(risks, risk_of(op, one, left.value, other, right.value))
    return Arm(kind, _ARITHMETIC[op](one, other), None, needs, risks)


def _joined(some: tuple[Exp, ...], others: tuple[Exp, ...]) -> tuple[Exp, ...]:
    return (*some, *(each for each in others if each not in some))


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
    if negated:
        op = COMPLEMENT[op]
    pieces = (_compare_pair(op, left, right) for left in lefts for right in rights)
    return [piece for piece in pieces if piece[0] is not False]


def class_of_kind(kind: str) -> str:
    """Name the class that a kind compares in: integers and doubles are one."""
    return "number" if kind in _NUMBERS else kind


def _compare_pair(op: str, left: Arm, right: Arm) -> Piece:
    if class_of_kind(left.kind) != class_of_kind(right.kind):
        return NEVER
    if left.constant and right.constant:
        return compare[op](left.value, right.value) is True, True
    if left.constant:
        return _compare_pair(_FLIP[op], right, left)
    risks = _joined(left.risks, right.risks)
    if left.exp is None or (right.exp is None and not right.constant):
        return at_risk(presence(left, right), risks)[0], False
    if right.constant:
        return constant_test(op, left, right.value)
    assert right.exp is not None
    if left.kind == right.kind != "float":
        return at_risk(compare_exps(op, left.exp, right.exp), risks)
    one, other = _number(left, "float"), _number(right, "float")
    assert one is not None
    assert other is not None
    test = compare_doubles(op, one, other, left.kind == "float", right.kind == "float")
    # NaN decides a comparison alone, so whether there is anything beside it is asked as well.
    present = presence(left, right)
    return at_risk(test if present is True else wire.and_(present, test), risks)


def constant_test(op: str, arm: Arm, value: Any) -> Piece:
    """Give the piece of `arm op value`, a constant of the same class."""
    assert arm.exp is not None
    if arm.kind not in _NUMBERS:
        return compare_exps(op, arm.exp, wire.val(value)), True
    test = (integer_test if arm.kind == "int" else double_test)(op, arm.exp, value)
    return at_risk(presence(arm) if test is True else test, arm.risks)


def at_risk(test: Exp | bool, risks: tuple[Exp, ...]) -> Piece:
    """Let records at risk pass, too."""
    if not risks:
        return test, True
    if test is True:
        return True, False
    some = risks if test is False else (test, *risks)
    return (some[0] if len(some) == 1 else wire.or_(*some)), False
