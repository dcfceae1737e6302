"""UPDATE and DELETE: find the records, and change them in batches.

A record that vanished, changed its generation, or fails the filter is no error: it is not
counted. Whatever else fails is raised once all of the records have been tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.dbapi.failures import Failures, error_of, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import GenerationError
from aerodbapi.native import operations as native_operations
from aerodbapi.native.policies import WritePolicy, packed_filter
from aerodbapi.plan import operations as plans
from aerodbapi.plan.assignments import expression_writes
from aerodbapi.plan.evaluate import compile_predicate, compile_value
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.outputs import type_of
from aerodbapi.plan.pushdown import NOTHING
from aerodbapi.plan.values import keys_of, resolve
from aerodbapi.protocol.batch import BatchEntry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import Info2, Info3
from aerodbapi.protocol.message import Operation

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["remove", "update"]

#: Codes that mean "not this record" to UPDATE and DELETE: gone, another generation, filtered.
_SPARED: Final = frozenset({2, 27})
_GENERATION: Final = 3
#: How often a record that keeps changing is read, computed and written again.
_ATTEMPTS: Final = 20
_CHUNK: Final = 1000  # records found, then written, at a time


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
    policy = replace(write_policy(session, op.options, values), exists="update")
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
    if outcome.rowcount:
        _note(session, change.target, steps, values)
    return outcome


def _note(
    session: Session, target: plans.Target, steps: Sequence[plans.Step], values: Sequence[Any]
) -> None:
    """Teach the catalog what was assigned; where it cannot be told, have the set looked at again.

    What a compute step assigned was learnt record by record.
    """
    written = {step.bin: resolve(step.value, values) for step in steps if step.value is not None}
    session.learn(target, written)
    info = session.catalog.get(target.namespace, target.set)
    if info is None:
        return
    for step in steps:
        column = info.column(step.bin)
        if step.how == "expression" and (
            column is None or column.code != type_of(step.expression, info)
        ):
            session.catalog.invalidate(target.namespace, target.set)
            return


def remove(session: Session, op: plans.Remove, values: Sequence[Any]) -> Conversation[Outcome]:
    """DELETE: how many records were removed."""
    policy = write_policy(session, op.options, values)
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
    failures: Failures = []
    for begin in range(0, len(found), _CHUNK):
        chunk = found[begin : begin + _CHUNK]
        apply = _read_and_write if change.reads else _write_blindly
        done, failed = yield from apply(session, change, chunk)
        count += done
        failures += [(begin + index, error) for index, error in failed]
    if failures:
        raise first_of(failures, len(found))
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


def _write_blindly(
    session: Session, change: _Change, digests: Sequence[bytes]
) -> Conversation[tuple[int, Failures]]:
    entries = [_entry(change, digest, change.ops or (), change.policy) for digest in digests]
    results = yield from batch(session.cluster, entries, session.batch_policy)
    spared = _SPARED | {_GENERATION} if change.policy.gen == "equal" else _SPARED
    return _tally(results, spared)


def _tally(results: Sequence[BatchResult], spared: frozenset[int]) -> tuple[int, Failures]:
    done = sum(result.result_code == 0 for result in results)
    failures = [
        (index, error_of(result))
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
        info2=policy.info2,
        ttl=policy.ttl,
        **common,
    )


def _read_and_write(
    session: Session, change: _Change, digests: Sequence[bytes]
) -> Conversation[tuple[int, Failures]]:
    """Read, check, compute and write under the generation read; again where it has changed."""
    target, done = change.target, 0
    failures: Failures = []
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
                failures.append((index, error_of(result)))
        written = yield from batch(session.cluster, entries, session.batch_policy)
        for (index, digest), result in zip(places, written):
            if result.result_code == 0:
                done += 1
            elif result.result_code == _GENERATION:
                pending[index] = digest
            elif result.result_code not in _SPARED:
                failures.append((index, error_of(result)))
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
    bins = change.compute(row)
    session.learn(change.target, bins)
    return [native_operations.write(name, value) for name, value in bins.items()]
