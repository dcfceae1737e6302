"""Functions that block run on every carrier, pull from conversations, and end when told to."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Emit, Fork, Sleep, Work
from aerodbapi.conninfo import parse
from aerodbapi.errors import QueryAborted, Timeout
from aerodbapi.transport.aio import AsyncCarrier
from aerodbapi.transport.async_loopback import AsyncLoopbackCarrier
from aerodbapi.transport.loopback import LoopbackCarrier
from aerodbapi.transport.sync import SyncCarrier


def _tcp(kind: Any) -> Any:
    info = parse("aerospike://127.0.0.1:1/test")
    return kind(info, Cluster(info))


class Carried:
    """A carrier of either kind, driven synchronously."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop() if name.startswith("async") else None
        loopback = AsyncLoopbackCarrier if self.loop else LoopbackCarrier
        blocking = AsyncCarrier if self.loop else SyncCarrier
        self.carrier = _tcp(blocking) if name.endswith("tcp") else loopback(lambda _: None)

    def run(self, conversation: Any) -> Any:
        if self.loop is None:
            return self.carrier.run(conversation)
        return self.loop.run_until_complete(self.carrier.run(conversation))

    def iterate(self, conversation: Any) -> Iterator[Any]:
        source = self.carrier.iterate(conversation)
        if self.loop is None:
            yield from source
            return
        try:
            while True:
                try:
                    yield self.loop.run_until_complete(anext(source))
                except StopAsyncIteration:
                    return
        finally:
            self.loop.run_until_complete(source.aclose())

    def close(self) -> None:
        done = self.carrier.close()
        if self.loop is not None:
            self.loop.run_until_complete(done)
            self.loop.close()


@pytest.fixture(params=["sync-tcp", "sync-loopback", "async-tcp", "async-loopback"])
def carried(request: pytest.FixtureRequest) -> Iterator[Carried]:
    made = Carried(request.param)
    yield made
    made.close()


def numbers(count: int, ended: list[str] | None = None, pause: float = 0.0) -> Any:
    try:
        for number in range(count):
            if pause:
                yield Sleep(pause)
            yield Emit([number])
    finally:
        if ended is not None:
            ended.append("ended")


def test_the_answer_is_what_the_function_returns(carried: Carried) -> None:
    def talk() -> Any:
        return (yield Work(lambda pull: 5))

    assert carried.run(talk()) == 5


def test_an_exception_is_thrown_into_the_conversation(carried: Carried) -> None:
    def fail(pull: Any) -> None:
        raise Timeout("too late")

    def talk() -> Any:
        try:
            yield Work(fail)
        except Timeout as error:
            return str(error)

    assert "too late" in carried.run(talk())


def test_pulling(carried: Carried) -> None:
    def talk() -> Any:
        return (yield Work(lambda pull: [items[0] for items in pull(numbers(50))]))

    assert carried.run(talk()) == list(range(50))


def test_pulling_from_other_threads_and_over_several_works(carried: Carried) -> None:
    def begin(pull: Any) -> Any:
        return [pull(numbers(20)), pull(numbers(30))]

    def read(pulls: Any) -> list[int]:
        found: list[Any] = [None, None]

        def one(index: int) -> None:
            found[index] = sum(1 for _ in pulls[index])

        threads = [threading.Thread(target=one, args=(index,)) for index in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def talk() -> Any:
        pulls = yield Work(begin)
        return (yield Work(lambda pull: read(pulls)))

    assert carried.run(talk()) == [20, 30]


def test_pulling_a_fork(carried: Carried) -> None:
    def together() -> Any:
        yield Fork((numbers(10), numbers(20)))

    def talk() -> Any:
        return (yield Work(lambda pull: sum(1 for _ in pull(together()))))

    assert carried.run(talk()) == 30


def test_a_failure_of_what_is_pulled_reaches_the_function(carried: Carried) -> None:
    def failing() -> Any:
        yield Emit([1])
        raise Timeout("no more")

    def function(pull: Any) -> Any:
        pulled = pull(failing())
        first = next(pulled)
        with pytest.raises(Timeout, match="no more"):
            next(pulled)
        return first

    def talk() -> Any:
        return (yield Work(function))

    assert carried.run(talk()) == [1]


def test_nothing_is_read_before_it_is_asked_for_and_little_ahead(carried: Carried) -> None:
    read: list[int] = []

    def counted() -> Any:
        for number in range(1000):
            read.append(number)
            yield Emit([number])

    def function(pull: Any) -> tuple[int, int]:
        pulled = pull(counted())
        time.sleep(0.02)
        before = len(read)
        next(pulled)
        time.sleep(0.02)
        return before, len(read)

    def talk() -> Any:
        return (yield Work(function))

    before, after = carried.run(talk())
    assert before == 0
    assert 1 <= after <= 10


def test_what_was_pulled_ends_with_the_conversation(carried: Carried) -> None:
    ended: list[str] = []

    def talk() -> Any:
        pulled = yield Work(lambda pull: pull(numbers(1000, ended)))
        yield Work(lambda pull: next(pulled))
        assert ended == []

    carried.run(talk())
    assert ended == ["ended"]


def test_closing_the_reader_ends_what_was_pulled(carried: Carried) -> None:
    ended: list[str] = []

    def talk() -> Any:
        pulled = yield Work(lambda pull: pull(numbers(1000, ended)))
        while True:
            yield Emit((yield Work(lambda pull: next(pulled))))

    reader = carried.iterate(talk())
    assert next(reader) == [0]
    reader.close()  # type: ignore[attr-defined]
    assert ended == ["ended"]


def test_closing_from_another_thread_frees_who_waits(carried: Carried) -> None:
    def function(pull: Any) -> str:
        pulled = pull(numbers(1000, pause=0.2))
        threading.Timer(0.1, pulled.close).start()
        with pytest.raises(QueryAborted):
            for _ in pulled:
                pass
        return "freed"

    def talk() -> Any:
        return (yield Work(function))

    started = time.monotonic()
    assert carried.run(talk()) == "freed"
    assert time.monotonic() - started < 5


def test_cancelling_interrupts_the_function_and_waits_for_it() -> None:
    stopped, left = threading.Event(), threading.Event()

    def function(pull: Any) -> None:
        assert stopped.wait(10)
        left.set()

    def talk() -> Any:
        yield Work(function, stopped.set)

    async def main() -> None:
        carrier = AsyncLoopbackCarrier(lambda _: None)
        task = asyncio.ensure_future(carrier.run(talk()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left.is_set()

    asyncio.run(main())


def test_the_event_loop_goes_on_meanwhile() -> None:
    async def main() -> int:
        carrier = AsyncLoopbackCarrier(lambda _: None)

        def talk() -> Any:
            yield Work(lambda pull: time.sleep(0.2))

        task = asyncio.ensure_future(carrier.run(talk()))
        turns = 0
        while not task.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(main()) >= 5


def test_a_branch_that_fails_interrupts_the_works_of_the_others() -> None:
    carrier = _tcp(SyncCarrier)
    stopped = threading.Event()

    def working() -> Any:
        yield Work(lambda pull: stopped.wait(10), stopped.set)

    def failing() -> Any:
        yield Sleep(0.05)
        raise Timeout("first")

    def talk() -> Any:
        return (yield Fork((working(), failing()), stop_on_error=True))

    outcomes = carrier.run(talk())
    assert stopped.is_set()
    assert isinstance(outcomes[1], Timeout)
    carrier.close()
