"""Queries: SELECT, set operations, VALUES, and what stands after FROM."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Union
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Expr, Window

__all__ = [
    "CTE",
    "Derived",
    "Join",
    "Membership",
    "OrderItem",
    "Query",
    "Select",
    "SelectItem",
    "SetOperation",
    "Source",
    "TableFunction",
    "TableName",
    "ValueRows",
]

Membership = Choice["LIST", "MAPKEYS", "MAPVALUES"]


@frozen
class TableName(Node):
    """One to two names as written: (set,), (namespace,) or (namespace, set).

    `ns.*`, a whole namespace whatever the profile, is (namespace, "*").
    What a single name means depends on the profile and the default namespace; binding decides.
    """

    parts: tuple[str, ...]
    alias: str | None = None
    span: Span | None = SPAN


@frozen
class SelectItem(Node):
    """One entry of a select list; `name` is the column's name in the result.

    Without an alias: a column's own name, else the expression as `to_sql` writes it.
    """

    expression: Expr
    name: str
    aliased: bool = False
    span: Span | None = SPAN


@frozen
class OrderItem(Node):
    """One ORDER BY key. NULLs come last, also when it descends, unless they are to come first."""

    expression: Expr
    descending: bool = False
    nulls_first: bool = False
    span: Span | None = SPAN


@frozen
class Derived(Node):
    """A query after FROM: `[LATERAL] (query) [AS] alias [(columns)]`."""

    query: Query
    alias: str | None = None
    columns: tuple[str, ...] = ()
    lateral: bool = False
    span: Span | None = SPAN


@frozen
class TableFunction(Node):
    """A function after FROM: `UNNEST(list) [WITH ORDINALITY] [AS] alias [(columns)]`.

    Its arguments may read what stands before it in FROM. `name` is upper case.
    """

    name: str
    arguments: tuple[Expr, ...]
    alias: str | None = None
    columns: tuple[str, ...] = ()
    ordinality: bool = False
    span: Span | None = SPAN


@frozen
class Join(Node):
    """`left kind JOIN right`, on a condition or on the columns of USING.

    `kind`: INNER LEFT RIGHT FULL CROSS (a comma between tables is CROSS).
    """

    kind: Choice["INNER", "LEFT", "RIGHT", "FULL", "CROSS"]
    left: Source
    right: Source
    condition: Expr | None = None
    using: tuple[str, ...] = ()
    natural: bool = False
    span: Span | None = SPAN


Source = Union[TableName, Derived, TableFunction, Join]


@frozen
class CTE(Node):
    """One entry of WITH: `name [(columns)] AS (query)`."""

    name: str
    query: Query
    columns: tuple[str, ...] = ()
    recursive: bool = False
    span: Span | None = SPAN


@frozen
class Select(Node):
    """A SELECT. `relational` names the clauses (GROUP BY, JOIN, …) that need the engine.

    Its names are those of `relational.CLAUSES`, each with its place, in the text's order, once
    a clause. `table` is set when FROM names one table only; else `source` holds what FROM says.
    """

    items: tuple[SelectItem, ...]
    table: TableName | None = None
    where: Expr | None = None
    limit: Expr | None = None
    offset: Expr | None = None
    order: tuple[OrderItem, ...] = ()
    membership: Membership | None = None
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    distinct: bool = False
    source: Source | None = None
    group: tuple[Expr, ...] = ()
    having: Expr | None = None
    windows: tuple[tuple[str, Window], ...] = ()
    ctes: tuple[CTE, ...] = ()
    span: Span | None = SPAN


@frozen
class SetOperation(Node):
    """UNION, INTERSECT or EXCEPT of two queries; the clauses after them hold for the whole."""

    operator: Choice["UNION", "INTERSECT", "EXCEPT"]
    left: Query
    right: Query
    all: bool = False
    order: tuple[OrderItem, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    ctes: tuple[CTE, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


@frozen
class ValueRows(Node):
    """`VALUES (…), (…)` as a query."""

    rows: tuple[tuple[Expr, ...], ...]
    order: tuple[OrderItem, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    ctes: tuple[CTE, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = SPAN


Query = Union[Select, SetOperation, ValueRows]
