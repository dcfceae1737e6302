"""EXPLAIN: a plan as rows or as lines; EXPLAIN ANALYZE runs it and says what each step did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster.effects import Emit, Work
from aerodbapi.dbapi.key_facts import with_key_facts
from aerodbapi.dbapi.nested import rows_of
from aerodbapi.dbapi.projection import Projection, Row
from aerodbapi.dbapi.reading import RowSource
from aerodbapi.dbapi.results import Window
from aerodbapi.dbapi.statistics import Meter, measured, steps
from aerodbapi.errors import Error
from aerodbapi.plan import explain
from aerodbapi.plan import operations as plans

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation, Pull, Pulled
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.statements import Execution, Prepared

__all__ = ["explained"]


def explained(
    session: Session, plan: plans.Plan, values: Sequence[Any], inner: Prepared | None
) -> tuple[RowSource, Conversation[None]]:
    """EXPLAIN's rows; `inner` is the statement where it is to be run (ANALYZE)."""
    projection = Projection(plans.Project(plans.Empty("EXPLAIN"), plan.columns), None)
    builder = projection.bind(())
    names = [column.name for column in plan.columns]

    def talk() -> Conversation[None]:
        actual = None if inner is None else (yield from _run(session, inner, values))
        if plan.tree:
            rows: list[tuple[Any, ...]] = [(line,) for line in explain.lines(plan, actual)]
        else:
            objects = yield from _objects(session, plan)
            rows = explain.rows(plan, objects, actual)
            rows = with_key_facts(session, plan, rows, values)
        records = [Row(dict(zip(names, row)), None, None, 0, -1, "") for row in rows]
        yield Emit(builder.rows(records))

    return RowSource(builder, complete=True), talk()


def _objects(session: Session, plan: plans.Plan) -> Conversation[dict[plans.Target, int]]:
    """Ask how many records the sets that are read whole have, one copy of each."""
    found: dict[plans.Target, int] = {}
    wanted = {node.target for node in explain.nodes(plan) if isinstance(node, plans.PartitionQuery)}
    for namespace in {target.namespace for target in wanted if target.set}:
        try:
            shown = yield from session.show("sets", (namespace,))
        except Error:
            continue  # an estimate is no reason to fail
        copies = _copies(session, namespace)
        for row in shown:
            target = plans.Target(namespace, row.get("set"))
            if target in wanted and row.get("objects") is not None:
                found[target] = row["objects"] // copies
    return found


def _copies(session: Session, namespace: str) -> int:
    table = session.cluster.partitions.get(namespace)
    return max(len(table.replicas), 1) if table is not None else 1


# ---- ANALYZE -----------------------------------------------------------------------------------


def _run(
    session: Session, inner: Prepared, values: Sequence[Any]
) -> Conversation[dict[int, explain.Step]]:
    """Run a statement to its end, keeping only the counts."""
    began = perf_counter()
    execution = inner.start(values)
    meters: Sequence[Meter]
    if execution.call is not None:
        meter = Meter(_single(inner.plan.root))
        rows = len((yield from measured(rows_of(session, inner, values), meter)))
        meter.emitted(rows)
        meters = [meter]
    elif execution.source is not None:
        counted = _Counted(execution)
        rows = yield Work(counted.run, counted.stop)
        meters = execution.source.meters
    else:
        rows = (yield from execution.conversation()).rowcount
        meters = execution.meters
    ms = round((perf_counter() - began) * 1000, 3)
    return steps(inner.plan, meters, rows, ms)


def _single(node: Any) -> Any:
    while not isinstance(node, plans.Get):
        node = node.child
    return node


class _Counted:
    """Reads an execution's rows as a cursor would, for their number."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._pulled: Pulled | None = None

    def run(self, pull: Pull) -> int:
        execution, count = self._execution, 0
        execution.source.settle()  # type: ignore[union-attr]
        self._pulled = pull(execution.conversation())
        for rows in _over(execution.window, self._pulled):
            count += len(rows)
        return count

    def stop(self) -> None:
        if self._pulled is not None:
            self._pulled.close()


def _over(window: Window, pulled: Pulled) -> Iterator[list[Any]]:
    def batches() -> Iterator[Any]:
        try:
            yield from pulled
        finally:
            pulled.close()

    return window.over(batches())  # type: ignore[arg-type]
