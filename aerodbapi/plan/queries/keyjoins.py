"""Which sets are read by keys that another read brings: `a.x = b.PK`, `b.PK IN (query)`, EXISTS.

A set whose PK must equal a column of another one can be read in batches of just these keys, when
they turn out to be few. That holds below inner joins, on the side of an outer join that is not
kept, and for conditions of WHERE. Constants from VALUES are keys at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from aerodbapi.frozen import frozen
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan.queries.pushing import accepts
from aerodbapi.plan.queries.scope import Base
from aerodbapi.plan.queries.walking import aggregates, columns_in, replaced, sources_of
from aerodbapi.plan.tree import conjuncts, is_constant

__all__ = ["Candidate", "candidates"]

_BODIES: Final = (ast.Select, ast.SetOperation, ast.ValueRows)


@frozen
class Candidate:
    """The keys of `table` are the values of `column`, a base table's, or the constants `keys`."""

    table: str
    column: ast.Column | None
    keys: tuple[ast.Expr, ...] = ()


def candidates(query: Any, bases: dict[str, Base]) -> list[Candidate]:
    """Find every base table whose keys another one names, and by which column."""
    return list(_Finder(query, bases).found())


class _Finder:
    def __init__(self, query: Any, bases: dict[str, Base]) -> None:
        self.whole = query
        self.bases = bases
        self.sources = {
            node.alias: node
            for node in nodes(query)
            if isinstance(node, (ast.TableName, ast.Derived)) and node.alias
        }
        self.ctes = {
            node.name: node
            for node in nodes(query)
            if isinstance(node, ast.CTE) and not node.recursive
        }

    def found(self) -> Iterator[Candidate]:
        entered: set[int] = set()
        for node in nodes(self.whole):
            if isinstance(node, ast.Select) and id(node) not in entered:
                yield from self._select(node, (), entered)

    def _select(
        self, node: ast.Select, given: Sequence[ast.Expr], entered: set[int]
    ) -> Iterator[Candidate]:
        entered.add(id(node))
        yield from self._source(node.source, [*conjuncts(node.where), *given], entered)

    def _source(
        self, source: Any, said: Sequence[ast.Expr], entered: set[int]
    ) -> Iterator[Candidate]:
        if isinstance(source, ast.Join):
            on = conjuncts(source.condition)
            left: Sequence[ast.Expr] = said
            right: Sequence[ast.Expr] = said
            if source.kind in ("INNER", "CROSS"):
                left = right = [*said, *on]
            elif source.kind == "FULL":
                left = right = ()
            else:
                left = on if source.kind == "RIGHT" else said
                right = on if source.kind == "LEFT" else said
            yield from self._source(source.left, left, entered)
            yield from self._source(source.right, right, entered)
        elif isinstance(source, ast.Derived) and isinstance(source.query, ast.Select):
            inner = list(self._into(source, said))
            yield from self._select(source.query, inner, entered)
        elif isinstance(source, ast.TableName) and source.alias in self.bases:
            for each in said:
                yield from self._named(source.alias, each)

    def _into(self, source: ast.Derived, said: Sequence[ast.Expr]) -> Iterator[ast.Expr]:
        """Say of a derived table's own columns what is said of the table."""
        query = source.query
        assert isinstance(query, ast.Select)
        for each in said:
            places = {
                source.columns.index(column.name)
                for column in columns_in(each)
                if column.table == (source.alias,)
            }
            if len(places) != 1:
                continue
            (place,) = places
            inner = query.items[place].expression
            if isinstance(inner, ast.Column) and accepts(query, ast.Column(str(place), ("#",))):
                alias = source.alias
                yield replaced(each, lambda c: inner if c.table == (alias,) else c)  # noqa: B023

    # ---- what one condition says of a table's key --------------------------------------------

    def _named(self, table: str, said: ast.Expr) -> Iterator[Candidate]:
        key = ast.Column("PK", (table,))
        if isinstance(said, ast.InQuery) and said.operand == key and not said.negated:
            yield from self._first(table, said.query)
        elif isinstance(said, ast.Exists):
            if isinstance(said.query, ast.Select) and not _always(said.query):
                for each in conjuncts(said.query.where):
                    yield from self._equal(table, key, each)
        else:
            yield from self._equal(table, key, said)

    def _equal(self, table: str, key: ast.Column, said: ast.Expr) -> Iterator[Candidate]:
        if not isinstance(said, ast.Binary) or said.op != "=" or key not in (said.left, said.right):
            return
        other = said.right if said.left == key else said.left
        if isinstance(other, ast.Subquery):
            yield from self._first(table, other.query)
        elif isinstance(other, ast.Column) and other.table != (table,):
            yield from self._traced(table, other)

    def _first(self, table: str, query: Any) -> Iterator[Candidate]:
        yield from self._item(table, query, 0)

    def _traced(self, table: str, column: ast.Column) -> Iterator[Candidate]:
        """Follow a column to the base table that it comes from."""
        name = column.table[0]
        if name in self.bases:
            if name != table:
                yield Candidate(table, column)
            return
        source = self.sources.get(name)
        if isinstance(source, ast.Derived):
            yield from self._item(table, source.query, source.columns.index(column.name))
        elif isinstance(source, ast.TableName) and source.parts[0] in self.ctes:
            entry = self.ctes[source.parts[0]]
            yield from self._item(table, entry.query, entry.columns.index(column.name))

    def _item(self, table: str, query: Any, place: int) -> Iterator[Candidate]:
        if isinstance(query, ast.Select):
            expression = query.items[place].expression
            own = {name for source in sources_of(query.source) for name in (source.alias,)}
            if isinstance(expression, ast.Column) and expression.table[0] in own:
                yield from self._traced(table, expression)
        elif isinstance(query, ast.ValueRows):
            cells = tuple(row[place] for row in query.rows)
            if all(map(is_constant, cells)):
                yield Candidate(table, None, cells)


def _always(query: ast.Select) -> bool:
    """Tell whether a query has a row whatever its tables hold."""
    return not query.group and any(aggregates(query.items))
