"""Replies to partition queries: one pass over each frame, as records or as rows of columns.

A frame holds many messages: records; "partition unavailable" notes; at the end of the stream a
message with the LAST flag. Records of one query have the same NAMESPACE and SET fields around
the digest, which is tried first. Nothing stands for a message or an operation on the way.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import FieldType, Info3
from aerodbapi.protocol.message import MESSAGE_HEADER, OP_HEADER
from aerodbapi.protocol.reply import decode_bins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "QueryColumns",
    "QueryFrame",
    "QueryRecord",
    "Unavailable",
    "decode_query_columns",
    "decode_query_frame",
]

_unpack_header = MESSAGE_HEADER.unpack_from
_unpack_op = OP_HEADER.unpack_from
_unpack_field = struct.Struct(">IB").unpack_from
_unpack_i64 = struct.Struct(">q").unpack_from
_unpack_f64 = struct.Struct(">d").unpack_from
_unpack_bval = struct.Struct("<q").unpack
_decode_particle = particles.decode

_END: Final = Info3.LAST | Info3.PARTITION_DONE
#: A record's fields: (digest, set, user key or None, bval or None).
_Fields = tuple[bytes, str, Any, "int | None"]

#: (digest, set, user key or None, generation, void-time, bins, bval or None)
QueryRecord = tuple[bytes, str, Any, int, int, "dict[str, Any]", "int | None"]


class Unavailable(NamedTuple):
    """A partition that the node could not serve, to be read from another."""

    partition: int
    result_code: int


class QueryFrame(NamedTuple):
    """One frame. When `last` is true none follows, and `result_code` is the query's."""

    records: list[QueryRecord]
    unavailable: list[Unavailable]
    last: bool
    result_code: int


class QueryColumns(NamedTuple):
    """One frame as rows: tuples, or what a decoder makes of each record.

    `digests` and `bvals` (None without a secondary index) are per row.
    """

    rows: list[Any]
    digests: list[bytes]
    bvals: list[int | None]
    unavailable: list[Unavailable]
    last: bool
    result_code: int


def decode_query_frame(body: bytes) -> QueryFrame:
    """Read a frame's records, each (digest, set, user key, generation, void-time, bins, bval).

    Results of an aggregation are records with an empty digest and one bin, SUCCESS or FAILURE.
    """
    if type(body) is not bytes:
        body = bytes(body)
    records: list[QueryRecord] = []
    append = records.append
    unpack_header = _unpack_header
    fields = _FieldReader(body)
    unavailable: list[Unavailable] = []
    position, total = 0, len(body)
    try:
        while position < total:
            size, _, _, info3, _, code, generation, void_time, _, n_fields, n_ops = unpack_header(
                body, position
            )
            if size != 22:
                raise ProtocolError(f"a message header of {size} bytes, not 22")
            if code or info3 & _END:
                if not info3 & Info3.PARTITION_DONE:
                    return QueryFrame(records, unavailable, True, code)
                if code:
                    unavailable.append(Unavailable(generation, code))
                position = fields.skip(position + 22, n_fields, n_ops)
                continue
            digest, set, key, bval = fields.read(position + 22, n_fields)
            bins: dict[str, Any] = {}
            position = decode_bins(body, fields.end, n_ops, bins)
            append((digest, set, key, generation, void_time, bins, bval))
    except struct.error:
        raise ProtocolError("a query reply is cut off") from None
    return QueryFrame(records, unavailable, False, 0)


def decode_query_columns(body: bytes, columns: Sequence[str]) -> QueryColumns:
    """Read a frame's records as tuples of the values of `columns` (bins), None where absent.

    Bins that are not among the columns are skipped without reading their values.
    """
    if type(body) is not bytes:
        body = bytes(body)
    rows: list[tuple[Any, ...]] = []
    digests: list[bytes] = []
    bvals: list[int | None] = []
    read_row = _row_reader(body, columns)
    fields = _FieldReader(body)
    unavailable: list[Unavailable] = []
    position, total = 0, len(body)
    try:
        while position < total:
            size, _, _, info3, _, code, generation, _, _, n_fields, n_ops = _unpack_header(
                body, position
            )
            if size != 22:
                raise ProtocolError(f"a message header of {size} bytes, not 22")
            if code or info3 & _END:
                if not info3 & Info3.PARTITION_DONE:
                    return QueryColumns(rows, digests, bvals, unavailable, True, code)
                if code:
                    unavailable.append(Unavailable(generation, code))
                position = fields.skip(position + 22, n_fields, n_ops)
                continue
            digest, _, _, bval = fields.read(position + 22, n_fields)
            row, position = read_row(fields.end, n_ops)
            rows.append(row)
            digests.append(digest)
            bvals.append(bval)
    except struct.error:
        raise ProtocolError("a query reply is cut off") from None
    return QueryColumns(rows, digests, bvals, unavailable, False, 0)


def _row_reader(
    body: bytes, columns: Sequence[str]
) -> Callable[[int, int], tuple[tuple[Any, ...], int]]:
    """A function (offset, number of operations) → (row, offset behind it)."""
    places = {name.encode("utf-8", "surrogateescape"): place for place, name in enumerate(columns)}
    place_of = places.get
    empty: list[Any] = [None] * len(columns)
    total = len(body)
    unpack_op, unpack_i64, unpack_f64 = _unpack_op, _unpack_i64, _unpack_f64

    def read_row(position: int, n_ops: int) -> tuple[tuple[Any, ...], int]:
        row = empty.copy()
        for _ in range(n_ops):
            size, _, kind, name_length = unpack_op(body, position)
            begin = position + 8 + name_length
            place = place_of(body[position + 8 : begin])
            position += 4 + size
            length = position - begin
            if length < 0 or position > total:
                raise ProtocolError("a query reply is cut off inside a bin")
            if place is None:
                continue
            if kind == 3:
                data = body[begin:position]
                try:
                    row[place] = data.decode()
                except UnicodeDecodeError:
                    row[place] = data.decode("utf-8", "surrogateescape")
            elif kind == 1 and length == 8:
                row[place] = unpack_i64(body, begin)[0]
            elif kind == 2 and length == 8:
                row[place] = unpack_f64(body, begin)[0]
            else:
                row[place] = _decode_particle(kind, body[begin:position])
        return tuple(row), position

    return read_row


class _FieldReader:
    """Reads the fields of each record of a frame; `end` is the offset behind the last ones."""

    __slots__ = ("_after", "_before", "_body", "_set", "end")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.end = 0
        # The bytes around the digest in the record before, once there was one of this shape.
        self._before: bytes | None = None
        self._after = b""
        self._set = ""

    def read(self, position: int, n_fields: int) -> _Fields:
        """Return (digest, set, user key, bval) of the record whose fields begin here."""
        body = self._body
        before = self._before
        if before is not None and n_fields >= 3 and body.startswith(before, position):
            begin = position + len(before)
            if body.startswith(self._after, begin + 20):
                self.end = begin + 20 + len(self._after)
                digest = body[begin : begin + 20]
                if n_fields == 3:
                    return digest, self._set, None, None
                return self._read_each(self.end, n_fields - 3, digest, self._set)
        self._learn(position, n_fields)
        return self._read_each(position, n_fields, b"", "")

    def _learn(self, position: int, n_fields: int) -> None:
        """Remember what surrounds the digest, when the first fields are those of a query's record.

        Those are NAMESPACE, DIGEST, SET; only a stored key and an index value may follow.
        """
        body, begin = self._body, position
        if n_fields < 3:
            return
        spans = []
        for expected in (FieldType.NAMESPACE, FieldType.DIGEST, FieldType.SET):
            size, type = _unpack_field(body, position)
            if type != expected or size < 1 or position + 4 + size > len(body):
                return
            spans.append((position, position + 4 + size))
            position += 4 + size
        digest_begin, digest_end = spans[1]
        if digest_end - digest_begin == 25:
            self._before = body[begin : digest_begin + 5]
            self._after = body[digest_end:position]
            self._set = self._after[5:].decode("utf-8", "surrogateescape")

    def _read_each(self, position: int, n_fields: int, digest: bytes, set: str) -> _Fields:
        body = self._body
        key: Any = None
        bval: int | None = None
        for _ in range(n_fields):
            size, type = _unpack_field(body, position)
            value = body[position + 5 : position + 4 + size]
            if size < 1 or len(value) != size - 1:
                raise ProtocolError(f"a field of {size} bytes does not fit its record")
            position += 4 + size
            if type == FieldType.KEY:
                if not value:
                    raise ProtocolError("a user key without a type")
                key = _decode_particle(value[0], value[1:])
            elif type == FieldType.BVAL_ARRAY:
                bval = _unpack_bval(value)[0]
            elif type == FieldType.DIGEST:
                if size != 21:
                    raise ProtocolError(f"a digest of {size - 1} bytes, not 20")
                digest = value
            elif type == FieldType.SET:
                set = value.decode("utf-8", "surrogateescape")
        self.end = position
        return digest, set, key, bval

    def skip(self, position: int, n_fields: int, n_ops: int) -> int:
        """Return the offset behind the fields and operations of a message that is no record."""
        for _ in range(n_fields + n_ops):
            position += 4 + _unpack_field(self._body, position)[0]
        if position > len(self._body):
            raise ProtocolError("a query reply is cut off")
        return position
