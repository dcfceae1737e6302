"""Conversations: what run and iterate promise, the same for every carrier."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from aerodbapi.cluster.effects import Close, Emit, Exchange, Fork, Next, Sleep, Stream
from aerodbapi.cluster.node import Node
from aerodbapi.errors import (
    ConnectionFailed,
    Error,
    ProtocolError,
    QueryAborted,
    RecordNotFound,
    Timeout,
)
from aerodbapi.protocol.frame import MESSAGE, frame
from tests.transport.scripted import (
    AsyncFace,
    AsyncLoopbackFace,
    Face,
    LoopbackFace,
    Peer,
    Server,
    SyncFace,
    info_for,
)

END = b"end"


def request(text: str) -> bytes:
    return frame(MESSAGE, text.encode())


class World:
    """Some nodes that all answer like `answer(request body)`, and a carrier to reach them.

    `pulled` counts frames that a node began to make; `ended` those answers that were ended.
    """

    def __init__(self, kind: str, answer: Callable[[bytes], Iterable[bytes]], nodes: int) -> None:
        self.answer = answer
        self.pulled = 0
        self.ended = 0
        self.servers: list[Server] = []
        self.stopped: set[Node] = set()
        self.nodes: list[Node] = []
        if "loopback" in kind:
            self.nodes = [Node(f"N{n}", "127.0.0.1", 3000 + n) for n in range(nodes)]
            make: Any = AsyncLoopbackFace if "asyncio" in kind else LoopbackFace
            self.face: Face = make(lambda node: None if node in self.stopped else self)
        else:
            for n in range(nodes):
                self.servers.append(Server(self._script))
                self.nodes.append(self.servers[-1].node(f"N{n}"))
            self.face = (AsyncFace if kind == "asyncio" else SyncFace)(info_for(self.servers[0]))

    def receive(self, request: bytes) -> Iterator[bytes]:
        try:
            for body in self.answer(request[8:]):
                self.pulled += 1
                yield frame(MESSAGE, body)
        finally:
            self.ended += 1

    def _script(self, peer: Peer, request: bytes) -> None:
        for piece in self.receive(request):
            peer.send(piece)

    def open(self, count: int) -> bool:
        """Tell whether (soon) `count` connections are open; nodes in the process have none."""
        until = time.monotonic() + 5
        while self.servers and sum(s.open for s in self.servers) != count:
            if time.monotonic() > until:
                return False
            self.face.pause(0.005)
        return True

    def close(self) -> None:
        self.face.close()
        for server in self.servers:
            server.close()


@pytest.fixture(params=["threads", "asyncio", "loopback", "asyncio loopback"])
def world(request: pytest.FixtureRequest) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def start(answer: Callable[[bytes], Iterable[bytes]] | None = None, nodes: int = 1) -> World:
        worlds.append(World(request.param, answer or (lambda body: [body]), nodes))
        return worlds[-1]

    yield start
    for each in worlds:
        each.close()


def count_to(body: bytes) -> Iterator[bytes]:
    for number in range(int(body)):
        yield str(number).encode()
    yield END


def read(node: Node, text: str, *, deadline: float | None = None, limit: int | None = None):
    """A stream's bodies, emitted; returns how many."""
    handle = yield Stream(node, request(text), deadline)
    count = 0
    while (body := (yield Next(handle))) != END:
        yield Emit(body)
        count += 1
        if count == limit:
            yield Close(handle, reusable=False)
            return count
    yield Close(handle, reusable=True)
    return count


def ask(node: Node, text: str):
    return (yield Exchange(node, request(text)))


def fail(error: BaseException):
    yield Sleep(0)
    raise error


# ---- run ---------------------------------------------------------------------------------------


def test_run_returns_the_conversations_value(world):
    w = world()

    def talk():
        first = yield Exchange(w.nodes[0], request("a"))
        assert (yield Sleep(0.001)) is None
        assert (yield Emit([1])) is None
        second = yield Exchange(w.nodes[0], request("b"))
        return first + second

    assert w.face.run(talk()) == b"ab"
    assert w.open(1)


def test_run_of_a_conversation_without_effects(world):
    def talk():
        return 7
        yield

    assert world().face.run(talk()) == 7


def test_run_raises_what_the_conversation_raises(world):
    w = world()
    for error in (RecordNotFound(), ZeroDivisionError()):
        with pytest.raises(type(error)) as caught:
            w.face.run(fail(error))
        assert caught.value is error


def test_failed_effect_is_thrown_in_and_the_conversation_may_go_on(world):
    w = world(lambda body: [body] if body != b"bad" else [])

    def script(peer: Peer, request: bytes) -> bool | None:
        if request[8:] == b"bad":
            return False
        peer.send(request)
        return None

    for server in w.servers:
        server.script = script

    def talk():
        try:
            yield Exchange(w.nodes[0], request("bad"))
        except ConnectionFailed as error:
            return error.in_doubt, (yield Exchange(w.nodes[0], request("good")))

    assert w.face.run(talk()) == (True, b"good")


def test_unknown_effect_is_a_bug_with_a_name(world):
    def talk():
        yield "not an effect"

    with pytest.raises(TypeError, match="'not an effect'"):
        world().face.run(talk())


def test_past_deadline_times_out(world):
    w = world()

    def talk():
        yield Exchange(w.nodes[0], request("a"), deadline=time.monotonic() - 1)

    with pytest.raises(Timeout) as caught:
        w.face.run(talk())
    assert caught.value.node == str(w.nodes[0])


# ---- streams -----------------------------------------------------------------------------------


def test_stream_is_read_to_its_end_and_its_connection_is_used_again(world):
    w = world(count_to)
    for _ in range(3):
        assert w.face.run(read(w.nodes[0], "50")) == 50
    assert w.open(1)
    assert sum(server.connections for server in w.servers) in (0, 1)


def test_stream_of_frames_of_every_size(world):
    sizes = [0, 1, 5, 65_528, 65_529, 300_000, 3, 1 << 20, 7, 65_527, 2]
    w = world(lambda _: [bytes([n]) * size for n, size in enumerate(sizes)] + [END])
    assert [len(body) for body in w.face.items(read(w.nodes[0], "x"))] == sizes


@pytest.mark.parametrize("how", ["returned", "raised", "said not reusable"])
def test_stream_that_is_left_costs_its_connection(how, world):
    w = world(count_to)

    def leave():
        handle = yield Stream(w.nodes[0], request("1000"))
        yield Next(handle)
        if how == "raised":
            raise RecordNotFound
        if how == "said not reusable":
            yield Close(handle, reusable=False)
            yield Close(handle, reusable=False)

    with suppress(RecordNotFound):
        w.face.run(leave())
    assert w.open(0)
    assert w.face.run(read(w.nodes[0], "5")) == 5
    assert w.open(1)


def test_stream_that_is_closed_too_early_as_reusable_is_not_reused(world):
    w = world(lambda _: [b"1", b"2", b"3", END])

    def leave():
        handle = yield Stream(w.nodes[0], request("x"))
        yield Next(handle)
        yield Sleep(0.05)
        yield Next(handle)
        yield Close(handle, reusable=True)

    w.face.run(leave())
    assert w.open(0)


def test_closed_stream_gives_no_more_frames(world):
    w = world(count_to)

    def talk():
        handle = yield Stream(w.nodes[0], request("3"))
        yield Close(handle, reusable=False)
        yield Next(handle)

    with pytest.raises(ConnectionFailed):
        w.face.run(talk())


def test_node_that_hangs_up_mid_stream(world):
    w = world(lambda _: [b"1", b"2"])
    for server in w.servers:
        server.script = lambda peer, _: peer.send(frame(MESSAGE, b"1")) or False

    with pytest.raises(ConnectionFailed) as caught:
        w.face.run(read(w.nodes[0], "x"))
    assert caught.value.in_doubt
    assert caught.value.node == str(w.nodes[0])
    assert w.open(0)


def test_garbage_in_a_stream_is_a_protocol_error(world):
    w = world()

    def broken(_: bytes) -> Iterator[bytes]:
        yield b"1"

    w.answer = broken
    for server in w.servers:
        server.script = lambda peer, _: peer.send(frame(MESSAGE, b"1") + b"\x09" * 20)
    if not w.servers:
        w.receive = lambda _: [frame(MESSAGE, b"1"), b"\x09" * 20]  # type: ignore[method-assign]
    with pytest.raises(ProtocolError) as caught:
        w.face.run(read(w.nodes[0], "x"))
    assert caught.value.node == str(w.nodes[0])
    assert w.open(0)


# ---- iterate -----------------------------------------------------------------------------------


def test_iterate_is_lazy_and_pulls_one_item_at_a_time(world):
    w = world(count_to)
    steps: list[str] = []

    def talk():
        steps.append("started")
        for number in range(3):
            yield Emit(number)
            steps.append(f"after {number}")

    items = w.face.items(talk())
    assert steps == []
    assert next(items) == 0
    assert steps == ["started"]
    assert next(items) == 1
    assert steps == ["started", "after 0"]
    assert list(items) == [2]


def test_iterate_over_a_stream(world):
    w = world(count_to)
    assert list(w.face.items(read(w.nodes[0], "100"))) == [str(n).encode() for n in range(100)]
    assert w.open(1)


def test_closing_the_iterator_ends_the_stream(world):
    w = world(count_to)
    items = w.face.items(read(w.nodes[0], "1000000"))
    assert next(items) == b"0"
    items.close()
    assert w.open(0)
    until = time.monotonic() + 5
    while w.ended < 1 and time.monotonic() < until:
        time.sleep(0.005)
    assert w.pulled < 1_000_000
    assert w.face.run(read(w.nodes[0], "3")) == 3


def test_dropping_the_iterator_ends_the_stream(world):
    w = world(count_to)
    items = w.face.items(read(w.nodes[0], "1000000"))
    next(items)
    del items
    gc.collect()
    assert w.open(0)


def test_closed_iterator_lets_the_conversation_clean_up(world):
    w = world(count_to)
    closed: list[bool] = []

    def talk():
        handle = yield Stream(w.nodes[0], request("1000000"))
        try:
            while True:
                yield Emit((yield Next(handle)))
        finally:
            yield Close(handle, reusable=False)
            closed.append(True)

    items = w.face.items(talk())
    next(items)
    items.close()
    assert closed == [True]
    assert w.open(0)


def test_slow_reader_holds_the_node_back(world):
    big = b"x" * 100_000

    def endless(_: bytes) -> Iterator[bytes]:
        while True:
            yield big

    w = world(endless, nodes=3)

    def everything():
        yield Fork(tuple(read(node, "x") for node in w.nodes))

    items = w.face.items(everything())
    for _ in range(5):
        next(items)
    w.face.pause(0.3)
    before = w.pulled
    w.face.pause(0.3)
    assert w.pulled - before <= 3
    # per node: what the kernel buffers, the connection's read-ahead, a few frames in the queue
    assert w.pulled < 3 * 250
    items.close()
    assert w.open(0)


def test_error_reaches_the_reader_once(world):
    w = world(count_to)

    def talk():
        yield Emit(1)
        raise RecordNotFound

    items = w.face.items(talk())
    assert next(items) == 1
    with pytest.raises(RecordNotFound):
        next(items)
    assert list(items) == []


# ---- fork --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 7, 40])
def test_fork_answers_outcomes_in_order(count, world):
    w = world(nodes=2)

    def everything():
        return (yield Fork(tuple(ask(w.nodes[n % 2], str(n)) for n in range(count))))

    assert w.face.run(everything()) == [str(n).encode() for n in range(count)]


def test_errors_of_branches_are_outcomes(world):
    w = world()

    def everything():
        branches = (ask(w.nodes[0], "a"), fail(RecordNotFound("gone")), ask(w.nodes[0], "b"))
        return (yield Fork(branches))

    first, second, third = w.face.run(everything())
    assert (first, third) == (b"a", b"b")
    assert isinstance(second, RecordNotFound)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_other_exceptions_end_all_branches(position, world):
    w = world()

    def slow():
        for _ in range(1000):
            yield Sleep(0.01)

    def everything():
        branches = [slow(), slow(), slow()]
        branches[position] = fail(ZeroDivisionError())
        if "Loopback" in type(w.face).__name__:
            branches = [fail(ZeroDivisionError())] * 2
        yield Fork(tuple(branches))

    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        w.face.run(everything())
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("position", [0, 1, 2])
def test_stop_on_error_ends_the_other_branches(position, world):
    w = world(count_to, nodes=2)

    def stall(peer: Peer, _: bytes) -> None:
        time.sleep(0.01)

    for server in w.servers:
        server.script = stall

    def everything():
        branches: list[Any] = [ask(w.nodes[0], "1"), read(w.nodes[1], "1"), ask(w.nodes[1], "1")]
        if not w.servers and position:
            return [QueryAborted()] * 2 + [RecordNotFound()]  # one after another: nothing to end
        branches[position] = fail(RecordNotFound())
        return (yield Fork(tuple(branches), stop_on_error=True))

    started = time.monotonic()
    outcomes = w.face.run(everything())
    assert time.monotonic() - started < 3
    assert sorted(type(o).__name__ for o in outcomes) == ["QueryAborted"] * 2 + ["RecordNotFound"]
    assert all(o.result_code in (2, 210) for o in outcomes)
    assert w.open(0)


def test_forks_inside_forks_do_not_starve(world):
    w = world()

    def tree(depth: int):
        if depth == 0:
            return (yield from ask(w.nodes[0], "x"))
        outcomes = yield Fork(tuple(tree(depth - 1) for _ in range(3)))
        return b"".join(outcomes)

    assert w.face.run(tree(4)) == b"x" * 81


def test_items_of_all_branches_arrive(world):
    w = world(count_to, nodes=3)

    def everything():
        counts = yield Fork(tuple(read(node, "200") for node in w.nodes))
        yield Emit(tuple(counts))

    items = list(w.face.items(everything()))
    assert items[-1] == (200, 200, 200)
    assert sorted(items[:-1]) == sorted(str(n).encode() for n in range(200) for _ in range(3))
    assert w.open(3)


def test_items_of_nested_and_single_forks_arrive(world):
    w = world(count_to, nodes=2)

    def both():
        yield Fork(tuple(read(node, "10") for node in w.nodes))

    def everything():
        yield Fork((both(),))
        yield Fork((both(), read(w.nodes[0], "5")))

    assert len(list(w.face.items(everything()))) == 45


def test_closing_the_iterator_of_a_fork_ends_its_branches_promptly(world):
    w = world(count_to, nodes=3)

    def stalling(peer: Peer, _: bytes) -> None:
        peer.send(frame(MESSAGE, b"1"))

    for server in w.servers:
        server.script = stalling
    threads = threading.active_count()

    def sleeping():
        yield Sleep(60)

    def everything():
        branches = [read(node, "1000000") for node in w.nodes]
        yield Fork((*branches, sleeping()))

    items = w.face.items(everything())
    next(items)
    started = time.monotonic()
    items.close()
    assert time.monotonic() - started < 2
    assert w.open(0)
    assert threading.active_count() <= threads + 8


def test_branch_that_fails_among_readers_is_raised_once(world):
    w = world(count_to, nodes=2)

    def everything():
        outcomes = yield Fork((read(w.nodes[0], "5"), fail(RecordNotFound())), stop_on_error=False)
        for outcome in outcomes:
            if isinstance(outcome, Error):
                raise outcome

    items = w.face.items(everything())
    assert [next(items) for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    with pytest.raises(RecordNotFound):
        next(items)
    assert list(items) == []


# ---- nodes in the process ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["loopback", "asyncio loopback"])
def test_stopped_node_refuses_and_hangs_up(kind):
    w = World(kind, count_to, 1)
    items = w.face.items(read(w.nodes[0], "10"))
    assert next(items) == b"0"
    w.stopped.add(w.nodes[0])
    with pytest.raises(ConnectionFailed, match="closed the connection") as caught:
        next(items)
    assert caught.value.in_doubt
    with pytest.raises(ConnectionFailed, match="refused") as caught:
        w.face.exchange(w.nodes[0], request("1"))
    assert not caught.value.in_doubt
    w.stopped.clear()
    assert w.face.exchange(w.nodes[0], request("1")) == b"0"
    w.close()
    assert threading.active_count() < 50


@pytest.mark.parametrize("kind", ["loopback", "asyncio loopback"])
def test_loopback_starts_no_thread_and_pulls_lazily(kind):
    before = threading.active_count()
    w = World(kind, count_to, 3)
    w.face.carrier.start_tending()
    w.face.carrier.reap()

    def everything():
        yield Fork(tuple(read(node, "1000") for node in w.nodes))

    items = w.face.items(everything())
    next(items)
    assert w.pulled == 1
    assert threading.active_count() == before
    items.close()
    assert w.ended == 1
    w.close()
