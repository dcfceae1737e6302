"""CREATE, ALTER and DROP TABLE, and what reads and writes of declared tables mean."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from aerodbapi import errors
from aerodbapi.types import BINARY, DATETIME, NUMBER, STRING, GeoJSON

ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def table(namespace, fresh_set, connection):
    """Name a table that is declared by nobody, and drop it in the end."""
    name = f"{namespace}.{fresh_set}"
    yield name
    connection.execute(f"DROP TABLE IF EXISTS {name}")


@pytest.fixture
def view(namespace, fresh_set, connection):
    name = f"{namespace}.{fresh_set}_v"
    yield name
    connection.execute(f"DROP VIEW IF EXISTS {name}")


def rows(cursor, text, *values):
    return cursor.execute(text, values).fetchall()


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
def everything(cursor, table):
    """A table with a column of each type, and a record."""
    columns = ", ".join(f"{name} {kind}" for name, kind, *_ in COLUMNS)
    cursor.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns})")
    names = ", ".join(name for name, *_ in COLUMNS)
    marks = ", ".join("?" for _ in COLUMNS)
    values = [value for _, _, value, _ in COLUMNS]
    cursor.execute(f"INSERT INTO {table} (id, {names}) VALUES (1, {marks})", values)
    return table


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
    if not opener.tcp:
        pytest.skip("another program needs the same node")
    key = (namespace, everything.partition(".")[2], 1)
    client.put(key, {"n": "text"})
    for text in (f"SELECT n FROM {everything} WHERE id = 1", f"SELECT * FROM {everything}"):
        with pytest.raises(errors.DataError, match="PK 1, column n: 'text' is no INTEGER"):
            rows(cursor, text)
    with pytest.raises(errors.DataError, match="column n"):
        rows(cursor, f"SELECT SUM(n) FROM {everything}")
    assert rows(cursor, f"SELECT small FROM {everything}") == [(-5,)]


# ---- NOT NULL, DEFAULT, keys -------------------------------------------------------------------


def test_defaults(cursor, table):
    cursor.execute(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, a INT DEFAULT 5, b TEXT DEFAULT 'x' NOT NULL,"
        " c DECIMAL(5, 2) DEFAULT -1.5, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP,"
        " uid UUID DEFAULT gen_random_uuid(), day DATE DEFAULT '2024-01-01', e INT DEFAULT (1 + 2))"
    )
    before = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    cursor.execute(f"INSERT INTO {table} (id) VALUES (1)")
    cursor.execute(f"INSERT INTO {table} (id, a, b) VALUES (2, NULL, DEFAULT), (3, DEFAULT, 'y')")
    ((a, b, c, made, uid, day, e),) = rows(
        cursor, f"SELECT a, b, c, made, uid, day, e FROM {table} WHERE id = 1"
    )
    assert (a, b, c, day, e) == (5, "x", Decimal("-1.50"), dt.date(2024, 1, 1), 3)
    assert before <= made <= dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    assert isinstance(uid, uuid.UUID)
    found = rows(cursor, f"SELECT id, a, b FROM {table} WHERE id IN (2, 3)")
    assert sorted(found) == [(2, None, "x"), (3, 5, "y")]


def test_not_null(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, a INT NOT NULL, b INT)")
    with pytest.raises(errors.IntegrityError, match="a value for a"):
        cursor.execute(f"INSERT INTO {table} (id, b) VALUES (1, 2)")
    with pytest.raises(errors.IntegrityError, match="PK 1, column a takes no NULL"):
        cursor.execute(f"INSERT INTO {table} (id, a) VALUES (?, ?)", (1, None))
    cursor.execute(f"INSERT INTO {table} (id, a, b) VALUES (1, 2, 3)")
    with pytest.raises(errors.IntegrityError, match="column a takes no NULL"):
        cursor.execute(f"UPDATE {table} SET a = NULL WHERE id = 1")
    with pytest.raises(errors.IntegrityError, match="column a takes no NULL"):
        cursor.execute(f"UPDATE {table} SET a = b - 3 + NULLIF(b, 3)")
    cursor.execute(f"UPDATE {table} SET a = a + 1, b = NULL")
    assert rows(cursor, f"SELECT * FROM {table}") == [(1, 3, None)]


def test_the_key_is_the_primary_key(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (code VARCHAR(5), v INT, PRIMARY KEY (code))")
    cursor.execute(f"INSERT INTO {table} VALUES ('a', 1)")
    with pytest.raises(errors.IntegrityError):
        cursor.execute(f"INSERT INTO {table} (v, code) VALUES (2, 'a')")
    cursor.execute(f"INSERT INTO {table} (PK, v) VALUES ('b', 2)")
    for name in ("code", "PK", "Code"):
        assert rows(cursor, f"SELECT v FROM {table} WHERE {name} = 'b'") == [(2,)]
        plan = rows(cursor, f"EXPLAIN SELECT v FROM {table} WHERE {name} = 'b'")
        assert any("Get" in row for row in plan)
    assert sorted(rows(cursor, f"SELECT code, PK, v FROM {table}")) == [
        ("a", "a", 1),
        ("b", "b", 2),
    ]
    with pytest.raises(errors.IntegrityError, match="the record’s key"):
        cursor.execute(f"INSERT INTO {table} (v) VALUES (1)")
    with pytest.raises(errors.ProgrammingError, match="keeps its key"):
        cursor.execute(f"UPDATE {table} SET code = 'c'")
    cursor.execute(f"DELETE FROM {table} WHERE code = 'a'")
    assert cursor.rowcount == 1


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
def test_keys_of_other_types(cursor, table, kind, value):
    cursor.execute(f"CREATE TABLE {table} (k {kind} PRIMARY KEY, v INT)")
    cursor.execute(f"INSERT INTO {table} VALUES (?, 1)", (value,))
    assert rows(cursor, f"SELECT k, v FROM {table} WHERE k = ?", value) == [(value, 1)]
    assert rows(cursor, f"SELECT k FROM {table}") == [(value,)]
    assert rows(cursor, f"SELECT k FROM {table} ORDER BY k") == [(value,)]


def test_keys_of_several_columns(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (a INT, b DATE, v TEXT, PRIMARY KEY (a, b))")
    cursor.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)",
        [(1, dt.date(2024, 1, 1), "x"), (1, dt.date(2024, 1, 2), "y"), (2, "2024-01-01", None)],
    )
    with pytest.raises(errors.IntegrityError):
        cursor.execute(f"INSERT INTO {table} VALUES (1, '2024-01-01', 'z')")
    where = "b = '2024-01-02' AND a = 1"
    assert rows(cursor, f"SELECT * FROM {table} WHERE {where}") == [(1, dt.date(2024, 1, 2), "y")]
    plan = rows(cursor, f"EXPLAIN SELECT * FROM {table} WHERE {where}")
    assert any("Get" in row for row in plan)
    assert len(rows(cursor, f"SELECT v FROM {table} WHERE a = 1")) == 2
    cursor.execute(f"UPDATE {table} SET v = 'w' WHERE a = 1 AND b = '2024-01-02' AND v = 'y'")
    assert cursor.rowcount == 1
    with pytest.raises(errors.ProgrammingError, match="keeps its key"):
        cursor.execute(f"UPDATE {table} SET a = 5")
    cursor.execute(f"DELETE FROM {table} WHERE a = 2 AND b = '2024-01-01'")
    assert cursor.rowcount == 1


def test_drawn_keys(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (id SERIAL PRIMARY KEY, v TEXT)")
    cursor.execute(f"INSERT INTO {table} (v) VALUES ('a')")
    assert cursor.lastrowid == 1
    cursor.execute(f"INSERT INTO {table} (v) VALUES ('b'), ('c')")
    cursor.executemany(f"INSERT INTO {table} (v) VALUES (?)", [("d",), ("e",)])
    cursor.execute(f"INSERT INTO {table} (id, v) VALUES (100, 'f')")
    cursor.execute(f"INSERT INTO {table} (v) VALUES ('g') RETURNING id")
    assert cursor.fetchall() == [(101,)]
    cursor.execute(f"INSERT INTO {table} (v) SELECT v || '!' FROM {table} WHERE id < 3")
    found = dict(rows(cursor, f"SELECT v, id FROM {table}"))
    assert [found[v] for v in "abcdefg"] == [1, 2, 3, 4, 5, 100, 101]
    assert {found["a!"], found["b!"]} == {102, 103}


def test_counters_of_other_columns_and_steps(cursor, table):
    cursor.execute(
        f"CREATE TABLE {table} (id TEXT PRIMARY KEY,"
        " n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5))"
    )
    cursor.execute(f"INSERT INTO {table} (id) VALUES ('a'), ('b')")
    cursor.execute(f"INSERT INTO {table} (id, n) VALUES ('c', 33)")
    cursor.execute(f"INSERT INTO {table} (id) VALUES ('d')")
    assert dict(rows(cursor, f"SELECT id, n FROM {table}")) == {"a": 10, "b": 15, "c": 33, "d": 40}


def test_many_single_inserts_draw_ahead(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    drawn = []
    for v in range(40):
        cursor.execute(f"INSERT INTO {table} (v) VALUES (?)", (v,))
        drawn.append(cursor.lastrowid)
    assert drawn == list(range(1, 41))


def test_two_programs_draw_different_keys(opener, table, connection):
    if not opener.tcp:
        pytest.skip("connections without a name have a node each")
    connection.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    cursors = [connection.cursor(), opener.connection().cursor()]
    drawn = []
    for v in range(60):
        cursor = cursors[v % 2]
        cursor.execute(f"INSERT INTO {table} (v) VALUES (?)", (v,))
        drawn.append(cursor.lastrowid)
    assert len(set(drawn)) == 60


def test_a_table_without_a_key_makes_one_up(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (a INT, b TEXT)")
    cursor.executemany(f"INSERT INTO {table} (a, b) VALUES (?, ?)", [(1, "x"), (1, "x")])
    assert rows(cursor, f"SELECT * FROM {table}") == [(1, "x"), (1, "x")]
    keys = rows(cursor, f"SELECT PK FROM {table}")
    assert len(set(keys)) == 2
    cursor.execute(f"INSERT INTO {table} (PK, a) VALUES ('mine', 2)")
    assert rows(cursor, f"SELECT a FROM {table} WHERE PK = 'mine'") == [(2,)]


def test_records_of_nothing_but_a_key_stay(cursor, table):
    cursor.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, a INT, b INT)")
    cursor.execute(f"INSERT INTO {table} (id) VALUES (1)")
    cursor.execute(f"INSERT INTO {table} (id, a) VALUES (2, 5), (3, NULL)")
    cursor.execute(f"UPDATE {table} SET a = NULL WHERE id = 2")
    assert sorted(rows(cursor, f"SELECT * FROM {table}")) == [
        (1, None, None),
        (2, None, None),
        (3, None, None),
    ]
    assert rows(cursor, f"SELECT b FROM {table} WHERE id = 2") == [(None,)]
    assert sorted(rows(cursor, f"SELECT b FROM {table}")) == [(None,)] * 3


def test_long_names_have_short_bins(cursor, opener, table):
    one, other = "the_total_amount_of_it", "the_total_amount_of_all"
    cursor.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, {one} INT, {other} INT)")
    cursor.execute(f"INSERT INTO {table} (id, {one}, {other}) VALUES (1, 2, 3)")
    assert rows(cursor, f"SELECT * FROM {table}") == [(1, 2, 3)]
    assert [column[0] for column in cursor.description] == ["id", one, other]
    assert rows(cursor, f"SELECT {other} FROM {table} WHERE {one} = 2") == [(3,)]
    assert rows(cursor, f"SELECT {other} AS x FROM {table} ORDER BY {one}") == [(3,)]
    cursor.execute(f"UPDATE {table} SET {one} = {one} + 1, {other} = {one}")
    assert rows(cursor, f"SELECT t.{one}, t.{other} FROM {table} t") == [(3, 2)]
    bins = rows(
        cursor,
        "SELECT bin_name FROM information_schema.columns WHERE table_name = ? AND column_name = ?",
        table.partition(".")[2],
        other,
    )
    assert len(bins[0][0]) <= 15


# ---- writes ------------------------------------------------------------------------------------


@pytest.fixture
def accounts(cursor, table):
    cursor.execute(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, balance DECIMAL(10, 2) NOT NULL, day DATE)"
    )
    cursor.execute(f"INSERT INTO {table} VALUES (1, 10.5, '2024-01-31'), (2, 3, NULL)")
    return table


def test_updates_compute_with_values(cursor, accounts):
    cursor.execute(f"UPDATE {accounts} SET balance = balance - 0.25, day = day + 1 WHERE id = 1")
    assert cursor.rowcount == 1
    cursor.execute(f"UPDATE {accounts} SET balance = balance * 2 WHERE balance < ?", (Decimal(5),))
    assert sorted(rows(cursor, f"SELECT * FROM {accounts}")) == [
        (1, Decimal("10.25"), dt.date(2024, 2, 1)),
        (2, Decimal("6.00"), None),
    ]
    with pytest.raises(errors.DataError, match="column balance"):
        cursor.execute(f"UPDATE {accounts} SET balance = balance * 1000000000 WHERE id = 1")


def test_returning_gives_values(cursor, accounts):
    cursor.execute(f"UPDATE {accounts} SET day = '2024-05-05' WHERE id = 2 RETURNING *")
    assert cursor.fetchall() == [(2, Decimal("3.00"), dt.date(2024, 5, 5))]
    cursor.execute(f"DELETE FROM {accounts} WHERE day = '2024-05-05' RETURNING id, balance")
    assert cursor.fetchall() == [(2, Decimal("3.00"))]


def test_conflicts(cursor, accounts):
    text = f"INSERT INTO {accounts} (id, balance, day) VALUES (?, ?, ?) ON CONFLICT (id) "
    cursor.execute(f"{text}DO NOTHING", (1, 1, None))
    assert cursor.rowcount == 0
    update = f"{text}DO UPDATE SET balance = excluded.balance, day = excluded.day"
    cursor.execute(update, (1, Decimal("7.77"), "2024-03-01"))
    cursor.execute(update, (3, 1, None))
    assert sorted(rows(cursor, f"SELECT * FROM {accounts}")) == [
        (1, Decimal("7.77"), dt.date(2024, 3, 1)),
        (2, Decimal("3.00"), None),
        (3, Decimal("1.00"), None),
    ]


def test_upsert_and_replace(cursor, accounts):
    cursor.execute(f"UPSERT INTO {accounts} (id, day) VALUES (1, '2024-04-01')")
    cursor.execute(f"REPLACE INTO {accounts} (id, balance) VALUES (2, 5)")
    assert sorted(rows(cursor, f"SELECT * FROM {accounts}")) == [
        (1, Decimal("10.50"), dt.date(2024, 4, 1)),
        (2, Decimal("5.00"), None),
    ]


def test_insert_of_a_query(cursor, accounts):
    cursor.execute(f"INSERT INTO {accounts} SELECT id + 10, balance, day FROM {accounts}")
    assert cursor.rowcount == 2
    cursor.execute(
        f"INSERT INTO {accounts} (id, balance) SELECT id + 100, balance / 3 FROM {accounts}"
        " WHERE id = 1"
    )
    assert rows(cursor, f"SELECT balance FROM {accounts} WHERE id = 101") == [(Decimal("3.50"),)]
    assert rows(cursor, f"SELECT day FROM {accounts} WHERE id = 11") == [(dt.date(2024, 1, 31),)]
    with pytest.raises(errors.IntegrityError, match="balance takes no NULL"):
        cursor.execute(f"INSERT INTO {accounts} SELECT id + 1000, NULL, day FROM {accounts}")


# ---- ALTER, DROP -------------------------------------------------------------------------------


def test_add_rename_and_drop_columns(cursor, accounts):
    cursor.execute(f"ALTER TABLE {accounts} ADD COLUMN note VARCHAR(20) DEFAULT 'none' NOT NULL")
    cursor.execute(f"ALTER TABLE {accounts} ADD COLUMN extra INT")
    assert sorted(rows(cursor, f"SELECT id, note, extra FROM {accounts}")) == [
        (1, "none", None),
        (2, "none", None),
    ]
    cursor.execute(f"ALTER TABLE {accounts} RENAME COLUMN note TO remark")
    cursor.execute(f"ALTER TABLE {accounts} ADD COLUMN note DATE")
    cursor.execute(f"UPDATE {accounts} SET note = '2024-01-01', remark = 'some' WHERE id = 1")
    assert rows(cursor, f"SELECT remark, note FROM {accounts} WHERE id = 1") == [
        ("some", dt.date(2024, 1, 1))
    ]
    cursor.execute(f"ALTER TABLE {accounts} DROP COLUMN remark")
    with pytest.raises(errors.ProgrammingError, match="no column remark"):
        cursor.execute(f"SELECT remark FROM {accounts}")
    cursor.execute(f"ALTER TABLE {accounts} ADD COLUMN remark INT")
    assert rows(cursor, f"SELECT remark FROM {accounts} WHERE id = 1") == [(None,)]
    cursor.execute(f"ALTER TABLE {accounts} ADD COLUMN IF NOT EXISTS remark INT")
    cursor.execute(f"ALTER TABLE {accounts} DROP COLUMN IF EXISTS nope")


def test_alter_columns(cursor, accounts):
    cursor.execute(f"ALTER TABLE {accounts} ALTER COLUMN balance SET DEFAULT 1")
    cursor.execute(f"ALTER TABLE {accounts} ALTER COLUMN balance DROP NOT NULL")
    cursor.execute(f"INSERT INTO {accounts} (id) VALUES (3)")
    cursor.execute(f"ALTER TABLE {accounts} ALTER COLUMN balance DROP DEFAULT")
    cursor.execute(f"INSERT INTO {accounts} (id) VALUES (4)")
    found = dict(rows(cursor, f"SELECT id, balance FROM {accounts} WHERE id > 2"))
    assert found == {3: Decimal("1.00"), 4: None}
    with pytest.raises(errors.IntegrityError, match="1 records"):
        cursor.execute(f"ALTER TABLE {accounts} ALTER COLUMN balance SET NOT NULL")
    cursor.execute(f"DELETE FROM {accounts} WHERE id = 4")
    cursor.execute(f"ALTER TABLE {accounts} ALTER COLUMN balance SET NOT NULL")


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


def test_drop_removes_records_indexes_and_declaration(cursor, accounts, fresh_set):
    cursor.execute(f"CREATE INDEX {fresh_set}_i ON {accounts} (day)")
    cursor.execute(f"DROP TABLE {accounts}")
    assert rows(cursor, f"SELECT * FROM {accounts}") == []
    with pytest.raises(errors.ProgrammingError, match="no table"):
        cursor.execute(f"DROP TABLE {accounts}")
    cursor.execute(f"DROP TABLE IF EXISTS {accounts}")
    found = rows(
        cursor, "SELECT * FROM information_schema.indexes WHERE table_name = ?", fresh_set
    )
    assert found == []
    cursor.execute(f"CREATE TABLE {accounts} (id INT PRIMARY KEY AUTO_INCREMENT, day TEXT)")
    cursor.execute(f"INSERT INTO {accounts} (day) VALUES ('x')")
    assert rows(cursor, f"SELECT * FROM {accounts}") == [(1, "x")]


def test_what_is_kept_as_information(cursor, table):
    cursor.execute(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, a INT UNIQUE, b INT REFERENCES other (id),"
        " CHECK (a > 0), CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES other (x, y))"
    )
    told = [str(warning) for _, warning in cursor.messages]
    assert len(told) == 4
    assert all("nothing enforces it" in text for text in told)
    cursor.execute(f"INSERT INTO {table} VALUES (1, -1, 5), (2, -1, 6)")
    assert cursor.rowcount == 2


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
def test_declarations_that_are_refused(cursor, table, columns, error, message):
    with pytest.raises(error, match=message):
        cursor.execute(f"CREATE TABLE {table} ({columns})")


def test_existing_tables(cursor, accounts):
    with pytest.raises(errors.ProgrammingError, match="there is a table"):
        cursor.execute(f"CREATE TABLE {accounts} (id INT PRIMARY KEY)")
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {accounts} (id INT PRIMARY KEY)")
    assert len(rows(cursor, f"SELECT * FROM {accounts}")) == 2


def test_unknown_columns_are_refused(cursor, accounts):
    for text in (
        f"SELECT balanc FROM {accounts}",
        f"SELECT balanc FROM {accounts} ORDER BY 1",
        f"SELECT id FROM {accounts} WHERE balanc = 1",
        f"INSERT INTO {accounts} (id, balanc) VALUES (9, 1)",
        f"UPDATE {accounts} SET balanc = 1",
    ):
        with pytest.raises(errors.ProgrammingError, match="no column balanc"):
            cursor.execute(text)


def test_a_declaration_may_be_put_over_records(cursor, table):
    cursor.execute(f"INSERT INTO {table} (PK, n, t) VALUES ('a', 1, 'x')")
    cursor.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, n INT, more DATE)")
    assert rows(cursor, f"SELECT * FROM {table}") == [("a", 1, None)]


# ---- CREATE TABLE AS, views --------------------------------------------------------------------


def test_create_table_as(cursor, accounts, connection):
    copy = f"{accounts}_c"
    try:
        cursor.execute(
            f"CREATE TABLE {copy} AS SELECT id, balance * 2 AS twice, day FROM {accounts}"
        )
        assert cursor.rowcount == 2
        assert sorted(rows(cursor, f"SELECT id, twice, day FROM {copy}")) == [
            (1, Decimal("21.00"), dt.date(2024, 1, 31)),
            (2, Decimal("6.00"), None),
        ]
        assert [column[0] for column in cursor.description] == ["id", "twice", "day"]
    finally:
        cursor.execute(f"DROP TABLE IF EXISTS {copy}")


def test_views(cursor, accounts, view):
    cursor.execute(
        f"CREATE VIEW {view} AS SELECT id, balance AS amount FROM {accounts} WHERE balance > 1"
    )
    assert sorted(rows(cursor, f"SELECT * FROM {view}")) == [
        (1, Decimal("10.50")),
        (2, Decimal("3.00")),
    ]
    text = f"SELECT v.id, t.day FROM {view} v JOIN {accounts} t ON v.id = t.id WHERE amount > 5"
    assert rows(cursor, text) == [(1, dt.date(2024, 1, 31))]
    assert rows(cursor, f"SELECT COUNT(*) FROM {view} WHERE amount < ?", 5) == [(1,)]
    with pytest.raises(errors.ProgrammingError, match="there is a view"):
        cursor.execute(f"CREATE VIEW {view} AS SELECT 1")
    cursor.execute(f"CREATE OR REPLACE VIEW {view} (a, b) AS SELECT id, day FROM {accounts}")
    cursor.execute(f"SELECT * FROM {view}")
    assert [column[0] for column in cursor.description] == ["a", "b"]
    for text in (
        f"INSERT INTO {view} (a) VALUES (1)",
        f"DELETE FROM {view}",
        f"UPDATE {view} SET a = 1",
    ):
        with pytest.raises(errors.ProgrammingError, match="is a view"):
            cursor.execute(text)
    with pytest.raises(errors.ProgrammingError, match="is a view"):
        cursor.execute(f"DROP TABLE {view}")
    cursor.execute(f"DROP VIEW {view}")
    with pytest.raises(errors.ProgrammingError, match="no view"):
        cursor.execute(f"DROP VIEW {view}")


def test_views_of_views(cursor, accounts, view):
    cursor.execute(f"CREATE VIEW {view} AS SELECT id FROM {accounts} WHERE day IS NOT NULL")
    cursor.execute(f"CREATE VIEW {view}2 AS SELECT id + 1 AS next FROM {view}")
    try:
        assert rows(cursor, f"SELECT next FROM {view}2") == [(2,)]
        with pytest.raises(errors.ProgrammingError, match="no column nope"):
            cursor.execute(f"CREATE VIEW {view}3 AS SELECT nope FROM {accounts}")
    finally:
        cursor.execute(f"DROP VIEW {view}2")


# ---- several programs --------------------------------------------------------------------------


def test_programs_share_declarations(opener, connection, accounts):
    if not opener.tcp:
        pytest.skip("connections without a name have a node each")
    one, other = connection.cursor(), opener.connection().cursor()
    assert rows(other, f"SELECT balance FROM {accounts} WHERE id = 1") == [(Decimal("10.50"),)]
    one.execute(f"ALTER TABLE {accounts} ADD COLUMN note TEXT")
    other.execute(f"UPDATE {accounts} SET note = 'x' WHERE id = 1")  # though it looked before
    assert rows(one, f"SELECT note FROM {accounts} WHERE id = 1") == [("x",)]
    other.execute(f"ALTER TABLE {accounts} RENAME COLUMN note TO remark")
    assert rows(one, f"SELECT remark FROM {accounts} WHERE id = 1") == [("x",)]
    other.execute(f"DROP TABLE {accounts}")
    one.execute(f"REFRESH TABLE {accounts}")
    assert rows(one, f"SELECT * FROM {accounts}") == []


def test_a_file_keeps_declarations(tmp_path):
    import aerodbapi

    url = f"aerospike://{tmp_path}/shop.db?namespace=test"
    with aerodbapi.connect(url) as connection:
        connection.execute("CREATE TABLE items (id INT PRIMARY KEY AUTO_INCREMENT, price DECIMAL)")
        connection.execute("CREATE VIEW cheap AS SELECT id FROM items WHERE price < 5")
        connection.execute("INSERT INTO items (price) VALUES (1.5), (10)")
    with aerodbapi.connect(url) as connection:
        assert connection.execute("SELECT * FROM cheap").fetchall() == [(1,)]
        cursor = connection.execute("INSERT INTO items (price) VALUES (3)")
        assert cursor.lastrowid == 3
