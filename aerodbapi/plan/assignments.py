"""SET bin = expression: which operation does it, and the expression writes of those that need one.

SQL's right sides read the record as it was; operations run one after another. So an update in
which one assignment reads a bin that another one sets is computed here instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.ast import Binary, Cast, Column, Expr, Literal, Unary
from aerodbapi.plan.arms import Arm, Arms, operand
from aerodbapi.plan.bind import Context, bind_value, kind
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.evaluate import compile_value
from aerodbapi.plan.operations import Constant, Step, Value
from aerodbapi.plan.tree import columns, is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.message import Operation

__all__ = ["expression_writes", "steps"]

#: Flags of an expression write (server proto.h, AS_EXP_FLAG_*).
_ALLOW_DELETE: Final = 4
_EVAL_NO_FAIL: Final = 16


def steps(
    assignments: Sequence[tuple[str, Expr]], context: Context, info: SetInfo | None
) -> tuple[Step, ...]:
    """Choose how each assignment is done. Raises NotSupportedError for what cannot be."""
    chosen = tuple(_step(name, value, context, info) for name, value in assignments)
    written = {name for name, _ in assignments}
    for step in chosen:
        read = {column.name for column in columns(step.expression) if is_bin(column)}
        if read & written - {step.bin}:
            return tuple(_compute(name, value) for name, value in assignments)
    return chosen


def _compute(name: str, expression: Expr) -> Step:
    compile_value(expression)
    return Step(name, "compute", expression)


def _step(name: str, expression: Expr, context: Context, info: SetInfo | None) -> Step:
    if is_constant(expression):
        return Step(name, "write", expression, bind_value(expression))
    change = _change(name, expression, context, info)
    if change is not None:
        how, value = change
        return Step(name, how, expression, value)  # type: ignore[arg-type]
    if _writes_itself(expression, context):
        return Step(name, "expression", expression)
    return _compute(name, expression)


def _change(
    name: str, expression: Expr, context: Context, info: SetInfo | None
) -> tuple[str, Value | None] | None:
    """Recognise b + n, n + b, b - n, b || x and x || b."""
    if not isinstance(expression, Binary) or expression.op not in ("+", "-", "||"):
        return None
    own, (left, right) = Column(name), (expression.left, expression.right)
    if left == own and is_constant(right):
        other, behind = right, True
    elif right == own and is_constant(left) and expression.op != "-":
        other, behind = left, False
    else:
        return None
    found = kind(other, context)
    if found == "null":
        return "write", Constant(None)
    if expression.op == "||":
        how = "append" if behind else "prepend"
        return (how, bind_value(other)) if found in ("str", "bytes") else None
    amount: Expr = Unary("-", other) if expression.op == "-" else other
    return _increment(name, amount, found, info)


def _increment(
    name: str, amount: Expr, found: str | None, info: SetInfo | None
) -> tuple[str, Value | None] | None:
    """INCR adds integers to integers and doubles to doubles only."""
    column = None if info is None else info.column(name)
    held = frozenset() if column is None else column.kinds & {"int", "float"}
    if found == "int" and held <= {"int"}:
        return "increment", bind_value(_folded(amount))
    if held == {"float"} and found in ("int", "float"):
        amount = amount if found == "float" else Cast(amount, "DOUBLE")
        return "increment", bind_value(_folded(amount))
    return None


def _folded(amount: Expr) -> Expr:
    """Take the sign of a literal into it."""
    if isinstance(amount, Unary) and isinstance(amount.operand, Literal):
        return Literal(-amount.operand.value)
    return amount


def _writes_itself(expression: Expr, context: Context) -> bool:
    """Tell whether an expression write gives what `compile_value` would, for all values."""
    give = operand(expression)
    if give is None or isinstance(expression, Column) or not _only_numbers(expression, context):
        return False
    arms = give([1] * len(context.parameters))
    return arms is not None and all(arm.exp is not None for arm in arms)


def _only_numbers(expression: Expr, context: Context) -> bool:
    if isinstance(expression, Column):
        return is_bin(expression)
    if is_constant(expression):
        return kind(expression, context) in ("int", "float")
    if isinstance(expression, Unary):
        return expression.op in "+-" and _only_numbers(expression.operand, context)
    if isinstance(expression, Binary) and expression.op in "+-*/%":
        if expression.op in "/%" and not isinstance(expression.right, Literal):
            return False
        sides = (expression.left, expression.right)
        return all(_only_numbers(side, context) for side in sides)
    return False


def expression_writes(step: Step, values: Sequence[Any]) -> Iterator[Operation]:
    """Yield the operations of an "expression" step.

    First the bin goes when the expression is NULL; then one write per combination of types,
    of which at most one has a value. The one that reads the bin itself as a double comes
    before those that may make a double of it, so that none works on another's result.
    Raises DataError for an integer beyond 64 bits.
    """
    give = operand(step.expression)
    arms = None if give is None else give(values)
    if arms is None or any(arm.exp is None for arm in arms):
        raise errors.DataError("a number of the SET clause takes more than 64 bits")
    yield _operation(step.bin, _nothing(arms), _ALLOW_DELETE | _EVAL_NO_FAIL)
    own = wire.eq(wire.bin_type(step.bin), wire.val(int(ParticleType.DOUBLE)))
    for arm in sorted(arms, key=lambda arm: own not in arm.needs):
        yield _operation(step.bin, arm.exp, _EVAL_NO_FAIL)


def _nothing(arms: Arms) -> wire.Exp:
    """NIL where no arm has a value, UNKNOWN elsewhere."""
    if not arms:
        return wire.val(None)
    present = [_all(arm) for arm in arms]
    some = present[0] if len(present) == 1 else wire.or_(*present)
    return wire.cond(wire.not_(some), wire.val(None), wire.unknown())


def _all(arm: Arm) -> wire.Exp:
    return arm.needs[0] if len(arm.needs) == 1 else wire.and_(*arm.needs)


def _operation(name: str, exp: Any, flags: int) -> Operation:
    payload = b"\x92" + wire.pack_expression(exp) + bytes((flags,))
    return Operation(OpType.EXP_MODIFY, name, ParticleType.BLOB, payload)
