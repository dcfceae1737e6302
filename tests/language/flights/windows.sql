-- the longest delays of each carrier
SELECT carrier, flight, arr_delay, place FROM (
  SELECT carrier, flight, arr_delay, ROW_NUMBER() OVER (PARTITION BY carrier ORDER BY arr_delay DESC NULLS LAST, time_hour, flight, origin) AS place
  FROM flights WHERE month = 7
) ranked WHERE place <= 3 ORDER BY carrier, place;

-- ranks with ties
SELECT dest, n, RANK() OVER (ORDER BY n DESC) AS place, DENSE_RANK() OVER (ORDER BY n DESC) AS dense
FROM (SELECT dest, COUNT(*) AS n FROM flights WHERE month = 1 GROUP BY dest) counted ORDER BY place, dest;

-- running sums
SELECT month, n, SUM(n) OVER (ORDER BY month) AS so_far, SUM(n) OVER () AS whole
FROM (SELECT month, COUNT(*) AS n FROM flights GROUP BY month) m ORDER BY month;

-- a moving average by rows
SELECT month, day, n, ROUND(AVG(n) OVER (ORDER BY month, day ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING), 4) AS smooth
FROM (SELECT month, day, COUNT(*) AS n FROM flights GROUP BY month, day) d ORDER BY month, day;

-- the day before and the day after
SELECT month, day, n, n - LAG(n) OVER (ORDER BY month, day) AS change, LEAD(n, 7, 0) OVER (ORDER BY month, day) AS in_a_week
FROM (SELECT month, day, COUNT(*) AS n FROM flights WHERE origin = 'JFK' GROUP BY month, day) d ORDER BY month, day;

-- shares
SELECT origin, carrier, n, ROUND(100.0 * n / SUM(n) OVER (PARTITION BY origin), 3) AS share
FROM (SELECT origin, carrier, COUNT(*) AS n FROM flights GROUP BY origin, carrier) c ORDER BY origin, n DESC, carrier;

-- the first and the last of a group
SELECT DISTINCT carrier,
  FIRST_VALUE(dest) OVER (PARTITION BY carrier ORDER BY distance DESC, dest) AS farthest,
  LAST_VALUE(dest) OVER (PARTITION BY carrier ORDER BY distance DESC, dest ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS nearest
FROM flights WHERE month = 2 ORDER BY carrier;

-- quarters of a distribution
SELECT part, COUNT(*) AS n, MIN(seats) AS least, MAX(seats) AS most
FROM (SELECT seats, NTILE(4) OVER (ORDER BY seats, tailnum) AS part FROM planes) q GROUP BY part ORDER BY part;

-- percent rank and cumulative distribution
SELECT carrier, n, ROUND(PERCENT_RANK() OVER (ORDER BY n), 4) AS pr, ROUND(CUME_DIST() OVER (ORDER BY n), 4) AS cd
FROM (SELECT carrier, COUNT(*) AS n FROM flights GROUP BY carrier) c ORDER BY n, carrier;

-- a named window
SELECT faa, alt, RANK() OVER w AS place, COUNT(*) OVER w AS so_many FROM airports WHERE tz = -9 WINDOW w AS (PARTITION BY dst ORDER BY alt DESC, faa) ORDER BY faa;

-- an aggregate with FILTER as a window
SELECT origin, month, COUNT(*) FILTER (WHERE cancelled) AS gone, SUM(COUNT(*) FILTER (WHERE cancelled)) OVER (PARTITION BY origin ORDER BY month) AS gone_so_far
FROM (SELECT origin, month, dep_time IS NULL AS cancelled FROM flights) c GROUP BY origin, month ORDER BY origin, month;

-- a window over groups, with a range of values
SELECT hour, n, SUM(n) OVER (ORDER BY hour RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS three_hours
FROM (SELECT hour, COUNT(*) AS n FROM flights GROUP BY hour) h ORDER BY hour;

-- the second longest distance of each origin
SELECT DISTINCT origin, NTH_VALUE(distance, 2) OVER (PARTITION BY origin ORDER BY distance DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second
FROM (SELECT DISTINCT origin, distance FROM flights) d ORDER BY origin;
