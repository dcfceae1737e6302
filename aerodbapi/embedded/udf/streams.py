"""Aggregations: a stream function over the records of each partition, on the node.

As on a server, every partition is a stream of its own: a chain that ends in a reduce gives one
value a partition, which the client reduces further (server source: query.c, aggr_query_job_*;
aggr.c).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.query_jobs import Job
from aerodbapi.embedded.query_select import batches
from aerodbapi.embedded.replies import (
    Outcome,
    Refused,
    batch_message,
    frame,
    last_message,
    pack_results,
)
from aerodbapi.embedded.storage import now_2010, partition_of
from aerodbapi.embedded.udf.apply import fields_of, success
from aerodbapi.embedded.udf.calls import call_of
from aerodbapi.embedded.udf.runtime import NODE, LuaFailed
from aerodbapi.errors import UnsupportedFeature
from aerodbapi.protocol.flags import OpType, ParticleType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace, Record
    from aerodbapi.embedded.udf.calls import Call
    from aerodbapi.embedded.udf.runtime import Fields, Runtime
    from aerodbapi.protocol.message import Message

__all__ = ["SECONDS", "aggregate"]

#: What a stream function may take for one partition. A server has no such limit: there a loop
#: that does not end keeps a thread until the node is stopped.
SECONDS: Final = 10.0

_FRAME_SIZE: Final = 64 << 10
_SERVER: Final = 1
_PARAMETER: Final = 4
_ABORTED: Final = 210
#: Lua's status of a run that failed, as the failure's text gives it.
_LUA_FAILED: Final = 2


def aggregate(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    """Check and enter an aggregation; gives its reply. Raises Refused."""
    call = call_of(dict(message.fields), 0)
    job = Job(
        request.task_id,
        "aggregation",
        request.namespace,
        request.set_name,
        index_name="" if index is None else index.name,
        records_per_second=request.records_per_second,
    )
    if not node.jobs.start(job):
        raise Refused(_PARAMETER)
    return _answer(node, namespace, request, call, index, job)


def _answer(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    call: Call,
    index: Index | None,
    job: Job,
) -> Iterator[bytes]:
    body = bytearray()
    code = 0
    try:
        for messages in _slices(namespace, request, call, index, job):
            body += messages
            if len(body) >= _FRAME_SIZE:
                yield frame(bytes(body))
                body.clear()
        job.progress = 100.0
        if job.aborted:
            code = _ABORTED
    except LuaFailed as problem:
        job.failed += 1
        body += _failure(str(problem))
        code = _SERVER
    finally:
        node.jobs.finish(job)
    body += last_message(code)
    yield frame(bytes(body))


def _slices(
    namespace: Namespace, request: QueryRequest, call: Call, index: Index | None, job: Job
) -> Iterator[bytes]:
    """Run the function on each partition's records; gives the messages of each run."""
    request.partitions = None
    partitions = _by_partition(namespace, request, index)
    if not partitions:
        return
    try:
        with namespace.udf.state(call.module) as runtime:
            for done, records in enumerate(partitions):
                if job.aborted:
                    return
                job.progress = 100.0 * done / len(partitions)
                yield _run(runtime, call, records, job)
    except UnsupportedFeature as problem:
        raise LuaFailed(str(problem)) from None


def _by_partition(
    namespace: Namespace, request: QueryRequest, index: Index | None
) -> list[list[Record]]:
    found: dict[int, list[Record]] = {}
    now = now_2010()
    for _, _, records in batches(namespace, request, index):
        for record in records:
            if not record.expired(now):
                found.setdefault(partition_of(record.digest), []).append(record)
    return [found[pid] for pid in sorted(found)]


def _run(runtime: Runtime, call: Call, records: list[Record], job: Job) -> bytes:
    messages = bytearray()
    now = now_2010()
    rest = iter(records)
    rate, started, before = job.records_per_second, time.monotonic(), job.succeeded

    def read() -> Fields | None:
        record = next(rest, None)
        if record is None or job.aborted:
            return None
        job.succeeded += 1
        wait = started + (job.succeeded - before) / rate - time.monotonic() if rate else 0.0
        if wait > 0:
            time.sleep(wait)
            runtime.deadline += wait
        runtime.record = record
        return fields_of(record, record.key, now)

    def write(kind: int, data: bytes) -> None:
        nonlocal messages
        messages += batch_message(0, success(kind, data))

    runtime.deadline = started + SECONDS
    try:
        runtime.apply_stream(call.function, call.arguments, NODE, read, write)
    except LuaFailed as problem:
        raise LuaFailed(f"UDF: Execution Error {_LUA_FAILED} : {problem}") from None
    finally:
        runtime.record = None
    return bytes(messages)


def _failure(text: str) -> bytes:
    particle = (int(ParticleType.STRING), text.encode("utf-8", "replace"))
    return batch_message(0, Outcome(0, 0, 0, 1, pack_results([(OpType.READ, "FAILURE", particle)])))
