"""CSV files as typed rows: plain, .gz and .zip, with the columns' types found by a first pass."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from aerodbapi.errors import DataError, OperationalError

__all__ = ["CsvSource", "open_bytes"]

_INT64: Final = range(-(2**63), 2**63)
#: From narrow to wide; a column takes the widest kind that one of its values needs.
_KINDS: Final = ("int", "float", "str")


@dataclass(slots=True)
class CsvSource:
    """A CSV file with a header line.

    `nulls`: the texts that stand for a missing value (an empty field always does).
    `columns`: the header's names; `kinds`: int, float or str for each; `rows`: how many.
    """

    path: Path
    nulls: frozenset[str] = frozenset({"NA"})
    delimiter: str = ","
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
            header = next(reader, None)
            if not header:
                raise DataError(f"{self.path}: no header line")
            repeated = {name for name in header if header.count(name) > 1}
            if repeated:
                raise DataError(f"{self.path}: column {repeated.pop()!r} stands twice")
            self.columns = tuple(header)
            widest = [0] * len(header)
            for row in reader:
                self._check(row, reader.line_num)
                self.rows += 1
                for index, text in enumerate(row):
                    if widest[index] < 2 and text not in self._missing:
                        widest[index] = max(widest[index], _kind_of(text))
        self.kinds = tuple(_KINDS[kind] for kind in widest)
        return self

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield each row's values in column order; None where the value is missing."""
        converters = [_CONVERTERS[kind] for kind in self.kinds]
        missing = self._missing
        with self._reader() as reader:
            next(reader)
            for row in reader:
                self._check(row, reader.line_num)
                yield [
                    None if text in missing else convert(text)
                    for convert, text in zip(converters, row)
                ]

    def _check(self, row: list[str], line: int) -> None:
        if len(row) != len(self.columns):
            raise DataError(
                f"{self.path}, line {line}: {len(row)} fields, but the header has "
                f"{len(self.columns)}"
            )

    @contextlib.contextmanager
    def _reader(self) -> Iterator[Any]:
        try:
            with open_bytes(self.path) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
                yield csv.reader(text, delimiter=self.delimiter, strict=True)
        except (OSError, zipfile.BadZipFile, EOFError) as error:
            raise OperationalError(f"cannot read {self.path}: {error}") from None
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{self.path} is not a CSV file in UTF-8: {error}") from None


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file's content, unpacked: .gz, or the only member of a .zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(names) != 1:
                raise OperationalError(f"{path} holds {len(names)} files; unpack it first")
            with archive.open(names[0]) as member:
                yield member
    elif path.suffix == ".gz":
        with gzip.open(path, "rb") as member:
            yield io.BufferedReader(member)
    else:
        with path.open("rb") as plain:
            yield plain


def _kind_of(text: str) -> int:
    """0 int, 1 float, 2 str. Texts that Python reads but people do not mean stay text."""
    if "_" in text or text != text.strip():
        return 2
    try:
        number = int(text)
    except ValueError:
        pass
    else:
        # A leading zero is part of a code (a postcode), not of a number.
        if (text.lstrip("+-").startswith("0") and number != 0) or text.startswith("00"):
            return 2
        return 0 if number in _INT64 else 2
    try:
        float(text)
    except ValueError:
        return 2
    return 1 if any(c.isdigit() for c in text) else 2


_CONVERTERS: Final = {"int": int, "float": float, "str": str}
