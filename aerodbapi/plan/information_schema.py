"""information_schema: tables about tables, which exist in no cluster; their rows are made locally.

The columns that the SQL standard (and PostgreSQL and MySQL) name are called as there; what else
is known of sets, indexes, nodes and jobs follows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from aerodbapi import errors
from aerodbapi.grammar.ast import Binary, Column, Expr
from aerodbapi.grammar.tokens import words
from aerodbapi.plan import operations as op
from aerodbapi.plan.declaration import INFORMATION_SCHEMA, DeclaredColumn, Known, Table
from aerodbapi.plan.sql_types import parse_type
from aerodbapi.plan.tree import conjuncts, is_constant

__all__ = ["CATALOG", "COLUMNS", "known_table", "local_rows"]

#: What the catalog columns hold: there is one catalog.
CATALOG: Final = "aerospike"

_NUMBERS: Final = frozenset(
    words(
        "ordinal_position character_maximum_length numeric_precision numeric_scale records bytes"
        " datetime_precision position_in_unique_constraint seq_in_index cardinality"
        " entries_per_value objects replication run_time argument_count"
    )
)
_TRUTHS: Final = frozenset({"declared", "non_unique"})
_DOUBLES: Final = frozenset({"progress"})

#: Table → its columns.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(columns.split())
    for name, columns in {
        "schemata": "catalog_name schema_name schema_owner objects replication",
        "tables": (
            "table_catalog table_schema table_name table_type is_insertable_into declared records"
            " bytes table_comment"
        ),
        "columns": (
            "table_catalog table_schema table_name column_name ordinal_position column_default"
            " is_nullable data_type character_maximum_length numeric_precision numeric_scale"
            " datetime_precision column_type column_key is_identity identity_start"
            " identity_increment column_comment bin_name kinds declared"
        ),
        "indexes": (
            "table_catalog table_schema table_name index_name column_name bin_name index_type"
            " collection entries_per_value state"
        ),
        "statistics": (
            "table_catalog table_schema table_name non_unique index_schema index_name"
            " seq_in_index column_name cardinality index_type"
        ),
        "views": (
            "table_catalog table_schema table_name view_definition check_option is_updatable"
        ),
        "functions": (
            "function_catalog function_name module_name language argument_count arguments hash"
        ),
        "nodes": "node address build",
        "jobs": (
            "node job table_schema table_name kind module function index_name status progress"
            " run_time records client"
        ),
        "table_constraints": (
            "constraint_catalog constraint_schema constraint_name table_catalog table_schema"
            " table_name constraint_type is_deferrable initially_deferred enforced definition"
        ),
        "key_column_usage": (
            "constraint_catalog constraint_schema constraint_name table_catalog table_schema"
            " table_name column_name ordinal_position position_in_unique_constraint"
            " referenced_table_schema referenced_table_name referenced_column_name"
        ),
    }.items()
}

#: Columns whose equality with a constant spares looking at other tables.
_NARROWING: Final = ("table_schema", "table_name")


def known_table(name: str) -> Known:
    """Give a table of information_schema, as if it were declared."""
    found = COLUMNS.get(name.lower())
    return Known(None if found is None else _table(name.lower()))


@lru_cache(maxsize=32)
def _table(name: str) -> Table:
    columns = tuple(
        DeclaredColumn(column, parse_type(_type(column)), column) for column in COLUMNS[name]
    )
    return Table(INFORMATION_SCHEMA, name, columns)


def _type(column: str) -> str:
    if column in _NUMBERS or column.startswith("identity_"):
        return "BIGINT"
    if column in _TRUTHS:
        return "BOOLEAN"
    return "DOUBLE" if column in _DOUBLES else "VARCHAR"


def local_rows(target: op.Target, residual: Expr | None) -> op.InfoRows:
    """Give the operation that makes a table's rows; `residual` may narrow them.

    Raises ProgrammingError for a table that there is not.
    """
    name = (target.set or "").lower()
    if name not in COLUMNS:
        known = ", ".join(COLUMNS)
        raise errors.ProgrammingError(f"information_schema has no table {name}, but {known}")
    from aerodbapi.plan.bind import bind_value

    given = dict(_equalities(conjuncts(residual)))
    values = tuple(
        bind_value(given[name]) if name in given else op.Constant(None) for name in _NARROWING
    )
    return op.InfoRows(f"{INFORMATION_SCHEMA}.{name}", (), values)


def _equalities(parts: Iterable[Expr]) -> Iterator[tuple[str, Expr]]:
    for part in parts:
        if isinstance(part, Binary) and part.op == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(one, Column) and one.name in _NARROWING and is_constant(other):
                    yield one.name, other
