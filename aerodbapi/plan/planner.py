"""Statements become plans: names are bound, then the rules choose how the cluster is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import transform
from aerodbapi.plan import explain
from aerodbapi.plan import operations as op
from aerodbapi.plan.access import access
from aerodbapi.plan.bind import Context, bind_expression, bind_table, bind_value, table_of
from aerodbapi.plan.catalog import IndexInfo, SetInfo
from aerodbapi.plan.declaration import Known
from aerodbapi.plan.declared import whole_condition
from aerodbapi.plan.draft import Draft, Knowledge, Planning, known, placed, scope
from aerodbapi.plan.information import describe, show
from aerodbapi.plan.inserts import insert
from aerodbapi.plan.membership import rewrite
from aerodbapi.plan.outputs import select_list, type_of
from aerodbapi.plan.paths import with_paths
from aerodbapi.plan.rules import RULES
from aerodbapi.plan.rules.batch_read import names_keys
from aerodbapi.plan.tree import columns as columns_of
from aerodbapi.plan.tree import conjuncts, place
from aerodbapi.plan.writes import create_index, drop_index, remove, truncate, update

__all__ = ["Missing", "missing", "plan", "planned", "tables"]

DEFAULT: Final = Context()
#: Statements that `plan.tables` plans.
DEFINITIONS: Final = (
    ast.CreateTable,
    ast.CreateTableAs,
    ast.CreateView,
    ast.AlterTable,
    ast.DropTable,
    ast.DropView,
    ast.Refresh,
    ast.ShowCreate,
)

_QUERIES: Final = (ast.Select, ast.SetOperation, ast.ValueRows)
#: What sees to its subqueries itself.
_WRITES: Final = (ast.Insert, ast.Update, ast.Delete)


def plan(statement: ast.Statement, catalog: Knowledge, context: Context = DEFAULT) -> op.Plan:
    """Plan `statement`. What the catalog does not know is planned without.

    Raises NotSupportedError naming a clause that no part of the package does yet,
    ProgrammingError, IntegrityError or DataError for what can never work.
    """
    if not isinstance(statement, (*_QUERIES, *_WRITES)):
        refuse(statement)
    made = planned(statement, Planning(catalog, context))
    return replace(made, parameters=len(context.parameters), catalog_version=catalog.version)


def planned(statement: ast.Statement, planning: Planning) -> op.Plan:
    """Plan a statement, or one that stands inside another."""
    planner = _PLANNERS.get(type(statement))
    if planner is not None:
        return planner(statement, planning)
    if isinstance(statement, DEFINITIONS):
        from aerodbapi.plan import tables  # few programs need them

        made: op.Plan = tables.PLANNERS[type(statement)](statement, planning)
        return made
    from aerodbapi.plan import commands  # few programs need them

    return commands.PLANNERS[type(statement)](statement, planning, access)


# ---- what the catalog should know first --------------------------------------------------------


@dataclass(slots=True)
class Missing:
    """What a plan would have asked the catalog in vain: sets to sample, namespaces' indexes."""

    sets: list[op.Target] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sets or self.indexes)


class _Watched:
    """A catalog, noting what it did not know."""

    def __init__(self, catalog: Knowledge, missing: Missing) -> None:
        self.unwatched = catalog
        self.missing = missing

    @property
    def version(self) -> int:
        return self.unwatched.version

    def get(self, namespace: str, set: str | None) -> SetInfo | None:
        info = self.unwatched.get(namespace, set)
        if info is None and op.Target(namespace, set) not in self.missing.sets:
            self.missing.sets.append(op.Target(namespace, set))
        return info

    def indexes(self, namespace: str) -> tuple[IndexInfo, ...] | None:
        found = self.unwatched.indexes(namespace)
        if found is None and namespace not in self.missing.indexes:
            self.missing.indexes.append(namespace)
        return found

    def declaration(self, namespace: str, set: str | None) -> Known | None:
        return self.unwatched.declaration(namespace, set)

    def keeps_books(self, namespace: str) -> bool | None:
        return self.unwatched.keeps_books(namespace)


def missing(statement: ast.Statement, catalog: Knowledge, context: Context = DEFAULT) -> Missing:
    """Say what the catalog should learn before `statement` is planned.

    Statements by key need nothing: `bool` of the answer is False. Call it again afterwards
    only if indexes were among it (they may make the types of bins matter).
    """
    found = Missing()
    try:
        plan(statement, _Watched(catalog, found), context)
    except errors.ProgrammingError:
        if not found:  # else the catalog may be what was wanting
            raise
    return found


class _AnyTable:
    """Qualifiers that nobody checks."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(())


def tables(statement: ast.Statement) -> tuple[ast.TableName, ...]:
    """Give the tables whose columns and indexes the plan depends on.

    None for statements by key: their answer says itself which bins there are.
    """
    if isinstance(statement, ast.Explain):
        return tables(statement.statement)
    if isinstance(statement, (ast.Describe, ast.CreateIndex)):
        return (statement.table,)
    if not isinstance(statement, (ast.Select, ast.Update, ast.Delete)) or statement.table is None:
        return ()
    where = conjuncts(statement.where)
    bound = tuple(bind_expression(part, _AnyTable()) for part in where)
    return () if any(names_keys(part) for part in bound) else (statement.table,)


# ---- SELECT ------------------------------------------------------------------------------------


def _query(statement: ast.Query, planning: Planning) -> op.Plan:
    """Plan a query: the plain way where that does it, else for the relational engine."""
    if not isinstance(statement, ast.Select) or statement.relational or statement.order:
        return _relational(statement, planning)
    try:
        return _select(statement, planning)
    except errors.NotSupportedError:
        return _relational(statement, planning)  # a function that only the engine knows


def _relational(statement: ast.Query, planning: Planning) -> op.Plan:
    from aerodbapi.plan.queries import plan_query, targets

    for target in targets(statement, planning):
        planning.catalog.get(target.namespace, target.set)
    if isinstance(planning.catalog, _Watched) and planning.catalog.missing.sets:
        return op.Plan(op.Empty("the catalog has to know more first"))
    if planning.context.profile == "aql" and getattr(statement, "table", statement) is None:
        statement = transform(statement, _text)
    return plan_query(statement, planning)


def _select(statement: ast.Select, planning: Planning) -> op.Plan:
    if statement.table is None:
        return _select_values(statement, planning)
    context, table = planning.context, statement.table
    target = bind_table(table, context)
    planning = placed(target, planning)
    allowed = scope(table, target, planning)
    statement = with_paths(statement, allowed, target, planning)
    where = _where(statement, allowed)
    draft = Draft(
        target,
        whole_condition(where, table_of(allowed)),
        limit=_count(statement.limit),
        offset=_count(statement.offset),
        outputs=(),
    )
    for rule in RULES[:3]:
        draft = rule(draft, planning)
    info = _columns_of(statement, draft, planning)
    columns, star = select_list(statement.items, allowed, info, True)
    outputs = None if star is not None else tuple(column.source for column in columns)
    draft = replace(draft, outputs=outputs)
    for rule in RULES[3:]:
        draft = rule(draft, planning)
    root = op.Project(_limited(draft, access(draft)), columns, star)
    return op.Plan(root, columns, _notes(draft, statement))


def _columns_of(statement: ast.Select, draft: Draft, planning: Planning) -> SetInfo | None:
    """What is known of the set; a sample is worth its price for a query of all columns only."""
    has_star = any(isinstance(item.expression, ast.Star) for item in statement.items)
    if draft.by_key or draft.empty or not has_star:
        return known(planning.catalog, draft.target)
    return planning.catalog.get(draft.target.namespace, draft.target.set)


def _where(statement: ast.Select, allowed: frozenset[tuple[str, ...]]) -> ast.Expr | None:
    if statement.where is None:
        if statement.membership is not None:
            raise errors.ProgrammingError(f"IN {statement.membership} needs a WHERE")
        return None
    where = bind_expression(statement.where, allowed)
    return where if statement.membership is None else rewrite(where, statement.membership)


def _select_values(statement: ast.Select, planning: Planning) -> op.Plan:
    items = statement.items
    if planning.context.profile == "aql":
        items = transform(items, _text)  # a quoted name, where there is a table
    columns, _ = select_list(items, frozenset({()}), None, False)
    read = next((name for column in columns for name in columns_of(column.source)), None)
    if read is not None:
        raise errors.ProgrammingError(f"there is no table to take {read.name} from{place(read)}")
    root: op.Operation = op.Values((tuple(column.source for column in columns),))
    if statement.where is not None:
        root = op.Guard(root, bind_expression(statement.where))
    limit, offset = _count(statement.limit), _count(statement.offset)
    if limit is not None or offset is not None:
        root = op.Limit(root, limit, offset)
    columns = tuple(replace(column, type=type_of(column.source, None)) for column in columns)
    return op.Plan(op.Project(root, columns), columns)


def _text(node: Any) -> Any:
    if isinstance(node, ast.Column) and node.quoted and not node.table:
        return ast.Literal(node.name, node.span)
    return node


def _count(expression: ast.Expr | None) -> op.Value | None:
    return None if expression is None else bind_value(bind_expression(expression))


def _limited(draft: Draft, node: op.Operation) -> op.Operation:
    if draft.empty is not None or (draft.limit is None and draft.offset is None):
        return node
    return op.Limit(node, draft.limit, draft.offset)


def _notes(draft: Draft, statement: ast.Select) -> tuple[str, ...]:
    notes = draft.notes
    if statement.offset is not None and not draft.by_key:
        notes += ("rows come in no order: OFFSET passes over any of them",)
    return notes


# ---- refusals ----------------------------------------------------------------------------------


def refuse(statement: Any) -> None:
    """Raise NotSupportedError for the first clause that needs the relational engine."""
    for name, span in getattr(statement, "relational", ()):
        raise errors.NotSupportedError(f"not supported yet: {name}{place(span)}")
    for item in getattr(statement, "order", ()):
        raise errors.NotSupportedError(f"not supported yet: ORDER BY{place(item.expression)}")


def _explain(statement: ast.Explain, planning: Planning) -> op.Plan:
    if not isinstance(statement.statement, (*_QUERIES, *_WRITES)):
        refuse(statement.statement)
    inner = planned(statement.statement, planning)
    columns = explain.ANALYZED if statement.analyze else explain.COLUMNS
    return replace(
        inner,
        explain=True,
        analyze=statement.analyze,
        tree=statement.tree,
        columns=explain.TREE if statement.tree else columns,
    )


_PLANNERS: Final[dict[type, Callable[[Any, Planning], op.Plan]]] = {
    ast.Select: _query,
    ast.SetOperation: _query,
    ast.ValueRows: _query,
    ast.Insert: insert,
    ast.Update: update,
    ast.Delete: remove,
    ast.Transaction: lambda statement, _: op.Plan(op.Transact(statement.what)),
    ast.Truncate: truncate,
    ast.CreateIndex: create_index,
    ast.DropIndex: drop_index,
    ast.Show: show,
    ast.Describe: describe,
    ast.Explain: _explain,
}
