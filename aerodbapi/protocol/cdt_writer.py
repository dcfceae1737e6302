"""Writing lists and maps: values are lowered to what the `msgpack` library writes as it should be.

A lowered value holds strings with their type prefix, ext elements for flags and markers, and
dicts in the order of their keys. Packing it is then one call into the library.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

import msgpack

from aerodbapi.errors import DataError
from aerodbapi.protocol.cdt_order import sort_key
from aerodbapi.types import (
    INFINITY,
    WILDCARD,
    GeoJSON,
    HyperLogLog,
    KeyOrderedDict,
    Marker,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lower", "pack", "pack_lowered"]

_KEY_ORDERED: Final = 0x01
_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 63) - 1


def _special(code: int, data: bytes) -> Any:
    # The library reserves negative codes for itself, in its constructor only.
    return tuple.__new__(msgpack.ExtType, (code, data))


_LOWERED_MARKERS: Final = {WILDCARD: _special(-1, b"\x00"), INFINITY: _special(-1, b"\x01")}
_KEY_ORDERED_FLAG: Final = _special(_KEY_ORDERED, b"")


def _lower_int(value: int) -> int:
    if _INT_MIN <= value <= _INT_MAX:
        return value
    raise DataError(f"the integer {value} needs more than 64 bits")


def _lower_blob(value: Any) -> str:
    return (b"\x04" + bytes(value)).decode("utf-8", "surrogateescape")


def _lower_list(value: Any) -> list[Any]:
    return [
        item
        if type(item) is int and _INT_MIN <= item <= _INT_MAX
        else ("\x03" + item if type(item) is str else _LOWER.get(type(item), _lower_other)(item))
        for item in value
    ]


def _lower_key(key: Any) -> Any:
    """Lower a map's key. Servers take integers, text and bytes, and fail at all else (code 1)."""
    if isinstance(key, _KEYS) and type(key) not in _NO_KEYS:
        return lower(key)
    raise DataError(f"a map's key is an integer, text or bytes, not {type(key).__name__}")


_KEYS: Final = (str, int, bytes, bytearray, memoryview)
_NO_KEYS: Final = frozenset({bool, HyperLogLog})


def _lower_map(value: dict[Any, Any]) -> dict[Any, Any]:
    get = _LOWER.get
    if set(map(type, value)) == {str}:
        # Text sorts as its UTF-8 does.
        return {
            "\x03" + key: get(type(item), _lower_other)(item)
            for key, item in sorted(value.items(), key=_first)
        }
    pairs = sorted(value.items(), key=_first_sort_key)
    return {_lower_key(key): get(type(item), _lower_other)(item) for key, item in pairs}


_first = operator.itemgetter(0)


def _first_sort_key(pair: tuple[Any, Any]) -> Any:
    return sort_key(pair[0])


def _lower_ordered_map(value: KeyOrderedDict) -> dict[Any, Any]:
    return {_KEY_ORDERED_FLAG: None, **_lower_map(value)}


def _lower_hll(value: HyperLogLog) -> str:
    return (b"\x12" + bytes(value)).decode("utf-8", "surrogateescape")


def _lower_marker(value: Marker) -> Any:
    return _LOWERED_MARKERS[value]


def _same(value: Any) -> Any:
    return value


_LOWER: Final[dict[type, Callable[[Any], Any]]] = {
    str: lambda value: "\x03" + value,
    int: _lower_int,
    float: _same,
    bool: _same,
    type(None): _same,
    bytes: _lower_blob,
    bytearray: _lower_blob,
    memoryview: _lower_blob,
    list: _lower_list,
    tuple: _lower_list,
    dict: _lower_map,
    KeyOrderedDict: _lower_ordered_map,
    GeoJSON: lambda value: "\x17" + value.text,
    HyperLogLog: _lower_hll,
    Marker: _lower_marker,
}


#: What a subclass is written as: the first of these that it is.
_BASES: Final[tuple[Any, ...]] = (
    str,
    int,
    float,
    HyperLogLog,
    bytes,
    bytearray,
    KeyOrderedDict,
    dict,
    list,
    tuple,
)


def _lower_other(value: Any) -> Any:
    for base in _BASES:
        if isinstance(value, base):
            plain = value if base in (HyperLogLog, KeyOrderedDict) else base(value)
            return _LOWER[base](plain)
    raise DataError(f"a {type(value).__name__} cannot be stored in a list or map")


def lower(value: Any) -> Any:
    """Return the form of `value` that pack_lowered writes. Raises DataError (see pack)."""
    return _LOWER.get(type(value), _lower_other)(value)


# A Packer has a buffer that must not be shared while it packs: idle ones wait here.
_packers: list[Any] = []
_MAX_IDLE_PACKERS: Final = 16


def pack_lowered(value: Any) -> bytes:
    """Write a lowered value; plain strings in it are written without a type prefix."""
    try:
        packer = _packers.pop()
    except IndexError:
        packer = msgpack.Packer(use_bin_type=True)
    try:
        packed: bytes = packer.pack(value)
    except UnicodeEncodeError:
        return _pack_escaped(value)
    except (ValueError, OverflowError, RecursionError) as error:
        raise DataError(f"a list or map cannot be written: {error}") from None
    if len(_packers) < _MAX_IDLE_PACKERS:
        _packers.append(packer)
    return packed


def _pack_escaped(value: Any) -> bytes:
    """Write strings that hold escaped bytes: blobs, and text that was not UTF-8."""
    try:
        packer = msgpack.Packer(use_bin_type=True, unicode_errors="surrogateescape")
        packed: bytes = packer.pack(value)
    except UnicodeEncodeError as error:
        raise DataError(f"a string is not text: {error}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise DataError(f"a list or map cannot be written: {error}") from None
    return packed


def pack(value: Any) -> bytes:
    """Write one value. Raises DataError for what Aerospike cannot hold.

    That is: integers beyond 64 bits, types that are not values, text with lone surrogates,
    maps inside map keys, and nesting beyond the library's limit (about 500).
    """
    try:
        return pack_lowered(lower(value))
    except RecursionError:
        raise DataError("a list or map is nested too deeply") from None
