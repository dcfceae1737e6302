"""The asynchronous twins of Connection and Cursor: the same methods, awaited.

async with await aerodbapi.connect_async("aerospike://127.0.0.1/test") as connection:
    cursor = await connection.execute("SELECT name FROM demo WHERE PK = ?", ("u1",))
    async for row in cursor:
        ...
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aerodbapi import errors
from aerodbapi.conninfo import parse
from aerodbapi.dbapi.connection import BaseConnection
from aerodbapi.dbapi.cursor import BaseCursor, Parameters
from aerodbapi.dbapi.results import Outcome, Window
from aerodbapi.dbapi.rows import RowFactory, tuple_row
from aerodbapi.dbapi.session import Session
from aerodbapi.errors import InterfaceError, NotSupportedError
from aerodbapi.native.engine import AsyncEngine

if TYPE_CHECKING:
    from aerodbapi.dbapi.arrow_results import Batches

__all__ = ["AsyncConnection", "AsyncCursor", "connect_async"]


class AsyncCursor(BaseCursor):
    """An asynchronous cursor. `async for` yields the rows; `async with` closes it."""

    connection: AsyncConnection

    def __init__(self, connection: AsyncConnection, row_factory: RowFactory = tuple_row) -> None:
        super().__init__(connection, row_factory)
        self._batches: AsyncGenerator[list[Any], None] | None = None

    async def execute(self, operation: str, parameters: Parameters = None) -> AsyncCursor:
        """Run one statement; return the cursor itself. See `Cursor.execute`."""
        self._check_open()
        await self._stop()
        self._clear()
        engine, session = self.connection._engine, self.connection._session
        execution = session.execution(operation, parameters)
        if execution is None:
            execution = await engine.run(session.prepare(operation, parameters))
        self._execution = execution
        if execution.call is not None:
            source, rows = await engine.call(execution.call)
            self._began(source, rows)
        elif execution.source is not None:
            batches = _over(execution.window, engine.iterate(execution.conversation()))
            first: list[Any] = await anext(batches, [])
            self._batches = batches
            self._began(execution.source, first)
        else:
            write = execution.write
            answer = None if write is None else await engine.call(write)
            if answer is None:
                done: Outcome = await engine.run(execution.conversation())
                answer = done
            self._finished(answer)
        return self

    async def executemany(
        self, operation: str, seq_of_parameters: Iterable[Parameters]
    ) -> AsyncCursor:
        """Run a statement once for each set of parameters. See `Cursor.executemany`."""
        self._check_open()
        await self._stop()
        self._clear()
        session, engine = self.connection._session, self.connection._engine
        self._finished(await engine.run(session.execute_many(operation, seq_of_parameters)))
        return self

    async def fetchone(self) -> Any:
        """The next row, or None when there is none."""
        self._check_result()
        rows = await self._fetch(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next `size` rows (default: `arraysize`); fewer only at the end."""
        self._check_result()
        return await self._fetch(self.arraysize if size is None else size)

    async def fetchall(self) -> list[Any]:
        """All remaining rows."""
        self._check_result()
        rows = self._take(-1)
        while await self._fill():
            rows += self._take(-1)
        return rows

    async def fetch_arrow_table(self) -> Any:
        """All remaining rows as a pyarrow.Table. See `Cursor.fetch_arrow_table`."""
        batches = self._arrow()
        return batches.table([part async for part in self._parts(batches)])

    async def fetch_record_batch(self) -> AsyncIterator[Any]:
        """The remaining rows as pyarrow.RecordBatches, one after the other."""
        batches = self._arrow()
        async for part in self._parts(batches):
            yield batches.batch(part)

    async def __aiter__(self) -> AsyncIterator[Any]:
        self._check_result()
        while True:
            for row in self._buffered():
                yield row
            if not await self._fill():
                return

    async def close(self) -> None:
        """Close the cursor; a query that is still running is stopped."""
        await self._stop()
        self._clear()
        self._closed = True

    async def callproc(self, procname: str, parameters: Sequence[Any] = ()) -> Any:
        """Not supported: record UDFs belong to EXECUTE."""
        raise NotSupportedError("callproc is not supported: a UDF is called on records by EXECUTE")

    async def scroll(self, value: int, mode: str = "relative") -> None:
        """Not supported: rows stream forward only."""
        raise NotSupportedError("rows stream forward only: scroll is not supported")

    async def __aenter__(self) -> AsyncCursor:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # ---- the inside --------------------------------------------------------------------------

    async def _fetch(self, size: int) -> list[Any]:
        if size < 0:
            raise InterfaceError(f"cannot fetch {size} rows")
        rows = self._take(size)
        while len(rows) < size and await self._fill():
            rows += self._take(size - len(rows))
        return rows

    async def _fill(self) -> bool:
        """Get the next batch into the buffer, unless rows are left in it; False at the end."""
        if self._buffer:
            return True
        if self._batches is not None:
            async for rows in self._batches:
                if rows:
                    self._buffer = rows
                    return True
            self._batches = None
        self._exhausted()
        return False

    async def _parts(self, arrow: Batches) -> AsyncIterator[Any]:
        yield arrow.first(self._take_raw())
        while self._batches is not None:
            rows = await anext(self._batches, None)
            if rows is None:
                self._batches = None
                self._exhausted()
            elif len(rows):
                self._rownumber = (self._rownumber or 0) + len(rows)
                yield rows

    async def _stop(self) -> None:
        batches, self._batches = self._batches, None
        if batches is not None:
            await batches.aclose()


async def _over(
    window: Window, batches: AsyncGenerator[list[Any], None]
) -> AsyncGenerator[list[Any], None]:
    """Cut a window out of the batches, and close their source as soon as no more is wanted."""
    try:
        if window.full():
            return
        async for rows in batches:
            yield window.cut(rows)
            if window.full():
                return
    finally:
        await batches.aclose()


class AsyncConnection(BaseConnection):
    """An asynchronous connection, for one event loop. `async with` closes it at the end."""

    def __init__(self, engine: AsyncEngine, session: Session, row_factory: RowFactory) -> None:
        super().__init__(engine.conninfo, session, row_factory)
        self._engine = engine
        session.use_password = engine.use_password

    def cursor(self, row_factory: RowFactory | None = None) -> AsyncCursor:
        """A new cursor. Cursors of one connection see each other's writes at once."""
        self._check_open()
        return AsyncCursor(self, row_factory or self.row_factory)

    async def execute(self, operation: str, parameters: Parameters = None) -> AsyncCursor:
        """A new cursor on which the statement was executed."""
        return await self.cursor().execute(operation, parameters)

    async def commit(self) -> None:
        """Make the writes of the open transaction final; without one they are already."""
        self._check_open()
        if self._session.transaction is not None:
            from aerodbapi.dbapi import transacting  # few programs need it

            await self._engine.run(transacting.commit(self._session))

    async def rollback(self) -> None:
        """Take back the writes of the open transaction; without one there is nothing to do."""
        self._check_open()
        if self._session.transaction is not None:
            from aerodbapi.dbapi import transacting  # few programs need it

            await self._engine.run(transacting.rollback(self._session))

    async def cancel(self) -> None:
        """Stop the connection's running statements. See `Connection.cancel`."""
        self._check_open()
        await self._engine.cancel()

    async def close(self) -> None:
        """Close the connection. Closing twice is allowed."""
        if not self._closed:
            if self._session.transaction is not None:
                with suppress(errors.Error):
                    await self.rollback()
            self._closed = True
            await self._engine.close()
            self._session.close()

    async def __aenter__(self) -> AsyncConnection:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


async def connect_async(
    url: str | None = None, *, row_factory: RowFactory = tuple_row, **keywords: Any
) -> AsyncConnection:
    """Open an asynchronous connection. See `connect`."""
    engine = await AsyncEngine.open(parse(url, **keywords))
    return AsyncConnection(engine, Session(engine.conninfo, engine.cluster), row_factory)
