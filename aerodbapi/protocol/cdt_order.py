"""The total order of values in lists and maps (server: msgpack_in.c, msgpack_cmp).

nil, false, true, integers, strings, lists, maps, blobs, doubles, GeoJSON, WILDCARD, INFINITY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import DataError
from aerodbapi.types import INFINITY, GeoJSON, HyperLogLog, Marker

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["sort_key"]


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _sortable(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise DataError(f"a string is not text: {error}") from None


def _sort_map(value: dict[Any, Any]) -> tuple[Any, ...]:
    pairs = sorted(((sort_key(key), item) for key, item in value.items()), key=_first)
    return 5, len(pairs), [(key, sort_key(item)) for key, item in pairs]


def _sort_float(value: float) -> tuple[Any, ...]:
    # The server finds NaN equal to every double; a total order has to put it somewhere.
    return (7, value) if value == value else (7, float("-inf"))


_SORT: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    type(None): lambda value: (0,),
    bool: lambda value: (1, value),
    int: lambda value: (2, value),
    str: lambda value: (3, _sortable(value)),
    list: lambda value: (4, [sort_key(item) for item in value]),
    dict: _sort_map,
    bytes: lambda value: (6, 4, bytes(value)),
    HyperLogLog: lambda value: (6, 18, bytes(value)),
    float: _sort_float,
    GeoJSON: lambda value: (8, _sortable(value.text)),
    Marker: lambda value: (10 if value is INFINITY else 9,),
}
_SORT_ALIASES: Final = ((tuple, list), (bytearray, bytes), (memoryview, bytes))


def sort_key(value: Any) -> tuple[Any, ...]:
    """Return a key that sorts values as the server orders them inside lists and maps.

    An integer and a double are never equal. Raises DataError for what is not a value.
    """
    key = _SORT.get(type(value))
    if key is not None:
        return key(value)
    for kind, known in (*_SORT_ALIASES, *((kind, kind) for kind in _SORT)):
        if isinstance(value, kind):
            return _SORT[known](value)
    raise DataError(f"a {type(value).__name__} has no place in the order of values")
