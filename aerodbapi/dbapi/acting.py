"""AQL's own statements at work: what their plans name becomes conversations.

`Actor` is made once for a plan; `start(values)` gives the rows' source, if there are rows, and
the conversation that emits them, or returns an Outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.collect import collected
from aerodbapi.dbapi import applying, commanding, looking, operating
from aerodbapi.dbapi.reading import RowSource
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import ProgrammingError
from aerodbapi.plan import actions
from aerodbapi.plan import operations as plans
from aerodbapi.plan.values import resolve

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["Actor"]

#: Emits lists of rows; returns how many records were changed.
Rows = Callable[["Session", Any, Sequence[Any]], "Conversation[int]"]

_ROWS: Final[Mapping[type, Rows]] = MappingProxyType(
    {
        actions.Apply: applying.apply,
        actions.StreamUDF: applying.aggregate,
        actions.Operate: operating.operate,
        actions.Look: looking.look,
    }
)


class _Columns:
    """What a RowSource asks for columns that are settled from the beginning."""

    fixed = True

    def __init__(self, columns: tuple[plans.OutputColumn, ...]) -> None:
        self.columns = columns
        self.unseen: set[str] = set()


class Actor:
    """A plan whose root is one of `plan.actions`."""

    def __init__(self, session: Session, plan: plans.Plan) -> None:
        self._session = session
        self._action: Any = plan.root
        self._columns = plan.columns

    def start(self, values: Sequence[Any]) -> tuple[RowSource | None, Conversation[Any]]:
        """(the rows' source or None, the conversation)"""
        action = self._action
        if not self._columns:
            return None, self.outcome(values)
        source = getattr(action, "source", None)
        streams = isinstance(source, (plans.PartitionQuery, plans.IndexQuery)) and not getattr(
            action, "background", True
        )
        columns: Any = _Columns(self._columns)
        talk = _ROWS[type(action)](self._session, action, values)
        return RowSource(columns, complete=not streams), talk

    def outcome(self, values: Sequence[Any]) -> Conversation[Outcome]:
        """Do what gives no rows."""
        if self._columns:
            raise ProgrammingError("executemany runs statements that change data, not queries")
        session, action = self._session, self._action
        if isinstance(action, actions.Command):
            keywords = {name: _resolved(value, values) for name, value in action.arguments}
            return (yield from commanding.COMMANDS[action.what](session, **keywords))
        rows: list[Any] = []
        count = yield from collected(_ROWS[type(action)](session, action, values), rows.extend)
        return Outcome(count)


def _resolved(value: Any, values: Sequence[Any]) -> Any:
    if isinstance(value, (plans.Slot, plans.Constant, plans.Computed)):
        return resolve(value, values)
    return value
