"""Binds queries: WITH, FROM, select lists, GROUP BY and ORDER BY, set operations, VALUES.

What comes out reads as the text did, except that each table has a name of its own, that every
column says whose it is, and that stars, USING, NATURAL, aliases and positions are written out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.membership import rewrite
from aerodbapi.plan.queries.expressions import Binding
from aerodbapi.plan.queries.ordering import group_keys, order_keys
from aerodbapi.plan.queries.scope import Base, Names, Offered, Scope, fail, unique
from aerodbapi.plan.queries.sources import bind_source
from aerodbapi.plan.queries.types import Lookup, type_of

__all__ = ["Binder", "Cte", "Ctes"]

#: A bound query, and the columns that it gives (their sources mean nothing outside).
Bound = tuple[ast.Query, tuple[Offered, ...]]


@dataclass(slots=True)
class Cte:
    """An entry of WITH: its name in the statement, its columns, how often it is read."""

    name: str
    columns: tuple[Offered, ...]
    uses: int = 0


#: What WITH defines around a query, by the name as written.
Ctes = Mapping[str, Cte]


class Binder:
    """Binds one statement. `bases`: its base tables by name; `types` of all columns."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.names = Names()
        self.bases: dict[str, Base] = {}
        self.types: dict[tuple[str, str], str] = {}
        self.ctes: dict[str, Cte] = {}
        self.recursive: set[str] = set()

    def query(self, node: ast.Query, outer: Scope | None = None, ctes: Ctes | None = None) -> Bound:
        """Bind a query and what WITH defines before it."""
        defined, known = self._with(node.ctes, outer, dict(ctes or {}))
        if isinstance(node, ast.Select):
            bound, columns = self._select(node, outer, known)
        elif isinstance(node, ast.SetOperation):
            bound, columns = self._set_operation(node, outer, known)
        else:
            bound, columns = self._values(node, outer, known)
        return replace(bound, ctes=defined), columns

    def lookup(self, column: ast.Column) -> str:
        """Name the type code of a bound column."""
        return self.types.get((column.table[0], column.name), "")

    def kinds(self, column: ast.Column) -> frozenset[str]:
        """Name the kinds of value that the catalog saw in a base table's column."""
        base = self.bases.get(column.table[0])
        info = None if base is None or base.info is None else base.info.column(column.name)
        return frozenset() if info is None else info.kinds

    # ---- WITH --------------------------------------------------------------------------------

    def _with(
        self, entries: Sequence[ast.CTE], outer: Scope | None, known: dict[str, Cte]
    ) -> tuple[tuple[ast.CTE, ...], Ctes]:
        defined = []
        for entry in entries:
            name = self.names.take(entry.name)
            if entry.recursive and _reads(entry.query, entry.name):
                bound, columns = self._recursive(entry, name, outer, known)
                self.recursive.add(name)
            else:
                bound, given = self.query(entry.query, outer, known)
                columns = self.named(name, given, entry.columns, entry)
            self.ctes[name] = known[entry.name] = self.ctes.get(name) or Cte(name, columns)
            names = tuple(column.name for column in _inner(columns))
            defined.append(ast.CTE(name, bound, names, name in self.recursive, entry.span))
        return tuple(defined), known

    def _recursive(
        self, entry: ast.CTE, name: str, outer: Scope | None, known: dict[str, Cte]
    ) -> tuple[ast.Query, tuple[Offered, ...]]:
        """Bind `seed UNION [ALL] step`, of which the step reads what the entry has so far."""
        body = entry.query
        if not isinstance(body, ast.SetOperation) or body.operator != "UNION":
            raise fail(f"WITH RECURSIVE {entry.name} is a UNION of a start and a step", entry)
        inner, inside = self._with(body.ctes, outer, dict(known))
        seed, given = self.query(body.left, outer, inside)
        columns = self.named(name, given, entry.columns, entry)
        self.ctes[name] = Cte(name, columns)
        before = set(self.bases)
        step, stepped = self.query(body.right, outer, {**inside, entry.name: self.ctes[name]})
        _same_width(columns, stepped, body)
        for each in set(self.bases) - before:
            self.bases[each].again = True
        tail = self._tail(body, Scope(aliases={c.name: c for c in columns}), columns, inside)
        return replace(body, left=seed, right=step, ctes=inner, **tail), columns

    def named(
        self, table: str, given: Sequence[Offered], names: Sequence[str], node: Any
    ) -> tuple[Offered, ...]:
        """Give the columns of a derived table or CTE, renamed by a list of names."""
        if len(names) > len(given):
            raise fail(f"{len(names)} names for {len(given)} columns", node)
        called = [*names, *(column.name for column in given[len(names) :])]
        columns = []
        for name, inner, column in zip(called, unique(called), given):
            self.types[table, inner] = column.type
            columns.append(Offered(name, ast.Column(inner, (table,)), column.type))
        return tuple(columns)

    # ---- SELECT ------------------------------------------------------------------------------

    def _select(self, node: ast.Select, outer: Scope | None, ctes: Ctes) -> Bound:
        source = node.table if node.source is None else node.source
        bound, scope = bind_source(self, source, outer, ctes)
        columns, aliases = self._items(node, scope, ctes)
        scope = replace(scope, aliases=aliases)
        bind = Binding(self, scope, ctes)
        where = None if node.where is None else bind(node.where)
        if node.membership is not None:
            if where is None:
                raise fail(f"IN {node.membership} needs a WHERE", node)
            where = rewrite(where, node.membership)
        items = tuple(
            ast.SelectItem(column.source, name, True)
            for name, column in zip(unique([column.name for column in columns]), columns)
        )
        made = ast.Select(
            items,
            where=where,
            distinct=node.distinct,
            source=bound,
            group=group_keys(node, items, bind),
            having=None if node.having is None else bind(node.having),
            windows=tuple((name, bind(window)) for name, window in node.windows),
            span=node.span,
        )
        return replace(made, **self._tail(node, scope, columns, ctes)), columns

    def _items(
        self, node: ast.Select, scope: Scope, ctes: Ctes
    ) -> tuple[tuple[Offered, ...], Mapping[str, Offered]]:
        """Bind the select list; give its columns, and what its aliases stand for."""
        columns: list[Offered] = []
        aliases: dict[str, Offered] = {}
        for item in node.items:
            if isinstance(item.expression, ast.Star):
                columns += _starred(item.expression, scope)
                continue
            bind = Binding(self, replace(scope, aliases=dict(aliases)), ctes)
            source = bind(item.expression)
            column = Offered(item.name, source, type_of(source, self.lookup))
            columns.append(column)
            if item.aliased and item.name not in aliases:
                aliases[item.name] = column
        return _uniquely(columns), aliases

    def _tail(
        self, node: ast.Query, scope: Scope, columns: Sequence[Offered], ctes: Ctes
    ) -> dict[str, Any]:
        bind = Binding(self, scope, ctes)
        return {
            "order": order_keys(node, columns, bind),
            "limit": None if node.limit is None else bind(node.limit),
            "offset": None if node.offset is None else bind(node.offset),
        }

    # ---- set operations, VALUES --------------------------------------------------------------

    def _set_operation(self, node: ast.SetOperation, outer: Scope | None, ctes: Ctes) -> Bound:
        left, columns = self.query(node.left, outer, ctes)
        right, others = self.query(node.right, outer, ctes)
        _same_width(columns, others, node)
        columns = tuple(map(_joined, columns, others))
        tail = self._tail(node, Scope(outer=None), columns, ctes)
        return replace(node, left=left, right=right, **tail), columns

    def _values(self, node: ast.ValueRows, outer: Scope | None, ctes: Ctes) -> Bound:
        bind = Binding(self, Scope(outer=outer), ctes)
        rows = bind(node.rows)
        lookup: Lookup = self.lookup
        columns = tuple(
            Offered(f"col{number}", ast.Literal(None), type_of(cell, lookup))
            for number, cell in enumerate(rows[0])
        )
        tail = self._tail(node, Scope(), columns, ctes)
        return replace(node, rows=rows, **tail), columns


def _inner(columns: Sequence[Offered]) -> list[ast.Column]:
    return [column.source for column in columns if isinstance(column.source, ast.Column)]


def _same_width(left: Sequence[Offered], right: Sequence[Offered], node: ast.SetOperation) -> None:
    if len(left) != len(right):
        raise fail(
            f"{node.operator} of {len(left)} and {len(right)} columns: both sides need as many",
            node,
        )


def _joined(left: Offered, right: Offered) -> Offered:
    if left.type == right.type or right.type == "NULL":
        return left
    if left.type == "NULL":
        return Offered(left.name, left.source, right.type)
    both = {left.type, right.type} == {"BIGINT", "DOUBLE"}
    return Offered(left.name, left.source, "DOUBLE" if both else "")


def _starred(star: ast.Star, scope: Scope) -> list[Offered]:
    """Write out `*` or `t.*`."""
    if star.table:
        relation = Scope(scope.relations).relation(star.table)
        if relation is None:
            raise fail(f"there is no table {'.'.join(star.table)} here", star)
        return list(relation.columns)
    if not scope.relations:
        raise fail("SELECT * needs a table", star)
    shown = list(scope.merged.values())
    for relation in scope.relations:
        shown += [each for each in relation.columns if each.source not in scope.hidden]
    return shown


def _uniquely(columns: Sequence[Offered]) -> tuple[Offered, ...]:
    """Make names unique in their case, as a result has them: a second `a` is `a_1`."""
    taken: set[str] = set()
    made = []
    for column in columns:
        name, count = column.name, 0
        while name in taken:
            count += 1
            name = f"{column.name}_{count}"
        taken.add(name)
        made.append(Offered(name, column.source, column.type))
    return tuple(made)


def _reads(query: Any, name: str) -> bool:
    """Tell whether a query reads a table of this bare name."""
    from aerodbapi.grammar.walk import nodes

    return any(isinstance(node, ast.TableName) and node.parts == (name,) for node in nodes(query))
