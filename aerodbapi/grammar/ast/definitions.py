"""Statements that change sets and indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast.expressions import Expr
    from aerodbapi.grammar.ast.queries import Membership, TableName

__all__ = [
    "CreateIndex",
    "DropIndex",
    "Truncate",
]


@frozen
class Truncate(Node):
    """`up_to`: only records last written before it (ns since the epoch, or a date text)."""

    table: TableName
    up_to: Expr | None = None
    span: Span | None = SPAN


@frozen
class CreateIndex(Node):
    """`type`: NUMERIC STRING BLOB GEO2DSPHERE, or None to infer it from the data.

    `source`: what is indexed instead of `bin` ("" then): a path (`a.b[0]`) or an expression.
    """

    name: str
    table: TableName
    bin: str
    type: str | None = None
    collection: Membership | None = None
    if_not_exists: bool = False
    source: Expr | None = None
    span: Span | None = SPAN


@frozen
class DropIndex(Node):
    """`table` may be None in the SQL spelling `DROP INDEX i`: the default namespace's."""

    name: str
    table: TableName | None = None
    if_exists: bool = False
    span: Span | None = SPAN
