"""Statements as tools of the ecosystem write them: Superset, pandas, SQLAlchemy, BI generators."""

from __future__ import annotations

__all__ = ["STATEMENTS"]

#: What a tool does → its statement over `demo`.
STATEMENTS = {
    "Superset: a time series": (
        "SELECT DATE_TRUNC('DAY', CAST(ts AS TIMESTAMP)) AS __timestamp, SUM(age) AS \"SUM(age)\", "
        "COUNT(*) AS count FROM test.demo WHERE ts >= '2020-01-01' AND ts < '2021-01-01' "
        "GROUP BY DATE_TRUNC('DAY', CAST(ts AS TIMESTAMP)) ORDER BY \"SUM(age)\" DESC LIMIT 10000"
    ),
    "Superset: a virtual dataset": (
        'SELECT name AS name, AVG(w) AS "AVG(w)" FROM (SELECT name, w FROM test.demo '
        'WHERE age > 5) AS virtual_table GROUP BY name ORDER BY "AVG(w)" DESC LIMIT 50'
    ),
    "Superset: a preview": "SELECT * FROM (SELECT * FROM test.demo) AS inner_qry LIMIT 1001",
    "Superset: the number of rows": (
        "SELECT COUNT(*) AS rowcount FROM (SELECT name FROM test.demo GROUP BY name) "
        "AS rowcount_qry"
    ),
    "Superset: the values of a filter": (
        "SELECT name AS name FROM test.demo WHERE name IS NOT NULL GROUP BY name LIMIT 1000"
    ),
    "Superset: the top of a series": (
        "SELECT d.name AS name, SUM(d.age) AS n FROM test.demo AS d JOIN (SELECT name AS name__, "
        "SUM(age) AS mme_inner__ FROM test.demo GROUP BY name ORDER BY mme_inner__ DESC LIMIT 5) "
        "AS series_limit ON d.name = series_limit.name__ GROUP BY d.name ORDER BY n DESC LIMIT 100"
    ),
    "Superset: no rows, for the columns": "SELECT * FROM test.demo WHERE 1 = 0",
    "SQLAlchemy: is anybody there": "SELECT 1",
    "SQLAlchemy: a quoted name": (
        'SELECT "demo"."name", "demo"."age" FROM "demo" WHERE "demo"."age" > 5'
    ),
    "SQLAlchemy: columns named by their table": (
        "SELECT demo.name AS demo_name, demo.age AS demo_age FROM demo WHERE demo.age IN (1, 2, 3) "
        "ORDER BY demo.name LIMIT 10 OFFSET 5"
    ),
    "SQLAlchemy: EXISTS": ("SELECT EXISTS (SELECT * FROM demo WHERE demo.name = 'Ann') AS anon_1"),
    "SQLAlchemy: a count by way of a subquery": (
        "SELECT COUNT(*) AS count_1 FROM (SELECT demo.name AS demo_name FROM demo) AS anon_1"
    ),
    "SQLAlchemy: case": (
        "SELECT CASE WHEN (demo.age > 30) THEN 'old' ELSE 'young' END AS kind FROM demo"
    ),
    "SQLAlchemy: concatenation and LIKE": (
        "SELECT demo.name || '!' AS anon_1 FROM demo WHERE (demo.name LIKE 'A' || '%')"
    ),
    "SQLAlchemy: a CTE": (
        "WITH anon_1 AS (SELECT demo.name AS name FROM demo WHERE demo.age > 30) "
        "SELECT anon_1.name FROM anon_1"
    ),
    "SQLAlchemy: an alias of itself": (
        "SELECT demo_1.name, demo_2.name AS name_1 FROM demo AS demo_1 "
        "JOIN demo AS demo_2 ON demo_1.n = demo_2.n AND demo_1.name <> demo_2.name"
    ),
    "SQLAlchemy: a row number": (
        "SELECT anon_1.name FROM (SELECT demo.name AS name, ROW_NUMBER() OVER (PARTITION BY "
        "demo.age ORDER BY demo.name) AS rn FROM demo) AS anon_1 WHERE anon_1.rn = 1"
    ),
    "pandas: a table": "SELECT name, age, w FROM demo",
    "Metabase: a filter and a bucket": (
        "SELECT FLOOR((demo.age / 10.0)) * 10 AS age, COUNT(*) AS count FROM demo "
        "WHERE (LOWER(demo.name) LIKE '%a%') GROUP BY FLOOR((demo.age / 10.0)) * 10 "
        "ORDER BY FLOOR((demo.age / 10.0)) * 10 ASC"
    ),
    "Tableau: a sample": (
        'SELECT "demo"."age" AS "age", SUM("demo"."n") AS "sum:n:ok" FROM "test"."demo" "demo" '
        'GROUP BY "demo"."age" HAVING (COUNT(1) > 0)'
    ),
    "Grafana: a range": (
        "SELECT ts AS time, w FROM demo WHERE ts BETWEEN 1577836800 AND 1609459200 ORDER BY ts ASC"
    ),
    "dbt: a relation that is there": (
        "SELECT * FROM (SELECT name, MAX(age) AS age FROM test.demo GROUP BY name) AS __dbt_sbq "
        "WHERE FALSE LIMIT 0"
    ),
    "JDBC tools: a primary key": "SELECT t.* FROM test.demo t WHERE t.PK = 'u1'",
    "anyone: a key with a rest": "SELECT name FROM demo WHERE PK = 'u1' AND age > 3",
    "anyone: several keys": "SELECT name FROM demo WHERE PK IN ('u1', 'u2')",
    "anyone: an index and a rest": "SELECT name FROM demo WHERE age BETWEEN 5 AND 40 AND w < 2.5",
    "anyone: an index of texts": "SELECT age FROM demo WHERE name = 'Ann' AND NOT ok",
    "anyone: the least of all": (
        "SELECT MIN(age), MAX(age), AVG(w), SUM(n), COUNT(DISTINCT name) FROM demo"
    ),
    "anyone: functions with other names": (
        "SELECT SUBSTR(name, 2), CHAR_LENGTH(name), INSTR(name, 'n'), IFNULL(w, 0), NVL(n, 0), "
        "POW(n, 2), CEILING(w), MOD(n, 2), IF(n > 1, 'a', 'b'), LCASE(name), UCASE(name), "
        "STRING_AGG(name, ';' ORDER BY name), BOOL_AND(ok), VAR_POP(n), MAX_BY(name, n) "
        "FROM demo GROUP BY name, w, n"
    ),
}
