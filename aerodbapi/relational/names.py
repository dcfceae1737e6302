"""Names for DuckDB, which takes "a" and "A" for one: spellings that clash get a mark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.relational.literals import quoted

__all__ = ["Names"]


class Names:
    """One statement's names: `written(name)` is the quoted identifier that stands for it."""

    __slots__ = ("_marked",)

    def __init__(self, query: Any, others: Iterable[str] = ()) -> None:
        spellings: dict[str, dict[str, None]] = {}
        for name in (*others, *_names(query)):
            spellings.setdefault(name.lower(), {})[name] = None
        self._marked: dict[str, str] = {}
        for names in spellings.values():
            for index, name in enumerate(names):
                if index:
                    self._marked[name] = f"{name}\u2063{index}"

    def plain(self, name: str) -> str:
        """The name that DuckDB knows it by."""
        return self._marked.get(name, name) if self._marked else name

    def written(self, name: str) -> str:
        """The same, quoted."""
        return quoted(self.plain(name))


def _names(query: Any) -> Iterable[str]:
    for node in nodes(query):
        if isinstance(node, (ast.Column, ast.SelectItem)):
            yield node.name
        elif isinstance(node, ast.CTE):
            yield node.name
            yield from node.columns
        elif isinstance(node, (ast.Derived, ast.TableFunction)):
            yield from filter(None, (node.alias, *node.columns))
        elif isinstance(node, ast.TableName):
            yield from filter(None, (*node.parts, node.alias))
        elif isinstance(node, ast.Select):
            yield from (name for name, _ in node.windows)
