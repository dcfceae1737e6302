"""Single-record commands, the client's hot path.

Requests are one concatenation; replies are read by `reply`, in one pass.

What repeats between commands is encoded once and cached by value: namespace and set fields,
the operations that select bins, and the part of a write operation before its value. No object
stands for an operation here; `message` has those.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.errors import BinNameError, DataError, ParameterError
from aerodbapi.protocol import particles
from aerodbapi.protocol.digest import key_bytes
from aerodbapi.protocol.flags import (
    BIN_NAME_MAX,
    FieldType,
    Info1,
    Info2,
    OpType,
)
from aerodbapi.protocol.message import encode_field, encode_name, encode_op, key_fields
from aerodbapi.protocol.reply import decode_bins, decode_reply, decode_reply_ordered, ttl_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "bin_name",
    "bins_ops",
    "decode_bins",
    "decode_reply",
    "decode_reply_ordered",
    "key_field",
    "operate_request",
    "read_ops",
    "read_request",
    "ttl_of",
    "with_fields",
    "with_info4",
    "write_request",
]

_FRAME: Final = 2 << 56 | 3 << 48
_DIGEST_FIELD: Final = b"\0\0\0\x15\x04"
_pack_request = struct.Struct(">QBBBBBBIIIHH").pack
_pack_u32 = struct.Struct(">I").pack
_pack_i64 = struct.Struct(">q").pack
_pack_f64 = struct.Struct(">d").pack
_pack_u16, _unpack_u16 = struct.Struct(">H").pack, struct.Struct(">H").unpack_from
_pack_u64, _unpack_u64 = struct.Struct(">Q").pack, struct.Struct(">Q").unpack_from
_unpack_field = struct.Struct(">IB").unpack_from
#: Where a message's frame holds info4, its number of fields, and the first field.
_INFO4_AT: Final = 8 + 4
_FIELDS_AT: Final = 8 + 18
_FIRST_FIELD_AT: Final = 8 + 22


@lru_cache(maxsize=4096)
def bin_name(name: str) -> bytes:
    """Return a bin's name as it is sent. Raises BinNameError above 15 bytes."""
    if not isinstance(name, str):
        raise ParameterError(f"a bin's name is text, not {type(name).__name__}", result_code=-2)
    raw = encode_name(name)
    if len(raw) > BIN_NAME_MAX:
        raise BinNameError(f"a bin's name has at most {BIN_NAME_MAX} bytes: {name!r}")
    return raw


@lru_cache(maxsize=1024)
def _read_ops(bins: tuple[str, ...]) -> bytes:
    return b"".join(encode_op(OpType.READ, bin_name(name)) for name in bins)


def read_ops(bins: Sequence[str]) -> tuple[int, bytes]:
    """(number, READ operations) that select these bins."""
    return len(bins), _read_ops(tuple(bins))


def key_field(user_key: Any) -> bytes:
    """The KEY field that stores the user key beside the record."""
    return encode_field(FieldType.KEY, key_bytes(user_key))


def read_request(
    namespace: str,
    set: str | None,
    digest: bytes,
    *,
    bins: Sequence[str] | None = None,
    nobins: bool = False,
    timeout_ms: int = 1000,
    filter: bytes = b"",
    info1_extra: int = 0,
    info3: int = 0,
    touch_ttl: int = 0,
    send_key: Any = None,
) -> bytes:
    """Frame that reads one record: all bins, those of `bins`, or with `nobins` only metadata.

    `touch_ttl`: read-touch percentage (0: the namespace's; 0xFFFFFFFF: never). `filter`: a
    packed expression. `send_key`: the user key, to be compared with the stored one.
    """
    n_fields, fields = key_fields(namespace, set)
    ops = b""
    n_ops = 0
    if nobins:
        info1 = Info1.READ | Info1.NOBINDATA | info1_extra
    elif bins is None:
        info1 = Info1.READ | Info1.GET_ALL | info1_extra
    else:
        info1 = Info1.READ | info1_extra
        n_ops = len(bins)
        ops = _read_ops(tuple(bins))
    n_fields += 1
    fields = fields + _DIGEST_FIELD + digest
    if send_key is not None:
        n_fields += 1
        fields += key_field(send_key)
    if filter:
        n_fields += 1
        fields += encode_field(FieldType.FILTER, filter)
    return (
        _pack_request(
            _FRAME + 22 + len(fields) + len(ops),
            22,
            info1,
            0,
            info3,
            0,
            0,
            0,
            touch_ttl,
            timeout_ms,
            n_fields,
            n_ops,
        )
        + fields
        + ops
    )


def operate_request(
    namespace: str,
    set: str | None,
    digest: bytes,
    ops: bytes,
    n_ops: int,
    *,
    info1: int = 0,
    info2: int = 0,
    info3: int = 0,
    info4: int = 0,
    generation: int = 0,
    ttl: int = 0,
    timeout_ms: int = 1000,
    filter: bytes = b"",
    key: Any = None,
    extra: Sequence[tuple[int, bytes]] = (),
) -> bytes:
    """Frame of any command on one record; `ops` are encoded operations.

    `key`: the user key to store, or None not to send it. `extra`: further fields as
    (type, value), such as a UDF's, sent behind the key.
    """
    n_fields, fields = key_fields(namespace, set)
    n_fields += 1
    fields = fields + _DIGEST_FIELD + digest
    if key is not None:
        n_fields += 1
        fields += key_field(key)
    for type, value in extra:
        n_fields += 1
        fields += encode_field(type, value)
    if filter:
        n_fields += 1
        fields += encode_field(FieldType.FILTER, filter)
    try:
        head = _pack_request(
            _FRAME + 22 + len(fields) + len(ops),
            22,
            info1,
            info2,
            info3,
            info4,
            0,
            generation,
            ttl,
            timeout_ms,
            n_fields,
            n_ops,
        )
    except struct.error:
        raise ParameterError(
            f"out of range: generation {generation}, ttl {ttl}, timeout {timeout_ms} ms,"
            f" or {n_ops} operations"
        ) from None
    return head + fields + ops


def write_request(
    namespace: str,
    set: str | None,
    digest: bytes,
    ops: bytes,
    n_ops: int,
    *,
    info2: int = Info2.WRITE,
    info3: int = 0,
    generation: int = 0,
    ttl: int = 0,
    timeout_ms: int = 1000,
    filter: bytes = b"",
    key: Any = None,
) -> bytes:
    """Frame that writes, touches or (info2 WRITE|DELETE, no operations) removes one record."""
    return operate_request(
        namespace,
        set,
        digest,
        ops,
        n_ops,
        info2=info2,
        info3=info3,
        generation=generation,
        ttl=ttl,
        timeout_ms=timeout_ms,
        filter=filter,
        key=key,
    )


def with_info4(frame: bytes, info4: int) -> bytes:
    """A message's frame with these bits in info4."""
    return frame[:_INFO4_AT] + bytes((frame[_INFO4_AT] | info4,)) + frame[_INFO4_AT + 1 :]


def with_fields(frame: bytes, fields: Sequence[tuple[int, bytes]]) -> bytes:
    """A message's frame with further fields, put behind its digest (a transaction's, say)."""
    count, position = _unpack_u16(frame, _FIELDS_AT)[0], _FIRST_FIELD_AT
    for _ in range(count):
        size, type = _unpack_field(frame, position)
        position += 4 + size
        if type == FieldType.DIGEST:
            break
    added = b"".join(encode_field(type, value) for type, value in fields)
    head = _pack_u64(_unpack_u64(frame, 0)[0] + len(added)) + frame[8:_FIELDS_AT]
    head += _pack_u16(count + len(fields)) + frame[_FIELDS_AT + 2 : position]
    return head + added + frame[position:]


@lru_cache(maxsize=4096)
def _write_heads(name: str) -> tuple[bytes, bytes, bytes, bytes, int]:
    """What precedes the value in WRITE operations on this bin.

    Whole heads for INTEGER, DOUBLE and BOOL; for STRING the head behind its size, and what to
    add to the value's length for that size.
    """
    raw = bin_name(name)
    fixed = [encode_op(OpType.WRITE, raw, type, bytes(n))[:-n] for type, n in _FIXED]
    return fixed[0], fixed[1], fixed[2], encode_op(OpType.WRITE, raw, 3)[4:], 4 + len(raw)


_FIXED: Final = ((1, 8), (2, 8), (17, 1))


def bins_ops(bins: Mapping[str, Any]) -> tuple[int, bytes]:
    """(number, WRITE operations) that set these bins; a value of None removes its bin.

    Raises BinNameError for a name longer than 15 bytes, DataError for what no bin can hold.
    """
    parts: list[bytes] = []
    append = parts.append
    for name, value in bins.items():
        kind = type(value)
        if kind is str:
            heads = _write_heads(name)
            try:
                data = value.encode()
            except UnicodeEncodeError:
                data = particles.encode(value)[1]
            append(_pack_u32(heads[4] + len(data)) + heads[3] + data)
        elif kind is int:
            try:
                append(_write_heads(name)[0] + _pack_i64(value))
            except struct.error:
                raise DataError(
                    f"bin {name!r}: the integer {value} needs more than 64 bits"
                ) from None
        elif kind is float:
            append(_write_heads(name)[1] + _pack_f64(value))
        elif kind is bool:
            append(_write_heads(name)[2] + (b"\1" if value else b"\0"))
        else:
            append(encode_op(OpType.WRITE, bin_name(name), *particles.encode(value)))
    return len(parts), b"".join(parts)
