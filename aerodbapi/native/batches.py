"""Batches of the native client: many keys, one result each, in the order asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.errors import Error, error_for
from aerodbapi.native import operations
from aerodbapi.native.keys import resolve
from aerodbapi.native.policies import BatchPolicy, WritePolicy, packed_filter
from aerodbapi.native.records import operation_flags
from aerodbapi.native.results import Key, Meta, Record
from aerodbapi.protocol.batch import BatchEntry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.commands import bins_ops, ttl_of
from aerodbapi.protocol.flags import BatchFlag, Info1, Info2
from aerodbapi.protocol.message import Operation

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation

__all__ = ["BatchRecord", "BatchRecords", "operate", "read", "remove", "write"]


@dataclass(slots=True)
class BatchRecord:
    """One key of a batch. `result`: the result code; `record` is None unless it is 0.

    `in_doubt`: a write that may have been applied although `result` is not 0.
    """

    key: Key
    result: int
    record: Record | None
    in_doubt: bool = False
    node: str | None = None

    @property
    def error(self) -> Error | None:
        """The error that `result` stands for, or None."""
        if self.result == 0:
            return None
        return error_for(self.result, node=self.node, in_doubt=self.in_doubt)


class BatchRecords(Sequence[BatchRecord]):
    """A batch's results in the order of its keys; `batch_records` is the list itself."""

    __slots__ = ("batch_records",)

    def __init__(self, batch_records: list[BatchRecord]) -> None:
        self.batch_records = batch_records

    def __len__(self) -> int:
        return len(self.batch_records)

    def __getitem__(self, index: Any) -> Any:
        return self.batch_records[index]

    def __iter__(self) -> Iterator[BatchRecord]:
        return iter(self.batch_records)

    def __repr__(self) -> str:
        failed = sum(record.result != 0 for record in self.batch_records)
        return f"<BatchRecords {len(self)} keys, {failed} failed>"


def read(
    cluster: Cluster, keys: Iterable[Any], bins: Sequence[str] | None, policy: BatchPolicy
) -> Conversation[BatchRecords]:
    """Read records: all bins, those of `bins`, or with `bins` empty only metadata."""
    resolved = [resolve(key) for key in keys]
    nobins = bins is not None and not bins
    entries = [
        read_entry(key[0], key[1], key[3], bins=None if nobins else bins, nobins=nobins)
        for key in resolved
    ]
    return (yield from _run(cluster, resolved, entries, policy, bins=not nobins))


def write(
    cluster: Cluster,
    records: Iterable[tuple[Any, Mapping[str, Any]]],
    policy: BatchPolicy,
    each: WritePolicy,
) -> Conversation[BatchRecords]:
    """Write (key, bins) pairs, each under the policy `each`."""
    resolved, entries = [], []
    info2, info3 = each.info2, each.info3
    filter = packed_filter(each.filter)
    for given, bins in records:
        key = resolve(given)
        n_ops, ops = bins_ops(bins)
        entries.append(
            write_entry(
                key[0],
                key[1],
                key[3],
                ops,
                n_ops,
                info2=info2,
                info3=info3,
                generation=each.generation,
                ttl=each.ttl & 0xFFFFFFFF,
                key=key[2] if each.send_key else None,
                filter=filter,
            )
        )
        resolved.append(key)
    return (yield from _run(cluster, resolved, entries, policy))


def operate(
    cluster: Cluster,
    keys: Iterable[Any],
    ops: Sequence[Operation],
    policy: BatchPolicy,
    each: WritePolicy,
) -> Conversation[BatchRecords]:
    """Do the same operations on every key."""
    resolved = [resolve(key) for key in keys]
    info1, info2 = operation_flags(ops)
    encoded, filter = operations.encode(tuple(ops)), packed_filter(each.filter)
    entries = []
    for key in resolved:
        if not info2:
            entries.append(
                read_entry(
                    key[0],
                    key[1],
                    key[3],
                    ops=(len(ops), encoded),
                    info1_extra=info1,
                    filter=filter,
                )
            )
            continue
        responds = 0 if info1 & Info1.GET_ALL else Info2.RESPOND_ALL_OPS
        entries.append(
            write_entry(
                key[0],
                key[1],
                key[3],
                encoded,
                len(ops),
                info1=info1,
                info2=info2 | each.info2 | responds,
                info3=each.info3,
                generation=each.generation,
                ttl=each.ttl & 0xFFFFFFFF,
                key=key[2] if each.send_key else None,
                filter=filter,
            )
        )
    return (yield from _run(cluster, resolved, entries, policy))


def remove(
    cluster: Cluster, keys: Iterable[Any], policy: BatchPolicy, each: WritePolicy
) -> Conversation[BatchRecords]:
    """Remove records; a missing one has result 2."""
    resolved = [resolve(key) for key in keys]
    entries = [
        remove_entry(
            key[0],
            key[1],
            key[3],
            info2=each.info2 & ~Info2.WRITE,
            info3=each.info3,
            generation=each.generation,
            key=key[2] if each.send_key else None,
            filter=packed_filter(each.filter),
        )
        for key in resolved
    ]
    return (yield from _run(cluster, resolved, entries, policy))


def _run(
    cluster: Cluster,
    keys: list[Key],
    entries: Sequence[BatchEntry],
    policy: BatchPolicy,
    *,
    bins: bool = True,
) -> Conversation[BatchRecords]:
    if not entries:
        return BatchRecords([])
    results = yield from batch(
        cluster,
        entries,
        policy,
        flags=_flags(policy),
        filter=packed_filter(policy.filter),
    )
    now = time.time()
    return BatchRecords(
        [_record(key, result, now, bins) for key, result in zip(keys, results, strict=True)]
    )


def _flags(policy: BatchPolicy) -> int:
    return (
        BatchFlag.ERROR_RECORD
        | (BatchFlag.ALLOW_INLINE if policy.allow_inline else 0)
        | (BatchFlag.ALLOW_INLINE_SSD if policy.allow_inline_ssd else 0)
        | (BatchFlag.RESPOND_ALL_KEYS if policy.respond_all_keys else 0)
    )


def _record(key: Key, result: BatchResult, now: float, bins: bool) -> BatchRecord:
    code = result.result_code
    if code:
        return BatchRecord(key, code, None, result.in_doubt, result.node)
    meta = Meta(result.generation, ttl_of(result.void_time, now))
    return BatchRecord(key, 0, Record(key, meta, result.bins if bins else None))
