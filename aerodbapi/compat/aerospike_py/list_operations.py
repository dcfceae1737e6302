"""Operations on lists, as the dictionaries that `operate` takes.

Arguments, dictionary keys and operation codes are aerospike-py's.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike_py._types import ListPolicy, Operation, build, with_given

__all__ = [
    "Operation",
    "list_append",
    "list_append_items",
    "list_clear",
    "list_get",
    "list_get_by_index",
    "list_get_by_index_range",
    "list_get_by_rank",
    "list_get_by_rank_range",
    "list_get_by_value",
    "list_get_by_value_list",
    "list_get_by_value_range",
    "list_get_range",
    "list_increment",
    "list_insert",
    "list_insert_items",
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
    "list_remove_range",
    "list_set",
    "list_set_order",
    "list_size",
    "list_sort",
    "list_trim",
]


def list_append(bin: str, val: Any, policy: ListPolicy | None = None) -> Operation:
    """Add a value at the end (in its place, when the list is ordered)."""
    op = build(1001, bin, val=val)
    return with_given(op, list_policy=policy)


def list_append_items(bin: str, values: list[Any], policy: ListPolicy | None = None) -> Operation:
    """Add several values."""
    op = build(1002, bin, val=values)
    return with_given(op, list_policy=policy)


def list_insert(bin: str, index: int, val: Any, policy: ListPolicy | None = None) -> Operation:
    """Put a value before the element at `index`."""
    op = build(1003, bin, index=index, val=val)
    return with_given(op, list_policy=policy)


def list_insert_items(
    bin: str, index: int, values: list[Any], policy: ListPolicy | None = None
) -> Operation:
    """Put several values before the element at `index`."""
    op = build(1004, bin, index=index, val=values)
    return with_given(op, list_policy=policy)


def list_pop(bin: str, index: int) -> Operation:
    """Remove the element at `index` and answer with it."""
    return build(1005, bin, index=index)


def list_pop_range(bin: str, index: int, count: int) -> Operation:
    """Remove `count` elements from `index` on and answer with them."""
    return build(1006, bin, index=index, count=count)


def list_remove(bin: str, index: int) -> Operation:
    """Remove the element at `index`."""
    return build(1007, bin, index=index)


def list_remove_range(bin: str, index: int, count: int) -> Operation:
    """Remove `count` elements from `index` on."""
    return build(1008, bin, index=index, count=count)


def list_set(bin: str, index: int, val: Any) -> Operation:
    """Replace the element at `index`."""
    return build(1009, bin, index=index, val=val)


def list_trim(bin: str, index: int, count: int) -> Operation:
    """Keep only `count` elements from `index` on."""
    return build(1010, bin, index=index, count=count)


def list_clear(bin: str) -> Operation:
    """Remove all elements."""
    return build(1011, bin)


def list_size(bin: str) -> Operation:
    """Answer with the number of elements."""
    return build(1012, bin)


def list_get(bin: str, index: int) -> Operation:
    """Answer with the element at `index`."""
    return build(1013, bin, index=index)


def list_get_range(bin: str, index: int, count: int) -> Operation:
    """Answer with `count` elements from `index` on."""
    return build(1014, bin, index=index, count=count)


def list_get_by_value(bin: str, val: Any, return_type: int) -> Operation:
    """Answer with the elements equal to `val`."""
    return build(1015, bin, val=val, return_type=return_type)


def list_get_by_index(bin: str, index: int, return_type: int) -> Operation:
    """Answer with the element at `index`."""
    return build(1016, bin, index=index, return_type=return_type)


def list_get_by_index_range(
    bin: str, index: int, return_type: int, count: int | None = None
) -> Operation:
    """Answer with `count` elements from `index` on (None: all)."""
    op = build(1017, bin, index=index, return_type=return_type)
    return with_given(op, count=count)


def list_get_by_rank(bin: str, rank: int, return_type: int) -> Operation:
    """Answer with the element of this rank (0: the smallest)."""
    return build(1018, bin, rank=rank, return_type=return_type)


def list_get_by_rank_range(
    bin: str, rank: int, return_type: int, count: int | None = None
) -> Operation:
    """Answer with `count` elements from `rank` on (None: all)."""
    op = build(1019, bin, rank=rank, return_type=return_type)
    return with_given(op, count=count)


def list_get_by_value_list(bin: str, values: list[Any], return_type: int) -> Operation:
    """Answer with the elements equal to one of `values`."""
    return build(1020, bin, val=values, return_type=return_type)


def list_get_by_value_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Answer with the elements with `begin` <= value < `end` (None: no end)."""
    return build(1021, bin, val=begin, val_end=end, return_type=return_type)


def list_remove_by_value(bin: str, val: Any, return_type: int) -> Operation:
    """Remove the elements equal to `val`."""
    return build(1022, bin, val=val, return_type=return_type)


def list_remove_by_value_list(bin: str, values: list[Any], return_type: int) -> Operation:
    """Remove the elements equal to one of `values`."""
    return build(1023, bin, val=values, return_type=return_type)


def list_remove_by_value_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Remove the elements with `begin` <= value < `end` (None: no end)."""
    return build(1024, bin, val=begin, val_end=end, return_type=return_type)


def list_remove_by_index(bin: str, index: int, return_type: int) -> Operation:
    """Remove the element at `index`."""
    return build(1025, bin, index=index, return_type=return_type)


def list_remove_by_index_range(
    bin: str, index: int, return_type: int, count: int | None = None
) -> Operation:
    """Remove `count` elements from `index` on (None: all)."""
    op = build(1026, bin, index=index, return_type=return_type)
    return with_given(op, count=count)


def list_remove_by_rank(bin: str, rank: int, return_type: int) -> Operation:
    """Remove the element of this rank (0: the smallest)."""
    return build(1027, bin, rank=rank, return_type=return_type)


def list_remove_by_rank_range(
    bin: str, rank: int, return_type: int, count: int | None = None
) -> Operation:
    """Remove `count` elements from `rank` on (None: all)."""
    op = build(1028, bin, rank=rank, return_type=return_type)
    return with_given(op, count=count)


def list_increment(bin: str, index: int, val: int, policy: ListPolicy | None = None) -> Operation:
    """Add `val` to the number at `index`."""
    op = build(1029, bin, index=index, val=val)
    return with_given(op, list_policy=policy)


def list_sort(bin: str, sort_flags: int = 0) -> Operation:
    """Sort once; `sort_flags` are LIST_SORT_*."""
    return build(1030, bin, val=sort_flags)


def list_set_order(bin: str, list_order: int = 0) -> Operation:
    """Keep the list ordered (LIST_ORDERED) from now on, or not."""
    return build(1031, bin, val=list_order)
