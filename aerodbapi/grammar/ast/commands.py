"""AQL's own statements: functions, operations, modules, settings, information."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Expr
    from aerodbapi.grammar.ast.queries import Membership, TableName

__all__ = [
    "Aggregate",
    "BinOperation",
    "Execute",
    "Info",
    "Kill",
    "Module",
    "Operate",
    "Run",
    "Setting",
    "Statistics",
    "Use",
]


@frozen
class Execute(Node):
    """EXECUTE (or CALL) module.function(arguments) ON table: a record UDF.

    `rows`: SELECT UDF(…): a row for each record, whatever the condition. `name`: the result's
    column; None: the function's name.
    """

    module: str
    function: str
    arguments: tuple[Expr, ...]
    table: TableName
    where: Expr | None = None
    membership: Membership | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    rows: bool = False
    name: str | None = None
    span: Span | None = SPAN


@frozen
class Aggregate(Node):
    """AGGREGATE module.function(arguments) ON table: a stream UDF.

    `name`: the result's column; None: the function's name.
    """

    module: str
    function: str
    arguments: tuple[Expr, ...]
    table: TableName
    where: Expr | None = None
    membership: Membership | None = None
    name: str | None = None
    span: Span | None = SPAN


@frozen
class BinOperation(Node):
    """One operation of OPERATE: `name(arguments) WITH_POLICY (policy)`, names upper case."""

    name: str
    arguments: tuple[Expr, ...]
    policy: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class Operate(Node):
    """OPERATE: several operations on a record, at once."""

    operations: tuple[BinOperation, ...]
    table: TableName
    where: Expr | None = None
    options: tuple[tuple[str, Expr], ...] = ()
    span: Span | None = SPAN


@frozen
class Module(Node):
    """REGISTER, REMOVE or DESC MODULE. `source`: the text to register, None: that of a file."""

    verb: Choice["REGISTER", "REMOVE", "DESC"]
    name: Expr
    source: Expr | None = None
    span: Span | None = SPAN


@frozen
class Statistics(Node):
    """STAT SYSTEM, STAT NAMESPACE ns, STAT INDEX ns name."""

    kind: Choice["SYSTEM", "NAMESPACE", "INDEX"]
    names: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class Info(Node):
    """ASINFO: an info command as it is, asked of every node."""

    command: Expr
    span: Span | None = SPAN


@frozen
class Kill(Node):
    """KILL QUERY id, KILL SCAN id; `job` is an integer or its text."""

    kind: Choice["QUERY", "SCAN"]
    job: Expr
    span: Span | None = SPAN


@frozen
class Setting(Node):
    """SET name = value, GET name, RESET name; `name` upper case, ALL for all of them."""

    verb: Choice["SET", "GET", "RESET"]
    name: str
    value: Expr | None = None
    span: Span | None = SPAN


@frozen
class Use(Node):
    """USE namespace: the connection's default from now on."""

    namespace: str
    span: Span | None = SPAN


@frozen
class Run(Node):
    """RUN 'file': for the command line only."""

    file: str
    span: Span | None = SPAN
