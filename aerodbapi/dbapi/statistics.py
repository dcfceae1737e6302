"""What statements did: `cursor.query_stats`, and the steps of EXPLAIN ANALYZE.

Each read of the cluster has a Meter. A conversation is measured by what passes through it: the
bodies that answer its effects, the nodes that they come from, the rows that it emits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from aerodbapi.cluster.effects import Conversation, Emit, Exchange, Fork, Next, Stream
from aerodbapi.frozen import frozen, replace
from aerodbapi.plan import explain
from aerodbapi.plan import operations as plans
from aerodbapi.plan.render import render

if TYPE_CHECKING:
    from aerodbapi.dbapi.statements import Execution

__all__ = ["Meter", "QueryStats", "measured", "query_stats", "steps"]

_T = TypeVar("_T")


@frozen
class QueryStats:
    """What the last statement of a cursor did, as far as it has been read.

    `path`: how records were asked for (EXPLAIN's command types; several by commas), `index`: the
    secondary indexes used. `records`: those that came from the nodes, `rows`: those given to the
    program, or changed. `ms`: from `execute` to the last row read. `pushed`, `residual`: the
    conditions that the servers decided, and that were looked at here.
    """

    path: str
    index: str | None
    records: int
    rows: int
    bytes: int
    nodes: int
    ms: float
    pushed: str | None
    residual: str | None
    plan: tuple[str, ...]

    def __str__(self) -> str:
        head = (
            f"{self.rows} rows of {self.records} records ({self.bytes} bytes) from {self.nodes} "
            f"nodes in {self.ms:.1f} ms by {self.path}"
        )
        return "\n".join((head, *self.plan))


class Meter:
    """Counts what one read brings; threads may share it. `leaf`: the operation that reads.

    `arrived`: records, where fewer were kept. `kept`: those that went on.
    """

    __slots__ = ("_lock", "arrived", "began", "bytes", "ended", "kept", "leaf", "nodes")

    def __init__(self, leaf: Any) -> None:
        self.leaf = leaf
        self.began = self.ended = perf_counter()
        self.arrived = self.kept = self.bytes = 0
        self.nodes: set[Any] = set()
        self._lock = Lock()

    @property
    def records(self) -> int:
        return max(self.arrived, self.kept)

    @property
    def ms(self) -> float:
        return round((self.ended - self.began) * 1000, 3)

    def looked(self, records: int) -> None:
        """Count records that are looked at before they are kept."""
        with self._lock:
            self.arrived += records

    def emitted(self, rows: int) -> None:
        with self._lock:
            self.kept += rows
            self.ended = perf_counter()

    def came(self, size: int) -> None:
        with self._lock:
            self.bytes += size
            self.ended = perf_counter()


def measured(conversation: Conversation[_T], meter: Meter) -> Conversation[_T]:
    """Run `conversation`, counting in `meter` what it (and its branches) read and emit."""
    answer: Any = None
    error: BaseException | None = None
    while True:
        try:
            effect: Any = conversation.send(answer) if error is None else conversation.throw(error)
        except StopIteration as stop:
            value: _T = stop.value
            return value
        answer = error = None
        kind = type(effect)
        if kind is Emit:
            meter.emitted(len(effect.items))
        elif kind is Fork:
            branches = tuple(measured(branch, meter) for branch in effect.branches)
            effect = replace(effect, branches=branches)
        elif kind in (Exchange, Stream):
            meter.nodes.add(effect.node)
        try:
            answer = yield effect
        except BaseException as caught:
            error = caught
        if kind in (Next, Exchange) and answer is not None:
            meter.came(len(answer))


# ---- of one execution --------------------------------------------------------------------------


def query_stats(execution: Execution, source: Any, rows: int) -> QueryStats | None:
    """Put together what is known of an execution. None where it has no plan."""
    plan, meters = execution.plan, list(getattr(source, "meters", None) or execution.meters)
    if plan is None:
        return None
    size = getattr(source, "size", 0)
    if execution.call is not None or execution.write is not None:
        meters = []
    if execution.write is not None:
        leaves = [plan.root]
    else:
        leaves = [meter.leaf for meter in meters] or list(_leaves(plan.root))
    asked = [meter for meter in meters if explain.command_type(meter.leaf) != "local"]
    records = sum(meter.records for meter in asked) or (rows if size else 0)
    nodes = {node for meter in meters for node in meter.nodes}
    single = execution.call is not None or (execution.write is not None and not meters)
    return QueryStats(
        _joined(_commands(leaves)) or "local",
        _joined(leaf.index.name for leaf in leaves if hasattr(leaf, "index")),
        records,
        rows,
        sum(meter.bytes for meter in meters) + size,
        len(nodes) or int(single),
        round((execution.ended - execution.began) * 1000, 3),
        _joined(_conditions(plan), " AND "),
        _joined(explain.residuals(plan), " AND "),
        tuple(explain.lines(plan, steps(plan, meters, rows))),
    )


def _commands(leaves: Iterable[Any]) -> list[str]:
    """What was asked, without what was made up here where anything was."""
    names = [explain.command_type(leaf) for leaf in leaves]
    return [name for name in names if name != "local"] or names


def _conditions(plan: plans.Plan) -> Iterable[str]:
    for node in explain.nodes(plan):
        pushed: plans.Pushed | None = getattr(node, "pushed", None)
        if pushed is not None:
            yield render(pushed.predicate)


def _joined(parts: Iterable[str], by: str = ", ") -> str | None:
    return by.join(dict.fromkeys(parts)) or None


def _leaves(node: Any) -> Iterable[Any]:
    below = list(explain.below(node))
    if not below and explain.command_type(node) != "local":
        yield node
    for each in below:
        yield from _leaves(each)


def steps(
    plan: plans.Plan, meters: Sequence[Meter], rows: int, ms: float | None = None
) -> dict[int, explain.Step]:
    """Say what each node of a plan did."""
    found: dict[int, explain.Step] = {}
    by_leaf = {id(meter.leaf): meter for meter in meters}
    _walk(plan.root, found, lambda leaf: by_leaf.get(id(leaf)))
    own = by_leaf.get(id(plan.root))
    size = None if own is None else own.bytes
    found[id(plan.root)] = explain.Step(rows, None, size, ms)
    return found


def _walk(
    node: Any, found: dict[int, explain.Step], meter_of: Callable[[Any], Meter | None]
) -> Meter | None:
    """Note what a node did; give the meter of the one read below it."""
    own = meter_of(node)
    below = [_walk(each, found, meter_of) for each in explain.below(node)]
    if own is not None:
        found[id(node)] = explain.Step(own.kept, own.records, own.bytes, own.ms)
        return own
    read = [each for each in below if each is not None]
    if isinstance(node, (plans.Filter, plans.Guard, plans.Input, plans.KeyJoin)) and read:
        found.setdefault(id(node), explain.Step(read[0].kept))
        return read[0]
    return None
