"""Batches: reads, writes, operations in order, mixed records, functions, and their failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.errors import Error, ParameterError, RecordNotFound, UDFError
from aerodbapi.native import expressions as exp
from aerodbapi.native import lists, maps, operations
from aerodbapi.native.batch_records import Apply, Read, Remove, Write


@pytest.fixture
def keys(client: Any, namespace: str, set_name: str) -> list[Any]:
    """Give the keys of five records with n 0 to 4; a sixth key has none."""
    found = [(namespace, set_name, n) for n in range(6)]
    client.batch_write([(key, {"n": key[2], "l": [1]}) for key in found[:5]])
    return found


def codes(records: Any) -> list[int]:
    return [record.result for record in records]


def test_read(client: Any, keys: Any) -> None:
    records = client.batch_read(keys)
    assert codes(records) == [0] * 5 + [2]
    assert [r.record.bins["n"] for r in records[:5]] == [0, 1, 2, 3, 4]
    assert records[5].record is None
    assert isinstance(records[5].error, RecordNotFound)
    assert [r.key.user_key for r in records] == [0, 1, 2, 3, 4, 5]
    assert all(r.record.bins == {"n": r.key.user_key} for r in client.batch_read(keys[:5], ["n"]))
    exists = client.batch_read(keys, [])
    assert codes(exists) == [0] * 5 + [2]
    assert exists[0].record.bins is None
    assert exists[0].record.meta.gen == 1
    assert len(client.batch_read([])) == 0


def test_read_with_filters(client: Any, keys: Any) -> None:
    policy = {"filter": exp.lt(exp.int_bin("n"), 2)}
    assert codes(client.batch_read(keys, None, policy)) == [0, 0, 27, 27, 27, 2]
    assert codes(client.batch_read(keys, None, None, policy)) == [0, 0, 27, 27, 27, 2]


def test_write_with_meta(client: Any, keys: Any) -> None:
    records = client.batch_write(
        [
            (keys[0], {"n": 10}),
            (keys[1], {"n": 11}, {"ttl": 500}),
            (keys[2], {"n": 12}, {"gen": 7}),
            (keys[3], {"n": 13}, {"gen": 1}),
            (keys[4], {"n": None, "l": None}, None),
        ]
    )
    assert codes(records) == [0, 0, 3, 0, 0]
    after = client.batch_read(keys)
    assert codes(after) == [0, 0, 0, 0, 2, 2]
    assert [r.record.bins["n"] for r in after[:4]] == [10, 11, 2, 13]
    assert after[1].record.meta.ttl in (499, 500)


def test_operate(client: Any, keys: Any) -> None:
    ops = [
        operations.read("n"),
        operations.increment("n", 10),
        operations.read("n"),
        lists.list_append("l", 2),
        maps.map_put("m", "k", 1),
    ]
    records = client.batch_operate(keys[:2], ops)
    assert codes(records) == [0, 0]
    values = [value for name, value in records[1].ordered_bins if value is not None]
    assert values == [1, 11, 2, 1]
    assert records[1].record.bins["n"] == 11
    reads = client.batch_operate(keys, [operations.read("n"), lists.list_size("l")])
    assert codes(reads) == [0] * 5 + [2]
    assert reads[0].ordered_bins == [("n", 10), ("l", 2)]


def test_operate_under_a_policy(client: Any, keys: Any) -> None:
    ops = [operations.write("n", 99)]
    records = client.batch_operate(keys, ops, None, {"exists": "update", "ttl": 300})
    assert codes(records) == [0] * 5 + [2]
    assert client.get(keys[0]).meta.ttl in (299, 300)


def test_remove(client: Any, keys: Any) -> None:
    assert codes(client.batch_remove(keys)) == [0] * 5 + [2]
    assert codes(client.batch_read(keys)) == [2] * 6


def test_remove_of_a_generation(client: Any, keys: Any) -> None:
    client.put(keys[0], {"n": 5})
    policy = {"gen": "equal", "generation": 1}
    assert codes(client.batch_remove(keys, None, policy)) == [3, 0, 0, 0, 0, 2]


def test_mixed(client: Any, keys: Any) -> None:
    records = client.batch_write(
        [
            Write(keys[0], [operations.increment("n", 1), operations.read("n")]),
            Read(keys[1]),
            Read(keys[2], ["n"]),
            Read(keys[3], []),
            Read(keys[1], ops=[lists.list_get("l", 0), operations.read("n")]),
            Remove(keys[4]),
            Write(keys[5], {"new": 1}, {"exists": "create"}),
            (keys[2], {"n": 50}),
            Write(keys[3], {"n": 1}, {"exists": "create"}),
            Read(("no-such-namespace", "s", 1)),
        ][: 9 if client.conninfo.embedded else 10]
    )
    assert codes(records)[:9] == [0, 0, 0, 0, 0, 0, 0, 0, 5]
    assert records[0].ordered_bins[-1] == ("n", 1)
    assert records[1].record.bins == {"n": 1, "l": [1]}
    assert records[2].record.bins == {"n": 2}
    assert records[3].record.bins == {}
    assert records[4].ordered_bins == [("l", 1), ("n", 1)]
    if not client.conninfo.embedded:  # which makes namespaces when they are first used
        assert codes(records)[9] == 20
    assert client.get(keys[5]).bins == {"new": 1}
    assert client.get(keys[2]).bins["n"] == 50
    assert client.exists(keys[4]).meta is None


def test_filters_of_single_records(client: Any, keys: Any) -> None:
    above_2 = {"filter": exp.gt(exp.int_bin("n"), 2)}
    records = client.batch_write(
        [Write(key, {"seen": 1}, above_2) for key in keys[:5]]
        + [Read(key, policy=above_2) for key in keys[:5]]
        + [Remove(key, above_2) for key in keys[:5]]
    )
    assert codes(records) == [27, 27, 27, 0, 0] * 3


LUA = """
function add(rec, bin, by)
  if not aerospike:exists(rec) then error("there is no record") end
  rec[bin] = rec[bin] + by
  aerospike:update(rec)
  return rec[bin]
end
function echo(rec, ...) return list {...} end
"""


@pytest.fixture(scope="module")
def module(client: Any) -> Iterator[str]:
    client.udf_put("native_batches.lua", source=LUA)
    yield "native_batches"
    client.udf_remove("native_batches.lua")


def test_apply(client: Any, keys: Any, module: str) -> None:
    assert client.apply(keys[1], module, "add", ["n", 5]) == 6
    assert client.apply(keys[5], module, "echo", [1, "a", {"k": [2.5, None]}]) == [
        1,
        "a",
        {"k": [2.5, None]},
    ]
    assert client.exists(keys[5]).meta is None
    for args, hint in ((["n"], "nil"), (["n", "x"], "attempt to add")):
        with pytest.raises(UDFError, match=hint) as caught:
            client.apply(keys[1], module, "add", args)
        assert caught.value.result_code == 100
    with pytest.raises(UDFError):
        client.apply(keys[1], module, "no_such_function")
    with pytest.raises(UDFError):
        client.apply(keys[1], "no_such_module", "f")


def test_batch_apply(client: Any, keys: Any, module: str) -> None:
    records = client.batch_apply(keys, module, "add", ["n", 100])
    assert codes(records) == [0] * 5 + [100]
    assert [r.record.bins["SUCCESS"] for r in records[:5]] == [100, 101, 102, 103, 104]
    assert "there is no record" in str(records[5].error)
    mixed = client.batch_write([Apply(keys[0], module, "add", ["n", 1]), Read(keys[0], ["n"])])
    assert mixed[0].record.bins["SUCCESS"] == 101
    assert codes(mixed) == [0, 0]


def test_modules(client: Any, module: str) -> None:
    assert "native_batches.lua" in [m.name for m in client.udf_list()]
    assert client.udf_get("native_batches.lua") == LUA
    client.udf_remove("native_none.lua")
    with pytest.raises(UDFError, match="not_found"):
        client.udf_get("native_none.lua")
    with pytest.raises(UDFError, match=r"native_bad\.lua"):
        client.udf_put("native_bad.lua", source="function f( return")
    with pytest.raises(ParameterError, match="no Lua module can be read"):
        client.udf_put("/no/such/file.lua")
    with pytest.raises(ParameterError, match="module's name"):
        client.udf_remove("a;b")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c, k: c.batch_write([Write(k, [])]), "at least one operation"),
        (lambda c, k: c.batch_write([Write(k, [operations.read("n")])]), "use Read"),
        (lambda c, k: c.batch_write([Read(k, ops=[operations.touch()])]), "use Write"),
        (lambda c, k: c.batch_write(["record"]), "Read, Write, Remove and Apply records"),
        (lambda c, k: c.batch_write([(k, [1])]), "bins are a dictionary"),
        (lambda c, k: c.batch_write([(k, {"n": 1}, {"generation": 1})]), "meta has gen and ttl"),
        (lambda c, k: c.batch_write([(k, {"n": 1}, {"gen": 70_000})]), "generation is int"),
        (lambda c, k: c.batch_write([Apply(k, "m", "f", "args")]), "are a list"),
        (lambda c, k: c.batch_operate([k], []), "at least one operation"),
        (lambda c, k: c.batch_read([5]), "a key is"),
        (lambda c, k: c.batch_read([k], None, {"allow_inlin": True}), "did you mean allow_inline"),
        (lambda c, k: c.batch_read([k], None, 5), "a BatchPolicy or a dictionary"),
    ],
)
def test_wrong_arguments(client: Any, key: Any, wrong: Any, hint: str) -> None:
    with pytest.raises(ParameterError, match=hint) as caught:
        wrong(client, key)
    assert caught.value.result_code == -2


def test_a_batch_ends_at_its_first_failure(client: Any, keys: Any) -> None:
    records = client.batch_read(keys[5:] + keys, None, {"respond_all_keys": False})
    assert records[0].result == 2
    for record in records:
        assert record.error is None or isinstance(record.error, Error)
