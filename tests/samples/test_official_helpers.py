"""Docstrings of aerospike_helpers: bits, HLLs, contexts, relative ranges, expressions, batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.samples.conftest import Official


def test_resizing_blobs(official: Official) -> None:
    bits, client = official.helpers("operations.bitwise_operations"), official.client
    client.put(official.key("foo"), {"bitwise1": bytearray([1] * 5)})
    client.operate(official.key("foo"), [bits.bit_resize("bitwise1", 10)])
    assert client.get(official.key("foo"))[2] == {"bitwise1": b"\x01" * 5 + b"\x00" * 5}
    front = official.aerospike.BIT_RESIZE_FROM_FRONT
    client.operate(official.key("foo"), [bits.bit_resize("bitwise1", 5, resize_flags=front)])
    assert client.get(official.key("foo"))[2] == {"bitwise1": b"\x00" * 5}


def test_bits(official: Official) -> None:
    bits, client = official.helpers("operations.bitwise_operations"), official.client
    key, name = official.key("bit_example"), "bitwise1"
    policy = {"bit_write_flags": official.aerospike.BIT_WRITE_DEFAULT}
    client.put(key, {name: bytearray([1] * 5)})
    assert client.operate(key, [bits.bit_get(name, 0, 40)])[2] == {name: b"\x01" * 5}
    ops = [bits.bit_or(name, 0, 8, 1, bytearray([255]), policy), bits.bit_get(name, 0, 40)]
    assert client.operate(key, ops)[2] == {name: b"\xff\x01\x01\x01\x01"}
    ops = [bits.bit_remove(name, 0, 2, policy), bits.bit_get(name, 0, 24)]
    assert client.operate(key, ops)[2] == {name: b"\x01\x01\x01"}


def test_hyperloglogs(official: Official) -> None:
    hll, client = official.helpers("operations.hll_operations"), official.client
    operations = official.helpers("operations.operations")
    views = {"Amy": (0, 500), "Farnsworth": (0, 750), "Scruffy": (250, 1000)}
    for name, (first, last) in views.items():
        items = [f"item{i}" for i in range(first, last)]
        ops = [operations.write("name", name), hll.hll_add("viewed", items, 12, 24)]
        client.operate(official.key(name), ops)
    others = [client.get(official.key(name))[2]["viewed"] for name in ("Farnsworth", "Scruffy")]

    def asked(op: Any) -> Any:
        return client.operate(official.key("Amy"), [op])[2]["viewed"]

    assert asked(hll.hll_get_intersect_count("viewed", others)) == 251
    assert asked(hll.hll_get_union_count("viewed", others)) == 1010
    assert round(asked(hll.hll_get_similarity("viewed", others)) * 100, 6) == 24.888393


def test_a_hyperloglog_as_a_value(official: Official) -> None:
    hll, client = official.helpers("operations.hll_operations"), official.client
    ops = [hll.hll_init("hll", index_bit_count=4, mh_bit_count=4)]
    client.operate(official.key(1), ops)
    first = client.get(official.key(1))[2]
    client.put(official.key(1), first)
    again = client.get(official.key(1))[2]
    assert str(again["hll"]).startswith("HyperLogLog(b'")
    assert again == first


def test_contexts(official: Official) -> None:
    ctx, client, aerospike = official.helpers("cdt_ctx"), official.client, official.aerospike
    maps = official.helpers("operations.map_operations")
    lists = official.helpers("operations.list_operations")
    key = official.key("foo")
    client.put(key, {"users": [{"name": "John", "id": 100}, {"name": "Bill", "id": 200}]})
    value = aerospike.MAP_RETURN_VALUE
    path = [ctx.cdt_ctx_list_index(1)]
    assert client.operate(key, [maps.map_get_by_key("users", "id", value, path)])[2] == {
        "users": 200
    }
    cindy = {"name": "Cindy", "id": 300, "ratings": {"Facebook": 4, "Snapchat": 5}}
    path = [ctx.cdt_ctx_list_index(2), ctx.cdt_ctx_map_key("ratings")]
    ops = [
        lists.list_append("users", cindy),
        maps.map_get_by_key("users", "Facebook", value, path),
    ]
    assert client.operate(key, ops)[2] == {"users": 4}


def test_an_index_by_an_info_command(official: Official) -> None:
    ctx, client, aerospike = official.helpers("cdt_ctx"), official.client, official.aerospike
    name = f"{official.set}_cdt_index"
    encoded = client.get_cdtctx_base64([ctx.cdt_ctx_list_index(0)])
    request = "".join(
        [
            f"sindex-create:ns={official.ns};set={official.set};indexname={name}",
            f";indextype={ctx.index_type_string(aerospike.INDEX_TYPE_LIST)}",
            f";indexdata=string_list,{ctx.index_datatype_string(aerospike.INDEX_STRING)}",
            f";context={encoded}",
        ]
    )
    answers = client.info_all(request, policy=None)
    assert [text.strip().lower() for _, text in answers.values()] == ["ok"]
    client.index_remove(official.ns, name, {})


RELATIVE = [0, 4, 5, 9, 11, 15]
#: Of RELATIVE: (value, rank, count) → selected.
BY_RANK = [
    ((5, 0, None), [5, 9, 11, 15]),
    ((5, 0, 2), [5, 9]),
    ((5, -1, None), [4, 5, 9, 11, 15]),
    ((5, -1, 3), [4, 5, 9]),
    ((3, 3, None), [11, 15]),
    ((3, -3, None), [0, 4, 5, 9, 11, 15]),
    ((3, 0, None), [4, 5, 9, 11, 15]),
]


def test_relative_ranks_of_lists(official: Official) -> None:
    lists, client = official.helpers("operations.list_operations"), official.client
    value = official.aerospike.LIST_RETURN_VALUE
    for (start, rank, count), selected in BY_RANK:
        client.put(official.key(), {"l": RELATIVE})
        client.operate(official.key(), [lists.list_set_order("l", 1)])
        ops = [
            lists.list_get_by_value_rank_range_relative("l", start, rank, value, count),
            lists.list_remove_by_value_rank_range_relative("l", start, rank, value, count),
        ]
        found = client.operate_ordered(official.key(), ops)[2]
        assert found == [("l", selected), ("l", selected)]
        rest = [item for item in RELATIVE if item not in selected]
        assert client.get(official.key())[2].get("l", []) == rest


MAP = {0: 6, 6: 12, 10: 18, 15: 24}
#: Of MAP: (value, rank, count) → keys.
BY_VALUE = [
    ((6, 0, None), [0, 6, 10, 15]),
    ((5, 0, 2), [0, 6]),
    ((7, -1, 1), [0]),
    ((7, -1, 3), [0, 6, 10]),
]
#: Of MAP: (key, index, count) → keys.
BY_KEY = [
    ((5, 0, None), [6, 10, 15]),
    ((5, 0, 2), [6, 10]),
    ((5, -1, None), [0, 6, 10, 15]),
    ((5, -1, 3), [0, 6, 10]),
    ((3, 2, None), [15]),
    ((3, 5, None), []),
]


@pytest.mark.parametrize("by", ["value_rank", "key_index"])
def test_relative_ranges_of_maps(official: Official, by: str) -> None:
    maps, client = official.helpers("operations.map_operations"), official.client
    policy = {"map_order": official.aerospike.MAP_KEY_ORDERED}
    keys_only = official.aerospike.MAP_RETURN_KEY
    get = getattr(maps, f"map_get_by_{by}_range_relative")
    remove = getattr(maps, f"map_remove_by_{by}_range_relative")
    for (start, offset, count), keys in BY_VALUE if by == "value_rank" else BY_KEY:
        client.operate(
            official.key(), [maps.map_clear("m"), maps.map_put_items("m", MAP, policy)]
        ) if client.exists(official.key())[1] else client.operate(
            official.key(), [maps.map_put_items("m", MAP, policy)]
        )
        ops = [
            get("m", start, offset, keys_only, count),
            remove("m", start, offset, keys_only, count),
        ]
        found = client.operate_ordered(official.key(), ops)[2]
        assert [sorted(result) for _, result in found] == [keys, keys]


def test_expression_operations(official: Official) -> None:
    exp, client = official.helpers("expressions"), official.client
    expr_ops = official.helpers("operations.expression_operations")
    client.put(official.key(), bins={"balance": 50})
    ops = [expr_ops.expression_read("balance", exp.IntBin("balance").compile())]
    assert client.operate(official.key(), ops)[2]["balance"] == 50
    more = exp.Add(exp.IntBin("balance"), 50).compile()
    client.operate(official.key(), [expr_ops.expression_write("balance", more)])
    assert client.get(official.key())[2]["balance"] == 100


def test_filters(official: Official) -> None:
    exp, client, aerospike = official.helpers("expressions"), official.client, official.aerospike
    players = [
        {"user": "Chief", "scores": [6, 12, 4, 21], "kd": 1.2},
        {"user": "Arbiter", "scores": [5, 10, 5, 8], "kd": 1.0},
        {"user": "Johnson", "scores": [8, 17, 20, 5], "kd": 0.9},
        {"user": "Regret", "scores": [4, 2, 3, 5], "kd": 0.3},
    ]
    keys = [official.key(i) for i in range(1, 5)]
    for key, record in zip(keys, players):
        client.put(key, record)

    def found(expression: Any) -> list[Any]:
        brs = client.batch_read(keys, policy={"expressions": expression.compile()})
        return [br.record[2]["user"] if br.result != 27 else None for br in brs.batch_records]

    assert found(exp.GE(exp.FloatBin("kd"), 1.0)) == ["Chief", "Arbiter", None, None]
    top = exp.ListGetByRank(
        None, aerospike.LIST_RETURN_VALUE, exp.ResultType.INTEGER, -1, exp.ListBin("scores")
    )
    assert found(exp.GE(top, 20)) == ["Chief", None, "Johnson", None]


def test_conditions(official: Official) -> None:
    exp, client = official.helpers("expressions"), official.client
    expr_ops = official.helpers("operations.expression_operations")
    cases = [("add", 70), ("sub", 10), ("mul", 1200), ("other", -1)]
    for operation, result in cases:
        client.put(official.key(), {"operation": operation, "val1": 40, "val2": 30})
        a, b, kind = exp.IntBin("val1"), exp.IntBin("val2"), exp.StrBin("operation")
        expr = exp.Cond(
            exp.Eq(kind, "add"),
            exp.Add(a, b),
            exp.Eq(kind, "sub"),
            exp.Sub(a, b),
            exp.Eq(kind, "mul"),
            exp.Mul(a, b),
            -1,
        ).compile()
        ops = [expr_ops.expression_read("result", expr)]
        assert client.operate(official.key(), ops)[2] == {"result": result}


def test_batch_records(official: Official) -> None:
    op, br = official.helpers("operations.operations"), official.helpers("batch.records")
    client, aerospike = official.client, official.aerospike
    client.put(official.key(1), {"a": 1})
    meta = {"gen": 1, "ttl": aerospike.TTL_NEVER_EXPIRE}
    batch = br.BatchRecords(
        [
            br.Write(official.key(1), [op.increment("a", 10), op.read("a")], meta=meta),
            br.Read(official.key(1), [op.read("a")], meta=meta),
            br.Remove(official.key(2)),
        ]
    )
    client.batch_write(batch)
    assert [each.result for each in batch.batch_records] == [0, 0, 2]
    assert batch.batch_records[0].record[2]["a"] == 11
    assert client.exists(official.key(1))[1]["ttl"] == aerospike.TTL_NEVER_EXPIRE
