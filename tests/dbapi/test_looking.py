"""STAT, ASINFO, DESC MODULE's like, SHOW of jobs; indexes over elements and expressions."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi import errors


def facts(cursor: Any) -> dict[str, str]:
    """(name, value) of the first node's rows."""
    rows = cursor.fetchall()
    return {name: value for node, name, value in rows if node == rows[0][0]}


def test_statistics(cursor: Any, namespace: str) -> None:
    for statement in ("STAT SYSTEM", "SHOW STATISTICS", "CALL sys.stat('system')"):
        cursor.execute(statement)
        assert [column[0] for column in cursor.description] == ["node", "name", "value"]
        assert int(facts(cursor)["cluster_size"]) >= 1
    for statement in (f"STAT NAMESPACE {namespace}", f"SHOW STATISTICS FROM {namespace}"):
        cursor.execute(statement)
        assert "objects" in facts(cursor)


def test_statistics_of_an_index(cursor: Any, table: str, namespace: str) -> None:
    index = f"i_{table.partition('.')[2]}"
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (1, 5)")
    cursor.execute(f"CREATE INDEX {index} ON {table} (a) NUMERIC")
    try:
        cursor.execute(f"STAT INDEX {namespace} {index}")
        assert facts(cursor)["load_pct"] == "100"
    finally:
        cursor.execute(f"DROP INDEX {namespace} {index}")
    with pytest.raises(errors.Error):
        cursor.execute(f"STAT INDEX {namespace} {index}")


def test_info(cursor: Any, namespace: str) -> None:
    cursor.execute("ASINFO 'namespaces'")
    assert [column[0] for column in cursor.description] == ["node", "request", "response"]
    node, request, response = cursor.fetchone()
    assert ":" in node
    assert request == "namespaces"
    assert namespace in response.split(";")
    cursor.execute("ASINFO ?", ("build",))
    assert cursor.fetchone()[2][0].isdigit()


@pytest.mark.parametrize("command", ["", " ", "a\nb", 5, None])
def test_info_commands_that_are_none(cursor: Any, command: Any) -> None:
    with pytest.raises(errors.ProgrammingError, match="ASINFO takes one info command"):
        cursor.execute("ASINFO ?", (command,))


def test_info_commands_that_fail(cursor: Any) -> None:
    with pytest.raises(errors.Error):
        cursor.execute("ASINFO 'no-such-command'")


def test_names_stay_in_their_place(cursor: Any) -> None:
    for statement in ('STAT INDEX test "a;b"', 'STAT INDEX test "a:b"'):
        with pytest.raises(errors.ProgrammingError):
            cursor.execute(statement)


def test_jobs(cursor: Any, table: str) -> None:
    cursor.execute(f"UPSERT INTO {table} (PK, a) VALUES (1, 5)")
    cursor.execute(f"SELECT * FROM {table}").fetchall()
    for what in ("JOBS", "QUERIES", "SCANS"):
        cursor.execute(f"SHOW {what}")
        names = [column[0] for column in cursor.description]
        assert names[:5] == ["node", "job", "namespace", "set", "kind"]
        for row in cursor.fetchall():
            entry = dict(zip(names, row))
            assert int(entry["job"]) >= 0
            assert 0 <= entry["progress"] <= 100
            assert what != "QUERIES" or entry["index"]


def test_functions(cursor: Any) -> None:
    cursor.execute("SHOW FUNCTIONS")
    assert [column[0] for column in cursor.description] == ["function", "kind", "engine", "usage"]
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    assert found["SUM"] == ("aggregate", True, None)
    assert found["ROW_NUMBER"] == ("window", True, None)
    assert found["UPPER"] == ("scalar", False, None)
    assert found["MAP_PUT"] == ("operation", False, "MAP_PUT(bin, key, value)")


def test_run_stays_with_the_command_line(cursor: Any) -> None:
    with pytest.raises(errors.ProgrammingError, match="RUN belongs to the command line"):
        cursor.execute("RUN 'file.aql'")


def test_looking_changes_no_data(cursor: Any) -> None:
    with pytest.raises(errors.ProgrammingError, match="not queries"):
        cursor.executemany("ASINFO ?", [("build",)])


# ---- indexes -----------------------------------------------------------------------------------


def listed(cursor: Any, table: str) -> dict[str, dict[str, Any]]:
    cursor.execute(f"SHOW INDEXES {table}")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row)) for row in cursor.fetchall()]
    return {row["index"]: row for row in rows}


def test_indexes_over_elements_and_expressions(cursor: Any, table: str, namespace: str) -> None:
    name = table.partition(".")[2]
    cursor.execute(
        f"UPSERT INTO {table} (PK, a, m) VALUES (1, 5, ?), (2, 6, ?), (3, 'x', ?)",
        ({"k": {"z": [7]}}, {"k": {"z": [8]}}, {"k": 5}),
    )
    over = {
        f"p_{name}": "(m.k['z'][0]) NUMERIC",
        f"e_{name}": "(a * 2 + 1) NUMERIC",
        f"f_{name}": "((a + 1)) NUMERIC",
    }
    try:
        for index, text in over.items():
            cursor.execute(f"CREATE INDEX {index} ON {table} {text}")
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} {text}")
        cursor.execute(f"CREATE MAPKEYS INDEX k_{name} ON {table} (m.k) STRING")
        assert set(listed(cursor, table)) == {*over, f"k_{name}"}
        for index, entries in {f"p_{name}": "2", f"e_{name}": "2", f"k_{name}": "2"}.items():
            cursor.execute(f"STAT INDEX {namespace} {index}")
            assert facts(cursor)["entries"] == entries
    finally:
        for index in (*over, f"k_{name}"):
            cursor.execute(f"DROP INDEX IF EXISTS {index} ON {table}")


def test_an_index_over_an_element_is_used(cursor: Any, table: str) -> None:
    name = table.partition(".")[2]
    cursor.execute(
        f"UPSERT INTO {table} (PK, m) VALUES (1, ?), (2, ?), (3, ?)",
        ({"k": {"z": "x"}}, {"k": {"z": "y"}}, {"k": "x"}),
    )
    cursor.execute(f"CREATE INDEX s_{name} ON {table} (m.k.z) STRING")
    cursor.execute(f"CREATE INDEX n_{name} ON {table} (m.k) NUMERIC")
    try:
        for where, key in (("m['k']['z'] = 'x'", 1), ("'y' = m['k']['z']", 2)):
            cursor.execute(f"EXPLAIN SELECT PK FROM {table} WHERE {where}")
            assert f"s_{name}" in repr(cursor.fetchall())
            cursor.execute(f"SELECT PK FROM {table} WHERE {where}")
            assert cursor.fetchall() == [(key,)]
        # Doubles are in no index: a number might be missed.
        cursor.execute(f"EXPLAIN SELECT PK FROM {table} WHERE m['k'] = 5")
        assert f"n_{name} not used" in repr(cursor.fetchall())
        cursor.execute(f"UPDATE {table} SET b = 1 WHERE m['k']['z'] = 'x'")
        assert cursor.rowcount == 1
    finally:
        cursor.execute(f"DROP INDEX s_{name} ON {table}")
        cursor.execute(f"DROP INDEX n_{name} ON {table}")


REFUSED = [
    ("(m.k[0])", errors.ProgrammingError, "an index on an element needs its type"),
    ("(m[a]) NUMERIC", errors.ProgrammingError, "has whole numbers and keys"),
    ("(UPPER(a)[0]) NUMERIC", errors.ProgrammingError, "begins with a bin"),
    ("(a + 1)", errors.ProgrammingError, "needs its type"),
    ("(a + 1) GEO2DSPHERE", errors.ProgrammingError, "needs its type"),
    ("(a + 1) STRING", errors.NotSupportedError, "cannot work out this expression as STRING"),
    ("(MD5(a)) STRING", errors.NotSupportedError, "cannot work out this expression"),
    ("(PK + 1) NUMERIC", errors.NotSupportedError, "PK cannot be indexed"),
]


@pytest.mark.parametrize(("text", "kind", "message"), REFUSED, ids=[entry[0] for entry in REFUSED])
def test_what_cannot_be_indexed(text: str, kind: type[Exception], message: str) -> None:
    import aerodbapi

    with aerodbapi.connect() as connection, pytest.raises(kind) as caught:
        connection.execute(f"CREATE INDEX i ON test.t {text}")
    assert message in str(caught.value)
