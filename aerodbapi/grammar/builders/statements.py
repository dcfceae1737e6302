"""Nodes of the statements that are not queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar.ast import (
    Call,
    Column,
    Conflict,
    CreateIndex,
    Delete,
    Describe,
    DropIndex,
    Explain,
    Expr,
    Insert,
    Literal,
    Setting,
    Show,
    Span,
    Statistics,
    Subscript,
    TableName,
    Transaction,
    Truncate,
    Update,
    ValueRows,
)
from aerodbapi.grammar.builders.expressions import column
from aerodbapi.grammar.builders.pieces import Clause, Name, name_of, place, value_of
from aerodbapi.grammar.refusal import refuse
from aerodbapi.grammar.relational import inside, ordered
from aerodbapi.grammar.settings import SETTINGS
from aerodbapi.grammar.tokens import words
from aerodbapi.grammar.walk import nodes

__all__ = ["INDEX_TYPES", "RULES", "SHOWN"]

INDEX_TYPES: Final = ("NUMERIC", "STRING", "BLOB", "GEO2DSPHERE")

#: What SHOW takes, synonyms first.
SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "TABLES": "SETS",
        "SCHEMAS": "NAMESPACES",
        "DATABASES": "NAMESPACES",
        "COLUMNS": "BINS",
        "INDEX": "INDEXES",
        "PACKAGES": "MODULES",
    }
    | {
        word: word
        for word in words(
            "NAMESPACES SETS BINS INDEXES MODULES NODES QUERIES SCANS JOBS FUNCTIONS SETTINGS"
            " USERS USER ROLES ROLE"
        )
    }
)


# ---- writing -----------------------------------------------------------------------------------


def _insert(c: list[Any]) -> Insert:
    (verb, ignored), table, columns, query = c[0], c[2], c[3], c[4]
    tail = _once(c[5])
    columns = columns or ()
    _refuse_repeated(columns)
    conflict = tail.get("ON CONFLICT")
    if ignored is not None:
        if conflict is not None:
            raise refuse(conflict.span, "INSERT OR IGNORE says already what a conflict does")
        conflict = Conflict(span=ignored)
    rows, source = _rows(query, columns), None
    if rows is None:
        rows, source = (), query
    returning = tail.get("RETURNING", ())
    return Insert(
        verb,
        table,
        columns,
        rows,
        tail.get("WITH", ()),
        source,
        conflict,
        returning,
        relational=ordered(inside(rows, conflict, returning)),
        span=place(c),
    )


def _insert_defaults(c: list[Any]) -> Insert:
    """INSERT … DEFAULT VALUES: one row without values."""
    nothing = ValueRows(((),), span=place(c[3:5]))
    return _insert([c[0], c[1], c[2], None, nothing, c[5]])


def _refuse_repeated(columns: Iterable[Column | Subscript]) -> None:
    seen: set[str] = set()
    for entry in columns:
        if isinstance(entry, Subscript) or len(entry.table) > 0:
            continue  # places in one list or map: binding tells them apart
        if entry.name in seen:
            raise refuse(entry.span, f"the column {entry.name!r} stands twice")
        seen.add(entry.name)


def _rows(query: Any, columns: tuple[Column, ...]) -> tuple[tuple[Expr, ...], ...] | None:
    """The rows of a plain VALUES, checked against the columns; None for other queries."""
    if not isinstance(query, ValueRows) or query.order or query.limit or query.offset or query.ctes:
        return None
    rows = tuple(tuple(map(_cell, row)) for row in query.rows)
    for row in rows:
        if columns and len(row) != len(columns):
            message = f"{_counted(len(row), 'value')} for {_counted(len(columns), 'column')}"
            raise refuse(place(row), message)
        for node in nodes(row):
            if isinstance(node, Column):
                raise refuse(
                    node.span,
                    f"{node.name!r} is a column, which has no value here",
                    hint=(f"a string value stands in single quotes: '{node.name}'"),
                )
    return rows


def _cell(cell: Expr) -> Expr:
    """Take a bare DEFAULT as a call of that name."""
    bare = isinstance(cell, Column) and not cell.quoted and not cell.table
    if bare and cell.name.upper() == "DEFAULT":  # type: ignore[union-attr]
        return Call("DEFAULT", (), span=cell.span)
    return cell


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _insert_verb(c: list[Any]) -> tuple[str, Any]:
    """(verb, the place of OR IGNORE or None)"""
    if len(c) == 1:
        return c[0].upper(), None
    return ("REPLACE", None) if c[2].upper() == "REPLACE" else ("INSERT", place(c[1:]))


def _once(clauses: tuple[Clause, ...]) -> dict[str, Any]:
    """The clauses by kind; each may stand once."""
    found: dict[str, Any] = {}
    for clause in clauses:
        if clause.kind in found:
            raise refuse(clause.span, f"{clause.kind} stands twice")
        found[clause.kind] = clause.value
    return found


def _conflict_update(c: list[Any]) -> Clause:
    _refuse_repeated(target for target, _ in c[6])
    return Clause("ON CONFLICT", Conflict(c[6], c[7], c[2] or (), span=place(c)), place(c))


def _update(c: list[Any]) -> Update:
    tail = _once(c[4])
    _refuse_repeated(target for target, _ in c[3])
    where, returning = tail.get("WHERE"), tail.get("RETURNING", ())
    return Update(
        c[1],
        c[3],
        where,
        tail.get("WITH", ()),
        tail.get("LIMIT"),
        returning,
        relational=ordered(inside(where, returning, c[3])),
        span=place(c),
    )


def _delete(c: list[Any]) -> Delete:
    tail = _once(c[3])
    where, returning = tail.get("WHERE"), tail.get("RETURNING", ())
    return Delete(
        c[2],
        where,
        tail.get("WITH", ()),
        tail.get("LIMIT"),
        returning,
        relational=ordered(inside(where, returning)),
        span=place(c),
    )


def _options(c: list[Any]) -> Clause:
    names = [name for name, _ in c[2]]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise refuse(place(c), f"the option {name!r} stands twice")
    return Clause("WITH", c[2], place(c))


# ---- indexes -----------------------------------------------------------------------------------


def _create_index(c: list[Any]) -> CreateIndex:
    *front, name, _on, table, _open, target, _close, kind = c
    collection: Any = next((part.text for part in front if isinstance(part, Name)), None)
    indexed = name_of(target)
    plain = isinstance(indexed, Column) and not indexed.table
    if plain or not isinstance(indexed, (Column, Subscript)):
        _refuse_constant(indexed)
    return CreateIndex(
        name.text,
        table,
        indexed.name if isinstance(indexed, Column) and plain else "",
        kind,
        collection,
        _has_flag(front),
        None if plain else indexed,
        span=place(c),
    )


def _refuse_constant(indexed: Expr) -> None:
    if not any(isinstance(node, Column) for node in nodes(indexed)):
        raise refuse(indexed.span, "an index is over a bin, or an expression that reads one")


def _index_type(c: list[Any]) -> str:
    name: Name = c[0]
    if name.text.upper() not in INDEX_TYPES:
        import difflib

        close = difflib.get_close_matches(name.text.upper(), INDEX_TYPES, n=1)
        raise refuse(
            name.span,
            f"'{name.text}' is no type of index: expected {', '.join(INDEX_TYPES)}",
            hint=f"did you mean {close[0]}?" if close else "",
        )
    return name.text.upper()


def _drop_index(c: list[Any]) -> DropIndex:
    name = _index_name(c[-1])
    return DropIndex(name, None, _has_flag(c), span=place(c))


def _drop_index_on(c: list[Any]) -> DropIndex:
    return DropIndex(_index_name(c[-3]), c[-1], _has_flag(c), span=place(c))


def _index_name(table: TableName) -> str:
    if len(table.parts) > 1:
        raise refuse(
            table.span,
            "an index name has no dot",
            hint="DROP INDEX i ON ns.set, or DROP INDEX ns.set i",
        )
    return table.parts[0]


def _has_flag(c: list[Any]) -> bool:
    return any(isinstance(part, Clause) for part in c)


# ---- looking -----------------------------------------------------------------------------------


def _statistics(scope: TableName | None, span: Span) -> Statistics:
    """SHOW STATISTICS [FROM namespace[.index]]: the plain SQL spelling of STAT."""
    names = scope.parts if scope else ()
    return Statistics(("SYSTEM", "NAMESPACE", "INDEX")[len(names)], names, span=span)


def _show(c: list[Any]) -> Show | Setting | Statistics:
    word, scope = c[1].upper(), c[2]
    if word in SETTINGS and word not in SHOWN and scope is None:
        return Setting("GET", word, span=place(c))
    if word == "STATISTICS":
        return _statistics(scope, place(c))
    if word not in SHOWN:
        import difflib

        close = difflib.get_close_matches(word, SHOWN, n=1)
        span = place(c[1:2])
        known = ", ".join(sorted(set(SHOWN.values())))
        raise refuse(
            span,
            f"syntax error near token '{c[1]}': SHOW knows {known}",
            hint=f"did you mean {close[0]}?" if close else "",
        )
    return Show(SHOWN[word], scope.parts if scope else (), span=place(c))


def _explain(options: Iterable[Any], statement: Any, span: Span) -> Explain:
    """EXPLAIN's options: ANALYZE, and the name of a format."""
    analyze, tree = False, False
    for option in options:
        if not isinstance(option, Name):
            analyze = True
        elif option.text.upper() in ("TREE", "TEXT", "ROWS"):
            tree = option.text.upper() != "ROWS"
        else:
            raise refuse(option.span, f"EXPLAIN has the formats ROWS and TREE, not {option.text}")
    return Explain(statement, analyze, tree, span=span)


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "explain": lambda c: Explain(c[1], span=place(c)),
        "explain_listed": lambda c: _explain(c[1], c[2], place(c)),
        "explain_in_parentheses": lambda c: _explain(c[2], c[4], place(c)),
        "insert": _insert,
        "insert_defaults": _insert_defaults,
        "insert_verb": _insert_verb,
        "conflict_nothing": lambda c: Clause(
            "ON CONFLICT", Conflict(columns=c[2] or (), span=place(c)), place(c)
        ),
        "conflict_update": _conflict_update,
        "condition": lambda c: name_of(c[1]),
        "returning": lambda c: Clause("RETURNING", c[1], place(c)),
        "place_name": lambda c: Subscript(c[0], Literal(c[2].text, span=c[2].span), span=place(c)),
        "begin_work": lambda c: Transaction("BEGIN", span=place(c)),
        "commit": lambda c: Transaction("COMMIT", span=place(c)),
        "rollback": lambda c: Transaction("ROLLBACK", span=place(c)),
        "transaction_word": lambda c: None,
        "assignment": lambda c: (c[0], value_of(c[2])),
        "update": _update,
        "delete": _delete,
        "write_where": lambda c: Clause("WHERE", name_of(c[1]), place(c)),
        "write_limit": lambda c: Clause("LIMIT", c[1], place(c)),
        "options": _options,
        "option": lambda c: (c[0].text.lower(), value_of(c[2])),
        "target": column,
        "truncate": lambda c: Truncate(c[-2], value_of(c[-1]), span=place(c)),
        "create_index": _create_index,
        "collection": lambda c: Name(c[0].upper(), False, place(c)),
        "if_not_exists": lambda c: Clause("IF", True, place(c)),
        "if_exists": lambda c: Clause("IF", True, place(c)),
        "index_type": _index_type,
        "drop_index": _drop_index,
        "drop_index_after_table": lambda c: DropIndex(
            c[-1].text, c[-2], _has_flag(c), span=place(c)
        ),
        "drop_index_on": _drop_index_on,
        "show": _show,
        "show_preposition": lambda c: None,
        "describe": lambda c: Describe(c[-1], span=place(c)),
    }
)
