"""Statements that the server cannot answer alone, from text to rows, over every kind of face."""

from __future__ import annotations

import pytest

import aerodbapi

_BOUGHT = [("u2",), ("u1",), ("u0",)]
#: Statement over {people} and {sales} → its rows.
ANSWERS = [
    # names
    ("SELECT name FROM {people} ORDER BY age DESC NULLS LAST, name LIMIT 2", [("Max",), ("Eve",)]),
    (
        "SELECT name n, age + 1 AS x FROM {people} WHERE age > 40 ORDER BY x",
        [("Eve", 48), ("Max", 61)],
    ),
    ("SELECT p.PK FROM {people} p WHERE p.city = 'Rome' ORDER BY 1", [("u0",), ("u2",)]),
    ("SELECT nothing FROM {people} ORDER BY 1 LIMIT 1", [(None,)]),
    (
        "SELECT city, count(*) AS c FROM {people} GROUP BY city HAVING c > 1 ORDER BY city",
        [("Rome", 2), (None, 2)],
    ),
    (
        (
            "SELECT city AS place, max(age) FROM {people} WHERE city IS NOT NULL GROUP BY place"
            " ORDER BY place"
        ),
        [("Bonn", None), ("Oslo", 25), ("Rome", 47)],
    ),
    ("SELECT DISTINCT city FROM {people} WHERE city < 'P' ORDER BY city", [("Bonn",), ("Oslo",)]),
    ("SELECT count(*) FROM {people}", [(6,)]),
    ("SELECT count(*), count(age), sum(age) FROM {people} WHERE age < 40", [(3, 3, 81)]),
    ("SELECT count(*) FILTER (WHERE city = 'Rome') FROM {people}", [(2,)]),
    ("SELECT __gen, count(*) FROM {people} GROUP BY 1", [(1, 6)]),
    # joins
    (
        (
            "SELECT p.name, sum(s.price) AS total FROM {sales} s JOIN {people} p ON p.PK = s.who"
            " GROUP BY p.name ORDER BY total DESC"
        ),
        [("Ann", 9.5), ("Eve", 4.0), ("Bob", 3.0)],
    ),
    (
        (
            "SELECT s.PK, p.name FROM {sales} s LEFT JOIN {people} p ON p.PK = s.who"
            " WHERE s.price > 4 ORDER BY 1"
        ),
        [(2, "Ann"), (5, None)],
    ),
    (
        (
            "SELECT p.name FROM {sales} s RIGHT JOIN {people} p ON p.PK = s.who"
            " WHERE s.item IS NULL AND p.age > 30"
        ),
        [("Max",)],
    ),
    (
        (
            "SELECT count(*), count(p.PK), count(s.PK) FROM {sales} s FULL JOIN {people} p"
            " ON p.PK = s.who"
        ),
        [(8, 7, 5)],
    ),
    (
        "SELECT a.name, b.name FROM {people} a JOIN {people} b USING (age) WHERE a.PK < b.PK",
        [("Bob", "Zoe")],
    ),
    (
        "SELECT count(*) FROM {people} a, {people} b WHERE a.city = b.city AND a.city = 'Rome'",
        [(4,)],
    ),
    # subqueries
    (
        (
            "SELECT name FROM {people} WHERE PK IN (SELECT who FROM {sales} WHERE item = 'pen')"
            " ORDER BY name"
        ),
        [("Ann",), ("Bob",)],
    ),
    (
        (
            "SELECT name FROM {people} p WHERE NOT EXISTS (SELECT 1 FROM {sales} s WHERE"
            " s.who = p.PK) ORDER BY name"
        ),
        [("Joe",), ("Max",), ("Zoe",)],
    ),
    (
        (
            "SELECT name, (SELECT max(price) FROM {sales} s WHERE s.who = p.PK) AS most"
            " FROM {people} p WHERE age < 40 ORDER BY name"
        ),
        [("Ann", 7.0), ("Bob", 3.0), ("Zoe", None)],
    ),
    ("SELECT name FROM {people} WHERE age = (SELECT max(age) FROM {people})", [("Max",)]),
    (
        (
            "SELECT name, q.c FROM {people} p, LATERAL (SELECT count(*) AS c FROM {sales} s"
            " WHERE s.who = p.PK) q WHERE q.c > 1"
        ),
        [("Ann", 2)],
    ),
    ("SELECT n FROM (SELECT name AS n, age FROM {people}) t WHERE age = 47", [("Eve",)]),
    (
        (
            "SELECT name FROM {people} WHERE (city, age) IN (SELECT city, max(age) FROM {people}"
            " WHERE city = 'Rome' GROUP BY city)"
        ),
        [("Eve",)],
    ),
    ("SELECT name FROM {people} WHERE (city, age) IN (('Rome', 31), ('Oslo', 9))", [("Ann",)]),
    ("SELECT string_agg(DISTINCT item, '+' ORDER BY item DESC) FROM {sales}", [("pen+ink+cup",)]),
    # WITH, set operations, VALUES, windows
    (
        (
            "WITH old AS (SELECT name, age FROM {people} WHERE age > 30)"
            " SELECT a.name, b.name FROM old a, old b WHERE a.age > b.age ORDER BY 1, 2"
        ),
        [("Eve", "Ann"), ("Max", "Ann"), ("Max", "Eve")],
    ),
    (
        (
            "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3)"
            " SELECT i, item FROM r JOIN {sales} s ON s.PK = r.i ORDER BY i"
        ),
        [(1, "pen"), (2, "ink"), (3, "pen")],
    ),
    (
        (
            "SELECT item FROM {sales} UNION SELECT city FROM {people} WHERE city IS NOT NULL"
            " ORDER BY item"
        ),
        [("Bonn",), ("Oslo",), ("Rome",), ("cup",), ("ink",), ("pen",)],
    ),
    ("SELECT PK FROM {people} EXCEPT SELECT who FROM {sales} ORDER BY 1 LIMIT 1", [("u3",)]),
    ("SELECT who FROM {sales} INTERSECT SELECT PK FROM {people} ORDER BY 1 DESC", _BOUGHT),
    ("VALUES (1, 'a'), (2, 'b') ORDER BY col0 DESC", [(2, "b"), (1, "a")]),
    (
        (
            "SELECT v.k, p.name FROM (VALUES ('u1'), ('u7')) v (k) LEFT JOIN {people} p"
            " ON p.PK = v.k ORDER BY 1"
        ),
        [("u1", "Bob"), ("u7", None)],
    ),
    (
        (
            "SELECT name FROM (SELECT name, row_number() OVER (PARTITION BY city ORDER BY age) AS r"
            ", city FROM {people}) t WHERE r = 1 AND city = 'Rome'"
        ),
        [("Ann",)],
    ),
    ("SELECT 1 AS one UNION ALL SELECT 2 ORDER BY one DESC", [(2,), (1,)]),
    # lists and maps
    ("SELECT m.a, m.b[0] FROM {people} WHERE m.a > 0 ORDER BY m.a", [(1, 7), (2, None)]),
    ("SELECT m['a'] FROM {people} WHERE m.a = 2", [(2,)]),
    (
        "SELECT name, tag FROM {people}, UNNEST(tags) AS tag WHERE tag = 'y' ORDER BY name",
        [("Ann", "y"), ("Bob", "y")],
    ),
    (
        (
            "SELECT name, k, v FROM {people} CROSS JOIN UNNEST(m) AS e (k, v) WHERE k = 'a'"
            " ORDER BY name"
        ),
        [("Ann", "a", 1), ("Bob", "a", 2)],
    ),
    (
        (
            "SELECT name, x, i FROM {people} LEFT JOIN UNNEST(tags) WITH ORDINALITY u (x, i)"
            " ON TRUE WHERE city = 'Rome' ORDER BY name, i"
        ),
        [("Ann", "x", 1), ("Ann", "y", 2), ("Eve", None, None)],
    ),
    ("SELECT unnest(tags) AS t FROM {people} WHERE name = 'Ann' ORDER BY t", [("x",), ("y",)]),
    ("SELECT name FROM {people} WHERE 'x' = ANY (tags)", [("Ann",)]),
    (
        "SELECT 'x' = ANY (tags) FROM {people} WHERE age > 20 ORDER BY PK LIMIT 2",
        [(True,), (False,)],
    ),
    # several kinds in a bin
    ("SELECT name FROM {people} WHERE mix = 5 ORDER BY name", [("Max",)]),
    ("SELECT name FROM {people} p WHERE mix = 'text' ORDER BY name", [("Zoe",)]),
]


@pytest.mark.parametrize(("text", "rows"), ANSWERS, ids=[f"{n:02}" for n in range(len(ANSWERS))])
def test_rows(loaded, text, rows):
    cursor, tables = loaded
    assert cursor.execute(text.format(**tables)).fetchall() == rows


def test_every_face_gives_these_rows(cursor, tables):
    for text, rows in ANSWERS:
        assert cursor.execute(text.format(**tables)).fetchall() == rows, text


def test_three_part_names(cursor, people):
    rows = cursor.execute(f"SELECT {people}.name FROM {people} ORDER BY {people}.name LIMIT 1")
    assert rows.fetchall() == [("Ann",)]


def test_names_of_columns(cursor, tables):
    text = "SELECT a.name, b.name, a.age AS n FROM {people} a, {people} b"
    cursor.execute(text.format(**tables))
    assert [column[0] for column in cursor.description] == ["name", "name_1", "n"]


def test_parameters(cursor, tables):
    text = "SELECT name FROM {people} WHERE age > ? ORDER BY name LIMIT ?".format(**tables)
    assert cursor.execute(text, (30, 2)).fetchall() == [("Ann",), ("Eve",)]
    assert cursor.execute(text, (46, 1)).fetchall() == [("Eve",)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "SELECT PK FROM {people} a, {sales} b",
            r"PK is ambiguous: write a.PK or b.PK \(line 1",
        ),
        ("SELECT x FROM (SELECT name FROM {people}) t", "no column x here"),
        ("SELECT t.x FROM (SELECT name FROM {people}) t", "t has no column x"),
        ("SELECT name FROM {people} ORDER BY 2", "there are columns 1 to 1"),
        ("SELECT 1 UNION SELECT 1, 2", "UNION of 1 and 2 columns"),
    ],
)
def test_names_that_mean_nothing(loaded, text, words):
    cursor, tables = loaded
    with pytest.raises(aerodbapi.ProgrammingError, match=words):
        cursor.execute(text.format(**tables))


def test_the_place_has_a_caret(loaded):
    cursor, tables = loaded
    text = "SELECT a.age\nFROM {people} a, {people} b\nWHERE name = 'Ann'".format(**tables)
    with pytest.raises(aerodbapi.ProgrammingError) as caught:
        cursor.execute(text)
    said, line, caret = str(caught.value).split("\n")
    assert said == "name is ambiguous: write a.name or b.name (line 3, column 7)"
    assert (line, caret) == ("  WHERE name = 'Ann'", "        ^^^^")
