"""Operations on lists, maps, bits and HLLs, and expression operations, as a server does them."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.errors import (
    BinNameError,
    BinTypeError,
    DataError,
    ElementExists,
    Error,
    FilteredOut,
    OpNotApplicable,
    ParameterError,
)
from aerodbapi.native import bits, contexts, hlls, lists, maps, operations
from aerodbapi.native import expressions as exp
from aerodbapi.native.bin_operations import (
    ExpRead,
    ExpWrite,
    PathSelect,
    expression_read,
    expression_write,
    modify_by_path,
    select_by_path,
)
from aerodbapi.native.lists import ReturnType
from aerodbapi.types import INFINITY, WILDCARD, HyperLogLog, KeyOrderedDict

V, COUNT, KEYS, RANK = ReturnType.VALUE, ReturnType.COUNT, ReturnType.KEY, ReturnType.RANK
L = [5, 1, 4, 1, "a", None, 2.5, [1, 2], {"k": 1}]
M = {"a": 3, "b": 1, "c": 2, 7: "x"}
NESTED = {"m": {"l": [1, 2, {"deep": [9]}]}, "n": [[1], [2, 3]]}
AT_DEEP = [
    contexts.map_key("m"),
    contexts.map_key("l"),
    contexts.list_index(-1),
    contexts.map_key("deep"),
]

#: Bin's value, operations, results in order, value afterwards.
CASES: dict[str, tuple[Any, list[Any], list[Any], Any]] = {
    "append": (L[:2], [lists.list_append("b", 9)], [3], [5, 1, 9]),
    "append ordered": (
        None,
        [
            lists.list_append("b", 9, {"order": 1}),
            lists.list_append("b", 2, {"order": 1, "flags": 1}),
            lists.list_append("b", 2, lists.ListPolicy(1, 1 | 4)),
        ],
        [1, 2, 2],
        [2, 9],
    ),
    "append items": ([1], [lists.list_append_items("b", [2, 3])], [3], [1, 2, 3]),
    "insert": ([1], [lists.list_insert("b", 0, 0)], [2], [0, 1]),
    "insert items": ([1], [lists.list_insert_items("b", 1, [2, 3])], [3], [1, 2, 3]),
    "set": ([1, 2], [lists.list_set("b", -1, 3)], [], [1, 3]),
    "increment": ([1, 2], [lists.list_increment("b", 1, 5)], [7], [1, 7]),
    "pop": ([1, 2, 3], [lists.list_pop("b", 0), lists.list_pop_range("b", 0, 1)], [1, [2]], [3]),
    "remove": (
        [1, 2, 3, 4],
        [lists.list_remove("b", 0), lists.list_remove_range("b", 1)],
        [1, 2],
        [2],
    ),
    "trim": ([1, 2, 3, 4], [lists.list_trim("b", 1, 2)], [2], [2, 3]),
    "clear": ([1], [lists.list_clear("b")], [], []),
    "sort": ([2, 1, 2], [lists.list_sort("b", lists.ListSort.DROP_DUPLICATES)], [], [1, 2]),
    "set order": ([2, 1], [lists.list_set_order("b", 1)], [], [1, 2]),
    "get": (
        L,
        [lists.list_get("b", -2), lists.list_get_range("b", 7), lists.list_size("b")],
        [[1, 2], [[1, 2], {"k": 1}], 9],
        L,
    ),
    "get by index": (
        L,
        [
            lists.list_get_by_index("b", 0),
            lists.list_get_by_index_range("b", -1, count=1),
            lists.list_get_by_index_range("b", 1, COUNT, inverted=True),
        ],
        [5, [{"k": 1}], 1],
        L,
    ),
    "get by rank": (
        L,
        [lists.list_get_by_rank("b", 3), lists.list_get_by_rank_range("b", 1, V, 2)],
        [4, [1, 1]],
        L,
    ),
    "get by value": (
        L,
        [
            lists.list_get_by_value("b", 1, ReturnType.INDEX),
            lists.list_get_by_value("b", [1, WILDCARD], ReturnType.INDEX),
            lists.list_get_by_value_list("b", ["a", 4, 77], ReturnType.EXISTS),
            lists.list_get_by_value_range("b", 1, 5, COUNT),
            lists.list_get_by_value_range("b", 4, None, COUNT),
            lists.list_get_by_value_range("b", 4, INFINITY, COUNT),
            lists.list_get_by_value_rel_rank_range("b", 2, 0, V, 2),
        ],
        [[1, 3], [7], True, 3, 6, 6, [5, 4]],
        L,
    ),
    "remove by": (
        [1, 2, 3, 4, 5, 6, 7, 8],
        [
            lists.list_remove_by_index("b", 0, V),
            lists.list_remove_by_rank("b", -1, V),
            lists.list_remove_by_value("b", 3, COUNT),
            lists.list_remove_by_value_list("b", [4], COUNT),
            lists.list_remove_by_value_range("b", 7, None, V),
            lists.list_remove_by_value_rel_rank_range("b", 5, 1, V),
            lists.list_remove_by_rank_range("b", 0, V, 1),
            lists.list_remove_by_index_range("b", 0, COUNT),
        ],
        [1, 8, 1, 1, [7], [6], [2], 1],
        [],
    ),
    "map put": (
        None,
        [
            maps.map_put("b", "k", 1, {"order": 1}),
            maps.map_put_items("b", {"z": 1, "y": 2}),
            maps.map_increment("b", "k", 4),
            maps.map_decrement("b", "n", 1),
            maps.map_size("b"),
        ],
        [1, 3, 5, -1, 4],
        KeyOrderedDict({"k": 5, "n": -1, "y": 2, "z": 1}),
    ),
    "map get": (
        M,
        [
            maps.map_get_by_key("b", "a"),
            maps.map_get_by_key_list("b", ["a", "q"], KEYS),
            maps.map_get_by_key_range("b", "a", "c", KEYS),
            maps.map_get_by_key_rel_index_range("b", "a", 1, KEYS, 1),
            maps.map_get_by_value("b", 1, KEYS),
            maps.map_get_by_value_list("b", [1, 2], COUNT),
            maps.map_get_by_value_range("b", 2, None, COUNT),
            maps.map_get_by_value_rel_rank_range("b", 2, 0, COUNT),
            maps.map_get_by_index("b", 0, KEYS),
            maps.map_get_by_index_range("b", -2, KEYS),
            maps.map_get_by_rank("b", 0, KEYS),
            maps.map_get_by_rank_range("b", 0, KEYS, 2, inverted=True),
            maps.map_get_by_key("b", "a", RANK),
        ],
        [3, ["a"], ["a", "b"], ["b"], ["b"], 2, 3, 3, 7, ["b", "c"], "b", ["a", 7], 2],
        M,
    ),
    "map remove": (
        {k: ord(k) for k in "abcdefghijkl"},
        [
            maps.map_remove_by_key("b", "a", V),
            maps.map_remove_by_key_list("b", ["b", "?"], COUNT),
            maps.map_remove_by_key_range("b", "c", "d", KEYS),
            maps.map_remove_by_key_rel_index_range("b", "d", 0, KEYS, 1),
            maps.map_remove_by_value("b", ord("e"), KEYS),
            maps.map_remove_by_value_list("b", [ord("f")], COUNT),
            maps.map_remove_by_value_range("b", ord("g"), ord("h"), KEYS),
            maps.map_remove_by_value_rel_rank_range("b", ord("h"), 0, KEYS, 1),
            maps.map_remove_by_index("b", 0, KEYS),
            maps.map_remove_by_rank("b", -1, KEYS),
            maps.map_remove_by_rank_range("b", 0, KEYS, 1),
            maps.map_remove_by_index_range("b", 0, COUNT),
        ],
        [97, 1, ["c"], ["d"], ["e"], 1, ["g"], ["h"], "i", "l", ["j"], 1],
        {},
    ),
    "map clear": (M, [maps.map_clear("b")], [None], {}),
    "map order": (
        {"b": 1},
        [maps.map_set_policy("b", {"map_order": 1})],
        [None],
        KeyOrderedDict({"b": 1}),
    ),
    "create": (
        None,
        [lists.list_create("b", 1), lists.list_append("b", 2), lists.list_append("b", 1)],
        [1, 2],
        [1, 2],
    ),
    "create nested": (
        {},
        [
            maps.map_create("b", 1, ctx=[contexts.map_key("m")]),
            lists.list_create("b", 1, ctx=[contexts.map_key("l")]),
            lists.list_append("b", 7, ctx=[contexts.map_key("l")]),
        ],
        [None, None, 1],
        {"m": KeyOrderedDict(), "l": [7]},
    ),
    "contexts": (
        NESTED,
        [
            lists.list_append("b", 10, ctx=AT_DEEP),
            lists.list_get_by_index("b", -1, ctx=AT_DEEP),
            lists.list_get("b", 0, ctx=[contexts.map_index(1), contexts.list_rank(-1)]),
            lists.list_size("b", ctx=[contexts.map_key("n"), contexts.list_value([1])]),
            maps.map_put("b", "x", 1, ctx=[contexts.map_key_create("new", 1)]),
            maps.map_size("b", ctx=[contexts.map_rank(-1)]),
        ],
        [2, 10, 2, 1, 1, 1],
        {
            "m": {"l": [1, 2, {"deep": [9, 10]}]},
            "n": [[1], [2, 3]],
            "new": KeyOrderedDict({"x": 1}),
        },
    ),
    "bits": (
        b"\x01\x02\x03\x04",
        [
            bits.bit_resize("b", 6),
            bits.bit_insert("b", 0, b"\xff"),
            bits.bit_remove("b", 1, 2),
            bits.bit_set("b", 0, 8, b"\x0f"),
            bits.bit_or("b", 0, 8, b"\x30"),
            bits.bit_xor("b", 0, 8, b"\x01"),
            bits.bit_and("b", 0, 8, b"\x1e"),
            bits.bit_not("b", 0, 4),
            bits.bit_lshift("b", 8, 8, 1),
            bits.bit_rshift("b", 16, 8, 1),
            bits.bit_add("b", 24, 8, 255, overflow=bits.BitOverflow.WRAP),
            bits.bit_subtract("b", 24, 8, 1, overflow=bits.BitOverflow.SATURATE),
            bits.bit_set_int("b", 32, 8, 7),
            bits.bit_get("b", 0, 8),
            bits.bit_count("b", 32, 8),
            bits.bit_lscan("b", 32, 8, True),
            bits.bit_rscan("b", 32, 8, True),
            bits.bit_get_int("b", 0, 8, signed=True),
        ],
        [None] * 13 + [b"\xee", 3, 5, 7, -18],
        b"\xee\x06\x02\xfe\x07",
    ),
    "expressions": (
        4,
        [
            expression_read("r", exp.mul(exp.int_bin("b"), 2)),
            expression_write("b", exp.add(exp.int_bin("b"), 1)),
            expression_read("n", exp.int_bin("none"), ExpRead.EVAL_NO_FAIL),
            expression_write("none", exp.unknown(), ExpWrite.EVAL_NO_FAIL),
        ],
        [8, None, None, None],
        5,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_operation(client: Any, key: Any, name: str) -> None:
    value, ops, results, after = CASES[name]
    if value is None:
        client.put(key, {"other": 1})
    else:
        client.put(key, {"b": value})
    answered = client.operate_ordered(key, ops)
    assert [result for _, result in answered.ordered_bins] == results
    stored = client.get(key).bins["b"]
    assert stored == after
    assert type(stored) is type(after)


def test_hll(client: Any, key: Any) -> None:
    answers = client.operate_ordered(
        key,
        [
            hlls.hll_init("h", 12),
            hlls.hll_add("h", ["a", "b", "c"]),
            hlls.hll_get_count("h"),
            hlls.hll_describe("h"),
            hlls.hll_may_contain("h", ["a"]),
            hlls.hll_refresh_count("h"),
            operations.read("h"),
        ],
    ).ordered_bins
    assert [value for _, value in answers[:-1]] == [None, 3, 3, [12, 0], 1, 3]
    sketch = answers[-1][1]
    assert type(sketch) is HyperLogLog
    answers = client.operate_ordered(
        key,
        [
            hlls.hll_add("o", ["c", "d"], 12),
            hlls.hll_get_union_count("o", [sketch]),
            hlls.hll_get_intersect_count("o", [sketch]),
            hlls.hll_get_similarity("o", [sketch]),
            hlls.hll_get_union("o", [sketch]),
            hlls.hll_set_union("o", [sketch]),
            hlls.hll_get_count("o"),
            hlls.hll_fold("o", 8),
            hlls.hll_describe("o"),
        ],
    ).ordered_bins
    values = [value for _, value in answers]
    assert values[:3] == [2, 4, 1]
    assert values[3] == pytest.approx(0.25, abs=0.1)
    assert type(values[4]) is HyperLogLog
    assert values[5:] == [None, 4, None, [8, 0]]


def test_path_operations(client: Any, key: Any) -> None:
    client.put(key, {"m": {"a": {"n": 1}, "b": {"n": 5}, "c": {"n": 9}}, "l": [1, 2, 3]})
    above_2 = contexts.all_children_with_filter(
        exp.gt(exp.loop_var(exp.Type.INT, exp.LOOP_VALUE), 2)
    )
    every = contexts.all_children()
    plus_1 = exp.add(exp.loop_var(exp.Type.INT, exp.LOOP_VALUE), 1)
    answers = client.operate_ordered(
        key,
        [
            select_by_path("m", [every, above_2], PathSelect.VALUE),
            select_by_path("m", [every, above_2], PathSelect.MATCHING_TREE),
            modify_by_path("l", [every], plus_1),
            modify_by_path("m", [every, above_2], exp.remove_result()),
            operations.read("l"),
            operations.read("m"),
        ],
    ).ordered_bins
    values = [value for _, value in answers if value is not None]
    assert values == [
        [5, 9],
        {"a": {}, "b": {"n": 5}, "c": {"n": 9}},
        [2, 3, 4],
        {"a": {"n": 1}, "b": {}, "c": {}},
    ]


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        (exp.eq(exp.list_size("l"), 3), True),
        (exp.gt(exp.list_get_by_rank("l", -1), 3), False),
        (exp.eq(exp.list_get_by_value_range("l", 2, None, COUNT), 2), True),
        (exp.eq(exp.list_append("l", 4), [1, 2, 3, 4]), True),
        (exp.eq(exp.map_get_by_key("m", "k", type=exp.Type.STRING), "v"), True),
        (exp.eq(exp.map_size(exp.map_put("m", "z", 1)), 3), True),
        (exp.eq(exp.list_size("m", ctx=[contexts.map_key("in")]), 1), True),
        (exp.eq(exp.bit_count("b", 0, 8), 2), True),
        (exp.in_list(2, exp.list_bin("l")), True),
        (exp.eq(exp.list_size(exp.list_append_items("l", [7, 8])), 5), True),
    ],
)
def test_commands_in_filters(client: Any, key: Any, filter: Any, passes: bool) -> None:
    client.put(key, {"l": [1, 2, 3], "m": {"k": "v", "in": [1]}, "b": b"\x03"})
    policy = {"filter": filter}
    if passes:
        assert client.get(key, policy).bins["l"] == [1, 2, 3]
    else:
        with pytest.raises(FilteredOut):
            client.get(key, policy)


@pytest.mark.parametrize(
    ("ops", "error", "code"),
    [
        ([lists.list_append("s", 1)], BinTypeError, 12),
        ([lists.list_get("l", 9)], OpNotApplicable, 26),
        ([lists.list_append("l", 1, {"flags": 1})], ElementExists, 24),
        ([maps.map_put("m", "k", 1, {"flags": 1})], ElementExists, 24),
        ([maps.map_put("l", "k", 1)], BinTypeError, 12),
        ([bits.bit_set("l", 0, 8, b"a")], BinTypeError, 12),
        ([hlls.hll_add("none", ["a"])], OpNotApplicable, 26),
        ([lists.list_size("l" * 16)], BinNameError, None),
        ([expression_write("x", exp.unknown())], OpNotApplicable, 26),
        ([], ParameterError, -2),
    ],
)
def test_refused(client: Any, key: Any, ops: Any, error: type[Error], code: int | None) -> None:
    client.put(key, {"s": "text", "l": [1], "m": {"k": 1}})
    with pytest.raises(error) as caught:
        client.operate(key, ops)
    assert code is None or caught.value.result_code == code
    assert client.get(key).bins == {"s": "text", "l": [1], "m": {"k": 1}}


def test_values_that_no_map_holds(client: Any, key: Any) -> None:
    with pytest.raises(DataError):
        client.put(key, {"b": {"x": object()}})
    with pytest.raises(DataError, match="64 bits"):
        client.put(key, {"b": 1 << 63})
