"""Statements that change records: INSERT, UPDATE, DELETE; and transactions."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Column, Expr, Subscript
    from aerodbapi.grammar.ast.queries import Query, SelectItem, TableName

__all__ = [
    "Conflict",
    "Delete",
    "Insert",
    "Transaction",
    "Update",
]


@frozen
class Conflict(Node):
    """ON CONFLICT: what becomes of a row whose key exists. No `assignments`: DO NOTHING.

    `columns`: as written in parentheses; only PK can conflict. A column qualified by `excluded`
    is the row's that could not be inserted.
    """

    assignments: tuple[tuple[Column | Subscript, Expr], ...] = ()
    where: Expr | None = None
    columns: tuple[Column, ...] = ()
    span: Span | None = SPAN


@frozen
class Insert(Node):
    """INSERT, UPSERT or REPLACE: `verb` says which. `rows` are as long as `columns`.

    `options`: the WITH (name = value, …) pairs, names lower case.
    `source`: the query of INSERT … SELECT; then `rows` is ().
    `conflict`: ON CONFLICT, or INSERT OR IGNORE. `returning`: RETURNING's select list.
    `relational`: subqueries and the like in rows, ON CONFLICT and RETURNING, with their places.
    """

    verb: Choice["INSERT", "UPSERT", "REPLACE"]
    table: TableName
    columns: tuple[Column, ...]
    rows: tuple[tuple[Expr, ...], ...]
    options: tuple[tuple[str, Expr], ...] = ()
    source: Query | None = None
    conflict: Conflict | None = None
    returning: tuple[SelectItem, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class Update(Node):
    """What is assigned to is a Column, or a Subscript: a place in a list or map.

    `relational`: subqueries and the like, with their places.
    """

    table: TableName
    assignments: tuple[tuple[Column | Subscript, Expr], ...]
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    limit: Expr | None = None
    returning: tuple[SelectItem, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class Delete(Node):
    """`relational`: subqueries and the like, with their places."""

    table: TableName
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    limit: Expr | None = None
    returning: tuple[SelectItem, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class Transaction(Node):
    """BEGIN, COMMIT or ROLLBACK."""

    what: Choice["BEGIN", "COMMIT", "ROLLBACK"]
    span: Span | None = SPAN
