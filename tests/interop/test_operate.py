"""Several operations on one record in one command, through the official client."""

from __future__ import annotations

from typing import Any

import aerospike
import pytest
from aerospike_helpers import expressions as exp
from aerospike_helpers.operations import expression_operations, operations
from aerospike_helpers.operations.operations import (
    append,
    delete,
    increment,
    prepend,
    read,
    touch,
    write,
)

from tests.interop.conftest import Key, code_of, touch_for

RECORD = {"i": 1, "s": "m", "f": 1.5}
GONE = None
UNCHANGED = RECORD

#: (operations, is the record there, result code, ordered results, bins afterwards)
CASES: list[tuple[list[Any], bool, int, list[tuple[str, Any]] | None, Any]] = [
    ([read("i")], True, 0, [("i", 1)], UNCHANGED),
    ([read("i")], False, 2, None, GONE),
    ([read("none")], True, 0, [], UNCHANGED),
    ([read("i"), read("s")], True, 0, [("i", 1), ("s", "m")], UNCHANGED),
    ([read("s"), read("i")], True, 0, [("s", "m"), ("i", 1)], UNCHANGED),
    ([read("i"), read("i")], True, 0, [("i", 1), ("i", 1)], UNCHANGED),
    ([read("none"), read("i")], True, 0, [("i", 1)], UNCHANGED),
    ([write("i", 5)], True, 0, [], {**RECORD, "i": 5}),
    ([write("i", 5)], False, 0, [], {"i": 5}),
    ([write("i", 5), read("i")], True, 0, [("i", 5)], {**RECORD, "i": 5}),
    ([write("i", 5), read("i")], False, 0, [("i", 5)], {"i": 5}),
    ([read("i"), write("i", 5)], True, 0, [("i", 1)], {**RECORD, "i": 5}),
    ([read("i"), write("i", 5)], False, 0, [], {"i": 5}),
    (
        [read("i"), write("i", 5), read("i")],
        True,
        0,
        [("i", 1), ("i", 5)],
        {**RECORD, "i": 5},
    ),
    ([read("i"), write("i", 5), read("i")], False, 0, [("i", 5)], {"i": 5}),
    (
        [increment("i", 1), increment("i", 2), read("i")],
        True,
        0,
        [("i", 4)],
        {**RECORD, "i": 4},
    ),
    ([increment("i", 1), increment("i", 2), read("i")], False, 0, [("i", 3)], {"i": 3}),
    (
        [append("s", "x"), prepend("s", "y"), read("s")],
        True,
        0,
        [("s", "ymx")],
        {**RECORD, "s": "ymx"},
    ),
    ([append("s", "x"), prepend("s", "y"), read("s")], False, 0, [("s", "yx")], {"s": "yx"}),
    ([append("i", "x")], True, 12, None, UNCHANGED),
    ([append("i", "x")], False, 0, [], {"i": "x"}),
    ([write("n", 1), append("i", "x")], True, 12, None, UNCHANGED),
    ([write("n", 1), append("i", "x")], False, 0, [], {"n": 1, "i": "x"}),
    ([write("i", "a"), append("i", "x"), read("i")], True, 0, [("i", "ax")], {**RECORD, "i": "ax"}),
    ([increment("s", 1)], True, 12, None, UNCHANGED),
    ([increment("i", 1.5)], True, 12, None, UNCHANGED),
    ([increment("f", 1.5), read("f")], True, 0, [("f", 3.0)], {**RECORD, "f": 3.0}),
    ([increment("new", 1)], True, 0, [], {**RECORD, "new": 1}),
    ([touch()], True, 0, [], UNCHANGED),
    ([touch()], False, 2, None, GONE),
    ([touch_for(100), read("i")], True, 0, [("i", 1)], UNCHANGED),
    ([touch(), write("i", 2)], True, 0, [], {**RECORD, "i": 2}),
    ([touch(), write("i", 2)], False, 2, None, GONE),
    ([delete()], True, 0, [], GONE),
    ([delete()], False, 2, None, GONE),
    ([read("i"), delete()], True, 0, [("i", 1)], GONE),
    ([delete(), read("i")], True, 0, [], GONE),
    ([delete(), write("z", 1)], True, 0, [], {"z": 1}),
    ([delete(), write("z", 1)], False, 0, [], {"z": 1}),
    ([delete(), write("z", 1), read("z"), read("i")], True, 0, [("z", 1)], {"z": 1}),
    ([write("i", None)], True, 0, [], {"s": "m", "f": 1.5}),
    ([write("i", None)], False, 2, None, GONE),
    ([write("i", None), read("i")], True, 0, [], {"s": "m", "f": 1.5}),
    ([write("i", None), write("s", None), write("f", None)], True, 0, [], GONE),
    ([write("a" * 16, 1)], True, 21, None, UNCHANGED),
    ([write("x", [1, [2]]), read("x")], True, 0, [("x", [1, [2]])], {**RECORD, "x": [1, [2]]}),
    ([write("x", {"a": 1}), read("x")], False, 0, [("x", {"a": 1})], {"x": {"a": 1}}),
    ([write("x", True), read("x")], False, 0, [("x", True)], {"x": True}),
    ([write("x", b"\x00"), read("x")], False, 0, [("x", b"\x00")], {"x": b"\x00"}),
    ([write("x", 2.5), read("x")], False, 0, [("x", 2.5)], {"x": 2.5}),
]


def put_if(client: Any, key: Key, there: bool) -> None:
    if there:
        client.put(key, RECORD)


def bins_after(client: Any, key: Key) -> Any:
    return GONE if code_of(client.get, key) == 2 else client.get(key)[2]


def name(value: Any) -> str | None:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "+".join(f"{op['op']}_{str(op.get('bin'))[:5]}" for op in value)
    return None


@pytest.mark.parametrize(("ops", "there", "code", "results", "after"), CASES, ids=name)
def test_operate_ordered(
    official: Any, key: Key, ops: list[Any], there: bool, code: int, results: Any, after: Any
) -> None:
    put_if(official, key, there)
    if code:
        assert code_of(official.operate_ordered, key, ops) == code
    else:
        assert official.operate_ordered(key, ops)[2] == results
    assert bins_after(official, key) == after


@pytest.mark.parametrize(("ops", "there", "code", "results", "after"), CASES, ids=name)
def test_operate(
    official: Any, key: Key, ops: list[Any], there: bool, code: int, results: Any, after: Any
) -> None:
    put_if(official, key, there)
    if code:
        assert code_of(official.operate, key, ops) == code
    else:
        assert official.operate(key, ops)[2] == dict(results)
    assert bins_after(official, key) == after


def plus(bin: str, number: int) -> Any:
    return exp.Add(exp.IntBin(bin), number).compile()


expression_read = expression_operations.expression_read
expression_write = expression_operations.expression_write

#: As CASES, with operations that evaluate an expression.
EXPRESSIONS: list[tuple[list[Any], bool, int, list[tuple[str, Any]] | None, Any]] = [
    ([expression_read("e", plus("i", 1))], True, 0, [("e", 2)], UNCHANGED),
    ([expression_read("e", plus("i", 1))], False, 2, None, GONE),
    ([expression_read("e", plus("none", 1))], True, 26, None, UNCHANGED),
    (
        [expression_read("e", plus("none", 1), aerospike.EXP_READ_EVAL_NO_FAIL)],
        True,
        0,
        [("e", None)],
        UNCHANGED,
    ),
    (
        [expression_write("i", plus("i", 1)), read("i")],
        True,
        0,
        [("i", None), ("i", 2)],
        {**RECORD, "i": 2},
    ),
    ([expression_write("i", plus("i", 1)), read("i")], False, 26, None, GONE),
    ([expression_write("new", plus("i", 1))], True, 0, [("new", None)], {**RECORD, "new": 2}),
    (
        [expression_write("new", plus("i", 1), aerospike.EXP_WRITE_UPDATE_ONLY)],
        True,
        17,
        None,
        UNCHANGED,
    ),
    (
        [expression_write("i", plus("i", 1), aerospike.EXP_WRITE_CREATE_ONLY)],
        True,
        6,
        None,
        UNCHANGED,
    ),
    (
        [
            expression_write(
                "i",
                plus("i", 1),
                aerospike.EXP_WRITE_CREATE_ONLY | aerospike.EXP_WRITE_POLICY_NO_FAIL,
            ),
        ],
        True,
        0,
        [("i", None)],
        UNCHANGED,
    ),
    (
        [expression_write("i", plus("none", 1), aerospike.EXP_WRITE_EVAL_NO_FAIL)],
        True,
        0,
        [("i", None)],
        UNCHANGED,
    ),
]


@pytest.mark.parametrize(("ops", "there", "code", "results", "after"), EXPRESSIONS)
def test_expression_operations(
    official: Any, key: Key, ops: list[Any], there: bool, code: int, results: Any, after: Any
) -> None:
    put_if(official, key, there)
    if code:
        assert code_of(official.operate_ordered, key, ops) == code
    else:
        assert official.operate_ordered(key, ops)[2] == results
    assert bins_after(official, key) == after


#: (expression, its value on VALUE_RECORD, or the result code that refuses it)
READ_VALUES: list[tuple[Any, Any]] = [
    (exp.IntBin("i"), 1),
    (exp.StrBin("s"), "m"),
    (exp.FloatBin("f"), 1.5),
    (exp.BlobBin("b"), b"\x01\xff"),
    (exp.BoolBin("t"), True),
    (exp.ListBin("l"), [1, "x", [b"y"], None]),
    (exp.MapBin("m"), {"a": 1, 2: [3]}),
    (exp.Val("text"), "text"),
    (exp.Val(-(2**63)), -(2**63)),
    (exp.Val([1, ["a"]]), [1, ["a"]]),
    (exp.Val({"k": b"v"}), {"k": b"v"}),
    (exp.GT(exp.IntBin("i"), 0), True),
    (exp.Add(exp.IntBin("i"), 2**63 - 1), -(2**63)),
    (exp.Div(exp.FloatBin("f"), 0.0), float("inf")),
    (exp.Cond(exp.BinExists("i"), "there", "not"), "there"),
    (exp.SetName(), "SET"),
    (exp.BinType("l"), 20),
    (exp.KeyStr(), 26),
    (exp.IntBin("none"), 26),
    (exp.IntBin("s"), 26),
    (exp.Unknown(), 26),
    (exp.Div(exp.IntBin("i"), 0), 26),
    (exp.Eq(exp.IntBin("i"), "x"), 4),
]
VALUE_RECORD = {
    **RECORD,
    "b": b"\x01\xff",
    "t": True,
    "l": [1, "x", [b"y"], None],
    "m": {"a": 1, 2: [3]},
}


@pytest.mark.parametrize(("expression", "value"), READ_VALUES)
@pytest.mark.parametrize("store", [False, True], ids=["read", "write"])
def test_expressions_give_values_of_every_type(
    official: Any, key: Key, expression: Any, value: Any, store: bool
) -> None:
    official.put(key, VALUE_RECORD)
    compiled = expression.compile()
    ops = (
        [expression_write("e", compiled), read("e")] if store else [expression_read("e", compiled)]
    )
    if value in (4, 26):
        assert code_of(official.operate, key, ops) == value
        assert official.get(key)[2] == VALUE_RECORD
        return
    found = official.operate(key, ops)[2]["e"]
    expected = key[1] if value == "SET" else value
    assert found == expected
    assert type(found) is type(expected)


def test_a_write_of_several_bins_moves_the_generation_once(official: Any, key: Key) -> None:
    official.put(key, RECORD)
    _, meta, _ = official.operate(key, [write(f"b{n}", n) for n in range(20)])
    assert meta["gen"] == 2
    _, meta, _ = official.operate(key, [read("i")])
    assert meta["gen"] == 2


def test_operate_sets_the_ttl(official: Any, key: Key) -> None:
    official.operate(key, [write("i", 1)], policy={"ttl": 100})
    assert 95 <= official.get(key)[1]["ttl"] <= 100
    official.operate(key, [touch_for(700)])
    assert 695 <= official.get(key)[1]["ttl"] <= 700


@pytest.mark.parametrize(
    ("policy", "there", "code"),
    [
        ({"exists": aerospike.POLICY_EXISTS_CREATE}, True, 5),
        ({"exists": aerospike.POLICY_EXISTS_CREATE}, False, 0),
        ({"exists": aerospike.POLICY_EXISTS_UPDATE}, False, 2),
        ({"exists": aerospike.POLICY_EXISTS_UPDATE}, True, 0),
        ({"exists": aerospike.POLICY_EXISTS_REPLACE}, False, 2),
        ({"exists": aerospike.POLICY_EXISTS_REPLACE}, True, 0),
        ({"gen": aerospike.POLICY_GEN_EQ}, True, 3),
    ],
)
def test_policies(official: Any, key: Key, policy: Any, there: bool, code: int) -> None:
    put_if(official, key, there)
    ops = [write("i", 5)]
    assert code_of(official.operate, key, ops, {"gen": 9}, policy) == code


@pytest.mark.parametrize("op", [append("s", "x"), increment("i", 1), delete(), touch()])
def test_replace_allows_only_whole_writes(official: Any, key: Key, op: Any) -> None:
    official.put(key, RECORD)
    replace = {"exists": aerospike.POLICY_EXISTS_REPLACE}
    assert code_of(official.operate, key, [op], policy=replace) == 4
    assert code_of(official.operate, key, [write("i", 1), op], policy=replace) == 4
    assert official.get(key)[2] == RECORD


def test_a_filter_holds_back_the_whole_command(official: Any, key: Key) -> None:
    official.put(key, RECORD)
    policy = {"expressions": exp.GT(exp.IntBin("i"), 5).compile()}
    ops = [operations.increment("i", 1), operations.read("i")]
    assert code_of(official.operate, key, ops, policy=policy) == 27
    assert official.get(key)[2] == RECORD


@pytest.mark.parametrize("command", ["get", "exists", "remove", "touch"])
def test_a_filter_on_each_command(official: Any, key: Key, command: str) -> None:
    official.put(key, RECORD)
    no = {"expressions": exp.Eq(exp.StrBin("s"), "other").compile()}
    yes = {"expressions": exp.Eq(exp.StrBin("s"), "m").compile()}
    run = getattr(official, command)
    assert code_of(run, key, policy=no) == 27
    assert code_of(run, key, policy=yes) == 0
    assert code_of(run, (*key[:2], "missing"), policy=no) == (0 if command == "exists" else 2)


def test_a_filter_does_not_hold_back_a_first_write(official: Any, key: Key) -> None:
    no = {"expressions": exp.Eq(exp.StrBin("s"), "other").compile()}
    assert code_of(official.put, key, RECORD, policy=no) == 0
    assert code_of(official.put, key, {"s": "x"}, policy=no) == 27
    assert official.get(key)[2] == RECORD
