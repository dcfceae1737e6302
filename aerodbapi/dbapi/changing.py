"""UPDATE and DELETE: find the records, and change them in batches; one record by one command.

A record that vanished, changed its generation, or fails the filter is no error: it is not
counted. Whatever else fails is raised once all of the records have been tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.dbapi.failures import Failures, error_of, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import BinTypeError, Error, GenerationError
from aerodbapi.frozen import frozen, replace
from aerodbapi.native import operations as native_operations
from aerodbapi.native import records
from aerodbapi.native.policies import WritePolicy, packed_filter
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.assignments import expression_writes
from aerodbapi.plan.evaluate import compile_predicate, compile_value
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.kinds import kind_of
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
    from aerodbapi.native.calls import Call

__all__ = ["Changer"]

#: Codes that mean "not this record" to UPDATE and DELETE: gone, filtered.
_SPARED: Final = frozenset({2, 27})
_GENERATION: Final = 3
_BIN_TYPE: Final = 12
#: How often a record that keeps changing is read, computed and written again.
_ATTEMPTS: Final = 20
_CHUNK: Final = 1000  # records found, then written, at a time
_MAKERS: Final[dict[str, Callable[[str, Any], Operation]]] = {
    "increment": native_operations.increment,
    "append": native_operations.append,
    "prepend": native_operations.prepend,
    "write": native_operations.write,
}

#: Gives the bins to write into a record that was read. Raises the Error of that record alone.
_Compute = Callable[[Row], dict[str, Any]]


@frozen
class _Change:
    """What is done to each record that was found, with the values bound.

    `ops`: done without reading. `compute`: takes their place where the record is read first.
    `bins`: what has to be read. `spared`: the codes that mean "not this record".
    """

    target: plans.Target
    filter: bytes
    policy: WritePolicy
    keep: Callable[[Any], Any] | None
    ops: tuple[Operation, ...]
    compute: _Compute | None
    bins: plans.Columns
    spared: frozenset[int]

    @property
    def reads(self) -> bool:
        """Whether records are read before they are changed."""
        return self.keep is not None or self.compute is not None


class Changer:
    """A compiled Update or Remove: everything of it that does not depend on bound values."""

    def __init__(self, session: Session, op: plans.Update | plans.Remove) -> None:
        self._session = session
        self._op = op
        self._steps = op.steps if isinstance(op, plans.Update) else ()
        self._deletes = isinstance(op, plans.Remove)
        self._computes = any(step.how == "compute" for step in self._steps)
        #: An integer may have to be added to a double, which an increment cannot do.
        self._adds = any(step.how == "increment" for step in self._steps)
        source: Any = op.source
        while isinstance(source, (plans.Guard, plans.Filter, plans.Limit)):
            source = source.child
        self._source = source
        self._fixed: WritePolicy | None = None
        if all(isinstance(value, plans.Constant) for _, value in op.options):
            self._fixed = self._policy(())

    # ---- binding -----------------------------------------------------------------------------

    def _policy(self, values: Sequence[Any]) -> WritePolicy:
        if self._fixed is not None:
            return self._fixed
        chosen = write_policy(self._session, self._op.options, values)
        return chosen if self._deletes else replace(chosen, exists="update")

    def _bound(self, values: Sequence[Any]) -> _Change | None:
        """What is to be done; None when no record can be meant."""
        op, source = self._op, self._source
        if isinstance(source, plans.Empty):
            return None
        policy, filter, exact = self._policy(values), b"", op.predicate is None
        if source.pushed is not None and source.pushed.builder is not None:
            built = source.pushed.builder(values)
            if built.exp is NOTHING:
                return None
            filter = packed_filter(built.exp)
            exact = exact or built.exact
        spared = _SPARED
        if op.generation is not None:
            generation = resolve(op.generation, values)
            if isinstance(generation, bool) or not isinstance(generation, int):
                return None
            policy = replace(policy, gen="equal", generation=generation)
            spared = _SPARED | {_GENERATION}
        keep = None
        if op.predicate is not None and not exact:
            keep = compile_predicate(op.predicate)(values)
        compute = self._computation(values) if self._computes else None
        ops = () if compute or self._deletes else tuple(self._operations(values))
        return _Change(source.target, filter, policy, keep, ops, compute, source.bins, spared)

    def _operations(self, values: Sequence[Any]) -> Iterator[Operation]:
        """The operations of steps that need no reading."""
        nothing = True
        for step in self._steps:
            if step.how == "expression":
                nothing = False
                yield from expression_writes(step, values)
            elif step.value is not None:
                nothing = False
                yield _MAKERS[step.how](step.bin, resolve(step.value, values))
        if nothing:  # SET __ttl = … alone
            yield native_operations.touch()

    def _computation(self, values: Sequence[Any]) -> _Compute:
        compiled = [(step, compile_value(step.expression)(values)) for step in self._steps]

        def compute(row: Row) -> dict[str, Any]:
            return {
                step.bin: _assigned(step, function(row), row, values) for step, function in compiled
            }

        return compute

    # ---- one record, one command -------------------------------------------------------------

    def call(self, values: Sequence[Any]) -> Call[Outcome | None] | None:
        """The single command that does it, or None; its answer is None when that did not do."""
        source = self._source
        if not isinstance(source, plans.Get) or self._computes:
            return None
        change = self._bound(values)
        if change is None or change.reads:
            return None
        found = _named(source, values)
        if not found:
            return None
        call = self._command(found[0], change)

        def read(body: bytes, _: Key) -> Outcome | None:
            code = body[5]
            if code == _BIN_TYPE:
                return None
            if code == 0:
                self._note(values)
            return Outcome(int(code == 0))

        call.read = read
        call.accept = change.spared | ({0, _BIN_TYPE} if self._adds else {0})
        return call

    def _command(self, key: Key, change: _Change) -> Call[Any]:
        policy = replace(change.policy, filter=change.filter) if change.filter else change.policy
        if self._deletes:
            return records.remove(key, policy)
        return records.operate(key, change.ops, policy)

    # ---- any number of records ---------------------------------------------------------------

    def run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """Find the records, and change them chunk by chunk. Returns how many were changed."""
        session, source = self._session, self._source
        change = self._bound(values)
        if change is None:
            return Outcome(0)
        if isinstance(source, (plans.Get, plans.BatchGet)):
            found = [key.digest for key in _named(source, values)]
        else:
            found = yield from session.find(self._op.source, values, change.filter)
        count = 0
        failures: Failures = []
        for begin in range(0, len(found), _CHUNK):
            chunk = found[begin : begin + _CHUNK]
            if change.reads:
                done, failed = yield from _read_and_write(session, change, chunk)
            else:
                done, failed = yield from self._write(change, chunk, values)
            count += done
            failures += [(begin + index, error) for index, error in failed]
        if count:
            self._note(values)
        if failures:
            raise first_of(failures, len(found))
        return Outcome(count)

    def _write(
        self, change: _Change, digests: Sequence[bytes], values: Sequence[Any]
    ) -> Conversation[tuple[int, Failures]]:
        """Write without reading, except where an increment turns out not to fit."""
        session = self._session
        entries = [
            _removal(change, digest, change.policy)
            if self._deletes
            else _entry(change, digest, change.ops, change.policy)
            for digest in digests
        ]
        results = yield from batch(session.cluster, entries, session.batch_policy)
        done, failures, unfit = 0, [], []
        for index, result in enumerate(results):
            code = result.result_code
            if code == 0:
                done += 1
            elif code == _BIN_TYPE and self._adds:
                unfit.append(index)
            elif code not in change.spared:
                failures.append((index, error_of(result)))
        if unfit:
            again = replace(change, compute=self._computation(values), bins=None)
            chunk = [digests[index] for index in unfit]
            more, failed = yield from _read_and_write(session, again, chunk)
            done += more
            failures += [(unfit[index], error) for index, error in failed]
        return done, failures

    def _note(self, values: Sequence[Any]) -> None:
        """Teach the catalog what was assigned; where that is unknown, forget the set's columns.

        What a compute step assigned was learnt record by record.
        """
        session, target = self._session, self._source.target
        written = {
            step.bin: resolve(step.value, values) for step in self._steps if step.value is not None
        }
        session.learn(target, written)
        info = session.catalog.get(target.namespace, target.set)
        if info is None:
            return
        for step in self._steps:
            column = info.column(step.bin)
            if step.how == "expression" and (
                column is None or column.code != type_of(step.expression, info)
            ):
                session.catalog.invalidate(target.namespace, target.set)
                return


def _assigned(step: plans.Step, value: Any, row: Row, values: Sequence[Any]) -> Any:
    """What a step writes into a record that was read, given its expression's value there.

    A step that would have been an operation keeps that operation's meaning: a missing bin is
    zero or empty, and a value of another kind is not lost but refused.
    """
    if step.how in ("write", "expression", "compute"):
        return value
    held = row.bins.get(step.bin)
    if held is None and step.value is not None:
        return resolve(step.value, values)
    if value is None:
        raise BinTypeError(
            f"bin {step.bin} holds a value of the kind {kind_of(held)}, to which nothing can be "
            "added",
            result_code=_BIN_TYPE,
        )
    return value


def _named(source: plans.Get | plans.BatchGet, values: Sequence[Any]) -> list[Key]:
    """The records that the statement names by key."""
    namespace, set_name = source.target.namespace, source.target.set
    if isinstance(source, plans.BatchGet):
        keys: list[Any] = list(keys_of(source.keys, values, source.digest))
    else:
        convert = digest_of if source.digest else key_of
        key: Any = convert(resolve(source.key, values))
        keys = [] if key is None else [key]
    if source.digest:
        return [Key(namespace, set_name or None, None, key) for key in keys]
    return [Key(namespace, set_name or None, key, digest(set_name, key)) for key in keys]


def _entry(
    change: _Change, digest: bytes, ops: Sequence[Operation], policy: WritePolicy
) -> BatchEntry:
    return write_entry(
        change.target.namespace,
        change.target.set or None,
        digest,
        native_operations.encode(tuple(ops)),
        len(ops),
        info2=policy.info2,
        info3=policy.info3,
        generation=policy.generation,
        ttl=policy.ttl,
        filter=change.filter,
    )


def _removal(change: _Change, digest: bytes, policy: WritePolicy) -> BatchEntry:
    return remove_entry(
        change.target.namespace,
        change.target.set or None,
        digest,
        info2=policy.info2 & ~Info2.WRITE,
        info3=policy.info3 & ~Info3.UPDATE_ONLY,
        generation=policy.generation,
        filter=change.filter,
    )


def _read_and_write(
    session: Session, change: _Change, digests: Sequence[bytes]
) -> Conversation[tuple[int, Failures]]:
    """Read, check, compute and write under the generation read; again where it has changed."""
    done = 0
    failures: Failures = []
    pending = dict(enumerate(digests))
    for _ in range(_ATTEMPTS):
        places = list(pending.items())
        reads = [_reading(change, digest) for _, digest in places]
        results = yield from batch(session.cluster, reads, session.batch_policy)
        pending, written, entries = {}, [], []
        for place, result in zip(places, results):
            try:
                entry = _write_for(session, change, place[1], result)
            except Error as error:
                failures.append((place[0], error))
                continue
            if entry is not None:
                entries.append(entry)
                written.append(place)
        results = yield from batch(session.cluster, entries, session.batch_policy)
        for place, result in zip(written, results):
            if result.result_code == 0:
                done += 1
            elif result.result_code == _GENERATION:
                pending[place[0]] = place[1]
            elif result.result_code not in _SPARED:
                failures.append((place[0], error_of(result)))
        if not pending:
            break
    text = f"the record changed during each of {_ATTEMPTS} attempts to update it"
    failures += [(index, GenerationError(text)) for index in pending]
    return done, failures


def _reading(change: _Change, digest: bytes) -> BatchEntry:
    target, nobins = change.target, change.bins == ()
    return read_entry(
        target.namespace,
        target.set or None,
        digest,
        bins=None if nobins else change.bins,
        nobins=nobins,
        filter=change.filter,
    )


def _write_for(
    session: Session, change: _Change, digest: bytes, result: BatchResult
) -> BatchEntry | None:
    """The write for a record as it was read; None when it is not to be touched.

    Raises the Error that keeps this record from being written.
    """
    if result.result_code:
        if result.result_code in _SPARED:
            return None
        raise error_of(result)
    expected = change.policy
    if expected.gen == "equal" and expected.generation != result.generation:
        return None
    row = session.row(result.bins, digest, result.generation, result.void_time, change.target.set)
    if change.keep is not None and change.keep(row) is not True:
        return None
    policy = replace(expected, gen="equal", generation=result.generation)
    if change.compute is not None:
        bins = change.compute(row)
        session.learn(change.target, bins)
        ops: Sequence[Operation] = [native_operations.write(*item) for item in bins.items()]
        return _entry(change, digest, ops, policy)
    return (
        _entry(change, digest, change.ops, policy)
        if change.ops
        else _removal(change, digest, policy)
    )
