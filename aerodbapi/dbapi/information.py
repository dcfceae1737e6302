"""The rows of information_schema, and SHOW CREATE: declarations, samples, info answers as tables.

A table is what was declared, or a set that holds records. Each function takes the namespace and
the table that the statement wants, None for all.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info
from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.query import query
from aerodbapi.dbapi import sampling, showing
from aerodbapi.dbapi.declaring import declaration
from aerodbapi.errors import Error, ProgrammingError
from aerodbapi.frozen import frozen
from aerodbapi.plan.catalog import SetInfo, from_declaration
from aerodbapi.plan.declaration import BOOKKEEPING, DeclaredColumn, Table, View, from_bins
from aerodbapi.plan.information_schema import CATALOG
from aerodbapi.plan.sql_types import SqlType
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.query import QueryRequest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["ROWS", "created", "declarations", "tables_of"]

_Rows = list[dict[str, Any]]


@frozen
class _Found:
    """A table: what it was declared as (None: nothing), and what the nodes say of its set."""

    namespace: str
    name: str
    declared: Table | View | None
    facts: dict[str, Any]

    @property
    def table(self) -> Table | None:
        return self.declared if isinstance(self.declared, Table) else None

    @property
    def place(self) -> dict[str, Any]:
        return {
            "table_catalog": CATALOG,
            "table_schema": self.namespace,
            "table_name": self.name,
        }


# ---- which tables there are --------------------------------------------------------------------


def declarations(session: Session, namespace: str) -> Conversation[dict[str, Table | View]]:
    """Read all that is declared in a namespace, by name."""
    found: list[Any] = []
    request = QueryRequest(namespace, BOOKKEEPING)
    yield from collected(query(session.cluster, request, session.query_policy), found.extend)
    made = {}
    for record in found:
        name, generation, bins = record[2], record[3], record[5]
        what = from_bins(namespace, name, bins, generation) if isinstance(name, str) else None
        if what is not None:
            made[name] = what
    return made


def tables_of(
    session: Session, namespace: str | None, name: str | None
) -> Conversation[list[_Found]]:
    """Give the tables and views, in the order of their names."""
    found = []
    listed = yield from showing.SHOWS["sets"](session, ())
    for each in (yield from _namespaces(session, namespace)):
        facts = {
            row["set"]: row
            for row in listed
            if row["namespace"] == each and row["set"] not in ("", BOOKKEEPING)
        }
        declared: dict[str, Any] = {}
        if name is None:
            declared = yield from declarations(session, each)
        elif name:
            declared[name] = (yield from declaration(session, each, name)).what
        names = {n for n, what in declared.items() if what is not None}
        names |= {n for n, row in facts.items() if row.get("objects")}
        found += [
            _Found(each, n, declared.get(n), facts.get(n, {}))
            for n in sorted(names)
            if name in (None, n)
        ]
    return found


def _namespaces(session: Session, wanted: str | None) -> Conversation[list[str]]:
    rows = yield from showing.SHOWS["namespaces"](session, ())
    return sorted(row["namespace"] for row in rows if wanted in (None, row["namespace"]))


def _schemata(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    made = []
    for each in (yield from _namespaces(session, None)):
        answers = yield from info.info_all(session.cluster, f"namespace/{each}")
        facts = [wire.pairs(text.strip()) for text in answers.values()]
        made.append(
            {
                "catalog_name": CATALOG,
                "schema_name": each,
                "objects": sum(int(one.get("objects", 0)) for one in facts),
                "replication": max(
                    int(one.get("effective_replication_factor", 1)) for one in facts
                ),
            }
        )
    return made


def _tables(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    made = []
    for found in (yield from tables_of(session, namespace, name)):
        view = isinstance(found.declared, View)
        made.append(
            {
                **found.place,
                "table_type": "VIEW" if view else "BASE TABLE",
                "is_insertable_into": "NO" if view else "YES",
                "declared": found.declared is not None,
                "records": None if view else found.facts.get("objects", 0),
                "bytes": None if view else found.facts.get("data_used_bytes", 0),
            }
        )
    return made


# ---- columns -----------------------------------------------------------------------------------


def _columns(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    made: _Rows = []
    for found in (yield from tables_of(session, namespace, name)):
        if found.table is not None:
            made += _declared_columns(found, found.table)
        elif isinstance(found.declared, View):
            made += yield from _view_columns(session, found, found.declared)
        else:
            made += _sampled_columns(found, (yield from _sampled(session, found)))
    return made


def _sampled(session: Session, found: _Found) -> Conversation[SetInfo]:
    known = session.catalog.get(found.namespace, found.name)
    if known is None:
        sample = yield from sampling.sample(session, found.namespace, found.name)
        session.catalog.put(sample)
        known = session.catalog.get(found.namespace, found.name) or sample
    return known


def _declared_columns(found: _Found, table: Table) -> Iterator[dict[str, Any]]:
    kinds = {column.name: column.kinds for column in from_declaration(table).columns}
    for position, column in enumerate(table.columns, 1):
        start, step = column.identity or (None, None)
        yield {
            **found.place,
            "column_name": column.name,
            "ordinal_position": position,
            "column_default": column.default,
            "is_nullable": "YES" if column.nullable else "NO",
            **_type_facts(column.type),
            "column_key": "PRI" if column.name in table.key else "",
            "is_identity": "NO" if column.identity is None else "YES",
            "identity_start": start,
            "identity_increment": step,
            "column_comment": column.comment,
            "bin_name": column.bin or None,
            "kinds": ", ".join(sorted(kinds.get(column.bin, ()))) or None,
            "declared": True,
        }


def _type_facts(kind: SqlType) -> dict[str, Any]:
    text, size = str(kind), kind.size
    decimal = kind.name == "DECIMAL"
    bits = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 64, "BIGINT": 64, "DOUBLE": 53}.get(kind.name)
    return {
        "data_type": text.partition("(")[0],
        "column_type": text,
        "character_maximum_length": size[0] if size and not decimal else None,
        "numeric_precision": size[0] if decimal else bits,
        "numeric_scale": size[1] if decimal else None,
        "datetime_precision": 6 if kind.name.startswith("TIME") else None,
    }


def _sampled_columns(found: _Found, known: SetInfo) -> Iterator[dict[str, Any]]:
    for position, column in enumerate((known.key, *known.columns), 1):
        key = column is known.key
        yield {
            **found.place,
            "column_name": column.name,
            "ordinal_position": position,
            "is_nullable": "NO" if key else "YES",
            "data_type": column.code,
            "column_type": column.code,
            "column_key": "PRI" if key else "",
            "is_identity": "NO",
            "bin_name": None if key else column.name,
            "kinds": ", ".join(sorted(column.kinds)) or None,
            "declared": False,
        }


def _view_columns(session: Session, found: _Found, view: View) -> Conversation[_Rows]:
    from aerodbapi.grammar.parser import parse

    tree: Any = parse(view.text)
    try:
        columns = (yield from session.prepared(tree)).plan.columns
    except Error:
        return []  # what it reads is gone
    names = [*view.columns, *(column.name for column in columns[len(view.columns) :])]
    return [
        {
            **found.place,
            "column_name": name,
            "ordinal_position": position,
            "is_nullable": "YES",
            "data_type": column.type.partition("(")[0] or "JSON",
            "column_type": column.type or "JSON",
            "column_key": "",
            "is_identity": "NO",
            "declared": True,
        }
        for position, (name, column) in enumerate(zip(names, columns), 1)
    ]


# ---- indexes, constraints, views ---------------------------------------------------------------


def _indexes(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    made = []
    for each in (yield from _namespaces(session, namespace)):
        yield from sampling.indexes(session, each)
        for index in session.catalog.indexes(each) or ():
            if name not in (None, index.set):
                continue
            known = None
            if index.set:
                known = (yield from declaration(session, each, index.set)).table
            column = None if known is None else known.of_bin(index.bin)
            made.append(
                {
                    "table_catalog": CATALOG,
                    "table_schema": each,
                    "table_name": index.set,
                    "index_name": index.name,
                    "column_name": index.bin if column is None else column.name,
                    "bin_name": index.bin,
                    "index_type": index.type,
                    "collection": index.collection,
                    "entries_per_value": index.entries_per_value,
                    "state": index.state,
                }
            )
    return made


def _statistics(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    rows = yield from _indexes(session, namespace, name)
    return [
        {**row, "non_unique": True, "index_schema": row["table_schema"], "seq_in_index": 1}
        for row in rows
    ]


def _views(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    found = yield from tables_of(session, namespace, name)
    return [
        {
            **each.place,
            "view_definition": each.declared.text,
            "check_option": "NONE",
            "is_updatable": "NO",
        }
        for each in found
        if isinstance(each.declared, View)
    ]


def _constraints(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    found = yield from tables_of(session, namespace, name)
    return [
        {
            **each.place,
            "constraint_catalog": CATALOG,
            "constraint_schema": each.namespace,
            "constraint_name": title,
            "constraint_type": kind,
            "is_deferrable": "NO",
            "initially_deferred": "NO",
            "enforced": "YES" if kind == "PRIMARY KEY" else "NO",
            "definition": text,
        }
        for each in found
        for title, kind, _, text, _ in _constraints_of(each)
    ]


def _constraints_of(
    found: _Found,
) -> Iterator[tuple[str, str, tuple[str, ...], str, tuple[tuple[str, ...], tuple[str, ...]]]]:
    """(name, kind, columns, text, (table, columns) referred to) of each constraint."""
    table = found.table
    if table is None:
        return
    if table.key:
        text = f"PRIMARY KEY ({', '.join(table.key)})"
        yield table.key_name or f"{table.set}_pkey", "PRIMARY KEY", table.key, text, ((), ())
    for number, each in enumerate(table.constraints, 1):
        columns = "_".join(each.columns)
        ending = {"FOREIGN KEY": "fkey", "UNIQUE": "key"}.get(each.kind, "check")
        title = each.name or f"{table.set}_{columns or number}_{ending}"
        yield title, each.kind, each.columns, each.text, (each.table, each.referenced)


def _key_usage(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    found = yield from tables_of(session, namespace, name)
    made = []
    for each in found:
        for title, kind, columns, _, (table, referenced) in _constraints_of(each):
            if kind == "CHECK":
                continue
            for position, column in enumerate(columns, 1):
                row = {
                    **each.place,
                    "constraint_catalog": CATALOG,
                    "constraint_schema": each.namespace,
                    "constraint_name": title,
                    "column_name": column,
                    "ordinal_position": position,
                }
                if table:
                    row["position_in_unique_constraint"] = position
                    row["referenced_table_schema"], row["referenced_table_name"] = table
                    if len(referenced) >= position:
                        row["referenced_column_name"] = referenced[position - 1]
                made.append(row)
    return made


# ---- functions, nodes, jobs --------------------------------------------------------------------

_FUNCTION: Final = re.compile(r"^\s*function\s+([A-Za-z_]\w*)\s*\(([^)]*)\)", re.MULTILINE)


def _functions(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    """The functions of the UDF modules."""
    made = []
    for module in (yield from showing.SHOWS["modules"](session, ())):
        answers = yield from info.info_one(
            session.cluster, f"udf-get:filename={module['filename']};"
        )
        facts = wire.pairs(next(iter(answers.values())))
        text = base64.b64decode(facts.get("content", "")).decode("utf-8", "replace")
        for title, arguments in _FUNCTION.findall(text):
            given = [part.strip() for part in arguments.split(",") if part.strip()]
            made.append(
                {
                    "function_catalog": CATALOG,
                    "function_name": title,
                    "module_name": module["filename"],
                    "language": module["type"],
                    "argument_count": len(given),
                    "arguments": ", ".join(given),
                    "hash": module["hash"],
                }
            )
    return made


def _nodes(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    rows = yield from showing.SHOWS["nodes"](session, ())
    return [{**row, "address": str(row["address"])} for row in rows]


def _jobs(session: Session, namespace: str | None, name: str | None) -> Conversation[_Rows]:
    answer = showing.answer_of("jobs")
    assert answer is not None
    called = {"namespace": "table_schema", "set": "table_name", "index": "index_name"}
    called["from"] = "client"
    rows = yield from answer(session, ())
    return [{called.get(column, column): row[column] for column in row} for row in rows]


_Answer = Callable[..., "Conversation[_Rows]"]

#: Table of information_schema → the conversation that gives its rows.
_TABLES: Final[dict[str, _Answer]] = {
    "schemata": _schemata,
    "tables": _tables,
    "columns": _columns,
    "indexes": _indexes,
    "statistics": _statistics,
    "views": _views,
    "functions": _functions,
    "nodes": _nodes,
    "jobs": _jobs,
    "table_constraints": _constraints,
    "key_column_usage": _key_usage,
}


def _answer(name: str) -> Callable[[Session, Sequence[Any]], Conversation[_Rows]]:
    return lambda session, arguments: _TABLES[name](session, *arguments)


ROWS: Final = {name: _answer(name) for name in _TABLES}


# ---- SHOW CREATE -------------------------------------------------------------------------------


def created(session: Session, arguments: Sequence[str]) -> Conversation[_Rows]:
    """The statement that would declare a table or view."""
    what, namespace, name = arguments
    known = (yield from declaration(session, namespace, name)).what
    place = f"{namespace}.{name}"
    if what == "VIEW" and isinstance(known, View):
        columns = f" ({', '.join(known.columns)})" if known.columns else ""
        return [{"name": place, "statement": f"CREATE VIEW {place}{columns} AS {known.text}"}]
    if what == "TABLE" and isinstance(known, Table):
        return [{"name": place, "statement": _create_text(known)}]
    raise ProgrammingError(f"{place} is not declared as a {what.lower()}")


def _create_text(table: Table) -> str:
    from aerodbapi.grammar import ast
    from aerodbapi.grammar.render import to_sql

    name = to_sql(ast.TableName((table.namespace, table.set)))
    lines = [_column_text(column, table) for column in table.columns]
    if len(table.key) > 1:
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    for each in table.constraints:
        title = f"CONSTRAINT {each.name} " if each.name else ""
        columns = f" ({', '.join(each.columns)})" if each.columns else ""
        text = each.text
        if each.kind == "UNIQUE" and "(" not in text:
            text = f"UNIQUE{columns}"
        elif each.kind == "FOREIGN KEY" and text.startswith("REFERENCES"):
            text = f"FOREIGN KEY{columns} {text}"
        lines.append(title + text)
    body = ",\n    ".join(lines)
    return f"CREATE TABLE {name} (\n    {body}\n)"


def _column_text(column: DeclaredColumn, table: Table) -> str:
    from aerodbapi.grammar import ast
    from aerodbapi.grammar.render import to_sql

    definition = ast.ColumnDefinition(
        column.name,
        str(column.type),
        None if column.nullable or column.name in table.key else False,
        None,
        table.key == (column.name,),
        column.identity,
        column.comment,
    )
    text = to_sql(definition)
    return text if column.default is None else f"{text} DEFAULT {column.default}"
