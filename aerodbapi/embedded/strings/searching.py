"""Finding one text in another, whichever of its canonically equivalent spellings it has.

Both texts are cut into the smallest parts that combine with nothing around them (a letter and
its marks, a Hangul syllable), each in form NFD; the parts are compared. So "é" is found as one
code point or as two, and "e" in neither. Where no code point combines, this is str.find.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Final

__all__ = ["Finder"]

_JAMO_BEHIND: Final = range(0x1160, 0x1200)  # vowels and finals join the syllable before them


class Finder:
    """The occurrences of `needle` in `text`, from left to right, none inside another.

    Iterating gives (start, end) in code points of `text`.
    """

    def __init__(self, text: str, needle: str) -> None:
        self._text = text
        self._needle = needle
        self._simple = text.isascii() and needle.isascii()
        if not self._simple:
            self._parts, self._places = _cut(text)
            self._wanted = _cut(needle)[0]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        if not self._needle:
            yield 0, 0
            return
        if self._simple:
            yield from self._plain()
            return
        parts, wanted, size = self._parts, self._wanted, len(self._wanted)
        at = 0
        while at + size <= len(parts):
            if parts[at] == wanted[0] and parts[at : at + size] == wanted:
                yield self._places[at], self._places[at + size]
                at += size
            else:
                at += 1

    def _plain(self) -> Iterator[tuple[int, int]]:
        size = len(self._needle)
        at = self._text.find(self._needle)
        while at >= 0:
            yield at, at + size
            at = self._text.find(self._needle, at + size)

    def at_start(self) -> bool:
        """Tell whether the text begins with the needle."""
        if self._simple:
            return self._text.startswith(self._needle)
        return self._parts[: len(self._wanted)] == self._wanted

    def at_end(self) -> bool:
        """Tell whether the text ends with the needle."""
        if self._simple:
            return self._text.endswith(self._needle)
        size = len(self._wanted)
        return not size or self._parts[-size:] == self._wanted


def _cut(text: str) -> tuple[list[str], list[int]]:
    """Give the parts in form NFD, and where each begins; the last place is the text's end."""
    places = [at for at, letter in enumerate(text) if not at or not _joins(letter)]
    places.append(len(text))
    bounds = itertools.pairwise(places)
    return [unicodedata.normalize("NFD", text[start:end]) for start, end in bounds], places


def _joins(letter: str) -> bool:
    return ord(letter) in _JAMO_BEHIND or bool(unicodedata.combining(letter))
