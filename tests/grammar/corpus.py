"""Statements that must parse, used by several tests: one a line, comments start with `//`."""

from __future__ import annotations

__all__ = ["AQL", "EXTENSIONS", "PLAIN"]


def _lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("//")]


#: SQL that other tools write and read too.
PLAIN = _lines(
    r"""
// projection
SELECT 1
SELECT 1 AS one, 'x' AS two
SELECT * FROM test
SELECT * FROM test.demo
SELECT a FROM t
SELECT a, b AS c FROM test.demo
SELECT t.a, test.demo.b FROM test.demo AS t
SELECT t.* FROM demo AS t
SELECT "a b", "c""d" FROM "my-ns"."my set"
SELECT count, type, value, limit, key, list, user, date FROM t
SELECT a + b * 2, a - 1, -a, (a + b) * c, a / b, a % b FROM t
SELECT a || 'x' || b FROM t
SELECT UPPER(name), COUNT(*), COUNT(DISTINCT a), ROUND(x, 2) FROM t
SELECT CASE WHEN a > 5 THEN 'x' WHEN a IS NULL THEN 'n' ELSE 'y' END FROM t
SELECT CASE a WHEN 1 THEN 'x' END AS c FROM t
SELECT CAST(a AS DOUBLE), CAST(a AS DECIMAL(10, 2)), CAST(b AS TIMESTAMP) FROM t
SELECT TRUE, FALSE, NULL
SELECT 1.5, .5, 1e10, 0
SELECT m['a'], l[0], m['a']['b'] FROM t
SELECT LIST('[1, 2]'), MAP('{"a": 1}'), GEOJSON('{"type": "Point", "coordinates": [0, 0]}')
SELECT CURRENT_TIMESTAMP, CURRENT_DATE
SELECT EXTRACT(YEAR FROM ts), ts + INTERVAL '1' DAY FROM t
// conditions
SELECT * FROM t WHERE PK = 'u1'
SELECT * FROM t WHERE PK = ?
SELECT * FROM t WHERE PK = ? AND a > ? LIMIT ?
SELECT * FROM t WHERE a = 1 AND b = 'x'
SELECT * FROM t WHERE a = 1 OR b = 2 AND c = 3
SELECT * FROM t WHERE (a = 1 OR b = 2) AND c = 3
SELECT * FROM t WHERE NOT (a = 1 OR b = 2)
SELECT * FROM t WHERE NOT a = 1 AND NOT b
SELECT * FROM t WHERE a <> 1 AND b != 2 AND c < 3 AND d <= 4 AND e > 5 AND f >= 6
SELECT * FROM t WHERE PK IN ('a', 'b', 'c')
SELECT * FROM t WHERE a NOT IN (1, 2)
SELECT * FROM t WHERE a IN (?, ?)
SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND b = 3
SELECT * FROM t WHERE a NOT BETWEEN -5 AND -1
SELECT * FROM t WHERE name LIKE 'a%' AND name NOT LIKE '%b_'
SELECT * FROM t WHERE name LIKE 'a!%' ESCAPE '!'
SELECT * FROM t WHERE name ILIKE 'a%'
SELECT * FROM t WHERE a IS NULL AND b IS NOT NULL
SELECT * FROM t WHERE a = -5 AND b = 1.5 AND c = 'it''s'
SELECT * FROM t WHERE a + 1 > b * 2
SELECT * FROM t WHERE LOWER(name) = 'ann'
SELECT * FROM t WHERE a = b
SELECT * FROM t WHERE 1 = 0
SELECT * FROM t WHERE flag
SELECT * FROM t WHERE a = 5 LIMIT 10 OFFSET 20
SELECT * FROM t WHERE a > 1 LIMIT 10
SELECT * FROM t LIMIT 0
SELECT * FROM t LIMIT 2 + 3 OFFSET ? * 10
SELECT * FROM t OFFSET 5
// what the relational engine does
SELECT DISTINCT a FROM t
SELECT a, COUNT(*) AS n FROM t GROUP BY a HAVING COUNT(*) > 5 ORDER BY n DESC LIMIT 3
SELECT a FROM t ORDER BY a, b DESC, c NULLS LAST
SELECT DATE_TRUNC('DAY', ts) AS __timestamp FROM test.demo WHERE ts >= 5 AND g IN ('a', 'b')
SELECT SUM(x) AS "SUM(x)" FROM t GROUP BY DATE_TRUNC('DAY', ts) ORDER BY "SUM(x)" DESC LIMIT 10
SELECT * FROM a JOIN b ON a.x = b.x
SELECT * FROM a AS p LEFT JOIN b AS q ON p.x = q.x AND q.y > 5
SELECT * FROM a CROSS JOIN b
SELECT * FROM a JOIN b USING (x, y)
SELECT * FROM a, b WHERE a.x = b.x
SELECT * FROM (SELECT a FROM t WHERE b = 5) AS virtual_table LIMIT 10
SELECT COUNT(*) AS rowcount FROM (SELECT a FROM t) AS v
SELECT * FROM t WHERE a IN (SELECT b FROM u WHERE c = 5)
SELECT * FROM t WHERE EXISTS(SELECT 1 FROM u WHERE u.a = t.a)
SELECT * FROM t WHERE a > (SELECT MAX(b) FROM u)
SELECT a FROM t UNION SELECT b FROM u
SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a LIMIT 5
SELECT a FROM t INTERSECT SELECT b FROM u
SELECT a FROM t EXCEPT SELECT b FROM u
(SELECT a FROM t LIMIT 1) UNION ALL (SELECT b FROM u LIMIT 1)
WITH c AS (SELECT a FROM t) SELECT * FROM c
WITH c AS (SELECT a FROM t), d AS (SELECT b FROM u) SELECT * FROM c, d
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c
SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) AS r FROM t
SELECT SUM(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t
SELECT SUM(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM t
SELECT SUM(a) OVER w FROM t WINDOW w AS (PARTITION BY b)
SELECT SUM(a) FILTER(WHERE b > 1) FROM t
VALUES (1, 'a'), (2, 'b')
// writing
INSERT INTO test.demo (PK, a) VALUES ('k', 1)
INSERT INTO test.demo (PK, a) VALUES ('k', NULL), ('l', -2), (?, ?)
INSERT INTO demo (a, PK) VALUES (TRUE, 5)
INSERT INTO demo (PK, a) SELECT b, c FROM u
INSERT INTO demo (PK, l, m) VALUES ('k', LIST('[1,2]'), MAP('{"a":[1]}'))
UPDATE demo SET a = 5 WHERE PK = 'k'
UPDATE test.demo SET a = a + 1, b = 'x', c = NULL WHERE PK = ?
DELETE FROM demo
DELETE FROM test.demo WHERE PK = 1 AND age = 3
TRUNCATE TABLE test.demo
"""
)

#: What only this language has.
EXTENSIONS = _lines(
    r"""
SELECT a // b, a // 2 * c, a // (b % 2) FROM t
SELECT * FROM test.demo IN LIST WHERE tags = 'red'
SELECT * FROM test.demo IN MAPKEYS WHERE m = 'a'
SELECT * FROM test.demo IN MAPVALUES WHERE m BETWEEN 10 AND 20
SELECT * FROM test.demo LIMIT 9 WHERE a = 0
SELECT * FROM test.demo LIMIT 9 IN LIST WHERE a = 0
SELECT * FROM ns.*
SELECT * FROM my-ns.my-set AS x WHERE x.a-b = 5
SELECT * FROM test.1set
SELECT * FROM t WHERE DIGEST = '139FE89822B63DFC173AEA51CCF2EF091AB3129F'
SELECT * FROM t WHERE EDIGEST = 'E5/omCK2PfwXOupRzPLvCRqzEp8=' AND __gen = 3
SELECT * FROM t WHERE PK = X'00ff'
SELECT * FROM t WHERE loc WITHIN GEOJSON('{"type":"Point","coordinates":[1,2]}')
SELECT * FROM t WHERE area CONTAINS CAST('{"type":"Point","coordinates":[1,2]}' AS GEOJSON)
SELECT * FROM t WHERE a = 0x1F AND b = 5. AND c = 'x' LIMIT ALL
SELECT * FROM t WHERE a = :low AND b > :high AND c = :low
SELECT * FROM t WHERE a = ?2 AND b > ?1
SELECT * FROM t WHERE l = LIST('[1]') AND m = JSON('{"a":null}') AND b = BOOL('true')
SELECT * FROM t WHERE a = INT('5') AND b = CAST(7 AS TEXT) AND c = FLOAT('1e3')
SELECT * FROM t WHERE a REGEXP '^x' AND b NOT RLIKE 'y' AND c = 5
SELECT * FROM t WHERE a IS TRUE AND b IS NOT FALSE AND c IS UNKNOWN AND d IS NOT DISTINCT FROM 5
SELECT * FROM t WHERE 5 = ANY(l) AND a IN ? AND b = 7
SELECT a::INT, m['a'].b[0], ARRAY[1, 2], TRY_CAST(a AS INT), DATE '2020-01-01' FROM t WHERE a = 5
SELECT a FROM t WHERE ts > TIMESTAMP '2020-01-01' AND ts + INTERVAL '5' MINUTE < 7
SELECT a FROM t WHERE b = 7 FETCH FIRST 5 ROWS ONLY
SELECT a FROM t WHERE b = 5::text AND c = 'x' /* end */ AND d = 'y' -- done
SELECT TRIM('x' FROM a), SUBSTRING(a FROM 2 FOR 3), STRING_AGG(a, ',' ORDER BY b) FROM t
SELECT not, case, all, interval FROM t WHERE exists = 1 AND cast = 2 GROUP BY group ORDER BY order
SELECT * FROM a NATURAL LEFT JOIN b RIGHT OUTER JOIN c ON TRUE FULL JOIN d USING (x)
INSERT INTO t (PK, a) VALUES ('k', 1) WITH (ttl = 60, durable_delete = true)
INSERT INTO t (PK, a) VALUES ('k', JSON('[1,null]')), ('l', X'00') ON CONFLICT DO NOTHING
INSERT INTO t (PK, a) VALUES ('k', 1) WITH (ttl = 60, gen = 3) RETURNING PK, a + 1 AS b
UPDATE t SET a.b[0] = 1, m['k'].x = 'v', n = n + 1 WHERE PK = 'k' LIMIT 5 WITH (ttl = ?)
UPSERT INTO t (PK, a) SELECT PK, a FROM u WHERE b > 1 RETURNING *
INSERT INTO t (PK, a) VALUES ('k', UPPER('x')), ('l', 5)
INSERT OR IGNORE INTO t (PK) VALUES (1)
INSERT OR REPLACE INTO t (PK) VALUES (1)
UPSERT INTO t (PK, a) VALUES (:key, 'x')
REPLACE INTO t (PK, a) VALUES (:key, :a) WITH (ttl = :ttl)
UPDATE t SET a = a - 1, b = b * 2, c = c || 'x', d = LIST_APPEND(d, 5) WHERE PK = 'k' WITH (ttl = 5)
DELETE FROM my-set WHERE PK IN (1, 2) WITH (durable_delete = true)
TRUNCATE t UPTO 'Dec 18 2017 09:53:20'
TRUNCATE TABLE test.demo UPTO 1513590800000000000
CREATE INDEX i ON test.demo (a)
CREATE INDEX IF NOT EXISTS i ON test.demo (a) NUMERIC
CREATE LIST INDEX i ON my-ns.my-set (a) STRING
CREATE MAPKEYS INDEX i ON test.demo (m) STRING
CREATE MAPVALUES INDEX i ON test.demo ("m m") BLOB
CREATE INDEX i ON test (g) GEO2DSPHERE
DROP INDEX i
DROP INDEX test.demo i
DROP INDEX i ON test.demo
DROP INDEX IF EXISTS i ON test
SHOW NAMESPACES
SHOW SETS FROM test
SHOW INDEXES test.demo
SHOW PACKAGES
DESCRIBE test.demo
DESC demo
EXPLAIN SELECT * FROM t WHERE a = 5
EXPLAIN ANALYZE DELETE FROM t WHERE a = ?
"""
)

#: AQL's own reading of quotes and names.
AQL = _lines(
    r"""
SELECT a-int, "s p a c e" FROM test.demo LIMIT 9
SELECT 'a b' FROM "test".'de mo' WHERE "s p" = "it's" AND b-c = 'x'
SELECT * FROM test.demo WHERE a = "x" OR "b" LIKE "x%" OR c BETWEEN "a" AND "b"
SELECT * FROM test.demo WHERE a IN ("x", 'y') AND NOT "b"
SELECT * FROM test.demo WHERE a = "x" + 1 AND b = "y"."z" AND c = "u" || "v"
SELECT * FROM test.demo WHERE a = 5-3 AND b = c - 1 AND x:y = :p
SELECT * FROM test.demo WHERE PK = "JSON is a word" LIMIT 5
INSERT INTO test.demo (PK, "s p a c e", 1-2) VALUES ("k5", "x", CAST("12" AS INT))
INSERT INTO test.demo ('PK', a) VALUES (1, LIST("[1]")), (2, JSON('{"a":1}'))
UPDATE test.demo SET "a" = "x", b = "y" = "z", c = "u" AND "v" WHERE "PK" = "k" AND d = "w"
DELETE FROM my-ns.my-set WHERE PK = "k"
CREATE INDEX my-index ON test.demo ("s p") STRING
DROP INDEX test.demo my-index
SELECT CAST("x" AS TEXT), UPPER("x") FROM t WHERE area CONTAINS GEOJSON("{}")
"""
)
