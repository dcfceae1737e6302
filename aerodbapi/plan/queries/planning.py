"""One query, from its tree to the plan that the relational engine runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes, transform
from aerodbapi.plan import operations as op
from aerodbapi.plan.bind import bind_table
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.queries.binding import Binder
from aerodbapi.plan.queries.limits import cap
from aerodbapi.plan.queries.pruning import prune
from aerodbapi.plan.queries.pushing import Pusher
from aerodbapi.plan.queries.reads import inputs

__all__ = ["plan_query", "targets"]


def plan_query(statement: ast.Query, planning: Planning) -> op.Plan:
    """Plan a query for the engine.

    Raises ProgrammingError for names that mean nothing or too much.
    """
    binder = Binder(planning)
    query, given = binder.query(statement)
    query = prune(Pusher(binder).query(_inlined(query, binder)))
    cap(query, binder.bases)
    query, reads, notes = inputs(query, binder.bases, planning)
    columns = tuple(op.OutputColumn(c.name, ast.Column(c.name), c.type) for c in given)
    return op.Plan(op.Relational(query, reads, columns), columns, notes)


def targets(statement: Any, planning: Planning) -> Iterator[op.Target]:
    """Yield the sets whose columns planning has to know: none where no column is named."""
    query = statement
    if not any(map(_names_columns, nodes(query))):
        return
    ctes = {node.name for node in nodes(query) if isinstance(node, ast.CTE)}
    for node in nodes(query):
        if isinstance(node, ast.TableName) and not (len(node.parts) == 1 and node.parts[0] in ctes):
            yield bind_table(node, planning.context)


def _names_columns(node: Any) -> bool:
    if isinstance(node, ast.SelectItem):
        return isinstance(node.expression, ast.Star)
    return isinstance(node, ast.Column) or (isinstance(node, ast.Join) and node.natural)


def _inlined(query: Any, binder: Binder) -> Any:
    """Put CTEs that are read once where they are read: predicates then go into them."""
    once = {cte.name for cte in binder.ctes.values() if cte.uses == 1} - binder.recursive
    stepped = {
        node.parts[0]
        for entry in nodes(query)
        if isinstance(entry, ast.CTE) and entry.recursive
        for node in nodes(entry.query)
        if isinstance(node, ast.TableName)
    }
    entries = {
        node.name: node
        for node in nodes(query)
        if isinstance(node, ast.CTE) and node.name in once - stepped
    }

    def change(node: Any) -> Any:
        if isinstance(node, ast.TableName) and node.parts[0] in entries:
            entry = entries[node.parts[0]]
            inner = transform(entry.query, change)
            return ast.Derived(inner, node.alias, entry.columns, span=node.span)
        ctes = getattr(node, "ctes", ())
        if any(entry.name in entries for entry in ctes):
            return replace(node, ctes=tuple(e for e in ctes if e.name not in entries))
        return node

    return transform(query, change) if entries else query
