"""Keys, bins, values and numbers as aerospike-py takes them, checked as it checks them.

What has the wrong type raises TypeError, what is out of range OverflowError or ValueError: those
are aerospike-py's own, and none of them is an AerospikeError.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from aerodbapi.native.keys import resolve
from aerodbapi.native.results import Key
from aerodbapi.protocol.cdt_reader import FlatMap
from aerodbapi.protocol.digest import digest as compute_digest
from aerodbapi.types import GeoJSON, HyperLogLog, Marker

__all__ = [
    "a_dict",
    "a_list",
    "bin_name",
    "bins_of",
    "key_of",
    "keys_of",
    "plain",
    "storable",
    "uint32",
]

_T = TypeVar("_T")
_MAX_DEPTH: Final = 64
_MAX_NAME: Final = 15  # bytes
_PLAIN: Final = frozenset({type(None), bool, float, str, bytes})
_SCALARS: Final = (str, bytes, float, bytearray, GeoJSON, HyperLogLog, Marker)


def instance(value: Any, cls: type[_T]) -> _T:
    """`value`, when it is a `cls`. Raises TypeError."""
    if isinstance(value, cls):
        return value
    what = "'None'" if value is None else f"'{type(value).__name__}' object"
    raise TypeError(f"{what} is not an instance of '{cls.__name__}'")


def a_list(value: Any) -> list[Any]:
    """`value`, when it is a list. Raises TypeError."""
    return instance(value, list)


def a_dict(value: Any) -> dict[str, Any]:
    """`value`, when it is a dictionary; {} for None. Raises TypeError."""
    return {} if value is None else instance(value, dict)


def uint32(value: Any) -> int:
    """An integer of 32 bits without sign. Raises TypeError and OverflowError."""
    number = operator.index(value)
    if not 0 <= number < 1 << 32:
        raise OverflowError(f"{number} is not within 0 to {(1 << 32) - 1}")
    return number


def key_of(key: Any) -> Key:
    """Complete (namespace, set, user key[, digest]). Raises TypeError and ValueError."""
    given = instance(key, tuple)
    if len(given) < 3:
        raise ValueError("Key tuple must have at least 3 elements: (namespace, set, key)")
    namespace, set_name, user_key = instance(given[0], str), instance(given[1], str), given[2]
    digest = given[3] if len(given) > 3 else None
    if digest is not None:
        if len(digest) != 20:
            raise ValueError(f"Key digest must be exactly 20 bytes, got {len(digest)}")
        return Key(namespace, set_name, user_key, bytes(digest))
    if isinstance(user_key, bool) or not isinstance(user_key, (str, int, bytes, bytearray)):
        raise ValueError(f"Invalid key: a user key is no {type(user_key).__name__}")
    if isinstance(user_key, int):
        _check_integer(user_key)
    elif isinstance(user_key, bytes):
        # Both Python clients hash bytes as if they were text, and bytearrays as bytes.
        as_text = user_key.decode("utf-8", "surrogateescape")
        return Key(namespace, set_name, user_key, compute_digest(set_name, as_text))
    return resolve((namespace, set_name, user_key))


def keys_of(keys: Any) -> list[Key]:
    """Complete a list of keys."""
    return [key_of(key) for key in a_list(keys)]


def bin_name(name: Any) -> str:
    """A bin's name. Raises TypeError; ValueError when it is empty or above 15 bytes."""
    text = instance(name, str)
    if not text:
        raise ValueError("Bin name must not be empty")
    size = len(text) if text.isascii() else len(text.encode())
    if size > _MAX_NAME:
        raise ValueError(f"Bin name '{text}' exceeds the {_MAX_NAME}-byte limit ({size} bytes)")
    return text


def bins_of(bins: Any) -> dict[str, Any]:
    """Check a record's bins."""
    if not isinstance(bins, dict):
        raise TypeError(f"bins argument must be a dict, got {type(bins).__name__}")
    for name, value in bins.items():
        bin_name(name)
        if type(value) not in _PLAIN:
            storable(value)
    return bins


def storable(value: Any, depth: int = 0) -> Any:
    """`value`, when a bin can hold it: TypeError, OverflowError and ValueError otherwise."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"Value nesting exceeds maximum depth of {_MAX_DEPTH}")
    if type(value) in _PLAIN or isinstance(value, _SCALARS):
        return value
    if isinstance(value, int):
        return _check_integer(value)
    if isinstance(value, list):
        for item in value:
            storable(item, depth + 1)
    elif isinstance(value, dict):
        _check_pairs(value, depth + 1)
    else:
        raise TypeError(f"Unsupported type for Aerospike value: {type(value).__name__}")
    return value


def _check_pairs(value: Mapping[Any, Any], depth: int) -> None:
    for key, item in value.items():
        if key is None or isinstance(key, (float, bool)):
            raise TypeError(f"Unsupported type for a map key: {type(key).__name__}")
        storable(key, depth)
        storable(item, depth)


def _check_integer(value: int) -> int:
    if not -(1 << 63) <= value < 1 << 63:
        raise OverflowError(f"{value} does not fit 64 bits with a sign")
    return value


def plain(value: Any) -> Any:
    """A value as read: GeoJSON becomes its text, keys with values become pairs."""
    if type(value) in _PLAIN or type(value) is int:
        return value
    if isinstance(value, GeoJSON):
        return value.text
    if isinstance(value, FlatMap):
        items = [plain(item) for item in value]
        return list(zip(items[::2], items[1::2]))
    if isinstance(value, list):
        _replace(value, enumerate(value))
    elif isinstance(value, dict):
        _replace(value, value.items())
    return value


def _replace(container: Any, places: Iterable[tuple[Any, Any]]) -> None:
    changed = [(place, plain(item)) for place, item in places if not _untouched(item)]
    for place, item in changed:
        container[place] = item


def _untouched(item: Any) -> bool:
    return type(item) in _PLAIN or type(item) is int
