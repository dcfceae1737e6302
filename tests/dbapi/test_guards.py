"""Guards for clusters in use: what is refused, what is limited, and what can be stopped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import OperationalError, ProgrammingError, QueryAborted, Timeout
from tests.conftest import Address, info
from tests.faces import Opener

COUNT = 20_000


@pytest.fixture(scope="module")
def guarded(node_address: Address, namespace: str, module_set: str) -> Iterator[str]:
    """Fill a set, and index its bin n."""
    table = f"{namespace}.{module_set}"
    with aerodbapi.connect(hosts=[node_address], batch_timeout=60_000) as connection:
        rows = ((i, i, "x" * 300) for i in range(COUNT))
        cursor = connection.cursor()
        cursor.executemany(f"INSERT INTO {table} (PK, n, text) VALUES (?, ?, ?)", rows)
        cursor.execute(f"CREATE INDEX guards_n ON {table} (n) NUMERIC")
        yield table
        cursor.execute(f"DROP INDEX guards_n ON {table}")


tcp = pytest.mark.parametrize("opener", ["sync-tcp", "async-tcp"], indirect=True)

# ---- scans -------------------------------------------------------------------------------------

#: Statement, and which settings of `scans` let it run.
SCANS = [
    ("SELECT * FROM {t}", ""),
    ("SELECT PK FROM {t} WHERE text = 'x'", ""),
    ("SELECT PK FROM {t} LIMIT 3", "limit"),
    ("SELECT PK FROM {t} WHERE text <> 'y' LIMIT 3", "limit"),
    ("SELECT PK FROM {t} OFFSET 3", ""),
    ("SELECT n FROM {t} WHERE n = 5", "limit refuse"),
    ("SELECT n FROM {t} WHERE n BETWEEN 5 AND 9 AND text LIKE 'x%'", "limit refuse"),
    ("SELECT n FROM {t} WHERE PK IN (1, 2)", "limit refuse"),
    ("SELECT COUNT(*) FROM {t}", ""),
    ("SELECT COUNT(*) FROM {t} WHERE n < 50", "limit refuse"),
    ("SELECT n FROM {t} ORDER BY n LIMIT 1", ""),
    ("SELECT n FROM {t} WHERE n IN (SELECT n FROM {t})", ""),
    ("SELECT a.n FROM {t} a JOIN {t} b ON b.PK = a.n WHERE a.n = 7", "limit refuse"),
    ("WITH q AS (SELECT n FROM {t}) SELECT MAX(n) FROM q", ""),
    ("SELECT 1", "limit refuse"),
    ("EXPLAIN SELECT * FROM {t}", "limit refuse"),
    ("UPDATE {t} SET text = text WHERE text = 'y'", ""),
    ("UPDATE {t} SET text = text WHERE text = 'y' LIMIT 3", "limit"),
    ("UPDATE {t} SET text = text WHERE n = -1", "limit refuse"),
    ("UPDATE {t} SET text = text WHERE PK IN (SELECT PK FROM {t} WHERE n = 3)", "limit refuse"),
    ("UPDATE {t} SET text = text WHERE PK IN (SELECT PK FROM {t})", ""),
    ("DELETE FROM {t} WHERE text = 'y'", ""),
    ("DELETE FROM {t} WHERE PK = -1", "limit refuse"),
    ("INSERT INTO {t} (PK, n) SELECT 'c' || PK, n FROM {t}", ""),
    ("UPSERT INTO {t} (PK, n) SELECT PK, n FROM {t} WHERE n = 5", "limit refuse"),
]


@pytest.mark.parametrize("scans", ["limit", "refuse"])
def test_scans(node_address: Address, guarded: str, scans: str) -> None:
    with aerodbapi.connect(hosts=[node_address], scans=scans) as connection:
        cursor = connection.cursor()
        for statement, allowed in SCANS:
            text = statement.replace("{t}", guarded)
            if scans in allowed.split():
                cursor.execute(text)
                continue
            with pytest.raises(ProgrammingError) as caught:
                cursor.execute(text)
            said = str(caught.value)
            assert f"reads all of {guarded} (scans={scans})" in said, statement
            assert f"CREATE INDEX … ON {guarded}" in said
            assert "connect with scans=allow" in said
            assert ("LIMIT" in said) is (scans == "limit")


def test_scans_are_allowed_unless_told(node_address: Address, guarded: str) -> None:
    host, port = node_address
    with aerodbapi.connect(f"aerospike://{host}:{port}/?scans=allow") as connection:
        assert connection.execute(f"SELECT COUNT(*) FROM {guarded}").fetchone() == (COUNT,)
    with pytest.raises(ProgrammingError, match="scans is one of allow"):
        aerodbapi.connect(scans="never")


# ---- max_rows, records_per_second, timeouts ----------------------------------------------------


@tcp
def test_max_rows(opener: Opener, guarded: str) -> None:
    connection = opener.connection(max_rows=10)
    few = f"SELECT n FROM {guarded} WHERE n < "
    assert len(connection.execute(few + "10").fetchall()) == 10
    assert len(connection.execute(few + "50 LIMIT 10").fetchall()) == 10
    assert connection.execute(f"SELECT COUNT(*) FROM {guarded}").fetchall() == [(COUNT,)]
    for statement in (few + "11", f"SELECT * FROM {guarded}", few + "99 ORDER BY n"):
        with pytest.raises(OperationalError, match="more than 10 rows"):
            connection.execute(statement).fetchall()
    # What a statement writes is not counted.
    copy = f"UPSERT INTO {guarded}_2 (PK, n) SELECT PK, n FROM {guarded} WHERE n < 50"
    assert connection.execute(copy).rowcount == 50
    assert len(connection.execute(f"DELETE FROM {guarded}_2 RETURNING n").fetchall()) == 50


@tcp
def test_records_per_second(opener: Opener, guarded: str) -> None:
    """Servers throttle; every kind of statement asks them to."""
    connection = opener.connection(records_per_second=2000)
    for statement in (
        f"SELECT n FROM {guarded} WHERE n < 1000",
        f"SELECT MAX(n) FROM {guarded} WHERE n < 1000",
    ):
        begun = time.monotonic()
        connection.execute(statement).fetchall()
        assert time.monotonic() - begun > 0.25, statement


@pytest.mark.slow
def test_each_kind_has_its_timeout(node_address: Address, guarded: str) -> None:
    options: dict[str, Any] = {"hosts": [node_address], "max_retries": 0}
    with aerodbapi.connect(**options, query_timeout=1, timeout=5000) as connection:
        assert connection.execute(f"SELECT n FROM {guarded} WHERE PK = 5").fetchall() == [(5,)]
        for statement in ("SELECT * FROM {t}", "SELECT MAX(text) FROM {t}", "UPDATE {t} SET n = n"):
            with pytest.raises(Timeout):
                connection.execute(statement.replace("{t}", guarded)).fetchall()
    with aerodbapi.connect(**options, batch_timeout=1) as connection:
        keys = ", ".join(map(str, range(5000)))
        with pytest.raises(Timeout):
            connection.execute(f"SELECT * FROM {guarded} WHERE PK IN ({keys})").fetchall()
        assert connection.execute(f"SELECT COUNT(*) FROM {guarded}").fetchall() == [(COUNT,)]


# ---- cancel ------------------------------------------------------------------------------------

RUNNING = [
    "SELECT * FROM {t}",
    "SELECT a.n, b.n FROM {t} a JOIN {t} b ON a.text = b.text",
    "UPDATE {t} SET text = text || ''",
]


def running(address: Address, set_name: str) -> list[str]:
    """The jobs on a set that the node says are running."""
    return [
        job
        for job in info(address, "query-show").split(";")
        if f"set={set_name}:" in job and "status=active" in job
    ]


def again_and_again(cursor: Any, statement: str) -> None:
    """Run a statement to its end, so often that there is time to cancel it."""
    for _ in range(200):
        cursor.execute(statement)
        for _ in cursor if cursor.description else ():
            pass


def nothing_runs(address: Address, table: str) -> bool:
    set_name = table.partition(".")[2]
    until = time.monotonic() + 10
    while running(address, set_name) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(address, set_name)


@pytest.mark.parametrize("statement", RUNNING)
def test_another_thread_cancels(node_address: Address, guarded: str, statement: str) -> None:
    with aerodbapi.connect(hosts=[node_address], records_per_second=20_000) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT n FROM {guarded} WHERE PK = 1")
        done = threading.Event()

        def cancel() -> None:
            while not done.wait(0.15):  # what is not begun yet is not cancelled
                connection.cancel()

        timer = threading.Thread(target=cancel)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(QueryAborted, match="cancel") as caught:
            again_and_again(cursor, statement.replace("{t}", guarded))
        done.set()
        timer.join()
        assert time.monotonic() - begun < 20
        assert caught.value.in_doubt is statement.startswith("UPDATE")
        assert isinstance(caught.value, OperationalError)
        assert nothing_runs(node_address, guarded)
        # The connection goes on.
        assert cursor.execute(f"SELECT COUNT(*) FROM {guarded}").fetchall() == [(COUNT,)]


@pytest.mark.parametrize("statement", RUNNING)
def test_another_task_cancels(node_address: Address, guarded: str, statement: str) -> None:
    async def run(connection: Any) -> None:
        cursor = connection.cursor()
        for _ in range(50):
            await cursor.execute(statement.replace("{t}", guarded))
            if cursor.description is not None:
                async for _ in cursor:
                    pass

    async def main() -> None:
        async with await aerodbapi.connect_async(
            hosts=[node_address], records_per_second=20_000
        ) as connection:
            task = asyncio.ensure_future(run(connection))
            await asyncio.sleep(0.15)
            await connection.cancel()
            with pytest.raises(QueryAborted, match="cancel") as caught:
                await task
            assert caught.value.in_doubt is statement.startswith("UPDATE")
            cursor = await connection.execute(f"SELECT COUNT(*) FROM {guarded}")
            assert await cursor.fetchall() == [(COUNT,)]

    asyncio.run(main())
    assert nothing_runs(node_address, guarded)


@tcp
def test_a_result_that_is_being_read_is_cancelled(
    opener: Opener, guarded: str, node_address: Address
) -> None:
    """Between two fetches: the scan ends on the server, and the next fetch says so."""
    connection = opener.connection()
    one = connection.execute(f"SELECT * FROM {guarded}")
    assert one.fetchone() is not None
    assert running(node_address, guarded.partition(".")[2])
    connection.cancel()
    assert nothing_runs(node_address, guarded)
    with pytest.raises(QueryAborted, match="cancel"):
        one.fetchall()
    assert connection.execute(f"SELECT n FROM {guarded} WHERE PK = 3").fetchall() == [(3,)]
    connection.cancel()  # with nothing to stop


def test_cancelling_in_the_process() -> None:
    with aerodbapi.connect() as connection:
        cursor = connection.cursor()
        rows = [(i, "x" * 50) for i in range(5000)]
        cursor.executemany("INSERT INTO test.t (PK, a) VALUES (?, ?)", rows)
        cursor.execute("SELECT * FROM test.t")
        cursor.fetchone()
        connection.cancel()
        with pytest.raises(QueryAborted):
            cursor.fetchall()
        timer = threading.Timer(0.05, connection.cancel)
        timer.start()
        with pytest.raises(QueryAborted):
            again_and_again(cursor, "UPDATE test.t SET a = a || ''")
        timer.join()
        assert cursor.execute("SELECT COUNT(*) FROM test.t").fetchall() == [(5000,)]


def test_another_task_cancels_in_the_process() -> None:
    async def run(connection: Any) -> None:
        for _ in range(200):
            async for _ in await connection.execute("SELECT * FROM test.t"):
                pass

    async def main() -> None:
        async with await aerodbapi.connect_async() as connection:
            rows = [(i, "x" * 50) for i in range(2000)]
            insert = "INSERT INTO test.t (PK, a) VALUES (?, ?)"
            await connection.cursor().executemany(insert, rows)
            task = asyncio.ensure_future(run(connection))
            await asyncio.sleep(0.05)
            await connection.cancel()
            with pytest.raises(QueryAborted, match="cancel"):
                await task
            cursor = await connection.execute("SELECT COUNT(*) FROM test.t")
            assert await cursor.fetchall() == [(2000,)]

    asyncio.run(main())


# ---- closing -----------------------------------------------------------------------------------


@tcp
@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM {t}", "SELECT a.n FROM {t} a, {t} b WHERE a.n < b.n"],
    ids=["plain", "relational"],
)
def test_closing_a_cursor_ends_its_scans(
    opener: Opener, guarded: str, node_address: Address, statement: str
) -> None:
    connection = opener.connection()
    cursor = connection.execute(statement.replace("{t}", guarded))
    assert cursor.fetchone() is not None
    cursor.close()
    assert nothing_runs(node_address, guarded)
