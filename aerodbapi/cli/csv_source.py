"""CSV files as typed rows: plain, .gz and .zip, with the columns' types found by a first pass."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from aerodbapi.errors import DataError, OperationalError

__all__ = ["CsvSource", "open_bytes"]

_INT64: Final = range(-(2**63), 2**63)
#: From narrow to wide; a column takes the widest kind that one of its values needs.
_KINDS: Final = ("int", "float", "str")
_LONGEST_FIELD: Final = 8 << 20  # no record can hold more
_BLOCK: Final = 1000  # rows that are looked at together


@dataclass(slots=True)
class CsvSource:
    """A CSV file with a header line.

    `nulls`: the texts that stand for a missing value (an empty field always does).
    `texts`: columns that stay text whatever they look like.
    `columns`: the header's names; `kinds`: int, float or str for each; `rows`: how many.
    """

    path: Path
    nulls: frozenset[str] = frozenset({"NA"})
    delimiter: str = ","
    texts: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rows: int = 0
    _missing: frozenset[str] = field(default=frozenset(), repr=False)

    def survey(self) -> CsvSource:
        """Read the file once for its columns, their kinds and the number of rows.

        Raises OperationalError when the file cannot be read, DataError (with its line) when a
        row has another number of fields than the header.
        """
        self._missing = self.nulls | {""}
        with self._reader() as reader:
            self.columns = self._header(next(reader, None))
            widest = [2 if name in self.texts else 0 for name in self.columns]
            rows = self._rows(reader)
            while block := list(islice(rows, _BLOCK)):
                self.rows += len(block)
                self._widen(widest, block)
        self.kinds = tuple(_KINDS[kind] for kind in widest)
        return self

    def _widen(self, widest: list[int], block: list[list[str]]) -> None:
        """Widen the columns' kinds to what a block of rows needs; equal texts are read once."""
        for index, column in enumerate(zip(*block)):
            if widest[index] < 2:
                kinds = map(_kind_of, set(column) - self._missing)
                widest[index] = max(widest[index], *kinds, 0)

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield each row's values in column order; None where the value is missing."""
        converters = [_CONVERTERS[kind] for kind in self.kinds]
        missing = self._missing
        with self._reader() as reader:
            next(reader)
            for row in self._rows(reader):
                yield [
                    None if text in missing else convert(text)
                    for convert, text in zip(converters, row)
                ]

    def _header(self, row: list[str] | None) -> tuple[str, ...]:
        if not row:
            raise DataError(f"{self.path}: no header line")
        repeated = next((name for name in row if row.count(name) > 1), None)
        if repeated is not None:
            raise DataError(f"{self.path}: column {repeated!r} stands twice")
        return tuple(row)

    def _rows(self, reader: Any) -> Iterator[list[str]]:
        """The rows behind the header; blank lines are none."""
        width = len(self.columns)
        for row in reader:
            if len(row) == width:
                yield row
            elif row:
                raise DataError(
                    f"{self.path}, line {reader.line_num}: {len(row)} fields, but the header has "
                    f"{width}"
                )

    @contextlib.contextmanager
    def _reader(self) -> Iterator[Any]:
        try:
            with open_bytes(self.path) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
                csv.field_size_limit(_LONGEST_FIELD)
                yield csv.reader(text, delimiter=self.delimiter, strict=True)
        except _UNREADABLE as error:
            reason = getattr(error, "strerror", None) or error
            raise OperationalError(f"cannot read {self.path}: {reason}") from None
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{self.path} is not a CSV file in UTF-8: {error}") from None


#: What missing, forbidden and broken files raise.
_UNREADABLE: Final = (OSError, EOFError, zipfile.BadZipFile, zlib.error)


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file's content, unpacked: .gz, or the only member of a .zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise OperationalError(f"{path} holds {len(names)} files; unpack it first")
            try:
                member = archive.open(names[0])
            except (RuntimeError, NotImplementedError) as error:  # encrypted, packed by others
                raise OperationalError(f"cannot read {path}: {error}") from None
            with member:
                yield member
    elif path.suffix == ".gz":
        with gzip.open(path, "rb") as unpacked:
            yield io.BufferedReader(unpacked)
    else:
        with path.open("rb") as plain:
            yield plain


def _kind_of(text: str) -> int:
    """0 int, 1 float, 2 str. Texts that Python reads but people do not mean stay text."""
    if "_" in text or text[0] == "+" or not text.isascii() or text != text.strip():
        return 2
    try:
        number = int(text)
    except ValueError:
        pass
    else:
        # A leading zero is part of a code (a postcode), not of a number.
        if str(number) != text:
            return 2
        return 0 if number in _INT64 else 2
    try:
        return 1 if math.isfinite(float(text)) else 2
    except ValueError:
        return 2


_CONVERTERS: Final = {"int": int, "float": float, "str": str}
