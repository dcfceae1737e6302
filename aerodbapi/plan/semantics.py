"""What SQL's comparisons mean over bin values: three-valued, and as DuckDB answers them.

NULL is None. Values of two classes do not compare: the answer is NULL, as a filter expression's
is UNKNOWN (DuckDB would cast one, or refuse). Within the class of numbers an integer beside a
double counts as the nearest double, NaN equals NaN and is the greatest number. Strings are
ordered by code point, which is the order of their UTF-8.
What is computed is in `plan.arithmetic`, LIKE in `plan.matching`, CAST in `plan.casts`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Union

from aerodbapi.plan.kinds import kind_of
from aerodbapi.protocol.cdt import sort_key

__all__ = [
    "INT64_MAX",
    "INT64_MIN",
    "class_of",
    "compare",
    "contains",
    "double",
    "greatest",
    "least",
    "membership",
    "null_if",
    "same",
    "subscript",
    "truth",
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
#: What Python compares as SQL does, with its like.
_PLAIN: Final = frozenset({int, str, bytes, bool})
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


def double(number: int | float) -> float:
    """Convert a number; an integer beyond all doubles becomes infinite."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _comparer(compare_plain: Callable[[Any, Any], bool], by_order: bool) -> Callable[..., Truth]:
    def compare_values(left: Any, right: Any) -> Truth:
        kind = type(left)
        if kind is type(right) and kind in _PLAIN:
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
    if kind == "number":
        return _compare_numbers(compare_plain, left, right)
    if kind == "geojson":
        return None if by_order else compare_plain(left, right)
    if kind in ("list", "map"):
        return compare_plain(sort_key(left), sort_key(right))
    if kind == "bytes":
        return compare_plain(bytes(left), bytes(right))
    return compare_plain(left, right)


def _compare_numbers(compare_plain: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if isinstance(left, int) and isinstance(right, int):
        return compare_plain(left, right)
    left, right = double(left), double(right)
    if left == left and right == right:
        return compare_plain(left, right)
    return compare_plain(left != left, right != right)


#: Comparison operator → function of two values.
compare: Final[dict[str, Callable[[Any, Any], Truth]]] = {
    op: _comparer(function, op not in ("=", "<>")) for op, function in _OPERATORS.items()
}


def same(left: Any, right: Any) -> bool:
    """IS NOT DISTINCT FROM: NULL is the same as NULL, and what does not compare differs."""
    if left is None or right is None:
        return left is right
    return compare["="](left, right) is True


def null_if(left: Any, right: Any) -> Any:
    """NULLIF: NULL where both are equal."""
    return None if compare["="](left, right) is True else left


def greatest(*values: Any) -> Any:
    """Give the greatest value that is not NULL; NULL when there is none, or two classes."""
    return _extreme(compare[">"], values)


def least(*values: Any) -> Any:
    """As `greatest`, the least one."""
    return _extreme(compare["<"], values)


def _extreme(beats: Callable[[Any, Any], Truth], values: Iterable[Any]) -> Any:
    found = [value for value in values if value is not None]
    if {type(value) for value in found} == {int, float}:
        found = [double(value) for value in found]
    best = None
    for value in found:
        if best is None:
            best = value
            continue
        better = beats(value, best)
        if better is None:
            return None
        best = value if better else best
    return best


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
    flat = list(_flatten(options))
    groups: dict[str, list[Any]] = {}
    for option in flat:
        groups.setdefault(class_of(option) or "null", []).append(option)
    nulls = groups.pop("null", None) is not None
    unsure = nulls or len(groups) > 1
    testers = {kind: _tester(kind, found) for kind, found in groups.items()}

    def test(value: Any) -> Truth:
        if not flat:
            return False
        kind = class_of(value)
        if kind is None:
            return None
        tester = testers.get(kind)
        if tester is None:
            return None
        return True if tester(value) else None if unsure else False

    return test


def _tester(kind: str, options: Sequence[Any]) -> Callable[[Any], bool]:
    """Make the test of being among `options`, all of one class."""
    if kind == "number":
        return _number_tester(options)
    if kind in ("str", "bool"):
        return frozenset(options).__contains__
    if kind == "bytes":
        blobs = frozenset(bytes(option) for option in options)
        return lambda value: bytes(value) in blobs
    equal = compare["="]
    return lambda value: any(equal(value, option) for option in options)


def _number_tester(options: Sequence[Any]) -> Callable[[Any], bool]:
    integers = frozenset(option for option in options if isinstance(option, int))
    doubles = frozenset(option for option in options if isinstance(option, float))
    near = doubles | frozenset(double(option) for option in integers)
    has_nan = any(option != option for option in options)

    def test(value: Any) -> bool:
        if isinstance(value, int):
            return value in integers or (bool(doubles) and double(value) in doubles)
        return value in near or (has_nan and value != value)

    return test


def _flatten(options: Iterable[Any]) -> Iterable[Any]:
    for option in options:
        if isinstance(option, (list, tuple, set, frozenset)):
            yield from option
        else:
            yield option


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
