"""Cursors: what both kinds share, and the synchronous one.

`BaseCursor` holds the state and everything that needs no I/O; `Cursor` adds the methods that
wait. Its asynchronous twin is `aio.AsyncCursor`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Union

from aerodbapi.dbapi.results import Description, Outcome, describe
from aerodbapi.dbapi.rows import RowFactory, RowMaker, tuple_row
from aerodbapi.errors import (
    ConnectionClosed,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    Warning,
)

if TYPE_CHECKING:
    from aerodbapi.dbapi.arrow_results import Batches
    from aerodbapi.dbapi.connection import Connection
    from aerodbapi.dbapi.reading import RowSource
    from aerodbapi.dbapi.relating import RelationalSource
    from aerodbapi.dbapi.statements import Execution
    from aerodbapi.dbapi.statistics import QueryStats

__all__ = ["BaseCursor", "Cursor", "Parameters"]

#: Values for `?` in order, or for `:name` by name.
Parameters = Union[Sequence[Any], Mapping[str, Any], None]


class BaseCursor:
    """A cursor's state (PEP 249, "Cursor Objects").

    `rowcount`: -1 for rows that stream, else how many the last statement gave or changed.
    `lastrowid`: the user key of the last single INSERT. `messages`: (class, text) warnings of
    the last statement. `row_factory`: see `rows`.
    """

    def __init__(self, connection: Any, row_factory: RowFactory = tuple_row) -> None:
        self.connection = connection
        self.arraysize = 1
        self.row_factory = row_factory
        self.messages: list[tuple[type[Exception], Any]] = []
        self.lastrowid: Any = None
        self._closed = False
        self._clear()

    def _clear(self) -> None:
        """Forget the last result, so that nothing of it is mistaken for the next one's."""
        self._description: tuple[Description, ...] | None = None
        self._rowcount = -1
        self._rownumber: int | None = None
        self._buffer: list[Any] = []
        self._next = 0
        self._maker: RowMaker | None = None
        self._source: RowSource | RelationalSource | None = None
        self._execution: Execution | None = None
        self.lastrowid = None
        if self.messages:
            self.messages = []

    # ---- attributes --------------------------------------------------------------------------

    @property
    def description(self) -> tuple[Description, ...] | None:
        """One 7-tuple a column: (name, type code, None, …); None when there are no rows."""
        source = self._source
        if self._description is None and source is not None:
            self._description = describe(source.columns)
        return self._description

    @property
    def rowcount(self) -> int:
        return self._rowcount

    @property
    def rownumber(self) -> int | None:
        """The index (from 0) of the next row in the result; None without a result."""
        return self._rownumber

    @property
    def query_stats(self) -> QueryStats | None:
        """What the last statement did so far: path, records, rows, bytes, nodes, milliseconds,
        pushed and residual conditions, and its plan with what each step did.

        None before the first statement, after executemany, and for statements without a plan.
        """
        execution = self._execution
        if execution is None:
            return None
        from aerodbapi.dbapi.statistics import query_stats

        rows = self._rowcount if self._rownumber is None else self._rownumber
        return query_stats(execution, self._source, max(rows, self._rowcount, 0))

    @property
    def closed(self) -> bool:
        return self._closed

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Do nothing: values carry their own sizes (PEP 249 allows this)."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing: values come whole (PEP 249 allows this)."""

    def nextset(self) -> bool | None:
        """There is never a second result set."""
        self._check_open()
        return None

    # ---- what both kinds do around their waiting ---------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ConnectionClosed("the cursor is closed")
        if self.connection.closed:
            raise ConnectionClosed("the connection is closed")

    def _check_result(self) -> None:
        self._check_open()
        if self._source is None:
            raise ProgrammingError(
                "there are no rows to fetch: no statement that returns rows was executed"
            )

    def _began(self, source: RowSource | RelationalSource, first: list[Any]) -> None:
        """Take over a result whose first batch has arrived: its columns are settled now."""
        self._source = source
        self._rownumber = 0
        source.settle()
        if self.row_factory is not tuple_row:
            self._maker = self.row_factory([column.name for column in source.columns])
        self._buffer = first
        self._timed()
        if source.complete:
            self._rowcount = len(first)
        outcome = getattr(source, "outcome", None)
        if outcome is not None:
            self._finished(outcome)

    def _finished(self, outcome: Outcome) -> None:
        if outcome.returned is not None:
            (source, rows), outcome.returned = outcome.returned, None
            self._began(source, rows)
        self._timed()
        self._rowcount = outcome.rowcount
        if outcome.lastrowid is not None:
            self.lastrowid = outcome.lastrowid
        for text in outcome.messages:
            self._warn(text)

    def _timed(self) -> None:
        """Note until when the statement has been read."""
        if self._execution is not None:
            self._execution.ended = perf_counter()

    def _warn(self, text: str) -> None:
        self.messages.append((Warning, Warning(text)))

    def _exhausted(self) -> None:
        """No row is left: their number is known."""
        if self._rowcount < 0:
            self._rowcount = self._rownumber or 0
        self._drained()

    def _drained(self) -> None:
        """The last row was delivered: say what was noticed on the way."""
        self._timed()
        source = self._source
        if source is not None and source.unseen:
            names = ", ".join(sorted(source.unseen))
            source.unseen = set()
            self._warn(
                f"some records have bins that the columns of SELECT * were not known to include: "
                f"{names}; the next execution shows them"
            )

    def _take(self, size: int) -> list[Any]:
        """Up to `size` buffered rows, made by the row factory; -1 takes them all."""
        begin = self._next
        if size < 0 and begin == 0:
            rows = self._buffer
            self._buffer = []
        else:
            end = len(self._buffer) if size < 0 else begin + size
            rows = self._buffer[begin:end]
            self._next += len(rows)
            if self._next >= len(self._buffer):
                self._buffer = []
        if not self._buffer:
            self._next = 0
        self._rownumber = (self._rownumber or 0) + len(rows)
        return rows if self._maker is None else list(map(self._maker, rows))

    def _arrow(self) -> Batches:
        """What makes Arrow of the rest of the result."""
        from aerodbapi.dbapi.arrow_results import Batches

        self._check_result()
        assert self._source is not None
        return Batches(self._source)

    def _take_raw(self) -> list[Any]:
        """The buffered rows as they are."""
        maker, self._maker = self._maker, None
        try:
            return self._take(-1)
        finally:
            self._maker = maker

    def _buffered(self) -> Iterator[Any]:
        """The buffered rows one by one; what is not asked for stays for the next fetch."""
        buffer, maker = self._buffer, self._maker
        while self._buffer is buffer and self._next < len(buffer):
            row = buffer[self._next]
            self._next += 1
            self._rownumber = (self._rownumber or 0) + 1
            yield row if maker is None else maker(row)
        if self._buffer is buffer:
            self._buffer = []
            self._next = 0


class Cursor(BaseCursor):
    """A synchronous cursor. Iterating it yields the rows; `with` closes it.

    Rows stream: memory holds a few batches, however large the set. Closing the cursor, or
    executing again, stops a query that is still running on the cluster.
    """

    connection: Connection

    def __init__(self, connection: Connection, row_factory: RowFactory = tuple_row) -> None:
        super().__init__(connection, row_factory)
        self._batches: Generator[list[Any], None, None] | None = None

    def execute(self, operation: str, parameters: Parameters = None) -> Cursor:
        """Run one statement; return the cursor itself.

        `parameters`: a sequence for `?`, a mapping for `:name`. Values travel beside the text.
        Raises SyntaxError with the place of a mistake, and what the server answers as the
        class of `aerodbapi.errors` that its result code has.
        """
        self._check_open()
        self._stop()
        self._clear()
        connection = self.connection
        engine = connection._engine
        session = connection._session
        execution = session.execution(operation, parameters)
        if execution is None:
            execution = engine.run(session.prepare(operation, parameters))
        self._execution = execution
        if execution.call is not None:
            source, rows = engine.call(execution.call)
            self._began(source, rows)
        elif execution.source is not None:
            batches = execution.window.over(engine.iterate(execution.conversation()))
            first = next(batches, [])
            self._batches = batches
            self._began(execution.source, first)
        else:
            write = execution.write
            answer = None if write is None else engine.call(write)
            if answer is None:
                done: Outcome = engine.run(execution.conversation())
                answer = done
            self._finished(answer)
        return self

    def executemany(self, operation: str, seq_of_parameters: Iterable[Parameters]) -> Cursor:
        """Run a statement once for each set of parameters, writes in batches.

        `rowcount` is the sum. A failed batch raises the first failure; its `results` say what
        became of each set, in order.
        """
        self._check_open()
        self._stop()
        self._clear()
        session, engine = self.connection._session, self.connection._engine
        self._finished(engine.run(session.execute_many(operation, seq_of_parameters)))
        return self

    def fetchone(self) -> Any:
        """The next row, or None when there is none."""
        self._check_result()
        rows = self._fetch(1)
        return rows[0] if rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next `size` rows (default: `arraysize`); fewer only at the end."""
        self._check_result()
        return self._fetch(self.arraysize if size is None else size)

    def fetchall(self) -> list[Any]:
        """All remaining rows."""
        self._check_result()
        rows = self._take(-1)
        while self._fill():
            rows += self._take(-1)
        return rows

    def fetch_arrow_table(self) -> Any:
        """All remaining rows as a pyarrow.Table. Needs the extra `sql`."""
        batches = self._arrow()
        return batches.table(self._parts(batches))

    def fetch_record_batch(self) -> Any:
        """The remaining rows as a pyarrow.RecordBatchReader, which streams them."""
        batches = self._arrow()
        return batches.reader(self._parts(batches))

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.fetch_record_batch().__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[Any]:
        self._check_result()
        while True:
            yield from self._buffered()
            if not self._fill():
                return

    def __next__(self) -> Any:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def close(self) -> None:
        """Close the cursor; a query that is still running is stopped."""
        self._stop()
        self._clear()
        self._closed = True

    def callproc(self, procname: str, parameters: Sequence[Any] = ()) -> Any:
        """Not supported: record UDFs belong to EXECUTE."""
        raise NotSupportedError("callproc is not supported: a UDF is called on records by EXECUTE")

    def scroll(self, value: int, mode: str = "relative") -> None:
        """Not supported: rows stream forward only."""
        raise NotSupportedError("rows stream forward only: scroll is not supported")

    def __enter__(self) -> Cursor:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ---- the inside --------------------------------------------------------------------------

    def _fetch(self, size: int) -> list[Any]:
        if size < 0:
            raise InterfaceError(f"cannot fetch {size} rows")
        rows = self._take(size)
        while len(rows) < size and self._fill():
            rows += self._take(size - len(rows))
        return rows

    def _fill(self) -> bool:
        """Get the next batch into the buffer, unless rows are left in it; False at the end."""
        if self._buffer:
            return True
        if self._batches is not None:
            for rows in self._batches:
                if rows:
                    self._buffer = rows
                    return True
            self._batches = None
        self._exhausted()
        return False

    def _parts(self, arrow: Batches) -> Iterator[Any]:
        """What is still to be fetched: the rest of the buffer, then batch after batch."""
        yield arrow.first(self._take_raw())
        while self._batches is not None:
            rows = next(self._batches, None)
            if rows is None:
                self._batches = None
                self._exhausted()
            elif len(rows):
                self._rownumber = (self._rownumber or 0) + len(rows)
                yield rows

    def _stop(self) -> None:
        batches, self._batches = self._batches, None
        if batches is not None:
            batches.close()
