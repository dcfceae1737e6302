"""Operations on maps, as dictionaries.

`ctx`: a list of `cdt_ctx` steps to a nested map. `map_policy`: {"map_order",
"map_write_flags", "persist_index"}. `return_type`: MAP_RETURN_*.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Ctx, Op, Policy, given

__all__ = [
    "map_clear",
    "map_create",
    "map_decrement",
    "map_get_by_index",
    "map_get_by_index_range",
    "map_get_by_key",
    "map_get_by_key_index_range_relative",
    "map_get_by_key_list",
    "map_get_by_key_range",
    "map_get_by_rank",
    "map_get_by_rank_range",
    "map_get_by_value",
    "map_get_by_value_list",
    "map_get_by_value_range",
    "map_get_by_value_rank_range_relative",
    "map_increment",
    "map_put",
    "map_put_items",
    "map_remove_by_index",
    "map_remove_by_index_range",
    "map_remove_by_key",
    "map_remove_by_key_index_range_relative",
    "map_remove_by_key_list",
    "map_remove_by_key_range",
    "map_remove_by_rank",
    "map_remove_by_rank_range",
    "map_remove_by_value",
    "map_remove_by_value_list",
    "map_remove_by_value_range",
    "map_remove_by_value_rank_range_relative",
    "map_set_policy",
    "map_size",
]


def map_set_policy(bin_name: str, policy: Policy, ctx: Ctx = None) -> Op:
    """Give a map the policy's order."""
    return given({"op": a.OP_MAP_SET_POLICY, "bin": bin_name, "map_policy": policy}, ctx=ctx)


def map_create(bin_name: str, map_order: int, persist_index: bool, ctx: Ctx = None) -> Op:
    """Create an empty map, or give an existing one this order."""
    return given(
        {
            "op": a.OP_MAP_CREATE,
            "bin": bin_name,
            "map_order": map_order,
            "persist_index": persist_index,
        },
        ctx=ctx,
    )


def map_put(bin_name: str, key: Any, value: Any, map_policy: Policy = None, ctx: Ctx = None) -> Op:
    """Set one key; answers with the size."""
    return given(
        {"op": a.OP_MAP_PUT, "bin": bin_name, "key": key, "val": value},
        map_policy=map_policy,
        ctx=ctx,
    )


def map_put_items(bin_name: str, item_dict: Any, map_policy: Policy = None, ctx: Ctx = None) -> Op:
    """Set the keys of a dictionary; answers with the size."""
    return given(
        {"op": a.OP_MAP_PUT_ITEMS, "bin": bin_name, "val": item_dict},
        map_policy=map_policy,
        ctx=ctx,
    )


def map_increment(
    bin_name: str, key: Any, amount: Any, map_policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Add to the number under `key`, 0 if there is none; answers with the sum."""
    return given(
        {"op": a.OP_MAP_INCREMENT, "bin": bin_name, "key": key, "val": amount},
        map_policy=map_policy,
        ctx=ctx,
    )


def map_decrement(
    bin_name: str, key: Any, amount: Any, map_policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Subtract from the number under `key`, 0 if there is none; answers with the difference."""
    return given(
        {"op": a.OP_MAP_DECREMENT, "bin": bin_name, "key": key, "val": amount},
        map_policy=map_policy,
        ctx=ctx,
    )


def map_size(bin_name: str, ctx: Ctx = None) -> Op:
    """The number of entries."""
    return given({"op": a.OP_MAP_SIZE, "bin": bin_name}, ctx=ctx)


def map_clear(bin_name: str, ctx: Ctx = None) -> Op:
    """Remove all entries."""
    return given({"op": a.OP_MAP_CLEAR, "bin": bin_name}, ctx=ctx)


def map_remove_by_key(bin_name: str, key: Any, return_type: int, ctx: Ctx = None) -> Op:
    """Remove the entry of this key."""
    return given(
        {"op": a.OP_MAP_REMOVE_BY_KEY, "bin": bin_name, "key": key, "return_type": return_type},
        ctx=ctx,
    )


def map_remove_by_key_list(
    bin_name: str, key_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """Remove the entries of these keys."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_KEY_LIST,
            "bin": bin_name,
            "val": key_list,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_key_range(
    bin_name: str,
    key_range_start: Any,
    key_range_end: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove the keys from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_KEY_RANGE,
            "bin": bin_name,
            "key": key_range_start,
            "val": key_range_end,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_value(
    bin_name: str, value: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """Remove all entries with this value."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_VALUE,
            "bin": bin_name,
            "val": value,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_value_list(
    bin_name: str, value_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """Remove all entries with one of these values."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_VALUE_LIST,
            "bin": bin_name,
            "val": value_list,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_value_range(
    bin_name: str,
    value_start: Any,
    value_end: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove the values from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_VALUE_RANGE,
            "bin": bin_name,
            "val": value_start,
            "range": value_end,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_index(bin_name: str, index: Any, return_type: int, ctx: Ctx = None) -> Op:
    """Remove the entry at this place in the order of keys."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_INDEX,
            "bin": bin_name,
            "index": index,
            "return_type": return_type,
        },
        ctx=ctx,
    )


def map_remove_by_index_range(
    bin_name: str,
    index_start: Any,
    remove_amt: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` entries from `index` on."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_INDEX_RANGE,
            "bin": bin_name,
            "index": index_start,
            "val": remove_amt,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_rank(bin_name: str, rank: Any, return_type: int, ctx: Ctx = None) -> Op:
    """Remove the entry whose value has this rank (0: the smallest)."""
    return given(
        {"op": a.OP_MAP_REMOVE_BY_RANK, "bin": bin_name, "index": rank, "return_type": return_type},
        ctx=ctx,
    )


def map_remove_by_rank_range(
    bin_name: str,
    rank_start: Any,
    remove_amt: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` entries from `rank` on."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_RANK_RANGE,
            "bin": bin_name,
            "index": rank_start,
            "val": remove_amt,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_key(bin_name: str, key: Any, return_type: int, ctx: Ctx = None) -> Op:
    """The entry of this key."""
    return given(
        {"op": a.OP_MAP_GET_BY_KEY, "bin": bin_name, "key": key, "return_type": return_type},
        ctx=ctx,
    )


def map_get_by_key_range(
    bin_name: str,
    key_range_start: Any,
    key_range_end: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """The keys from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_KEY_RANGE,
            "bin": bin_name,
            "key": key_range_start,
            "range": key_range_end,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_key_list(
    bin_name: str, key_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """The entries of these keys."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_KEY_LIST,
            "bin": bin_name,
            "val": key_list,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_value(
    bin_name: str, value: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """All entries with this value."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_VALUE,
            "bin": bin_name,
            "val": value,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_value_range(
    bin_name: str,
    value_start: Any,
    value_end: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """The values from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_VALUE_RANGE,
            "bin": bin_name,
            "val": value_start,
            "range": value_end,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_value_list(
    bin_name: str, key_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """All entries with one of these values."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_VALUE_LIST,
            "bin": bin_name,
            "val": key_list,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_index(bin_name: str, index: Any, return_type: int, ctx: Ctx = None) -> Op:
    """The entry at this place in the order of keys."""
    return given(
        {"op": a.OP_MAP_GET_BY_INDEX, "bin": bin_name, "index": index, "return_type": return_type},
        ctx=ctx,
    )


def map_get_by_index_range(
    bin_name: str,
    index_start: Any,
    get_amt: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` entries from `index` on."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_INDEX_RANGE,
            "bin": bin_name,
            "index": index_start,
            "val": get_amt,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_get_by_rank(bin_name: str, rank: Any, return_type: int, ctx: Ctx = None) -> Op:
    """The entry whose value has this rank (0: the smallest)."""
    return given(
        {"op": a.OP_MAP_GET_BY_RANK, "bin": bin_name, "index": rank, "return_type": return_type},
        ctx=ctx,
    )


def map_get_by_rank_range(
    bin_name: str,
    rank_start: Any,
    get_amt: Any,
    return_type: int,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` entries from `rank` on."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_RANK_RANGE,
            "bin": bin_name,
            "index": rank_start,
            "val": get_amt,
            "return_type": return_type,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def map_remove_by_value_rank_range_relative(
    bin_name: str,
    value: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` entries from the one on whose rank is `rank` above that of `value`."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_VALUE_RANK_RANGE_REL,
            "bin": bin_name,
            "val": value,
            "rank": offset,
            "return_type": return_type,
        },
        count=count,
        inverted=inverted or None,
        ctx=ctx,
    )


def map_get_by_value_rank_range_relative(
    bin_name: str,
    value: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` entries from the one on whose rank is `rank` above that of `value`."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_VALUE_RANK_RANGE_REL,
            "bin": bin_name,
            "val": value,
            "rank": offset,
            "return_type": return_type,
        },
        count=count,
        inverted=inverted or None,
        ctx=ctx,
    )


def map_remove_by_key_index_range_relative(
    bin_name: str,
    key: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` entries from the one on that stands `index` places after `key`'s."""
    return given(
        {
            "op": a.OP_MAP_REMOVE_BY_KEY_INDEX_RANGE_REL,
            "bin": bin_name,
            "key": key,
            "index": offset,
            "return_type": return_type,
        },
        count=count,
        inverted=inverted or None,
        ctx=ctx,
    )


def map_get_by_key_index_range_relative(
    bin_name: str,
    value: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` entries from the one on that stands `index` places after `key`'s."""
    return given(
        {
            "op": a.OP_MAP_GET_BY_KEY_INDEX_RANGE_REL,
            "bin": bin_name,
            "key": value,
            "index": offset,
            "return_type": return_type,
        },
        count=count,
        inverted=inverted or None,
        ctx=ctx,
    )
