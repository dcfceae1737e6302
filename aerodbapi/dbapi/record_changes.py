"""What is done to one record, and doing it to many: in batches, reading first where that is needed.

A record that vanished, changed its generation, or fails the filter is no error: its outcome is
the code that says so. Where a server refuses the operations, since they would not do exactly what
SQL means (codes 12 and 26), the record is read, computed and written under its generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Union

from aerodbapi.cluster.batch import BatchResult
from aerodbapi.dbapi.failures import error_of
from aerodbapi.dbapi.projection import Row
from aerodbapi.errors import Error, GenerationError, error_for
from aerodbapi.frozen import frozen, replace
from aerodbapi.native import operations as native_operations
from aerodbapi.native.policies import WritePolicy
from aerodbapi.native.records import operation_flags
from aerodbapi.plan import operations as plans
from aerodbapi.protocol.batch import BatchEntry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.flags import Info1, Info2, Info3, OpType
from aerodbapi.protocol.message import Operation

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["REFUSED", "SPARED", "Change", "Job", "Outcomes", "apply", "cut", "entry", "reads_of"]

#: Codes that mean "not this record" to UPDATE and DELETE: gone, filtered.
SPARED: Final = frozenset({2, 27})
#: Codes of operations that a server does not apply to what a record holds.
REFUSED: Final = frozenset({12, 26})
_GENERATION: Final = 3
#: Operations whose answers a server does not give beside all bins (write.c, read-all op).
_ANSWERING: Final = frozenset({OpType.CDT_MODIFY, OpType.HLL_MODIFY})
#: How often a record that keeps changing is read, computed and written again.
ATTEMPTS: Final = 50

#: Gives the bins to write into a record that was read. Raises the Error of that record alone.
Compute = Callable[[Row], dict[str, Any]]
#: What became of each job: 0, a code that spares the record, or an error.
Outcomes = list[Union[int, Error]]


@frozen
class Change:
    """What is done to a record, with the values bound.

    `ops`: done without reading. `compute`: takes their place where the record is read first.
    `bins`: what has to be read. `keep`: the condition that the filter does not decide.
    `spared`: the codes that mean "not this record". `back`: the operations that read what
    RETURNING shows, None without one. `instead`: gives the change that is computed, for a record
    to which the server does not apply `ops`.
    """

    target: plans.Target
    policy: WritePolicy
    filter: bytes = b""
    removes: bool = False
    keep: Callable[[Any], Any] | None = None
    ops: tuple[Operation, ...] = ()
    compute: Compute | None = None
    bins: plans.Columns = ()
    spared: frozenset[int] = SPARED
    back: tuple[Operation, ...] | None = None
    instead: Callable[[], Change] | None = None

    @property
    def reads(self) -> bool:
        """Whether the record is read before it is changed."""
        return self.keep is not None or self.compute is not None or self.names_bins

    @property
    def names_bins(self) -> bool:
        """Whether RETURNING * has to name the bins, which only a look at the record tells."""
        return _reads_all(self.back) and any(op.op in _ANSWERING for op in self.ops)


class Job(NamedTuple):
    """A change of one record; `key` is its user key where that is known."""

    change: Change
    digest: bytes
    key: Any = None


def reads_of(bins: plans.Columns) -> tuple[Operation, ...]:
    """The operations that read what RETURNING shows."""
    if bins is None:
        return (native_operations.read_all(),)
    return tuple(map(native_operations.read, bins))


def _reads_all(ops: Sequence[Operation] | None) -> bool:
    return any(op.op == OpType.READ and not op.name for op in ops or ())


def cut(digests: Sequence[bytes], size: int) -> Iterator[tuple[int, int]]:
    """Cut a list into batches in none of which a record stands twice.

    A node may do the writes of one batch in any order; for one record the order counts.
    """
    begin, seen = 0, set[bytes]()
    for index, digest in enumerate(digests):
        if digest in seen or index - begin == size:
            yield begin, index
            begin, seen = index, set()
        seen.add(digest)
    if begin < len(digests):
        yield begin, len(digests)


# ---- doing it ----------------------------------------------------------------------------------


def apply(
    session: Session, jobs: Sequence[Job], rows: dict[int, Row] | None = None
) -> Conversation[Outcomes]:
    """Do every job, each record in one of them at most. `rows` gets what RETURNING shows."""
    outcomes: Outcomes = [0] * len(jobs)
    pending: dict[int, Job] = {}
    direct: list[int] = []
    for index, job in enumerate(jobs):
        if job.change.reads:
            pending[index] = job
        else:
            direct.append(index)
    entries = [
        entry(jobs[index], jobs[index].change.ops, jobs[index].change.policy) for index in direct
    ]
    results: list[BatchResult] = []
    if direct:
        target = jobs[direct[0]].change.target
        results = yield from session.batch(target, entries, session.batch_write_policy)
    for index, result in zip(direct, results):
        change = jobs[index].change
        if result.result_code in REFUSED and change.instead is not None:
            pending[index] = jobs[index]._replace(change=change.instead())
        else:
            _settle(session, jobs[index], index, result, outcomes, rows)
    if pending:
        yield from _read_and_write(session, pending, outcomes, rows)
    return outcomes


def _settle(
    session: Session,
    job: Job,
    index: int,
    result: BatchResult,
    outcomes: Outcomes,
    rows: dict[int, Row] | None,
) -> None:
    code = result.result_code
    if code == 0:
        if rows is not None:
            rows[index] = _row(session, job, _in_order(job.change.back, result))
    elif code in job.change.spared:
        outcomes[index] = code
    else:
        outcomes[index] = error_of(result)


def _in_order(back: Sequence[Operation] | None, result: BatchResult) -> BatchResult:
    """The bins as RETURNING reads them: an operation that answered stands before the reads."""
    if not back or _reads_all(back):
        return result
    bins = {op.name: result.bins[op.name] for op in back if op.name in result.bins}
    return result._replace(bins=bins)


def _row(session: Session, job: Job, result: BatchResult) -> Row:
    return session.row(
        result.bins,
        job.digest,
        result.generation,
        result.void_time,
        job.change.target.set,
        job.key,
    )


def _read_and_write(
    session: Session, pending: dict[int, Job], outcomes: Outcomes, rows: dict[int, Row] | None
) -> Conversation[None]:
    """Read, check, compute and write under the generation read; again where it has changed."""
    for _ in range(ATTEMPTS):
        jobs = list(pending.items())
        reads = [_reading(job) for _, job in jobs]
        target = jobs[0][1].change.target
        results = yield from session.batch(target, reads, session.batch_policy)
        written, entries = [], []
        for (index, job), result in zip(jobs, results):
            try:
                made = _write_for(session, job, result)
            except Error as error:
                outcomes[index] = error
                continue
            if isinstance(made, int):
                outcomes[index] = made
            else:
                written.append((index, job, made[0]))
                entries.append(made[1])
        pending = {}
        results = yield from session.batch(target, entries, session.batch_write_policy)
        for (index, job, done), result in zip(written, results):
            if result.result_code == _GENERATION:
                pending[index] = job
            else:
                _settle(session, done, index, result, outcomes, rows)
        if not pending:
            return
    for index in pending:
        outcomes[index] = GenerationError(
            f"the record changed during each of {ATTEMPTS} attempts to change it"
        )


def _reading(job: Job) -> BatchEntry:
    change = job.change
    bins = None if change.names_bins else change.bins
    nobins = bins == ()
    return read_entry(
        change.target.namespace,
        change.target.set or None,
        job.digest,
        bins=None if nobins else bins,
        nobins=nobins,
        filter=change.filter,
    )


def _write_for(session: Session, job: Job, result: BatchResult) -> tuple[Job, BatchEntry] | int:
    """The job and its write for a record as it was read; a code when it is not to be touched.

    Raises the Error that keeps this record from being written.
    """
    change, code = job.change, result.result_code
    if code:
        if code in change.spared:
            return code
        raise error_of(result)
    expected = change.policy
    if expected.gen == "equal" and expected.generation != result.generation:
        if _GENERATION in change.spared:
            return _GENERATION
        raise error_for(_GENERATION, node=result.node)
    row = _row(session, job, result)
    if change.keep is not None and change.keep(row) is not True:
        return 27
    policy = replace(expected, gen="equal", generation=result.generation)
    ops: Sequence[Operation] = change.ops
    if change.compute is not None:
        bins = change.compute(row)
        session.learn(change.target, bins)
        ops = [native_operations.write(*item) for item in bins.items()]
    if change.names_bins:
        names = dict.fromkeys([*result.bins, *(op.name for op in ops)])
        job = job._replace(change=replace(change, back=reads_of(tuple(names))))
    return job, entry(job, ops, policy)


def entry(job: Job, ops: Sequence[Operation], policy: WritePolicy) -> BatchEntry:
    """A job's part of a batch; `ops` count for nothing where the record is removed."""
    change = job.change
    target = change.target
    set_name = target.set or None
    if change.removes and change.back is None:
        return remove_entry(
            target.namespace,
            set_name,
            job.digest,
            info2=policy.info2 & ~Info2.WRITE,
            info3=policy.info3 & ~Info3.UPDATE_ONLY,
            generation=policy.generation,
            filter=change.filter,
        )
    back = change.back or ()
    ops = (*back, native_operations.delete()) if change.removes else (*ops, *back)
    info1, info2 = operation_flags(ops)
    if change.back == ():
        info1 |= Info1.READ | Info1.NOBINDATA if not info1 else 0
    return write_entry(
        target.namespace,
        set_name,
        job.digest,
        native_operations.encode(tuple(ops)),
        len(ops),
        info1=info1,
        info2=info2 | policy.info2,
        info3=policy.info3,
        generation=policy.generation,
        ttl=policy.ttl & 0xFFFFFFFF,
        key=job.key if policy.send_key else None,
        filter=change.filter,
    )
