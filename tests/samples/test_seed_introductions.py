"""The introductions of both clients, old and new, and the old module's reference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.samples.conftest import Official


def test_introduction(official: Official) -> None:
    aerospike = official.aerospike
    client = aerospike.client(official.config).connect()
    key = (official.ns, official.set, "foo")
    client.put(key, {"name": "John Doe", "age": 32})
    (key, metadata, record) = client.get(key)
    assert key[:3] == (official.ns, official.set, None)
    assert metadata.keys() == {"gen", "ttl"}
    assert record == {"name": "John Doe", "age": 32}
    client.close()


def test_layout(official: Official) -> None:
    """The classes, functions and modules that the index of the documents names."""
    aerospike = official.aerospike
    for name in ("Client", "Scan", "Query", "GeoJSON", "KeyOrderedDict"):
        assert isinstance(getattr(aerospike, name), type)
    for name in ("client", "geodata", "geojson", "set_serializer", "set_log_level", "calc_digest"):
        assert callable(getattr(aerospike, name))
    assert aerospike.predicates.equals("a", 1)[:2] == (0, aerospike.INDEX_NUMERIC)
    assert issubclass(aerospike.exception.ParamError, aerospike.exception.ClientError)
    for name in ("operations", "expressions", "batch.records", "cdt_ctx", "metrics"):
        assert official.helpers(name)


def test_no_cluster(official: Official) -> None:
    aerospike = official.aerospike
    with pytest.raises(aerospike.exception.ClientError):
        aerospike.client({"hosts": [("127.0.0.1", 1)]}).connect()


#: Configuration keys of the old reference: policies of all calls.
OLD = {
    "timeout": 1000,
    "key": "POLICY_KEY_SEND",
    "exists": "POLICY_EXISTS_IGNORE",
    "gen": "POLICY_GEN_IGNORE",
    "retry": 0,
    "consistency_level": 0,
    "replica": "POLICY_REPLICA_MASTER",
    "commit_level": "POLICY_COMMIT_LEVEL_ALL",
}


@pytest.mark.parametrize("key", OLD)
def test_old_configurations(official: Official, key: str) -> None:
    aerospike = official.aerospike
    value = OLD[key]
    policies = {key: getattr(aerospike, value) if isinstance(value, str) else value}
    config = {**official.config, "policies": {"timeout": 20_000, **policies}}
    client = aerospike.client(config).connect()
    client.put(official.key(), {"a": 1})
    assert client.get(official.key())[2] == {"a": 1}
    client.close()


def test_old_operators(official: Official) -> None:
    aerospike, client = official.aerospike, official.client
    client.put(official.key(), {"text": "a", "n": 1})
    ops = [
        {"op": aerospike.OPERATOR_APPEND, "bin": "text", "val": "b"},
        {"op": aerospike.OPERATOR_INCR, "bin": "n", "val": 2},
        {"op": aerospike.OPERATOR_READ, "bin": "n"},
    ]
    assert client.operate(official.key(), ops)[2] == {"n": 3}
    assert client.get(official.key())[2] == {"text": "ab", "n": 3}


def test_what_only_ours_has(official: Official) -> None:
    """Retired names: INT_MIN, and large lists."""
    if not official.prefix:
        pytest.skip("the original has retired them")
    aerospike: Any = official.aerospike
    assert (aerospike.INT_MIN, aerospike.INT_MAX) == (-(1 << 63), (1 << 63) - 1)
    llist = official.client.llist(official.key(), "articles")
    llist.add("Numbers don't lie")
    llist.add_many(["Zen", "Ardor"])
    assert llist.size() == 3
    assert llist.scan() == ["Ardor", "Numbers don't lie", "Zen"]
    assert llist.get("Zen") == ["Zen"]
    assert llist.find_first(2) == ["Ardor", "Numbers don't lie"]
    llist.remove("Zen")
    llist.destroy()
