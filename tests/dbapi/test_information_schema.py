"""information_schema, DESCRIBE, SHOW CREATE, REFRESH: what is told of tables."""

from __future__ import annotations

import pytest

from aerodbapi import errors
from tests.dbapi.tables import declared, rows, view

__all__ = ["declared", "view"]


@pytest.fixture
def shop(cursor, declared):
    """A declared table with an index and a record."""
    cursor.execute(
        f"CREATE TABLE {declared} (id BIGINT PRIMARY KEY AUTO_INCREMENT, price DECIMAL(10, 2) NOT"
        " NULL DEFAULT 1, day DATE COMMENT 'of sale', a_very_long_column_name VARCHAR(30),"
        " buyer INT REFERENCES buyers (id), UNIQUE (day))"
    )
    cursor.execute(f"INSERT INTO {declared} (price) VALUES (5)")
    return declared


def name_of(table):
    return table.partition(".")[2]


def told(cursor, columns, of, table, more=""):
    text = f"SELECT {columns} FROM information_schema.{of} WHERE table_name = ? {more}"
    return rows(cursor, text, name_of(table))


def test_tables(cursor, shop, view, namespace):
    cursor.execute(f"CREATE VIEW {view} AS SELECT id, price AS amount FROM {shop}")
    columns = "table_schema, table_type, is_insertable_into, declared, records"
    assert told(cursor, columns, "tables", shop) == [(namespace, "BASE TABLE", "YES", True, 1)]
    assert told(cursor, columns, "tables", view) == [(namespace, "VIEW", "NO", True, None)]
    listed = rows(
        cursor, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", namespace
    )
    assert {(name_of(shop),), (name_of(view),)} <= set(listed)
    assert ("_aerodbapi",) not in listed
    assert "_aerodbapi" not in {row[1] for row in rows(cursor, "SHOW SETS")}
    ((text,),) = told(cursor, "view_definition", "views", view)
    assert text == f"SELECT id, price AS amount FROM {shop}"


def test_columns(cursor, shop):
    columns = "column_name, data_type, column_type, is_nullable, column_default, column_key"
    assert told(cursor, columns, "columns", shop, "ORDER BY ordinal_position") == [
        ("id", "BIGINT", "BIGINT", "NO", None, "PRI"),
        ("price", "DECIMAL", "DECIMAL(10, 2)", "NO", "1", ""),
        ("day", "DATE", "DATE", "YES", None, ""),
        ("a_very_long_column_name", "VARCHAR", "VARCHAR(30)", "YES", None, ""),
        ("buyer", "INTEGER", "INTEGER", "YES", None, ""),
    ]
    columns = "numeric_precision, numeric_scale, character_maximum_length, is_identity, bin_name"
    assert told(cursor, columns, "columns", shop, "AND column_name = 'price'") == [
        (10, 2, None, "NO", "price")
    ]
    assert told(cursor, "is_identity", "columns", shop, "AND column_key = 'PRI'") == [("YES",)]
    assert told(cursor, "column_comment", "columns", shop, "AND column_name = 'day'") == [
        ("of sale",)
    ]


def test_columns_of_sets_that_nobody_declared(cursor, declared):
    cursor.execute(f"INSERT INTO {declared} (PK, n, w) VALUES ('a', 1, 1.5), ('b', 2, 3)")
    cursor.execute(f"INSERT INTO {declared} (PK, w, mix) VALUES ('c', 2, 'x'), ('d', 1, 5)")
    columns = "column_name, data_type, declared"
    found = told(cursor, columns, "columns", declared, "ORDER BY ordinal_position")
    assert found[0] == ("PK", "VARCHAR", False)
    assert dict(row[:2] for row in found[1:]) == {"n": "BIGINT", "w": "DOUBLE", "mix": "JSON"}


def test_columns_of_views(cursor, shop, view):
    cursor.execute(f"CREATE VIEW {view} (a, b) AS SELECT id, day FROM {shop}")
    found = told(cursor, "column_name, data_type", "columns", view, "ORDER BY ordinal_position")
    assert found == [("a", "BIGINT"), ("b", "DATE")]


def test_indexes(cursor, shop, namespace, fresh_set):
    cursor.execute(f"CREATE INDEX {fresh_set}_x ON {shop} (a_very_long_column_name)")
    try:
        columns = "index_name, column_name, index_type, state"
        wanted = [(f"{fresh_set}_x", "a_very_long_column_name", "STRING", "RW")]
        assert told(cursor, columns, "indexes", shop) == wanted
        columns = "index_name, column_name, non_unique, seq_in_index"
        wanted = [(f"{fresh_set}_x", "a_very_long_column_name", True, 1)]
        assert told(cursor, columns, "statistics", shop) == wanted
    finally:
        cursor.execute(f"DROP INDEX {fresh_set}_x ON {shop}")


def test_constraints(cursor, shop):
    name = name_of(shop)
    columns = "constraint_name, constraint_type, enforced"
    assert sorted(told(cursor, columns, "table_constraints", shop)) == [
        (f"{name}_buyer_fkey", "FOREIGN KEY", "NO"),
        (f"{name}_day_key", "UNIQUE", "NO"),
        (f"{name}_pkey", "PRIMARY KEY", "YES"),
    ]
    columns = "column_name, referenced_table_name, referenced_column_name"
    assert sorted(told(cursor, columns, "key_column_usage", shop), key=str) == [
        ("buyer", "buyers", "id"),
        ("day", None, None),
        ("id", None, None),
    ]


def test_any_select_will_do(cursor, shop, namespace):
    text = (
        "SELECT t.table_name, COUNT(*) FROM information_schema.tables t JOIN"
        " information_schema.columns c ON t.table_schema = c.table_schema AND t.table_name ="
        " c.table_name WHERE t.table_name = ? GROUP BY t.table_name"
    )
    assert rows(cursor, text, name_of(shop)) == [(name_of(shop), 5)]
    text = "SELECT schema_name FROM information_schema.schemata ORDER BY 1"
    assert (namespace,) in rows(cursor, text)
    assert len(rows(cursor, "SELECT * FROM information_schema.nodes")) >= 1
    assert rows(cursor, "SELECT COUNT(*) FROM information_schema.jobs")[0][0] >= 0


def test_functions(cursor):
    found = rows(cursor, "SELECT * FROM information_schema.functions")
    assert [column[0] for column in cursor.description][1:3] == ["function_name", "module_name"]
    assert isinstance(found, list)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * FROM information_schema.nope", "has no table nope"),
        ("SELECT nope FROM information_schema.tables", "no column nope"),
        ("SELECT PK FROM information_schema.tables", "no column PK"),
        ("CREATE TABLE information_schema.x (a INT)", "not to be defined"),
    ],
)
def test_mistakes(cursor, text, message):
    with pytest.raises(errors.ProgrammingError, match=message):
        cursor.execute(text)


def test_describe(cursor, shop):
    found = rows(cursor, f"DESCRIBE {shop}")
    assert [row[:2] for row in found][:4] == [
        ("id", "BIGINT"),
        ("price", "DECIMAL(10, 2)"),
        ("day", "DATE"),
        ("a_very_long_column_name", "VARCHAR(30)"),
    ]
    assert [row[3] for row in found] == [True, False, False, False, False]


def test_show_create_makes_the_same_table(cursor, shop, view):
    ((_, text),) = rows(cursor, f"SHOW CREATE TABLE {shop}")
    before = rows(cursor, f"DESCRIBE {shop}")
    cursor.execute(f"DROP TABLE {shop}")
    cursor.execute(text)
    assert rows(cursor, f"DESCRIBE {shop}") == before
    assert rows(cursor, f"SHOW CREATE TABLE {shop}") == [(shop, text)]
    cursor.execute(f"CREATE VIEW {view} AS SELECT id FROM {shop}")
    assert rows(cursor, f"SHOW CREATE VIEW {view}") == [
        (view, f"CREATE VIEW {view} AS SELECT id FROM {shop}")
    ]
    with pytest.raises(errors.ProgrammingError, match="is not declared as a table"):
        cursor.execute(f"SHOW CREATE TABLE {view}")


def test_refresh_looks_again(cursor, opener, declared, namespace):
    if not opener.tcp:
        pytest.skip("another program needs the same node")
    cursor.execute(f"INSERT INTO {declared} (PK, a) VALUES (1, 1)")
    assert rows(cursor, f"SELECT * FROM {declared}") == [(1, 1)]
    opener.client().put((namespace, name_of(declared), 1), {"b": 2})
    cursor.execute(f"REFRESH TABLE {declared}")
    cursor.execute(f"SELECT * FROM {declared}")
    assert [column[0] for column in cursor.description] == ["PK", "a", "b"]


def test_declarations_are_no_part_of_a_namespace(cursor, shop, namespace, real_server):
    if real_server:
        pytest.skip("reads a whole namespace, which may be large")
    for text in (f"SELECT __set FROM {namespace}.*", f"SELECT DISTINCT __set FROM {namespace}.*"):
        assert ("_aerodbapi",) not in rows(cursor, text)
    cursor.execute(f"SELECT * FROM {namespace}.* LIMIT 1")
    assert not {"kind", "key", "constraints"} & {column[0] for column in cursor.description}
