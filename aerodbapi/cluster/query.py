"""Partition queries over the whole cluster: every record once, whatever nodes come and go.

A query goes in rounds. Each round shares the pending partitions out to nodes and reads every
node's stream in a branch of its own, handing records on as frames arrive. What a broken stream,
or a node that refused a partition, left behind is pending still: the next round takes it to
another replica, after the last record that was handed on. With `max_records`, each round
divides what is still missing; a short answer is not the end, only a partition that was read to
its end is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.commands import replica_policy
from aerodbapi.cluster.effects import Close, Conversation, Emit, Next, Sleep, Stream
from aerodbapi.cluster.forks import together_or_raise
from aerodbapi.cluster.policy import NODE_ERRORS, QUERY, Policy
from aerodbapi.cluster.tracker import PartitionFilter, PartitionTracker, Share
from aerodbapi.errors import Error, Timeout, error_for
from aerodbapi.frozen import replace
from aerodbapi.protocol.flags import ParticleType, UDFOp
from aerodbapi.protocol.query import (
    QueryColumns,
    QueryRequest,
    decode_query_columns,
    decode_query_frame,
    encode_query,
)

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster

__all__ = [
    "Decoder",
    "PartitionFilter",
    "PartitionTracker",
    "columns_decoder",
    "decode_records",
    "query",
]

#: From a frame's body to its items (`rows`, to be emitted as they are) and their positions.
Decoder = Callable[[bytes], QueryColumns]

#: Result codes after which other replicas are asked; all others end the query.
_RETRYABLE: Final = frozenset({9, 11, 18, 201, 203, -7, -8, -10, -14})
_INDEX_NOT_FOUND: Final = 201
_REASONS_SHOWN: Final = 5


def decode_records(body: bytes) -> QueryColumns:
    """Decode a frame to records: protocol.query.QueryRecord tuples with a dict of bins."""
    records, unavailable, last, code = decode_query_frame(body)
    digests = [record[0] for record in records]
    bvals = [record[6] for record in records]
    return QueryColumns(list(records), digests, bvals, unavailable, last, code)


def columns_decoder(columns: Sequence[str]) -> Decoder:
    """Build a decoder to tuples of the values of `columns` (bin names), None where absent."""
    names = list(columns)
    return lambda body: decode_query_columns(body, names)


@dataclass(slots=True)
class _Query:
    """One query on its way; `reasons` are its failures so far, for the error that ends it."""

    cluster: Cluster
    request: QueryRequest
    policy: Policy
    tracker: PartitionTracker
    decode: Decoder
    deadline: float | None
    tracked: bool = True  # False: results of an aggregation, which have no position
    reasons: list[Error] = field(default_factory=list)


def query(
    cluster: Cluster,
    request: QueryRequest,
    policy: Policy = QUERY,
    *,
    tracker: PartitionTracker | None = None,
    decode: Decoder = decode_records,
    concurrency: int = 0,
) -> Conversation[PartitionTracker]:
    """Read what `request` asks for from all its partitions; emit lists of decoded items.

    `request` is a template: partitions, resume points, max_records and timeouts of each node's
    request are filled in here. `tracker` says which partitions, and is updated: give it again
    for the next page. Its state is exact when the conversation has ended; after closing it
    early, what was emitted last may come again. `concurrency`: nodes read at a time (0: all).

    Returns the tracker; its `is_done` is False when max_records came first. Raises what the
    nodes answered, PartitionUnavailable and the like after `policy.max_retries` rounds in a row
    that got nothing, Timeout at the deadline.
    """
    tracker = tracker if tracker is not None else PartitionTracker()
    total = policy.total_timeout
    deadline = cluster.clock() + total / 1000 if total else None
    run = _Query(cluster, request, policy, tracker, decode, deadline)
    run.tracked = request.udf is None or request.udf.op != UDFOp.AGGREGATE
    replica = replica_policy(policy, write=False)
    wanted = request.max_records
    failed_rounds = 0
    tracker.start(repeats=_repeats(request))
    while not tracker.is_done:
        shares, failures = tracker.assign(cluster, request.namespace, replica, wanted)
        for some in _slices(shares, concurrency):
            yield from together_or_raise(_read_share(run, share) for share in some)
        delivered = sum(share.delivered for share in shares)
        if request.max_records:
            wanted -= delivered
            if wanted <= 0:
                break
        errors = _failures(shares, failures)
        if not errors:
            continue
        failed_rounds = 1 if delivered else failed_rounds + 1
        run.reasons += errors
        pause = _pause(run, failed_rounds, errors, shares)
        if pause:
            yield Sleep(pause)
    return tracker


def _repeats(request: QueryRequest) -> bool:
    """Tell whether one record may answer several entries of the range that is asked for."""
    entries = request.range
    if entries is None:
        return False
    if entries.particle_type == ParticleType.GEOJSON:
        return True
    return request.index_type != 0 and entries.low != entries.high


def _slices(shares: Sequence[Share], size: int) -> list[Sequence[Share]]:
    if not shares or size <= 0:
        return [shares]
    return [shares[start : start + size] for start in range(0, len(shares), size)]


def _failures(shares: Sequence[Share], unowned: Sequence[Error]) -> list[Error]:
    """What went wrong in a round: nodes, partitions that nodes refused, and those of no node."""
    errors: list[Error] = list(unowned)
    for share in shares:
        if share.error is not None:
            errors.append(share.error)
        for pid, code in share.missing.items():
            errors.append(error_for(code, f"partition {pid} unavailable", node=str(share.node)))
    return errors


def _pause(
    run: _Query, failed_rounds: int, errors: Sequence[Error], shares: Sequence[Share]
) -> float:
    """Seconds to wait before the next round; raises when there shall be none."""
    policy = run.policy
    missing_index = [error for error in errors if error.result_code == _INDEX_NOT_FOUND]
    if missing_index and len(missing_index) == len(shares):
        raise missing_index[0]  # no node knows it: waiting would not help
    pause = 0.0 if failed_rounds == 1 else policy.sleep_between_retries / 1000
    if run.deadline is not None and run.cluster.clock() + pause >= run.deadline:
        text = f"the query took longer than its total timeout of {policy.total_timeout} ms"
        raise Timeout(f"{text}: {_summary(run.reasons)}", node=errors[-1].node) from errors[-1]
    if failed_rounds > policy.max_retries:
        last = errors[-1]
        last.args = (f"{last.message} [after {_rounds(failed_rounds)}: {_summary(run.reasons)}]",)
        raise last
    return pause


def _rounds(count: int) -> str:
    return "1 round" if count == 1 else f"{count} rounds"


def _summary(reasons: Sequence[Error]) -> str:
    """The first reasons, each once, with the number of the others."""
    texts = list(dict.fromkeys(f"{error.message} ({error.node})" for error in reasons))
    shown = "; ".join(texts[:_REASONS_SHOWN])
    more = len(texts) - _REASONS_SHOWN
    return f"{shown}; and {more} more" if more > 0 else shown


# ---- one node's stream -------------------------------------------------------------------------


def _read_share(run: _Query, share: Share) -> Conversation[None]:
    """Read one node's share; settle it with the tracker, or raise what ends the query."""
    handle: Any = None
    reusable = False
    try:
        if share.node.tripped:
            raise error_for(-14, node=str(share.node))
        silence = run.policy.socket_timeout
        seconds = silence / 1000 if silence else None
        handle = yield Stream(share.node, _frame(run, share), run.deadline, seconds)
        reusable = yield from _read_frames(run, share, handle)
    except Error as error:
        if error.node is None:
            error.node = str(share.node)
        if error.result_code in NODE_ERRORS:
            share.node.count_error(run.cluster.max_error_rate)
        # A query changes nothing; results of an aggregation cannot be taken back.
        error.in_doubt = False
        if error.result_code not in _RETRYABLE or not (run.tracked or not share.received):
            if handle is not None:
                yield Close(handle, reusable)
            raise
        run.tracker.fail(share, error)
    else:
        run.tracker.finish(share)
    if handle is not None:
        yield Close(handle, reusable)


def _frame(run: _Query, share: Share) -> bytes:
    request, tracker = run.request, run.tracker
    bvals: Sequence[int] = ()
    if request.range is not None:
        bvals = [tracker.bvals[pid] or 0 for pid in share.resumed]
    remaining = 0 if run.deadline is None else run.deadline - run.cluster.clock()
    return encode_query(
        replace(
            request,
            partitions=share.whole,
            digests=[tracker.digests[pid] or b"" for pid in share.resumed],
            bvals=bvals,
            max_records=share.limit,
            socket_timeout_ms=run.policy.socket_timeout,
            timeout_ms=0 if run.deadline is None else max(1, int(remaining * 1000)),
        )
    )


def _read_frames(run: _Query, share: Share, handle: Any) -> Conversation[bool]:
    """Read a stream and emit its items; tell whether it was read to its last frame.

    False without an error: the node sent more than its limit, and the rest is not wanted.
    Raises the error of the last message's result code.
    """
    decode, limit = run.decode, share.limit
    while True:
        body = yield Next(handle)
        items, digests, bvals, unavailable, last, code = decode(body)
        for pid, reason in unavailable:
            share.missing[pid] = reason
        share.received += len(items)
        too_many = bool(limit) and share.received > limit
        if too_many:
            keep = len(items) - (share.received - limit)
            items, digests, bvals = items[:keep], digests[:keep], bvals[:keep]
        if items:
            yield from _deliver(run, share, items, digests, bvals)
        if last:
            if code:
                raise error_for(code, node=str(share.node))
            return True
        if too_many:
            return False


def _deliver(
    run: _Query,
    share: Share,
    items: list[Any],
    digests: Sequence[bytes],
    bvals: Sequence[int | None],
) -> Conversation[None]:
    """Emit items, then remember them: what was not taken comes again."""
    tracker = run.tracker
    if tracker.seen is not None:
        fresh = tracker.fresh(digests)
        items = [item for item, new in zip(items, fresh, strict=True) if new]
    if items:
        share.delivered += len(items)
        yield Emit(items)
    if run.tracked:
        tracker.note(digests, bvals if run.request.range is not None else None)
