"""The node through aerospike-py, a client in Rust that shares no code with the official one."""

from __future__ import annotations

import math
import time
from typing import Any

import aerospike_py as aero
import pytest
from aerospike_py import exp, predicates

from tests.interop.conftest import Key, code_of, wait_for_rust_index

VALUES: list[Any] = [
    0,
    -1,
    2**63 - 1,
    -(2**63),
    1.5,
    math.inf,
    "",
    "Zürich 東京 🛫",
    "x" * 70_000,
    b"",
    b"\x00\xff",
    True,
    False,
    [],
    [1, "x", b"y", None, True, 1.5, [[]], {"a": [1]}],
    list(range(5000)),
    {},
    {"a": 1, 1: "b", "c": {"d": [None, b"e"]}},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__}-{str(v)[:12]}")
def test_a_value_comes_back(rust: Any, key: Key, value: Any) -> None:
    rust.put(key, {"v": value})
    bins = rust.get(key).bins
    assert bins == {"v": value}
    assert type(bins["v"]) is type(value)


def test_both_clients_see_the_same(rust: Any, official: Any, key: Key) -> None:
    bins = {f"b{number}": value for number, value in enumerate(VALUES)}
    rust.put(key, bins)
    assert official.get(key)[2] == bins
    official.put(key, bins)
    assert rust.get(key).bins == bins


@pytest.mark.parametrize("user_key", ["k", "", 7, -(2**63), b"\x00k"])
def test_keys(rust: Any, namespace: str, fresh_set: str, user_key: Any) -> None:
    key = (namespace, fresh_set, user_key)
    rust.put(key, {"v": 1}, policy={"key": aero.POLICY_KEY_SEND})
    assert rust.get(key).bins == {"v": 1}
    (found,) = rust.query(namespace, fresh_set).results()
    assert found.key.user_key == user_key


def test_metadata(rust: Any, key: Key) -> None:
    assert rust.exists(key).meta is None
    rust.put(key, {"a": 1}, meta={"ttl": 100})
    rust.put(key, {"b": 2}, meta={"ttl": 700})
    meta = rust.exists(key).meta
    assert meta.gen == 2
    assert 690 <= meta.ttl <= 700
    rust.touch(key, 50)
    assert 45 <= rust.get(key).meta.ttl <= 50
    rust.put(key, {"b": 2}, meta={"ttl": aero.TTL_NEVER_EXPIRE})
    assert rust.get(key).meta.ttl in (2**32 - 1, aero.TTL_NEVER_EXPIRE)


#: (policy, is the record there, result code, bins afterwards)
EXISTS = [
    (aero.POLICY_EXISTS_IGNORE, True, 0, {"a": 1, "b": 2}),
    (aero.POLICY_EXISTS_UPDATE_ONLY, True, 0, {"a": 1, "b": 2}),
    (aero.POLICY_EXISTS_UPDATE_ONLY, False, 2, None),
    (aero.POLICY_EXISTS_REPLACE, True, 0, {"b": 2}),
    (aero.POLICY_EXISTS_REPLACE, False, 0, {"b": 2}),
    (aero.POLICY_EXISTS_REPLACE_ONLY, True, 0, {"b": 2}),
    (aero.POLICY_EXISTS_REPLACE_ONLY, False, 2, None),
    (aero.POLICY_EXISTS_CREATE_ONLY, True, 5, {"a": 1}),
    (aero.POLICY_EXISTS_CREATE_ONLY, False, 0, {"b": 2}),
]


@pytest.mark.parametrize(("policy", "there", "code", "after"), EXISTS)
def test_exists_policies(
    rust: Any, key: Key, policy: int, there: bool, code: int, after: Any
) -> None:
    if there:
        rust.put(key, {"a": 1})
    assert code_of(rust.put, key, {"b": 2}, policy={"exists": policy}) == code
    if after is None:
        assert code_of(rust.get, key) == 2
    else:
        assert rust.get(key).bins == after


@pytest.mark.parametrize(
    ("policy", "sent", "code"),
    [
        (aero.POLICY_GEN_EQ, 1, 0),
        (aero.POLICY_GEN_EQ, 2, 3),
        (aero.POLICY_GEN_GT, 1, 3),
        (aero.POLICY_GEN_GT, 2, 0),
    ],
)
def test_generation_policies(rust: Any, key: Key, policy: int, sent: int, code: int) -> None:
    rust.put(key, {"a": 1})
    assert code_of(rust.put, key, {"a": 2}, {"gen": sent}, {"gen": policy}) == code


def test_errors(rust: Any, key: Key) -> None:
    for command in (rust.get, rust.remove, rust.touch):
        assert code_of(command, key) == 2
    rust.put(key, {"s": "a"})
    assert code_of(rust.increment, key, "s", 1) == 12
    unequal = exp.gt(exp.string_bin("s"), exp.string_val("b"))
    assert code_of(rust.get, key, {"filter_expression": unequal}) == 27


def test_changes(rust: Any, key: Key) -> None:
    rust.append(key, "s", "b")
    rust.prepend(key, "s", "a")
    rust.increment(key, "n", 5)
    rust.increment(key, "n", -7)
    rust.put(key, {"gone": 1})
    rust.remove_bin(key, ["gone"])
    assert rust.get(key).bins == {"s": "ab", "n": -2}
    assert rust.select(key, ["n", "none"]).bins == {"n": -2}
    rust.remove(key)
    assert code_of(rust.get, key) == 2


def operation(op: int, bin: str, value: Any = None) -> dict[str, Any]:
    return {"op": op, "bin": bin, "val": value}


def test_operate(rust: Any, key: Key) -> None:
    rust.put(key, {"n": 1, "s": "a"})
    ops = [
        operation(aero.OPERATOR_READ, "s"),
        operation(aero.OPERATOR_INCR, "n", 4),
        operation(aero.OPERATOR_APPEND, "s", "b"),
        operation(aero.OPERATOR_READ, "n"),
        operation(aero.OPERATOR_WRITE, "w", [1, {"x": 2}]),
    ]
    record = rust.operate(key, ops)
    assert record.meta.gen == 2
    assert record.bins == {"s": "a", "n": 5}
    assert rust.get(key).bins == {"n": 5, "s": "ab", "w": [1, {"x": 2}]}


def test_batches(rust: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(300)]
    writes = rust.batch_write([(key, {"n": key[2], "s": "a"}) for key in keys[:200]])
    assert {found.result for found in writes.batch_records} == {0}
    reads = rust.batch_read(keys)
    assert [found.result for found in reads.batch_records] == [0] * 200 + [2] * 100
    assert reads.to_list()[:200] == [{"n": number, "s": "a"} for number in range(200)]
    assert rust.batch_read(keys[:5], ["n"]).to_list() == [{"n": number} for number in range(5)]
    changed = rust.batch_operate(keys[198:202], [operation(aero.OPERATOR_INCR, "n", 1000)])
    assert [found.result for found in changed.batch_records] == [0] * 4
    assert rust.batch_read(keys[198:202], ["n"]).to_list() == [
        {"n": 1198},
        {"n": 1199},
        {"n": 1000},
        {"n": 1000},
    ]
    removed = rust.batch_remove(keys[195:205])
    assert [found.result for found in removed.batch_records] == [0] * 7 + [2] * 3


def test_a_batch_of_1500(rust: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, str(number)) for number in range(1500)]
    rust.batch_write([(key, {"n": number}) for number, key in enumerate(keys)])
    assert rust.batch_read(keys).to_list() == [{"n": number} for number in range(1500)]


def test_a_batch_with_a_filter(rust: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(4)]
    rust.batch_write([(key, {"n": key[2]}) for key in keys[:3]])
    policy = {"filter_expression": exp.ge(exp.int_bin("n"), exp.int_val(1))}
    found = rust.batch_read(keys, policy=policy)
    assert [record.result for record in found.batch_records] == [27, 0, 0, 2]


@pytest.fixture(scope="module")
def table(rust: Any, namespace: str, module_set: str) -> tuple[str, str]:
    rust.batch_write(
        [
            (
                (namespace, module_set, number),
                {"n": number, "s": f"s{number % 5}", "l": [number, number + 1]},
                {"key": aero.POLICY_KEY_SEND},
            )
            for number in range(200)
        ]
    )
    return namespace, module_set


def numbers(records: list[Any]) -> list[int]:
    return sorted(record.bins["n"] for record in records)


def test_every_record_comes_once(rust: Any, table: tuple[str, str]) -> None:
    assert numbers(rust.query(*table).results()) == list(range(200))


def test_projection_and_filter(rust: Any, table: tuple[str, str]) -> None:
    query = rust.query(*table)
    query.select("n")
    low = exp.and_(
        exp.lt(exp.int_bin("n"), exp.int_val(20)),
        exp.eq(exp.string_bin("s"), exp.string_val("s3")),
    )
    records = query.results({"filter_expression": low})
    assert [record.bins for record in sorted(records, key=lambda r: r.bins["n"])] == [
        {"n": 3},
        {"n": 8},
        {"n": 13},
        {"n": 18},
    ]


def test_partitions(rust: Any, table: tuple[str, str]) -> None:
    found: list[int] = []
    for begin in range(0, 4096, 1024):
        part = aero.partition_filter_by_range(begin, 1024)
        found += numbers(rust.query(*table).results({"partition_filter": part}))
    assert sorted(found) == list(range(200))


def test_max_records(rust: Any, table: tuple[str, str]) -> None:
    assert len(set(numbers(rust.query(*table).results({"max_records": 17})))) == 17


def test_stopping_early(rust: Any, table: tuple[str, str]) -> None:
    found: list[Any] = []

    def take_five(record: Any) -> bool:
        found.append(record)
        return len(found) < 5

    rust.query(*table).foreach(take_five)
    assert len(found) == 5


def test_indexes(rust: Any, table: tuple[str, str]) -> None:
    namespace, set_name = table
    name = f"{set_name}_rust"
    rust.index_integer_create(namespace, set_name, "n", f"{name}n")
    rust.index_string_create(namespace, set_name, "s", f"{name}s")
    try:
        for suffix in "ns":
            wait_for_rust_index(rust, namespace, f"{name}{suffix}")
        cases = [
            (predicates.between("n", 10, 19), list(range(10, 20))),
            (predicates.equals("n", 5), [5]),
            (predicates.equals("s", "s1"), list(range(1, 200, 5))),
            (predicates.equals("s", "none"), []),
        ]
        for predicate, expected in cases:
            query = rust.query(*table)
            query.where(predicate)
            assert numbers(query.results()) == expected
        missing = rust.query(*table)
        missing.where(predicates.equals("other", 1))
        assert code_of(missing.results) == 201
    finally:
        for suffix in "ns":
            rust.index_remove(namespace, f"{name}{suffix}")


#: Expressions over the table, with what passes.
EXPRESSIONS = [
    (exp.eq(exp.int_bin("n"), exp.int_val(7)), [7]),
    (exp.not_(exp.gt(exp.int_bin("n"), exp.int_val(2))), [0, 1, 2]),
    (exp.or_(exp.eq(exp.int_bin("n"), exp.int_val(1)), exp.bin_exists("none")), [1]),
    (exp.eq(exp.num_mod(exp.int_bin("n"), exp.int_val(50)), exp.int_val(3)), [3, 53, 103, 153]),
    (exp.eq(exp.num_add(exp.int_bin("n"), exp.int_val(1)), exp.int_val(11)), [10]),
    (exp.regex_compare("^s[34]$", aero.REGEX_EXTENDED, exp.string_bin("s")), None),
    (exp.lt(exp.key(exp.EXP_TYPE_INT), exp.int_val(3)), [0, 1, 2]),
    (exp.not_(exp.key_exists()), []),
    (exp.eq(exp.list_bin("l"), exp.list_val([4, 5])), [4]),
    (
        exp.eq(
            exp.cond(
                exp.lt(exp.int_bin("n"), exp.int_val(2)), exp.string_val("low"), exp.string_bin("s")
            ),
            exp.string_val("low"),
        ),
        [0, 1],
    ),
    (
        exp.let_(
            exp.def_("x", exp.num_mul(exp.int_bin("n"), exp.int_val(2))),
            exp.eq(exp.var("x"), exp.int_val(8)),
        ),
        [4],
    ),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_expressions(rust: Any, table: tuple[str, str], expression: Any, expected: Any) -> None:
    found = numbers(rust.query(*table).results({"filter_expression": expression}))
    if expected is None:
        expected = [number for number in range(200) if number % 5 in (3, 4)]
    assert found == expected


def test_truncate(rust: Any, key: Key) -> None:
    rust.put(key, {"a": 1})
    time.sleep(0.005)
    rust.truncate(key[0], key[1])
    assert code_of(rust.get, key) == 2


def test_info(rust: Any, namespace: str) -> None:
    (answer,) = rust.info_all("namespaces")
    assert answer.error_code == 0
    assert namespace in answer.response.split(";")
    assert rust.ping()
    assert rust.get_node_names() == [answer.node_name]


def test_a_namespace_that_no_node_has(rust: Any, fresh_set: str) -> None:
    quick = {"max_retries": 0, "total_timeout": 300}
    assert code_of(rust.get, ("t_nope", fresh_set, "k"), quick) != 0
