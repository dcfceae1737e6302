"""Cursors: what each method and attribute does, on every kind of connection."""

from __future__ import annotations

from typing import Any

import pytest

import aerodbapi
from aerodbapi.dbapi.rows import class_row, dict_row, kwargs_row, namedtuple_row, scalar_row
from aerodbapi.errors import ConnectionClosed, RecordExists
from tests.faces import Opener

ROWS = [("a", 1), ("b", 2), ("c", 3), ("d", None), ("e", 5)]


@pytest.fixture
def filled(cursor: Any, table: str) -> str:
    cursor.executemany(f"INSERT INTO {table} (PK, n, all_of_them) VALUES (?, ?, 1)", ROWS)
    return table


# ---- execute -----------------------------------------------------------------------------------


def test_execute_returns_the_cursor(cursor: Any, filled: str) -> None:
    assert cursor.execute(f"SELECT * FROM {filled}") is cursor
    assert cursor.execute(f"UPDATE {filled} SET n = 1 WHERE PK = 'a'") is cursor
    assert cursor.executemany(f"UPDATE {filled} SET n = ? WHERE PK = 'a'", [(1,)]) is cursor


def test_parameters_by_position_and_by_name(cursor: Any, filled: str) -> None:
    by_position = cursor.execute(f"SELECT n FROM {filled} WHERE PK = ?", ["b"]).fetchall()
    by_name = cursor.execute(f"SELECT n FROM {filled} WHERE PK = :key", {"key": "b"}).fetchall()
    both = cursor.execute(
        f"SELECT n FROM {filled} WHERE PK = :k AND n = :n", {"k": "b", "n": 2, "spare": 0}
    ).fetchall()
    assert by_position == by_name == both == [(2,)]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (None, "no value for parameter ?1"),
        ((), "no value for parameter ?1"),
        (("a", "b"), "takes 1 parameters, 2 were given"),
        ({"key": "a"}, "a sequence"),
    ],
)
def test_wrong_parameters(cursor: Any, table: str, parameters: Any, words: str) -> None:
    with pytest.raises(aerodbapi.ProgrammingError) as caught:
        cursor.execute(f"SELECT n FROM {table} WHERE PK = ?", parameters)
    assert words in str(caught.value)


@pytest.mark.parametrize("operation", [None, b"SELECT 1", 5, ["SELECT 1"]])
def test_a_statement_is_text(cursor: Any, operation: Any) -> None:
    with pytest.raises(aerodbapi.ProgrammingError, match="text"):
        cursor.execute(operation)
    with pytest.raises(aerodbapi.ProgrammingError, match="text"):
        cursor.executemany(operation, [()])


def test_values_are_never_pasted(cursor: Any, table: str) -> None:
    nasty = "x'); DROP INDEX i ON test; --\"\n\0é🐘"
    cursor.execute(f"INSERT INTO {table} (PK, s) VALUES (?, ?)", (nasty, nasty))
    assert cursor.execute(f"SELECT PK, s FROM {table} WHERE PK = ?", (nasty,)).fetchall() == [
        (nasty, nasty)
    ]
    assert cursor.execute(f"SELECT PK FROM {table} WHERE s = :s", {"s": nasty}).rowcount in (1, -1)
    assert cursor.fetchall() == [(nasty,)]


# ---- fetching ----------------------------------------------------------------------------------


def test_fetchone_to_the_end(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT PK, n FROM {filled}")
    rows = [cursor.fetchone() for _ in ROWS]
    assert sorted(rows) == ROWS
    assert cursor.fetchone() is None
    assert cursor.fetchone() is None
    assert cursor.rowcount == len(ROWS)


def test_fetchmany(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT PK FROM {filled}")
    assert cursor.arraysize >= 1
    cursor.arraysize = 2
    sizes = [len(cursor.fetchmany()), len(cursor.fetchmany(1)), len(cursor.fetchmany(9))]
    assert sizes == [2, 1, 2]
    assert cursor.fetchmany() == []
    assert cursor.fetchmany(0) == []
    with pytest.raises(aerodbapi.InterfaceError):
        cursor.fetchmany(-1)


def test_fetchall_takes_what_is_left(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT PK, n FROM {filled}")
    first = cursor.fetchone()
    rest = cursor.fetchall()
    assert sorted([first, *rest]) == ROWS
    assert cursor.fetchall() == []


def test_iteration(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT PK, n FROM {filled}")
    assert sorted(cursor) == ROWS
    assert list(cursor) == []
    cursor.execute(f"SELECT PK, n FROM {filled}")
    taken = [row for _, row in zip("ab", cursor)]
    taken += cursor.fetchall()
    assert sorted(taken) == ROWS


def test_rownumber_counts_the_rows_delivered(cursor: Any, filled: str) -> None:
    assert cursor.rownumber is None
    cursor.execute(f"SELECT PK FROM {filled}")
    assert cursor.rownumber == 0
    cursor.fetchone()
    assert cursor.rownumber == 1
    cursor.fetchmany(2)
    assert cursor.rownumber == 3
    cursor.fetchall()
    assert cursor.rownumber == len(ROWS)


def test_rownumber_follows_iteration(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT PK FROM {filled}")
    rows = iter(cursor)
    next(rows)
    next(rows)
    assert cursor.rownumber == 2
    assert len(cursor.fetchall()) == len(ROWS) - 2


@pytest.mark.parametrize("method", ["fetchone", "fetchmany", "fetchall"])
def test_nothing_to_fetch(cursor: Any, filled: str, method: str) -> None:
    fresh = cursor.connection.cursor()
    with pytest.raises(aerodbapi.ProgrammingError, match="no rows to fetch"):
        getattr(fresh, method)()
    cursor.execute(f"SELECT * FROM {filled}")
    cursor.execute(f"DELETE FROM {filled} WHERE PK = 'a'")
    assert cursor.description is None
    with pytest.raises(aerodbapi.ProgrammingError, match="no rows to fetch"):
        getattr(cursor, method)()


def test_a_failed_statement_leaves_no_rows(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT * FROM {filled}")
    with pytest.raises(aerodbapi.ProgrammingError):
        cursor.execute("SELECT * FROM")
    assert cursor.description is None
    assert cursor.rowcount == -1
    with pytest.raises(aerodbapi.ProgrammingError):
        cursor.fetchone()


def test_cursors_do_not_disturb_each_other(connection: Any, filled: str) -> None:
    one, two = connection.cursor(), connection.cursor()
    one.execute(f"SELECT PK FROM {filled}")
    two.execute(f"SELECT PK, n FROM {filled}")
    first, second = one.fetchone(), two.fetchone()
    assert (len(first), len(second)) == (1, 2)
    assert len(one.fetchall()) == len(two.fetchall()) == len(ROWS) - 1


# ---- attributes --------------------------------------------------------------------------------


def test_description(cursor: Any, filled: str) -> None:
    assert cursor.description is None
    cursor.execute(f"SELECT *, __gen FROM {filled}")
    names = [column[0] for column in cursor.description]
    assert names == ["PK", "n", "all_of_them", "__gen"] or names == [
        "PK",
        "all_of_them",
        "n",
        "__gen",
    ]
    for column in cursor.description:
        assert len(column) == 7
        assert column[2:6] == (None,) * 4
        assert column[1], "a type code has a name"
    codes = {column[0]: column[1] for column in cursor.description}
    assert codes["PK"] == aerodbapi.STRING
    assert codes["n"] == aerodbapi.NUMBER
    assert codes["n"] != aerodbapi.STRING
    assert isinstance(codes["n"], str)


def test_description_of_an_empty_result(cursor: Any, table: str) -> None:
    cursor.execute(f"SELECT PK, a AS b FROM {table} WHERE a > 1")
    assert [column[0] for column in cursor.description] == ["PK", "b"]
    assert cursor.fetchall() == []
    cursor.execute(f"SELECT PK, a FROM {table} LIMIT 0")
    assert [column[0] for column in cursor.description] == ["PK", "a"]
    assert cursor.rowcount == 0


def test_column_names_are_unique(cursor: Any, filled: str) -> None:
    cursor.execute(f"SELECT n, n, n AS n_1, PK, PK FROM {filled} WHERE PK = 'b'")
    names = [column[0] for column in cursor.description]
    assert len(set(names)) == len(names) == 5
    assert cursor.fetchall() == [(2, 2, 2, "b", "b")]


def test_the_order_of_columns_is_stable(cursor: Any, filled: str) -> None:
    def columns() -> list[str]:
        return [column[0] for column in cursor.execute(f"SELECT * FROM {filled}").description]

    before = columns()
    cursor.execute(f"INSERT INTO {filled} (PK, aaa, n) VALUES ('z', 1, 2)")
    assert columns() == [*before, "aaa"]
    assert columns() == [*before, "aaa"]


def test_rowcount_of_writes(cursor: Any, filled: str) -> None:
    counts = [
        cursor.execute(statement.format(filled)).rowcount
        for statement in (
            "INSERT INTO {} (PK, n) VALUES ('f', 6)",
            "INSERT INTO {} (PK, n) VALUES ('g', 7), ('h', 8)",
            "UPDATE {} SET n = 0 WHERE PK = 'a'",
            "UPDATE {} SET n = 0 WHERE PK = 'nobody'",
            "UPDATE {} SET n = 0 WHERE PK IN ('a', 'b', 'nobody')",
            "UPDATE {} SET n = 9 WHERE n >= 7",
            "DELETE FROM {} WHERE n = 9",
            "DELETE FROM {} WHERE PK = 'g'",
            "DELETE FROM {} WHERE n IS NULL",
        )
    ]
    assert counts == [1, 2, 1, 0, 2, 2, 2, 0, 1]


def test_lastrowid(cursor: Any, table: str) -> None:
    assert cursor.lastrowid is None
    cursor.execute(f"INSERT INTO {table} (PK, n) VALUES ('k1', 1)")
    assert cursor.lastrowid == "k1"
    cursor.execute(f"INSERT INTO {table} (PK, n) VALUES (?, 1)", (7,))
    assert cursor.lastrowid == 7
    cursor.execute(f"SELECT * FROM {table}")
    assert cursor.lastrowid is None  # as PEP 249 has it for what sets none


def test_the_optional_methods(cursor: Any) -> None:
    cursor.setinputsizes([1])
    cursor.setoutputsize(1)
    cursor.setoutputsize(1, 2)
    cursor.execute("SELECT 1")
    assert cursor.nextset() is None
    for refused in (lambda: cursor.callproc("f"), lambda: cursor.scroll(1)):
        with pytest.raises(aerodbapi.NotSupportedError):
            refused()


# ---- executemany -------------------------------------------------------------------------------


def test_executemany_of_every_kind(cursor: Any, filled: str) -> None:
    many = cursor.executemany
    assert many(f"INSERT INTO {filled} (PK, n) VALUES (?, 1)", [("x",), ("y",)]).rowcount == 2
    assert many(f"UPDATE {filled} SET n = ? WHERE PK = ?", [(9, "x"), (9, "no")]).rowcount == 1
    assert many(f"DELETE FROM {filled} WHERE PK = :k", [{"k": "x"}, {"k": "y"}]).rowcount == 2
    assert many(f"DELETE FROM {filled} WHERE PK = ?", []).rowcount == 0
    given = ((f"g{i}", i) for i in range(3))
    assert many(f"INSERT INTO {filled} (PK, n) VALUES (?, ?)", given).rowcount == 3


def test_executemany_of_mixed_types(cursor: Any, table: str) -> None:
    values = [1, 1.5, "x", b"x", True, [1, "a"], {"k": 1}, None]
    rows = [(i, value, "always") for i, value in enumerate(values)]
    cursor.executemany(f"INSERT INTO {table} (PK, v, w) VALUES (?, ?, ?)", rows)
    found = cursor.execute(f"SELECT PK, v, w FROM {table}").fetchall()
    assert sorted(found) == rows


def test_executemany_of_a_query(cursor: Any, table: str) -> None:
    with pytest.raises(aerodbapi.ProgrammingError, match="queries"):
        cursor.executemany(f"SELECT * FROM {table} WHERE PK = ?", [("a",)])


def test_executemany_writes_the_others_when_some_fail(cursor: Any, filled: str) -> None:
    rows = [("new1", 1), ("a", 0), ("new2", 2), ("b", 0)]
    with pytest.raises(aerodbapi.IntegrityError) as caught:
        cursor.executemany(f"INSERT INTO {filled} (PK, n) VALUES (?, ?)", rows)
    error = caught.value
    assert isinstance(error, RecordExists)
    assert error.result_code == 5
    assert "'a'" in str(error)
    assert "2 of 4" in str(error)
    assert [None if e is None else type(e) for e in error.results] == [
        None,
        RecordExists,
        None,
        RecordExists,
    ]
    found = cursor.execute(f"SELECT PK FROM {filled} WHERE PK IN ('new1', 'new2')").fetchall()
    assert sorted(found) == [("new1",), ("new2",)]


# ---- row factories -----------------------------------------------------------------------------


class Pair:
    def __init__(self, PK: str, n: int) -> None:  # noqa: N803 (the columns' names)
        self.pair = (PK, n)


@pytest.mark.parametrize(
    ("factory", "read"),
    [
        (dict_row, lambda row: (row["PK"], row["n"])),
        (namedtuple_row, lambda row: (row.PK, row.n)),
        (class_row(Pair), lambda row: row.pair),
        (kwargs_row(lambda **columns: columns), lambda row: (row["PK"], row["n"])),
        (lambda names: lambda values: dict(zip(names, values)), lambda row: (row["PK"], row["n"])),
    ],
)
def test_row_factories(
    opener: Opener, connection: Any, filled: str, factory: Any, read: Any
) -> None:
    cursor = connection.cursor(row_factory=factory)
    cursor.execute(f"SELECT PK, n FROM {filled}")
    rows = [read(cursor.fetchone()), *map(read, cursor.fetchmany(1)), *map(read, cursor)]
    assert sorted(rows) == ROWS
    assert read(cursor.execute(f"SELECT PK, n FROM {filled} WHERE PK = 'b'").fetchone()) == ("b", 2)


def test_scalars(connection: Any, filled: str) -> None:
    cursor = connection.cursor(row_factory=scalar_row)
    assert cursor.execute(f"SELECT n FROM {filled} WHERE PK = 'e'").fetchone() == 5
    assert cursor.execute(f"SELECT n FROM {filled} WHERE PK = 'd'").fetchall() == [None]


def test_a_connection_hands_its_row_factory_down(opener: Opener) -> None:
    connection = opener.connection(row_factory=dict_row)
    assert connection.cursor().execute("SELECT 1 AS one").fetchall() == [{"one": 1}]
    connection.row_factory = scalar_row
    assert connection.execute("SELECT 1 AS one").fetchall() == [1]
    cursor = connection.cursor()
    cursor.row_factory = dict_row
    assert cursor.execute("SELECT 2 AS two").fetchone() == {"two": 2}


def test_names_that_are_no_identifiers(connection: Any) -> None:
    cursor = connection.cursor(row_factory=namedtuple_row)
    row = cursor.execute('SELECT 1, 2 AS "a b", 3 AS "class", 4 AS "_x", 5 AS fine').fetchone()
    assert tuple(row) == (1, 2, 3, 4, 5)
    assert row.fine == 5


# ---- closing -----------------------------------------------------------------------------------

CALLS = [
    ("execute", ("SELECT 1",)),
    ("executemany", ("DELETE FROM test.t WHERE PK = ?", [("a",)])),
    ("fetchone", ()),
    ("fetchmany", ()),
    ("fetchall", ()),
    ("nextset", ()),
]


@pytest.mark.parametrize(("method", "given"), CALLS)
def test_a_closed_cursor_refuses(cursor: Any, method: str, given: tuple[Any, ...]) -> None:
    cursor.execute("SELECT 1")
    assert not cursor.closed
    cursor.close()
    cursor.close()
    assert cursor.closed
    with pytest.raises(ConnectionClosed, match="cursor is closed") as caught:
        getattr(cursor, method)(*given)
    assert isinstance(caught.value, aerodbapi.InterfaceError)


@pytest.mark.parametrize(("method", "given"), CALLS)
def test_a_closed_connection_refuses(opener: Opener, method: str, given: tuple[Any, ...]) -> None:
    connection = opener.connection()
    cursor = connection.cursor()
    cursor.execute("SELECT 1")
    connection.close()
    connection.close()
    assert connection.closed
    with pytest.raises(ConnectionClosed, match="connection is closed"):
        getattr(cursor, method)(*given)
    cursor.close()


def test_iterating_a_closed_cursor(cursor: Any) -> None:
    cursor.execute("SELECT 1")
    cursor.close()
    with pytest.raises(ConnectionClosed):
        list(cursor)


def test_with_closes(connection: Any) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert cursor.closed


def test_closing_in_the_middle_of_a_result(connection: Any, filled: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SELECT * FROM {filled}")
    cursor.fetchone()
    cursor.close()
    assert cursor.description is None
    assert connection.execute(f"SELECT PK FROM {filled} WHERE PK = 'a'").fetchall() == [("a",)]


def test_the_errors_name_the_state(cursor: Any) -> None:
    assert "closed" not in repr(cursor.connection)
