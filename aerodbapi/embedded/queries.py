"""Queries: over partitions or a secondary index, in the foreground or changing records.

`run` answers any message that names no single record. Reply frames are made as they are asked
for, so memory stays bounded, and whoever stops asking stops the query. Writes may go on
meanwhile: a record that changes is met as it was or as it is, never twice.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import filters, query_request, query_udf
from aerodbapi.embedded.query_background import MAX_RECORDS_PER_SECOND, background
from aerodbapi.embedded.query_jobs import Job
from aerodbapi.embedded.query_replies import encoder
from aerodbapi.embedded.query_select import batches
from aerodbapi.embedded.replies import Outcome, Refused, frame, last_message, message_frame
from aerodbapi.embedded.storage import now_2010
from aerodbapi.protocol.flags import FieldType, Info2, Info3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.security.guard import Guard
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace
    from aerodbapi.protocol.message import Message

__all__ = ["run"]

_FRAME_SIZE: Final = 128 << 10
_NOT_FOUND: Final = 2
_PARAMETER: Final = 4
_UNSUPPORTED: Final = 16
_INDEX_NOT_FOUND: Final = 201
_ABORTED: Final = 210


def run(node: EmbeddedNode, message: Message, guard: Guard | None = None) -> Iterator[bytes]:
    """Answer a query; what is wrong with it is answered with its result code.

    `guard`: asked first, and for the query's rate, where the node has security.
    """
    try:
        namespace = node.namespace_of(message)
        if guard is not None:
            guard.query(namespace.name, message)
            return guard.metered(message, run(node, message))
        if message.field(FieldType.UDF_PACKAGE) is not None:
            return _udf_query(node, namespace, message)
        if message.info2 & Info2.WRITE:
            request = query_request.parse(message, namespace.name)
            return _background(node, namespace, request, message)
        if not message.info3 & Info3.PARTITION_DONE:
            raise Refused(_UNSUPPORTED)
        request = query_request.parse(message, namespace.name)
        if request.partitions is None:
            raise Refused(_UNSUPPORTED)
        index = index_for(node, request)
        query_request.finish(request, message)
        job = _job(node, request, index)
    except Refused as refused:
        return iter((message_frame(Outcome(refused.result_code)),))
    return _Stream(node, namespace, request, message, job).frames(index)


def index_for(node: EmbeddedNode, request: QueryRequest) -> Index | None:
    """Find the secondary index that a query asks for; Refused(201) when there is none."""
    asked = request.index
    if asked is None:
        return None
    if asked.name:
        index: Index | None = node.indexes.named(request.namespace, asked.name)
    else:
        index = node.indexes.defined(asked.definition)
    if index is None:
        raise Refused(_INDEX_NOT_FOUND)
    return index


def _udf_query(node: EmbeddedNode, namespace: Namespace, message: Message) -> Iterator[bytes]:
    kind = query_udf.kind_of(message)
    query_udf.check(message, kind)
    request = query_request.parse(message, namespace.name)
    _check_background(namespace, request)
    index = index_for(node, request)
    return query_udf.UDF_QUERIES[kind](node, namespace, request, message, index)


def _check_background(namespace: Namespace, request: QueryRequest) -> None:
    if request.short:
        raise Refused(_PARAMETER)
    if request.set_name is not None and request.set_name not in namespace.sets:
        raise Refused(_NOT_FOUND)
    if request.records_per_second > MAX_RECORDS_PER_SECOND:
        raise Refused(_PARAMETER)


def _background(
    node: EmbeddedNode, namespace: Namespace, request: QueryRequest, message: Message
) -> Iterator[bytes]:
    _check_background(namespace, request)
    return background(node, namespace, request, message, index_for(node, request))


def _job(node: EmbeddedNode, request: QueryRequest, index: Index | None) -> Job:
    job = Job(
        request.task_id,
        "basic",
        request.namespace,
        request.set_name,
        index_name="" if index is None else index.name,
        records_per_second=request.records_per_second,
        n_partitions=len(request.partitions or {}),
        n_resumed=request.n_resumed,
    )
    if not request.short and not node.jobs.start(job):
        raise Refused(_PARAMETER)
    return job


class _Stream:
    """One foreground query's reply."""

    def __init__(
        self,
        node: EmbeddedNode,
        namespace: Namespace,
        request: QueryRequest,
        message: Message,
        job: Job,
    ) -> None:
        self.node = node
        self.namespace = namespace
        self.request = request
        self.job = job
        self.encode = encoder(
            namespace.name,
            message.ops,
            no_bins=request.no_bins,
            respond_all=bool(message.info2 & Info2.RESPOND_ALL_OPS),
            with_bval=request.index is not None,
        )
        self.passes = filters.matcher(request.filter) if request.filter else None
        self.limit = request.max_records

    def frames(self, index: Index | None) -> Iterator[bytes]:
        """Yield frames of about 128 KiB, then the one that ends the reply."""
        job, rate = self.job, self.request.records_per_second
        started = time.monotonic()
        parts: list[bytes] = []
        size = 0
        try:
            for message in self._messages(index):
                parts.append(message)
                size += len(message)
                wait = started + job.succeeded / rate - time.monotonic() if rate else 0.0
                if size >= _FRAME_SIZE or wait > 0:
                    yield frame(b"".join(parts))
                    parts.clear()
                    size = 0
                    if wait > 0:
                        time.sleep(wait)
            if parts:
                yield frame(b"".join(parts))
            job.progress = 100.0
            yield frame(last_message(_ABORTED if job.aborted else 0))
        finally:
            if not self.request.short:
                self.node.jobs.finish(job)

    def _messages(self, index: Index | None) -> Iterator[bytes]:
        """Yield each record's message; ends early at the limit or when aborted."""
        job, passes, encode, limit = self.job, self.passes, self.encode, self.limit
        met = 0  # records that passed the filter, which the limit counts
        for progress, bval, records in batches(self.namespace, self.request, index):
            job.progress = progress
            now = now_2010()
            for record in records:
                if 0 < record.void_time < now:
                    continue
                if passes is not None and not passes(record, now):
                    job.filtered += 1
                    continue
                try:
                    message = encode(record, bval, now)
                except Refused:
                    job.failed += 1
                    message = None
                else:
                    job.succeeded += 1
                if message is not None:
                    yield message
                met += 1
                if met == limit:
                    return
            if job.aborted:
                return
