"""Single records: results, policies, and what is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest

from aerodbapi.errors import (
    BinNameError,
    DataError,
    Error,
    FilteredOut,
    GenerationError,
    InvalidGeoJSON,
    NamespaceNotFound,
    ParameterError,
    RecordExists,
    RecordNotFound,
    RecordTooBig,
)
from aerodbapi.native import expressions as exp
from aerodbapi.native import operations
from aerodbapi.native.policies import ReadPolicy, WritePolicy
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

VALUES = {
    "int": -(2**63),
    "float": 1.5,
    "bool": True,
    "text": "grün\0nul",
    "bytes": b"\x00\xff",
    "list": [1, "a", None, [2.5, {"k": b"b"}]],
    "map": {"a": 1, 2: "b", b"c": [3]},
    "ordered": KeyOrderedDict({"a": 1}),
    "geo": GeoJSON({"type": "Point", "coordinates": [1.0, 2.0]}),
}


def test_values_come_back(client: Any, key: Any) -> None:
    client.put(key, VALUES)
    bins = client.get(key).bins
    assert bins == VALUES
    assert {name: type(value) for name, value in bins.items()} == {
        name: type(value) for name, value in VALUES.items()
    }


def test_results_are_tuples_with_names(client: Any, key: Any) -> None:
    client.put(key, {"n": 1}, {"ttl": 500})
    found = client.get(key)
    full, meta, bins = found
    assert full[:3] == (full.namespace, full.set_name, full.user_key) == key
    assert len(full.digest) == 20
    assert meta.gen == meta["gen"] == meta[0] == 1
    assert meta.ttl == meta["ttl"] in (499, 500)
    assert found.bins == bins == {"n": 1}
    assert client.get((*key[:2], None, full.digest)).bins == {"n": 1}
    assert client.exists(key) == (full, meta)
    assert client.exists((*key[:2], "none")).meta is None


def test_select_touch_remove(client: Any, key: Any) -> None:
    client.put(key, {"a": 1, "b": 2, "c": "x"})
    assert client.select(key, ["a", "none"]).bins == {"a": 1}
    client.touch(key, 700)
    assert client.get(key).meta.ttl in (699, 700)
    client.touch(key, -1)
    assert client.get(key).meta.ttl == 0xFFFFFFFF
    client.increment(key, "a", 5)
    client.increment(key, "f", 0.5)
    client.append(key, "c", "y")
    client.prepend(key, "c", "w")
    client.remove_bin(key, ["b"])
    assert client.get(key).bins == {"a": 6, "f": 0.5, "c": "wxy"}
    client.remove(key)
    for missing in (client.get, client.remove, client.touch, lambda k: client.select(k, ["a"])):
        with pytest.raises(RecordNotFound) as caught:
            missing(key)
        assert caught.value.result_code == 2
        assert caught.value.node


def test_exists_policies(client: Any, key: Any) -> None:
    for exists in ("update", "replace"):
        with pytest.raises(RecordNotFound):
            client.put(key, {"a": 1}, policy={"exists": exists})
    client.put(key, {"a": 1}, policy={"exists": "create"})
    with pytest.raises(RecordExists):
        client.put(key, {"a": 1}, policy={"exists": 1})
    client.put(key, {"b": 1}, policy=WritePolicy(exists="update"))
    assert client.get(key).bins == {"a": 1, "b": 1}
    client.put(key, {"c": 1}, policy={"exists": "replace"})
    assert client.get(key).bins == {"c": 1}
    client.put(key, {"d": 1}, policy={"exists": 4})
    assert client.get(key).bins == {"d": 1}


def test_generations(client: Any, key: Any) -> None:
    client.put(key, {"a": 1})
    client.put(key, {"a": 2}, {"gen": 1})
    for meta, policy in (
        ({"gen": 1}, None),
        (None, {"gen": "equal", "generation": 7}),
        (None, {"gen": 2, "generation": 2}),
    ):
        with pytest.raises(GenerationError) as caught:
            client.put(key, {"a": 3}, meta, policy)
        assert caught.value.result_code == 3
    client.put(key, {"a": 3}, policy={"gen": "greater", "generation": 9})
    assert client.get(key).bins == {"a": 3}


def test_filters(client: Any, key: Any) -> None:
    client.put(key, {"a": 1})
    passes, fails = exp.eq(exp.int_bin("a"), 1), exp.eq(exp.int_bin("a"), 2)
    assert client.get(key, {"filter": passes}).bins == {"a": 1}
    assert client.get(key, {"expressions": exp.pack_expression(passes)}).bins == {"a": 1}
    assert exp.from_base64(exp.to_base64(passes)) == exp.pack_expression(passes)
    for refused in (
        lambda policy: client.get(key, policy),
        lambda policy: client.put(key, {"a": 5}, None, policy),
        lambda policy: client.remove(key, None, policy),
        lambda policy: client.operate(key, [operations.read("a")], None, policy),
    ):
        with pytest.raises(FilteredOut) as caught:
            refused({"filter_expression": fails})
        assert caught.value.result_code == 27
    assert client.get(key).bins == {"a": 1}


def test_operate(client: Any, key: Any) -> None:
    client.put(key, {"old": 1})
    ops = [
        operations.delete(),
        operations.write("a", 1),
        operations.increment("a", 1),
        operations.read("a"),
        operations.append("s", "x"),
        operations.touch(),
    ]
    assert client.operate(key, ops, {"ttl": 300}).bins == {"a": 2}
    assert client.operate(key, [operations.read_all()]).bins == {"a": 2, "s": "x"}
    again = client.operate_ordered(key, [operations.read("a"), operations.read("s")])
    assert again.ordered_bins == [("a", 2), ("s", "x")]
    assert again.meta.ttl in (299, 300)
    client.operate(key, [operations.delete(), operations.write("n", 1)])
    assert client.get(key).bins == {"n": 1}


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        (5, "a key is"),
        (("test",), "a key is"),
        (("test", "s"), "a key is"),
        ((1, "s", "k"), "a key is"),
        (("test", 1, "k"), "a key is"),
        (("test", "s", 1.5), "str, int or bytes, not float"),
        (("test", "s", True), "str, int or bytes, not bool"),
        (("test", "s", None), "a key is"),
        (("test", "s", None, b"short"), "20 bytes"),
    ],
)
def test_wrong_keys(client: Any, key: Any, hint: str) -> None:
    for refused in (client.get, client.remove, lambda k: client.put(k, {"a": 1})):
        with pytest.raises(ParameterError, match=hint) as caught:
            refused(key)
        assert caught.value.result_code == -2


def test_keys_that_do_not_fit(client: Any) -> None:
    with pytest.raises(DataError, match="64 bits"):
        client.put(("test", "s", 1 << 63), {"a": 1})


@pytest.mark.parametrize(
    ("bins", "error", "hint"),
    [
        (5, ParameterError, "bins are a dictionary"),
        ([("a", 1)], ParameterError, "bins are a dictionary"),
        ({"a": object()}, DataError, "object"),
        ({"a": {1, 2}}, DataError, "set"),
        ({"a": {1.5: "x"}}, DataError, "key is an integer, text or bytes, not float"),
        ({"a": [{None: 1}]}, DataError, "key is an integer, text or bytes"),
        ({"a": 1 << 63}, DataError, "64 bits"),
        ({"a": [-(1 << 63) - 1]}, DataError, "64 bits"),
        ({"a" * 16: 1}, BinNameError, "15 bytes"),
    ],
)
def test_wrong_bins(client: Any, key: Any, bins: Any, error: type[Error], hint: str) -> None:
    with pytest.raises(error, match=hint):
        client.put(key, bins)
    assert client.exists(key).meta is None


def test_invalid_geojson(client: Any, key: Any) -> None:
    wrong = GeoJSON({"type": "Polygon", "coordinates": [[1, 2]]})
    with pytest.raises(InvalidGeoJSON) as caught:
        client.put(key, {"g": wrong})
    assert caught.value.result_code == 160
    with pytest.raises(ValueError, match="not JSON"):
        GeoJSON("{")


def test_a_record_that_is_too_big(client: Any, key: Any) -> None:
    with pytest.raises(RecordTooBig) as caught:
        client.put(key, {"b": b"x" * (9 << 20)})
    assert caught.value.result_code == 13
    client.put(key, {"b": 1})
    assert client.get(key).bins == {"b": 1}


def test_an_hll_that_is_none(client: Any, key: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        client.put(key, {"h": HyperLogLog(b"nonsense")})
    assert caught.value.result_code == 4


def test_no_such_namespace(client: Any) -> None:
    if client.conninfo.embedded:
        client.put(("made-on-use", "s", 1), {"a": 1})
        return
    with pytest.raises(NamespaceNotFound, match="no namespace 'nowhere'") as caught:
        client.get(("nowhere", "s", 1))
    assert caught.value.result_code == 20


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda c, k: c.get(k, 5), "a ReadPolicy or a dictionary"),
        (lambda c, k: c.get(k, {"total_timeot": 5}), "did you mean total_timeout"),
        (lambda c, k: c.get(k, {"total_timeout": "5"}), "total_timeout is int"),
        (lambda c, k: c.get(k, {"total_timeout": -5}), "total_timeout is int"),
        (lambda c, k: c.get(k, {"total_timeout": 1 << 32}), "total_timeout is int"),
        (lambda c, k: c.get(k, {"replica": "some"}), "replica is one of"),
        (lambda c, k: c.get(k, {"filter": "a = 1"}), "a filter is an expression"),
        (lambda c, k: c.get(k, {"exists": 1}), "unknown key 'exists' for a ReadPolicy"),
        (lambda c, k: c.put(k, {"a": 1}, None, {"exists": 9}), "exists is one of"),
        (lambda c, k: c.put(k, {"a": 1}, {"generation": 1}), "meta has gen and ttl"),
        (lambda c, k: c.put(k, {"a": 1}, 5), "meta is a dictionary"),
        (lambda c, k: c.put(k, {"a": 1}, {"ttl": -5}), "ttl is a number of seconds"),
        (lambda c, k: c.put(k, {"a": 1}, {"ttl": "1"}), "ttl is a number of seconds"),
        (lambda c, k: c.put(k, {"a": 1}, {"gen": 1 << 16}), "within 0 to 65535"),
        (lambda c, k: c.touch(k, 1 << 32), "ttl is a number of seconds"),
        (lambda c, k: c.increment(k, "a", "x"), "increment is int or float"),
        (lambda c, k: c.append(k, "a", 5), "text or bytes"),
        (lambda c, k: c.operate(k, []), "at least one operation"),
        (lambda c, k: c.operate(k, 5), "a list of at least one operation"),
        (lambda c, k: c.operate(k, [5]), "operations are what"),
        (lambda c, k: c.operate(k, [{"op": 1, "bin": "a"}]), "operations are what"),
        (lambda c, k: operations.read(5), "name is text, not int"),
        (lambda c, k: operations.write(None, 5), "name is text, not NoneType"),
        (lambda c, k: c.put(k, {5: 1}), "name is text, not int"),
        (lambda c, k: c.select(k, "a"), "a list of names, not 'a'"),
        (lambda c, k: c.select(k, 5), "a list of names, not 5"),
        (lambda c, k: c.select(k, [5]), "a list of names"),
        (lambda c, k: c.remove_bin(k, "a"), "a list of names"),
        (lambda c, k: c.put(k, {"a": 1}, None, {"txn": 5}), "txn is a Transaction"),
        (lambda c, k: c.commit(5), "a transaction is a Transaction"),
        (lambda c, k: c.abort(None), "a transaction is a Transaction"),
        (lambda c, k: c.index_create(k[0], k[1], None, "i", expression=5), "packed bytes"),
        (lambda c, k: c.query(*k[:2], bins="a"), "a list of names"),
        (lambda c, k: c.query(*k[:2]).foreach(5), "foreach takes a function"),
        (lambda c, k: c.batch_read(5), "a list of keys"),
        (lambda c, k: c.batch_read([k], "a"), "a list of names"),
        (lambda c, k: c.batch_write(5), "a list of records"),
        (lambda c, k: c.batch_operate([k], 5), "a list of at least one operation"),
        (lambda c, k: c.batch_operate([k], [5]), "operations are what"),
        (lambda c, k: c.info_random_node(5), "command is text"),
        (lambda c, k: c.truncate(k[0], k[1], -1), "nanos are ns since 1970"),
        (lambda c, k: c.index_create(k[0], k[1], "a", "i", "FLOAT"), "index_type is one of"),
        (lambda c, k: c.index_create(k[0], k[1], "a", "i", "STRING", "SET"), "collection is one"),
        (lambda c, k: c.index_create(k[0], k[1], None, "i"), "on a bin or on an expression"),
        (lambda c, k: c.index_remove(k[0], 5), "index_name is text"),
    ],
)
def test_wrong_arguments(client: Any, key: Any, call: Any, hint: str) -> None:
    with pytest.raises(Error, match=hint) as caught:
        call(client, key)
    assert isinstance(caught.value, (ParameterError, DataError))
    assert client.exists(key).meta is None


def test_times_to_live_beyond_ten_years(client: Any, key: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        client.put(key, {"a": 1}, {"ttl": 315_360_001})
    assert caught.value.result_code == 4


# ---- info, truncation, configuration -----------------------------------------------------------


def test_info(client: Any) -> None:
    answers = client.info_all("build")
    assert list(answers) == client.get_node_names()
    assert client.info_random_node("build") in answers.values()
    name = client.get_node_names()[0]
    assert client.info_single_node("build", name) == answers[name]
    for node in client.get_nodes():
        assert (node.node_name, node.port > 0) == (name, True)
    assert client.get_stats().nodes[0].name == name
    with pytest.raises(Error, match="no node 'X'"):
        client.info_single_node("build", "X")
    with pytest.raises(ParameterError):
        client.info_all("no-such-command")


def test_truncate(client: Any, key: Any) -> None:
    client.put(key, {"a": 1})
    time.sleep(0.01)
    before = time.time_ns()
    time.sleep(0.01)
    other = (*key[:2], "other")
    client.put(other, {"a": 1})
    client.truncate(*key[:2], before)
    deadline = time.monotonic() + 10
    while client.exists(key).meta is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.exists(key).meta is None
    assert client.exists(other).meta is not None


def test_policies_of_a_client() -> None:
    from aerodbapi.native.client import Client

    client = Client(
        {
            "policies": {
                "timeout": 1234,
                "key": 1,
                "read": {"replica": "master"},
                "write": {"ttl": -1, "total_timeout": 5},
                "query": {"max_records": 7},
                "batch": {"allow_inline": False},
                "info": {"timeout": 99},
            }
        }
    )
    assert client.read_policy == ReadPolicy(
        total_timeout=1234, replica="master", send_key=True, max_retries=2
    )
    assert client.write_policy.total_timeout == 5
    assert client.write_policy.ttl == 0xFFFFFFFF
    assert client.operate_policy.total_timeout == 1234
    assert client.batch_policy.total_timeout == 1234
    assert client.query_policy.max_records == 7
    assert client.query_policy.total_timeout == 0
    assert not client.batch_policy.allow_inline
    assert client.info_policy.total_timeout == 99
    for policies, hint in (
        ({"reed": {}}, "there are no 'reed' policies"),
        ({"read": {"ttll": 1}}, "unknown key 'ttll'"),
        (5, "policies are a dictionary"),
    ):
        with pytest.raises(ParameterError, match=hint):
            Client({"policies": policies})
