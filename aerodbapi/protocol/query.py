"""Partition queries (what used to be scans and queries): requests, both sides.

One protocol serves both: a primary index query names partitions, a secondary index query also a
range of an index. Partitions that were read in part resume after a digest (secondary index: and
the index value, `bval`) instead of from their beginning. Reading the replies is `query_reply`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol.commands import bin_name, read_ops
from aerodbapi.protocol.digest import N_PARTITIONS
from aerodbapi.protocol.flags import FieldType as F
from aerodbapi.protocol.flags import Info1, Info2, Info3, OpType, UDFOp
from aerodbapi.protocol.message import Message, Operation, encode_field, encode_name, request_frame
from aerodbapi.protocol.query_reply import (
    QueryColumns,
    QueryFrame,
    QueryRecord,
    Unavailable,
    decode_query_columns,
    decode_query_frame,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "IndexRange",
    "QueryColumns",
    "QueryFrame",
    "QueryRecord",
    "QueryRequest",
    "UDFCall",
    "Unavailable",
    "decode_index_range",
    "decode_query_columns",
    "decode_query_frame",
    "encode_index_range",
    "encode_query",
    "parse_query",
]

_NO_READ_TOUCH: Final = 0xFFFFFFFF
_ALL_PARTITIONS: Final = struct.pack(f"<{N_PARTITIONS}H", *range(N_PARTITIONS))


@frozen
class IndexRange:
    """A range of a secondary index, both ends included.

    `low`, `high`: particle bytes (integers 8 bytes); strings, blobs and GeoJSON text ask for
    equality, or for the shapes within/around, and have the same bytes at both ends. `bin` is ""
    when the index is named instead.
    """

    bin: str
    particle_type: int
    low: bytes
    high: bytes


@frozen
class UDFCall:
    """A Lua function applied to the records: `op` is UDFOp.AGGREGATE or UDFOp.BACKGROUND."""

    package: str
    function: str
    args: bytes = b""
    op: int = UDFOp.BACKGROUND


@frozen
class QueryRequest:
    """What one node is asked.

    `set`: None or "" is every set. `bins`: None is all of them. `partitions`: read whole;
    `digests` resume one partition each, with `bvals` beside them for a secondary index.
    `max_records`, `records_per_second`: 0 is no limit. `socket_timeout_ms`: the node gives up
    when the client reads nothing for so long. `timeout_ms`: 0 is none.
    `ops`, `n_ops`: operations of a background query, encoded (then nothing is read).
    `respond_all`: records with none of `bins` come too (servers from 8.1.2 on drop them otherwise).
    `short`: expected to be small and quick; the server limits its partitions less, its time more.
    """

    namespace: str
    set: str | None = None
    bins: tuple[str, ...] | None = None
    partitions: Sequence[int] = ()
    digests: Sequence[bytes] = ()
    bvals: Sequence[int] = ()
    max_records: int = 0
    filter: bytes = b""
    range: IndexRange | None = None
    index_name: str | None = None
    index_type: int = 0
    index_context: bytes = b""
    index_expression: bytes = b""
    records_per_second: int = 0
    socket_timeout_ms: int = 30000
    timeout_ms: int = 0
    task_id: int = 0
    nobins: bool = False
    short: bool = False
    relax: bool = False
    compress: bool = False
    respond_all: bool = False
    ttl: int = 0
    durable_delete: bool = False
    udf: UDFCall | None = None
    ops: bytes | tuple[Operation, ...] = b""
    n_ops: int = 0

    @property
    def background(self) -> bool:
        """True when records are changed and none is answered."""
        return self.n_ops > 0 or (self.udf is not None and self.udf.op == UDFOp.BACKGROUND)


# ---- the client's side -------------------------------------------------------------------------


def encode_query(q: QueryRequest) -> bytes:
    """Frame of a query. Fields are in the order in which the C client sends them."""
    fields = [encode_field(type, value) for type, value in _fields(q)]
    if q.background:
        info1, info2, info3, ttl = 0, Info2.WRITE, 0, q.ttl
        if q.durable_delete:
            info2 |= Info2.DURABLE_DELETE
    else:
        info1 = Info1.READ
        info2 = 0
        info3 = Info3.PARTITION_DONE
        ttl = _NO_READ_TOUCH
    if q.nobins:
        info1 |= Info1.NOBINDATA
    if q.short:
        info1 |= Info1.SHORT_QUERY
    if q.respond_all:
        info2 |= Info2.RESPOND_ALL_OPS
    if q.relax:
        info2 |= Info2.RELAX_AP_LONG_QUERY
    if q.compress:
        info1 |= Info1.COMPRESS_RESPONSE
    n_ops, ops = _ops(q)
    return request_frame(
        info1, info2, info3, 0, 0, ttl, q.timeout_ms, len(fields), b"".join(fields), n_ops, ops
    )


def _ops(q: QueryRequest) -> tuple[int, bytes]:
    if q.n_ops:
        if not isinstance(q.ops, bytes):
            raise TypeError("operations of a request to be sent are encoded")
        return q.n_ops, q.ops
    return (0, b"") if q.bins is None or q.nobins else read_ops(q.bins)


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _fields(q: QueryRequest) -> list[tuple[int, bytes]]:
    fields = [(F.NAMESPACE, encode_name(q.namespace))]
    if q.set:
        fields.append((F.SET, encode_name(q.set)))
    if q.records_per_second:
        fields.append((F.RECS_PER_SEC, _u32(q.records_per_second)))
    fields.append((F.SOCKET_TIMEOUT, _u32(q.socket_timeout_ms)))
    fields.append((F.TASK_ID, _u64(q.task_id)))
    fields += _index_fields(q)
    if q.udf is not None:
        fields.append((F.UDF_OP, bytes((q.udf.op,))))
        fields.append((F.UDF_PACKAGE, q.udf.package.encode()))
        fields.append((F.UDF_FUNCTION, q.udf.function.encode()))
        fields.append((F.UDF_ARGS, q.udf.args))
    if q.filter:
        fields.append((F.FILTER, q.filter))
    fields += _partition_fields(q)
    if q.max_records:
        fields.append((F.MAX_RECORDS, _u64(q.max_records)))
    return fields


def _index_fields(q: QueryRequest) -> list[tuple[int, bytes]]:
    if q.range is None:
        return []
    fields: list[tuple[int, bytes]] = []
    if q.index_type:
        fields.append((F.INDEX_TYPE, bytes((q.index_type,))))
    fields.append((F.INDEX_RANGE, encode_index_range(q.range)))
    if q.index_context:
        fields.append((F.INDEX_CONTEXT, q.index_context))
    if q.index_name:
        fields.append((F.INDEX_NAME, encode_name(q.index_name)))
    if q.index_expression:
        fields.append((F.INDEX_EXPRESSION, q.index_expression))
    return fields


def _partition_fields(q: QueryRequest) -> list[tuple[int, bytes]]:
    fields: list[tuple[int, bytes]] = []
    if len(q.partitions):
        fields.append((F.PID_ARRAY, _pid_array(q.partitions)))
    if q.digests:
        fields.append((F.DIGEST_ARRAY, b"".join(q.digests)))
    if q.bvals:
        fields.append((F.BVAL_ARRAY, struct.pack(f"<{len(q.bvals)}q", *q.bvals)))
    return fields


def _pid_array(partitions: Sequence[int]) -> bytes:
    if partitions == range(N_PARTITIONS):
        return _ALL_PARTITIONS
    return struct.pack(f"<{len(partitions)}H", *partitions)


def encode_index_range(r: IndexRange) -> bytes:
    """Value of the INDEX_RANGE field (one range)."""
    name = bin_name(r.bin)
    return b"".join(
        (
            bytes((1, len(name))),
            name,
            bytes((r.particle_type,)),
            _u32(len(r.low)),
            r.low,
            _u32(len(r.high)),
            r.high,
        )
    )


# ---- the node's side ---------------------------------------------------------------------------


def decode_index_range(value: bytes) -> IndexRange:
    """Parse the value of an INDEX_RANGE field."""
    try:
        count, name_length = struct.unpack_from("BB", value)
        name = value[2 : 2 + name_length].decode("utf-8", "surrogateescape")
        (particle_type,) = struct.unpack_from("B", value, 2 + name_length)
    except struct.error:
        raise ProtocolError("an index range is cut off") from None
    low, offset = _sized(value, 3 + name_length)
    high, offset = _sized(value, offset)
    if count != 1 or offset != len(value):
        raise ProtocolError("an index range field holds one range")
    return IndexRange(name, particle_type, low, high)


def _sized(value: bytes, offset: int) -> tuple[bytes, int]:
    size = int.from_bytes(value[offset : offset + 4], "big")
    end = offset + 4 + size
    if end > len(value):
        raise ProtocolError("an index range is cut off")
    return value[offset + 4 : end], end


def parse_query(message: Message) -> QueryRequest:
    """Read a query's message. `ops` holds the Operations of a background query.

    Raises ProtocolError for fields of the wrong size. What the fields mean together is not
    checked here: whether the index exists, or a partition is named at all.
    """
    get = dict(message.fields).get
    partitions = _array(get(F.PID_ARRAY, b""), 2, "H")
    if any(pid >= N_PARTITIONS for pid in partitions):
        raise ProtocolError(f"a query of a partition above {N_PARTITIONS - 1}")
    digests = get(F.DIGEST_ARRAY, b"")
    range_value = get(F.INDEX_RANGE)
    reads = [op.name for op in message.ops if op.op == OpType.READ]
    writing = bool(message.info2 & Info2.WRITE)
    return QueryRequest(
        namespace=_name(get(F.NAMESPACE, b"")),
        set=_name(get(F.SET, b"")) or None,
        bins=tuple(reads) if reads and not writing else None,
        partitions=partitions,
        digests=_split(digests, 20),
        bvals=_array(get(F.BVAL_ARRAY, b""), 8, "q"),
        max_records=_number(get(F.MAX_RECORDS), 8),
        filter=get(F.FILTER, b""),
        range=None if range_value is None else decode_index_range(range_value),
        index_name=_name(get(F.INDEX_NAME, b"")) or None,
        index_type=_number(get(F.INDEX_TYPE), 1),
        index_context=get(F.INDEX_CONTEXT, b""),
        index_expression=get(F.INDEX_EXPRESSION, b""),
        records_per_second=_number(get(F.RECS_PER_SEC), 4),
        socket_timeout_ms=_number(get(F.SOCKET_TIMEOUT), 4),
        timeout_ms=message.transaction_ttl,
        task_id=_number(get(F.TASK_ID), 8),
        nobins=bool(message.info1 & Info1.NOBINDATA),
        short=bool(message.info1 & Info1.SHORT_QUERY),
        relax=bool(message.info2 & Info2.RELAX_AP_LONG_QUERY),
        compress=bool(message.info1 & Info1.COMPRESS_RESPONSE),
        respond_all=bool(message.info2 & Info2.RESPOND_ALL_OPS),
        ttl=message.record_ttl,
        durable_delete=bool(message.info2 & Info2.DURABLE_DELETE),
        udf=_udf(message),
        ops=message.ops if writing else (),
        n_ops=len(message.ops) if writing else 0,
    )


def _udf(message: Message) -> UDFCall | None:
    op = message.field(F.UDF_OP)
    if op is None:
        return None
    package, function, args = (
        message.field(type) or b"" for type in (F.UDF_PACKAGE, F.UDF_FUNCTION, F.UDF_ARGS)
    )
    return UDFCall(_name(package), _name(function), args, _number(op, 1))


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _number(value: bytes | None, size: int) -> int:
    if value is None:
        return 0
    if len(value) != size:
        raise ProtocolError(f"a query's field of {len(value)} bytes, not {size}")
    return int.from_bytes(value, "big")


def _array(value: bytes, size: int, form: str) -> tuple[int, ...]:
    if len(value) % size:
        raise ProtocolError(f"a query's array of {len(value)} bytes holds no items of {size}")
    return struct.unpack(f"<{len(value) // size}{form}", value)


def _split(value: bytes, size: int) -> tuple[bytes, ...]:
    if len(value) % size:
        raise ProtocolError(f"a query's array of {len(value)} bytes holds no items of {size}")
    return tuple(value[i : i + size] for i in range(0, len(value), size))
