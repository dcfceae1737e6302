"""Values of identity columns: drawn from atomic counters in the cluster, in blocks where it pays.

A counter is a record of the bookkeeping set whose bin `value` is the last value drawn. Several
rows draw theirs at once. A program that inserts row after row draws some ahead; those that it
leaves when it ends are nobody's: values are unique and grow, but not without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.dbapi.declaring import bookkeeping_key, carried
from aerodbapi.errors import GenerationError, RecordExists, RecordNotFound
from aerodbapi.frozen import replace
from aerodbapi.native import operations, records
from aerodbapi.plan.declaration import counter_key
from aerodbapi.protocol.flags import TTL_NEVER

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.plan.table_operations import Draw

__all__ = ["Counters", "begin", "drawn", "end", "raised"]

_BIN: Final = "value"
_QUICK: Final = 0.05  # seconds between two single draws that follow each other
_STREAK: Final = 8  # single draws in a row after which some are drawn ahead
_AHEAD: Final = 64
_ATTEMPTS: Final = 20


class Counters:
    """A session's values drawn ahead. Threads may share it: a value is popped once."""

    __slots__ = ("_ahead", "_streaks")

    def __init__(self) -> None:
        self._ahead: dict[Draw, list[int]] = {}
        self._streaks: dict[Draw, tuple[int, float]] = {}

    def take(self, draw: Draw) -> int | None:
        """A value drawn ahead, if there is one."""
        try:
            return self._ahead[draw].pop()
        except (KeyError, IndexError):
            return None

    def wanted(self, draw: Draw, now: float) -> int:
        """How many values to draw for a single row."""
        count, before = self._streaks.get(draw, (0, now))
        count = count + 1 if now - before < _QUICK else 0
        self._streaks[draw] = (count, now)
        return 1 if count < _STREAK else _AHEAD

    def keep(self, draw: Draw, values: Sequence[int]) -> None:
        """Keep values for the next rows."""
        self._ahead[draw] = list(reversed(values))

    def forget(self, namespace: str, set_name: str) -> None:
        """Forget a table's values."""
        for draw in [d for d in self._ahead if (d.namespace, d.set) == (namespace, set_name)]:
            self._ahead.pop(draw, None)


def drawn(
    session: Session, draws: Sequence[Draw], rows: int
) -> Conversation[list[tuple[int, ...]]]:
    """Draw a value from each counter for every row: one tuple a row."""
    columns: list[list[int]] = []
    for draw in draws:
        values = yield from _values(session, draw, rows)
        columns.append(values)
    return list(zip(*columns))


def _values(session: Session, draw: Draw, rows: int) -> Conversation[list[int]]:
    counters = session.counters
    if rows == 0:
        return []
    if rows > 1:
        return (yield from _block(session, draw, rows))
    ready = counters.take(draw)
    if ready is None:
        count = counters.wanted(draw, session.catalog.clock())
        ready, *rest = yield from _block(session, draw, count)
        if rest:
            counters.keep(draw, rest)
    return [ready]


def _block(session: Session, draw: Draw, count: int) -> Conversation[list[int]]:
    """Draw `count` values by one atomic addition."""
    ops = [operations.increment(_BIN, draw.step * count), operations.read(_BIN)]
    record = yield from carried(session, records.operate(_key(draw), ops, _policy(session)))
    last: int = record.bins[_BIN]
    first = last - draw.step * (count - 1)
    return list(range(first, last + 1, draw.step))


def _key(draw: Draw) -> Any:
    return bookkeeping_key(draw.namespace, counter_key(draw.set, draw.column))


def _policy(session: Session, **changes: Any) -> Any:
    # A counter that is added to twice only leaves a gap.
    return replace(session.write_policy, ttl=TTL_NEVER, send_key=True, **changes)


def begin(session: Session, draw: Draw) -> Conversation[None]:
    """Set a counter up, if it is none yet."""
    bins = {_BIN: draw.start - draw.step}
    policy = _policy(session, exists="create")
    with suppress(RecordExists):
        yield from carried(session, records.put(_key(draw), bins, policy))


def end(session: Session, draw: Draw) -> Conversation[None]:
    """Remove a counter."""
    with suppress(RecordNotFound):
        yield from carried(session, records.remove(_key(draw), session.write_policy))


def raised(session: Session, draw: Draw, value: int) -> Conversation[None]:
    """Have the counter go on above a value that a program gave itself."""
    for _ in range(_ATTEMPTS):
        record = yield from carried(session, records.get(_key(draw), session.read_policy))
        if record.bins.get(_BIN, 0) >= value:
            return
        session.counters.forget(draw.namespace, draw.set)
        steps = -(-(value - draw.start) // draw.step)
        policy = _policy(session, gen="equal", generation=record.meta.gen)
        try:
            bins = {_BIN: draw.start + steps * draw.step}
            yield from carried(session, records.put(_key(draw), bins, policy))
            return
        except GenerationError:
            continue
