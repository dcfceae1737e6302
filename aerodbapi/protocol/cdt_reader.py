"""Reading lists and maps: the `msgpack` library builds containers, hooks give strings their types.

The library calls `_list` and `_map` once a container, innermost first. Its strings come as str
with the particle type as first character (bytes that are not UTF-8 as surrogate escapes): the
usual string then needs one slice, and a blob is encoded back.

The library takes ext type -1 for a timestamp, so bytes that hold a marker go through
`msgpack_plain`, which calls the same hooks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgpack

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import msgpack_plain
from aerodbapi.types import INFINITY, WILDCARD, GeoJSON, HyperLogLog, KeyOrderedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Flags", "FlatMap", "typed", "unpack", "unpack_raw"]

_KEY_ORDERED: Final = 0x01
_PRESERVE_ORDER: Final = 0x08

_INT_MAX: Final = (1 << 63) - 1
_MARKERS: Final = {b"\x00": WILDCARD, b"\x01": INFINITY}

#: Where the library might see a timestamp, which is no Aerospike value.
_TIMESTAMP: Final = re.compile(rb"[\xd6\xd7]\xff|\xc7\x0c\xff")


class Flags:
    """The flags of the container that this element begins; seen only in unpack_raw's results."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Flags({self.value:#x})"


class FlatMap(list[Any]):
    """A map in the order that a command asked for: key, value, key, value, …"""

    __slots__ = ()


# ---- elements ----------------------------------------------------------------------------------


def _hll(raw: bytes) -> HyperLogLog:
    return HyperLogLog(raw[1:])


def _geojson(raw: bytes) -> GeoJSON:
    return GeoJSON.trusted(_text(raw))


def _text(raw: bytes) -> str:
    return raw[1:].decode("utf-8", "surrogateescape")


_TYPED: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"\x03": _text,
    b"\x12": _hll,
    b"\x17": _geojson,
}


def typed(raw: bytes) -> Any:
    """Value of a type-prefixed msgpack string; types without one of their own are bytes."""
    reader = _TYPED.get(raw[:1])
    return raw[1:] if reader is None else reader(raw)


def _ext(code: int, data: bytes) -> Any:
    if code == -1:
        marker = _MARKERS.get(bytes(data))
        if marker is None:
            raise ProtocolError(f"unknown special value in a list or map: {data[:8].hex()}")
        return marker
    return Flags(code & 0xFF)


def _element(item: Any) -> Any:
    """Value of an item that the library leaves unfinished."""
    kind = type(item)
    if kind is str:
        return item[1:] if item[:1] == "\x03" else typed(item.encode("utf-8", "surrogateescape"))
    if kind is bytes:
        return typed(item)
    raise ProtocolError("a list or map has flags that do not come first, or a timestamp")


#: What the library returns that is no value yet, or never will be.
_UNFINISHED: Final = frozenset((str, bytes, Flags, msgpack.Timestamp))

# ---- containers --------------------------------------------------------------------------------


def _list(items: list[Any]) -> list[Any]:
    if items and type(items[0]) is Flags:
        del items[0]
    return [
        (item[1:] if item[:1] == "\x03" else _element(item))
        if type(item) is str
        else (_element(item) if type(item) in _UNFINISHED else item)
        for item in items
    ]


def _map(pairs: Iterable[tuple[Any, Any]]) -> Any:
    pairs = list(pairs)
    flags = 0
    if pairs and type(pairs[0][0]) is Flags:
        flags = pairs[0][0].value
        del pairs[0]
    if flags & _PRESERVE_ORDER:
        return FlatMap(_list([item for pair in pairs for item in pair]))
    values = {
        (key[1:] if type(key) is str and key[:1] == "\x03" else _key(key)): (
            _element(value) if type(value) in _UNFINISHED else value
        )
        for key, value in pairs
    }
    return KeyOrderedDict(values) if flags & _KEY_ORDERED else values


def _key(key: Any) -> Any:
    return _element(key) if type(key) in _UNFINISHED else _hashable(key)


def _hashable(value: Any) -> Any:
    """Turn finished containers into tuples, so that they can be keys."""
    kind = type(value)
    if kind is list:
        return tuple(map(_hashable, value))
    if kind is dict or kind is KeyOrderedDict:
        return tuple((key, _hashable(item)) for key, item in value.items())
    return value


# ---- whole values ------------------------------------------------------------------------------


def unpack(data: bytes) -> Any:
    """Return the one value that `data` holds.

    Maps ordered by key become KeyOrderedDict, maps in given order a FlatMap, map keys that are
    lists or maps become tuples. Anything else than exactly one well-formed value raises
    ProtocolError.
    """
    value = _unpack(data, False, _list, _map)
    return _element(value) if type(value) in _UNFINISHED else value


def unpack_raw(data: bytes) -> Any:
    """Like unpack, but strings stay bytes with their prefix, maps lists of pairs, flags Flags.

    For what mixes names and values (expressions), or must keep order and duplicates.
    """
    if _TIMESTAMP.search(data):
        return msgpack_plain.unpack(data, True, None, list, _ext)
    return _unpack(data, True, None, list)


def _unpack(
    data: bytes,
    raw: bool,
    list_hook: Callable[[list[Any]], Any] | None,
    pairs_hook: Callable[[Iterable[tuple[Any, Any]]], Any],
) -> Any:
    if type(data) is not bytes:
        data = bytes(data)
    try:
        value = msgpack.unpackb(
            data,
            raw=raw,
            unicode_errors="surrogateescape",
            strict_map_key=False,
            list_hook=list_hook,
            object_pairs_hook=pairs_hook,
            ext_hook=_ext,
        )
    except ProtocolError:
        raise
    except Exception as error:
        # Also what the hooks raise, such as for text that no GeoJSON key can be made of.
        if b"\xff" in data:
            return msgpack_plain.unpack(data, raw, list_hook, pairs_hook, _ext)
        raise ProtocolError(f"a list or map is malformed: {error}") from None
    if b"\xcf" not in data:
        return value
    try:
        return _signed(value)
    except RecursionError:
        raise ProtocolError("a list or map is nested too deeply") from None


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
