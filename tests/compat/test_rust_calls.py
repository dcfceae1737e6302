"""The same calls through aerospike-py and through ours, to one node: the same answers.

Answers are compared by their repr: of a result with the record as it is stored afterwards, or of
an exception's class and result code. DIFFERENT names the calls whose answers differ, and why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import aerospike_py as original
import pytest

import aerodbapi.compat.aerospike_py as ours
from tests.conftest import Address, truncate

C = ours
lo, mo, ho, bo, exp = (
    ours.list_operations,
    ours.map_operations,
    ours.hll_operations,
    ours.bit_operations,
    ours.exp,
)

RECORD: dict[str, Any] = {
    "i": 7,
    "f": 1.5,
    "s": "text",
    "b": b"\x01\x02\x03\x04\xff",
    "t": True,
    "l": [5, 1, "x", 3, 1, None, [2]],
    "n": [4, 2, 9, 2, 7],
    "m": {"a": 5, "b": 3, "c": "z", 4: 3},
    "p": {"x": 1, "y": 2, "z": 3},
}

Call = Callable[[Any, Any, Any], Any]  # (module, client, key) → anything


def op(*ops: Any) -> Call:
    return lambda m, c, k: c.operate_ordered(k, list(ops))


def put(value: Any) -> Call:
    return lambda m, c, k: c.put(k, {"v": value})


def where(expression: Any) -> Call:
    """Whether an expression holds for the record."""
    return lambda m, c, k: c.exists(k, {"filter_expression": expression}).meta is not None


CALLS: dict[str, Call] = {
    "get": lambda m, c, k: c.get(k),
    "get missing": lambda m, c, k: c.get((*k[:2], "none")),
    "get by digest": lambda m, c, k: c.get((*k[:2], None, c.get(k).key.digest)),
    "select": lambda m, c, k: c.select(k, ["i", "nothing"]),
    "select nothing": lambda m, c, k: c.select(k, []),
    "exists": lambda m, c, k: c.exists(k),
    "exists missing": lambda m, c, k: c.exists((*k[:2], "none")),
    "put": lambda m, c, k: c.put(k, {"i": 8, "new": "x"}),
    "put meta gen": lambda m, c, k: c.put(k, {"i": 8}, meta={"gen": 1}),
    "put wrong gen": lambda m, c, k: c.put(k, {"i": 8}, meta={"gen": 9}),
    "put policy gen alone": lambda m, c, k: c.put(k, {"i": 8}, policy={"gen": m.POLICY_GEN_EQ}),
    "put gen ignored": lambda m, c, k: c.put(k, {"i": 8}, {"gen": 9}, {"gen": 0}),
    "put gen greater": lambda m, c, k: c.put(k, {"i": 8}, {"gen": 9}, {"gen": m.POLICY_GEN_GT}),
    "put ttl": lambda m, c, k: c.put(k, {"i": 8}, meta={"ttl": -1}),
    "put ttl too high": lambda m, c, k: c.put(k, {"i": 8}, meta={"ttl": 2**32}),
    "put ttl negative": lambda m, c, k: c.put(k, {"i": 8}, meta={"ttl": -9}),
    "put ttl of text": lambda m, c, k: c.put(k, {"i": 8}, meta={"ttl": "x"}),
    "put unknown policy": lambda m, c, k: c.put(k, {"i": 8}, policy={"foo": 1}),
    "put policy of text": lambda m, c, k: c.put(k, {"i": 8}, policy={"exists": "x"}),
    "put policy no dict": lambda m, c, k: c.put(k, {"i": 8}, policy=5),
    "put exists in meta": lambda m, c, k: c.put(k, {"i": 8}, meta={"exists": 4}),
    "put send key": lambda m, c, k: (
        c.put(k, {"i": 8}, policy={"key": m.POLICY_KEY_SEND}),
        [r.key.user_key for r in c.query(*k[:2]).results()],
    ),
    "put no key": lambda m, c, k: [r.key.user_key for r in c.query(*k[:2]).results()],
    "put nothing": lambda m, c, k: c.put(k, {}),
    "put bins of a list": lambda m, c, k: c.put(k, [1]),
    "put name of int": lambda m, c, k: c.put(k, {1: 1}),
    "put name too long": lambda m, c, k: c.put(k, {"x" * 16: 1}),
    "put empty name": lambda m, c, k: c.put(k, {"": 1}),
    "put none deletes": lambda m, c, k: c.put(k, {"i": None}),
    "remove": lambda m, c, k: c.remove(k),
    "remove missing": lambda m, c, k: c.remove((*k[:2], "none")),
    "remove wrong gen": lambda m, c, k: c.remove(k, {"gen": 9}),
    "touch": lambda m, c, k: c.touch(k, 500),
    "touch with meta": lambda m, c, k: c.touch(k, 500, {"ttl": 100}),
    "touch missing": lambda m, c, k: c.touch((*k[:2], "none")),
    "touch negative": lambda m, c, k: c.touch(k, -1),
    "append": lambda m, c, k: c.append(k, "s", "+"),
    "append bytes": lambda m, c, k: c.append(k, "b", b"+"),
    "append to a number": lambda m, c, k: c.append(k, "i", "+"),
    "append to nothing": lambda m, c, k: c.append(k, "new", "+"),
    "append a number": lambda m, c, k: c.append(k, "s", 5),
    "prepend": lambda m, c, k: c.prepend(k, "s", "+"),
    "increment": lambda m, c, k: c.increment(k, "i", -3),
    "increment float": lambda m, c, k: c.increment(k, "f", 0.25),
    "increment int by float": lambda m, c, k: c.increment(k, "i", 0.25),
    "increment text": lambda m, c, k: c.increment(k, "s", 1),
    "increment by text": lambda m, c, k: c.increment(k, "i", "1"),
    "increment by bool": lambda m, c, k: c.increment(k, "i", True),
    "remove bins": lambda m, c, k: c.remove_bin(k, ["i", "f", "nothing"]),
    "remove bins of none": lambda m, c, k: c.remove_bin((*k[:2], "none"), ["i"]),
    "remove no bins": lambda m, c, k: c.remove_bin(k, []),
    "remove bins of text": lambda m, c, k: c.remove_bin(k, "i"),
    "operate nothing": op(),
    "operate no list": lambda m, c, k: c.operate(k, ({"op": 1, "bin": "i"},)),
    "operate no code": op({"bin": "i"}),
    "operate unknown code": op({"op": 99, "bin": "i"}),
    "operate without bin": op({"op": 2, "val": 1}),
    "operate read": lambda m, c, k: c.operate(k, [{"op": 1, "bin": "i"}]),
    "operate read twice": lambda m, c, k: c.operate(
        k, [{"op": 1, "bin": "i"}, {"op": 5, "bin": "i", "val": 1}, {"op": 1, "bin": "i"}]
    ),
    "operate write": lambda m, c, k: c.operate(k, [{"op": 2, "bin": "i", "val": 1}]),
    "operate default increment": op({"op": 5, "bin": "i"}, {"op": 1, "bin": "i"}),
    "operate touch": op({"op": 11}, {"op": 1, "bin": "i"}),
    "operate delete": op({"op": 1, "bin": "i"}, {"op": 12}),
    "operate mixed": op(
        lo.list_append("n", 1), {"op": 5, "bin": "i", "val": 1}, {"op": 1, "bin": "i"}
    ),
    "operate mixed writes": op(
        {"op": 2, "bin": "i", "val": 1}, lo.list_size("n"), {"op": 2, "bin": "s", "val": "u"}
    ),
    "operate two of one": op(lo.list_get("n", 0), lo.list_get("n", 1), lo.list_size("n")),
    "operate text and cdt": op({"op": 9, "bin": "s", "val": "+"}, mo.map_size("m")),
}

KEYS: dict[str, Any] = {
    "two": lambda k: k[:2],
    "none": lambda k: (*k[:2], None),
    "float": lambda k: (*k[:2], 1.5),
    "bool": lambda k: (*k[:2], True),
    "list": lambda k: (*k[:2], [1]),
    "a list": list,
    "text": lambda k: "x",
    "numbers": lambda k: (1, 2, 3),
    "no set": lambda k: (k[0], None, "x"),
    "bytearray": lambda k: (*k[:2], bytearray(b"a")),
    "bytes": lambda k: (*k[:2], b"a"),
    "bytes that are no text": lambda k: (*k[:2], b"\xff\x00\x80"),
    "empty": lambda k: (*k[:2], ""),
    "int": lambda k: (*k[:2], -(2**63)),
    "digest": lambda k: (*k[:2], None, b"x" * 20),
    "key and digest": lambda k: (*k[:2], "a", bytearray(b"x" * 20)),
    "short digest": lambda k: (*k[:2], None, b"x" * 5),
}
for name, make in KEYS.items():

    def with_key(m: Any, c: Any, k: Any, make: Any = make) -> Any:
        c.put(make(k), {"v": 1})
        return c.get(make(k))

    CALLS[f"key {name}"] = with_key

VALUES: dict[str, Any] = {
    "min": -(2**63),
    "max": 2**63 - 1,
    "beyond": 2**63,
    "far beyond": 2**70,
    "in a list": [2**70],
    "tuple": (1, 2),
    "set": {1},
    "object": object,
    "complex": 1j,
    "bytearray": bytearray(b"x"),
    "memoryview": memoryview(b"x"),
    "bytes": b"\x00\xff",
    "bool": False,
    "float": -0.0,
    "infinity": float("inf"),
    "empty": "",
    "zero byte": "a\0b",
    "list": [1, [2.5, {"a": None}], b"x", True],
    "empty list": [],
    "empty map": {},
    "byte keys": {b"k": 1},
    "int keys": {-1: 1, 2: [3]},
    "none key": {None: 1},
    "float key": {1.5: 1},
    "bool key": {True: 1},
    "tuple key": {(1,): 1},
    "tuple within": [(1,)],
}
for name, value in VALUES.items():
    CALLS[f"value {name}"] = put(value)
deep: Any = 1
for _ in range(64):
    deep = [deep]
CALLS["value 64 deep"] = put(deep)
CALLS["value 65 deep"] = put([deep])

L, M = C, C
LIST_RETURNS = [0, 1, 2, 3, 4, 5, 7, 13]
MAP_RETURNS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13]
LIST_OPS: list[Any] = [
    lo.list_append("n", 1),
    lo.list_append("new", "x"),
    lo.list_append("s", "x"),
    lo.list_append("n", 2, {"flags": C.LIST_WRITE_ADD_UNIQUE}),
    lo.list_append("n", 2, {"flags": C.LIST_WRITE_ADD_UNIQUE | C.LIST_WRITE_NO_FAIL}),
    lo.list_append("new", 2, {"order": C.LIST_ORDERED}),
    lo.list_append_items("n", [1, 2]),
    lo.list_append_items("new", [3, 1, 2], {"order": C.LIST_ORDERED}),
    lo.list_append_items("n", 5),
    lo.list_insert("n", 1, "i"),
    lo.list_insert("n", 99, "i"),
    lo.list_insert("n", 99, "i", {"flags": C.LIST_WRITE_INSERT_BOUNDED}),
    lo.list_insert_items("n", 0, ["i", "j"]),
    lo.list_pop("n", 1),
    lo.list_pop("n", 99),
    lo.list_pop_range("n", 1, 2),
    lo.list_remove("n", -1),
    lo.list_remove_range("n", 1, 2),
    lo.list_set("n", 2, "i"),
    lo.list_set("n", 99, "i"),
    lo.list_trim("n", 1, 2),
    lo.list_clear("n"),
    lo.list_size("n"),
    lo.list_size("new"),
    lo.list_get("n", -1),
    lo.list_get("n", 9),
    lo.list_get_range("l", 1, 3),
    lo.list_increment("n", 1, 5),
    lo.list_increment("l", 2, 5),
    lo.list_sort("n"),
    lo.list_sort("n", C.LIST_SORT_DROP_DUPLICATES),
    lo.list_set_order("n", C.LIST_ORDERED),
    lo.list_set_order("n", 7),
    {"op": 1005, "bin": "n"},
    {"op": 1005, "index": 1},
    {"op": 1018, "bin": "n", "index": 0, "return_type": 7},
    {"op": 1005, "bin": "n", "index": "x"},
]
for rt in LIST_RETURNS:
    LIST_OPS += [
        lo.list_get_by_value("n", 2, rt),
        lo.list_get_by_index("n", 1, rt),
        lo.list_get_by_index_range("n", 1, rt),
        lo.list_get_by_index_range("n", 1, rt, 2),
        lo.list_get_by_rank("n", 0, rt),
        lo.list_get_by_rank_range("n", -2, rt),
        lo.list_get_by_rank_range("n", 0, rt, 2),
        lo.list_get_by_value_list("n", [2, 9], rt),
        lo.list_get_by_value_range("n", 2, 7, rt),
        lo.list_get_by_value_range("n", 4, None, rt),
        lo.list_remove_by_value("n", 2, rt),
        lo.list_remove_by_value_list("n", [2, 9], rt),
        lo.list_remove_by_value_range("n", 2, 7, rt),
        lo.list_remove_by_index("n", 1, rt),
        lo.list_remove_by_index_range("n", 1, rt, 2),
        lo.list_remove_by_index_range("n", 1, rt),
        lo.list_remove_by_rank("n", -1, rt),
        lo.list_remove_by_rank_range("n", 1, rt, 2),
        lo.list_remove_by_rank_range("n", 1, rt),
    ]
MAP_OPS: list[Any] = [
    mo.map_set_order("m", C.MAP_KEY_ORDERED),
    mo.map_put("p", "w", 9),
    mo.map_put("new", "w", 9, {"order": C.MAP_KEY_ORDERED}),
    mo.map_put("p", "x", 9, {"write_mode": C.MAP_CREATE_ONLY}),
    mo.map_put("p", "w", 9, {"write_mode": C.MAP_UPDATE_ONLY}),
    mo.map_put("p", "x", 9, {"write_mode": C.MAP_UPDATE_ONLY}),
    mo.map_put_items("p", {"v": 1, "w": 2}),
    mo.map_put_items("p", {"x": 1, "w": 2}, {"write_mode": C.MAP_CREATE_ONLY}),
    mo.map_put_items("p", [1]),  # type: ignore[arg-type]
    mo.map_increment("p", "x", 5),
    mo.map_increment("p", "w", 5),
    mo.map_increment("m", "c", 5),
    mo.map_decrement("p", "x", 5),
    mo.map_clear("m"),
    mo.map_size("m"),
    mo.map_size("s"),
    mo.map_size("new"),
    mo.map_get_by_key("m", "none", 7),
    mo.map_get_by_index("m", 9, 7),
]
for rt in MAP_RETURNS:
    MAP_OPS += [
        mo.map_get_by_key("p", "x", rt),
        mo.map_get_by_key_range("p", "x", "z", rt),
        mo.map_get_by_key_list("p", ["x", "none"], rt),
        mo.map_get_by_value("m", 3, rt),
        mo.map_get_by_value_list("p", [3, 1], rt),
        mo.map_get_by_value_range("p", 2, None, rt),
        mo.map_get_by_index("p", 1, rt),
        mo.map_get_by_index_range("p", 1, rt, 2),
        mo.map_get_by_rank("p", -1, rt),
        mo.map_get_by_rank_range("p", 0, rt, 2),
        mo.map_remove_by_key("p", "x", rt),
        mo.map_remove_by_key_list("p", ["x", "none"], rt),
        mo.map_remove_by_key_range("p", "x", "z", rt),
        mo.map_remove_by_value("m", 3, rt),
        mo.map_remove_by_value_list("p", [3, 1], rt),
        mo.map_remove_by_value_range("p", 1, 3, rt),
        mo.map_remove_by_index("p", 0, rt),
        mo.map_remove_by_index_range("p", 1, rt, 1),
        mo.map_remove_by_rank("p", 0, rt),
        mo.map_remove_by_rank_range("p", 1, rt, 1),
    ]
OPEN_MAP_RANGES: list[Any] = [
    mo.map_get_by_index_range("p", 1, 7),
    mo.map_get_by_rank_range("p", 1, 7),
    mo.map_remove_by_index_range("p", 1, 7),
    mo.map_remove_by_rank_range("p", 1, 7),
]
BIT_OPS: list[Any] = [
    bo.bit_resize("b", 8),
    bo.bit_resize("b", 2, C.BIT_RESIZE_FROM_FRONT),
    bo.bit_resize("b", 2, C.BIT_RESIZE_GROW_ONLY),
    bo.bit_resize("new", 3),
    bo.bit_insert("b", 1, b"\xaa"),
    bo.bit_remove("b", 1, 2),
    bo.bit_set("b", 3, 8, b"\xf0"),
    bo.bit_or("b", 3, 8, b"\xf0"),
    bo.bit_xor("b", 3, 8, b"\xf0"),
    bo.bit_and("b", 3, 8, b"\xf0"),
    bo.bit_not("b", 3, 9),
    bo.bit_lshift("b", 0, 16, 3),
    bo.bit_rshift("b", 0, 16, 3),
    bo.bit_add("b", 0, 8, 100),
    bo.bit_add("b", 32, 8, 100),
    bo.bit_add("b", 32, 8, 100, action=C.BIT_OVERFLOW_WRAP),
    bo.bit_subtract("b", 0, 8, 100, True),
    bo.bit_subtract("b", 0, 8, 100, False, C.BIT_OVERFLOW_SATURATE),
    bo.bit_set_int("b", 4, 12, 1000),
    bo.bit_get("b", 4, 12),
    bo.bit_count("b", 0, 40),
    bo.bit_lscan("b", 0, 40, True),
    bo.bit_rscan("b", 0, 40, False),
    bo.bit_get_int("b", 32, 8),
    bo.bit_get_int("b", 32, 8, True),
    bo.bit_get("b", 90, 8),
    bo.bit_set("new", 0, 8, b"\xf0"),
    bo.bit_set("b", 0, 8, b"\xf0", C.BIT_WRITE_CREATE_ONLY),
    {"op": 4011, "bin": "b", "bit_offset": 0, "bit_size": 8, "val": "x"},
    {"op": 4050, "bin": "b", "bit_offset": 0},
]
HLL_OPS: list[Any] = [
    [ho.hll_init("h", 8), ho.hll_describe("h")],
    [ho.hll_init("h", 8, 10), ho.hll_describe("h")],
    [ho.hll_add("h", ["a", "b", 1], 8), ho.hll_get_count("h")],
    [ho.hll_add("h", ["a"])],
    [ho.hll_add("h", [1, 2], 8), ho.hll_add("h", [2, 3]), ho.hll_get_count("h")],
    [ho.hll_add("h", [1, 2], 12), ho.hll_fold("h", 8), ho.hll_describe("h")],
    [ho.hll_add("h", [1, 2], 8, policy={"flags": C.HLL_WRITE_UPDATE_ONLY})],
    [ho.hll_get_count("i")],
    [ho.hll_init("h", 2)],
]
for group, operations in (
    ("list", LIST_OPS),
    ("map", MAP_OPS),
    ("open map range", OPEN_MAP_RANGES),
    ("bit", BIT_OPS),
    ("hll", HLL_OPS),
):
    for number, operation in enumerate(operations):
        each = operation if isinstance(operation, list) else [operation]
        label = " ".join(str(e.get("op")) for e in each)
        CALLS[f"{group} {number}: {label}"] = op(*each)

i, one, two = exp.int_bin("i"), exp.int_val(1), exp.int_val(2)
f = exp.float_bin("f")
EXPRESSIONS: list[Any] = [
    exp.eq(i, exp.int_val(7)),
    exp.ne(i, exp.int_val(7)),
    exp.gt(f, exp.float_val(1)),
    exp.ge(f, exp.float_val(1.5)),
    exp.lt(i, exp.int_val(7)),
    exp.le(i, exp.int_val(7)),
    exp.eq(exp.string_bin("s"), exp.string_val("text")),
    exp.eq(exp.blob_bin("b"), exp.blob_val(b"\x01\x02\x03\x04\xff")),
    exp.eq(exp.list_bin("n"), exp.list_val([4, 2, 9, 2, 7])),
    exp.gt(exp.list_bin("n"), exp.list_val([4, 2])),
    exp.eq(exp.map_bin("p"), exp.map_val({"x": 1, "y": 2, "z": 3})),
    exp.bin_exists("i"),
    exp.bin_exists("nothing"),
    exp.eq(exp.bin_type("i"), one),
    exp.eq(exp.bin_type("nothing"), exp.int_val(0)),
    exp.eq(i, exp.string_val("x")),
    exp.eq(exp.int_bin("s"), one),
    exp.key_exists(),
    exp.eq(exp.key(exp.EXP_TYPE_STRING), exp.string_val("k")),
    exp.gt(exp.record_size(), one),
    exp.gt(exp.last_update(), one),
    exp.lt(exp.since_update(), exp.int_val(600_000)),
    exp.gt(exp.void_time(), one),
    exp.gt(exp.ttl(), one),
    exp.is_tombstone(),
    exp.ge(exp.digest_modulo(3), exp.int_val(0)),
    exp.and_(exp.eq(one, one), exp.eq(two, one)),
    exp.or_(exp.eq(one, one), exp.eq(two, one)),
    exp.xor_(exp.eq(one, one), exp.eq(two, one)),
    exp.not_(exp.eq(two, one)),
    exp.eq(exp.num_add(i, one, two), exp.int_val(10)),
    exp.eq(exp.num_sub(i, one), exp.int_val(6)),
    exp.eq(exp.num_mul(i, two), exp.int_val(14)),
    exp.eq(exp.num_div(i, two), exp.int_val(3)),
    exp.eq(exp.num_mod(i, two), one),
    exp.eq(exp.num_pow(f, exp.float_val(2)), exp.float_val(2.25)),
    exp.eq(exp.num_log(exp.float_val(8), exp.float_val(2)), exp.float_val(3)),
    exp.eq(exp.num_abs(exp.int_val(-1)), one),
    exp.eq(exp.num_floor(f), exp.float_val(1)),
    exp.eq(exp.num_ceil(f), exp.float_val(2)),
    exp.eq(exp.to_int(f), one),
    exp.eq(exp.to_float(i), exp.float_val(7)),
    exp.eq(exp.min_(i, one, two), one),
    exp.eq(exp.max_(i, one, two), i),
    exp.eq(exp.int_and(i, two), two),
    exp.eq(exp.int_or(i, exp.int_val(8)), exp.int_val(15)),
    exp.eq(exp.int_xor(i, two), exp.int_val(5)),
    exp.eq(exp.int_not(exp.int_val(0)), exp.int_val(-1)),
    exp.eq(exp.int_lshift(i, two), exp.int_val(28)),
    exp.eq(exp.int_rshift(i, one), exp.int_val(3)),
    exp.eq(exp.int_arshift(exp.int_val(-4), one), exp.int_val(-2)),
    exp.eq(exp.int_count(i), exp.int_val(3)),
    exp.eq(exp.int_lscan(i, exp.bool_val(True)), exp.int_val(61)),
    exp.eq(exp.int_rscan(i, exp.bool_val(True)), exp.int_val(63)),
    exp.regex_compare("^TE.T$", C.REGEX_ICASE, exp.string_bin("s")),
    exp.regex_compare("^TE.T$", C.REGEX_NONE, exp.string_bin("s")),
    exp.cond(exp.gt(i, two), exp.bool_val(True), exp.bool_val(False)),
    exp.let_(exp.def_("v", exp.num_add(i, one)), exp.eq(exp.var("v"), exp.int_val(8))),
    {"__expr__": "unknown"},
    {"__expr__": "eq", "left": one},
    {"__expr__": "eq", "left": one, "right": 1},
    {"__expr__": "and", "exprs": 5},
    {"__expr__": "num_mod", "exprs": [one]},
    {"__expr__": "key", "exp_type": 77},
    {"__expr__": "int_val", "val": "x"},
    {"__expr__": "int_bin", "name": 5},
]
for number, expression in enumerate(EXPRESSIONS):
    CALLS[f"expression {number}: {expression['__expr__']}"] = where(expression)
CALLS["expression bool bin"] = where(exp.eq(exp.bool_bin("t"), exp.bool_val(True)))
CALLS["expression set"] = lambda m, c, k: (
    c.exists(k, {"filter_expression": exp.eq(exp.set_name(), exp.string_val(k[1]))}).meta
    is not None
)


def batch(result: Any) -> Any:
    """What of a batch is compared: aerospike-py gives every record an empty key."""
    return [
        (each.key[:3], each.result, each.record and (_gen(each.record[1]), each.record[2]))
        for each in result.batch_records
    ]


def _gen(meta: Any) -> int:
    return meta["gen"] if isinstance(meta, dict) else meta.gen


INCREMENT = [{"op": 5, "bin": "i", "val": 1}, {"op": 1, "bin": "i"}]
CALLS |= {
    "batch_read": lambda m, c, k: (lambda r: (r.to_dict(), r.to_list(), len(r), list(r)))(
        c.batch_read([k, (*k[:2], "none"), (*k[:2], 5)])
    ),
    "batch_read views": lambda m, c, k: (lambda r: (r.all_user_keys(), r.found_count(), "k" in r))(
        c.batch_read([k, (*k[:2], "none")])
    ),
    "batch_read records": lambda m, c, k: batch(c.batch_read([k, (*k[:2], "none")], ["i"])),
    "batch_read nothing": lambda m, c, k: c.batch_read([]).to_dict(),
    "batch_read metadata": lambda m, c, k: c.batch_read([k], []).to_dict(),
    "batch_read missing item": lambda m, c, k: c.batch_read([k])["none"],
    "batch_read by digest": lambda m, c, k: (lambda r: (r.to_dict(), r.to_list()))(
        c.batch_read([(*k[:2], None, c.get(k).key.digest)], ["i"])
    ),
    "batch_read tuple": lambda m, c, k: c.batch_read((k,)),
    "batch_read filtered": lambda m, c, k: batch(
        c.batch_read([k], ["i"], {"filter_expression": exp.eq(i, one)})
    ),
    "batch_write": lambda m, c, k: [
        (each.key[:3], each.result)
        for each in c.batch_write(
            [(k, {"i": 9}), ((*k[:2], "w"), {"x": 1}, {"ttl": 100}), (k, {"i": 1}, {"gen": 99})]
        ).batch_records
    ],
    "batch_write retry": lambda m, c, k: c.batch_write([(k, {"i": 9})], retry=3).retry,
    "batch_write policy": lambda m, c, k: [
        each.result for each in c.batch_write([(k, {"i": 9})], {"exists": 4}).batch_records
    ],
    "batch_write nothing": lambda m, c, k: c.batch_write([]),
    "batch_write no tuple": lambda m, c, k: c.batch_write([5]),
    "batch_write short tuple": lambda m, c, k: c.batch_write([(k,)]),
    "batch_operate": lambda m, c, k: batch(c.batch_operate([k, (*k[:2], "new")], INCREMENT)),
    "batch_operate read": lambda m, c, k: batch(
        c.batch_operate([k, (*k[:2], "none")], INCREMENT[1:])
    ),
    "batch_remove": lambda m, c, k: [
        each.result for each in c.batch_remove([k, (*k[:2], "none")]).batch_records
    ],
    "batch_remove meta": lambda m, c, k: [
        each.result for each in c.batch_remove([(k, {"gen": 99})]).batch_records
    ],
    "query": lambda m, c, k: c.query(*k[:2]).results(),
    "query select": lambda m, c, k: (lambda q: (q.select("i"), q.results()))(c.query(*k[:2])),
    "query no index": lambda m, c, k: (
        lambda q: (q.where(m.predicates.equals("i", 7)), q.results())
    )(c.query(*k[:2])),
    "query unknown predicate": lambda m, c, k: c.query(*k[:2]).where(("foo", "i", 1)),
    "query short predicate": lambda m, c, k: c.query(*k[:2]).where(("equals", "i")),
    "query short between": lambda m, c, k: c.query(*k[:2]).where(("between", "i", 1)),
    "query no predicate": lambda m, c, k: c.query(*k[:2]).where(5),
    "query by float": lambda m, c, k: c.query(*k[:2]).where(("equals", "i", 1.5)),
    "query by bool": lambda m, c, k: c.query(*k[:2]).where(("equals", "i", True)),
    "query index type": lambda m, c, k: c.query(*k[:2]).where(("contains", "i", 9, 1)),
    "query no bins": lambda m, c, k: c.query(*k[:2]).results({"include_bin_data": False}),
    "query max records": lambda m, c, k: len(c.query(*k[:2]).results({"max_records": 1})),
    "query filtered": lambda m, c, k: c.query(*k[:2]).results(
        {"filter_expression": exp.eq(i, one)}
    ),
    "query partition": lambda m, c, k: c.query(*k[:2]).results(
        {"partition_filter": m.partition_filter_by_id(_partition(c.get(k).key.digest))}
    ),
    "query other partition": lambda m, c, k: c.query(*k[:2]).results(
        {"partition_filter": m.partition_filter_by_id(_partition(c.get(k).key.digest) ^ 1)}
    ),
    "query bad partitions": lambda m, c, k: c.query(*k[:2]).results({"partition_filter": 5}),
    "query no partitions": lambda m, c, k: c.query(*k[:2]).results(
        {"partition_filter": m.partition_filter_by_range(0, 0)}
    ),
    "query prefer rack": lambda m, c, k: c.get(k, {"replica": m.POLICY_REPLICA_PREFER_RACK}),
    "partition filters": lambda m, c, k: (m.partition_filter_all(), m.partition_filter_by_id(9)),
    "partition too high": lambda m, c, k: m.partition_filter_by_id(4096),
    "partition negative": lambda m, c, k: m.partition_filter_by_id(-1),
    "partitions too many": lambda m, c, k: m.partition_filter_by_range(4095, 2),
    "index twice": lambda m, c, k: (
        [c.index_integer_create(*k[:2], "i", k[1]) for _ in range(2)]
        + [c.index_remove(k[0], k[1]), c.index_remove(k[0], k[1])]
    ),
    "truncate": lambda m, c, k: c.truncate(k[0], "no_such_set"),
    "info": lambda m, c, k: c.info_random_node("build"),
    "info all": lambda m, c, k: c.info_all("build"),
    "node names": lambda m, c, k: c.get_node_names(),
    "ping": lambda m, c, k: (c.ping(), c.is_connected()),
    "udf without file": lambda m, c, k: c.udf_put("/no/such/file.lua"),
    "udf remove missing": lambda m, c, k: c.udf_remove("no_such_module"),
    "read touch": lambda m, c, k: c.get(k, {"read_touch_ttl_percent": 200}),
    "negative timeout": lambda m, c, k: c.get(k, {"total_timeout": -1}),
    "unknown privilege": lambda m, c, k: c.admin_create_role("r", [{"code": 99}]),
    "privilege without code": lambda m, c, k: c.admin_create_role("r", [{}]),
}


def _partition(digest: bytes) -> int:
    return (digest[0] | digest[1] << 8) & 4095


#: Calls whose answers differ on purpose: what ours gives, and why.
DIFFERENT: dict[str, str] = {
    "append a number": "a TypeError before anything is sent",
    "value beyond": "an OverflowError; aerospike-py stores -2**63",
    "value none key": "a TypeError; the server refuses it with code 1",
    "value float key": "a TypeError; aerospike-py panics",
    "value bool key": "a TypeError; aerospike-py panics",
    "query no bins": "gives no bins; aerospike-py gives them all the same",
    "list 32: 1031": "the server refuses an unknown order; aerospike-py sends another one",
}


def shown(module: Any, call: Call, client: Any, key: Any) -> str:
    """The answer to a call and what it left in the record, as text."""
    client.batch_remove([key])
    client.put(key, RECORD)
    try:
        answer = text_of(call(module, client, key))
    except BaseException as error:  # aerospike-py's panics are no Exceptions
        if isinstance(error, KeyboardInterrupt):
            raise
        answer = f"{type(error).__name__} {getattr(error, 'result_code', '')}"
    found = client.batch_read([key], policy=None).to_dict().get("k")
    left = {name: value for name, value in (found or {}).items() if name != "h"}
    return f"{answer} | {text_of(left)}"


def text_of(value: Any) -> str:
    """The repr of an answer, without what differs between two runs of one client.

    aerospike-py gives maps and bins in random order, and the types of HLLs and ordered maps away.
    """
    if isinstance(value, ours.RecordMetadata) or type(value).__name__ == "RecordMetadata":
        ttl = "T" if 2_590_000 < value.ttl < 2_592_001 else value.ttl
        return f"RecordMetadata({value.gen}, {ttl})"
    if isinstance(value, dict):
        pairs = sorted(f"{key!r}: {text_of(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list) and value and type(value[0]).__name__ == "BinTuple":
        return f"list({', '.join(sorted(map(text_of, value)))})"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(text_of, value))})"
    if isinstance(value, bytes):
        return repr(bytes(value))
    return repr(value)


@pytest.fixture(scope="module")
def clients(node_address: Address) -> Iterator[tuple[Any, Any]]:
    config = {"hosts": [node_address], "timeout": 20_000}
    theirs, mine = original.client(config).connect(), ours.client(config).connect()
    yield theirs, mine
    theirs.close()
    mine.close()


@pytest.fixture(scope="module")
def place(node_address: Address, namespace: str) -> Iterator[tuple[str, str]]:
    yield namespace, "rust_calls"
    truncate(node_address, namespace, "rust_calls")


@pytest.fixture
def key(clients: tuple[Any, Any], place: tuple[str, str]) -> tuple[str, str, str]:
    empty(clients[1], place)
    return (*place, "k")


def empty(client: Any, place: tuple[str, str]) -> None:
    """Remove what a call left: with a set this small quicker than truncating."""
    found = client.query(*place).results({"include_bin_data": False})
    client.batch_remove([(*place, None, record.key.digest) for record in found])


@pytest.mark.parametrize("name", [name for name in CALLS if name not in DIFFERENT])
def test_same(clients: tuple[Any, Any], key: Any, name: str) -> None:
    theirs = shown(original, CALLS[name], clients[0], key)
    empty(clients[1], key[:2])
    assert shown(ours, CALLS[name], clients[1], key) == theirs


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(clients: tuple[Any, Any], key: Any, name: str) -> None:
    theirs = shown(original, CALLS[name], clients[0], key)
    empty(clients[1], key[:2])
    assert shown(ours, CALLS[name], clients[1], key) != theirs


@pytest.mark.parametrize("group", ["list", "map", "expression", "operate"])
def test_async_answers_as_sync_does(
    clients: tuple[Any, Any], node_address: Address, key: Any, group: str
) -> None:
    names = [name for name in CALLS if name.startswith(group)]
    expected = [shown(ours, CALLS[name], clients[1], key) for name in names]

    async def main() -> list[str]:
        async with ours.AsyncClient({"hosts": [node_address]}) as client:
            await client.connect()
            loop = asyncio.get_running_loop()
            blocking = _Blocking(client, loop)
            return [
                await asyncio.to_thread(shown, ours, CALLS[name], blocking, key) for name in names
            ]

    assert asyncio.run(main()) == expected


class _Blocking:
    """An AsyncClient whose coroutines are run in its loop, for callers in another thread."""

    def __init__(self, client: ours.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(method(*args, **kwargs), self._loop).result(60)

        return call
