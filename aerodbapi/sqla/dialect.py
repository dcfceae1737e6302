"""One dialect class for SQLAlchemy 1.4, 2.0 and 2.1: what the database can do, and connecting."""

from __future__ import annotations

import uuid
from types import ModuleType
from typing import Any

from sqlalchemy import pool, schema
from sqlalchemy.engine import default
from sqlalchemy.sql import compiler

from aerodbapi.sqla.compiler import AerospikeCompiler, AerospikeIdentifierPreparer
from aerodbapi.sqla.datatype import COLSPECS, AerospikeTypeCompiler
from aerodbapi.sqla.ddl import AerospikeDDLCompiler
from aerodbapi.sqla.reflection import Reflection

__all__ = ["AerospikeDialect"]

#: RETURNING gives the rows of a multi-row INSERT in their order (SQLAlchemy 2).
SENTINELS: Any = getattr(compiler, "InsertmanyvaluesSentinelOpts", None)
if SENTINELS is not None:
    SENTINELS = SENTINELS.ANY_AUTOINCREMENT


class AerospikeDialect(Reflection, default.DefaultDialect):
    """`create_engine("aerospike://user:pw@host:3000/namespace?option=value")`.

    Without a host the engine has an embedded node: in memory, one for all its connections, or
    with `aerospike:///path/to/file.db` in a file. Query options are those of
    `aerodbapi.conninfo.ConnInfo`.
    """

    name = "aerospike"
    driver = "aerodbapi"

    statement_compiler = AerospikeCompiler
    ddl_compiler = AerospikeDDLCompiler
    type_compiler_cls = AerospikeTypeCompiler  # 2.x
    type_compiler = AerospikeTypeCompiler  # 1.4
    preparer = AerospikeIdentifierPreparer
    colspecs = COLSPECS
    default_paramstyle = "qmark"

    supports_statement_cache = True
    supports_native_boolean = True
    supports_native_decimal = True
    supports_native_uuid = True
    returns_native_bytes = True
    supports_native_json_serialization = True
    supports_native_json_deserialization = True
    supports_multivalues_insert = True
    supports_default_values = False
    supports_default_metavalue = False
    supports_empty_insert = False
    supports_identity_columns = True
    supports_sane_rowcount = True
    supports_sane_multi_rowcount = True
    supports_is_distinct_from = True
    supports_comments = False
    supports_alter = False
    supports_views = True
    supports_server_side_cursors = False
    div_is_floordiv = False
    tuple_in_values = False
    postfetch_lastrowid = True
    insert_returning = True
    update_returning = True
    delete_returning = True
    favor_returning_over_lastrowid = True
    use_insertmanyvalues = True
    use_insertmanyvalues_wo_returning = False
    insert_executemany_returning = True
    insertmanyvalues_implicit_sentinel = SENTINELS
    cte_follows_insert = True
    implicit_returning = True  # 1.4
    max_identifier_length = 9999
    max_index_name_length = 255

    # 1.4 only: text is text.
    description_encoding = None
    returns_unicode_strings = True

    #: Index("i", table.c.m, aerospike_collection="mapkeys", aerospike_type="string")
    construct_arguments = [(schema.Index, {"type": None, "collection": None})]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._memory = f"sqlalchemy-{uuid.uuid4().hex}"
        self._anchor: Any = None

    # ---- connecting ---------------------------------------------------------------------------

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the driver."""
        import aerodbapi

        return aerodbapi

    @classmethod
    def dbapi(cls) -> ModuleType:  # type: ignore[override]
        """Return the driver, as SQLAlchemy 1.4 asks for it."""
        return cls.import_dbapi()

    @classmethod
    def get_pool_class(cls, url: Any) -> Any:
        return pool.QueuePool

    @classmethod
    def get_async_dialect_cls(cls, url: Any) -> Any:
        from aerodbapi.sqla.aio import AerospikeAsyncDialect

        return AerospikeAsyncDialect

    def create_connect_args(self, url: Any) -> tuple[list[Any], dict[str, Any]]:
        from aerodbapi.conninfo import parse

        text = url.set(drivername="aerospike").render_as_string(hide_password=False)
        keywords: dict[str, Any] = {}
        info = parse(text)
        if info.embedded and info.path is None and info.memory is None:
            keywords["memory"] = self._memory
        if info.embedded and info.namespace is None:
            keywords["namespace"] = "test"
        return [text], keywords

    def connect(self, *args: Any, **keywords: Any) -> Any:
        if keywords.get("memory") == self._memory and self._anchor is None:
            # The node's data live as long as one connection does: this one stays.
            self._anchor = self.anchor(*args, **keywords)
        return self.dbapi.connect(*args, **keywords)

    def anchor(self, *args: Any, **keywords: Any) -> Any:
        """Open a connection that only keeps an embedded node in memory."""
        return self.dbapi.connect(*args, **keywords)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        from aerodbapi.errors import ConnectionClosed

        return isinstance(e, ConnectionClosed)

    def do_ping(self, dbapi_connection: Any) -> bool:
        dbapi_connection.execute("SELECT 1").close()
        return True

    # ---- transactions -------------------------------------------------------------------------

    def get_isolation_level_values(self, dbapi_connection: Any) -> list[str]:
        return ["AUTOCOMMIT"]

    def get_default_isolation_level(self, dbapi_conn: Any) -> str:
        return "AUTOCOMMIT"

    def get_isolation_level(self, dbapi_connection: Any) -> str:
        return "AUTOCOMMIT"

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Every write is final when it returns: there is no other level."""

    def reset_isolation_level(self, dbapi_conn: Any) -> None:
        """Nothing was changed."""

    # ---- facts --------------------------------------------------------------------------------

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...] | None:
        return self.server_version(connection)

    def _get_default_schema_name(self, connection: Any) -> str | None:
        return self.default_namespace(connection)
