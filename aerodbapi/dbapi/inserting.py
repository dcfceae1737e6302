"""INSERT, UPSERT and REPLACE: one record by a single command, several in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.dbapi.failures import Failures, error_of, first_of
from aerodbapi.dbapi.options import write_policy
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, IntegrityError, RecordExists
from aerodbapi.frozen import replace
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

__all__ = ["Inserter"]

_CHUNK: Final = 5000  # records in a batch
_EXISTS: Final = {"create": "create", "merge": "ignore", "replace": "create_or_replace"}
#: A duplicate key is an answer too: it is explained before it is raised.
_ANSWERS: Final = frozenset({0, 5})

#: (user key, bins) of one record.
_Row = tuple[Any, dict[str, Any]]


class Inserter:
    """A compiled Write: everything of it that does not depend on bound values."""

    def __init__(self, session: Session, op: plans.Write) -> None:
        self._session = session
        self._op = op
        self._rows = [_row_maker(key, bins, op.mode) for key, bins in op.rows]
        self._fixed: WritePolicy | None = None
        if all(isinstance(value, plans.Constant) for _, value in op.options):
            self._fixed = self._policy(())
        #: Of one record, which is then written by a single command.
        self.single = len(op.rows) == 1

    def _policy(self, values: Sequence[Any]) -> WritePolicy:
        if self._fixed is not None:
            return self._fixed
        chosen = write_policy(self._session, self._op.options, values)
        return replace(chosen, exists=_EXISTS[self._op.mode])

    def call(self, values: Sequence[Any]) -> Call[Outcome]:
        """The single record as a single command."""
        user_key, bins = self._rows[0](values)
        session, target = self._session, self._op.target
        full = Key(target.namespace, target.set or None, user_key, digest(target.set, user_key))
        call: Any = records.put(full, bins, self._policy(values))

        def read(body: bytes, _: Key) -> Outcome:
            if body[5]:
                raise _duplicate(target, user_key)
            session.learn(target, bins)
            return Outcome(1, user_key)

        call.read = read
        if self._op.mode == "create":
            call.accept = _ANSWERS
        return call  # type: ignore[no-any-return]

    def batch(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        """The records of every binding of values, in batches."""
        session, target = self._session, self._op.target
        entries: list[BatchEntry] = []
        keys: list[Any] = []
        kinds: dict[Any, dict[str, Any]] = {}
        for user_key, bins, policy in self._records(bindings):
            keys.append(user_key)
            entries.append(_entry(target, user_key, bins, policy))
            kinds.setdefault((*bins, *map(type, bins.values())), bins)
        for bins in kinds.values():
            session.learn(target, bins)
        count = 0
        failures: Failures = []
        for begin, end in _chunks(entries):
            results = yield from batch(session.cluster, entries[begin:end], session.batch_policy)
            for index, result in enumerate(results, begin):
                if result.result_code == 0:
                    count += 1
                else:
                    failures.append((index, _row_error(target, keys[index], result)))
        if failures:
            raise first_of(failures, len(entries))
        return Outcome(count, keys[-1] if len(entries) == 1 else None)

    def _records(
        self, bindings: Iterable[Sequence[Any]]
    ) -> Iterator[tuple[Any, dict[str, Any], WritePolicy]]:
        for values in bindings:
            policy = self._policy(values)
            for make in self._rows:
                user_key, bins = make(values)
                yield user_key, bins, policy


def _row_maker(
    key: plans.Value, bins: Sequence[tuple[str, plans.Value]], mode: str
) -> Callable[[Sequence[Any]], _Row]:
    """Compile a row: bound values → its user key and bins.

    NULL removes a bin where the row is merged, and is left out elsewhere.
    """
    names = [name for name, _ in bins]
    take = _taker([key, *(value for _, value in bins)])
    merges = mode == "merge"

    def make(values: Sequence[Any]) -> _Row:
        user_key, *given = take(values)
        row = dict(zip(names, given))
        if not merges:
            row = {name: value for name, value in row.items() if value is not None}
        if not row:
            raise IntegrityError("a record needs at least one bin with a value besides PK")
        return write_key(user_key), row

    return make


def _taker(wanted: Sequence[plans.Value]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Compile Values to what takes them all out of the bound values."""
    slots = [value.index for value in wanted if isinstance(value, plans.Slot)]
    if len(slots) == len(wanted) > 1:
        return itemgetter(*slots)
    return lambda values: [resolve(value, values) for value in wanted]


def _chunks(entries: Sequence[BatchEntry]) -> Iterator[tuple[int, int]]:
    """Cut a list into batches in none of which a record stands twice.

    A node may do the writes of one batch in any order; for one record the order counts.
    """
    begin, seen = 0, set[bytes]()
    for index, entry in enumerate(entries):
        if entry.digest in seen or index - begin == _CHUNK:
            yield begin, index
            begin, seen = index, set()
        seen.add(entry.digest)
    if begin < len(entries):
        yield begin, len(entries)


def _entry(target: plans.Target, key: Any, bins: dict[str, Any], policy: WritePolicy) -> BatchEntry:
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


def _duplicate(target: plans.Target, user_key: Any, **notes: Any) -> RecordExists:
    table = f"{target.namespace}.{target.set}" if target.set else target.namespace
    return RecordExists(
        f"a record with PK {user_key!r} exists in {table}: INSERT only creates; "
        "UPSERT merges into it, REPLACE replaces it",
        **notes,
    )


def _row_error(target: plans.Target, key: Any, result: BatchResult) -> Error:
    if result.result_code == 5:
        return _duplicate(target, key, node=result.node)
    error = error_of(result)
    error.args = (f"PK {key!r}: {error.message}",)
    return error
