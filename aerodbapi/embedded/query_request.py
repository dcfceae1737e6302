"""A query's message taken apart, with the server's checks in the server's order.

Server source: query.c, get_query_* and basic_query_job_start. Whatever is wrong ends in
Refused with the result code that the server gives.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aerodbapi import errors
from aerodbapi.embedded import filters, geo, paths
from aerodbapi.embedded.index_keys import (
    BLOB,
    GEOJSON,
    INTEGER,
    MAX_KEY_SIZE,
    STRING,
    Definition,
    Key,
)
from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.storage import N_PARTITIONS, partition_of
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import FieldType, Info1, OpType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aerodbapi.protocol.message import Message

__all__ = ["IndexRange", "QueryRequest", "Resume", "parse"]

_PARAMETER: Final = 4
_UNSUPPORTED: Final = 16
_INVALID_NAMESPACE: Final = 20
_MAX_SET_NAME: Final = 63
_MAX_BIN_NAME: Final = 15
_MAX_INDEX_NAME: Final = 63
_MAX_SHAPE_SIZE: Final = 1 << 20
_READ_OPS: Final = (
    OpType.READ,
    OpType.CDT_READ,
    OpType.EXP_READ,
    OpType.BITS_READ,
    OpType.HLL_READ,
)
_U32 = struct.Struct(">I")

#: Where a partition goes on: after the record of this digest, filed under this bval.
Resume = tuple[int, bytes]


@frozen
class IndexRange:
    """What a secondary index is asked for.

    `ranges`: pairs of lowest and highest key, in order; of strings and blobs one pair of the
    same key twice. `shape`: GeoJSON text to compare with, or b"". `name`: of the index, or ""
    when `definition` finds it.
    """

    definition: Definition
    name: str
    ranges: tuple[tuple[Key, Key], ...]
    shape: bytes = b""


@dataclass(slots=True)
class QueryRequest:
    """A query. `set_name`: None for all sets. `partitions`: number → where it goes on.

    `filter`: packed or b"". `max_records`, `records_per_second`: 0 for no limit.
    """

    namespace: str
    set_name: str | None
    partitions: dict[int, Resume | None] | None
    index: IndexRange | None
    records_per_second: int
    task_id: int
    max_records: int = 0
    filter: bytes = b""
    no_bins: bool = False
    short: bool = False
    fields: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def n_resumed(self) -> int:
        """Number of partitions that go on after a digest."""
        return sum(found is not None for found in (self.partitions or {}).values())


def parse(message: Message, namespace: str) -> QueryRequest:
    """Take apart what all kinds of queries share; raises Refused."""
    fields: dict[int, bytes] = {}
    for kind, value in message.fields:
        fields.setdefault(kind, value)
    short = bool(message.info1 & Info1.SHORT_QUERY)
    set_name = _set_name(fields.get(FieldType.SET, b""))
    partitions = _partitions(fields)
    index = _index_range(fields, namespace, set_name)
    rate = _number(fields, FieldType.RECS_PER_SEC, 4)
    if short and FieldType.RECS_PER_SEC in fields:
        raise Refused(_PARAMETER)
    task_id = int.from_bytes(fields.get(FieldType.TASK_ID, b""), "big")
    return QueryRequest(
        namespace, set_name, partitions, index, rate, task_id, short=short, fields=fields
    )


def finish(request: QueryRequest, message: Message) -> None:
    """Check and add what only foreground queries have; raises Refused."""
    _number(request.fields, FieldType.SOCKET_TIMEOUT, 4)
    request.no_bins = bool(message.info1 & Info1.NOBINDATA)
    request.max_records = _number(request.fields, FieldType.MAX_RECORDS, 8)
    if not request.no_bins:
        for op in message.ops:
            if len(op.name.encode("utf-8", "surrogateescape")) > _MAX_BIN_NAME:
                raise Refused(_PARAMETER)
            if op.op not in _READ_OPS:
                raise Refused(_PARAMETER)
    take_filter(request)


def take_filter(request: QueryRequest) -> None:
    """Compile the filter expression; raises Refused."""
    packed = request.fields.get(FieldType.FILTER)
    if packed is None:
        return
    try:
        filters.check(packed)
    except errors.Error as error:
        raise Refused(error.result_code or _PARAMETER) from None
    request.filter = packed


def _set_name(raw: bytes) -> str | None:
    if len(raw) > _MAX_SET_NAME:
        raise Refused(_PARAMETER)
    try:
        return raw.decode() or None
    except UnicodeDecodeError:
        raise Refused(_PARAMETER) from None


def _number(fields: Mapping[int, bytes], kind: int, size: int) -> int:
    value = fields.get(kind)
    if value is None:
        return 0
    if len(value) != size:
        raise Refused(_PARAMETER)
    return int.from_bytes(value, "big")


def _partitions(fields: Mapping[int, bytes]) -> dict[int, Resume | None] | None:
    pids, digests = fields.get(FieldType.PID_ARRAY), fields.get(FieldType.DIGEST_ARRAY)
    bvals = fields.get(FieldType.BVAL_ARRAY)
    if pids is None and digests is None:
        return None
    partitions: dict[int, Resume | None] = {}
    if pids is not None:
        for number in _counted(pids, 2):
            _request(partitions, int.from_bytes(number, "little"), None)
    if digests is None:
        if bvals is not None:
            raise Refused(_PARAMETER)
        return partitions
    resumed = _counted(digests, 20)
    points = [0] * len(resumed)
    if FieldType.INDEX_RANGE in fields:
        if bvals is None or len(bvals) // 8 != len(resumed):
            raise Refused(_PARAMETER)
        points = list(struct.unpack(f"<{len(resumed)}q", bvals[: 8 * len(resumed)]))
    for digest, point in zip(resumed, points, strict=True):
        _request(partitions, partition_of(digest), (point, digest))
    return partitions


def _counted(array: bytes, size: int) -> list[bytes]:
    count = len(array) // size
    if not 0 < count <= N_PARTITIONS:
        raise Refused(_PARAMETER)
    return [array[at : at + size] for at in range(0, count * size, size)]


def _request(partitions: dict[int, Resume | None], pid: int, resume: Resume | None) -> None:
    if pid >= N_PARTITIONS or pid in partitions:
        raise Refused(_PARAMETER)
    partitions[pid] = resume


def _index_range(
    fields: Mapping[int, bytes], namespace: str, set_name: str | None
) -> IndexRange | None:
    data = fields.get(FieldType.INDEX_RANGE)
    raw_name = fields.get(FieldType.INDEX_NAME)
    expression = fields.get(FieldType.INDEX_EXPRESSION)
    if data is None:
        _index_name(raw_name, expression)
        return None
    if len(data) < 3 or data[0] != 1:
        raise Refused(_PARAMETER)
    end = 2 + data[1]
    bin = data[2:end]
    named = raw_name is not None or expression is not None
    if named is bool(bin) or len(bin) > _MAX_BIN_NAME or end >= len(data):
        raise Refused(_PARAMETER)
    kind = data[end]
    if kind not in _BOUNDS:
        raise Refused(_PARAMETER)
    ranges, shape = _BOUNDS[kind](data[end + 1 :])
    source = fields.get(FieldType.INDEX_TYPE, b"\0")
    if not source:
        raise Refused(_PARAMETER)
    context = _context(fields, named)
    if expression is not None and (not expression or raw_name is not None):
        raise Refused(_PARAMETER)
    definition = Definition(
        namespace,
        set_name or "",
        bin.decode("utf-8", "surrogateescape"),
        kind,
        source[0],
        context,
        expression or b"",
    )
    return IndexRange(definition, _index_name(raw_name, expression), ranges, shape)


def _index_name(raw: bytes | None, expression: bytes | None) -> str:
    if raw is None:
        return ""
    if expression is not None or not 0 < len(raw) <= _MAX_INDEX_NAME:
        raise Refused(_PARAMETER)
    return raw.decode("utf-8", "surrogateescape")


def _context(fields: Mapping[int, bytes], named: bool) -> bytes:
    context = fields.get(FieldType.INDEX_CONTEXT)
    if context is None:
        return b""
    if named or not paths.check(context):
        raise Refused(_PARAMETER)
    return context


_Bounds = tuple[tuple[tuple[Key, Key], ...], bytes]


def _integers(data: bytes) -> _Bounds:
    if len(data) < 24 or data[:4] != b"\0\0\0\x08" or data[12:16] != b"\0\0\0\x08":
        raise Refused(_PARAMETER)
    low = int.from_bytes(data[4:12], "big", signed=True)
    high = int.from_bytes(data[16:24], "big", signed=True)
    if low > high:
        raise Refused(_PARAMETER)
    return ((low, high),), b""


def _first(data: bytes, limit: int) -> bytes:
    """Read the first of two equal bounds; the second one is not looked at."""
    if len(data) < 4:
        raise Refused(_PARAMETER)
    (size,) = _U32.unpack_from(data)
    if size >= limit or len(data) < 4 + size:
        raise Refused(_PARAMETER)
    return data[4 : 4 + size]


def _exactly(data: bytes) -> _Bounds:
    key = _first(data, MAX_KEY_SIZE)
    return ((key, key),), b""


def _shape(data: bytes) -> _Bounds:
    text = _first(data, _MAX_SHAPE_SIZE)
    try:
        return tuple(geo.query_ranges(text)), text
    except errors.UnsupportedFeature:
        raise Refused(_UNSUPPORTED) from None
    except geo.InvalidShape:
        raise Refused(_PARAMETER) from None


_BOUNDS: Final = {INTEGER: _integers, STRING: _exactly, BLOB: _exactly, GEOJSON: _shape}
