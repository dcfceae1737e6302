"""Statements that the relational engine runs: its inputs are read here, its batches become rows.

The engine blocks, so that it runs as Work; what it pulls are the reads of the plan's inputs,
which are conversations like those of any other query. DuckDB and Arrow are imported when the
first such statement runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from aerodbapi import errors
from aerodbapi.cluster.effects import Conversation, Emit, Work
from aerodbapi.dbapi.reading import Reader
from aerodbapi.dbapi.results import Window
from aerodbapi.grammar.ast import Column
from aerodbapi.plan import operations as plans
from aerodbapi.plan.declared import declared_of
from aerodbapi.plan.guards import check_scans
from aerodbapi.plan.kinds import type_code
from aerodbapi.plan.tree import is_bin

if TYPE_CHECKING:
    from aerodbapi.cluster.query import Decoder, PartitionTracker
    from aerodbapi.dbapi.projection import RowBuilder
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.statistics import Meter
    from aerodbapi.protocol.query import QueryRequest
    from aerodbapi.relational.columns import Misfit
    from aerodbapi.relational.engine import Database, Opened, Run

__all__ = ["Relation", "RelationalSource"]

#: Runs of a statement that found, before its first row, a column to be wider than was known.
_WIDENINGS: Final = 32
#: Columns that frames tell without looking at the record.
_TOLD: Final = frozenset({"PK", "__digest", "__gen", "__ttl", "__set"})
#: What every row of an input ends with, to name the record in an error.
_IDENTITY: Final = (
    plans.OutputColumn("PK", Column("PK"), "VARCHAR"),
    plans.OutputColumn("__digest", Column("__digest"), "BLOB"),
)


class RelationalSource:
    """The columns of one execution's result; their types are known with the first batch."""

    def __init__(self, columns: tuple[plans.OutputColumn, ...]) -> None:
        self.complete = False
        self.unseen: set[str] = set()
        self.columns = columns
        #: The Arrow schema of the engine's batches, and the last of those that became rows.
        self.schema: Any = None
        self.last: Any = None
        #: Hand batches on as they are: nobody wants rows.
        self.raw = False
        #: What the reads of the inputs brought (`statistics`).
        self.meters: list[Meter] = []
        self._readers: list[Callable[[Any], list[Any]]] = []

    def settle(self) -> None:
        """Do nothing: the columns of a query are settled when it is planned."""

    def began(self, run: Run) -> None:
        """Take the result's types."""
        from aerodbapi.relational.types import reader_of, result_type

        self.schema = run.schema
        typed, readers = [], []
        for column, word, field in zip(self.columns, run.words, run.schema):
            code = result_type(column.type, word, field.type)
            typed.append(replace(column, type=code))
            readers.append(reader_of(code, field.type))
        self.columns, self._readers = tuple(typed), readers

    def rows(self, batch: Any) -> Any:
        """The rows of a batch."""
        if self.raw:
            return batch
        self.last = batch
        return list(zip(*[read(array) for read, array in zip(self._readers, batch.columns)]))

    def arrow_schema(self) -> Any:
        """The schema of the result as Arrow."""
        import pyarrow

        from aerodbapi.relational.types import table_type

        fields = zip(self.columns, self.schema)
        return pyarrow.schema([(column.name, table_type(each.type)) for column, each in fields])

    def arrow(self, batch: Any) -> Any:
        """A batch of that schema. Raises DataError for whole numbers beyond 64 bits."""
        import pyarrow

        schema = self.arrow_schema()
        try:
            arrays = [array.cast(each.type) for array, each in zip(batch.columns, schema)]
        except pyarrow.ArrowInvalid as error:
            raise errors.DataError(f"a result has no place in an Arrow table: {error}") from error
        return pyarrow.record_batch(arrays, schema=schema)


class Relation:
    """A relational plan; `start` begins an execution of it."""

    def __init__(self, session: Session, root: plans.Relational) -> None:
        self._session = session
        self._root = root

    def start(self, values: Sequence[Any]) -> tuple[RelationalSource, Window, Conversation[Any]]:
        """Bind values: what the columns are, and the conversation that emits batches."""
        database = _database(self._session)
        source = RelationalSource(self._root.columns)
        window = Window(None, None)
        window.finish = source.rows
        return source, window, self._talk(database, source, values)

    def _talk(
        self, database: Database, source: RelationalSource, values: Sequence[Any]
    ) -> Conversation[None]:
        from aerodbapi.relational.columns import Misfit

        begun = False
        for _ in range(_WIDENINGS):
            source.meters.clear()
            run = self._run(database, source, values)
            try:
                batch = yield Work(run.start, run.interrupt)
                source.began(run)
                while batch is not None:
                    begun = True
                    yield Emit(batch)
                    batch = yield Work(run.next, run.interrupt)
                return
            except Misfit as misfit:
                self._widen(misfit, begun=begun)
            finally:
                run.close()
        raise errors.InternalError(f"columns are wider than {_WIDENINGS} looks at them told")

    def _run(self, database: Database, source: RelationalSource, values: Sequence[Any]) -> Run:
        from aerodbapi.relational.engine import Run

        session = self._session

        def opener(each: plans.Input, schema: Any, keys: Sequence[Any] | None) -> Opened:
            started = InputReader(session, each, schema, keys).start(values)
            assert started.conversation is not None  # no leaf of an input is a single call
            source.meters += started.source.meters
            return started.conversation, started.window

        return Run(database, self._root, values, opener)

    def _widen(self, misfit: Misfit, *, begun: bool) -> None:
        """Give a column the room for a value that was found in it, or raise that it has none."""
        column = misfit.column
        wider = type_code([*column.kinds, misfit.kind]) if column.kinds else None
        if wider is None or wider == column.type:
            wider = type_code([misfit.kind]) if column.type == "NULL" else "JSON"
        if begun or wider == column.type or self._is_declared(column):
            raise errors.DataError(
                f"{misfit.value!r:.60} in {misfit.record()} does not fit column {column.name}, "
                f"which is {column.type}"
            ) from misfit
        kinds = column.kinds | {misfit.kind}

        def widened(each: plans.Input) -> plans.Input:
            columns = tuple(
                replace(one, type=wider, kinds=kinds) if one is column else one
                for one in each.columns
            )
            return replace(each, columns=columns)

        for each in self._root.inputs:
            target, bin = getattr(_leaf(each.read), "target", None), column.source
            if target is None or column not in each.columns or not isinstance(bin, Column):
                continue
            if is_bin(bin):
                self._session.learn(target, {bin.name: misfit.value})
        self._root = replace(self._root, inputs=tuple(map(widened, self._root.inputs)))

    def _is_declared(self, column: plans.InputColumn) -> bool:
        """Tell whether a declaration says what the column is."""
        for each in self._root.inputs:
            target = getattr(_leaf(each.read), "target", None)
            if column in each.columns and target is not None and isinstance(column.source, Column):
                info = self._session.catalog.get(target.namespace, target.set)
                table = None if info is None else info.declared
                return table is not None and declared_of(column.source, table) is not None
        return False


def _database(session: Session) -> Database:
    """The session's DuckDB."""
    if session.relational is None:
        try:
            from aerodbapi.relational.engine import Database
        except ImportError as error:
            raise errors.NotSupportedError(
                "this statement needs the relational engine: "
                f'pip install "aerodbapi[sql]" ({error})'
            ) from error
        session.relational = Database()
    database: Database = session.relational
    return database


def _leaf(read: plans.Operation) -> Any:
    while isinstance(read, (plans.Guard, plans.Limit, plans.Filter)):
        read = read.child
    return read


class InputReader(Reader):
    """Reads one input, to record batches wherever no record has to be looked at."""

    def __init__(
        self, session: Session, each: plans.Input, schema: Any, keys: Sequence[Any] | None
    ) -> None:
        outputs = tuple(plans.OutputColumn(c.name, c.source, c.type) for c in each.columns)
        project = plans.Project(_readable(each.read, keys), (*outputs, *_IDENTITY))
        super().__init__(session, plans.Plan(project))
        self._input = each
        self._schema = schema
        self.measured = join = _leaf(each.read)
        if isinstance(join, plans.KeyJoin) and keys is None:
            self.measured = _leaf(join.otherwise)
            check_scans(join.otherwise, session.conninfo.scans)

    def _decoder(
        self, request: QueryRequest, builder: RowBuilder, tracker: PartitionTracker
    ) -> Decoder:
        plain = super()._decoder(request, builder, tracker)
        told = all(
            isinstance(column.source, Column)
            and (is_bin(column.source) or column.source.name in _TOLD)
            for column in self._input.columns
        )
        if not told or builder.filters or tracker.dedupe or request.index_type:
            return plain
        try:
            from aerodbapi.relational.frames import Frames
        except ImportError:  # numpy is missing: record by record, then
            return plain
        from aerodbapi.relational.columns import record_batch

        columns, schema = self._input.columns, self._schema

        def batched(body: bytes) -> Any:
            found = plain(body)
            return found._replace(rows=record_batch(found.rows, columns, schema))

        return Frames(columns, schema, batched, every=bool(request.max_records))


def _readable(read: plans.Operation, keys: Sequence[Any] | None) -> plans.Operation:
    """The read with a leaf that a conversation carries out."""
    if isinstance(read, (plans.Guard, plans.Limit, plans.Filter)):
        return replace(read, child=_readable(read.child, keys))
    if isinstance(read, plans.Get):
        return plans.BatchGet(read.target, (read.key,), read.bins, read.pushed, read.digest)
    if isinstance(read, plans.KeyJoin):
        if keys is None:
            return _readable(read.otherwise, None)
        wanted = (plans.Constant(list(keys)),)
        return plans.BatchGet(read.target, wanted, read.bins, read.pushed)
    return read
