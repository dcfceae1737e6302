"""Expressions: what stands in a select list, a condition, or on the right of SET."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Union
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.queries import OrderItem, Query

__all__ = [
    "Between",
    "Binary",
    "Call",
    "Case",
    "Cast",
    "Column",
    "Distinct",
    "Exists",
    "Expr",
    "Frame",
    "In",
    "InQuery",
    "Interval",
    "IsNull",
    "IsTruth",
    "Like",
    "Literal",
    "Over",
    "Parameter",
    "Star",
    "Subquery",
    "Subscript",
    "Unary",
    "Window",
]


@frozen
class Literal(Node):
    """A constant: None, bool, int, float, str, bytes, list, dict, GeoJSON.

    Equal only to one of the same type: 1, 1.0 and TRUE differ.
    """

    value: Any
    span: Span | None = SPAN

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
    span: Span | None = SPAN


@frozen
class Column(Node):
    """A bin, `PK`, or a metadata column; `table` is its qualifier, outermost name first."""

    name: str
    table: tuple[str, ...] = ()
    quoted: bool = False
    span: Span | None = SPAN


@frozen
class Star(Node):
    """`*` or `t.*` in a select list; `count(*)`'s argument."""

    table: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class Unary(Node):
    """`op` is `-`, `+` or `NOT`."""

    op: str
    operand: Expr
    span: Span | None = SPAN


@frozen
class Binary(Node):
    """`op` is `AND OR = <> < <= > >= + - * / // % ||`."""

    op: str
    left: Expr
    right: Expr
    span: Span | None = SPAN


@frozen
class Between(Node):
    """`operand BETWEEN low AND high`, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False
    span: Span | None = SPAN


@frozen
class In(Node):
    """`operand IN (a, b, …)`; one Parameter bound to a list counts as its elements."""

    operand: Expr
    options: tuple[Expr, ...]
    negated: bool = False
    span: Span | None = SPAN


@frozen
class Like(Node):
    """`operand LIKE pattern [ESCAPE escape]`; `ILIKE` ignores case."""

    operand: Expr
    pattern: Expr
    escape: Expr | None = None
    ignore_case: bool = False
    negated: bool = False
    span: Span | None = SPAN


@frozen
class IsNull(Node):
    """`operand IS [NOT] NULL`."""

    operand: Expr
    negated: bool = False
    span: Span | None = SPAN


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
    span: Span | None = SPAN


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
    span: Span | None = SPAN


@frozen
class Subscript(Node):
    """`operand[index]`, a path into a list or map; `.name` after a subscript is one too."""

    operand: Expr
    index: Expr
    span: Span | None = SPAN


@frozen
class Case(Node):
    """`CASE [operand] WHEN … THEN … ELSE default END`; `branches` are (condition, result)."""

    operand: Expr | None
    branches: tuple[tuple[Expr, Expr], ...]
    default: Expr | None = None
    span: Span | None = SPAN


@frozen
class IsTruth(Node):
    """`operand IS [NOT] TRUE | FALSE | UNKNOWN`; `value` None is UNKNOWN."""

    operand: Expr
    value: bool | None
    negated: bool = False
    span: Span | None = SPAN


@frozen
class Distinct(Node):
    """`left IS DISTINCT FROM right`: a comparison in which NULL equals NULL."""

    left: Expr
    right: Expr
    negated: bool = False
    span: Span | None = SPAN


@frozen
class Interval(Node):
    """`INTERVAL '1' DAY`; `unit` upper case, None when the text holds it (`'1 day'`)."""

    amount: Expr
    unit: str | None = None
    span: Span | None = SPAN


@frozen
class Subquery(Node):
    """A query in parentheses, used as a value."""

    query: Query
    span: Span | None = SPAN


@frozen
class Exists(Node):
    """`EXISTS (query)`."""

    query: Query
    span: Span | None = SPAN


@frozen
class InQuery(Node):
    """`operand [NOT] IN (query)`."""

    operand: Expr
    query: Query
    negated: bool = False
    span: Span | None = SPAN


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
    span: Span | None = SPAN


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
