"""INSERT, UPSERT, REPLACE, UPDATE, DELETE and TRUNCATE: what they change, and how many."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import BinTypeError, GenerationError, RecordExists
from tests.conftest import Address
from tests.integration.sql import PLACES, Table, table_in


@pytest.fixture(params=PLACES)
def table(
    request: pytest.FixtureRequest, node_address: Address, namespace: str, fresh_set: str
) -> Iterator[Table]:
    with table_in(request.param, node_address, namespace, fresh_set) as made:
        yield made


@pytest.fixture
def five(table: Table) -> Table:
    """Fill the table with keys 1 to 5 and a few bins."""
    rows = [(i, i, f"name{i}", i / 2, "same") for i in range(1, 6)]
    table.cursor.executemany(
        f"INSERT INTO {table.name} (PK, n, name, half, const) VALUES (?, ?, ?, ?, ?)", rows
    )
    return table


def contents(table: Table, *columns: str) -> dict[Any, Any]:
    """Key → the columns' values."""
    rows = table.rows(f"SELECT PK, {', '.join(columns)} FROM {{t}}")
    return {key: values[0] if len(columns) == 1 else tuple(values) for key, *values in rows}


# ---- INSERT and its like -----------------------------------------------------------------------


def test_insert_only_creates(table: Table) -> None:
    assert table.run("INSERT INTO {t} (PK, a, b) VALUES ('k', 1, 2)").rowcount == 1
    with pytest.raises(RecordExists) as caught:
        table.run("INSERT INTO {t} (PK, a) VALUES ('k', 3)")
    assert isinstance(caught.value, aerodbapi.IntegrityError)
    assert (caught.value.result_code, caught.value.in_doubt) == (5, False)
    assert "'k'" in str(caught.value)
    assert "UPSERT" in str(caught.value)
    assert table.rows("SELECT a, b FROM {t}") == [(1, 2)]


def test_upsert_merges_and_replace_replaces(table: Table) -> None:
    for verb, expected in (
        ("INSERT", (1, None)),
        ("UPSERT", (1, 2)),
        ("REPLACE", (None, 3)),
    ):
        bins, values = {"INSERT": ("a", 1), "UPSERT": ("b", 2), "REPLACE": ("b", 3)}[verb]
        assert table.run(f"{verb} INTO {{t}} (PK, {bins}) VALUES ('k', {values})").rowcount == 1
        assert table.rows("SELECT a, b FROM {t}") == [expected]
    for verb in ("UPSERT", "REPLACE"):
        table.run(f"{verb} INTO {{t}} (PK, a) VALUES ('{verb}', 1)")
    assert len(table.rows("SELECT * FROM {t}")) == 3


def test_null_removes_a_bin_where_rows_merge(table: Table) -> None:
    table.run("INSERT INTO {t} (PK, a, b, c) VALUES ('k', 1, NULL, 3)")
    assert table.rows("SELECT a, b, c FROM {t}") == [(1, None, 3)]
    table.run("UPSERT INTO {t} (PK, a, b) VALUES ('k', NULL, 2)")
    assert table.rows("SELECT a, b, c FROM {t}") == [(None, 2, 3)]
    table.run("REPLACE INTO {t} (PK, a, b) VALUES ('k', 1, NULL)")
    assert table.rows("SELECT a, b, c FROM {t}") == [(1, None, None)]


def test_a_record_needs_a_bin(table: Table) -> None:
    for verb in ("INSERT", "REPLACE"):
        with pytest.raises(aerodbapi.IntegrityError, match="bin"):
            table.run(f"{verb} INTO {{t}} (PK, a) VALUES (1, NULL)")
        with pytest.raises(aerodbapi.IntegrityError, match="bin"):
            table.run(f"{verb} INTO {{t}} (PK, a) VALUES (2, 1), (1, ?)", (None,))
    assert table.rows("SELECT * FROM {t}") == [], "nothing is written when a row cannot be"


def test_many_rows(table: Table) -> None:
    rows = ", ".join(f"({i}, {i * i})" for i in range(300))
    assert table.run(f"INSERT INTO {{t}} (PK, sq) VALUES {rows}").rowcount == 300
    assert contents(table, "sq") == {i: i * i for i in range(300)}
    assert table.cursor.lastrowid is None


def test_some_of_many_rows_fail(five: Table) -> None:
    with pytest.raises(RecordExists) as caught:
        five.run("INSERT INTO {t} (PK, n) VALUES (6, 6), (1, 0), (7, 7), (2, 0), (8, 8)")
    error = caught.value
    assert [result and result.result_code for result in error.results] == [None, 5, None, 5, None]
    assert error is error.results[1]
    assert "PK 1" in str(error)
    assert "2 of 5" in str(error)
    assert "PK 2" in str(error.results[3])
    assert contents(five, "n") == {i: i for i in range(1, 9)}


def test_one_record_twice_in_a_statement(table: Table) -> None:
    with pytest.raises(RecordExists) as caught:
        table.run("INSERT INTO {t} (PK, a) VALUES ('k', 1), ('k', 2)")
    assert caught.value.results[0] is None
    assert table.rows("SELECT a FROM {t}") == [(1,)]
    table.run("UPSERT INTO {t} (PK, a) VALUES ('k', 3), ('k', 4), ('k', 5)")
    assert table.rows("SELECT a, __gen FROM {t}") == [(5, 4)]
    rows = [("k", i) for i in range(100)] + [("j", i) for i in range(100)]
    table.cursor.executemany(f"UPSERT INTO {table.name} (PK, a) VALUES (?, ?)", rows)
    assert contents(table, "a") == {"k": 99, "j": 99}


def test_typed_values(table: Table) -> None:
    table.run(
        """
        INSERT INTO {t} (PK, i, f, s, b, t, l, m, g) VALUES (
            'k', -5, 1.5e3, 'it''s', X'00ff', TRUE, LIST('[1, "a", [null]]'),
            MAP('{"a": {"b": 1}}'), GEOJSON('{"type": "Point", "coordinates": [1, 2]}')
        )  -- and a comment
        """
    )
    ((i, f, s, b, t, li, m, g),) = table.rows("SELECT i, f, s, b, t, l, m, g FROM {t}")
    assert (i, f, s, b, t) == (-5, 1500.0, "it's", b"\x00\xff", True)
    assert (li, m) == ([1, "a", [None]], {"a": {"b": 1}})
    assert g.value["coordinates"] == [1, 2]


@pytest.mark.parametrize(
    "key", ["text", "", "ü🐘", 0, -1, 2**63 - 1, -(2**63), b"", b"\x00", "5", 5]
)
def test_keys(table: Table, key: Any) -> None:
    table.run("INSERT INTO {t} (PK, a) VALUES (?, 1)", (key,))
    assert table.cursor.lastrowid == key
    assert table.rows("SELECT PK, a FROM {t} WHERE PK = ?", (key,)) == [(key, 1)]
    assert table.rows("SELECT PK FROM {t}") == [(key,)]
    assert table.run("DELETE FROM {t} WHERE PK = ?", (key,)).rowcount == 1
    assert table.rows("SELECT PK FROM {t}") == []


@pytest.mark.parametrize(
    ("option", "parameters", "expected"),
    [
        ("ttl = 100", None, 100),
        ("ttl = ?", (200,), 200),
        ("ttl = -1", None, -1),
        ("ttl = 'never'", None, -1),
        ("TTL = 300, send_key = TRUE", None, 300),
    ],
)
def test_ttl(table: Table, option: str, parameters: Any, expected: int) -> None:
    table.run(f"INSERT INTO {{t}} (PK, a) VALUES (1, 1) WITH ({option})", parameters)
    table.run(f"INSERT INTO {{t}} (PK, a) VALUES (2, 1), (3, 1) WITH ({option})", parameters)
    table.run("INSERT INTO {t} (PK, a) VALUES (4, 1)")
    table.run(f"UPDATE {{t}} SET a = 2 WHERE PK = 4 WITH ({option})", parameters)
    for key in (1, 2, 3, 4):
        ttl = table.value("SELECT __ttl FROM {t} WHERE PK = ?", (key,))
        assert ttl == expected or expected - 5 <= ttl <= expected


def test_an_update_keeps_or_sets_the_ttl(table: Table) -> None:
    table.run("INSERT INTO {t} (PK, a) VALUES (1, 1) WITH (ttl = 1000)")
    table.run("UPDATE {t} SET a = 2 WHERE PK = 1 WITH (ttl = 'keep')")
    assert 990 <= table.value("SELECT __ttl FROM {t} WHERE PK = 1") <= 1000
    table.run("UPDATE {t} SET __ttl = 50 WHERE PK = 1")
    assert table.rows("SELECT a, __ttl > 40, __ttl <= 50, __gen FROM {t}") == [(2, True, True, 3)]


def test_records_without_their_key(table: Table) -> None:
    table.run("INSERT INTO {t} (PK, a) VALUES ('secret', 1) WITH (send_key = FALSE)")
    assert table.rows("SELECT PK, a FROM {t}") == [(None, 1)]
    assert table.rows("SELECT PK, a FROM {t} WHERE PK = 'secret'") == [("secret", 1)]
    assert table.run("UPDATE {t} SET a = 2 WHERE a = 1").rowcount == 1
    assert table.run("DELETE FROM {t} WHERE a = 2").rowcount == 1


def test_profile_aql_merges(node_address: Address, table: Table) -> None:
    if table.connection.info.embedded:
        options: dict[str, Any] = {}
    else:
        options = {"hosts": [node_address]}
    with aerodbapi.connect(profile="aql", **options) as connection:
        aql = Table(connection, table.name)
        for value in (1, 2):
            aql.run(f'INSERT INTO {{t}} (PK, a{value}) VALUES ("k", {value})')
        assert aql.rows('SELECT a1, a2 FROM {t} WHERE PK = "k"') == [(1, 2)]


# ---- UPDATE ------------------------------------------------------------------------------------

#: (SET and WHERE, parameters, how many rows, what n, name and half become by key)
UPDATES: list[tuple[str, Any, int, dict[int, tuple[Any, ...]]]] = [
    ("n = 9 WHERE PK = 1", None, 1, {1: (9, "name1", 0.5)}),
    ("n = ? WHERE PK = ?", (9, 1), 1, {1: (9, "name1", 0.5)}),
    ("n = 9 WHERE PK = 77", None, 0, {}),
    ("n = 9 WHERE PK = 1 AND n = 1", None, 1, {1: (9, "name1", 0.5)}),
    ("n = 9 WHERE PK = 1 AND n = 2", None, 0, {}),
    ("n = 9 WHERE PK = 1 AND half * 2 = n", None, 1, {1: (9, "name1", 0.5)}),
    ("n = 9 WHERE PK = 1 AND __gen = 1", None, 1, {1: (9, "name1", 0.5)}),
    ("n = 9 WHERE PK = 1 AND __gen = 2", None, 0, {}),
    ("n = n + 1 WHERE PK = 1 AND __gen = 1", None, 1, {1: (2, "name1", 0.5)}),
    ("n = 9 WHERE PK IN (1, 2, 77)", None, 2, {1: (9, "name1", 0.5), 2: (9, "name2", 1.0)}),
    ("n = 9 WHERE n > 4", None, 1, {5: (9, "name5", 2.5)}),
    ("n = 9 WHERE name = 'name3' OR n = 1", None, 2, {1: (9, "name1", 0.5), 3: (9, "name3", 1.5)}),
    ("n = 9 WHERE name LIKE '%5'", None, 1, {5: (9, "name5", 2.5)}),
    ("n = 9 WHERE n > 77", None, 0, {}),
    ("n = 9 WHERE 1 = 0", None, 0, {}),
    ("n = 9 WHERE ? = 0", (1,), 0, {}),
    ("n = 9 WHERE n = NULL", None, 0, {}),
    ("n = 9 WHERE NOT n < 5", None, 1, {5: (9, "name5", 2.5)}),
    # Operations.
    ("n = n + 10 WHERE PK = 1", None, 1, {1: (11, "name1", 0.5)}),
    ("n = 10 + n WHERE n = 1", None, 1, {1: (11, "name1", 0.5)}),
    ("n = n - ? WHERE PK = 1", (10,), 1, {1: (-9, "name1", 0.5)}),
    ("half = half + 1 WHERE PK = 1", None, 1, {1: (1, "name1", 1.5)}),
    ("half = half + 1.5 WHERE n = 1", None, 1, {1: (1, "name1", 2.0)}),
    ("n = n + 0.5 WHERE PK = 1", None, 1, {1: (1.5, "name1", 0.5)}),
    ("name = name || '!' WHERE PK = 1", None, 1, {1: (1, "name1!", 0.5)}),
    ("name = 'my ' || name WHERE n = 1", None, 1, {1: (1, "my name1", 0.5)}),
    # Expressions and what has to be computed.
    ("n = n * 3 WHERE PK = 2", None, 1, {2: (6, "name2", 1.0)}),
    ("n = -n WHERE n = 2", None, 1, {2: (-2, "name2", 1.0)}),
    ("n = n / 2 WHERE n = 5", None, 1, {5: (2.5, "name5", 2.5)}),
    ("n = half * 4 WHERE n = 1", None, 1, {1: (2.0, "name1", 0.5)}),
    ("name = name || '-' || name WHERE PK = 1", None, 1, {1: (1, "name1-name1", 0.5)}),
    ("name = CASE WHEN n > 4 THEN 'big' ELSE name END WHERE n >= 4", None, 2, {5: (5, "big", 2.5)}),
    ("n = CAST(half AS INT) WHERE PK = 4", None, 1, {4: (2, "name4", 2.0)}),
    ("n = half, half = n WHERE PK = 4", None, 1, {4: (2.0, "name4", 4)}),
    ("n = __gen + 41 WHERE PK = 1", None, 1, {1: (42, "name1", 0.5)}),
    ("name = PK WHERE PK = 1", None, 1, {1: (1, 1, 0.5)}),
    ("n = n % 0 WHERE PK = 1", None, 1, {1: (None, "name1", 0.5)}),
    # NULL removes.
    ("n = NULL WHERE PK = 1", None, 1, {1: (None, "name1", 0.5)}),
    ("n = ? WHERE n = 1", (None,), 1, {1: (None, "name1", 0.5)}),
    ("n = nothing + 1 WHERE PK = 1", None, 1, {1: (None, "name1", 0.5)}),
    ("n = NULL, name = 'x', half = n WHERE PK = 1", None, 1, {1: (None, "x", 1)}),
]


def update_name(case: Any) -> str:
    return str(case[0]) if isinstance(case, tuple) else ""


@pytest.mark.parametrize("case", UPDATES, ids=update_name)
def test_update(five: Table, case: tuple[str, Any, int, dict[int, tuple[Any, ...]]]) -> None:
    change, parameters, count, changed = case
    assert five.run(f"UPDATE {{t}} SET {change}", parameters).rowcount == count
    expected = {i: (i, f"name{i}", i / 2) for i in range(1, 6)} | changed
    found = contents(five, "n", "name", "half")
    assert found == expected
    kinds = {key: tuple(map(type, row)) for key, row in found.items()}
    assert kinds == {key: tuple(map(type, row)) for key, row in expected.items()}


def test_update_all(five: Table) -> None:
    assert five.run("UPDATE {t} SET n = n + 100, name = 'x'").rowcount == 5
    assert contents(five, "n", "name") == {i: (i + 100, "x") for i in range(1, 6)}


def test_update_never_creates(table: Table) -> None:
    assert table.run("UPDATE {t} SET a = 1 WHERE PK = 'new'").rowcount == 0
    assert table.run("UPDATE {t} SET a = a + 1 WHERE PK IN ('new', 'newer')").rowcount == 0
    assert table.run("UPDATE {t} SET a = a * 2 WHERE PK = 'new'").rowcount == 0
    assert table.rows("SELECT * FROM {t}") == []


def test_adding_to_what_is_missing_or_of_another_kind(table: Table) -> None:
    """NULL + 1 is NULL; text is not lost to an addition."""
    table.put("none", other=1)
    table.put("int", n=1)
    table.put("float", n=1.5)
    assert table.run("UPDATE {t} SET n = n + 1").rowcount == 3
    expected: dict[str, Any] = {"none": None, "int": 2, "float": 2.5}
    assert contents(table, "n") == expected
    for key in expected:
        assert table.run("UPDATE {t} SET n = n + 1 WHERE PK = ?", (key,)).rowcount == 1
    assert contents(table, "n") == {"none": None, "int": 3, "float": 3.5}
    assert table.run("UPDATE {t} SET n = COALESCE(n, 0) + 1 WHERE PK = 'none'").rowcount == 1
    table.put("text", n="x")
    with pytest.raises(BinTypeError) as caught:
        table.run("UPDATE {t} SET n = n + 1 WHERE PK = 'text'")
    assert caught.value.result_code == 12
    with pytest.raises(BinTypeError):
        table.run("UPDATE {t} SET n = n + 1")
    assert contents(table, "n") == {"none": 2, "int": 4, "float": 4.5, "text": "x"}


def test_two_hundred_thousand_bytes_of_changes(table: Table) -> None:
    """More records than one batch takes."""
    rows = [(i, i, i % 7) for i in range(2500)]
    table.cursor.executemany(f"INSERT INTO {table.name} (PK, n, seven) VALUES (?, ?, ?)", rows)
    expected = {i: i + 1 if i % 7 else i for i in range(2500)}
    assert table.run("UPDATE {t} SET n = n + 1 WHERE seven <> 0").rowcount == 2142
    even = sum(n % 2 == 0 for n in expected.values())
    expected = {i: n if n % 2 else n * 2 for i, n in expected.items()}
    assert table.run("UPDATE {t} SET n = n * 2 WHERE n % 2 = 0").rowcount == even
    assert contents(table, "n") == expected
    assert table.run("DELETE FROM {t} WHERE seven = 0").rowcount == 358
    assert set(contents(table, "n")) == {i for i in range(2500) if i % 7}


def test_computed_updates_lose_no_change(table: Table) -> None:
    """Read, compute, write under the generation read: each of the writers' changes counts."""
    table.put("k", n=0, log="")
    problems: list[BaseException] = []
    rounds, writers = 8, 3

    def work() -> None:
        try:
            cursor = table.connection.cursor()
            for _ in range(rounds):
                count = cursor.execute(
                    f"UPDATE {table.name} SET n = CASE WHEN TRUE THEN n + 1 ELSE 0 END, "
                    "log = log || 'x' WHERE PK = 'k'"
                ).rowcount
                assert count == 1
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    total = rounds * writers
    assert table.rows("SELECT n, log FROM {t}") == [(total, "x" * total)]


def test_an_update_gives_up_on_a_record_that_keeps_changing(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aerodbapi.dbapi import record_changes

    table.put("k", n=0)
    monkeypatch.setattr(record_changes, "ATTEMPTS", 0)
    with pytest.raises(GenerationError, match="changed during each of 0 attempts") as caught:
        table.run("UPDATE {t} SET n = n * n WHERE PK = 'k'")
    assert isinstance(caught.value, aerodbapi.OperationalError | aerodbapi.IntegrityError)


def test_a_value_that_cannot_be_computed_fails_its_record_only(table: Table) -> None:
    for i, text in enumerate(("1", "2", "three", "4")):
        table.put(i, text=text)
    with pytest.raises(aerodbapi.DataError, match="three") as caught:
        table.run("UPDATE {t} SET n = CAST(text AS INT)")
    assert sum(result is not None for result in caught.value.results) == 1
    assert contents(table, "n") == {0: 1, 1: 2, 2: None, 3: 4}


# ---- DELETE ------------------------------------------------------------------------------------

DELETES: list[tuple[str, Any, set[int]]] = [
    ("PK = 1", None, {1}),
    ("PK = 77", None, set()),
    ("PK = ? AND n = 1", (1,), {1}),
    ("PK = 1 AND n = 2", None, set()),
    ("PK = 1 AND __gen = 1", None, {1}),
    ("PK = 1 AND __gen = 5", None, set()),
    ("PK IN (1, 2, 77)", None, {1, 2}),
    ("PK IN ?", ([3, 4],), {3, 4}),
    ("PK IN (1, 2) AND n > 1", None, {2}),
    ("n >= 3", None, {3, 4, 5}),
    ("n + 0 >= 3", None, {3, 4, 5}),
    ("name LIKE '%3' OR half = 0.5", None, {1, 3}),
    ("n = 77", None, set()),
    ("nothing = 1", None, set()),
    ("nothing IS NULL", None, {1, 2, 3, 4, 5}),
    ("1 = 0", None, set()),
    ("TRUE", None, {1, 2, 3, 4, 5}),
]


@pytest.mark.parametrize("case", DELETES, ids=update_name)
def test_delete(five: Table, case: tuple[str, Any, set[int]]) -> None:
    condition, parameters, gone = case
    assert five.run(f"DELETE FROM {{t}} WHERE {condition}", parameters).rowcount == len(gone)
    assert set(five.values("SELECT PK FROM {t}")) == {1, 2, 3, 4, 5} - gone
    assert five.run(f"DELETE FROM {{t}} WHERE {condition}", parameters).rowcount == 0


def test_delete_all(five: Table) -> None:
    assert five.run("DELETE FROM {t}").rowcount == 5
    assert five.rows("SELECT * FROM {t}") == []


# ---- TRUNCATE ----------------------------------------------------------------------------------


def test_truncate(five: Table) -> None:
    assert five.run("TRUNCATE {t}").rowcount == -1
    deadline = time.monotonic() + 10
    while five.rows("SELECT * FROM {t}") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert five.rows("SELECT * FROM {t}") == []
    time.sleep(0.01)
    five.run("INSERT INTO {t} (PK, fresh) VALUES (1, 1)")
    assert five.rows("SELECT * FROM {t}") == [(1, 1)]
    assert five.columns() == ["PK", "fresh"]


def test_truncate_up_to_a_time(five: Table) -> None:
    time.sleep(0.05)
    between = time.time_ns()
    time.sleep(0.05)
    five.run("INSERT INTO {t} (PK, n) VALUES (6, 6)")
    five.run("TRUNCATE TABLE {t} UPTO ?", (between,))
    deadline = time.monotonic() + 10
    while len(five.rows("SELECT PK FROM {t}")) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert five.values("SELECT PK FROM {t}") == [6]
