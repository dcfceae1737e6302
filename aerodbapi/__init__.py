"""Aerospike for Python's database languages: PEP 249 with AQL and SQL, and the native client.

    import aerodbapi

    cursor = aerodbapi.connect().cursor()          # an embedded node: no server needed
    cursor.execute("INSERT INTO test.demo (PK, name) VALUES ('u1', 'Ann')")
    cursor.execute("SELECT * FROM test.demo WHERE PK = ?", ("u1",)).fetchall()

`connect("aerospike://host:3000/test")` talks to a cluster. `client(…)` is the native client.
What needs asyncio is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aerodbapi.dbapi.connection import Connection, connect
from aerodbapi.dbapi.cursor import Cursor
from aerodbapi.dbapi.rows import (
    class_row,
    dict_row,
    kwargs_row,
    namedtuple_row,
    scalar_row,
    tuple_row,
)
from aerodbapi.errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from aerodbapi.native.client import Client, client
from aerodbapi.types import (
    BINARY,
    DATETIME,
    INFINITY,
    NUMBER,
    ROWID,
    STRING,
    WILDCARD,
    Binary,
    Date,
    DateFromTicks,
    GeoJSON,
    HyperLogLog,
    KeyOrderedDict,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)

if TYPE_CHECKING:
    from aerodbapi.dbapi.aio import AsyncConnection, AsyncCursor, connect_async
    from aerodbapi.native.aio import AsyncClient

#: PEP 249: the version of the interface; threads may share module and connections; `?` in order.
apilevel: Final = "2.0"
threadsafety: Final = 2
paramstyle: Final = "qmark"

__all__ = [
    "BINARY",
    "DATETIME",
    "INFINITY",
    "NUMBER",
    "ROWID",
    "STRING",
    "WILDCARD",
    "AsyncClient",
    "AsyncConnection",
    "AsyncCursor",
    "Binary",
    "Client",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "GeoJSON",
    "HyperLogLog",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "KeyOrderedDict",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Warning",
    "apilevel",
    "class_row",
    "client",
    "connect",
    "connect_async",
    "dict_row",
    "kwargs_row",
    "namedtuple_row",
    "paramstyle",
    "scalar_row",
    "threadsafety",
    "tuple_row",
]

_LAZY: Final = {
    "AsyncClient": "aerodbapi.native.aio",
    "AsyncConnection": "aerodbapi.dbapi.aio",
    "AsyncCursor": "aerodbapi.dbapi.aio",
    "connect_async": "aerodbapi.dbapi.aio",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_LAZY[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
