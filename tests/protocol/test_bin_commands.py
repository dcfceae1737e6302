"""Payloads of list, map, bit and HLL commands are those of the official client."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.errors import DataError, ParameterError
from aerodbapi.native import bits, contexts, hlls, lists, maps
from aerodbapi.native.bin_operations import (
    expression_read,
    expression_write,
    modify_by_path,
    select_by_path,
)
from aerodbapi.protocol import expressions as ex
from aerodbapi.protocol.flags import OpType
from aerodbapi.protocol.message import Operation, decode_message
from tests.protocol import recorded

VALUE, COUNT, NONE = 7, 5, 0
KEY, KEY_VALUE, INDEX = 6, 8, 1

OPERATIONS: dict[str, list[Operation]] = {
    "list_ops": [
        lists.list_append("l", 7),
        lists.list_append("l", 7, {"list_order": 0, "write_flags": 4}),
        lists.list_append_items("l", [1, 2]),
        lists.list_insert("l", 0, 9),
        lists.list_insert_items("l", 0, [9, 8]),
        lists.list_increment("l", 0, 3),
        lists.list_pop("l", 0),
        lists.list_pop_range("l", 0, 1),
        lists.list_remove("l", 0),
        lists.list_remove_range("l", 0, 1),
        lists.list_set("l", 0, 5),
        lists.list_get("l", 0),
        lists.list_get_range("l", 0, 2),
        lists.list_trim("l", 0, 5),
        lists.list_size("l"),
        lists.list_sort("l", 0),
        lists.list_set_order("l", 1),
        lists.list_clear("l"),
    ],
    "list_ops2": [
        lists.list_append_items("l", [1, 2, 3, 4, 5]),
        lists.list_get_by_index("l", 0, VALUE),
        lists.list_get_by_index_range("l", 0, VALUE, 2),
        lists.list_get_by_index_range("l", 0, VALUE),
        lists.list_get_by_rank("l", 0, VALUE),
        lists.list_get_by_rank_range("l", 0, VALUE, 2),
        lists.list_get_by_value("l", 1, COUNT),
        lists.list_get_by_value_list("l", [1, 2], COUNT, inverted=True),
        lists.list_get_by_value_range("l", 1, 3, VALUE),
        lists.list_get_by_value_range("l", None, 3, VALUE),
        lists.list_get_by_value_range("l", 1, None, VALUE),
        lists.list_get_by_value_rel_rank_range("l", 2, 0, VALUE, 1),
        lists.list_remove_by_index("l", 0, VALUE),
        lists.list_remove_by_rank("l", 0, VALUE),
        lists.list_remove_by_value("l", 3, COUNT),
    ],
    "map_ops": [
        maps.map_set_policy("m", {"map_order": 1}),
        maps.map_put("m", "k", 1),
        maps.map_put("m", "k2", 1, {"map_order": 1, "map_write_flags": 4}),
        maps.map_put_items("m", {"x": 1, "y": 2}),
        maps.map_increment("m", "x", 3),
        maps.map_decrement("m", "x", 1),
        maps.map_size("m"),
        maps.map_get_by_key("m", "x", VALUE),
        maps.map_get_by_key_range("m", "a", "z", KEY_VALUE),
        maps.map_get_by_key_list("m", ["x", "y"], VALUE),
        maps.map_get_by_value("m", 1, KEY),
        maps.map_get_by_value_range("m", 1, 3, KEY),
        maps.map_get_by_value_list("m", [1], KEY),
        maps.map_get_by_index("m", 0, KEY),
        maps.map_get_by_index_range("m", 0, INDEX, 6),
        maps.map_get_by_rank("m", 0, KEY),
        maps.map_get_by_rank_range("m", 0, INDEX, 6),
        maps.map_get_by_key_rel_index_range("m", "x", 0, KEY, 1),
        maps.map_get_by_value_rel_rank_range("m", 1, 0, KEY, 1),
        maps.map_remove_by_key("m", "k", NONE),
        maps.map_clear("m"),
    ],
    "ctx_ops": [
        maps.map_put("m", "m", [1, 2]),
        lists.list_append("m", 3, ctx=[contexts.map_key("m")]),
        maps.map_put("m", "a", 1, ctx=[contexts.map_key_create("z", 1)]),
    ],
    "bit_ops": [
        bits.bit_resize("b", 5),
        bits.bit_insert("b", 0, b"\xff"),
        bits.bit_remove("b", 0, 1),
        bits.bit_set("b", 0, 8, b"\x0f"),
        bits.bit_or("b", 0, 8, b"\xf0"),
        bits.bit_xor("b", 0, 8, b"\x01"),
        bits.bit_and("b", 0, 8, b"\xff"),
        bits.bit_not("b", 0, 8),
        bits.bit_lshift("b", 0, 8, 1),
        bits.bit_rshift("b", 0, 8, 1),
        bits.bit_add("b", 0, 8, 1, overflow=bits.BitOverflow.WRAP),
        bits.bit_subtract("b", 0, 8, 1, signed=True, overflow=bits.BitOverflow.SATURATE),
        bits.bit_get("b", 0, 8),
        bits.bit_count("b", 0, 8),
        bits.bit_lscan("b", 0, 8, True),
        bits.bit_rscan("b", 0, 8, True),
        bits.bit_get_int("b", 0, 8, signed=True),
    ],
    "hll_ops": [
        hlls.hll_init("h", 8, 8),
        hlls.hll_add("h", ["a", "b"]),
        hlls.hll_get_count("h"),
        hlls.hll_describe("h"),
        hlls.hll_refresh_count("h"),
    ],
    "exp_ops": [
        expression_write("e", ex.add(ex.int_bin("i"), 10)),
        expression_read("v", ex.int_bin("i")),
    ],
}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operations_are_those_recorded(name: str) -> None:
    message, _ = decode_message(recorded.requests(name)[0][8:])
    sent = [op for op in message.ops if op.op != OpType.WRITE]
    assert OPERATIONS[name] == sent


@pytest.mark.parametrize(
    ("operation", "op", "payload"),
    [
        (select_by_path("m", [contexts.all_children()], 1), OpType.CDT_READ, "93fe9204c301"),
        (
            modify_by_path("m", [contexts.all_children()], ex.add(ex.loop_var(2, 1), 1)),
            OpType.CDT_MODIFY,
            "94fe9204c304931493" + "7a020101",
        ),
        (lists.list_create("l", 1, persist_index=True), OpType.CDT_MODIFY, "920011"),
        (
            lists.list_create("m", 0, True, ctx=[contexts.map_key("k")]),
            OpType.CDT_MODIFY,
            "93ff92cca2a2036b920000",
        ),
        (maps.map_create("m", 1, True), OpType.CDT_MODIFY, "924011"),
        (
            lists.list_size("m", ctx=[contexts.map_value([1, 2])]),
            OpType.CDT_READ,
            "93ff92239201029110",
        ),
    ],
)
def test_payload(operation: Operation, op: int, payload: str) -> None:
    assert operation.op == op
    # 0xfe and 0xff take two bytes: cc fe, cc ff.
    expected = payload.replace("93fe", "93ccfe").replace("94fe", "94ccfe").replace("93ff", "93ccff")
    assert operation.value.hex() == expected


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda: lists.list_get("l", "0"), "index is an integer, not str"),
        (lambda: lists.list_get("l", 1 << 63), "64 bits"),
        (lambda: lists.list_append_items("l", 5), "values is a list, not int"),
        (lambda: lists.list_append("l", 1, {"order": "x"}), "order is an integer"),
        (lambda: lists.list_append("l", 1, {"odd": 1}), "unknown key 'odd' for a ListPolicy"),
        (lambda: lists.list_append("l", 1, "policy"), "ListPolicy or a dictionary"),
        (lambda: lists.list_size("l", ctx="k"), "a context is a list of steps"),
        (lambda: lists.list_get_by_rank("l", 0, "value"), "return_type"),
        (lambda: lists.list_append(7, 1), "a bin's name is str, not int"),
        (lambda: maps.map_put_items("m", [1]), "items are a dict, not list"),
        (lambda: bits.bit_set("b", 0, 8, "x"), "value is bytes, not str"),
        (lambda: bits.bit_resize("b", True), "byte_size is an integer, not bool"),
        (lambda: hlls.hll_add("h", "ab"), "values is a list, not str"),
        (lambda: select_by_path("m", [], 0), "at least one step"),
        (lambda: contexts.map_key_create("k", 2), "order is one of MapOrder"),
        (lambda: contexts.all_children_with_filter(True), "is an expression, not bool"),
    ],
)
def test_wrong_arguments(wrong: Any, hint: str) -> None:
    with pytest.raises(ParameterError, match=hint) as caught:
        wrong()
    assert caught.value.result_code == -2


def test_values_that_no_list_holds() -> None:
    with pytest.raises(DataError, match="cannot be stored"):
        lists.list_append("l", object())
    with pytest.raises(DataError, match="64 bits"):
        lists.list_append("l", 1 << 64)
