"""Statements that define tables and views."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Expr
    from aerodbapi.grammar.ast.queries import Query, TableName

__all__ = [
    "AlterTable",
    "ColumnDefinition",
    "Constraint",
    "CreateTable",
    "CreateTableAs",
    "CreateView",
    "DropTable",
    "DropView",
    "Refresh",
    "ShowCreate",
]


@frozen
class ColumnDefinition(Node):
    """A column of CREATE TABLE. `type` as written, upper case, one space between its words.

    `identity`: (start, step) of a column whose values are drawn from a counter.
    `nullable` None: not said.
    """

    name: str
    type: str
    nullable: bool | None = None
    default: Expr | None = None
    key: bool = False
    identity: tuple[int, int] | None = None
    comment: str | None = None
    constraints: tuple[Constraint, ...] = ()
    span: Span | None = SPAN


@frozen
class Constraint(Node):
    """A constraint of a table, or (without `columns`) of the column that it stands behind.

    `actions`: what stands behind REFERENCES, such as ON DELETE CASCADE.
    """

    kind: Choice["PRIMARY KEY", "UNIQUE", "CHECK", "FOREIGN KEY"]
    columns: tuple[str, ...] = ()
    name: str | None = None
    expression: Expr | None = None
    table: TableName | None = None
    referenced: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class CreateTable(Node):
    """CREATE TABLE with its columns."""

    table: TableName
    columns: tuple[ColumnDefinition, ...]
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    options: tuple[tuple[str, Expr], ...] = ()
    span: Span | None = SPAN


@frozen
class CreateTableAs(Node):
    """CREATE TABLE … AS query: the columns are the query's."""

    table: TableName
    query: Query
    if_not_exists: bool = False
    options: tuple[tuple[str, Expr], ...] = ()
    span: Span | None = SPAN


@frozen
class AlterTable(Node):
    """ALTER TABLE: one change of a declaration.

    `action`: ADD COLUMN (`column`), ADD CONSTRAINT (`constraint`), DROP COLUMN (`name`), RENAME
    COLUMN (`name`, `new`), RENAME TO (`table_to`), SET DEFAULT (`name`, `default`), DROP DEFAULT,
    SET NOT NULL, DROP NOT NULL (`name`). `guarded`: IF EXISTS or IF NOT EXISTS of the column.
    """

    table: TableName
    action: str
    name: str | None = None
    new: str | None = None
    column: ColumnDefinition | None = None
    constraint: Constraint | None = None
    default: Expr | None = None
    table_to: TableName | None = None
    guarded: bool = False
    if_exists: bool = False
    span: Span | None = SPAN


@frozen
class DropTable(Node):
    """DROP TABLE: the records, the indexes and the declaration."""

    tables: tuple[TableName, ...]
    if_exists: bool = False
    span: Span | None = SPAN


@frozen
class CreateView(Node):
    """CREATE [OR REPLACE] VIEW."""

    view: TableName
    query: Query
    columns: tuple[str, ...] = ()
    replace: bool = False
    if_not_exists: bool = False
    span: Span | None = SPAN


@frozen
class DropView(Node):
    """DROP VIEW."""

    views: tuple[TableName, ...]
    if_exists: bool = False
    span: Span | None = SPAN


@frozen
class Refresh(Node):
    """REFRESH TABLE: look at a set's columns anew."""

    table: TableName
    span: Span | None = SPAN


@frozen
class ShowCreate(Node):
    """SHOW CREATE TABLE | VIEW: the statement that would make it."""

    what: Choice["TABLE", "VIEW"]
    table: TableName
    span: Span | None = SPAN
