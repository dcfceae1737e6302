"""What is said about text that is refused: the place, a caret, what was expected, a hint.

`dressed` makes the error that users see of a `Refusal`; `unexpected` and `unreadable` make the
refusals of tokens that the parser cannot take and of text that is none. Imported when needed.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar import tokens
from aerodbapi.grammar.refusal import Refusal
from aerodbapi.grammar.tokens import words

__all__ = ["dressed", "point", "unexpected", "unreadable"]

_WIDTH: Final = 100

#: Statements and objects that the language has, but this version does not run.
LATER: Final = frozenset(words("MERGE PRINT SYSTEM"))
_LATER_OBJECTS: Final = frozenset(["SCHEMA", "DATABASE", "SET"])

#: Terminals in the words of a person; the others are keywords and say themselves.
_WORDS: Final = {
    "NAME": "a name",
    "QUOTED_NAME": "a name",
    "TABLE_NAME": "a table's name",
    "STRING": "a value",
    "QUOTED": "a value",
    "NUMBER": "a number",
    "BLOB": "a value",
    "PARAMETER": "a parameter",
    "COMPARE": "a comparison",
    "EQUAL": "'='",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "DOT": "'.'",
    "LBRACKET": "'['",
    "RBRACKET": "']'",
    "STAR": "'*'",
    "SEMICOLON": "';'",
    "$END": "the end",
    "SHOWN": "what to show",
}
#: The likely ones first; what is not here comes after, in the alphabet's order.
_LIKELY: Final = (
    *("an expression", "a table's name", "a name", "a number", "a parameter", "a value"),
    *("'='", "a comparison"),
    *words("FROM INTO WHERE TABLE INDEX ON BY SELECT INSERT UPDATE DELETE UPSERT SET"),
    *("','", "')'", "'('", "AND", "OR", "LIMIT", "GROUP BY", "ORDER BY", "the end"),
)
#: Never worth a word: operators that could follow nearly anything.
_SILENT: Final = frozenset(
    words("PLUS MINUS SLASH SLASHES PERCENT CONCAT CAST_SIGN LBRACKET DOT SEMICOLON BLOB QUOTED")
)


def dressed(text: str, refusal: Refusal) -> errors.Error:
    """Build the error of `refusal`, with line, column, and the line with a caret below it."""
    start = min(refusal.start, len(text))
    line = text.count("\n", 0, start) + 1
    line_start = text.rfind("\n", 0, start) + 1
    column = start - line_start + 1
    said = refusal.message.replace("{token}", text[start : refusal.end])
    message = f"{said} (line {line}, column {column})\n{_shown(text, start, refusal)}"
    if refusal.hint:
        message = f"{message}\nhint: {refusal.hint}"
    if refusal.kind is errors.SyntaxError:
        token = text[start : refusal.end]
        return errors.SyntaxError(message, line=line, column=column, token=token)
    return refusal.kind(message)


_PLACE: Final = re.compile(r"\(line ([0-9]+), column ([0-9]+)\)")


def point(text: str, error: errors.Error) -> None:
    """Add the line that an error names by line and column of `text`, with a caret below it."""
    said = str(error.args[0]) if error.args else ""
    place = _PLACE.search(said)
    if place is None or "\n" in said:
        return
    lines = text.split("\n")
    number, column = int(place[1]), int(place[2])
    if number > len(lines) or column > len(lines[number - 1]):
        return  # the place is in another text, such as a view's
    start = sum(len(line) + 1 for line in lines[: number - 1]) + column - 1
    word = re.compile(r"[\w$.]+|.").match(text, start)
    end = start + 1 if word is None else word.end()
    error.args = (f"{said}\n{_shown(text, start, Refusal(start, end, said))}", *error.args[1:])


def _shown(text: str, start: int, refusal: Refusal) -> str:
    """The line of `start` and the caret line; of a long line, the part around the place."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end].rstrip("\r")
    column = start - line_start
    left = max(0, min(column - _WIDTH // 2, len(line) - _WIDTH))
    before, after = "…" if left else "", "…" if left + _WIDTH < len(line) else ""
    shown = f"{before}{line[left : left + _WIDTH]}{after}"
    padding = re.sub(r"[^\t]", " ", f"{before}{line[left:column]}")
    carets = max(1, min(refusal.end - start, len(line) - column, left + _WIDTH - column))
    return f"  {shown}\n  {padding}{'^' * carets}"


# ---- what the lexer cannot read ----------------------------------------------------------------

_UNREADABLE: Final = (
    (re.compile("'"), "this quote is not closed", "a quote inside a string is doubled: 'it''s'"),
    (re.compile('"'), "this quote is not closed", 'a quote inside a name is doubled: "a""b"'),
    (re.compile(r"/\*"), "this comment is not closed", ""),
    (re.compile(r"`[^`]*`?"), "'`' is not a quote here", 'names are quoted as "name"'),
    (re.compile(r"[0-9][\w$]*"), "this is neither a number nor a name", ""),
    (re.compile(r"\$[0-9]*|@\w*"), "this is no parameter", "parameters are written ? or :name"),
    (re.compile("&&"), "'&&' is no operator", "conditions are joined with AND"),
    (re.compile("[“”„‘’]"), "this is no quote of the language", "strings stand in straight quotes"),
    (re.compile("#"), "'#' begins a comment only where a line begins", ""),
    (re.compile("!"), "'!' is no operator", "negation is written NOT, and <> compares"),
    (re.compile(r"\0?."), "this character has no meaning here", ""),
)


def unreadable(text: str, start: int) -> Refusal:
    """Build the refusal of text that begins no token."""
    for pattern, message, hint in _UNREADABLE:
        found = pattern.match(text, start)
        if found is not None:
            return Refusal(start, found.end(), message, hint=hint)
    return Refusal(start, start + 1, "this character has no meaning here")


# ---- what the parser cannot take ---------------------------------------------------------------


def unexpected(text: str, token: Any, expected: set[str]) -> Refusal:
    """Build the refusal of `token` where the parser could only take `expected` (terminals)."""
    if token.type == "$END":
        end = len(text.rstrip())
        return _at_end(text, end, expected)
    start, end = token.start_pos, token.end_pos
    word = text[start:end]
    before = text[:start].split()
    if not before and word.upper() in LATER:
        return Refusal(
            start, end, f"{word.upper()} is not supported", kind=errors.NotSupportedError
        )
    if [part.upper() for part in before] in (
        ["CREATE"],
        ["DROP"],
    ) and word.upper() in _LATER_OBJECTS:
        message = f"{before[0].upper()} {word.upper()} is not supported"
        return Refusal(start, end, message, kind=errors.NotSupportedError)
    expected = _possible(text[:start], expected)
    message = f"syntax error near token '{word}': expected {_said(expected)}"
    return Refusal(start, end, message, hint=_hint(text, token, expected))


def _possible(before: str, expected: set[str]) -> set[str]:
    """`expected` without FROM where one stands already: the grammar takes clauses in any order."""
    if "WHERE" in expected and re.search(r"\bFROM\b", before, re.IGNORECASE):
        return expected - {"FROM"}
    return expected


def _at_end(text: str, end: int, expected: set[str]) -> Refusal:
    if not tokens.SPACE.sub("", text):
        return Refusal(0, 0, "the statement is empty")
    opening = _unclosed(text)
    if opening is not None and ("RPAR" in expected or "RBRACKET" in expected):
        return Refusal(opening, opening + 1, f"'{text[opening]}' is not closed")
    expected = _possible(text, expected)
    last = re.search(r"\S+\Z", text[:end])
    near = last.group() if last else ""
    message = f"syntax error near token '{near}': the text ends, expected {_said(expected)}"
    return Refusal(end, end, message)


def _unclosed(text: str) -> int | None:
    """Where the innermost bracket that is not closed stands."""
    open_: list[int] = []
    position = tokens.SPACE.match(text).end()  # type: ignore[union-attr]
    while position < len(text):
        found = tokens.PIECE.match(text, position)
        if found is None:
            return None
        if found.group() in ("(", "["):
            open_.append(position)
        elif found.group() in (")", "]") and open_:
            open_.pop()
        position = tokens.SPACE.match(text, found.end()).end()  # type: ignore[union-attr]
    return open_[-1] if open_ else None


def _said(expected: set[str]) -> str:
    """`expected` in words: a few, the likely ones first."""
    said = {
        {"GROUP": "GROUP BY", "ORDER": "ORDER BY"}.get(name, _WORDS.get(name, name))
        for name in expected - _SILENT
    }
    if {"NUMBER", "NAME"} <= expected:
        said -= {"a name", "a number", "a value", "a parameter", "'('"}
        said -= {"NULL", "TRUE", "FALSE", "NOT", "CASE", "CAST", "TRY_CAST", "EXISTS", "ARRAY"}
        said -= {"INTERVAL"}
        said.add("an expression")
    ranked = sorted(said, key=lambda word: (_rank(word), word))
    if len(ranked) > 6:
        ranked = [*ranked[:5], "…"]
    if len(ranked) > 1 and ranked[-1] != "…":
        return f"{', '.join(ranked[:-1])} or {ranked[-1]}"
    return ", ".join(ranked) or "nothing more"


def _rank(word: str) -> int:
    return _LIKELY.index(word) if word in _LIKELY else len(_LIKELY)


def _hint(text: str, token: Any, expected: set[str]) -> str:
    for test, hint in _HINTS:
        if test(text, token, expected):
            return hint
    if token.type != "NAME" and not token.type.isalpha():
        return ""
    keywords = [name for name in expected if name.isalpha() and name not in _WORDS]
    close = difflib.get_close_matches(token.upper(), keywords, n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else ""


def _second_word(text: str, token: Any, expected: set[str]) -> bool:
    """A word after `= word`: a string value without its quotes."""
    before = re.search(r"(?:=|<>|!=|<|>|\blike\b)\s*\w+\s+\Z", text[: token.start_pos], re.I)
    return token.type == "NAME" and before is not None and "NAME" not in expected


_HINTS: Final = (
    (
        lambda text, token, expected: (
            token.type == "QUOTED_NAME" and "STRING" in expected and "QUOTED_NAME" not in expected
        ),
        "double quotes are for names here; a string value stands in single ones: 'x'",
    ),
    (_second_word, "a string value stands in single quotes: 'Ann Lee'"),
    (
        lambda text, token, expected: (
            token.type in ("EQUAL",) and text[: token.start_pos][-1:] == "="
        ),
        "equality is written =",
    ),
    (
        lambda text, token, expected: token == "%" and text[token.end_pos :][:1] in ("s", "("),
        "parameters are written ? or :name",
    ),
    (
        lambda text, token, expected: (
            token.type == "RPAR" and _unclosed(text[: token.start_pos]) is None
        ),
        "this parenthesis was never opened",
    ),
    (
        lambda text, token, expected: expected == {"$END"} or expected == {"$END", "SEMICOLON"},
        "one statement at a time: nothing may follow it",
    ),
    (
        lambda text, token, expected: (
            "FROM" in expected
            and token.type in ("NAME", "WHERE")
            and "NAME" not in expected
            and not difflib.get_close_matches(token.upper(), ["FROM", "WHERE", "LIMIT"], cutoff=0.7)
        ),
        "FROM is missing before the table",
    ),
)
