"""Aerospike for Python's database languages: PEP 249 with AQL and SQL, and the native client.

    import aerodbapi

    cursor = aerodbapi.connect().cursor()          # an embedded node: no server needed
    cursor.execute("INSERT INTO test.demo (PK, name) VALUES ('u1', 'Ann')")
    cursor.execute("SELECT * FROM test.demo WHERE PK = ?", ("u1",)).fetchall()

`connect("aerospike://host:3000/test")` talks to a cluster. `client(…)` is the native client.
Everything is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aerodbapi.dbapi.aio import AsyncConnection, AsyncCursor, connect_async
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
    from aerodbapi.native.aio import AsyncClient
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

#: Module → what of it is here. Nothing is imported before it is asked for: `aerodbapi.testing` is
#: loaded by every run of pytest, and must cost nothing where it is not used.
_HOMES: Final = {
    "aerodbapi.dbapi.aio": ("AsyncConnection", "AsyncCursor", "connect_async"),
    "aerodbapi.dbapi.connection": ("Connection", "connect"),
    "aerodbapi.dbapi.cursor": ("Cursor",),
    "aerodbapi.dbapi.rows": (
        "class_row",
        "dict_row",
        "kwargs_row",
        "namedtuple_row",
        "scalar_row",
        "tuple_row",
    ),
    "aerodbapi.errors": (
        "DataError",
        "DatabaseError",
        "Error",
        "IntegrityError",
        "InterfaceError",
        "InternalError",
        "NotSupportedError",
        "OperationalError",
        "ProgrammingError",
        "Warning",
    ),
    "aerodbapi.native.aio": ("AsyncClient",),
    "aerodbapi.native.client": ("Client", "client"),
    "aerodbapi.types": (
        "BINARY",
        "DATETIME",
        "INFINITY",
        "NUMBER",
        "ROWID",
        "STRING",
        "WILDCARD",
        "Binary",
        "Date",
        "DateFromTicks",
        "GeoJSON",
        "HyperLogLog",
        "KeyOrderedDict",
        "Time",
        "TimeFromTicks",
        "Timestamp",
        "TimestampFromTicks",
    ),
}
_LAZY: Final = {name: module for module, names in _HOMES.items() for name in names}
_SUBMODULES: Final = frozenset({"conninfo", "dbapi", "errors", "native", "types"})


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"aerodbapi.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LAZY[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
