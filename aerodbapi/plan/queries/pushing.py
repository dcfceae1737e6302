"""Predicates go down: through derived tables, CTEs, set operations and joins, to the sets.

A conjunct that reads one set only, and that `plan.evaluate` understands, leaves the query: the
set's read decides it. One that it does not understand stays, and travels with the read as a
hint. A conjunct on a derived table moves into its WHERE where that means the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan.declared import stored
from aerodbapi.plan.evaluate import compile_predicate
from aerodbapi.plan.queries.binding import Binder
from aerodbapi.plan.queries.equalities import implied, one_way, unnested
from aerodbapi.plan.queries.nulls import needed
from aerodbapi.plan.queries.ordering import position
from aerodbapi.plan.queries.scope import Base
from aerodbapi.plan.queries.walking import (
    VOLATILE,
    aggregates,
    columns_in,
    contains,
    has_subquery,
    mapped,
    replaced,
    sources_of,
    tables_in,
    windows_in,
)
from aerodbapi.plan.tree import conjoin, conjuncts

__all__ = ["Pusher", "bare"]

#: A column of a query by its position from 0, in predicates on their way into it.
_OUTPUT: Final = ("#",)
#: Columns that are never part of an answer, and functions that the engine lacks.
_ASKED: Final = frozenset({"__lut", "__size"})
_SERVERS: Final = frozenset({"GEO_WITHIN", "GEO_CONTAINS"})

_BODIES: Final = (ast.Select, ast.SetOperation, ast.ValueRows)

Conjuncts = Sequence[ast.Expr]


def bare(node: Any) -> Any:
    """Take the tables' names off the columns of one table."""
    return replaced(node, lambda c: ast.Column(c.name, (), c.quoted, c.span))


class Pusher:
    """Pushes the predicates of one bound statement."""

    def __init__(self, binder: Binder) -> None:
        self.binder = binder
        self.bases = binder.bases
        #: CTE → the predicates at each of its uses, by position.
        self.asked: dict[str, list[list[ast.Expr]]] = {}

    def query(self, node: Any, given: Conjuncts = ()) -> Any:
        """Push what a query says itself, and what is `given` of its columns by position."""
        if isinstance(node, ast.Select):
            made: Any = self._select(node, given)
        elif isinstance(node, ast.SetOperation):
            left, right = self.query(node.left, given), self.query(node.right, given)
            made = replace(node, left=left, right=right)
        else:
            made = replace(node, rows=self._inside(node.rows))
        return replace(made, ctes=self._ctes(node.ctes))

    def _ctes(self, entries: Sequence[ast.CTE]) -> tuple[ast.CTE, ...]:
        """Push into CTEs, the last first: what reads an entry stands behind it."""
        done = []
        for entry in reversed(entries):
            asked = self.asked.get(entry.name, [])
            common = [] if entry.recursive or not asked else _common(asked)
            common = [each for each in common if accepts(entry.query, each)]
            done.append(replace(entry, query=self.query(entry.query, common)))
        return tuple(reversed(done))

    def _inside(self, node: Any) -> Any:
        """Go on with the queries inside expressions."""
        if isinstance(node, _BODIES):
            return self.query(node)
        if type(node) is tuple:
            return tuple(self._inside(part) for part in node)
        return mapped(node, self._inside) if isinstance(node, ast.Node) else node

    # ---- one SELECT --------------------------------------------------------------------------

    def _select(self, node: ast.Select, given: Conjuncts) -> ast.Select:
        where = list(conjuncts(node.where))
        where += [_placed(each, node.items) for each in given]
        source = _strengthened(node.source, where)
        source, rest = self.spread(source, where)
        parts: dict[str, Any] = {
            name: tuple(self._inside(part) for part in getattr(node, name))
            for name in ("items", "group", "order")
        }
        return replace(
            node,
            source=source,
            where=None if not rest else self._inside(conjoin(rest)),
            having=None if node.having is None else self._inside(node.having),
            **parts,
        )

    # ---- FROM --------------------------------------------------------------------------------

    def spread(self, source: Any, where: Conjuncts) -> tuple[Any, list[ast.Expr]]:
        """Push conjuncts into a source; give it, and those that are to be decided above it."""
        if isinstance(source, ast.TableName):
            base = self.bases.get(source.alias or "")
            return source, self._asked(source, where) if base is None else self._take(base, where)
        if isinstance(source, ast.Derived):
            return self._derived(source, where)
        if isinstance(source, ast.Join):
            return self._join(source, where)
        if isinstance(source, ast.TableFunction):
            return replace(source, arguments=self._inside(source.arguments)), list(where)
        return source, list(where)

    def _take(self, base: Base, where: Conjuncts) -> list[ast.Expr]:
        rest = []
        for each in where:
            names = tables_in(each)
            if not names <= {base.name} or not movable(each):
                rest.append(each)
                continue
            mine = stored(bare(each), base.table)
            decides = _evaluable(mine)
            known = base.conjuncts if decides else base.hints
            if mine not in known:
                known.append(mine)
            if not decides or not names:
                rest.append(each)
        return rest

    def _asked(self, source: ast.TableName, where: Conjuncts) -> list[ast.Expr]:
        """Note what a use of a CTE wants of it; it is decided above the use all the same."""
        name, alias = source.parts[0], source.alias
        columns = self.binder.ctes[name].columns
        places = {
            c.source.name: i for i, c in enumerate(columns) if isinstance(c.source, ast.Column)
        }
        own = [each for each in where if tables_in(each) == {alias} and movable(each)]
        self.asked.setdefault(name, []).append([_positional(each, places) for each in own])
        return list(where)

    def _derived(self, node: ast.Derived, where: Conjuncts) -> tuple[Any, list[ast.Expr]]:
        places = {name: number for number, name in enumerate(node.columns)}
        inner, rest = [], []
        for each in where:
            moves = tables_in(each) <= {node.alias} and movable(each)
            positional = _positional(each, places) if moves else each
            if moves and accepts(node.query, positional):
                inner.append(positional)
                if not tables_in(each):
                    rest.append(each)
            else:
                rest.append(each)
        return replace(node, query=self.query(node.query, inner)), rest

    def _join(self, node: ast.Join, where: Conjuncts) -> tuple[Any, list[ast.Expr]]:
        left, right = _names(node.left), _names(node.right)
        on = list(conjuncts(node.condition))
        down_left: list[ast.Expr] = []
        down_right: list[ast.Expr] = []
        if node.kind in ("INNER", "CROSS"):
            inner = [*_inner(node.left), *_inner(node.right)]
            said = [*where, *on, *implied([*where, *on, *inner], self.binder.lookup)]
            said += [each for each in unnested(node.right, said) if self._lists(each)]
            down_left, down_right = _of(left, said), _of(right, said)
        elif node.kind == "LEFT":  # only ON may say anything of the right
            down_left, down_right = _of(left, where), _own(right, on)
            down_right += one_way(down_left, on, right, self.binder.lookup)
        elif node.kind == "RIGHT":
            down_left, down_right = _own(left, on), _of(right, where)
            down_left += one_way(down_right, on, left, self.binder.lookup)
        first, above_left = self.spread(node.left, down_left)
        second, above_right = self.spread(node.right, down_right)
        undone = {id(each) for each in (*above_left, *above_right)}
        done = {id(each) for each in (*down_left, *down_right)} - undone
        keep = [each for each in on if id(each) not in done]
        condition = conjoin(keep)
        if condition is None and node.kind != "CROSS":
            condition = ast.Literal(True)
        joined = replace(node, left=first, right=second, condition=self._on(condition))
        return joined, [each for each in where if id(each) not in done]

    def _lists(self, test: ast.Call) -> bool:
        """Tell whether the bin of LIST_CONTAINS(bin, value) holds lists and no maps."""
        holder = test.arguments[0]
        return isinstance(holder, ast.Column) and self.binder.kinds(holder) == {"list"}

    def _on(self, condition: ast.Expr | None) -> ast.Expr | None:
        return None if condition is None else self._inside(condition)


# ---- what may move -----------------------------------------------------------------------------


def movable(conjunct: ast.Expr) -> bool:
    """Tell whether a conjunct means the same wherever its columns are."""
    if has_subquery(conjunct) or any(aggregates(conjunct)) or any(windows_in(conjunct)):
        return False
    return not contains(conjunct, lambda n: isinstance(n, ast.Call) and n.name in VOLATILE)


def _evaluable(conjunct: ast.Expr) -> bool:
    """Tell whether a set's read can decide a condition on it."""
    if contains(conjunct, _servers):
        return True  # the server decides it, or nobody can
    try:
        compile_predicate(conjunct)
    except errors.NotSupportedError:
        return False
    return True


def _servers(node: Any) -> bool:
    if isinstance(node, ast.Column):
        return node.name in _ASKED and not node.quoted
    return isinstance(node, ast.Call) and node.name in _SERVERS


def accepts(query: Any, conjunct: ast.Expr) -> bool:
    """Tell whether a predicate on a query's columns, by position, may be its own WHERE's."""
    if query.limit is not None or query.offset is not None:
        return False
    if isinstance(query, ast.SetOperation):
        return accepts(query.left, conjunct) and accepts(query.right, conjunct)
    if not isinstance(query, ast.Select):
        return False
    places = {int(column.name) for column in columns_in(conjunct) if column.table == _OUTPUT}
    if not places:
        return not _grouped(query) or bool(query.group)
    wanted = [query.items[place].expression for place in places]
    if not all(map(movable, wanted)):
        return False
    if _grouped(query):
        keys = {key for key in query.group if position(key) is None}
        numbers = {position(key) for key in query.group}
        if not all(
            place + 1 in numbers or query.items[place].expression in keys for place in places
        ):
            return False
    windows = list(windows_in(query.items, query.order))
    if not windows:
        return True
    partitions = [_partition(over, query) for over in windows]
    return all(each in partition for each in wanted for partition in partitions)


def _partition(over: ast.Over, query: ast.Select) -> tuple[ast.Expr, ...]:
    window = over.window
    if isinstance(window, str):
        window = dict(query.windows).get(window, ast.Window())
    return window.partition


def _grouped(query: ast.Select) -> bool:
    if query.group or query.having is not None:
        return True
    return any(aggregates(query.items, query.order))


# ---- columns by position -----------------------------------------------------------------------


def _positional(conjunct: ast.Expr, places: dict[str, int]) -> ast.Expr:
    made: ast.Expr = replaced(conjunct, lambda c: ast.Column(str(places[c.name]), _OUTPUT))
    return made


def _placed(conjunct: ast.Expr, items: Sequence[ast.SelectItem]) -> ast.Expr:
    def change(column: ast.Column) -> ast.Expr:
        return items[int(column.name)].expression if column.table == _OUTPUT else column

    made: ast.Expr = replaced(conjunct, change)
    return made


def _common(asked: Sequence[Sequence[ast.Expr]]) -> list[ast.Expr]:
    """The predicates that every use of a CTE has."""
    first, *others = asked
    return [each for each in first if all(each in other for other in others)]


# ---- joins -------------------------------------------------------------------------------------


def _names(source: Any) -> frozenset[str]:
    return frozenset(each.alias for each in sources_of(source) if each.alias)


def _of(names: frozenset[str], where: Conjuncts) -> list[ast.Expr]:
    """Those that read no other tables."""
    return [each for each in where if tables_in(each) <= names]


def _own(names: frozenset[str], where: Conjuncts) -> list[ast.Expr]:
    """Those that read these tables and no others."""
    return [each for each in where if tables_in(each) and tables_in(each) <= names]


def _inner(source: Any) -> Conjuncts:
    """The conditions of the inner joins in a source, which hold for all of its rows."""
    if not isinstance(source, ast.Join) or source.kind not in ("INNER", "CROSS"):
        return ()
    return (*conjuncts(source.condition), *_inner(source.left), *_inner(source.right))


def _strengthened(source: Any, where: Conjuncts) -> Any:
    """Make outer joins inner ones where `where` refuses the rows that they fill with NULLs."""
    if not isinstance(source, ast.Join):
        return source
    wanted: frozenset[str] = frozenset().union(*map(needed, where))
    kind = source.kind
    if kind in ("LEFT", "FULL") and wanted & _names(source.right):
        kind = "INNER" if kind == "LEFT" else "RIGHT"
    if kind in ("RIGHT", "FULL") and wanted & _names(source.left):
        kind = "INNER" if kind == "RIGHT" else "LEFT"
    on = conjuncts(source.condition) if kind == "INNER" else ()
    return replace(
        source,
        kind=kind,
        left=_strengthened(source.left, [*where, *on]) if kind != "RIGHT" else source.left,
        right=_strengthened(source.right, [*where, *on]) if kind != "LEFT" else source.right,
    )
