"""`aerodbapi load`: a CSV file becomes the records of a set, in batches.

Column types are found by reading the file once (int64, float, text); the names become bin names.
The key is a column, several columns joined by "|", or the row's number.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from aerodbapi.cli.csv_source import CsvSource
from aerodbapi.cli.options import add_connection_options, connection_arguments
from aerodbapi.dbapi.connection import Connection, connect
from aerodbapi.errors import DataError, ProgrammingError

__all__ = ["add_parser", "run"]

_BATCH: Final = 1000
_LONGEST_NAME: Final = 15  # bytes of a bin's name (server: AS_BIN_NAME_MAX_SZ)
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
    parser.add_argument(
        "--text",
        action="append",
        default=[],
        metavar="COLUMN",
        help="keep this column's digits text",
    )
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="COLUMN=BIN",
        help="store a column under another name, of 15 bytes at most",
    )
    parser.add_argument("--ttl", help="seconds until the records expire, or never")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    add_connection_options(parser)


def run(given: argparse.Namespace) -> int:
    """Load the file; return 0. Errors are raised as the package's."""
    table = _table(given.into)
    if len(given.delimiter) != 1:
        raise ProgrammingError(f"--delimiter takes one character, not {given.delimiter!r}")
    source = CsvSource(
        given.file,
        nulls=frozenset(given.null if given.null is not None else ("NA",)),
        delimiter=given.delimiter,
        texts=frozenset(given.text),
    ).survey()
    _check_columns(source, given.text, "--text")
    with connect(**connection_arguments(given)) as connection:
        if connection.info.embedded and connection.info.path is None:
            raise ProgrammingError(
                "nothing would keep the records: say --data FILE, or --host of a cluster"
            )
        progress = _Progress(source.rows, sys.stderr, quiet=given.quiet)
        names = _bin_names(source, given.rename)
        for count in load(connection, source, table, given.key, names=names, ttl=given.ttl):
            progress.show(count)
        progress.finish(given.into)
    return 0


def _check_columns(source: CsvSource, names: Sequence[str], option: str) -> None:
    unknown = next((name for name in names if name not in source.columns), None)
    if unknown is not None:
        raise ProgrammingError(
            f"{option}: {source.path} has no column {unknown!r}; it has {', '.join(source.columns)}"
        )


def _bin_names(source: CsvSource, renames: Sequence[str]) -> list[str]:
    """The bins of the columns, in order. Raises DataError for a name that no bin can have."""
    changed = dict(rename.partition("=")[::2] for rename in renames)
    _check_columns(source, list(changed), "--rename")
    names = [changed.get(name, name) for name in source.columns]
    for name in names:
        if not 0 < len(name.encode()) <= _LONGEST_NAME:
            raise DataError(
                f"{source.path}: {name!r} cannot be a bin's name, which has 1 to {_LONGEST_NAME} "
                f"bytes: say --rename {shlex.quote(name)}=OTHER"
            )
        if names.count(name) > 1:
            raise DataError(f"{source.path}: two columns would be stored as {name!r}")
    return names


def load(
    connection: Connection,
    source: CsvSource,
    table: tuple[str, str | None],
    key: str,
    *,
    names: Sequence[str] | None = None,
    ttl: str | None = None,
) -> Iterator[int]:
    """Write the source's rows as records; yield the number written after each batch.

    `names`: the columns' bins. A record that exists is replaced: loading twice gives the same
    set.
    """
    maker = _KeyMaker(source, key)
    target = ".".join(_quoted(name) for name in table if name is not None)
    bins = ", ".join(_quoted(name) for name in names or source.columns)
    marks = ", ".join("?" * (len(source.columns) + 1))
    options = f" WITH (ttl = {_ttl(ttl)})" if ttl is not None else ""
    statement = f"REPLACE INTO {target} (PK, {bins}) VALUES ({marks}){options}"
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
        _check_columns(source, self.names, "--key")
        self.places = [source.columns.index(name) for name in self.names]

    def key(self, row: list[Any], number: int) -> Any:
        if not self.places:
            if all(value is None for value in row):
                raise DataError(f"{self.path}, row {number}: no value at all")
            return number
        values = [row[place] for place in self.places]
        if None in values:
            name = self.names[values.index(None)]
            raise DataError(f"{self.path}, row {number}: no value for the key column {name!r}")
        if len(values) == 1:
            return str(values[0]) if isinstance(values[0], float) else values[0]
        return "|".join(map(str, values))


class _Progress:
    """A bar on a terminal; the line at the end, which is the result, on standard output."""

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
            noun = "row" if self.count == 1 else "rows"
            print(f"{self.count:,} {noun} loaded into {into} ({seconds:.1f} secs)", flush=True)


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
