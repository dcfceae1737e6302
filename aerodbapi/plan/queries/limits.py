"""How many rows are enough: a LIMIT goes down to the sets where nothing between needs more."""

from __future__ import annotations

from typing import Any

from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan.queries.scope import Base
from aerodbapi.plan.queries.walking import aggregates, contains, windows_in

__all__ = ["cap"]

_BODIES = (ast.Select, ast.SetOperation, ast.ValueRows)


def cap(query: Any, bases: dict[str, Base]) -> None:
    """Tell the base tables of a query how many rows are enough."""
    for node in nodes(query):
        if isinstance(node, _BODIES) and node.limit is not None:
            _query(node, None, bases)


def _query(node: Any, enough: ast.Expr | None, bases: dict[str, Base]) -> None:
    if node.limit is not None:
        enough = node.limit
    if enough is not None and node.offset is not None:
        enough = _sum(enough, node.offset)
    if enough is None or node.order:
        return
    if isinstance(node, ast.SetOperation):
        if node.operator == "UNION" and node.all:
            _query(node.left, enough, bases)
            _query(node.right, enough, bases)
    elif isinstance(node, ast.Select) and _row_by_row(node):
        _source(node.source, enough, bases)


def _source(source: Any, enough: ast.Expr, bases: dict[str, Base]) -> None:
    while isinstance(source, ast.Join):
        if source.kind not in ("LEFT", "RIGHT"):
            return  # every row of the kept side gives one row at least
        source = source.left if source.kind == "LEFT" else source.right
    if isinstance(source, ast.Derived):
        _query(source.query, enough, bases)
    elif isinstance(source, ast.TableName) and source.alias in bases:
        base = bases[source.alias]
        if base.limit is None and not base.again:
            base.limit = enough


def _row_by_row(node: ast.Select) -> bool:
    """Tell whether each row of the source gives a row."""
    plain = node.where is None and not node.group and node.having is None and not node.distinct
    if not plain or any(aggregates(node.items)) or any(windows_in(node.items)):
        return False
    return not contains(node.items, _unnests)


def _unnests(node: Any) -> bool:
    return isinstance(node, ast.Call) and node.name == "UNNEST"


def _sum(limit: ast.Expr, offset: ast.Expr) -> ast.Expr:
    if isinstance(limit, ast.Literal) and isinstance(offset, ast.Literal):
        return ast.Literal(limit.value + offset.value)
    return ast.Binary("+", limit, offset)
