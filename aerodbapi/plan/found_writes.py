"""UPDATE and DELETE of what only the relational engine can find or compute; and RETURNING.

The engine is asked for the records' digests, generations and keys, and for what is assigned; each
record is then written under its generation, and of those that had changed it is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Union

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan import operations as op
from aerodbapi.plan.bind import bind_expression, bind_value, table_of
from aerodbapi.plan.declaration import PRESENCE, Table
from aerodbapi.plan.declared_writes import assigned as assigned_value
from aerodbapi.plan.draft import Planning, known, scope
from aerodbapi.plan.outputs import select_list
from aerodbapi.plan.set_places import bind_place
from aerodbapi.plan.subqueries import planned
from aerodbapi.plan.tree import columns, conjoin, conjuncts, is_bin, is_constant

__all__ = ["Allowed", "Options", "by_query", "returning"]

Allowed = frozenset[tuple[str, ...]]
Options = tuple[tuple[str, op.Value], ...]
#: Of an assignment that the engine computes: (bin, path within it).
_Spot = tuple[str, tuple[ast.Expr, ...]]
_Changing = Union[ast.Update, ast.Delete]


def returning(
    items: tuple[ast.SelectItem, ...],
    allowed: Allowed,
    target: op.Target,
    by_key: bool,
    planning: Planning,
) -> op.Returning | None:
    """Plan RETURNING: its columns, and the bins that are read for them."""
    if not items:
        return None
    star = any(isinstance(item.expression, ast.Star) for item in items)
    info = known(planning.catalog, target)
    if star and not by_key:
        info = planning.catalog.get(target.namespace, target.set)
    found, at = select_list(items, allowed, info, True)
    names = (each.name for column in found for each in columns(column.source) if is_bin(each))
    return op.Returning(found, at, None if at is not None else tuple(dict.fromkeys(names)))


def by_query(
    statement: _Changing,
    target: op.Target,
    planning: Planning,
    given: Options,
    refused: errors.NotSupportedError,
) -> op.Plan:
    """Let the relational engine find the records, and compute what is assigned to them.

    Raises `refused` where the engine cannot either.
    """
    allowed = scope(statement.table, target, planning)
    spots, values, more = _assigned(statement, allowed, refused)
    try:
        found = _found(statement, target, values, planning)
    except errors.NotSupportedError:
        raise refused from None
    back = returning(statement.returning, allowed, target, False, planning)
    extra = (*given, *more)
    node: op.Update | op.Remove = op.Remove(found, None, extra, None, None, back)
    if isinstance(statement, ast.Update):
        chosen = tuple(_steps(spots, table_of(allowed)))
        node = op.Update(found, chosen, None, extra, None, None, back)
    return op.Plan(node, () if back is None else back.columns)


def _assigned(
    statement: _Changing, allowed: Allowed, refused: errors.NotSupportedError
) -> tuple[list[_Spot], list[ast.Expr], Options]:
    """Give the places that are set, the expressions to compute for them, and `__ttl`."""
    spots: list[_Spot] = []
    values: list[ast.Expr] = []
    more: list[tuple[str, op.Value]] = []
    for spot, value in statement.assignments if isinstance(statement, ast.Update) else ():
        column, path = bind_place(spot, allowed)
        if column.name == "__ttl" and not is_bin(column):
            more.append(("ttl", bind_value(bind_expression(value, allowed))))
        elif not is_bin(column) or not all(map(is_constant, path)):
            raise refused
        else:
            spots.append((column.name, path))
            values.append(value)
    return spots, values, tuple(more)


def _found(
    statement: _Changing, target: op.Target, values: Sequence[ast.Expr], planning: Planning
) -> op.Found:
    """Plan the query for the records, and the one for those that had changed."""
    names = (ast.Column("__digest"), ast.Column("__gen"), ast.Column("PK"), *values)
    items = tuple(
        ast.SelectItem(each, f"c{number}", aliased=True) for number, each in enumerate(names)
    )
    span = statement.span or ast.Span(0, 0, 1, 1)
    query = ast.Select(
        items,
        statement.table,
        statement.where,
        limit=statement.limit,
        relational=(*statement.relational, ("subquery", span)),
    )
    parameters = planning.context.parameters
    some = ast.In(ast.Column("__digest"), (ast.Parameter(len(parameters)),))
    again = replace(query, where=conjoin((*conjuncts(statement.where), some)), limit=None)
    context = replace(planning.context, parameters=(*parameters, "list:bytes"))
    return op.Found(
        target, planned(query, planning), planned(again, replace(planning, context=context))
    )


def _steps(spots: Sequence[_Spot], table: Table | None) -> Iterator[op.Step]:
    """What is written of what the engine computed: of parameters 0, 1, …, and then the key."""
    for number, (name, path) in enumerate(spots):
        value: ast.Expr = ast.Parameter(number)
        if not path:
            value = assigned_value(ast.Column(name, quoted=True), value, table)
            if isinstance(value, ast.Call):
                value = replace(value, arguments=(*value.arguments, ast.Parameter(len(spots))))
        yield op.Step(name, "compute", value, path=path)
    if table is not None and table.may_be_empty and not table.key[1:]:
        yield op.Step(PRESENCE, "compute", ast.Literal(1))
