"""Binds what stands after FROM: sets, CTEs, queries in parentheses, joins.

USING and NATURAL become conditions; the columns that they merge are one column of the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan.bind import bind_table, qualifiers
from aerodbapi.plan.queries.expressions import Binding
from aerodbapi.plan.queries.scope import Base, Offered, Relation, Scope, fail
from aerodbapi.plan.tree import METADATA, conjoin

if TYPE_CHECKING:
    from aerodbapi.plan.catalog import ColumnInfo, SetInfo
    from aerodbapi.plan.queries.binding import Binder, Cte, Ctes

__all__ = ["bind_source"]


def bind_source(binder: Binder, source: Any, outer: Scope | None, ctes: Ctes) -> tuple[Any, Scope]:
    """Bind a FROM (or none); give it and the scope of what it offers."""
    if source is None:
        return None, Scope(outer=outer)
    if isinstance(source, ast.TableName):
        return _table(binder, source, outer, ctes)
    if isinstance(source, ast.Derived):
        return _derived(binder, source, outer, ctes)
    if isinstance(source, ast.TableFunction):
        return _function(binder, source, outer, ctes)
    return _join(binder, source, outer, ctes)


# ---- tables ------------------------------------------------------------------------------------


def _table(
    binder: Binder, node: ast.TableName, outer: Scope | None, ctes: Ctes
) -> tuple[Any, Scope]:
    cte = ctes.get(node.parts[0]) if len(node.parts) == 1 else None
    if cte is not None:
        return _reference(binder, node, cte, outer)
    target = bind_table(node, binder.planning.context)
    info = binder.planning.catalog.get(target.namespace, target.set)
    name = binder.names.take(node.alias or node.parts[-1])
    base = binder.bases[name] = Base(name, target, info)
    columns = _columns(binder, base)
    relation = Relation(name, qualifiers(node, target), columns, base)
    bound = ast.TableName((name,), name, node.span)
    return bound, Scope((relation,), outer)


def _columns(binder: Binder, base: Base) -> tuple[Offered, ...]:
    """What a star stands for: PK and the catalog's bins, or the declared columns, in order."""
    info: SetInfo | None = base.info
    table = base.table
    key = Offered(
        "PK", ast.Column("PK", (base.name,)), "VARCHAR" if info is None else info.key.code
    )
    if table is not None and table.key_column is not None:
        key = replace(key, name=table.key_column.name)
    bins = {} if info is None else {each.name: _bin(base, each) for each in info.columns}
    for name, code in METADATA.items():
        binder.types[base.name, name] = code
    binder.types[base.name, "PK"] = key.type
    binder.types |= {(base.name, name): each.type for name, each in bins.items()}
    if table is None:
        return key, *bins.values()
    declared = (key if not column.bin else bins[column.bin] for column in table.columns)
    return tuple(declared)


def _bin(base: Base, column: ColumnInfo) -> Offered:
    quoted = column.name == "PK" or column.name in METADATA
    return Offered(column.title, ast.Column(column.name, (base.name,), quoted), column.code)


def _reference(
    binder: Binder, node: ast.TableName, cte: Cte, outer: Scope | None
) -> tuple[Any, Scope]:
    cte.uses += 1
    name = binder.names.take(node.alias or node.parts[0])
    columns = []
    for column in cte.columns:
        assert isinstance(column.source, ast.Column)
        inner = column.source.name
        columns.append(Offered(column.name, ast.Column(inner, (name,)), column.type))
        binder.types[name, inner] = column.type
    relation = Relation(name, frozenset({(node.alias or node.parts[0],)}), tuple(columns))
    return ast.TableName((cte.name,), name, node.span), Scope((relation,), outer)


def _derived(
    binder: Binder, node: ast.Derived, outer: Scope | None, ctes: Ctes
) -> tuple[Any, Scope]:
    name = binder.names.take(node.alias or "query")
    query, given = binder.query(node.query, outer, ctes)
    columns = binder.named(name, given, node.columns, node)
    called = frozenset() if node.alias is None else frozenset({(node.alias,)})
    inner = tuple(c.source.name for c in columns if isinstance(c.source, ast.Column))
    bound = ast.Derived(query, name, inner, node.lateral, node.span)
    return bound, Scope((Relation(name, called, columns),), outer)


def _function(
    binder: Binder, node: ast.TableFunction, outer: Scope | None, ctes: Ctes
) -> tuple[Any, Scope]:
    """Bind UNNEST and the like. Of a map it gives key and value, of a list the elements."""
    arguments = Binding(binder, Scope(outer=outer), ctes)(node.arguments)
    name = binder.names.take(node.alias or node.name.lower())
    given = _given(node, arguments, binder)
    columns = binder.named(name, given, node.columns, node)
    called = frozenset({(node.alias or node.name.lower(),)})
    inner = tuple(c.source.name for c in columns if isinstance(c.source, ast.Column))
    bound = ast.TableFunction(node.name, arguments, name, inner, node.ordinality, node.span)
    return bound, Scope((Relation(name, called, columns),), outer)


def _given(
    node: ast.TableFunction, arguments: tuple[ast.Expr, ...], binder: Binder
) -> list[Offered]:
    column = "JSON" if node.name == "UNNEST" else ""
    names = {node.alias or node.name.lower(): column}
    if _is_map(node, arguments, binder):
        names = {"key": "VARCHAR", "value": column}
    found = [Offered(name, ast.Literal(None), code) for name, code in names.items()]
    if node.ordinality:
        found.append(Offered("ordinality", ast.Literal(None), "BIGINT"))
    return found


def _is_map(node: ast.TableFunction, arguments: tuple[ast.Expr, ...], binder: Binder) -> bool:
    """Two names ask for a map's entries; else what the catalog saw in the bin decides."""
    if node.name != "UNNEST" or len(arguments) != 1:
        return False
    if node.columns:
        return len(node.columns) - node.ordinality == 2
    column = arguments[0]
    return isinstance(column, ast.Column) and binder.kinds(column) == {"map"}


# ---- joins -------------------------------------------------------------------------------------


def _join(binder: Binder, node: ast.Join, outer: Scope | None, ctes: Ctes) -> tuple[Any, Scope]:
    left, one = bind_source(binder, node.left, outer, ctes)
    right, other = bind_source(binder, node.right, one if _is_lateral(node.right) else outer, ctes)
    _distinct_names(one, other, node)
    merged = {**other.merged, **one.merged}
    hidden = one.hidden | other.hidden
    using = _natural(one, other, node) if node.natural else node.using
    condition = None
    if using:
        pairs = [_pair(name, one, other, node) for name in using]
        condition = conjoin(ast.Binary("=", a.source, b.source) for _, a, b in pairs)
        hidden |= {side.source for _, a, b in pairs for side in (a, b)}
        fresh = {name: _merged(node.kind, name, a, b) for name, a, b in pairs}
        merged = {**fresh, **{name: each for name, each in merged.items() if name not in fresh}}
    scope = Scope((*one.relations, *other.relations), outer, merged, hidden)
    if node.condition is not None:
        condition = Binding(binder, scope, ctes)(node.condition)
    return ast.Join(node.kind, left, right, condition, span=node.span), scope


def _is_lateral(source: Any) -> bool:
    """Tell whether a source sees what stands before it in FROM."""
    return isinstance(source, ast.TableFunction) or (
        isinstance(source, ast.Derived) and source.lateral
    )


def _distinct_names(one: Scope, other: Scope, node: ast.Join) -> None:
    for relation in other.relations:
        for each in one.relations:
            both = sorted(relation.qualifiers & each.qualifiers - {()})
            if both and _longest(relation) & _longest(each):
                text = ".".join(both[-1])
                raise fail(f"two tables are called {text}: give one an alias", node.right)


def _longest(relation: Relation) -> set[tuple[str, ...]]:
    longest = max(map(len, relation.qualifiers), default=0)
    return {each for each in relation.qualifiers if len(each) == longest}


def _natural(one: Scope, other: Scope, node: ast.Join) -> tuple[str, ...]:
    """The columns that both sides have; the key of a record is no such column."""
    right = set(_visible(other))
    common = tuple(name for name in _visible(one) if name in right and name != "PK")
    if not common:
        raise fail("NATURAL JOIN finds no column that both sides have", node)
    return common


def _visible(scope: Scope) -> dict[str, None]:
    names = dict.fromkeys(scope.merged)
    for relation in scope.relations:
        shown = (each.name for each in relation.columns if each.source not in scope.hidden)
        names.update(dict.fromkeys(shown))
    return names


def _pair(name: str, one: Scope, other: Scope, node: ast.Join) -> tuple[str, Offered, Offered]:
    column = ast.Column(name, span=node.span)
    return name, _side(one, column), _side(other, column)


def _side(scope: Scope, column: ast.Column) -> Offered:
    return replace(scope, outer=None).resolve(column)


def _merged(kind: str, name: str, left: Offered, right: Offered) -> Offered:
    if kind == "FULL":
        both = ast.Call("COALESCE", (left.source, right.source))
        return Offered(name, both, left.type)
    kept: Mapping[bool, Offered] = {True: right, False: left}
    found = kept[kind == "RIGHT"]
    return Offered(name, found.source, found.type)
