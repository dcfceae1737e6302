"""What expressions compute with: result types, UNKNOWN, compiled nodes and their context.

At run time a value has no tag, its static type tells: INT int, FLOAT float, TRILEAN bool, NIL
None, STR, BLOB and HLL bytes, LIST and MAP packed msgpack, GEOJSON the JSON text as bytes.
Every expression may give UNKNOWN instead (a bin that is missing or of another type, …).
A call that makes something of NIL is of static type NIL, too: its value is a whole particle.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aerodbapi import errors
from aerodbapi.embedded import packed

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle, Record

__all__ = [
    "REMOVED",
    "UNKNOWN",
    "VARIABLE",
    "Context",
    "Evaluate",
    "ExpressionError",
    "Node",
    "Type",
    "from_particle",
    "pack_value",
    "to_particle",
]

_DOUBLE = struct.Struct(">d")


class ExpressionError(errors.ParameterError):
    """A packed expression that the server refuses (result code 4, the parameter error)."""


class Type:
    """Static result types (exp.c, result_type)."""

    NIL: Final = 0
    TRILEAN: Final = 1
    INT: Final = 2
    STR: Final = 3
    LIST: Final = 4
    MAP: Final = 5
    BLOB: Final = 6
    FLOAT: Final = 7
    GEOJSON: Final = 8
    HLL: Final = 9
    INPUT_END: Final = 10
    REMOVE: Final = 11
    END: Final = 12


class Unknown:
    """The third truth value; there is one instance, UNKNOWN."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("UNKNOWN is neither true nor false")


UNKNOWN: Final = Unknown()

#: The value of the op that removes the element that a path is at.
REMOVED: Final = object()

#: Marks a node whose value depends on the record.
VARIABLE: Final = object()


class Context:
    """One evaluation: the record, variables, and the time now.

    `now`: seconds since 2010. `record`: None evaluates metadata and bins to UNKNOWN.
    `bins`: what to read bins from, instead of the record's own.
    `loop`: (type, value) of the key, value and index that a path expression is at.
    """

    __slots__ = ("bins", "loop", "now", "particles", "record", "variables")

    def __init__(
        self,
        record: Record | None,
        now: float,
        n_variables: int = 0,
        bins: Mapping[str, Particle] | None = None,
    ) -> None:
        self.record = record
        self.bins = bins
        self.now = now
        self.particles: dict[str, Particle | None] = {}  # bins found so far
        self.variables: list[Any] = [UNKNOWN] * n_variables
        self.loop: tuple[tuple[int, Any] | None, ...] = (None, None, None)


Evaluate = Callable[[Context], Any]


@dataclass(slots=True)
class Node:
    """A compiled expression: its function, its static type, its value when constant.

    `bare`: whether it is the op UNKNOWN itself, which fits wherever COND wants a type.
    """

    evaluate: Evaluate
    type: int
    constant: Any = VARIABLE
    bare: bool = False


#: Result type → particle type (wire.md §6).
PARTICLE_TYPES: Final = {
    Type.NIL: 0,
    Type.TRILEAN: 17,
    Type.INT: 1,
    Type.STR: 3,
    Type.LIST: 20,
    Type.MAP: 19,
    Type.BLOB: 4,
    Type.FLOAT: 2,
    Type.GEOJSON: 23,
    Type.HLL: 18,
}


def _integer(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


def _float(value: bytes) -> float:
    number: float = _DOUBLE.unpack(value)[0]
    return number


def _boolean(value: bytes) -> bool:
    return value != b"\x00"


def _same(value: bytes) -> bytes:
    return value


def _geo_text(value: bytes) -> bytes:
    return value[3 + 8 * int.from_bytes(value[1:3], "big") :]


_DECODERS: Final[dict[int, Callable[[bytes], Any]]] = {
    Type.TRILEAN: _boolean,
    Type.INT: _integer,
    Type.STR: _same,
    Type.LIST: _same,
    Type.MAP: _same,
    Type.BLOB: _same,
    Type.FLOAT: _float,
    Type.GEOJSON: _geo_text,
    Type.HLL: _same,
}


def from_particle(type: int, particle: Particle | None) -> Any:
    """Give a particle's run-time value, or UNKNOWN when it is missing or of another type."""
    if particle is None or type not in _DECODERS or particle[0] != PARTICLE_TYPES[type]:
        return UNKNOWN
    return _DECODERS[type](particle[1])


def decoder(type: int) -> tuple[int, Callable[[bytes], Any]] | None:
    """Give (particle type, decoding function) for reading bins; None for NIL, never stored."""
    return (PARTICLE_TYPES[type], _DECODERS[type]) if type in _DECODERS else None


def to_particle(type: int, value: Any) -> Particle:
    """Make the particle of a result; the value must be known and of a storable type.

    GeoJSON comes without cells: whoever stores it adds them. Raises ExpressionError.
    """
    if type == Type.INT:
        return 1, value.to_bytes(8, "big", signed=True)
    if type == Type.FLOAT:
        return 2, _DOUBLE.pack(value)
    if type == Type.TRILEAN:
        return 17, b"\x01" if value else b"\x00"
    if type == Type.NIL:
        return (0, b"") if value is None else value
    if type == Type.GEOJSON:
        return 23, b"\x00\x00\x00" + value
    if type in PARTICLE_TYPES:
        return PARTICLE_TYPES[type], value
    raise ExpressionError("an expression's result that cannot be stored")


_PREFIXES: Final = {Type.STR: 3, Type.BLOB: 4, Type.HLL: 18, Type.GEOJSON: 23}


def pack_value(type: int, value: Any) -> bytes:
    """Pack a known run-time value as it would stand inside a list."""
    if type == Type.INT:
        return packed.pack_int(value)
    if type == Type.FLOAT:
        return b"\xcb" + _DOUBLE.pack(value)
    if type == Type.TRILEAN:
        return b"\xc3" if value else b"\xc2"
    if type == Type.NIL:
        return b"\xc0" if value is None else _pack_made(value)
    if type in _PREFIXES:
        return packed.pack_typed(_PREFIXES[type], value)
    packed_value: bytes = value
    return packed_value


def _pack_made(particle: Particle) -> bytes:
    """Pack what a call made of NIL."""
    (type,) = (type for type, kind in PARTICLE_TYPES.items() if kind == particle[0])
    return pack_value(type, from_particle(type, particle))
