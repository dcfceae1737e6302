-- everything
SELECT COUNT(*) AS n, COUNT(dep_delay) AS left_, SUM(distance) AS miles, MIN(dep_delay) AS least, MAX(dep_delay) AS most, AVG(dep_delay) AS mean FROM flights;

-- by two columns
SELECT origin, month, COUNT(*) AS n, AVG(arr_delay) AS delay FROM flights GROUP BY origin, month ORDER BY origin, month;

-- FILTER
SELECT carrier, COUNT(*) FILTER (WHERE arr_delay > 60) AS late, COUNT(*) FILTER (WHERE arr_delay <= 0) AS early, COUNT(*) FILTER (WHERE arr_delay IS NULL) AS never FROM flights GROUP BY carrier ORDER BY carrier;

-- HAVING
SELECT dest, COUNT(*) AS n FROM flights GROUP BY dest HAVING COUNT(*) BETWEEN 100 AND 400 ORDER BY n, dest;

-- distinct values
SELECT COUNT(DISTINCT tailnum) AS planes, COUNT(DISTINCT dest) AS dests, COUNT(DISTINCT carrier) AS carriers, SUM(DISTINCT month) AS months FROM flights;

-- DISTINCT rows
SELECT DISTINCT origin, carrier FROM flights WHERE distance > 2000 ORDER BY origin, carrier;

-- by an expression and by its name
SELECT distance // 500 * 500 AS band, COUNT(*) AS n, MIN(distance) AS least FROM flights GROUP BY band ORDER BY band;

-- spread
SELECT carrier, ROUND(STDDEV_SAMP(air_time), 4) AS spread, ROUND(VAR_POP(air_time), 3) AS variance, ROUND(MEDIAN(air_time), 3) AS middle FROM flights GROUP BY carrier ORDER BY carrier;

-- correlation of departure and arrival
SELECT origin, ROUND(CORR(dep_delay, arr_delay), 5) AS r FROM flights GROUP BY origin ORDER BY origin;

-- quantiles
SELECT QUANTILE_CONT(dep_delay, 0.5) AS half, QUANTILE_CONT(dep_delay, 0.9) AS most, QUANTILE_DISC(distance, 0.25) AS quarter FROM flights;

-- true and false
SELECT month, BOOL_AND(dep_time IS NOT NULL) AS all_left, BOOL_OR(dep_delay > 1000) AS any_very_late FROM flights GROUP BY month ORDER BY month;

-- texts put together in order
SELECT origin, STRING_AGG(carrier, ',' ORDER BY carrier) AS carriers FROM (SELECT DISTINCT origin, carrier FROM flights) c GROUP BY origin ORDER BY origin;

-- the value of another column at the extreme
SELECT origin, ARG_MAX(dest, distance) AS farthest, MAX(distance) AS miles FROM flights WHERE dest <> 'XXX' GROUP BY origin ORDER BY origin;

-- the NULLs are a group
SELECT speed, COUNT(*) AS n FROM planes GROUP BY speed ORDER BY speed NULLS FIRST;

-- nothing to count
SELECT COUNT(*) AS n, SUM(distance) AS miles, MAX(carrier) AS last_one FROM flights WHERE month = 13;

-- no groups where nothing is
SELECT carrier, COUNT(*) AS n FROM flights WHERE month = 13 GROUP BY carrier;
