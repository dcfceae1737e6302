"""SET m['k'] = e and SET a.b[0] = e: places in lists and maps, written where they are.

A path is a bin and the indexes that lead from it into what it holds: an integer counts in a list
(or is a key, where the bin is known to hold maps), anything else is a key of a map. What is
missing on the way is made, and a list grows by the index that is its length; NULL takes a key out
of a map and stays in a list.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi import errors
from aerodbapi.grammar.ast import Column, Expr, Literal, Subscript
from aerodbapi.plan.bind import bin_name, bind_column, bind_expression
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.tree import place
from aerodbapi.protocol import bin_commands, list_commands, map_commands
from aerodbapi.protocol.bin_commands import StepType
from aerodbapi.protocol.bin_policies import ListPolicy, ListWrite

if TYPE_CHECKING:
    from aerodbapi.plan.catalog import SetInfo
    from aerodbapi.plan.operations import Step
    from aerodbapi.protocol.message import Operation

__all__ = ["assigned", "bind_place", "operation", "place_operation"]

_BIN_TYPE = 12


def bind_place(
    target: Column | Subscript, allowed: frozenset[tuple[str, ...]]
) -> tuple[Column, tuple[Expr, ...]]:
    """Resolve what SET assigns to: the bound column and the path within it, () for the bin itself.

    `a.b` is a table's column where there is such a table, else the key "b" of the bin a.
    """
    path: list[Expr] = []
    inner: Expr = target
    while isinstance(inner, Subscript):
        path.insert(0, bind_expression(inner.index, allowed))
        inner = inner.operand
    if not isinstance(inner, Column):
        raise errors.ProgrammingError(f"a bin or a place in one is set{place(target)}")
    if inner.table in allowed:
        return bind_column(inner, allowed), tuple(path)
    names = (*inner.table, inner.name)
    start = max(
        (size for size in range(len(names)) if names[:size] in allowed),
        default=0,
    )
    keys = [Literal(name, span=inner.span) for name in names[start + 1 :]]
    column = Column(names[start], span=inner.span)
    bin_name(column)
    return bind_column(column, allowed), (*keys, *path)


def operation(step: Step, values: Sequence[Any], info: SetInfo | None) -> Operation | None:
    """Give the operation that writes the step's value into its place, None when there is none."""
    keys = [constant(index)(values) for index in step.path]
    value = constant(step.expression)(values)
    if any(key is None for key in keys):
        return None
    return place_operation(step.bin, keys, value, info)


def place_operation(name: str, keys: Sequence[Any], value: Any, info: SetInfo | None) -> Operation:
    """Give the operation that writes `value` where the keys lead to."""
    in_map = _in_maps(name, keys, info)
    way = [_step(key, is_key, value) for key, is_key in zip(keys[:-1], in_map)] or None
    last = keys[-1]
    if not in_map[-1]:
        policy = ListPolicy(flags=ListWrite.INSERT_BOUNDED)
        command = list_commands.list_set(last, value, policy, ctx=way)
    elif value is None:
        command = map_commands.map_remove_by_key(last, ctx=way)
    else:
        command = map_commands.map_put(last, value, ctx=way)
    return bin_commands.operation(name, command)


def _step(key: Any, is_key: bool, value: Any) -> bin_commands.Step:
    if not is_key:
        return bin_commands.Step(StepType.LIST_INDEX, key)
    create = 0 if value is None else StepType.CREATE_UNORDERED
    return bin_commands.Step(StepType.MAP_KEY | create, key)


def _in_maps(name: str, keys: Sequence[Any], info: SetInfo | None) -> list[bool]:
    """Say of each key whether it is one of a map."""
    column = None if info is None else info.column(name)
    found = [kind_of(key) != "int" for key in keys]
    if column is not None and column.kinds == {"map"}:
        found[0] = True
    return found


def assigned(holder: Any, keys: Sequence[Any], value: Any, name: str) -> Any:
    """Give `holder`, what a bin holds, with `value` at the place that the keys lead to.

    Raises DataError where there is no such place.
    """
    first, *rest = keys
    kind = kind_of(holder)
    if first is None:
        raise errors.DataError(f"a key of {name} is NULL")
    if kind == "null":
        holder, kind = ([], "list") if kind_of(first) == "int" else ({}, "map")
    if kind == "map":
        held = holder.get(first)
    elif kind == "list" and kind_of(first) == "int":
        holder = list(holder)
        if not -len(holder) <= first <= (len(holder) if not rest else len(holder) - 1):
            raise errors.ElementNotFound(f"{name} has {len(holder)} elements, and none at {first}")
        held = holder[first] if first < len(holder) else None
    else:
        raise errors.BinTypeError(
            f"{name} holds a value of the kind {kind}, in which there is no place {first!r}",
            result_code=_BIN_TYPE,
        )
    if rest:
        if value is None and held is None:
            return holder
        value = assigned(held, rest, value, f"{name}[{first!r}]")
        if value is None:
            return holder
    return _with(holder, kind, first, value)


def _with(holder: Any, kind: str, key: Any, value: Any) -> Any:
    if kind == "list":
        if key == len(holder):
            holder.append(value)
        else:
            holder[key] = value
        return holder
    made = copy.copy(holder)
    if value is None:
        made.pop(key, None)
    else:
        made[key] = value
    return made
