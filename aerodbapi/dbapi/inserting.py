"""INSERT, UPSERT and REPLACE: one record by a single command, several in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.dbapi.failures import Failures, error_of, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, IntegrityError, RecordExists
from aerodbapi.native import records
from aerodbapi.native.policies import WritePolicy
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.keys import write_key
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.batch import BatchEntry, write_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.calls import Call

__all__ = ["insert", "insert_call"]

_CHUNK: Final = 5000  # records in a batch
_EXISTS: Final = {"create": "create", "merge": "ignore", "replace": "create_or_replace"}


def _bins(op: plans.Write, row: Any, values: Sequence[Any]) -> dict[str, Any]:
    """One row's bins. NULL removes a bin where it merges, and is left out elsewhere."""
    bins = {name: resolve(value, values) for name, value in row[1]}
    if op.mode != "merge":
        bins = {name: value for name, value in bins.items() if value is not None}
    if not any(value is not None for value in bins.values()) and op.mode != "merge":
        raise IntegrityError("a record needs at least one bin with a value besides PK")
    if not bins:
        raise IntegrityError("a record needs at least one bin besides PK")
    return bins


def insert_call(session: Session, op: plans.Write, values: Sequence[Any]) -> Call[Outcome]:
    """The one-record INSERT, UPSERT or REPLACE as a single command."""
    row = op.rows[0]
    key = write_key(resolve(row[0], values))
    bins = _bins(op, row, values)
    target = op.target
    full = Key(target.namespace, target.set or None, key, digest(target.set, key))
    policy = replace(write_policy(session, op.options, values), exists=_EXISTS[op.mode])
    call: Any = records.put(full, bins, policy)

    def read(body: bytes, _: Key) -> Outcome:
        session.learn(target, bins)
        return Outcome(1, key)

    call.read = read
    call.accept = _ANSWERS
    if op.mode == "create":
        call.read = _explained(read, full)
    return call  # type: ignore[no-any-return]


#: A duplicate key is an answer too: it is explained before it is raised.
_ANSWERS: Final = frozenset({0, 5})


def _explained(read: Callable[[bytes, Key], Outcome], key: Key) -> Callable[[bytes, Key], Outcome]:
    def checked(body: bytes, full: Key) -> Outcome:
        if body[5] == 5:
            raise _duplicate(key.user_key, key.namespace, key.set_name)
        return read(body, full)

    return checked


def _duplicate(user_key: Any, namespace: str, set_name: str | None, **notes: Any) -> RecordExists:
    table = f"{namespace}.{set_name}" if set_name else namespace
    return RecordExists(
        f"a record with PK {user_key!r} exists in {table}: INSERT only creates; "
        "UPSERT merges into it, REPLACE replaces it",
        **notes,
    )


def insert(
    session: Session, op: plans.Write, bindings: Sequence[Sequence[Any]]
) -> Conversation[Outcome]:
    """INSERT, UPSERT or REPLACE rows in batches: those of `op` for each binding of values."""
    target = op.target
    entries: list[BatchEntry] = []
    keys: list[Any] = []
    learned: dict[str, Any] = {}
    for values in bindings:
        policy = replace(write_policy(session, op.options, values), exists=_EXISTS[op.mode])
        for row in op.rows:
            key = write_key(resolve(row[0], values))
            bins = _bins(op, row, values)
            learned.update(bins)
            keys.append(key)
            entries.append(_write_entry(target, key, bins, policy))
    count = 0
    failures: Failures = []
    for begin in range(0, len(entries), _CHUNK):
        results = yield from batch(
            session.cluster, entries[begin : begin + _CHUNK], session.batch_policy
        )
        for index, result in enumerate(results, begin):
            if result.result_code == 0:
                count += 1
            else:
                failures.append((index, _row_error(target, keys[index], result)))
    session.learn(target, learned)
    if failures:
        raise first_of(failures, len(entries))
    return Outcome(count, keys[-1] if len(entries) == 1 else None)


def _write_entry(
    target: plans.Target, key: Any, bins: dict[str, Any], policy: WritePolicy
) -> BatchEntry:
    n_ops, ops = bins_ops(bins)
    return write_entry(
        target.namespace,
        target.set or None,
        digest(target.set, key),
        ops,
        n_ops,
        info2=policy.info2,
        info3=policy.info3,
        ttl=policy.ttl,
        key=key if policy.send_key else None,
    )


def _row_error(target: plans.Target, key: Any, result: BatchResult) -> Error:
    if result.result_code == 5:
        return _duplicate(key, target.namespace, target.set or None, node=result.node)
    error = error_of(result)
    error.args = (f"PK {key!r}: {error.message}",)
    return error
