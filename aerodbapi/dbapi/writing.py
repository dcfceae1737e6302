"""INSERT, UPSERT, REPLACE, UPDATE, DELETE, TRUNCATE and index statements as conversations.

Writes by key are batches; one record alone is a batch of one, except INSERT's short road. A
record that vanished, changed its generation, or fails the filter is no error for UPDATE and
DELETE: it is not counted. Whatever else fails is raised once the whole batch has been tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info, info_texts
from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import (
    Error,
    GenerationError,
    IndexNotFound,
    IntegrityError,
    ProgrammingError,
    RecordExists,
    error_for,
)
from aerodbapi.native import operations as native_operations
from aerodbapi.native import records
from aerodbapi.native.policies import WritePolicy, packed_filter
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.assignments import expression_writes
from aerodbapi.plan.evaluate import compile_predicate, compile_value
from aerodbapi.plan.keys import digest_of, key_of, write_key
from aerodbapi.plan.pushdown import NOTHING
from aerodbapi.plan.values import keys_of, nanoseconds, resolve
from aerodbapi.protocol.batch import BatchEntry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import TTL_KEEP, TTL_NEVER, Info2, Info3
from aerodbapi.protocol.message import Operation

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.calls import Call

__all__ = ["create_index", "drop_index", "insert", "insert_call", "remove", "truncate", "update"]

#: Codes that mean "not this record" to UPDATE and DELETE: gone, another generation, filtered.
_SPARED: Final = frozenset({2, 27})
_GENERATION: Final = 3
#: How often a record that keeps changing is read, computed and written again.
_ATTEMPTS: Final = 20
_CHUNK: Final = 1000  # records found, then written, at a time
_EXISTS: Final = {"create": "create", "merge": "ignore", "replace": "create_or_replace"}

# ---- options -----------------------------------------------------------------------------------

_TTL_NAMES: Final = {"default": 0, "never": TTL_NEVER, "keep": TTL_KEEP}
_TTL_SIGNED: Final = {-1: TTL_NEVER, -2: TTL_KEEP}


def _policy(session: Session, options: Sequence[tuple[str, Any]], values: Sequence[Any]) -> Any:
    """The session's write policy, changed by WITH (…)."""
    changes: dict[str, Any] = {}
    for name, value in options:
        bound = resolve(value, values)
        if name in ("ttl", "__ttl"):
            changes["ttl"] = _ttl(bound)
        elif name in ("durable_delete", "send_key"):
            if not isinstance(bound, bool):
                raise ProgrammingError(f"WITH ({name} = …) takes true or false, not {bound!r}")
            changes[name] = bound
        else:
            raise ProgrammingError(
                f"unknown option {name!r} in WITH; known: ttl, durable_delete, send_key"
            )
    return replace(session.write_policy, **changes) if changes else session.write_policy


def _ttl(value: Any) -> int:
    if isinstance(value, str) and value.lower() in _TTL_NAMES:
        return _TTL_NAMES[value.lower()]
    if isinstance(value, bool) or not isinstance(value, int) or not -2 <= value <= TTL_NEVER:
        raise ProgrammingError(
            f"ttl is seconds, 0 (the namespace's default), -1 (never) or -2 (keep), not {value!r}"
        )
    return _TTL_SIGNED.get(value, value)


# ---- INSERT, UPSERT, REPLACE -------------------------------------------------------------------


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
    policy = replace(_policy(session, op.options, values), exists=_EXISTS[op.mode])
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
        policy = replace(_policy(session, op.options, values), exists=_EXISTS[op.mode])
        for row in op.rows:
            key = write_key(resolve(row[0], values))
            bins = _bins(op, row, values)
            learned.update(bins)
            keys.append(key)
            entries.append(_write_entry(target, key, bins, policy))
    count = 0
    failures: list[tuple[int, Error]] = []
    for begin in range(0, len(entries), _CHUNK * 5):
        results = yield from batch(
            session.cluster, entries[begin : begin + _CHUNK * 5], session.batch_policy
        )
        for index, result in enumerate(results, begin):
            if result.result_code == 0:
                count += 1
            else:
                failures.append((index, _row_error(target, keys[index], result)))
    session.learn(target, learned)
    if failures:
        raise _first_of(failures, len(entries))
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
        info2=policy.info2 | Info2.RESPOND_ALL_OPS,
        info3=policy.info3,
        ttl=policy.ttl,
        key=key if policy.send_key else None,
    )


def _row_error(target: plans.Target, key: Any, result: BatchResult) -> Error:
    if result.result_code == 5:
        return _duplicate(key, target.namespace, target.set or None, node=result.node)
    error = _error(result)
    error.args = (f"PK {key!r}: {error.message}",)
    return error


def _error(result: BatchResult) -> Error:
    if result.error is not None:
        error = result.error
        return error_for(
            result.result_code, error.message, node=result.node, in_doubt=result.in_doubt
        )
    return error_for(result.result_code, node=result.node, in_doubt=result.in_doubt)


def _first_of(failures: list[tuple[int, Error]], total: int) -> Error:
    """The first failure, with all of them in its `results`, in the order of the rows."""
    error = failures[0][1]
    if total > 1:
        error.args = (
            f"{error.message} [{len(failures)} of {total} rows failed; the others are written]",
        )
    results: list[Error | None] = [None] * total
    for index, failure in failures:
        results[index] = failure
    error.results = tuple(results)  # type: ignore[attr-defined]
    return error


# ---- UPDATE, DELETE ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to each record that was found, with the values bound.

    `entry(digest, key, generation)` makes the batch entry of a change that needs no reading;
    `compute(row)` gives the bins to write where the record must be read first.
    """

    target: plans.Target
    filter: bytes
    policy: WritePolicy
    keep: Callable[[Any], Any] | None
    ops: tuple[Operation, ...] | None
    compute: Callable[[Row], dict[str, Any]] | None
    bins: plans.Columns
    delete: bool

    @property
    def reads(self) -> bool:
        """Whether records are read before they are changed."""
        return self.keep is not None or self.compute is not None


def update(session: Session, op: plans.Update, values: Sequence[Any]) -> Conversation[Outcome]:
    """UPDATE: how many records were changed."""
    policy = replace(_policy(session, op.options, values), exists="update")
    steps = op.steps
    if any(step.how == "compute" for step in steps):
        compute, ops = _computation(steps, values), None
    else:
        compute, ops = None, tuple(_operations(steps, values))
        if not ops:
            ops = (native_operations.touch(),)
    change = _change(op, policy, values, ops=ops, compute=compute, delete=False)
    if change is None:
        return Outcome(0)
    outcome = yield from _run(session, op.source, change, values)
    learned = {step.bin: resolve(step.value, values) for step in steps if step.value is not None}
    session.learn(change.target, learned)
    return outcome


def remove(session: Session, op: plans.Remove, values: Sequence[Any]) -> Conversation[Outcome]:
    """DELETE: how many records were removed."""
    policy = _policy(session, op.options, values)
    change = _change(op, policy, values, ops=(), compute=None, delete=True)
    if change is None:
        return Outcome(0)
    return (yield from _run(session, op.source, change, values))


def _change(
    op: plans.Update | plans.Remove,
    policy: WritePolicy,
    values: Sequence[Any],
    *,
    ops: tuple[Operation, ...] | None,
    compute: Callable[[Row], dict[str, Any]] | None,
    delete: bool,
) -> _Change | None:
    source: Any = op.source
    while isinstance(source, (plans.Guard, plans.Filter, plans.Limit)):
        source = source.child
    if isinstance(source, plans.Empty):
        return None
    filter, exact = b"", op.predicate is None
    if source.pushed is not None and source.pushed.builder is not None:
        built = source.pushed.builder(values)
        if built.exp is NOTHING:
            return None
        filter = packed_filter(built.exp)
        exact = exact or built.exact
    generation = 0 if op.generation is None else resolve(op.generation, values)
    if op.generation is not None:
        if isinstance(generation, bool) or not isinstance(generation, int):
            return None
        policy = replace(policy, gen="equal", generation=generation)
    keep = None
    if op.predicate is not None and not exact:
        keep = compile_predicate(op.predicate)(values)
    return _Change(source.target, filter, policy, keep, ops, compute, source.bins, delete)


def _operations(steps: Sequence[plans.Step], values: Sequence[Any]) -> Iterator[Operation]:
    """The operations of steps that need no reading."""
    makers: dict[str, Callable[[str, Any], Operation]] = {
        "increment": native_operations.increment,
        "append": native_operations.append,
        "prepend": native_operations.prepend,
        "write": native_operations.write,
    }
    for step in steps:
        if step.how == "expression":
            yield from expression_writes(step, values)
        elif step.value is not None:
            yield makers[step.how](step.bin, resolve(step.value, values))


def _computation(
    steps: Sequence[plans.Step], values: Sequence[Any]
) -> Callable[[Row], dict[str, Any]]:
    compiled = [(step.bin, compile_value(step.expression)(values)) for step in steps]
    return lambda row: {name: function(row) for name, function in compiled}


def _run(
    session: Session, source: plans.Operation, change: _Change, values: Sequence[Any]
) -> Conversation[Outcome]:
    """Find the records, and change them chunk by chunk."""
    if isinstance(source, (plans.Get, plans.BatchGet)):
        found = _named(source, values)
    else:
        found = yield from session.find(source, values, change.filter)
    count = 0
    failures: list[tuple[int, Error]] = []
    for begin in range(0, len(found), _CHUNK):
        chunk = found[begin : begin + _CHUNK]
        apply = _read_and_write if change.reads else _write_blindly
        done, failed = yield from apply(session, change, chunk)
        count += done
        failures += [(begin + index, error) for index, error in failed]
    if failures:
        raise _first_of(failures, len(found))
    return Outcome(count)


def _named(source: plans.Get | plans.BatchGet, values: Sequence[Any]) -> list[bytes]:
    """The digests of records that the statement names by key."""
    set_name = source.target.set
    if isinstance(source, plans.Get):
        convert = digest_of if source.digest else key_of
        key: Any = convert(resolve(source.key, values))
        keys = [] if key is None else [key]
    else:
        keys = list(keys_of(source.keys, values, source.digest))
    return [key if source.digest else digest(set_name, key) for key in keys]


_Failures = list[tuple[int, Error]]


def _write_blindly(
    session: Session, change: _Change, digests: Sequence[bytes]
) -> Conversation[tuple[int, _Failures]]:
    entries = [_entry(change, digest, change.ops or (), change.policy) for digest in digests]
    results = yield from batch(session.cluster, entries, session.batch_policy)
    spared = _SPARED | {_GENERATION} if change.policy.gen == "equal" else _SPARED
    return _tally(results, spared)


def _tally(results: Sequence[BatchResult], spared: frozenset[int]) -> tuple[int, _Failures]:
    done = sum(result.result_code == 0 for result in results)
    failures = [
        (index, _error(result))
        for index, result in enumerate(results)
        if result.result_code and result.result_code not in spared
    ]
    return done, failures


def _entry(
    change: _Change, digest: bytes, ops: Sequence[Operation], policy: WritePolicy
) -> BatchEntry:
    target = change.target
    common: dict[str, Any] = {
        "info3": policy.info3,
        "generation": policy.generation,
        "filter": change.filter,
    }
    if change.delete:
        info2 = policy.info2 & ~Info2.WRITE
        common["info3"] &= ~Info3.UPDATE_ONLY
        return remove_entry(target.namespace, target.set or None, digest, info2=info2, **common)
    return write_entry(
        target.namespace,
        target.set or None,
        digest,
        native_operations.encode(tuple(ops)),
        len(ops),
        info2=policy.info2 | Info2.RESPOND_ALL_OPS,
        ttl=policy.ttl,
        **common,
    )


def _read_and_write(
    session: Session, change: _Change, digests: Sequence[bytes]
) -> Conversation[tuple[int, _Failures]]:
    """Read, check, compute and write under the generation read; again where it has changed."""
    target, done = change.target, 0
    failures: _Failures = []
    pending = dict(enumerate(digests))
    for _ in range(_ATTEMPTS):
        reads = [
            read_entry(
                target.namespace,
                target.set or None,
                digest,
                bins=change.bins,
                filter=change.filter,
            )
            for digest in pending.values()
        ]
        results = yield from batch(session.cluster, reads, session.batch_policy)
        entries, places = [], []
        for index, result in zip(list(pending), results):
            digest = pending.pop(index)
            if result.result_code == 0:
                ops = _ops_for(session, change, digest, result)
                if ops is not None:
                    policy = replace(change.policy, gen="equal", generation=result.generation)
                    entries.append(_entry(change, digest, ops, policy))
                    places.append((index, digest))
            elif result.result_code not in _SPARED:
                failures.append((index, _error(result)))
        written = yield from batch(session.cluster, entries, session.batch_policy)
        for (index, digest), result in zip(places, written):
            if result.result_code == 0:
                done += 1
            elif result.result_code == _GENERATION:
                pending[index] = digest
            elif result.result_code not in _SPARED:
                failures.append((index, _error(result)))
        if not pending:
            break
    text = f"the record changed during each of {_ATTEMPTS} attempts to update it"
    failures += [(index, GenerationError(text)) for index in pending]
    return done, failures


def _ops_for(
    session: Session, change: _Change, digest: bytes, result: BatchResult
) -> Sequence[Operation] | None:
    """What to do to a record as it was read; None when it is not to be touched."""
    expected = change.policy
    if expected.gen == "equal" and expected.generation != result.generation:
        return None
    row = session.row(result.bins, digest, result.generation, result.void_time, change.target.set)
    if change.keep is not None and change.keep(row) is not True:
        return None
    if change.compute is None:
        return change.ops or ()
    return [native_operations.write(name, value) for name, value in change.compute(row).items()]


# ---- TRUNCATE and indexes ----------------------------------------------------------------------


def truncate(session: Session, op: plans.Truncate, values: Sequence[Any]) -> Conversation[Outcome]:
    """TRUNCATE: all records, or those last written before a time. The count is not known."""
    before = None if op.up_to is None else nanoseconds(resolve(op.up_to, values))
    if op.target.set == "":
        raise ProgrammingError("records without a set are truncated with their whole namespace")
    version = info.lowest_version(session.cluster)
    text = info_texts.truncate(version, op.target.namespace, op.target.set, before)
    yield from info.info_one(session.cluster, text)
    session.catalog.invalidate(op.target.namespace, op.target.set)
    return Outcome()


def create_index(session: Session, op: plans.CreateIndex) -> Conversation[Outcome]:
    """CREATE INDEX: returns when every node has built it."""
    if op.type is None:
        raise ProgrammingError(
            f"the type of index {op.name} is not known yet: say NUMERIC, STRING, BLOB or "
            "GEO2DSPHERE behind the parenthesis"
        )
    cluster = session.cluster
    version = info.lowest_version(cluster)
    target = op.target
    text = info_texts.sindex_create(
        version,
        target.namespace,
        target.set,
        op.name,
        op.bin,
        op.type,
        collection=op.collection,
    )
    try:
        yield from info.info_one(cluster, text)
    except Error as error:
        if not (op.if_not_exists and error.result_code == 200):
            raise
    yield from info.wait_for_index(cluster, target.namespace, op.name)
    session.catalog.invalidate(target.namespace)
    return Outcome()


def drop_index(session: Session, op: plans.DropIndex) -> Conversation[Outcome]:
    """DROP INDEX: returns when no node knows it any more."""
    cluster = session.cluster
    version = info.lowest_version(cluster)
    if not op.if_exists and not (yield from session.has_index(op.namespace, op.name)):
        raise IndexNotFound(f"namespace {op.namespace} has no index {op.name}")
    yield from info.info_one(cluster, info_texts.sindex_delete(version, op.namespace, op.name))
    yield from info.wait_for_no_index(cluster, op.namespace, op.name)
    session.catalog.invalidate(op.namespace)
    return Outcome()
