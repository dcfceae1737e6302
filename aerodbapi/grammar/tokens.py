"""The spelling of every token: the regular expressions that lexing, lifting and splitting share.

Nothing here imports the parser, so that statements served from a cache never load it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "AQL_NAME",
    "AQL_PIECE",
    "AQL_QUOTED",
    "BLOB",
    "COMMENT",
    "INT64_MAX",
    "INT64_MIN",
    "NUMBER",
    "OPERATORS",
    "PARAMETER",
    "PIECE",
    "QUOTED",
    "SIGNED_NUMBER",
    "SPACE",
    "STRING",
    "TABLE_NAME",
    "WORD",
    "number",
    "unquoted",
    "words",
]

INT64_MIN: Final = -(1 << 63)
INT64_MAX: Final = (1 << 63) - 1

# ---- sources, to be joined into larger expressions ----

#: `#` counts only where a line begins.
COMMENT: Final = r"--[^\n]*|/\*(?s:.*?)\*/|(?m:^)[ \t]*\#[^\n]*"
STRING: Final = r"'(?:[^']|'')*'"
QUOTED: Final = r'"(?:[^"]|"")*"'
AQL_QUOTED: Final = f"{STRING}|{QUOTED}"
BLOB: Final = r"[xX]'(?:[0-9a-fA-F]{2})*'"
NUMBER: Final = r"(?:0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
PARAMETER: Final = r"\?[0-9]*|:[^\W\d]\w*"
WORD: Final = r"[^\W\d][\w$]*"
#: `-` and `:` are characters of a name, but never its last, and `--` begins a comment.
AQL_NAME: Final = r"[^\W\d](?:[\w$]|[-:](?=\w))*"
#: Nothing can be subtracted where a table stands, so its name may hold `-` and begin with a digit.
TABLE_NAME: Final = r"\w(?:[\w$]|-(?=\w))*"

#: Operator text → terminal.
OPERATORS: Final = {
    "=": "EQUAL",
    "<>": "COMPARE",
    "!=": "COMPARE",
    "<": "COMPARE",
    "<=": "COMPARE",
    ">": "COMPARE",
    ">=": "COMPARE",
    "||": "CONCAT",
    "::": "CAST_SIGN",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LBRACKET",
    "]": "RBRACKET",
    ",": "COMMA",
    ".": "DOT",
    ";": "SEMICOLON",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "//": "SLASHES",
    "%": "PERCENT",
}

# ---- compiled ----

# Line by line, so that a comment sees that its line begins.
SPACE: Final = re.compile(rf"(?:{COMMENT}|\n|[^\S\n]+)*")
#: A number with the sign that a value may carry.
SIGNED_NUMBER: Final = re.compile(rf"-\s*{NUMBER}(?![\w$])")


def _piece(word: str) -> re.Pattern[str]:
    operators = "|".join(re.escape(text) for text in sorted(OPERATORS, key=len, reverse=True))
    return re.compile(
        rf"(?P<BLOB>{BLOB})|(?P<WORD>{word})|(?P<STRING>{STRING})|(?P<NUMBER>{NUMBER}(?![\w$]))"
        rf"|(?P<QUOTED>{QUOTED})|(?P<CAST>::)|(?P<PARAMETER>{PARAMETER})|(?P<OPERATOR>{operators})"
    )


#: One token, by kind (`lastgroup`), in profile `sql` and `aql`.
PIECE: Final = _piece(WORD)
AQL_PIECE: Final = _piece(AQL_NAME)


def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`: a long list of words is easier to read as text."""
    return tuple(text.split())


def unquoted(text: str) -> str:
    """Return what stands between the quotes of `text`, doubled quotes made one."""
    quote = text[0]
    return text[1:-1].replace(quote + quote, quote)


def number(text: str) -> int | float:
    """Return the value of a NUMBER with an optional sign; ints are not checked for their range.

    Raises ValueError for digits beyond any 64-bit number, whose conversion would take long.
    """
    if text[0] == "-":
        return -number(text[1:].lstrip())
    if len(text) > 25 and len(text.lstrip("0xX")) > 25 and not {".", "e", "E"} & set(text):
        raise ValueError(f"{text[:20]}… does not fit 64 bits")
    if text.isdigit():
        return int(text)
    return int(text, 16) if text[:2] in ("0x", "0X") else float(text)
