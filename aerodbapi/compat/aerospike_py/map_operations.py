"""Operations on maps, as the dictionaries that `operate` takes.

Arguments, dictionary keys and operation codes are aerospike-py's.
"""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike_py._types import MapPolicy, Operation, build, with_given

__all__ = [
    "Operation",
    "map_clear",
    "map_decrement",
    "map_get_by_index",
    "map_get_by_index_range",
    "map_get_by_key",
    "map_get_by_key_list",
    "map_get_by_key_range",
    "map_get_by_rank",
    "map_get_by_rank_range",
    "map_get_by_value",
    "map_get_by_value_list",
    "map_get_by_value_range",
    "map_increment",
    "map_put",
    "map_put_items",
    "map_remove_by_index",
    "map_remove_by_index_range",
    "map_remove_by_key",
    "map_remove_by_key_list",
    "map_remove_by_key_range",
    "map_remove_by_rank",
    "map_remove_by_rank_range",
    "map_remove_by_value",
    "map_remove_by_value_list",
    "map_remove_by_value_range",
    "map_set_order",
    "map_size",
]


def map_set_order(bin: str, map_order: int) -> Operation:
    """Keep the map in an order (MAP_*_ORDERED) from now on."""
    return build(2001, bin, val=map_order)


def map_put(bin: str, key: Any, val: Any, policy: MapPolicy | None = None) -> Operation:
    """Set the value under `key`."""
    op = build(2002, bin, map_key=key, val=val)
    return with_given(op, map_policy=policy)


def map_put_items(bin: str, items: dict[str, Any], policy: MapPolicy | None = None) -> Operation:
    """Set several values."""
    op = build(2003, bin, val=items)
    return with_given(op, map_policy=policy)


def map_increment(bin: str, key: Any, incr: Any, policy: MapPolicy | None = None) -> Operation:
    """Add to the number under `key`."""
    op = build(2004, bin, map_key=key, val=incr)
    return with_given(op, map_policy=policy)


def map_decrement(bin: str, key: Any, decr: Any, policy: MapPolicy | None = None) -> Operation:
    """Subtract from the number under `key`."""
    op = build(2005, bin, map_key=key, val=decr)
    return with_given(op, map_policy=policy)


def map_clear(bin: str) -> Operation:
    """Remove all entries."""
    return build(2006, bin)


def map_remove_by_key(bin: str, key: Any, return_type: int) -> Operation:
    """Remove the entry under `key`."""
    return build(2007, bin, map_key=key, return_type=return_type)


def map_remove_by_key_list(bin: str, keys: list[Any], return_type: int) -> Operation:
    """Remove the entries under `keys`."""
    return build(2008, bin, val=keys, return_type=return_type)


def map_remove_by_key_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Remove the entries with `begin` <= key < `end` (None: no end)."""
    return build(2009, bin, val=begin, val_end=end, return_type=return_type)


def map_remove_by_value(bin: str, val: Any, return_type: int) -> Operation:
    """Remove the entries equal to `val`."""
    return build(2010, bin, val=val, return_type=return_type)


def map_remove_by_value_list(bin: str, values: list[Any], return_type: int) -> Operation:
    """Remove the entries equal to one of `values`."""
    return build(2011, bin, val=values, return_type=return_type)


def map_remove_by_value_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Remove the entries with `begin` <= value < `end` (None: no end)."""
    return build(2012, bin, val=begin, val_end=end, return_type=return_type)


def map_remove_by_index(bin: str, index: int, return_type: int) -> Operation:
    """Remove the entry at `index`."""
    return build(2013, bin, index=index, return_type=return_type)


def map_remove_by_index_range(
    bin: str, index: int, return_type: int, count: int | None = None
) -> Operation:
    """Remove `count` entries from `index` on (None: all)."""
    op = build(2014, bin, index=index, return_type=return_type)
    return with_given(op, count=count)


def map_remove_by_rank(bin: str, rank: int, return_type: int) -> Operation:
    """Remove the entry of this rank (0: the smallest)."""
    return build(2015, bin, rank=rank, return_type=return_type)


def map_remove_by_rank_range(
    bin: str, rank: int, return_type: int, count: int | None = None
) -> Operation:
    """Remove `count` entries from `rank` on (None: all)."""
    op = build(2016, bin, rank=rank, return_type=return_type)
    return with_given(op, count=count)


def map_size(bin: str) -> Operation:
    """Answer with the number of entries."""
    return build(2017, bin)


def map_get_by_key(bin: str, key: Any, return_type: int) -> Operation:
    """Answer with the entry under `key`."""
    return build(2018, bin, map_key=key, return_type=return_type)


def map_get_by_key_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Answer with the entries with `begin` <= key < `end` (None: no end)."""
    return build(2019, bin, val=begin, val_end=end, return_type=return_type)


def map_get_by_value(bin: str, val: Any, return_type: int) -> Operation:
    """Answer with the entries equal to `val`."""
    return build(2020, bin, val=val, return_type=return_type)


def map_get_by_value_range(bin: str, begin: Any, end: Any, return_type: int) -> Operation:
    """Answer with the entries with `begin` <= value < `end` (None: no end)."""
    return build(2021, bin, val=begin, val_end=end, return_type=return_type)


def map_get_by_index(bin: str, index: int, return_type: int) -> Operation:
    """Answer with the entry at `index`."""
    return build(2022, bin, index=index, return_type=return_type)


def map_get_by_index_range(
    bin: str, index: int, return_type: int, count: int | None = None
) -> Operation:
    """Answer with `count` entries from `index` on (None: all)."""
    op = build(2023, bin, index=index, return_type=return_type)
    return with_given(op, count=count)


def map_get_by_rank(bin: str, rank: int, return_type: int) -> Operation:
    """Answer with the entry of this rank (0: the smallest)."""
    return build(2024, bin, rank=rank, return_type=return_type)


def map_get_by_rank_range(
    bin: str, rank: int, return_type: int, count: int | None = None
) -> Operation:
    """Answer with `count` entries from `rank` on (None: all)."""
    op = build(2025, bin, rank=rank, return_type=return_type)
    return with_given(op, count=count)


def map_get_by_key_list(bin: str, keys: list[Any], return_type: int) -> Operation:
    """Answer with the entries under `keys`."""
    return build(2026, bin, val=keys, return_type=return_type)


def map_get_by_value_list(bin: str, values: list[Any], return_type: int) -> Operation:
    """Answer with the entries equal to one of `values`."""
    return build(2027, bin, val=values, return_type=return_type)
