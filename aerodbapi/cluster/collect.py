"""Keep what a conversation emits for another conversation, instead of for the carrier's reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aerodbapi.cluster.effects import Conversation, Emit, Fork
from aerodbapi.frozen import replace

__all__ = ["collected", "piped"]

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


def piped(
    conversation: Conversation[_T], handle: Callable[[Any], Conversation[None]]
) -> Conversation[_T]:
    """Run `conversation`; what it and its branches emit goes to conversations that `handle` makes.

    Each is run to its end before more is emitted. Branches may be at it at the same time.
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
        try:
            if type(effect) is Emit:
                yield from handle(effect.items)
                continue
            if type(effect) is Fork:
                branches = tuple(piped(branch, handle) for branch in effect.branches)
                effect = replace(effect, branches=branches)
            answer = yield effect
        except BaseException as caught:
            error = caught
