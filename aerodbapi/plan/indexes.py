"""What a secondary index is over, beside a bin: an element of a list or map, or an expression."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.plan.arms import Arm, operand
from aerodbapi.plan.bind import bind_expression, qualifiers
from aerodbapi.plan.tree import columns, is_bin, place
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.bin_commands import Step, StepType, pack_steps

__all__ = ["element", "packed_expression"]

#: An index's type → the kind of value that its expression gives.
_KINDS: Final = {"NUMERIC": "int", "STRING": "str", "BLOB": "bytes"}


def element(source: ast.Expr) -> tuple[str, bytes]:
    """(bin, packed context) of a path: `m.a[0]`, `m['a']`. Raises ProgrammingError."""
    steps: list[Step] = []
    node = source
    while isinstance(node, ast.Subscript):
        index = node.index.value if isinstance(node.index, ast.Literal) else None
        if type(index) is int:
            steps.append(Step(StepType.LIST_INDEX, index))
        elif isinstance(index, (str, bytes)):
            steps.append(Step(StepType.MAP_KEY, index))
        else:
            raise errors.ProgrammingError(
                f"the path of an index has whole numbers and keys{place(node.index)}"
            )
        node = node.operand
    if not isinstance(node, ast.Column):
        raise errors.ProgrammingError(f"the path of an index begins with a bin{place(node)}")
    bin, *keys = (*node.table, node.name)
    steps += [Step(StepType.MAP_KEY, key) for key in reversed(keys)]
    return bin, pack_steps(tuple(reversed(steps)))


def packed_expression(statement: ast.CreateIndex, type_name: str | None) -> bytes:
    """The packed expression of an index; where it has another type the record is not in it.

    Raises NotSupportedError for what the server cannot work out.
    """
    source: Any = statement.source
    kind = _KINDS.get(type_name or "")
    if kind is None:
        raise errors.ProgrammingError(
            f"an index on an expression needs its type{place(source)}: say NUMERIC, STRING or BLOB"
        )
    bound = bind_expression(source, qualifiers(statement.table, None))
    for node in columns(bound):
        if not is_bin(node):
            raise errors.NotSupportedError(f"{node.name} cannot be indexed{place(source)}")
    give = operand(bound)
    arms = [arm for arm in (give(()) if give else None) or () if arm.kind == kind and arm.exp]
    if not arms:
        raise errors.NotSupportedError(
            f"the server cannot work out this expression as {type_name}{place(source)}"
        )
    branches: list[Any] = []
    for arm in arms:
        branches += [_needs(arm), arm.exp]
    return wire.pack_expression(wire.cond(*branches, wire.unknown()))


def _needs(arm: Arm) -> wire.Exp:
    if not arm.needs:
        return wire.val(True)
    return arm.needs[0] if len(arm.needs) == 1 else wire.and_(*arm.needs)
