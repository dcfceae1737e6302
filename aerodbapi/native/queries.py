"""Queries of the native client: a set's records, by primary or secondary index.

for record in client.query("test", "demo", bins=["age"], where=between("age", 20, 30)):
    ...
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Union

from aerodbapi.cluster import jobs
from aerodbapi.cluster.query import PartitionFilter, PartitionTracker, decode_records, query
from aerodbapi.errors import InvalidGeoJSON, ParameterError, UDFError
from aerodbapi.frozen import frozen, replace
from aerodbapi.native.contexts import Context, to_bytes
from aerodbapi.native.policies import QueryPolicy, packed_filter
from aerodbapi.native.records import check_names
from aerodbapi.native.results import Key, Meta, Record
from aerodbapi.protocol import particles
from aerodbapi.protocol.commands import ttl_of
from aerodbapi.protocol.expressions import Exp, pack_expression
from aerodbapi.protocol.flags import ParticleType
from aerodbapi.protocol.query import IndexRange, QueryColumns, QueryRequest
from aerodbapi.protocol.reply import kept_packed
from aerodbapi.types import GeoJSON

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation

__all__ = [
    "COLLECTIONS",
    "Where",
    "aggregate",
    "background",
    "between",
    "contains",
    "equals",
    "geo",
    "records",
]

#: Collection of an index → its number in the INDEX_TYPE field.
COLLECTIONS: Final = {None: 0, "LIST": 1, "MAPKEYS": 2, "MAPVALUES": 3}


@frozen
class Where:
    """What of a secondary index to read: the one predicate that it answers.

    `context`: packed, of an index on a nested element. The index may be named instead
    (`index_name`), or told by its packed `expression`.
    """

    range: IndexRange
    index_type: int = 0
    index_name: str | None = None
    context: bytes = b""
    expression: bytes = b""

    def on(
        self,
        *,
        ctx: Context | None = None,
        index_name: str | None = None,
        expression: Union[Exp, bytes, None] = None,
    ) -> Where:
        """The same predicate on a nested element, or on the index with this name or expression."""
        packed = expression if isinstance(expression, bytes) else b""
        if expression is not None and not packed:
            packed = pack_expression(expression)
        bounds = self.range
        if index_name or packed:
            bounds = replace(bounds, bin="")
        return replace(
            self,
            range=bounds,
            index_name=index_name or self.index_name,
            context=to_bytes(ctx) if ctx else self.context,
            expression=packed or self.expression,
        )


def equals(bin: str | None, value: Any, collection: str | None = None) -> Where:
    """Records whose `bin` equals an integer, text or bytes (or holds it, with a collection).

    `bin` is None for predicates on an index that is named, or told by its expression.
    """
    return between(bin, value, value, collection)


def between(bin: str | None, low: Any, high: Any, collection: str | None = None) -> Where:
    """Records whose `bin` lies in a range of integers, both ends included."""
    kind, low_bytes = _bound(low)
    other, high_bytes = _bound(high)
    if kind != other or (kind != ParticleType.INTEGER and low_bytes != high_bytes):
        raise ParameterError(
            "a range has two integers; text and bytes are compared for equality", result_code=-2
        )
    return Where(IndexRange(_bin(bin), kind, low_bytes, high_bytes), _collection(collection))


def contains(bin: str | None, collection: str, value: Any) -> Where:
    """Records whose list or map in `bin` holds `value`, by the index of that collection."""
    return equals(bin, value, collection)


def geo(bin: str | None, shape: GeoJSON | str, collection: str | None = None) -> Where:
    """Records whose points lie within `shape`, or whose regions contain it."""
    if isinstance(shape, str):
        try:
            shape = GeoJSON(shape)
        except ValueError as error:
            raise InvalidGeoJSON(str(error), result_code=160) from None
    if not isinstance(shape, GeoJSON):
        raise ParameterError(f"a shape is GeoJSON, not {type(shape).__name__}", result_code=-2)
    text = shape.text.encode()
    return Where(IndexRange(_bin(bin), ParticleType.GEOJSON, text, text), _collection(collection))


def _bin(bin: str | None) -> str:
    if bin is None:
        return ""
    if not isinstance(bin, str):
        raise ParameterError(f"a bin's name is str, not {type(bin).__name__}", result_code=-2)
    return bin


def _collection(collection: str | None) -> int:
    name = collection.upper() if isinstance(collection, str) else collection
    if name in COLLECTIONS:
        return COLLECTIONS[name]
    raise ParameterError(
        f"a collection is LIST, MAPKEYS or MAPVALUES, not {collection!r}", result_code=-2
    )


def _bound(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool) or not isinstance(value, (int, str, bytes, bytearray)):
        raise ParameterError(
            f"an index is asked for an integer, text or bytes, not {type(value).__name__}",
            result_code=-2,
        )
    return particles.encode(value)


def request_of(
    namespace: str,
    set_name: str | None,
    policy: QueryPolicy,
    *,
    bins: Sequence[str] | None = None,
    where: Where | None = None,
) -> QueryRequest:
    """What every node is asked, but for its partitions. Raises ParameterError (-2)."""
    if where is not None and not isinstance(where, Where):
        raise ParameterError(
            f"a predicate is what equals, between, contains or geo return, not {where!r:.60}",
            result_code=-2,
        )
    for what, name in (("namespace", namespace), ("set", set_name or "")):
        if not isinstance(name, str):
            raise ParameterError(f"a {what} is named by text, not {name!r}", result_code=-2)
    if bins is not None:
        check_names(bins)
    found = where if where is not None else _EVERYTHING
    return QueryRequest(
        namespace,
        set_name,
        bins=tuple(bins) if bins else None,
        nobins=not policy.include_bins or (bins is not None and not bins),
        filter=packed_filter(policy.filter),
        max_records=policy.max_records,
        records_per_second=policy.records_per_second,
        range=None if where is None else where.range,
        index_type=found.index_type,
        index_name=found.index_name,
        index_context=found.context,
        index_expression=found.expression,
        short=policy.short_query,
        relax=policy.relax,
        compress=policy.compress,
    )


_EVERYTHING: Final = Where(IndexRange("", 0, b"", b""))


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
    request = request_of(namespace, set_name, policy, bins=bins, where=where)
    tracker = tracker_of(partitions)
    decode = _decoder(namespace, bins=not request.nobins, deserialize=policy.deserialize)
    return (
        yield from query(
            cluster,
            request,
            policy,
            tracker=tracker,
            decode=decode,
            concurrency=policy.max_concurrent_nodes,
        )
    )


def tracker_of(partitions: PartitionFilter | PartitionTracker | None) -> PartitionTracker:
    """The tracker of a query over these partitions; a tracker goes on where it was."""
    if isinstance(partitions, PartitionTracker):
        return partitions
    if partitions is not None and not isinstance(partitions, PartitionFilter):
        raise ParameterError(
            f"partitions are a PartitionFilter, not {type(partitions).__name__}", result_code=-2
        )
    return PartitionTracker(partitions)


def aggregate(
    cluster: Cluster, request: QueryRequest, policy: QueryPolicy
) -> Conversation[PartitionTracker]:
    """Emit lists of what a stream UDF gives on the nodes. Raises UDFError with Lua's message."""
    return (yield from query(cluster, request, policy, decode=_decode_results))


def background(cluster: Cluster, request: QueryRequest, policy: QueryPolicy) -> Conversation[int]:
    """Start a query that changes records, on every node; return its task id."""
    ttl = policy.ttl & 0xFFFFFFFF
    request = replace(request, ttl=ttl, durable_delete=policy.durable_delete)
    return (yield from jobs.background(cluster, request, policy))


def _decode_results(body: bytes) -> QueryColumns:
    found, digests, bvals, unavailable, last, code = decode_records(body)
    for record in found:
        if "FAILURE" in record[5]:
            raise UDFError(str(record[5]["FAILURE"]), result_code=100)
    items = [record[5].get("SUCCESS") for record in found]
    return QueryColumns(items, digests, bvals, unavailable, last, code)


def _decoder(namespace: str, *, bins: bool, deserialize: bool = True) -> Any:
    def decode(body: bytes) -> QueryColumns:
        if not deserialize:
            body = kept_packed(body)
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
