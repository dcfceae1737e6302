"""Whole programs for the official client, as its documents show them, run on our modules."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.compat import aerospike, install, uninstall
from aerodbapi.compat.aerospike import exception, predicates
from aerodbapi.compat.aerospike_helpers import cdt_ctx, expressions
from aerodbapi.compat.aerospike_helpers.batch import records as br
from aerodbapi.compat.aerospike_helpers.metrics import MetricsListeners, MetricsPolicy
from aerodbapi.compat.aerospike_helpers.operations import (
    bitwise_operations,
    expression_operations,
    hll_operations,
    list_operations,
    map_operations,
    operations,
)
from tests.conftest import Address

TIMEOUT = 20_000


@pytest.fixture
def client(node_address: Address) -> Iterator[Any]:
    client = aerospike.client({"hosts": [node_address], "policies": {"timeout": TIMEOUT}})
    yield client
    client.close()


# ---- the introductions ---------------------------------------------------------------------------


def test_introduction(node_address: Address, namespace: str, fresh_set: str) -> None:
    config = {"hosts": [node_address]}
    client = aerospike.client(config).connect()
    key = (namespace, fresh_set, "foo")
    client.put(key, {"name": "John Doe", "age": 32})
    (key, metadata, record) = client.get(key)
    assert record == {"name": "John Doe", "age": 32}
    assert metadata["gen"] == 1
    assert metadata["ttl"] > 0
    assert key[:3] == (namespace, fresh_set, None)
    assert isinstance(key[3], bytearray)
    client.close()
    with pytest.raises(exception.ClusterError):
        client.get(key)
    assert client.connect().is_connected()
    client.close()


@pytest.mark.parametrize(
    ("policies", "read"),
    [
        ({"timeout": 1000}, {"total_timeout": 1000}),
        ({"timeout": 2500, "retry": 1}, {"total_timeout": 2500, "max_retries": 1}),
        ({"key": aerospike.POLICY_KEY_SEND}, {"key": 1}),
        ({"consistency_level": 1}, {"read_mode_ap": 1}),
        ({"replica": aerospike.POLICY_REPLICA_MASTER}, {"replica": 0}),
        ({"total_timeout": 1500, "read": {"total_timeout": 70}}, {"total_timeout": 70}),
    ],
)
def test_configuration_keys_of_old(
    node_address: Address, policies: dict[str, Any], read: dict[str, int]
) -> None:
    client = aerospike.client({"hosts": [node_address], "policies": policies}).connect()
    found = client.get_policies()["read"]
    assert {key: found[key] for key in read} == read
    client.close()


def test_integers_of_old() -> None:
    assert (aerospike.INT_MIN, aerospike.INT_MAX) == (-(2**63), 2**63 - 1)
    assert aerospike.OPERATOR_APPEND == 9
    assert aerospike.OPERATOR_INCR == 6


def test_large_list(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "articles")
    llist = client.llist(key, "scores")
    llist.add(1)
    llist.add_many([7, 3, 5])
    with pytest.raises(exception.ElementExistsError):
        llist.add(3)
    assert llist.size() == 4
    assert llist.scan() == [1, 3, 5, 7]
    assert llist.find_first(2) == [1, 3]
    assert llist.find_last(2) == [7, 5]
    assert llist.find_from(3, 2) == [3, 5]
    assert llist.range(3, 5) == [3, 5]
    assert llist.get(5) == [5]
    assert not llist.exists(4)
    llist.remove(5)
    with pytest.raises(exception.ElementNotFoundError):
        llist.remove(5)
    assert llist.scan() == [1, 3, 7]
    llist.destroy()
    assert not client.exists(key)[1]


def test_large_list_of_dictionaries(client: Any, namespace: str, fresh_set: str) -> None:
    llist = client.llist((namespace, fresh_set, "users"), "u")
    llist.add({"key": 2, "name": "b"})
    llist.add({"key": 1, "name": "a"})
    llist.update({"key": 2, "name": "c"})
    assert llist.scan() == [{"key": 1, "name": "a"}, {"key": 2, "name": "c"}]
    assert llist.get({"key": 2}) == [{"key": 2, "name": "c"}]


# ---- what the documents of classes show ----------------------------------------------------------


def test_operate(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, 1)
    client.put(key, {"age": 25, "career": "delivery boy"})
    ops = [
        operations.increment("age", 1000),
        operations.write("name", "J."),
        operations.read("age"),
    ]
    _, meta, bins = client.operate(key, ops, {"ttl": 360}, {"total_timeout": 500})
    assert bins == {"age": 1025}
    assert meta["gen"] == 2
    ordered = client.operate_ordered(key, [operations.read("age"), operations.read("name")])[2]
    assert ordered == [("age", 1025), ("name", "J.")]
    with pytest.raises(exception.RecordGenerationError) as failure:
        client.operate(key, ops, {"gen": 1}, {"gen": aerospike.POLICY_GEN_EQ})
    assert failure.value.code == 3


def test_collections(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "nested")
    client.put(key, {"scores": [[3, 1, 2], [9, 8]], "prices": {"tea": 3, "cake": 5}})
    path = [cdt_ctx.cdt_ctx_list_index(0)]
    ops = [
        list_operations.list_sort("scores", ctx=path),
        list_operations.list_get_range("scores", 0, 2, ctx=path),
        map_operations.map_get_by_rank("prices", -1, aerospike.MAP_RETURN_KEY),
    ]
    assert client.operate_ordered(key, ops)[2][1:] == [("scores", [1, 2]), ("prices", "cake")]


def test_bits_and_sketches(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "sketch")
    client.put(key, {"flags": b"\x00\x0f"})
    _, _, bins = client.operate(key, [bitwise_operations.bit_count("flags", 0, 16)])
    assert bins == {"flags": 4}
    ops = [hll_operations.hll_add("seen", ["a", "b"], 8), hll_operations.hll_get_count("seen")]
    assert client.operate_ordered(key, ops)[2][-1] == ("seen", 2)


def test_expressions(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "exp")
    client.put(key, {"balance": 100, "name": "Bender"})
    rich = expressions.And(
        expressions.GT(expressions.IntBin("balance"), 50),
        expressions.CmpRegex(aerospike.REGEX_ICASE, "^bend", expressions.StrBin("name")),
    ).compile()
    assert client.get(key, policy={"expressions": rich})[2]["balance"] == 100
    poor = expressions.LT(expressions.IntBin("balance"), 50).compile()
    with pytest.raises(exception.FilteredOut):
        client.get(key, policy={"expressions": poor})
    doubled = expressions.Mul(expressions.IntBin("balance"), 2).compile()
    ops = [
        expression_operations.expression_write("double", doubled),
        expression_operations.expression_read("same", doubled),
    ]
    assert client.operate(key, ops)[2]["same"] == 200
    assert client.get(key)[2]["double"] == 200


def test_batches(client: Any, namespace: str, fresh_set: str) -> None:
    keys = [(namespace, fresh_set, number) for number in range(3)]
    writes = [br.Write(key, [operations.write("id", key[2])]) for key in keys]
    written = client.batch_write(br.BatchRecords(writes))
    assert [record.result for record in written.batch_records] == [0, 0, 0]
    found = client.batch_read([*keys, (namespace, fresh_set, "none")])
    assert [r.record and r.record[2] for r in found.batch_records] == [
        {"id": 0},
        {"id": 1},
        {"id": 2},
        None,
    ]
    assert found.batch_records[3].result == 2
    removed = client.batch_remove(keys[:1])
    assert removed.batch_records[0].result == 0


def test_queries(client: Any, namespace: str, fresh_set: str) -> None:
    for number in range(20):
        client.put((namespace, fresh_set, number), {"age": number})
    name = f"programs_{fresh_set}"
    client.index_integer_create(namespace, fresh_set, "age", name)
    try:
        query = client.query(namespace, fresh_set)
        query.select("age")
        query.where(predicates.between("age", 5, 8))
        assert sorted(bins["age"] for _, _, bins in query.results()) == [5, 6, 7, 8]
    finally:
        client.index_remove(namespace, name)
    pages = client.query(namespace, fresh_set)
    pages.max_records = 7
    pages.paginate()
    seen: list[int] = []
    while not pages.is_done():
        page = pages.results()
        assert len(page) <= 7
        seen += [bins["age"] for _, _, bins in page]
    assert sorted(seen) == list(range(20))


def test_a_query_goes_on_in_another_client(client: Any, namespace: str, fresh_set: str) -> None:
    for number in range(20):
        client.put((namespace, fresh_set, number), {"n": number})
    first = client.query(namespace, fresh_set)
    first.max_records = 8
    first.paginate()
    seen = [bins["n"] for _, _, bins in first.results()]
    rest = client.query(namespace, fresh_set)
    status = {"partition_filter": {"partition_status": first.get_partitions_status()}}
    seen += [bins["n"] for _, _, bins in rest.results(status)]
    assert sorted(seen) == list(range(20))


LUA = """
local function one(rec) return 1 end
local function add(a, b) return a + b end
function count(stream) return stream : map(one) : reduce(add) end
local function group(found, rec) found[rec['g']] = (found[rec['g']] or 0) + 1; return found end
local function merge(a, b) return map.merge(a, b, add) end
function groups(stream) return stream : aggregate(map(), group) : reduce(merge) end
"""


def test_aggregations(client: Any, namespace: str, fresh_set: str, tmp_path: Path) -> None:
    pytest.importorskip("lupa")
    module = f"agg_{fresh_set}"
    source = tmp_path / f"{module}.lua"
    source.write_text(LUA)
    client.udf_put(str(source))
    try:
        for number in range(10):
            client.put((namespace, fresh_set, number), {"g": number % 3})
        query = client.query(namespace, fresh_set).apply(module, "count")
        assert query.results() == [10]
        heard: list[Any] = []
        client.query(namespace, fresh_set).apply(module, "groups", []).foreach(heard.append)
        assert heard == [{0: 4, 1: 3, 2: 3}]
        with pytest.raises(exception.UDFError):
            client.query(namespace, fresh_set).apply(module, "none").results()
    finally:
        client.udf_remove(source.name)


def test_serializers(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "custom")
    with pytest.raises(exception.ClientError, match="No serializer callback registered"):
        client.put(key, {"x": {1}}, serializer=aerospike.SERIALIZER_USER)
    aerospike.set_serializer(lambda value: f"custom:{sorted(value)}")
    aerospike.set_deserializer(lambda text: ("read", text))
    try:
        with pytest.raises(exception.ParamError, match="SERIALIZER_NONE selected"):
            client.put(key, {"x": {1}})
        client.put(key, {"x": {3, 1, 2}, "n": 5}, serializer=aerospike.SERIALIZER_USER)
        assert client.get(key)[2] == {"x": ("read", "custom:[1, 2, 3]"), "n": 5}
    finally:
        aerospike.unset_serializers()
    assert client.get(key)[2] == {"x": b"custom:[1, 2, 3]", "n": 5}


def test_serializers_of_a_client(node_address: Address, namespace: str, fresh_set: str) -> None:
    functions = (lambda value: f"own:{value}", lambda text: text.upper())
    client = aerospike.client({"hosts": [node_address], "serialization": functions})
    key = (namespace, fresh_set, "own")
    client.put(key, {"x": (1, 2)})
    assert client.get(key)[2] == {"x": "OWN:(1, 2)"}
    client.close()


def test_metrics(client: Any) -> None:
    heard: list[str] = []
    policy = MetricsPolicy(
        MetricsListeners(
            enable_listener=lambda: heard.append("enabled"),
            snapshot_listener=lambda cluster: heard.append("snapshot"),
            node_close_listener=lambda node: heard.append("closed"),
            disable_listener=lambda cluster: heard.append(cluster.nodes[0].name),
        )
    )
    client.enable_metrics(policy)
    client.disable_metrics()
    assert heard == ["enabled", client.get_node_names()[0]["node_name"]]
    policy.interval = "often"  # type: ignore[assignment]
    with pytest.raises(exception.ParamError, match=r"MetricsPolicy\.interval must be"):
        client.enable_metrics(policy)


# ---- programs that are not edited ----------------------------------------------------------------

PROGRAM = """
import sys
import aerospike
from aerospike import exception as e
from aerospike_helpers.operations import list_operations as lo

host, port, namespace, set = sys.argv[1:]
client = aerospike.client({"hosts": [(host, int(port))]}).connect()
key = (namespace, set, "program")
client.put(key, {"l": [1]})
print(client.operate(key, [lo.list_append("l", 2)])[2], aerospike.__name__)
try:
    client.get((namespace, set, "none"))
except e.RecordNotFound as error:
    print(error.code)
"""


def test_a_program_runs_on_ours(
    node_address: Address, namespace: str, fresh_set: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    root = str(Path(__file__).parents[2])
    arguments = [node_address[0], str(node_address[1]), namespace, fresh_set]
    done = subprocess.run(
        [sys.executable, "-m", "aerodbapi.compat", str(program), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:2] == ["{'l': 2} aerodbapi.compat.aerospike", "2"]


def test_install_and_uninstall() -> None:
    before = {name: sys.modules.get(name) for name in ("aerospike", "aerospike.exception")}
    install(["aerospike", "aerospike_helpers"])
    try:
        import aerospike as installed
        from aerospike import predicates as installed_predicates
        from aerospike_helpers.expressions import base

        assert installed is aerospike
        assert installed_predicates is predicates
        assert base.IntBin is expressions.IntBin
    finally:
        uninstall()
    assert {name: sys.modules.get(name) for name in before} == before
    with pytest.raises(ValueError, match="knows aerospike"):
        install(["other"])


def test_keys_of_bytes_that_are_no_text(client: Any, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, b"\xff\xfe\xfd")
    client.put(key, {"a": 1})
    assert client.get(key)[2] == {"a": 1}
    original = pytest.importorskip("aerospike")
    assert original.calc_digest is not aerospike.calc_digest
    theirs = original.client({"hosts": client.get_nodes()})
    assert theirs.get(key)[2] == {"a": 1}
    theirs.close()
