"""Operations on lists, as dictionaries.

`ctx`: a list of `cdt_ctx` steps to a nested list. `policy`: {"list_order", "write_flags"}.
`return_type`: LIST_RETURN_*; `inverted`: all but what is asked for.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.operations.shapes import Ctx, Op, Policy, given

__all__ = [
    "list_append",
    "list_append_items",
    "list_clear",
    "list_create",
    "list_get",
    "list_get_by_index",
    "list_get_by_index_range",
    "list_get_by_rank",
    "list_get_by_rank_range",
    "list_get_by_value",
    "list_get_by_value_list",
    "list_get_by_value_range",
    "list_get_by_value_rank_range_relative",
    "list_get_range",
    "list_increment",
    "list_insert",
    "list_insert_items",
    "list_join",
    "list_pop",
    "list_pop_range",
    "list_remove",
    "list_remove_by_index",
    "list_remove_by_index_range",
    "list_remove_by_rank",
    "list_remove_by_rank_range",
    "list_remove_by_value",
    "list_remove_by_value_list",
    "list_remove_by_value_range",
    "list_remove_by_value_rank_range_relative",
    "list_remove_range",
    "list_set",
    "list_set_order",
    "list_size",
    "list_sort",
    "list_trim",
]


def list_create(
    bin_name: str, list_order: int, pad: bool, persist_index: bool, ctx: Ctx = None
) -> Op:
    """Create an empty list, or give an existing one this order."""
    return given(
        {
            "op": a.OP_LIST_CREATE,
            "bin": bin_name,
            "list_order": list_order,
            "pad": pad,
            "persist_index": persist_index,
        },
        ctx=ctx,
    )


def list_append(bin_name: str, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Add an element at the end (at its place in an ordered list); answers with the size."""
    return given(
        {"op": a.OP_LIST_APPEND, "bin": bin_name, "val": value}, list_policy=policy, ctx=ctx
    )


def list_append_items(bin_name: str, values: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Add elements at the end; answers with the size."""
    return given(
        {"op": a.OP_LIST_APPEND_ITEMS, "bin": bin_name, "val": values}, list_policy=policy, ctx=ctx
    )


def list_insert(
    bin_name: str, index: Any, value: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Insert an element before `index`; answers with the size."""
    return given(
        {"op": a.OP_LIST_INSERT, "bin": bin_name, "index": index, "val": value},
        list_policy=policy,
        ctx=ctx,
    )


def list_insert_items(
    bin_name: str, index: Any, values: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Insert elements before `index`; answers with the size."""
    return given(
        {"op": a.OP_LIST_INSERT_ITEMS, "bin": bin_name, "index": index, "val": values},
        list_policy=policy,
        ctx=ctx,
    )


def list_increment(
    bin_name: str, index: Any, value: Any, policy: Policy = None, ctx: Ctx = None
) -> Op:
    """Add `value` to the number at `index`; answers with the sum."""
    return given(
        {"op": a.OP_LIST_INCREMENT, "bin": bin_name, "index": index, "val": value},
        list_policy=policy,
        ctx=ctx,
    )


def list_pop(bin_name: str, index: Any, ctx: Ctx = None) -> Op:
    """Remove the element at `index`; answers with it."""
    return given({"op": a.OP_LIST_POP, "bin": bin_name, "index": index}, ctx=ctx)


def list_pop_range(bin_name: str, index: Any, count: Any, ctx: Ctx = None) -> Op:
    """Remove `count` elements from `index` on; answers with them."""
    return given(
        {"op": a.OP_LIST_POP_RANGE, "bin": bin_name, "index": index, "val": count}, ctx=ctx
    )


def list_remove(bin_name: str, index: Any, ctx: Ctx = None) -> Op:
    """Remove the element at `index`; answers with the number removed."""
    return given({"op": a.OP_LIST_REMOVE, "bin": bin_name, "index": index}, ctx=ctx)


def list_remove_range(bin_name: str, index: Any, count: Any, ctx: Ctx = None) -> Op:
    """Remove `count` elements from `index` on; answers with the number removed."""
    return given(
        {"op": a.OP_LIST_REMOVE_RANGE, "bin": bin_name, "index": index, "val": count}, ctx=ctx
    )


def list_clear(bin_name: str, ctx: Ctx = None) -> Op:
    """Remove all elements."""
    return given({"op": a.OP_LIST_CLEAR, "bin": bin_name}, ctx=ctx)


def list_set(bin_name: str, index: Any, value: Any, policy: Policy = None, ctx: Ctx = None) -> Op:
    """Replace the element at `index`."""
    return given(
        {"op": a.OP_LIST_SET, "bin": bin_name, "index": index, "val": value},
        list_policy=policy,
        ctx=ctx,
    )


def list_get(bin_name: str, index: Any, ctx: Ctx = None) -> Op:
    """The element at `index`; fails when there is none."""
    return given({"op": a.OP_LIST_GET, "bin": bin_name, "index": index}, ctx=ctx)


def list_get_range(bin_name: str, index: Any, count: Any, ctx: Ctx = None) -> Op:
    """`count` elements from `index` on."""
    return given(
        {"op": a.OP_LIST_GET_RANGE, "bin": bin_name, "index": index, "val": count}, ctx=ctx
    )


def list_trim(bin_name: str, index: Any, count: Any, ctx: Ctx = None) -> Op:
    """Remove all but `count` elements from `index` on; answers with the number removed."""
    return given({"op": a.OP_LIST_TRIM, "bin": bin_name, "index": index, "val": count}, ctx=ctx)


def list_size(bin_name: str, ctx: Ctx = None) -> Op:
    """The number of elements."""
    return given({"op": a.OP_LIST_SIZE, "bin": bin_name}, ctx=ctx)


def list_get_by_index(bin_name: str, index: Any, return_type: int, ctx: Ctx = None) -> Op:
    """The element at `index`."""
    return given(
        {"op": a.OP_LIST_GET_BY_INDEX, "bin": bin_name, "return_type": return_type, "index": index},
        ctx=ctx,
    )


def list_get_by_index_range(
    bin_name: str,
    index: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` elements from `index` on."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_INDEX_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "index": index,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_get_by_rank(bin_name: str, rank: Any, return_type: int, ctx: Ctx = None) -> Op:
    """The element of this rank (0: the smallest)."""
    return given(
        {"op": a.OP_LIST_GET_BY_RANK, "bin": bin_name, "return_type": return_type, "rank": rank},
        ctx=ctx,
    )


def list_get_by_rank_range(
    bin_name: str,
    rank: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` elements from `rank` on."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_RANK_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "rank": rank,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_get_by_value(
    bin_name: str, value: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """All elements equal to `value`."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_VALUE,
            "bin": bin_name,
            "return_type": return_type,
            "val": value,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def list_get_by_value_list(
    bin_name: str, value_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """All elements equal to one of `values`."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_VALUE_LIST,
            "bin": bin_name,
            "return_type": return_type,
            "value_list": value_list,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def list_get_by_value_range(
    bin_name: str,
    return_type: int,
    value_begin: Any,
    value_end: Any,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """The elements from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_VALUE_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "inverted": inverted,
            "value_begin": value_begin,
            "value_end": value_end,
        },
        ctx=ctx,
    )


def list_remove_by_index(bin_name: str, index: Any, return_type: int, ctx: Ctx = None) -> Op:
    """Remove the element at `index`."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_INDEX,
            "bin": bin_name,
            "return_type": return_type,
            "index": index,
        },
        ctx=ctx,
    )


def list_remove_by_index_range(
    bin_name: str,
    index: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` elements from `index` on."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_INDEX_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "index": index,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_remove_by_rank(bin_name: str, rank: Any, return_type: int, ctx: Ctx = None) -> Op:
    """Remove the element of this rank (0: the smallest)."""
    return given(
        {"op": a.OP_LIST_REMOVE_BY_RANK, "bin": bin_name, "return_type": return_type, "rank": rank},
        ctx=ctx,
    )


def list_remove_by_rank_range(
    bin_name: str,
    rank: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` elements from `rank` on."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_RANK_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "rank": rank,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_remove_by_value(
    bin_name: str, value: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """Remove all elements equal to `value`."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_VALUE,
            "bin": bin_name,
            "return_type": return_type,
            "val": value,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def list_remove_by_value_list(
    bin_name: str, value_list: Any, return_type: int, inverted: bool = False, ctx: Ctx = None
) -> Op:
    """Remove all elements equal to one of `values`."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_VALUE_LIST,
            "bin": bin_name,
            "return_type": return_type,
            "value_list": value_list,
            "inverted": inverted,
        },
        ctx=ctx,
    )


def list_remove_by_value_range(
    bin_name: str,
    return_type: int,
    value_begin: Any = None,
    value_end: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove the elements from `begin` on (None: the smallest) up to before `end` (None: all)."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_VALUE_RANGE,
            "bin": bin_name,
            "return_type": return_type,
            "inverted": inverted,
        },
        value_begin=value_begin,
        value_end=value_end,
        ctx=ctx,
    )


def list_set_order(bin_name: str, list_order: int, ctx: Ctx = None) -> Op:
    """Order a list, or let it be unordered from now on."""
    return given({"op": a.OP_LIST_SET_ORDER, "bin": bin_name, "list_order": list_order}, ctx=ctx)


def list_sort(bin_name: str, sort_flags: int = 0, ctx: Ctx = None) -> Op:
    """Sort a list; `flags` are ListSort's."""
    return given({"op": a.OP_LIST_SORT, "bin": bin_name, "sort_flags": sort_flags}, ctx=ctx)


def list_get_by_value_rank_range_relative(
    bin_name: str,
    value: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """`count` elements from the one on whose rank is `rank` above that of `value`."""
    return given(
        {
            "op": a.OP_LIST_GET_BY_VALUE_RANK_RANGE_REL,
            "bin": bin_name,
            "val": value,
            "rank": offset,
            "return_type": return_type,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_remove_by_value_rank_range_relative(
    bin_name: str,
    value: Any,
    offset: Any,
    return_type: int,
    count: Any = None,
    inverted: bool = False,
    ctx: Ctx = None,
) -> Op:
    """Remove `count` elements from the one on whose rank is `rank` above that of `value`."""
    return given(
        {
            "op": a.OP_LIST_REMOVE_BY_VALUE_RANK_RANGE_REL,
            "bin": bin_name,
            "val": value,
            "rank": offset,
            "return_type": return_type,
            "inverted": inverted,
        },
        count=count,
        ctx=ctx,
    )


def list_join(bin_name: str, separator: str | None = None, ctx: Ctx = None) -> Op:
    """The texts of a list as one, with `separator` between (servers from 8.1.3 on)."""
    return given({"op": a._OP_LIST_JOIN, "bin": bin_name, "separator": separator}, ctx=ctx)
