"""LIKE patterns as the server's POSIX regular expressions: how far each can be trusted.

The server matches extended expressions byte by byte in the C locale, on a C string that ends
at the value's first NUL (server exp.c, eval_cmp_regex). So only a pattern that looks no
further than its leading literal means the same on every value: `LIKE 'ab%'` is exact. For the
rest there are two approximations: one that matches every string LIKE matches (`upper`, for
LIKE) and one that matches none else (`lower`, for NOT LIKE). With `nul_free` the data is
promised to hold no NUL, and the whole pattern goes out.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Union

from aerodbapi.plan.matching import Pattern
from aerodbapi.plan.matching import lower as lowered

__all__ = ["ANY_STRING", "Equal", "NoneKnown", "Regex", "lower", "upper"]

#: regcomp's flags (POSIX <regex.h> as glibc numbers them).
EXTENDED: Final = 1
IGNORE_CASE: Final = 2

#: The characters beyond ASCII whose lower case is within.
_DOUBLES: Final = {"k": "\N{KELVIN SIGN}", "i": "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"}
_SPECIAL: Final = frozenset(".[{()\\*+?|^$")
#: One character of UTF-8 is one to four bytes; a printable ASCII one is surely one.
_ONE_AT_MOST: Final = ".{1,4}"
_ONE_AT_LEAST: Final = "[ -~]"


class Regex(NamedTuple):
    """Match `source` with `flags`; `exact`: LIKE says the same of every string."""

    source: str
    flags: int
    exact: bool


class Equal(NamedTuple):
    """A pattern without wildcards: plain equality, which is exact."""

    text: str


class NoneKnown(NamedTuple):
    """Every string may be on either side; `exact`: every string is on the wanted one."""

    exact: bool


#: `LIKE '%'`.
ANY_STRING: Final = NoneKnown(True)

Bound = Union[Regex, Equal, NoneKnown]


def upper(pattern: Pattern, ignore_case: bool, nul_free: bool) -> Bound:
    """Give what is true of every string that the pattern matches."""
    bound = _simple(pattern, ignore_case)
    if bound is not None:
        return bound
    if nul_free and _plain(pattern, ignore_case):
        return _whole(pattern, ignore_case, _ONE_AT_MOST, nul_free)
    prefix, cut = _prefix(pattern, ignore_case)
    if not prefix:
        return NoneKnown(False)
    exact = not cut and pattern[1:] == ((True, "%"),)
    return Regex("^" + _escape(prefix, ignore_case), _flags(ignore_case), exact)


def lower(pattern: Pattern, ignore_case: bool, nul_free: bool) -> Bound:
    """Give what is true only of strings that the pattern matches."""
    bound = _simple(pattern, ignore_case)
    if bound is not None:
        return bound
    if not _plain(pattern, ignore_case):
        return NoneKnown(False)
    if nul_free or (pattern and pattern[-1] == (True, "%")):
        return _whole(pattern, ignore_case, _ONE_AT_LEAST, nul_free)
    return NoneKnown(False)


def _simple(pattern: Pattern, ignore_case: bool) -> Bound | None:
    if pattern == ((True, "%"),):
        return ANY_STRING
    if not ignore_case and not any(wild for wild, _ in pattern):
        return Equal(pattern[0][1] if pattern else "")
    return None


def _plain(pattern: Pattern, ignore_case: bool) -> bool:
    """True when the literals can be written as they are: no NUL; ASCII where case is ignored."""
    return all(
        wild or ("\0" not in text and (not ignore_case or text.isascii())) for wild, text in pattern
    )


def _prefix(pattern: Pattern, ignore_case: bool) -> tuple[str, bool]:
    """Give the leading literal as far as a regex can say it, and whether that cut it short."""
    if not pattern or pattern[0][0]:
        return "", False
    text = pattern[0][1]
    for position, character in enumerate(text):
        if character == "\0" or (ignore_case and not character.isascii()):
            return text[:position], True
    return text, False


def _whole(pattern: Pattern, ignore_case: bool, one: str, nul_free: bool) -> Regex:
    pieces = []
    for wild, text in pattern:
        if not wild:
            pieces.append(_escape(text, ignore_case))
        else:
            pieces.append(".*" if text == "%" else one)
    start = "" if pattern and pattern[0] == (True, "%") else "^"
    end = "" if pattern and pattern[-1] == (True, "%") else "$"
    inner = pieces[0 if start else 1 : None if end else -1]
    wilds = [text for wild, text in pattern if wild]
    # Without NULs all is exact but "_"; with them only what looks at a prefix is.
    exact = "_" not in wilds if nul_free else wilds == ["%"] and bool(start) and not end
    return Regex(start + "".join(inner) + end, _flags(ignore_case), exact)


def _flags(ignore_case: bool) -> int:
    return EXTENDED | (IGNORE_CASE if ignore_case else 0)


def _escape(text: str, ignore_case: bool) -> str:
    if ignore_case:
        text = lowered(text)
    return "".join(_escaped(character, ignore_case) for character in text)


def _escaped(character: str, ignore_case: bool) -> str:
    if ignore_case and character in _DOUBLES:
        return f"({character}|{_DOUBLES[character]})"
    return "\\" + character if character in _SPECIAL else character
