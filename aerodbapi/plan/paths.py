"""Paths into lists and maps: `a.b[0]` is `a['b'][0]` where `a` is a bin and no table."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, TypeVar

from aerodbapi.grammar.ast import Column, Literal, Subscript
from aerodbapi.grammar.walk import nodes, transform
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.operations import Target

__all__ = ["with_paths"]

_Node = TypeVar("_Node")


def with_paths(
    statement: _Node, allowed: Container[tuple[str, ...]], target: Target, planning: Planning
) -> _Node:
    """Return a statement of one table with its paths as subscripts.

    The catalog is asked only where a qualifier is no table's; a bin that is not known to hold
    lists or maps stays the unknown table that it looks like.
    """
    if all(column.table in allowed for column in _columns(statement)):
        return statement
    info = planning.catalog.get(target.namespace, target.set)

    def change(node: Any) -> Any:
        if not isinstance(node, Column) or node.table in allowed:
            return node
        return _path(node, allowed, info) or node

    return transform(statement, change)


def _columns(statement: Any) -> Iterator[Column]:
    return (node for node in nodes(statement) if isinstance(node, Column))


def _path(column: Column, allowed: Container[tuple[str, ...]], info: SetInfo | None) -> Any:
    """Take the longest qualifier that is a table's, then a bin, then keys."""
    parts = (*column.table, column.name)
    for length in range(len(parts) - 2, -1, -1):
        qualifier, name = parts[:length], parts[length]
        if qualifier in allowed and info is not None and _holds_more(name, info):
            found: Any = Column(name, qualifier, span=column.span)
            for key in parts[length + 1 :]:
                found = Subscript(found, Literal(key), column.span)
            return found
    return None


def _holds_more(name: str, info: SetInfo) -> bool:
    columns = (each for each in info.columns if name in (each.name, each.title))
    return any(each.code == "JSON" for each in columns)
