-- one step after another
WITH daily AS (SELECT month, day, COUNT(*) AS n, AVG(dep_delay) AS delay FROM flights GROUP BY month, day),
     busy AS (SELECT * FROM daily WHERE n > (SELECT AVG(n) FROM daily))
SELECT month, COUNT(*) AS days, ROUND(MAX(delay), 4) AS worst FROM busy GROUP BY month ORDER BY month;

-- a query named once, used twice
WITH routes AS (SELECT origin, dest, COUNT(*) AS n FROM flights GROUP BY origin, dest)
SELECT a.dest, a.n AS from_ewr, b.n AS from_jfk FROM routes a JOIN routes b ON a.dest = b.dest
WHERE a.origin = 'EWR' AND b.origin = 'JFK' ORDER BY a.dest;

-- names of columns
WITH counts(airline, flights_flown) AS (SELECT carrier, COUNT(*) FROM flights GROUP BY carrier)
SELECT airline, flights_flown FROM counts WHERE flights_flown < 1000 ORDER BY airline;

-- a filter that holds in every use
WITH jan AS (SELECT * FROM flights WHERE month = 1)
SELECT (SELECT COUNT(*) FROM jan WHERE origin = 'EWR') AS ewr, (SELECT COUNT(*) FROM jan WHERE dep_time IS NULL) AS gone, COUNT(DISTINCT tailnum) AS planes FROM jan;

-- within each other
WITH a AS (WITH b AS (SELECT carrier, distance FROM flights WHERE distance > 2500) SELECT carrier, MAX(distance) AS far FROM b GROUP BY carrier)
SELECT al.name, a.far FROM a JOIN airlines al ON al.carrier = a.carrier ORDER BY al.name;

-- delays by the age of the plane
WITH aged AS (SELECT f.arr_delay, 2013 - p.year AS age FROM flights f JOIN planes p ON p.tailnum = f.tailnum WHERE p.year IS NOT NULL AND f.arr_delay IS NOT NULL)
SELECT CASE WHEN age < 5 THEN 'new' WHEN age < 15 THEN 'middling' ELSE 'old' END AS kind, COUNT(*) AS n, AVG(arr_delay) AS delay FROM aged GROUP BY kind ORDER BY kind;

-- the weather on the worst days
WITH worst AS (SELECT month, day FROM flights GROUP BY month, day ORDER BY AVG(dep_delay) DESC, month, day LIMIT 10)
SELECT w.month, w.day, ROUND(MAX(w.wind_speed), 3) AS wind, ROUND(SUM(w.precip), 4) AS rain, ROUND(MIN(w.visib), 3) AS sight
FROM worst JOIN weather w ON w.month = worst.month AND w.day = worst.day GROUP BY w.month, w.day ORDER BY w.month, w.day;

-- counting to ten
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10) SELECT n, n * n AS square FROM numbers ORDER BY n;

-- a calendar, with the days on which little was flown
WITH RECURSIVE days(d) AS (SELECT CAST('2013-02-01' AS DATE) UNION ALL SELECT CAST(d + INTERVAL '1' DAY AS DATE) FROM days WHERE d < CAST('2013-02-28' AS DATE))
SELECT d, COUNT(f.flight) AS n FROM days LEFT JOIN flights f ON f.year = EXTRACT(YEAR FROM d) AND f.month = EXTRACT(MONTH FROM d) AND f.day = EXTRACT(DAY FROM d) AND f.dest = 'MHT'
GROUP BY d ORDER BY d;

-- a chain of airports, each somewhat higher than the one before
WITH RECURSIVE climb(faa, alt, steps) AS (
  SELECT faa, alt, 1 FROM airports WHERE faa = 'JFK'
  UNION ALL
  SELECT a.faa, a.alt, c.steps + 1 FROM climb c JOIN airports a ON a.alt > c.alt AND a.alt <= c.alt + 15 AND a.tzone = 'America/New_York' AND a.faa LIKE 'A%' WHERE c.steps < 4
)
SELECT steps, COUNT(*) AS n, MAX(alt) AS top FROM climb GROUP BY steps ORDER BY steps;
