"""Particles as clients send them → particles as the node keeps them.

Which types and sizes the server takes, and the codes of its refusals: server source,
`particle.c` (safe_particle_type) and the `*_from_wire` functions of `particle_*.c`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import geo
from aerodbapi.embedded.containers import canonical
from aerodbapi.embedded.packed import LIST, MAP, PackedError
from aerodbapi.embedded.replies import Refused
from aerodbapi.errors import InvalidGeoJSON, UnsupportedFeature
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_type", "stored"]

_PARAMETER: Final = 4
_UNKNOWN: Final = 1
_INVALID_GEOJSON: Final = 160


def stored(kind: int, value: bytes) -> tuple[int, bytes]:
    """Check a sent particle and give the one to keep; Refused(4), (1) or (160) otherwise."""
    check_type(kind)
    return kind, _CHECKS[kind](value)


def check_type(kind: int) -> None:
    """Refuse (4) a particle type that no bin has."""
    if kind not in _CHECKS:
        raise Refused(_PARAMETER)


def _integer(value: bytes) -> bytes:
    if len(value) == 8:
        return value
    if len(value) not in (1, 2, 4):
        raise Refused(_PARAMETER)
    return value.rjust(8, b"\0")


def _double(value: bytes) -> bytes:
    if len(value) != 8:
        raise Refused(_PARAMETER)
    return value


def _boolean(value: bytes) -> bytes:
    if value not in (b"\0", b"\1"):
        raise Refused(_PARAMETER)
    return value


def _list(value: bytes) -> bytes:
    return _container(value, LIST)


def _map(value: bytes) -> bytes:
    return _container(value, MAP)


def _container(value: bytes, kind: int) -> bytes:
    try:
        return canonical(value, kind)
    except PackedError:
        raise Refused(_UNKNOWN) from None


def _hll(value: bytes) -> bytes:
    """Header: flags 0, index bits 4 to 16, minhash bits 0 or 4 to 51, then the registers."""
    if len(value) < 11:
        raise Refused(_PARAMETER)
    flags, index_bits, minhash_bits = value[:3]
    minhash_fits = minhash_bits == 0 or 4 <= minhash_bits <= 51
    if flags or not 4 <= index_bits <= 16 or not minhash_fits or index_bits + minhash_bits > 64:
        raise Refused(_PARAMETER)
    registers = ((1 << index_bits) * (6 + minhash_bits) + 7) // 8
    if len(value) != 11 + registers:
        raise Refused(_PARAMETER)
    return value


def _geojson(value: bytes) -> bytes:
    """Header: flags, u16 number of cells, cells of 8 bytes; then the text, which decides.

    Cells are what an index needs; without s2geometry the text is kept without them.
    """
    if len(value) < 3 or len(value) < 3 + 8 * int.from_bytes(value[1:3], "big"):
        raise Refused(_INVALID_GEOJSON)
    text = geo.text_of(value)
    try:
        return geo.particle(text)
    except UnsupportedFeature:
        return bytes(3) + text
    except InvalidGeoJSON:
        raise Refused(_INVALID_GEOJSON) from None


def _as_is(value: bytes) -> bytes:
    return value


_CHECKS: Final[dict[int, Callable[[bytes], bytes]]] = {
    ParticleType.INTEGER: _integer,
    ParticleType.DOUBLE: _double,
    ParticleType.STRING: _as_is,
    ParticleType.BLOB: _as_is,
    **dict.fromkeys((7, 8, 9, 10, 11, 12), _as_is),  # blobs of Java, C#, Python, Ruby, PHP, Erlang
    ParticleType.BOOL: _boolean,
    ParticleType.HLL: _hll,
    ParticleType.MAP: _map,
    ParticleType.LIST: _list,
    ParticleType.GEOJSON: _geojson,
}
