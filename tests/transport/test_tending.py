"""Tending in the background: it runs, survives what fails, and ends."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref

import pytest

from aerodbapi.cluster import tend
from aerodbapi.cluster.cluster import Cluster
from aerodbapi.errors import ConnectionClosed, ConnectionFailed
from aerodbapi.transport.aio import AsyncCarrier
from aerodbapi.transport.sync import SyncCarrier
from tests.transport.scripted import AsyncFace, info_for

#: Threads that other tests of this process have left; they end when their carriers are collected.
_others: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _forget_others() -> None:
    _others.clear()
    _others.update(threading.enumerate())


def tenders() -> int:
    """How many threads tend that this test has started."""
    mine = set(threading.enumerate()) - _others
    return sum(thread.name == "aerodbapi-tend" for thread in mine)


def wait_for(condition, face=None, seconds=5.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        face.pause(0.01) if face else time.sleep(0.01)
    return condition()


@pytest.fixture
def rounds(monkeypatch):
    """Replace a round of tending; `failures` are raised first, one a round."""
    seen: list[object] = []
    failures: list[Exception] = []

    def round_(cluster):
        seen.append(cluster)
        if failures:
            raise failures.pop(0)
        return None
        yield

    monkeypatch.setattr(tend, "tend", round_)
    round_.seen, round_.failures = seen, failures
    return round_


def test_rounds_follow_each_other_and_end_with_close(rounds, serve, face):
    carrier = face(serve(), tend_interval=50)
    start = carrier.carrier.start_tending
    if isinstance(carrier, AsyncFace):
        carrier.loop.run_until_complete(_call(start))
        carrier.loop.run_until_complete(_call(start))
    else:
        start()
        start()
        assert tenders() == 1
    assert wait_for(lambda: len(rounds.seen) >= 3, carrier)
    if isinstance(carrier, AsyncFace):
        carrier.loop.run_until_complete(carrier.carrier.close())
    else:
        carrier.close()
        assert wait_for(lambda: tenders() == 0)
    cluster = carrier.carrier.cluster  # carriers that other tests have left may tend theirs
    count = rounds.seen.count(cluster)
    time.sleep(0.15)
    assert rounds.seen.count(cluster) == count


async def _call(function) -> None:
    function()


def test_rounds_survive_errors_and_bugs(rounds, serve, face, caplog):
    rounds.failures.extend([ConnectionFailed("down"), ZeroDivisionError("bug")])
    carrier = face(serve(), tend_interval=50)
    if isinstance(carrier, AsyncFace):
        carrier.loop.run_until_complete(_call(carrier.carrier.start_tending))
    else:
        carrier.carrier.start_tending()
    assert wait_for(lambda: len(rounds.seen) >= 4, carrier)
    assert [r.exc_info[0] for r in caplog.records if r.exc_info] == [ZeroDivisionError]


def test_carrier_that_is_forgotten_is_collected_and_its_thread_ends(rounds, serve):
    info = info_for(serve(), tend_interval=50)
    carrier = SyncCarrier(info, Cluster(info))
    carrier.start_tending()
    assert wait_for(lambda: len(rounds.seen) >= 1)
    reference = weakref.ref(carrier)
    del carrier
    assert wait_for(lambda: gc.collect() >= 0 and reference() is None)
    assert wait_for(lambda: tenders() == 0)


def test_closed_carrier_starts_nothing(serve):
    info = info_for(serve())
    carrier = SyncCarrier(info, Cluster(info))
    carrier.close()
    carrier.close()
    with pytest.raises(ConnectionClosed):
        carrier.start_tending()
    assert tenders() == 0


def test_closed_async_carrier_starts_nothing(serve):
    info = info_for(serve())

    async def work() -> None:
        carrier = AsyncCarrier(info, Cluster(info))
        await carrier.close()
        await carrier.close()
        with pytest.raises(ConnectionClosed):
            carrier.start_tending()

    asyncio.run(work())


def test_close_ends_commands_under_way(serve):
    server = serve(lambda peer, _: None)
    info = info_for(server)
    carrier, node = SyncCarrier(info, Cluster(info)), server.node()
    errors: list[Exception] = []

    def work() -> None:
        try:
            carrier.exchange(node, b"\x02\x03\0\0\0\0\0\0")
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_for(lambda: server.requests == 1)
    carrier.close()
    thread.join(5)
    assert [type(error) for error in errors] == [ConnectionClosed]


def test_close_ends_async_commands_under_way(serve):
    server = serve(lambda peer, _: None)
    info = info_for(server)

    async def work() -> None:
        carrier = AsyncCarrier(info, Cluster(info))
        command = asyncio.ensure_future(carrier.exchange(server.node(), b"\x02\x03\0\0\0\0\0\0"))
        while server.requests == 0:
            await asyncio.sleep(0.01)
        await carrier.close()
        with pytest.raises(ConnectionClosed):
            await command

    asyncio.run(work())
