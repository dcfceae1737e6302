"""INSERT, UPDATE, DELETE and definitions become plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan import operations as op
from aerodbapi.plan.assignments import steps
from aerodbapi.plan.bind import (
    KEY,
    bin_name,
    bind_column,
    bind_expression,
    bind_table,
    bind_value,
    expression_of,
    options,
    qualifiers,
)
from aerodbapi.plan.draft import Draft, Planning, known
from aerodbapi.plan.keys import write_key
from aerodbapi.plan.rules import RULES
from aerodbapi.plan.tree import columns, conjuncts, is_bin, is_constant, place, substitute

__all__ = ["create_index", "drop_index", "insert", "remove", "truncate", "update"]

#: Builds the operations that find a draft's records.
Access = Callable[[Draft], op.Operation]

#: WITH (…) of writes.
WRITE_OPTIONS: Final = frozenset({"ttl", "durable_delete", "send_key"})
REMOVE_OPTIONS: Final = frozenset({"durable_delete"})

_MODES: Final = {"UPSERT": "merge", "REPLACE": "replace"}


# ---- INSERT ------------------------------------------------------------------------------------


def insert(statement: ast.Insert, planning: Planning) -> op.Plan:
    """Plan INSERT (create in profile sql, merge in aql), UPSERT (merge) and REPLACE.

    Raises ProgrammingError without PK, for a column named twice or another than a bin, or for
    rows of another length; IntegrityError where PK is NULL.
    """
    target = bind_table(statement.table, planning.context)
    names, key_at = _insert_columns(statement, target)
    rows = tuple(_row(row, names, key_at, statement) for row in statement.rows)
    default = "merge" if planning.context.profile == "aql" else "create"
    mode = _MODES.get(statement.verb, default)
    given = options(statement.options, WRITE_OPTIONS)
    return op.Plan(op.Write(target, mode, rows, given))  # type: ignore[arg-type]


def _insert_columns(statement: ast.Insert, target: op.Target) -> tuple[list[str], int]:
    allowed = qualifiers(statement.table, target)
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


def _row(
    cells: Sequence[ast.Expr], names: Sequence[str], key_at: int, statement: ast.Insert
) -> tuple[op.Value, tuple[tuple[str, op.Value], ...]]:
    if len(cells) != len(names):
        where = place(cells[0]) if cells else place(statement)
        raise errors.ProgrammingError(
            f"{len(names)} columns are named, and this row has {len(cells)} values{where}"
        )
    values = [bind_value(cell) for cell in cells]
    key = values[key_at]
    if isinstance(key, op.Constant):
        write_key(key.value)
    bins = tuple(
        (name, value)
        for position, (name, value) in enumerate(zip(names, values))
        if position != key_at
    )
    return key, bins


# ---- UPDATE, DELETE ----------------------------------------------------------------------------


def update(statement: ast.Update, planning: Planning, access: Access) -> op.Plan:
    """Plan UPDATE. `SET __ttl = n` is WITH (ttl = n); PK and other metadata cannot be set."""
    target = bind_table(statement.table, planning.context)
    allowed = qualifiers(statement.table, target)
    assignments: list[tuple[str, ast.Expr]] = []
    given = list(options(statement.options, WRITE_OPTIONS))
    for column, expression in statement.assignments:
        bound = bind_column(column, allowed)
        value = bind_expression(expression, allowed)
        if bound.name == "__ttl" and not is_bin(bound):
            given.append(("ttl", bind_value(value)))
        elif not is_bin(bound):
            raise errors.ProgrammingError(
                f"{column.name} cannot be changed{place(column)}: a record keeps its key"
            )
        elif any(name == bound.name for name, _ in assignments):
            raise errors.ProgrammingError(f"bin {bound.name} is set twice{place(column)}")
        else:
            assignments.append((bound.name, value))
    draft, generation = _found(statement, target, allowed, planning)
    assignments = [(name, _with_key(value, draft)) for name, value in assignments]
    info = known(planning.catalog, target) if _reads(assignments) else None
    chosen = steps(assignments, planning.context, info)
    # One step that has to be computed makes all of them so: what each reads is needed.
    computes = any(step.how == "compute" for step in chosen)
    computed = tuple(step.expression for step in chosen) if computes else ()
    draft = _finished(replace(draft, outputs=computed), planning)
    node = op.Update(
        access(draft),
        tuple(assignments),
        draft.residual,
        tuple(given),
        chosen,
        generation,
    )
    return op.Plan(node, notes=draft.notes)


def _with_key(value: ast.Expr, draft: Draft) -> ast.Expr:
    """Put the key that WHERE names where a right side reads PK, which an update never reads."""
    if KEY not in columns(value):
        return value
    if draft.single and draft.keys and not draft.digest:
        return substitute(value, KEY, expression_of(draft.keys[0]))
    found = next(column for column in columns(value) if column == KEY)
    raise errors.NotSupportedError(f"not supported yet: PK in SET without PK = …{place(found)}")


def _reads(assignments: Sequence[tuple[str, ast.Expr]]) -> bool:
    return any(not is_constant(expression) for _, expression in assignments)


def remove(statement: ast.Delete, planning: Planning, access: Access) -> op.Plan:
    """Plan DELETE."""
    target = bind_table(statement.table, planning.context)
    allowed = qualifiers(statement.table, target)
    given = options(statement.options, REMOVE_OPTIONS)
    draft, generation = _found(statement, target, allowed, planning)
    draft = _finished(draft, planning)
    node = op.Remove(access(draft), draft.residual, given, generation)
    return op.Plan(node, notes=draft.notes)


def _found(
    statement: ast.Update | ast.Delete,
    target: op.Target,
    allowed: frozenset[tuple[str, ...]],
    planning: Planning,
) -> tuple[Draft, op.Value | None]:
    """Draft the way to the records that are changed; and the generation they must have."""
    where = None if statement.where is None else bind_expression(statement.where, allowed)
    draft = Draft(target, conjuncts(where), outputs=(), writes=True)
    for rule in RULES[:3]:
        draft = rule(draft, planning)
    return _generation(draft) if draft.by_key else (draft, None)


def _finished(draft: Draft, planning: Planning) -> Draft:
    for rule in RULES[3:]:
        draft = rule(draft, planning)
    if draft.residual is not None and KEY in columns(draft.residual):
        raise errors.NotSupportedError(
            "not supported yet: a condition on PK that the server cannot decide, where records"
            " are changed"
        )
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
    column = ast.Column(statement.bin)
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
    )


def _inferred(statement: ast.CreateIndex, target: op.Target, planning: Planning) -> str:
    info = planning.catalog.get(target.namespace, target.set)
    column = None if info is None else info.column(statement.bin)
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
