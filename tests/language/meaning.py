"""Random typed tables, conditions and expressions, written for the package and for DuckDB.

An expression is a tuple of pieces: text that both read, `Spelled` where they differ, and `Given`
values, which are parameters here and typed parameters there.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Given(NamedTuple):
    """A constant of a DuckDB type."""

    value: Any
    type: str


class Spelled(NamedTuple):
    """What is written differently."""

    ours: str
    ducks: str


Text = tuple[Any, ...]

#: Column → DuckDB's type. Two of each class but booleans and blobs.
COLUMNS = {
    "i": "BIGINT",
    "j": "BIGINT",
    "f": "DOUBLE",
    "g": "DOUBLE",
    "s": "VARCHAR",
    "u": "VARCHAR",
    "t": "BOOLEAN",
    "r": "BLOB",
}

INTEGERS = (
    *(0, 1, -1, 2, 7, 10, -10, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**53 + 3),
    *(2**62, 2**63 - 1, -(2**63), 2**63 - 512, 2**63 - 513, 3037000500),
)
DOUBLES = (
    *(0.0, -0.0, 1.0, 2.5, -2.5, 0.1, 1e15, 1e16, 123456.789, 1e300, 5e-324, 0.5, 1.005),
    *(2.0**53, 2.0**53 + 2, 2.0**63, -(2.0**63), math.inf, -math.inf, math.nan),
)
TEXTS = (
    *("", "a", "ab", "AB", "abc", "a\0b", "\0", "b\0", "é", "É", "K", "\u212a", "ſ", "ß", "İ"),
    *("a%b", "a_b", "x\ny", "𝔸b", "\uffff", "\U00010000", " a ", "\ta", "\u00a0a\u2003", "%", "\\"),
    *("12", " -7 ", "2.5", "1e3", "nan", "true", "0x1f", "1_0", "9223372036854775808", "e\u0301"),
)
BLOBS = (b"", b"a", b"ab", b"\0", b"\xff", b"a\\'\"")

integers = st.one_of(
    st.sampled_from(INTEGERS), st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9)
)
doubles = st.one_of(st.sampled_from(DOUBLES), st.floats(), st.integers(-9, 9).map(float))
texts = st.one_of(
    st.sampled_from(TEXTS), st.text(alphabet="abKk%_é\0 .1e-", max_size=5), st.text(max_size=3)
).filter(lambda text: text.isprintable() or not any("\ud800" <= c <= "\udfff" for c in text))
blobs = st.one_of(st.sampled_from(BLOBS), st.binary(max_size=3))
VALUES = {
    "BIGINT": integers,
    "DOUBLE": doubles,
    "VARCHAR": texts,
    "BOOLEAN": st.booleans(),
    "BLOB": blobs,
}
rows = st.fixed_dictionaries({}, optional={name: VALUES[type] for name, type in COLUMNS.items()})
tables = st.lists(rows, min_size=1, max_size=6)


def ours(text: Text) -> tuple[str, list[Any]]:
    """Write for the package: the statement's part and its parameters.

    A NULL has its type, too: DuckDB cannot choose between functions without.
    """
    return _written(text, _ours, lambda spelled: spelled.ours)


def _ours(given: Given) -> str:
    return f"CAST(? AS {given.type})" if given.value is None else "?"


def ducks(text: Text) -> tuple[str, list[Any]]:
    """Write for DuckDB."""
    return _written(text, lambda given: f"CAST(? AS {given.type})", lambda spelled: spelled.ducks)


def has_null(text: Text) -> bool:
    """Tell whether a constant is NULL."""
    return any(isinstance(piece, Given) and piece.value is None for piece in text)


def _written(text: Text, of_given: Any, of_spelled: Any) -> tuple[str, list[Any]]:
    parts, values = [], []
    for piece in text:
        if isinstance(piece, Given):
            parts.append(of_given(piece))
            values.append(piece.value)
        else:
            parts.append(of_spelled(piece) if isinstance(piece, Spelled) else piece)
    return "".join(parts), values


# ---- expressions of a type ---------------------------------------------------------------------


def _atoms(type: str, nulls: bool = True) -> st.SearchStrategy[Text]:
    columns = st.sampled_from([(name,) for name, held in COLUMNS.items() if held == type])
    constants = VALUES[type] | st.none() if nulls else VALUES[type]
    return st.one_of(columns, columns, constants.map(lambda value: (Given(value, type),)))


def _short(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give the same strategy, but one that does not write out all that it is made of."""

    @st.composite
    def short(draw: Any) -> Any:
        return draw(strategy)

    return short()


def _form(*parts: Any) -> st.SearchStrategy[Text]:
    """Join texts and strategies of texts."""
    drawn = [part if isinstance(part, st.SearchStrategy) else st.just((part,)) for part in parts]
    joined = st.tuples(*drawn).map(lambda found: tuple(piece for each in found for piece in each))
    return _short(joined)


def _words(*words: str) -> st.SearchStrategy[Text]:
    return st.sampled_from([(word,) for word in words])


def _whole_division(a: Any, b: Any, op: str) -> st.SearchStrategy[Text]:
    close = Spelled(")", ", 0))")
    return _form("(", a, f" {op} ", Spelled("", "nullif("), b, close)


def _deeper(inner: dict[str, st.SearchStrategy[Text]]) -> dict[str, st.SearchStrategy[Text]]:
    i, f, s, b, r = (inner[t] for t in ("BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "BLOB"))
    number = st.one_of(i, f)
    small = st.integers(-7, 7).map(lambda value: (Given(value, "BIGINT"),))
    digits = st.integers(-3, 3).map(lambda value: (Given(value, "INTEGER"),))

    def any_type(x: Any) -> list[st.SearchStrategy[Text]]:
        return [
            _form("CASE WHEN ", b, " THEN ", x, " WHEN ", b, " THEN ", x, " ELSE ", x, " END"),
            _form("CASE ", x, " WHEN ", x, " THEN ", x, " END"),
            _form("COALESCE(", x, ", ", x, ")"),
            _form("NULLIF(", x, ", ", x, ")"),
            _form(_words("GREATEST(", "LEAST("), x, ", ", x, ", ", x, ")"),
        ]

    return {
        "BIGINT": st.one_of(
            _form("(", i, _words(" + ", " - ", " * "), i, ")"),
            _whole_division(i, i, "//"),
            _whole_division(i, i, "%"),
            _form("(- ", i, ")"),
            _form("ABS(", i, ")"),
            _form("SIGN(", number, ")"),
            _form("LENGTH(", s, ")"),
            _form("STRPOS(", s, ", ", s, ")"),
            _form("CAST(", f, " AS BIGINT)"),
            _form("TRY_CAST(", st.one_of(f, s, b), " AS BIGINT)"),
            *any_type(i),
        ),
        "DOUBLE": st.one_of(
            _form("(", f, _words(" + ", " - ", " * "), number, ")"),
            _form("(", i, _words(" + ", " - ", " * "), f, ")"),
            _form("(", number, " / ", number, ")"),
            _whole_division(f, number, "//"),
            _whole_division(f, f, "%"),
            _form("(- ", f, ")"),
            _form("ABS(", f, ")"),
            _form("ROUND(", f, ")"),
            _form("ROUND(", f, ", ", digits, ")"),
            _form(_words("FLOOR(", "CEIL("), number, ")"),
            _form("TRUNC(", f, ")"),
            _form("CAST(", i, " AS DOUBLE)"),
            _form("TRY_CAST(", s, " AS DOUBLE)"),
            *any_type(f),
        ),
        "VARCHAR": st.one_of(
            _form("(", s, " || ", s, ")"),
            _form("(", s, " || ", st.one_of(i, f, b), ")"),
            _form(_words("LOWER(", "UPPER(", "TRIM(", "LTRIM(", "RTRIM("), s, ")"),
            _form("SUBSTR(", s, ", ", small, ")"),
            _form("SUBSTR(", s, ", ", small, ", ", small, ")"),
            _form(_words("LEFT(", "RIGHT("), s, ", ", small, ")"),
            _form("REPLACE(", s, ", ", s, ", ", s, ")"),
            _form("TRIM(", s, ", ", s, ")"),
            _form("CONCAT(", s, ", ", i, ", ", f, ", ", b, ", ", r, ")"),
            _form("CONCAT_WS(", s, ", ", s, ", ", i, ")"),
            _form("CAST(", st.one_of(i, f, b, r), " AS VARCHAR)"),
            *any_type(s),
        ),
        "BOOLEAN": conditions(inner),
        "BLOB": st.one_of(_form("(", r, " || ", r, ")"), *any_type(r)),
    }


def conditions(of: dict[str, st.SearchStrategy[Text]]) -> st.SearchStrategy[Text]:
    i, f, s, b, r = (of[t] for t in ("BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "BLOB"))
    number = st.one_of(i, f)
    compare = _words(" = ", " <> ", " < ", " <= ", " > ", " >= ")
    patterns = st.text(alphabet="ab%_Kkéx\0\\İ", max_size=5)
    pattern = patterns.map(lambda text: (Given(text, "VARCHAR"),))
    escaped = patterns.filter(lambda text: not text.endswith("x")).map(
        lambda text: (Given(text, "VARCHAR"), " ESCAPE 'x'")
    )

    def of_class(x: Any) -> list[st.SearchStrategy[Text]]:
        return [
            _form("(", x, compare, x, ")"),
            _form("(", x, _words(" BETWEEN ", " NOT BETWEEN "), x, " AND ", x, ")"),
            _form("(", x, _words(" IN (", " NOT IN ("), x, ", ", x, ", ", x, "))"),
            _form("(", x, _words(" IS ", " IS NOT "), "NULL)"),
            _form("(", x, _words(" IS ", " IS NOT "), "DISTINCT FROM ", x, ")"),
        ]

    like = _words(" LIKE ", " NOT LIKE ", " ILIKE ", " NOT ILIKE ")
    return st.one_of(
        *of_class(number),
        *of_class(s),
        *of_class(b),
        *of_class(r),
        _form("(", s, like, st.one_of(pattern, pattern, escaped, s), ")"),
        _form(_words("STARTS_WITH(", "ENDS_WITH(", "CONTAINS("), s, ", ", s, ")"),
        _form("(", b, _words(" IS ", " IS NOT "), _words("TRUE", "FALSE"), ")"),
        _form("TRY_CAST(", st.one_of(i, s), " AS BOOLEAN)"),
        _form("(", b, _words(" AND ", " OR "), b, ")"),
        _form("(NOT ", b, ")"),
    )


ATOMS = {type: _atoms(type) for type in VALUES}
_ONCE = {type: _short(st.one_of(ATOMS[type], deep)) for type, deep in _deeper(ATOMS).items()}
#: Type → expressions of it, two operators deep.
EXPRESSIONS = _deeper(_ONCE)
#: What a WHERE holds: simple conditions, which are pushed, joined in any way.
_LEAVES = _short(st.one_of(conditions(ATOMS), conditions(ATOMS), conditions(_ONCE)))
CONDITIONS = st.recursive(
    _LEAVES,
    lambda parts: st.one_of(
        _form("(", parts, _words(" AND ", " OR "), parts, ")"), _form("(NOT ", parts, ")")
    ),
    max_leaves=4,
)
EXPRESSION = st.one_of(*EXPRESSIONS.values())
