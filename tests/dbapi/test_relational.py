"""Statements of the relational engine through cursors of every kind."""

from __future__ import annotations

import datetime
import decimal
import subprocess
import sys
import threading
import uuid
from typing import Any

import pytest

import aerodbapi
from aerodbapi import errors
from aerodbapi.types import GeoJSON

POINT = '{"type":"Point","coordinates":[1,2]}'


@pytest.fixture
def numbers(connection: Any, table: str) -> str:
    """A table of 1,200 rows."""
    rows = [(n, n, n % 4, n / 8, f"s{n:04}") for n in range(1200)]
    connection.cursor().executemany(
        f"INSERT INTO {table} (PK, n, g, x, s) VALUES (?, ?, ?, ?, ?)", rows
    )
    return table


def test_grouping(cursor: Any, numbers: str) -> None:
    cursor.execute(
        f"SELECT g, count(*) AS c, sum(n) AS s, avg(x) AS a FROM {numbers} "
        "WHERE n >= ? GROUP BY g ORDER BY g DESC",
        (600,),
    )
    assert [(d[0], str(d[1])) for d in cursor.description] == [
        ("g", "BIGINT"),
        ("c", "BIGINT"),
        ("s", "BIGINT"),
        ("a", "DOUBLE"),
    ]
    assert cursor.fetchone() == (3, 150, 135150, 112.625)
    assert [row[0] for row in cursor.fetchall()] == [2, 1, 0]
    assert cursor.rowcount == 4


def test_a_result_without_rows_has_columns(cursor: Any, numbers: str) -> None:
    cursor.execute(f"SELECT g, max(s) AS m FROM {numbers} WHERE n < 0 GROUP BY g ORDER BY 1")
    assert cursor.fetchall() == []
    assert [d[0] for d in cursor.description] == ["g", "m"]


def test_rows_stream_and_closing_ends_them(connection: Any, numbers: str) -> None:
    for _ in range(5):
        cursor = connection.cursor()
        cursor.execute(f"SELECT a.s FROM {numbers} a UNION ALL SELECT s FROM {numbers}")
        assert cursor.rowcount == -1
        assert len(cursor.fetchmany(10)) == 10
        cursor.close()
    assert connection.execute(f"SELECT max(n) FROM {numbers}").fetchone() == (1199,)


def test_two_cursors_at_once(connection: Any, numbers: str) -> None:
    one, other = connection.cursor(), connection.cursor()
    one.execute(f"SELECT n FROM {numbers} ORDER BY n")
    other.execute(f"SELECT n FROM {numbers} ORDER BY n DESC")
    assert [(one.fetchone()[0], other.fetchone()[0]) for _ in range(3)] == [
        (0, 1199),
        (1, 1198),
        (2, 1197),
    ]
    assert len(one.fetchall()) == len(other.fetchall()) == 1197


def test_joins_of_one_table_with_itself(connection: Any, numbers: str) -> None:
    sql = f"""SELECT count(*) FROM {numbers} a JOIN {numbers} b ON a.n = b.n + 1
        JOIN {numbers} c ON c.n = b.n"""
    assert connection.execute(sql).fetchone() == (1199,)


TYPES: list[tuple[str, str, Any]] = [
    ("CAST('2013-01-02' AS DATE)", "DATE", datetime.date(2013, 1, 2)),
    ("TIMESTAMP '2013-01-02 03:04:05'", "TIMESTAMP", datetime.datetime(2013, 1, 2, 3, 4, 5)),
    ("CAST('03:04:05' AS TIME)", "TIME", datetime.time(3, 4, 5)),
    (
        "CAST('2013-01-02 03:04:05+01' AS TIMESTAMPTZ)",
        "TIMESTAMPTZ",
        datetime.datetime(2013, 1, 2, 2, 4, 5, tzinfo=datetime.timezone.utc),
    ),
    ("INTERVAL '2' DAY", "INTERVAL", datetime.timedelta(days=2)),
    ("CAST(1.25 AS DECIMAL(10, 2))", "DECIMAL", decimal.Decimal("1.25")),
    ("sum(9223372036854775807)", "BIGINT", 2 * (2**63 - 1)),
    ("list_value(1, NULL)", "JSON", [1, None]),
    ("CAST('{\"a\": [1]}' AS JSON)", "JSON", {"a": [1]}),
    ("CAST('00000000-0000-0000-0000-000000000005' AS UUID)", "UUID", uuid.UUID(int=5)),
    ("X'00ff'", "BLOB", b"\x00\xff"),
    ("count(*) > 1", "BOOLEAN", True),
    ("array_agg(n ORDER BY n)", "JSON", [1, 2]),
    ("histogram(n)", "JSON", {1: 1, 2: 1}),
    ("NULL", "VARCHAR", None),
]


@pytest.mark.parametrize(("text", "type", "value"), TYPES, ids=[t[0] for t in TYPES])
def test_types_of_results(text: str, type: str, value: Any) -> None:
    with aerodbapi.connect(namespace="test") as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO t (PK, n) VALUES (1, 1), (2, 2)")
        cursor.execute(f"SELECT {text} AS v, count(*) FROM t")
        assert cursor.fetchone() == (value, 2)
        if value is not None:
            assert str(cursor.description[0][1]) == type


def test_types_of_bins(cursor: Any, table: str) -> None:
    bins = (1, 1.5, True, "é", b"\0", [1, {"a": None}], {"k": [2.5]}, GeoJSON(POINT))
    cursor.execute(
        f"INSERT INTO {table} (PK, i, d, b, s, y, l, m, g) VALUES ('k', ?, ?, ?, ?, ?, ?, ?, ?)",
        bins,
    )
    found = cursor.execute(f"SELECT i, d, b, s, y, l, m, g FROM {table} ORDER BY i").fetchone()
    assert found == bins
    assert [type(value) for value in found] == [type(value) for value in bins]


def test_columns_of_several_kinds(connection: Any, table: str) -> None:
    connection.cursor().executemany(
        f"INSERT INTO {table} (PK, v) VALUES (?, ?)", [(1, 1), (2, "1"), (3, [1]), (4, 2.5)]
    )
    assert connection.execute(f"SELECT v FROM {table} ORDER BY PK").fetchall() == [
        (1,),
        ("1",),
        ([1],),
        (2.5,),
    ]


def test_a_column_that_is_wider_than_its_sample_is_widened(opener: Any, table: str) -> None:
    """The other connection's writes are not in this one's catalog."""
    one = opener.connection()
    if not opener.tcp:
        pytest.skip("two connections to one node")
    other = opener.connection()
    one.execute(f"INSERT INTO {table} (PK, v) VALUES (1, 1)")
    ordered = f"SELECT v FROM {table} ORDER BY PK"
    assert one.execute(ordered).fetchall() == [(1,)]
    other.execute(f"INSERT INTO {table} (PK, v) VALUES (2, 1.5)")
    assert one.execute(ordered).fetchall() == [(1.0,), (1.5,)]
    other.execute(f"INSERT INTO {table} (PK, v) VALUES (3, 'x')")
    assert one.execute(ordered).fetchall() == [(1,), (1.5,), ("x",)]
    other.execute(f"INSERT INTO {table} (PK, w) VALUES (4, TRUE)")
    assert one.execute(f"SELECT w FROM {table} WHERE PK = 4 ORDER BY w").fetchall() == [(True,)]


def test_the_missing_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['duckdb'] = None\n"
        "import aerodbapi\n"
        "c = aerodbapi.connect(namespace='test')\n"
        "try: c.execute('SELECT a, count(*) FROM t GROUP BY a')\n"
        "except aerodbapi.NotSupportedError as error: print(error)\n"
        "print(c.execute('SELECT 1').fetchall())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert 'pip install "aerodbapi[sql]"' in done.stdout
    assert "[(1,)]" in done.stdout


def test_simple_statements_do_without_the_engine() -> None:
    program = (
        "import sys, aerodbapi\n"
        "c = aerodbapi.connect(namespace='test')\n"
        'c.execute("INSERT INTO t (PK, a) VALUES (1, 2)")\n'
        "c.execute('SELECT a FROM t WHERE a > 1 LIMIT 3').fetchall()\n"
        "print(sorted({'duckdb', 'pyarrow', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_errors_of_the_engine(connection: Any, numbers: str) -> None:
    for sql, error in (
        (f"SELECT CAST(s AS BIGINT) FROM {numbers} ORDER BY 1", errors.DataError),
        (f"SELECT sum(s) FROM {numbers}", errors.ProgrammingError),
        (f"SELECT n + 9223372036854775807 FROM {numbers} ORDER BY 1", errors.DataError),
        (f"SELECT nosuch(n) FROM {numbers} ORDER BY 1", errors.NotSupportedError),
    ):
        with pytest.raises(error):
            connection.execute(sql).fetchall()
    assert connection.execute(f"SELECT count(DISTINCT g) FROM {numbers}").fetchone() == (4,)


def test_arrow(connection: Any, numbers: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SELECT n, s, sum(n) AS t FROM {numbers} GROUP BY n, s ORDER BY n")
    assert cursor.fetchone() == (0, "s0000", 0)
    table = cursor.fetch_arrow_table()
    assert [str(field.type) for field in table.schema] == ["int64", "string", "int64"]
    assert (table.num_rows, table.column("n")[0].as_py()) == (1199, 1)
    assert cursor.fetchall() == []
    assert cursor.rowcount == 1200


def test_arrow_of_statements_without_the_engine(connection: Any, table: str) -> None:
    connection.cursor().executemany(
        f"INSERT INTO {table} (PK, v) VALUES (?, ?)", [(1, 1), (2, [1])]
    )
    cursor = connection.cursor()
    cursor.execute(f"SELECT PK, v FROM {table}")
    rows = cursor.fetch_arrow_table().to_pylist()
    assert sorted((row["PK"], row["v"]) for row in rows) == [(1, "1"), (2, "[1]")]
    cursor.execute(f"SELECT PK FROM {table} WHERE PK = 1")
    assert cursor.fetch_arrow_table().to_pylist() == [{"PK": 1}]


def test_arrow_streams(connection: Any, numbers: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SELECT n FROM {numbers} ORDER BY n")
    assert sum(batch.num_rows for batch in cursor.fetch_record_batch()) == 1200
    cursor.execute(f"SELECT n, g FROM {numbers}")
    assert sum(batch.num_rows for batch in cursor.fetch_record_batch()) == 1200


def test_a_data_frame_takes_a_cursor() -> None:
    polars = pytest.importorskip("polars")
    with aerodbapi.connect(namespace="test") as connection:
        connection.execute("INSERT INTO t (PK, n) VALUES (1, 1), (2, 2)")
        frame = polars.DataFrame(connection.execute("SELECT n FROM t ORDER BY n DESC"))
        assert frame["n"].to_list() == [2, 1]


def test_no_thread_stays(numbers: str, connection: Any) -> None:
    connection.execute(f"SELECT g, count(*) FROM {numbers} GROUP BY g").fetchall()
    before = threading.active_count()
    for _ in range(5):
        connection.execute(f"SELECT g, count(*) FROM {numbers} GROUP BY g").fetchall()
    assert threading.active_count() <= before + 1
