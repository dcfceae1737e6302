"""What `collected` keeps, and that it is transparent for everything else."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.effects import Conversation, Emit, Fork, Sleep
from aerodbapi.errors import Timeout


def _talk(log: list[Any]) -> Conversation[str]:
    yield Emit([1, 2])
    log.append((yield Sleep(1)))
    try:
        yield Sleep(2)
    except Timeout:
        log.append("timeout")
    yield Emit([3])
    outcomes = yield Fork((_branch(4), _branch(5)))
    return f"done {outcomes}"


def _branch(item: int) -> Conversation[int]:
    yield Emit([item])
    return item


def test_collects_own_items_and_those_of_branches() -> None:
    log: list[Any] = []
    items: list[int] = []
    talk = collected(_talk(log), items.extend)
    assert next(talk) == Sleep(1)
    assert talk.send("slept") == Sleep(2)
    fork = talk.throw(Timeout("late"))
    assert isinstance(fork, Fork)
    outcomes = []
    for branch in fork.branches:
        with pytest.raises(StopIteration) as stop:
            next(branch)
        outcomes.append(stop.value.value)
    with pytest.raises(StopIteration) as stop:
        talk.send(outcomes)
    assert stop.value.value == "done [4, 5]"
    assert items == [1, 2, 3, 4, 5]
    assert log == ["slept", "timeout"]


def test_closing_closes_the_inner_conversation() -> None:
    closed = []

    def inner() -> Conversation[None]:
        try:
            yield Sleep(1)
        finally:
            closed.append(True)

    talk = collected(inner(), print)
    next(talk)
    talk.close()
    assert closed == [True]
