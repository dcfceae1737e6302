"""How results look: tables as the aql tool draws them, or JSON."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Protocol, TextIO

from aerodbapi.plan import explain
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

__all__ = ["PRINTERS", "JSONPrinter", "Printer", "RawPrinter", "TablePrinter", "cell"]

_EXPLAIN: Final = [column.name for column in explain.COLUMNS]
_BLOCK: Final = 1000  # rows whose widths are measured together


class Printer(Protocol):
    """Prints one statement's result. `seconds`: how long it took until its first row."""

    def __init__(self, out: TextIO) -> None: ...

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        """Print a result with columns."""

    def done(self, affected: int, seconds: float) -> None:
        """Print that a statement without columns is done; `affected` -1 is unknown."""

    def close(self) -> None:
        """Print what must stand at the very end."""


class TablePrinter:
    """A drawn table, and the number of rows under it."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

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
            block = [[cell(value) for value in row] for row in islice(source, _BLOCK)]
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
        self.out.write(f"{count} {_plural(count)} in set ({seconds:.3f} secs)\n\n")

    def done(self, affected: int, seconds: float) -> None:
        if affected < 0:
            self.out.write(f"OK ({seconds:.3f} secs)\n\n")
        else:
            noun = "record" if affected == 1 else "records"
            self.out.write(f"OK, {affected} {noun} affected ({seconds:.3f} secs)\n\n")

    def close(self) -> None:
        """Nothing stands at the end of tables."""


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


class JSONPrinter:
    """One JSON array per statement: its rows as objects, or `[{"affected": n}]`."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        separator = "["
        for row in rows:
            record = dict(zip(names, row))
            self.out.write(f"{separator}\n  {_dumps(record)}")
            separator = ","
        self.out.write("[]\n" if separator == "[" else "\n]\n")

    def done(self, affected: int, seconds: float) -> None:
        self.out.write(f"{json.dumps([{'affected': affected}])}\n")

    def close(self) -> None:
        """Each statement's array is complete already."""


class RawPrinter:
    """A line for each value, a banner for each row: for wide rows."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        count = 0
        width = max(map(len, names), default=0)
        for count, row in enumerate(rows, 1):
            self.out.write(f"{f' {count}. row ':*^60}\n")
            for name, value in zip(names, row):
                self.out.write(f"{name:>{width}}: {cell(value)}\n")
        self.out.write(f"{count} {_plural(count)} in set ({seconds:.3f} secs)\n\n")

    def done(self, affected: int, seconds: float) -> None:
        TablePrinter(self.out).done(affected, seconds)

    def close(self) -> None:
        """Nothing stands at the end."""


PRINTERS: Final[dict[str, type[Printer]]] = {
    "table": TablePrinter,
    "json": JSONPrinter,
    "raw": RawPrinter,
}


def cell(value: Any) -> str:
    """A value as text, marked with its type the way AQL writes it; "" for a missing one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'"{_visible(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, GeoJSON):
        return f"GeoJSON('{_visible(value.text)}')"
    if isinstance(value, (bytes, bytearray)):
        return f"X'{value.hex()}'" if not isinstance(value, HyperLogLog) else "HLL(…)"
    if isinstance(value, (list, tuple)):
        return f"LIST('{_visible(_dumps(value))}')"
    if isinstance(value, dict):
        word = "KEY_ORDERED_MAP" if isinstance(value, KeyOrderedDict) else "MAP"
        return f"{word}('{_visible(_dumps(value))}')"
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


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def _plural(count: int) -> str:
    return "row" if count == 1 else "rows"
