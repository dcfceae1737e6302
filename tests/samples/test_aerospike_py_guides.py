"""aerospike-py's guides: writing, reading, batches, queries, filters, errors; both clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.samples.conftest import Rust


def test_writing(rust: Rust) -> None:
    client, key, aerospike = rust.client, rust.key(), rust.aerospike
    client.put(key, {"name": "Alice", "age": 30})
    kinds = {
        "str_bin": "hello",
        "int_bin": 42,
        "float_bin": 3.14,
        "list_bin": [1, 2, 3],
        "map_bin": {"nested": "dict"},
    }
    client.put(key, kinds)
    assert client.get(key).bins == {"name": "Alice", "age": 30, **kinds}
    client.put(key, {"val": 1}, meta={"ttl": 300})
    assert 290 <= client.get(key).meta.ttl <= 300
    with pytest.raises(rust.module("exception").RecordExistsError):
        client.put(key, {"val": 1}, policy={"exists": aerospike.POLICY_EXISTS_CREATE_ONLY})
    client.put(key, {"score": 1.0, "greeting": "Alice", "temp_bin": 1, "debug_bin": 2})
    client.increment(key, "age", 1)
    client.increment(key, "score", 0.5)
    client.append(key, "name", " Smith")
    client.prepend(key, "greeting", "Hello, ")
    client.remove_bin(key, ["temp_bin", "debug_bin"])
    client.touch(key, val=600)
    record = client.get(key)
    assert 590 <= record.meta.ttl <= 600
    assert "temp_bin" not in record.bins
    assert record.bins["name"] == "Alice Smith"
    assert (record.bins["age"], record.bins["score"]) == (31, 1.5)
    assert record.bins["greeting"] == "Hello, Alice"
    with pytest.raises(aerospike.RecordGenerationError):
        client.remove(key, meta={"gen": 5}, policy={"gen": aerospike.POLICY_GEN_EQ})
    client.remove(key)
    assert client.exists(key).meta is None


@pytest.mark.parametrize("pk", ["user1", 12345, b"\x01\x02"])
def test_reading(rust: Rust, pk: Any) -> None:
    client, key = rust.client, rust.key(pk)
    client.put(key, {"name": "Alice", "age": 30})
    record = client.get(key)
    assert record.bins == {"name": "Alice", "age": 30}
    assert (record.meta.gen, record.meta.ttl > 0) == (1, True)
    _, meta, bins = client.get(key)
    assert (meta.gen, bins) == (1, record.bins)
    assert client.select(key, ["name"]).bins == {"name": "Alice"}
    result = client.exists(key)
    assert result.meta is not None
    assert result.meta.gen == 1


def test_operating(rust: Rust) -> None:
    client, key, aerospike = rust.client, rust.key(), rust.aerospike
    ops = [
        {"op": aerospike.OPERATOR_WRITE, "bin": "name", "val": "Bob"},
        {"op": aerospike.OPERATOR_INCR, "bin": "counter", "val": 1},
        {"op": aerospike.OPERATOR_READ, "bin": "counter", "val": None},
    ]
    assert client.operate(key, ops).bins["counter"] == 1
    result = client.operate_ordered(key, ops[2:])
    assert [(bt.name, bt.value) for bt in result.ordered_bins] == [("counter", 1)]


def users(rust: Rust) -> list[Any]:
    return [
        (rust.key("user1"), {"name": "Alice", "age": 30}),
        (rust.key("user2"), {"name": "Bob", "age": 25}),
        (rust.key("user3"), {"name": "Charlie", "age": 35}),
    ]


def test_batches(rust: Rust) -> None:
    client, aerospike = rust.client, rust.aerospike
    results = client.batch_write(users(rust))
    assert [(br.result, br.in_doubt) for br in results.batch_records] == [(0, False)] * 3
    keys = [key for key, _ in users(rust)]
    batch = client.batch_read([*keys, rust.key("none")])
    assert {pk: dict(bins) for pk, bins in batch.items()} == {
        key[2]: bins for key, bins in users(rust)
    }
    assert client.batch_read(keys, bins=["age"])["user2"] == {"age": 25}
    ops = [{"op": aerospike.OPERATOR_INCR, "bin": "views", "val": 1}]
    results = client.batch_operate(keys, ops)
    assert [br.result for br in results.batch_records] == [0, 0, 0]
    results = client.batch_remove([*keys, rust.key("none")])
    assert [br.result for br in results.batch_records] == [0, 0, 0, 2]


def test_ttls_and_retries_of_batches(rust: Rust) -> None:
    client = rust.client

    def ttls() -> list[int]:
        found = [client.exists(rust.key(f"user{i}")).meta.ttl for i in (1, 2, 3)]
        return [round(ttl / 100) for ttl in found]

    client.batch_write(users(rust), policy={"ttl": 86400})
    assert ttls() == [864] * 3
    client.batch_write(
        [
            (rust.key("user1"), {"name": "Alice"}, {"ttl": 3600}),
            (rust.key("user2"), {"name": "Bob"}),
        ],
        policy={"ttl": 7200},
    )
    assert ttls() == [36, 72, 864]
    results = client.batch_write(users(rust), retry=5)
    assert [br.result for br in results.batch_records] == [0, 0, 0]


def test_optimistic_locking(rust: Rust) -> None:
    client, key, aerospike = rust.client, rust.key(), rust.aerospike
    client.put(key, {"val": 1})
    record = client.get(key)
    change = {"val": record.bins["val"] + 1}
    policy = {"gen": aerospike.POLICY_GEN_EQ}
    client.put(key, change, meta={"gen": record.meta.gen}, policy=policy)
    with pytest.raises(rust.module("exception").RecordGenerationError):
        client.put(key, change, meta={"gen": record.meta.gen}, policy=policy)


def test_queries(rust: Rust) -> None:
    client, predicates, exp = rust.client, rust.module("predicates"), rust.module("exp")
    for i in range(40):
        bins = {"name": f"User {i}", "age": 20 + i, "region": "US" if i % 2 else "EU"}
        client.put(rust.key(f"user_{i}"), bins)
    client.index_integer_create(rust.ns, rust.set, "age", f"{rust.set}_age")
    query = client.query(rust.ns, rust.set)
    query.select("name", "age")
    query.where(predicates.between("age", 25, 35))
    records = query.results()
    assert sorted(record.bins["age"] for record in records) == list(range(25, 36))
    assert records[0].bins.keys() == {"name", "age"}
    seen: list[Any] = []
    query = client.query(rust.ns, rust.set)
    query.where(predicates.equals("age", 30))
    query.foreach(lambda record: seen.append(record.bins["name"]))
    assert seen == ["User 10"]
    query = client.query(rust.ns, rust.set)
    query.where(predicates.between("age", 20, 50))
    american = exp.eq(exp.string_bin("region"), exp.string_val("US"))
    found = query.results(policy={"filter_expression": american})
    assert len(found) == 15
    client.index_remove(rust.ns, f"{rust.set}_age")


FILTERS = [
    ('e.ge(e.int_bin("age"), e.int_val(21))', True),
    (
        'e.and_(e.ge(e.int_bin("age"), e.int_val(18)), e.eq(e.bool_bin("active"), \
e.bool_val(True)))',
        True,
    ),
    ('e.not_(e.eq(e.bool_bin("active"), e.bool_val(True)))', False),
    ('e.gt(e.num_mul(e.int_bin("price"), e.int_bin("quantity")), e.int_val(1000))', True),
    ("e.lt(e.ttl(), e.int_val(3600))", False),
    ('e.regex_compare("^alice.*", 2, e.string_bin("name"))', True),
    (
        'e.eq(e.cond(e.lt(e.int_bin("age"), e.int_val(18)), e.string_val("minor"), \
e.lt(e.int_bin("age"), e.int_val(65)), e.string_val("adult"), e.string_val("senior")), \
e.string_val("adult"))',
        True,
    ),
    (
        'e.let_(e.def_("total", e.num_mul(e.int_bin("price"), e.int_bin("quantity"))), \
e.gt(e.var("total"), e.int_val(5000)))',
        False,
    ),
    ('e.ne(e.int_and(e.int_bin("flags"), e.int_val(0x08)), e.int_val(0))', True),
    ('e.eq(e.int_lshift(e.int_bin("flags"), e.int_val(4)), e.int_val(128))', True),
    ('e.eq(e.bin_type("data"), e.int_val(20))', True),
    ('e.bin_exists("data")', True),
    ('e.eq(e.set_name(), e.string_val("nowhere"))', False),
    ('e.gt(e.float_bin("amount"), e.float_val(10000.0))', False),
    (
        'e.or_(e.eq(e.string_bin("tier"), e.string_val("gold")), \
e.eq(e.string_bin("tier"), e.string_val("platinum")))',
        True,
    ),
]
BINS = {
    "age": 30,
    "active": True,
    "price": 100,
    "quantity": 20,
    "name": "Alice Smith",
    "flags": 8,
    "data": [1],
    "amount": 5000.5,
    "tier": "gold",
}


@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_filters(rust: Rust, number: int) -> None:
    text, passes = FILTERS[number]
    expression = eval(text, {"e": rust.module("exp")})
    rust.client.put(rust.key(), BINS, meta={"ttl": 86_400})
    policy = {"filter_expression": expression}
    if passes:
        assert rust.client.get(rust.key(), policy=policy).bins == BINS
        rust.client.put(rust.key(), {"visits": 1}, policy=policy)
    else:
        with pytest.raises(rust.aerospike.FilteredOut):
            rust.client.get(rust.key(), policy=policy)
        with pytest.raises(rust.aerospike.FilteredOut):
            rust.client.put(rust.key(), {"visits": 1}, policy=policy)
    found = rust.client.query(rust.ns, rust.set).results(policy=policy)
    assert len(found) == passes


def test_errors(rust: Rust) -> None:
    exception = rust.module("exception")
    with pytest.raises(exception.RecordNotFound) as failure:
        rust.client.get(rust.key("missing"))
    assert isinstance(failure.value, exception.AerospikeError)
    assert failure.value.result_code == 2
    assert rust.client.batch_read([rust.key(f"id-{i}") for i in range(10)]).keys() == set()


def test_info_and_truncate(rust: Rust) -> None:
    client = rust.client
    (answer,) = client.info_all("namespaces")
    assert rust.ns in answer.response.split(";")
    assert answer.error_code is None or answer.error_code == 0
    assert rust.ns in client.info_random_node("namespaces")
    client.put(rust.key(), {"a": 1})
    client.truncate(rust.ns, rust.set)


def test_udfs(rust: Rust, way: str, tmp_path: Path) -> None:
    pytest.importorskip("lupa")
    module = tmp_path / f"my_{way}_{rust.set}.lua"
    module.write_text("function my_function(rec, n, text) return text .. (rec['a'] + n) end\n")
    client = rust.client
    client.put(rust.key(), {"a": 1})
    client.udf_put(str(module))
    assert client.apply(rust.key(), module.stem, "my_function", [1, "hello"]) == "hello2"
    client.udf_remove(module.stem)


# ---- operations on lists and maps --------------------------------------------------------------

#: Bins before, operation of a guide, its answer (None: none), bins after.
LISTS: list[tuple[dict[str, Any], str, Any, Any]] = [
    ({}, 'l.list_append("b", 100)', 1, [100]),
    ({"b": ["r"]}, 'l.list_append_items("b", ["g", "b"])', 3, ["r", "g", "b"]),
    ({"b": ["r"]}, 'l.list_insert("b", 0, "y")', 2, ["y", "r"]),
    ({"b": ["r"]}, 'l.list_insert_items("b", 1, ["c", "m"])', 3, ["r", "c", "m"]),
    ({"b": ["r"]}, 'l.list_set("b", 0, "o")', None, ["o"]),
    ({"b": [5]}, 'l.list_increment("b", 0, 10)', 15, [15]),
    ({"b": [5, 6]}, 'l.list_get("b", 0)', 5, [5, 6]),
    ({"b": [5, 6, 7, 8]}, 'l.list_get_range("b", 0, 3)', [5, 6, 7], [5, 6, 7, 8]),
    ({"b": [5, 6]}, 'l.list_size("b")', 2, [5, 6]),
    ({"b": [5, 6]}, 'l.list_remove("b", 0)', 1, [6]),
    ({"b": [5, 6, 7]}, 'l.list_remove_range("b", 1, 2)', 2, [5]),
    ({"b": [5, 6]}, 'l.list_pop("b", 0)', 5, [6]),
    ({"b": [5, 6, 7]}, 'l.list_pop_range("b", 0, 2)', [5, 6], [7]),
    ({"b": [5, 6, 7, 8, 9]}, 'l.list_trim("b", 1, 3)', 2, [6, 7, 8]),
    ({"b": [5]}, 'l.list_clear("b")', None, []),
    ({"b": [3, 1, 2]}, 'l.list_sort("b")', None, [1, 2, 3]),
    ({"b": [2, 1, 2]}, 'l.list_sort("b", a.LIST_SORT_DROP_DUPLICATES)', None, [1, 2]),
    ({"b": [2, 1]}, 'l.list_set_order("b", a.LIST_ORDERED)', None, [1, 2]),
    ({"b": ["u", "i", "u"]}, 'l.list_get_by_value("b", "u", a.LIST_RETURN_INDEX)', [0, 2], ...),
    ({"b": ["u", "i", "x"]}, 'l.list_get_by_value_list("b", ["u", "i"], 5)', 2, ...),
    ({"b": [70, 80, 99, 100]}, 'l.list_get_by_value_range("b", 80, 100, 7)', [80, 99], ...),
    ({"b": [4, 5]}, 'l.list_get_by_index("b", 0, a.LIST_RETURN_VALUE)', 4, ...),
    ({"b": [1, 2, 3, 4, 5, 6]}, 'l.list_get_by_index_range("b", 2, 7, count=3)', [3, 4, 5], ...),
    ({"b": [4, 3]}, 'l.list_get_by_rank("b", 0, a.LIST_RETURN_VALUE)', 3, ...),
    ({"b": ["t", "u", "t"]}, 'l.list_remove_by_value("b", "t", a.LIST_RETURN_COUNT)', 2, ["u"]),
    ({"b": ["t", "u"]}, 'l.list_remove_by_value_list("b", ["t"], 5)', 1, ["u"]),
    ({"b": [10, 60]}, 'l.list_remove_by_value_range("b", 0, 50, 5)', 1, [60]),
    ({"b": [1, 2]}, 'l.list_remove_by_index("b", 0, a.LIST_RETURN_VALUE)', 1, [2]),
    ({"b": [1, 2, 3]}, 'l.list_remove_by_index_range("b", 0, 5, count=2)', 2, [3]),
    ({"b": [2, 1]}, 'l.list_remove_by_rank("b", 0, a.LIST_RETURN_VALUE)', 1, [2]),
    ({"b": [3, 2, 1]}, 'l.list_remove_by_rank_range("b", 0, 5, count=2)', 2, [3]),
]
SCORES = {"art": 95, "math": 92, "science": 88}
MAPS: list[tuple[dict[str, Any], str, Any, Any]] = [
    ({}, 'm.map_put("b", "email", "a@b")', 1, {"email": "a@b"}),
    ({}, 'm.map_put_items("b", {"name": "A", "age": 30})', 2, {"age": 30, "name": "A"}),
    ({"b": {"v": 1}}, 'm.map_increment("b", "v", 1)', 2, {"v": 2}),
    ({"b": {"v": 1}}, 'm.map_decrement("b", "v", 1)', 0, {"v": 0}),
    ({"b": SCORES}, 'm.map_size("b")', 3, ...),
    ({"b": SCORES}, 'm.map_get_by_key("b", "art", a.MAP_RETURN_VALUE)', 95, ...),
    ({"b": SCORES}, 'm.map_clear("b")', None, {}),
    ({"b": {"a": 1, "t": 2}}, 'm.map_remove_by_key("b", "t", a.MAP_RETURN_VALUE)', 2, {"a": 1}),
    ({"b": {"a": 1, "t": 2}}, 'm.map_remove_by_key_list("b", ["t", "u"], 5)', 1, {"a": 1}),
    ({"b": {"a": 1, "t": 2}}, 'm.map_remove_by_key_range("b", "s", "u", 5)', 1, {"a": 1}),
    ({"b": {"a": 0, "t": 2}}, 'm.map_remove_by_value("b", 0, a.MAP_RETURN_KEY)', ["a"], {"t": 2}),
    ({"b": {"a": 0, "t": 2}}, 'm.map_remove_by_value_list("b", [0, 9], 5)', 1, {"t": 2}),
    ({"b": {"a": 0, "t": 50}}, 'm.map_remove_by_value_range("b", 0, 50, 5)', 1, {"t": 50}),
    ({"b": SCORES}, 'm.map_get_by_key_range("b", "a", "n", 6)', ["art", "math"], ...),
    ({"b": SCORES}, 'm.map_get_by_key_list("b", ["art", "math"], 7)', [95, 92], ...),
    ({"b": SCORES}, 'm.map_get_by_value("b", 92, a.MAP_RETURN_KEY)', ["math"], ...),
    ({"b": SCORES}, 'm.map_get_by_value_range("b", 90, 100, 5)', 2, ...),
    ({"b": SCORES}, 'm.map_get_by_value_list("b", [88], a.MAP_RETURN_KEY)', ["science"], ...),
    ({"b": SCORES}, 'm.map_get_by_index("b", 0, a.MAP_RETURN_KEY)', "art", ...),
    ({"b": SCORES}, 'm.map_get_by_index_range("b", 0, a.MAP_RETURN_VALUE, count=2)', [95, 92], ...),
    ({"b": SCORES}, 'm.map_get_by_rank("b", 0, a.MAP_RETURN_KEY)', "science", ...),
    ({"b": SCORES}, 'm.map_get_by_rank_range("b", -2, 6, count=2)', ["math", "art"], ...),
    ({"b": SCORES}, 'm.map_remove_by_index("b", 0, 6)', "art", {"math": 92, "science": 88}),
    ({"b": SCORES}, 'm.map_remove_by_index_range("b", 0, 5, count=5)', 3, {}),
    ({"b": SCORES}, 'm.map_remove_by_rank("b", 0, 7)', 88, {"art": 95, "math": 92}),
    ({"b": SCORES}, 'm.map_remove_by_rank_range("b", 0, 5, count=2)', 2, {"art": 95}),
]
OPERATIONS = LISTS + MAPS


@pytest.mark.parametrize("number", range(len(OPERATIONS)))
def test_collections(rust: Rust, number: int) -> None:
    before, text, answer, after = OPERATIONS[number]
    names = {
        "l": rust.module("list_operations"),
        "m": rust.module("map_operations"),
        "a": rust.aerospike,
    }
    if before:
        rust.client.put(rust.key(), before)
    found = rust.client.operate(rust.key(), [eval(text, names)]).bins
    assert (found or {}).get("b") == answer
    left = before["b"] if after is ... else after
    assert rust.client.get(rust.key()).bins == {"b": left}
