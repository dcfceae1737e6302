"""BEGIN, COMMIT and ROLLBACK: all or nothing where namespaces have transactions, said elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import KeyBusy, OperationalError, ProgrammingError
from tests.faces import Opener


@pytest.fixture(scope="module")
def strong() -> Iterator[tuple[str, int]]:
    """Serve a node whose namespace `test` has strong consistency."""
    node = EmbeddedNode(namespaces=("plain",), strong_consistency=("test",))
    with serve(node, "127.0.0.1", 0) as server:
        yield server.address
    node.close()


@pytest.fixture(params=["sync-tcp", "async-tcp"])
def connection(request: pytest.FixtureRequest, strong: tuple[str, int]) -> Iterator[Any]:
    opener = Opener(request.param, strong)
    connection = opener.connection(namespace="test")
    connection.execute("UPSERT INTO t (PK, n, s) VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')")
    connection.execute("DELETE FROM t WHERE PK IN (4, 5) WITH (durable_delete = TRUE)")
    yield connection
    opener.close()


@pytest.fixture
def others(strong: tuple[str, int]) -> Iterator[Any]:
    """Give what another connection sees."""
    with aerodbapi.connect(hosts=[strong], namespace="test") as other:
        yield other


def seen(connection: Any) -> dict[int, int]:
    return dict(connection.execute("SELECT PK, n FROM t WHERE PK IN (1, 2, 3, 4, 5)").fetchall())


BEFORE = {1: 10, 2: 20, 3: 30}
CHANGES = [
    ("UPDATE t SET n = n - 5 WHERE PK = 1", {**BEFORE, 1: 5}),
    ("UPDATE t SET n = n * n WHERE PK IN (1, 2)", {**BEFORE, 1: 100, 2: 400}),
    ("UPDATE t SET n = 0 WHERE n > 15", {**BEFORE, 2: 0, 3: 0}),
    ("INSERT INTO t (PK, n) VALUES (4, 40), (5, 50)", {**BEFORE, 4: 40, 5: 50}),
    ("INSERT INTO t (PK, n) VALUES (4, 40)", {**BEFORE, 4: 40}),
    ("DELETE FROM t WHERE PK = 2", {1: 10, 3: 30}),
    ("DELETE FROM t WHERE PK IN (2, 3)", {1: 10}),
    ("UPDATE t SET n = n + (SELECT n FROM t WHERE PK = 2) WHERE PK = 1", {**BEFORE, 1: 30}),
    ("INSERT INTO t (PK, n) VALUES (1, 9) ON CONFLICT DO UPDATE SET n = 0", {**BEFORE, 1: 0}),
]


@pytest.mark.parametrize(("statement", "after"), CHANGES)
def test_all_or_nothing(
    connection: Any, others: Any, statement: str, after: dict[int, int]
) -> None:
    for end in ("ROLLBACK", "COMMIT"):
        cursor = connection.cursor()
        cursor.execute("BEGIN")
        assert cursor.messages == []
        assert connection.autocommit is False
        cursor.execute(statement)
        assert seen(connection) == after
        assert seen(others) == BEFORE
        cursor.execute(end)
        assert connection.autocommit is True
        assert seen(others) == seen(connection) == (BEFORE if end == "ROLLBACK" else after)


def test_the_methods_end_it_too(connection: Any, others: Any) -> None:
    connection.execute("BEGIN TRANSACTION")
    connection.execute("UPDATE t SET n = 11 WHERE PK = 1 RETURNING n").fetchall()
    connection.rollback()
    assert seen(others) == BEFORE
    connection.execute("START TRANSACTION")
    connection.execute("UPDATE t SET n = 11 WHERE PK = 1")
    with pytest.raises(ProgrammingError, match="open already"):
        connection.execute("BEGIN")
    with pytest.raises(KeyBusy):
        others.execute("UPDATE t SET n = 12 WHERE PK = 1")
    connection.commit()
    assert seen(others) == {**BEFORE, 1: 11}
    connection.commit()
    connection.rollback()


def test_what_others_changed_cannot_be_committed(connection: Any, others: Any) -> None:
    connection.execute("BEGIN")
    assert connection.execute("SELECT n FROM t WHERE PK = 1").fetchall() == [(10,)]
    others.execute("UPDATE t SET n = 12 WHERE PK = 1")
    connection.execute("UPDATE t SET n = 99 WHERE PK = 2")
    with pytest.raises(OperationalError, match="rolled back"):
        connection.commit()
    assert connection.autocommit is True
    assert seen(others) == {**BEFORE, 1: 12}


def test_closing_rolls_back(strong: tuple[str, int], connection: Any, others: Any) -> None:
    with aerodbapi.connect(hosts=[strong], namespace="test") as closing:
        closing.execute("BEGIN")
        closing.execute("DELETE FROM t WHERE PK = 1")
    assert seen(others) == BEFORE


@pytest.mark.parametrize("kind", ["sync-memory", "async-memory", "sync-tcp"])
def test_elsewhere_nothing_is_pretended(kind: str, node_address: tuple[str, int]) -> None:
    opener = Opener(kind, node_address)
    connection = opener.connection(namespace="test")
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    assert "namespace test has no transactions" in str(cursor.messages[0][1])
    assert connection.autocommit is True
    cursor.execute("ROLLBACK")
    assert "every write is final" in str(cursor.messages[0][1])
    cursor.execute("COMMIT")
    assert cursor.messages == []
    connection.commit()
    connection.rollback()
    opener.close()
