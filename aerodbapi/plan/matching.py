"""LIKE and the case of letters, as DuckDB has them: code point by code point."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Union

from aerodbapi import errors

__all__ = ["Like", "Pattern", "like_tester", "lower", "pattern_of", "upper"]

#: A LIKE pattern taken apart: literal text, "%" or "_" each (wild: (True, "%")).
Pattern = tuple[tuple[bool, str], ...]


@lru_cache(maxsize=512)
def pattern_of(text: str, escape: str | None) -> Pattern:
    """Take a LIKE pattern apart into (is a wildcard, text) pieces.

    There is no escape character unless ESCAPE names one ('' names none). Raises ProgrammingError
    when that is more than one character, or the pattern ends with it.
    """
    if escape is not None and len(escape) > 1:
        raise errors.ProgrammingError(f"ESCAPE takes one character, not {escape!r}")
    pieces: list[tuple[bool, str]] = []
    characters = iter(text)
    for character in characters:
        if character == escape:
            character = next(characters, "")
            if not character:
                raise errors.ProgrammingError(f"LIKE pattern {text!r} ends with its escape")
        elif character in "%_":
            if (pieces[-1] if pieces else None) != (True, "%") or character == "_":
                pieces.append((True, character))
            continue
        if pieces and not pieces[-1][0]:
            pieces[-1] = (False, pieces[-1][1] + character)
        else:
            pieces.append((False, character))
    return tuple(pieces)


def lower(text: str) -> str:
    """Lower the case code point by code point, never changing the length."""
    if text.isascii():
        return text.lower()
    return "".join(map(_lower, text))


def upper(text: str) -> str:
    """Raise the case code point by code point, never changing the length."""
    if text.isascii():
        return text.upper()
    return "".join(map(_upper, text))


@lru_cache(maxsize=4096)
def _lower(character: str) -> str:
    low = character.lower()
    return low if len(low) == 1 else low[0] if character == "\u0130" else character


@lru_cache(maxsize=4096)
def _upper(character: str) -> str:
    """What has no capital of one code point may have a title letter; of the others only ß has."""
    for high in (character.upper(), character.title()):
        if len(high) == 1:
            return high
    return "\u1e9e" if character == "ß" else character


#: The test that `like_tester` makes: TRUE, FALSE or NULL.
Like = Callable[[Any], Union[bool, None]]
#: More than this many % are matched part by part: a regular expression would try too much.
_MOST_IN_ONE: Final = 2


def like_tester(pattern: Any, escape: Any, ignore_case: bool) -> Like:
    """Make the test of `x LIKE pattern`; NULL for what is not a string."""
    if not isinstance(pattern, str) or not (escape is None or isinstance(escape, str)):
        return lambda value: None
    return _like_tester(pattern, escape, ignore_case)


@lru_cache(maxsize=512)
def _like_tester(pattern: str, escape: str | None, ignore_case: bool) -> Like:
    pieces = pattern_of(pattern, escape)
    parts, room = [""], 0
    for wild, text in pieces:
        if wild and text == "%":
            parts.append("")
            room = 0
        else:
            parts[-1] += "." if wild else re.escape(lower(text) if ignore_case else text)
            room += len(text)
    matches = _matcher(parts, room)
    if ignore_case:
        return lambda value: matches(lower(value)) if isinstance(value, str) else None
    return lambda value: matches(value) if isinstance(value, str) else None


def _matcher(parts: list[str], room: int) -> Callable[[str], bool]:
    """Make the test of a text that begins with the first part and ends with the last.

    `room`: how many characters the last part takes.
    """
    if len(parts) - 1 <= _MOST_IN_ONE:
        match = re.compile(".*".join(parts), re.DOTALL).fullmatch
        return lambda text: match(text) is not None
    first, *middle, last = (re.compile(part, re.DOTALL) for part in parts)

    def matches(text: str) -> bool:
        found = first.match(text)
        for part in middle:
            found = None if found is None else part.search(text, found.end())
        if found is None or len(text) - room < found.end():
            return False
        return last.match(text, len(text) - room) is not None

    return matches
