"""One record's command: read, write or delete, from request to outcome.

The order of the checks is the server's, since it decides which result code a command with two
faults gets (server source: read.c `read_local`, write.c `write_master`, delete.c
`drop_master`, rw_utils.c). An outcome carries the generation and void-time of the record that
was found, even when the command failed on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import conditions, ops
from aerodbapi.embedded.replies import Outcome, Refused, Result, pack_results
from aerodbapi.embedded.storage import Record, now_2010, now_ms_2010, pack_bins, partition_of
from aerodbapi.embedded.udf.calls import call_of
from aerodbapi.errors import Error
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aerodbapi.embedded.storage import Namespace, Particle
    from aerodbapi.embedded.udf.calls import Call
    from aerodbapi.protocol.message import Message, Operation

__all__ = [
    "MAX_BINS",
    "MAX_RECORD_SIZE",
    "Command",
    "execute",
    "filtered_out",
    "run",
    "set_name_of",
]

MAX_RECORD_SIZE: Final = 8 << 20  # bytes: the largest max-record-size that a server takes
MAX_BINS: Final = 32767

_FEW: Final = 4  # up to so many bins are looked up one by one

_OK: Final = 0
_NOT_FOUND: Final = 2
_PARAMETER: Final = 4
_EXISTS: Final = 5
_TOO_BIG: Final = 13
_UNSUPPORTED: Final = 16
_ENTERPRISE_ONLY: Final = 25
_FILTERED_OUT: Final = 27

_SC_READ_MODE: Final = Info3.SC_READ_TYPE | Info3.SC_READ_RELAX


@dataclass(slots=True)
class Command:
    """One record's command, from a message of its own or an entry of a batch.

    `set_name` "" is the null set. `key` is a KEY field's value. `ttl` is the header's
    record_ttl: a TTL or one of its special values; in a read the read-touch percentage.
    """

    info1: int
    info2: int
    info3: int
    generation: int
    ttl: int
    set_name: str
    digest: bytes
    key: bytes | None = None
    filter: bytes | None = None
    transaction: bytes | None = None
    udf: Call | None = None
    ops: Sequence[Operation] = ()
    in_batch: bool = False
    info4: int = 0
    version: bytes | None = None

    @classmethod
    def of(cls, message: Message, digest: bytes) -> Command:
        """Take a message apart; Refused(4) for a set's name or a UDF's call that is none."""
        fields = dict(message.fields)
        return cls(
            message.info1,
            message.info2,
            message.info3,
            message.generation,
            message.record_ttl,
            set_name_of(fields),
            digest,
            fields.get(FieldType.KEY),
            fields.get(FieldType.FILTER),
            fields.get(FieldType.TXN_ID),
            call_of(fields, message.transaction_ttl) if FieldType.UDF_PACKAGE in fields else None,
            message.ops,
            info4=message.info4,
            version=fields.get(FieldType.RECORD_VERSION),
        )


def set_name_of(fields: dict[int, bytes]) -> str:
    """Give the SET field's text, "" without one; Refused(4) when it is not UTF-8."""
    try:
        return fields.get(FieldType.SET, b"").decode()
    except UnicodeDecodeError:
        raise Refused(_PARAMETER) from None


def execute(namespace: Namespace, command: Command) -> Outcome:
    """Do a command. What it wrote is safe only after `namespace.confirm()`."""
    if namespace.transactions is not None:
        return namespace.transactions.execute(command)
    if command.transaction is not None:
        return Outcome(_ENTERPRISE_ONLY)
    return run(namespace, command)


def run(namespace: Namespace, command: Command) -> Outcome:
    """Do a command on a namespace as it is, or as a transaction sees it."""
    try:
        if command.info2 & Info2.WRITE:
            if command.info2 & Info2.DELETE:
                return _delete(namespace, command)
            if command.udf is not None:
                from aerodbapi.embedded.udf import apply as udf

                return udf.apply(namespace, command, command.udf)
            return _write(namespace, command)
        if command.info1 & Info1.READ:
            linearized = command.info3 & _SC_READ_MODE == Info3.SC_READ_TYPE
            if linearized and namespace.transactions is None:
                return Outcome(_ENTERPRISE_ONLY)  # replica_ping_ce.c
            return _read(namespace, command)
        return Outcome(_PARAMETER)
    except Refused as refused:
        return Outcome(refused.result_code)


def filtered_out(packed_filter: bytes | None, record: Record, now: int) -> int:
    """Give 0 when a filter is true of the record, 27 when not, its own code when malformed."""
    if packed_filter is None:
        return _OK
    from aerodbapi.embedded import filters

    try:
        return _OK if filters.matches(packed_filter, record, now) else _FILTERED_OUT
    except Error as error:
        return error.result_code or _PARAMETER


def _read(namespace: Namespace, command: Command) -> Outcome:
    record = namespace.find(command.set_name, command.digest)
    if record is None:
        return Outcome(_NOT_FOUND)
    if command.set_name and command.set_name != record.set_name:
        return _failed(_PARAMETER, record)
    now = now_2010()
    if record.expired(now):
        return Outcome(_NOT_FOUND)
    try:
        return _read_live(namespace, command, record, now)
    except Refused as refused:
        return _failed(refused.result_code, record)


def _read_live(namespace: Namespace, command: Command, record: Record, now: int) -> Outcome:
    if record.void_time:
        record = conditions.read_touch(namespace, record, command.ttl, now)
    code = filtered_out(command.filter, record, now) or conditions.key_differs(command, record)
    if code:
        return _failed(code, record)
    generation, void_time = record.generation, record.void_time
    if command.info1 & Info1.NOBINDATA:
        return Outcome(_OK, generation, void_time)
    if command.info1 & Info1.GET_ALL:
        return Outcome(_OK, generation, void_time, record.n_bins, record.packed)
    count, packed = _select(command, record) or _read_ops(command, record, now)
    return Outcome(_OK, generation, void_time, count, packed)


def _select(command: Command, record: Record) -> tuple[int, bytes] | None:
    """Read a few bins by name, still packed; None when the operations are anything else."""
    if not 0 < len(command.ops) <= _FEW or command.info2 & Info2.RESPOND_ALL_OPS:
        return None
    found = []
    for op in command.ops:
        if op.op != OpType.READ:
            return None
        conditions.check_bin_name(op.name)
        packed = record.packed_bin(op.name)
        if packed is not None:
            found.append(packed)
    return len(found), b"".join(found)


def _read_ops(command: Command, record: Record, now: int) -> tuple[int, bytes]:
    if not 0 < len(command.ops) <= ops.MAX_OPS:
        raise Refused(_PARAMETER)
    state = ops.State(record.bins, record, now)
    respond_all = bool(command.info2 & Info2.RESPOND_ALL_OPS)
    results: list[Result] = []
    for op in command.ops:
        conditions.check_bin_name(op.name)
        found = _run_read(state, op)
        if found is not None or respond_all:
            # A batch's reads answer with op READ whatever was asked (batch.c).
            results.append((OpType.READ if command.in_batch else op.op, op.name, found))
    return len(results), pack_results(results)


def _run_read(state: ops.State, op: Operation) -> Particle | None:
    function = ops.READ.get(op.op)
    if function is None:
        raise Refused(_PARAMETER)
    if op.op != OpType.EXP_READ and op.name not in state.bins:
        return None
    return function(state, op)


def _write(namespace: Namespace, command: Command) -> Outcome:
    packed = plain = None
    if not command.info1 & Info1.GET_ALL:
        if not command.info2 & Info2.RESPOND_ALL_OPS:
            packed = ops.packed_writes(command.ops)
        if packed is None:
            plain = ops.plain_writes(command.ops)
    if plain is None and packed is None:
        policies = conditions.check_policies(command)
    else:
        policies = conditions.policies_of(command.info3)
    with namespace.locks[partition_of(command.digest)]:
        old = namespace.find(command.set_name, command.digest)
        now_ms = now_ms_2010()
        now = now_ms // 1000
        live = None if old is None or old.expired(now) else old
        try:
            _check_existing(command, live, policies.must_exist, now)
            key = conditions.key_to_keep(command, live)
            void_time = conditions.void_time_for(command.ttl, live, now, namespace.default_ttl)
            found = {} if live is None or policies.replace else live.bins
            if packed is not None and not found:
                record = _record(command, live, key, void_time, len(command.ops), packed, now_ms)
                namespace.put(record, old)
                return Outcome(_OK, record.generation, record.void_time)
            state = ops.State(found, live, now)
            if packed is not None:
                plain = ops.plain_writes(command.ops)
            results = _run_ops(command, state, plain)
            if not state.bins:
                # A replaced record's bins do not count: nothing was there to be deleted.
                gone = None if policies.replace else live
                return _became_delete(namespace, command, gone, results)
            record = _next_record(command, live, key, void_time, state.bins, now_ms)
        except Refused as refused:
            return _failed(refused.result_code, live)
        namespace.put(record, old)
    return Outcome(_OK, record.generation, record.void_time, len(results), pack_results(results))


def _check_existing(command: Command, live: Record | None, must_exist: bool, now: int) -> None:
    if live is None and must_exist:
        raise Refused(_NOT_FOUND)
    if live is not None and command.info2 & Info2.CREATE_ONLY:
        raise Refused(_EXISTS)
    conditions.check_generation(command, live)
    if live is None:
        conditions.check_set_name(command.set_name)
        return
    if command.set_name != live.set_name:
        raise Refused(_PARAMETER)
    code = filtered_out(command.filter, live, now)
    if code:
        raise Refused(code)


def _run_ops(command: Command, state: ops.State, plain: ops.Bins | None) -> list[Result]:
    respond_all = bool(command.info2 & Info2.RESPOND_ALL_OPS)
    if plain is not None:
        state.bins.update(plain)
        return [(OpType.WRITE, op.name, None) for op in command.ops] if respond_all else []
    get_all = bool(command.info1 & Info1.GET_ALL)
    results: list[Result] = []
    for op in command.ops:
        kind = op.op
        function = ops.MODIFY.get(kind)
        if function is not None:
            found = function(state, op)
            answers = respond_all and kind != OpType.TOUCH
        elif get_all and kind == OpType.READ and not op.name:
            results += [(OpType.READ, name, value) for name, value in state.bins.items()]
            continue
        else:
            asked = kind == OpType.EXP_READ or (kind != OpType.READ and op.name in state.bins)
            answers = respond_all or asked
            found = _run_read(state, op)
        if found is not None or answers:
            results.append((kind, op.name, found))
    return results


def _became_delete(
    namespace: Namespace, command: Command, live: Record | None, results: list[Result]
) -> Outcome:
    if live is None:
        raise Refused(_NOT_FOUND)
    conditions.check_durability(namespace, command)
    namespace.remove(live)
    return Outcome(_OK, 0, 0, len(results), pack_results(results))


def _next_record(
    command: Command,
    live: Record | None,
    key: bytes | None,
    void_time: int,
    bins: ops.Bins,
    now_ms: int,
) -> Record:
    return _record(command, live, key, void_time, len(bins), pack_bins(bins), now_ms)


def _record(
    command: Command,
    live: Record | None,
    key: bytes | None,
    void_time: int,
    n_bins: int,
    packed: bytes,
    now_ms: int,
) -> Record:
    if n_bins > MAX_BINS:
        raise Refused(_PARAMETER)
    record = Record(
        command.digest,
        command.set_name,
        key,
        1 if live is None else live.generation % 65535 + 1,
        void_time,
        now_ms if live is None else max(now_ms, live.last_update_ms),
        n_bins,
        packed,
    )
    if record.size() > MAX_RECORD_SIZE:
        raise Refused(_TOO_BIG)
    return record


def _delete(namespace: Namespace, command: Command) -> Outcome:
    """Remove a record; the reply to a delete has neither generation nor void-time."""
    conditions.check_durability(namespace, command)
    with namespace.locks[partition_of(command.digest)]:
        record = namespace.find(command.set_name, command.digest)
        if record is None:
            return Outcome(_NOT_FOUND)
        if command.set_name and command.set_name != record.set_name:
            return Outcome(_PARAMETER)
        now = now_2010()
        if record.expired(now):
            namespace.remove(record)
            return Outcome(_NOT_FOUND)
        conditions.check_generation(command, record)
        code = filtered_out(command.filter, record, now) or conditions.key_differs(command, record)
        if not code:
            namespace.remove(record)
    return Outcome(code)


def _failed(code: int, record: Record | None) -> Outcome:
    if record is None:
        return Outcome(code)
    return Outcome(code, record.generation, record.void_time)
