"""Particles: a bin's value as (type, bytes), both ways."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.protocol import cdt
from aerodbapi.protocol.flags import ParticleType as P
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["decode", "encode"]

_pack_int = struct.Struct(">q").pack
_unpack_int = struct.Struct(">q").unpack
_pack_float = struct.Struct(">d").pack
_unpack_float = struct.Struct(">d").unpack

# ---- writing -----------------------------------------------------------------------------------


def _encode_int(value: int) -> tuple[int, bytes]:
    try:
        return P.INTEGER, _pack_int(value)
    except struct.error:
        raise DataError(f"the integer {value} needs more than 64 bits") from None


def _encode_text(value: str) -> tuple[int, bytes]:
    try:
        return P.STRING, value.encode()
    except UnicodeEncodeError:
        return P.STRING, _escaped(value)


def _escaped(value: str) -> bytes:
    """Bytes of text that was not UTF-8 when it was read."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise DataError(f"a string is not text: {error}") from None


def _encode_geojson(value: GeoJSON) -> tuple[int, bytes]:
    # u8 flags, u16 number of cells (the server computes those), text.
    return P.GEOJSON, b"\0\0\0" + _escaped(value.text)


_ENCODE: Final[dict[type, Callable[[Any], tuple[int, bytes]]]] = {
    type(None): lambda value: (P.NULL, b""),
    bool: lambda value: (P.BOOL, b"\1" if value else b"\0"),
    int: _encode_int,
    float: lambda value: (P.DOUBLE, _pack_float(value)),
    str: _encode_text,
    bytes: lambda value: (P.BLOB, value),
    bytearray: lambda value: (P.BLOB, bytes(value)),
    memoryview: lambda value: (P.BLOB, bytes(value)),
    list: lambda value: (P.LIST, cdt.pack(value)),
    tuple: lambda value: (P.LIST, cdt.pack(value)),
    dict: lambda value: (P.MAP, cdt.pack(value)),
    KeyOrderedDict: lambda value: (P.MAP, cdt.pack(value)),
    GeoJSON: _encode_geojson,
    HyperLogLog: lambda value: (P.HLL, bytes(value)),
}


def encode(value: Any) -> tuple[int, bytes]:
    """Return (particle type, bytes) of a value. None is the NULL particle.

    Raises DataError for integers beyond 64 bits, text with lone surrogates, and types that no
    bin can hold (the message names the type).
    """
    encoder = _ENCODE.get(type(value))
    if encoder is None:
        return _encode_subclass(value)
    return encoder(value)


def _encode_subclass(value: Any) -> tuple[int, bytes]:
    for base in (HyperLogLog, KeyOrderedDict, GeoJSON, *_ENCODE):
        if isinstance(value, base):
            return _ENCODE[base](value)
    raise DataError(f"a bin cannot hold a {type(value).__name__}")


# ---- reading -----------------------------------------------------------------------------------


def _decode_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _decode_bool(data: bytes) -> bool:
    if len(data) != 1:
        raise ProtocolError(f"a boolean of {len(data)} bytes")
    return data != b"\0"


def _decode_geojson(data: bytes) -> GeoJSON:
    # u8 flags, u16 number of 8-byte cells, the cells, text.
    begin = 3 + 8 * int.from_bytes(data[1:3], "big")
    if len(data) < begin:
        raise ProtocolError(f"a GeoJSON particle of {len(data)} bytes ends inside its cells")
    return GeoJSON.trusted(_decode_text(data[begin:]))


def _decode_null(data: bytes) -> None:
    if data:
        raise ProtocolError(f"a null particle of {len(data)} bytes")


_DECODE: Final[dict[int, Callable[[bytes], Any]]] = {
    P.NULL: _decode_null,
    P.INTEGER: lambda data: _unpack_int(data)[0],
    P.DOUBLE: lambda data: _unpack_float(data)[0],
    P.STRING: _decode_text,
    P.BLOB: bytes,
    P.JAVA_BLOB: bytes,
    P.CSHARP_BLOB: bytes,
    P.PYTHON_BLOB: bytes,
    P.RUBY_BLOB: bytes,
    P.PHP_BLOB: bytes,
    P.ERLANG_BLOB: bytes,
    P.BOOL: _decode_bool,
    P.HLL: HyperLogLog,
    P.MAP: cdt.unpack,
    P.LIST: cdt.unpack,
    P.GEOJSON: _decode_geojson,
}


def decode(particle_type: int, data: bytes) -> Any:
    """Return the value of a particle. Raises ProtocolError for an unknown type or wrong bytes."""
    decoder = _DECODE.get(particle_type)
    if decoder is None:
        raise ProtocolError(f"unknown particle type {particle_type}")
    try:
        return decoder(bytes(data))
    except struct.error:
        raise ProtocolError(f"a number of {len(data)} bytes, not 8") from None
