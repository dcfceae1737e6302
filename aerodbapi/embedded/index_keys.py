"""What a secondary index holds of a record: definitions, and record → keys.

Keys are ints (numbers; S2 cells of shapes, unsigned) or bytes (strings, blobs). Values of
another type than the index's are simply not indexed, nor are strings and blobs above 2048
bytes (server source: sindex.c, sbin_from_*).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import geo, packed
from aerodbapi.embedded.bins import particle_finder
from aerodbapi.embedded.paths import resolve
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.embedded.packed import Token
    from aerodbapi.embedded.storage import Particle, Record

__all__ = [
    "BLOB",
    "GEOJSON",
    "INTEGER",
    "STRING",
    "Definition",
    "Key",
    "bval_of",
    "keys_of",
    "shapes_of",
]

INTEGER: Final = 1
STRING: Final = 3
BLOB: Final = 4
GEOJSON: Final = 23
_MAP: Final = 19
_LIST: Final = 20

DEFAULT: Final = 0
OF_LIST: Final = 1
OF_MAP_KEYS: Final = 2
OF_MAP_VALUES: Final = 3
OF_SET: Final = 4

#: Strings and blobs that are longer are neither indexed nor looked for.
MAX_KEY_SIZE: Final = 2048

Key = int | bytes

_finder = lru_cache(maxsize=1024)(particle_finder)


@frozen
class Definition:
    """What an index is on. `kind`: particle type of its values. `source`: DEFAULT to OF_SET.

    `set_name`: "" for all records of the namespace. `bin`: "" when `expression` is given.
    `context`, `expression`: packed, or b"".
    """

    namespace: str
    set_name: str
    bin: str
    kind: int
    source: int
    context: bytes = b""
    expression: bytes = b""


def bval_of(kind: int, key: Key) -> int:
    """Give a key as the signed 64-bit number that replies carry and queries resume from."""
    if isinstance(key, bytes):
        digest = hashlib.blake2b(key, digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True)
    return key - (1 << 64) if key >> 63 > 0 else key


def keys_of(definition: Definition, record: Record, now: float = 0) -> tuple[Key, ...]:
    """Give the keys under which an index files a record, each once; () for none."""
    if not definition.expression and not definition.context and definition.source == DEFAULT:
        particle = _finder(definition.bin)(record.packed)
        if particle is None or particle[0] != definition.kind:
            return ()
        return _KEYS[definition.kind](particle[1])
    return tuple(
        dict.fromkeys(
            key
            for token in _tokens(definition, record, now)
            for key in _token_keys(definition.kind, token)
        )
    )


def shapes_of(definition: Definition, record: Record, now: float = 0) -> list[bytes]:
    """Give the GeoJSON texts that a geo index finds in a record."""
    return [
        value[1:]
        for kind, value in _tokens(definition, record, now)
        if kind == packed.GEOJSON and isinstance(value, bytes)
    ]


def _tokens(definition: Definition, record: Record, now: float) -> list[Token]:
    """Give what the index may hold of a record, as elements of a list would be."""
    if definition.expression:
        particle = _expression_value(definition, record, now)
    else:
        particle = _finder(definition.bin)(record.packed)
    if particle is None:
        return []
    try:
        return list(_tokens_of(definition, particle))
    except packed.PackedError:
        return []


def _expression_value(definition: Definition, record: Record, now: float) -> Particle | None:
    from aerodbapi.embedded.expressions import UNKNOWN, compile_expression
    from aerodbapi.embedded.expressions.values import PARTICLE_TYPES, to_particle

    expression = compile_expression(definition.expression)
    value = expression.evaluate(record, now)
    if value is UNKNOWN or expression.type not in PARTICLE_TYPES:
        return None
    return to_particle(expression.type, value)


def _tokens_of(definition: Definition, particle: Particle) -> Iterable[Token]:
    kind, value = particle
    if definition.context:
        found = resolve(value, definition.context) if kind in (_MAP, _LIST) else None
        if found is None:
            return ()
        inside = packed.Reader(found).token()
        if definition.source == DEFAULT:
            return (inside,)
        kind, value = _CONTAINERS.get(inside[0], 0), found
    if definition.source == DEFAULT:
        return (_as_token(kind, value),) if kind == definition.kind else ()
    if definition.source == OF_LIST:
        return packed.elements(value) if kind == _LIST else ()
    if kind != _MAP:
        return ()
    part = 0 if definition.source == OF_MAP_KEYS else 1
    return (pair[part] for pair in packed.pairs(value))


_CONTAINERS: Final = {packed.MAP: _MAP, packed.LIST: _LIST}


def _as_token(kind: int, value: bytes) -> Token:
    if kind == INTEGER:
        return packed.INTEGER, int.from_bytes(value, "big", signed=True)
    text = geo.text_of(value) if kind == GEOJSON else value
    return _TOKEN_KINDS[kind][0], bytes((kind,)) + text


def _token_keys(kind: int, token: Token) -> tuple[Key, ...]:
    found, value = token
    if found not in _TOKEN_KINDS[kind]:
        return ()
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, bytes) or value[:1] != bytes((kind,)):
        return ()  # the type prefix tells blobs of other kinds
    return _shape_cells(value[1:]) if kind == GEOJSON else (value[1:],)


#: Index type → kinds of list and map elements that it may hold.
_TOKEN_KINDS: Final = {
    INTEGER: (packed.INTEGER, packed.NEGATIVE),
    STRING: (packed.STRING,),
    BLOB: (packed.BYTES,),
    GEOJSON: (packed.GEOJSON,),
}


def _shape_cells(text: bytes) -> tuple[int, ...]:
    try:
        return geo.cells(text)
    except geo.InvalidShape:
        return ()


def _integer_key(value: bytes) -> tuple[Key, ...]:
    return (int.from_bytes(value, "big", signed=True),)


def _bytes_key(value: bytes) -> tuple[Key, ...]:
    return (value,) if len(value) <= MAX_KEY_SIZE else ()


def _cell_keys(value: bytes) -> tuple[Key, ...]:
    return _shape_cells(geo.text_of(value))


_KEYS: Final[dict[int, Callable[[bytes], tuple[Key, ...]]]] = {
    INTEGER: _integer_key,
    STRING: _bytes_key,
    BLOB: _bytes_key,
    GEOJSON: _cell_keys,
}
