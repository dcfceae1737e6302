"""A string command's arguments, checked.

A signature is a letter per argument, "?" behind those that may be left out: `i` position (signed),
`n` count (not negative), `s` text, `l` list of texts, `p` pair of texts, `f` flags of the change.
"""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.embedded.packed import STRING, PackedError, Reader
from aerodbapi.embedded.replies import Refused

__all__ = [
    "CREATE_ONLY",
    "NO_FAIL",
    "UPDATE_ONLY",
    "Suppressible",
    "flags_of",
    "parse",
    "utf8",
]

CREATE_ONLY: Final = 1
UPDATE_ONLY: Final = 2
NO_FAIL: Final = 4

_PARAMETER: Final = 4
_ENCODING: Final = 29


class Suppressible(Exception):
    """A command that cannot be applied; NO_FAIL makes it do nothing."""

    def __init__(self, result_code: int) -> None:
        self.result_code = result_code


def utf8(text: bytes) -> str:
    """Decode a bin's text; Refused(29)."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Refused(_ENCODING) from None


def parse(reader: Reader, signature: str, count: int) -> list[Any]:
    """Read `count` arguments; Refused(4) when their number or kinds are wrong."""
    letters = signature.replace("?", "")
    if not len(letters) - signature.count("?") <= count <= len(letters):
        raise Refused(_PARAMETER)
    try:
        return [_one(reader, letter) for letter in letters[:count]]
    except (PackedError, UnicodeDecodeError):
        raise Refused(_PARAMETER) from None


def _one(reader: Reader, letter: str) -> Any:
    if letter == "s":
        return _text(reader)
    if letter in "lp":
        texts = [_text(reader) for _ in range(reader.list_size())]
        if letter == "p" and len(texts) != 2:
            raise PackedError("not a pair")
        return texts
    number = reader.integer()
    if letter != "i" and number < 0:
        raise PackedError("a negative count")
    return number


def _text(reader: Reader) -> str:
    if reader.peek() != STRING:
        raise PackedError("not a text")
    return reader.raw()[1:].decode()


def flags_of(arguments: list[Any], signature: str, *, creates: bool) -> int:
    """Take the flags off the arguments; Refused(4) for flags that the command does not take."""
    if len(arguments) < len(signature.replace("?", "")):
        return 0
    flags: int = arguments.pop()
    allowed = UPDATE_ONLY | NO_FAIL | (CREATE_ONLY if creates else 0)
    if flags & ~allowed or flags & 3 == 3:
        raise Refused(_PARAMETER)
    return flags
