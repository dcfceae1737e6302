"""Run conversations together: inline when there is one of them, under a Fork otherwise.

A Fork may cost worker threads; a cluster of one node, or a batch of one node's keys, never
pays for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Union

from aerodbapi.cluster.effects import Conversation, Fork
from aerodbapi.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["together", "together_or_raise"]

_T = TypeVar("_T")


def together(branches: Iterable[Conversation[_T]]) -> Conversation[list[Union[_T, Error]]]:
    """Run `branches`; return each one's value or the Error that it raised, in order."""
    branches = tuple(branches)
    if len(branches) == 1:
        try:
            return [(yield from branches[0])]
        except Error as error:
            return [error]
    if not branches:
        return []
    outcomes: list[Union[_T, Error]] = yield Fork(branches)
    return outcomes


def together_or_raise(branches: Iterable[Conversation[Any]]) -> Conversation[list[Any]]:
    """Run `branches` until one raises an Error: that ends the others and is raised here."""
    branches = tuple(branches)
    if len(branches) == 1:
        return [(yield from branches[0])]
    if not branches:
        return []
    outcomes = yield Fork(branches, stop_on_error=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Error)]
    if errors:
        # The branches that were ended have QueryAborted: the cause is another error, if any.
        raise next((e for e in errors if e.result_code != _ABORTED), errors[0])
    return list(outcomes)


_ABORTED = 210
