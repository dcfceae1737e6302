"""What expressions read of a record: bins, the stored key and metadata.

Facts from exp.c (eval_meta_*, eval_rec_key, eval_bin). Without a record all are UNKNOWN.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.bins import particle_finder
from aerodbapi.embedded.expressions.builder import Builder, BuildFunction, expect
from aerodbapi.embedded.expressions.values import (
    UNKNOWN,
    Context,
    ExpressionError,
    Node,
    Type,
    decoder,
)
from aerodbapi.embedded.storage import EPOCH_2010

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Record

__all__ = ["OPS", "stored_size"]

_DIGEST_MOD, _KEY, _BIN, _BIN_TYPE = 64, 80, 81, 82


def _digest_modulo(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    modulus = builder.reader.integer() & 0xFFFFFFFF
    if modulus >= 1 << 31:
        modulus -= 1 << 32
    if modulus == 0:
        raise ExpressionError("a digest modulo 0")
    modulus = abs(modulus)  # the dividend is never negative, so only the size counts
    builder.reads_digest = True

    def evaluate(context: Context) -> Any:
        record = context.record
        if record is None:
            return UNKNOWN
        return int.from_bytes(record.digest[16:20], "little") % modulus

    return Node(evaluate, Type.INT)


def _last_update(record: Record, now: float) -> int:
    return (record.last_update_ms + EPOCH_2010 * 1000) * 1_000_000


def _since_update(record: Record, now: float) -> int:
    return max(int((time.time() - EPOCH_2010) * 1000) - record.last_update_ms, 0)


def _void_time(record: Record, now: float) -> int:
    return (record.void_time + EPOCH_2010) * 1_000_000_000 if record.void_time else -1


def _ttl(record: Record, now: float) -> int:
    return max(record.void_time - int(now), 0) if record.void_time else -1


#: A stored record's fixed part, and the mark at its end.
_HEADER_SIZE: Final = 35
_END_MARK: Final = 4
_VOID_TIME_SIZE: Final = 4


def stored_size(record: Record, now: float = 0) -> int:
    """Bytes that the server would need to store the record, a multiple of 16 (8.1.2)."""
    size = _HEADER_SIZE + (_VOID_TIME_SIZE if record.void_time else 0)
    if record.set_name:
        size += 1 + len(record.set_name.encode())
    if record.key is not None:
        size += _count_size(len(record.key)) + len(record.key)
    size += _count_size(record.n_bins)
    for name, (kind, value) in record.bins.items():
        size += 2 + len(name.encode("utf-8", "surrogateescape")) + _flat_size(kind, value)
    return (size + _END_MARK + 15) & ~15


def _count_size(count: int) -> int:
    return 1 if count < 1 << 7 else 2 if count < 1 << 14 else 3


#: Particle type → bytes of its value, where that is fixed.
_FIXED_SIZES: Final = {2: 8, 17: 1}


def _flat_size(kind: int, value: bytes) -> int:
    """Bytes of a stored value besides its type; integers take 1, 2, 4 or 8 and a size."""
    if kind == 1:
        number = int.from_bytes(value, "big")
        return 1 + next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return _FIXED_SIZES.get(kind, 4 + len(value))


def _zero(record: Record, now: float) -> int:
    return 0


def _set_name(record: Record, now: float) -> bytes:
    return record.set_name.encode()


def _key_exists(record: Record, now: float) -> bool:
    return record.key is not None


def _is_tombstone(record: Record, now: float) -> bool:
    return False


#: Op → (result type, function of the record and the time now).
_METADATA: Final[dict[int, tuple[int, Callable[[Record, float], Any]]]] = {
    65: (Type.INT, _zero),
    66: (Type.INT, _last_update),
    67: (Type.INT, _since_update),
    68: (Type.INT, _void_time),
    69: (Type.INT, _ttl),
    70: (Type.STR, _set_name),
    71: (Type.TRILEAN, _key_exists),
    72: (Type.TRILEAN, _is_tombstone),
    73: (Type.INT, stored_size),
    74: (Type.INT, stored_size),
}


def _metadata(builder: Builder, op: int, count: int) -> Node:
    expect(count, 0)
    builder.reads_metadata = True
    type, read = _METADATA[op]

    def evaluate(context: Context) -> Any:
        record = context.record
        return UNKNOWN if record is None else read(record, context.now)

    return Node(evaluate, type)


#: Key result type → particle type in the stored key's first byte.
_KEY_TYPES: Final = {Type.INT: 1, Type.STR: 3, Type.BLOB: 4}


def _key(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    type = builder.unsigned()
    if type not in _KEY_TYPES:
        raise ExpressionError(f"keys have no type {type}")
    builder.reads_key = True
    particle_type = _KEY_TYPES[type]

    def evaluate(context: Context) -> Any:
        record = context.record
        if record is None or record.key is None or record.key[0] != particle_type:
            return UNKNOWN
        value = record.key[1:]
        return int.from_bytes(value, "big", signed=True) if type == Type.INT else value

    return Node(evaluate, type)


def _bin_reader(name: str) -> Callable[[Context], Any]:
    """Make the function that reads a bin once: its particle, None, or UNKNOWN."""
    find = particle_finder(name)

    def read(context: Context) -> Any:
        particles = context.particles
        if name in particles:
            return particles[name]
        if context.bins is not None:
            return context.bins.get(name)
        record = context.record
        if record is None:
            return UNKNOWN
        particle = particles[name] = find(record.packed)
        return particle

    return read


def _bin(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    type = builder.unsigned()
    if type >= Type.INPUT_END:
        raise ExpressionError(f"bins have no type {type}")
    name = builder.name()
    found = decoder(type)
    if found is None:
        return Node(lambda context: UNKNOWN, type)
    particle_type, decode = found
    read = _bin_reader(name)

    def evaluate(context: Context) -> Any:
        particle = read(context)
        if particle is UNKNOWN or particle is None or particle[0] != particle_type:
            return UNKNOWN
        return decode(particle[1])

    return Node(evaluate, type)


def _bin_type(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    read = _bin_reader(builder.name())

    def evaluate(context: Context) -> Any:
        particle = read(context)
        if particle is UNKNOWN:
            return UNKNOWN
        return 0 if particle is None else particle[0]

    return Node(evaluate, Type.INT)


OPS: Final[dict[int, BuildFunction]] = {
    _DIGEST_MOD: _digest_modulo,
    **dict.fromkeys(_METADATA, _metadata),
    _KEY: _key,
    _BIN: _bin,
    _BIN_TYPE: _bin_type,
}
