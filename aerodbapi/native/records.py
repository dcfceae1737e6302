"""The single-record commands: each builds the Call that a facade carries out.

`key` is (namespace, set, user key) or a Key. Policies are those of `policies`, or dictionaries
that change single keys of the client's defaults.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aerodbapi.cluster.policy import server_timeout
from aerodbapi.errors import ParameterError
from aerodbapi.native import operations
from aerodbapi.native.calls import NOT_FOUND, Call
from aerodbapi.native.keys import resolve
from aerodbapi.native.policies import (
    SC_INFO3,
    ReadPolicy,
    WritePolicy,
    packed_filter,
    read_info1,
)
from aerodbapi.native.results import (
    ExistsResult,
    Key,
    Meta,
    OperateOrderedResult,
    Record,
)
from aerodbapi.protocol.bin_commands import answers_always
from aerodbapi.protocol.commands import (
    bins_ops,
    decode_reply,
    decode_reply_ordered,
    operate_request,
    read_request,
    ttl_of,
    with_info4,
    write_request,
)
from aerodbapi.protocol.flags import TTL_NEVER, Info1, Info2, OpType
from aerodbapi.protocol.message import Operation
from aerodbapi.protocol.reply import kept_packed

__all__ = [
    "exists",
    "get",
    "operate",
    "operate_ordered",
    "put",
    "remove",
    "touch",
]


#: Named tuples by their plain constructor: half the time of calling the class.
_new = tuple.__new__


def get(key: Any, policy: ReadPolicy, bins: Sequence[str] | None = None) -> Call[Record]:
    """Read a record: all bins, or those named ([]: only metadata). RecordNotFound if it is none."""
    full = resolve(key)
    if bins is not None:
        check_names(bins)
    nobins = bins is not None and not bins
    frame = read_request(
        full[0],
        full[1],
        full[3],
        bins=None if nobins else bins,
        nobins=nobins,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        info1_extra=read_info1(policy),
        info3=SC_INFO3[policy.read_mode_sc],
        touch_ttl=policy.touch_ttl_percent & 0xFFFFFFFF,
        send_key=full[2] if policy.send_key else None,
    )
    read = _record if policy.deserialize else _record_packed
    return Call(full, frame, policy, read, txn=policy.txn)


def exists(key: Any, policy: ReadPolicy) -> Call[ExistsResult]:
    """Read a record's metadata; `meta` is None when there is no record."""
    full = resolve(key)
    frame = read_request(
        full[0],
        full[1],
        full[3],
        nobins=True,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        info1_extra=read_info1(policy),
        info3=SC_INFO3[policy.read_mode_sc],
    )
    return Call(full, frame, policy, _existence, accept=NOT_FOUND, txn=policy.txn)


def put(key: Any, bins: Mapping[str, Any], policy: WritePolicy) -> Call[None]:
    """Write bins; a value of None removes its bin."""
    full = resolve(key)
    if not isinstance(bins, Mapping):
        raise ParameterError(
            f"bins are a dictionary by bin name, not {type(bins).__name__}", result_code=-2
        )
    n_ops, ops = bins_ops(bins)
    return _write(full, ops, n_ops, policy)


def remove(key: Any, policy: WritePolicy) -> Call[None]:
    """Remove a record. RecordNotFound when there is none."""
    full = resolve(key)
    frame = write_request(
        full[0],
        full[1],
        full[3],
        b"",
        0,
        info2=policy.info2 | Info2.DELETE,
        info3=policy.info3,
        generation=policy.generation,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        key=full[2] if policy.send_key else None,
    )
    return _write_call(full, frame, policy, _nothing)


def touch(key: Any, policy: WritePolicy) -> Call[None]:
    """Renew a record's TTL (`policy.ttl`) and count up its generation."""
    return _write(resolve(key), operations.encode([operations.touch()]), 1, policy)


def operate(key: Any, ops: Sequence[Operation], policy: WritePolicy) -> Call[Record]:
    """Do several operations on one record atomically; of results for one bin the last is kept."""
    return _operate(key, ops, policy, _record if policy.deserialize else _record_packed)


def operate_ordered(
    key: Any, ops: Sequence[Operation], policy: WritePolicy
) -> Call[OperateOrderedResult]:
    """Do several operations on one record atomically; every result in order."""
    return _operate(key, ops, policy, _ordered if policy.deserialize else _ordered_packed)


def _operate(key: Any, ops: Sequence[Operation], policy: WritePolicy, read: Any) -> Call[Any]:
    full = resolve(key)
    if not isinstance(ops, (list, tuple)) or not ops:
        raise ParameterError("operate needs a list of at least one operation", result_code=-2)
    info1, info2 = operation_flags(ops)
    write = bool(info2 & Info2.WRITE)
    frame = operate_request(
        full[0],
        full[1],
        full[3],
        operations.encode(tuple(ops)),
        len(ops),
        info1=info1 | (read_info1(policy) if info1 else 0),
        info2=(info2 | policy.info2) if write else info2,
        info3=(policy.info3 if write else 0) | SC_INFO3[policy.read_mode_sc],
        generation=policy.generation if write else 0,
        ttl=(policy.ttl if write else policy.touch_ttl_percent) & 0xFFFFFFFF,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        key=full[2] if write and policy.send_key else None,
    )
    if write:
        return _write_call(full, frame, policy, read)
    return Call(full, frame, policy, read, txn=policy.txn)


def check_names(bins: Any) -> None:
    """Raise ParameterError (-2) for what is no list of the names of bins."""
    if isinstance(bins, (list, tuple)) and all(isinstance(name, str) for name in bins):
        return
    if isinstance(bins, str) or not isinstance(bins, Collection):
        what = repr(bins)
    elif all(isinstance(name, str) for name in bins):
        return
    else:
        what = f"{bins!r:.60}"
    raise ParameterError(f"bins are a list of names, not {what}", result_code=-2)


def operation_flags(ops: Sequence[Operation]) -> tuple[int, int]:
    """(info1, info2) for a list of operations: who reads, who writes, who answers in order."""
    info1 = info2 = 0
    answers = False
    for op in ops:
        if not isinstance(op, Operation):
            raise ParameterError(
                "operations are what the functions of native.operations, lists, maps, bits, "
                f"hlls and bin_operations return, not {op!r:.60}",
                result_code=-2,
            )
        if op.op in operations.READS:
            info1 |= Info1.READ
            if op.op == OpType.READ and not op.name:
                info1 |= Info1.GET_ALL
        else:
            info2 |= Info2.WRITE
        answers = answers or answers_always(op)
    if answers and not info1 & Info1.GET_ALL:
        info2 |= Info2.RESPOND_ALL_OPS
    return info1, info2


def _write(key: Key, ops: bytes, n_ops: int, policy: WritePolicy) -> Call[None]:
    frame = write_request(
        key[0],
        key[1],
        key[3],
        ops,
        n_ops,
        info2=policy.info2,
        info3=policy.info3,
        generation=policy.generation,
        ttl=policy.ttl & 0xFFFFFFFF,
        timeout_ms=server_timeout(policy),
        filter=packed_filter(policy.filter),
        key=key[2] if policy.send_key else None,
    )
    return _write_call(key, frame, policy, _nothing)


def _write_call(key: Key, frame: bytes, policy: WritePolicy, read: Any) -> Call[Any]:
    if policy.on_locking_only:
        frame = with_info4(frame, policy.info4)
    return Call(key, frame, policy, read, write=True, txn=policy.txn)


# ---- replies -----------------------------------------------------------------------------------


def _record(body: bytes, key: Key) -> Record:
    _, generation, void_time, bins = decode_reply(body)
    ttl = ttl_of(void_time, time.time()) if void_time else TTL_NEVER
    return _new(Record, (key, _new(Meta, (generation, ttl)), bins))


def _ordered(body: bytes, key: Key) -> OperateOrderedResult:
    _, generation, void_time, results = decode_reply_ordered(body)
    return OperateOrderedResult(key, Meta(generation, ttl_of(void_time, time.time())), results)


def _record_packed(body: bytes, key: Key) -> Record:
    return _record(kept_packed(body), key)


def _ordered_packed(body: bytes, key: Key) -> OperateOrderedResult:
    return _ordered(kept_packed(body), key)


def _existence(body: bytes, key: Key) -> ExistsResult:
    code, generation, void_time, _ = decode_reply(body)
    found = Meta(generation, ttl_of(void_time, time.time())) if code == 0 else None
    return ExistsResult(key, found)


def _nothing(body: bytes, key: Key) -> None:
    return None
