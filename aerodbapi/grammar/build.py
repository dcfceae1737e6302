"""Makes the parse tables of the grammar files: `python -m aerodbapi.grammar.build`.

Lark takes about a second for it, so `tables.json` is shipped: rows of numbers for driver.py, and
the fingerprint of the grammar that they were made of.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import lark
from lark.lexer import Lexer

__all__ = ["TABLES", "fingerprint", "made", "write"]

_FOLDER: Final = Path(__file__).parent
TABLES: Final = _FOLDER / "tables.json"
_FILES: Final = (
    "statements.lark",
    "definitions.lark",
    "commands.lark",
    "security.lark",
    "queries.lark",
    "expressions.lark",
)


class _NoLexer(Lexer):
    """Stands for our lexers, which Lark need not know to make tables."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, *_: Any) -> Iterator[lark.Token]:
        """Give nothing: tables are made here, and texts parsed by driver.py."""
        return iter(())


def grammar_text() -> str:
    """Return the whole grammar."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in _FILES)


def fingerprint() -> str:
    """Return what tells one grammar from another."""
    return hashlib.sha256(grammar_text().encode()).hexdigest()


def write() -> None:
    """Write the tables of the grammar files as they are now."""
    TABLES.write_text(json.dumps(made(), separators=(",", ":"), indent=0) + "\n", "utf-8")


def made() -> dict[str, Any]:
    """Make the tables, as `tables.json` holds them.

    `rules`: origin, size, whether a lone child stays as it is, name of the builder. `rows`: a
    row a state, as `driver.Tables` reads them.
    """
    stored = io.BytesIO()
    lark.Lark(
        grammar_text(),
        parser="lalr",
        lexer=_NoLexer,
        keep_all_tokens=True,
        maybe_placeholders=False,
    ).save(stored)
    serialized = pickle.loads(stored.getvalue())
    data, memo = serialized["data"], serialized["memo"]
    table = data["parser"]["parser"]
    numbers: dict[int, int] = {}
    rules: list[list[Any]] = []
    for place, entry in memo.items():
        if entry["__type__"] == "Rule":
            numbers[place] = len(rules)
            rules.append(_rule(entry))
    symbols = sorted(table["tokens"].values())
    states = _in_order(table)
    return {
        "grammar": fingerprint(),
        "keywords": [
            entry["name"] for entry in memo.values() if entry["__type__"] == "TerminalDef"
        ],
        "start": 0,
        "end": states[table["end_states"]["start"]],
        "symbols": symbols,
        "rules": rules,
        "rows": [_row(row, symbols, states, numbers) for row in map(_named(table), states)],
    }


def _named(table: dict[str, Any]) -> Callable[[int], dict[str, tuple[int, Any]]]:
    """Give a function that tells a state's row by symbols' names, in their order."""

    def named(state: int) -> dict[str, tuple[int, Any]]:
        row = table["states"][state]
        return dict(sorted((table["tokens"][symbol], step) for symbol, step in row.items()))

    return named


def _in_order(table: dict[str, Any]) -> dict[int, int]:
    """Number the states as they are met from the start: Lark's own numbers differ every time."""
    named = _named(table)
    met = {table["start_states"]["start"]: 0}
    waiting = list(met)
    for state in waiting:
        for reduces, argument in named(state).values():
            if not reduces and argument not in met:
                met[argument] = len(met)
                waiting.append(argument)
    return met


def _rule(entry: dict[str, Any]) -> list[Any]:
    origin, alias = entry["origin"]["name"], entry["alias"]
    if origin.startswith("_"):
        raise ValueError(f"{origin} would be inlined, and the driver does not do that")
    inline = entry["options"]["expand1"] and not alias
    return [origin, len(entry["expansion"]), int(inline), alias or origin]


def _row(
    row: dict[str, tuple[int, Any]],
    symbols: list[str],
    states: dict[int, int],
    numbers: dict[int, int],
) -> str:
    """Lark's (1, rule) reduces, its (0, state) shifts."""
    steps = (
        f"{symbols.index(symbol)} {-1 - numbers[argument['@']] if reduces else states[argument]}"
        for symbol, (reduces, argument) in row.items()
    )
    return " ".join(steps)


if __name__ == "__main__":
    write()
