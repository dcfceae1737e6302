"""Results of list and map operations: return types, and the particles that they give.

A selection answers with what its return type asks for: indexes, ranks, a count, elements. Most
answers about a run of neighbours (`start`, `count` of `n`) are the same for lists and maps and
are here (server source: cdt.c, `result_data_set_*`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.embedded.cdt.values import empty_map
from aerodbapi.embedded.packed import (
    BYTES,
    DOUBLE,
    FALSE,
    GEOJSON,
    INTEGER,
    LIST,
    MAP,
    NEGATIVE,
    NIL,
    STRING,
    TRUE,
    Reader,
    list_header,
    pack_int,
)
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = [
    "EMPTY_LIST",
    "NOT_APPLICABLE",
    "Choice",
    "Kind",
    "Return",
    "boolean",
    "double",
    "element",
    "elements",
    "integer",
    "integers",
    "missing",
    "run",
    "run_result",
    "wanted",
]

NOT_APPLICABLE: Final = 26
_UNKNOWN: Final = 1
_DOUBLE = struct.Struct(">d")


class Kind:
    """Return types (server source: proto.h, RESULT_TYPE_*)."""

    NONE: Final = 0
    INDEX: Final = 1
    REVERSE_INDEX: Final = 2
    RANK: Final = 3
    REVERSE_RANK: Final = 4
    COUNT: Final = 5
    KEY: Final = 6
    VALUE: Final = 7
    KEY_VALUE: Final = 8
    INDEX_RANGE: Final = 9
    REVERSE_INDEX_RANGE: Final = 10
    RANK_RANGE: Final = 11
    REVERSE_RANK_RANGE: Final = 12
    EXISTS: Final = 13
    UNORDERED_MAP: Final = 16
    ORDERED_MAP: Final = 17


class Return(NamedTuple):
    """What an operation is to answer. `kind`: of Kind, or a number that is none of them.

    `inverted`: it selects all but what it names. `multi`: it may select several elements.
    """

    kind: int
    inverted: bool = False
    multi: bool = False

    @property
    def reverse(self) -> bool:
        """Tell whether indexes or ranks count from the end."""
        return self.kind in (Kind.REVERSE_INDEX, Kind.REVERSE_RANK)

    def straight(self) -> Return:
        """Give the same without inversion."""
        return Return(self.kind, False, self.multi)


def wanted(argument: int, multi: bool) -> Return:
    """Read a return type argument: the type in 16 bits, and the flag INVERTED."""
    return Return(argument & 0xFFFF, bool(argument & 0x10000), multi)


class Choice(NamedTuple):
    """What a selection comes to: places of the selected elements, rising, and its result."""

    places: Sequence[int]
    result: Particle | None


#: Of map results: the flags that they carry (8: pairs are in this order).
MAP_FLAGS: Final = {Kind.KEY_VALUE: 8, Kind.UNORDERED_MAP: 0, Kind.ORDERED_MAP: 1}

INDEXES: Final = frozenset((Kind.INDEX, Kind.REVERSE_INDEX))
RANKS: Final = frozenset((Kind.RANK, Kind.REVERSE_RANK))
INDEX_RANGES: Final = frozenset((Kind.INDEX_RANGE, Kind.REVERSE_INDEX_RANGE))
RANK_RANGES: Final = frozenset((Kind.RANK_RANGE, Kind.REVERSE_RANK_RANGE))

EMPTY_LIST: Final = (int(ParticleType.LIST), b"\x90")


def refuse() -> Refused:
    """Make the refusal of a return type that does not fit (code 26)."""
    return Refused(NOT_APPLICABLE)


# ---- particles ---------------------------------------------------------------------------------


def integer(number: int) -> Particle:
    """Make an integer's particle."""
    return ParticleType.INTEGER, number.to_bytes(8, "big", signed=True)


def boolean(truth: bool) -> Particle:
    """Make a boolean's particle."""
    return ParticleType.BOOL, b"\x01" if truth else b"\x00"


def double(packed: bytes) -> Particle:
    """Make the particle of a packed 64-bit double."""
    return ParticleType.DOUBLE, packed[1:]


def integers(numbers: Iterable[int]) -> Particle:
    """Make the particle of a list of integers."""
    return elements([pack_int(number) for number in numbers])


def elements(packed: Sequence[bytes]) -> Particle:
    """Make the particle of a list of packed elements."""
    return ParticleType.LIST, list_header(len(packed)) + b"".join(packed)


def element(packed: bytes) -> Particle | None:
    """Make the particle of one packed element; nil is none. Refused(1) for what has none."""
    reader = Reader(packed)
    kind, value = reader.token()
    if kind == NIL:
        return None
    if kind in (INTEGER, NEGATIVE):
        assert isinstance(value, int)
        return integer(value)
    if kind in _CONTAINERS:
        return _CONTAINERS[kind], packed
    if kind in (TRUE, FALSE):
        return boolean(kind == TRUE)
    if kind == DOUBLE:
        return _double(packed, value)
    if kind not in (STRING, BYTES, GEOJSON):
        raise Refused(_UNKNOWN)
    assert isinstance(value, bytes)
    return _typed(value)


_CONTAINERS: Final[dict[int, int]] = {LIST: ParticleType.LIST, MAP: ParticleType.MAP}
_BLOBS: Final = frozenset((7, 8, 9, 10, 11, 12, 18))  # types of bytes that keep their type


def _double(packed: bytes, value: object) -> Particle:
    return double(packed) if len(packed) == 9 else (ParticleType.DOUBLE, _DOUBLE.pack(value))


def _typed(value: bytes) -> Particle:
    """Make the particle of a string, blob or GeoJSON with its type prefix."""
    if not value:
        return ParticleType.BLOB, b""
    prefix = value[0]
    if prefix == ParticleType.STRING:
        return ParticleType.STRING, value[1:]
    if prefix == ParticleType.GEOJSON:
        return ParticleType.GEOJSON, bytes(3) + value[1:]  # without cells
    return (prefix if prefix in _BLOBS else ParticleType.BLOB), value[1:]


# ---- answers about runs ------------------------------------------------------------------------


def run(start: int, count: int, n: int, reverse: bool) -> range:
    """Give the places of a run, counted from the end when `reverse`; rising in any case."""
    if reverse:
        start = n - start - count
    return range(start, start + count)


def run_result(how: Return, start: int, count: int, n: int) -> Particle | None:
    """Answer about `count` of `n` elements from `start`; Refused(26) when it cannot."""
    kind = how.kind
    if kind == Kind.NONE:
        return None
    if kind == Kind.COUNT:
        return integer(n - count if how.inverted else count)
    if kind == Kind.EXISTS:
        # Inverted, the server asks whether nothing was named, not whether something is left.
        return boolean(count == 0 if how.inverted else count != 0)
    if kind in INDEXES or kind in RANKS:
        return _numbers(how, start, count, n)
    if kind not in INDEX_RANGES and kind not in RANK_RANGES:
        raise refuse()
    if how.inverted:
        raise refuse()
    if kind in (Kind.REVERSE_INDEX_RANGE, Kind.REVERSE_RANK_RANGE):
        start = n - start - count
    return integers((start, count))


def _numbers(how: Return, start: int, count: int, n: int) -> Particle:
    if not how.multi:
        if not count:
            return integer(-1)
        return integer(n - start - 1 if how.reverse else start)
    if not how.inverted:
        return integers(run(start, count, n, how.reverse))
    end = start + count
    before, after = run(0, start, n, how.reverse), run(end, n - end, n, how.reverse)
    return integers((*before, *after))


def places_result(how: Return, places: Sequence[int], n: int) -> Particle:
    """Answer with selected places (rising) as indexes, each turned when counted from the end."""
    numbers = [n - place - 1 for place in places] if how.reverse else places
    return integers(numbers) if how.multi else integer(numbers[0])


def missing(how: Return, place: int) -> Particle | None:
    """Answer that nothing is selected; `place` is where it would be. Refused(26)."""
    kind = how.kind
    if kind == Kind.NONE:
        return None
    if kind in INDEX_RANGES or kind in RANK_RANGES:
        return integers((place, 0))
    if kind in INDEXES or kind in RANKS:
        return EMPTY_LIST if how.multi else integer(-1)
    if kind == Kind.COUNT:
        return integer(0)
    if kind == Kind.EXISTS:
        return boolean(False)
    if kind in (Kind.KEY, Kind.VALUE):
        return EMPTY_LIST if how.multi else None
    if kind in MAP_FLAGS:
        return ParticleType.MAP, empty_map(MAP_FLAGS[kind])
    raise refuse()
