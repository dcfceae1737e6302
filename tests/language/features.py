"""The feature matrix: what each line of it says, as statements and what they bring.

`{t}` is the test's set, `{ns}` its namespace, `{s}` the set's bare name. A step is a statement
(with its parameters) and what is expected of it: rows in any order, a list in a `Ordered`, a
number of rows changed, an exception, or ANY.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from aerodbapi import errors

__all__ = ["ANY", "FEATURES", "RECORDS", "Ordered", "Step"]

ANY: Any = object()


class Ordered(NamedTuple):
    """Rows that come in this order."""

    rows: list[tuple[Any, ...]]


class Step(NamedTuple):
    sql: str
    expected: Any
    parameters: tuple[Any, ...] = ()


#: What is there at the beginning: key → bins.
RECORDS: dict[str, dict[str, Any]] = {
    "u1": {"name": "Ann", "age": 31, "w": 1.5, "ok": True, "tags": ["red", "blue"], "m": {"a": 1}},
    "u2": {"name": "Bob", "age": 5, "w": -2.0, "ok": False, "tags": ["red"], "raw": b"\x00\xff"},
    "u3": {"name": "Eve", "age": 47, "tags": [], "m": {"a": 5, "b": {"c": [7, 8]}}},
    "u4": {"age": 5, "w": math.nan, "name": "Zoë"},
}

S = Step


def _q(sql: str, *rows: Any, parameters: tuple[Any, ...] = ()) -> Step:
    """One column: its values."""
    return Step(sql, [(row,) for row in rows], parameters)


#: (part of the matrix, feature) → steps.
FEATURES: dict[tuple[str, str], list[Step]] = {
    # ---- names, keys, types
    ("names", "schema / table"): [
        _q("SELECT name FROM {t} WHERE PK = 'u1'", "Ann"),
        _q("SELECT {s}.name FROM {t} WHERE {s}.PK = 'u1'", "Ann"),
        _q("SELECT {t}.name FROM {t} WHERE PK = 'u1'", "Ann"),
    ],
    ("names", "unqualified name"): [_q("SELECT name FROM {s} WHERE PK = 'u1'", "Ann")],
    ("names", "key column"): [
        _q("SELECT PK FROM {t} WHERE age = 31", "u1"),
        _q("SELECT name FROM {t} WHERE PK > 'u2' AND PK < 'u4'", "Eve"),
        _q("SELECT name FROM {t} WHERE __key = 'u3'", "Eve"),
    ],
    ("names", "digest"): [
        S("SELECT __digest FROM {t} WHERE PK = 'u1'", ANY),
        _q("SELECT name FROM {t} WHERE DIGEST = ?", "Ann", parameters=("{digest of u1}",)),
        _q("SELECT name FROM {t} WHERE __digest = ?", "Ann", parameters=("{digest of u1}",)),
    ],
    ("names", "metadata columns"): [
        _q("SELECT __gen FROM {t} WHERE PK = 'u1'", 1),
        _q("SELECT __set FROM {t} WHERE PK = 'u1'", "{s}"),
        _q("SELECT COUNT(*) FROM {t} WHERE __ttl <> 0 AND __gen = 1", 4),
        _q("SELECT COUNT(*) FROM {t} WHERE __lut > 0 AND __size > 0", 4),
        S("SELECT * FROM {t} WHERE PK = 'u4' AND FALSE", []),
    ],
    ("names", "keys of every type"): [
        S("INSERT INTO {t} (PK, a) VALUES (5, 'int'), (X'05', 'blob'), ('5', 'text')", 3),
        _q("SELECT a FROM {t} WHERE PK = 5", "int"),
        _q("SELECT a FROM {t} WHERE PK = X'05'", "blob"),
        _q("SELECT a FROM {t} WHERE PK = ?", "text", parameters=("5",)),
    ],
    ("names", "bytes literal"): [
        _q("SELECT name FROM {t} WHERE raw = X'00FF'", "Bob"),
        _q("SELECT raw FROM {t} WHERE raw = ?", b"\x00\xff", parameters=(b"\x00\xff",)),
    ],
    ("names", "list and map literals"): [
        S(
            "UPDATE {t} SET l = LIST('[1,2]'), n = MAP('{{\"x\":1}}'), j = JSON('[true]') "
            "WHERE PK = 'u1'",
            1,
        ),
        S("SELECT l, n, j FROM {t} WHERE PK = 'u1'", [([1, 2], {"x": 1}, [True])]),
        S("UPDATE {t} SET l = ARRAY[3, 4] WHERE PK = 'u1'", 1),
        _q("SELECT l FROM {t} WHERE PK = 'u1'", [3, 4]),
    ],
    ("names", "paths into maps and lists"): [
        _q("SELECT m['b']['c'][0] FROM {t} WHERE PK = 'u3'", 7),
        _q("SELECT m.b.c[1] FROM {t} AS t WHERE PK = 'u3'", 8),
        _q("SELECT name FROM {t} WHERE m['a'] = 5", "Eve"),
        _q("SELECT tags[0] FROM {t} WHERE PK = 'u1'", "red"),
    ],
    ("names", "geo"): [
        S(
            'UPDATE {t} SET g = GEOJSON(\'{{"type":"Point","coordinates":[1,1]}}\') '
            "WHERE PK = 'u1'",
            1,
        ),
        _q(
            'SELECT name FROM {t} WHERE g WITHIN GEOJSON(\'{{"type":"Polygon","coordinates":'
            "[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}}')",
            "Ann",
        ),
    ],
    ("names", "boolean"): [
        _q("SELECT name FROM {t} WHERE ok", "Ann"),
        _q("SELECT name FROM {t} WHERE ok = FALSE", "Bob"),
        _q("SELECT name FROM {t} WHERE NOT ok", "Bob"),
    ],
    ("names", "case of bins is exact"): [_q("SELECT COUNT(*) FROM {t} WHERE NAME IS NULL", 4)],
    # ---- reading
    ("reading", "get by key"): [S("SELECT name, age FROM {t} WHERE PK = 'u2'", [("Bob", 5)])],
    ("reading", "key IN (…)"): [
        _q("SELECT name FROM {t} WHERE PK IN ('u1', 'u3', 'nobody')", "Ann", "Eve"),
        _q("SELECT name FROM {t} WHERE PK IN ?", "Ann", "Bob", parameters=(["u1", "u2"],)),
    ],
    ("reading", "conjunctions of keys intersect"): [
        S("SELECT name FROM {t} WHERE PK = 'u1' AND PK = 'u2'", []),
        S("SELECT name FROM {t} WHERE PK = 'u1' AND age > 40", []),
    ],
    ("reading", "comparisons"): [
        _q("SELECT name FROM {t} WHERE age > 31", "Eve"),
        _q("SELECT name FROM {t} WHERE age >= 31", "Ann", "Eve"),
        _q("SELECT name FROM {t} WHERE age < 31", "Bob", "Zoë"),
        _q("SELECT name FROM {t} WHERE age <= 5", "Bob", "Zoë"),
        _q("SELECT name FROM {t} WHERE age <> 5", "Ann", "Eve"),
        _q("SELECT name FROM {t} WHERE 40 < age", "Eve"),
    ],
    ("reading", "AND, OR, NOT nested"): [
        _q("SELECT name FROM {t} WHERE (age = 5 OR age = 47) AND NOT (w < 0 OR name = 'x')", "Zoë"),
    ],
    ("reading", "IN (list)"): [
        _q("SELECT name FROM {t} WHERE age IN (5, 47)", "Bob", "Eve", "Zoë"),
        _q("SELECT name FROM {t} WHERE age IN (31)", "Ann"),
        S("SELECT name FROM {t} WHERE age NOT IN (5, NULL)", []),
    ],
    ("reading", "LIKE, ILIKE, REGEXP"): [
        _q("SELECT name FROM {t} WHERE name LIKE 'A%'", "Ann"),
        _q("SELECT name FROM {t} WHERE name LIKE '_o_'", "Bob", "Zoë"),
        _q("SELECT name FROM {t} WHERE name LIKE 'A!nn' ESCAPE '!'", "Ann"),
        _q("SELECT name FROM {t} WHERE name ILIKE 'zoË'", "Zoë"),
        _q("SELECT name FROM {t} WHERE name NOT LIKE '%n%'", "Bob", "Eve", "Zoë"),
        _q("SELECT name FROM {t} WHERE name REGEXP '^[AB]'", "Ann", "Bob"),
    ],
    ("reading", "IS NULL"): [
        _q("SELECT name FROM {t} WHERE w IS NULL", "Eve"),
        _q("SELECT COUNT(*) FROM {t} WHERE w IS NOT NULL", 3),
    ],
    ("reading", "column with column, arithmetic"): [
        _q("SELECT name FROM {t} WHERE age + w > 30", "Ann", "Zoë"),
        _q("SELECT name FROM {t} WHERE age % 2 = 1 AND age // 10 = 3", "Ann"),
        _q("SELECT age / 2 FROM {t} WHERE PK = 'u2'", 2.5),
    ],
    ("reading", "functions in WHERE"): [
        _q("SELECT name FROM {t} WHERE UPPER(name) = 'BOB'", "Bob"),
        _q("SELECT name FROM {t} WHERE LENGTH(name) = 3 AND SUBSTR(name, 2, 1) = 'v'", "Eve"),
    ],
    ("reading", "expressions and aliases"): [
        S("SELECT age * 2 AS twice, name || '!' AS loud FROM {t} WHERE PK = 'u1'", [(62, "Ann!")]),
        _q("SELECT twice FROM (SELECT age * 2 AS twice FROM {t}) x WHERE twice > 90", 94),
    ],
    ("reading", "functions in the list"): [
        S(
            "SELECT LOWER(name), ABS(w), ROUND(w, 1), COALESCE(raw, X'01') FROM {t} "
            "WHERE PK = 'u1'",
            [("ann", 1.5, 1.5, b"\x01")],
        ),
    ],
    ("reading", "CASE, COALESCE, CAST"): [
        _q(
            "SELECT CASE WHEN age > 30 THEN 'old' ELSE 'young' END FROM {t} WHERE PK = 'u2'",
            "young",
        ),
        _q("SELECT COALESCE(w, 0) FROM {t} WHERE PK = 'u3'", 0),
        _q("SELECT CAST(age AS VARCHAR) FROM {t} WHERE PK = 'u1'", "31"),
        _q("SELECT TRY_CAST(name AS BIGINT) FROM {t} WHERE PK = 'u1'", None),
    ],
    ("reading", "DISTINCT"): [_q("SELECT DISTINCT age FROM {t}", 31, 5, 47)],
    ("reading", "COUNT(*)"): [
        _q("SELECT COUNT(*) FROM {t}", 4),
        S("SELECT COUNT(*), COUNT(w), COUNT(DISTINCT age) FROM {t}", [(4, 3, 3)]),
    ],
    ("reading", "SUM, AVG, MIN, MAX"): [
        S("SELECT SUM(age), AVG(age), MIN(name), MAX(name) FROM {t}", [(88, 22.0, "Ann", "Zoë")]),
    ],
    ("reading", "GROUP BY, HAVING"): [
        S("SELECT age, COUNT(*) FROM {t} GROUP BY age HAVING COUNT(*) > 1", [(5, 2)]),
        S(
            "SELECT age, COUNT(*) FILTER (WHERE w < 0) FROM {t} GROUP BY age",
            [(5, 1), (31, 0), (47, 0)],
        ),
    ],
    ("reading", "ORDER BY"): [
        S(
            "SELECT name FROM {t} ORDER BY age DESC, name",
            Ordered([("Eve",), ("Ann",), ("Bob",), ("Zoë",)]),
        ),
        S("SELECT name FROM {t} ORDER BY w NULLS FIRST LIMIT 2", Ordered([("Eve",), ("Bob",)])),
        S("SELECT name FROM {t} ORDER BY w DESC NULLS LAST LIMIT 1", Ordered([("Zoë",)])),
    ],
    ("reading", "LIMIT, OFFSET"): [
        S("SELECT name FROM {t} ORDER BY name LIMIT 2 OFFSET 1", Ordered([("Bob",), ("Eve",)])),
        S("SELECT name FROM {t} LIMIT 0", []),
        S("SELECT name FROM {t} ORDER BY name LIMIT ?", Ordered([("Ann",)]), (1,)),
    ],
    ("reading", "joins"): [
        S(
            "SELECT a.name, b.name FROM {t} a JOIN {t} b ON a.age = b.age AND a.name < b.name",
            [("Bob", "Zoë")],
        ),
        S(
            "SELECT a.name, b.name FROM {t} a LEFT JOIN {t} b ON b.PK = a.name WHERE a.age = 31",
            [("Ann", None)],
        ),
        _q("SELECT COUNT(*) FROM {t} a CROSS JOIN {t} b", 16),
        _q("SELECT COUNT(*) FROM {t} a FULL JOIN {t} b ON a.age = b.w", 8),
        _q("SELECT COUNT(*) FROM {t} a RIGHT JOIN {t} b ON a.PK = b.PK", 4),
        _q("SELECT COUNT(*) FROM {t} a JOIN {t} b USING (age)", 6),
    ],
    ("reading", "subqueries"): [
        _q("SELECT name FROM {t} WHERE age = (SELECT MAX(age) FROM {t})", "Eve"),
        _q("SELECT name FROM {t} WHERE PK IN (SELECT PK FROM {t} WHERE age > 40)", "Eve"),
        _q(
            "SELECT a.name FROM {t} a WHERE EXISTS (SELECT 1 FROM {t} b "
            "WHERE b.age = a.age AND b.PK > a.PK)",
            "Bob",
        ),
        _q("SELECT n FROM (SELECT COUNT(*) AS n FROM {t}) x", 4),
    ],
    ("reading", "UNION, INTERSECT, EXCEPT"): [
        _q("SELECT age FROM {t} UNION SELECT 1", 1, 5, 31, 47),
        _q("SELECT age FROM {t} UNION ALL SELECT age FROM {t} WHERE age > 40", 31, 5, 47, 5, 47),
        _q("SELECT age FROM {t} INTERSECT SELECT 5", 5),
        _q("SELECT age FROM {t} EXCEPT SELECT 5", 31, 47),
    ],
    ("reading", "CTE"): [
        _q("WITH old AS (SELECT * FROM {t} WHERE age > 30) SELECT name FROM old", "Ann", "Eve"),
        _q(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) "
            "SELECT SUM(i) FROM n",
            10,
        ),
    ],
    ("reading", "window functions"): [
        S(
            "SELECT name, ROW_NUMBER() OVER (ORDER BY age, name) FROM {t}",
            [("Bob", 1), ("Zoë", 2), ("Ann", 3), ("Eve", 4)],
        ),
    ],
    ("reading", "collections"): [
        _q("SELECT name FROM {t} WHERE LIST_CONTAINS(tags, 'blue')", "Ann"),
        _q("SELECT name FROM {t} WHERE 'red' = ANY(tags)", "Ann", "Bob"),
        _q("SELECT name FROM {t} IN LIST WHERE tags = 'red'", "Ann", "Bob"),
        _q("SELECT name FROM {t} WHERE MAP_HAS_KEY(m, 'b')", "Eve"),
        _q("SELECT tag FROM {t}, UNNEST(tags) AS x(tag) WHERE name = 'Ann'", "red", "blue"),
    ],
    ("reading", "EXPLAIN"): [
        S("EXPLAIN SELECT name FROM {t} WHERE PK = 'u1'", ANY),
        S("EXPLAIN SELECT age, COUNT(*) FROM {t} GROUP BY age", ANY),
        S("EXPLAIN ANALYZE SELECT name FROM {t} WHERE age > 5", ANY),
    ],
    ("reading", "VALUES and no table"): [
        _q("SELECT 1", 1),
        S("SELECT 1 AS a, 'x' AS b WHERE 1 = 0", []),
        S("VALUES (1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
    ],
    # ---- writing
    ("writing", "INSERT creates only"): [
        S("INSERT INTO {t} (PK, a) VALUES ('new', 1)", 1),
        S("INSERT INTO {t} (PK, a) VALUES ('new', 2)", errors.IntegrityError),
        _q("SELECT a FROM {t} WHERE PK = 'new'", 1),
    ],
    ("writing", "UPSERT merges, REPLACE replaces"): [
        S("UPSERT INTO {t} (PK, a) VALUES ('u1', 1)", 1),
        S("SELECT a, name FROM {t} WHERE PK = 'u1'", [(1, "Ann")]),
        S("REPLACE INTO {t} (PK, a) VALUES ('u1', 2)", 1),
        S("SELECT a, name FROM {t} WHERE PK = 'u1'", [(2, None)]),
    ],
    ("writing", "ON CONFLICT"): [
        S("INSERT INTO {t} (PK, age) VALUES ('u1', 1) ON CONFLICT (PK) DO NOTHING", 0),
        S(
            "INSERT INTO {t} (PK, age) VALUES ('u1', 1) "
            "ON CONFLICT (PK) DO UPDATE SET age = EXCLUDED.age + 1",
            1,
        ),
        _q("SELECT age FROM {t} WHERE PK = 'u1'", 2),
    ],
    ("writing", "several rows"): [
        S("INSERT INTO {t} (PK, a) VALUES ('a', 1), ('b', 2), ('c', 3)", 3),
        _q("SELECT COUNT(*) FROM {t} WHERE PK IN ('a', 'b', 'c')", 3),
    ],
    ("writing", "a key is needed"): [
        S("INSERT INTO {t} (a) VALUES (1)", errors.ProgrammingError),
        S("INSERT INTO {t} (PK, a) VALUES (NULL, 1)", errors.IntegrityError),
    ],
    ("writing", "INSERT … SELECT"): [
        S("INSERT INTO {t} (PK, copy) SELECT PK || '-copy', age FROM {t} WHERE age > 30", 2),
        _q("SELECT copy FROM {t} WHERE copy IS NOT NULL", 31, 47),
    ],
    ("writing", "UPDATE by key"): [
        S("UPDATE {t} SET age = 6, name = NULL WHERE PK = 'u2' AND age = 5", 1),
        S("UPDATE {t} SET age = 7 WHERE PK = 'u2' AND age = 5", 0),
        S("UPDATE {t} SET age = 7 WHERE PK = 'nobody'", 0),
        S("SELECT age, name FROM {t} WHERE PK = 'u2'", [(6, None)]),
    ],
    ("writing", "UPDATE with any WHERE"): [
        S("UPDATE {t} SET kid = TRUE WHERE age < 10", 2),
        _q("SELECT name FROM {t} WHERE kid", "Bob", "Zoë"),
        S("UPDATE {t} SET name = UPPER(name) WHERE LENGTH(name) = 3 AND age > 10", 2),
        _q("SELECT name FROM {t} WHERE age > 10", "ANN", "EVE"),
    ],
    ("writing", "SET x = x + 1"): [
        S("UPDATE {t} SET age = age + 1, w = w * 2 WHERE PK = 'u1'", 1),
        S("SELECT age, w FROM {t} WHERE PK = 'u1'", [(32, 3.0)]),
        S("UPDATE {t} SET age = age / 2 WHERE PK = 'u1'", 1),
        _q("SELECT age FROM {t} WHERE PK = 'u1'", 16.0),
    ],
    ("writing", "an overflow is an error"): [
        S("UPDATE {t} SET age = 9223372036854775807 WHERE PK = 'u1'", 1),
        S("UPDATE {t} SET age = age + 1 WHERE PK = 'u1'", errors.DataError),
        S("UPDATE {t} SET age = age * 2 WHERE age > 1000", errors.DataError),
        _q("SELECT age FROM {t} WHERE PK = 'u1'", 9223372036854775807),
        S("SELECT age + 1 FROM {t} WHERE PK = 'u1'", errors.DataError),
        S("SELECT name FROM {t} WHERE age + 1 > 0", errors.DataError),
        S("SELECT name FROM {t} WHERE age + 1 > 0 ORDER BY name", errors.DataError),
    ],
    ("writing", "DELETE by key"): [
        S("DELETE FROM {t} WHERE PK = 'u1'", 1),
        S("DELETE FROM {t} WHERE PK = 'u1'", 0),
        S("DELETE FROM {t} WHERE PK = 'u2' AND age > 40", 0),
        _q("SELECT COUNT(*) FROM {t}", 3),
    ],
    ("writing", "DELETE with any WHERE"): [
        S("DELETE FROM {t} WHERE age = 5 AND name LIKE 'B%'", 1),
        S("DELETE FROM {t}", 3),
        _q("SELECT COUNT(*) FROM {t}", 0),
    ],
    ("writing", "TRUNCATE"): [S("TRUNCATE TABLE {t}", ANY)],
    ("writing", "RETURNING"): [
        S("UPDATE {t} SET age = age + 1 WHERE PK = 'u1' RETURNING name, age", [("Ann", 32)]),
        S("DELETE FROM {t} WHERE age = 5 RETURNING PK", [("u2",), ("u4",)]),
        S("INSERT INTO {t} (PK, a) VALUES ('x', 1) RETURNING PK, a", [("x", 1)]),
    ],
    ("writing", "TTL on write"): [
        S("INSERT INTO {t} (PK, a) VALUES ('t', 1) WITH (ttl = 600)", 1),
        _q("SELECT __ttl BETWEEN 500 AND 600 FROM {t} WHERE PK = 't'", True),
        S("UPDATE {t} SET a = 2, __ttl = 900 WHERE PK = 't'", 1),
        _q("SELECT __ttl BETWEEN 800 AND 900 FROM {t} WHERE PK = 't'", True),
    ],
    ("writing", "generation check"): [
        S("UPDATE {t} SET a = 1 WHERE PK = 'u1' AND __gen = 5", 0),
        S("UPDATE {t} SET a = 1 WHERE PK = 'u1' AND __gen = 1", 1),
        _q("SELECT __gen FROM {t} WHERE PK = 'u1'", 2),
    ],
    ("writing", "operations on collections"): [
        S("UPDATE {t} SET m['a'] = 9, tags[0] = 'green' WHERE PK = 'u1'", 1),
        S("SELECT m, tags FROM {t} WHERE PK = 'u1'", [({"a": 9}, ["green", "blue"])]),
        S("UPDATE {t} SET tags = LIST_APPEND(tags, 'new') WHERE PK = 'u2'", 1),
        _q("SELECT tags FROM {t} WHERE PK = 'u2'", ["red", "new"]),
    ],
    ("writing", "transactions"): [S("BEGIN", ANY), S("COMMIT", ANY), S("ROLLBACK", ANY)],
    # ---- definition and administration
    ("definition", "CREATE and DROP INDEX"): [
        S("CREATE INDEX {s}_i ON {t} (age)", ANY),
        _q("SELECT name FROM {t} WHERE age = 31", "Ann"),
        _q("SELECT name FROM {t} WHERE age BETWEEN 30 AND 50 AND name LIKE 'E%'", "Eve"),
        S("DROP INDEX {s}_i ON {t}", ANY),
    ],
    ("definition", "CREATE TABLE"): [
        S("CREATE TABLE {s}_d (id BIGINT PRIMARY KEY, name VARCHAR NOT NULL, born DATE)", ANY),
        S("INSERT INTO {s}_d (id, name, born) VALUES (1, 'Ann', DATE '2001-02-03')", 1),
        S("INSERT INTO {s}_d (id) VALUES (2)", errors.IntegrityError),
        _q("SELECT name FROM {s}_d WHERE id = 1", "Ann"),
        S("DROP TABLE {s}_d", ANY),
    ],
    ("definition", "SHOW and information_schema"): [
        S("SHOW NAMESPACES", ANY),
        S("SHOW SETS", ANY),
        S("SHOW INDEXES", ANY),
        _q("SELECT table_name FROM information_schema.tables WHERE table_name = '{s}'", "{s}"),
        _q(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = '{s}' AND column_name = 'age'",
            "age",
        ),
    ],
    ("definition", "DESCRIBE"): [S("DESCRIBE {t}", ANY)],
    ("definition", "jobs"): [S("SHOW QUERIES", ANY)],
    ("definition", "raw info"): [S("ASINFO 'namespaces'", ANY)],
    ("definition", "bind parameters"): [
        _q("SELECT name FROM {t} WHERE age = ? AND name = ?", "Ann", parameters=(31, "Ann")),
        Step("SELECT name FROM {t} WHERE age = :age", [("Ann",)], {"age": 31}),  # type: ignore[arg-type]
    ],
}
