"""How results look: tables as the aql tool draws them, or JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final, Protocol, TextIO

from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

__all__ = ["PRINTERS", "JSONPrinter", "Printer", "RawPrinter", "TablePrinter", "cell"]

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
        source = iter(rows)
        count = 0
        widths = [len(name) for name in names]
        rule = ""
        while True:
            block = [[cell(value) for value in row] for row in islice(source, _BLOCK)]
            if not block and count:
                break
            grown = [
                max([width, *(len(row[i]) for row in block)]) for i, width in enumerate(widths)
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


class JSONPrinter:
    """One JSON array per statement: its rows as objects, or `[{"affected": n}]`."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def rows(self, names: Sequence[str], rows: Iterable[Sequence[Any]], seconds: float) -> None:
        separator = "["
        for row in rows:
            record = dict(zip(names, row))
            self.out.write(
                f"{separator}\n  {json.dumps(record, default=_json, ensure_ascii=False)}"
            )
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
    """JSON objects have text keys only: others are written as they print."""
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
        return base64.b64encode(value).decode()
    return str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths)) + " |\n"


def _plural(count: int) -> str:
    return "row" if count == 1 else "rows"
