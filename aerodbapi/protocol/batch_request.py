"""Batches as the node reads them; `batch` describes the format."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from aerodbapi.errors import ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import FieldType
from aerodbapi.protocol.message import Operation, decode_fields
from aerodbapi.protocol.packed_ops import packed_ops

__all__ = ["BatchKey", "batch_flags", "decode_batch_request"]

_REPEAT: Final = 0x01
_INFO: Final = 0x02
_GENERATION: Final = 0x04
_TTL: Final = 0x08
_INFO4: Final = 0x10

_COUNT: Final = struct.Struct(">IB")
_KEY: Final = struct.Struct(">I20sB")


@frozen
class BatchKey:
    """One key of a batch as the node sees it, with what it repeats filled in."""

    index: int
    digest: bytes
    namespace: str
    set: str
    info1: int = 0
    info2: int = 0
    info3: int = 0
    info4: int = 0
    generation: int = 0
    ttl: int = 0
    fields: tuple[tuple[int, bytes], ...] = ()
    ops: Sequence[Operation] = ()

    @property
    def is_udf(self) -> bool:
        """True when a record UDF is to be run."""
        return any(type == FieldType.UDF_PACKAGE for type, _ in self.fields)


def batch_flags(field_value: bytes) -> int:
    """The flag byte of a BATCH field (flags.BatchFlag)."""
    if len(field_value) < _COUNT.size:
        raise ProtocolError("a batch field without keys and flags")
    return field_value[4]


class _Part(NamedTuple):
    """What follows a key's type byte, decoded; `key_of` completes it."""

    infos: tuple[int, int, int, int]
    generation: int
    ttl: int
    fields: tuple[tuple[int, bytes], ...]
    ops: Sequence[Operation]
    namespace: str
    set: str


def decode_batch_request(field_value: bytes) -> list[BatchKey]:
    """The keys of a BATCH field, in the request's order."""
    keys: list[BatchKey] = []
    field_value = bytes(field_value)
    try:
        count, _ = _COUNT.unpack_from(field_value)
        if count * (_KEY.size) > len(field_value):
            raise ProtocolError(f"a batch field of {len(field_value)} bytes claims {count} keys")
        position = _COUNT.size
        part: _Part | None = None
        for _ in range(count):
            index, digest, kind = _KEY.unpack_from(field_value, position)
            position += _KEY.size
            if kind != _REPEAT:
                part, position = _decode_part(field_value, position, kind)
            if part is None:
                raise ProtocolError("the first key of a batch repeats nothing")
            keys.append(_batch_key(index, digest, part))
    except struct.error:
        raise ProtocolError("a batch field is cut off") from None
    if position != len(field_value):
        raise ProtocolError(f"{len(field_value) - position} bytes follow the keys of a batch")
    return keys


def _batch_key(index: int, digest: bytes, part: _Part) -> BatchKey:
    infos, generation, ttl, fields, ops, namespace, set = part
    return BatchKey(index, digest, namespace, set, *infos, generation, ttl, fields, ops)


def _decode_part(data: bytes, position: int, kind: int) -> tuple[_Part, int]:
    if kind & _REPEAT or kind & ~(_INFO | _GENERATION | _TTL | _INFO4):
        raise ProtocolError(f"unknown type of batch key: {kind:#x}")
    infos = [0, 0, 0, 0]
    if kind & _INFO:
        infos[:3], position = struct.unpack_from("3B", data, position), position + 3
    if kind & _INFO4:
        infos[3:], position = struct.unpack_from("B", data, position), position + 1
    generation = ttl = 0
    if kind & _GENERATION:
        (generation,), position = struct.unpack_from(">H", data, position), position + 2
    if kind & _TTL:
        (ttl,), position = struct.unpack_from(">I", data, position), position + 4
    n_fields, n_ops = struct.unpack_from(">HH", data, position)
    fields, position = decode_fields(data, position + 4, n_fields)
    ops, position = packed_ops(data, position, n_ops) if n_ops else ((), position)
    names = dict(fields)
    namespace, set = (
        names.get(type, b"").decode("utf-8", "surrogateescape")
        for type in (FieldType.NAMESPACE, FieldType.SET)
    )
    one, two, three, four = infos
    return _Part((one, two, three, four), generation, ttl, fields, ops, namespace, set), position
