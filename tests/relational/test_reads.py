"""What travels for a statement: only the records, bins and keys that it needs."""

from __future__ import annotations

from typing import Any

import pytest

#: Statement → path, records that came from the nodes, rows given.
READS = [
    ("SELECT name FROM {people} WHERE age > 40 ORDER BY name", "set_query", 2, 2),
    ("SELECT count(*) FROM {people} WHERE city = 'Rome'", "set_query", 2, 1),
    ("SELECT name, levenshtein(name, 'x') FROM {people} WHERE PK = 'u1'", None, 1, 1),
    ("SELECT name FROM {people} WHERE PK IN ('u1', 'u2', 'zz') ORDER BY 1", "batch", 2, 2),
    ("SELECT x FROM (SELECT age AS x FROM {people}) t WHERE x > 40 ORDER BY 1", "set_query", 2, 2),
    (
        "WITH t AS (SELECT * FROM {people}) SELECT name FROM t WHERE city = 'Oslo' ORDER BY 1",
        "set_query",
        1,
        1,
    ),
    (
        "SELECT p.name FROM {sales} s JOIN {people} p ON p.PK = s.who WHERE s.price > 4.2",
        "set_query, batch",
        3,
        1,
    ),
    (
        "SELECT name FROM {people} WHERE PK IN (SELECT who FROM {sales} WHERE item = 'ink')",
        "set_query, batch",
        2,
        1,
    ),
    (
        (
            "SELECT name FROM {people} p WHERE EXISTS (SELECT 1 FROM {sales} s WHERE s.who = p.PK"
            " AND s.item = 'ink')"
        ),
        "set_query, batch",
        2,
        1,
    ),
    (
        "SELECT p.name FROM (VALUES ('u1'), ('u2')) v (k) JOIN {people} p ON p.PK = v.k",
        "batch",
        2,
        2,
    ),
    ("SELECT a.name FROM {people} a, {people} b WHERE a.age = b.age AND b.age > 40", None, 4, 2),
    (
        (
            "SELECT item FROM (SELECT item FROM {sales} UNION SELECT city FROM {people}) t"
            " WHERE item = 'cup'"
        ),
        None,
        2,
        1,
    ),
    ("SELECT name FROM {people} WHERE 1 = 0 ORDER BY 1", "local", 0, 0),
    ("SELECT name FROM {people} ORDER BY 1 LIMIT 0", None, None, 0),
    ("SELECT 1 UNION SELECT 2", "local", 0, 2),
]


@pytest.mark.parametrize(
    ("text", "path", "records", "rows"), READS, ids=[f"{n:02}" for n in range(len(READS))]
)
def test_what_came(loaded, text, path, records, rows):
    cursor, tables = loaded
    cursor.execute(text.format(**tables)).fetchall()
    _check(cursor.query_stats, path, records, rows)


def test_every_face_reads_no_more(cursor, tables):
    for text, path, records, rows in READS:
        cursor.execute(text.format(**tables)).fetchall()
        _check(cursor.query_stats, path, records, rows)


def _check(stats: Any, path: str | None, records: int | None, rows: int) -> None:
    assert path in (None, stats.path)
    assert records in (None, stats.records)
    assert stats.rows == rows
    assert stats.nodes == (1 if stats.records else stats.nodes)
    assert stats.bytes > 0 or not stats.records


def test_a_limit_stops_the_read(cursor, namespace, fresh_set):
    cursor.executemany(
        f"INSERT INTO {namespace}.{fresh_set} (PK, a) VALUES (?, ?)", [(n, n) for n in range(500)]
    )
    cursor.execute(
        f"SELECT levenshtein('x', 'y'), a FROM {namespace}.{fresh_set} LIMIT 3"
    ).fetchall()
    assert cursor.query_stats.records == 3


def test_stats_of_the_plain_way(cursor, people):
    cursor.execute(f"SELECT name FROM {people} WHERE PK = 'u0'").fetchall()
    stats = cursor.query_stats
    assert (stats.path, stats.records, stats.rows, stats.nodes) == ("key_query", 1, 1, 1)
    assert stats.bytes > 0
    assert stats.ms >= 0
    cursor.execute(f"SELECT name FROM {people} WHERE name LIKE '%e' AND age > 5").fetchall()
    stats = cursor.query_stats
    assert stats.path == "set_query"
    assert "LIKE" in stats.pushed
    assert "LIKE" in stats.residual
    assert stats.records >= stats.rows == 2
    assert "Filter" in str(stats)


def test_stats_of_writes(cursor, people):
    cursor.execute(f"UPDATE {people} SET age = 1 WHERE age > 40")
    assert (cursor.query_stats.path, cursor.query_stats.rows) == ("update", 2)
    cursor.execute(f"DELETE FROM {people} WHERE PK = 'u0'")
    assert (cursor.query_stats.path, cursor.query_stats.rows) == ("delete", 1)


def test_stats_before_a_statement(cursor):
    assert cursor.query_stats is None


def _explained(cursor: Any, text: str) -> list[dict[str, Any]]:
    cursor.execute(text)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def test_explain_asks_nothing_of_the_records(cursor, people):
    project, read = _explained(cursor, f"EXPLAIN SELECT name FROM {people} WHERE age > 40")
    assert (project["node"], read["node"]) == ("Project", "PartitionQuery")
    assert (read["parent"], read["command_type"], read["bins"]) == (1, "set_query", "name")
    assert (read["pushed"], read["residual"], read["est_records"]) == ("age > 40", None, 6)


def test_explain_a_join(cursor, tables):
    text = "SELECT p.name FROM {sales} s JOIN {people} p ON p.PK = s.who WHERE s.price > 4"
    rows = _explained(cursor, f"EXPLAIN {text}".format(**tables))
    assert [row["node"] for row in rows] == [
        *("Relational", "Input", "PartitionQuery", "Input", "KeyJoin", "PartitionQuery")
    ]
    assert [row["parent"] for row in rows] == [None, 1, 2, 1, 4, 5]


def test_explain_analyze(cursor, tables):
    rows = _explained(
        cursor,
        "EXPLAIN ANALYZE SELECT p.name FROM {sales} s JOIN {people} p ON p.PK = s.who"
        " WHERE s.price > 6".format(**tables),
    )
    by_node = {row["node"]: row for row in reversed(rows)}
    assert by_node["Relational"]["rows"] == 1
    assert by_node["Relational"]["ms"] > 0
    assert by_node["KeyJoin"]["records"] == 1
    assert by_node["PartitionQuery"]["records"] == 1
    assert by_node["PartitionQuery"]["bytes"] > 0


def test_explain_analyze_runs_the_statement(cursor, people):
    rows = _explained(cursor, f"EXPLAIN ANALYZE DELETE FROM {people} WHERE age > 40")
    assert rows[0]["rows"] == 2
    assert cursor.execute(f"SELECT count(*) FROM {people}").fetchall() == [(4,)]


def test_explain_analyze_of_a_key(cursor, people):
    _, read = _explained(cursor, f"EXPLAIN ANALYZE SELECT * FROM {people} WHERE PK = 'u0'")
    assert (read["node"], read["records"], read["rows"]) == ("Get", 1, 1)
    assert "digest=" in read["detail"]


@pytest.mark.parametrize(
    "head", ["EXPLAIN FORMAT = TREE", "EXPLAIN (FORMAT TREE)", "EXPLAIN (ANALYZE, FORMAT TREE)"]
)
def test_explain_as_a_tree(cursor, people, head):
    cursor.execute(f"{head} SELECT city, count(*) FROM {people} GROUP BY city")
    lines = [line for (line,) in cursor.fetchall()]
    assert [column[0] for column in cursor.description] == ["plan"]
    assert lines[0].startswith("Relational SELECT")
    assert lines[1].startswith("  Input ")
    assert lines[2].startswith("    PartitionQuery ")
    assert ("records=6" in lines[2]) is ("ANALYZE" in head)
