"""Which clauses of a statement need the relational engine, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from aerodbapi.grammar import ast
from aerodbapi.grammar.ast import Span
from aerodbapi.grammar.walk import nodes

__all__ = ["CLAUSES", "inside", "ordered"]

#: Every name that a `relational` field can hold.
CLAUSES: Final = (
    "WITH",
    "DISTINCT",
    "JOIN",
    "table function",
    "subquery",
    "GROUP BY",
    "HAVING",
    "WINDOW",
    "OVER",
    "FILTER",
    "ORDER BY",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "VALUES",
)

_NODES: Final = {
    ast.Subquery: "subquery",
    ast.Exists: "subquery",
    ast.InQuery: "subquery",
    ast.Derived: "subquery",
    ast.Join: "JOIN",
    ast.TableFunction: "table function",
    ast.Over: "OVER",
}


def inside(*parts: Any) -> Iterator[tuple[str, Span]]:
    """Yield what the expressions and sources `parts` hold of it."""
    for node in nodes(parts):
        name = _NODES.get(type(node))
        if name is None and isinstance(node, ast.Call) and node.filter is not None:
            name = "FILTER"
        if name is not None:
            yield name, node.span or Span(0, 0, 1, 1)


def ordered(found: Iterator[tuple[str, Span]] | list[tuple[str, Span]]) -> Any:
    """Return `found` as a `relational` field: in the text's order, the first of each name."""
    first: dict[str, Span] = {}
    for name, span in found:
        if name not in first or span.start < first[name].start:
            first[name] = span
    return tuple(sorted(first.items(), key=lambda entry: entry[1].start))
