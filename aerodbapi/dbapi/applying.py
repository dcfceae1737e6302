"""EXECUTE and AGGREGATE: functions in Lua on records, at once or in the background."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import jobs
from aerodbapi.cluster.batch import batch
from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.effects import Emit, Work
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.reading import requests
from aerodbapi.dbapi.records_found import CHUNK, carried_out, failure_of, found, pushed_filter
from aerodbapi.errors import UDFError
from aerodbapi.frozen import replace
from aerodbapi.native import queries, udfs
from aerodbapi.native.policies import INFO
from aerodbapi.plan import operations as plans
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.batch import apply_entry
from aerodbapi.protocol.flags import UDFOp
from aerodbapi.protocol.query import QueryRequest, UDFCall

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.policies import WritePolicy
    from aerodbapi.native.results import Key
    from aerodbapi.plan import actions

__all__ = ["aggregate", "apply"]

_FILTERED: Final = 27
_UDF: Final = 100
_TTL_MASK: Final = 0xFFFFFFFF
#: How Lua asks for another module.
_REQUIRE: Final = re.compile(r"""require\s*\(?\s*["']([\w./-]+)["']""")


# ---- record UDFs -------------------------------------------------------------------------------


def apply(session: Session, action: actions.Apply, values: Sequence[Any]) -> Conversation[int]:
    """Run a record UDF on every record meant; emits what it gives, or the jobs' numbers."""
    filter = pushed_filter(action.source, values)
    if filter is None:
        return 0
    arguments = [resolve(argument, values) for argument in action.arguments]
    policy = write_policy(session, action.options, values)
    if action.background:
        return (yield from _background(session, action, values, arguments, filter, policy))
    keys = yield from found(session, action.source, values, filter)
    module, function, packed = udfs.function_call(action.module, action.function, arguments)
    if isinstance(action.source, plans.Get) and keys:
        given = replace(policy, filter=filter or None)
        call = udfs.apply(keys[0], module, function, arguments, given)
        read = call.read
        call.accept = call.accept | {_FILTERED}
        call.read = lambda body, key: [] if body[5] == _FILTERED else [(read(body, key),)]
        rows = yield from carried_out(session, call)
        yield Emit(rows)
        return len(rows)
    count = 0
    for begin in range(0, len(keys), CHUNK):
        chunk = keys[begin : begin + CHUNK]
        rows = yield from _batch(session, chunk, (module, function, packed), policy, filter)
        yield Emit(rows)
        count += len(rows)
    return count


def _batch(
    session: Session,
    keys: Sequence[Key],
    call: tuple[str, str, bytes],
    policy: WritePolicy,
    filter: bytes,
) -> Conversation[list[tuple[Any]]]:
    entries = [
        apply_entry(
            key[0],
            key[1],
            key[3],
            *call,
            info2=policy.info2,
            info3=policy.info3,
            ttl=policy.ttl & _TTL_MASK,
            key=key[2] if policy.send_key else None,
            filter=filter,
        )
        for key in keys
    ]
    results = yield from batch(session.cluster, entries, session.batch_write_policy)
    rows = []
    for result in results:
        if result.result_code == 0:
            rows.append((result.bins.get("SUCCESS"),))
        elif result.result_code == _UDF:
            text = (result.bins or {}).get("FAILURE") or "the UDF failed"
            raise UDFError(str(text), result_code=_UDF, node=result.node)
        elif result.result_code != _FILTERED:
            raise failure_of(result)
    return rows


def _background(
    session: Session,
    action: actions.Apply,
    values: Sequence[Any],
    arguments: list[Any],
    filter: bytes,
    policy: WritePolicy,
) -> Conversation[int]:
    """Start the function on every node, once for each range of an index."""
    source: Any = action.source
    module, function, packed = udfs.function_call(action.module, action.function, arguments)
    call = UDFCall(module, function, packed, UDFOp.BACKGROUND)
    request = replace(
        _request(source, filter, call),
        ttl=policy.ttl & _TTL_MASK,
        durable_delete=policy.durable_delete,
        records_per_second=session.query_policy.records_per_second,
    )
    started = []
    for one in requests(source, request, values):
        number = yield from jobs.background(session.cluster, one, session.query_policy)
        started.append((str(number),))
    yield Emit(started)
    return -1


def _request(source: Any, filter: bytes, call: UDFCall) -> QueryRequest:
    target = source.target
    return QueryRequest(target.namespace, target.set or None, filter=filter, udf=call)


# ---- stream UDFs -------------------------------------------------------------------------------


def aggregate(
    session: Session, action: actions.StreamUDF, values: Sequence[Any]
) -> Conversation[int]:
    """Run a stream UDF on the nodes, and what is left of it here."""
    source: Any = action.source
    filter = pushed_filter(source, values)
    if filter is None:
        return 0
    arguments = [resolve(argument, values) for argument in action.arguments]
    module, function, packed = udfs.function_call(action.module, action.function, arguments)
    request = _request(source, filter, UDFCall(module, function, packed, UDFOp.AGGREGATE))
    partial: list[Any] = []
    for one in requests(source, request, values):
        talk = queries.aggregate(session.cluster, one, session.query_policy)
        yield from collected(talk, partial.extend)
    sources = yield from _sources(session, module)

    def reduced(pull: Any) -> list[Any]:
        from aerodbapi.native import lua  # with the embedded node's Lua, which few need

        return lua.reduce(sources, function, arguments, partial, module=module)

    results = yield Work(reduced)
    yield Emit([(each,) for each in results])
    return len(results)


def _sources(session: Session, module: str) -> Conversation[Any]:
    """What gives the texts of modules: a folder that was set, or the cluster's own modules."""
    folder = session.settings.local["LUA_USERPATH"]
    if folder:
        from aerodbapi.native import lua

        return lua.folder(folder)
    texts: dict[str, bytes] = {}
    pending = [module.removesuffix(".lua")]
    while pending:
        name = pending.pop()
        if name in texts:
            continue
        try:
            text = yield from udfs.get(session.cluster, f"{name}.lua", policy=INFO)
        except UDFError:
            if not texts:
                raise
            continue  # one of Lua's own, or found by no node either
        texts[name] = text.encode("utf-8", "surrogateescape")
        pending += _REQUIRE.findall(text)
    return texts.get
