"""Text → tree, as pairs."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.grammar import nodes, parse
from aerodbapi.grammar.ast import (
    CTE,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Conflict,
    CreateIndex,
    Delete,
    Derived,
    Describe,
    Distinct,
    DropIndex,
    Exists,
    Explain,
    Frame,
    In,
    InQuery,
    Insert,
    Interval,
    IsNull,
    IsTruth,
    Join,
    Like,
    Literal,
    OrderItem,
    Over,
    Parameter,
    Select,
    SelectItem,
    SetOperation,
    Show,
    Span,
    Star,
    Subquery,
    Subscript,
    TableName,
    Transaction,
    Truncate,
    Unary,
    Update,
    ValueRows,
    Window,
)
from aerodbapi.grammar.tokens import words
from aerodbapi.types import GeoJSON

A, B, C, X = Column("a"), Column("b"), Column("c"), Column("x")
ONE, TWO = Literal(1), Literal(2)


def nested(holder, *keys):
    """The place in `holder` that the keys lead to."""
    for key in keys:
        holder = Subscript(holder, Literal(key))
    return holder


T = TableName(("t",))
DEMO = TableName(("test", "demo"))
ALL = (SelectItem(Star(), "*"),)
POINT = '{"type":"Point","coordinates":[1,2]}'


def items(*expressions: Any) -> tuple[SelectItem, ...]:
    return tuple(SelectItem(expression, expression.name) for expression in expressions)


EXPRESSIONS = [
    # constants
    ("1", ONE),
    ("-5", Literal(-5)),
    ("- 5", Literal(-5)),
    ("-9223372036854775808", Literal(-(2**63))),
    ("9223372036854775807", Literal(2**63 - 1)),
    ("010", Literal(10)),
    ("0x1F", Literal(31)),
    ("-0x10", Literal(-16)),
    ("1.5", Literal(1.5)),
    (".5", Literal(0.5)),
    ("5.", Literal(5.0)),
    ("1e5", Literal(1e5)),
    ("-2.5E-3", Literal(-2.5e-3)),
    ("'abc'", Literal("abc")),
    ("''", Literal("")),
    ("'it''s \"so\"'", Literal('it\'s "so"')),
    ("'two\nlines -- and /* no */ comment'", Literal("two\nlines -- and /* no */ comment")),
    ("'JSON not json'", Literal("JSON not json")),
    ("X'00fF'", Literal(b"\x00\xff")),
    ("x''", Literal(b"")),
    ("true", Literal(True)),
    ("False", Literal(False)),
    ("NULL", Literal(None)),
    # typed literals
    ("INT('5')", Literal(5)),
    ("int(1.9)", Literal(2)),
    ("INT(-1.9)", Literal(-2)),
    ("NUMERIC('7')", Literal(7)),
    ("DECIMAL('7.5')", Literal(7.5)),
    ("FLOAT('1.5')", Literal(1.5)),
    ("REAL(2)", Literal(2.0)),
    ("BOOL(1)", Literal(True)),
    ("BOOL('0')", Literal(False)),
    ("BOOL(true)", Literal(True)),
    ("BOOL('true')", Literal(True)),
    ("CAST(0 AS BOOL)", Literal(False)),
    ("CAST(5 AS TEXT)", Literal("5")),
    ("CHAR(true)", Literal("true")),
    ("VARCHAR('x')", Literal("x")),
    ("STRING(1.5)", Literal("1.5")),
    ("LIST('[1,2.5,null,{\"a\":true}]')", Literal([1, 2.5, None, {"a": True}])),
    ("MAP('{\"a\":[1]}')", Literal({"a": [1]})),
    ("JSON('\"x\"')", Literal("x")),
    ("JSON('[null]')", Literal([None])),
    (f"GEOJSON('{POINT}')", Literal(GeoJSON(POINT))),
    (f"CAST('{POINT}' AS GEOJSON)", Literal(GeoJSON(POINT))),
    ("CAST(NULL AS INT)", Literal(None)),
    ("INT(NULL)", Literal(None)),
    ("TRY_CAST('x' AS INT)", Literal(None)),
    ("'5'::int", Literal(5)),
    # casts that are left to the plan
    ("CAST(a AS INT)", Cast(A, "BIGINT")),
    ("a::text", Cast(A, "VARCHAR")),
    ("INT(a)", Cast(A, "BIGINT")),
    ("LIST(?)", Cast(Parameter(0), "LIST")),
    ("CAST(a AS DECIMAL(10,2))", Cast(A, "DECIMAL(10, 2)")),
    ("CAST(a AS double precision)", Cast(A, "DOUBLE")),
    ("CAST(a AS TIMESTAMP WITH TIME ZONE)", Cast(A, "TIMESTAMPTZ")),
    ("TRY_CAST(a AS INT)", Cast(A, "BIGINT", lenient=True)),
    ("DATE '2020-01-01'", Cast(Literal("2020-01-01"), "DATE")),
    ("TIMESTAMP '2020-01-01'", Cast(Literal("2020-01-01"), "TIMESTAMP")),
    ("INTERVAL '1' DAY", Interval(ONE, "DAY")),
    ("INTERVAL '2 hours'", Interval(TWO, "HOURS")),
    ("INTERVAL ? MINUTE", Interval(Parameter(0), "MINUTE")),
    # names
    ("a", A),
    ('"a b"', Column("a b", quoted=True)),
    ('"a""b"', Column('a"b', quoted=True)),
    ('"PK"', Column("PK", quoted=True)),
    ("t.a", Column("a", ("t",))),
    ('test."my set".a', Column("a", ("test", "my set"))),
    ("_x$1", Column("_x$1")),
    ("größe", Column("größe")),
    ("current_timestamp", Call("CURRENT_TIMESTAMP", ())),
    ('"current_date"', Column("current_date", quoted=True)),
    (
        "m['a'].b[0]",
        Subscript(Subscript(Subscript(Column("m"), Literal("a")), Literal("b")), Literal(0)),
    ),
    ("?", Parameter(0)),
    (":name", Parameter(0)),
    # operators
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("a - b - c", Binary("-", Binary("-", A, B), C)),
    ("a-b", Binary("-", A, B)),
    ("a -1", Binary("-", A, ONE)),
    ("a - -1", Binary("-", A, Literal(-1))),
    ("-a", Unary("-", A)),
    ("-(1)", Unary("-", ONE)),
    ("+1", Unary("+", ONE)),
    ("a % 2 / b", Binary("/", Binary("%", A, TWO), B)),
    ("a || b || c", Binary("||", Binary("||", A, B), C)),
    ("a = 1", Binary("=", A, ONE)),
    ("a != 1", Binary("<>", A, ONE)),
    ("a <= 1 + 2", Binary("<=", A, Binary("+", ONE, TWO))),
    (
        "a = 1 OR b = 2 AND NOT c",
        Binary("OR", Binary("=", A, ONE), Binary("AND", Binary("=", B, TWO), Unary("NOT", C))),
    ),
    ("(a OR b) AND c", Binary("AND", Binary("OR", A, B), C)),
    ("NOT a = 1", Unary("NOT", Binary("=", A, ONE))),
    ("a BETWEEN 1 AND 2 AND b", Binary("AND", Between(A, ONE, TWO), B)),
    ("a NOT BETWEEN 1 AND 2", Between(A, ONE, TWO, True)),
    ("NOT a BETWEEN 1 AND 2", Between(A, ONE, TWO, True)),
    ("a IN (1, b)", In(A, (ONE, B))),
    ("a NOT IN (1)", In(A, (ONE,), True)),
    ("NOT a IN (1)", In(A, (ONE,), True)),
    ("NOT (a NOT IN (1))", In(A, (ONE,))),
    ("a IN ?", In(A, (Parameter(0),))),
    ("a LIKE 'x%'", Like(A, Literal("x%"))),
    ("a NOT ILIKE 'x%'", Like(A, Literal("x%"), None, True, True)),
    ("a LIKE b ESCAPE '!'", Like(A, B, Literal("!"))),
    ("a IS NULL", IsNull(A)),
    ("a IS NOT NULL", IsNull(A, True)),
    ("NOT a IS NULL", IsNull(A, True)),
    ("a IS NOT TRUE", IsTruth(A, True, True)),
    ("a IS UNKNOWN", IsTruth(A, None)),
    ("a IS NOT DISTINCT FROM b", Distinct(A, B, True)),
    ("a WITHIN b", Call("GEO_WITHIN", (A, B))),
    ("a CONTAINS b", Call("GEO_CONTAINS", (A, B))),
    ("a NOT REGEXP 'x'", Unary("NOT", Call("REGEXP_LIKE", (A, Literal("x"))))),
    ("5 = ANY(b)", Binary("=", Literal(5), Call("ANY", (B,)))),
    # calls and CASE
    ("now()", Call("NOW", ())),
    ("count(*)", Call("COUNT", (Star(),))),
    ("count(DISTINCT a)", Call("COUNT", (A,), True)),
    ("m.f(a, 1)", Call("M.F", (A, ONE))),
    ("EXTRACT(year FROM a)", Call("EXTRACT", (Literal("YEAR"), A))),
    ("TRIM('x' FROM a)", Call("TRIM", (A, Literal("x")))),
    ("SUBSTRING(a FROM 1 FOR 2)", Call("SUBSTRING", (A, ONE, TWO))),
    ("ARRAY[1, a]", Call("ARRAY", (ONE, A))),
    ("array(1)", Call("ARRAY", (ONE,))),
    ("sum(a) FILTER (WHERE b)", Call("SUM", (A,), filter=B)),
    (
        "string_agg(a, 'x' ORDER BY b DESC)",
        Call("STRING_AGG", (A, Literal("x")), order=(OrderItem(B, True),)),
    ),
    ("CASE WHEN a THEN 1 ELSE 2 END", Case(None, ((A, ONE),), TWO)),
    ("CASE a WHEN 1 THEN b WHEN 2 THEN c END", Case(A, ((ONE, B), (TWO, C)))),
    ("rank() OVER w", Over(Call("RANK", ()), "w")),
    (
        "sum(a) OVER (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)",
        Over(Call("SUM", (A,)), Window((B,), (OrderItem(C),), Frame("ROWS", ("PRECEDING", TWO)))),
    ),
    ("EXISTS (SELECT 1)", Exists(Select((SelectItem(ONE, "1"),)))),
    ("a IN (SELECT b FROM t)", InQuery(A, Select(items(B), T))),
    ("(SELECT b FROM t)", Subquery(Select(items(B), T))),
]


@pytest.mark.parametrize(("text", "tree"), EXPRESSIONS)
def test_expressions(text: str, tree: Any) -> None:
    statement = parse(f"SELECT a FROM t WHERE {text}")
    assert isinstance(statement, Select)
    assert statement.where == tree


@pytest.mark.parametrize(("text", "tree"), EXPRESSIONS)
def test_expressions_in_the_select_list(text: str, tree: Any) -> None:
    statement = parse(f"SELECT {text}, 1")
    assert isinstance(statement, Select)
    assert statement.items[0].expression == tree


STATEMENTS = [
    # AQL's acceptance list
    ("select * from test", Select(ALL, TableName(("test",)))),
    (
        "select * from test.demo limit 9 where a = 0",
        Select(ALL, DEMO, Binary("=", A, Literal(0)), Literal(9)),
    ),
    ("SELECT * FROM test.demo LIMIT 0", Select(ALL, DEMO, limit=Literal(0))),
    (
        "SELECT * FROM test.demo WHERE PK='k'",
        Select(ALL, DEMO, Binary("=", Column("PK"), Literal("k"))),
    ),
    (
        "SELECT * FROM test.demo WHERE EDIGEST = 'E5/o='",
        Select(ALL, DEMO, Binary("=", Column("EDIGEST"), Literal("E5/o="))),
    ),
    (
        "SELECT * FROM test.demo IN LIST WHERE a BETWEEN 1 AND 2",
        Select(ALL, DEMO, Between(A, ONE, TWO), membership="LIST"),
    ),
    (
        "SELECT * FROM test.demo LIMIT 1 in mapkeys WHERE a='x'",
        Select(ALL, DEMO, Binary("=", A, Literal("x")), ONE, membership="MAPKEYS"),
    ),
    (
        "INSERT INTO test.demo (PK,a) VALUES ('k', NULL)",
        Insert("INSERT", DEMO, (Column("PK"), A), ((Literal("k"), Literal(None)),)),
    ),
    (
        "DELETE FROM test.demo WHERE a=1 AND b=2",
        Delete(DEMO, Binary("AND", Binary("=", A, ONE), Binary("=", B, TWO))),
    ),
    (
        "TRUNCATE test.demo UPTO 'Dec 18 2017 09:53:20'",
        Truncate(DEMO, Literal("Dec 18 2017 09:53:20")),
    ),
    (
        "CREATE MAPKEYS INDEX i ON test.demo (m) STRING",
        CreateIndex("i", DEMO, "m", "STRING", "MAPKEYS"),
    ),
    ("DROP INDEX test.demo i", DropIndex("i", DEMO)),
    ("DROP INDEX i ON test.demo", DropIndex("i", DEMO)),
    ("SHOW MODULES", Show("MODULES")),
    ("SHOW PACKAGES;", Show("MODULES")),
    # the same and more, as SQL
    ("SELECT 1", Select((SelectItem(ONE, "1"),))),
    ("SELECT a x, b AS y FROM t", Select((SelectItem(A, "x", True), SelectItem(B, "y", True)), T)),
    ("SELECT t.* FROM t", Select((SelectItem(Star(("t",)), "t.*"),), T)),
    ("SELECT a FROM my-ns.my-set", Select(items(A), TableName(("my-ns", "my-set")))),
    ("SELECT a FROM test.1set u", Select(items(A), TableName(("test", "1set"), "u"))),
    ('SELECT a FROM "n s"."s t" AS u', Select(items(A), TableName(("n s", "s t"), "u"))),
    ("SELECT a FROM ns.*", Select(items(A), TableName(("ns", "*")))),
    (
        "SELECT a FROM t LIMIT ? OFFSET ?",
        Select(items(A), T, limit=Parameter(0), offset=Parameter(1)),
    ),
    (
        "SELECT a FROM t OFFSET 2 ROWS FETCH NEXT 1 ROW ONLY",
        Select(items(A), T, limit=ONE, offset=TWO),
    ),
    (
        "SELECT a FROM t ORDER BY a DESC NULLS FIRST, 1",
        Select(items(A), T, order=(OrderItem(A, True, True), OrderItem(ONE))),
    ),
    (
        "SELECT DISTINCT a FROM t GROUP BY a, b HAVING c",
        Select(items(A), T, distinct=True, group=(A, B), having=C),
    ),
    (
        "SELECT a FROM t WINDOW w AS (ORDER BY b)",
        Select(items(A), T, windows=(("w", Window(order=(OrderItem(B),))),)),
    ),
    ("SELECT a FROM t, u", Select(items(A), source=Join("CROSS", T, TableName(("u",))))),
    (
        "SELECT a FROM t LEFT OUTER JOIN u USING (x) JOIN v ON b",
        Select(
            items(A),
            source=Join(
                "INNER",
                Join("LEFT", T, TableName(("u",)), using=("x",)),
                TableName(("v",)),
                B,
            ),
        ),
    ),
    (
        "SELECT a FROM (SELECT b FROM t) AS v (a)",
        Select(items(A), source=Derived(Select(items(B), T), "v", ("a",))),
    ),
    (
        "SELECT a FROM t UNION ALL SELECT b FROM t ORDER BY 1 LIMIT 2",
        SetOperation(
            "UNION", Select(items(A), T), Select(items(B), T), True, (OrderItem(ONE),), TWO
        ),
    ),
    (
        "SELECT 1 EXCEPT SELECT 2 INTERSECT SELECT 1",
        SetOperation(
            "EXCEPT",
            Select((SelectItem(ONE, "1"),)),
            SetOperation(
                "INTERSECT", Select((SelectItem(TWO, "2"),)), Select((SelectItem(ONE, "1"),))
            ),
        ),
    ),
    (
        "WITH c (x) AS (SELECT a FROM t) SELECT x FROM c",
        Select(items(X), TableName(("c",)), ctes=(CTE("c", Select(items(A), T), ("x",)),)),
    ),
    ("VALUES (1), (2) LIMIT 1", ValueRows(((ONE,), (TWO,)), limit=ONE)),
    (
        "INSERT INTO t (a, PK) VALUES (1, ?), (2, ?) WITH (TTL = 5)",
        Insert(
            "INSERT",
            T,
            (A, Column("PK")),
            ((ONE, Parameter(0)), (TWO, Parameter(1))),
            (("ttl", Literal(5)),),
        ),
    ),
    ("UPSERT INTO t (a) VALUES (1)", Insert("UPSERT", T, (A,), ((ONE,),))),
    ("REPLACE INTO t (a) VALUES (1)", Insert("REPLACE", T, (A,), ((ONE,),))),
    ("INSERT OR REPLACE INTO t (a) VALUES (1)", Insert("REPLACE", T, (A,), ((ONE,),))),
    (
        "INSERT OR IGNORE INTO t (a) VALUES (1)",
        Insert("INSERT", T, (A,), ((ONE,),), conflict=Conflict()),
    ),
    (
        "INSERT INTO t (a) VALUES (1) ON CONFLICT (PK) DO UPDATE SET b = excluded.b WHERE c",
        Insert(
            "INSERT",
            T,
            (A,),
            ((ONE,),),
            conflict=Conflict(((B, Column("b", ("excluded",))),), C, (Column("PK"),)),
        ),
    ),
    (
        "UPDATE t SET a[1].b.c = 1, a.b['x'] = 2 RETURNING * LIMIT 2",
        Update(
            T,
            (
                (nested(Subscript(A, ONE), "b", "c"), ONE),
                (nested(Column("b", ("a",)), "x"), TWO),
            ),
            limit=TWO,
            returning=ALL,
        ),
    ),
    (
        "DELETE FROM t LIMIT ? RETURNING a, b AS c",
        Delete(
            T,
            limit=Parameter(0),
            returning=(SelectItem(A, "a"), SelectItem(B, "c", aliased=True)),
        ),
    ),
    ("BEGIN TRANSACTION", Transaction("BEGIN")),
    ("START TRANSACTION", Transaction("BEGIN")),
    ("COMMIT WORK", Transaction("COMMIT")),
    ("ROLLBACK;", Transaction("ROLLBACK")),
    (
        "INSERT INTO t (a) SELECT b FROM t",
        Insert("INSERT", T, (A,), (), source=Select(items(B), T)),
    ),
    (
        "UPDATE t SET a = a + 1, b = NULL WHERE c WITH (gen = 3)",
        Update(T, ((A, Binary("+", A, ONE)), (B, Literal(None))), C, (("gen", Literal(3)),)),
    ),
    ("DELETE FROM t", Delete(T)),
    ("TRUNCATE TABLE t", Truncate(T)),
    ("TRUNCATE TABLE t UPTO 5", Truncate(T, Literal(5))),
    ("TRUNCATE table", Truncate(TableName(("table",)))),
    (
        "create index if not exists i on t (a)",
        CreateIndex("i", T, "a", None, None, if_not_exists=True),
    ),
    ("CREATE LIST INDEX i ON t (a) numeric", CreateIndex("i", T, "a", "NUMERIC", "LIST")),
    ("DROP INDEX i", DropIndex("i")),
    ("DROP INDEX IF EXISTS i ON t", DropIndex("i", T, if_exists=True)),
    ("SHOW INDEXES FROM test.demo", Show("INDEXES", ("test", "demo"))),
    ("show tables in test", Show("SETS", ("test",))),
    ("DESC TABLE t", Describe(T)),
    ("describe test.demo", Describe(DEMO)),
    ("EXPLAIN SELECT a FROM t", Explain(Select(items(A), T))),
    ("EXPLAIN ANALYZE DELETE FROM t", Explain(Delete(T), True)),
    # comments and space
    (
        "-- first\n SELECT /* a\n comment */ a -- x\n# whole line\n \t# another\nFROM t;",
        Select(items(A), T),
    ),
]


@pytest.mark.parametrize(("text", "tree"), STATEMENTS)
def test_statements(text: str, tree: Any) -> None:
    assert parse(text) == tree


AQL = [
    (
        'SELECT a-int, "s p" FROM test.demo',
        Select(
            (SelectItem(Column("a-int"), "a-int"), SelectItem(Column("s p", quoted=True), "s p")),
            DEMO,
        ),
    ),
    ("SELECT a - b FROM t", Select((SelectItem(Binary("-", A, B), "a - b"),), T)),
    (
        "SELECT 'a' FROM 't' WHERE 'b' = 'x'",
        Select(
            (SelectItem(Column("a", quoted=True), "a"),),
            T,
            Binary("=", Column("b", quoted=True), Literal("x")),
        ),
    ),
    (
        'SELECT a FROM t WHERE b = "JSON not json" OR "c" IN ("x", 1)',
        Select(
            items(A),
            T,
            Binary(
                "OR",
                Binary("=", B, Literal("JSON not json")),
                In(Column("c", quoted=True), (Literal("x"), ONE)),
            ),
        ),
    ),
    (
        'INSERT INTO t (PK, 1-2) VALUES ("k", LIST("[1]"))',
        Insert(
            "INSERT",
            T,
            (Column("PK"), Column("1-2", quoted=True)),
            ((Literal("k"), Literal([1])),),
        ),
    ),
    (
        'UPDATE t SET "a b" = "x" WHERE c BETWEEN "a" AND "b"',
        Update(
            T,
            ((Column("a b", quoted=True), Literal("x")),),
            Between(C, Literal("a"), Literal("b")),
        ),
    ),
    (
        "SELECT a FROM t WHERE x:y = :p",
        Select(items(A), T, Binary("=", Column("x:y"), Parameter(0))),
    ),
]


@pytest.mark.parametrize(("text", "tree"), AQL)
def test_aql(text: str, tree: Any) -> None:
    assert parse(text, "aql") == tree


WORDS = words(
    "count type value limit key list set name user date time timestamp order group by where from"
    " select insert update delete in is like and or between as on join left right full table index"
    " values map json text int bool string desc asc offset with union all distinct not case when"
    " then else end exists cast interval array if explain show pk digest rows first last null_ over"
    " partition window fetch escape contains within create drop truncate upto into mapkeys for"
)


@pytest.mark.parametrize("word", WORDS)
def test_words_are_not_reserved(word: str) -> None:
    column = Column(word)
    assert parse(f"SELECT {word}, 1 FROM t") == Select((*items(column), SelectItem(ONE, "1")), T)
    assert parse(f"SELECT a FROM t WHERE {word} = 1") == Select(
        items(A), T, Binary("=", column, ONE)
    )
    assert parse(f"UPDATE t SET {word} = 1") == Update(T, ((column, ONE),))
    assert parse(f"INSERT INTO t ({word}) VALUES (1)") == Insert("INSERT", T, (column,), ((ONE,),))
    assert parse(f"SELECT a AS {word} FROM {word}.{word}") == Select(
        (SelectItem(A, word, True),), TableName((word, word))
    )
    assert parse(f"CREATE INDEX {word} ON t ({word})") == CreateIndex(word, T, word)


def test_parameters_count_in_the_order_of_the_text() -> None:
    statement = parse("SELECT ? FROM t LIMIT ? WHERE a = ?")
    found = sorted(node.index for node in nodes(statement) if isinstance(node, Parameter))
    assert found == [0, 1, 2]
    assert statement == Select(
        (SelectItem(Parameter(0), "?"),), T, Binary("=", A, Parameter(2)), Parameter(1)
    )


def test_named_parameters_know_their_names() -> None:
    statement = parse("SELECT a FROM t WHERE a = :x AND b = :y AND c = :x")
    found = [(n.index, n.name) for n in nodes(statement) if isinstance(n, Parameter)]
    assert found == [(0, "x"), (1, "y"), (2, "x")]


def test_numbered_parameters_say_their_index() -> None:
    statement = parse("SELECT a FROM t WHERE a = ?2 AND b = ?1")
    assert [n.index for n in nodes(statement) if isinstance(n, Parameter)] == [1, 0]


SPANS = [
    ("SELECT a FROM t WHERE ab = 'x'", Binary, (22, 30, 1, 23)),
    ("SELECT a FROM t WHERE ab = 'x'", Literal, (27, 30, 1, 28)),
    ("SELECT a\nFROM t\nWHERE bb = 1", Binary, (22, 28, 3, 7)),
    ("SELECT a, 'x\ny', bc FROM n.t", TableName, (25, 28, 2, 13)),
    ("SELECT a FROM t WHERE b IN (1, 2)", In, (22, 33, 1, 23)),
    ("SELECT -x FROM t", Unary, (7, 9, 1, 8)),
    ("SELECT f(x) FROM t", Call, (7, 11, 1, 8)),
    ("SELECT CAST(x AS DATE) FROM t", Cast, (7, 22, 1, 8)),
    ("SELECT a FROM t WHERE a = -5", Literal, (26, 28, 1, 27)),
    ("  SELECT a FROM t  ;", Select, (2, 17, 1, 3)),
]


@pytest.mark.parametrize(("text", "kind", "place"), SPANS)
def test_nodes_know_their_place(text: str, kind: type, place: tuple[int, ...]) -> None:
    node = next(node for node in nodes(parse(text)) if isinstance(node, kind))
    assert node.span == Span(*place)


RELATIONAL = [
    ("SELECT a FROM t WHERE b = 1 LIMIT 5", []),
    ("SELECT a FROM t ORDER BY a", [("ORDER BY", 17)]),
    (
        "SELECT DISTINCT a FROM t GROUP BY a HAVING b",
        [("DISTINCT", 8), ("GROUP BY", 26), ("HAVING", 37)],
    ),
    ("SELECT a FROM t JOIN u ON b", [("JOIN", 15)]),
    ("SELECT a FROM t, u", [("JOIN", 15)]),
    ("SELECT a FROM (SELECT 1) AS v", [("subquery", 16)]),
    ("SELECT a FROM t WHERE a IN (SELECT 1)", [("subquery", 23)]),
    ("SELECT a, sum(b) OVER (ORDER BY c) FROM t", [("OVER", 11)]),
    ("SELECT sum(b) FILTER (WHERE c) FROM t", [("FILTER", 8)]),
    ("WITH c AS (SELECT 1) SELECT a FROM c", [("WITH", 1)]),
    ("SELECT a FROM t UNION SELECT b FROM t LIMIT 1", [("UNION", 17)]),
    ("VALUES (1)", [("VALUES", 1)]),
    ("INSERT INTO t (a) SELECT b FROM t", []),
    ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", []),
    ("DELETE FROM t RETURNING (SELECT 1)", [("subquery", 26)]),
    ("INSERT INTO t (a) VALUES ((SELECT 1))", [("subquery", 28)]),
    ("UPDATE t SET a = (SELECT 1)", [("subquery", 19)]),
    ("DELETE FROM t WHERE a IN (SELECT 1)", [("subquery", 21)]),
]


@pytest.mark.parametrize(("text", "clauses"), RELATIONAL)
def test_clauses_for_the_relational_engine(text: str, clauses: list[tuple[str, int]]) -> None:
    statement: Any = parse(text)
    assert [(name, span.column) for name, span in statement.relational] == clauses


def test_literals_of_different_types_differ() -> None:
    assert Literal(1) != Literal(True)
    assert Literal(1) != Literal(1.0)
    assert Literal(1) == Literal(1)
    assert hash(Literal("x")) == hash(Literal("x"))
    assert Column("a") != Literal("a")
    assert repr(Binary("=", A, ONE)) == (
        "Binary(op='=', left=Column(name='a'), right=Literal(value=1))"
    )


def test_many_rows_and_long_lists() -> None:
    rows: Any = parse("INSERT INTO t (a, b) VALUES " + ", ".join(["(1, 'x')"] * 3000))
    assert rows.rows == ((ONE, Literal("x")),) * 3000
    query: Any = parse(f"SELECT a FROM t WHERE a IN ({', '.join(['1'] * 3000)})")
    assert query.where == In(A, (ONE,) * 3000)
