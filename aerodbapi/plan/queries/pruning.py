"""Columns that nobody reads drop out of derived tables and CTEs, the outermost query first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan.queries.ordering import position
from aerodbapi.plan.queries.walking import aggregates, columns_in, mapped, sources_of

__all__ = ["prune"]

_BODIES = (ast.Select, ast.SetOperation, ast.ValueRows)


def prune(query: Any) -> Any:
    """Return a bound query with no more columns in its inner ones than are read."""
    return _Pruner().query(query, None)


class _Pruner:
    def __init__(self) -> None:
        #: CTE → its alias at each use.
        self.uses: dict[str, set[str]] = {}
        #: (table, column) of every column that is read, as far as it has been seen.
        self.read: set[tuple[str, str]] = set()

    def query(self, node: Any, wanted: frozenset[int] | None) -> Any:
        """Prune a query of which the columns at `wanted` are read (None: all)."""
        if isinstance(node, ast.Select):
            made: Any = self._select(node, wanted)
        elif isinstance(node, ast.SetOperation):
            each = wanted if node.operator == "UNION" and node.all else None
            each = None if each is None else each | _ordered(node)
            made = replace(
                node, left=self.query(node.left, each), right=self.query(node.right, each)
            )
            if each is not None:
                made = replace(made, order=_renumbered(node.order, sorted(each)))
        else:
            self.note(node)
            made = mapped(node, self.inside)
        return replace(made, ctes=self._ctes(node.ctes))

    def _select(self, node: ast.Select, wanted: frozenset[int] | None) -> ast.Select:
        if wanted is not None and not node.distinct:
            node = _narrowed(node, wanted)
        self.note((node.items, node.where, node.group, node.having, node.order, node.windows))
        for source in _joins(node.source):
            self.note(source.condition)
        for source in sources_of(node.source):
            if isinstance(source, ast.TableFunction):
                self.note(source.arguments)
            elif isinstance(source, ast.Derived) and source.lateral:
                self.note(source.query)
        parts = {
            name: self.inside(getattr(node, name))
            for name in ("items", "where", "group", "having", "order", "windows")
        }
        return replace(node, source=self._source(node.source), **parts)

    def note(self, part: Any) -> None:
        """Note the columns that an expression reads, those of queries inside too."""
        self.read |= {(column.table[0], column.name) for column in columns_in(part) if column.table}

    def inside(self, part: Any) -> Any:
        """Go on with the queries inside expressions, all of whose columns count."""
        if isinstance(part, ast.Exists):
            return replace(part, query=self.query(part.query, frozenset()))
        if isinstance(part, _BODIES):
            return self.query(part, None)
        if type(part) is tuple:
            return tuple(self.inside(each) for each in part)
        return mapped(part, self.inside) if isinstance(part, ast.Node) else part

    def _source(self, source: Any) -> Any:
        if isinstance(source, ast.Join):
            # What is joined later may read what stands before it.
            right = self._source(source.right)
            condition = self.inside(source.condition)
            return replace(source, left=self._source(source.left), right=right, condition=condition)
        if isinstance(source, ast.Derived):
            return self._derived(source)
        if isinstance(source, ast.TableFunction):
            return replace(source, arguments=self.inside(source.arguments))
        if isinstance(source, ast.TableName):
            self.uses.setdefault(source.parts[0], set()).add(source.alias or "")
        return source

    def _derived(self, node: ast.Derived) -> ast.Derived:
        wanted = frozenset(
            number for number, name in enumerate(node.columns) if (node.alias, name) in self.read
        )
        kept, query = self._body(node.query, wanted, len(node.columns))
        return replace(node, query=query, columns=tuple(node.columns[number] for number in kept))

    def _body(self, query: Any, wanted: frozenset[int], count: int) -> tuple[list[int], Any]:
        if not _prunes(query):
            return list(range(count)), self.query(query, None)
        kept = sorted(wanted | _fixed(query)) or [0]
        return kept, self.query(query, frozenset(kept))

    def _ctes(self, entries: Sequence[ast.CTE]) -> tuple[ast.CTE, ...]:
        done = []
        for entry in reversed(entries):
            aliases = self.uses.get(entry.name, set())
            if not aliases:
                continue
            wanted = frozenset(
                number
                for number, name in enumerate(entry.columns)
                if any((alias, name) in self.read for alias in aliases)
            )
            if entry.recursive:
                done.append(replace(entry, query=self.query(entry.query, None)))
                continue
            kept, query = self._body(entry.query, wanted, len(entry.columns))
            names = tuple(entry.columns[number] for number in kept)
            done.append(replace(entry, query=query, columns=names))
        return tuple(reversed(done))


def _joins(source: Any) -> Iterable[ast.Join]:
    if isinstance(source, ast.Join):
        yield source
        yield from _joins(source.left)
        yield from _joins(source.right)


def _prunes(query: Any) -> bool:
    """Tell whether columns can be taken out without changing the rows."""
    if isinstance(query, ast.SetOperation):
        every = query.operator == "UNION" and query.all
        return every and _prunes(query.left) and _prunes(query.right)
    return isinstance(query, ast.Select) and not query.distinct


def _fixed(query: Any) -> frozenset[int]:
    """The columns, from 0, that GROUP BY and ORDER BY name by their position."""
    if isinstance(query, ast.SetOperation):
        return _ordered(query) | _fixed(query.left) | _fixed(query.right)
    numbers = [position(key) for key in query.group] if isinstance(query, ast.Select) else []
    numbers += [position(item.expression) for item in query.order]
    return frozenset(number - 1 for number in numbers if number is not None)


def _ordered(query: ast.SetOperation) -> frozenset[int]:
    numbers = [position(item.expression) for item in query.order]
    return frozenset(number - 1 for number in numbers if number is not None)


def _narrowed(node: ast.Select, wanted: frozenset[int]) -> ast.Select:
    kept = sorted(wanted | _fixed(node))
    if not kept:
        one = ast.SelectItem(ast.Literal(1), "one", True)
        counts = node.group or node.having is not None or any(aggregates(node.items))
        return replace(node, items=node.items[:1] if counts else (one,))
    group = tuple(_moved(key, kept) for key in node.group)
    items = tuple(node.items[number] for number in kept)
    return replace(node, items=items, group=group, order=_renumbered(node.order, kept))


def _renumbered(order: tuple[ast.OrderItem, ...], kept: list[int]) -> tuple[ast.OrderItem, ...]:
    return tuple(replace(item, expression=_moved(item.expression, kept)) for item in order)


def _moved(key: ast.Expr, kept: list[int]) -> ast.Expr:
    number = position(key)
    return key if number is None else ast.Literal(kept.index(number - 1) + 1, key.span)
