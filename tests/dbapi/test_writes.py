"""Statements that write, over every kind of connection: what they change, count and return."""

from __future__ import annotations

from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import (
    BinTypeError,
    ElementNotFound,
    GenerationError,
    ProgrammingError,
    RecordExists,
)

#: Twins behave alike: one face of each kind does for so many cases.
some = pytest.mark.parametrize("opener", ["sync-memory", "async-tcp"], indirect=True)


@pytest.fixture
def run(cursor: Any, table: str) -> Any:
    """Execute a statement about the table `t`; give its rows, or its count where it has none."""

    def run(statement: str, parameters: Any = None) -> Any:
        cursor.execute(statement.replace("{t}", table), parameters)
        return cursor.rowcount if cursor.description is None else sorted(cursor.fetchall())

    return run


@pytest.fixture
def three(run: Any) -> Any:
    """Fill the table with three records."""
    assert run("INSERT INTO {t} (PK, n, s) VALUES ('a', 1, 'x'), ('b', 2, 'y'), ('c', 3, 'x')") == 3
    return run


# ---- RETURNING ---------------------------------------------------------------------------------

RETURNED = [
    (
        "INSERT INTO {t} (PK, n) VALUES ('d', 4) RETURNING PK, n + 1 AS more, s, __gen",
        [("d", 5, None, 1)],
    ),
    ("UPSERT INTO {t} (PK, n) VALUES ('a', 7) RETURNING PK, n, s", [("a", 7, "x")]),
    ("REPLACE INTO {t} (PK, n) VALUES ('a', 7) RETURNING PK, n, s", [("a", 7, None)]),
    ("UPDATE {t} SET n = n + 1 RETURNING PK, n", [("a", 2), ("b", 3), ("c", 4)]),
    ("UPDATE {t} SET n = n * n WHERE s = 'x' RETURNING PK, n", [("a", 1), ("c", 9)]),
    ("UPDATE {t} SET n = 0 WHERE PK = 'a' AND n = 1 RETURNING n, __gen", [(0, 2)]),
    ("UPDATE {t} SET n = 0 WHERE PK = 'a' AND n = 5 RETURNING n, __gen", []),
    ("UPDATE {t} SET n = 0 WHERE PK = 'no' RETURNING *", []),
    ("DELETE FROM {t} WHERE PK = 'a' RETURNING PK, n, s", [("a", 1, "x")]),
    ("DELETE FROM {t} WHERE n > 1 RETURNING s, n", [("x", 3), ("y", 2)]),
    ("DELETE FROM {t} WHERE s LIKE '%x' RETURNING PK", [("a",), ("c",)]),
    ("DELETE FROM {t} WHERE PK IN ('a', 'z', 'c') RETURNING PK", [("a",), ("c",)]),
    (
        "INSERT INTO {t} (PK, n) VALUES ('a', 9), ('d', 9) ON CONFLICT DO NOTHING RETURNING PK",
        [("d",)],
    ),
    (
        """INSERT INTO {t} (PK, n) VALUES ('a', 9), ('d', 9)
        ON CONFLICT (PK) DO UPDATE SET n = n + excluded.n RETURNING PK, n, s""",
        [("a", 10, "x"), ("d", 9, None)],
    ),
]


@some
@pytest.mark.parametrize(("statement", "expected"), RETURNED)
def test_returning(three: Any, cursor: Any, statement: str, expected: list[Any]) -> None:
    assert three(statement) == expected
    assert cursor.rowcount == len(expected)


def test_returning_names_all_columns(three: Any, cursor: Any) -> None:
    assert three("UPDATE {t} SET new = 1 WHERE PK = 'a' RETURNING *") == [("a", 1, "x", 1)]
    assert [column[0] for column in cursor.description] == ["PK", "n", "s", "new"]


def test_returning_names_all_columns_beside_an_operation_that_answers(
    three: Any, cursor: Any
) -> None:
    three("UPDATE {t} SET l = LIST('[1]') WHERE PK = 'a'")
    shown = three("UPDATE {t} SET l = LIST_APPEND(l, 2), n = n + 1 WHERE PK = 'a' RETURNING *")
    assert shown == [("a", 2, "x", [1, 2])]
    assert [column[0] for column in cursor.description] == ["PK", "n", "s", "l"]


def test_what_is_computed_reads_more_than_returning_shows(three: Any) -> None:
    """The right sides' bins are read, whatever RETURNING names."""
    shown = three("UPDATE {t} SET n = n * 2 + length(s) WHERE PK = 'a' RETURNING n")
    assert shown == [(3,)]
    assert three("UPDATE {t} SET l = upper(s) WHERE PK = 'a' RETURNING l") == [("X",)]


def test_executemany_returns_the_rows_of_all(three: Any, cursor: Any, table: str) -> None:
    cursor.executemany(
        f"INSERT INTO {table} (PK, n) VALUES (?, ?) RETURNING PK, n * 2 AS double",
        [(f"k{i}", i) for i in range(5)],
    )
    assert cursor.rowcount == 5
    assert cursor.fetchall() == [(f"k{i}", i * 2) for i in range(5)]
    cursor.executemany(
        f"UPDATE {table} SET n = n + ? WHERE PK = ? RETURNING n",
        [(1, "a"), (1, "b"), (1, "no"), (1, "a")],
    )
    assert (cursor.rowcount, cursor.fetchall()) == (3, [(2,), (3,), (3,)])
    cursor.executemany(f"DELETE FROM {table} WHERE PK = ? RETURNING n", [("a",), ("a",), ("b",)])
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(3,), (3,)])


def test_executemany_by_key_counts_what_was_there(three: Any, cursor: Any, table: str) -> None:
    update = f"UPDATE {table} SET n = n + ? WHERE PK = ?"
    changes = [(1, "a"), (10, "b"), (1, "nobody"), (100, "a"), (2.5, "c")]
    assert cursor.executemany(update, changes).rowcount == 4
    assert three("SELECT PK, n FROM {t}") == [("a", 102), ("b", 12), ("c", 5.5)]
    upsert = f"UPSERT INTO {table} (PK, m) VALUES (?, ?)"
    assert cursor.executemany(upsert, [("a", 1), ("d", 2), ("a", 3)]).rowcount == 3
    assert three("SELECT PK, m FROM {t} WHERE m > 0") == [("a", 3), ("d", 2)]
    delete = f"DELETE FROM {table} WHERE PK = ? AND n > ?"
    assert cursor.executemany(delete, [("a", 5), ("b", 50), ("x", 1)]).rowcount == 1
    assert three("SELECT PK FROM {t}") == [("b",), ("c",), ("d",)]


# ---- ON CONFLICT -------------------------------------------------------------------------------


def test_a_conflict_does_nothing_or_updates(three: Any, cursor: Any) -> None:
    assert three("INSERT INTO {t} (PK, n) VALUES ('a', 9) ON CONFLICT DO NOTHING") == 0
    assert three("INSERT OR IGNORE INTO {t} (PK, n) VALUES ('a', 9), ('d', 9)") == 1
    assert cursor.lastrowid is None
    many = "INSERT INTO {t} (PK, n) VALUES (?, ?) ON CONFLICT (PK) DO UPDATE SET n = {t}.n + 1"
    assert three(many, ("a", 9)) == 1
    assert three(many, ("e", 9)) == 1
    assert cursor.lastrowid == "e"
    found = dict(three("SELECT PK, n FROM {t}"))
    assert found == {"a": 2, "b": 2, "c": 3, "d": 9, "e": 9}


def test_what_a_conflict_may_say(three: Any) -> None:
    insert = "INSERT INTO {t} (PK, n, s) VALUES ('a', 9, 'new'), ('b', 9, 'new') ON CONFLICT (PK) "
    assert three(insert + "DO UPDATE SET n = excluded.n, s = s || excluded.s WHERE n > 1") == 1
    assert three("SELECT PK, n, s FROM {t}") == [("a", 1, "x"), ("b", 9, "ynew"), ("c", 3, "x")]
    assert three(insert + "DO UPDATE SET s = excluded.PK, n = excluded.nothing") == 2
    assert three("SELECT PK, n, s FROM {t}") == [("a", None, "a"), ("b", None, "b"), ("c", 3, "x")]


def test_the_same_key_twice_conflicts_with_itself(three: Any) -> None:
    rows = ", ".join(["('new', 1)"] * 5)
    clause = "ON CONFLICT DO UPDATE SET n = n + excluded.n"
    assert three(f"INSERT INTO {{t}} (PK, n) VALUES {rows} {clause}") == 5
    assert three("SELECT n FROM {t} WHERE PK = 'new'") == [(5,)]


def test_only_the_key_conflicts(three: Any) -> None:
    with pytest.raises(ProgrammingError, match="n is not unique"):
        three("INSERT INTO {t} (PK, n) VALUES ('a', 9) ON CONFLICT (n) DO NOTHING")
    with pytest.raises(ProgrammingError, match="UPSERT has no conflicts"):
        three("UPSERT INTO {t} (PK, n) VALUES ('a', 9) ON CONFLICT DO NOTHING")


# ---- INSERT … SELECT ---------------------------------------------------------------------------


def test_insert_select(three: Any, cursor: Any, table: str) -> None:
    other = table + "_2"
    cursor.execute(f"TRUNCATE {other}")
    assert three(f"INSERT INTO {other} (PK, m) SELECT PK, n * 10 FROM {{t}} WHERE n > 1") == 2
    with pytest.raises(RecordExists) as caught:
        three(f"INSERT INTO {other} (m, PK) SELECT n, PK FROM {{t}}")
    assert sum(result is not None for result in caught.value.results) == 2
    assert three(f"SELECT PK, m FROM {other}") == [("a", 1), ("b", 20), ("c", 30)]
    grouped = (
        f"UPSERT INTO {other} (PK, m) SELECT s, COUNT(*) FROM {{t}} GROUP BY s RETURNING PK, m"
    )
    assert three(grouped) == [("x", 2), ("y", 1)]
    conflict = f"INSERT INTO {other} (PK, m) SELECT PK, n FROM {{t}} LIMIT 2 ON CONFLICT DO NOTHING"
    assert three(conflict) == 0
    with pytest.raises(ProgrammingError, match="2 columns are named, and the query gives 1"):
        three(f"INSERT INTO {other} (PK, m) SELECT PK FROM {{t}}")
    assert three(f"DELETE FROM {other}") == 5


def test_a_set_copied_into_itself_is_read_first(three: Any) -> None:
    for size in (3, 6, 12):
        copy = f"INSERT INTO {{t}} (PK, n) SELECT PK || '-{size}', n FROM {{t}}"
        assert three(copy) == size
    assert len(three("SELECT PK FROM {t}")) == 24


@some
def test_rows_of_a_query_are_written_as_they_come(
    run: Any, cursor: Any, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy holds some of the rows at a time, however many there are."""
    from aerodbapi.dbapi.inserting import Inserter

    cursor.executemany(
        f"INSERT INTO {table} (PK, a) VALUES (?, ?)", [(i, "x" * 500) for i in range(3000)]
    )
    sizes: list[int] = []
    write = Inserter.write

    def watched(self: Any, found: Any, written: Any) -> Any:
        sizes.append(len(found))
        return write(self, found, written)

    monkeypatch.setattr(Inserter, "write", watched)
    assert run(f"UPSERT INTO {table}_2 (PK, a) SELECT PK, a FROM {{t}}") == 3000
    assert len(sizes) > 2  # as many as the node sends frames
    assert max(sizes) < 1500
    assert run(f"DELETE FROM {table}_2") == 3000


# ---- WHERE and SET with subqueries, and LIMIT --------------------------------------------------

SUBQUERIES = [
    ("UPDATE {t} SET n = 0 WHERE PK IN (SELECT PK FROM {t} WHERE s = 'x')", 2, [0, 2, 0]),
    ("UPDATE {t} SET n = (SELECT MAX(n) FROM {t}) + 1 WHERE n = 1", 1, [4, 2, 3]),
    ("UPDATE {t} SET n = 9 WHERE n NOT IN (SELECT n FROM {t} WHERE s = 'x')", 1, [1, 9, 3]),
    ("UPDATE {t} SET n = 9 WHERE EXISTS (SELECT 1 FROM {t} WHERE n = 5)", 0, [1, 2, 3]),
    ("UPDATE {t} SET n = 9 WHERE NOT EXISTS (SELECT 1 FROM {t} WHERE n = 5)", 3, [9, 9, 9]),
    ("UPDATE {t} SET n = (SELECT COUNT(*) FROM {t} o WHERE o.n < {t}.n)", 3, [0, 1, 2]),
    ("DELETE FROM {t} WHERE EXISTS (SELECT 1 FROM {t} o WHERE o.n = {t}.n + 1)", 2, [3]),
    ("DELETE FROM {t} WHERE n = (SELECT MIN(n) FROM {t})", 1, [2, 3]),
    ("DELETE FROM {t} WHERE PK > 'a' AND PK <> 'c'", 1, [1, 3]),
    ("DELETE FROM {t} WHERE PK LIKE '%c' OR n = 1", 2, [2]),
    ("UPDATE {t} SET n = LENGTH(s || PK) WHERE UPPER(PK) >= 'B'", 2, [1, 2, 2]),
]


@some
@pytest.mark.parametrize(("statement", "count", "expected"), SUBQUERIES)
def test_subqueries_and_conditions_on_keys(
    three: Any, statement: str, count: int, expected: list[Any]
) -> None:
    assert three(statement) == count
    assert [n for _, n in three("SELECT PK, n FROM {t}")] == expected


def test_limit(three: Any) -> None:
    assert three("UPDATE {t} SET m = 1 LIMIT 2") == 2
    assert len(three("SELECT m FROM {t} WHERE m = 1")) == 2
    assert three("UPDATE {t} SET m = 2 WHERE s LIKE '%x' LIMIT ?", (1,)) == 1
    assert three("DELETE FROM {t} LIMIT 0") == 0
    assert three("DELETE FROM {t} WHERE PK IN ('z', 'a', 'b') LIMIT 1") == 1
    assert three("DELETE FROM {t} LIMIT 100") == 2


# ---- places in lists and maps ------------------------------------------------------------------


def test_places_in_lists_and_maps(run: Any) -> None:
    values = {"l": [1, [2, 3]], "m": {"k": 1, "in": {"x": [5]}}}
    run("INSERT INTO {t} (PK, l, m, n) VALUES (1, ?, ?, 4)", (values["l"], values["m"]))
    for statement in (
        "UPDATE {t} SET l[0] = 'first', m['k'] = NULL, m.new = 7",
        "UPDATE {t} SET l[-1][1] = n + 1, m['in'].x[0] = l[0]",
        "UPDATE {t} SET m.far.away = TRUE WHERE PK = 1",
        "UPDATE {t} SET l[2] = 'appended' WHERE PK = 1",
        "UPDATE {t} SET t.a.b = 1, only[0] = 2 WHERE PK = 1",
    ):
        assert run(statement) == 1, statement
    ((found, m, t, only),) = run("SELECT l, m, t, only FROM {t}")
    assert found == ["first", [2, 5], "appended"]
    assert m == {"in": {"x": ["first"]}, "new": 7, "far": {"away": True}}
    assert (t, only) == ({"a": {"b": 1}}, [2])


def test_places_that_are_none(run: Any) -> None:
    run("INSERT INTO {t} (PK, l, s) VALUES (1, ?, 'text')", ([1],))
    with pytest.raises(ElementNotFound, match="none at 5"):
        run("UPDATE {t} SET l[5] = 1")
    with pytest.raises(BinTypeError, match="s holds a value of the kind str"):
        run("UPDATE {t} SET s['x'] = 1")
    with pytest.raises(ElementNotFound, match="none has 0 elements, and none at 1"):
        run("UPDATE {t} SET none[1] = 1 WHERE PK = 1")
    with pytest.raises(ProgrammingError, match="set twice"):
        run("UPDATE {t} SET l = NULL, l[0] = 1")
    assert run("SELECT l, s FROM {t}") == [([1], "text")]


def test_functions_on_bins_are_operations(run: Any) -> None:
    run("INSERT INTO {t} (PK, l) VALUES (1, ?)", ([1],))
    assert run("UPDATE {t} SET l = LIST_APPEND(l, 7) WHERE PK = 1") == 1
    assert run("UPDATE {t} SET m = MAP_PUT(m, 'k', ?) WHERE PK = 1 RETURNING l, m", ("v",)) == [
        ([1, 7], {"k": "v"})
    ]


# ---- options -----------------------------------------------------------------------------------


def test_generations(three: Any) -> None:
    assert three("UPDATE {t} SET n = 5 WHERE PK = 'a' AND __gen = 1") == 1
    assert three("UPDATE {t} SET n = 6 WHERE PK = 'a' AND __gen = 1") == 0
    assert three("UPDATE {t} SET n = 6 WHERE n >= 2 AND __gen = 1") == 2
    assert three("DELETE FROM {t} WHERE PK = 'a' AND __gen = 7") == 0
    with pytest.raises(GenerationError):
        three("UPDATE {t} SET n = 6 WHERE PK = 'a' WITH (gen = 1)")
    with pytest.raises(GenerationError):
        three("DELETE FROM {t} WHERE PK = 'a' WITH (generation = ?)", (1,))
    with pytest.raises(GenerationError):
        three("UPDATE {t} SET n = n * n WHERE PK = 'a' WITH (gen = 1)")
    assert three("UPDATE {t} SET n = n * n WHERE PK = 'a' WITH (gen = 2)") == 1
    assert three("DELETE FROM {t} WHERE PK = 'a' WITH (gen = 3)") == 1


def test_ttl_and_keys(three: Any) -> None:
    three("UPDATE {t} SET n = 5, __ttl = 100 WHERE PK = 'a'")
    three("UPDATE {t} SET __ttl = 200 WHERE PK = 'b'")
    three("UPSERT INTO {t} (PK, n) VALUES ('d', 1) WITH (ttl = -1, send_key = FALSE)")
    found = dict(three("SELECT COALESCE(PK, 'none'), __ttl FROM {t}"))
    assert 95 <= found["a"] <= 100
    assert 195 <= found["b"] <= 200
    assert found["none"] == -1
    insert = "INSERT INTO {t} (PK, n) VALUES ('e', 1) RETURNING __ttl WITH (ttl = 60)"
    assert 58 <= three(insert)[0][0] <= 60


WRONG_OPTIONS = [
    ("(ttl = 'soon')", "ttl is seconds"),
    ("(gen = -1)", "generation of 0 to 65535"),
    ("(commit = 'none')", "'all' or 'master'"),
    ("(send_key = 1)", "true or false"),
    ("(tll = 1)", "did you mean ttl"),
]


@some
@pytest.mark.parametrize(("options", "words"), WRONG_OPTIONS)
def test_options_that_are_wrong(three: Any, options: str, words: str) -> None:
    with pytest.raises(ProgrammingError, match=words):
        three(f"UPDATE {{t}} SET n = 1 WHERE PK = 'a' WITH {options}")


# ---- SET ---------------------------------------------------------------------------------------

MOST = 2**63 - 1

SET = [
    ("n = n + 1", MOST, aerodbapi.DataError),
    ("n = n + 1", MOST - 1, MOST),
    ("n = n - 1", -MOST, -(2**63)),
    ("n = n * 2", 2**62, aerodbapi.DataError),
    ("n = -n", -(2**63), aerodbapi.DataError),
    ("n = n + n", -(2**62), -(2**63)),
    ("n = n * n", 2**32, aerodbapi.DataError),
    ("n = n / 2", 5, 2.5),
    ("n = n // 2", -5, -2),
    ("n = n % 3", -5, -2),
    ("n = n // 0", 5, None),
    ("n = n + 0.5", 5, 5.5),
    ("n = n || '!'", "x", "x!"),
    ("n = '!' || n", None, None),
    ("n = n || '!'", 5, "5!"),
    ("n = COALESCE(n, 0) + 1", None, 1),
    ("n = COALESCE(n, 0) + 1", 41, 42),
    ("n = GREATEST(n, 10)", 3, 10),
    ("n = CASE WHEN n > 5 THEN 5 ELSE n END", 3, 3),
    ("n = CASE WHEN n > 5 THEN 5 ELSE n END", 9, 5),
    ("n = CASE WHEN n > 5 THEN 5 ELSE n END", None, None),
    ("n = CASE WHEN n IS NULL THEN 1 ELSE n + 1 END", None, 1),
    ("n = other, other = n", 7, 1),
    ("other = 5, n = other", 7, 1),
    ("n = n + other", 7, 8),
    ("n = NULL", 7, None),
    ("n = UPPER(n)", "abc", "ABC"),
]


@some
@pytest.mark.parametrize(("change", "before", "after"), SET)
def test_set(run: Any, change: str, before: Any, after: Any) -> None:
    """By key, by a query and for all: the value is DuckDB's, or nothing is changed."""
    for where in ("WHERE PK = 1", "WHERE other = 1", ""):
        run("REPLACE INTO {t} (PK, other, n) VALUES (1, 1, ?)", (before,))
        statement = f"UPDATE {{t}} SET {change} {where}"
        if isinstance(after, type):
            with pytest.raises(after):
                run(statement)
            expected = before
        else:
            assert run(statement) == 1
            expected = after
        ((found,),) = run("SELECT n FROM {t}")
        assert (type(found), found) == (type(expected), expected), where
