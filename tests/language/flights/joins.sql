-- all five tables
SELECT f.carrier, al.name, p.manufacturer, o.name AS origin_name, d.name AS dest_name, COUNT(*) AS n, AVG(w.temp) AS temp
FROM flights f
JOIN airlines al ON al.carrier = f.carrier
JOIN planes p ON p.tailnum = f.tailnum
JOIN airports o ON o.faa = f.origin
JOIN airports d ON d.faa = f.dest
JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
WHERE f.month = 6 AND f.distance > 2000
GROUP BY f.carrier, al.name, p.manufacturer, o.name, d.name
ORDER BY n DESC, f.carrier, p.manufacturer, origin_name, dest_name
LIMIT 50;

-- all five tables, the outer ones where something may be missing
SELECT al.name AS airline, COUNT(*) AS flights, COUNT(p.tailnum) AS known_planes, COUNT(d.faa) AS known_dests, COUNT(w.temp) AS known_weather
FROM flights f
LEFT JOIN airlines al USING (carrier)
LEFT JOIN planes p ON f.tailnum = p.tailnum
LEFT JOIN airports d ON f.dest = d.faa
LEFT JOIN weather w ON f.origin = w.origin AND f.year = w.year AND f.month = w.month AND f.day = w.day AND f.hour = w.hour
WHERE f.month IN (1, 2) AND f.day <= 10
GROUP BY al.name
ORDER BY flights DESC, airline;

-- an equi-join on the key
SELECT f.flight, a.name FROM flights AS f INNER JOIN airlines AS a ON f.carrier = a.PK WHERE f.dest = 'ANC' ORDER BY f.flight, a.name, f.time_hour;

-- USING
SELECT carrier, name, COUNT(*) AS n FROM flights JOIN airlines USING (carrier) GROUP BY carrier, name ORDER BY n DESC, carrier;

-- planes that never flew here
SELECT p.tailnum, p.model FROM planes p LEFT JOIN flights f ON f.tailnum = p.tailnum WHERE f.flight IS NULL ORDER BY p.tailnum;

-- right join: airports without a flight from here, counted by time zone
SELECT a.tzone, COUNT(*) AS airports, COUNT(f.dest) AS served
FROM (SELECT DISTINCT dest FROM flights) f RIGHT JOIN airports a ON a.faa = f.dest
GROUP BY a.tzone ORDER BY airports DESC, a.tzone NULLS LAST;

-- full join
SELECT COUNT(*) AS pairs, COUNT(d.dest) AS dests, COUNT(a.faa) AS airports
FROM (SELECT DISTINCT dest FROM flights) d FULL JOIN airports a ON d.dest = a.faa;

-- cross join of two small sides
SELECT a.carrier AS one, b.carrier AS other FROM airlines a CROSS JOIN airlines b WHERE a.carrier < b.carrier ORDER BY one, other;

-- self join: two planes of one model and year
SELECT a.tailnum AS one, b.tailnum AS other, a.model
FROM planes a JOIN planes b ON a.model = b.model AND a.year = b.year AND a.tailnum < b.tailnum
WHERE a.manufacturer = 'BOMBARDIER INC' AND a.year < 2002 ORDER BY a.model, one, other;

-- a join by a range
SELECT COUNT(*) AS n, SUM(b.alt - a.alt) AS climb FROM airports a JOIN airports b ON b.alt BETWEEN a.alt + 1 AND a.alt + 20 AND a.tz = b.tz WHERE a.faa < 'AB' AND b.dst = 'A';

-- commas and WHERE
SELECT f.carrier, a.name, MIN(f.sched_dep_time) AS first_one FROM flights f, airlines a WHERE f.carrier = a.carrier AND f.origin = 'LGA' GROUP BY f.carrier, a.name ORDER BY f.carrier;

-- a constant on one side of an equi-join
SELECT p.engine, COUNT(*) AS n FROM flights f JOIN planes p ON f.tailnum = p.tailnum WHERE p.tailnum = 'N14228' GROUP BY p.engine;

-- a join of a join
SELECT x.name, COUNT(*) AS n
FROM (SELECT f.tailnum, a.name FROM flights f JOIN airlines a ON a.carrier = f.carrier WHERE f.month = 3) x
JOIN planes p ON p.tailnum = x.tailnum
WHERE p.seats > 200 GROUP BY x.name HAVING COUNT(*) > 5 ORDER BY n DESC, x.name;

-- an outer join with a condition of its own
SELECT a.faa, COUNT(f.flight) AS n FROM airports a LEFT JOIN flights f ON f.dest = a.faa AND f.carrier = 'B6' WHERE a.tz = -4 GROUP BY a.faa ORDER BY a.faa;
