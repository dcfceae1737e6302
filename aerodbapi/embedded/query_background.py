"""Background queries: the same write operations on every record that a query meets.

The reply goes out first, the work is done when the reader of the replies comes back for more
or gives up; query-show tells how far it is (server source: query.c, ops_bg_query_job_*).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import query_request
from aerodbapi.embedded.query_jobs import Job
from aerodbapi.embedded.query_select import batches
from aerodbapi.embedded.records import Command, execute
from aerodbapi.embedded.replies import Refused, frame, last_message
from aerodbapi.protocol.flags import Info1, Info2, Info3, OpType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace, Record
    from aerodbapi.protocol.message import Message

__all__ = ["background"]

#: background-query-max-rps: more is refused; without a rate the node works as fast as it can.
MAX_RECORDS_PER_SECOND: Final = 10_000
_PARAMETER: Final = 4
_NOT_FOUND: Final = 2
_FILTERED_OUT: Final = 27
_READ_OPS: Final = (
    OpType.READ,
    OpType.CDT_READ,
    OpType.EXP_READ,
    OpType.BITS_READ,
    OpType.HLL_READ,
)


def background(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    """Check and enter a background query; gives its reply, after which it works.

    Raises Refused. The caller has looked `index` up, and the set.
    """
    query_request.take_filter(request)
    if message.info1 & Info1.READ or not message.ops:
        raise Refused(_PARAMETER)
    if any(op.op in _READ_OPS for op in message.ops):
        raise Refused(_PARAMETER)
    job = Job(
        request.task_id,
        "background-ops",
        request.namespace,
        request.set_name,
        index_name="" if index is None else index.name,
        records_per_second=request.records_per_second,
    )
    if not node.jobs.start(job):
        raise Refused(_PARAMETER)
    return _answer_then_work(node, namespace, request, message, index, job)


def _answer_then_work(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
    job: Job,
) -> Iterator[bytes]:
    try:
        yield frame(last_message())
    finally:
        try:
            _work(namespace, request, message, index, job)
        finally:
            node.jobs.finish(job)


def _work(
    namespace: Namespace, request: QueryRequest, message: Message, index: Index | None, job: Job
) -> None:
    request.partitions = None
    rate = request.records_per_second
    started = time.monotonic()
    done = 0
    for progress, _, records in batches(namespace, request, index):
        job.progress = progress
        for record in records:
            if job.aborted:
                break
            _count(job, execute(namespace, _command(record, request, message)).result_code)
            done += 1
            wait = started + done / rate - time.monotonic() if rate else 0.0
            if wait > 0:
                time.sleep(wait)
        if job.aborted:
            break
    namespace.confirm()
    job.progress = 100.0


def _command(record: Record, request: QueryRequest, message: Message) -> Command:
    return Command(
        0,
        Info2.WRITE | (message.info2 & Info2.DURABLE_DELETE),
        Info3.UPDATE_ONLY | (message.info3 & Info3.REPLACE_ONLY),
        0,
        message.record_ttl,
        record.set_name,
        record.digest,
        filter=request.filter or None,
        ops=message.ops,
    )


def _count(job: Job, result_code: int) -> None:
    if result_code == 0:
        job.succeeded += 1
    elif result_code == _FILTERED_OUT:
        job.filtered += 1
    elif result_code != _NOT_FOUND:  # removed since the query met it
        job.failed += 1
