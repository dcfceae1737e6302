"""UPDATE and DELETE of the records that the relational engine finds.

Its query gives digests, generations and the values to be written. They are read to the end
first; each record is then written under its generation, and of those that had changed by then
the query is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.dbapi.failures import Failures, first_of
from aerodbapi.dbapi.nested import rows_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.record_changes import ATTEMPTS, SPARED, Change, Job, apply, reads_of
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, GenerationError
from aerodbapi.frozen import replace
from aerodbapi.native import operations as native_operations
from aerodbapi.native.policies import WritePolicy
from aerodbapi.plan import operations as plans
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.set_places import place_operation

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.statements import Prepared

__all__ = ["FoundChanger"]

_GENERATION: Final = 3
_CHUNK: Final = 1000


class FoundChanger:
    """A compiled Update or Remove over Found."""

    def __init__(
        self,
        session: Session,
        op: plans.Update | plans.Remove,
        query: Prepared,
        again: Prepared,
    ) -> None:
        assert isinstance(op.source, plans.Found)
        self._session = session
        self._op = op
        self._target = op.source.target
        self._query = query
        self._again = again
        self._steps = op.steps if isinstance(op, plans.Update) else ()
        #: What each step writes, of the values that the query gave and the record's key.
        self._values = [constant(step.expression) for step in self._steps]
        self._back = None if op.returning is None else reads_of(op.returning.bins)

    def run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """Ask, write, and ask again of those that had changed."""
        policy = write_policy(self._session, self._op.options, values)
        policy = replace(policy, exists="update")
        rows = yield from rows_of(self._session, self._query, values)
        count, tried = 0, len(rows)
        back: list[Row] = []
        failures: Failures = []
        for _ in range(ATTEMPTS):
            changed: list[bytes] = []
            for begin in range(0, len(rows), _CHUNK):
                jobs = self._jobs(rows[begin : begin + _CHUNK], policy, values)
                found: dict[int, Row] | None = None if self._back is None else {}
                outcomes = yield from apply(self._session, jobs, found)
                for index, (job, outcome) in enumerate(zip(jobs, outcomes)):
                    if isinstance(outcome, Error):
                        failures.append((begin + index, outcome))
                    elif outcome == _GENERATION:
                        changed.append(job.digest)
                    count += outcome == 0
                if found:
                    back += [found[index] for index in sorted(found)]
            if not changed:
                break
            rows = yield from rows_of(self._session, self._again, (*values, changed))
        else:
            text = f"the record changed during each of {ATTEMPTS} attempts to change it"
            failures += [(index, GenerationError(text)) for index in range(len(rows))]
        if failures:
            raise first_of(failures, tried)
        return Outcome(count, rows=back)

    def _jobs(
        self, rows: Sequence[tuple[Any, ...]], policy: WritePolicy, values: Sequence[Any]
    ) -> list[Job]:
        jobs = []
        for digest, generation, key, *given in rows:
            if policy.gen == "equal" and policy.generation != generation:
                continue
            change = Change(
                self._target,
                replace(policy, gen="equal", generation=generation),
                removes=isinstance(self._op, plans.Remove),
                spared=SPARED | {_GENERATION},
                back=self._back,
            )
            row = (*given, bytes(digest).hex() if key is None else key)
            jobs.append(Job(self._changed(change, row, values), bytes(digest), key))
        return jobs

    def _changed(self, change: Change, given: Sequence[Any], values: Sequence[Any]) -> Change:
        if not self._steps:
            if change.removes:
                return change
            return replace(change, ops=(native_operations.touch(),))
        ops = []
        made = [value(given) for value in self._values]
        for step, value in zip(self._steps, made):
            if step.path:
                keys = [constant(index)(values) for index in step.path]
                ops.append(place_operation(step.bin, keys, value, None))
            else:
                ops.append(native_operations.write(step.bin, value))
        bins = {step.bin: value for step, value in zip(self._steps, made) if not step.path}
        self._session.learn(self._target, bins)
        return replace(change, ops=tuple(ops))
