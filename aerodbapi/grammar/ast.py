"""What a statement is once parsed: frozen nodes, with their place in the text.

Literals carry the value itself; a lifted literal or a placeholder is a `Parameter` whose
`index` counts into the values that are bound beside the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal as Choice, Union

__all__ = [
    "Between",
    "Binary",
    "Call",
    "Cast",
    "Column",
    "CreateIndex",
    "Delete",
    "Describe",
    "DropIndex",
    "Explain",
    "Expr",
    "In",
    "Insert",
    "IsNull",
    "Like",
    "Literal",
    "Membership",
    "OrderItem",
    "Parameter",
    "Select",
    "SelectItem",
    "Show",
    "Span",
    "Star",
    "Statement",
    "TableName",
    "Truncate",
    "Unary",
    "Update",
]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stands: characters `start` to `end` of the text, `line` and `column` from 1."""

    start: int
    end: int
    line: int
    column: int


_SPAN: Any = field(default=None, compare=False, repr=False)


# ---- expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: None, bool, int, float, str, bytes, list, dict, GeoJSON."""

    value: Any
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Parameter:
    """Value number `index` (from 0) of the values bound beside the plan."""

    index: int
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Column:
    """A bin, `PK`, or a metadata column; `table` is its qualifier, outermost name first."""

    name: str
    table: tuple[str, ...] = ()
    quoted: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Star:
    """`*` or `t.*` in a select list; `count(*)`'s argument."""

    table: tuple[str, ...] = ()
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Unary:
    """`op` is `-`, `+` or `NOT`."""

    op: str
    operand: Expr
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Binary:
    """`op` is `AND OR = <> < <= > >= + - * / % ||`."""

    op: str
    left: Expr
    right: Expr
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Between:
    """`operand BETWEEN low AND high`, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class In:
    """`operand IN (a, b, …)`; one Parameter bound to a list counts as its elements."""

    operand: Expr
    options: tuple[Expr, ...]
    negated: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Like:
    """`operand LIKE pattern [ESCAPE escape]`; `ILIKE` ignores case."""

    operand: Expr
    pattern: Expr
    escape: Expr | None = None
    ignore_case: bool = False
    negated: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class IsNull:
    """`operand IS [NOT] NULL`."""

    operand: Expr
    negated: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; `name` is upper case, dots kept."""

    name: str
    arguments: tuple[Expr, ...]
    distinct: bool = False
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class Cast:
    """`CAST(operand AS type)`; `type` is the upper-case SQL name."""

    operand: Expr
    type: str
    span: Span | None = _SPAN


Expr = Union[
    Literal, Parameter, Column, Star, Unary, Binary, Between, In, Like, IsNull, Call, Cast
]


# ---- statements --------------------------------------------------------------------------------

Membership = Choice["LIST", "MAPKEYS", "MAPVALUES"]


@dataclass(frozen=True, slots=True)
class TableName:
    """One to two names as written: (set,), (namespace,) or (namespace, set).

    What a single name means depends on the profile and the default namespace; binding decides.
    """

    parts: tuple[str, ...]
    alias: str | None = None
    span: Span | None = _SPAN


@dataclass(frozen=True, slots=True)
class SelectItem:
    """One entry of a select list; `name` is the column's name in the result."""

    expression: Expr
    name: str
    aliased: bool = False


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One ORDER BY key."""

    expression: Expr
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT. `relational` names the clauses (GROUP BY, JOIN, …) that need the engine."""

    items: tuple[SelectItem, ...]
    table: TableName | None = None
    where: Expr | None = None
    limit: Expr | None = None
    offset: Expr | None = None
    order: tuple[OrderItem, ...] = ()
    membership: Membership | None = None
    relational: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT, UPSERT or REPLACE: `verb` says which. `rows` are as long as `columns`.

    `options`: the WITH (name = value, …) pairs, names lower case.
    """

    verb: Choice["INSERT", "UPSERT", "REPLACE"]
    table: TableName
    columns: tuple[Column, ...]
    rows: tuple[tuple[Expr, ...], ...]
    options: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    table: TableName
    assignments: tuple[tuple[Column, Expr], ...]
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    table: TableName
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """`up_to`: only records last written before it (ns since the epoch, or a date text)."""

    table: TableName
    up_to: Expr | None = None


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """`type`: NUMERIC STRING BLOB GEO2DSPHERE, or None to infer it from the data."""

    name: str
    table: TableName
    bin: str
    type: str | None = None
    collection: Membership | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """`table` may be None in the SQL spelling `DROP INDEX i`: the default namespace's."""

    name: str
    table: TableName | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """`what`: NAMESPACES SETS BINS INDEXES MODULES NODES …; `argument` as written."""

    what: str
    argument: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Describe:
    table: TableName


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [ANALYZE] of a statement."""

    statement: Statement
    analyze: bool = False


Statement = Union[
    Select, Insert, Update, Delete, Truncate, CreateIndex, DropIndex, Show, Describe, Explain
]
