r"""Regular expressions as ICU takes them, on Python's `re`.

What differs is translated: \p{…}, \h, \R, \x{…}, \Q…\E, \z and \Z, named groups, the dot, and
`$1` in replacements. Sets inside sets are not understood and refused like broken patterns (4).
ICU gives up after a while (26); `re` cannot, so a repetition inside a repetition, which may take
for ever, is tried on short texts only.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

from aerodbapi.embedded.strings.request import Suppressible

__all__ = ["matches", "replaced"]

_PARAMETER: Final = 4
_IGNORE_CASE, _MULTILINE, _DOTALL, _UNIX_LINES, _GLOBAL = 1, 2, 4, 8, 16
_KNOWN: Final = 31
_NOT_APPLICABLE: Final = 26
_SHORT: Final = 20
_UNBOUNDED: Final = re.compile(r"[*+]|\{[0-9]+,\}")

_ENDS: Final = r"\n\r\v\f\x85\u2028\u2029"
_BLANKS: Final = r" \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ESCAPES: Final = {
    "h": f"[{_BLANKS}]",
    "H": f"[^{_BLANKS}]",
    "R": f"(?:\\r\\n|[{_ENDS}])",
    "Z": f"(?=(?:\\r\\n|[{_ENDS}])?\\Z)",
    "z": r"\Z",
    "e": r"\x1b",
}


class Broken(Suppressible):
    """A pattern that is none."""

    def __init__(self) -> None:
        super().__init__(_PARAMETER)


def matches(text: str, pattern: str, flags: int = 0) -> bool:
    """Tell whether a pattern matches somewhere; raises Suppressible."""
    return _fitting(text, pattern, flags).search(text) is not None


def replaced(text: str, pattern: str, replacement: str, flags: int = 0) -> str:
    """Replace the first match, or all with the flag GLOBAL; raises Suppressible."""
    expression = _fitting(text, pattern, flags)
    template = _template(replacement)
    try:
        return expression.sub(template, text, count=0 if flags & _GLOBAL else 1)
    except (re.error, IndexError):
        raise Broken from None


def _fitting(text: str, pattern: str, flags: int) -> re.Pattern[str]:
    expression, nested = compiled(pattern, flags)
    if nested and len(text) > _SHORT:
        raise Suppressible(_NOT_APPLICABLE)
    return expression


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: int) -> tuple[re.Pattern[str], bool]:
    """Translate and compile a pattern, and tell whether repetitions nest; raises Broken."""
    if flags & ~_KNOWN:
        raise Broken
    options = re.IGNORECASE if flags & _IGNORE_CASE else 0
    options |= re.MULTILINE if flags & _MULTILINE else 0
    options |= re.DOTALL if flags & (_DOTALL | _UNIX_LINES) == _DOTALL else 0
    dot = "(?s:.)" if flags & _DOTALL else "[^\\n]" if flags & _UNIX_LINES else f"[^{_ENDS}]"
    try:
        translator = _Translator(pattern, dot)
        return re.compile(translator.translated(), options), translator.nested
    except (re.error, OverflowError, RecursionError, IndexError, ValueError):
        raise Broken from None


class _Translator:
    """One pass over a pattern."""

    def __init__(self, pattern: str, dot: str) -> None:
        self.pattern = pattern
        self.dot = dot
        self.at = 0
        self.in_set = False
        self.nested = False
        self.repeats = [False]  # whether the text, and every open group, holds a repetition

    def translated(self) -> str:
        made = []
        while self.at < len(self.pattern):
            made.append(self._next())
        if self.in_set:
            raise Broken
        return "".join(made)

    def _take(self, size: int = 1) -> str:
        taken = self.pattern[self.at : self.at + size]
        if len(taken) < size:
            raise Broken
        self.at += size
        return taken

    def _next(self) -> str:
        letter = self._take()
        if letter == "\\":
            return self._escape()
        if self.in_set:
            if letter == "[" or self.pattern.startswith(("&&", "--"), self.at - 1):
                raise Broken
            self.in_set = letter != "]"
            return letter
        if letter == "[":
            return self._set()
        if letter == ".":
            return self.dot
        self._note_repetition(letter)
        named = letter == "(" and self.pattern.startswith("?<", self.at)
        if named and self.pattern[self.at + 2 : self.at + 3] not in ("=", "!"):
            self.at += 2
            return "(?P<"
        return letter

    def _note_repetition(self, letter: str) -> None:
        if letter == "(":
            self.repeats.append(False)
        elif letter == ")":
            if len(self.repeats) == 1:
                raise Broken
            inner = self.repeats.pop()
            again = _UNBOUNDED.match(self.pattern, self.at) is not None
            self.nested |= inner and again
            self.repeats[-1] |= inner
        elif _UNBOUNDED.match(self.pattern, self.at - 1):
            self.repeats[-1] = True

    def _set(self) -> str:
        self.in_set = True
        opening = "["
        if self.pattern.startswith("^", self.at):
            opening += self._take()
        if self.pattern.startswith("]", self.at):
            raise Broken
        return opening

    def _escape(self) -> str:
        letter = self._take()
        if letter in "pP":
            return self._property(letter == "P")
        if letter == "Q":
            end = self.pattern.find("\\E", self.at)
            end = len(self.pattern) if end < 0 else end
            quoted, self.at = self.pattern[self.at : end], end + 2
            return re.escape(quoted)
        if letter == "x" and self.pattern.startswith("{", self.at):
            return re.escape(chr(int(self._braced(), 16)))
        if letter == "k" and self.pattern.startswith("<", self.at):
            end = self.pattern.index(">", self.at)
            name, self.at = self.pattern[self.at + 1 : end], end + 1
            return f"(?P={name})"
        if letter in _ESCAPES and not self.in_set:
            return _ESCAPES[letter]
        return "\\" + letter

    def _braced(self) -> str:
        end = self.pattern.index("}", self.at)
        inside, self.at = self.pattern[self.at + 1 : end], end + 1
        return inside

    def _property(self, negated: bool) -> str:
        name = self._braced() if self.pattern.startswith("{", self.at) else self._take()
        if name.startswith("^"):
            negated, name = not negated, name[1:]
        inside = _category(name)
        if not self.in_set:
            return f"[{'^' if negated else ''}{inside}]"
        if negated:
            raise Broken
        return inside


@lru_cache(maxsize=32)
def _category(name: str) -> str:
    """The inside of a set of all code points of a general category (L, Lu, …)."""
    if len(name) > 2 or not name.isalpha():
        raise Broken
    ranges: list[str] = []
    start = None
    for point in range(sys.maxunicode + 2):
        inside = point <= sys.maxunicode and unicodedata.category(chr(point)).startswith(name)
        if inside and start is None:
            start = point
        elif not inside and start is not None:
            ranges.append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start = None
    if not ranges:
        raise Broken
    return "".join(ranges)


def _template(replacement: str) -> str:
    """Translate a replacement: `$1` and `${name}` are groups, a backslash quotes."""
    made, at = [], 0
    while at < len(replacement):
        letter = replacement[at]
        at += 1
        if letter == "\\":
            if at == len(replacement):
                raise Broken
            made.append(replacement[at].replace("\\", r"\\"))
            at += 1
        elif letter == "$":
            group = re.compile(r"([0-9]{1,2})|\{([A-Za-z][A-Za-z0-9]*)\}").match(replacement, at)
            if group is None:
                raise Broken
            made.append(f"\\g<{group[1] or group[2]}>")
            at = group.end()
        else:
            made.append(letter)
    return "".join(made)
