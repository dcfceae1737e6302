"""Messages (frame kind 3): the 22-byte header, fields and operations.

Two roads lead through this file. `request_frame` with the `encode_*` functions writes a whole
frame with one struct.pack (what clients do per command); `Message` is the complete, unhurried
form for the node and for tests. Reading replies fast is `commands`, `batch` and `query`.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MESSAGE_HEADER",
    "MESSAGE_HEADER_SIZE",
    "OP_HEADER",
    "Message",
    "Operation",
    "decode_message",
    "encode_field",
    "encode_message",
    "encode_op",
    "key_fields",
    "messages",
    "request_frame",
]

MESSAGE_HEADER_SIZE: Final = 22
#: header size, info1..4, result code, generation, record TTL, transaction TTL, fields, ops.
MESSAGE_HEADER: Final = struct.Struct(">BBBBBBIIIHH")
#: size, op, particle type, (version), name length.
OP_HEADER: Final = struct.Struct(">IBBxB")

_FRAME: Final = 2 << 56 | 3 << 48
_pack_request = struct.Struct(">QBBBBBBIIIHH").pack
_pack_message = MESSAGE_HEADER.pack
_unpack_message = MESSAGE_HEADER.unpack_from
_pack_field = struct.Struct(">IB").pack
_unpack_field = struct.Struct(">IB").unpack_from
_pack_op = OP_HEADER.pack
_unpack_op = OP_HEADER.unpack_from


class Operation(NamedTuple):
    """One operation on a bin. `value`: the particle's bytes, or a CDT/expression payload."""

    op: int
    name: str
    particle_type: int = 0
    value: bytes = b""


@frozen
class Message:
    """A message as its bytes say it; flags are those of protocol.flags.

    `record_ttl`: seconds or a TTL_* special in requests, void-time (seconds since 2010, 0 is
    never) in replies. `transaction_ttl`: timeout in ms in requests, key index in batch replies.
    """

    info1: int = 0
    info2: int = 0
    info3: int = 0
    info4: int = 0
    result_code: int = 0
    generation: int = 0
    record_ttl: int = 0
    transaction_ttl: int = 0
    fields: tuple[tuple[int, bytes], ...] = ()
    ops: tuple[Operation, ...] = ()

    def field(self, type: int) -> bytes | None:
        """Value of the first field of this type, or None."""
        for kind, value in self.fields:
            if kind == type:
                return value
        return None


def request_frame(
    info1: int,
    info2: int,
    info3: int,
    info4: int,
    generation: int,
    record_ttl: int,
    transaction_ttl: int,
    n_fields: int,
    fields: bytes,
    n_ops: int,
    ops: bytes,
) -> bytes:
    """Return the whole frame of a request; `fields` and `ops` are encoded already."""
    return (
        _pack_request(
            _FRAME + 22 + len(fields) + len(ops),
            22,
            info1,
            info2,
            info3,
            info4,
            0,
            generation,
            record_ttl,
            transaction_ttl,
            n_fields,
            n_ops,
        )
        + fields
        + ops
    )


def encode_field(type: int, value: bytes) -> bytes:
    """u32 length (value and type), u8 type, value."""
    return _pack_field(len(value) + 1, type) + value


def encode_op(op: int, name: str | bytes, particle_type: int = 0, value: bytes = b"") -> bytes:
    """u32 size, op, particle type, 0, u8 name length, name, value.

    Names are at most 255 bytes here; that a bin's has 15 is checked where users name bins.
    """
    raw = encode_name(name) if isinstance(name, str) else name
    return _pack_op(4 + len(raw) + len(value), op, particle_type, len(raw)) + raw + value


def encode_name(name: str) -> bytes:
    """UTF-8 of a name; bytes that were not UTF-8 come back from their escapes."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise DataError(f"a name that is not text: {error}") from None


@lru_cache(maxsize=1024)
def key_fields(namespace: str, set: str | None) -> tuple[int, bytes]:
    """(number of fields, NAMESPACE and SET fields). The SET field is sent empty without a set."""
    return 2, (
        encode_field(FieldType.NAMESPACE, encode_name(namespace))
        + encode_field(FieldType.SET, encode_name(set or ""))
    )


def encode_message(m: Message) -> bytes:
    """Return the body of a message frame."""
    head = _pack_message(
        MESSAGE_HEADER_SIZE,
        m.info1,
        m.info2,
        m.info3,
        m.info4,
        m.result_code,
        m.generation,
        m.record_ttl,
        m.transaction_ttl,
        len(m.fields),
        len(m.ops),
    )
    parts = [head]
    parts += [encode_field(type, value) for type, value in m.fields]
    parts += [encode_op(o.op, o.name, o.particle_type, o.value) for o in m.ops]
    return b"".join(parts)


def decode_message(body: bytes, offset: int = 0) -> tuple[Message, int]:
    """Return the message that begins at `offset` and the offset behind it."""
    try:
        size, i1, i2, i3, i4, code, generation, ttl, timeout, n_fields, n_ops = _unpack_message(
            body, offset
        )
        if size != MESSAGE_HEADER_SIZE:
            raise ProtocolError(f"a message header of {size} bytes, not {MESSAGE_HEADER_SIZE}")
        fields, position = decode_fields(body, offset + MESSAGE_HEADER_SIZE, n_fields)
        ops, position = decode_ops(body, position, n_ops)
    except struct.error as error:
        raise ProtocolError(f"a message ends before it should: {error}") from None
    return Message(i1, i2, i3, i4, code, generation, ttl, timeout, fields, ops), position


def decode_fields(
    body: bytes, offset: int, count: int
) -> tuple[tuple[tuple[int, bytes], ...], int]:
    """Return `count` fields as (type, value), and the offset behind them."""
    fields = []
    for _ in range(count):
        size, type = _unpack_field(body, offset)
        end = offset + 4 + size
        if type == FieldType.BATCH and end > len(body) > offset + 5:
            end = len(body)  # aerospike-py 0.10 counts a filter twice; servers do not look at it
        if size < 1 or end > len(body):
            raise ProtocolError(f"a field of {size} bytes does not fit its message")
        fields.append((type, bytes(body[offset + 5 : end])))
        offset = end
    return tuple(fields), offset


def decode_ops(body: bytes, offset: int, count: int) -> tuple[tuple[Operation, ...], int]:
    """Return `count` operations, and the offset behind them."""
    ops = []
    for _ in range(count):
        size, op, particle_type, name_length = _unpack_op(body, offset)
        begin = offset + 8 + name_length
        end = offset + 4 + size
        if begin > end or end > len(body):
            raise ProtocolError(f"an operation of {size} bytes does not fit its message")
        name = str(body[offset + 8 : begin], "utf-8", "surrogateescape")
        ops.append(Operation(op, name, particle_type, bytes(body[begin:end])))
        offset = end
    return tuple(ops), offset


def messages(body: bytes) -> Iterator[Message]:
    """Yield the messages of a frame's body, which holds whole messages only."""
    offset = 0
    while offset < len(body):
        message, offset = decode_message(body, offset)
        yield message
