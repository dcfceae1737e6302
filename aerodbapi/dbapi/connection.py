"""Connections: what both kinds share, and the synchronous one."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aerodbapi import errors
from aerodbapi.conninfo import ConnInfo, parse
from aerodbapi.dbapi.cursor import Cursor, Parameters
from aerodbapi.dbapi.rows import RowFactory, tuple_row
from aerodbapi.dbapi.session import Session
from aerodbapi.native.engine import Engine

if TYPE_CHECKING:
    from aerodbapi.dbapi.settings import Settings

__all__ = ["BaseConnection", "Connection", "connect"]


class BaseConnection:
    """A connection's state (PEP 249, "Connection Objects").

    `host`, `port`, `user` and `database` (the default namespace) say where it goes; `info` has
    all of it. Every write is final when it returns, and `autocommit` is True, but in a
    transaction: BEGIN opens one in a namespace with strong consistency (`dbapi.transacting`).
    """

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    def __init__(self, info: ConnInfo, session: Session, row_factory: RowFactory) -> None:
        self.info = info
        self.row_factory = row_factory
        self.messages: list[tuple[type[Exception], Any]] = []
        self._session = session
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def host(self) -> str | None:
        return self.info.hosts[0].name if self.info.hosts else None

    @property
    def port(self) -> int | None:
        return self.info.hosts[0].port if self.info.hosts else None

    @property
    def user(self) -> str | None:
        return self.info.user

    @property
    def database(self) -> str | None:
        return self._session.conninfo.namespace

    @property
    def settings(self) -> Settings:
        """What SET, GET and RESET are about: `connection.settings["TIMEOUT"]`."""
        return self._session.settings

    @property
    def autocommit(self) -> bool:
        return self._session.transaction is None

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if not value:
            raise errors.NotSupportedError(
                "autocommit cannot be turned off: BEGIN opens a transaction where there are such"
            )

    def _check_open(self) -> None:
        if self._closed:
            raise errors.ConnectionClosed("the connection is closed")

    def __repr__(self) -> str:
        where = self.info.path or "memory"
        if self.info.hosts:
            where = ",".join(map(str, self.info.hosts))
        return f"<{type(self).__name__} {where}{' (closed)' if self._closed else ''}>"


class Connection(BaseConnection):
    """A synchronous connection; threads may share it (threadsafety 2).

    `with connect(…) as connection:` closes it at the end, unlike sqlite3.
    """

    def __init__(self, engine: Engine, session: Session, row_factory: RowFactory) -> None:
        super().__init__(engine.conninfo, session, row_factory)
        self._engine = engine
        session.use_password = engine.use_password

    def cursor(self, row_factory: RowFactory | None = None) -> Cursor:
        """A new cursor. Cursors of one connection see each other's writes at once."""
        self._check_open()
        return Cursor(self, row_factory or self.row_factory)

    def execute(self, operation: str, parameters: Parameters = None) -> Cursor:
        """A new cursor on which the statement was executed."""
        return self.cursor().execute(operation, parameters)

    def commit(self) -> None:
        """Make the writes of the open transaction final; without one they are already."""
        self._check_open()
        if self._session.transaction is not None:
            from aerodbapi.dbapi import transacting  # few programs need it

            self._engine.run(transacting.commit(self._session))

    def rollback(self) -> None:
        """Take back the writes of the open transaction; without one there is nothing to do."""
        self._check_open()
        if self._session.transaction is not None:
            from aerodbapi.dbapi import transacting  # few programs need it

            self._engine.run(transacting.rollback(self._session))

    def cancel(self) -> None:
        """Stop the connection's running statements, also on the servers; any thread may call this.

        They raise QueryAborted, those that write with `in_doubt`: a part may be written. A
        statement that is one single-record command runs to its end. Later ones are not affected.
        """
        self._check_open()
        self._engine.cancel()

    def close(self) -> None:
        """Close the connection. Closing twice is allowed."""
        if not self._closed:
            if self._session.transaction is not None:
                with suppress(errors.Error):
                    self.rollback()
            self._closed = True
            self._engine.close()
            self._session.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_closed", True) is False:
            self.close()


def connect(
    url: str | None = None, *, row_factory: RowFactory = tuple_row, **keywords: Any
) -> Connection:
    """Open a connection.

    `url`: "aerospike://user:pw@host:3000,…/namespace?option=value" for a cluster;
    "aerospike:///path/to/file.db" for an embedded node that keeps its data in a file; without
    one, an embedded node in memory that this connection owns. Keywords are the options of
    `aerodbapi.conninfo.ConnInfo`, and win over the URL.
    Raises ProgrammingError for a bad option, ConnectionFailed naming each host and why.
    """
    engine = Engine.open(parse(url, **keywords))
    return Connection(engine, Session(engine.conninfo, engine.cluster), row_factory)
