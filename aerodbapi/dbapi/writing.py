"""A statement that writes, as it is run: its subqueries first, then its records, then its rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.effects import Emit
from aerodbapi.dbapi import counters
from aerodbapi.dbapi.changing import Changer
from aerodbapi.dbapi.found import FoundChanger
from aerodbapi.dbapi.inserting import Inserter, Written
from aerodbapi.dbapi.nested import each_rows, rows_of, subquery_value
from aerodbapi.dbapi.projection import Projection
from aerodbapi.dbapi.reading import RowSource
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import QueryAborted
from aerodbapi.plan import operations as plans
from aerodbapi.plan.evaluate import compile_row

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.projection import RowBuilder
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.statements import Prepared
    from aerodbapi.native.calls import Call

__all__ = ["WRITES", "Writer"]

#: The roots of plans that write records.
WRITES: Final = (plans.Write, plans.Update, plans.Remove, plans.Subqueries)
_CHUNK: Final = 5000  # rows of a query that are written at a time


class Writer:
    """A compiled plan that writes."""

    def __init__(self, session: Session, root: Any) -> None:
        self._session = session
        self._queries: list[tuple[str, Prepared]] = []
        if isinstance(root, plans.Subqueries):
            self._queries = [(how, _prepared(session, plan)) for how, plan in root.queries]
            root = root.child
        self._op: plans.Write | plans.Update | plans.Remove = root
        self._inserter: Inserter | None = None
        self._changer: Changer | FoundChanger | None = None
        self._source: Prepared | None = None
        self._make: Any = None
        if isinstance(root, plans.Write):
            self._inserter = Inserter(session, root)
            if root.cells:
                self._make = compile_row(root.cells)
            if root.source is not None:
                self._source = _prepared(session, root.source)
            self._target: plans.Target | None = root.target
        elif isinstance(root.source, plans.Found):
            self._changer = FoundChanger(
                session,
                root,
                _prepared(session, root.source.query),
                _prepared(session, root.source.again),
            )
            self._target = root.source.target
        elif isinstance(root, (plans.Update, plans.Remove)):
            self._changer = Changer(session, root)
            self._target = getattr(root.source, "target", None)
        self._projection: Projection | None = None
        if root.returning is not None:
            back = root.returning
            project = plans.Project(plans.Empty("RETURNING"), back.columns, back.star)
            self._projection = Projection(project, None)

    @property
    def returns(self) -> bool:
        """Whether there is a RETURNING."""
        return self._projection is not None

    @property
    def batches(self) -> bool:
        """Whether several bindings may be written together."""
        if self._queries or self._source is not None:
            return False
        changer = self._changer
        return changer is None or (
            isinstance(changer, Changer) and changer.by_key and self._op_limit is None
        )

    @property
    def _op_limit(self) -> Any:
        return getattr(self._op, "limit", None)

    def call(self, values: Sequence[Any]) -> Call[Outcome | None] | None:
        """The single command that does it all, where there is one."""
        if self._queries or self._source is not None or self.returns or self._counts:
            return None
        if isinstance(self._changer, Changer):
            return self._changer.call(values)
        if self._inserter is not None and self._inserter.single:
            call: Any = self._inserter.call(values)
            return call  # type: ignore[no-any-return]
        return None

    # ---- running -----------------------------------------------------------------------------

    def run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """Do it for one binding of values."""
        return doubted(self._run(values))

    def _run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        session = self._session
        (values,) = yield from self._drawn([values])
        if self._queries:
            base = tuple(values)
            for how, query in self._queries:
                found = yield from subquery_value(session, how, query, base)
                values = (*values, found)
        if self._changer is not None:
            return (yield from self._changer.run(values))
        assert self._inserter is not None
        if self._source is None:
            return (yield from self._inserted([values]))
        outcome = yield from self._copy(self._inserter, self._source, values)
        yield from self._raised()
        return outcome

    def many(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        """Do it for every binding, in batches where `batches` says so."""
        return doubted(self._many(bindings))

    def _many(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        if self.batches and isinstance(self._changer, Changer):
            return (yield from self._changer.many(bindings))
        if self.batches and self._inserter is not None:
            return (yield from self._inserted((yield from self._drawn(bindings))))
        total = Outcome(0)
        for values in bindings:
            outcome = yield from self._run(values)
            total.rowcount += outcome.rowcount
            total.rows += outcome.rows
        return total

    # ---- counters ----------------------------------------------------------------------------

    @property
    def _counts(self) -> bool:
        """Whether counters have to be asked or told."""
        op = self._op
        return isinstance(op, plans.Write) and bool(op.draws or op.raises)

    def _drawn(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Sequence[Sequence[Any]]]:
        """Put the values drawn for the rows behind each binding's."""
        op = self._op
        if not isinstance(op, plans.Write) or not op.draws or self._source is not None:
            return bindings
        rows = len(op.rows)
        found = yield from counters.drawn(self._session, op.draws, rows * len(bindings))
        return [
            (*values, *chain.from_iterable(found[at * rows : (at + 1) * rows]))
            for at, values in enumerate(bindings)
        ]

    def _made(self, make: Any, rows: Sequence[Any]) -> Conversation[list[Any]]:
        """Make rows of bins of the rows that a query gave to a declared table."""
        assert isinstance(self._op, plans.Write)
        draws = self._op.draws
        drawn: Any = [()] * len(rows)
        if draws:
            drawn = yield from counters.drawn(self._session, draws, len(rows))
        return [make((*row, *more))(None) for row, more in zip(rows, drawn)]

    def _inserted(self, bindings: Sequence[Sequence[Any]]) -> Conversation[Outcome]:
        assert self._inserter is not None
        outcome = yield from self._inserter.batch(bindings)
        yield from self._raised()
        return outcome

    def _raised(self) -> Conversation[None]:
        """Have counters go on above the values that the rows had themselves."""
        assert self._inserter is not None
        highest = self._inserter.highest
        while highest:
            draw, value = highest.popitem()
            yield from counters.raised(self._session, draw, value)

    def _copy(
        self, inserter: Inserter, source: Prepared, values: Sequence[Any]
    ) -> Conversation[Outcome]:
        """INSERT … SELECT: write rows as they come, unless the query reads what is written."""
        assert isinstance(self._op, plans.Write)
        parts: list[Written] = []

        def write(rows: list[tuple[Any, ...]]) -> Conversation[None]:
            for begin in range(0, len(rows), _CHUNK):
                written = Written()
                parts.append(written)
                some: Sequence[Any] = rows[begin : begin + _CHUNK]
                if self._make is not None:
                    some = yield from self._made(self._make, some)
                found = inserter.queried(some, values)
                yield from inserter.write(found, written)

        if self._op.whole:
            rows = yield from rows_of(self._session, source, values)
            yield from write(rows)
        else:
            yield from each_rows(self._session, source, values, write)
        whole = Written()
        for part in parts:
            whole.failures += [(whole.total + index, error) for index, error in part.failures]
            whole.count += part.count
            whole.total += part.total
            whole.rows += part.rows
        return whole.outcome()

    # ---- RETURNING ---------------------------------------------------------------------------

    def start(self, values: Sequence[Any]) -> tuple[RowSource, Any, Conversation[None]]:
        """What describes the rows, what finishes them, and the conversation.

        It emits its rows when all is done.
        """
        source, builder = self.result(values)

        def talk() -> Conversation[None]:
            outcome = yield from self.run(values)
            source.outcome = outcome
            rows = builder.items(outcome.rows)
            if rows:
                yield Emit(rows)

        return source, builder.finish, talk()

    def returned(self, outcome: Outcome, values: Sequence[Any]) -> tuple[RowSource, list[Any]]:
        """The rows of an outcome, all at once."""
        source, builder = self.result(values)
        source.outcome = outcome
        rows = builder.items(outcome.rows)
        finish = builder.finish
        return source, rows if finish is None else finish(rows)

    def result(self, values: Sequence[Any]) -> tuple[RowSource, RowBuilder]:
        """What describes RETURNING's rows, and makes them."""
        assert self._projection is not None
        builder = self._projection.bind(values, learn=self._learn)
        return RowSource(builder, complete=True), builder

    def _learn(self, bins: dict[str, Any]) -> None:
        if self._target is not None:
            self._session.learn(self._target, bins)


def doubted(conversation: Conversation[Outcome]) -> Conversation[Outcome]:
    """Say of a statement that was stopped that a part of it may be written."""
    try:
        return (yield from conversation)
    except QueryAborted as error:
        error.in_doubt = True
        raise


def _prepared(session: Session, plan: plans.Plan) -> Prepared:
    from aerodbapi.dbapi.statements import Prepared  # which prepares statements that write, too

    return Prepared(session, plan)
