"""What one client writes the other reads: our native client, our SQL and the official client."""

from __future__ import annotations

import math
from typing import Any

import aerospike
import pytest
from aerospike import predicates

import aerodbapi
from aerodbapi.native.queries import between, equals

POINT = {"type": "Point", "coordinates": [1.5, 2.0]}

VALUES: dict[str, Any] = {
    "zero": 0,
    "minus": -1,
    "int_max": 2**63 - 1,
    "int_min": -(2**63),
    "float": 1.5,
    "infinity": math.inf,
    "tiny": 5e-324,
    "empty_str": "",
    "unicode": "Zürich 東京 🛫",
    "long_str": "x" * 70_000,
    "empty_bytes": b"",
    "bytes": b"\x00\xff",
    "true": True,
    "false": False,
    "empty_list": [],
    "list": [1, "x", b"y", None, True, 1.5, [[]], {"a": [1]}, 2**63 - 1, -(2**63)],
    "long_list": list(range(70_000)),
    "empty_map": {},
    "map": {"a": 1, 1: "b", b"k": 2, "c": {"d": [None, b"e"]}},
    "long_map": {number: str(number) for number in range(70_000)},
}
each_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)

KEYS = ["k", "", "Zürich", "x" * 1000, 0, -1, 2**63 - 1, -(2**63), bytearray(b"\x00k")]


@each_value
def test_we_write_and_they_read(
    official: Any, native: Any, namespace: str, fresh_set: str, value: Any
) -> None:
    key = (namespace, fresh_set, "k")
    native.put(key, {"v": value})
    found = official.get(key)[2]
    assert found == {"v": value}
    assert type(found["v"]) is type(value)


@each_value
def test_they_write_and_we_read(
    official: Any, native: Any, namespace: str, fresh_set: str, value: Any
) -> None:
    key = (namespace, fresh_set, "k")
    official.put(key, {"v": value})
    found = native.get(key).bins
    assert found == {"v": value}
    assert type(found["v"]) is type(value)


@each_value
def test_sql_writes_and_they_read(
    official: Any, cursor: Any, namespace: str, fresh_set: str, value: Any
) -> None:
    cursor.execute(f"INSERT INTO {namespace}.{fresh_set} (PK, v) VALUES (?, ?)", ("k", value))
    assert official.get((namespace, fresh_set, "k"))[2] == {"v": value}


@each_value
def test_they_write_and_sql_reads(
    official: Any, cursor: Any, namespace: str, fresh_set: str, value: Any
) -> None:
    official.put((namespace, fresh_set, "k"), {"v": value})
    cursor.execute(f"SELECT v FROM {namespace}.{fresh_set} WHERE PK = ?", ("k",))
    assert cursor.fetchall() == [(value,)]
    cursor.execute(f"SELECT v FROM {namespace}.{fresh_set}")
    assert cursor.fetchall() == [(value,)]


def test_not_a_number(official: Any, native: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    native.put(key, {"v": math.nan})
    assert math.isnan(official.get(key)[2]["v"])
    official.put(key, {"v": math.nan})
    assert math.isnan(native.get(key).bins["v"])


def test_geojson(official: Any, native: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    native.put(key, {"v": aerodbapi.GeoJSON(POINT), "l": [aerodbapi.GeoJSON(POINT)]})
    bins = official.get(key)[2]
    assert (bins["v"].unwrap(), bins["l"][0].unwrap()) == (POINT, POINT)
    official.put(key, {"v": aerospike.GeoJSON(POINT), "l": [aerospike.GeoJSON(POINT)]})
    point = aerodbapi.GeoJSON(POINT)
    assert native.get(key).bins == {"v": point, "l": [point]}


def test_ordered_maps(official: Any, native: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    native.put(key, {"v": aerodbapi.KeyOrderedDict({"b": 1, "a": {"z": 1}})})
    found = official.get(key)[2]["v"]
    assert isinstance(found, aerospike.KeyOrderedDict)
    assert list(found) == ["a", "b"]
    official.put(key, {"v": aerospike.KeyOrderedDict({"b": 1, "a": 2})})
    found = native.get(key).bins["v"]
    assert isinstance(found, aerodbapi.KeyOrderedDict)
    assert list(found) == ["a", "b"]


@pytest.mark.parametrize("user_key", KEYS, ids=lambda k: f"{type(k).__name__}-{str(k)[:10]}")
def test_keys(official: Any, native: Any, namespace: str, fresh_set: str, user_key: Any) -> None:
    key = (namespace, fresh_set, user_key)
    native.put(key, {"v": 1}, policy={"send_key": True})
    assert official.get(key)[2] == {"v": 1}
    assert bytes(native.get(key).key.digest) == bytes(aerospike.calc_digest(*key))
    ((found, _, _),) = official.scan(namespace, fresh_set).results()
    assert found[2] == user_key
    official.remove(key)
    official.put(key, {"v": 2}, policy={"key": aerospike.POLICY_KEY_SEND})
    (record,) = native.query(namespace, fresh_set)
    assert (record.key.user_key, record.bins) == (user_key, {"v": 2})


def test_metadata(official: Any, native: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    for ttl in (100, 5000, -1):
        official.put(key, {"v": 1}, policy={"ttl": ttl})
        theirs, ours = official.get(key)[1], native.get(key).meta
        assert (ours.gen, ours.ttl // 3) == (theirs["gen"], theirs["ttl"] // 3)
        assert native.exists(key).meta.gen == official.exists(key)[1]["gen"]
    native.put(key, {"v": 2}, meta={"ttl": 300})
    assert 295 <= official.get(key)[1]["ttl"] <= 300


def test_batches(official: Any, native: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(1500)]
    native.batch_write([(key, {"n": key[2], "s": "x" * (key[2] % 70)}) for key in keys[:1200]])
    theirs = official.batch_read(keys).batch_records
    ours = native.batch_read(keys)
    assert [record.result for record in ours] == [record.result for record in theirs]
    assert [record.result for record in ours] == [0] * 1200 + [2] * 300
    for mine, other in zip(ours[:1200], theirs[:1200]):
        assert mine.record.bins == other.record[2]
        assert mine.record.meta.gen == other.record[1]["gen"] == 1
    native.batch_remove(keys[:600])
    assert len(official.scan(namespace, fresh_set).results()) == 600


@pytest.fixture(scope="module")
def table(official: Any, namespace: str, module_set: str) -> tuple[str, str]:
    """300 records of the official client, keys stored; an index on n and one on s."""
    for number in range(300):
        bins = {"n": number, "s": f"s{number % 7}", "f": number / 4, "l": [number]}
        key = (namespace, module_set, number)
        official.put(key, bins, policy={"key": aerospike.POLICY_KEY_SEND})
    return namespace, module_set


def theirs(client: Any, table: tuple[str, str], predicate: Any = None) -> list[Any]:
    query = client.query(*table)
    if predicate is not None:
        query.where(predicate)
    return sorted((key[2], bins) for key, _, bins in query.results())


def ours(client: Any, table: tuple[str, str], where: Any = None) -> list[Any]:
    return sorted(
        (record.key.user_key, record.bins) for record in client.query(*table, where=where)
    )


def test_queries(official: Any, native: Any, table: tuple[str, str]) -> None:
    assert ours(native, table) == theirs(official, table)
    assert len(ours(native, table)) == 300
    namespace, set_name = table
    names = [f"{set_name}_n", f"{set_name}_s"]
    native.index_create(namespace, set_name, "n", names[0], "NUMERIC")
    native.index_create(namespace, set_name, "s", names[1], "STRING")
    try:
        cases = [
            (between("n", 10, 29), predicates.between("n", 10, 29), 20),
            (equals("n", 5), predicates.equals("n", 5), 1),
            (equals("s", "s3"), predicates.equals("s", "s3"), 43),
            (between("n", 1000, 2000), predicates.between("n", 1000, 2000), 0),
        ]
        for where, predicate, count in cases:
            found = ours(native, table, where)
            assert found == theirs(official, table, predicate)
            assert len(found) == count
    finally:
        for name in names:
            native.index_remove(namespace, name)


#: (WHERE clause, its meaning)
SELECTS: list[tuple[str, Any]] = [
    ("n = 5", lambda n: n == 5),
    ("n < 5 OR n >= 298", lambda n: n < 5 or n >= 298),
    ("n BETWEEN 10 AND 20 AND s = 's3'", lambda n: 10 <= n <= 20 and n % 7 == 3),
    ("s IN ('s1', 's2') AND NOT n > 20", lambda n: n % 7 in (1, 2) and n <= 20),
    ("s LIKE 's%' AND f < 2.5", lambda n: n / 4 < 2.5),
    ("PK = 17", lambda n: n == 17),
    ("PK IN (1, 2, 3, 1000)", lambda n: n in (1, 2, 3)),
    ("none IS NULL AND n < 3", lambda n: n < 3),
    ("n IS NOT NULL AND f = 1.25", lambda n: n == 5),
    ("n <> 0 AND n < 4", lambda n: 0 < n < 4),
]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(("clause", "meaning"), SELECTS, ids=[case[0] for case in SELECTS])
def test_selects(
    official: Any,
    cursor: Any,
    table: tuple[str, str],
    clause: str,
    meaning: Any,
    indexed: bool,
) -> None:
    """SQL over the official client's records finds the same with and without an index."""
    namespace, set_name = table
    index = f"{set_name}_sql"
    if indexed:
        cursor.execute(f"CREATE INDEX {index} ON {namespace}.{set_name} (n) NUMERIC")
    try:
        cursor.execute(f"SELECT PK, n, s FROM {namespace}.{set_name} WHERE {clause}")
        expected = [(n, n, f"s{n % 7}") for n in range(300) if meaning(n)]
        assert sorted(cursor.fetchall()) == expected
    finally:
        if indexed:
            official.index_remove(namespace, index)


def test_sql_changes_what_they_see(
    official: Any, cursor: Any, namespace: str, fresh_set: str
) -> None:
    def run(statement: str) -> int:
        count: int = cursor.execute(statement.format(f"{namespace}.{fresh_set}")).rowcount
        return count

    def bins(user_key: Any) -> Any:
        return official.get((namespace, fresh_set, user_key))[2]

    assert run("INSERT INTO {} (PK, a, b) VALUES ('x', 1, 'one'), (2, 2, 'two')") == 2
    assert (bins("x"), bins(2)) == ({"a": 1, "b": "one"}, {"a": 2, "b": "two"})
    with pytest.raises(aerodbapi.IntegrityError):
        run("INSERT INTO {} (PK, a) VALUES ('x', 9)")
    assert run("UPSERT INTO {} (PK, a) VALUES ('x', 9)") == 1
    assert bins("x") == {"a": 9, "b": "one"}
    assert run("UPDATE {} SET a = a + 1, b = NULL WHERE PK = 'x'") == 1
    assert bins("x") == {"a": 10}
    assert run("UPDATE {} SET c = 'big' WHERE a >= 2") == 2
    assert bins(2) == {"a": 2, "b": "two", "c": "big"}
    assert run("DELETE FROM {} WHERE a > 5") == 1
    assert official.exists((namespace, fresh_set, "x"))[1] is None
    assert run("DELETE FROM {} WHERE PK = 2") == 1
    assert official.scan(namespace, fresh_set).results() == []


def test_sql_indexes_are_theirs(official: Any, cursor: Any, namespace: str, fresh_set: str) -> None:
    index = f"{fresh_set}_theirs"
    official.put((namespace, fresh_set, 1), {"n": 1})
    cursor.execute(f"CREATE INDEX {index} ON {namespace}.{fresh_set} (n) NUMERIC")
    try:
        query = official.query(namespace, fresh_set)
        query.where(predicates.equals("n", 1))
        assert [bins for _, _, bins in query.results()] == [{"n": 1}]
    finally:
        cursor.execute(f"DROP INDEX {index} ON {namespace}.{fresh_set}")
    query = official.query(namespace, fresh_set)
    query.where(predicates.equals("n", 1))
    with pytest.raises(aerospike.exception.IndexNotFound):
        query.results({"max_retries": 0})
