"""Record UDFs: a Lua function that works on one record, as one atomic write.

The order of the checks, and what a failure answers, are the server's (transaction/udf.c,
`udf_master_apply` and `udf_master_write`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import conditions, geo
from aerodbapi.embedded.records import MAX_RECORD_SIZE, filtered_out
from aerodbapi.embedded.replies import Outcome, Refused, pack_results
from aerodbapi.embedded.storage import Record, now_ms_2010, pack_bins, partition_of
from aerodbapi.embedded.udf.runtime import Applied, LuaFailed
from aerodbapi.errors import InvalidGeoJSON, UnsupportedFeature
from aerodbapi.protocol.flags import Info2, Info3, OpType, ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.records import Command
    from aerodbapi.embedded.storage import Namespace
    from aerodbapi.embedded.udf.calls import Call
    from aerodbapi.embedded.udf.runtime import Fields, Runtime

__all__ = ["apply", "failure", "fields_of", "success"]

_OK: Final = 0
_NOT_FOUND: Final = 2
_PARAMETER: Final = 4
_FORBIDDEN: Final = 22
_TOO_BIG: Final = 13
_UNSUPPORTED: Final = 16
_ENTERPRISE_ONLY: Final = 25
_UDF: Final = 100

#: Policies that a UDF does not take.
_FORBIDDEN2: Final = Info2.GENERATION | Info2.GENERATION_GT | Info2.CREATE_ONLY
_FORBIDDEN3: Final = Info3.UPDATE_ONLY | Info3.CREATE_OR_REPLACE | Info3.REPLACE_ONLY

_NO_CELLS: Final = bytes(3)


def apply(namespace: Namespace, command: Command, call: Call, *, internal: bool = False) -> Outcome:
    """Apply a function to a record; `internal`: for a background query, which makes no records.

    Raises Refused. What it wrote is safe only after `namespace.confirm()`.
    """
    if not namespace.runs_functions:
        return Outcome(_FORBIDDEN)
    if command.info2 & _FORBIDDEN2 or command.info3 & _FORBIDDEN3:
        return Outcome(_PARAMETER)
    try:
        with namespace.udf.state(call.module) as runtime:
            return _apply(namespace, command, call, runtime, internal)
    except LuaFailed as problem:
        return _apply(namespace, command, call, str(problem), internal)
    except UnsupportedFeature as problem:
        return failure(str(problem))._replace(result_code=_UNSUPPORTED)


def _apply(
    namespace: Namespace, command: Command, call: Call, runtime: Runtime | str, internal: bool
) -> Outcome:
    """Check, call and write under the record's lock; a text in place of a state fails."""
    with namespace.locks[partition_of(command.digest)]:
        old = namespace.find(command.set_name, command.digest)
        now_ms = now_ms_2010()
        live = None if old is None or old.expired(now_ms // 1000) else old
        generation = void_time = 0
        if live is not None:
            generation, void_time = live.generation, live.void_time
        elif internal:
            return Outcome(_NOT_FOUND)
        try:
            key = _check(command, live, now_ms // 1000, internal)
            if isinstance(runtime, str):
                raise LuaFailed(runtime)
            applied = _call(runtime, command, call, live, key, now_ms // 1000)
            if not applied.good:
                raise LuaFailed(applied.data.decode("utf-8", "replace"))
            if applied.result_code:
                raise Refused(applied.result_code)
            if applied.write:
                written = _write(namespace, command, applied, old, live, key, now_ms)
                generation, void_time = written.generation, written.void_time
        except Refused as refused:
            return Outcome(refused.result_code, generation, void_time)
        except LuaFailed as problem:
            return failure(str(problem))._replace(generation=generation, void_time=void_time)
    return success(applied.kind, applied.data)._replace(generation=generation, void_time=void_time)


def _check(command: Command, live: Record | None, now: int, internal: bool) -> bytes | None:
    """Hold the command against the record; gives the key that is to be stored with it."""
    if live is not None:
        if not internal and command.set_name != live.set_name:
            raise Refused(_PARAMETER)
        code = filtered_out(command.filter, live, now)
        if code:
            raise Refused(code)
    return conditions.key_to_keep(command, live)


def _call(
    runtime: Runtime, command: Command, call: Call, live: Record | None, key: bytes | None, now: int
) -> Applied:
    runtime.deadline = time.monotonic() + call.timeout_ms / 1000
    if live is None:
        fields = _fields(b"", 0, command.set_name, 0, 0, 0, key, command.digest)
    else:
        fields = fields_of(live, key, now)
    runtime.record = live
    try:
        return runtime.apply_record(call.function, call.arguments, fields)
    finally:
        runtime.record = None


def fields_of(record: Record, key: bytes | None, now: int) -> Fields:
    """Give a record's fields as `lua/host.lua` takes them: bins, metadata, key and digest."""
    ttl = max(record.void_time - now, 0)
    return _fields(
        record.packed,
        record.n_bins,
        record.set_name,
        record.generation,
        ttl,
        record.last_update_ms,
        key,
        record.digest,
    )


def _fields(
    packed: bytes,
    n_bins: int,
    set_name: str,
    generation: int,
    ttl: int,
    updated: int,
    key: bytes | None,
    digest: bytes,
) -> Fields:
    name = set_name.encode() or None
    key_type, key_data = (key[0], key[1:]) if key else (0, None)
    return packed, n_bins, name, generation, ttl, updated, key_type, key_data, digest


def _write(
    namespace: Namespace,
    command: Command,
    applied: Applied,
    old: Record | None,
    live: Record | None,
    key: bytes | None,
    now_ms: int,
) -> Record:
    """Store what a function has made of a record; gives it, though it be removed."""
    ttl = command.ttl if applied.ttl is None else applied.ttl
    void_time = conditions.void_time_for(ttl, live, now_ms // 1000, namespace.default_ttl)
    if live is None:
        conditions.check_set_name(command.set_name)
    record = Record(
        command.digest,
        command.set_name if live is None else live.set_name,
        None if applied.drops_key else key,
        1 if live is None else live.generation % 65535 + 1,
        void_time,
        now_ms if live is None else max(now_ms, live.last_update_ms),
        applied.n_bins,
        applied.packed,
    )
    if applied.n_bins == 0:
        _delete(namespace, command, live)
        return record
    if applied.has_geojson:
        record.packed = pack_bins({name: _indexed(*found) for name, found in record.bins.items()})
    if record.size() > MAX_RECORD_SIZE:
        raise Refused(_TOO_BIG)
    namespace.put(record, old)
    return record


def _delete(namespace: Namespace, command: Command, live: Record | None) -> None:
    if live is None:
        raise Refused(_NOT_FOUND)
    if command.info2 & Info2.DURABLE_DELETE:
        raise Refused(_ENTERPRISE_ONLY)
    namespace.remove(live)


def _indexed(kind: int, data: bytes) -> tuple[int, bytes]:
    """Give a GeoJSON particle the cells that indexes need; other particles, and what is no
    GeoJSON, stay as they are, as on a server."""
    if kind == ParticleType.GEOJSON and data.startswith(_NO_CELLS):
        try:
            return kind, geo.particle(geo.text_of(data))
        except (InvalidGeoJSON, UnsupportedFeature):
            return kind, data
    return kind, data


def success(kind: int, data: bytes) -> Outcome:
    """Give the outcome of a function that gave a particle; type 0 is none."""
    particle = None if kind == ParticleType.NULL else (kind, data)
    return Outcome(_OK, 0, 0, 1, pack_results([(OpType.READ, "SUCCESS", particle)]))


def failure(text: str) -> Outcome:
    """Give the outcome of a function that failed."""
    particle = (int(ParticleType.STRING), text.encode("utf-8", "replace"))
    return Outcome(_UDF, 0, 0, 1, pack_results([(OpType.READ, "FAILURE", particle)]))
