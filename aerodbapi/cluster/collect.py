"""Keep what a conversation emits for another conversation, instead of for the carrier's reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aerodbapi.cluster.effects import Conversation, Emit, Fork
from aerodbapi.frozen import replace

__all__ = ["collected"]

_T = TypeVar("_T")


def collected(conversation: Conversation[_T], sink: Callable[[Any], None]) -> Conversation[_T]:
    """Run `conversation`, giving what it (and its branches) emit to `sink`.

    Branches may call `sink` from several threads at once: `list.extend` is safe.
    """
    answer: Any = None
    error: BaseException | None = None
    while True:
        try:
            effect = conversation.send(answer) if error is None else conversation.throw(error)
        except StopIteration as stop:
            value: _T = stop.value
            return value
        answer = error = None
        if type(effect) is Emit:
            sink(effect.items)
            continue
        if type(effect) is Fork:
            branches = tuple(collected(branch, sink) for branch in effect.branches)
            effect = replace(effect, branches=branches)
        try:
            answer = yield effect
        except BaseException as caught:
            error = caught
