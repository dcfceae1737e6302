"""Single-record commands and their policies, through the official client."""

from __future__ import annotations

from typing import Any

import aerospike
import pytest

from tests.interop.conftest import Key, code_of

DEFAULT = aerospike.POLICY_EXISTS_IGNORE
UPDATE = aerospike.POLICY_EXISTS_UPDATE
REPLACE = aerospike.POLICY_EXISTS_REPLACE
CREATE = aerospike.POLICY_EXISTS_CREATE
CREATE_OR_REPLACE = aerospike.POLICY_EXISTS_CREATE_OR_REPLACE

OLD = {"a": 1, "b": 2}
NEW = {"b": 3}
MERGED = {"a": 1, "b": 3}

#: (policy, is the record there before, result code, bins afterwards)
EXISTS = [
    (DEFAULT, False, 0, NEW),
    (DEFAULT, True, 0, MERGED),
    (UPDATE, False, 2, None),
    (UPDATE, True, 0, MERGED),
    (REPLACE, False, 2, None),
    (REPLACE, True, 0, NEW),
    (CREATE, False, 0, NEW),
    (CREATE, True, 5, OLD),
    (CREATE_OR_REPLACE, False, 0, NEW),
    (CREATE_OR_REPLACE, True, 0, NEW),
]


def bins_of(client: Any, key: Key) -> dict[str, Any] | None:
    if code_of(client.get, key) == 2:
        return None
    bins: dict[str, Any] = client.get(key)[2]
    return bins


def meta_of(client: Any, key: Key) -> tuple[int, int]:
    meta = client.get(key)[1]
    return meta["gen"], meta["ttl"]


@pytest.mark.parametrize(("policy", "there", "code", "after"), EXISTS)
def test_exists_policies(
    official: Any, key: Key, policy: int, there: bool, code: int, after: Any
) -> None:
    if there:
        official.put(key, OLD)
    assert code_of(official.put, key, NEW, policy={"exists": policy}) == code
    assert bins_of(official, key) == after


IGNORE, EQ, GT = aerospike.POLICY_GEN_IGNORE, aerospike.POLICY_GEN_EQ, aerospike.POLICY_GEN_GT

#: (policy, the record's generation or 0, generation sent, result code)
GENERATIONS = [
    (IGNORE, 0, 3, 0),
    (IGNORE, 2, 0, 0),
    (EQ, 0, 0, 0),
    (EQ, 0, 1, 3),
    (EQ, 0, 3, 3),
    (EQ, 2, 0, 3),
    (EQ, 2, 1, 3),
    (EQ, 2, 2, 0),
    (EQ, 2, 3, 3),
    (GT, 0, 0, 3),
    (GT, 0, 1, 0),
    (GT, 0, 9, 0),
    (GT, 2, 0, 3),
    (GT, 2, 1, 3),
    (GT, 2, 2, 3),
    (GT, 2, 3, 0),
]


@pytest.mark.parametrize(("policy", "before", "sent", "code"), GENERATIONS)
def test_generation_policies(
    official: Any, key: Key, policy: int, before: int, sent: int, code: int
) -> None:
    for number in range(before):
        official.put(key, {"v": number})
    assert code_of(official.put, key, {"w": 1}, {"gen": sent}, {"gen": policy}) == code
    after = before if code else before + 1
    if after:
        assert meta_of(official, key)[0] == after
    else:
        assert code_of(official.get, key) == 2


@pytest.mark.parametrize(
    ("policy", "sent", "code"), [(EQ, 1, 3), (EQ, 2, 0), (GT, 2, 3), (GT, 3, 0)]
)
def test_remove_checks_the_generation(
    official: Any, key: Key, policy: int, sent: int, code: int
) -> None:
    official.put(key, {"v": 1})
    official.put(key, {"v": 2})
    assert code_of(official.remove, key, {"gen": sent}, {"gen": policy}) == code
    assert code_of(official.get, key) == (0 if code else 2)


@pytest.mark.parametrize("policy", [EQ, GT])
def test_touch_checks_the_generation(official: Any, key: Key, policy: int) -> None:
    official.put(key, {"v": 1})
    assert code_of(official.touch, key, 100, {"gen": 0}, {"gen": policy}) == 3
    assert meta_of(official, key)[0] == 1


def test_the_generation_after_a_remove_is_one(official: Any, key: Key) -> None:
    for number in range(3):
        official.put(key, {"v": number})
    official.remove(key)
    official.put(key, {"v": 1})
    assert meta_of(official, key)[0] == 1


FOREVER = 2**32 - 1
KEEP = -2
DAY = 86_400
#: What `near` accepts as the node's default: whatever a new record gets.
NODE_DEFAULT = None

#: (ttl sent, is a record with 500 s there before, result code, ttl afterwards)
TTLS = [
    (1, False, 0, 1),
    (100, False, 0, 100),
    (100, True, 0, 100),
    (0, False, 0, NODE_DEFAULT),
    (0, True, 0, NODE_DEFAULT),
    (-1, False, 0, FOREVER),
    (-1, True, 0, FOREVER),
    (KEEP, False, 0, NODE_DEFAULT),
    (KEEP, True, 0, 500),
    (-3, False, 4, None),
    (3650 * DAY, False, 0, 3650 * DAY),
    (3650 * DAY, True, 0, 3650 * DAY),
    (3650 * DAY + 1, False, 4, None),
    (3650 * DAY + 1, True, 4, 500),
    (2**31, False, 4, None),
]


def near(found: int, expected: int) -> bool:
    return expected == found or expected - 5 <= found <= expected != FOREVER


@pytest.mark.parametrize(("ttl", "there", "code", "after"), TTLS)
def test_ttl(official: Any, key: Key, ttl: int, there: bool, code: int, after: int | None) -> None:
    if there:
        official.put(key, {"a": 1}, policy={"ttl": 500})
    assert code_of(official.put, key, {"b": 1}, policy={"ttl": ttl}) == code
    if code and not there:
        assert code_of(official.get, key) == 2
        return
    if after is None:
        other = (key[0], key[1], "other")
        official.put(other, {"a": 1})
        after = meta_of(official, other)[1]
    assert near(meta_of(official, key)[1], after)


@pytest.mark.parametrize(
    ("ttl", "after"), [(None, None), (0, None), (77, 77), (-1, FOREVER), (KEEP, 500)]
)
def test_touch(official: Any, key: Key, ttl: int | None, after: int | None) -> None:
    arguments = () if ttl is None else (ttl,)
    assert code_of(official.touch, key, *arguments) == 2
    official.put(key, {"a": 1})
    default = meta_of(official, key)[1]
    official.put(key, {"a": 1}, policy={"ttl": 500})
    official.touch(key, *arguments)
    generation, found = meta_of(official, key)
    assert generation == 3
    assert near(found, default if after is None else after)
    assert official.get(key)[2] == {"a": 1}


def test_keeping_a_record_that_never_expires(official: Any, key: Key) -> None:
    official.put(key, {"a": 1}, policy={"ttl": -1})
    official.put(key, {"a": 2}, policy={"ttl": KEEP})
    assert meta_of(official, key)[1] == FOREVER


#: (command, arguments, result code on a missing record, bins afterwards)
MISSING = [
    ("get", (), 2, None),
    ("select", (["a"],), 2, None),
    ("remove", (), 2, None),
    ("touch", (100,), 2, None),
    ("append", ("s", "x"), 0, {"s": "x"}),
    ("prepend", ("s", "x"), 0, {"s": "x"}),
    ("increment", ("i", 2), 0, {"i": 2}),
    ("remove_bin", (["a"],), 2, None),
    ("put", ({"a": None},), 2, None),
]


@pytest.mark.parametrize(("command", "arguments", "code", "after"), MISSING)
def test_commands_on_a_missing_record(
    official: Any, key: Key, command: str, arguments: tuple[Any, ...], code: int, after: Any
) -> None:
    assert code_of(getattr(official, command), key, *arguments) == code
    assert bins_of(official, key) == after


RECORD = {"i": 1, "f": 1.5, "s": "m", "b": b"m", "t": True, "l": [1], "m": {"a": 1}}

#: (command, bin, argument, result code, value afterwards)
CHANGES: list[tuple[str, str, Any, int, Any]] = [
    ("append", "s", "x", 0, "mx"),
    ("append", "s", "", 0, "m"),
    ("append", "s", "ü", 0, "mü"),
    ("append", "b", b"x", 0, b"mx"),
    ("append", "b", "x", 12, b"m"),
    ("append", "s", b"x", 12, "m"),
    ("append", "i", "x", 12, 1),
    ("append", "f", "x", 12, 1.5),
    ("append", "t", "x", 12, True),
    ("append", "l", "x", 12, [1]),
    ("append", "m", "x", 12, {"a": 1}),
    ("append", "new", "x", 0, "x"),
    ("prepend", "s", "x", 0, "xm"),
    ("prepend", "b", b"x", 0, b"xm"),
    ("prepend", "i", "x", 12, 1),
    ("prepend", "new", b"x", 0, b"x"),
    ("increment", "i", 5, 0, 6),
    ("increment", "i", -5, 0, -4),
    ("increment", "i", 2**63 - 1, 0, -(2**63)),
    ("increment", "i", 1.5, 12, 1),
    ("increment", "f", 2.25, 0, 3.75),
    ("increment", "f", 1, 12, 1.5),
    ("increment", "s", 1, 12, "m"),
    ("increment", "b", 1, 12, b"m"),
    ("increment", "t", 1, 12, True),
    ("increment", "l", 1, 12, [1]),
    ("increment", "new", 7, 0, 7),
    ("increment", "new", 1.5, 0, 1.5),
]


@pytest.mark.parametrize(("command", "bin", "argument", "code", "after"), CHANGES)
def test_append_prepend_increment(
    official: Any, key: Key, command: str, bin: str, argument: Any, code: int, after: Any
) -> None:
    official.put(key, RECORD)
    assert code_of(getattr(official, command), key, bin, argument) == code
    generation, _ = meta_of(official, key)
    assert generation == (1 if code else 2)
    assert official.get(key)[2] == {**RECORD, bin: after}


def test_exists(official: Any, key: Key) -> None:
    assert official.exists(key)[1] is None
    official.put(key, {"a": 1})
    found, meta = official.exists(key)
    assert found[:3] == key
    assert meta["gen"] == 1


SELECTIONS = [
    (["i"], {"i": 1}),
    (["i", "s"], {"i": 1, "s": "m"}),
    (["i", "none"], {"i": 1}),
    (["none"], {}),
    (["i", "i"], {"i": 1}),
]


@pytest.mark.parametrize(("names", "bins"), SELECTIONS)
def test_select(official: Any, key: Key, names: list[str], bins: dict[str, Any]) -> None:
    official.put(key, RECORD)
    _, meta, found = official.select(key, names)
    assert found == bins
    assert meta["gen"] == 1


def test_remove(official: Any, key: Key) -> None:
    official.put(key, {"a": 1})
    official.remove(key)
    assert code_of(official.remove, key) == 2
    assert official.exists(key)[1] is None


def test_durable_delete_is_for_the_enterprise_edition(official: Any, key: Key) -> None:
    official.put(key, {"a": 1})
    assert code_of(official.remove, key, policy={"durable_delete": True}) == 25
    assert code_of(official.get, key) == 0


def test_bin_names(official: Any, key: Key) -> None:
    name = "b" * 15
    official.put(key, {name: 1, "": 2, "ü" * 7: 3})
    assert official.get(key)[2] == {name: 1, "": 2, "ü" * 7: 3}
    assert code_of(official.put, key, {"b" * 16: 1}) == 21


def test_no_bins_at_all(official: Any, key: Key) -> None:
    assert code_of(official.put, key, {}) == 4


def test_a_thousand_bins(official: Any, key: Key) -> None:
    bins = {f"b{number}": number for number in range(1000)}
    official.put(key, bins)
    assert official.get(key)[2] == bins


def test_a_record_of_nearly_a_megabyte(official: Any, key: Key) -> None:
    """A server's max-record-size is 1 MiB unless configured; no server takes more than 8."""
    official.put(key, {"v": b"x" * 1_000_000})
    assert official.get(key)[2] == {"v": b"x" * 1_000_000}


def test_a_record_that_is_too_big(official: Any, key: Key) -> None:
    assert code_of(official.put, key, {"v": b"x" * 9_000_000}) == 13
    assert code_of(official.get, key) == 2


def test_a_set_name_of_63_bytes(official: Any, namespace: str) -> None:
    key = (namespace, "t_" + "s" * 61, "k")
    official.put(key, {"a": 1})
    assert official.get(key)[2] == {"a": 1}
    official.remove(key)


def test_an_unknown_namespace(official: Any, fresh_set: str) -> None:
    """A client knows the namespaces that the node tells it of, and asks for no other."""
    assert code_of(official.get, ("t_nope", fresh_set, "k")) == 20
    assert code_of(official.put, ("t_nope", fresh_set, "k"), {"a": 1}) == 20


def test_the_generation_wraps_around(official: Any, key: Key) -> None:
    """Generations have 16 bits and never become 0 again."""
    if code_of(official.put, key, {"v": 0}):
        pytest.fail("no first write")
    batch = [key] * 1000
    from aerospike_helpers.operations import operations

    for _ in range(65):
        official.batch_operate(batch, [operations.increment("v", 1)])
    generation = meta_of(official, key)[0]
    for _ in range(65535 - generation):
        official.increment(key, "v", 1)
    assert meta_of(official, key)[0] == 65535
    official.increment(key, "v", 1)
    assert meta_of(official, key)[0] == 1
