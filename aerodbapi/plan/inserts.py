"""INSERT, UPSERT and REPLACE become plans: rows, ON CONFLICT, INSERT … SELECT, RETURNING."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan import operations as op
from aerodbapi.plan.assignments import steps
from aerodbapi.plan.bind import (
    KEY,
    bind_column,
    bind_expression,
    bind_table,
    bind_value,
    options,
    qualifiers,
)
from aerodbapi.plan.declared_writes import Rewritten, insert_rewritten
from aerodbapi.plan.draft import Planning, declared, known, scope
from aerodbapi.plan.evaluate import compile_predicate
from aerodbapi.plan.found_writes import returning
from aerodbapi.plan.keys import write_key
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.pushdown import compile_filter
from aerodbapi.plan.subqueries import Lifted, planned
from aerodbapi.plan.tree import columns, is_bin, place, rebuild
from aerodbapi.plan.writes import WRITE_OPTIONS, bound_assignments

__all__ = ["insert"]

_MODES: Final = {"UPSERT": "merge", "REPLACE": "replace"}
_Rows = tuple[tuple[op.Value, tuple[tuple[str, op.Value], ...]], ...]


def insert(statement: ast.Insert, planning: Planning) -> op.Plan:
    """Plan INSERT and its kin, for declared tables in terms of their bins."""
    target = bind_table(statement.table, planning.context)
    table = declared(planning.catalog, target)
    if table is None:
        return _insert(statement, planning)
    parameters = planning.context.parameters
    rewritten = insert_rewritten(statement, table, len(parameters))
    drawn = ("int",) * (len(rewritten.draws) * len(statement.rows))
    context = replace(planning.context, parameters=(*parameters, *drawn))
    return _insert(rewritten.statement, replace(planning, context=context), rewritten)


def _insert(
    statement: ast.Insert, planning: Planning, rewritten: Rewritten | None = None
) -> op.Plan:
    """Plan INSERT (create in profile sql, merge in aql), UPSERT (merge) and REPLACE.

    Raises ProgrammingError without PK, for a column named twice or another than a bin, or for
    rows of another length; IntegrityError where PK is NULL.
    """
    target = bind_table(statement.table, planning.context)
    allowed = qualifiers(statement.table, target)
    names, key_at = _columns(statement, allowed)
    default = "merge" if planning.context.profile == "aql" else "create"
    mode = _MODES.get(statement.verb, default)
    conflict = "fail"
    if statement.conflict is not None:
        _check_conflict(statement, allowed)
        mode, conflict = "create", "update" if statement.conflict.assignments else "ignore"
    node = op.Write(
        target,
        mode,  # type: ignore[arg-type]
        (),
        options(statement.options, WRITE_OPTIONS),
        names=tuple(names),
        conflict=conflict,  # type: ignore[arg-type]
        returning=returning(
            statement.returning, scope(statement.table, target, planning), target, True, planning
        ),
        draws=() if rewritten is None else rewritten.draws,
        raises=() if rewritten is None else rewritten.raises,
    )
    node, lifted = _sourced(node, statement, names, key_at, planning, rewritten)
    if conflict == "update":
        node = replace(node, update=_conflict_update(statement, node, allowed, lifted.planning))
    back = node.returning
    return lifted.around(op.Plan(node, () if back is None else back.columns))


def _columns(statement: ast.Insert, allowed: frozenset[tuple[str, ...]]) -> tuple[list[str], int]:
    if not statement.columns:
        raise errors.ProgrammingError(
            f"{statement.verb} names its columns: {statement.verb} INTO t (PK, a) VALUES … "
            f"(a declared table needs none){place(statement.table)}"
        )
    names: list[str] = []
    key_at: int | None = None
    for position, column in enumerate(statement.columns):
        bound = bind_column(column, allowed)
        if bound == KEY:
            if key_at is not None:
                raise errors.ProgrammingError(f"PK is named twice{place(column)}")
            key_at = position
        elif not is_bin(bound):
            raise errors.ProgrammingError(
                f"{column.name} cannot be inserted{place(column)}; WITH (ttl = …) sets a TTL"
            )
        elif bound.name in names:
            raise errors.ProgrammingError(f"bin {bound.name} is named twice{place(column)}")
        names.append("" if bound == KEY else bound.name)
    if key_at is None:
        raise errors.ProgrammingError(
            f"{statement.verb} needs the column PK, the record's key{place(statement.table)}"
        )
    return names, key_at


# ---- rows --------------------------------------------------------------------------------------


def _sourced(
    node: op.Write,
    statement: ast.Insert,
    names: list[str],
    key_at: int,
    planning: Planning,
    rewritten: Rewritten | None,
) -> tuple[op.Write, Lifted]:
    """Give the rows of VALUES, or the plan of the query that gives them."""
    lifted = Lifted(planning)
    if statement.source is None:
        rows = tuple(tuple(lifted.lift(cell) for cell in row) for row in statement.rows)
        try:
            bound = tuple(_row(row, names, key_at, statement) for row in rows)
            return replace(node, rows=bound), lifted
        except errors.NotSupportedError:
            # A function that only the engine knows.
            given = statement.rows if rewritten is None else rewritten.rows
            query: ast.Query = ast.ValueRows(
                tuple(map(tuple, given)), relational=(("VALUES", ast.Span(0, 0, 1, 1)),)
            )
            cells = () if rewritten is None else rewritten.cells
            node = replace(node, source=planned(query, planning), cells=cells)
            return node, Lifted(planning)
    plan = planned(statement.source, planning)
    width = len(names)
    if rewritten is not None:
        node, width = replace(node, cells=rewritten.cells), rewritten.width
    if plan.columns and len(plan.columns) != width:
        raise errors.ProgrammingError(
            f"{width} columns are named, and the query gives {len(plan.columns)}"
            f"{place(statement.source)}"
        )
    return replace(node, source=plan, whole=_reads(statement, node.target, planning)), lifted


def _reads(statement: ast.Insert, target: op.Target, planning: Planning) -> bool:
    """Tell whether the query may read what the statement writes."""
    for node in nodes(statement.source):
        if isinstance(node, ast.TableName):
            try:
                other = bind_table(node, planning.context)
            except errors.ProgrammingError:
                continue
            if other.namespace == target.namespace and other.set in (None, target.set):
                return True
    return False


def _row(
    cells: Sequence[ast.Expr], names: Sequence[str], key_at: int, statement: ast.Insert
) -> tuple[op.Value, tuple[tuple[str, op.Value], ...]]:
    if len(cells) != len(names):
        where = place(cells[0]) if cells else place(statement)
        raise errors.ProgrammingError(
            f"{len(names)} columns are named, and this row has {len(cells)} values{where}"
        )
    values = [bind_value(bind_expression(cell)) for cell in cells]
    key = values[key_at]
    if isinstance(key, op.Constant):
        write_key(key.value)
    bins = tuple(
        (name, value)
        for position, (name, value) in enumerate(zip(names, values))
        if position != key_at
    )
    return key, bins


# ---- ON CONFLICT -------------------------------------------------------------------------------


def _check_conflict(statement: ast.Insert, allowed: frozenset[tuple[str, ...]]) -> None:
    assert statement.conflict is not None
    for column in statement.conflict.columns:
        if bind_column(column, allowed) != KEY:
            raise errors.ProgrammingError(
                f"{column.name} is not unique{place(column)}: only PK can conflict"
            )
    if statement.verb != "INSERT":
        raise errors.ProgrammingError(
            f"{statement.verb} has no conflicts{place(statement.conflict)}: say INSERT"
        )


def _conflict_update(
    statement: ast.Insert,
    node: op.Write,
    allowed: frozenset[tuple[str, ...]],
    planning: Planning,
) -> op.Update:
    """Plan DO UPDATE: the row's values follow the bound ones, so `excluded.x` is a parameter."""
    conflict = statement.conflict
    assert conflict is not None
    context, first = planning.context, len(planning.context.parameters)
    bins = [name for name in node.names if name]
    places = {"PK": first} | {name: first + 1 + at for at, name in enumerate(bins)}
    kinds = _row_kinds(node, context.parameters, len(bins) + 1)
    context = replace(context, parameters=(*context.parameters, *kinds))

    def row_values(expression: ast.Expr) -> ast.Expr:
        if isinstance(expression, ast.Column):
            if [part.lower() for part in expression.table] == ["excluded"]:
                return _excluded(expression, places)
            return expression
        return rebuild(expression, row_values)

    assigned = [(spot, row_values(value)) for spot, value in conflict.assignments]
    assignments, given = bound_assignments(assigned, allowed)
    where = None
    if conflict.where is not None:
        where = bind_expression(row_values(conflict.where), allowed)
        compile_predicate(where)
    chosen = steps(assignments, context, known(planning.catalog, node.target))
    pushed = None
    if where is not None:
        pushed = op.Pushed(where, False, compile_filter(where))
    parts = [where] if where is not None else []
    if any(step.how == "compute" for step in chosen):
        parts += [step.expression for step in chosen]
        parts += [ast.Column(step.bin) for step in chosen if step.path]
    read = dict.fromkeys(each.name for part in parts for each in columns(part) if is_bin(each))
    source = op.Get(node.target, op.Slot(first), tuple(read), pushed)
    return op.Update(source, chosen, where, (*node.options, *given), returning=node.returning)


def _excluded(column: ast.Column, places: dict[str, int]) -> ast.Expr:
    name = "PK" if not column.quoted and column.name.upper() == "PK" else column.name
    if name in places:
        return ast.Parameter(places[name], span=column.span)
    return ast.Literal(None, span=column.span)  # a bin that the row does not have


def _row_kinds(
    node: op.Write, parameters: Sequence[str | None], count: int
) -> tuple[str | None, ...]:
    """Name the kind of each value of a row, None where rows differ or the kind is not known."""
    found: list[set[str | None]] = [set() for _ in range(count)]
    for key, bins in node.rows:
        for kinds, value in zip(found, (key, *(value for _, value in bins))):
            kinds.add(_kind(value, parameters))
    return tuple(kinds.pop() if len(kinds) == 1 else None for kinds in found)


def _kind(value: op.Value, parameters: Sequence[str | None]) -> str | None:
    if isinstance(value, op.Constant):
        return kind_of(value.value)
    if isinstance(value, op.Slot) and value.index < len(parameters):
        return parameters[value.index]
    return None
