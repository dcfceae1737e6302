"""Batches: many records in one message; the client's side (the node's is `batch_request`).

Field BATCH: u32 number of keys, u8 flags, then per key u32 index, 20-byte digest, u8 type and,
unless the type is REPEAT, what differs from key to key: flags, generation, TTL, fields, ops. A
key whose part equals the one before it is a REPEAT of 25 bytes. Replies come in the order of
completion, each with its key's index in `transaction_ttl`.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.batch_request import BatchKey, batch_flags, decode_batch_request
from aerodbapi.protocol.commands import key_field, read_ops
from aerodbapi.protocol.flags import BatchFlag, FieldType, Info1, Info2, Info3
from aerodbapi.protocol.message import (
    MESSAGE_HEADER,
    encode_field,
    key_fields,
    request_frame,
)
from aerodbapi.protocol.reply import decode_bins, decode_bins_ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DEFAULT_FLAGS",
    "BatchEntry",
    "BatchKey",
    "BatchReply",
    "apply_entry",
    "batch_flags",
    "decode_batch",
    "decode_batch_request",
    "encode_batch",
    "read_entry",
    "remove_entry",
    "write_entry",
]

#: Run in the transaction thread when all is in memory, answer for every key, with its error.
DEFAULT_FLAGS: Final = BatchFlag.ALLOW_INLINE | BatchFlag.RESPOND_ALL_KEYS | BatchFlag.ERROR_RECORD

_INFO: Final = 0x02
_GENERATION: Final = 0x04
_TTL: Final = 0x08
_INFO4: Final = 0x10

_pack_u32 = struct.Struct(">I").pack
_pack_read = struct.Struct(">BBBBIHH").pack
_pack_read4 = struct.Struct(">BBBBBIHH").pack
_pack_write = struct.Struct(">BBBBHIHH").pack
_pack_write4 = struct.Struct(">BBBBBHIHH").pack
_COUNT: Final = struct.Struct(">IB")
_unpack_header = MESSAGE_HEADER.unpack_from
_unpack_u32 = struct.Struct(">I").unpack_from
_unpack_field = struct.Struct(">IB").unpack_from

# ---- requests ----------------------------------------------------------------------------------


class BatchEntry(NamedTuple):
    """One key of a batch: its digest, and its part from the type byte on.

    `repeatable`: an equal part may follow as REPEAT.
    """

    digest: bytes
    part: bytes
    repeatable: bool = True


@lru_cache(maxsize=1024)
def _read_part(
    namespace: str,
    set: str | None,
    info1: int,
    info3: int,
    touch_ttl: int,
    bins: tuple[str, ...] | None,
    filter: bytes,
) -> bytes:
    n_ops, ops = (0, b"") if bins is None else read_ops(bins)
    n_fields, fields = key_fields(namespace, set)
    if filter:
        n_fields, fields = n_fields + 1, fields + encode_field(FieldType.FILTER, filter)
    head = _pack_read(_INFO | _TTL, info1, 0, info3, touch_ttl, n_fields, n_ops)
    return head + fields + ops


def read_entry(
    namespace: str,
    set: str | None,
    digest: bytes,
    *,
    bins: Sequence[str] | None = None,
    nobins: bool = False,
    ops: tuple[int, bytes] | None = None,
    info1_extra: int = 0,
    info3: int = 0,
    touch_ttl: int = 0,
    filter: bytes = b"",
    info2: int = 0,
    info4: int = 0,
    extra: Sequence[tuple[int, bytes]] = (),
) -> BatchEntry:
    """Read all bins, those of `bins`, only metadata, or what the encoded `ops` read."""
    info1 = Info1.READ | info1_extra
    if nobins:
        info1 |= Info1.NOBINDATA
    elif bins is None and ops is None:
        info1 |= Info1.GET_ALL
    names = None if bins is None or nobins else tuple(bins)
    if ops is None and not extra:
        part = _read_part(namespace, set, info1, info3, touch_ttl, names, filter)
        return BatchEntry(digest, part)
    n_fields, fields = key_fields(namespace, set)
    for type, value in extra:
        n_fields, fields = n_fields + 1, fields + encode_field(type, value)
    if filter:
        n_fields, fields = n_fields + 1, fields + encode_field(FieldType.FILTER, filter)
    n_ops, encoded = ops if ops is not None else (0, b"") if names is None else read_ops(names)
    kind = _INFO | _TTL
    if info4:
        head = _pack_read4(kind | _INFO4, info1, info2, info3, info4, touch_ttl, n_fields, n_ops)
    else:
        head = _pack_read(kind, info1, info2, info3, touch_ttl, n_fields, n_ops)
    return BatchEntry(digest, head + fields + encoded)


def write_entry(
    namespace: str,
    set: str | None,
    digest: bytes,
    ops: bytes,
    n_ops: int,
    *,
    info1: int = 0,
    info2: int = Info2.WRITE | Info2.RESPOND_ALL_OPS,
    info3: int = 0,
    info4: int = 0,
    generation: int = 0,
    ttl: int = 0,
    key: Any = None,
    filter: bytes = b"",
    extra: Sequence[tuple[int, bytes]] = (),
) -> BatchEntry:
    """Write with encoded `ops`. Drop RESPOND_ALL_OPS when one of them reads all bins."""
    n_fields, fields = key_fields(namespace, set)
    if filter:
        n_fields, fields = n_fields + 1, fields + encode_field(FieldType.FILTER, filter)
    if key is not None:
        n_fields, fields = n_fields + 1, fields + key_field(key)
    for type, value in extra:
        n_fields, fields = n_fields + 1, fields + encode_field(type, value)
    kind = _INFO | _GENERATION | _TTL
    if info4:
        head = _pack_write4(
            kind | _INFO4, info1, info2, info3, info4, generation, ttl, n_fields, n_ops
        )
    else:
        head = _pack_write(kind, info1, info2, info3, generation, ttl, n_fields, n_ops)
    return BatchEntry(digest, head + fields + ops, key is None)


def remove_entry(
    namespace: str,
    set: str | None,
    digest: bytes,
    *,
    info2: int = 0,
    info3: int = 0,
    generation: int = 0,
    key: Any = None,
    filter: bytes = b"",
    info4: int = 0,
    extra: Sequence[tuple[int, bytes]] = (),
) -> BatchEntry:
    """Remove; `info2` adds flags such as GENERATION or DURABLE_DELETE."""
    return write_entry(
        namespace,
        set,
        digest,
        b"",
        0,
        info2=Info2.WRITE | Info2.DELETE | Info2.RESPOND_ALL_OPS | info2,
        info3=info3,
        info4=info4,
        generation=generation,
        key=key,
        filter=filter,
        extra=extra,
    )


def apply_entry(
    namespace: str,
    set: str | None,
    digest: bytes,
    package: str,
    function: str,
    args: bytes,
    *,
    info2: int = Info2.WRITE,
    info3: int = 0,
    ttl: int = 0,
    key: Any = None,
    filter: bytes = b"",
    info4: int = 0,
    extra: Sequence[tuple[int, bytes]] = (),
) -> BatchEntry:
    """Run a record UDF; `args` is the packed list of arguments."""
    udf = (
        *extra,
        (FieldType.UDF_PACKAGE, package.encode()),
        (FieldType.UDF_FUNCTION, function.encode()),
        (FieldType.UDF_ARGS, args),
    )
    return write_entry(
        namespace,
        set,
        digest,
        b"",
        0,
        info2=info2,
        info3=info3,
        info4=info4,
        ttl=ttl,
        key=key,
        filter=filter,
        extra=udf,
    )


def encode_batch(
    entries: Sequence[BatchEntry],
    *,
    timeout_ms: int = 1000,
    flags: int = DEFAULT_FLAGS,
    filter: bytes = b"",
    indexes: Sequence[int] | None = None,
    info1_extra: int = 0,
) -> bytes:
    """Frame of a batch. Replies name entries by position, or by `indexes` where given.

    `filter`: a packed expression for all entries. `info1_extra`: such as COMPRESS_RESPONSE.
    """
    parts = [_COUNT.pack(len(entries), flags)]
    append = parts.append
    previous = b""
    for position, (digest, part, repeatable) in enumerate(entries):
        index = _pack_u32(position if indexes is None else indexes[position])
        if repeatable and part == previous:
            append(index + digest + b"\x01")
        else:
            append(index + digest + part)
            previous = part if repeatable else b""
    fields = encode_field(FieldType.BATCH, b"".join(parts))
    n_fields = 1
    if filter:
        n_fields, fields = 2, encode_field(FieldType.FILTER, filter) + fields
    info1 = Info1.BATCH | info1_extra
    return request_frame(info1, 0, 0, 0, 0, 0, timeout_ms, n_fields, fields, 0, b"")


# ---- replies -----------------------------------------------------------------------------------

#: (index, result code, generation, void-time, bins)
BatchReply = tuple[int, int, int, int, Any]


def decode_batch(
    body: bytes, *, ordered: bool = False, versions: dict[int, bytes] | None = None
) -> tuple[list[BatchReply], bool, int]:
    """(results, last, result code) of one frame of a batch's reply.

    Results: (index, result code, generation, void-time, bins), in the order of completion; bins
    as a dictionary, or with `ordered` as a list of (bin, value) for each operation. When `last`
    is true no frame follows, and the result code is the batch's own (0, or why none of the
    remaining keys was served). `versions` collects the record versions of a transaction by index.
    """
    if type(body) is not bytes:
        body = bytes(body)
    results: list[BatchReply] = []
    append = results.append
    total = len(body)
    position = 0
    try:
        while position < total:
            size, _, _, info3, _, code, generation, void_time, index, n_fields, n_ops = (
                _unpack_header(body, position)
            )
            if size != 22:
                raise ProtocolError(f"a message header of {size} bytes, not 22")
            if info3 & Info3.LAST:
                return results, True, code
            position += 22
            if versions is not None:
                _note_version(body, position, n_fields, index, versions)
            for _ in range(n_fields):
                position += 4 + _unpack_u32(body, position)[0]
            bins: Any = {}
            if ordered:
                bins, position = decode_bins_ordered(body, position, n_ops)
            elif n_ops:
                position = decode_bins(body, position, n_ops, bins)
            append((index, code, generation, void_time, bins))
    except struct.error:
        raise ProtocolError("a batch reply is cut off") from None
    if position != total:
        raise ProtocolError("a batch reply is cut off")
    return results, False, 0


def _note_version(
    body: bytes, position: int, n_fields: int, index: int, versions: dict[int, bytes]
) -> None:
    for _ in range(n_fields):
        size, type = _unpack_field(body, position)
        if type == FieldType.RECORD_VERSION:
            versions[index] = body[position + 5 : position + 4 + size]
        position += 4 + size
