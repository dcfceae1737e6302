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

import functools
import re
from typing import Any, Final, NamedTuple

from aerodbapi.frozen import frozen
from aerodbapi.grammar import tokens, values

__all__ = ["Placeholder", "Shape", "lift"]


@frozen
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
#: In AQL a name may hold a colon.
_AQL_PARAMETER = r"\?[0-9]*|(?<![\w:$]):[^\W\d]\w*"
_NAME = r"(?:[\w$*-]+|\"[^\"]*\")"
_FLAGS: Final = re.IGNORECASE | re.DOTALL

#: The short cut for what is asked most: one table, one equality.
_POINT: Final = re.compile(
    r"(\s*SELECT\s+[\w\s.,*]+?\sFROM\s+[\w.-]+\s+WHERE\s+[^\W\d][\w.]*\s*=\s*)"
    r"(?:'([^']*)'|(-?[0-9]{1,18}))\s*;?\s*\Z",
    re.IGNORECASE,
).match

#: Words, and what may be lifted behind them.
_BEHIND: Final = {
    "BETWEEN": "range",
    "LIKE": "value",
    "ILIKE": "value",
    "WITHIN": "value",
    "CONTAINS": "value",
    "IN": "row",
    "VALUES": "rows",
    "LIMIT": "count",
    "OFFSET": "count",
} | dict.fromkeys(
    tokens.words(
        "GROUP ORDER HAVING WINDOW UNION INTERSECT EXCEPT SELECT JOIN WITH ON FETCH OVER FILTER"
        " RETURNING"
    ),
    "nothing more",
)
_CONSTANTS: Final = {"TRUE": True, "FALSE": False, "NULL": None}


class _Patterns:
    """The expressions of one profile."""

    def __init__(self, word: str, string: str, parameter: str) -> None:
        compiled = functools.partial(re.compile, flags=_FLAGS)
        unit = rf"(?P<unit>{tokens.COMMENT}|{tokens.AQL_QUOTED}|::)"
        parameters = rf"(?P<parameter>{parameter})"
        simple = rf"(?:{string}|{_NUMBER}|(?:TRUE|FALSE|NULL)\b)"
        #: Up to where values are not lifted. Without a match none is.
        self.head = compiled(
            rf"\s*(?:(?:INSERT|UPSERT|REPLACE|DELETE|(?P<update>UPDATE))\b|SELECT\b(?:[^'\"?:;#/-]"
            rf"|{tokens.AQL_QUOTED}|-(?!-)|/(?!\*))*?\bFROM\s+{_NAME}(?:\s*\.\s*{_NAME})*"
            rf"(?:\s+(?:AS\s+)?\w+)?(?=\s*(?:;|\Z|(?:WHERE|LIMIT|OFFSET|IN)\b)))"
        )
        #: What decides over what stands behind it; the rest is passed over.
        self.token = compiled(
            rf"(?P<word>{word})|{unit}|(?P<compare><>|!=|[<>]=?|=|\|\|)|(?P<add>[+*/%])"
            rf"|{tokens.NUMBER}(?:\s*[=<>!]+\s*{tokens.NUMBER}(?![\w$.]))?|{parameters}"
        )
        self.unit = compiled(rf"{unit}|{parameters}")
        #: A constant that the plan need not see, but for strings and what else stands in rows.
        self.plain = compiled(
            rf"\s*(?:(?P<blob>{tokens.BLOB})|(?P<number>{_NUMBER})"
            rf"|(?P<call>[A-Z]+)\s*\(\s*(?P<of>{simple})\s*\)"
            rf"|CAST\s*\(\s*(?P<cast>{simple})\s+AS\s+(?P<type>[A-Z]+)\s*\)"
            rf"){_NO_CAST}(?!\s*\[)"
        )
        self.string = compiled(rf"\s*(?P<string>{string}){_NO_CAST}")
        self.cell = compiled(
            rf"\s*(?:(?P<string>{string})|(?P<constant>TRUE|FALSE|NULL)\b|{parameters}){_NO_CAST}"
        )


@functools.cache
def _patterns(profile: str) -> _Patterns:
    if profile == "sql":
        return _Patterns(tokens.WORD, _STRING, tokens.PARAMETER)
    return _Patterns(tokens.AQL_NAME, _EITHER, _AQL_PARAMETER)


_COUNT: Final = re.compile(r"\s+([1-9][0-9]{0,17})(?![\w$.])")
_AND: Final = re.compile(r"\s+AND(?=\s)", re.IGNORECASE)
_OPEN: Final = re.compile(r"\s*\(")
_NEXT: Final = re.compile(r"\s*([,)])")
_NEXT_ROW: Final = re.compile(r"\s*,\s*(?=\()")
#: What makes a name of a quoted token before it, in AQL: `"x" + 1`.
_NAMED: Final = re.compile(r"\s*[-+*/%\[:.#]")
#: What must stand behind a quoted token in AQL's UPDATE, since its SET compares nothing: in
#: `SET a = "x" AND b` it is a name.
_ASSIGNED: Final = re.compile(r"\s*(?:[,;)]|\Z|(?:WHERE|WITH|LIMIT|RETURNING)\b)", re.IGNORECASE)


# ---- lifting -----------------------------------------------------------------------------------


def lift(text: str, profile: str = "sql") -> Shape:
    """Return the shape of a statement's text; never raises, the parser refuses what is wrong."""
    point = _POINT(text)
    if point is not None:
        head, string, digits = point.groups()
        return Shape(head + "?", (int(digits) if string is None else string,), profile)
    return _Lifter(text, profile).shape()


class _Lifter:
    """One pass over one text.

    `pieces`: the key so far, up to `copied` of the text; what a method tries and gives up on is
    taken back by cutting `pieces` and `values`.
    """

    def __init__(self, text: str, profile: str) -> None:
        self.text = text
        self.profile = profile
        self.patterns = _patterns(profile)
        self.named: re.Pattern[str] | None = None if profile == "sql" else _NAMED
        self.assigned = False
        self.pieces: list[str] = []
        self.copied = 0
        self.values: list[Any] = []
        self.styles: set[str] = set()
        self.questions = 0

    def shape(self) -> Shape:
        head = self.patterns.head.match(self.text)
        if head is None:
            self.pass_over(0)
        else:
            self.assigned = self.profile != "sql" and head["update"] is not None
            self.scan(head.end())
        if len(self.styles) > 1 or "?0" in self.styles:
            return Shape(self.text, (), self.profile)
        self.pieces.append(self.text[self.copied :])
        return Shape("".join(self.pieces), tuple(self.values), self.profile)

    def scan(self, position: int) -> None:
        """Lift from `position` on."""
        search = self.patterns.token.search
        found = search(self.text, position)
        while found is not None:
            kind, position = found.lastgroup, found.end()
            if kind == "word":
                kind = _BEHIND.get(found.group().upper())
                if kind == "nothing more":
                    return self.pass_over(position)
            if kind == "parameter":
                self.parameter(found)
            elif kind not in (None, "unit"):
                position = _AFTER[kind](self, position)
            found = search(self.text, position)
        return None

    def pass_over(self, position: int) -> None:
        """Only note the user's parameters from `position` on."""
        for found in self.patterns.unit.finditer(self.text, position):
            if found.lastgroup == "parameter":
                self.parameter(found)

    # Each takes the place where a value may begin and returns the place behind what it lifted.

    def value(self, position: int) -> int:
        string = self.patterns.string.match(self.text, position)
        if string is None:
            return self.plain(position)
        end = string.end()
        if self.named is not None and self.named.match(self.text, end):
            return position
        if self.assigned and not _ASSIGNED.match(self.text, end):
            return position
        return self.put(tokens.unquoted(string["string"]), string.start("string"), end)

    def plain(self, position: int) -> int:
        found = self.patterns.plain.match(self.text, position)
        if found is None:
            return position
        start = found.end() - len(found.group().lstrip())
        try:
            return self.put(_constant(found), start, found.end())
        except (ValueError, KeyError):
            return position

    def range(self, position: int) -> int:
        low = self.value(position)
        between = _AND.match(self.text, low) if low > position else None
        return low if between is None else self.value(between.end())

    def count(self, position: int) -> int:
        found = _COUNT.match(self.text, position)
        return position if found is None else self.put(int(found[1]), found.start(1), found.end())

    def row(self, position: int) -> int:
        """`(…)` with nothing but constants and parameters; else nothing of it."""
        opening = _OPEN.match(self.text, position)
        if opening is None:
            return position
        mark = len(self.pieces), self.copied, len(self.values), self.questions
        end = opening.end()
        while True:
            end = self.cell(end)
            following = _NEXT.match(self.text, end) if end >= 0 else None
            if following is None:
                pieces, self.copied, values_, self.questions = mark
                del self.pieces[pieces:], self.values[values_:]
                return position
            end = following.end()
            if following[1] == ")":
                return end

    def rows(self, position: int) -> int:
        end = self.row(position)
        while end > position:
            following = _NEXT_ROW.match(self.text, end)
            if following is None:
                return end
            position, end = following.end(), self.row(following.end())
        return end

    def cell(self, position: int) -> int:
        """One entry of a row; -1 when it is none."""
        found = self.patterns.cell.match(self.text, position)
        if found is None:
            end = self.plain(position)
            return end if end > position else -1
        kind = found.lastgroup or ""
        if kind == "parameter":
            self.parameter(found)
            return found.end()
        text = found[kind]
        value = tokens.unquoted(text) if kind == "string" else _CONSTANTS[text.upper()]
        return self.put(value, found.start(kind), found.end())

    def put(self, value: Any, start: int, end: int) -> int:
        self.pieces.append(self.text[self.copied : start])
        self.pieces.append("?")
        self.copied = end
        self.values.append(value)
        return end

    def parameter(self, found: re.Match[str]) -> None:
        text = found["parameter"]
        key: int | str = text[1:]
        style = ":"
        if text == "?":
            style, key = "?", self.questions
            self.questions += 1
        elif text[0] == "?":
            key = int(text[1:6]) - 1
            style = "?0" if key < 0 else "?1"
        self.styles.add(style)
        self.put(Placeholder(key), found.start("parameter"), found.end("parameter"))


_AFTER: Final = {
    "compare": _Lifter.value,
    "value": _Lifter.value,
    "add": _Lifter.plain,
    "range": _Lifter.range,
    "count": _Lifter.count,
    "row": _Lifter.row,
    "rows": _Lifter.rows,
}


def _constant(found: re.Match[str]) -> Any:
    """The value of one match of `plain`; ValueError or KeyError when it is none."""
    if found["number"] is not None:
        return _simple(found["number"])
    if found["blob"] is not None:
        return bytes.fromhex(found["blob"][2:-1])
    if found["call"] is not None:
        name, of = found["call"].upper(), found["of"]
        if name not in values.CALL_TYPES:
            raise KeyError(name)
    else:
        name, of = found["type"].upper(), found["cast"]
    return values.cast(_simple(of), values.TYPE_NAMES[name])


def _simple(text: str) -> Any:
    if text[0] in "'\"":
        return tokens.unquoted(text)
    if text.upper() in _CONSTANTS:
        return _CONSTANTS[text.upper()]
    value = tokens.number(text)
    return values.check_integer(value) if isinstance(value, int) else value
