-- the first ten
SELECT carrier, flight, dep_delay FROM flights ORDER BY dep_delay DESC NULLS LAST, carrier, flight LIMIT 10;

-- NULLS FIRST
SELECT tailnum, year FROM planes ORDER BY year NULLS FIRST, tailnum LIMIT 30;

-- NULLS LAST, descending
SELECT tailnum, speed FROM planes ORDER BY speed DESC NULLS LAST, tailnum LIMIT 30;

-- NULLs as the engine has them
SELECT faa, tzone FROM airports WHERE tz < -9 ORDER BY tzone, faa;

-- by position, by name and by an expression
SELECT manufacturer, COUNT(*) AS n, SUM(seats) AS seats FROM planes GROUP BY manufacturer ORDER BY 2 DESC, LENGTH(manufacturer), manufacturer LIMIT 20;

-- OFFSET
SELECT faa, name FROM airports ORDER BY faa LIMIT 5 OFFSET 100;

-- FETCH
SELECT faa, alt FROM airports ORDER BY alt DESC, faa OFFSET 2 ROWS FETCH FIRST 4 ROWS ONLY;

-- by what is not shown
SELECT name FROM airports WHERE dst = 'U' ORDER BY alt DESC, faa LIMIT 15;

-- bytes, not letters
SELECT name FROM airports WHERE tz = -8 AND alt < 50 ORDER BY name, faa;

-- of a table as it is
SELECT * FROM airlines ORDER BY carrier;
