"""The info commands that clients and people send, and truncation, through the official client."""

from __future__ import annotations

import time
from base64 import b64decode
from typing import Any

import aerospike
import pytest

from tests.conftest import embedded_node
from tests.interop.conftest import Key, code_of, info


def test_info_all_asks_every_node(official: Any) -> None:
    answers = official.info_all("node")
    assert answers
    for name, (error, answer) in answers.items():
        assert error is None
        assert answer == f"{name}\n"


def test_several_commands_in_one_request(official: Any) -> None:
    lines = official.info_random_node("node\nbuild\nedition").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["node", "build", "edition"]


def test_names_and_versions(official: Any) -> None:
    assert info(official, "build").split(".")[0] in ("7", "8", "9")
    assert "Aerospike" in info(official, "edition")
    assert (
        info(official, "version") == f"{info(official, 'edition')} build {info(official, 'build')}"
    )
    assert info(official, "status") == "ok"


def test_namespaces(official: Any, namespace: str) -> None:
    assert namespace in info(official, "namespaces").split(";")


def test_features(official: Any) -> None:
    """Clients ask for these by name."""
    features = set(info(official, "features").split(";"))
    assert {"batch-any", "pquery", "pscans", "query-show", "peers", "replicas"} <= features
    assert {"blob-bits", "cdt-list", "cdt-map", "float", "geo", "truncate-namespace"} <= features


def test_where_the_node_is(official: Any, node_address: tuple[str, int]) -> None:
    _, port = node_address
    assert info(official, "service-clear-std").endswith(f":{port}")
    generation, default_port, peers = info(official, "peers-clear-std").split(",", 2)
    assert generation == info(official, "peers-generation")
    assert default_port == "3000"
    assert peers.startswith("[")


def test_replicas(official: Any, namespace: str) -> None:
    rows = dict(row.split(":") for row in info(official, "replicas").split(";"))
    _, factor, *bitmaps = rows[namespace].split(",")
    assert len(bitmaps) == int(factor)
    assert {len(b64decode(bitmap)) for bitmap in bitmaps} == {512}


@pytest.mark.parametrize("command", ["nonsense", "bins/test", "jobs:", "build-time"])
def test_unknown_commands(official: Any, command: str) -> None:
    assert code_of(official.info_random_node, command) == 4


@pytest.mark.parametrize("command", ["racks:", "rack-ids", "roster"])
def test_enterprise_commands(official: Any, command: str) -> None:
    assert code_of(official.info_random_node, command) == 25


def fields(text: str, separator: str = ";") -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(separator) if pair)


def test_namespace_statistics(official: Any, namespace: str) -> None:
    statistics = fields(info(official, f"namespace/{namespace}"))
    for name in ("objects", "master_objects", "tombstones", "effective_replication_factor"):
        assert statistics[name].isdecimal()
    assert statistics["stop_writes"] == "false"
    assert {"default-ttl", "nsup-period", "replication-factor"} <= set(statistics)


def test_namespace_configuration(official: Any, namespace: str) -> None:
    text = info(official, f"get-config:context=namespace;namespace={namespace}")
    assert {"default-ttl", "nsup-period", "replication-factor"} <= set(fields(text))


def test_statistics(official: Any) -> None:
    statistics = fields(info(official, "statistics"))
    assert {"cluster_size", "cluster_key", "uptime", "client_connections"} <= set(statistics)
    assert statistics["cluster_integrity"] == "true"


def test_sets(official: Any, namespace: str, fresh_set: str) -> None:
    for number in range(3):
        official.put((namespace, fresh_set, number), {"a": 1})
    one = fields(info(official, f"sets/{namespace}/{fresh_set}").rstrip(";"), ":")
    assert int(one["objects"]) >= 3
    names = {"tombstones", "truncate_lut", "sindexes", "default-ttl", "disable-eviction"}
    assert names <= set(one)
    rows = [fields(row, ":") for row in info(official, f"sets/{namespace}").split(";") if row]
    (row,) = [row for row in rows if row["set"] == fresh_set]
    assert row["ns"] == namespace
    everywhere = info(official, "sets")
    assert f"ns={namespace}:set={fresh_set}:objects=" in everywhere


def test_sets_that_are_not_there(official: Any, namespace: str) -> None:
    assert info(official, f"sets/{namespace}/t_never_written") == ""
    assert info(official, "sets/t_nope") == "ns_type=unknown"


def test_udf_list_is_a_list(official: Any) -> None:
    assert isinstance(official.udf_list(), list)


def test_truncate_a_set(official: Any, namespace: str, key: Key) -> None:
    other = (namespace, f"{key[1]}o", "k")
    official.put(key, {"a": 1})
    official.put(other, {"a": 1})
    # A node's clock has milliseconds: what is of the same one as the truncation stays.
    time.sleep(0.005)
    official.truncate(namespace, key[1], 0)
    assert code_of(official.get, key) == 2
    assert official.scan(*key[:2]).results() == []
    assert official.get(other)[2] == {"a": 1}
    official.put(key, {"a": 2})
    assert official.get(key)[1]["gen"] == 1
    official.truncate(namespace, other[1], 0)


def test_truncate_what_is_older(official: Any, namespace: str, fresh_set: str) -> None:
    """A truncation up to a time leaves what was written later."""
    old, new = ((namespace, fresh_set, name) for name in ("old", "new"))
    official.put(old, {"a": 1})
    time.sleep(0.05)
    between = time.time_ns()
    time.sleep(0.05)
    official.put(new, {"a": 1})
    official.truncate(namespace, fresh_set, between)
    assert code_of(official.get, old) == 2
    assert code_of(official.get, new) == 0


def test_an_earlier_truncation_changes_nothing(official: Any, namespace: str, key: Key) -> None:
    long_ago = time.time_ns() - 3600 * 10**9
    official.put(key, {"a": 1})
    official.truncate(namespace, key[1], long_ago)
    assert code_of(official.get, key) == 0


def test_truncating_the_future_is_refused(official: Any, namespace: str, key: Key) -> None:
    official.put(key, {"a": 1})
    future = time.time_ns() + 3600 * 10**9
    assert code_of(official.truncate, namespace, key[1], future) == 4
    assert code_of(official.get, key) == 0


@pytest.mark.parametrize("lut", ["abc", "0", "99999999999999999999"])
def test_bad_times_of_truncation(official: Any, namespace: str, key: Key, lut: str) -> None:
    official.put(key, {"a": 1})
    command = f"truncate:namespace={namespace};set={key[1]};lut={lut}"
    assert code_of(official.info_random_node, command) == 4
    assert code_of(official.get, key) == 0


def test_truncate_needs_a_namespace(official: Any) -> None:
    assert code_of(official.info_random_node, "truncate:set=t_x") == 20


def test_truncate_an_unknown_set(official: Any, namespace: str) -> None:
    assert code_of(official.truncate, namespace, "t_never_written", 0) == 0


def test_truncate_a_namespace() -> None:
    """On a node of its own: other people's records live in a real server's namespaces."""
    with embedded_node("t_truncated") as address:
        client = aerospike.client({"hosts": [address]}).connect()
        try:
            old, new = (("t_truncated", set_name, 1) for set_name in ("old", None))
            client.put(old, {"a": 1})
            time.sleep(0.05)
            between = time.time_ns()
            time.sleep(0.05)
            client.put(new, {"a": 1})
            command = "truncate-namespace:namespace=t_truncated"
            assert info(client, f"{command};lut={between}") == "ok"
            assert (code_of(client.get, old), code_of(client.get, new)) == (2, 0)
            time.sleep(0.005)
            assert info(client, command) == "ok"
            assert code_of(client.get, new) == 2
        finally:
            client.close()
