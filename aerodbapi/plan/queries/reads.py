"""The reads of a relational plan: one Input for each set that the query still names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan import operations as op
from aerodbapi.plan.access import access, chosen
from aerodbapi.plan.bind import bind_value
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.queries.scope import Base, unique
from aerodbapi.plan.queries.walking import columns_in, replaced
from aerodbapi.plan.tree import METADATA, is_bin

__all__ = ["inputs"]


def inputs(
    query: Any, bases: dict[str, Base], planning: Planning
) -> tuple[Any, tuple[op.Input, ...], tuple[str, ...]]:
    """Give the query with the engine's names of columns, the reads, and notes for EXPLAIN."""
    used: dict[str, dict[ast.Column, None]] = {name: {} for name in _named(query, bases)}
    for column in columns_in(query):
        if column.table and column.table[0] in used:
            bound = ast.Column(column.name, (), column.quoted)
            used[column.table[0]].setdefault(bound)
    found, names, notes = [], {}, []
    for name, columns in used.items():
        base = bases[name]
        called = unique([column.name for column in columns])
        names.update({(name, column): each for column, each in zip(columns, called)})
        draft = _draft(base, tuple(columns), planning)
        notes += [f"{name}: {note}" for note in draft.notes]
        found.append(_input(base, columns, called, draft))
    return _renamed(query, names), tuple(found), tuple(notes)


def _named(query: Any, bases: dict[str, Base]) -> list[str]:
    """The base tables that a query reads, in its order."""
    tables = (node.alias for node in nodes(query) if isinstance(node, ast.TableName))
    return [name for name in tables if name in bases]


def _draft(base: Base, outputs: tuple[ast.Expr, ...], planning: Planning) -> Draft:
    limit = None if base.limit is None or base.hints else bind_value(base.limit)
    draft = Draft(
        base.target,
        tuple(base.conjuncts),
        hints=tuple(base.hints),
        limit=limit,
        outputs=outputs,
    )
    return chosen(draft, planning)


def _input(base: Base, columns: Any, called: tuple[str, ...], draft: Draft) -> op.Input:
    read = access(draft)
    if draft.limit is not None and draft.empty is None:
        read = op.Limit(read, draft.limit)
    made = tuple(_column(base, column, name) for column, name in zip(columns, called))
    return op.Input(base.name, made, read, base.again)


def _column(base: Base, column: ast.Column, name: str) -> op.InputColumn:
    info = base.info
    if not is_bin(column):
        key = "VARCHAR" if info is None else info.key.code
        kinds = frozenset() if info is None or column.name != "PK" else info.key.kinds
        return op.InputColumn(name, column, METADATA.get(column.name, key), kinds)
    known = None if info is None else info.column(column.name)
    if known is None:
        return op.InputColumn(name, column, "NULL")
    return op.InputColumn(name, column, known.code, known.kinds)


def _renamed(query: Any, names: dict[tuple[str, ast.Column], str]) -> Any:
    def change(column: ast.Column) -> ast.Column:
        if not column.table:
            return column
        bound = ast.Column(column.name, (), column.quoted)
        name = names.get((column.table[0], bound), column.name)
        return replace(column, name=name, quoted=False)

    return replaced(query, change)
