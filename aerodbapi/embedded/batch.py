"""Batch requests: many records' commands in one message, answered in order of their index.

wire.md §8; server source: batch.c. Every entry is executed even after one has failed: without
the flag that asks for all errors, only the answers stop there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import filters
from aerodbapi.embedded.records import Command, execute, set_name_of
from aerodbapi.embedded.replies import Outcome, Refused, batch_message, frame, last_message
from aerodbapi.embedded.udf.calls import call_of
from aerodbapi.errors import Error, OperationalError
from aerodbapi.protocol.batch import batch_flags, decode_batch_request
from aerodbapi.protocol.flags import BatchFlag, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.security.guard import Guard
    from aerodbapi.embedded.storage import Namespace
    from aerodbapi.protocol.batch import BatchKey
    from aerodbapi.protocol.message import Message

__all__ = ["FRAME_SIZE", "run"]

FRAME_SIZE: Final = 128 << 10  # the server's block of batch answers

_SERVER: Final = 1
_PARAMETER: Final = 4
#: Outcomes that are answers rather than errors: done, not found, filtered out.
_ANSWERS: Final = frozenset((0, 2, 27))


def run(node: EmbeddedNode, message: Message, guard: Guard | None = None) -> Iterator[bytes]:
    """Execute a batch and yield its reply frames; what they acknowledge is safe.

    `guard`: asked for each key, where the node has security.
    """
    field = message.field(FieldType.BATCH)
    try:
        keys = [] if field is None else decode_batch_request(field)
        flags = 0 if field is None else batch_flags(field)
        filter = message.field(FieldType.FILTER)
        if filter is not None:
            filters.check(filter)
    except Error:
        keys = []
    if not keys:
        yield frame(last_message(_PARAMETER))
        return
    body = bytearray()
    failed = 0
    for index, outcome in _outcomes(node, keys, filter, message.transaction_ttl, guard):
        if failed:
            continue
        if outcome.result_code not in _ANSWERS and not flags & BatchFlag.RESPOND_ALL_KEYS:
            failed = outcome.result_code
            if not flags & BatchFlag.ERROR_RECORD:
                continue
        body += batch_message(index, outcome)
        if len(body) >= FRAME_SIZE:
            if not _confirmed(node):
                break
            yield frame(bytes(body))
            body.clear()
    if not _confirmed(node):
        body.clear()
        failed = _SERVER
    body += last_message(failed)
    yield frame(bytes(body))


def _confirmed(node: EmbeddedNode) -> bool:
    try:
        node.store.confirm()
    except OperationalError:
        return False
    return True


def _outcomes(
    node: EmbeddedNode,
    keys: list[BatchKey],
    filter: bytes | None,
    timeout_ms: int,
    guard: Guard | None,
) -> Iterator[tuple[int, Outcome]]:
    namespaces: dict[str, Namespace] = {}
    for key in keys:
        try:
            namespace = namespaces.get(key.namespace)
            if namespace is None:
                namespace = namespaces[key.namespace] = node.namespace(key.namespace)
            command = _command(key, filter, timeout_ms)
            if guard is not None:
                guard.record(key.namespace, command)
            yield key.index, execute(namespace, command)
        except Refused as refused:
            yield key.index, Outcome(refused.result_code)
    node.reaper.step()


def _command(key: BatchKey, filter: bytes | None, timeout_ms: int) -> Command:
    fields = dict(key.fields)
    return Command(
        key.info1,
        key.info2,
        key.info3,
        key.generation,
        key.ttl,
        set_name_of(fields),
        key.digest,
        fields.get(FieldType.KEY),
        fields.get(FieldType.FILTER, filter),
        fields.get(FieldType.TXN_ID),
        call_of(fields, timeout_ms) if FieldType.UDF_PACKAGE in fields else None,
        key.ops,
        in_batch=True,
        info4=key.info4,
        version=fields.get(FieldType.RECORD_VERSION),
    )
