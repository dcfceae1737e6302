"""Runs a relational plan on DuckDB: the inputs as Arrow streams, the result as record batches.

An input's read begins when DuckDB first asks for its rows, from whichever of its threads, and
ends with the statement at the latest. Nothing is kept but what DuckDB itself has to keep, and
inputs that it may read again. All of this blocks: it runs as `Work`.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import duckdb
import pyarrow as pa

from aerodbapi.errors import ConnectionClosed, QueryAborted
from aerodbapi.plan.operations import Input, KeyJoin, Relational
from aerodbapi.relational.columns import record_batch, schema_of
from aerodbapi.relational.duck_sql import Queries, raw
from aerodbapi.relational.failures import meaning

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation, Pull, Pulled

__all__ = ["Database", "Opened", "Opener", "Run"]


class Window(Protocol):
    """LIMIT and OFFSET of a read."""

    def full(self) -> bool: ...
    def cut(self, rows: Any, /) -> Any: ...


#: A read that can begin: it emits record batches of the schema, or lists of rows (`columns`),
#: to be seen through the window.
Opened = tuple["Conversation[Any]", Window]
#: Opens the read of an input with the keys that a KeyJoin found; None: with its `otherwise`.
Opener = Callable[[Input, Any, "Sequence[Any] | None"], Opened]

#: Rows of a result batch.
_ROWS: Final = 8192
#: From this version on, a stream that is read twice is opened twice; before, it would be empty.
_REOPENS: Final = int(duckdb.__version__.partition(".")[0]) >= 2

#: How DuckDB says that Ctrl-C came while it waited.
_CTRL_C: Final = "Query interrupted"

_SETTINGS: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
#: Made the same in all versions; those that a version lacks it needs not.
_MEANING: Final = (
    "SET TimeZone = 'UTC'",
    "SET error_on_division_by_zero = false",
    "SET python_enable_replacements = false",
    "SET enable_progress_bar = false",
)


class Database:
    """A session's DuckDB, in memory, opened by the first statement that needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._root: Any = None
        self._closed = False

    def connect(self) -> Any:
        """A connection for one statement; names registered there are its own."""
        with self._lock:
            if self._closed:
                raise ConnectionClosed("the connection is closed")
            if self._root is None:
                self._root = _opened()
            return self._root.cursor()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            root, self._root = self._root, None
        if root is not None:
            root.close()


def _opened() -> Any:
    spill = os.path.join(tempfile.gettempdir(), f"aerodbapi-{os.getpid()}-{os.urandom(4).hex()}")
    root = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": spill})
    for statement in _MEANING:
        with suppress(duckdb.Error):
            root.execute(statement)
    return root


class Run:
    """One execution of a plan. `start` and `next` give record batches, None at the end."""

    def __init__(
        self, database: Database, plan: Relational, values: Sequence[Any], opener: Opener
    ) -> None:
        self._database = database
        self._plan = plan
        self._opener = opener
        self._queries = Queries(plan.query, plan.inputs, values)
        self._connection: Any = None
        self._reader: Any = None
        self._pulls: list[Pulled] = []
        self._failure: BaseException | None = None
        self._ended = False
        self._lock = threading.Lock()
        self.schema: Any = None
        #: What DuckDB calls the types of the result's columns.
        self.words: list[str] = []

    @property
    def sql(self) -> str:
        return self._queries.text

    # ---- as Work -------------------------------------------------------------------------------

    def start(self, pull: Pull) -> Any:
        """Begin; give the first batch."""
        try:
            self._connection = self._database.connect()
            self._register(pull)
            relation = self._connection.sql(self.sql)
            self.words = [str(type) for type in relation.types]
            self._check_wanted()
            self._reader = _arrow_reader(relation)
            self.schema = self._reader.schema
        except BaseException as error:
            self._fail(error)
        return self.next(pull)

    def next(self, pull: Pull) -> Any:
        """Give the next batch that has rows."""
        batch = None
        try:
            while batch is None or not batch.num_rows:
                self._check_wanted()
                batch = self._reader.read_next_batch()
        except StopIteration:
            self.close()
            return None
        except BaseException as error:
            self._fail(error)
        return batch

    def _check_wanted(self) -> None:
        """DuckDB forgets an interrupt that came before it began to work."""
        if self._ended:
            raise QueryAborted("stopped: its results are not wanted any more")

    def interrupt(self) -> None:
        """Make `start` or `next`, in another thread, end soon."""
        with self._lock:
            self._ended = True
        connection = self._connection
        if connection is not None:
            with suppress(duckdb.Error):
                connection.interrupt()

    def close(self) -> None:
        """End the reads, then DuckDB's work on them."""
        self.interrupt()
        pulls, self._pulls = self._pulls, []
        for pulled in pulls:
            pulled.close()
        self._reader = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _fail(self, error: BaseException) -> NoReturn:
        """Raise what ended the run: the failure of a read comes before DuckDB's of it."""
        failure = self._failure
        if failure is None or not isinstance(error, Exception):
            failure = error
        if isinstance(failure, RuntimeError) and str(failure) == _CTRL_C and not self._ended:
            failure = KeyboardInterrupt()
        self.close()
        told = meaning(failure)
        if told is failure:
            raise failure
        raise told from failure

    # ---- inputs --------------------------------------------------------------------------------

    def _register(self, pull: Pull) -> None:
        plain = self._queries.names.plain
        by_name: dict[str, _Source] = {}
        for each in self._plan.inputs:
            schema = schema_of(each.columns, [plain(column.name) for column in each.columns])
            source = by_name[each.name] = _Source(self, each, schema, pull)
            join = _key_join(each.read)
            if join is not None:
                source.keys = by_name[join.input].keys_for(join, plain(join.column))
        for name, source in by_name.items():
            self._connection.register(plain(raw(name)), source.stream())

    def read(self, pull: Pull, source: _Source) -> Iterator[Any]:
        """The batches of an input; closing the iterator ends its read."""
        each = source.input
        pulled: Any = None
        try:
            conversation, window = self._opener(each, source.schema, source.keys)
            if window.full():
                return
            pulled = self._pulled(pull, conversation)
            for items in pulled:
                rows = window.cut(items)
                if not isinstance(rows, pa.RecordBatch):
                    rows = record_batch(rows, each.columns, source.schema)
                if rows.num_rows:
                    yield rows
                if window.full():
                    return
        except GeneratorExit:
            raise
        except BaseException as error:
            if self._failure is None and not self._ended:
                self._failure = error
            raise
        finally:
            if pulled is not None:
                pulled.close()

    def _pulled(self, pull: Pull, conversation: Conversation[Any]) -> Pulled:
        """Begin a read, unless the run has ended meanwhile: nobody would end it then."""
        with self._lock:
            self._check_wanted()
            pulled = pull(conversation)
            self._pulls.append(pulled)
            return pulled


def _key_join(read: Any) -> KeyJoin | None:
    while not isinstance(read, KeyJoin):
        read = getattr(read, "child", None)
        if read is None:
            return None
    return read


def _arrow_reader(relation: Any) -> Any:
    """Begin a relation; its batches stream."""
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    return read(_ROWS)


class _Source:
    """An input as DuckDB sees it: an Arrow stream that begins when it is read."""

    def __init__(self, run: Run, input: Input, schema: Any, pull: Pull) -> None:
        self.input = input
        self.schema = schema
        self.keys: Sequence[Any] | None = None
        self._run = run
        self._pull = pull
        self._begun: tuple[list[Any], Iterator[Any]] | None = None

    def batches(self) -> Iterator[Any]:
        if self._begun is None:
            yield from self._run.read(self._pull, self)
            return
        first, rest = self._begun
        yield from first
        yield from rest

    def stream(self) -> Any:
        """What is registered."""
        if self.input.again or (self._begun is not None and _is_done(self._begun[1])):
            return pa.Table.from_batches(self.batches(), self.schema)
        return self if _REOPENS and self._begun is None else self._reader()

    def _reader(self) -> Any:
        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._reader().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        return self.schema.__arrow_c_schema__()

    def keys_for(self, join: KeyJoin, column: str) -> list[Any] | None:
        """The distinct values of a column, if the input has no more than `join.most` rows."""
        first, rest = self._begun or ([], self._run.read(self._pull, self))
        self._begun = first, rest
        count = sum(batch.num_rows for batch in first)
        while count <= join.most:
            batch = next(rest, None)
            if batch is None:
                self._begun = first, iter(())
                return _distinct(first, column)
            first.append(batch)
            count += batch.num_rows
        return None


def _is_done(rest: Iterator[Any]) -> bool:
    return isinstance(rest, type(iter(())))


def _distinct(batches: Iterable[Any], column: str) -> list[Any]:
    found: dict[Any, None] = {}
    for batch in batches:
        found.update(dict.fromkeys(batch.column(column).to_pylist()))
    found.pop(None, None)
    return list(found)
