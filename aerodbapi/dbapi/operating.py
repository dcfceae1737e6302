"""OPERATE: several operations on each record, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import batch
from aerodbapi.cluster.effects import Emit
from aerodbapi.cluster.policy import server_timeout
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.records_found import CHUNK, carried_out, failure_of, found, pushed_filter
from aerodbapi.native import operations
from aerodbapi.native.calls import Call
from aerodbapi.native.records import operation_flags
from aerodbapi.plan import operations as plans
from aerodbapi.plan.bin_functions import FUNCTIONS, gives_pairs, operation
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.batch import write_entry
from aerodbapi.protocol.commands import decode_reply_ordered, operate_request
from aerodbapi.protocol.flags import Info2

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.policies import WritePolicy
    from aerodbapi.native.results import Key
    from aerodbapi.plan import actions
    from aerodbapi.protocol.message import Operation

__all__ = ["operate"]

#: A missing record and one that the filter refuses: no row.
_SPARED: Final = frozenset({2, 27})
#: The operation that a server never answers, RESPOND_ALL_OPS or not.
_SILENT: Final = "TOUCH"
_TTL_MASK: Final = 0xFFFFFFFF


def operate(session: Session, action: actions.Operate, values: Sequence[Any]) -> Conversation[int]:
    """Do the operations on every record meant; emits a row for each if any of them answers."""
    filter = pushed_filter(action.source, values)
    if filter is None:
        return 0
    ops = [
        operation(
            step.function, step.bin, [resolve(a, values) for a in step.arguments], step.policy
        )
        for step in action.steps
    ]
    responding = [step for step in action.steps if step.function != _SILENT]
    places = [
        (place, gives_pairs(FUNCTIONS[step.function], step.policy))
        for place, step in enumerate(responding)
        if FUNCTIONS[step.function].answers
    ]
    policy = write_policy(session, action.options, values)
    keys = yield from found(session, action.source, values, filter)
    count = 0
    if isinstance(action.source, plans.Get):
        answered: list[Any] = []
        if keys:
            answered = yield from carried_out(session, _call(keys[0], ops, policy, filter))
        yield Emit([_row(results, places) for results in answered] if places else [])
        return len(answered)
    for begin in range(0, len(keys), CHUNK):
        answered = yield from _batch(session, keys[begin : begin + CHUNK], ops, policy, filter)
        yield Emit([_row(results, places) for results in answered] if places else [])
        count += len(answered)
    return count


def _row(results: Sequence[tuple[str, Any]], places: Sequence[tuple[int, bool]]) -> tuple[Any, ...]:
    """The answers that are shown, out of one result for each operation."""
    return tuple(
        _paired(results[place][1]) if pairs else results[place][1] for place, pairs in places
    )


def _paired(answer: Any) -> Any:
    """Keys and values by turns as a dictionary."""
    if not isinstance(answer, list) or len(answer) % 2:
        return answer
    try:
        return dict(zip(answer[::2], answer[1::2]))
    except TypeError:  # a key that Python cannot hash
        return answer


def _flags(ops: Sequence[Operation], policy: WritePolicy) -> tuple[int, int, int]:
    """(info1, info2, info3): every operation answers, so that answers are known by their places."""
    info1, info2 = operation_flags(ops)
    writes = bool(info2 & Info2.WRITE)
    info2 |= Info2.RESPOND_ALL_OPS
    return info1, info2 | policy.info2 if writes else info2, policy.info3 if writes else 0


def _call(key: Key, ops: Sequence[Operation], policy: WritePolicy, filter: bytes) -> Call[Any]:
    info1, info2, info3 = _flags(ops, policy)
    writes = bool(info2 & Info2.WRITE)
    frame = operate_request(
        key[0],
        key[1],
        key[3],
        operations.encode(tuple(ops)),
        len(ops),
        info1=info1,
        info2=info2,
        info3=info3,
        ttl=policy.ttl & _TTL_MASK if writes else 0,
        timeout_ms=server_timeout(policy),
        filter=filter,
        key=key[2] if writes and policy.send_key else None,
    )

    def read(body: bytes, _: Key) -> list[Any]:
        return [] if body[5] in _SPARED else [decode_reply_ordered(body)[3]]

    return Call(key, frame, policy, read, write=writes, accept=_SPARED | {0})


def _batch(
    session: Session,
    keys: Sequence[Key],
    ops: Sequence[Operation],
    policy: WritePolicy,
    filter: bytes,
) -> Conversation[list[Any]]:
    info1, info2, info3 = _flags(ops, policy)
    writes = bool(info2 & Info2.WRITE)
    encoded = operations.encode(tuple(ops))
    entries = [
        write_entry(
            key[0],
            key[1],
            key[3],
            encoded,
            len(ops),
            info1=info1,
            info2=info2,
            info3=info3,
            ttl=policy.ttl & _TTL_MASK,
            key=key[2] if writes and policy.send_key else None,
            filter=filter,
        )
        for key in keys
    ]
    sent = session.batch_write_policy if writes else session.batch_policy
    results = yield from batch(session.cluster, entries, sent, ordered=True)
    answered = []
    for result in results:
        if result.result_code == 0:
            answered.append(result.bins)
        elif result.result_code not in _SPARED:
            raise failure_of(result)
    return answered
