"""The scalar functions that are evaluated here: cheap, and exactly as DuckDB's of the same name.

A statement with any other function goes to the relational engine. An argument that is NULL makes
the result NULL, as does one of a class that the function does not take (DuckDB would refuse the
statement, but a bin's type is known only when it is read); the functions marked `lenient` decide
themselves.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from aerodbapi import errors
from aerodbapi.grammar.values import cast
from aerodbapi.plan import arithmetic, matching, semantics
from aerodbapi.plan.semantics import class_of, double

__all__ = ["FUNCTIONS", "Function", "function_of"]


class Function(NamedTuple):
    """`call` takes `least` to `most` arguments (None: any number) of the classes `takes`.

    `takes`: a letter an argument, s(tring) i(nteger) n(umber) b(lob) l(ist or string), the last for
    the rest too; "" for a function that is called with whatever there is, NULLs included.
    `type`: code of the result, or "same" for the type that its arguments share.
    """

    call: Callable[..., Any]
    takes: str
    least: int
    most: int | None
    type: str


def function_of(name: str, count: int) -> Function | None:
    """Find the function `name` of `count` arguments; None when it is not evaluated here."""
    found = FUNCTIONS.get(name)
    if found is None or count < found.least or (found.most is not None and count > found.most):
        return None
    return found


# ---- strings -----------------------------------------------------------------------------------

#: Places in a string count in 32 bits.
_FARTHEST: Final = (1 << 32) - 1
#: What TRIM takes off: the space characters of Unicode, but no tabs and line ends.
_SPACES: Final = "".join(
    character
    for character in map(chr, (32, 160, 5760, *range(8192, 8203), 8239, 8287, 12288))
    if unicodedata.category(character) == "Zs"
)


def _in_range(*places: int) -> None:
    for place in places:
        if not -_FARTHEST - 1 <= place <= _FARTHEST:
            raise errors.DataError(f"a place in a string is a number of 32 bits, not {place}")


def _substring(text: str, start: int, length: int = _FARTHEST) -> str:
    """Count from 1, or from the end below 0; a length below 0 goes to the left."""
    _in_range(start, length)
    begin = start - 1 if start > 0 else len(text) + start
    if start == 0:
        begin, length = 0, length - 1
        if length <= 0:
            return ""
    end = begin + length
    if length < 0:
        begin, end = end, begin
    return text[max(begin, 0) : max(end, 0)]


def _left(text: str, count: int) -> str:
    return text[:count] if count >= 0 else text[: max(len(text) + count, 0)]


def _right(text: str, count: int) -> str:
    if count >= 0:
        return text[max(len(text) - count, 0) :]
    return text[-count:]


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


def _pad(text: str, length: int, pad: str) -> str:
    """Give what is missing for `length` characters."""
    _in_range(length)
    missing = length - len(text)
    if missing <= 0:
        return ""
    if not pad:
        raise errors.DataError("there is nothing to pad with: the text is empty")
    return (pad * (missing // len(pad) + 1))[:missing]


def _lpad(text: str, length: int, pad: str) -> str:
    return _pad(text, length, pad) + text[: max(length, 0)]


def _rpad(text: str, length: int, pad: str) -> str:
    return text[: max(length, 0)] + _pad(text, length, pad)


def _concat(*values: Any) -> str | None:
    """Join the texts of all that is not NULL."""
    return _concat_with("", *values)


def _concat_with(separator: Any, *values: Any) -> str | None:
    if not isinstance(separator, str):
        return None
    found = [value for value in values if value is not None]
    if any(class_of(value) not in ("str", "number", "bool", "bytes") for value in found):
        return None
    return separator.join(cast(value, "VARCHAR") for value in found)


# ---- numbers -----------------------------------------------------------------------------------


def _absolute(number: Any) -> Any:
    return arithmetic.checked(abs(number)) if isinstance(number, int) else abs(number)


def _half_up(number: float) -> float:
    """Round half away from zero."""
    if not abs(number) < 2.0**52:
        return number
    whole = math.floor(abs(number))
    return math.copysign(whole + (abs(number) - whole >= 0.5), number)


def _round(number: Any, digits: int = 0) -> Any:
    if isinstance(number, int):
        return number if digits >= 0 else _round_integer(number, -digits)
    if not math.isfinite(number):
        return number
    try:
        factor = 10.0 ** abs(digits)
    except OverflowError:
        factor = math.inf
    if digits < 0:
        rounded = _half_up(number / factor) * factor
        return rounded if math.isfinite(rounded) else 0.0
    rounded = _half_up(number * factor) / factor
    return rounded if math.isfinite(rounded) else number


def _round_integer(number: int, zeros: int) -> int:
    if zeros > 20:
        return 0
    unit = 10**zeros
    rounded = (abs(number) + unit // 2) // unit * unit
    return arithmetic.checked(rounded if number >= 0 else -rounded)


def _whole(function: Callable[[float], int]) -> Callable[[Any], float]:
    def work(number: int | float) -> float:
        value = double(number)
        if not math.isfinite(value):
            return value
        return math.copysign(float(function(value)), value)

    return work


def _truncate(number: Any) -> Any:
    return number if isinstance(number, int) else _whole(math.trunc)(number)


def _sign(number: int | float) -> int:
    return int(number > 0) - int(number < 0)


def _root(number: int | float) -> float:
    value = double(number)
    return math.sqrt(value) if value >= 0 else math.nan


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


# ---- the table ---------------------------------------------------------------------------------

_TABLE: Final[dict[str, Function]] = {
    "LOWER": Function(matching.lower, "s", 1, 1, "VARCHAR"),
    "UPPER": Function(matching.upper, "s", 1, 1, "VARCHAR"),
    "LENGTH": Function(len, "l", 1, 1, "BIGINT"),
    "OCTET_LENGTH": Function(len, "b", 1, 1, "BIGINT"),
    "SUBSTRING": Function(_substring, "si", 2, 3, "VARCHAR"),
    "LEFT": Function(_left, "si", 2, 2, "VARCHAR"),
    "RIGHT": Function(_right, "si", 2, 2, "VARCHAR"),
    "TRIM": Function(lambda text, what=_SPACES: text.strip(what), "s", 1, 2, "VARCHAR"),
    "LTRIM": Function(lambda text, what=_SPACES: text.lstrip(what), "s", 1, 2, "VARCHAR"),
    "RTRIM": Function(lambda text, what=_SPACES: text.rstrip(what), "s", 1, 2, "VARCHAR"),
    "REPLACE": Function(_replace, "s", 3, 3, "VARCHAR"),
    "LPAD": Function(_lpad, "sis", 3, 3, "VARCHAR"),
    "RPAD": Function(_rpad, "sis", 3, 3, "VARCHAR"),
    "STRPOS": Function(lambda text, part: text.find(part) + 1, "s", 2, 2, "BIGINT"),
    "STARTS_WITH": Function(str.startswith, "s", 2, 2, "BOOLEAN"),
    "ENDS_WITH": Function(str.endswith, "s", 2, 2, "BOOLEAN"),
    "CONTAINS": Function(lambda text, part: part in text, "s", 2, 2, "BOOLEAN"),
    "CONCAT": Function(_concat, "", 1, None, "VARCHAR"),
    "CONCAT_WS": Function(_concat_with, "", 2, None, "VARCHAR"),
    "ABS": Function(_absolute, "n", 1, 1, "same"),
    "ROUND": Function(_round, "ni", 1, 2, "same"),
    "FLOOR": Function(_whole(math.floor), "n", 1, 1, "DOUBLE"),
    "CEIL": Function(_whole(math.ceil), "n", 1, 1, "DOUBLE"),
    "TRUNC": Function(_truncate, "n", 1, 1, "same"),
    "SIGN": Function(_sign, "n", 1, 1, "BIGINT"),
    "SQRT": Function(_root, "n", 1, 1, "DOUBLE"),
    "PI": Function(lambda: math.pi, "", 0, 0, "DOUBLE"),
    "DIVIDE": Function(arithmetic.quotient, "n", 2, 2, "same"),
    "ISNAN": Function(lambda number: number != number, "n", 1, 1, "BOOLEAN"),
    "ISINF": Function(lambda number: abs(number) == math.inf, "n", 1, 1, "BOOLEAN"),
    "ISFINITE": Function(lambda number: abs(number) < math.inf, "n", 1, 1, "BOOLEAN"),
    "COALESCE": Function(_coalesce, "", 1, None, "same"),
    "NULLIF": Function(semantics.null_if, "", 2, 2, "same"),
    "GREATEST": Function(semantics.greatest, "", 1, None, "same"),
    "LEAST": Function(semantics.least, "", 1, None, "same"),
}


_CLASSES: Final[dict[str, Callable[[Any], bool]]] = {
    "s": lambda value: isinstance(value, str),
    "i": lambda value: isinstance(value, int) and value is not True and value is not False,
    "n": lambda value: class_of(value) == "number",
    "b": lambda value: isinstance(value, bytes),
    "l": lambda value: isinstance(value, (str, list)),
}


def _guarded(function: Function) -> Function:
    """Let the function give NULL for what it does not take."""
    if not function.takes:
        return function
    first, *rest = (_CLASSES[letter] for letter in function.takes)
    others, last, call = rest[:-1], (rest or [first])[-1], function.call

    def work(*values: Any) -> Any:
        if not first(values[0]):
            return None
        for place, value in enumerate(values[1:]):
            if not (others[place] if place < len(others) else last)(value):
                return None
        return call(*values)

    return function._replace(call=work)


#: Upper-case name → function.
FUNCTIONS: Final[dict[str, Function]] = {
    name: _guarded(function) for name, function in _TABLE.items()
}
