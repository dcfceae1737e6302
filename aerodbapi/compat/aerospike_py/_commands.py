"""What each method says to the native client, and what it makes of the answer.

The sync and the async client share these functions: each gives a Command, which one of them
runs and the other awaits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from aerodbapi.compat.aerospike_py import _policies as policies
from aerodbapi.compat.aerospike_py import types
from aerodbapi.compat.aerospike_py._arguments import (
    a_dict,
    a_list,
    bin_name,
    bins_of,
    key_of,
    keys_of,
    plain,
    uint32,
)
from aerodbapi.compat.aerospike_py._lazy import LazyBatchRecords
from aerodbapi.compat.aerospike_py._operations import to_native
from aerodbapi.compat.aerospike_py.exception import bad_parameter
from aerodbapi.native import operations
from aerodbapi.native.batches import BatchRecord as NativeBatchRecord
from aerodbapi.native.results import Key, Meta
from aerodbapi.protocol.message import Operation

__all__ = ["Command"]

_T = TypeVar("_T")
#: The result code of a UDF that failed: its bin FAILURE says why.
_UDF_FAILED: Final = 100


class Command(Generic[_T]):
    """A call of the native client's `method`. `name`, `namespace`, `set_name` are for metrics."""

    __slots__ = ("args", "kwargs", "method", "name", "namespace", "read", "set_name")

    def __init__(
        self,
        name: str,
        place: Sequence[Any],
        method: str,
        args: tuple[Any, ...],
        read: Callable[[Any], _T],
        **kwargs: Any,
    ) -> None:
        self.name = name
        self.namespace = place[0] if place else ""
        self.set_name = (place[1] if len(place) > 1 else "") or ""
        self.method = method
        self.args = args
        self.kwargs = kwargs
        self.read = read

    def call(self, native: Any) -> Any:
        """Start the call: the answer, or what the async client awaits."""
        return getattr(native, self.method)(*self.args, **self.kwargs)


# ---- answers -----------------------------------------------------------------------------------


def _nothing(answer: Any) -> None:
    return None


def key_out(key: Key) -> types.AerospikeKey:
    """A key as aerospike-py gives it: without a set, the set's name is empty."""
    return types.AerospikeKey(key[0], key[1] or "", key[2], key[3])


def _meta(meta: Meta | None) -> types.RecordMetadata | None:
    return None if meta is None else types.RecordMetadata(*meta)


def record_out(record: Any) -> types.Record:
    """A record as aerospike-py gives it; one read without bins has {}."""
    bins = record[2]
    return types.Record(key_out(record[0]), _meta(record[1]), plain({} if bins is None else bins))


def _exists(answer: Any) -> types.ExistsResult:
    return types.ExistsResult(key_out(answer[0]), _meta(answer[1]))


def _merged(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Results by bin; several for one bin become a list of them."""
    merged: dict[str, Any] = {}
    several: set[str] = set()
    for name, value in pairs:
        if name not in merged:
            merged[name] = plain(value)
        elif name in several:
            merged[name].append(plain(value))
        else:
            merged[name] = [merged[name], plain(value)]
            several.add(name)
    return merged


def _answers(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Results of single-record operations by bin: aerospike-py does not ask for empty ones."""
    return _merged(pair for pair in pairs if pair[1] is not None)


def _operated(answer: Any) -> types.Record:
    return types.Record(key_out(answer[0]), _meta(answer[1]), _answers(answer[2]))


def _ordered(answer: Any) -> types.OperateOrderedResult:
    pairs = [types.BinTuple(*pair) for pair in _answers(answer[2]).items()]
    return types.OperateOrderedResult(key_out(answer[0]), _meta(answer[1]), pairs)


def batch_record_out(each: NativeBatchRecord) -> types.BatchRecord:
    """One key's result as aerospike-py gives it."""
    record = None
    if each.record is not None and each.ordered_bins is not None:
        pairs = _merged(each.ordered_bins)
        record = types.Record(key_out(each.key), _meta(each.record[1]), pairs)
    elif each.record is not None:
        record = record_out(each.record)
    elif each.result == _UDF_FAILED:
        record = types.Record(key_out(each.key), None, {"FAILURE": each.message})
    return types.BatchRecord(key_out(each.key), each.result, record, each.in_doubt)


def _batch_read(answer: Iterable[NativeBatchRecord]) -> LazyBatchRecords:
    return LazyBatchRecords([batch_record_out(each) for each in answer])


# ---- records -----------------------------------------------------------------------------------


def get(key: Any, policy: Any = None) -> Command[types.Record]:
    """Read all bins."""
    full = key_of(key)
    return Command("get", full, "get", (full, policies.read(policy)), record_out)


def select(key: Any, bins: Any, policy: Any = None) -> Command[types.Record]:
    """Read the bins named; none at all are a bad parameter to the server."""
    full, names = key_of(key), [bin_name(name) for name in a_list(bins)]
    if not names:
        raise bad_parameter("no bins to read")
    return Command("select", full, "select", (full, names, policies.read(policy)), record_out)


def exists(key: Any, policy: Any = None) -> Command[types.ExistsResult]:
    """Read metadata alone."""
    full = key_of(key)
    return Command("exists", full, "exists", (full, policies.read(policy)), _exists)


def put(key: Any, bins: Any, meta: Any = None, policy: Any = None) -> Command[None]:
    """Write bins."""
    checked, full = bins_of(bins), key_of(key)
    args = (full, checked, None, policies.write(policy, meta))
    return Command("put", full, "put", args, _nothing)


def remove(key: Any, meta: Any = None, policy: Any = None) -> Command[None]:
    """Remove a record."""
    full = key_of(key)
    args = (full, None, policies.write(policy, meta))
    return Command("delete", full, "remove", args, _nothing)


def touch(key: Any, val: Any = 0, meta: Any = None, policy: Any = None) -> Command[None]:
    """Renew the TTL; `val` counts more than the meta's and the policy's."""
    full = key_of(key)
    given = dict(a_dict(policy)) | ({"ttl": uint32(val)} if val else {})
    args = (full, [operations.touch()], None, policies.write(given, meta))
    return Command("touch", full, "operate", args, _nothing)


def _change(name: str, op: Any, key: Any, meta: Any, policy: Any) -> Command[None]:
    full = key_of(key)
    args = (full, to_native([op]), None, policies.write(policy, meta))
    return Command(name, full, "operate", args, _nothing)


def append(key: Any, bin: Any, val: Any, meta: Any = None, policy: Any = None) -> Command[None]:
    """Put text or bytes behind the bin's."""
    return _change("append", {"op": 9, "bin": bin, "val": val}, key, meta, policy)


def prepend(key: Any, bin: Any, val: Any, meta: Any = None, policy: Any = None) -> Command[None]:
    """Put text or bytes before the bin's."""
    return _change("prepend", {"op": 10, "bin": bin, "val": val}, key, meta, policy)


def increment(
    key: Any, bin: Any, offset: Any, meta: Any = None, policy: Any = None
) -> Command[None]:
    """Add to a number."""
    return _change("increment", {"op": 5, "bin": bin, "val": offset}, key, meta, policy)


def remove_bin(key: Any, bin_names: Any, meta: Any = None, policy: Any = None) -> Command[None]:
    """Remove bins of a record that exists."""
    full = key_of(key)
    names = [bin_name(name) for name in a_list(bin_names)]
    args = (full, dict.fromkeys(names), None, policies.write(policy, meta))
    return Command("remove_bin", full, "put", args, _nothing)


def _some(ops: Any) -> list[Operation]:
    translated = to_native(ops)
    if not translated:
        raise bad_parameter("no operations defined")
    return translated


def operate(key: Any, ops: Any, meta: Any = None, policy: Any = None) -> Command[types.Record]:
    """Do operations; several results for one bin become a list."""
    full = key_of(key)
    args = (full, _some(ops), None, policies.write(policy, meta))
    return Command("operate", full, "operate_ordered", args, _operated)


def operate_ordered(
    key: Any, ops: Any, meta: Any = None, policy: Any = None
) -> Command[types.OperateOrderedResult]:
    """Do operations; results in the order of their bins' first."""
    full = key_of(key)
    args = (full, _some(ops), None, policies.write(policy, meta))
    return Command("operate_ordered", full, "operate_ordered", args, _ordered)


# ---- batches -----------------------------------------------------------------------------------


def batch_read(keys: Any, bins: Any = None, policy: Any = None) -> Command[LazyBatchRecords]:
    """Read many records; `bins` [] reads metadata alone."""
    full = keys_of(keys)
    names = None if bins is None else [bin_name(name) for name in a_list(bins)]
    args = (full, names, policies.batch(policy))
    return Command("batch_read", full[0] if full else (), "batch_read", args, _batch_read)
