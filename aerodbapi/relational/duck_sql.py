"""Bound queries → DuckDB SQL: generated from the tree, with every name quoted.

What DuckDB reads as base tables are the plan's inputs; those with columns of several kinds are
seen through a view that calls their text JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan.operations import Input
from aerodbapi.relational import documents
from aerodbapi.relational.expressions import Expressions
from aerodbapi.relational.names import Names

__all__ = ["Queries", "raw"]

#: Columns of these types are read under another type and cast.
CAST: Final = {"JSON": "JSON", "UUID": "UUID"}


def raw(name: str) -> str:
    """The name under which an input's stream is registered."""
    return f"{name}\u2063raw"


class Queries(Expressions):
    """Writes one statement's query over `inputs`."""

    def __init__(self, query: Any, inputs: Iterable[Input], values: Sequence[Any]) -> None:
        self.inputs = {each.name: each for each in inputs}
        columns = [column.name for each in self.inputs.values() for column in each.columns]
        types = {
            each.name: {column.name: column.type for column in each.columns}
            for each in self.inputs.values()
        }
        super().__init__(values, Names(query, columns), types)
        self._references = _references(query)
        self.types = {**types, **documents.inner_types(query, self)}
        self.text = self.query(query)

    def query(self, node: Any) -> str:
        text: str = _QUERIES[type(node)](self, node)
        return text

    # ---- pieces of every query -----------------------------------------------------------------

    def head(self, node: Any) -> str:
        if not node.ctes:
            return ""
        recursive = "RECURSIVE " if any(cte.recursive for cte in node.ctes) else ""
        return f"WITH {recursive}{', '.join(map(self._cte, node.ctes))} "

    def _cte(self, cte: ast.CTE) -> str:
        columns = f" ({', '.join(map(self.names.written, cte.columns))})" if cte.columns else ""
        # Read once however often it is named: its inputs are streams.
        kept = not cte.recursive and self._references.get(cte.name, 0) > 1
        how = "AS MATERIALIZED" if kept else "AS"
        return f"{self.names.written(cte.name)}{columns} {how} ({self.query(cte.query)})"

    def tail(self, node: Any) -> str:
        text = f" ORDER BY {self.order(node.order)}" if node.order else ""
        for word, count in (("LIMIT", node.limit), ("OFFSET", node.offset)):
            if count is not None:
                text += f" {word} {self.write(count)}"
        return text

    def source(self, node: Any) -> str:
        """What stands after FROM."""
        if isinstance(node, ast.Join):
            return self._join(node)
        if isinstance(node, ast.Derived):
            text = f"({self.query(node.query)})"
            if node.alias is None:
                return text
            names = f" ({', '.join(map(self.names.written, node.columns))})" if node.columns else ""
            lateral = "LATERAL " if node.lateral else ""
            return f"{lateral}{text} AS {self.names.written(node.alias)}{names}"
        if isinstance(node, ast.TableFunction):
            return documents.table_function(self, node)
        name = node.parts[-1]
        alias = self.names.written(node.alias or name)
        found = self.inputs.get(name)
        if found is None:
            return f"{self.names.written(name)} AS {alias}"
        return f"{self._input(found)} AS {alias}"

    def _input(self, found: Input) -> str:
        stored = self.names.written(raw(found.name))
        if not any(column.type in CAST for column in found.columns):
            return stored
        cells = []
        for column in found.columns:
            name, type = self.names.written(column.name), CAST.get(column.type)
            cells.append(name if type is None else f"CAST({name} AS {type}) AS {name}")
        return f"(SELECT {', '.join(cells)} FROM {stored})"

    def _join(self, node: ast.Join) -> str:
        right = self.source(node.right)
        if isinstance(node.right, ast.Join):
            right = f"({right})"
        natural = "NATURAL " if node.natural else ""
        text = f"{self.source(node.left)} {natural}{node.kind} JOIN {right}"
        if node.using:
            return f"{text} USING ({', '.join(map(self.names.written, node.using))})"
        return text if node.condition is None else f"{text} ON {self.write(node.condition)}"


def _references(query: Any) -> dict[str, int]:
    """How often each single name stands after FROM."""
    found: dict[str, int] = {}
    for node in nodes(query):
        if isinstance(node, ast.TableName):
            found[node.parts[-1]] = found.get(node.parts[-1], 0) + 1
    return found


# ---- queries -----------------------------------------------------------------------------------


def _select(w: Queries, node: ast.Select) -> str:
    items = ", ".join(f"{w.result(i.expression)} AS {w.names.written(i.name)}" for i in node.items)
    text = f"{w.head(node)}SELECT {'DISTINCT ' if node.distinct else ''}{items}"
    source = node.table if node.source is None else node.source
    if source is not None:
        text += f" FROM {w.source(source)}"
    if node.where is not None:
        text += f" WHERE {w.write(node.where)}"
    if node.group:
        text += f" GROUP BY {', '.join(_key(w, key) for key in node.group)}"
    if node.having is not None:
        text += f" HAVING {w.write(node.having)}"
    if node.windows:
        shown = [f"{w.names.written(name)} AS ({w.write(each)})" for name, each in node.windows]
        text += f" WINDOW {', '.join(shown)}"
    return text + w.tail(node)


def _key(w: Queries, key: Any) -> str:
    """A key of GROUP BY; only a Literal can be a position."""
    return w.result(key) if isinstance(key, ast.Parameter) else w.write(key)


def _set_operation(w: Queries, node: ast.SetOperation) -> str:
    word = f"{node.operator} ALL" if node.all else node.operator
    sides = f"({w.query(node.left)}) {word} ({w.query(node.right)})"
    return f"{w.head(node)}{sides}{w.tail(node)}"


def _value_rows(w: Queries, node: ast.ValueRows) -> str:
    rows = ", ".join(f"({', '.join(map(w.result, row))})" for row in node.rows)
    tail = w.tail(node)
    text = f"SELECT * FROM (VALUES {rows}){tail}" if tail else f"VALUES {rows}"
    return f"{w.head(node)}{text}"


_QUERIES: Final[dict[type, Any]] = {
    ast.Select: _select,
    ast.SetOperation: _set_operation,
    ast.ValueRows: _value_rows,
}
