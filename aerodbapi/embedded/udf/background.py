"""Background UDFs: a record function on every record that a query meets.

The reply goes out first; the work is done when the reader of the reply comes back for more or
gives up (server source: query.c, udf_bg_query_job_*).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import query_request
from aerodbapi.embedded.query_jobs import Job
from aerodbapi.embedded.query_select import batches
from aerodbapi.embedded.records import Command
from aerodbapi.embedded.replies import Refused, frame, last_message
from aerodbapi.embedded.udf.apply import apply
from aerodbapi.embedded.udf.calls import call_of
from aerodbapi.protocol.flags import Info2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace, Record
    from aerodbapi.embedded.udf.calls import Call
    from aerodbapi.protocol.message import Message

__all__ = ["background"]

_PARAMETER: Final = 4
_NOT_FOUND: Final = 2
_FILTERED_OUT: Final = 27


def background(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    """Check and enter a background UDF; gives its reply, after which it works.

    Raises Refused.
    """
    query_request.take_filter(request)
    call = call_of(dict(message.fields), 0)
    job = Job(
        request.task_id,
        "background-udf",
        request.namespace,
        request.set_name,
        index_name="" if index is None else index.name,
        records_per_second=request.records_per_second,
    )
    if not node.jobs.start(job):
        raise Refused(_PARAMETER)
    return _answer_then_work(node, namespace, request, message, index, job, call)


def _answer_then_work(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
    job: Job,
    call: Call,
) -> Iterator[bytes]:
    try:
        yield frame(last_message())
    finally:
        try:
            request.partitions = None
            _work(namespace, request, message, index, job, call)
        finally:
            node.jobs.finish(job)


def _work(
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
    job: Job,
    call: Call,
) -> None:
    rate = request.records_per_second
    started = time.monotonic()
    done = 0
    for progress, _, records in batches(namespace, request, index):
        job.progress = progress
        for record in records:
            if job.aborted:
                break
            _count(job, _apply(namespace, record, request, message, call))
            done += 1
            wait = started + done / rate - time.monotonic() if rate else 0.0
            if wait > 0:
                time.sleep(wait)
        if job.aborted:
            break
    namespace.confirm()
    job.progress = 100.0


def _apply(
    namespace: Namespace, record: Record, request: QueryRequest, message: Message, call: Call
) -> int:
    command = Command(
        0,
        Info2.WRITE | (message.info2 & Info2.DURABLE_DELETE),
        0,
        0,
        message.record_ttl,
        record.set_name,
        record.digest,
        filter=request.filter or None,
    )
    try:
        return apply(namespace, command, call, internal=True).result_code
    except Refused as refused:  # a transaction holds the record
        return refused.result_code


def _count(job: Job, result_code: int) -> None:
    if result_code == 0:
        job.succeeded += 1
    elif result_code == _FILTERED_OUT:
        job.filtered += 1
    elif result_code != _NOT_FOUND:  # removed since the query met it
        job.failed += 1
