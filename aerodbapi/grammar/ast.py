"""What a statement is once parsed: frozen nodes, with their place in the text.

Literals carry the value itself; a lifted literal or a placeholder is a `Parameter` whose
`index` counts into the values that are bound beside the plan.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, Union
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import Node, Span

__all__ = [
    "CTE",
    "Between",
    "Binary",
    "Call",
    "Case",
    "Cast",
    "Column",
    "CreateIndex",
    "Delete",
    "Derived",
    "Describe",
    "Distinct",
    "DropIndex",
    "Exists",
    "Explain",
    "Expr",
    "Frame",
    "In",
    "InQuery",
    "Insert",
    "Interval",
    "IsNull",
    "IsTruth",
    "Join",
    "Like",
    "Literal",
    "Membership",
    "OrderItem",
    "Over",
    "Parameter",
    "Query",
    "Select",
    "SelectItem",
    "SetOperation",
    "Show",
    "Source",
    "Span",
    "Star",
    "Statement",
    "Subquery",
    "Subscript",
    "TableName",
    "Truncate",
    "Unary",
    "Update",
    "ValueRows",
    "Window",
]


_SPAN: Any = field(default=None, compare=False, repr=False)


# ---- expressions -------------------------------------------------------------------------------


@frozen
class Literal(Node):
    """A constant: None, bool, int, float, str, bytes, list, dict, GeoJSON.

    Equal only to one of the same type: 1, 1.0 and TRUE differ.
    """

    value: Any
    span: Span | None = _SPAN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Literal):
            return NotImplemented
        return type(self.value) is type(other.value) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash((Literal, type(self.value), self.value))


@frozen
class Parameter(Node):
    """Value number `index` (from 0) of the values bound beside the plan.

    `name`: as written after the colon; each occurrence of a name is a value of its own.
    """

    index: int
    name: str | None = field(default=None, compare=False)
    span: Span | None = _SPAN


@frozen
class Column(Node):
    """A bin, `PK`, or a metadata column; `table` is its qualifier, outermost name first."""

    name: str
    table: tuple[str, ...] = ()
    quoted: bool = False
    span: Span | None = _SPAN


@frozen
class Star(Node):
    """`*` or `t.*` in a select list; `count(*)`'s argument."""

    table: tuple[str, ...] = ()
    span: Span | None = _SPAN


@frozen
class Unary(Node):
    """`op` is `-`, `+` or `NOT`."""

    op: str
    operand: Expr
    span: Span | None = _SPAN


@frozen
class Binary(Node):
    """`op` is `AND OR = <> < <= > >= + - * / % ||`."""

    op: str
    left: Expr
    right: Expr
    span: Span | None = _SPAN


@frozen
class Between(Node):
    """`operand BETWEEN low AND high`, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class In(Node):
    """`operand IN (a, b, …)`; one Parameter bound to a list counts as its elements."""

    operand: Expr
    options: tuple[Expr, ...]
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class Like(Node):
    """`operand LIKE pattern [ESCAPE escape]`; `ILIKE` ignores case."""

    operand: Expr
    pattern: Expr
    escape: Expr | None = None
    ignore_case: bool = False
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class IsNull(Node):
    """`operand IS [NOT] NULL`."""

    operand: Expr
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class Call(Node):
    """`name(arguments)`; `name` is upper case, dots kept.

    Other spellings come to calls too: `loc WITHIN g` and `area CONTAINS g` to GEO_WITHIN and
    GEO_CONTAINS, `a REGEXP p` to REGEXP_LIKE, `ARRAY[…]` to ARRAY, `f(a FROM b FOR c)` to
    `f(a, b, c)`, a bare CURRENT_TIMESTAMP to a call without arguments.
    `order`, `filter`: what stands inside an aggregate's parentheses, and FILTER (WHERE …).
    """

    name: str
    arguments: tuple[Expr, ...]
    distinct: bool = False
    order: tuple[OrderItem, ...] = ()
    filter: Expr | None = None
    span: Span | None = _SPAN


@frozen
class Cast(Node):
    """`CAST(operand AS type)`, `operand::type`, `TYPE(operand)`, `DATE '…'`.

    `type` is an upper-case SQL name of `values.TYPE_NAMES`, such as BIGINT for INT; sizes are
    kept: `DECIMAL(10, 2)`. A constant cast to one of AQL's types is a Literal instead.
    `lenient`: TRY_CAST, NULL where the value does not fit.
    """

    operand: Expr
    type: str
    lenient: bool = False
    span: Span | None = _SPAN


@frozen
class Subscript(Node):
    """`operand[index]`, a path into a list or map; `.name` after a subscript is one too."""

    operand: Expr
    index: Expr
    span: Span | None = _SPAN


@frozen
class Case(Node):
    """`CASE [operand] WHEN … THEN … ELSE default END`; `branches` are (condition, result)."""

    operand: Expr | None
    branches: tuple[tuple[Expr, Expr], ...]
    default: Expr | None = None
    span: Span | None = _SPAN


@frozen
class IsTruth(Node):
    """`operand IS [NOT] TRUE | FALSE | UNKNOWN`; `value` None is UNKNOWN."""

    operand: Expr
    value: bool | None
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class Distinct(Node):
    """`left IS DISTINCT FROM right`: a comparison in which NULL equals NULL."""

    left: Expr
    right: Expr
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class Interval(Node):
    """`INTERVAL '1' DAY`; `unit` upper case, None when the text holds it (`'1 day'`)."""

    amount: Expr
    unit: str | None = None
    span: Span | None = _SPAN


@frozen
class Subquery(Node):
    """A query in parentheses, used as a value."""

    query: Query
    span: Span | None = _SPAN


@frozen
class Exists(Node):
    """`EXISTS (query)`."""

    query: Query
    span: Span | None = _SPAN


@frozen
class InQuery(Node):
    """`operand [NOT] IN (query)`."""

    operand: Expr
    query: Query
    negated: bool = False
    span: Span | None = _SPAN


@frozen
class Frame(Node):
    """ROWS, RANGE or GROUPS; a bound is (PRECEDING | FOLLOWING | CURRENT ROW, distance).

    No distance: UNBOUNDED. `end` None: the current row.
    """

    unit: Choice["ROWS", "RANGE", "GROUPS"]
    start: tuple[str, Expr | None]
    end: tuple[str, Expr | None] | None = None


@frozen
class Window(Node):
    """What stands in OVER (…) or after WINDOW name AS."""

    partition: tuple[Expr, ...] = ()
    order: tuple[OrderItem, ...] = ()
    frame: Frame | None = None


@frozen
class Over(Node):
    """A window function: `call OVER window`; a window may be a name of the WINDOW clause."""

    call: Call
    window: Window | str
    span: Span | None = _SPAN


Expr = Union[
    Literal,
    Parameter,
    Column,
    Star,
    Unary,
    Binary,
    Between,
    In,
    Like,
    IsNull,
    Call,
    Cast,
    Subscript,
    Case,
    IsTruth,
    Distinct,
    Interval,
    Subquery,
    Exists,
    InQuery,
    Over,
]


# ---- statements --------------------------------------------------------------------------------

Membership = Choice["LIST", "MAPKEYS", "MAPVALUES"]


@frozen
class TableName(Node):
    """One to two names as written: (set,), (namespace,) or (namespace, set).

    `ns.*`, a whole namespace whatever the profile, is (namespace, "*").
    What a single name means depends on the profile and the default namespace; binding decides.
    """

    parts: tuple[str, ...]
    alias: str | None = None
    span: Span | None = _SPAN


@frozen
class SelectItem(Node):
    """One entry of a select list; `name` is the column's name in the result.

    Without an alias: a column's own name, else the expression as `to_sql` writes it.
    """

    expression: Expr
    name: str
    aliased: bool = False
    span: Span | None = _SPAN


@frozen
class OrderItem(Node):
    """One ORDER BY key."""

    expression: Expr
    descending: bool = False
    nulls_first: bool | None = None
    span: Span | None = _SPAN


@frozen
class Derived(Node):
    """A query after FROM: `(query) [AS] alias [(columns)]`."""

    query: Query
    alias: str | None = None
    columns: tuple[str, ...] = ()
    span: Span | None = _SPAN


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
    span: Span | None = _SPAN


Source = Union[TableName, Derived, Join]


@frozen
class CTE(Node):
    """One entry of WITH: `name [(columns)] AS (query)`."""

    name: str
    query: Query
    columns: tuple[str, ...] = ()
    recursive: bool = False
    span: Span | None = _SPAN


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
    span: Span | None = _SPAN


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
    span: Span | None = _SPAN


@frozen
class ValueRows(Node):
    """`VALUES (…), (…)` as a query."""

    rows: tuple[tuple[Expr, ...], ...]
    order: tuple[OrderItem, ...] = ()
    limit: Expr | None = None
    offset: Expr | None = None
    ctes: tuple[CTE, ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = _SPAN


Query = Union[Select, SetOperation, ValueRows]


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
    span: Span | None = _SPAN


@frozen
class Update(Node):
    """`relational`: subqueries and the like, with their places."""

    table: TableName
    assignments: tuple[tuple[Column, Expr], ...]
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = _SPAN


@frozen
class Delete(Node):
    """`relational`: subqueries and the like, with their places."""

    table: TableName
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    relational: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span | None = _SPAN


@frozen
class Truncate(Node):
    """`up_to`: only records last written before it (ns since the epoch, or a date text)."""

    table: TableName
    up_to: Expr | None = None
    span: Span | None = _SPAN


@frozen
class CreateIndex(Node):
    """`type`: NUMERIC STRING BLOB GEO2DSPHERE, or None to infer it from the data."""

    name: str
    table: TableName
    bin: str
    type: str | None = None
    collection: Membership | None = None
    if_not_exists: bool = False
    span: Span | None = _SPAN


@frozen
class DropIndex(Node):
    """`table` may be None in the SQL spelling `DROP INDEX i`: the default namespace's."""

    name: str
    table: TableName | None = None
    if_exists: bool = False
    span: Span | None = _SPAN


@frozen
class Show(Node):
    """`what`: NAMESPACES SETS BINS INDEXES MODULES NODES …; `argument` as written.

    Synonyms come to one word: PACKAGES to MODULES, TABLES to SETS, SCHEMAS and DATABASES to
    NAMESPACES, COLUMNS to BINS, INDEX to INDEXES.
    """

    what: str
    argument: tuple[str, ...] = ()
    span: Span | None = _SPAN


@frozen
class Describe(Node):
    """DESCRIBE: the columns of a set."""

    table: TableName
    span: Span | None = _SPAN


@frozen
class Explain(Node):
    """EXPLAIN [ANALYZE] of a statement."""

    statement: Statement
    analyze: bool = False
    span: Span | None = _SPAN


Statement = Union[
    Select,
    SetOperation,
    ValueRows,
    Insert,
    Update,
    Delete,
    Truncate,
    CreateIndex,
    DropIndex,
    Show,
    Describe,
    Explain,
]
