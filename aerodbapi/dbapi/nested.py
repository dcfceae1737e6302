"""Queries inside statements that write: subqueries, INSERT … SELECT, the records to be changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster.collect import collected, piped
from aerodbapi.cluster.commands import command
from aerodbapi.errors import ProgrammingError

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.dbapi.statements import Execution, Prepared

__all__ = ["each_rows", "rows_of", "subquery_value"]


def rows_of(
    session: Session, query: Prepared, values: Sequence[Any]
) -> Conversation[list[tuple[Any, ...]]]:
    """All rows of a query."""
    execution = query.start(values)
    if execution.call is not None:
        call = execution.call
        if call.txn is not None:
            from aerodbapi.native.transactions import carry_out  # few programs need it

            body = yield from carry_out(session.cluster, call)
            return call.read(body, call.key)[1]
        body = yield from command(
            session.cluster,
            call.key[0],
            call.partition,
            call.frame,
            policy=call.policy,
            write=False,
            accept=call.accept,
        )
        return call.read(body, call.key)[1]
    window = execution.window
    chunks: list[Any] = []  # of rows, or Arrow's, which the window makes rows of
    if not window.full():
        _settled(execution)
        yield from collected(execution.conversation(), chunks.append)
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks:
        rows += window.cut(chunk)
    return rows


def each_rows(
    session: Session,
    query: Prepared,
    values: Sequence[Any],
    handle: Callable[[list[tuple[Any, ...]]], Conversation[None]],
) -> Conversation[None]:
    """Hand a query's rows on as they come; several batches of them may be in work at once."""
    execution = query.start(values)
    window = execution.window
    if execution.call is not None or window.left is not None or window.skip:
        # Batches that come together could not be counted one after the other.
        rows = yield from rows_of(session, query, values)
        yield from handle(rows)
        return
    _settled(execution)
    finish = window.finish or (lambda rows: rows)
    yield from piped(execution.conversation(), lambda rows: handle(finish(rows)))


def _settled(execution: Execution) -> None:
    """Let the columns be what they are now: rows are taken by position."""
    if execution.source is not None:
        execution.source.settle()


def subquery_value(
    session: Session, how: str, query: Prepared, values: Sequence[Any]
) -> Conversation[Any]:
    """What a subquery stands for: its "value", the "list" of its column, or whether it "exists"."""
    rows = yield from rows_of(session, query, values)
    if how == "exists":
        return bool(rows)
    if rows and len(rows[0]) != 1:
        raise ProgrammingError(f"a subquery gives {len(rows[0])} columns where one is wanted")
    if how == "list":
        return [row[0] for row in rows]
    if len(rows) > 1:
        raise ProgrammingError(f"a subquery gives {len(rows)} rows where one value is wanted")
    return rows[0][0] if rows else None
