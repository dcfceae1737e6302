"""Commands inside expressions are those that the official client wrote."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.native import contexts
from aerodbapi.native import expressions as exp
from aerodbapi.protocol.bin_commands import ReturnType
from tests.protocol import recorded

COUNT, INVERTED = ReturnType.COUNT, True

CALLS: dict[str, Any] = {
    "list.ListAppend": exp.list_append("l", 3),
    "list.ListAppendItems": exp.list_append_items("l", [1, 2]),
    "list.ListClear": exp.list_clear("l"),
    "list.ListGetByIndex": exp.list_get_by_index("l", 3, COUNT),
    "list.ListGetByIndexRange": exp.list_get_by_index_range("l", 3, COUNT, 3, INVERTED),
    "list.ListGetByIndexRangeToEnd": exp.list_get_by_index_range("l", 3, COUNT, None, INVERTED),
    "list.ListGetByRank": exp.list_get_by_rank("l", 3, COUNT),
    "list.ListGetByRankRange": exp.list_get_by_rank_range("l", 3, COUNT, 3, INVERTED),
    "list.ListGetByRankRangeToEnd": exp.list_get_by_rank_range("l", 3, COUNT, None, INVERTED),
    "list.ListGetByValue": exp.list_get_by_value("l", 3, COUNT, INVERTED),
    "list.ListGetByValueList": exp.list_get_by_value_list("l", exp.val(3), COUNT, INVERTED),
    "list.ListGetByValueRange": exp.list_get_by_value_range("l", 1, 9, COUNT, INVERTED),
    "list.ListGetByValueRelRankRange": exp.list_get_by_value_rel_rank_range(
        "l", 3, 3, COUNT, 3, INVERTED
    ),
    "list.ListGetByValueRelRankRangeToEnd": exp.list_get_by_value_rel_rank_range(
        "l", 3, 3, COUNT, None, INVERTED
    ),
    "list.ListIncrement": exp.list_increment("l", 3, 3),
    "list.ListInsert": exp.list_insert("l", 3, 3),
    "list.ListInsertItems": exp.list_insert_items("l", 3, [1, 2]),
    "list.ListRemoveByIndex": exp.list_remove_by_index("l", 3),
    "list.ListRemoveByIndexRange": exp.list_remove_by_index_range("l", 3, 0, 3, INVERTED),
    "list.ListRemoveByIndexRangeToEnd": exp.list_remove_by_index_range("l", 3, 0, None, INVERTED),
    "list.ListRemoveByRank": exp.list_remove_by_rank("l", 3),
    "list.ListRemoveByRankRange": exp.list_remove_by_rank_range("l", 3, 0, 3, INVERTED),
    "list.ListRemoveByRankRangeToEnd": exp.list_remove_by_rank_range("l", 3, 0, None, INVERTED),
    "list.ListRemoveByValue": exp.list_remove_by_value("l", 3, 0, INVERTED),
    "list.ListRemoveByValueList": exp.list_remove_by_value_list("l", [1, 2], 0, INVERTED),
    "list.ListRemoveByValueRange": exp.list_remove_by_value_range("l", 1, 9, 0, INVERTED),
    "list.ListRemoveByValueRelRankRange": exp.list_remove_by_value_rel_rank_range(
        "l", 3, 3, 0, 3, INVERTED
    ),
    "list.ListRemoveByValueRelRankToEnd": exp.list_remove_by_value_rel_rank_range(
        "l", 3, 3, 0, None, INVERTED
    ),
    "list.ListSet": exp.list_set("l", 3, 3),
    "list.ListSize": exp.list_size("l"),
    "list.ListSort": exp.list_sort("l", 3),
    "map.MapClear": exp.map_clear("m"),
    "map.MapGetByIndex": exp.map_get_by_index("m", 3),
    "map.MapGetByIndexRange": exp.map_get_by_index_range("m", 3, COUNT, 3, INVERTED),
    "map.MapGetByIndexRangeToEnd": exp.map_get_by_index_range("m", 3, COUNT, None, INVERTED),
    "map.MapGetByKey": exp.map_get_by_key("m", 3, type=exp.Type.INT),
    "map.MapGetByKeyList": exp.map_get_by_key_list("m", [1, 2], COUNT, INVERTED),
    "map.MapGetByKeyRange": exp.map_get_by_key_range("m", 1, 9, COUNT, INVERTED),
    "map.MapGetByKeyRelIndexRange": exp.map_get_by_key_rel_index_range(
        "m", 3, 3, COUNT, 3, INVERTED
    ),
    "map.MapGetByKeyRelIndexRangeToEnd": exp.map_get_by_key_rel_index_range(
        "m", 3, 3, COUNT, None, INVERTED
    ),
    "map.MapGetByRank": exp.map_get_by_rank("m", 3),
    "map.MapGetByRankRange": exp.map_get_by_rank_range("m", 3, COUNT, 3, INVERTED),
    "map.MapGetByRankRangeToEnd": exp.map_get_by_rank_range("m", 3, COUNT, None, INVERTED),
    "map.MapGetByValue": exp.map_get_by_value("m", 3, inverted=INVERTED),
    "map.MapGetByValueList": exp.map_get_by_value_list("m", exp.val(3), COUNT, INVERTED),
    "map.MapGetByValueRange": exp.map_get_by_value_range("m", 1, 9, COUNT, INVERTED),
    "map.MapGetByValueRelRankRange": exp.map_get_by_value_rel_rank_range(
        "m", 3, 3, COUNT, 3, INVERTED
    ),
    "map.MapGetByValueRelRankRangeToEnd": exp.map_get_by_value_rel_rank_range(
        "m", 3, 3, COUNT, None, INVERTED
    ),
    "map.MapIncrement": exp.map_increment("m", 3, 3),
    "map.MapPut": exp.map_put("m", 3, 3),
    "map.MapPutItems": exp.map_put_items("m", {"a": 1}),
    "map.MapRemoveByIndex": exp.map_remove_by_index("m", 3),
    "map.MapRemoveByIndexRange": exp.map_remove_by_index_range("m", 3, 0, 3, INVERTED),
    "map.MapRemoveByIndexRangeToEnd": exp.map_remove_by_index_range("m", 3, 0, None, INVERTED),
    "map.MapRemoveByKey": exp.map_remove_by_key("m", 3),
    "map.MapRemoveByKeyList": exp.map_remove_by_key_list("m", [1, 2], 0, INVERTED),
    "map.MapRemoveByKeyRange": exp.map_remove_by_key_range("m", 1, 9, 0, INVERTED),
    "map.MapRemoveByKeyRelIndexRange": exp.map_remove_by_key_rel_index_range(
        "m", 3, 3, 0, 3, INVERTED
    ),
    "map.MapRemoveByKeyRelIndexRangeToEnd": exp.map_remove_by_key_rel_index_range(
        "m", 3, 3, 0, None, INVERTED
    ),
    "map.MapRemoveByRank": exp.map_remove_by_rank("m", 3),
    "map.MapRemoveByRankRange": exp.map_remove_by_rank_range("m", 3, 0, 3, INVERTED),
    "map.MapRemoveByRankRangeToEnd": exp.map_remove_by_rank_range("m", 3, 0, None, INVERTED),
    "map.MapRemoveByValue": exp.map_remove_by_value("m", 3, 0, INVERTED),
    "map.MapRemoveByValueList": exp.map_remove_by_value_list("m", [1, 2], 0, INVERTED),
    "map.MapRemoveByValueRange": exp.map_remove_by_value_range("m", 1, 9, 0, INVERTED),
    "map.MapRemoveByValueRelRankRange": exp.map_remove_by_value_rel_rank_range(
        "m", 3, 3, 0, 3, INVERTED
    ),
    "map.MapRemoveByValueRelRankRangeToEnd": exp.map_remove_by_value_rel_rank_range(
        "m", 3, 3, 0, None, INVERTED
    ),
    "map.MapSize": exp.map_size("m"),
    "bitwise.BitAdd": exp.bit_add("b", 3, 3, 3, overflow=3),
    "bitwise.BitAnd": exp.bit_and("b", 3, 3, b"\x01"),
    "bitwise.BitCount": exp.bit_count("b", 3, 3),
    "bitwise.BitGet": exp.bit_get("b", 3, 3),
    "bitwise.BitGetInt": exp.bit_get_int("b", 3, 3, signed=True),
    "bitwise.BitInsert": exp.bit_insert("b", 3, b"\x01"),
    "bitwise.BitLeftScan": exp.bit_lscan("b", 3, 3, exp.val(3)),
    "bitwise.BitLeftShift": exp.bit_lshift("b", 3, 3, 3),
    "bitwise.BitNot": exp.bit_not("b", 3, 3),
    "bitwise.BitOr": exp.bit_or("b", 3, 3, b"\x01"),
    "bitwise.BitRemove": exp.bit_remove("b", 3, 3),
    "bitwise.BitResize": exp.bit_resize("b", 3, flags=3),
    "bitwise.BitRightScan": exp.bit_rscan("b", 3, 3, exp.val(3)),
    "bitwise.BitRightShift": exp.bit_rshift("b", 3, 3, 3),
    "bitwise.BitSet": exp.bit_set("b", 3, 3, b"\x01"),
    "bitwise.BitSetInt": exp.bit_set_int("b", 3, 3, 3),
    "bitwise.BitSubtract": exp.bit_subtract("b", 3, 3, 3, overflow=3),
    "bitwise.BitXor": exp.bit_xor("b", 3, 3, b"\x01"),
    "hll.HLLAdd": exp.hll_add("h", [1, 2], 3, 3),
    "hll.HLLDescribe": exp.hll_describe("h"),
    "hll.HLLGetCount": exp.hll_get_count("h"),
    "hll.HLLGetIntersectCount": exp.hll_get_intersect_count("h", [1, 2]),
    "hll.HLLGetSimilarity": exp.hll_get_similarity("h", [1, 2]),
    "hll.HLLGetUnion": exp.hll_get_union("h", [1, 2]),
    "hll.HLLGetUnionCount": exp.hll_get_union_count("h", [1, 2]),
    "hll.HLLInit": exp.hll_init("h", 3, 3),
    "hll.HLLMayContain": exp.hll_may_contain("h", [1, 2]),
}
#: Recorded with commands of servers after 8.1.2, which `test_expressions` checks.
NEWER = {"list.InList", "bitwise.BitB64Encode"}

K = [contexts.map_key("k")]
EVERY = [contexts.all_children()]
PLUS_1 = exp.add(exp.loop_var(exp.Type.INT, exp.LOOP_VALUE), 1)
IN_CONTEXT: dict[str, Any] = {
    "select_mapbin": exp.select_by_path("m", EVERY, 1),
    "modify": exp.modify_by_path("m", EVERY, PLUS_1),
    "list_append_pol": exp.list_append("l", 3, {"list_order": 1, "write_flags": 4}),
    "list_append_ctx": exp.list_append("m", 3, ctx=K),
    "list_insert_pol": exp.list_insert("l", 0, 3, {"write_flags": 4}),
    "map_put_pol": exp.map_put("m", "k", 3, {"map_order": 1, "map_write_flags": 4}),
    "map_put_pol_persist": exp.map_put(
        "m", "k", 3, {"map_order": 1, "map_write_flags": 4, "persist_index": True}
    ),
    "list_get_ctx": exp.list_get_by_index("m", 0, ctx=K),
    "hll_update": exp.hll_add("h", ["a"]),
    "hll_pol": exp.hll_init("h", 4, 4, {"flags": 1}),
    "bit_pol": exp.bit_set("b", 0, 8, b"\x01", {"bit_write_flags": 2}),
}


def test_every_recorded_call_is_built() -> None:
    systems = ("list.", "map.", "bitwise.", "hll.")
    recorded_calls = {name for name in recorded.EXPRESSIONS if name.startswith(systems)}
    assert CALLS.keys() == recorded_calls - NEWER


@pytest.mark.parametrize("name", sorted(CALLS))
def test_call(name: str) -> None:
    assert exp.pack_expression(CALLS[name]).hex() == recorded.EXPRESSIONS[name]


@pytest.mark.parametrize("name", sorted(IN_CONTEXT))
def test_call_with_context_or_policy(name: str) -> None:
    assert exp.pack_expression(IN_CONTEXT[name]).hex() == recorded.CONTEXTS[name]
