"""`aerodbapi load`: a CSV file becomes the records of a set, in batches.

Column types are found by reading the file once (int64, float, text); the names become bin names.
The key is a column, several columns joined by "|", or the row's number.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from aerodbapi.cli.csv_source import CsvSource
from aerodbapi.cli.options import add_connection_options, connection_arguments
from aerodbapi.dbapi.connection import Connection, connect
from aerodbapi.errors import DataError, ProgrammingError

__all__ = ["add_parser", "run"]

_BATCH: Final = 1000
_BAR: Final = 30  # characters
_ROW_NUMBER: Final = "#"


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `aerodbapi load`."""
    parser.add_argument("file", type=Path, help="a CSV file with a header line; .gz and .zip too")
    parser.add_argument("--into", required=True, metavar="NS.SET", help="where the records go")
    parser.add_argument(
        "--key",
        required=True,
        metavar="COLUMN",
        help="the column whose value is the record's key; several, joined by commas, are joined "
        f"by '|'; {_ROW_NUMBER} is the row's number",
    )
    parser.add_argument(
        "--null",
        action="append",
        metavar="TEXT",
        help="text that means no value (default: NA and the empty field)",
    )
    parser.add_argument("--delimiter", default=",", help="between fields (default: ,)")
    parser.add_argument("--ttl", help="seconds until the records expire, or never")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_connection_options(parser)


def run(given: argparse.Namespace) -> int:
    """Load the file; return 0. Errors are raised as the package's."""
    table = _table(given.into)
    source = CsvSource(
        given.file,
        nulls=frozenset(given.null if given.null is not None else ("NA",)),
        delimiter=given.delimiter,
    ).survey()
    with connect(**connection_arguments(given)) as connection:
        progress = _Progress(source.rows, sys.stderr, quiet=given.quiet)
        for count in load(connection, source, table, given.key, ttl=given.ttl):
            progress.show(count)
        progress.finish(given.into)
    return 0


def load(
    connection: Connection,
    source: CsvSource,
    table: tuple[str, str | None],
    key: str,
    *,
    ttl: str | None = None,
) -> Iterator[int]:
    """Write the source's rows as records; yield the number written after each batch.

    A record that exists is replaced: loading twice gives the same set.
    """
    columns = [name for name in source.columns if name]
    long = [name for name in columns if len(name.encode()) > 15]
    if long:
        raise DataError(
            f"column {long[0]!r} is longer than a bin name's 15 bytes; rename it in the header"
        )
    maker = _KeyMaker(source, key)
    target = ".".join(_quoted(name) for name in table if name is not None)
    names = ", ".join(_quoted(name) for name in columns)
    marks = ", ".join("?" * (len(columns) + 1))
    options = f" WITH (ttl = {_ttl(ttl)})" if ttl is not None else ""
    statement = f"REPLACE INTO {target} (PK, {names}) VALUES ({marks}){options}"
    cursor = connection.cursor()
    written = 0
    rows = iter(source)
    while batch := list(islice(rows, _BATCH)):
        cursor.executemany(
            statement, [(maker.key(row, written + i), *row) for i, row in enumerate(batch, 1)]
        )
        written += len(batch)
        yield written


class _KeyMaker:
    """Makes a row's key; complains about one that is missing."""

    def __init__(self, source: CsvSource, key: str) -> None:
        self.path = source.path
        self.names = [] if key == _ROW_NUMBER else [name.strip() for name in key.split(",")]
        unknown = [name for name in self.names if name not in source.columns]
        if unknown:
            raise ProgrammingError(
                f"--key: {self.path} has no column {unknown[0]!r}; it has "
                f"{', '.join(source.columns)}"
            )
        self.places = [source.columns.index(name) for name in self.names]

    def key(self, row: list[Any], number: int) -> Any:
        if not self.places:
            return number
        values = [row[place] for place in self.places]
        if None in values:
            name = self.names[values.index(None)]
            raise DataError(f"{self.path}, row {number}: no value for the key column {name!r}")
        if len(values) == 1:
            return str(values[0]) if isinstance(values[0], float) else values[0]
        return "|".join(map(str, values))


class _Progress:
    """A bar on a terminal; elsewhere only the line at the end."""

    def __init__(self, total: int, out: TextIO, *, quiet: bool) -> None:
        self.total = total
        self.out = out
        self.bar = not quiet and out.isatty()
        self.quiet = quiet
        self.begun = time.monotonic()
        self.count = 0

    def show(self, count: int) -> None:
        self.count = count
        if self.bar:
            done = count * _BAR // max(self.total, 1)
            rate = count / max(time.monotonic() - self.begun, 1e-6)
            self.out.write(
                f"\r[{'#' * done}{'.' * (_BAR - done)}] {count:,} of {self.total:,} rows, "
                f"{rate:,.0f} a second "
            )
            self.out.flush()

    def finish(self, into: str) -> None:
        seconds = time.monotonic() - self.begun
        if self.bar:
            self.out.write("\n")
        if not self.quiet:
            self.out.write(f"{self.count:,} records in {into} ({seconds:.1f} s)\n")


def _table(text: str) -> tuple[str, str | None]:
    namespace, dot, name = text.partition(".")
    if not namespace or (dot and not name):
        raise ProgrammingError(f"--into takes NAMESPACE.SET, not {text!r}")
    return namespace, name or None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ttl(text: str) -> int:
    if text == "never":
        return -1
    if not text.isdecimal():
        raise ProgrammingError(f"--ttl takes seconds or never, not {text!r}")
    return int(text)
