"""Record messages of queries: header, fields, and the bins that were asked for.

Fields come in the server's order: namespace, digest, set, stored key, bval (query.c,
build_ops_response_msg). A record's bins are packed as a reply has them, so a message without
projection is a concatenation.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import ops
from aerodbapi.embedded.bins import packed_finder
from aerodbapi.embedded.replies import Result, pack_nothing, pack_results
from aerodbapi.protocol.flags import FieldType, OpType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Record
    from aerodbapi.protocol.message import Operation

__all__ = ["Encoder", "encoder"]

_HEADER = struct.Struct(">6sIIIHH")  # flags and result, generation, void-time, 0, fields, ops
_FLAGS: Final = bytes((22, 0, 0, 0, 0, 0))
_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">I3xB")  # size without itself, name length
_FEW: Final = 3  # names that are quicker to look for one by one
_BVAL = struct.Struct("<q")

#: (record, bval, now) → the message, or None when nothing of the record was asked for.
Encoder = Callable[["Record", int, int], "bytes | None"]

#: record, now → (number of operations, operations), or None for nothing.
_Bins = Callable[["Record", int], "tuple[int, bytes] | None"]


def _field(kind: int, value: bytes) -> bytes:
    return _FIELD.pack(len(value) + 1, kind) + value


def encoder(
    namespace: str,
    projection: Sequence[Operation],
    *,
    no_bins: bool,
    respond_all: bool,
    with_bval: bool,
) -> Encoder:
    """Make the function that encodes a query's records.

    `projection`: the read operations of the request; none of them means all bins.
    """
    bins = _bins_function(projection, no_bins, respond_all)
    before_digest = _field(FieldType.NAMESPACE, namespace.encode()) + _FIELD.pack(
        21, FieldType.DIGEST
    )
    set_fields: dict[str, bytes] = {"": b""}
    pack = _HEADER.pack

    def encode(record: Record, bval: int, now: int) -> bytes | None:
        set_name = record.set_name
        tail = set_fields.get(set_name)
        if tail is None:
            tail = set_fields[set_name] = _field(FieldType.SET, set_name.encode())
        n_fields = 3 if tail else 2
        if record.key is not None:
            n_fields += 1
            tail += _field(FieldType.KEY, record.key)
        if with_bval:
            n_fields += 1
            tail += _field(FieldType.BVAL_ARRAY, _BVAL.pack(bval))
        if bins is None:
            n_ops, packed = record.n_bins, record.packed
        else:
            found = bins(record, now)
            if found is None:
                return None
            n_ops, packed = found
        head = pack(_FLAGS, record.generation, record.void_time, 0, n_fields, n_ops)
        return b"".join((head, before_digest, record.digest, tail, packed))

    return encode


def _bins_function(
    projection: Sequence[Operation], no_bins: bool, respond_all: bool
) -> _Bins | None:
    if no_bins:
        return lambda record, now: (0, b"")
    if not projection:
        return None
    if all(op.op == OpType.READ for op in projection):
        names = [op.name for op in projection]
        return _asked_bins(names) if respond_all else _chosen_bins(names)
    return _operations(projection, respond_all)


def _chosen_bins(names: list[str]) -> _Bins:
    """Cut the named bins out of the packed ones; records that have none are left out."""
    if len(names) > _FEW:
        return _many_bins([name.encode("utf-8", "surrogateescape") for name in names])
    finders = [packed_finder(name) for name in names]

    def bins(record: Record, now: int) -> tuple[int, bytes] | None:
        packed = record.packed
        found = [part for find in finders if (part := find(packed)) is not None]
        return (len(found), b"".join(found)) if found else None

    return bins


def _asked_bins(names: list[str]) -> _Bins:
    """Answer for each of the bins, also for those that a record lacks."""
    finders = [(packed_finder(name), pack_nothing(OpType.READ, name)) for name in names]
    count = len(finders)

    def bins(record: Record, now: int) -> tuple[int, bytes]:
        packed = record.packed
        return count, b"".join([find(packed) or nothing for find, nothing in finders])

    return bins


def _many_bins(names: list[bytes]) -> _Bins:
    wanted = frozenset(names)
    unpack = _OP.unpack_from

    def bins(record: Record, now: int) -> tuple[int, bytes] | None:
        packed, at = record.packed, 0
        found: dict[bytes, bytes] = {}
        for _ in range(record.n_bins):
            size, name_size = unpack(packed, at)
            end = at + 4 + size
            name = packed[at + 8 : at + 8 + name_size]
            if name in wanted:
                found[name] = packed[at:end]
            at = end
        chosen = [found[name] for name in names if name in found]
        return (len(chosen), b"".join(chosen)) if chosen else None

    return bins


def _operations(projection: Sequence[Operation], respond_all: bool) -> _Bins:
    """Run read operations; raises Refused when one of them fails on the record."""

    def bins(record: Record, now: int) -> tuple[int, bytes] | None:
        state = ops.State(record.bins, record, now)
        results: list[Result] = []
        for op in projection:
            missing = op.op != OpType.EXP_READ and op.name not in state.bins
            particle = None if missing else ops.READ[op.op](state, op)
            if particle is not None or respond_all:
                results.append((op.op, op.name, particle))
        return (len(results), pack_results(results)) if results else None

    return bins
