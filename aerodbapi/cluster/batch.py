"""Batches: keys split by node, each node's part in one request, only what failed tried again.

Nothing that happens to a key or a node raises: each key has its own result, in the request's
order. What raises is a cluster without any node, and bytes that no server sends.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.cluster.commands import compressed, replica_policy
from aerodbapi.cluster.effects import Close, Conversation, Next, Sleep, Stream
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.policy import BATCH, NODE_ERRORS, RETRYABLE, STAYS, Policy, server_timeout
from aerodbapi.errors import (
    Error,
    NamespaceNotFound,
    PartitionUnavailable,
    ProtocolError,
    error_for,
)
from aerodbapi.protocol.batch import DEFAULT_FLAGS, BatchEntry, decode_batch, encode_batch
from aerodbapi.protocol.flags import Info1, Info2
from aerodbapi.protocol.reply import kept_packed

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = ["MAX_KEYS", "BatchResult", "batch"]

#: Keys in one request: the server's default of batch-max-requests.
MAX_KEYS: Final = 5000
_MAX_BYTES: Final = 32 << 20  # of one request; a server refuses bodies above 128 MiB
_PART: Final = itemgetter(1)
_KEY_BYTES: Final = 25  # of each key, before what differs from the key before
_NO_RESPONSE: Final = -15
_TIMEOUT: Final = 9
_MASK: Final = 4095


class BatchResult(NamedTuple):
    """What became of one key: the entry at `index` of the request.

    `bins`: a dictionary, or a list of (bin, value) where results were asked for in order.
    `result_code`: the server's, or the client's (below 0, and 9) when no answer came; `error`
    then says why. `void_time`: seconds since 2010, 0 never. `node`: who answered or failed.
    `in_doubt`: a write that may have been applied although the code is not 0.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    result_code: int
    generation: int
    void_time: int
    bins: Any
    node: str | None
    in_doubt: bool = False
    error: Error | None = None


@dataclass(slots=True)
class _Batch:
    """One batch on its way.

    `unowned`: keys of this round that no node owns. `doubts`: writes that a node may have carried
    out although no definite answer came. `attempts`: index → replica index.
    """

    cluster: Cluster
    entries: Sequence[BatchEntry]
    policy: Policy
    flags: int
    filter: bytes
    max_keys: int
    deadline: float | None
    results: list[BatchResult | None]
    ordered: bool = False
    versions: dict[int, bytes] | None = None
    writes: set[int] = field(default_factory=set)
    unowned: list[int] = field(default_factory=list)
    doubts: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    previous: dict[int, Node] = field(default_factory=dict)


def batch(
    cluster: Cluster,
    entries: Sequence[BatchEntry],
    policy: Policy = BATCH,
    *,
    flags: int = DEFAULT_FLAGS,
    filter: bytes = b"",
    max_keys: int = MAX_KEYS,
    ordered: bool = False,
    versions: dict[int, bytes] | None = None,
) -> Conversation[list[BatchResult]]:
    """Carry out a batch; return one result for each entry, in order.

    `flags`, `filter`: the batch's own (protocol.batch). A node's part is cut into requests of
    at most `max_keys` keys. Keys without a definite answer, and those that their node could not
    serve now (codes 9, 11, 18), are tried again at other replicas, up to `policy.max_retries`
    times within `policy.total_timeout`. `ordered`, `versions`: see protocol.batch.decode_batch.
    Raises ConnectionFailed when there is no node at all.
    """
    total = policy.total_timeout
    deadline = cluster.clock() + total / 1000 if total else None
    nothing: list[BatchResult | None] = [None] * len(entries)
    run = _Batch(cluster, entries, policy, flags, filter, max_keys, deadline, nothing)
    run.ordered, run.versions = ordered, versions
    pending: Sequence[int] = range(len(entries))
    tries = 0
    while pending:
        pieces = _pieces(run, _assign(run, pending))
        yield from together(_piece(run, node, part) for node, part in pieces)
        tries += 1
        pending = _failed_keys(run, pieces)
        pause = 0.0 if tries == 1 else policy.sleep_between_retries / 1000
        if tries > policy.max_retries or not pending:
            break
        if deadline is not None and cluster.clock() + pause >= deadline:
            break
        for index in pending:
            run.results[index] = None
        if pause:
            yield Sleep(pause)
    return _settled(run)


def _settled(run: _Batch) -> list[BatchResult]:
    for index in run.doubts:
        result = run.results[index]
        if result is not None and result.result_code:
            run.results[index] = result._replace(in_doubt=True)
    return [result for result in run.results if result is not None]


# ---- who gets what -----------------------------------------------------------------------------


def _assign(run: _Batch, pending: Sequence[int]) -> dict[Node, list[int]]:
    """Group the pending entries by node; those that no node can take get their result here."""
    groups: dict[Node, list[int]] = {}
    entries, unowned = run.entries, run.unowned
    unowned.clear()
    last_part: bytes | None = None
    namespace, replica, write = "", "", False
    masters: list[Node | None] | None = None
    for index in pending:
        digest, part, _ = entries[index]
        if part is not last_part:
            last_part = part
            namespace, write = _target(part)
            replica = replica_policy(run.policy, write=write)
            masters = _masters(run, namespace, replica)
        if write:
            run.writes.add(index)
        pid = (digest[0] | digest[1] << 8) & _MASK
        node = masters[pid] if masters is not None else None
        if node is None:
            try:
                node = _node_for(run, namespace, pid, index, replica)
            except (NamespaceNotFound, PartitionUnavailable) as error:
                run.results[index] = _failed(index, error)
                unowned.append(index)
                continue
        group = groups.get(node)
        if group is None:
            groups[node] = [index]
        else:
            group.append(index)
    return groups


def _masters(run: _Batch, namespace: str, replica: str) -> list[Node | None] | None:
    """The short road of a first round: the masters by partition; None where it does not lead."""
    table = run.cluster.partitions.get(namespace)
    if table is None or run.attempts or replica not in ("sequence", "master"):
        return None
    return table.replicas[0]


def _node_for(run: _Batch, namespace: str, pid: int, index: int, replica: str) -> Node:
    attempt, previous = run.attempts.get(index, 0), run.previous.get(index)
    return run.cluster.node_for(namespace, pid, attempt, replica, previous)


#: Bytes between an entry's info bytes and its count of fields, by the bits of its type.
_OPTIONAL: Final = ((0x10, 1), (0x04, 2), (0x08, 4))  # info4, generation, ttl
_COUNTS_AND_FIELD: Final = struct.Struct(">HHIB")


def _target(part: bytes) -> tuple[str, bool]:
    """Namespace of an encoded entry, and whether it writes (layout: protocol.batch)."""
    position = 4 + sum(size for bit, size in _OPTIONAL if part[0] & bit)
    _, _, length, _ = _COUNTS_AND_FIELD.unpack_from(part, position)
    start = position + _COUNTS_AND_FIELD.size
    return part[start : start + length - 1].decode(), bool(part[2] & Info2.WRITE)


def _pieces(run: _Batch, groups: dict[Node, list[int]]) -> list[tuple[Node, list[int]]]:
    """Cut every node's keys into requests."""
    entries, most = run.entries, run.max_keys
    total = sum(map(len, map(_PART, entries))) + _KEY_BYTES * len(entries)
    if total <= _MAX_BYTES and all(len(indexes) <= most for indexes in groups.values()):
        return list(groups.items())
    pieces = []
    for node, indexes in groups.items():
        start = size = 0
        for position, index in enumerate(indexes):
            bytes_here = len(entries[index][1]) + _KEY_BYTES
            if position - start >= most or (size and size + bytes_here > _MAX_BYTES):
                pieces.append((node, indexes[start:position]))
                start, size = position, 0
            size += bytes_here
        pieces.append((node, indexes[start:] if start else indexes))
    return pieces


# ---- one request -------------------------------------------------------------------------------


def _piece(run: _Batch, node: Node, indexes: list[int]) -> Conversation[None]:
    """Send some keys to a node and note their results; keys without one get the failure's."""
    handle: Any = None
    finished = False
    try:
        if node.tripped:
            raise error_for(-14, node=str(node))
        handle = yield Stream(node, _frame(run, indexes), run.deadline, _silence(run.policy))
        code = yield from _read(run, node, handle)
        finished = True
        failure = error_for(
            code or _NO_RESPONSE,
            "" if code else "the node did not answer for this key",
            node=str(node),
            in_doubt=code in (0, _TIMEOUT),
        )
    except Error as error:
        error.in_doubt = error.in_doubt or handle is not None
        failure = error
    if handle is not None:
        yield Close(handle, finished)
    missing = [index for index in indexes if run.results[index] is None]
    if missing:
        _note_missing(run, node, missing, failure)


def _silence(policy: Policy) -> float | None:
    return policy.socket_timeout / 1000 if policy.socket_timeout else None


def _frame(run: _Batch, indexes: list[int]) -> bytes:
    policy = run.policy
    remaining = None if run.deadline is None else run.deadline - run.cluster.clock()
    whole = len(indexes) == len(run.entries)
    frame = encode_batch(
        run.entries if whole else [run.entries[index] for index in indexes],
        timeout_ms=server_timeout(policy, remaining),
        flags=run.flags,
        filter=run.filter,
        indexes=None if whole else indexes,
        info1_extra=Info1.COMPRESS_RESPONSE if policy.compress else 0,
    )
    return compressed(frame, policy)


def _read(run: _Batch, node: Node, handle: Any) -> Conversation[int]:
    """Note the results of a reply as they come; return the code of its last message."""
    results, name, count = run.results, str(node), len(run.entries)
    ordered, versions = run.ordered, run.versions
    deserialize = run.policy.deserialize
    new = tuple.__new__  # half the time of BatchResult(…)
    while True:
        body = yield Next(handle)
        if not deserialize:
            body = kept_packed(body)
        replies, last, code = decode_batch(body, ordered=ordered, versions=versions)
        for index, result_code, generation, void_time, bins in replies:
            if index >= count:
                raise ProtocolError(f"an answer for key {index} of {count}", node=name)
            values = (index, result_code, generation, void_time, bins, name, False, None)
            results[index] = new(BatchResult, values)
            if result_code == _TIMEOUT and index in run.writes:
                run.doubts.add(index)
        if last:
            return code


def _note_missing(run: _Batch, node: Node, missing: list[int], failure: Error) -> None:
    """Give the keys that got no answer what happened to their request."""
    if failure.result_code in NODE_ERRORS:
        node.count_error(run.cluster.max_error_rate)
    if failure.node is None:
        failure.node = str(node)
    for index in missing:
        if failure.in_doubt and index in run.writes:
            run.doubts.add(index)
        run.results[index] = _failed(index, failure)


def _failed(index: int, error: Error) -> BatchResult:
    code = error.result_code if error.result_code is not None else -1
    return BatchResult(index, code, 0, 0, {}, error.node, False, error)


def _failed_keys(run: _Batch, pieces: Sequence[tuple[Node | None, list[int]]]) -> list[int]:
    """The keys to try again, in order; their next try goes where it should."""
    failed = []
    results = run.results
    for node, indexes in [*pieces, (None, run.unowned)]:
        for index in indexes:
            result = results[index]
            if result is None or result[1] not in RETRYABLE:
                continue
            failed.append(index)
            if node is not None:
                run.previous[index] = node
            if index not in run.writes or result[1] not in STAYS:
                run.attempts[index] = run.attempts.get(index, 0) + 1
    return sorted(failed)
