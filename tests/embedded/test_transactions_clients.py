"""The official client's transactions against our node on TCP."""

from __future__ import annotations

import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import Server

aerospike = pytest.importorskip("aerospike")
exception = pytest.importorskip("aerospike.exception")
operations = pytest.importorskip("aerospike_helpers.operations.operations")
records = pytest.importorskip("aerospike_helpers.batch.records")

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

KEYS = [("test", "s", number) for number in range(4)]
BLOCKED, EXPIRED, ENTERPRISE_ONLY = 120, 122, 25


@pytest.fixture(scope="module")
def node():
    made = EmbeddedNode(namespaces=("test", "plain"), strong_consistency=("test",))
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(node):
    with Server(node, port=0).start() as server:
        limits = {"total_timeout": 20_000}
        policies = dict.fromkeys(("read", "write", "remove", "batch", "operate"), limits)
        made = aerospike.client({"hosts": [server.address], "policies": policies}).connect()
        yield made
        made.close()


@pytest.fixture(autouse=True)
def fresh(node, client):
    yield
    transactions = node.store.namespaces["test"].transactions
    for monitor in list(transactions._monitors.values()):
        monitor.deadline = 0
    transactions.expire()
    assert not transactions.provisional


@pytest.fixture
def txn(client):
    for number, key in enumerate(KEYS[:3]):
        client.put(key, {"n": number})
    client.remove(KEYS[3], policy={"durable_delete": True}) if client.exists(KEYS[3])[1] else None
    return aerospike.Transaction()


def value(client, key, policy=None):
    try:
        return client.get(key, policy)[2]
    except exception.RecordNotFound:
        return None


def code_of(call, *arguments, **named):
    with pytest.raises(exception.AerospikeError) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_commit(client, txn):
    policy = {"txn": txn}
    client.put(KEYS[0], {"n": 10}, policy=policy)
    client.put(KEYS[3], {"n": 13}, policy=policy)
    client.remove(KEYS[1], policy={**policy, "durable_delete": True})
    client.operate(KEYS[2], [operations.increment("n", 5)], policy=policy)
    assert [value(client, k) for k in KEYS] == [{"n": 0}, {"n": 1}, {"n": 2}, None]
    inside = [value(client, k, policy) for k in KEYS]
    assert inside == [{"n": 10}, None, {"n": 7}, {"n": 13}]
    assert client.commit(txn) == aerospike.COMMIT_OK
    assert [value(client, k) for k in KEYS] == inside
    assert client.commit(txn) == aerospike.COMMIT_ALREADY_COMMITTED
    with pytest.raises(exception.TransactionAlreadyCommitted):
        client.abort(txn)


def test_abort(client, txn):
    policy = {"txn": txn}
    client.put(KEYS[0], {"n": 10}, policy=policy)
    client.put(KEYS[3], {"n": 13}, policy=policy)
    assert client.abort(txn) == aerospike.ABORT_OK
    assert [value(client, k) for k in KEYS] == [{"n": 0}, {"n": 1}, {"n": 2}, None]
    assert client.put(KEYS[0], {"n": 20}) == 0
    with pytest.raises(exception.TransactionAlreadyAborted):
        client.commit(txn)


def test_a_transaction_that_only_reads(client, txn):
    assert value(client, KEYS[0], {"txn": txn}) == {"n": 0}
    assert client.commit(txn) == aerospike.COMMIT_OK


@pytest.mark.parametrize("key", [KEYS[0], KEYS[3]])
def test_a_read_that_no_longer_holds(client, txn, key):
    policy = {"txn": txn}
    value(client, key, policy)
    client.put(KEYS[1], {"n": 11}, policy=policy)
    client.put(key, {"n": 99})
    with pytest.raises(exception.TransactionFailed):
        client.commit(txn)
    assert value(client, KEYS[1]) == {"n": 1}
    assert client.put(KEYS[1], {"n": 12}) == 0


def test_locks(client, txn):
    other = aerospike.Transaction()
    client.put(KEYS[0], {"n": 10}, policy={"txn": txn})
    assert code_of(client.put, KEYS[0], {"n": 11}) == BLOCKED
    assert code_of(client.put, KEYS[0], {"n": 11}, policy={"txn": other}) == BLOCKED
    assert code_of(client.get, KEYS[0], {"txn": other}) == BLOCKED
    assert client.abort(other) in (aerospike.ABORT_OK, aerospike.ABORT_CLOSE_ABANDONED)
    assert client.commit(txn) == aerospike.COMMIT_OK
    assert value(client, KEYS[0]) == {"n": 10}


def test_write_skew_cannot_happen(client, txn):
    """Two transactions that each read what the other writes: one of them has to fail."""
    other = aerospike.Transaction()
    value(client, KEYS[0], {"txn": txn})
    value(client, KEYS[1], {"txn": other})
    client.put(KEYS[1], {"n": -1}, policy={"txn": txn})
    client.put(KEYS[0], {"n": -1}, policy={"txn": other})
    with pytest.raises(exception.TransactionFailed):
        client.commit(txn)
    assert client.commit(other) == aerospike.COMMIT_OK


def test_batches(client, txn):
    writes = [records.Write(key, [operations.write("n", 50)]) for key in KEYS[:3]]
    batch = records.BatchRecords([*writes, records.Read(KEYS[3], None)])
    results = [r.result for r in client.batch_write(batch, {"txn": txn}).batch_records]
    assert results == [0, 0, 0, 2]
    found = client.batch_read(KEYS[:3], policy={"txn": txn}).batch_records
    assert [r.record[2] for r in found] == [{"n": 50}] * 3
    assert value(client, KEYS[0]) == {"n": 0}
    assert client.commit(txn) == aerospike.COMMIT_OK
    assert [value(client, k) for k in KEYS[:3]] == [{"n": 50}] * 3


def test_the_time_of_a_transaction(client, txn):
    txn.timeout = 1
    client.put(KEYS[0], {"n": 10}, policy={"txn": txn})
    time.sleep(2.1)
    assert code_of(client.put, KEYS[1], {"n": 11}, policy={"txn": txn}) == EXPIRED
    assert value(client, KEYS[0]) == {"n": 0}
    assert client.put(KEYS[0], {"n": 12}) == 0
    client.abort(txn)
    assert value(client, KEYS[0]) == {"n": 12}


def test_elsewhere_transactions_are_not_to_be_had(client, txn):
    assert code_of(client.put, ("plain", "s", 1), {"n": 1}, policy={"txn": txn}) == ENTERPRISE_ONLY
