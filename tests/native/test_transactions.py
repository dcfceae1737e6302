"""Transactions over many records: commit, abort, conflicts, and what is forbidden."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import Error, KeyBusy, OperationalError, ParameterError, ProtocolError
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
    with pytest.raises(ParameterError, match="has been committed"):
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


# ---- what goes wrong at the end ----------------------------------------------------------------


class Faulty:
    """Lets a node's answers to a kind of request be lost, or be another result code."""

    def __init__(self, node: EmbeddedNode) -> None:
        self.answer = node.receive
        self.wanted: Any = None
        self.code: int | None = None
        self.times = 0
        node.receive = self.receive  # type: ignore[method-assign]

    def fail(self, wanted: Any, code: int | None = None, times: int = 1) -> None:
        self.wanted, self.code, self.times = wanted, code, times

    def receive(self, request: bytes, peer: Any = None) -> Any:
        hit = self.times and request[1] == 3 and self.wanted(request)
        if hit and self.code is not None:
            self.times -= 1
            head = bytearray(request[:8] + bytes(22))
            head[0:8] = (2 << 56 | 3 << 48 | 22).to_bytes(8, "big")
            head[8], head[11], head[13] = 22, 1, self.code
            yield bytes(head)
            return
        replies = list(self.answer(request, peer))
        if hit:
            self.times -= 1
            raise ProtocolError("the reply is lost")
        yield from replies


def _marks(request: bytes) -> bool:
    return b"fwd" in request


def _rolls(request: bytes) -> bool:
    return bool(request[9] & 0x08)  # a batch: only rolls are sent as one here


def _closes(request: bytes) -> bool:
    return bool(request[10] & 0x02) and b"<ERO~MRT" in request


@pytest.fixture
def faulty() -> Iterator[tuple[Faulty, Any]]:
    node = EmbeddedNode(strong_consistency=("test",))
    fault = Faulty(node)
    roll = {"max_retries": 0, "total_timeout": 2000}
    with serve(node, "127.0.0.1", 0) as server:
        config = {"hosts": [server.address], "policies": {"txn_roll": roll, "txn_verify": roll}}
        with Client(config) as client:
            yield fault, client
    node.close()


KEY = ("test", "faults", 1)


def test_a_commit_that_nobody_knows_of(faulty: Any) -> None:
    """The answer is lost: the commit may be tried again, and not be undone."""
    fault, client = faulty
    txn = Transaction()
    client.put(KEY, {"n": 1}, policy={"txn": txn})
    fault.fail(_marks)
    with pytest.raises(Error) as caught:
        client.commit(txn)
    assert caught.value.in_doubt
    assert txn.in_doubt
    assert txn.state == TransactionState.COMMIT_FAILED
    with pytest.raises(OperationalError, match="in-doubt") as refused:
        client.abort(txn)
    assert refused.value.result_code == -17
    with pytest.raises(ParameterError, match="in-doubt"):
        client.put(KEY, {"n": 2}, policy={"txn": txn})
    assert client.commit(txn) == CommitStatus.ALREADY_COMMITTED
    assert not txn.in_doubt
    assert client.get(KEY).bins == {"n": 1}


def test_a_commit_that_was_not_begun(faulty: Any) -> None:
    fault, client = faulty
    txn = Transaction()
    client.put(KEY, {"n": 1}, policy={"txn": txn})
    fault.fail(_marks, code=22)
    with pytest.raises(Error, match="Mark roll forward abandoned"):
        client.commit(txn)
    assert txn.state == TransactionState.VERIFIED
    assert not txn.in_doubt
    assert client.abort(txn) == AbortStatus.OK
    assert client.exists(KEY).meta is None


@pytest.mark.parametrize(
    ("wanted", "committed", "aborted"),
    [
        (_rolls, CommitStatus.ROLL_FORWARD_ABANDONED, AbortStatus.ROLL_BACK_ABANDONED),
        (_closes, CommitStatus.CLOSE_ABANDONED, AbortStatus.CLOSE_ABANDONED),
    ],
)
def test_what_is_left_to_the_servers(
    faulty: Any, wanted: Any, committed: int, aborted: int
) -> None:
    fault, client = faulty
    txn = Transaction()
    client.put(KEY, {"n": 1}, policy={"txn": txn})
    fault.fail(wanted, times=9)
    assert client.commit(txn) == committed
    assert txn.state == TransactionState.COMMITTED
    fault.fail(wanted, times=0)
    txn = Transaction()
    other = ("test", "faults", 2)
    client.put(other, {"n": 2}, policy={"txn": txn})
    fault.fail(wanted, times=9)
    assert client.abort(txn) == aborted
    assert txn.state == TransactionState.ABORTED


def test_a_write_that_nobody_knows_of(faulty: Any) -> None:
    """It is committed or undone with the rest; the monitor is left to the servers."""
    fault, client = faulty
    txn = Transaction()
    fault.fail(lambda request: b"doubt" in request)
    with pytest.raises(Error):
        client.put(KEY, {"doubt": 1}, policy={"txn": txn})
    assert txn.write_in_doubt
    assert client.commit(txn) == CommitStatus.OK
    assert client.get(KEY).bins == {"doubt": 1}


def test_a_transaction_whose_time_is_over(faulty: Any) -> None:
    _, client = faulty
    txn = Transaction(timeout=1)
    assert txn.timeout == 1
    client.put(KEY, {"n": 1}, policy={"txn": txn})
    time.sleep(1.1)
    with pytest.raises(Error) as caught:
        client.put(("test", "faults", 2), {"n": 1}, policy={"txn": txn})
    assert caught.value.result_code in (122, 125)
    with pytest.raises(Error) as caught:
        client.commit(txn)
    assert caught.value.result_code in (122, 125)
    assert client.exists(KEY).meta is None
