"""Commands on maps (server: particle_map.c).

Negative indexes and ranks count from the end; an index is a place in the order of keys, a rank
in that of values. `count` None means to the end. `return_type` is one of ReturnType. Arguments
may be expressions when the command stands in an expression. `ctx` leads to a nested map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Union

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import (
    BinCommand,
    Context,
    ReturnType,
    Step,
    StepType,
    integer,
    items,
    optional,
    read_result,
    steps,
    wanted,
)
from aerodbapi.protocol.bin_policies import MapOrder, MapPolicy, coerce
from aerodbapi.protocol.expressions import CallSystem, Exp, ExpType

__all__ = [
    "map_clear",
    "map_create",
    "map_decrement",
    "map_get_by_index",
    "map_get_by_index_range",
    "map_get_by_key",
    "map_get_by_key_list",
    "map_get_by_key_range",
    "map_get_by_key_rel_index_range",
    "map_get_by_rank",
    "map_get_by_rank_range",
    "map_get_by_value",
    "map_get_by_value_list",
    "map_get_by_value_range",
    "map_get_by_value_rel_rank_range",
    "map_increment",
    "map_put",
    "map_put_items",
    "map_remove_by_index",
    "map_remove_by_index_range",
    "map_remove_by_key",
    "map_remove_by_key_list",
    "map_remove_by_key_range",
    "map_remove_by_key_rel_index_range",
    "map_remove_by_rank",
    "map_remove_by_rank_range",
    "map_remove_by_value",
    "map_remove_by_value_list",
    "map_remove_by_value_range",
    "map_remove_by_value_rel_rank_range",
    "map_set_policy",
    "map_size",
]

Ctx = Union[Context, None]
Policy = Union[MapPolicy, Mapping[str, Any], None]

_CREATE: Final = {
    MapOrder.UNORDERED: StepType.CREATE_UNORDERED,
    MapOrder.KEY_ORDERED: StepType.CREATE_KEY_ORDERED,
}


def _modify(code: int, *args: Any, ctx: Ctx, defaults: tuple[int, ...] = ()) -> BinCommand:
    return BinCommand(CallSystem.CDT, code, args, True, ExpType.MAP, steps(ctx), defaults)


def _remove(code: int, kind: int, *args: Any, ctx: Ctx) -> BinCommand:
    return _modify(code, kind, *args, ctx=ctx)


def _read(code: int, kind: int, *args: Any, ctx: Ctx, many: bool = True) -> BinCommand:
    result = read_result(kind, many=many)
    return BinCommand(CallSystem.CDT, code, (kind, *args), False, result, steps(ctx))


def _put(code: int, *args: Any, policy: Policy, ctx: Ctx, flags: bool = True) -> BinCommand:
    if not policy:
        return _modify(code, *args, ctx=ctx, defaults=(0,))
    chosen = coerce(MapPolicy, policy)
    if flags:
        args = (*args, chosen.attributes, chosen.flags)
    else:
        args = (*args, chosen.attributes)
    return _modify(code, *args, ctx=ctx)


def _bounds(begin: Any, end: Any) -> tuple[Any, ...]:
    return (begin,) if end is None else (begin, end)


# ---- making ------------------------------------------------------------------------------------


def map_create(
    order: int = MapOrder.UNORDERED, persist_index: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Create an empty map, or give an existing one this order.

    `persist_index`: store the index of an ordered top-level map with it.
    """
    order = integer("order", order)
    context = list(steps(ctx))
    if context:
        last = context.pop()
        create = _CREATE.get(order, StepType.CREATE_ORDERED)
        context.append(Step(last.type | create, last.value))
        return _modify(64, order, ctx=context)
    return _modify(64, order | (0x10 if persist_index else 0), ctx=None)


def map_set_policy(policy: Policy, *, ctx: Ctx = None) -> BinCommand:
    """Give a map the policy's order."""
    return _modify(64, coerce(MapPolicy, policy).attributes, ctx=ctx)


# ---- writing -----------------------------------------------------------------------------------


def map_put(key: Any, value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Set one key; answers with the size."""
    return _put(67, key, value, policy=policy, ctx=ctx)


def map_put_items(pairs: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Set the keys of a dictionary; answers with the size."""
    if not isinstance(pairs, (dict, Exp)):
        raise ParameterError(f"items are a dict, not {type(pairs).__name__}", result_code=-2)
    return _put(68, pairs, policy=policy, ctx=ctx)


def map_increment(
    key: Any, value: Any = 1, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Add to the number under `key`, 0 if there is none; answers with the sum."""
    return _put(73, key, value, policy=policy, ctx=ctx, flags=False)


def map_decrement(
    key: Any, value: Any = 1, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Subtract from the number under `key`, 0 if there is none; answers with the difference."""
    return _put(74, key, value, policy=policy, ctx=ctx, flags=False)


def map_clear(*, ctx: Ctx = None) -> BinCommand:
    """Remove all entries."""
    return _modify(75, ctx=ctx)


# ---- removing ----------------------------------------------------------------------------------


def map_remove_by_key(
    key: Any, return_type: int = ReturnType.NONE, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the entry of this key."""
    return _remove(76, wanted(return_type), key, ctx=ctx)


def map_remove_by_key_list(
    keys: Any, return_type: int = ReturnType.NONE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the entries of these keys."""
    return _remove(81, wanted(return_type, inverted), items("keys", keys), ctx=ctx)


def map_remove_by_key_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.NONE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove the keys from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return _remove(84, wanted(return_type, inverted), *_bounds(begin, end), ctx=ctx)


def map_remove_by_key_rel_index_range(
    key: Any,
    index: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` entries from the one on that stands `index` places after `key`'s."""
    rest = (key, integer("index", index), *optional("count", count))
    return _remove(88, wanted(return_type, inverted), *rest, ctx=ctx)


def map_remove_by_value(
    value: Any, return_type: int = ReturnType.NONE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Remove all entries with this value."""
    return _remove(82, wanted(return_type, inverted), value, ctx=ctx)


def map_remove_by_value_list(
    values: Any, return_type: int = ReturnType.NONE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Remove all entries with one of these values."""
    return _remove(83, wanted(return_type, inverted), items("values", values), ctx=ctx)


def map_remove_by_value_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.NONE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove the values from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return _remove(86, wanted(return_type, inverted), *_bounds(begin, end), ctx=ctx)


def map_remove_by_value_rel_rank_range(
    value: Any,
    rank: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` entries from the one on whose rank is `rank` above that of `value`."""
    rest = (value, integer("rank", rank), *optional("count", count))
    return _remove(89, wanted(return_type, inverted), *rest, ctx=ctx)


def map_remove_by_index(
    index: Any, return_type: int = ReturnType.NONE, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the entry at this place in the order of keys."""
    return _remove(77, wanted(return_type), integer("index", index), ctx=ctx)


def map_remove_by_index_range(
    index: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` entries from `index` on."""
    rest = (integer("index", index), *optional("count", count))
    return _remove(85, wanted(return_type, inverted), *rest, ctx=ctx)


def map_remove_by_rank(
    rank: Any, return_type: int = ReturnType.NONE, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the entry whose value has this rank (0: the smallest)."""
    return _remove(79, wanted(return_type), integer("rank", rank), ctx=ctx)


def map_remove_by_rank_range(
    rank: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` entries from `rank` on."""
    rest = (integer("rank", rank), *optional("count", count))
    return _remove(87, wanted(return_type, inverted), *rest, ctx=ctx)


# ---- reading -----------------------------------------------------------------------------------


def map_size(*, ctx: Ctx = None) -> BinCommand:
    """The number of entries."""
    return BinCommand(CallSystem.CDT, 96, (), False, ExpType.INT, steps(ctx))


def map_get_by_key(key: Any, return_type: int = ReturnType.VALUE, *, ctx: Ctx = None) -> BinCommand:
    """The entry of this key."""
    return _read(97, wanted(return_type), key, ctx=ctx, many=False)


def map_get_by_key_list(
    keys: Any, return_type: int = ReturnType.VALUE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """The entries of these keys."""
    return _read(107, wanted(return_type, inverted), items("keys", keys), ctx=ctx)


def map_get_by_key_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.VALUE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """The keys from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return _read(103, wanted(return_type, inverted), *_bounds(begin, end), ctx=ctx)


def map_get_by_key_rel_index_range(
    key: Any,
    index: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` entries from the one on that stands `index` places after `key`'s."""
    rest = (key, integer("index", index), *optional("count", count))
    return _read(109, wanted(return_type, inverted), *rest, ctx=ctx)


def map_get_by_value(
    value: Any, return_type: int = ReturnType.VALUE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """All entries with this value."""
    return _read(102, wanted(return_type, inverted), value, ctx=ctx)


def map_get_by_value_list(
    values: Any, return_type: int = ReturnType.VALUE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """All entries with one of these values."""
    return _read(108, wanted(return_type, inverted), items("values", values), ctx=ctx)


def map_get_by_value_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.VALUE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """The values from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return _read(105, wanted(return_type, inverted), *_bounds(begin, end), ctx=ctx)


def map_get_by_value_rel_rank_range(
    value: Any,
    rank: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` entries from the one on whose rank is `rank` above that of `value`."""
    rest = (value, integer("rank", rank), *optional("count", count))
    return _read(110, wanted(return_type, inverted), *rest, ctx=ctx)


def map_get_by_index(
    index: Any, return_type: int = ReturnType.VALUE, *, ctx: Ctx = None
) -> BinCommand:
    """The entry at this place in the order of keys."""
    return _read(98, wanted(return_type), integer("index", index), ctx=ctx, many=False)


def map_get_by_index_range(
    index: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` entries from `index` on."""
    rest = (integer("index", index), *optional("count", count))
    return _read(104, wanted(return_type, inverted), *rest, ctx=ctx)


def map_get_by_rank(
    rank: Any, return_type: int = ReturnType.VALUE, *, ctx: Ctx = None
) -> BinCommand:
    """The entry whose value has this rank (0: the smallest)."""
    return _read(100, wanted(return_type), integer("rank", rank), ctx=ctx, many=False)


def map_get_by_rank_range(
    rank: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` entries from `rank` on."""
    rest = (integer("rank", rank), *optional("count", count))
    return _read(106, wanted(return_type, inverted), *rest, ctx=ctx)
