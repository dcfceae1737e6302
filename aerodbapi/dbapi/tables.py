"""CREATE, ALTER and DROP TABLE, views, REFRESH TABLE: what they do in the cluster.

A declaration is changed under its generation: of two programs that alter a table at a time, the
second works on what the first left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info
from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.effects import Sleep
from aerodbapi.dbapi import counters, sampling
from aerodbapi.dbapi.declaring import FRESH, bookkeeping_key, carried, declaration
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import (
    Error,
    GenerationError,
    IntegrityError,
    ProgrammingError,
    RecordExists,
    RecordNotFound,
)
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.native import records
from aerodbapi.plan import operations as plans
from aerodbapi.plan import table_operations as ops
from aerodbapi.plan.declaration import PRESENCE, DeclaredColumn, Table, View
from aerodbapi.plan.pushdown import compile_filter
from aerodbapi.plan.sql_types import SqlType
from aerodbapi.plan.table_operations import Draw
from aerodbapi.plan.tables import altered, column_type_of_code, table_of_columns
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.flags import TTL_NEVER

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["Definer"]

_ATTEMPTS: Final = 20
#: Seconds between the last write and a truncation, which spares what is as young as itself.
_TICK: Final = 0.002


class Definer:
    """A statement that defines something, ready to run."""

    def __init__(self, session: Session, op: Any) -> None:
        self._session = session
        self._op = op

    def run(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """The conversation that does it."""
        return _DOERS[type(self._op)](self._session, self._op)


# ---- declarations ------------------------------------------------------------------------------


def _write(session: Session, what: Table | View, **changes: Any) -> Conversation[None]:
    """Store a declaration under its generation; a new one where there must be none yet."""
    policy = replace(session.write_policy, ttl=TTL_NEVER, send_key=True, **changes)
    key = bookkeeping_key(what.namespace, what.set)
    yield from carried(session, records.put(key, what.bins(), policy))
    session.catalog.note_books(what.namespace, True, session.catalog.clock() + FRESH)
    yield from declaration(session, what.namespace, what.set)


def _forget(session: Session, namespace: str, set_name: str) -> Conversation[None]:
    key = bookkeeping_key(namespace, set_name)
    with suppress(RecordNotFound):
        yield from carried(session, records.remove(key, session.write_policy))
    session.catalog.invalidate(namespace, set_name)


def _called(target: Any) -> str:
    return f"{target.namespace}.{target.set}"


def _exists(what: Table | View | None, target: Any) -> ProgrammingError:
    kind = "view" if isinstance(what, View) else "table"
    return ProgrammingError(f"there is a {kind} {_called(target)} already")


def _create_table(session: Session, op: ops.CreateTable) -> Conversation[Outcome]:
    table = op.table
    session.cluster.check_namespace(table.namespace)
    done = yield from _declare(session, table, op.if_not_exists)
    return Outcome(messages=list(op.notes) if done else [])


def _declare(session: Session, table: Table, if_not_exists: bool) -> Conversation[bool]:
    """Store a new table's declaration; False when there is one already, and that is no error."""
    known = yield from declaration(session, table.namespace, table.set)
    if known.what is None:
        for column in table.drawn:
            yield from counters.end(session, _draw(table, column))
            yield from counters.begin(session, _draw(table, column))
        try:
            yield from _write(session, table, exists="create")
            return True
        except RecordExists:
            known = yield from declaration(session, table.namespace, table.set)
    if if_not_exists and known.table is not None:
        return False
    raise _exists(known.what, table)


def _draw(table: Table, column: DeclaredColumn) -> Draw:
    start, step = column.identity or (1, 1)
    return Draw(table.namespace, table.set, column.name, start, step)


# ---- CREATE TABLE … AS -------------------------------------------------------------------------


def _create_table_as(session: Session, op: ops.CreateTableAs) -> Conversation[Outcome]:
    session.cluster.check_namespace(op.target.namespace)
    columns = yield from _columns_of(session, op.query)
    table = table_of_columns(op.target, columns)
    if not (yield from _declare(session, table, op.if_not_exists)):
        return Outcome()
    name = ast.TableName((op.target.namespace, op.target.set or ""))
    names = tuple(ast.Column(column, quoted=True) for column, _ in columns)
    insert = ast.Insert("INSERT", name, names, (), source=op.query)
    try:
        prepared = yield from session.prepared(insert)
        return (yield from prepared.change(()))
    except Error:
        yield from _drop_table(session, table)
        raise


def _columns_of(session: Session, query: ast.Query) -> Conversation[list[tuple[str, SqlType]]]:
    """The columns of a query; the engine is asked for types that planning cannot tell."""
    plan = (yield from session.prepared(query)).plan
    codes = [column.type for column in plan.columns]
    if not {"", "JSON"}.isdisjoint(codes):
        codes = yield from _described(session, query, codes)
    return [(c.name, column_type_of_code(code)) for c, code in zip(plan.columns, codes)]


def _described(session: Session, query: ast.Query, codes: list[str]) -> Conversation[list[str]]:
    """The type codes that the engine gives to a query's columns."""
    span = ast.Span(0, 0, 1, 1)
    nothing = ast.Select(
        (ast.SelectItem(ast.Star(), "*"),),
        source=ast.Derived(query, "q"),
        where=ast.Literal(False),
        relational=(("subquery", span),),
    )
    execution = (yield from session.prepared(nothing)).start(())
    yield from collected(execution.conversation(), lambda items: None)
    source: Any = execution.source
    schema = getattr(source, "schema", None)
    if schema is None:
        return codes
    found = []
    for column, field in zip(source.columns, schema):
        size = (getattr(field.type, "precision", 0), getattr(field.type, "scale", 0))
        found.append(f"DECIMAL{size}" if column.type == "DECIMAL" else column.type)
    return found


# ---- ALTER TABLE -------------------------------------------------------------------------------


def _alter_table(session: Session, op: ops.AlterTable) -> Conversation[Outcome]:
    namespace, set_name = op.target.namespace, op.target.set or ""
    for _ in range(_ATTEMPTS):
        table = (yield from declaration(session, namespace, set_name)).table
        if table is None:
            if op.statement.if_exists:
                return Outcome()
            raise ProgrammingError(f"{_called(op.target)} is not declared: CREATE TABLE does that")
        new = altered(table, op.statement)
        if new is None:
            return Outcome()
        yield from _check_alteration(session, table, new)
        for column in new.drawn:
            if column not in table.drawn:
                yield from counters.begin(session, _draw(new, column))
        try:
            yield from _write(
                session, new, exists="replace", gen="equal", generation=table.generation
            )
        except GenerationError:
            continue
        yield from _follow(session, table, new)
        return Outcome(messages=_notes(table, new))
    raise GenerationError(f"the declaration changed during each of {_ATTEMPTS} attempts")


def _check_alteration(session: Session, table: Table, new: Table) -> Conversation[None]:
    """Refuse NOT NULL where a record has no value, and gets none."""
    for column in new.columns:
        before = table.of_bin(column.bin)
        if column.nullable or not column.bin or (before is not None and not before.nullable):
            continue
        if before is None and (column.default is not None or column.identity is not None):
            continue
        found = yield from _found(session, new, column, missing=True)
        if found:
            raise IntegrityError(
                f"{len(found)} records of {_called(table)} have no value for {column.name}"
            )


def _follow(session: Session, table: Table, new: Table) -> Conversation[None]:
    """Have the records follow: new columns get their defaults, dropped ones go."""
    for column in new.columns:
        if column.bin and table.of_bin(column.bin) is None and column.default is not None:
            yield from _fill(session, new, column)
    for column in table.columns:
        if column.bin and new.of_bin(column.bin) is None:
            yield from _clear(session, new, column)
            if column.identity is not None:
                yield from counters.end(session, _draw(table, column))


def _fill(session: Session, table: Table, column: DeclaredColumn) -> Conversation[None]:
    from aerodbapi.plan.defaults import default_expression

    update = ast.Update(
        ast.TableName((table.namespace, table.set)),
        ((ast.Column(column.name, quoted=True), default_expression(column)),),
        ast.IsNull(ast.Column(column.name, quoted=True)),
    )
    prepared = yield from session.prepared(update)
    yield from prepared.change(())


def _clear(session: Session, table: Table, column: DeclaredColumn) -> Conversation[None]:
    """Take a dropped column's bin out of the records."""
    from aerodbapi.dbapi.changing import Changer

    nothing = ast.Literal(None)
    steps = [plans.Step(column.bin, "write", nothing, plans.Constant(None))]
    if table.may_be_empty:
        steps.append(plans.Step(PRESENCE, "write", ast.Literal(1), plans.Constant(1)))
    source = _reading(table, column, missing=False)
    yield from Changer(session, plans.Update(source, tuple(steps), None)).run(())


def _found(
    session: Session, table: Table, column: DeclaredColumn, *, missing: bool
) -> Conversation[dict[bytes, Any]]:
    source = _reading(table, column, missing=missing)
    assert source.pushed is not None
    from aerodbapi.native.policies import packed_filter

    filter = packed_filter(source.pushed.builder(()).exp)
    return (yield from session.find(source, (), filter))


def _reading(table: Table, column: DeclaredColumn, *, missing: bool) -> plans.PartitionQuery:
    """The query for records that have a bin, or have it not."""
    condition = ast.IsNull(ast.Column(column.bin, quoted=True), not missing)
    pushed = plans.Pushed(condition, True, compile_filter(condition))
    return plans.PartitionQuery(plans.Target(table.namespace, table.set), (), pushed)


def _notes(table: Table, new: Table) -> list[str]:
    return [
        f"{each.text} is kept as information: nothing enforces it"
        for each in new.constraints
        if each not in table.constraints
    ]


# ---- DROP --------------------------------------------------------------------------------------


def _drop(session: Session, op: ops.Drop) -> Conversation[Outcome]:
    for target in op.targets:
        session.cluster.check_namespace(target.namespace)
        known = yield from declaration(session, target.namespace, target.set or "")
        if op.what == "VIEW":
            if known.view is not None:
                yield from _forget(session, target.namespace, target.set or "")
            elif not op.if_exists or known.table is not None:
                raise ProgrammingError(f"there is no view {_called(target)}")
        elif known.view is not None:
            raise ProgrammingError(f"{_called(target)} is a view: DROP VIEW")
        elif known.table is not None:
            yield from _drop_table(session, known.table)
        elif (yield from _has_records(session, target)):
            yield from _remove(session, target)
        elif not op.if_exists:
            raise ProgrammingError(f"there is no table {_called(target)}")
    return Outcome()


def _has_records(session: Session, target: plans.Target) -> Conversation[bool]:
    command = f"sets/{target.namespace}/{target.set}"
    answers = yield from info.info_all(session.cluster, command)
    counts = (wire.pairs(text.strip(";\n "), ":").get("objects", "0") for text in answers.values())
    return any(count != "0" for count in counts)


def _drop_table(session: Session, table: Table) -> Conversation[None]:
    target = plans.Target(table.namespace, table.set)
    yield from _remove(session, target)
    for column in table.drawn:
        yield from counters.end(session, _draw(table, column))
    session.counters.forget(table.namespace, table.set)
    yield from _forget(session, table.namespace, table.set)


def _remove(session: Session, target: plans.Target) -> Conversation[None]:
    """Remove a set's indexes and records."""
    from aerodbapi.dbapi.defining import drop_index, truncate

    yield from sampling.indexes(session, target.namespace)
    for index in session.catalog.indexes(target.namespace) or ():
        if index.set == target.set:
            yield from drop_index(session, plans.DropIndex(target.namespace, index.name, True))
    yield Sleep(_TICK)
    yield from truncate(session, plans.Truncate(target), ())


# ---- views, REFRESH ----------------------------------------------------------------------------


def _create_view(session: Session, op: ops.CreateView) -> Conversation[Outcome]:
    view = op.view
    session.cluster.check_namespace(view.namespace)
    known = yield from declaration(session, view.namespace, view.set)
    if known.what is not None:
        if op.if_not_exists and known.view is not None:
            return Outcome()
        if not op.replace or known.view is None:
            raise _exists(known.what, view)
    name = ast.TableName((view.namespace, view.set))
    yield from _try_view(session, view, name)
    changes = {"exists": "create"} if known.what is None else {"exists": "create_or_replace"}
    yield from _write(session, view, **changes)
    return Outcome()


def _try_view(session: Session, view: View, name: ast.TableName) -> Conversation[None]:
    """Have the view's query planned, so that what is wrong with it is said now."""
    from aerodbapi.grammar.parser import parse

    tree: Any = parse(view.text)
    plan = (yield from session.prepared(tree)).plan
    if len(view.columns) > len(plan.columns):
        raise ProgrammingError(
            f"{len(view.columns)} names for the {len(plan.columns)} columns of {_called(view)}"
        )


def _refresh(session: Session, op: ops.Refresh) -> Conversation[Outcome]:
    target = op.target
    session.cluster.check_namespace(target.namespace)
    session.catalog.invalidate(target.namespace, target.set)
    if target.set:
        yield from declaration(session, target.namespace, target.set)
    found = yield from sampling.sample(session, target.namespace, target.set)
    session.catalog.put(found)
    yield from sampling.indexes(session, target.namespace)
    return Outcome()


_Doer = Callable[["Session", Any], "Conversation[Outcome]"]

_DOERS: Final[dict[type, _Doer]] = {
    ops.CreateTable: _create_table,
    ops.CreateTableAs: _create_table_as,
    ops.AlterTable: _alter_table,
    ops.Drop: _drop,
    ops.CreateView: _create_view,
    ops.Refresh: _refresh,
}
