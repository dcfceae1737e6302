"""Batches of reads, writes, operations and removals, through the official client."""

from __future__ import annotations

from typing import Any, NamedTuple

import aerospike
import pytest
from aerospike_helpers import expressions as exp
from aerospike_helpers.batch import records as batch
from aerospike_helpers.operations import operations as op

from tests.interop.conftest import Key, code_of, touch_for

#: A batch whose records failed for more than absence or a filter.
FAILED = -16


class Found(NamedTuple):
    """One key's part of a batch's answer."""

    result: int
    generation: int | None = None
    bins: Any = None


def answers(records: Any) -> list[Found]:
    found = []
    for record in records.batch_records:
        if record.record is None:
            found.append(Found(record.result))
            continue
        _, meta, *bins = record.record
        found.append(Found(record.result, meta["gen"], bins[0] if bins else None))
    return found


@pytest.fixture
def keys(official: Any, namespace: str, fresh_set: str) -> list[Key]:
    """Six keys; the first four have records {i: 0, s: "s0"} and so on."""
    keys = [(namespace, fresh_set, f"b{number}") for number in range(6)]
    for number, key in enumerate(keys[:4]):
        official.put(key, {"i": number, "s": f"s{number}"})
    return keys


AT_LEAST_2 = exp.GE(exp.IntBin("i"), 2).compile()
MISSING = Found(2)
FILTERED = Found(27)


def test_read_all_bins(official: Any, keys: list[Key]) -> None:
    records = official.batch_read(keys)
    assert records.result == 0
    whole = [Found(0, 1, {"i": n, "s": f"s{n}"}) for n in range(4)]
    assert answers(records) == [*whole, MISSING, MISSING]


def test_read_some_bins(official: Any, keys: list[Key]) -> None:
    records = official.batch_read(keys, ["i", "none"])
    assert answers(records) == [*(Found(0, 1, {"i": n}) for n in range(4)), MISSING, MISSING]


def test_read_no_bins(official: Any, keys: list[Key]) -> None:
    records = official.batch_read(keys, [])
    assert answers(records) == [*(Found(0, 1) for _ in range(4)), MISSING, MISSING]


@pytest.mark.parametrize("respond_all", [True, False])
def test_read_with_a_filter(official: Any, keys: list[Key], respond_all: bool) -> None:
    policy = {"expressions": AT_LEAST_2, "respond_all_keys": respond_all}
    records = official.batch_read(keys, None, policy)
    assert answers(records) == [
        FILTERED,
        FILTERED,
        Found(0, 1, {"i": 2, "s": "s2"}),
        Found(0, 1, {"i": 3, "s": "s3"}),
        MISSING,
        MISSING,
    ]


def test_the_same_key_twice(official: Any, keys: list[Key]) -> None:
    records = official.batch_read([keys[0], keys[5], keys[0]], ["i"])
    assert answers(records) == [Found(0, 1, {"i": 0}), MISSING, Found(0, 1, {"i": 0})]


def test_keys_of_several_sets(official: Any, keys: list[Key], namespace: str) -> None:
    others = [(namespace, None, "t_batch"), (namespace, f"{keys[0][1]}b", "x")]
    for number, key in enumerate(others):
        official.put(key, {"v": number})
    try:
        records = official.batch_read([keys[0], others[0], others[1], keys[1]])
        assert [found.bins for found in answers(records)] == [
            {"i": 0, "s": "s0"},
            {"v": 0},
            {"v": 1},
            {"i": 1, "s": "s1"},
        ]
    finally:
        official.batch_remove(others)


def test_operate(official: Any, keys: list[Key]) -> None:
    records = official.batch_operate(keys, [op.increment("i", 10), op.read("i")])
    assert records.result == 0
    assert answers(records) == [
        *(Found(0, 2, {"i": 10 + n}) for n in range(4)),
        Found(0, 1, {"i": 10}),
        Found(0, 1, {"i": 10}),
    ]


@pytest.mark.parametrize("per_record", [True, False])
def test_operate_with_a_filter(official: Any, keys: list[Key], per_record: bool) -> None:
    policy = {"expressions": AT_LEAST_2}
    policies = (None, policy) if per_record else (policy, None)
    records = official.batch_operate(keys, [op.increment("i", 10), op.read("i")], *policies)
    assert answers(records) == [
        FILTERED,
        FILTERED,
        Found(0, 2, {"i": 12}),
        Found(0, 2, {"i": 13}),
        Found(0, 1, {"i": 10}),
        Found(0, 1, {"i": 10}),
    ]


WRITTEN_OVER = Found(0, 2, {"i": None})
WRITTEN_NEW = Found(0, 1, {"i": None})

#: (exists policy, batch result, answer where there was a record, answer where there was none)
EXISTS = [
    (aerospike.POLICY_EXISTS_IGNORE, 0, WRITTEN_OVER, WRITTEN_NEW),
    (aerospike.POLICY_EXISTS_CREATE, FAILED, Found(5), WRITTEN_NEW),
    (aerospike.POLICY_EXISTS_CREATE_OR_REPLACE, 0, WRITTEN_OVER, WRITTEN_NEW),
    (aerospike.POLICY_EXISTS_REPLACE, 0, WRITTEN_OVER, MISSING),
    (aerospike.POLICY_EXISTS_UPDATE, 0, WRITTEN_OVER, MISSING),
]


@pytest.mark.parametrize(("exists", "result", "there", "new"), EXISTS)
def test_exists_policies(
    official: Any, keys: list[Key], exists: int, result: int, there: Found, new: Found
) -> None:
    records = official.batch_operate(keys, [op.write("i", 7)], None, {"exists": exists})
    assert records.result == result
    assert answers(records) == [there] * 4 + [new] * 2
    replaced = exists in (
        aerospike.POLICY_EXISTS_CREATE_OR_REPLACE,
        aerospike.POLICY_EXISTS_REPLACE,
    )
    assert ("s" in official.get(keys[0])[2]) is not replaced


def test_a_wrong_type_fails_its_record_alone(official: Any, keys: list[Key]) -> None:
    records = official.batch_operate(keys, [op.append("i", "x")])
    assert records.result == FAILED
    assert answers(records) == [Found(12)] * 4 + [WRITTEN_NEW] * 2


REMOVED = Found(0, 0, {})


def test_remove(official: Any, keys: list[Key]) -> None:
    records = official.batch_remove(keys)
    assert records.result == 0
    assert answers(records) == [REMOVED] * 4 + [MISSING] * 2
    assert answers(official.batch_read(keys)) == [MISSING] * 6


@pytest.mark.parametrize(("generation", "answer"), [(1, REMOVED), (2, Found(3))])
def test_remove_by_generation(
    official: Any, keys: list[Key], generation: int, answer: Found
) -> None:
    policy = {"gen": aerospike.POLICY_GEN_EQ, "generation": generation}
    records = official.batch_remove(keys, None, policy)
    assert answers(records) == [answer] * 4 + [MISSING] * 2


def test_a_mixed_batch(official: Any, namespace: str, fresh_set: str) -> None:
    def key(number: int) -> Key:
        return namespace, fresh_set, number

    for number in range(10):
        official.put(key(number), {"i": number, "s": "m"})
    equal = {"gen": aerospike.POLICY_GEN_EQ}
    create = {"exists": aerospike.POLICY_EXISTS_CREATE}
    only_2 = {"expressions": AT_LEAST_2}
    sends = {"ttl": 100, "key": aerospike.POLICY_KEY_SEND}
    cases = [
        (batch.Read(key(0), None, read_all_bins=True), Found(0, 1, {"i": 0, "s": "m"})),
        (batch.Read(key(1), [op.read("i")]), Found(0, 1, {"i": 1})),
        (batch.Read(key(90), None, read_all_bins=True), MISSING),
        (batch.Write(key(2), [op.write("n", 1), op.read("n")]), Found(0, 2, {"n": 1})),
        (batch.Write(key(91), [op.write("n", 1)], policy=sends), Found(0, 1, {"n": None})),
        (batch.Remove(key(3)), REMOVED),
        (batch.Remove(key(92)), MISSING),
        (batch.Write(key(4), [op.append("i", "x")]), Found(12)),
        (batch.Write(key(5), [op.write("z", 1)], meta={"gen": 7}, policy=equal), Found(3)),
        (batch.Write(key(6), [op.write("z", 1)], policy=create), Found(5)),
        (batch.Read(key(0), [op.read("i")], policy=only_2), FILTERED),
        (batch.Write(key(1), [op.write("i", 9)], policy=only_2), FILTERED),
        (batch.Read(key(7), None), Found(0, 1, {})),
        (batch.Write(key(8), [touch_for(50), op.read("s")]), Found(0, 2, {"s": "m"})),
        (batch.Write(key(9), [op.delete()]), Found(0, 0, {"": None})),
        (batch.Write(key(93), [op.touch()]), MISSING),
        (batch.Write(key(94), [op.write("i", 1)], policy={"ttl": 400_000_000}), Found(4)),
    ]
    records = official.batch_write(batch.BatchRecords([record for record, _ in cases]))
    assert records.result == FAILED
    assert answers(records) == [answer for _, answer in cases]
    assert 95 <= official.get(key(91))[1]["ttl"] <= 100
    by_key = {found[0][2]: found for found in official.scan(namespace, fresh_set).results()}
    assert 91 in by_key


def test_1500_keys(official: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(1500)]
    records = official.batch_operate(keys, [op.write("i", 1)])
    assert answers(records) == [WRITTEN_NEW] * 1500
    for number in range(0, 1500, 3):
        keys[number] = (namespace, fresh_set, f"missing{number}")
    records = official.batch_read(keys)
    assert answers(records) == [
        Found(2) if n % 3 == 0 else Found(0, 1, {"i": 1}) for n in range(1500)
    ]
    records = official.batch_remove(keys)
    assert answers(records) == [MISSING if n % 3 == 0 else REMOVED for n in range(1500)]


def test_1500_different_writes(official: Any, namespace: str, fresh_set: str) -> None:
    writes = [
        batch.Write((namespace, fresh_set, n), [op.write("i", n), op.write("s", "x" * (n % 50))])
        for n in range(1500)
    ]
    assert official.batch_write(batch.BatchRecords(writes)).result == 0
    reads = [batch.Read((namespace, fresh_set, n), [op.read("i")]) for n in range(1500)]
    records = official.batch_write(batch.BatchRecords(reads))
    assert [found.bins["i"] for found in answers(records)] == list(range(1500))


def test_values_of_every_type(official: Any, keys: list[Key]) -> None:
    bins = {
        "a": -1,
        "b": 1.5,
        "c": "ü",
        "d": b"\x00",
        "e": True,
        "f": [1, [2, {"x": None}]],
        "g": {"a": {"b": [1]}},
    }
    ops = [op.write(name, value) for name, value in bins.items()]
    official.batch_operate(keys, ops)
    assert [found.bins for found in answers(official.batch_read(keys, list(bins)))] == [bins] * 6


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("respond_all", [True, False])
def test_batch_flags(official: Any, keys: list[Key], inline: bool, respond_all: bool) -> None:
    policy = {"allow_inline": inline, "allow_inline_ssd": inline, "respond_all_keys": respond_all}
    found = answers(official.batch_read(keys[2:], ["i"], policy))
    assert found == [Found(0, 1, {"i": 2}), Found(0, 1, {"i": 3}), MISSING, MISSING]


def test_no_keys(official: Any) -> None:
    assert answers(official.batch_read([])) == []


def test_a_bin_name_of_16_bytes(official: Any, keys: list[Key]) -> None:
    write = batch.Write(keys[0], [op.write("a" * 16, 1)])
    assert code_of(official.batch_write, batch.BatchRecords([write])) == 21


def test_an_unknown_namespace_fails_its_record_alone(official: Any, keys: list[Key]) -> None:
    records = official.batch_read([keys[0], ("t_nope", "s", "x"), keys[1]], ["i"])
    assert answers(records) == [Found(0, 1, {"i": 0}), Found(20), Found(0, 1, {"i": 1})]
