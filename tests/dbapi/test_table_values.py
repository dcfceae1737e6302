"""What columns of each type hold, find and refuse, and what cannot be declared: over one face."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from aerodbapi import errors
from aerodbapi.types import BINARY, DATETIME, NUMBER, STRING, GeoJSON
from tests.dbapi.tables import accounts, declared, rows
from tests.faces import Opener

__all__ = ["accounts", "declared", "opener"]

ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def opener(node_address):
    made = Opener("sync-tcp", node_address)
    yield made
    made.close()


# ---- values ------------------------------------------------------------------------------------

COLUMNS = (
    # column, type, value, type object of its description
    ("ok", "BOOLEAN", True, NUMBER),
    ("small", "SMALLINT", -5, NUMBER),
    ("n", "INTEGER", 2**40, NUMBER),
    ("big", "BIGINT", -(2**63), NUMBER),
    ("x", "DOUBLE PRECISION", 1.5, NUMBER),
    ("amount", "DECIMAL(10, 2)", Decimal("12.50"), NUMBER),
    ("wide", "NUMERIC(38, 4)", Decimal("-1234567890123456789.5000"), NUMBER),
    ("name", "VARCHAR(10)", "Ann", STRING),
    ("raw", "BYTEA", b"\x00\xff", BINARY),
    ("day", "DATE", dt.date(2024, 2, 29), DATETIME),
    ("clock", "TIME", dt.time(23, 59, 59, 5), DATETIME),
    ("made", "TIMESTAMP", dt.datetime(2024, 2, 29, 1, 2, 3, 4), DATETIME),
    (
        "seen",
        "TIMESTAMP WITH TIME ZONE",
        dt.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=dt.timezone.utc),
        DATETIME,
    ),
    ("uid", "UUID", ID, STRING),
    ("doc", "JSON", {"a": [1, None, "x"]}, STRING),
    ("place", "GEOJSON", GeoJSON('{"type":"Point","coordinates":[0,0]}'), STRING),
    ("items", "LIST", [1, "a", None], STRING),
    ("m", "MAP", {"a": 1}, STRING),
)


@pytest.fixture
def everything(cursor, declared):
    """A table with a column of each type, and a record."""
    columns = ", ".join(f"{name} {kind}" for name, kind, *_ in COLUMNS)
    cursor.execute(f"CREATE TABLE {declared} (id INTEGER PRIMARY KEY, {columns})")
    names = ", ".join(name for name, *_ in COLUMNS)
    marks = ", ".join("?" for _ in COLUMNS)
    values = [value for _, _, value, _ in COLUMNS]
    cursor.execute(f"INSERT INTO {declared} (id, {names}) VALUES (1, {marks})", values)
    return declared


def test_values_of_every_type_come_back(cursor, everything):
    cursor.execute(f"SELECT * FROM {everything}")
    assert [column[0] for column in cursor.description] == ["id", *(name for name, *_ in COLUMNS)]
    (row,) = cursor.fetchall()
    assert row == (1, *(value for _, _, value, _ in COLUMNS))
    assert [type(value) for value in row[1:]] == [type(value) for _, _, value, _ in COLUMNS]


def test_descriptions_say_the_declared_types(cursor, everything):
    cursor.execute(f"SELECT * FROM {everything} WHERE id = 1")
    for column, (name, _, _, type_object) in zip(cursor.description[1:], COLUMNS):
        assert (column[0], column[1]) == (name, type_object)
    sizes = {column[0]: column[4:6] for column in cursor.description}
    assert (sizes["amount"], sizes["wide"], sizes["n"]) == ((10, 2), (38, 4), (None, None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name, kind, value, _ in COLUMNS
        if kind not in ("JSON", "GEOJSON", "LIST", "MAP")
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_values_of_every_type_are_found(cursor, everything, name, value):
    assert rows(cursor, f"SELECT id FROM {everything} WHERE {name} = ?", value) == [(1,)]
    assert rows(cursor, f"SELECT id FROM {everything} WHERE {name} IN (?, NULL)", value) == [(1,)]
    assert rows(cursor, f"SELECT id FROM {everything} WHERE {name} <> ?", value) == []
    assert rows(cursor, f"SELECT id FROM {everything} WHERE NOT ({name} = ?)", value) == []
    assert rows(cursor, f"SELECT id FROM {everything} WHERE {name} IS NULL") == []
    if name != "ok":
        between = f"SELECT id FROM {everything} WHERE {name} BETWEEN ? AND ?"
        assert rows(cursor, between, value, value) == [(1,)]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("day > '2024-02-28'", True),
        ("day > '2024-02-29'", False),
        ("'2024-02-28' < day", True),
        ("day = DATE '2024-02-29'", True),
        ("day < '2024-02-29 12:00:00'", True),
        ("day = '2024-02-29 12:00:00'", False),
        ("amount = 12.5", True),
        ("amount > 12.499", True),
        ("amount > 12.5", False),
        ("amount BETWEEN 12 AND 13", True),
        ("wide < 0", True),
        ("wide = -1234567890123456789.5", False),  # a double is another number
        ("made >= '2024-02-29'", True),
        ("made < '2024-03-01'", True),
        ("uid = '12345678-1234-5678-1234-567812345678'", True),
        ("clock > '23:59'", True),
        ("seen = '2024-02-29 03:02:03.000004+02:00'", True),
        ("name LIKE 'A%'", True),
        ("day IS NOT NULL AND small < 0", True),
        ("NOT (day > '2024-02-29')", True),
        ("NAME = 'Ann'", True),
        ("day = 5", False),
    ],
)
def test_conditions(cursor, everything, condition, found):
    assert rows(cursor, f"SELECT id FROM {everything} WHERE {condition}") == [(1,)] * found


def test_engine_sees_the_values(cursor, everything):
    text = f"SELECT * FROM {everything} ORDER BY id"
    (row,) = rows(cursor, text)
    wanted = {name: value for name, kind, value, _ in COLUMNS if kind not in ("LIST", "MAP")}
    names = [column[0] for column in cursor.description]
    assert {name: value for name, value in zip(names, row) if name in wanted} == wanted
    text = f"SELECT SUM(amount), MAX(day), MIN(made), MAX(uid) FROM {everything}"
    assert rows(cursor, text) == [(Decimal("12.50"), dt.date(2024, 2, 29), COLUMNS[11][2], ID)]
    text = f"SELECT EXTRACT(year FROM day), amount * 2 FROM {everything} WHERE amount + 1 > 13"
    assert rows(cursor, text) == [(2024, Decimal("25.00"))]


def test_indexes_answer_conditions_on_encoded_values(cursor, everything, fresh_set):
    cursor.execute(f"CREATE INDEX {fresh_set}_d ON {everything} (day)")
    cursor.execute(f"CREATE INDEX {fresh_set}_a ON {everything} (amount)")
    for condition in ("day = '2024-02-29'", "day > '2024-02-28'", "amount BETWEEN 12.1 AND 12.9"):
        plan = rows(cursor, f"EXPLAIN SELECT id FROM {everything} WHERE {condition}")
        assert any("IndexQuery" in row for row in plan)
        assert rows(cursor, f"SELECT id FROM {everything} WHERE {condition}") == [(1,)]


# ---- what does not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("small", 40_000),
        ("n", "x"),
        ("amount", 10**9),
        ("name", "longer than ten"),
        ("day", "2024-02-30"),
        ("uid", "x"),
        ("raw", "text"),
        ("ok", 5),
    ],
)
def test_a_value_that_does_not_fit_is_refused(cursor, everything, name, value):
    with pytest.raises(errors.DataError, match=f"PK 7, column {name}"):
        cursor.execute(f"INSERT INTO {everything} (id, {name}) VALUES (7, ?)", (value,))
    with pytest.raises(errors.DataError, match=f"column {name}"):
        cursor.execute(f"UPDATE {everything} SET {name} = ? WHERE id = 1", (value,))
    assert rows(cursor, f"SELECT id FROM {everything}") == [(1,)]


def test_a_bin_that_holds_something_else_is_an_error(opener, cursor, everything, namespace):
    client = opener.client()
    key = (namespace, everything.partition(".")[2], 1)
    client.put(key, {"n": "text"})
    for text in (f"SELECT n FROM {everything} WHERE id = 1", f"SELECT * FROM {everything}"):
        with pytest.raises(errors.DataError, match="PK 1, column n: 'text' is no INTEGER"):
            rows(cursor, text)
    with pytest.raises(errors.DataError, match="column n"):
        rows(cursor, f"SELECT SUM(n) FROM {everything}")
    assert rows(cursor, f"SELECT small FROM {everything}") == [(-5,)]


# ---- keys, refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("UUID", ID),
        ("DATE", dt.date(2024, 1, 1)),
        ("TIMESTAMP", dt.datetime(2024, 1, 1, 12)),
        ("DECIMAL(5, 2)", Decimal("1.50")),
        ("DECIMAL(25, 2)", Decimal("1.50")),
        ("BLOB", b"key"),
    ],
)
def test_keys_of_other_types(cursor, declared, kind, value):
    cursor.execute(f"CREATE TABLE {declared} (k {kind} PRIMARY KEY, v INT)")
    cursor.execute(f"INSERT INTO {declared} VALUES (?, 1)", (value,))
    assert rows(cursor, f"SELECT k, v FROM {declared} WHERE k = ?", value) == [(value, 1)]
    assert rows(cursor, f"SELECT k FROM {declared}") == [(value,)]
    assert rows(cursor, f"SELECT k FROM {declared} ORDER BY k") == [(value,)]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ("ADD COLUMN day INT", errors.ProgrammingError, "has a column day already"),
        ("ADD COLUMN x INT NOT NULL", errors.IntegrityError, "have no value for x"),
        ("ADD COLUMN x INT PRIMARY KEY", errors.NotSupportedError, "cannot be changed"),
        ("DROP COLUMN id", errors.NotSupportedError, "is the records' key"),
        ("DROP COLUMN nope", errors.ProgrammingError, "no column nope"),
        ("RENAME COLUMN day TO balance", errors.ProgrammingError, "has a column balance"),
        ("RENAME TO other", errors.NotSupportedError, "cannot be renamed"),
        ("ADD PRIMARY KEY (day)", errors.NotSupportedError, "cannot be changed"),
        ("ALTER COLUMN day SET DEFAULT 'x'", errors.DataError, "the DEFAULT of day"),
    ],
)
def test_changes_that_are_refused(cursor, accounts, change, error, message):
    with pytest.raises(error, match=message):
        cursor.execute(f"ALTER TABLE {accounts} {change}")
    assert len(rows(cursor, f"SELECT * FROM {accounts}")) == 2


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ("id INT PRIMARY KEY, id INT", errors.ProgrammingError, "stands twice"),
        ("id INT PRIMARY KEY, b INT PRIMARY KEY", errors.ProgrammingError, "one PRIMARY KEY"),
        ("id INT, PRIMARY KEY (nope)", errors.ProgrammingError, "no column nope"),
        ("id DOUBLE PRIMARY KEY", errors.ProgrammingError, "is no user key"),
        ("id TEXT PRIMARY KEY AUTO_INCREMENT", errors.ProgrammingError, "an integer"),
        ("id INT PRIMARY KEY, a FOO", errors.ProgrammingError, "FOO is no type"),
        ("id INT PRIMARY KEY, a INT DEFAULT 'x'", errors.DataError, "the DEFAULT of a"),
        ("id INT PRIMARY KEY, a INT DEFAULT id", errors.ProgrammingError, "reads no columns"),
        ("id INT PRIMARY KEY, PK INT", errors.ProgrammingError, "PK names the record's key"),
        ("id INT PRIMARY KEY, __gen INT", errors.ProgrammingError, "is no name for a column"),
    ],
)
def test_declarations_that_are_refused(cursor, declared, columns, error, message):
    with pytest.raises(error, match=message):
        cursor.execute(f"CREATE TABLE {declared} ({columns})")
