"""How results look: tables as the aql tool draws them, JSON, CSV, or a line for each value."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Protocol, TextIO

from aerodbapi.cli.widths import width_of as _width
from aerodbapi.plan import explain
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

__all__ = ["PRINTERS", "Printer", "cell"]

_EXPLAIN: Final = [column.name for column in explain.COLUMNS]
_BLOCK: Final = 1000  # rows whose widths are measured together


class Printer(Protocol):
    """Prints one statement's result. `seconds`: how long it took until its first row.

    `types`: lists, maps and shapes are marked as such; `timing`: `seconds` are printed.
    """

    types: bool
    timing: bool

    def __init__(self, out: TextIO) -> None: ...

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        """Print a result with columns."""

    def done(self, affected: int, seconds: float) -> None:
        """Print that a statement without columns is done; `affected` -1 is unknown."""

    def close(self) -> None:
        """Print what must stand at the very end."""


class _Printer:
    """What all printers have."""

    types = True
    timing = True

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def footer(self, text: str, seconds: float) -> None:
        """The line under a result."""
        self.out.write(f"{text} ({seconds:.3f} secs)\n\n" if self.timing else f"{text}\n\n")

    def done(self, affected: int, seconds: float) -> None:
        """Say that a statement without columns is done."""
        noun = "record" if affected == 1 else "records"
        self.footer("OK" if affected < 0 else f"OK, {affected} {noun} affected", seconds)

    def close(self) -> None:
        """Nothing stands at the end."""


class TablePrinter(_Printer):
    """A drawn table, and the number of rows under it."""

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        if list(names) == _EXPLAIN:
            self.out.writelines(f"{line}\n" for line in plan_lines(rows))
            self.out.write("\n")
            return
        source = iter(rows)
        count = 0
        widths = [_width(name) for name in names]
        rule = ""
        while True:
            block = [[cell(value, self.types) for value in row] for row in islice(source, _BLOCK)]
            if not block and count:
                break
            grown = [
                max([width, *(_width(row[i]) for row in block)]) for i, width in enumerate(widths)
            ]
            if not count or grown != widths:
                widths = grown
                rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
                self.out.write(rule + _line(names, widths) + rule)
            for row in block:
                self.out.write(_line(row, widths))
            count += len(block)
            if len(block) < _BLOCK:
                break
        self.out.write(rule)
        self.footer(f"{count} {_plural(count)} in set", seconds)


def plan_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """EXPLAIN's rows as a tree, which a terminal has room for."""
    depths: dict[Any, int] = {None: -1}
    for row in rows:
        facts = dict(zip(_EXPLAIN, row))
        depth = depths[facts["id"]] = depths[facts["parent"]] + 1
        parts = [facts["node"]]
        if facts["namespace"]:
            parts.append(".".join(filter(None, (facts["namespace"], facts["set_name"]))))
        if facts["index_name"]:
            parts.append(f"index={facts['index_name']} on {facts['bin_name']}")
        parts += [f"{name}=[{facts[name]}]" for name in ("pushed", "residual") if facts[name]]
        if facts["detail"]:
            parts.append(facts["detail"])
        yield "  " * depth + " ".join(parts)


class JSONPrinter(_Printer):
    """One JSON array per statement: its rows as objects, or `[{"affected": n}]`."""

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        separator = "["
        for row in rows:
            record = dict(zip(names, row))
            self.out.write(f"{separator}\n  {_dumps(record)}")
            separator = ","
        self.out.write("[]\n" if separator == "[" else "\n]\n")

    def done(self, affected: int, seconds: float) -> None:
        self.out.write(f"{json.dumps([{'affected': affected}])}\n")


class RawPrinter(_Printer):
    """A line for each value, a banner for each row: for wide rows."""

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        count = 0
        width = max(map(len, names), default=0)
        for count, row in enumerate(rows, 1):
            self.out.write(f"{f' {count}. row ':*^60}\n")
            for name, value in zip(names, row):
                self.out.write(f"{name:>{width}}: {cell(value, self.types)}\n")
        self.footer(f"{count} {_plural(count)} in set", seconds)


class CSVPrinter(_Printer):
    """A line with the columns' names, then one for each row; nothing for other statements."""

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        writer = csv.writer(self.out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_field(value) for value in row] for row in rows)

    def done(self, affected: int, seconds: float) -> None:
        """Nothing that a reader of CSV would expect."""


class MutePrinter(_Printer):
    """Only how many rows there were."""

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        count = sum(1 for _ in rows)
        self.footer(f"{count} {_plural(count)} in set", seconds)


PRINTERS: Final[dict[str, type[Printer]]] = {
    "table": TablePrinter,
    "json": JSONPrinter,
    "csv": CSVPrinter,
    "raw": RawPrinter,
    "mute": MutePrinter,
}


def _field(value: Any) -> Any:
    """A value as CSV has it: text bare, collections as JSON."""
    if value is None:
        return ""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return cell(value, types=False)


def cell(value: Any, types: bool = True) -> str:
    """A value as text; "" for a missing one. `types`: marked as AQL marks them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'"{_visible(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, GeoJSON):
        text = _visible(value.text)
        return f"GeoJSON('{text}')" if types else text
    if isinstance(value, (bytes, bytearray)):
        return f"X'{value.hex()}'" if not isinstance(value, HyperLogLog) else "HLL(…)"
    if isinstance(value, (list, tuple)):
        text = _visible(_dumps(value))
        return f"LIST('{text}')" if types else text
    if isinstance(value, dict):
        word = "KEY_ORDERED_MAP" if isinstance(value, KeyOrderedDict) else "MAP"
        text = _visible(_dumps(value))
        return f"{word}('{text}')" if types else text
    return str(value)


def _visible(text: str) -> str:
    """Keep a cell on its line: control characters are shown as escapes."""
    return (
        text
        if text.isprintable()
        else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    )


def _dumps(value: Any) -> str:
    return json.dumps(_keyed(value), default=_json, ensure_ascii=False)


def _keyed(value: Any) -> Any:
    """Only what JSON has: text as keys, numbers that are finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else _key_text(key): _keyed(v) for key, v in value.items()
        }
    return [_keyed(v) for v in value] if isinstance(value, (list, tuple)) else value


def _key_text(key: Any) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)


def _json(value: Any) -> Any:
    if isinstance(value, GeoJSON):
        return value.value
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [text + " " * (width - _width(text)) for text, width in zip(cells, widths)]
    return "| " + " | ".join(padded) + " |\n"


def _plural(count: int) -> str:
    return "row" if count == 1 else "rows"
