"""UPDATE and DELETE: find the records, and change them in batches; one record by one command.

Whatever fails, other than "not this record", is raised once all of the records have been tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.dbapi.failures import Failures, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.record_changes import (
    REFUSED,
    SPARED,
    Change,
    Compute,
    Job,
    apply,
    cut,
    reads_of,
)
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import BinTypeError, Error, QueryAborted
from aerodbapi.frozen import replace
from aerodbapi.native import operations as native_operations
from aerodbapi.native import records
from aerodbapi.native.policies import WritePolicy, packed_filter
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.assignments import operations
from aerodbapi.plan.evaluate import compile_predicate, compile_value
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.outputs import type_of
from aerodbapi.plan.pushdown import NOTHING
from aerodbapi.plan.set_places import assigned
from aerodbapi.plan.tree import columns, is_bin
from aerodbapi.plan.values import count_of, keys_of, resolve
from aerodbapi.protocol.digest import digest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.calls import Call

__all__ = ["Changer"]

_GENERATION: Final = 3
_CHUNK: Final = 1000  # records found, then written, at a time


class Changer:
    """A compiled Update or Remove: everything of it that does not depend on bound values."""

    def __init__(self, session: Session, op: plans.Update | plans.Remove) -> None:
        self._session = session
        self._op = op
        self._steps = op.steps if isinstance(op, plans.Update) else ()
        self._removes = isinstance(op, plans.Remove)
        self._computes = any(step.how == "compute" for step in self._steps)
        #: The server may refuse what is not exactly what SQL means: it is computed here then.
        hows = {step.how for step in self._steps}
        self._refusable = bool(hows - {"write", "compute"}) and "function" not in hows
        source: Any = op.source
        while isinstance(source, (plans.Guard, plans.Filter, plans.Limit)):
            source = source.child
        self._source = source
        self._back = None if op.returning is None else reads_of(op.returning.bins)
        self._fixed: WritePolicy | None = None
        if all(isinstance(value, plans.Constant) for _, value in op.options):
            self._fixed = self._policy(())

    @property
    def by_key(self) -> bool:
        """Whether the statement names its records."""
        return isinstance(self._source, (plans.Get, plans.BatchGet))

    # ---- binding -----------------------------------------------------------------------------

    def _policy(self, values: Sequence[Any]) -> WritePolicy:
        if self._fixed is not None:
            return self._fixed
        chosen = write_policy(self._session, self._op.options, values)
        removal = self._removes and self._back is None  # no other deletes create a record
        return chosen if removal else replace(chosen, exists="update")

    def change(self, values: Sequence[Any]) -> Change | None:
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
        spared = SPARED
        if op.generation is not None:
            generation = resolve(op.generation, values)
            if isinstance(generation, bool) or not isinstance(generation, int):
                return None
            policy = replace(policy, gen="equal", generation=generation)
            spared = SPARED | {_GENERATION}
        keep = None
        if op.predicate is not None and not exact:
            keep = compile_predicate(op.predicate)(values)
        change = Change(
            source.target,
            policy,
            filter,
            self._removes,
            keep,
            bins=source.bins,
            spared=spared,
            back=self._back,
        )
        return change if self._removes else self._with_operations(change, values)

    def _with_operations(self, change: Change, values: Sequence[Any]) -> Change:
        ops = None if self._computes else operations(self._steps, values)
        if ops is None:
            if self._computes:
                return replace(change, compute=self._computation(values))
            return self._computed(change, values)
        if not ops:  # SET __ttl = … alone
            ops = [native_operations.touch()]
        instead = partial(self._computed, change, values) if self._refusable else None
        return replace(change, ops=tuple(ops), instead=instead)

    def _computed(self, change: Change, values: Sequence[Any]) -> Change:
        """The change of a record that has to be read, where that was not foreseen."""
        return replace(change, compute=self._computation(values), bins=None, instead=None)

    def _computation(self, values: Sequence[Any]) -> Compute:
        compiled = [
            (
                step,
                compile_value(step.expression)(values),
                [compile_value(index)(values) for index in step.path],
            )
            for step in self._steps
        ]

        def compute(row: Row) -> dict[str, Any]:
            bins: dict[str, Any] = {}
            for step, function, path in compiled:
                value = function(row)
                if path:
                    keys = [index(row) for index in path]
                    held = bins.get(step.bin, row.bins.get(step.bin))
                    value = assigned(held, keys, value, step.bin)
                elif value is None:
                    _check_loss(step, row)
                bins[step.bin] = value
            return bins

        return compute

    # ---- one record, one command -------------------------------------------------------------

    def call(self, values: Sequence[Any]) -> Call[Outcome | None] | None:
        """The single command that does it, or None; its answer is None when that did not do."""
        source = self._source
        if not isinstance(source, plans.Get) or self._computes or self._back is not None:
            return None
        change = self.change(values)
        if change is None or change.reads or count_of(self._op.limit, values) == 0:
            return None
        found = _named(source, values)
        if not found:
            return None
        policy = replace(change.policy, filter=change.filter) if change.filter else change.policy
        if self._removes:
            call: Call[Any] = records.remove(found[0], policy)
        else:
            call = records.operate(found[0], change.ops, policy)

        def read(body: bytes, _: Key) -> Outcome | None:
            code = body[5]
            if code in REFUSED:
                return None
            if code == 0:
                self.note(values)
            return Outcome(int(code == 0))

        call.read = read
        call.accept = change.spared | {0} | (REFUSED if self._refusable else frozenset())
        return call

    # ---- any number of records ---------------------------------------------------------------

    def jobs(self, change: Change, values: Sequence[Any]) -> list[Job]:
        """The jobs of a statement that names its records."""
        return [Job(change, key.digest, key.user_key) for key in _named(self._source, values)]

    def run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """Find the records, and change them chunk by chunk; count those that were changed."""
        change = self.change(values)
        limit = count_of(self._op.limit, values)
        if change is None or limit == 0:
            return Outcome(0, rows=[])
        if self.by_key:
            jobs = self.jobs(change, values)
        else:
            found = yield from self._session.find(self._op.source, values, change.filter)
            jobs = [Job(change, *pair) for pair in found.items()]
        outcome = yield from self._apply(jobs, limit)
        if outcome.rowcount:
            self.note(values)
        return outcome

    def many(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        """Change the records that each binding names, all in batches."""
        jobs: list[Job] = []
        for values in bindings:
            change = self.change(values)
            if change is not None:
                jobs += self.jobs(change, values)
        outcome = yield from self._apply(jobs, None)
        for values in bindings:
            self.note(values)
        return outcome

    def _apply(self, jobs: Sequence[Job], limit: int | None) -> Conversation[Outcome]:
        """Do jobs batch by batch, until so many records as wanted are changed."""
        count, back = 0, list[Row]()
        failures: Failures = []
        for begin, end in cut([job.digest for job in jobs], _CHUNK):
            while begin < end and (limit is None or count < limit):
                until = end if limit is None else min(end, begin + limit - count)
                rows: dict[int, Row] | None = None if self._back is None else {}
                outcomes = yield from apply(self._session, jobs[begin:until], rows)
                for index, outcome in enumerate(outcomes, begin):
                    if isinstance(outcome, QueryAborted):
                        raise outcome
                    if isinstance(outcome, Error):
                        failures.append((index, outcome))
                    else:
                        count += outcome == 0
                if rows:
                    back += [rows[index] for index in sorted(rows)]
                begin = until
        if failures:
            raise first_of(failures, len(jobs))
        return Outcome(count, rows=back)

    def note(self, values: Sequence[Any]) -> None:
        """Teach the catalog what was assigned; where that is unknown, forget the set's columns.

        What a compute step assigned was learnt record by record.
        """
        session, target = self._session, self._source.target
        written = {
            step.bin: resolve(step.value, values)
            for step in self._steps
            if step.how == "write" and step.value is not None
        }
        if written:
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


def _check_loss(step: plans.Step, row: Row) -> None:
    """Refuse to lose a value to arithmetic that it does not take part in.

    NULL, where nothing that the expression reads is NULL, means a value of another kind.
    """
    held = row.bins.get(step.bin)
    if held is None or getattr(step.expression, "op", None) not in ("+", "-", "*", "||"):
        return
    names = [column.name for column in columns(step.expression) if is_bin(column)]
    if step.bin in names and all(row.bins.get(name) is not None for name in names):
        raise BinTypeError(
            f"bin {step.bin} holds a value of the kind {kind_of(held)}, to which nothing can be "
            "added",
            result_code=12,
        )


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
