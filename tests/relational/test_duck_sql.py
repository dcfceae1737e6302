"""The SQL that is generated answers as the statement that it was generated from."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from aerodbapi import grammar
from aerodbapi.errors import NotSupportedError
from aerodbapi.grammar import ast
from aerodbapi.plan.operations import Empty, Input, InputColumn
from aerodbapi.relational import functions
from aerodbapi.relational.duck_sql import Queries, raw

#: Statements that mean the same to DuckDB as written.
STATEMENTS = [
    "SELECT t.n, t.s FROM t ORDER BY t.n",
    "SELECT t.n AS a, t.n + 1 AS b, - t.n AS c, t.n % 3 AS d FROM t ORDER BY a",
    "SELECT t.n // 2 AS a, t.n / 4 AS b, t.x * 2 AS c FROM t ORDER BY 1, 2, 3",
    "SELECT count(*), count(t.x), sum(t.n), avg(t.x), min(t.s), max(t.s) FROM t",
    "SELECT t.g, count(*) FROM t GROUP BY t.g HAVING count(*) > 2 ORDER BY t.g NULLS FIRST",
    "SELECT t.g, sum(t.n) FILTER (WHERE t.n > 3) FROM t GROUP BY t.g ORDER BY 1 DESC",
    "SELECT string_agg(t.s, ',' ORDER BY t.n DESC) FROM t",
    "SELECT count(DISTINCT t.g) FROM t",
    "SELECT DISTINCT t.g FROM t ORDER BY t.g DESC NULLS LAST",
    "SELECT t.n FROM t WHERE t.n BETWEEN 2 AND 4 AND NOT t.n = 3 ORDER BY 1",
    "SELECT t.n FROM t WHERE t.s LIKE 'a%' OR t.s ILIKE '%B' ORDER BY 1",
    "SELECT t.n FROM t WHERE t.s NOT LIKE 'a!_%' ESCAPE '!' ORDER BY 1",
    "SELECT t.n FROM t WHERE t.n IN (1, 2, 9) AND t.s NOT IN ('a2') ORDER BY 1",
    "SELECT t.n FROM t WHERE t.g IS NULL OR t.x IS NOT NULL ORDER BY 1",
    "SELECT t.n FROM t WHERE (t.g > 1) IS NOT TRUE ORDER BY 1",
    "SELECT t.n FROM t WHERE (t.g > 1) IS UNKNOWN ORDER BY 1",
    "SELECT t.n FROM t WHERE t.g IS DISTINCT FROM 1 ORDER BY 1",
    "SELECT CASE WHEN t.n > 3 THEN 'b' ELSE 's' END AS c, count(*) FROM t GROUP BY c ORDER BY 1",
    "SELECT CASE t.n WHEN 1 THEN 10 WHEN 2 THEN 20 END AS c FROM t ORDER BY t.n",
    "SELECT coalesce(t.g, 0), nullif(t.n, 1), greatest(t.n, 3) FROM t ORDER BY t.n",
    "SELECT CAST(t.n AS VARCHAR) || t.s FROM t ORDER BY t.n",
    "SELECT CAST('12' AS BIGINT) + 1, TRY_CAST('x' AS BIGINT), CAST(1.5 AS DECIMAL(5, 1))",
    "SELECT a.n, b.s FROM t AS a JOIN u AS b ON a.n = b.n ORDER BY a.n",
    "SELECT a.n, b.s FROM t AS a LEFT JOIN u AS b ON a.n = b.n ORDER BY a.n",
    "SELECT a.n, b.n FROM t AS a FULL JOIN u AS b ON a.n = b.n ORDER BY a.n, b.n",
    "SELECT a.n, b.n FROM t AS a RIGHT JOIN u AS b ON a.n = b.n ORDER BY a.n, b.n",
    "SELECT count(*) FROM t AS a CROSS JOIN u AS b",
    "SELECT count(*) FROM t AS a JOIN (t AS b JOIN u AS c ON b.n = c.n) ON a.n = c.n",
    "SELECT q.g, q.c FROM (SELECT t.g, count(*) AS c FROM t GROUP BY t.g) AS q ORDER BY q.g",
    "SELECT q.a FROM (SELECT t.n FROM t) AS q (a) ORDER BY q.a LIMIT 2 OFFSET 1",
    "SELECT t.n FROM t WHERE t.n > (SELECT avg(u.n) FROM u) ORDER BY 1",
    "SELECT t.n FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.n = t.n) ORDER BY 1",
    "SELECT t.n FROM t WHERE t.n NOT IN (SELECT u.n FROM u) ORDER BY 1",
    "WITH c AS (SELECT t.g, t.n FROM t) SELECT a.g FROM c AS a JOIN c AS b ON a.n = b.n ORDER BY 1",
    ("WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT r.i + 1 FROM r WHERE r.i < 5) "
     "SELECT sum(r.i) FROM r"),
    "SELECT t.n FROM t UNION SELECT u.n FROM u ORDER BY 1",
    "SELECT t.n FROM t UNION ALL SELECT u.n FROM u ORDER BY 1 LIMIT 3",
    "SELECT t.n FROM t INTERSECT SELECT u.n FROM u ORDER BY 1",
    "SELECT t.n FROM t EXCEPT SELECT u.n FROM u ORDER BY 1",
    "VALUES (1, 'a'), (2, NULL)",
    "VALUES (2), (1) ORDER BY 1",
    "SELECT t.n, row_number() OVER (PARTITION BY t.g ORDER BY t.n) FROM t ORDER BY t.n",
    ("SELECT t.n, sum(t.n) OVER (ORDER BY t.n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) "
     "FROM t ORDER BY t.n"),
    ("SELECT t.n, sum(t.n) OVER w FROM t WINDOW w AS (ORDER BY t.n ROWS UNBOUNDED PRECEDING) "
     "ORDER BY t.n"),
    "SELECT t.n, lag(t.n, 1, 0) OVER (ORDER BY t.n) FROM t ORDER BY t.n",
    "SELECT date_trunc('month', TIMESTAMP '2013-05-05 10:00:00'), DATE '2013-01-31' + 1",
    "SELECT DATE '2013-01-01' + INTERVAL '1' DAY, EXTRACT(year FROM DATE '2013-01-01')",
    ("SELECT strftime(DATE '2013-01-01', '%Y-%m'), date_diff('day', DATE '2013-01-01', t.d) FROM "
     "(SELECT DATE '2013-02-01' AS d) AS t"),
    "SELECT round(t.x, 1), lpad(t.s, 5, '*'), substr(t.s, 1, 1) FROM t ORDER BY t.n",
    "SELECT quantile_cont(t.x, 0.5), median(t.n), mode(t.g) FROM t",
    "SELECT substr(t.s, 1, 1) AS c, count(*) FROM t GROUP BY substr(t.s, 1, 1) ORDER BY 1",
    "SELECT DATE '2013-06-01' > '2013-05-31', list_contains(list_value(1, 2), 2)",
    "SELECT t.g, t.s, count(*) FROM t GROUP BY 1, 2 ORDER BY 1, 2",
]  # fmt: skip

TABLES = (
    """CREATE TABLE t AS SELECT * FROM (VALUES (1::BIGINT, 'a1', 1::BIGINT, 0.5::DOUBLE),
    (2, 'a2', 1, 1.25), (3, 'B', 2, NULL), (4, 'b', NULL, -2.75), (5, 'é', 2, 1e10),
    (6, NULL, 2, 0)) v (n, s, g, x)""",
    "CREATE TABLE u AS SELECT * FROM (VALUES (2::BIGINT, 'u2'), (4, 'u4'), (7, NULL)) v (n, s)",
)


@pytest.fixture
def duck() -> Any:
    connection = duckdb.connect()
    for statement in TABLES:
        connection.execute(statement)
    yield connection
    connection.close()


def generated(sql: str, inputs: tuple[Input, ...] = ()) -> str:
    """What is generated of a statement whose literals were lifted out."""
    shape = grammar.lift(sql, "sql")
    return Queries(grammar.parse_shape(shape, sql), inputs, grammar.binder(shape)(None)).text


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_answer_is_the_statements(duck: Any, sql: str) -> None:
    assert duck.execute(generated(sql)).fetchall() == duck.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("SELECT 2147483647 + 1, 2000000000 * 4", (2147483648, 8000000000)),
        ("SELECT CASE WHEN TRUE THEN 2000000000 END * 2", (4000000000,)),
        ("SELECT 5 // 0, 5 % 0", (None, None)),
        ("SELECT NOW() - NOW() = INTERVAL '0' SECOND, typeof(NOW())", (True, "TIMESTAMP")),
        ("SELECT IIF(1 > 2, 'a', 'b'), NVL(NULL, 3), STRPOS('abc', 'c')", ("b", 3, 3)),
        ("SELECT 'a' || NULL, POSITION('b', 'abc'), CHAR_LENGTH('é')", (None, 2, 1)),
    ],
)  # fmt: skip
def test_one_meaning_in_every_version(duck: Any, sql: str, row: tuple[Any, ...]) -> None:
    assert duck.execute(generated(sql)).fetchone() == row


def test_every_name_is_quoted_and_no_value_is_a_name() -> None:
    text = generated("""SELECT "a""b".n FROM t AS "a""b" WHERE "a""b".n = 'x'' OR 1=1 --'""")
    assert '"a""b"."n"' in text
    assert "'x'' OR 1=1 --'" in text


def test_a_cte_that_is_read_twice_is_kept() -> None:
    sql = "WITH c AS (SELECT 1 AS n) SELECT a.n FROM c AS a{} ORDER BY 1"
    assert "MATERIALIZED" not in generated(sql.format(""))
    assert "AS MATERIALIZED" in generated(sql.format(" JOIN c AS b ON a.n = b.n"))


def test_variants_compare_with_the_class_that_is_asked_for(duck: Any) -> None:
    given = Input("t", (InputColumn("j", ast.Column("j"), "JSON"),), Empty(""))
    duck.execute(f'CREATE TABLE "{raw("t")}" AS SELECT * FROM '
                 "(VALUES ('1'), ('\"1\"'), ('true'), ('[1]'), (NULL), ('2.5')) v (j)")  # fmt: skip
    answers = [
        ("t.j = 1", ["1"]),
        ("t.j < 3", ["1", "2.5"]),
        ("t.j = '1'", ['"1"']),
        ("t.j IN (1, 2.5)", ["1", "2.5"]),
        ("t.j IN ('1')", ['"1"']),
        ("t.j LIKE '1%'", ['"1"']),
        ("t.j = TRUE", ["true"]),
        ("t.j BETWEEN 2 AND 3", ["2.5"]),
        ("t.j[0] = 1", ["[1]"]),
    ]
    for condition, rows in answers:
        sql = generated(f"SELECT t.j FROM t WHERE {condition}", (given,))
        assert sorted(row[0] for row in duck.execute(sql).fetchall()) == rows, condition


def test_functions_that_do_not_exist() -> None:
    with pytest.raises(NotSupportedError, match=r"GETENV \(line 1, column 8\)"):
        generated("SELECT getenv('HOME')")
    with pytest.raises(NotSupportedError, match=r"did you mean .*STRPOS"):
        generated("SELECT strpoz('a', 'b')")


def test_every_function_is_duckdbs() -> None:
    known = {
        name.upper() for (name,) in duckdb.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions()"
        ).fetchall()
    }  # fmt: skip
    syntax = {"COALESCE", "GROUPING", "UNNEST", *functions.WINDOWS}
    assert functions.SAME - syntax <= known
    assert {name.upper() for name in functions.RENAMED.values()} - syntax <= known
