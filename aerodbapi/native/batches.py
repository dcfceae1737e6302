"""Batches of the native client: many keys, one result each, in the order asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.errors import Error, ParameterError, error_for
from aerodbapi.native import batch_records, transactions
from aerodbapi.native.batch_records import Defaults, Request
from aerodbapi.native.keys import resolve
from aerodbapi.native.policies import (
    READ,
    SC_INFO3,
    BatchPolicy,
    ReadPolicy,
    WritePolicy,
    meta_changes,
    packed_filter,
    read_info1,
)
from aerodbapi.native.records import check_names, operation_flags
from aerodbapi.native.results import Key, Meta, Record
from aerodbapi.protocol.batch import BatchEntry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.commands import bins_ops, ttl_of
from aerodbapi.protocol.flags import BatchFlag, Info2
from aerodbapi.protocol.message import Operation

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.native.transactions import Transaction

__all__ = ["BatchRecord", "BatchRecords", "apply", "operate", "read", "remove", "write"]


@dataclass(slots=True)
class BatchRecord:
    """One key of a batch. `result`: the result code; `record` is None unless it is 0.

    `in_doubt`: a write that may have been applied although `result` is not 0. `ordered_bins`:
    where operations were done, one (bin, value) for each that answers. `message`: what is known
    of a failure beyond its code, such as a UDF's own text.
    """

    key: Key
    result: int
    record: Record | None
    in_doubt: bool = False
    node: str | None = None
    ordered_bins: list[tuple[str, Any]] | None = None
    message: str = ""

    @property
    def error(self) -> Error | None:
        """The error that `result` stands for, or None."""
        if self.result == 0:
            return None
        return error_for(self.result, self.message, node=self.node, in_doubt=self.in_doubt)


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
    cluster: Cluster,
    keys: Iterable[Any],
    bins: Sequence[str] | None,
    policy: BatchPolicy,
    each: ReadPolicy = READ,
) -> Conversation[BatchRecords]:
    """Read records: all bins, those of `bins`, or with `bins` empty only metadata."""
    if bins is not None:
        check_names(bins)
    if policy.txn is not None:
        requests = [batch_records.Read(key, bins, policy=each) for key in _resolved(keys)]
        no_bins = bins is not None and not bins
        return (yield from _together(cluster, requests, policy, Defaults(), bins=not no_bins))
    resolved = _resolved(keys)
    nobins = bins is not None and not bins
    filter = packed_filter(each.filter)
    info1, info3 = read_info1(policy), SC_INFO3[policy.read_mode_sc]
    touch = (each.touch_ttl_percent or policy.touch_ttl_percent) & 0xFFFFFFFF
    entries = [
        read_entry(
            key[0],
            key[1],
            key[3],
            bins=None if nobins else bins,
            nobins=nobins,
            info1_extra=info1,
            info3=info3,
            touch_ttl=touch,
            filter=filter,
        )
        for key in resolved
    ]
    return (yield from _run(cluster, resolved, entries, policy, bins=not nobins))


def write(
    cluster: Cluster,
    records: Iterable[Any],
    policy: BatchPolicy,
    defaults: Defaults,
) -> Conversation[BatchRecords]:
    """Write (key, bins) or (key, bins, meta) tuples, and do what Read, Write, Remove and Apply say.

    Meta is a dictionary with `gen` and `ttl`, or None.
    """
    if isinstance(records, (str, Mapping)) or not isinstance(records, Iterable):
        raise ParameterError(f"a batch is a list of records, not {records!r:.60}", result_code=-2)
    if policy.txn is not None:
        whole = [_request(given) for given in records]
        return (yield from _together(cluster, whole, policy, defaults))
    each = defaults.write
    info2, info3, info4 = each.info2, each.info3, each.info4
    filter = packed_filter(each.filter)
    requests: list[Request | None] = []
    resolved, entries = [], []
    for given in records:
        if type(given) is tuple and len(given) == 2:
            key = resolve(given[0])
            n_ops, ops = bins_ops(_bins(given[1]))
            entry = write_entry(
                key[0],
                key[1],
                key[3],
                ops,
                n_ops,
                info2=info2,
                info3=info3,
                info4=info4,
                generation=each.generation,
                ttl=each.ttl & 0xFFFFFFFF,
                key=key[2] if each.send_key else None,
                filter=filter,
            )
            requests.append(None)
        else:
            request = _request(given)
            key = batch_records.key_of(request)
            requests.append(request)
            entry = batch_records.entry(request, key, defaults, policy)
        resolved.append(key)
        entries.append(entry)
    mixed = any(request is not None for request in requests)
    return (yield from _run(cluster, resolved, entries, policy, ordered=mixed))


def _resolved(keys: Any) -> list[Key]:
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        raise ParameterError(f"keys are a list of keys, not {keys!r:.60}", result_code=-2)
    return [resolve(key) for key in keys]


def _bins(bins: Any) -> Any:
    if not isinstance(bins, Mapping):
        raise ParameterError(
            f"bins are a dictionary by bin name, not {type(bins).__name__}", result_code=-2
        )
    return bins


def _request(given: Any) -> Any:
    if not isinstance(given, (tuple, list)) or not 2 <= len(given) <= 3:
        return given  # key_of says what is wrong with it
    policy = meta_changes(given[2]) if len(given) == 3 and given[2] is not None else None
    return batch_records.Write(given[0], _bins(given[1]), policy)


def operate(
    cluster: Cluster,
    keys: Iterable[Any],
    ops: Sequence[Operation],
    policy: BatchPolicy,
    defaults: Defaults,
) -> Conversation[BatchRecords]:
    """Do the same operations on every key; results are in order too."""
    if not isinstance(ops, (list, tuple)) or not ops:
        raise ParameterError("batch_operate needs a list of at least one operation", result_code=-2)
    writing = operation_flags(ops)[1] & Info2.WRITE
    build = batch_records.Write if writing else _reading
    return (yield from _same(cluster, keys, lambda key: build(key, ops), policy, defaults))


def _reading(key: Any, ops: Sequence[Operation]) -> Request:
    return batch_records.Read(key, ops=ops)


def apply(
    cluster: Cluster,
    keys: Iterable[Any],
    module: str,
    function: str,
    args: Sequence[Any] | None,
    policy: BatchPolicy,
    defaults: Defaults,
) -> Conversation[BatchRecords]:
    """Run a record UDF on every key; each result is the record's bin SUCCESS."""

    def build(key: Any) -> Request:
        return batch_records.Apply(key, module, function, args or ())

    return (yield from _same(cluster, keys, build, policy, defaults))


def _same(
    cluster: Cluster,
    keys: Iterable[Any],
    build: Callable[[Any], Request],
    policy: BatchPolicy,
    defaults: Defaults,
) -> Conversation[BatchRecords]:
    requests = [build(key) for key in _resolved(keys)]
    return (yield from _together(cluster, requests, policy, defaults))


def _together(
    cluster: Cluster,
    requests: Sequence[Any],
    policy: BatchPolicy,
    defaults: Defaults,
    *,
    bins: bool = True,
) -> Conversation[BatchRecords]:
    """Do what each request says, with results in order; in a transaction if there is one."""
    keys = [batch_records.key_of(request) for request in requests]
    txn = policy.txn
    fields: list[list[tuple[int, bytes]]] = [[]] * len(keys)
    writes = [batch_records.writes(request) for request in requests]
    if txn is not None:
        for key in keys:
            txn.join(key)
        written = [key for key, write in zip(keys, writes, strict=True) if write]
        yield from transactions.monitor(cluster, txn, written, policy)
        fields = [txn.fields(key, deadline=write) for key, write in zip(keys, writes, strict=True)]
    entries = [
        batch_records.entry(request, key, defaults, policy, extra)
        for request, key, extra in zip(requests, keys, fields, strict=True)
    ]
    versions: dict[int, bytes] | None = None if txn is None else {}
    records = yield from _run(
        cluster, keys, entries, policy, bins=bins, ordered=True, versions=versions
    )
    if versions is not None:
        _note(txn, records, writes, versions)
    return records


def _note(
    txn: Transaction, records: BatchRecords, writes: Sequence[bool], versions: dict[int, bytes]
) -> None:
    """Tell a transaction what became of a batch's records."""
    for index, record in enumerate(records):
        version = versions.get(index)
        if not writes[index]:
            txn.saw(record.key, version)
        elif record.in_doubt:
            txn.write_in_doubt = True
            txn.doubted(record.key)
        else:
            txn.wrote(record.key, version, record.result)


def remove(
    cluster: Cluster, keys: Iterable[Any], policy: BatchPolicy, each: WritePolicy
) -> Conversation[BatchRecords]:
    """Remove records; a missing one has result 2."""
    if policy.txn is not None:
        requests = [batch_records.Remove(key, each) for key in _resolved(keys)]
        return (yield from _together(cluster, requests, policy, Defaults()))
    resolved = _resolved(keys)
    filter = packed_filter(each.filter)
    entries = [
        remove_entry(
            key[0],
            key[1],
            key[3],
            info2=each.info2 & ~Info2.WRITE,
            info3=each.info3,
            info4=each.info4,
            generation=each.generation,
            key=key[2] if each.send_key else None,
            filter=filter,
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
    ordered: bool = False,
    versions: dict[int, bytes] | None = None,
) -> Conversation[BatchRecords]:
    if not entries:
        return BatchRecords([])
    results = yield from batch(
        cluster,
        entries,
        policy,
        flags=_flags(policy),
        filter=packed_filter(policy.filter),
        ordered=ordered,
        versions=versions,
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
    code, values = result.result_code, result.bins
    ordered = values if type(values) is list else None
    if ordered is not None:
        values = dict(ordered)
    if code:
        message = "" if result.error is None else result.error.message
        message = str(values.get("FAILURE", message)) if values else message
        return BatchRecord(key, code, None, result.in_doubt, result.node, message=message)
    meta = Meta(result.generation, ttl_of(result.void_time, now))
    record = Record(key, meta, values if bins else None)
    return BatchRecord(key, 0, record, False, result.node, ordered)
