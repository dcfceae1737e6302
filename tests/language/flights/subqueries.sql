-- a single value
SELECT COUNT(*) AS n FROM flights WHERE distance = (SELECT MAX(distance) FROM flights);

-- a list
SELECT carrier, COUNT(*) AS n FROM flights WHERE dest IN (SELECT faa FROM airports WHERE tz = -10) GROUP BY carrier ORDER BY carrier;

-- none of a list
SELECT DISTINCT dest FROM flights WHERE dest NOT IN (SELECT faa FROM airports) ORDER BY dest;

-- EXISTS, correlated
SELECT a.name FROM airlines a WHERE EXISTS (SELECT 1 FROM flights f WHERE f.carrier = a.carrier AND f.distance > 4000) ORDER BY a.name;

-- NOT EXISTS, correlated
SELECT COUNT(*) AS n FROM planes p WHERE NOT EXISTS (SELECT 1 FROM flights f WHERE f.tailnum = p.tailnum AND f.month = 12);

-- a value for each row, correlated
SELECT a.carrier, (SELECT COUNT(*) FROM flights f WHERE f.carrier = a.carrier AND f.origin = 'LGA') AS from_lga FROM airlines a ORDER BY a.carrier;

-- flights that took more than most of their route
SELECT f.carrier, COUNT(*) AS slow FROM flights f
WHERE f.month = 5 AND f.air_time > (SELECT AVG(g.air_time) + 20 FROM flights g WHERE g.origin = f.origin AND g.dest = f.dest AND g.month = 5)
GROUP BY f.carrier ORDER BY slow DESC, f.carrier;

-- in FROM, with a condition outside
SELECT origin, ROUND(avg_delay, 4) AS avg_delay FROM (SELECT origin, AVG(dep_delay) AS avg_delay, COUNT(*) AS n FROM flights GROUP BY origin) o WHERE n > 100 ORDER BY origin;

-- in FROM twice over
SELECT COUNT(*) AS n FROM (SELECT tailnum, n FROM (SELECT tailnum, COUNT(*) AS n FROM flights GROUP BY tailnum) a WHERE n > 20) b WHERE tailnum LIKE 'N1%';

-- in the select list
SELECT month, COUNT(*) - (SELECT COUNT(*) FROM flights WHERE month = 1) AS more_than_january FROM flights GROUP BY month ORDER BY month;

-- in HAVING
SELECT carrier, AVG(distance) > (SELECT AVG(distance) FROM flights) AS far FROM flights GROUP BY carrier HAVING COUNT(*) > (SELECT COUNT(*) / 50 FROM flights) ORDER BY carrier;

-- in CASE
SELECT faa, CASE WHEN faa IN (SELECT dest FROM flights) THEN 'served' ELSE 'not served' END AS state FROM airports WHERE tzone = 'Pacific/Honolulu' ORDER BY faa;

-- of two columns, by EXISTS
SELECT COUNT(*) AS n FROM weather w WHERE EXISTS (SELECT 1 FROM flights f WHERE f.origin = w.origin AND f.time_hour = w.time_hour AND f.dep_delay > 300);
