"""Statements that change records: INSERT, UPDATE, DELETE."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Column, Expr
    from aerodbapi.grammar.ast.queries import Query, TableName

__all__ = [
    "Delete",
    "Insert",
    "Update",
]


@frozen
class Insert(Node):
    """INSERT, UPSERT or REPLACE: `verb` says which. `rows` are as long as `columns`.

    `options`: the WITH (name = value, …) pairs, names lower case.
    `source`: INSERT … SELECT; then `rows` is () and `relational` says so.
    `ignore`: ON CONFLICT DO NOTHING, or INSERT OR IGNORE; it stands in `relational` too.
    """

    verb: Choice["INSERT", "UPSERT", "REPLACE"]
    table: TableName
    columns: tuple[Column, ...]
    rows: tuple[tuple[Expr, ...], ...]
    options: tuple[tuple[str, Expr], ...] = ()
    source: Query | None = None
    ignore: bool = False
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class Update(Node):
    """`relational`: subqueries and the like, with their places."""

    table: TableName
    assignments: tuple[tuple[Column, Expr], ...]
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class Delete(Node):
    """`relational`: subqueries and the like, with their places."""

    table: TableName
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN
