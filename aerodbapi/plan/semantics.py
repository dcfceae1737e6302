"""What SQL's operators mean over bin values: comparison, arithmetic, LIKE, IN, CAST.

NULL is None, and every operator is three-valued. Values of two classes do not compare: the
answer is NULL, as a filter expression's is UNKNOWN. Integers wrap at 64 bits, `/` and `%`
truncate towards zero and give NULL for an integer zero, doubles follow IEEE 754: all as the
server does (server exp.c), so that a predicate means the same wherever it is evaluated.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, Union

from aerodbapi import errors
from aerodbapi.grammar.values import FOLDED
from aerodbapi.plan.kinds import kind_of
from aerodbapi.protocol.cdt import sort_key

__all__ = [
    "INT64_MAX",
    "INT64_MIN",
    "Like",
    "Pattern",
    "add",
    "cast",
    "compare",
    "concatenate",
    "contains",
    "divide",
    "fold_case",
    "like_tester",
    "membership",
    "multiply",
    "negate",
    "pattern_of",
    "remainder",
    "same",
    "subscript",
    "subtract",
    "truth",
    "wrap",
]

INT64_MIN: Final = -(1 << 63)
INT64_MAX: Final = (1 << 63) - 1

#: TRUE, FALSE or NULL.
Truth = Union[bool, None]

# ---- comparison --------------------------------------------------------------------------------

#: The class of a value: only values of one class compare. HLL values never do.
_CLASSES: Final[dict[str, str | None]] = {
    "int": "number",
    "float": "number",
    "bool": "bool",
    "str": "str",
    "bytes": "bytes",
    "list": "list",
    "map": "map",
    "geojson": "geojson",
}
_BY_TYPE: Final[dict[type, str]] = {
    int: "number",
    float: "number",
    bool: "bool",
    str: "str",
    bytes: "bytes",
}
_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def class_of(value: Any) -> str | None:
    """Name the class that `value` compares in; None for NULL and what never compares."""
    return _BY_TYPE.get(type(value)) or _CLASSES.get(kind_of(value))


def _comparer(compare_plain: Callable[[Any, Any], bool], by_order: bool) -> Callable[..., Truth]:
    by_type = _BY_TYPE.get

    def compare_values(left: Any, right: Any) -> Truth:
        kind = by_type(type(left))
        if kind is not None and kind is by_type(type(right)):
            return compare_plain(left, right)
        return _compare_others(compare_plain, by_order, left, right)

    return compare_values


def _compare_others(
    compare_plain: Callable[[Any, Any], bool], by_order: bool, left: Any, right: Any
) -> Truth:
    if left is None or right is None:
        return None
    kind = class_of(left)
    if kind is None or kind != class_of(right):
        return None
    if kind == "geojson":
        return None if by_order else compare_plain(left, right)
    if kind in ("list", "map"):
        return compare_plain(sort_key(left), sort_key(right))
    if kind == "bytes":
        return compare_plain(bytes(left), bytes(right))
    return compare_plain(left, right)


#: Comparison operator → function of two values. Integers and doubles compare exactly.
compare: Final[dict[str, Callable[[Any, Any], Truth]]] = {
    op: _comparer(function, op not in ("=", "<>")) for op, function in _OPERATORS.items()
}


def same(left: Any, right: Any) -> bool:
    """IS NOT DISTINCT FROM: NULL is the same as NULL, and what does not compare differs."""
    if left is None or right is None:
        return left is right
    return compare["="](left, right) is True


def subscript(holder: Any, index: Any) -> Any:
    """Take an element of a list (from 0, or from the end below it) or of a map by its key."""
    if isinstance(holder, dict):
        kind = kind_of(index)
        return None if kind not in ("int", "str", "bytes", "float") else holder.get(index)
    if isinstance(holder, (list, tuple)) and kind_of(index) == "int":
        return holder[index] if -len(holder) <= index < len(holder) else None
    return None


def truth(value: Any) -> Truth:
    """Read a value as a condition: booleans only, all else is NULL."""
    return value if value is True or value is False else None


def membership(options: Sequence[Any]) -> Callable[[Any], Truth]:
    """Make the test of `x IN (options)`; an option that is a list counts as its elements."""
    found: dict[str, set[Any]] = {}
    odd: list[Any] = []
    nulls = False
    flat = list(_flatten(options))
    for option in flat:
        kind = class_of(option)
        if kind is None:
            nulls = True
        elif kind in ("number", "bool", "str"):
            found.setdefault(kind, set()).add(option)
        elif kind == "bytes":
            found.setdefault(kind, set()).add(bytes(option))
        else:
            odd.append(option)
    nans = {kind: {each for each in group if each == each} for kind, group in found.items()}
    mixed = nulls or len(found) > 1 or bool(odd)
    equal = compare["="]

    def test(value: Any) -> Truth:
        if not flat:
            return False
        kind = class_of(value)
        if kind is None:
            return None
        group = nans.get(kind)
        if group is not None:
            if (bytes(value) if kind == "bytes" else value) in group:
                return True
            return None if mixed else False
        answers = {equal(value, option) for option in odd}
        if True in answers:
            return True
        return None if nulls or found or None in answers or not answers else False

    return test


def _flatten(options: Iterable[Any]) -> Iterable[Any]:
    for option in options:
        if isinstance(option, (list, tuple, set, frozenset)):
            yield from option
        else:
            yield option


# ---- arithmetic --------------------------------------------------------------------------------


def wrap(number: int) -> int:
    """Cut an integer to 64 bits, two's complement."""
    if INT64_MIN <= number <= INT64_MAX:
        return number
    return ((number - INT64_MIN) & 0xFFFF_FFFF_FFFF_FFFF) + INT64_MIN


def _numbers(left: Any, right: Any) -> bool:
    """True when both are numbers (a bool is none)."""
    return class_of(left) == "number" and class_of(right) == "number"


def _double(value: Any) -> float:
    """Convert a number; an integer beyond all doubles becomes infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def work(left: Any, right: Any) -> int | float | None:
        if not _numbers(left, right):
            return None
        if isinstance(left, int) and isinstance(right, int):
            return wrap(function(left, right))
        return float(function(_double(left), _double(right)))

    return work


#: int with int wraps; with a double on either side both become doubles.
add: Final = _arithmetic(operator.add)
subtract: Final = _arithmetic(operator.sub)
multiply: Final = _arithmetic(operator.mul)


def divide(left: Any, right: Any) -> int | float | None:
    """Divide: integers truncate towards zero, an integer zero gives NULL, doubles are IEEE."""
    if not _numbers(left, right):
        return None
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            return None
        quotient = abs(left) // abs(right)
        return wrap(quotient if (left < 0) == (right < 0) else -quotient)
    dividend, divisor = _double(left), _double(right)
    if divisor == 0.0:
        if dividend == 0.0 or math.isnan(dividend) or math.isnan(divisor):
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)
    return dividend / divisor


def remainder(left: Any, right: Any) -> int | float | None:
    """Take the remainder, with the sign of the dividend; an integer zero gives NULL."""
    if not _numbers(left, right):
        return None
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            return None
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    dividend, divisor = _double(left), _double(right)
    if math.isinf(dividend) or divisor == 0.0:
        return math.nan
    return math.fmod(dividend, divisor)


def negate(value: Any) -> int | float | None:
    """Change the sign; the least integer stays what it is."""
    if class_of(value) != "number":
        return None
    return wrap(-value) if isinstance(value, int) else -value


def concatenate(left: Any, right: Any) -> str | bytes | None:
    """Join two strings or two blobs; there is no implicit cast."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if class_of(left) == "bytes" and class_of(right) == "bytes":
        return bytes(left) + bytes(right)
    return None


# ---- LIKE --------------------------------------------------------------------------------------

#: A LIKE pattern taken apart: literal text, "%" or "_" each (wild: (True, "%")).
Pattern = tuple[tuple[bool, str], ...]


@lru_cache(maxsize=512)
def pattern_of(text: str, escape: str | None) -> Pattern:
    """Take a LIKE pattern apart into (is a wildcard, text) pieces.

    There is no escape character unless ESCAPE names one. Raises ProgrammingError when that is
    not one character, or the pattern ends with it.
    """
    if escape is not None and len(escape) != 1:
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


def fold_case(text: str) -> str:
    """Lower the case character by character, never changing the length."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


#: The test that `like_tester` makes.
Like = Callable[[Any], Truth]


def like_tester(pattern: Any, escape: Any, ignore_case: bool) -> Like:
    """Make the test of `x LIKE pattern`; NULL for what is not a string."""
    if not isinstance(pattern, str) or not (escape is None or isinstance(escape, str)):
        return lambda value: None
    return _like_tester(pattern, escape, ignore_case)


@lru_cache(maxsize=512)
def _like_tester(pattern: str, escape: str | None, ignore_case: bool) -> Like:
    source = "".join(
        (".*" if text == "%" else ".")
        if wild
        else re.escape(fold_case(text) if ignore_case else text)
        for wild, text in pattern_of(pattern, escape)
    )
    match = re.compile(source, re.DOTALL).fullmatch
    if ignore_case:
        return lambda value: match(fold_case(value)) is not None if isinstance(value, str) else None
    return lambda value: match(value) is not None if isinstance(value, str) else None


# ---- collections -------------------------------------------------------------------------------


def contains(collection: str, holder: Any, low: Any, high: Any) -> Truth:
    """Test whether a list, a map's keys or its values hold an element from `low` to `high`.

    `collection`: LIST, MAPKEYS or MAPVALUES. Elements compare as the server's collections do:
    within one type only, so that 5 and 5.0 differ. NULL when `holder` is no such collection.
    """
    if low is None or high is None:
        return None
    if collection == "LIST":
        if not isinstance(holder, (list, tuple)):
            return None
        elements: Iterable[Any] = holder
    elif not isinstance(holder, dict):
        return None
    else:
        elements = holder.keys() if collection == "MAPKEYS" else holder.values()
    kind, least, most = kind_of(low), sort_key(low), sort_key(high)
    if kind != kind_of(high):
        return None
    return any(kind_of(each) == kind and least <= sort_key(each) <= most for each in elements)


# ---- CAST --------------------------------------------------------------------------------------


def cast(value: Any, type_name: str, lenient: bool = False) -> Any:
    """Convert explicitly. Raises DataError for a value that has no such reading.

    `lenient`: give NULL instead. A size after the type's name, as in VARCHAR(20), is ignored.
    """
    if value is None:
        return None
    converter = _CASTS.get(type_name.partition("(")[0])
    if converter is None:
        raise errors.NotSupportedError(f"not supported yet: CAST to {type_name}")
    try:
        return converter(value)
    except (ValueError, TypeError, OverflowError) as problem:
        if lenient:
            return None
        raise errors.DataError(f"{value!r} does not cast to {type_name}: {problem}") from None


def _to_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise ValueError("it is no text")


_CASTS: Final[dict[str, Callable[[Any], Any]]] = {**FOLDED, "BLOB": _to_bytes}
