"""What a mixed batch is made of: records to read, write, remove, or run a function on.

    client.batch_write([
        Write(key1, [increment("visits", 1), read("visits")]),
        Read(key2, ["name"]),
        Remove(key3),
        Apply(key4, "module", "function", [1, 2]),
    ])

Each may have a policy of its own: a ReadPolicy or WritePolicy, or a dictionary that changes
single keys of the client's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Union

from aerodbapi.errors import ParameterError
from aerodbapi.frozen import frozen
from aerodbapi.native import operations
from aerodbapi.native.keys import resolve
from aerodbapi.native.policies import (
    READ,
    SC_INFO3,
    WRITE,
    BatchPolicy,
    ReadPolicy,
    WritePolicy,
    coerce,
    packed_filter,
    read_info1,
)
from aerodbapi.native.records import operation_flags
from aerodbapi.native.results import Key
from aerodbapi.native.udfs import function_call
from aerodbapi.protocol.batch import (
    BatchEntry,
    apply_entry,
    read_entry,
    remove_entry,
    write_entry,
)
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.flags import Info1, Info2
from aerodbapi.protocol.message import Operation

__all__ = ["Apply", "Defaults", "Read", "Remove", "Request", "Write", "entry", "key_of", "writes"]

_Policy = Union[Mapping[str, Any], None]
Fields = Sequence[tuple[int, bytes]]


@frozen
class Read:
    """Read all bins (`bins` None), those named ([]: only metadata), or what `ops` read."""

    key: Any
    bins: Sequence[str] | None = None
    ops: Sequence[Operation] | None = None
    policy: ReadPolicy | _Policy = None


@frozen
class Write:
    """Do operations on a record; `ops` may be a dictionary of bins to set."""

    key: Any
    ops: Sequence[Operation] | Mapping[str, Any]
    policy: WritePolicy | _Policy = None


@frozen
class Remove:
    """Remove a record."""

    key: Any
    policy: WritePolicy | _Policy = None


@frozen
class Apply:
    """Run a record UDF."""

    key: Any
    module: str
    function: str
    args: Sequence[Any] = ()
    policy: WritePolicy | _Policy = None


Request = Union[Read, Write, Remove, Apply]


class Defaults(NamedTuple):
    """The policies of a batch's records that have none of their own."""

    read: ReadPolicy = READ
    write: WritePolicy = WRITE
    remove: WritePolicy = WRITE
    apply: WritePolicy = WRITE


def key_of(request: Request) -> Key:
    """The complete key of a batch's record. Raises ParameterError when it is no such record."""
    if not isinstance(request, (Read, Write, Remove, Apply)):
        raise ParameterError(
            "a batch is made of (key, bins) pairs and of Read, Write, Remove and Apply records, "
            f"not {type(request).__name__}",
            result_code=-2,
        )
    return resolve(request.key)


def writes(request: Request) -> bool:
    """Tell whether a record of a batch may be changed."""
    return not isinstance(request, Read)


def entry(
    request: Request, key: Key, defaults: Defaults, policy: BatchPolicy, extra: Fields = ()
) -> BatchEntry:
    """Encode one record of a batch; `extra`: further fields (a transaction's)."""
    if isinstance(request, Read):
        each = coerce(ReadPolicy, request.policy, defaults.read)
        return _read(request, key, each, policy, extra)
    if isinstance(request, Write):
        return _write(request, key, coerce(WritePolicy, request.policy, defaults.write), extra)
    if isinstance(request, Remove):
        chosen = coerce(WritePolicy, request.policy, defaults.remove)
        return remove_entry(
            *_place(key),
            info2=chosen.info2 & ~Info2.WRITE,
            info3=chosen.info3,
            info4=chosen.info4,
            generation=chosen.generation,
            key=key[2] if chosen.send_key else None,
            filter=packed_filter(chosen.filter),
            extra=extra,
        )
    chosen = coerce(WritePolicy, request.policy, defaults.apply)
    return apply_entry(
        *_place(key),
        *function_call(request.module, request.function, request.args),
        info2=chosen.info2 | Info2.RESPOND_ALL_OPS,
        info3=chosen.info3,
        info4=chosen.info4,
        ttl=chosen.ttl & 0xFFFFFFFF,
        key=key[2] if chosen.send_key else None,
        filter=packed_filter(chosen.filter),
        extra=extra,
    )


def _place(key: Key) -> tuple[str, str | None, bytes]:
    return key[0], key[1], key[3]


def _read(
    request: Read, key: Key, each: ReadPolicy, policy: BatchPolicy, extra: Fields
) -> BatchEntry:
    info1, info2, ops = 0, 0, None
    bins = request.bins
    if request.ops is not None:
        info1, info2 = operation_flags(request.ops)
        if info2 & Info2.WRITE:
            raise ParameterError("a Read's operations only read: use Write", result_code=-2)
        ops = len(request.ops), operations.encode(tuple(request.ops))
    modes = each if each.read_mode_ap != "one" or each.read_mode_sc != "session" else policy
    touch = each.touch_ttl_percent or policy.touch_ttl_percent
    nobins = bins is not None and not bins and ops is None
    return read_entry(
        *_place(key),
        bins=None if nobins else bins,
        nobins=nobins,
        ops=ops,
        info1_extra=info1 | read_info1(modes),
        info2=info2,
        info3=SC_INFO3[modes.read_mode_sc],
        touch_ttl=touch & 0xFFFFFFFF,
        filter=packed_filter(each.filter),
        extra=extra,
    )


def _write(request: Write, key: Key, policy: WritePolicy, extra: Fields) -> BatchEntry:
    if isinstance(request.ops, Mapping):
        info1, info2 = 0, 0
        n_ops, ops = bins_ops(request.ops)
    else:
        if not request.ops:
            raise ParameterError("a Write needs at least one operation", result_code=-2)
        info1, info2 = operation_flags(request.ops)
        if not info2 & Info2.WRITE:
            raise ParameterError("a Write's operations only read: use Read", result_code=-2)
        n_ops, ops = len(request.ops), operations.encode(tuple(request.ops))
        if not info1 & Info1.GET_ALL:
            info2 |= Info2.RESPOND_ALL_OPS
    return write_entry(
        *_place(key),
        ops,
        n_ops,
        info1=info1,
        info2=info2 | policy.info2,
        info3=policy.info3,
        info4=policy.info4,
        generation=policy.generation,
        ttl=policy.ttl & 0xFFFFFFFF,
        key=key[2] if policy.send_key else None,
        filter=packed_filter(policy.filter),
        extra=extra,
    )
