"""CREATE, ALTER and DROP TABLE, and what reads and writes of declared tables mean."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from aerodbapi import errors
from tests.dbapi.tables import accounts, declared, rows, view

__all__ = ["accounts", "declared", "view"]


# ---- NOT NULL, DEFAULT, keys -------------------------------------------------------------------


def test_defaults(cursor, declared):
    cursor.execute(
        f"CREATE TABLE {declared} (id INT PRIMARY KEY, a INT DEFAULT 5, b TEXT DEFAULT 'x' NOT"
        " NULL,"
        " c DECIMAL(5, 2) DEFAULT -1.5, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP,"
        " uid UUID DEFAULT gen_random_uuid(), day DATE DEFAULT '2024-01-01', e INT DEFAULT (1 + 2))"
    )
    before = dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    cursor.execute(f"INSERT INTO {declared} (id) VALUES (1)")
    cursor.execute(
        f"INSERT INTO {declared} (id, a, b) VALUES (2, NULL, DEFAULT), (3, DEFAULT, 'y')"
    )
    ((a, b, c, made, uid, day, e),) = rows(
        cursor, f"SELECT a, b, c, made, uid, day, e FROM {declared} WHERE id = 1"
    )
    assert (a, b, c, day, e) == (5, "x", Decimal("-1.50"), dt.date(2024, 1, 1), 3)
    assert before <= made <= dt.datetime.now(dt.timezone.utc).replace(tzinfo=None)
    assert isinstance(uid, uuid.UUID)
    found = rows(cursor, f"SELECT id, a, b FROM {declared} WHERE id IN (2, 3)")
    assert sorted(found) == [(2, None, "x"), (3, 5, "y")]


def test_not_null(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY, a INT NOT NULL, b INT)")
    with pytest.raises(errors.IntegrityError, match="a value for a"):
        cursor.execute(f"INSERT INTO {declared} (id, b) VALUES (1, 2)")
    with pytest.raises(errors.IntegrityError, match="PK 1, column a takes no NULL"):
        cursor.execute(f"INSERT INTO {declared} (id, a) VALUES (?, ?)", (1, None))
    cursor.execute(f"INSERT INTO {declared} (id, a, b) VALUES (1, 2, 3)")
    with pytest.raises(errors.IntegrityError, match="column a takes no NULL"):
        cursor.execute(f"UPDATE {declared} SET a = NULL WHERE id = 1")
    with pytest.raises(errors.IntegrityError, match="column a takes no NULL"):
        cursor.execute(f"UPDATE {declared} SET a = b - 3 + NULLIF(b, 3)")
    cursor.execute(f"UPDATE {declared} SET a = a + 1, b = NULL")
    assert rows(cursor, f"SELECT * FROM {declared}") == [(1, 3, None)]


def test_the_key_is_the_primary_key(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (code VARCHAR(5), v INT, PRIMARY KEY (code))")
    cursor.execute(f"INSERT INTO {declared} VALUES ('a', 1)")
    with pytest.raises(errors.IntegrityError):
        cursor.execute(f"INSERT INTO {declared} (v, code) VALUES (2, 'a')")
    cursor.execute(f"INSERT INTO {declared} (PK, v) VALUES ('b', 2)")
    for name in ("code", "PK", "Code"):
        assert rows(cursor, f"SELECT v FROM {declared} WHERE {name} = 'b'") == [(2,)]
        plan = rows(cursor, f"EXPLAIN SELECT v FROM {declared} WHERE {name} = 'b'")
        assert any("Get" in row for row in plan)
    assert sorted(rows(cursor, f"SELECT code, PK, v FROM {declared}")) == [
        ("a", "a", 1),
        ("b", "b", 2),
    ]
    with pytest.raises(errors.IntegrityError, match="the record’s key"):
        cursor.execute(f"INSERT INTO {declared} (v) VALUES (1)")
    with pytest.raises(errors.ProgrammingError, match="keeps its key"):
        cursor.execute(f"UPDATE {declared} SET code = 'c'")
    cursor.execute(f"DELETE FROM {declared} WHERE code = 'a'")
    assert cursor.rowcount == 1


def test_keys_of_several_columns(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (a INT, b DATE, v TEXT, PRIMARY KEY (a, b))")
    cursor.executemany(
        f"INSERT INTO {declared} VALUES (?, ?, ?)",
        [(1, dt.date(2024, 1, 1), "x"), (1, dt.date(2024, 1, 2), "y"), (2, "2024-01-01", None)],
    )
    with pytest.raises(errors.IntegrityError):
        cursor.execute(f"INSERT INTO {declared} VALUES (1, '2024-01-01', 'z')")
    where = "b = '2024-01-02' AND a = 1"
    assert rows(cursor, f"SELECT * FROM {declared} WHERE {where}") == [
        (1, dt.date(2024, 1, 2), "y")
    ]
    plan = rows(cursor, f"EXPLAIN SELECT * FROM {declared} WHERE {where}")
    assert any("Get" in row for row in plan)
    assert len(rows(cursor, f"SELECT v FROM {declared} WHERE a = 1")) == 2
    cursor.execute(f"UPDATE {declared} SET v = 'w' WHERE a = 1 AND b = '2024-01-02' AND v = 'y'")
    assert cursor.rowcount == 1
    with pytest.raises(errors.ProgrammingError, match="keeps its key"):
        cursor.execute(f"UPDATE {declared} SET a = 5")
    cursor.execute(f"DELETE FROM {declared} WHERE a = 2 AND b = '2024-01-01'")
    assert cursor.rowcount == 1


def test_drawn_keys(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (id SERIAL PRIMARY KEY, v TEXT)")
    cursor.execute(f"INSERT INTO {declared} (v) VALUES ('a')")
    assert cursor.lastrowid == 1
    cursor.execute(f"INSERT INTO {declared} (v) VALUES ('b'), ('c')")
    cursor.executemany(f"INSERT INTO {declared} (v) VALUES (?)", [("d",), ("e",)])
    cursor.execute(f"INSERT INTO {declared} (id, v) VALUES (100, 'f')")
    cursor.execute(f"INSERT INTO {declared} (v) VALUES ('g') RETURNING id")
    assert cursor.fetchall() == [(101,)]
    cursor.execute(f"INSERT INTO {declared} (v) SELECT v || '!' FROM {declared} WHERE id < 3")
    found = dict(rows(cursor, f"SELECT v, id FROM {declared}"))
    assert [found[v] for v in "abcdefg"] == [1, 2, 3, 4, 5, 100, 101]
    assert {found["a!"], found["b!"]} == {102, 103}


def test_counters_of_other_columns_and_steps(cursor, declared):
    cursor.execute(
        f"CREATE TABLE {declared} (id TEXT PRIMARY KEY,"
        " n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5))"
    )
    cursor.execute(f"INSERT INTO {declared} (id) VALUES ('a'), ('b')")
    cursor.execute(f"INSERT INTO {declared} (id, n) VALUES ('c', 33)")
    cursor.execute(f"INSERT INTO {declared} (id) VALUES ('d')")
    assert dict(rows(cursor, f"SELECT id, n FROM {declared}")) == {
        "a": 10,
        "b": 15,
        "c": 33,
        "d": 40,
    }


def test_many_single_inserts_draw_ahead(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    drawn = []
    for v in range(40):
        cursor.execute(f"INSERT INTO {declared} (v) VALUES (?)", (v,))
        drawn.append(cursor.lastrowid)
    assert drawn == list(range(1, 41))


def test_two_programs_draw_different_keys(opener, declared, connection):
    if not opener.tcp:
        pytest.skip("connections without a name have a node each")
    connection.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
    cursors = [connection.cursor(), opener.connection().cursor()]
    drawn = []
    for v in range(60):
        cursor = cursors[v % 2]
        cursor.execute(f"INSERT INTO {declared} (v) VALUES (?)", (v,))
        drawn.append(cursor.lastrowid)
    assert len(set(drawn)) == 60


def test_a_table_without_a_key_makes_one_up(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (a INT, b TEXT)")
    cursor.executemany(f"INSERT INTO {declared} (a, b) VALUES (?, ?)", [(1, "x"), (1, "x")])
    assert rows(cursor, f"SELECT * FROM {declared}") == [(1, "x"), (1, "x")]
    keys = rows(cursor, f"SELECT PK FROM {declared}")
    assert len(set(keys)) == 2
    cursor.execute(f"INSERT INTO {declared} (PK, a) VALUES ('mine', 2)")
    assert rows(cursor, f"SELECT a FROM {declared} WHERE PK = 'mine'") == [(2,)]


def test_records_of_nothing_but_a_key_stay(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY, a INT, b INT)")
    cursor.execute(f"INSERT INTO {declared} (id) VALUES (1)")
    cursor.execute(f"INSERT INTO {declared} (id, a) VALUES (2, 5), (3, NULL)")
    cursor.execute(f"UPDATE {declared} SET a = NULL WHERE id = 2")
    assert sorted(rows(cursor, f"SELECT * FROM {declared}")) == [
        (1, None, None),
        (2, None, None),
        (3, None, None),
    ]
    assert rows(cursor, f"SELECT b FROM {declared} WHERE id = 2") == [(None,)]
    assert sorted(rows(cursor, f"SELECT b FROM {declared}")) == [(None,)] * 3


def test_long_names_have_short_bins(cursor, opener, declared):
    one, other = "the_total_amount_of_it", "the_total_amount_of_all"
    cursor.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY, {one} INT, {other} INT)")
    cursor.execute(f"INSERT INTO {declared} (id, {one}, {other}) VALUES (1, 2, 3)")
    assert rows(cursor, f"SELECT * FROM {declared}") == [(1, 2, 3)]
    assert [column[0] for column in cursor.description] == ["id", one, other]
    assert rows(cursor, f"SELECT {other} FROM {declared} WHERE {one} = 2") == [(3,)]
    assert rows(cursor, f"SELECT {other} AS x FROM {declared} ORDER BY {one}") == [(3,)]
    cursor.execute(f"UPDATE {declared} SET {one} = {one} + 1, {other} = {one}")
    assert rows(cursor, f"SELECT t.{one}, t.{other} FROM {declared} t") == [(3, 2)]
    bins = rows(
        cursor,
        "SELECT bin_name FROM information_schema.columns WHERE table_name = ? AND column_name = ?",
        declared.partition(".")[2],
        other,
    )
    assert len(bins[0][0]) <= 15


# ---- writes ------------------------------------------------------------------------------------


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


def test_set_to_the_default(cursor, declared):
    cursor.execute(f"CREATE TABLE {declared} (id INT PRIMARY KEY, a INT DEFAULT 5, b INT)")
    cursor.execute(f"INSERT INTO {declared} VALUES (1, 2, 3)")
    cursor.execute(f"UPDATE {declared} SET a = DEFAULT, b = DEFAULT WHERE id = 1")
    assert rows(cursor, f"SELECT a, b FROM {declared}") == [(5, None)]


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


def test_drop_removes_records_indexes_and_declaration(cursor, accounts, fresh_set):
    cursor.execute(f"CREATE INDEX {fresh_set}_i ON {accounts} (day)")
    cursor.execute(f"DROP TABLE {accounts}")
    assert rows(cursor, f"SELECT * FROM {accounts}") == []
    with pytest.raises(errors.ProgrammingError, match="no table"):
        cursor.execute(f"DROP TABLE {accounts}")
    cursor.execute(f"DROP TABLE IF EXISTS {accounts}")
    found = rows(cursor, "SELECT * FROM information_schema.indexes WHERE table_name = ?", fresh_set)
    assert found == []
    cursor.execute(f"CREATE TABLE {accounts} (id INT PRIMARY KEY AUTO_INCREMENT, day TEXT)")
    cursor.execute(f"INSERT INTO {accounts} (day) VALUES ('x')")
    assert rows(cursor, f"SELECT * FROM {accounts}") == [(1, "x")]


def test_what_is_kept_as_information(cursor, declared):
    cursor.execute(
        f"CREATE TABLE {declared} (id INT PRIMARY KEY, a INT UNIQUE, b INT REFERENCES other (id),"
        " CHECK (a > 0), CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES other (x, y))"
    )
    told = [str(warning) for _, warning in cursor.messages]
    assert len(told) == 4
    assert all("nothing enforces it" in text for text in told)
    cursor.execute(f"INSERT INTO {declared} VALUES (1, -1, 5), (2, -1, 6)")
    assert cursor.rowcount == 2


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


def test_a_declaration_may_be_put_over_records(cursor, declared):
    cursor.execute(f"INSERT INTO {declared} (PK, n, t) VALUES ('a', 1, 'x')")
    cursor.execute(f"CREATE TABLE {declared} (id TEXT PRIMARY KEY, n INT, more DATE)")
    assert rows(cursor, f"SELECT * FROM {declared}") == [("a", 1, None)]


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

    url = f"aerospike:///{tmp_path}/shop.db?namespace=test"
    with aerodbapi.connect(url) as connection:
        connection.execute("CREATE TABLE items (id INT PRIMARY KEY AUTO_INCREMENT, price DECIMAL)")
        connection.execute("CREATE VIEW cheap AS SELECT id FROM items WHERE price < 5")
        connection.execute("INSERT INTO items (price) VALUES (1.5), (10)")
    with aerodbapi.connect(url) as connection:
        assert connection.execute("SELECT * FROM cheap").fetchall() == [(1,)]
        cursor = connection.execute("INSERT INTO items (price) VALUES (3)")
        assert cursor.lastrowid == 3


def test_programs_that_alter_at_a_time_lose_nothing(opener, connection, accounts):
    if opener.kind != "sync-tcp":
        pytest.skip("two threads, each with a connection to the same node")
    others = [opener.connection(), opener.connection()]

    def add(number):
        for step in range(4):
            others[number].execute(f"ALTER TABLE {accounts} ADD COLUMN c_{number}_{step} INT")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(2)))
    names = {row[0] for row in rows(connection.cursor(), f"DESCRIBE {accounts}")}
    assert names >= {f"c_{number}_{step}" for number in range(2) for step in range(4)}


def test_a_plan_is_kept_while_its_tables_stay_the_same(connection, accounts):
    cursor, catalog = connection.cursor(), connection._session.catalog
    text = f"SELECT balance FROM {accounts} WHERE id = ?"
    assert rows(cursor, text, 1) == [(Decimal("10.50"),)]
    version, clock = catalog.version, catalog.clock
    catalog.clock = lambda: clock() + 10.0  # what was looked up is old by then
    assert rows(cursor, text, 1) == [(Decimal("10.50"),)]
    assert catalog.version == version


def test_truncating_a_namespace_leaves_declarations():
    import aerodbapi

    with aerodbapi.connect(namespace="test") as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, day DATE)")
        cursor.execute("INSERT INTO t (day) VALUES ('2024-01-01'), ('2024-01-02')")
        cursor.execute("TRUNCATE test.*")
        assert rows(cursor, "SELECT * FROM t") == []
        cursor.execute("INSERT INTO t (day) VALUES ('2024-01-03')")
        assert rows(cursor, "SELECT * FROM t") == [(3, dt.date(2024, 1, 3))]
