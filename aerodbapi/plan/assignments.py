"""SET place = expression: how each assignment is done, by an operation where one is exactly it.

SQL's right sides read the record as it was; operations run one after another. So the steps are
put in an order in which each reads before another writes; where there is none (a = b, b = a),
or where one of them cannot be an operation, all of them are computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Binary, Call, Column, Expr
from aerodbapi.plan import set_places
from aerodbapi.plan.bin_functions import FUNCTIONS, change
from aerodbapi.plan.bind import Context, bind_value, kind
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.evaluate import compile_value, constant
from aerodbapi.plan.operations import Step
from aerodbapi.plan.set_expressions import guarded, is_of_kind, samples, server_value
from aerodbapi.plan.tree import columns, is_bin, is_constant
from aerodbapi.plan.values import resolve
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.message import Operation

__all__ = ["Assignment", "operations", "steps"]

#: (bin, path within it, value)
Assignment = tuple[str, tuple[Expr, ...], Expr]

_JOINING: Final = {"append": OpType.APPEND, "prepend": OpType.PREPEND}


def steps(
    assignments: Sequence[Assignment], context: Context, info: SetInfo | None
) -> tuple[Step, ...]:
    """Choose how each assignment is done, in the order in which it can be.

    Raises NotSupportedError for what cannot be evaluated.
    """
    chosen = [_step(*assignment, context, info) for assignment in assignments]
    if all(step.how != "compute" for step in chosen):
        ordered = _ordered(chosen)
        if ordered is not None:
            return ordered
    return tuple(_computed(step) for step in chosen)


def _step(
    name: str, path: tuple[Expr, ...], expression: Expr, context: Context, info: SetInfo | None
) -> Step:
    if not path and _is_function(name, expression):
        return Step(name, "function", expression)
    compile_value(expression)  # which refuses what cannot be worked out at all
    fixed = is_constant(expression)
    if path:
        if fixed and all(map(is_constant, path)):
            return Step(name, "place", expression, path=path, info=info)
        return Step(name, "compute", expression, path=path)
    if fixed:
        return Step(name, "write", expression, bind_value(expression))
    joined = _joined(name, expression, context)
    if joined is not None:
        return joined
    build = server_value(expression, info)
    if build(samples(context.parameters)) is not None:
        return Step(name, "expression", expression, build=build)
    return Step(name, "compute", expression)


def _is_function(name: str, expression: Expr) -> bool:
    """Recognise LIST_APPEND(b, 1) and its like, assigned to b."""
    if not isinstance(expression, Call) or expression.name not in FUNCTIONS:
        return False
    function = FUNCTIONS[expression.name]
    own, *arguments = expression.arguments or (None,)
    return bool(
        function.changes
        and function.kind
        and own == Column(name)
        and all(map(is_constant, arguments))
    )


def _joined(name: str, expression: Expr, context: Context) -> Step | None:
    """Recognise b || 'x' and 'x' || b."""
    if not isinstance(expression, Binary) or expression.op != "||":
        return None
    for own, other, how in (
        (expression.left, expression.right, "append"),
        (expression.right, expression.left, "prepend"),
    ):
        if own == Column(name) and is_constant(other) and kind(other, context) in ("str", "bytes"):
            return Step(name, how, expression, bind_value(other))  # type: ignore[arg-type]
    return None


def _computed(step: Step) -> Step:
    if step.how == "function":
        compile_value(step.expression)
    return replace(step, how="compute", value=None)


def _reads(step: Step) -> set[str]:
    """Name the bins that a step reads besides its own."""
    parts = (step.expression, *step.path)
    names = {column.name for part in parts for column in columns(part) if is_bin(column)}
    return names - {step.bin}


def _ordered(chosen: Iterable[Step]) -> tuple[Step, ...] | None:
    """Put each step that reads a bin before the one that writes it; None when they go in a ring."""
    waiting, done = list(chosen), []
    while waiting:
        ready = next(
            (
                step
                for step in waiting
                if not any(step.bin in _reads(other) for other in waiting if other is not step)
            ),
            None,
        )
        if ready is None:
            return None
        waiting.remove(ready)
        done.append(ready)
    return tuple(done)


# ---- the operations ----------------------------------------------------------------------------


def operations(all_steps: Iterable[Step], values: Sequence[Any]) -> list[Operation] | None:
    """Give the operations of steps none of which is computed; None when some have to be after all.

    A server that cannot do exactly what SQL means refuses them, by code 12 or 26, as a whole.
    """
    found: list[Operation] = []
    for step in all_steps:
        made = list(_OPERATIONS[step.how](step, values))
        if None in made:
            return None
        found += made
    return found


def _write(step: Step, values: Sequence[Any]) -> Iterator[Operation | None]:
    assert step.value is not None
    yield Operation(OpType.WRITE, step.bin, *particles.encode(resolve(step.value, values)))


def _join(step: Step, values: Sequence[Any]) -> Iterator[Operation | None]:
    """APPEND makes a bin where there is none, so the bin's type is looked at before."""
    assert step.value is not None
    text = resolve(step.value, values)
    found = "bytes" if isinstance(text, (bytes, bytearray)) else "str"
    if not isinstance(text, (str, bytes, bytearray)):
        yield None
        return
    test = guarded(wire.val(True), is_of_kind(step.bin, found))
    yield _expression(OpType.EXP_READ, step.bin, test)
    yield Operation(_JOINING[step.how], step.bin, *particles.encode(text))


def _evaluate(step: Step, values: Sequence[Any]) -> Iterator[Operation | None]:
    built = step.build(values)
    yield None if built is None else _expression(OpType.EXP_MODIFY, step.bin, built)


def _expression(op: int, name: str, exp: wire.Exp) -> Operation:
    return Operation(op, name, ParticleType.BLOB, b"\x92" + wire.pack_expression(exp) + b"\x00")


def _function(step: Step, values: Sequence[Any]) -> Iterator[Operation | None]:
    assert isinstance(step.expression, Call)
    arguments = [constant(each)(values) for each in step.expression.arguments[1:]]
    yield change(step.expression.name, step.bin, arguments)


def _place(step: Step, values: Sequence[Any]) -> Iterator[Operation | None]:
    yield set_places.operation(step, values, step.info)


_OPERATIONS: Final[dict[str, Any]] = {
    "write": _write,
    "append": _join,
    "prepend": _join,
    "expression": _evaluate,
    "place": _place,
    "function": _function,
}
