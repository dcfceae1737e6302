"""UPDATE, DELETE and definitions become plans. INSERT and its kin are in `inserts`.

WHERE finds the records by the rules of SELECT. Subqueries run first; what only the relational
engine can decide or compute is asked of it as a query for the records' digests and generations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan import operations as op
from aerodbapi.plan.access import access
from aerodbapi.plan.assignments import Assignment, steps
from aerodbapi.plan.bind import (
    KEY,
    bin_name,
    bind_column,
    bind_expression,
    bind_table,
    bind_value,
    expression_of,
    options,
    table_of,
)
from aerodbapi.plan.declared import whole_condition
from aerodbapi.plan.declared_writes import assigned as assigned_value
from aerodbapi.plan.declared_writes import or_default, presence
from aerodbapi.plan.draft import Draft, Planning, known, scope
from aerodbapi.plan.found_writes import Allowed, Options, by_query, returning
from aerodbapi.plan.rules import RULES
from aerodbapi.plan.set_places import bind_place
from aerodbapi.plan.subqueries import Lifted
from aerodbapi.plan.tree import columns, is_bin, is_constant, place, substitute

__all__ = [
    "WRITE_OPTIONS",
    "bound_assignments",
    "create_index",
    "drop_index",
    "remove",
    "truncate",
    "update",
]

#: WITH (…) of writes.
REMOVE_OPTIONS: Final = frozenset({"durable_delete", "gen", "generation", "send_key", "commit"})
WRITE_OPTIONS: Final = REMOVE_OPTIONS | {"ttl"}


# ---- UPDATE, DELETE ----------------------------------------------------------------------------


def update(statement: ast.Update, planning: Planning) -> op.Plan:
    """Plan UPDATE. `SET __ttl = n` is WITH (ttl = n); PK and other metadata cannot be set."""
    target = bind_table(statement.table, planning.context)
    allowed = scope(statement.table, target, planning)
    lifted = Lifted(planning)
    where = None if statement.where is None else lifted.lift(statement.where)
    assigned = tuple((spot, lifted.lift(value)) for spot, value in statement.assignments)
    given = options(statement.options, WRITE_OPTIONS)
    if not lifted.correlated:
        try:
            assignments, more = bound_assignments(assigned, allowed)
            plan = _update(statement, target, where, assignments, (*given, *more), lifted.planning)
            return lifted.around(plan)
        except errors.NotSupportedError as problem:
            refused = problem
    else:
        refused = errors.NotSupportedError("not supported yet: this subquery")
    return by_query(statement, target, planning, given, refused)


def bound_assignments(
    assigned: Sequence[tuple[ast.Column | ast.Subscript, ast.Expr]], allowed: Allowed
) -> tuple[list[Assignment], Options]:
    """Bind SET's places and values; `__ttl` is an option."""
    assignments: list[Assignment] = []
    given: list[tuple[str, op.Value]] = []
    for spot, expression in assigned:
        column, path = bind_place(spot, allowed)
        value = bind_expression(or_default(expression, column, table_of(allowed)), allowed)
        if column.name == "__ttl" and not is_bin(column) and not path:
            given.append(("ttl", bind_value(value)))
        elif not is_bin(column):
            raise errors.ProgrammingError(
                f"{column.name} cannot be changed{place(spot)}: a record keeps its key"
            )
        elif any(
            name == column.name and (not others or not path or others == path)
            for name, others, _ in assignments
        ):
            raise errors.ProgrammingError(f"bin {column.name} is set twice{place(spot)}")
        else:
            value = value if path else assigned_value(column, value, table_of(allowed))
            assignments.append((column.name, path, value))
    return assignments, tuple(given)


def _update(
    statement: ast.Update,
    target: op.Target,
    where: ast.Expr | None,
    assignments: list[Assignment],
    given: Options,
    planning: Planning,
) -> op.Plan:
    allowed = scope(statement.table, target, planning)
    draft, generation = _found(where, target, allowed, planning, statement.limit)
    bound = [(name, path, _with_key(value, draft)) for name, path, value in assignments]
    bound += presence(bound, table_of(allowed), planning.context)
    reads = any(path or not is_constant(value) for _, path, value in bound)
    info = known(planning.catalog, target) if reads else None
    chosen = steps(bound, planning.context, info)
    # One step that has to be computed makes all of them so: what each reads is needed.
    computed: tuple[ast.Expr, ...] = ()
    if any(step.how == "compute" for step in chosen):
        own = (ast.Column(step.bin) for step in chosen if step.path)
        indexes = (index for step in chosen for index in step.path)
        computed = (*(step.expression for step in chosen), *own, *indexes)
    draft = _finished(replace(draft, outputs=computed), planning)
    back = returning(statement.returning, allowed, target, draft.by_key, planning)
    node = op.Update(access(draft), chosen, draft.residual, given, generation, draft.limit, back)
    return _plan(node, draft, back)


def _plan(node: op.Update | op.Remove, draft: Draft, back: op.Returning | None) -> op.Plan:
    return op.Plan(node, () if back is None else back.columns, notes=draft.notes)


def _with_key(value: ast.Expr, draft: Draft) -> ast.Expr:
    """Put the key that WHERE names where a right side reads PK."""
    if draft.single and draft.keys and not draft.digest and KEY in columns(value):
        return substitute(value, KEY, expression_of(draft.keys[0]))
    return value


def remove(statement: ast.Delete, planning: Planning) -> op.Plan:
    """Plan DELETE."""
    target = bind_table(statement.table, planning.context)
    allowed = scope(statement.table, target, planning)
    given = options(statement.options, REMOVE_OPTIONS)
    lifted = Lifted(planning)
    where = None if statement.where is None else lifted.lift(statement.where)
    if lifted.correlated:
        refused = errors.NotSupportedError("not supported yet: this subquery")
        return by_query(statement, target, planning, given, refused)
    try:
        draft, generation = _found(where, target, allowed, lifted.planning, statement.limit)
        draft = _finished(replace(draft, outputs=()), lifted.planning)
    except errors.NotSupportedError as refused:
        return by_query(statement, target, planning, given, refused)
    back = returning(statement.returning, allowed, target, draft.by_key, planning)
    node = op.Remove(access(draft), draft.residual, given, generation, draft.limit, back)
    return lifted.around(_plan(node, draft, back))


def _found(
    where: ast.Expr | None,
    target: op.Target,
    allowed: Allowed,
    planning: Planning,
    limit: ast.Expr | None,
) -> tuple[Draft, op.Value | None]:
    """Draft the way to the records that are changed; and the generation they must have."""
    bound = None if where is None else bind_expression(where, allowed)
    most = None if limit is None else bind_value(bind_expression(limit))
    conditions = whole_condition(bound, table_of(allowed))
    draft = Draft(target, conditions, outputs=(), writes=True, limit=most)
    for rule in RULES[:3]:
        draft = rule(draft, planning)
    return _generation(draft) if draft.by_key else (draft, None)


def _finished(draft: Draft, planning: Planning) -> Draft:
    for rule in RULES[3:]:
        draft = rule(draft, planning)
    return draft


def _generation(draft: Draft) -> tuple[Draft, op.Value | None]:
    """Take `__gen = value` out of WHERE: the write itself can expect it."""
    column = ast.Column("__gen")
    for part in draft.where:
        if isinstance(part, ast.Binary) and part.op == "=":
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if one == column and is_constant(other):
                    rest = tuple(each for each in draft.where if each is not part)
                    return replace(draft, where=rest), bind_value(other)
    return draft, None


# ---- definitions -------------------------------------------------------------------------------


def truncate(statement: ast.Truncate, planning: Planning) -> op.Plan:
    """Plan TRUNCATE."""
    target = bind_table(statement.table, planning.context)
    up_to = None if statement.up_to is None else bind_value(statement.up_to)
    return op.Plan(op.Truncate(target, up_to))


_INDEX_TYPES: Final = {
    "int": "NUMERIC",
    "str": "STRING",
    "bytes": "BLOB",
    "geojson": "GEO2DSPHERE",
}


def create_index(statement: ast.CreateIndex, planning: Planning) -> op.Plan:
    """Plan CREATE INDEX; a type that is not given is inferred from the catalog.

    Raises ProgrammingError when it cannot be, or for an index on PK.
    """
    target = bind_table(statement.table, planning.context)
    if statement.source is not None:
        return op.Plan(_index_over(statement, replace(target, set=target.set or None)))
    column = bind_column(ast.Column(statement.bin), scope(None, target, planning))
    if not is_bin(column):
        raise errors.ProgrammingError(
            f"{statement.bin} needs no index: it is no bin{place(statement)}"
        )
    type_name = statement.type
    if type_name is None:
        type_name = _inferred(statement, target, planning)
    name = bin_name(column)
    return op.Plan(
        op.CreateIndex(
            replace(target, set=target.set or None),
            statement.name,
            name,
            type_name,
            statement.collection,
            statement.if_not_exists,
        )
    )


def _index_over(statement: ast.CreateIndex, target: op.Target) -> op.CreateIndex:
    """An index over an element of a bin, or over an expression."""
    from aerodbapi.plan import indexes
    from aerodbapi.plan.render import render

    assert statement.source is not None
    name, context, expression = "", b"", b""
    if isinstance(statement.source, (ast.Column, ast.Subscript)):
        name, context = indexes.element(statement.source)
        bin_name(ast.Column(name, span=statement.source.span))
        if statement.type is None:
            raise errors.ProgrammingError(
                f"an index on an element needs its type{place(statement)}: "
                "say NUMERIC, STRING, BLOB or GEO2DSPHERE"
            )
    else:
        expression = indexes.packed_expression(statement, statement.type)
    return op.CreateIndex(
        target,
        statement.name,
        name,
        statement.type,
        statement.collection,
        statement.if_not_exists,
        context,
        expression,
        render(statement.source),
    )


def _inferred(statement: ast.CreateIndex, target: op.Target, planning: Planning) -> str:
    info = planning.catalog.get(target.namespace, target.set)
    bound = bind_column(ast.Column(statement.bin), scope(None, target, planning))
    column = None if info is None else info.column(bound.name)
    if column is not None and statement.collection is None and len(column.kinds) == 1:
        found = _INDEX_TYPES.get(next(iter(column.kinds)))
        if found is not None:
            return found
    raise errors.ProgrammingError(
        f"the type of the values in {statement.bin} is not known{place(statement)}: "
        "say NUMERIC, STRING, BLOB or GEO2DSPHERE"
    )


def drop_index(statement: ast.DropIndex, planning: Planning) -> op.Plan:
    """Plan DROP INDEX. Without a table the index is one of the default namespace."""
    context = planning.context
    if statement.table is not None:
        namespace = bind_table(statement.table, context).namespace
    elif context.namespace is not None:
        namespace = context.namespace
    else:
        raise errors.ProgrammingError(
            f"there is no default namespace: DROP INDEX {statement.name} ON namespace"
            f"{place(statement)}"
        )
    return op.Plan(op.DropIndex(namespace, statement.name, statement.if_exists))
