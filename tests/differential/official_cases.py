"""List and map operations as the official client builds them, by name."""

from __future__ import annotations

from typing import Any

import aerospike
from aerospike_helpers import cdt_ctx
from aerospike_helpers.operations import list_operations as lists
from aerospike_helpers.operations import map_operations as maps

__all__ = ["CASES"]

VALUE, COUNT, INDEX = (
    aerospike.LIST_RETURN_VALUE,
    aerospike.LIST_RETURN_COUNT,
    aerospike.LIST_RETURN_INDEX,
)
M_KEY, M_VALUE, M_PAIRS = (
    aerospike.MAP_RETURN_KEY,
    aerospike.MAP_RETURN_VALUE,
    aerospike.MAP_RETURN_KEY_VALUE,
)
M_ORDERED = aerospike.MAP_RETURN_ORDERED_MAP

_ITEMS = [5, "b", 1, 5, None, [1, 2], 3, 1.5]
_PAIRS = {3: 5, 1: "b", "a": 2, 7: 5, "c": [1, 2]}
_UNIQUE = {"list_order": 1, "write_flags": aerospike.LIST_WRITE_ADD_UNIQUE}
_PARTIAL = {
    "list_order": 0,
    "write_flags": aerospike.LIST_WRITE_ADD_UNIQUE
    | aerospike.LIST_WRITE_NO_FAIL
    | aerospike.LIST_WRITE_PARTIAL,
}
_SORTED = {"map_order": aerospike.MAP_KEY_ORDERED, "map_write_flags": 0}
_CREATE = {"map_order": 0, "map_write_flags": aerospike.MAP_WRITE_FLAGS_CREATE_ONLY}
_IN = [cdt_ctx.cdt_ctx_map_key("c")]
_NEW = [cdt_ctx.cdt_ctx_map_key_create("new", aerospike.MAP_KEY_ORDERED)]

#: Name → bin "b" before, and the operations of one command.
CASES: dict[str, tuple[Any, list[Any]]] = {
    "append": (_ITEMS, [lists.list_append("b", 9), lists.list_size("b")]),
    "append to nothing": (None, [lists.list_append("b", 9, _UNIQUE)]),
    "append unique": ([5], [lists.list_append("b", 5, _UNIQUE)]),
    "append items": (_ITEMS, [lists.list_append_items("b", [5, 9, 9], _PARTIAL)]),
    "insert": (_ITEMS, [lists.list_insert("b", 2, "new")]),
    "insert items": (_ITEMS, [lists.list_insert_items("b", -1, [7, 8])]),
    "set": (_ITEMS, [lists.list_set("b", 9, "far")]),
    "increment": ([1, 2.5], [lists.list_increment("b", 0, 5), lists.list_increment("b", 1, 1)]),
    "pop": (_ITEMS, [lists.list_pop("b", -1), lists.list_pop_range("b", 0, 2)]),
    "remove": (_ITEMS, [lists.list_remove("b", 1), lists.list_remove_range("b", 2, 9)]),
    "remove outside": (_ITEMS, [lists.list_remove("b", 99)]),
    "trim": (_ITEMS, [lists.list_trim("b", 1, 3)]),
    "clear": (_ITEMS, [lists.list_clear("b")]),
    "sort": ([3, 1, 3, 2], [lists.list_sort("b", aerospike.LIST_SORT_DROP_DUPLICATES)]),
    "set order": ([3, 1, 2], [lists.list_set_order("b", aerospike.LIST_ORDERED)]),
    "get": (_ITEMS, [lists.list_get("b", 1), lists.list_get_range("b", -3, 2)]),
    "by index": (_ITEMS, [lists.list_get_by_index("b", -1, VALUE)]),
    "by index range": (_ITEMS, [lists.list_get_by_index_range("b", 1, VALUE, 2, True)]),
    "by rank": (_ITEMS, [lists.list_get_by_rank("b", 0, INDEX)]),
    "by rank range": (_ITEMS, [lists.list_get_by_rank_range("b", -3, VALUE, 2)]),
    "by value": (_ITEMS, [lists.list_get_by_value("b", 5, INDEX)]),
    "by value list": (_ITEMS, [lists.list_get_by_value_list("b", [5, "b"], COUNT)]),
    "by value range": (_ITEMS, [lists.list_get_by_value_range("b", VALUE, 1, 5)]),
    "by wildcard": (
        [[1, 2], [1, 3], [2]],
        [lists.list_get_by_value("b", [1, aerospike.CDTWildcard()], VALUE)],
    ),
    "by relative rank": (
        _ITEMS,
        [lists.list_get_by_value_rank_range_relative("b", 3, -1, VALUE, 3)],
    ),
    "remove by value": (_ITEMS, [lists.list_remove_by_value("b", 5, COUNT)]),
    "remove by rank range": (_ITEMS, [lists.list_remove_by_rank_range("b", -2, VALUE, 2)]),
    "put": (_PAIRS, [maps.map_put("b", "new", 1), maps.map_size("b")]),
    "put to nothing": (None, [maps.map_put("b", "new", 1, _SORTED)]),
    "put what is there": (_PAIRS, [maps.map_put("b", "a", 1, _CREATE)]),
    "put items": (_PAIRS, [maps.map_put_items("b", {9: 1, "a": 3})]),
    "map increment": (_PAIRS, [maps.map_increment("b", "a", 3), maps.map_decrement("b", 9, 1)]),
    "map clear": (_PAIRS, [maps.map_clear("b")]),
    "map set policy": (_PAIRS, [maps.map_set_policy("b", _SORTED)]),
    "by key": (_PAIRS, [maps.map_get_by_key("b", "a", M_VALUE)]),
    "by missing key": (_PAIRS, [maps.map_get_by_key("b", "zz", M_VALUE)]),
    "by key range": (_PAIRS, [maps.map_get_by_key_range("b", 2, "b", M_PAIRS)]),
    "by key list": (_PAIRS, [maps.map_get_by_key_list("b", ["a", 7], M_PAIRS)]),
    "by map index": (_PAIRS, [maps.map_get_by_index("b", 0, M_KEY)]),
    "by map index range": (_PAIRS, [maps.map_get_by_index_range("b", 1, 2, M_ORDERED)]),
    "by map value": (_PAIRS, [maps.map_get_by_value("b", 5, M_KEY)]),
    "by map value range": (_PAIRS, [maps.map_get_by_value_range("b", 2, 6, M_PAIRS, True)]),
    "by map rank": (_PAIRS, [maps.map_get_by_rank("b", -1, M_PAIRS)]),
    "by map rank range": (_PAIRS, [maps.map_get_by_rank_range("b", 0, 3, M_PAIRS)]),
    "by relative index": (
        _PAIRS,
        [maps.map_get_by_key_index_range_relative("b", 4, -1, M_PAIRS, 2)],
    ),
    "by relative map rank": (
        _PAIRS,
        [maps.map_get_by_value_rank_range_relative("b", 4, -1, M_PAIRS, 2)],
    ),
    "remove by key": (_PAIRS, [maps.map_remove_by_key("b", "a", M_VALUE)]),
    "remove by key list": (_PAIRS, [maps.map_remove_by_key_list("b", ["a", 9], M_PAIRS)]),
    "remove by map value": (_PAIRS, [maps.map_remove_by_value("b", 5, M_KEY)]),
    "in a context": (_PAIRS, [lists.list_append("b", 3, ctx=_IN), lists.list_size("b", ctx=_IN)]),
    "in a missing context": (_ITEMS, [lists.list_append("b", 3, ctx=_IN)]),
    "in a new context": (None, [maps.map_put("b", "k", 3, ctx=_NEW)]),
    "on another type": ("text", [lists.list_append("b", 3)]),
}
