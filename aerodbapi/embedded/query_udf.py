"""Queries that run Lua: aggregations and background UDFs, and where a Lua engine plugs in.

Until one does, the node answers as a server without the named module: an aggregation gives a
FAILURE value and result code 1, a background UDF fails on every record (observed of 8.1.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.query_jobs import Job
from aerodbapi.embedded.query_select import batches
from aerodbapi.embedded.replies import Refused, frame, last_message
from aerodbapi.protocol.flags import FieldType, Info1, OpType, ParticleType, UDFOp
from aerodbapi.protocol.message import Message, Operation, encode_message

if TYPE_CHECKING:
    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace

__all__ = ["UDF_QUERIES", "UDFQuery", "check", "kind_of"]

_SERVER: Final = 1
_PARAMETER: Final = 4
_UNSUPPORTED: Final = 16

#: (node, namespace, request, message, index) → reply frames.
UDFQuery = Callable[
    ["EmbeddedNode", "Namespace", "QueryRequest", Message, "Index | None"], Iterator[bytes]
]


def kind_of(message: Message) -> int:
    """Give the kind of a UDF query; Refused(4) when the message names none."""
    kind = message.field(FieldType.UDF_OP)
    if kind is None or len(kind) != 1 or kind[0] not in UDF_QUERIES:
        raise Refused(_PARAMETER)
    return kind[0]


def check(message: Message, kind: int) -> None:
    """Refuse what the server refuses before it looks at the fields."""
    if message.info1 & Info1.SHORT_QUERY:
        raise Refused(_PARAMETER)
    if kind == UDFOp.AGGREGATE and message.field(FieldType.FILTER) is not None:
        raise Refused(_UNSUPPORTED)


def _aggregate(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    job = _enter(node, request, "aggregation", index)
    failure = Operation(OpType.READ, "FAILURE", ParticleType.STRING, b"UDF: Execution Error 1")
    job.failed = 1
    node.jobs.finish(job)
    body = encode_message(Message(ops=(failure,)))
    return iter((frame(body), frame(last_message(_SERVER))))


def _background(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    job = _enter(node, request, "background-udf", index)
    request.partitions = None
    job.failed = sum(len(records) for _, _, records in batches(namespace, request, index))
    job.progress = 100.0
    node.jobs.finish(job)
    return iter((frame(last_message()),))


def _enter(node: EmbeddedNode, request: QueryRequest, kind: str, index: Index | None) -> Job:
    job = Job(
        request.task_id,
        kind,
        request.namespace,
        request.set_name,
        index_name="" if index is None else index.name,
        records_per_second=request.records_per_second,
    )
    if not node.jobs.start(job):
        raise Refused(_PARAMETER)
    return job


#: Kind of UDF query → what answers it.
UDF_QUERIES: dict[int, UDFQuery] = {
    UDFOp.AGGREGATE: _aggregate,
    UDFOp.BACKGROUND: _background,
}
