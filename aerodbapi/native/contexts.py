"""Contexts: the way from a bin's value to a nested list or map, as a list of steps.

    list_append("orders", 7, ctx=[map_key("2024"), list_index(-1)])

A step may create what it leads to (`list_index_create`, `map_key_create`). Indexes and ranks
below zero count from the end.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import (
    Context,
    Step,
    StepType,
    integer,
    items,
    pack_steps,
    steps,
)
from aerodbapi.protocol.bin_policies import ListOrder, MapOrder
from aerodbapi.protocol.expressions import Exp

__all__ = [
    "Context",
    "Step",
    "all_children",
    "all_children_with_filter",
    "and_filter",
    "list_index",
    "list_index_create",
    "list_rank",
    "list_value",
    "map_index",
    "map_key",
    "map_key_create",
    "map_keys_in",
    "map_rank",
    "map_value",
    "to_base64",
    "to_bytes",
]


def list_index(index: int) -> Step:
    """The element at `index`."""
    return Step(StepType.LIST_INDEX, integer("index", index))


def list_rank(rank: int) -> Step:
    """The element of this rank (0: the smallest)."""
    return Step(StepType.LIST_RANK, integer("rank", rank))


def list_value(value: Any) -> Step:
    """The first element equal to `value`."""
    return Step(StepType.LIST_VALUE, value)


def list_index_create(index: int, order: int = ListOrder.UNORDERED, pad: bool = False) -> Step:
    """The element at `index`, created as a list of this order if there is none.

    `pad`: the index may be beyond the end; nil fills the places between.
    """
    if integer("order", order) == ListOrder.ORDERED:
        create = StepType.CREATE_ORDERED
    else:
        create = StepType.CREATE_KEY_ORDERED if pad else StepType.CREATE_UNORDERED
    return Step(StepType.LIST_INDEX | create, integer("index", index))


def map_index(index: int) -> Step:
    """The value at this place in the order of keys."""
    return Step(StepType.MAP_INDEX, integer("index", index))


def map_rank(rank: int) -> Step:
    """The value of this rank (0: the smallest)."""
    return Step(StepType.MAP_RANK, integer("rank", rank))


def map_key(key: Any) -> Step:
    """The value under `key`."""
    return Step(StepType.MAP_KEY, key)


def map_value(value: Any) -> Step:
    """The first value equal to `value`."""
    return Step(StepType.MAP_VALUE, value)


_MAP_CREATE = {
    MapOrder.UNORDERED: StepType.CREATE_UNORDERED,
    MapOrder.KEY_ORDERED: StepType.CREATE_KEY_ORDERED,
    MapOrder.KEY_VALUE_ORDERED: StepType.CREATE_ORDERED,
}


def map_key_create(key: Any, order: int = MapOrder.UNORDERED) -> Step:
    """The value under `key`, created as a map of this order if there is none."""
    create = _MAP_CREATE.get(integer("order", order))
    if create is None:
        raise ParameterError(f"order is one of MapOrder, not {order}", result_code=-2)
    return Step(StepType.MAP_KEY | create, key)


def map_keys_in(keys: Sequence[Any]) -> Step:
    """The values under all of `keys` (servers from 8.1.3 on)."""
    return Step(StepType.MAP_KEYS_IN, items("keys", keys))


def all_children() -> Step:
    """Every element of a list, every value of a map: for path operations."""
    return Step(StepType.EXPRESSION, True)


def all_children_with_filter(expression: Exp) -> Step:
    """The elements for which an expression on their loop variables is true."""
    return Step(StepType.EXPRESSION, _expression(expression))


def and_filter(expression: Exp) -> Step:
    """A further condition on the elements that the step before selects (from 8.1.3 on)."""
    return Step(StepType.EXPRESSION | StepType.AND, _expression(expression))


def _expression(expression: Any) -> Exp:
    if not isinstance(expression, Exp):
        raise ParameterError(
            f"the filter of a context is an expression, not {type(expression).__name__}",
            result_code=-2,
        )
    return expression


def to_bytes(context: Context) -> bytes:
    """A context as it is sent."""
    return pack_steps(steps(context))


def to_base64(context: Context) -> str:
    """A context as text: what index definitions and info replies hold."""
    return base64.b64encode(to_bytes(context)).decode()
