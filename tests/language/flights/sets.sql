-- UNION takes the double ones out
SELECT origin AS place FROM flights WHERE month = 1 UNION SELECT dest FROM flights WHERE month = 1 ORDER BY place;

-- UNION ALL keeps them
SELECT kind, COUNT(*) AS n FROM (SELECT 'airline' AS kind FROM airlines UNION ALL SELECT 'airport' FROM airports UNION ALL SELECT 'plane' FROM planes) u GROUP BY kind ORDER BY kind;

-- INTERSECT
SELECT tailnum FROM flights WHERE origin = 'JFK' AND month = 9 INTERSECT SELECT tailnum FROM flights WHERE origin = 'EWR' AND month = 9 ORDER BY tailnum;

-- EXCEPT
SELECT faa FROM airports WHERE tz = -5 AND faa LIKE 'B%' EXCEPT SELECT dest FROM flights ORDER BY faa;

-- three of them
SELECT dest FROM flights WHERE carrier = 'UA' INTERSECT SELECT dest FROM flights WHERE carrier = 'DL' EXCEPT SELECT dest FROM flights WHERE carrier = 'B6' ORDER BY dest;

-- with an order and a limit of its own
SELECT * FROM (SELECT name, alt FROM airports ORDER BY alt DESC, name LIMIT 3) high UNION ALL SELECT * FROM (SELECT name, alt FROM airports ORDER BY alt, name LIMIT 3) low ORDER BY alt, name;

-- VALUES beside a table
SELECT v.code, a.name FROM (VALUES ('UA'), ('AA'), ('ZZ')) AS v(code) LEFT JOIN airlines a ON a.carrier = v.code ORDER BY v.code;

-- in a condition
SELECT COUNT(*) AS n FROM flights WHERE dest IN (SELECT faa FROM airports WHERE alt > 5000 UNION SELECT faa FROM airports WHERE tz = -10);
