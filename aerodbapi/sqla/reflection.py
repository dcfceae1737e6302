"""What is there: schemas, tables, columns, keys, indexes and views, from information_schema.

Every look is one query for a whole schema or one table; SQLAlchemy 2's `get_multi_…` and the
methods for one table share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import exc
from sqlalchemy.engine import reflection

from aerodbapi.sqla.datatype import type_from_sql

__all__ = ["Reflection"]

_Grouped = dict[str, list[dict[str, Any]]]

#: What `get_multi_…` says of a table that has none.
_EMPTY: Final[dict[str, Callable[[], Any]]] = {
    "columns": list,
    "pk_constraint": lambda: {"constrained_columns": [], "name": None},
    "foreign_keys": list,
    "indexes": list,
    "unique_constraints": list,
    "check_constraints": list,
    "table_comment": lambda: {"text": None},
    "table_options": dict,
}


class Reflection:
    """The part of the dialect that looks at the catalog. Schemas are namespaces."""

    default_schema_name: str | None

    # ---- facts of the connection --------------------------------------------------------------

    def server_version(self, connection: Any) -> tuple[int, ...] | None:
        """Return the lowest version among the nodes."""
        builds = _rows(connection, "SELECT build FROM information_schema.nodes")
        versions = [tuple(int(part) for part in row["build"].split(".")[:4]) for row in builds]
        return min(versions, default=None)

    def default_namespace(self, connection: Any) -> str | None:
        """Return the connection's namespace; the only one, if there is one, for none."""
        named = connection.connection.driver_connection.database
        if named is not None:
            return str(named)
        found = self.get_schema_names(connection)
        return found[0] if len(found) == 1 else None

    # ---- names --------------------------------------------------------------------------------

    @reflection.cache
    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        rows = _rows(connection, "SELECT schema_name FROM information_schema.schemata")
        return sorted(row["schema_name"] for row in rows)

    @reflection.cache
    def get_table_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        return self._names(connection, schema, "BASE TABLE")

    @reflection.cache
    def get_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        return self._names(connection, schema, "VIEW")

    def _names(self, connection: Any, schema: str | None, kind: str) -> list[str]:
        rows = self._look(connection, "tables", "table_name, table_type", schema)
        return sorted(row["table_name"] for row in rows if row["table_type"] == kind)

    def get_temp_table_names(self, connection: Any, **kw: Any) -> list[str]:
        return []

    get_temp_view_names = get_sequence_names = get_temp_table_names

    @reflection.cache
    def has_table(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> bool:
        return bool(self._look(connection, "tables", "table_name", schema, table_name))

    def has_sequence(
        self, connection: Any, sequence_name: str, schema: str | None = None, **kw: Any
    ) -> bool:
        return False

    def has_schema(self, connection: Any, schema_name: str, **kw: Any) -> bool:
        return schema_name in self.get_schema_names(connection)

    def has_index(
        self,
        connection: Any,
        table_name: str,
        index_name: str,
        schema: str | None = None,
        **kw: Any,
    ) -> bool:
        if not self.has_table(connection, table_name, schema, **kw):
            return False
        indexes = self.get_indexes(connection, table_name, schema, **kw)
        return any(index["name"] == index_name for index in indexes)

    # ---- one table ----------------------------------------------------------------------------

    @reflection.cache
    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> list[dict[str, Any]]:
        columns = self._columns(connection, schema, table_name).get(table_name)
        if not columns:
            raise exc.NoSuchTableError(table_name)
        return columns

    @reflection.cache
    def get_pk_constraint(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("pk_constraint", self._primary_keys, connection, table_name, schema)

    @reflection.cache
    def get_foreign_keys(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("foreign_keys", self._foreign_keys, connection, table_name, schema)

    @reflection.cache
    def get_unique_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("unique_constraints", self._uniques, connection, table_name, schema)

    @reflection.cache
    def get_check_constraints(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("check_constraints", self._checks, connection, table_name, schema)

    @reflection.cache
    def get_indexes(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("indexes", self._indexes, connection, table_name, schema)

    @reflection.cache
    def get_table_comment(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("table_comment", lambda *_: {}, connection, table_name, schema)

    @reflection.cache
    def get_table_options(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return self._one("table_options", lambda *_: {}, connection, table_name, schema)

    @reflection.cache
    def get_view_definition(
        self, connection: Any, view_name: str, schema: str | None = None, **kw: Any
    ) -> str:
        rows = self._look(connection, "views", "table_name, view_definition", schema, view_name)
        if not rows:
            raise exc.NoSuchTableError(view_name)
        return str(rows[0]["view_definition"])

    def _one(
        self,
        what: str,
        look: Callable[..., dict[str, Any]],
        connection: Any,
        table: str,
        schema: str | None,
    ) -> Any:
        found = look(connection, schema, table).get(table)
        if found is None and not self.has_table(connection, table, schema):
            raise exc.NoSuchTableError(table)
        return _EMPTY[what]() if found is None else found

    # ---- all tables of a schema (SQLAlchemy 2) ------------------------------------------------

    def get_multi_columns(self, connection: Any, **kw: Any) -> Any:
        return self._many("columns", self._columns, connection, kw)

    def get_multi_pk_constraint(self, connection: Any, **kw: Any) -> Any:
        return self._many("pk_constraint", self._primary_keys, connection, kw)

    def get_multi_foreign_keys(self, connection: Any, **kw: Any) -> Any:
        return self._many("foreign_keys", self._foreign_keys, connection, kw)

    def get_multi_unique_constraints(self, connection: Any, **kw: Any) -> Any:
        return self._many("unique_constraints", self._uniques, connection, kw)

    def get_multi_check_constraints(self, connection: Any, **kw: Any) -> Any:
        return self._many("check_constraints", self._checks, connection, kw)

    def get_multi_indexes(self, connection: Any, **kw: Any) -> Any:
        return self._many("indexes", self._indexes, connection, kw)

    def get_multi_table_comment(self, connection: Any, **kw: Any) -> Any:
        return self._many("table_comment", lambda *_: {}, connection, kw)

    def get_multi_table_options(self, connection: Any, **kw: Any) -> Any:
        return self._many("table_options", lambda *_: {}, connection, kw)

    def _many(
        self, what: str, look: Callable[..., dict[str, Any]], connection: Any, wanted: Any
    ) -> Iterator[tuple[tuple[str | None, str], Any]]:
        schema = wanted.get("schema")
        tables = self._wanted(connection, **wanted)
        found = look(connection, schema) if tables else {}
        for table in tables:
            yield (schema, table), found[table] if table in found else _EMPTY[what]()

    def _wanted(
        self,
        connection: Any,
        schema: str | None = None,
        filter_names: Sequence[str] | None = None,
        scope: Any = None,
        kind: Any = None,
        **kw: Any,
    ) -> list[str]:
        """Name the tables and views that a `get_multi_…` is about."""
        if scope is not None and scope.name == "TEMPORARY":
            return []
        names: list[str] = []
        wanted = "TABLE" if kind is None else kind.name
        if "TABLE" in wanted or wanted == "ANY":
            names += self._names(connection, schema, "BASE TABLE")
        if "VIEW" in wanted.split("|") or wanted in ("ANY", "ANY_VIEW"):
            names += self._names(connection, schema, "VIEW")
        if filter_names:
            names = [name for name in names if name in set(filter_names)]
        return names

    # ---- looking ------------------------------------------------------------------------------

    def _look(
        self,
        connection: Any,
        view: str,
        columns: str,
        schema: str | None,
        table: str | None = None,
    ) -> list[Any]:
        text = f"SELECT {columns} FROM information_schema.{view} WHERE table_schema = ?"
        values: tuple[Any, ...] = (schema or self.default_schema_name,)
        if table is not None:
            text, values = f"{text} AND table_name = ?", (*values, table)
        return _rows(connection, text, values)

    def _columns(self, connection: Any, schema: str | None, table: str | None = None) -> _Grouped:
        names = (
            "table_name, column_name, ordinal_position, column_type, is_nullable,"
            " column_default, is_identity, identity_start, identity_increment"
        )
        rows = self._look(connection, "columns", names, schema, table)
        rows.sort(key=lambda row: row["ordinal_position"])
        return _grouped(rows, _column)

    def _constraints(
        self, connection: Any, schema: str | None, table: str | None, kind: str
    ) -> list[tuple[str, str, list[Any]]]:
        """Return (table, constraint, its columns) of the constraints of a kind."""
        heads = self._look(
            connection,
            "table_constraints",
            "table_name, constraint_name, constraint_type, definition",
            schema,
            table,
        )
        names = (
            "table_name, constraint_name, column_name, ordinal_position,"
            " referenced_table_schema, referenced_table_name, referenced_column_name"
        )
        parts: dict[tuple[str, str], list[Any]] = {}
        for row in self._look(connection, "key_column_usage", names, schema, table):
            parts.setdefault((row["table_name"], row["constraint_name"]), []).append(row)
        found = []
        for head in heads:
            if head["constraint_type"] == kind:
                place = (head["table_name"], head["constraint_name"])
                columns = sorted(parts.get(place, ()), key=lambda row: row["ordinal_position"])
                found.append((*place, columns or [head]))
        return found

    def _primary_keys(
        self, connection: Any, schema: str | None, table: str | None = None
    ) -> dict[str, Any]:
        return {
            owner: {"constrained_columns": [row["column_name"] for row in columns], "name": name}
            for owner, name, columns in self._constraints(connection, schema, table, "PRIMARY KEY")
        }

    def _uniques(self, connection: Any, schema: str | None, table: str | None = None) -> _Grouped:
        found: _Grouped = {}
        for owner, name, columns in self._constraints(connection, schema, table, "UNIQUE"):
            entry = {"name": name, "column_names": [row["column_name"] for row in columns]}
            found.setdefault(owner, []).append(entry)
        return found

    def _checks(self, connection: Any, schema: str | None, table: str | None = None) -> _Grouped:
        found: _Grouped = {}
        for owner, name, heads in self._constraints(connection, schema, table, "CHECK"):
            text = heads[0]["definition"].removeprefix("CHECK (").removesuffix(")")
            found.setdefault(owner, []).append({"name": name, "sqltext": text})
        return found

    def _foreign_keys(
        self, connection: Any, schema: str | None, table: str | None = None
    ) -> _Grouped:
        found: _Grouped = {}
        for owner, name, columns in self._constraints(connection, schema, table, "FOREIGN KEY"):
            referred = columns[0]["referenced_table_schema"]
            if schema is None and referred == self.default_schema_name:
                referred = None
            found.setdefault(owner, []).append(
                {
                    "name": name,
                    "constrained_columns": [row["column_name"] for row in columns],
                    "referred_schema": referred,
                    "referred_table": columns[0]["referenced_table_name"],
                    "referred_columns": [row["referenced_column_name"] for row in columns],
                    "options": {},
                }
            )
        return found

    def _indexes(self, connection: Any, schema: str | None, table: str | None = None) -> _Grouped:
        names = "table_name, index_name, column_name, index_type, collection"
        return _grouped(self._look(connection, "indexes", names, schema, table), _index)


def _rows(connection: Any, text: str, values: tuple[Any, ...] = ()) -> list[Any]:
    return list(connection.exec_driver_sql(text, values).mappings())


def _grouped(rows: Iterable[Any], entry: Callable[[Any], dict[str, Any]]) -> _Grouped:
    found: _Grouped = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(entry(row))
    return found


def _column(row: Any) -> dict[str, Any]:
    identity = row["is_identity"] == "YES"
    found = {
        "name": row["column_name"],
        "type": type_from_sql(row["column_type"]),
        "nullable": row["is_nullable"] == "YES",
        "default": row["column_default"],
        "autoincrement": identity,
        "comment": None,
    }
    if identity:
        start, step = row["identity_start"], row["identity_increment"]
        found["identity"] = {"always": False, "start": start, "increment": step}
    return found


def _index(row: Any) -> dict[str, Any]:
    options = {"aerospike_type": row["index_type"].lower()}
    if row["collection"]:
        options["aerospike_collection"] = row["collection"].lower()
    return {
        "name": row["index_name"],
        "column_names": [row["column_name"]],
        "unique": False,
        "dialect_options": options,
    }
