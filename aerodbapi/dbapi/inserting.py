"""INSERT, UPSERT and REPLACE: one record by a single command, several in batches.

ON CONFLICT DO UPDATE creates, and updates what exists already; a record that vanished in between
is created again. Each of both is atomic, so no change of others is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.cluster.batch import BatchResult
from aerodbapi.dbapi.changing import Changer
from aerodbapi.dbapi.failures import Failures, error_of, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.projection import Row
from aerodbapi.dbapi.record_changes import ATTEMPTS, Job, apply, cut, reads_of
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, IntegrityError, ProgrammingError, QueryAborted, RecordExists
from aerodbapi.frozen import replace
from aerodbapi.native import operations as native_operations
from aerodbapi.native import records
from aerodbapi.native.policies import WritePolicy
from aerodbapi.native.records import operation_flags
from aerodbapi.native.results import Key
from aerodbapi.plan import operations as plans
from aerodbapi.plan.keys import write_key
from aerodbapi.plan.values import resolve
from aerodbapi.protocol.batch import BatchEntry, write_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import Info1

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.calls import Call
    from aerodbapi.plan.table_operations import Draw

__all__ = ["Inserter", "Record", "Written"]

_CHUNK: Final = 5000  # records in a batch
_EXISTS: Final = {"create": "create", "merge": "ignore", "replace": "create_or_replace"}
_RECORD_EXISTS: Final = 5
_NOT_FOUND: Final = 2
#: A duplicate key is an answer too: it is explained before it is raised.
_ANSWERS: Final = frozenset({0, _RECORD_EXISTS})


class Record(NamedTuple):
    """A record to be written, and the values that were bound when it was made."""

    digest: bytes
    key: Any
    bins: dict[str, Any]
    policy: WritePolicy
    values: Sequence[Any]
    row: Sequence[Any] = ()


class Written:
    """What has been written so far."""

    __slots__ = ("count", "failures", "key", "rows", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.failures: Failures = []
        self.rows: list[Row] = []
        self.key: Any = None

    def outcome(self) -> Outcome:
        """The statement's outcome. Raises the first failure, if there was one."""
        if self.failures:
            raise first_of(sorted(self.failures, key=itemgetter(0)), self.total)
        key = self.key if self.total == self.count == 1 else None
        return Outcome(self.count, key, rows=self.rows)


class Inserter:
    """A compiled Write: everything of it that does not depend on bound values."""

    def __init__(self, session: Session, op: plans.Write) -> None:
        self._session = session
        self._op = op
        self._rows = [_row_maker(key, bins) for key, bins in op.rows]
        self._fixed: WritePolicy | None = None
        if all(isinstance(value, plans.Constant) for _, value in op.options):
            self._fixed = self._policy(())
        self._back = None if op.returning is None else reads_of(op.returning.bins)
        #: The highest values that rows had themselves where a counter gives them.
        self.highest: dict[Draw, int] = {}
        self._changer = None if op.update is None else Changer(session, op.update)
        #: Of one record, which is then written by a single command.
        self.single = len(op.rows) == 1 and op.conflict != "update" and self._back is None

    def _policy(self, values: Sequence[Any]) -> WritePolicy:
        if self._fixed is not None:
            return self._fixed
        chosen = write_policy(self._session, self._op.options, values)
        return replace(chosen, exists=_EXISTS[self._op.mode])

    def call(self, values: Sequence[Any]) -> Call[Outcome]:
        """The single record as a single command."""
        session, target = self._session, self._op.target
        found = self._record(*self._rows[0](values), self._policy(values), values)
        user_key = found.key
        full = Key(target.namespace, target.set or None, user_key, found.digest)
        call: Any = records.put(full, found.bins, found.policy)

        def read(body: bytes, _: Key) -> Outcome:
            if body[5]:
                if self._op.conflict == "ignore":
                    return Outcome(0)
                raise _duplicate(target, user_key)
            session.learn(target, found.bins)
            return Outcome(1, user_key)

        call.read = read
        if self._op.mode == "create":
            call.accept = _ANSWERS
        return call  # type: ignore[no-any-return]

    # ---- records -----------------------------------------------------------------------------

    def batch(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        """The records of every binding of values, in batches."""
        written = Written()
        yield from self.write(list(self._records(bindings)), written)
        return written.outcome()

    def _records(self, bindings: Iterable[Sequence[Any]]) -> Iterator[Record]:
        for values in bindings:
            policy = self._policy(values)
            for make in self._rows:
                yield self._record(*make(values), policy, values)

    def queried(self, rows: Iterable[Sequence[Any]], values: Sequence[Any]) -> list[Record]:
        """The records that a query's rows make."""
        names = self._op.names
        policy, key_at = self._policy(values), names.index("")
        bins = [(at, name) for at, name in enumerate(names) if name]
        found = []
        for row in rows:
            if len(row) != len(names):
                raise ProgrammingError(
                    f"{len(names)} columns are named, and the query gives {len(row)}"
                )
            given = {name: row[at] for at, name in bins}
            found.append(self._record(row[key_at], given, policy, values))
        return found

    def _record(
        self, key: Any, given: dict[str, Any], policy: WritePolicy, values: Sequence[Any]
    ) -> Record:
        """Check a row. NULL removes a bin where the row is merged, and is left out elsewhere."""
        bins = given
        if self._op.mode != "merge":
            bins = {name: value for name, value in given.items() if value is not None}
        if not bins:
            raise IntegrityError("a record needs at least one bin with a value besides PK")
        key = write_key(key)
        for draw, name in self._op.raises:
            value = bins.get(name) if name else key
            if isinstance(value, int) and value > self.highest.get(draw, value - 1):
                self.highest[draw] = value
        row = (key, *given.values()) if self._changer is not None else ()
        return Record(digest(self._op.target.set, key), key, bins, policy, values, row)

    # ---- writing -----------------------------------------------------------------------------

    def write(self, found: Sequence[Record], written: Written) -> Conversation[None]:
        """Write records, in batches; `written` notes what became of them."""
        first = written.total
        written.total += len(found)
        if found:
            written.key = found[-1].key
        self._learn(found)
        for begin, end in cut([record.digest for record in found], _CHUNK):
            rows: dict[int, Row] = {}
            pending = dict(enumerate(found[begin:end], first + begin))
            for _ in range(ATTEMPTS):
                conflicts = yield from self._create(pending, written, rows)
                if self._op.conflict != "update" or not conflicts:
                    break
                pending = yield from self._update(conflicts, written, rows)
                if not pending:
                    break
            else:
                text = f"the record came and went during each of {ATTEMPTS} attempts to write it"
                written.failures += [(index, IntegrityError(text)) for index in pending]
            written.rows += [rows[index] for index in sorted(rows)]

    def _learn(self, found: Iterable[Record]) -> None:
        kinds: dict[Any, dict[str, Any]] = {}
        for record in found:
            bins = record.bins
            kinds.setdefault((*bins, *map(type, bins.values())), bins)
        for bins in kinds.values():
            self._session.learn(self._op.target, bins)

    def _create(
        self, pending: dict[int, Record], written: Written, rows: dict[int, Row]
    ) -> Conversation[dict[int, Record]]:
        """Write; give the records whose key exists already."""
        session, conflicts = self._session, {}
        entries = [self._entry(record) for record in pending.values()]
        sent = session.batch(self._op.target, entries, session.batch_write_policy)
        results = yield from sent
        for (index, record), result in zip(pending.items(), results):
            code = result.result_code
            if code == 0:
                written.count += 1
                if self._back is not None:
                    rows[index] = self._row(record, result)
            elif code == _RECORD_EXISTS and self._op.conflict != "fail":
                conflicts[index] = record
            else:
                error = _row_error(self._op.target, record.key, result)
                if isinstance(error, QueryAborted):
                    raise error
                written.failures.append((index, error))
        return conflicts

    def _row(self, record: Record, result: BatchResult) -> Row:
        return self._session.row(
            result.bins,
            record.digest,
            result.generation,
            result.void_time,
            self._op.target.set,
            record.key,
        )

    def _update(
        self, conflicts: dict[int, Record], written: Written, rows: dict[int, Row]
    ) -> Conversation[dict[int, Record]]:
        """Change records that exist; give those that do not any more."""
        assert self._changer is not None
        jobs, indexes, gone = [], [], {}
        for index, record in conflicts.items():
            change = self._changer.change((*record.values, *record.row))
            if change is not None:
                jobs.append(Job(change, record.digest, record.key))
                indexes.append(index)
        changed: dict[int, Row] | None = None if self._back is None else {}
        outcomes = yield from apply(self._session, jobs, changed)
        for place, (index, outcome) in enumerate(zip(indexes, outcomes)):
            if isinstance(outcome, Error):
                written.failures.append((index, outcome))
            elif outcome == _NOT_FOUND:
                gone[index] = conflicts[index]
            elif outcome == 0:
                written.count += 1
                if changed is not None:
                    rows[index] = changed[place]
        return gone

    def _entry(self, record: Record) -> BatchEntry:
        target, policy = self._op.target, record.policy
        n_ops, ops = bins_ops(record.bins)
        info1 = info2 = 0
        if self._back is not None:
            info1, info2 = operation_flags(self._back)
            info1 = info1 or Info1.READ | Info1.NOBINDATA
            n_ops, ops = n_ops + len(self._back), ops + native_operations.encode(self._back)
        return write_entry(
            target.namespace,
            target.set or None,
            record.digest,
            ops,
            n_ops,
            info1=info1,
            info2=info2 | policy.info2,
            info3=policy.info3,
            generation=policy.generation,
            ttl=policy.ttl & 0xFFFFFFFF,
            key=record.key if policy.send_key else None,
        )


def _row_maker(
    key: plans.Value, bins: Sequence[tuple[str, plans.Value]]
) -> Callable[[Sequence[Any]], tuple[Any, dict[str, Any]]]:
    """Compile a row: bound values → its user key and bins."""
    names = [name for name, _ in bins]
    take = _taker([key, *(value for _, value in bins)])

    def make(values: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
        user_key, *given = take(values)
        return user_key, dict(zip(names, given))

    return make


def _taker(wanted: Sequence[plans.Value]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Compile Values to what takes them all out of the bound values."""
    slots = [value.index for value in wanted if isinstance(value, plans.Slot)]
    if len(slots) == len(wanted) > 1:
        return itemgetter(*slots)
    return lambda values: [resolve(value, values) for value in wanted]


def _duplicate(target: plans.Target, user_key: Any, **notes: Any) -> RecordExists:
    table = f"{target.namespace}.{target.set}" if target.set else target.namespace
    return RecordExists(
        f"a record with PK {user_key!r} exists in {table}: INSERT only creates; "
        "UPSERT merges into it, REPLACE replaces it",
        **notes,
    )


def _row_error(target: plans.Target, key: Any, result: BatchResult) -> Error:
    if result.result_code == _RECORD_EXISTS:
        return _duplicate(target, key, node=result.node)
    error = error_of(result)
    error.args = (f"PK {key!r}: {error.message}",)
    return error
