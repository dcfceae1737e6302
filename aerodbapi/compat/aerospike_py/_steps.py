"""Batches that write. They may take several native calls, whose answers decide what follows.

A step generator yields Commands and Pauses; the sync client runs them, the async one awaits them.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any, Final, TypeVar, Union

from aerodbapi.compat.aerospike_py import _policies as policies
from aerodbapi.compat.aerospike_py import types
from aerodbapi.compat.aerospike_py._arguments import a_list, bins_of, instance, key_of, keys_of
from aerodbapi.compat.aerospike_py._commands import Command, batch_record_out
from aerodbapi.compat.aerospike_py._operations import to_native
from aerodbapi.errors import Error
from aerodbapi.frozen import frozen
from aerodbapi.native import operations
from aerodbapi.native.batch_records import Apply, Read, Remove, Request, Write
from aerodbapi.native.policies import BatchPolicy, ReadPolicy
from aerodbapi.native.results import Key

__all__ = ["Pause", "Steps", "batch_apply", "batch_operate", "batch_remove", "batch_write"]


@frozen
class Pause:
    """Wait so many seconds."""

    seconds: float


_T = TypeVar("_T")
Steps = Generator[Union[Command[Any], Pause], Any, _T]

#: Result codes after which a record is worth another try: timeout, device overload, key busy,
#: out of memory, partition unavailable.
_RETRYABLE: Final = frozenset({8, 9, 11, 14, 18})
_FIRST_BACKOFF: Final = 0.01  # seconds; doubles
_LAST_BACKOFF: Final = 0.5


def _send(
    name: str, requests: Sequence[Request], policy: BatchPolicy
) -> Steps[list[types.BatchRecord]]:
    """Do one batch; no call at all when it is empty."""
    if not requests:
        return []
    args = requests, policy
    answer = yield Command(name, requests[0].key, "batch_write", args, lambda answer: answer)
    return [batch_record_out(each) for each in answer]


def _once(
    name: str, requests: Sequence[Request], policy: BatchPolicy
) -> Steps[types.BatchWriteResult]:
    return types.BatchWriteResult((yield from _send(name, requests, policy)))


def _given(policy: Any) -> Any:
    return policy if policy is None else instance(policy, dict)


# ---- batch_write -------------------------------------------------------------------------------


def batch_write(records: Any, policy: Any = None, retry: Any = 0) -> Steps[types.BatchWriteResult]:
    """Write (key, bins[, meta]) records; up to `retry` more tries for those worth it."""
    given = _given(policy)
    requests = [_write(record, given) for record in a_list(records)]
    return _write_all(requests, policies.batch(given), retry)


def _write(record: Any, policy: Any) -> Request:
    if not isinstance(record, tuple):
        raise TypeError("Each record must be a tuple of (key, bins)")
    if len(record) < 2:
        raise ValueError("Each record tuple must have at least 2 elements: (key, bins)")
    meta = record[2] if len(record) > 2 else None
    if meta is not None and not isinstance(meta, dict):
        kind = type(meta).__name__
        raise TypeError(
            f"meta element must be a dict: {kind!r} object is not an instance of 'dict'"
        )
    return Write(key_of(record[0]), bins_of(record[1]), policies.batch_each(policy, meta))


def _write_all(
    requests: list[Request], policy: BatchPolicy, retry: int
) -> Steps[types.BatchWriteResult]:
    deadline = time.monotonic() + policy.total_timeout / 1000 if policy.total_timeout else None
    results = yield from _send("batch_write", requests, policy)
    attempts, truncated, backoff = 1, False, _FIRST_BACKOFF
    failed = _retryable(results)
    while failed and attempts <= retry:
        if deadline is not None and time.monotonic() + backoff >= deadline:
            truncated = True
            break
        yield Pause(backoff)
        backoff = min(2 * backoff, _LAST_BACKOFF)
        attempts += 1
        try:
            again = yield from _send("batch_write", [requests[i] for i in failed], policy)
        except Error:
            break  # what is known of each record stays
        for index, result in zip(failed, again):
            results[index] = result
        failed = _retryable(results)
    unresolved = len(failed) if retry else 0
    info = types.BatchRetryInfo(attempts, 1 + retry, truncated, unresolved)
    return types.BatchWriteResult(results, info)


def _retryable(results: Sequence[types.BatchRecord]) -> list[int]:
    return [index for index, each in enumerate(results) if each.result in _RETRYABLE]


# ---- batch_operate, batch_remove, batch_apply --------------------------------------------------


def batch_operate(keys: Any, ops: Any, policy: Any = None) -> Steps[types.BatchWriteResult]:
    """Do the same operations on every key."""
    given = _given(policy)
    each, done = policies.batch_each(given), to_native(ops)
    requests: list[Request]
    if all(op.op in operations.READS for op in done):
        reading = ReadPolicy(filter=each.filter)
        requests = [Read(key, ops=done, policy=reading) for key in keys_of(keys)]
    else:
        requests = [Write(key, done, each) for key in keys_of(keys)]
    return _once("batch_operate", requests, policies.batch(given))


def _key_and_meta(item: Any) -> tuple[Key, dict[str, Any]]:
    """A key, or a pair of a key and a dictionary."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], dict):
        return key_of(item[0]), item[1]
    return key_of(item), {}


def batch_remove(keys: Any, policy: Any = None) -> Steps[types.BatchWriteResult]:
    """Remove records; an element may be (key, BatchDeleteMeta)."""
    given, pairs = _given(policy), [_key_and_meta(item) for item in a_list(keys)]
    requests = [Remove(key, policies.batch_each(given, meta)) for key, meta in pairs]
    return _once("batch_remove", requests, policies.batch(given))


def batch_apply(
    keys: Any, module: Any, function: Any, args: Any = None, policy: Any = None
) -> Steps[types.BatchWriteResult]:
    """Call a record UDF on every key; an element may be (key, BatchUDFMeta)."""
    usual = {
        "module": instance(module, str),
        "function": instance(function, str),
        "args": a_list([] if args is None else args),
    }
    given, pairs = _given(policy), [_key_and_meta(item) for item in a_list(keys)]
    requests = []
    for key, meta in pairs:
        call = {name: meta.get(name, value) for name, value in usual.items()}
        requests.append(Apply(key, **call, policy=policies.batch_each(given, meta)))
    return _once("batch_apply", requests, policies.batch(given))
