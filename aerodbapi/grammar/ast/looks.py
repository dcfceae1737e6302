"""Statements that look at the catalog or at a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.frozen import frozen
from aerodbapi.grammar.node import SPAN, Node, Span

if TYPE_CHECKING:
    from aerodbapi.grammar.ast import Statement
    from aerodbapi.grammar.ast.queries import TableName

__all__ = [
    "Describe",
    "Explain",
    "Show",
]


@frozen
class Show(Node):
    """`what`: NAMESPACES SETS BINS INDEXES MODULES NODES …; `argument` as written.

    Synonyms come to one word: PACKAGES to MODULES, TABLES to SETS, SCHEMAS and DATABASES to
    NAMESPACES, COLUMNS to BINS, INDEX to INDEXES.
    """

    what: str
    argument: tuple[str, ...] = ()
    span: Span | None = SPAN


@frozen
class Describe(Node):
    """DESCRIBE: the columns of a set."""

    table: TableName
    span: Span | None = SPAN


@frozen
class Explain(Node):
    """EXPLAIN [ANALYZE] [FORMAT = TREE] of a statement: as rows, or as lines of a tree."""

    statement: Statement
    analyze: bool = False
    tree: bool = False
    span: Span | None = SPAN
