-- the hour of a time
SELECT EXTRACT(HOUR FROM CAST(time_hour AS TIMESTAMP)) AS h, COUNT(*) AS n FROM weather GROUP BY h ORDER BY h;

-- days of the week
SELECT DAYOFWEEK(MAKE_DATE(year, month, day)) AS weekday, COUNT(*) AS n, AVG(dep_delay) AS delay FROM flights GROUP BY weekday ORDER BY weekday;

-- months begun
SELECT DATE_TRUNC('month', CAST(time_hour AS TIMESTAMP)) AS month_begun, COUNT(*) AS n FROM flights GROUP BY month_begun ORDER BY month_begun;

-- from day to day
SELECT DATE_DIFF('day', MIN(CAST(time_hour AS TIMESTAMP)), MAX(CAST(time_hour AS TIMESTAMP))) AS days, MIN(CAST(time_hour AS TIMESTAMP)) AS first_one, MAX(CAST(time_hour AS TIMESTAMP)) AS last_one FROM flights;

-- a date and an interval
SELECT month, day, CAST(MAKE_DATE(2013, month, day) + INTERVAL '7' DAY AS DATE) AS a_week_on FROM flights WHERE carrier = 'OO' GROUP BY month, day ORDER BY month, day;

-- between two moments
SELECT origin, COUNT(*) AS n, ROUND(MAX(wind_gust), 4) AS gust FROM weather
WHERE CAST(time_hour AS TIMESTAMP) BETWEEN TIMESTAMP '2013-02-08 00:00:00' AND TIMESTAMP '2013-02-10 00:00:00' GROUP BY origin ORDER BY origin;

-- the quarter, the week, the day of the year
SELECT QUARTER(d) AS q, MIN(WEEK(d)) AS first_week, MAX(DAYOFYEAR(d)) AS last_day, COUNT(*) AS n FROM (SELECT MAKE_DATE(year, month, day) AS d FROM flights) x GROUP BY q ORDER BY q;

-- written out
SELECT STRFTIME(MAKE_DATE(year, month, day), '%Y-%m-%d') AS day_text, COUNT(*) AS n FROM flights WHERE dest = 'BQN' AND month = 8 GROUP BY day_text ORDER BY day_text;
