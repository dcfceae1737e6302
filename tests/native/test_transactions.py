"""Transactions over many records: commit, abort, conflicts, and what is forbidden."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import Error, KeyBusy, OperationalError, ParameterError
from aerodbapi.native import lists, operations
from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.batch_records import Read, Remove, Write
from aerodbapi.native.client import Client
from aerodbapi.native.transactions import (
    AbortStatus,
    CommitStatus,
    Transaction,
    TransactionState,
)
from tests.native.conftest import Blocking


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    node = EmbeddedNode(namespaces=("plain",), strong_consistency=("test",))
    with serve(node, "127.0.0.1", 0) as server:
        yield server.address
    node.close()


@pytest.fixture(scope="module", params=["sync", "async"])
def strong(request: pytest.FixtureRequest, address: Any) -> Iterator[Any]:
    """Give a client of a node whose namespace `test` has transactions."""
    config = {"hosts": [address]}
    if request.param == "sync":
        with Client(config) as client:
            yield client
        return
    loop = asyncio.new_event_loop()
    client = Blocking(AsyncClient(config), loop)
    client.connect()
    yield client
    client.close()
    loop.close()


@pytest.fixture
def keys(strong: Any) -> list[Any]:
    found = [("test", "txn", n) for n in range(5)]
    for key in found[:4]:
        strong.put(key, {"n": 0, "l": [1]})
    strong.batch_remove(found[4:], None, {"durable_delete": True})
    return found


def test_commit(strong: Any, keys: Any) -> None:
    txn = Transaction()
    policy = {"txn": txn}
    assert strong.get(keys[0], policy).bins["n"] == 0
    strong.put(keys[0], {"n": 1}, policy=policy)
    strong.operate(keys[1], [operations.increment("n", 5), lists.list_append("l", 2)], None, policy)
    strong.put(keys[4], {"n": 4}, policy=policy)
    strong.remove(keys[2], policy={**policy, "durable_delete": True})
    assert strong.get(keys[0], policy).bins["n"] == 1
    assert strong.get(keys[0]).bins["n"] == 0  # others do not see it yet
    assert strong.exists(keys[4]).meta is None
    assert strong.commit(txn) == CommitStatus.OK
    assert txn.state == TransactionState.COMMITTED
    assert not txn.in_doubt
    assert strong.get(keys[0]).bins["n"] == 1
    assert strong.get(keys[1]).bins == {"n": 5, "l": [1, 2]}
    assert strong.get(keys[4]).bins == {"n": 4}
    assert strong.exists(keys[2]).meta is None
    assert strong.commit(txn) == CommitStatus.ALREADY_COMMITTED
    with pytest.raises(OperationalError) as caught:
        strong.abort(txn)
    assert caught.value.result_code == -18
    with pytest.raises(OperationalError, match="no further commands"):
        strong.get(keys[0], policy)


def test_abort(strong: Any, keys: Any) -> None:
    txn = Transaction()
    policy = {"txn": txn}
    strong.put(keys[0], {"n": 9}, policy=policy)
    strong.put(keys[4], {"n": 9}, policy=policy)
    assert strong.abort(txn) == AbortStatus.OK
    assert strong.get(keys[0]).bins["n"] == 0
    assert strong.exists(keys[4]).meta is None
    assert strong.abort(txn) == AbortStatus.ALREADY_ABORTED
    with pytest.raises(OperationalError) as caught:
        strong.commit(txn)
    assert caught.value.result_code == -19


def test_a_record_that_changed_meanwhile(strong: Any, keys: Any) -> None:
    txn = Transaction()
    policy = {"txn": txn}
    strong.get(keys[0], policy)
    strong.put(keys[1], {"n": 7}, policy=policy)
    strong.put(keys[0], {"n": 5})
    with pytest.raises(OperationalError, match="rolled back") as caught:
        strong.commit(txn)
    assert caught.value.result_code == -17
    assert txn.state == TransactionState.ABORTED
    assert strong.get(keys[1]).bins["n"] == 0


def test_a_record_that_another_transaction_holds(strong: Any, keys: Any) -> None:
    first, second = Transaction(), Transaction()
    strong.put(keys[0], {"n": 1}, policy={"txn": first})
    with pytest.raises(KeyBusy) as caught:
        strong.put(keys[0], {"n": 2}, policy={"txn": second})
    assert caught.value.result_code == 120
    with pytest.raises(Error) as caught:
        strong.put(keys[0], {"n": 2})
    assert caught.value.result_code == 120
    assert strong.commit(first) == CommitStatus.OK
    assert strong.abort(second) == AbortStatus.OK
    assert strong.get(keys[0]).bins["n"] == 1


def test_on_locking_only(strong: Any, keys: Any) -> None:
    txn = Transaction()
    policy = {"txn": txn, "on_locking_only": True}
    strong.put(keys[0], {"n": 1}, policy=policy)
    with pytest.raises(Error) as caught:
        strong.put(keys[0], {"n": 2}, policy=policy)
    assert caught.value.result_code == 126
    assert strong.abort(txn) == AbortStatus.OK


def test_batches(strong: Any, keys: Any) -> None:
    txn = Transaction()
    policy = {"txn": txn}
    read = strong.batch_read(keys, None, policy)
    assert [r.result for r in read] == [0, 0, 0, 0, 2]
    written = strong.batch_write(
        [
            (keys[0], {"n": 10}),
            Write(keys[1], [operations.increment("n", 1), operations.read("n")]),
            Read(keys[2]),
            Remove(keys[3], {"durable_delete": True}),
        ],
        policy,
    )
    assert [r.result for r in written] == [0] * 4
    strong.batch_operate([keys[4]], [operations.write("n", 1)], policy)
    assert [r.record.bins["n"] for r in strong.batch_read(keys[:2])] == [0, 0]
    assert strong.commit(txn) == CommitStatus.OK
    after = strong.batch_read(keys)
    assert [r.result for r in after] == [0, 0, 0, 2, 0]
    assert [after[n].record.bins["n"] for n in (0, 1, 2, 4)] == [10, 1, 0, 1]


def test_a_batch_that_is_aborted(strong: Any, keys: Any) -> None:
    txn = Transaction(timeout=20)
    strong.batch_remove(keys[:4], {"txn": txn}, {"durable_delete": True})
    assert all(r.result == 0 for r in strong.batch_read(keys[:4]))
    assert strong.abort(txn) == AbortStatus.OK
    assert [r.record.bins["n"] for r in strong.batch_read(keys[:4])] == [0] * 4


def test_nothing_to_commit(strong: Any, keys: Any) -> None:
    assert strong.commit(Transaction()) == CommitStatus.OK
    assert strong.abort(Transaction()) == AbortStatus.OK
    only_read = Transaction()
    strong.get(keys[0], {"txn": only_read})
    assert strong.commit(only_read) == CommitStatus.OK


def test_one_namespace_only(strong: Any, keys: Any) -> None:
    txn = Transaction()
    strong.get(keys[0], {"txn": txn})
    with pytest.raises(ParameterError, match="one namespace"):
        strong.get(("plain", "txn", 1), {"txn": txn})


def test_a_namespace_without_transactions(strong: Any) -> None:
    txn = Transaction()
    with pytest.raises(Error):
        strong.put(("plain", "txn", 1), {"n": 1}, policy={"txn": txn})
    assert strong.exists(("plain", "txn", 1)).meta is None


def test_what_a_transaction_is() -> None:
    txn = Transaction()
    assert 0 < txn.id < 1 << 64
    assert (txn.state, txn.timeout, txn.in_doubt) == (TransactionState.OPEN, 0, False)
    assert str(txn.id) in repr(txn)
    for wrong in ("5", -1, 1 << 32, True):
        with pytest.raises(ParameterError):
            txn.timeout = wrong  # type: ignore[assignment]
