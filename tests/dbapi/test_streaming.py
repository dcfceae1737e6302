"""Rows stream: memory stays bounded, and a query that nobody reads any more ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import ConnectionFailed
from tests.conftest import Address, info, parse_hosts
from tests.faces import Opener

COUNT = 20_000
WIDTH = 1000  # bytes of text in a record: the set holds 20 MB
BOUND = 8 << 20  # a few frames of the server's, decoded


@pytest.fixture(scope="module")
def big(node_address: Address, namespace: str, module_set: str) -> str:
    table = f"{namespace}.{module_set}"
    with aerodbapi.connect(hosts=[node_address]) as connection:
        fill(connection, table, COUNT)
    return table


def fill(connection: Any, table: str, count: int, width: int = WIDTH) -> None:
    rows = ((i, i, "x" * width) for i in range(count))
    connection.cursor().executemany(f"INSERT INTO {table} (PK, n, text) VALUES (?, ?, ?)", rows)


@contextlib.contextmanager
def traced() -> Iterator[Any]:
    """Give a function that tells the bytes allocated since, at the most."""
    gc.collect()
    tracemalloc.start()
    begun = tracemalloc.get_traced_memory()[0]
    try:
        yield lambda: tracemalloc.get_traced_memory()[1] - begun
    finally:
        tracemalloc.stop()


@pytest.fixture(params=["sync-tcp", "async-tcp"])
def connection(request: pytest.FixtureRequest, node_address: Address) -> Iterator[Any]:
    """Open a connection by TCP: what a node in the process holds is in the same memory."""
    opener = Opener(request.param, node_address)
    yield opener.connection(max_connections=2)
    opener.close()


def test_memory_is_bounded(connection: Any, big: str) -> None:
    with traced() as peak:
        cursor = connection.execute(f"SELECT * FROM {big}")
        assert cursor.rowcount == -1
        total = sum(row[1] for row in cursor)
        assert peak() < BOUND
    assert total == COUNT * (COUNT - 1) // 2
    assert cursor.rowcount == cursor.rownumber == COUNT


def test_a_slow_reader_holds_the_server_back(connection: Any, big: str) -> None:
    with traced() as peak:
        cursor = connection.execute(f"SELECT n, text FROM {big}")
        rows = [cursor.fetchone()]
        time.sleep(0.5)
        rows += cursor.fetchmany(100)
        assert peak() < BOUND
        assert len(rows) == 101
        cursor.close()


def test_closing_early_ends_the_query(
    connection: Any, big: str, node_address: Address, namespace: str
) -> None:
    name = big.partition(".")[2]
    for _ in range(5):
        cursor = connection.execute(f"SELECT * FROM {big}")
        cursor.fetchmany(10)
        cursor.close()
    deadline = time.monotonic() + 10
    while running(node_address, name) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running(node_address, name)
    # Not more connections are open than before, of the two that are allowed.
    assert connection.execute(f"SELECT n FROM {big} WHERE PK = 5").fetchall() == [(5,)]


def running(address: Address, set_name: str) -> list[str]:
    """The jobs on a set that the node says are running."""
    jobs = info(address, "query-show").split(";")
    return [
        job
        for job in jobs
        if f"set={set_name}:" in job
        and not any(f"status={end}" in job for end in ("done", "abort"))
    ]


def test_executing_again_ends_the_query(connection: Any, big: str) -> None:
    cursor = connection.cursor()
    for _ in range(10):
        cursor.execute(f"SELECT * FROM {big}")
        assert cursor.fetchone() is not None


def test_a_limit_ends_the_query(connection: Any, big: str) -> None:
    for _ in range(10):
        assert len(connection.execute(f"SELECT * FROM {big} LIMIT 7").fetchall()) == 7
        found = connection.execute(f"SELECT n FROM {big} LIMIT 7 OFFSET 3").fetchall()
        assert len(set(found)) == 7


def test_forgetting_a_cursor_ends_its_query(connection: Any, big: str) -> None:
    for _ in range(10):
        cursor = connection.execute(f"SELECT * FROM {big}")
        cursor.fetchone()
        del cursor
        gc.collect()


def test_two_queries_at_once_on_one_connection(connection: Any, big: str) -> None:
    one = connection.execute(f"SELECT n FROM {big}")
    two = connection.execute(f"SELECT n FROM {big} WHERE n < 10000")
    pairs = list(zip(one, two))
    assert len({a for (a,), _ in pairs}) == len(pairs)
    assert sorted(b for _, (b,) in pairs) == list(range(10_000))


# ---- asyncio -----------------------------------------------------------------------------------


def test_cancelling_a_reader_leaves_the_connection_usable(node_address: Address, big: str) -> None:
    async def read(connection: Any, seen: list[Any]) -> None:
        async for row in await connection.execute(f"SELECT * FROM {big}"):
            seen.append(row)
            await asyncio.sleep(0)

    async def main() -> None:
        async with await aerodbapi.connect_async(
            hosts=[node_address], max_connections=2
        ) as connection:
            for pause in (0.0, 0.001, 0.005, 0.02, 0.05):
                seen: list[Any] = []
                task = asyncio.ensure_future(read(connection, seen))
                await asyncio.sleep(pause)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert len(seen) < COUNT
                cursor = await connection.execute(f"SELECT n FROM {big} WHERE PK = 1")
                assert await cursor.fetchall() == [(1,)]

    asyncio.run(main())


def test_a_query_that_takes_too_long_is_given_up(node_address: Address, big: str) -> None:
    async def main() -> None:
        async with await aerodbapi.connect_async(hosts=[node_address]) as connection:
            for _ in range(3):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(slow(connection), 0.05)
            cursor = await connection.execute(f"SELECT n FROM {big} WHERE PK IN (1, 2)")
            assert await cursor.fetchall() == [(1,), (2,)]

    async def slow(connection: Any) -> None:
        async for _ in await connection.execute(f"SELECT * FROM {big}"):
            await asyncio.sleep(0.01)

    asyncio.run(main())


def test_many_tasks_share_a_connection(node_address: Address, big: str) -> None:
    async def one(connection: Any, i: int) -> Any:
        cursor = await connection.execute(f"SELECT n FROM {big} WHERE PK = ?", (i,))
        return (await cursor.fetchone())[0]

    async def main() -> None:
        async with await aerodbapi.connect_async(hosts=[node_address]) as connection:
            found = await asyncio.gather(*(one(connection, i) for i in range(200)))
            assert found == list(range(200))

    asyncio.run(main())


# ---- a node that dies --------------------------------------------------------------------------


@contextlib.contextmanager
def mortal_node() -> Iterator[tuple[subprocess.Popen[str], Address]]:
    command = (sys.executable, "-m", "aerodbapi", "serve", "--port", "0")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        yield process, parse_hosts(line.removeprefix("listening on "))[0]
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize("face", ["sync", "async"])
def test_a_node_that_dies_in_the_middle(face: str) -> None:
    with mortal_node() as (process, address):
        opener = Opener(f"{face}-tcp", address)
        try:
            connection = opener.connection(connect_timeout=300, timeout=2000)
            # More than what the two sockets hold, so that the node still has rows to send.
            fill(connection, "test.t", count := 400, width=200_000)
            cursor = connection.execute("SELECT n, text FROM test.t")
            seen = cursor.fetchmany(10)
            process.kill()
            process.wait(10)
            begun = time.monotonic()
            with pytest.raises(aerodbapi.OperationalError) as caught:
                seen.extend(iter(cursor.fetchone, None))
            assert str(address[1]) in str(caught.value)
            assert len(set(seen)) == len(seen) < count
            with pytest.raises(ConnectionFailed) as failed:
                connection.execute("INSERT INTO test.t (PK, n) VALUES (-1, 0)")
            assert failed.value.in_doubt is False
            assert time.monotonic() - begun < 20
        finally:
            opener.close()
