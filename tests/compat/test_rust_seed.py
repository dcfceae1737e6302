"""Programs written for aerospike-py's first versions: every call of its reference, both ways."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import aerodbapi.compat.aerospike_py as aerospike
from aerodbapi.compat.aerospike_py import AsyncClient, exp

Address = tuple[str, int]
LUA = "function my_function(record, number, text)\n  return text .. number\nend\n"


@pytest.fixture
def config(node_address: Address) -> dict[str, Any]:
    return {"hosts": [node_address], "timeout": 20_000}


@pytest.fixture
def client(config: dict[str, Any]) -> Iterator[aerospike.Client]:
    with aerospike.client(config).connect() as connected:
        yield connected


@pytest.fixture
def key(namespace: str, fresh_set: str) -> tuple[str, str, str]:
    return namespace, fresh_set, "user1"


Body = Callable[[AsyncClient], Awaitable[None]]


@pytest.fixture
def awaited(config: dict[str, Any]) -> Callable[[Body], None]:
    """Run a coroutine function on a connected AsyncClient."""

    def run(body: Body) -> None:
        async def main() -> None:
            async with AsyncClient(config) as client:
                await client.connect()
                await body(client)
            assert not client.is_connected()

        asyncio.run(main())

    return run


def test_connection(config: dict[str, Any]) -> None:
    client = aerospike.client(config)
    assert not client.is_connected()
    assert client.connect() is client
    assert client.is_connected()
    assert client.get_node_names()
    assert client.ping()
    client.close()
    assert not client.is_connected()


def test_connection_async(config: dict[str, Any]) -> None:
    async def main() -> None:
        client = AsyncClient(config)
        assert await client.connect() is client
        assert client.is_connected()
        assert client.get_node_names()
        assert await client.ping()
        await client.close()
        assert not client.is_connected()

    asyncio.run(main())


def test_the_context_manager_closes(config: dict[str, Any], key: Any) -> None:
    with aerospike.client(config).connect() as client:
        client.put(key, {"x": 1})
    assert not client.is_connected()
    with pytest.raises(aerospike.ClientError, match="not connected"):
        client.get(key)


def test_records(client: aerospike.Client, key: Any) -> None:
    client.put(key, {"name": "Alice", "age": 30, "score": 1.0})
    _, meta, bins = client.get(key)
    assert meta["gen"] == meta.gen == 1
    assert bins == {"name": "Alice", "age": 30, "score": 1.0}
    client.put(key, {"x": 1}, meta={"ttl": 300})
    assert 290 <= client.get(key)[1]["ttl"] <= 300
    with pytest.raises(aerospike.RecordExistsError):
        client.put(key, {"x": 1}, policy={"exists": aerospike.POLICY_EXISTS_CREATE_ONLY})
    _, meta, bins = client.select(key, ["name"])
    assert bins == {"name": "Alice"}
    _, meta = client.exists(key)
    assert meta is not None
    assert meta["gen"] == 2
    assert client.exists((*key[:2], "nobody"))[1] is None
    client.touch(key, val=200)
    assert 190 <= client.exists(key)[1]["ttl"] <= 200
    client.append(key, "name", "_suffix")
    client.prepend(key, "name", "prefix_")
    client.increment(key, "age", 1)
    client.increment(key, "score", 0.5)
    client.remove_bin(key, ["x"])
    assert client.get(key)[2] == {"name": "prefix_Alice_suffix", "age": 31, "score": 1.5}
    with pytest.raises(aerospike.RecordGenerationError):
        client.remove(key, meta={"gen": 3}, policy={"gen": aerospike.POLICY_GEN_EQ})
    client.remove(key)
    with pytest.raises(aerospike.RecordNotFound):
        client.get(key)


def test_records_async(awaited: Callable[[Body], None], key: Any) -> None:
    async def body(client: AsyncClient) -> None:
        await client.put(key, {"name": "Alice", "age": 30, "score": 1.0})
        _, meta, bins = await client.get(key)
        assert (meta["gen"], bins["name"]) == (1, "Alice")
        await client.put(key, {"x": 1}, meta={"ttl": 300})
        with pytest.raises(aerospike.RecordExistsError):
            await client.put(key, {"x": 1}, policy={"exists": aerospike.POLICY_EXISTS_CREATE_ONLY})
        assert (await client.select(key, ["name"]))[2] == {"name": "Alice"}
        _, meta = await client.exists(key)
        assert meta["gen"] == 2
        await client.touch(key, val=200)
        await client.append(key, "name", "_suffix")
        await client.prepend(key, "name", "prefix_")
        await client.increment(key, "age", 1)
        await client.increment(key, "score", 0.5)
        await client.remove_bin(key, ["x"])
        record = await client.get(key)
        assert record.bins == {"name": "prefix_Alice_suffix", "age": 31, "score": 1.5}
        with pytest.raises(aerospike.RecordGenerationError):
            await client.remove(key, meta={"gen": 3}, policy={"gen": aerospike.POLICY_GEN_EQ})
        await client.remove(key)

    awaited(body)


OPS = [
    {"op": aerospike.OPERATOR_INCR, "bin": "counter", "val": 1},
    {"op": aerospike.OPERATOR_READ, "bin": "counter", "val": None},
]


def test_operations(client: aerospike.Client, key: Any) -> None:
    client.put(key, {"counter": 1})
    _, meta, bins = client.operate(key, OPS)
    assert (meta["gen"], bins) == (2, {"counter": 2})
    _, _, results = client.operate_ordered(key, OPS)
    assert results == [("counter", 3)]


def test_operations_async(awaited: Callable[[Body], None], key: Any) -> None:
    async def body(client: AsyncClient) -> None:
        await client.put(key, {"counter": 1})
        assert (await client.operate(key, OPS))[2] == {"counter": 2}
        assert (await client.operate_ordered(key, OPS))[2] == [("counter", 3)]

    awaited(body)


def numbered(key: Any, count: int = 10) -> list[tuple[str, str, str]]:
    return [(key[0], key[1], f"user_{i}") for i in range(count)]


def test_batches(client: aerospike.Client, key: Any) -> None:
    keys = numbered(key)
    for number, each in enumerate(keys[:8]):
        client.put(each, {"name": f"n{number}", "age": number, "more": True})
    batch = client.batch_read(keys)
    found = [each.record for each in batch.batch_records if each.record]
    assert [bins["age"] for _, _, bins in found] == list(range(8))
    assert [each.result for each in batch.batch_records] == [0] * 8 + [2] * 2
    batch = client.batch_read(keys, bins=["name", "age"])
    assert batch.batch_records[3].record.bins == {"name": "n3", "age": 3}
    batch = client.batch_read(keys, bins=[])
    there = [each.record is not None for each in batch.batch_records]
    assert there == [True] * 8 + [False] * 2
    assert batch.batch_records[0].record.meta["gen"] == 1
    ops = [{"op": aerospike.OPERATOR_INCR, "bin": "views", "val": 1}]
    assert [each.result for each in client.batch_operate(keys, ops).batch_records] == [0] * 10
    assert client.get(keys[9]).bins == {"views": 1}
    assert [each.result for each in client.batch_remove(keys).batch_records] == [0] * 10
    assert [each.result for each in client.batch_remove(keys).batch_records] == [2] * 10


def test_batches_async(awaited: Callable[[Body], None], key: Any) -> None:
    keys = numbered(key)

    async def body(client: AsyncClient) -> None:
        await asyncio.gather(*[client.put(each, {"age": i}) for i, each in enumerate(keys[:8])])
        batch = await client.batch_read(keys)
        found = [each.record for each in batch.batch_records if each.record]
        assert [bins["age"] for _, _, bins in found] == list(range(8))
        assert (await client.batch_read(keys, bins=["age"])).batch_records[3].record[2] == {
            "age": 3
        }
        batch = await client.batch_read(keys, bins=[])
        assert sum(each.record is not None for each in batch.batch_records) == 8
        ops = [{"op": aerospike.OPERATOR_INCR, "bin": "views", "val": 1}]
        await client.batch_operate(keys, ops)
        await client.batch_remove(keys)
        assert (await client.batch_read(keys)).found_count() == 0

    awaited(body)


def test_query_and_scan(client: aerospike.Client, key: Any) -> None:
    for number, each in enumerate(numbered(key)):
        client.put(each, {"age": number})
    assert len(client.query(*key[:2]).results()) == 10
    scan = client.scan(*key[:2])
    assert sorted(bins["age"] for _, _, bins in scan.results()) == list(range(10))
    seen: list[int] = []

    def take(record: Any) -> bool:
        seen.append(record.bins["age"])
        return len(seen) < 3

    scan.foreach(take)
    assert len(seen) == 3


def test_query_and_scan_async(awaited: Callable[[Body], None], key: Any) -> None:
    async def body(client: AsyncClient) -> None:
        await asyncio.gather(*[client.put(k, {"age": i}) for i, k in enumerate(numbered(key))])
        records = await client.scan(*key[:2])
        assert sorted(bins["age"] for _, _, bins in records) == list(range(10))
        assert len(await client.query(*key[:2]).results()) == 10
        seen = []
        await client.query(*key[:2]).foreach(lambda record: seen.append(record) or len(seen) < 3)
        assert len(seen) == 3

    awaited(body)


POINT = '{"type": "Point", "coordinates": [8.54, 47.37]}'


def test_indexes(client: aerospike.Client, key: Any) -> None:
    namespace, set_name, _ = key
    client.put(key, {"age": 7, "name": "Ann"})
    client.index_integer_create(namespace, set_name, "age", f"{set_name}_age")
    client.index_string_create(namespace, set_name, "name", f"{set_name}_name")
    client.index_geo2dsphere_create(namespace, set_name, "location", f"{set_name}_geo")
    query = client.query(namespace, set_name)
    query.select("age")
    query.where(aerospike.predicates.between("age", 5, 9))
    assert [record.bins for record in query.results()] == [{"age": 7}]
    for name in ("age", "name", "geo"):
        client.index_remove(namespace, f"{set_name}_{name}")


def test_indexes_async(awaited: Callable[[Body], None], key: Any) -> None:
    namespace, set_name, _ = key

    async def body(client: AsyncClient) -> None:
        await client.put(key, {"age": 7, "name": "Ann"})
        await client.index_integer_create(namespace, set_name, "age", f"{set_name}_age")
        await client.index_string_create(namespace, set_name, "name", f"{set_name}_name")
        await client.index_geo2dsphere_create(namespace, set_name, "place", f"{set_name}_geo")
        query = client.query(namespace, set_name)
        query.where(aerospike.predicates.equals("name", "Ann"))
        assert len(await query.results()) == 1
        for name in ("age", "name", "geo"):
            await client.index_remove(namespace, f"{set_name}_{name}")

    awaited(body)


def test_truncate(client: aerospike.Client, awaited: Callable[[Body], None], key: Any) -> None:
    client.put(key, {"a": 1})
    time.sleep(0.01)
    client.truncate(*key[:2])
    wait_until_missing(client, key)
    client.put(key, {"a": 1})
    time.sleep(0.01)
    awaited(lambda other: other.truncate(*key[:2]))
    wait_until_missing(client, key)


def wait_until_missing(client: aerospike.Client, key: Any) -> None:
    for _ in range(200):
        if client.exists(key).meta is None:
            return
        time.sleep(0.02)
    pytest.fail("the record is still there")


def test_udf(
    client: aerospike.Client, awaited: Callable[[Body], None], key: Any, tmp_path: Path
) -> None:
    pytest.importorskip("lupa")
    module = f"seed_{key[1]}"
    path = tmp_path / f"{module}.lua"
    path.write_text(LUA)
    client.put(key, {"a": 1})
    client.udf_put(str(path))
    wait_for_module(client, module)
    assert client.apply(key, module, "my_function", [1, "hello"]) == "hello1"

    async def body(other: AsyncClient) -> None:
        await other.udf_put(str(path))
        assert await other.apply(key, module, "my_function", [2, "hello"]) == "hello2"
        await other.udf_remove(module)

    awaited(body)
    client.udf_remove(module)


def wait_for_module(client: aerospike.Client, module: str) -> None:
    for _ in range(200):
        if all(module in answer.response for answer in client.info_all("udf-list")):
            return
        time.sleep(0.02)
    pytest.fail("the module does not arrive")


def test_concurrency(awaited: Callable[[Body], None], key: Any) -> None:
    keys = [(key[0], key[1], f"item_{i}") for i in range(100)]

    async def body(client: AsyncClient) -> None:
        await asyncio.gather(*[client.put(each, {"idx": i}) for i, each in enumerate(keys)])
        missing = (key[0], key[1], "missing")
        results = await asyncio.gather(
            *[client.get(each) for each in [*keys, missing]], return_exceptions=True
        )
        assert [record.bins["idx"] for record in results[:-1]] == list(range(100))
        assert isinstance(results[-1], aerospike.RecordNotFound)

        async def process(number: int) -> dict[str, Any]:
            each = keys[number]
            _, _, bins = await client.get(each)
            bins["visits"] = bins.get("visits", 0) + 1
            await client.put(each, bins)
            return bins

        visited = await asyncio.gather(*[process(number) for number in range(10)])
        assert [bins["visits"] for bins in visited] == [1] * 10

    awaited(body)


def test_filter_expressions(client: aerospike.Client, key: Any) -> None:
    keys = numbered(key)
    for number, each in enumerate(keys):
        client.put(each, {"age": 15 + number, "status": "active" if number % 2 else "idle"})
    adult = exp.ge(exp.int_bin("age"), exp.int_val(21))
    active = exp.eq(exp.string_bin("status"), exp.string_val("active"))
    assert client.get(keys[9], policy={"filter_expression": adult})[2]["age"] == 24
    with pytest.raises(aerospike.FilteredOut):
        client.get(keys[0], policy={"filter_expression": adult})
    client.put(keys[1], {"visits": 1}, policy={"filter_expression": active})
    with pytest.raises(aerospike.FilteredOut):
        client.put(keys[2], {"visits": 1}, policy={"filter_expression": active})
    policy = {"filter_expression": active}
    assert len(client.query(*key[:2]).results(policy=policy)) == 5
    assert len(client.scan(*key[:2]).results(policy=policy)) == 5
    ops = [{"op": aerospike.OPERATOR_READ, "bin": "status", "val": None}]
    results = client.batch_operate(keys, ops, policy=policy).batch_records
    assert [each.result for each in results] == [27, 0] * 5


def test_filter_expressions_async(awaited: Callable[[Body], None], key: Any) -> None:
    adult = exp.ge(exp.int_bin("age"), exp.int_val(21))
    policy = {"filter_expression": adult}

    async def body(client: AsyncClient) -> None:
        keys = numbered(key)
        await asyncio.gather(*[client.put(k, {"age": 15 + i}) for i, k in enumerate(keys)])
        assert (await client.get(keys[9], policy=policy)).bins == {"age": 24}
        assert len(await client.scan(*key[:2], policy=policy)) == 4
        ops = [{"op": aerospike.OPERATOR_READ, "bin": "age", "val": None}]
        results = (await client.batch_operate(keys, ops, policy=policy)).batch_records
        assert [each.result for each in results] == [27] * 6 + [0] * 4

    awaited(body)
