"""Statement text → its shape: the text with its values lifted out, so that statements share plans.

`WHERE PK='u1'`, `WHERE PK='u2'` and `WHERE PK=?` have one shape, `WHERE PK=?`, and differ in the
values beside it. Nothing is parsed: regular expressions find the values that may be lifted.
The rule that the tests hold: the tree of the shape with the values put back is the tree of the
text. What is lifted, in SELECT, INSERT, UPSERT, REPLACE, UPDATE and DELETE:

- after a comparison, an arithmetic operator or `||`: numbers (with their sign), blobs, typed
  literals of one constant (`LIST('[1]')`, `CAST('5' AS INT)`), strings (not after arithmetic);
- `BETWEEN x AND y`, `LIKE x`, `WITHIN` and `CONTAINS` with such constants;
- `IN (…)` and rows of VALUES that hold nothing but constants (there NULL, TRUE and FALSE too);
  the number of entries is part of the shape;
- the whole number after LIMIT and OFFSET, except 0.

What is not, because the plan or the result's columns depend on it: everything up to the end of
FROM in a SELECT; everything from GROUP BY, HAVING, ORDER BY, WITH, JOIN, a set operator, or the
SELECT of a subquery on; arguments of functions; both sides of `1 = 0`; NULL, TRUE and FALSE
in conditions; what precedes `::` or a comment; ESCAPE's character; `DATE '…'` and `INTERVAL '…'`;
UPTO; every other statement. In profile `aql`, a quoted token is lifted only where it is surely a
string. Values that are no values (a number beyond 64 bits, JSON that is none) stay in the text,
for the parser to refuse in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aerodbapi import errors
from aerodbapi.grammar import tokens, values

__all__ = ["Placeholder", "Shape", "bind", "lift"]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value that the user binds: position `key` from 0, or the name after the colon."""

    key: int | str


class Shape(NamedTuple):
    """`key`: the text with `?` for every value; `values`: what stands there, in order.

    An entry of `values` is the lifted literal itself, or a Placeholder.
    """

    key: str
    values: tuple[Any, ...] = ()
    profile: str = "sql"


# ---- the expressions ---------------------------------------------------------------------------

# `(?!')`: were the rest of an expression to fail, a string must not end at a doubled quote.
_STRING = rf"{tokens.STRING}(?!')"
_EITHER = rf'(?:{_STRING}|{tokens.QUOTED}(?!"))'
_NUMBER = rf"(?:-\s*)?{tokens.NUMBER}(?![\w$.])"
#: Before a cast the constant is folded with it; a comment may hide one.
_NO_CAST = r"(?!\s*(?:::|/\*|--|\#))"
_STOPS = (
    "GROUP ORDER HAVING WINDOW UNION INTERSECT EXCEPT SELECT JOIN WITH ON FETCH OVER FILTER"
).replace(" ", "|")
#: One constant more or less than these is a comparison that the plan settles.
_CONSTANTS = rf"(?<![\w$.]){tokens.NUMBER}\s*[=<>!]+\s*{tokens.NUMBER}(?![\w$.])"
_FLAGS: Final = re.IGNORECASE | re.DOTALL


@dataclass(frozen=True, slots=True)
class _Finders:
    """`region`: what is lifted, and what must be passed over whole; `constant`: one value of it;
    `parameter`: only what the user binds."""

    region: re.Pattern[str]
    constant: re.Pattern[str]
    parameter: re.Pattern[str]


def _finders(string: str, parameter: str, behind: str) -> _Finders:
    """`string`: a string value; `behind`: what must stand behind one that is no list entry."""
    simple = rf"(?:{string}|{_NUMBER}|(?:TRUE|FALSE|NULL)\b)"
    typed = rf"(?:[A-Za-z]+\s*\(\s*{simple}\s*\)|CAST\s*\(\s*{simple}\s+AS\s+[A-Za-z]+\s*\))"
    plain = rf"(?:{tokens.BLOB}|{_NUMBER}|{typed}){_NO_CAST}(?!\s*\[)"
    value = rf"(?:{plain}|{string}{_NO_CAST}{behind})"
    entry = rf"(?:{plain}|{string}{_NO_CAST}|{parameter})"
    cell = rf"(?:(?:TRUE|FALSE|NULL)\b{_NO_CAST}|{entry})"
    row = rf"\(\s*{cell}(?:\s*,\s*{cell})*\s*\)"
    unit = rf"(?P<UNIT>{tokens.COMMENT}|{tokens.AQL_QUOTED}|::)"
    region = (
        rf"{unit}|(?P<CONSTANTS>{_CONSTANTS})"
        rf"|(?:<>|!=|[<>]=?|=|\|\|)\s*(?P<COMPARED>{value})"
        rf"|[+*/%]\s*(?P<ADDED>{plain})"
        rf"|\bBETWEEN\s+(?P<RANGE>{value}\s+AND\s+{value})"
        rf"|\b(?:I?LIKE|WITHIN|CONTAINS)\s+(?P<PATTERN>{value})"
        rf"|\bIN\s*(?P<ENTRIES>\(\s*{entry}(?:\s*,\s*{entry})*\s*\))"
        rf"|\bVALUES\s*(?P<ROWS>{row}(?:\s*,\s*{row})*)"
        rf"|\b(?:LIMIT|OFFSET)\s+(?P<COUNT>[1-9][0-9]{{0,17}}(?![\w$.]))"
        rf"|(?P<PARAMETER>{parameter})|(?P<REST>\b(?:{_STOPS})\b.*)"
    )
    constant = (
        rf"(?P<BLOB>{tokens.BLOB})"
        rf"|(?P<CALL>[A-Za-z]+)\s*\(\s*(?P<OF>{simple})\s*\)"
        rf"|CAST\s*\(\s*(?P<CAST>{simple})\s+AS\s+(?P<AS>[A-Za-z]+)\s*\)"
        rf"|(?P<SIMPLE>{simple})|(?P<PARAMETER>{parameter})"
    )
    return _Finders(
        re.compile(region, _FLAGS),
        re.compile(constant, _FLAGS),
        re.compile(rf"{unit}|(?P<PARAMETER>{parameter})", _FLAGS),
    )


#: In AQL a name may hold a colon.
_AQL_PARAMETER = r"\?[0-9]*|(?<![\w:$]):[^\W\d]\w*"
_SQL: Final = _finders(_STRING, tokens.PARAMETER, "")
# `"x" + 1`: there it is a name.
_AQL: Final = _finders(_EITHER, _AQL_PARAMETER, r"(?!\s*[-+*/%\[:.#])")
# `SET a = "x" AND b`: the assignment's `=` compares nothing, so `"x"` is a name again.
_AQL_UPDATE: Final = _finders(_EITHER, _AQL_PARAMETER, r"(?=\s*(?:[,;)]|\Z|(?:WHERE|WITH)\b))")

_NAME = r"(?:[\w$*-]+|\"[^\"]*\")"
_HEAD: Final = re.compile(
    rf"\s*(?:(?:INSERT|UPSERT|REPLACE|DELETE|(?P<UPDATE>UPDATE))\b|SELECT\b(?:[^'\"?:;#/-]"
    rf"|{tokens.AQL_QUOTED}|-(?!-)|/(?!\*))*?\bFROM\s+{_NAME}(?:\s*\.\s*{_NAME})*"
    rf"(?:\s+(?:AS\s+)?\w+)?(?=\s*(?:;|\Z|(?:WHERE|LIMIT|OFFSET|IN)\b)))",
    re.IGNORECASE,
)
#: The short cut for what is asked most: one table, one equality.
_POINT: Final = re.compile(
    r"(\s*SELECT\s+[\w\s.,*]+?\sFROM\s+[\w.-]+\s+WHERE\s+[\w.]+\s*=\s*)"
    r"(?:'([^']*)'|(-?[0-9]{1,18}))\s*;?\s*\Z",
    re.IGNORECASE,
).match


# ---- lifting -----------------------------------------------------------------------------------


def lift(text: str, profile: str = "sql") -> Shape:
    """Return the shape of a statement's text; never raises, the parser refuses what is wrong."""
    point = _POINT(text)
    if point is not None:
        head, string, digits = point.groups()
        return Shape(head + "?", (int(digits) if string is None else string,), profile)
    return _Lifter(profile).shape(text)


class _Lifter:
    """One lifting: the values found so far, and the user's style of parameters."""

    __slots__ = ("count", "finders", "profile", "styles", "values")

    def __init__(self, profile: str) -> None:
        self.profile = profile
        self.finders = _SQL if profile == "sql" else _AQL
        self.values: list[Any] = []
        self.styles: set[str] = set()
        self.count = 0

    def shape(self, text: str) -> Shape:
        head = _HEAD.match(text)
        if head is None:
            key = self.finders.parameter.sub(self.found, text)
        else:
            if head["UPDATE"] and self.finders is _AQL:
                self.finders = _AQL_UPDATE
            key = head.group() + self.finders.region.sub(self.found, text[head.end() :])
        if len(self.styles) > 1 or "?0" in self.styles:
            return Shape(text, (), self.profile)
        return Shape(key, tuple(self.values), self.profile)

    def found(self, match: re.Match[str]) -> str:
        """Return what stands in the key for one match of `region` or `parameter`."""
        kind = match.lastgroup or ""
        text = match.group()
        if kind in ("UNIT", "CONSTANTS"):
            return text
        if kind == "PARAMETER":
            return self.placeholder(text)
        if kind == "REST":
            return self.finders.parameter.sub(self.found, text)
        cut = match.start(kind) - match.start()
        return text[:cut] + self.finders.constant.sub(self.constant, text[cut:])

    def constant(self, match: re.Match[str]) -> str:
        if match["PARAMETER"] is not None:
            return self.placeholder(match.group())
        try:
            value = _constant(match)
        except (ValueError, KeyError):
            return match.group()
        self.values.append(value)
        return "?"

    def placeholder(self, text: str) -> str:
        self.styles.add(":" if text[0] == ":" else "?" if text == "?" else "?1")
        if text == "?":
            self.values.append(Placeholder(self.count))
            self.count += 1
        elif text[0] == "?":
            if int(text[1:]) == 0:
                self.styles.add("?0")
            self.values.append(Placeholder(int(text[1:]) - 1))
        else:
            self.values.append(Placeholder(text[1:]))
        return "?"


def _constant(match: re.Match[str]) -> Any:
    """The value of one constant; ValueError or KeyError when it is none."""
    if match["SIMPLE"] is not None:
        return _simple(match["SIMPLE"])
    if match["BLOB"] is not None:
        return bytes.fromhex(match["BLOB"][2:-1])
    if match["CALL"] is not None:
        name, of = match["CALL"].upper(), match["OF"]
        if name not in values.CALL_TYPES:
            raise KeyError(name)
    else:
        name, of = match["AS"].upper(), match["CAST"]
    return values.cast(_simple(of), values.TYPE_NAMES[name])


def _simple(text: str) -> Any:
    if text[0] in "'\"":
        return tokens.unquoted(text)
    word = text.upper()
    if word in _WORDS:
        return _WORDS[word]
    value = tokens.number(text)
    return values.check_integer(value) if isinstance(value, int) else value


_WORDS: Final = {"TRUE": True, "FALSE": False, "NULL": None}


# ---- binding -----------------------------------------------------------------------------------


def bind(
    shape: Shape, parameters: Sequence[Any] | Mapping[str, Any] | None = None
) -> tuple[Any, ...]:
    """Return the values of one execution: the lifted ones, and the user's in their places.

    Raises ProgrammingError when a parameter is missing or left over; a mapping may hold more
    names than the statement uses.
    """
    parameters = () if parameters is None else parameters
    slots = [value for value in shape.values if type(value) is Placeholder]
    if not slots:
        _no_more_than(parameters, 0)
        return shape.values
    named = isinstance(slots[0].key, str)
    if named != isinstance(parameters, Mapping):
        wanted = "a mapping, for the statement names its parameters" if named else "a sequence"
        raise errors.ProgrammingError(
            f"parameters are given as {wanted}; this is {type(parameters).__name__}"
        )
    if not named:
        _no_more_than(parameters, 1 + max(slot.key for slot in slots))  # type: ignore[operator]
    try:
        return tuple(
            parameters[value.key] if type(value) is Placeholder else value  # type: ignore[index]
            for value in shape.values
        )
    except (KeyError, IndexError):
        missing = [slot.key for slot in slots if not _has(parameters, slot.key)]
    named_so = ", ".join(f":{key}" if named else f"?{int(key) + 1}" for key in missing)
    raise errors.ProgrammingError(f"no value for parameter {named_so}")


def _has(parameters: Any, key: int | str) -> bool:
    return key in parameters if isinstance(key, str) else key < len(parameters)


def _no_more_than(parameters: Any, count: int) -> None:
    if not isinstance(parameters, Mapping) and len(parameters) > count:
        raise errors.ProgrammingError(
            f"the statement takes {count} parameters, {len(parameters)} were given"
        )
