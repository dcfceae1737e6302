"""client.rst and its examples: records, batches, text and numbers, UDFs, info, indexes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.samples.conftest import Official

BALANCES = [{"id": 100, "balance": 200}, {"id": 101, "balance": 400}, {"id": 102, "balance": 300}]


def test_put(official: Official) -> None:
    client, key = official.client, official.key()
    client.put(key, {"bin1": 4})
    client.put(key, {"bin2": "value"})
    assert client.get(key)[2] == {"bin1": 4, "bin2": "value"}
    client.put(key, {"bin2": official.aerospike.null()})
    assert client.get(key)[2] == {"bin1": 4}
    client.put(key, {"bin1": official.aerospike.null()})
    assert client.exists(key)[1] is None


def test_exists(official: Official) -> None:
    key, meta = official.client.exists(official.key())
    assert key[:3] == official.key()
    assert len(key[3]) == 20
    assert meta is None
    official.client.put(official.key(), {"bin1": 4})
    _, meta = official.client.exists(official.key())
    assert (meta["gen"], meta["ttl"] > 0) == (1, True)


def test_get(official: Official) -> None:
    client, ex = official.client, official.exception
    with pytest.raises(ex.RecordNotFound) as failure:
        client.get(official.key())
    assert failure.value.code == 2
    assert failure.value.msg.endswith("AEROSPIKE_ERR_RECORD_NOT_FOUND")
    client.put(official.key(), {"bin1": 4})
    (key, meta, bins) = client.get(official.key())
    assert key[:3] == (official.ns, official.set, None)
    assert (meta["gen"], bins) == (1, {"bin1": 4})


def test_select(official: Official) -> None:
    client = official.client
    client.put(official.key(), {"bin1": 4, "bin2": 3})
    (key, meta, bins) = client.select(official.key(), ["bin1"])
    assert (key[:3], meta["gen"], bins) == (official.key(), 1, {"bin1": 4})
    assert client.select(official.key(), ["bin1", "bin2"])[2] == {"bin1": 4, "bin2": 3}
    assert client.select(official.key(), ["bin3"])[2] == {}


def test_touch(official: Official) -> None:
    client = official.client
    client.put(official.key(), bins={"bin1": 4})
    client.touch(official.key(), 120)
    (_, meta) = client.exists(official.key())
    assert meta["gen"] == 2
    assert 118 <= meta["ttl"] <= 120


def test_remove(official: Official) -> None:
    client, aerospike = official.client, official.aerospike
    client.put(official.key(), {"bin1": 4})
    with pytest.raises(official.exception.AerospikeError) as failure:
        client.remove(official.key(), meta={"gen": 5}, policy={"gen": aerospike.POLICY_GEN_EQ})
    assert failure.value.code == 3
    client.remove(official.key())
    assert client.exists(official.key())[1] is None


def test_remove_bin(official: Official) -> None:
    client = official.client
    client.put(official.key(), {"bin1": 0, "bin2": 1})
    client.remove_bin(official.key(), ["bin1"])
    assert client.get(official.key())[2] == {"bin2": 1}


def test_append_prepend_increment(official: Official) -> None:
    client, key = official.client, official.key()
    client.put(key, {"bin1": "Martin Luther King"})
    client.append(key, "bin1", " jr.")
    assert client.get(key)[2] == {"bin1": "Martin Luther King jr."}
    client.put(key, {"bin1": "Freeman"})
    client.prepend(key, "bin1", " Gordon ")
    assert client.get(key)[2] == {"bin1": " Gordon Freeman"}
    client.put(key, {"lives": 100})
    client.increment(key, "lives", 10)
    assert client.get(key)[2]["lives"] == 110
    client.increment(key, "lives", -90)
    assert client.get(key)[2]["lives"] == 20


def test_operate(official: Official) -> None:
    operations = official.helpers("operations.operations")
    client = official.client
    client.put(official.key(), {"age": 25, "career": "delivery boy"})
    ops = [
        operations.increment("age", 1000),
        operations.write("name", "J."),
        operations.prepend("name", "Phillip "),
        operations.append("name", " Fry"),
        operations.read("name"),
        operations.read("career"),
        operations.read("age"),
    ]
    (_, meta, bins) = client.operate(official.key(), ops)
    assert meta["gen"] == 2
    assert bins == {"name": "Phillip J. Fry", "career": "delivery boy", "age": 1025}
    (_, _, ordered) = client.operate_ordered(official.key(), ops[4:])
    assert ordered == [("name", "Phillip J. Fry"), ("career", "delivery boy"), ("age", 1025)]


def employees(official: Official) -> list[tuple[str, str, str]]:
    keys = [official.key(f"employee{i}") for i in range(1, 4)]
    for key, bins in zip(keys, BALANCES):
        official.client.put(key, bins)
    return keys


def test_batch_operate(official: Official) -> None:
    op = official.helpers("operations.operations")
    ops = [op.increment("id", 100), op.increment("balance", 500), op.read("balance")]
    found = official.client.batch_operate(employees(official), ops)
    assert found.result == 0
    assert [each.result for each in found.batch_records] == [0, 0, 0]
    assert [each.record[1]["gen"] for each in found.batch_records] == [2, 2, 2]
    assert [each.record[2]["balance"] for each in found.batch_records] == [700, 900, 800]


def test_batch_remove(official: Official) -> None:
    found = official.client.batch_remove(employees(official))
    assert found.result == 0
    assert [(each.result, each.record[2]) for each in found.batch_records] == [(0, {})] * 3


def test_batch_write(official: Official) -> None:
    br = official.helpers("batch.records")
    op = official.helpers("operations.operations")
    client = official.client
    keys = [official.key(name) for name in ("Robert", "Daniel", "Patrick")]
    for key, bins in zip(keys, BALANCES):
        client.put(key, bins)
    batch = br.BatchRecords(
        [
            br.Remove(key=keys[0]),
            br.Write(
                key=keys[1],
                ops=[op.write("id", 200), op.write("balance", 100), op.read("id")],
            ),
            br.Read(key=keys[2], ops=[op.read("id")], policy=None),
        ]
    )
    client.batch_write(batch)
    assert [each.result for each in batch.batch_records] == [0, 0, 0]
    assert batch.batch_records[0].record[2] == {}
    assert batch.batch_records[1].record[2]["id"] == 200
    assert batch.batch_records[2].record[2] == {"id": 102}
    assert client.exists(keys[0])[1] is None


TAX = """
function tax(record, binName, taxRate, fees)
    record[binName] = record[binName] - (record[binName] * taxRate) - fees
    if record[binName] < 0 then
        record[binName] = 0
    end
    aerospike:update(record)
    return record[binName]
end
"""


@pytest.fixture
def module(official: Official, way: str, tmp_path: Path) -> Path:
    pytest.importorskip("lupa")
    return tmp_path / f"tax_{way}_{official.set}.lua"


def test_batch_apply_and_modules(official: Official, module: Path) -> None:
    client = official.client
    module.write_text(TAX)
    keys = employees(official)
    assert client.udf_put(str(module)) == 0
    found = client.batch_apply(keys, module.stem, "tax", ["balance", 0.5, 100])
    assert found.result == 0
    assert [each.record[2] for each in found.batch_records] == [
        {"SUCCESS": 0},
        {"SUCCESS": 100},
        {"SUCCESS": 50},
    ]
    (listed,) = [each for each in client.udf_list() if each["name"] == module.name]
    assert (listed["type"], listed["content"]) == (0, bytearray(b""))
    assert len(listed["hash"]) == 40
    assert client.udf_get(module.name) == TAX
    assert client.apply(keys[1], module.stem, "tax", ["balance", 0.5, 0]) == 50
    assert client.udf_remove(module.name) == 0


def test_info(official: Official) -> None:
    client = official.client
    (node,) = client.get_node_names()
    assert node.keys() == {"address", "port", "node_name"}
    assert client.get_nodes() == [(node["address"], node["port"])]
    answer = client.info_all("namespaces")
    assert answer.keys() == {node["node_name"]}
    error, text = answer[node["node_name"]]
    assert error is None
    assert official.ns in text.strip().split(";")
    told = f"namespaces\t{text}"
    assert client.info_random_node("namespaces") == told
    assert client.info_single_node("namespaces", node["node_name"]) == told


def test_indexes(official: Official) -> None:
    client, aerospike = official.client, official.aerospike
    ns, set, name = official.ns, official.set, official.set
    client.index_map_keys_create(ns, set, "fav_movies", aerospike.INDEX_STRING, f"{name}_titles")
    client.index_map_values_create(ns, set, "fav_movies", aerospike.INDEX_NUMERIC, f"{name}_views")
    client.put(official.key(), {"fav_movies": {"12 Monkeys": 1, "Brasil": 2}})
    query = client.query(ns, set)
    p = aerospike.predicates
    query.where(p.contains("fav_movies", aerospike.INDEX_TYPE_MAPKEYS, "12 Monkeys"))
    assert len(query.results()) == 1
    query = client.query(ns, set)
    query.where(p.range("fav_movies", aerospike.INDEX_TYPE_MAPVALUES, 2, 5))
    assert len(query.results()) == 1
    for suffix in ("titles", "views"):
        client.index_remove(ns, f"{name}_{suffix}")


def test_geo_index(official: Official) -> None:
    client = official.client
    pytest.importorskip("s2geometry")
    client.index_geo2dsphere_create(official.ns, official.set, "loc", f"{official.set}_loc")
    client.index_remove(official.ns, f"{official.set}_loc")


def test_key_tuples(official: Official) -> None:
    client = official.client
    key = (official.ns, official.set, "pkname")
    client.put(key, {"bin1": 0, "bin2": 1})
    (found, _, _) = client.get(key)
    assert found == (*key[:2], None, official.aerospike.calc_digest(*key))
    assert client.get(found)[2] == {"bin1": 0, "bin2": 1}
    client.remove(key)


def test_truncate(official: Official, way: str) -> None:
    client = official.client
    client.put(official.key("key1"), {"bin": 4})
    time.sleep(0.05)
    threshold = int(time.time() * 10**9)
    time.sleep(0.05)
    client.put(official.key("key2"), {"bin": 5})
    client.truncate(official.ns, official.set, threshold)
    deadline = time.monotonic() + 10
    while client.exists(official.key("key1"))[1] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.exists(official.key("key1"))[1] is None
    assert client.exists(official.key("key2"))[1] is not None


def test_base64(official: Official) -> None:
    exp, ctx = official.helpers("expressions"), official.helpers("cdt_ctx")
    expr = exp.Eq(exp.IntBin("bin1"), 6).compile()
    assert official.client.get_expression_base64(expr) == "kwGTUQKkYmluMQY="
    assert official.client.get_cdtctx_base64([ctx.cdt_ctx_list_index(0)]) == "khAA"


def test_policies_of_a_write(official: Official) -> None:
    client, aerospike = official.client, official.aerospike
    client.put(
        official.key(),
        {"a": 1},
        meta={"ttl": 300},
        policy={
            "total_timeout": 20_000,
            "key": aerospike.POLICY_KEY_SEND,
            "gen": aerospike.POLICY_GEN_IGNORE,
            "exists": aerospike.POLICY_EXISTS_CREATE,
            "commit_level": aerospike.POLICY_COMMIT_LEVEL_ALL,
        },
    )
    with pytest.raises(official.exception.RecordExistsError):
        client.put(official.key(), {"a": 1}, policy={"exists": aerospike.POLICY_EXISTS_CREATE})
    (found,) = client.query(official.ns, official.set).results()
    assert found[0][2] == "key"
    assert 290 <= found[1]["ttl"] <= 300
