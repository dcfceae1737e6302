"""A carrier without a network: runs conversations against scripted nodes on a virtual clock.

Branches of a Fork take turns in an order that `random` decides, one effect at a time, so that
a seed decides how their streams interleave.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from typing import Any, Protocol

from aerodbapi.cluster.effects import Close, Emit, Exchange, Fork, Next, Sleep, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.errors import ConnectionFailed, Error, QueryAborted, Timeout

MAX_EFFECTS = 200_000  # a conversation that goes on for ever fails instead


class Peer(Protocol):
    """What answers at an address. Both methods may raise an Error to say how the try fails."""

    def exchange(self, node: Node, request: bytes, carrier: FakeCarrier) -> bytes: ...

    def stream(self, node: Node, request: bytes, carrier: FakeCarrier) -> Iterator[bytes]: ...


class Handle:
    def __init__(self, node: Node, frames: Iterator[bytes], deadline: float | None) -> None:
        self.node = node
        self.frames = frames
        self.deadline = deadline
        self.closed: bool | None = None  # as reusable or not


class FakeCarrier:
    """`peers`: address → Peer; an address without one refuses connections."""

    def __init__(self, peers: dict[str, Peer] | None = None, seed: int = 0) -> None:
        self.peers: dict[str, Peer] = peers if peers is not None else {}
        self.random = random.Random(seed)
        self.now = 1000.0
        self.effects: list[Any] = []
        self.emitted: list[Any] = []
        self.sleeps: list[float] = []
        self.handles: list[Handle] = []

    def clock(self) -> float:
        return self.now

    def run(self, conversation: Generator[Any, Any, Any]) -> Any:
        for _ in self._steps(conversation, result := []):
            pass
        return result[0]

    def pause(self, seconds: float, deadline: float | None, node: Node) -> None:
        """Let a peer be slow: the clock goes on, to the deadline at most."""
        if deadline is not None and self.now + seconds >= deadline:
            self.now = max(self.now, deadline)
            raise Timeout("timed out waiting for the reply", node=str(node), in_doubt=True)
        self.now += seconds

    # ---- the interpreter -----------------------------------------------------------------

    def _steps(self, conversation: Generator[Any, Any, Any], result: list[Any]) -> Iterator[None]:
        """Run a conversation; pause after every effect, so that others can take a turn."""
        answer: Any = None
        failure: Error | None = None
        while True:
            try:
                if failure is None:
                    effect = conversation.send(answer)
                else:
                    effect = conversation.throw(failure)
            except StopIteration as stop:
                result.append(stop.value)
                return
            self.effects.append(effect)
            assert len(self.effects) < MAX_EFFECTS, "a conversation without an end"
            answer = failure = None
            try:
                if isinstance(effect, Fork):
                    answer = yield from self._fork(effect)
                else:
                    answer = self._answer(effect)
            except Error as error:
                failure = error
            yield

    def _fork(self, fork: Fork) -> Generator[None, None, list[Any]]:
        outcomes: list[Any] = [None] * len(fork.branches)
        running = {
            index: (self._steps(branch, result := []), result)
            for index, branch in enumerate(fork.branches)
        }
        while running:
            index = self.random.choice(list(running))
            steps, result = running[index]
            try:
                next(steps)
            except StopIteration:
                outcomes[index] = result[0]
            except Error as error:
                outcomes[index] = error
                if fork.stop_on_error:
                    for other in set(running) - {index}:
                        fork.branches[other].close()
                        outcomes[other] = QueryAborted("another branch failed")
                    return outcomes
            else:
                yield
                continue
            del running[index]
        return outcomes

    def _answer(self, effect: Any) -> Any:
        if isinstance(effect, Exchange):
            return self._peer(effect.node, effect.deadline).exchange(
                effect.node, effect.request, _Deadlined(self, effect)
            )
        if isinstance(effect, Stream):
            peer = self._peer(effect.node, effect.deadline)
            frames = peer.stream(effect.node, effect.request, _Deadlined(self, effect))
            self.handles.append(Handle(effect.node, frames, effect.deadline))
            return self.handles[-1]
        if isinstance(effect, Next):
            handle: Handle = effect.handle
            assert handle.closed is None, "read after Close"
            if handle.deadline is not None and self.now >= handle.deadline:
                raise Timeout("timed out waiting for a frame", node=str(handle.node))
            frame = next(handle.frames, None)
            if frame is None:
                raise ConnectionFailed(
                    "the node closed the connection", node=str(handle.node), in_doubt=True
                )
            return frame
        if isinstance(effect, Close):
            assert effect.handle.closed is None, "closed twice"
            effect.handle.closed = effect.reusable
            return None
        if isinstance(effect, Sleep):
            self.sleeps.append(effect.seconds)
            self.now += effect.seconds
            return None
        assert isinstance(effect, Emit)
        self.emitted.append(effect.items)
        return None

    def _peer(self, node: Node, deadline: float | None) -> Peer:
        if deadline is not None and self.now >= deadline:
            raise Timeout("the deadline passed before the command was sent", node=str(node))
        peer = self.peers.get(node.address)
        if peer is None:
            raise refused(node)
        return peer


class _Deadlined:
    """The carrier as a peer sees it: `wait` is bounded by its effect's deadline."""

    def __init__(self, carrier: FakeCarrier, effect: Exchange | Stream) -> None:
        self.carrier = carrier
        self.effect = effect

    def wait(self, seconds: float) -> None:
        self.carrier.pause(seconds, self.effect.deadline, self.effect.node)


def refused(node: Node) -> ConnectionFailed:
    error = ConnectionFailed(f"cannot connect to {node.address}: refused", node=str(node))
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return error
