"""Policies that matter to few: read modes, replicas, read-touch, compression; and expiry."""

from __future__ import annotations

import time
from typing import Any

import aerospike
import pytest
from aerospike_helpers.operations import operations

from tests.interop.conftest import Key, code_of

#: (policy, result code of a read)
READS = [
    ({"read_mode_ap": aerospike.POLICY_READ_MODE_AP_ONE}, 0),
    ({"read_mode_ap": aerospike.POLICY_READ_MODE_AP_ALL}, 0),
    ({"read_mode_sc": aerospike.POLICY_READ_MODE_SC_SESSION}, 0),
    ({"read_mode_sc": aerospike.POLICY_READ_MODE_SC_LINEARIZE}, 25),
    ({"read_mode_sc": aerospike.POLICY_READ_MODE_SC_ALLOW_REPLICA}, 0),
    ({"read_mode_sc": aerospike.POLICY_READ_MODE_SC_ALLOW_UNAVAILABLE}, 0),
    ({"replica": aerospike.POLICY_REPLICA_MASTER}, 0),
    ({"replica": aerospike.POLICY_REPLICA_ANY}, 0),
    ({"replica": aerospike.POLICY_REPLICA_SEQUENCE}, 0),
    ({"replica": aerospike.POLICY_REPLICA_PREFER_RACK}, 0),
    ({"deserialize": False}, 0),
    ({"max_retries": 0, "sleep_between_retries": 5}, 0),
    ({"socket_timeout": 5000, "total_timeout": 0}, 0),
]


@pytest.mark.parametrize(("policy", "code"), READS, ids=str)
def test_read_policies(official: Any, key: Key, policy: dict[str, Any], code: int) -> None:
    official.put(key, {"a": 1})
    assert code_of(official.get, key, policy) == code
    assert code_of(official.select, key, ["a"], policy) == code
    records = official.batch_read([key], None, policy)
    assert records.batch_records[0].result == code


@pytest.mark.parametrize(
    "policy",
    [
        {"commit_level": aerospike.POLICY_COMMIT_LEVEL_ALL},
        {"commit_level": aerospike.POLICY_COMMIT_LEVEL_MASTER},
        {"durable_delete": True},
    ],
    ids=str,
)
def test_write_policies(official: Any, key: Key, policy: dict[str, Any]) -> None:
    assert code_of(official.put, key, {"a": 1}, policy=policy) == 0
    assert official.get(key)[2] == {"a": 1}


def test_compressed_requests_are_for_the_enterprise_edition(official: Any, key: Key) -> None:
    policy = {"compress": True}
    assert code_of(official.put, key, {"a": "x" * 5000}, policy=policy) == 25
    official.put(key, {"a": "x" * 5000})
    assert official.get(key, policy)[2] == {"a": "x" * 5000}


def ttl_of(client: Any, key: Key) -> int:
    ttl: int = client.exists(key)[1]["ttl"]
    return ttl


#: (percentage, is a record renewed that has used up half of its time)
READ_TOUCHES = [(-1, False), (0, False), (20, False), (80, True), (100, True)]


def test_a_read_may_renew_the_ttl(official: Any, namespace: str, fresh_set: str) -> None:
    keys = {percent: (namespace, fresh_set, percent) for percent, _ in READ_TOUCHES}
    for key in keys.values():
        official.put(key, {"a": 1}, policy={"ttl": 6})
    time.sleep(3.1)
    for percent, renewed in READ_TOUCHES:
        key = keys[percent]
        assert ttl_of(official, key) <= 3
        official.get(key, {"read_touch_ttl_percent": percent})
        for _ in range(20):  # The server renews after its answer.
            if ttl_of(official, key) >= 5:
                break
            time.sleep(0.01)
        assert (ttl_of(official, key) >= 5) is renewed
        assert official.get(key)[1]["gen"] == 1


def test_a_read_touch_of_more_than_all_is_refused(official: Any, key: Key) -> None:
    official.put(key, {"a": 1}, policy={"ttl": 1000})
    assert code_of(official.get, key, {"read_touch_ttl_percent": 101}) == 4


def test_expired_records_are_gone(official: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(5)]
    for key in keys:
        official.put(key, {"a": key[2]}, policy={"ttl": 1})
    official.put((namespace, fresh_set, "stays"), {"a": 9}, policy={"ttl": 1000})
    time.sleep(2.1)
    assert code_of(official.get, keys[0]) == 2
    assert official.exists(keys[0])[1] is None
    assert code_of(official.touch, keys[0], 100) == 2
    assert code_of(official.operate, keys[0], [operations.read("a")]) == 2
    assert [found.result for found in official.batch_read(keys).batch_records] == [2] * 5
    assert [bins for _, _, bins in official.scan(namespace, fresh_set).results()] == [{"a": 9}]
    update = {"exists": aerospike.POLICY_EXISTS_UPDATE}
    assert code_of(official.put, keys[1], {"b": 1}, policy=update) == 2
    create = {"exists": aerospike.POLICY_EXISTS_CREATE}
    assert code_of(official.put, keys[2], {"b": 1}, policy=create) == 0
    official.put(keys[3], {"b": 1})
    official.increment(keys[4], "a", 1)
    for key, bins in zip(keys[2:], ({"b": 1}, {"b": 1}, {"a": 1})):
        _, meta, found = official.get(key)
        assert (meta["gen"], found) == (1, bins)
