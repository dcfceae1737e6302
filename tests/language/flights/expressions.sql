-- CASE in a sum
SELECT origin, SUM(CASE WHEN dep_delay > 15 THEN 1 ELSE 0 END) AS late, SUM(CASE WHEN dep_delay IS NULL THEN 1 END) AS gone FROM flights GROUP BY origin ORDER BY origin;

-- CASE of a value
SELECT CASE origin WHEN 'EWR' THEN 'Newark' WHEN 'JFK' THEN 'Kennedy' ELSE origin END AS place, COUNT(*) AS n FROM flights GROUP BY place ORDER BY place;

-- division, whole and not
SELECT flight, air_time / 60 AS hours, air_time // 60 AS whole_hours, air_time % 60 AS minutes, distance / NULLIF(air_time, 0) AS speed FROM flights WHERE dest = 'ANC' ORDER BY time_hour, flight;

-- division by zero
SELECT month, COUNT(*) AS n, COUNT(*) / NULLIF(COUNT(*) FILTER (WHERE dep_delay > 1200), 0) AS ratio FROM flights GROUP BY month ORDER BY month;

-- COALESCE, NULLIF, GREATEST, LEAST
SELECT carrier, SUM(COALESCE(dep_delay, 0)) AS delay, SUM(GREATEST(dep_delay, arr_delay, 0)) AS worse, MIN(LEAST(dep_delay, arr_delay)) AS best, COUNT(NULLIF(dep_delay, 0)) AS off FROM flights GROUP BY carrier ORDER BY carrier;

-- text functions
SELECT UPPER(LEFT(name, 3)) AS head, LENGTH(name) AS long, SUBSTR(name, 2, 4) AS part, REPLACE(name, ' Inc.', '') AS plain, STRPOS(name, 'Air') AS at FROM airlines ORDER BY carrier;

-- LIKE and ILIKE
SELECT COUNT(*) FILTER (WHERE name LIKE '%International%') AS big, COUNT(*) FILTER (WHERE name ILIKE '%AIRPARK') AS parks, COUNT(*) FILTER (WHERE name NOT LIKE '% %') AS single, COUNT(*) FILTER (WHERE name LIKE '_e%') AS e FROM airports;

-- regular expressions
SELECT COUNT(*) AS n FROM planes WHERE REGEXP_MATCHES(model, '^A3[0-9]{2}-');

-- concatenation
SELECT carrier || flight AS code, COUNT(*) AS n FROM flights WHERE carrier = 'HA' GROUP BY code ORDER BY code;

-- NULL in comparisons
SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE dep_delay > 0) AS late, COUNT(*) FILTER (WHERE NOT dep_delay > 0) AS not_late, COUNT(*) FILTER (WHERE (dep_delay > 0) IS NULL) AS unknown FROM flights;

-- IS DISTINCT FROM
SELECT COUNT(*) AS n FROM planes WHERE speed IS DISTINCT FROM 90 AND (speed IS NOT DISTINCT FROM NULL OR speed > 100);

-- casts
SELECT CAST(alt AS VARCHAR) || ' ft' AS height, CAST(lat AS BIGINT) AS lat, CAST('5' AS INTEGER) + tz AS shifted, TRY_CAST(faa AS BIGINT) AS number FROM airports WHERE alt > 7000 ORDER BY faa;

-- rounding
SELECT faa, ROUND(lat, 2) AS lat, ROUND(lon, 1) AS lon, FLOOR(lat) AS low, CEIL(lon) AS high, ABS(lon) AS west, ROUND(alt, -2) AS alt FROM airports WHERE faa LIKE 'N%' ORDER BY faa;

-- distance on the sphere
SELECT d.faa, ROUND(3956 * 2 * ASIN(SQRT(POWER(SIN(RADIANS(d.lat - o.lat) / 2), 2) + COS(RADIANS(o.lat)) * COS(RADIANS(d.lat)) * POWER(SIN(RADIANS(d.lon - o.lon) / 2), 2))), 3) AS miles
FROM airports o JOIN airports d ON d.faa IN ('ANC', 'HNL', 'LAX', 'BOS', 'MIA') WHERE o.faa = 'JFK' ORDER BY miles;

-- several conditions at once
SELECT COUNT(*) AS n FROM flights WHERE (origin = 'JFK' OR dest IN ('LAX', 'SFO')) AND NOT (carrier IN ('AA', 'UA') AND distance BETWEEN 1000 AND 2000) AND dep_delay IS NOT NULL;
