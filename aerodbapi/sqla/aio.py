"""The asyncio twin, for `create_async_engine` of SQLAlchemy 2.x."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sqlalchemy import pool
from sqlalchemy.connectors import asyncio as adapt
from sqlalchemy.engine import default
from sqlalchemy.util import concurrency

from aerodbapi.sqla.dialect import AerospikeDialect

__all__ = ["AerospikeAsyncDialect"]

#: Called `await_only` up to 2.0.
_await: Any = getattr(concurrency, "await_", None) or concurrency.await_only

_FACTS = ("apilevel", "threadsafety", "paramstyle")
_ERRORS = (
    *("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError"),
    *("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"),
)


class _Driver(adapt.AsyncAdapt_dbapi_module):
    """The driver as SQLAlchemy's greenlets call it."""

    def __init__(self, driver: ModuleType) -> None:
        if adapt.AsyncAdapt_dbapi_module.__init__ is not object.__init__:  # since 2.1
            super().__init__(driver)
        self.aerodbapi = driver
        for name in (*_FACTS, *_ERRORS):
            setattr(self, name, getattr(driver, name))

    def connect(self, *args: Any, **keywords: Any) -> adapt.AsyncAdapt_dbapi_connection:
        creator = keywords.pop("async_creator_fn", None) or self.aerodbapi.connect_async
        return adapt.AsyncAdapt_dbapi_connection(self, _await(creator(*args, **keywords)))


class _Context(default.DefaultExecutionContext):
    """Runs a statement; `stream()` reads its rows as they come."""

    def create_server_side_cursor(self) -> Any:
        return self._dbapi_connection.cursor(server_side=True)


class AerospikeAsyncDialect(AerospikeDialect):
    """`create_async_engine("aerospike://…")`."""

    driver = "aerodbapi_async"
    execution_ctx_cls = _Context
    is_async = True
    supports_statement_cache = True
    supports_server_side_cursors = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return _Driver(AerospikeDialect.import_dbapi())

    @classmethod
    def get_pool_class(cls, url: Any) -> Any:
        return pool.AsyncAdaptedQueuePool

    def anchor(self, *args: Any, **keywords: Any) -> Any:
        return self.dbapi.aerodbapi.connect(*args, **keywords)

    def do_ping(self, dbapi_connection: Any) -> bool:
        cursor = dbapi_connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        return True

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the AsyncConnection behind the adapter."""
        return connection._connection
