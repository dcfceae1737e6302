"""Writes that compete or break off: none is lost, none is done twice, and doubt is said."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.errors import Error, RecordExists
from tests.conftest import Address

# ---- many writers ------------------------------------------------------------------------------

WRITERS, ROUNDS = 4, 15

INCREMENTS = [
    ("UPDATE {t} SET n = n + 1 WHERE PK = 'k'", "an operation"),
    ("UPDATE {t} SET n = n + 1 WHERE n >= 0", "a query"),
    ("UPDATE {t} SET n = CAST(n AS BIGINT) + LENGTH('x') WHERE PK = 'k'", "computed"),
    ("UPDATE {t} SET n = n + 1 WHERE PK = 'k' AND UPPER(s) = 'X'", "looked at"),
    ("UPDATE {t} SET n = (SELECT 1) + n WHERE PK IN (SELECT PK FROM {t})", "subqueries"),
    ("UPDATE {t} SET n = n + (SELECT COUNT(*) FROM {t} o WHERE o.s = {t}.s)", "the engine"),
    ("INSERT INTO {t} (PK, n) VALUES ('k', 1) ON CONFLICT DO UPDATE SET n = n + 1", "conflicts"),
    ("INSERT INTO {t} (PK, n) VALUES ('new', 1) ON CONFLICT DO UPDATE SET n = n + 1", "creating"),
    ("UPDATE {t} SET m['n'] = m['n'] + 1, n = n + 1 WHERE PK = 'k'", "a place"),
    ("UPDATE {t} SET n = COALESCE(n, 0) + 1 WHERE PK = 'k' RETURNING n", "returning"),
]


@pytest.fixture(params=["memory", "tcp"])
def connect(request: pytest.FixtureRequest, node_address: Address) -> Iterator[Callable[[], Any]]:
    """Give what opens a connection to one node."""
    with contextlib.ExitStack() as opened:
        shared = opened.enter_context(aerodbapi.connect()) if request.param == "memory" else None

        def connect() -> Any:
            if shared is not None:
                return shared
            return opened.enter_context(aerodbapi.connect(hosts=[node_address], timeout=20_000))

        yield connect


def together(count: int, work: Callable[[int], None]) -> None:
    """Run `work(i)` on threads; raise what one of them raised."""
    problems: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if problems:
        raise problems[0]


@pytest.mark.parametrize(
    "statement", [text for text, _ in INCREMENTS], ids=[n for _, n in INCREMENTS]
)
def test_no_increment_is_lost(connect: Any, namespace: str, fresh_set: str, statement: str) -> None:
    table = f"{namespace}.{fresh_set}"
    insert = f"INSERT INTO {table} (PK, n, s, m) VALUES ('k', 0, 'x', MAP('{{\"n\": 0}}'))"
    connect().execute(insert)
    text = statement.replace("{t}", table)
    rounds = 3 if "COUNT" in statement else ROUNDS  # the engine takes its time
    returned: list[Any] = []

    def work(number: int) -> None:
        cursor = connect().cursor()
        for _ in range(rounds):
            assert cursor.execute(text).rowcount == 1
            if cursor.description is not None:
                returned.extend(cursor.fetchall())

    together(WRITERS, work)
    key = "new" if "'new'" in statement else "k"
    total = WRITERS * rounds
    assert connect().execute(f"SELECT n FROM {table} WHERE PK = '{key}'").fetchall() == [(total,)]
    if returned:  # each saw a value of its own
        assert sorted(returned) == [(n,) for n in range(1, total + 1)]
    if "m['n']" in statement:
        nested = connect().execute(f"SELECT m['n'] FROM {table} WHERE PK = 'k'").fetchall()
        assert nested == [(total,)]


def test_of_many_creators_one_succeeds(connect: Any, namespace: str, fresh_set: str) -> None:
    table = f"{namespace}.{fresh_set}"
    created: list[int] = []

    def work(number: int) -> None:
        cursor = connect().cursor()
        for key in range(ROUNDS):
            with contextlib.suppress(RecordExists):
                cursor.execute(f"INSERT INTO {table} (PK, n) VALUES (?, ?)", (key, number))
                created.append(key)

    together(WRITERS, work)
    assert sorted(created) == list(range(ROUNDS))


def test_inserts_and_deletes_that_compete(connect: Any, namespace: str, fresh_set: str) -> None:
    """ON CONFLICT DO UPDATE finds the record gone at times, and creates it then."""
    table = f"{namespace}.{fresh_set}"
    insert = f"INSERT INTO {table} (PK, n) VALUES ('k', 1) ON CONFLICT DO UPDATE SET n = n + 1"
    deleted: list[int] = []

    def work(number: int) -> None:
        cursor = connect().cursor()
        for _ in range(ROUNDS * 2):
            if number % 2:
                assert cursor.execute(insert).rowcount == 1
            else:
                cursor.execute(f"DELETE FROM {table} WHERE PK = 'k' RETURNING n")
                deleted.extend(n for (n,) in cursor.fetchall())

    together(WRITERS, work)
    left = [n for (n,) in connect().execute(f"SELECT n FROM {table}").fetchall()]
    assert sum(deleted) + sum(left) == WRITERS // 2 * ROUNDS * 2


def test_a_record_that_changed_meanwhile_is_not_touched(
    connect: Any, namespace: str, fresh_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the query found is changed by others before it is written: the condition is kept."""
    from aerodbapi.dbapi.session import Session

    table = f"{namespace}.{fresh_set}"
    connection, other = connect(), connect()
    for condition in ("n < 10", "n < 10 AND UPPER(s) = 'X'"):
        other.execute(f"UPSERT INTO {table} (PK, n, s) VALUES ('a', 1, 'x'), ('b', 2, 'x')")
        find = Session.find

        def found(self: Any, *given: Any, find: Any = find) -> Any:
            digests = yield from find(self, *given)
            monkeypatch.setattr(Session, "find", find)
            other.execute(f"UPDATE {table} SET n = 99 WHERE PK = 'a'")
            return digests

        monkeypatch.setattr(Session, "find", found)
        assert connection.execute(f"UPDATE {table} SET n = 5 WHERE {condition}").rowcount == 1
        assert dict(connection.execute(f"SELECT PK, n FROM {table}").fetchall()) == {
            "a": 99,
            "b": 5,
        }


# ---- broken connections ------------------------------------------------------------------------


class Cutter:
    """A proxy that passes on all there is, and cuts a connection off before the reply to a write.

    `cut`: how many more replies are lost.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self.address) as node:
            lost = threading.Event()
            threading.Thread(target=self._answer, args=(node, client, lost), daemon=True).start()
            while (request := self._frame(client)) is not None:
                # A message (3) whose info2 has the WRITE bit, or a batch.
                if self.cut and request[1] == 3 and (request[10] & 1 or request[9] & 8):
                    self.cut -= 1
                    lost.set()
                node.sendall(request)

    @staticmethod
    def _answer(node: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := node.recv(65536):
                if lost.is_set():
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _frame(source: socket.socket) -> bytes | None:
        data = b""
        while len(data) < 8 or len(data) < 8 + int.from_bytes(data[2:8], "big"):
            part = source.recv(65536)
            if not part:
                return None
            data += part
        return data


@pytest.fixture
def cutter(node_address: Address) -> Iterator[Cutter]:
    made = Cutter(node_address)
    yield made
    made.close()


DOUBTFUL = [
    "INSERT INTO {t} (PK, n) VALUES ('new', 1)",
    "UPSERT INTO {t} (PK, n) VALUES ('k', 2)",
    "UPDATE {t} SET n = n + 1 WHERE PK = 'k'",
    "UPDATE {t} SET n = n + 1 WHERE PK = 'k' RETURNING n",
    "UPDATE {t} SET n = n + 1 WHERE PK IN ('k', 'l')",
    "DELETE FROM {t} WHERE PK = 'k'",
    "DELETE FROM {t} WHERE PK = 'k' RETURNING *",
    "INSERT INTO {t} (PK, n) VALUES ('new', 1) ON CONFLICT DO UPDATE SET n = n + 1",
]


@pytest.mark.parametrize("statement", DOUBTFUL)
def test_doubt_is_said(cutter: Cutter, namespace: str, fresh_set: str, statement: str) -> None:
    """The node did it, and its answer is lost: nothing is sent again, and the error says so."""
    table = f"{namespace}.{fresh_set}"
    options = {"hosts": [("127.0.0.1", cutter.port)], "timeout": 5000, "batch_timeout": 5000}
    with aerodbapi.connect(**options) as connection:
        connection.execute(f"INSERT INTO {table} (PK, n) VALUES ('k', 1), ('l', 1)")
        connection.execute(f"SELECT n FROM {table}").fetchall()  # so that nothing else is asked
        cutter.cut = 1
        with pytest.raises(Error) as caught:
            connection.execute(statement.replace("{t}", table))
        assert caught.value.in_doubt
        assert cutter.cut == 0
        # What was in doubt was done, once.
        found = dict(connection.execute(f"SELECT PK, n FROM {table}").fetchall())
        assert found in ({"k": 2, "l": 1}, {"k": 2, "l": 2}, {"l": 1}, {"k": 1, "l": 1, "new": 1})
