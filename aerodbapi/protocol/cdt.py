"""Lists and maps: msgpack as Aerospike writes it, on the `msgpack` library.

Particularities (server: msgpack_in.c, particle_list.c, particle_map.c):

* Strings, blobs, HLLs and GeoJSON are msgpack strings whose first byte is their particle type.
* A container's flags are an ext element that comes first: `[ext, …]`, `{ext: nil, …}`. Flag 1
  on a map is "ordered by key", flag 8 "in this order" (then it is shown as a flat list).
* Ext type -1 holds the two values that only compare: 0 WILDCARD, 1 INFINITY.
* Values have a total order: nil, false, true, integers, strings, lists, maps, blobs, doubles,
  GeoJSON, WILDCARD, INFINITY. Dicts are written with their keys in it.

Reading: the library builds lists and pairs in C and calls `_list` and `_map` once a container,
innermost first, which give the raw strings in it their types. The library takes ext type -1 for
a timestamp, so bytes with such an ext go through `msgpack_plain` instead; its result is the same.

Strings that are not UTF-8 are read with the "surrogateescape" error handler and written back
as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgpack

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.protocol import msgpack_plain
from aerodbapi.types import (
    INFINITY,
    WILDCARD,
    GeoJSON,
    HyperLogLog,
    KeyOrderedDict,
    Marker,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Flags",
    "lower",
    "pack",
    "pack_lowered",
    "sort_key",
    "typed",
    "unpack",
    "unpack_raw",
]

KEY_ORDERED: Final = 0x01
PRESERVE_ORDER: Final = 0x08

_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 63) - 1
_MARKERS: Final = {b"\x00": WILDCARD, b"\x01": INFINITY}


class Flags:
    """The flags of the container that this element begins; seen only in unpack_raw's results."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Flags({self.value:#x})"


# ---- reading -----------------------------------------------------------------------------------


def _text(raw: bytes) -> str:
    return raw[1:].decode("utf-8", "surrogateescape")


_TYPED: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"": bytes,
    b"\x03": _text,
    b"\x12": lambda raw: HyperLogLog(raw[1:]),
    b"\x17": lambda raw: GeoJSON.trusted(_text(raw)),
}


def typed(raw: bytes) -> Any:
    """Value of a type-prefixed msgpack string; unknown types are bytes."""
    if raw[:1] == b"\x03":
        try:
            return raw[1:].decode()
        except UnicodeDecodeError:
            return _text(raw)
    reader = _TYPED.get(raw[:1])
    return raw[1:] if reader is None else reader(raw)


def _ext(code: int, data: bytes) -> Any:
    if code == -1:
        marker = _MARKERS.get(bytes(data))
        if marker is None:
            raise ProtocolError(f"unknown special value in a list or map: {data[:8].hex()}")
        return marker
    return Flags(code & 0xFF)


def _list(items: list[Any]) -> list[Any]:
    if items and type(items[0]) is Flags:
        del items[0]
    return [_element(item) if type(item) in _SPECIAL else item for item in items]


def _element(item: Any) -> Any:
    if type(item) is Flags:
        raise ProtocolError("a list or map has flags that do not come first")
    return typed(item)


_SPECIAL: Final = frozenset((bytes, Flags))


def _map(pairs: Iterable[tuple[Any, Any]]) -> Any:
    pairs = list(pairs)
    flags = 0
    if pairs and type(pairs[0][0]) is Flags:
        flags = pairs[0][0].value
        del pairs[0]
    if flags & PRESERVE_ORDER:
        return _list([item for pair in pairs for item in pair])
    values = {
        _key(key): _element(value) if type(value) in _SPECIAL else value for key, value in pairs
    }
    return KeyOrderedDict(values) if flags & KEY_ORDERED else values


def _key(key: Any) -> Any:
    kind = type(key)
    if kind in _SPECIAL:
        return _element(key)
    if kind is list:
        return tuple(map(_key_part, key))
    if kind is dict or kind is KeyOrderedDict:
        return tuple((part, _key_part(value)) for part, value in key.items())
    return key


def _key_part(item: Any) -> Any:
    # Parts of a key are typed already: only their containers are not hashable yet.
    return item if type(item) is bytes else _key(item)


def unpack(data: bytes) -> Any:
    """Return the one value that `data` holds.

    Maps ordered by key become KeyOrderedDict, maps in given order a flat list of keys and
    values, map keys that are lists or maps become tuples. Anything else than exactly one
    well-formed value raises ProtocolError.
    """
    value = _unpack(data, _list, _map)
    if type(value) in _SPECIAL:
        return _element(value)
    return value


def unpack_raw(data: bytes) -> Any:
    """Like unpack, but strings stay bytes with their prefix, maps lists of pairs, flags Flags.

    For what mixes names and values (expressions), or must keep order and duplicates.
    """
    return _unpack(data, None, list)


def _unpack(
    data: bytes,
    list_hook: Callable[[list[Any]], Any] | None,
    pairs_hook: Callable[[Iterable[tuple[Any, Any]]], Any],
) -> Any:
    try:
        value = msgpack.unpackb(
            data,
            raw=True,
            strict_map_key=False,
            list_hook=list_hook,
            object_pairs_hook=pairs_hook,
            ext_hook=_ext,
        )
    except ProtocolError:
        raise
    except Exception as error:
        if b"\xff" in data:
            return msgpack_plain.unpack(data, list_hook, pairs_hook, _ext)
        raise ProtocolError(f"a list or map is malformed: {error}") from None
    return _signed(value) if b"\xcf" in data else value


def _signed(value: Any) -> Any:
    """Read unsigned 64-bit integers as the signed ones that the server takes them for."""
    kind = type(value)
    if kind is int:
        return value - (1 << 64) if value > _INT_MAX else value
    if kind is list or kind is tuple:
        return kind(map(_signed, value))
    if kind is dict or kind is KeyOrderedDict:
        return kind((_signed(key), _signed(item)) for key, item in value.items())
    return value


# ---- writing -----------------------------------------------------------------------------------

# A lowered value holds only what the library writes as Aerospike wants it: strings with their
# type prefix, ext elements for flags and markers, dicts in order.


def _special(code: int, data: bytes) -> Any:
    # The library reserves negative codes for itself, in its constructor only.
    return tuple.__new__(msgpack.ExtType, (code, data))


_LOWERED_MARKERS: Final = {WILDCARD: _special(-1, b"\x00"), INFINITY: _special(-1, b"\x01")}
_KEY_ORDERED_FLAG: Final = _special(KEY_ORDERED, b"")


def _lower_int(value: int) -> int:
    if _INT_MIN <= value <= _INT_MAX:
        return value
    raise DataError(f"the integer {value} needs more than 64 bits")


def _lower_blob(value: Any) -> str:
    return (b"\x04" + bytes(value)).decode("utf-8", "surrogateescape")


def _lower_list(value: Any) -> list[Any]:
    return [
        "\x03" + item if type(item) is str else _LOWER.get(type(item), _lower_other)(item)
        for item in value
    ]


def _lower_key(key: Any) -> Any:
    lowered = lower(key)
    if type(lowered) is list:
        return _hashable(lowered)
    return lowered


def _hashable(item: Any) -> Any:
    if type(item) is list:
        return tuple(map(_hashable, item))
    if type(item) is dict:
        raise DataError("a map cannot be part of a map's key")
    return item


def _lower_map(value: dict[Any, Any]) -> dict[Any, Any]:
    get = _LOWER.get
    if set(map(type, value)) == {str}:
        pairs: Any = sorted(value.items(), key=_first)
    else:
        pairs = sorted(value.items(), key=_first_sort_key)
    return {_lower_key(key): get(type(item), _lower_other)(item) for key, item in pairs}


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


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


# ---- order -------------------------------------------------------------------------------------


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
    str: lambda value: (3, value.encode("utf-8", "surrogateescape")),
    list: lambda value: (4, [sort_key(item) for item in value]),
    dict: _sort_map,
    bytes: lambda value: (6, 4, bytes(value)),
    HyperLogLog: lambda value: (6, 18, bytes(value)),
    float: _sort_float,
    GeoJSON: lambda value: (8, value.text.encode("utf-8", "surrogateescape")),
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
