"""Queries of the native client: a set's records, by primary or secondary index.

for record in client.query("test", "demo", bins=["age"], where=between("age", 20, 30)):
    ...
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.query import PartitionFilter, PartitionTracker, decode_records, query
from aerodbapi.errors import ParameterError
from aerodbapi.native.policies import QueryPolicy, packed_filter
from aerodbapi.native.results import Key, Meta, Record
from aerodbapi.protocol import particles
from aerodbapi.protocol.commands import ttl_of
from aerodbapi.protocol.flags import ParticleType
from aerodbapi.protocol.query import IndexRange, QueryColumns, QueryRequest
from aerodbapi.types import GeoJSON

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation

__all__ = ["COLLECTIONS", "Where", "between", "contains", "equals", "geo", "records"]

#: Collection of an index → its number in the INDEX_TYPE field.
COLLECTIONS: Final = {None: 0, "LIST": 1, "MAPKEYS": 2, "MAPVALUES": 3}


@dataclass(frozen=True, slots=True)
class Where:
    """What of a secondary index to read: the one predicate that it answers."""

    range: IndexRange
    index_type: int = 0
    index_name: str | None = None


def equals(bin: str, value: Any, collection: str | None = None) -> Where:
    """Records whose `bin` equals an integer, text or bytes (or holds it, with a collection)."""
    return between(bin, value, value, collection)


def between(bin: str, low: Any, high: Any, collection: str | None = None) -> Where:
    """Records whose `bin` lies in a range of integers, both ends included."""
    if collection is not None and collection.upper() not in COLLECTIONS:
        raise ParameterError(f"a collection is LIST, MAPKEYS or MAPVALUES, not {collection!r}")
    kind, low_bytes = _bound(low)
    other, high_bytes = _bound(high)
    if kind != other or (kind != ParticleType.INTEGER and low_bytes != high_bytes):
        raise ParameterError("a range has two integers; text and bytes are compared for equality")
    bounds = IndexRange(bin, kind, low_bytes, high_bytes)
    return Where(bounds, COLLECTIONS[collection.upper() if collection else None])


def contains(bin: str, collection: str, value: Any) -> Where:
    """Records whose list or map in `bin` holds `value`, by the index of that collection."""
    return equals(bin, value, collection)


def geo(bin: str, shape: GeoJSON | str, collection: str | None = None) -> Where:
    """Records whose points lie within `shape`, or whose regions contain it."""
    text = (shape.text if isinstance(shape, GeoJSON) else shape).encode()
    bounds = IndexRange(bin, ParticleType.GEOJSON, text, text)
    return Where(bounds, COLLECTIONS[collection.upper() if collection else None])


def _bound(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool) or not isinstance(value, (int, str, bytes, bytearray)):
        raise ParameterError(
            f"an index is asked for an integer, text or bytes, not {type(value).__name__}"
        )
    return particles.encode(value)


def records(
    cluster: Cluster,
    namespace: str,
    set_name: str | None,
    policy: QueryPolicy,
    *,
    bins: Sequence[str] | None = None,
    where: Where | None = None,
    partitions: PartitionFilter | PartitionTracker | None = None,
) -> Conversation[PartitionTracker]:
    """Emit lists of Records. Returns the tracker, which continues where max_records stopped."""
    request = QueryRequest(
        namespace,
        set_name,
        bins=tuple(bins) if bins else None,
        nobins=not policy.include_bins or (bins is not None and not bins),
        filter=packed_filter(policy.filter),
        max_records=policy.max_records,
        records_per_second=policy.records_per_second,
        range=None if where is None else where.range,
        index_type=0 if where is None else where.index_type,
        index_name=None if where is None else where.index_name,
        short=policy.short_query,
    )
    if isinstance(partitions, PartitionTracker):
        tracker = partitions
    else:
        # A range over the elements of a collection index may answer with a record twice.
        tracker = PartitionTracker(partitions, dedupe=where is not None and where.index_type > 0)
    decode = _decoder(namespace, bins=not request.nobins)
    return (yield from query(cluster, request, policy, tracker=tracker, decode=decode))


def _decoder(namespace: str, *, bins: bool) -> Any:
    def decode(body: bytes) -> QueryColumns:
        found, digests, bvals, unavailable, last, code = decode_records(body)
        now = time.time()
        items = [
            Record(
                Key(namespace, set_name, user_key, digest),
                Meta(generation, ttl_of(void_time, now)),
                values if bins else None,
            )
            for digest, set_name, user_key, generation, void_time, values, _ in found
        ]
        return QueryColumns(items, digests, bvals, unavailable, last, code)

    return decode
