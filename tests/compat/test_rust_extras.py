"""aerospike-py beyond single calls: numpy, metrics, limits, retries, configuration, GeoJSON."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import aerodbapi.compat.aerospike_py as aerospike
from aerodbapi.compat.aerospike_py import _steps as steps
from aerodbapi.compat.aerospike_py import exp, predicates, types
from aerodbapi.compat.aerospike_py._config import conninfo
from aerodbapi.types import GeoJSON

Address = tuple[str, int]


@pytest.fixture
def client(node_address: Address) -> Iterator[aerospike.Client]:
    with aerospike.client({"hosts": [node_address], "timeout": 20_000}).connect() as connected:
        yield connected


# ---- numpy -------------------------------------------------------------------------------------


def test_numpy(client: aerospike.Client, namespace: str, fresh_set: str) -> None:
    np = pytest.importorskip("numpy")
    dtype = np.dtype(
        [("_key", "i4"), ("score", "f8"), ("count", "u2"), ("tag", "S4"), ("vector", "f4", (2,))]
    )
    rows = [(n, n / 2, n * 10, b"t%d" % n, (n, -n)) for n in range(5)]
    data = np.array(rows, dtype=dtype)
    result = client.batch_write_numpy(data, namespace, fresh_set, dtype)
    assert [each.result for each in result.batch_records] == [0] * 5
    assert client.get((namespace, fresh_set, 3)).bins == {
        "score": 1.5,
        "count": 30,
        "tag": b"t3\0\0",
        "vector": [3.0, -3.0],
    }
    keys = [(namespace, fresh_set, n) for n in (3, 9, 1)]
    wanted = np.dtype([("score", "f8"), ("count", "u2"), ("tag", "S4"), ("vector", "f4", (2,))])
    read = client.batch_read(keys).to_numpy(wanted)
    assert list(read.result_codes) == [0, 2, 0]
    assert list(read.batch_records["score"]) == [1.5, 0.0, 0.5]
    assert read.get(1)["count"] == 10
    assert list(read.get(3)["vector"]) == [3.0, -3.0]
    assert read.meta[0]["gen"] == 1
    assert (len(read), 3 in read, 7 in read) == (3, True, False)
    assert repr(read).startswith("NumpyBatchRecords(count=3, ok=2, fields=['score'")
    with pytest.raises(KeyError, match="not found"):
        read.get(7)
    old = client.batch_read(keys, _dtype=wanted)
    assert (old.batch_records == read.batch_records).all()


@pytest.mark.parametrize(
    ("fields", "key_field", "error"),
    [
        ([("_key", "i4"), ("x", "U4")], "_key", TypeError),
        ([("_key", "i4"), ("x", "O")], "_key", TypeError),
        ([("k", "i4"), ("x", "i4")], "_key", ValueError),
    ],
)
def test_numpy_refuses(
    client: aerospike.Client, namespace: str, fields: Any, key_field: str, error: type[Exception]
) -> None:
    np = pytest.importorskip("numpy")
    dtype = np.dtype(fields)
    with pytest.raises(error):
        client.batch_write_numpy(np.zeros(1, dtype), namespace, "s", dtype, key_field)


def test_numpy_refuses_what_does_not_fit(
    client: aerospike.Client, namespace: str, fresh_set: str
) -> None:
    np = pytest.importorskip("numpy")
    key = (namespace, fresh_set, "k")
    client.put(key, {"x": 300})
    with pytest.raises(OverflowError, match="field 'x'"):
        client.batch_read([key]).to_numpy(np.dtype([("x", "u1")]))
    dtype = np.dtype([("_key", "i4"), ("x", "u8")])
    with pytest.raises(OverflowError):
        client.batch_write_numpy(np.array([(1, 2**64 - 1)], dtype), namespace, fresh_set, dtype)


# ---- metrics and tracing -----------------------------------------------------------------------


def count_of(operation: str, set_name: str, error: str = "") -> int:
    pattern = (
        rf'_count\{{db_system_name="aerospike",db_namespace="[^"]*",db_collection_name="{set_name}",'
        rf'db_operation_name="{operation}",error_type="{error}"\}} (\d+)'
    )
    found = re.search(pattern, aerospike.get_metrics())
    return int(found[1]) if found else 0


def test_metrics(client: aerospike.Client, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    before = [count_of("put", fresh_set), count_of("get", fresh_set, "KeyNotFoundError")]
    with pytest.raises(aerospike.RecordNotFound):
        client.get(key)
    client.put(key, {"x": 1})
    aerospike.set_metrics_enabled(False)
    try:
        client.put(key, {"x": 1})
    finally:
        aerospike.set_metrics_enabled(True)
    after = [count_of("put", fresh_set), count_of("get", fresh_set, "KeyNotFoundError")]
    assert after == [number + 1 for number in before]
    assert aerospike.get_metrics().endswith("# EOF\n")
    buckets = [
        int(n) for n in re.findall(r'_bucket\{le="\+Inf".*\} (\d+)', aerospike.get_metrics())
    ]
    counts = [int(n) for n in re.findall(r"_count\{.*\} (\d+)", aerospike.get_metrics())]
    assert buckets == counts


def test_metrics_server() -> None:
    aerospike.start_metrics_server(port=0)
    try:
        from aerodbapi.compat.aerospike_py import _observability

        assert _observability._server is not None
        port = _observability._server[0].server_address[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            assert b"db_client_operation_duration_seconds" in reply.read()
    finally:
        aerospike.stop_metrics_server()
        aerospike.stop_metrics_server()


def test_stage_metrics_are_remembered() -> None:
    assert not aerospike.is_internal_stage_metrics_enabled()
    with aerospike.internal_stage_profiling():
        assert aerospike.is_internal_stage_metrics_enabled()
    assert not aerospike.is_internal_stage_metrics_enabled()
    with pytest.raises(TypeError):
        aerospike.set_metrics_enabled(1)  # type: ignore[arg-type]


def test_tracing_without_its_library_does_nothing(client: aerospike.Client) -> None:
    aerospike.init_tracing()
    try:
        assert client.ping()
    finally:
        aerospike.shutdown_tracing()


# ---- limits, retries, threads ------------------------------------------------------------------


def test_too_many_operations(node_address: Address, namespace: str) -> None:
    config = {
        "hosts": [node_address],
        "max_concurrent_operations": 1,
        "operation_queue_timeout_ms": 20,
    }
    with (
        aerospike.client(config).connect() as client,
        client._place(),
        pytest.raises(aerospike.BackpressureError, match="20 ms"),
    ):
        client.exists((namespace, "s", "k"))

    async def main() -> None:
        async with aerospike.AsyncClient(config) as client:
            await client.connect()
            async with client._place():
                with pytest.raises(aerospike.BackpressureError):
                    await client.exists((namespace, "s", "k"))

    asyncio.run(main())


def test_a_limit_lets_all_through_in_turn(
    node_address: Address, namespace: str, fresh_set: str
) -> None:
    async def main() -> None:
        config = {"hosts": [node_address], "max_concurrent_operations": 2}
        async with aerospike.AsyncClient(config) as client:
            await client.connect()
            keys = [(namespace, fresh_set, n) for n in range(50)]
            await asyncio.gather(*[client.put(key, {"x": 1}) for key in keys])
            assert (await client.batch_read(keys)).found_count() == 50

    asyncio.run(main())


def test_threads_share_a_client(client: aerospike.Client, namespace: str, fresh_set: str) -> None:
    key = (namespace, fresh_set, "k")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.increment(key, "n", 1), range(200)))
    assert client.get(key).bins == {"n": 200}


class _Answer:
    """A batch's answer: a result code for each record."""

    def __init__(self, key: Any, result: int) -> None:
        self.key, self.result = key, result
        self.record = self.ordered_bins = None
        self.in_doubt = False
        self.message = ""


def drive(work: Any, answers: list[list[int]]) -> tuple[types.BatchWriteResult, list[int]]:
    """Run a batch's steps against result codes; give its result and the sizes of its calls."""
    sizes: list[int] = []
    answer: Any = None
    try:
        while True:
            step = work.send(answer)
            answer = None
            if not isinstance(step, steps.Pause):
                requests = step.args[0]
                sizes.append(len(requests))
                codes = answers[len(sizes) - 1]
                answer = [_Answer(r.key, code) for r, code in zip(requests, codes, strict=True)]
    except StopIteration as end:
        return end.value, sizes


RECORDS = [(("test", "s", n), {"x": n}) for n in range(4)]


@pytest.mark.parametrize(
    ("retry", "answers", "codes", "sizes", "info"),
    [
        (0, [[0, 9, 14, 5]], [0, 9, 14, 5], [4], (1, 1, False, 0)),
        (3, [[0, 9, 14, 5], [0, 18], [0]], [0, 0, 0, 5], [4, 2, 1], (3, 4, False, 0)),
        (1, [[0, 9, 14, 5], [9, 0]], [0, 9, 0, 5], [4, 2], (2, 2, False, 1)),
        (5, [[0, 0, 0, 0]], [0, 0, 0, 0], [4], (1, 6, False, 0)),
    ],
)
def test_retries(retry: int, answers: Any, codes: Any, sizes: Any, info: Any) -> None:
    result, sent = drive(steps.batch_write(RECORDS, None, retry), answers)
    assert [each.result for each in result.batch_records] == codes
    assert sent == sizes
    assert result.retry == info


def test_retries_end_with_the_timeout() -> None:
    work = steps.batch_write(RECORDS, {"total_timeout": 1}, 9)
    result, sent = drive(work, [[9, 9, 9, 9]])
    assert sent == [4]
    assert result.retry == (1, 10, True, 4)


# ---- configuration -----------------------------------------------------------------------------


def test_configuration() -> None:
    info = conninfo(
        {
            "hosts": [("h1", 3100), "h2:3200", "h3", ("h4",)],
            "cluster_name": "docker",
            "timeout": 500,
            "idle_timeout": 10,
            "max_conns_per_node": 7,
            "tend_interval": 250,
            "use_services_alternate": True,
            "user": "ann",
            "password": "secret",
            "auth_mode": aerospike.AUTH_INTERNAL,
            "some_other": object(),
        }
    )
    assert [str(host) for host in info.hosts] == ["h1:3100", "h2:3200", "h3:3000", "h4:3000"]
    assert (info.cluster_name, info.connect_timeout, info.max_idle) == ("docker", 500, 10)
    assert (info.max_connections, info.tend_interval) == (7, 250)
    assert (info.services_alternate, info.auth, info.send_key) == (True, "internal", False)
    assert (info.user, info.password) == ("ann", "secret")


def test_an_embedded_node() -> None:
    with aerospike.client({"url": "aerospike:///"}).connect() as client:
        client.put(("test", "s", "k"), {"x": 1})
        assert client.get(("test", "s", "k")).bins == {"x": 1}


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({}, ValueError),
        ({"hosts": []}, ValueError),
        ({"hosts": "x"}, TypeError),
        ({"hosts": [5]}, TypeError),
        ({"hosts": ["h:x"]}, ValueError),
        ({"hosts": ["h"], "cluster_name": 5}, TypeError),
        ({"hosts": ["h"], "timeout": "x"}, TypeError),
        ({"hosts": [("h", 70_000)]}, aerospike.InvalidArgError),
        ({"hosts": ["h"], "user": "ann", "auth_mode": 1}, aerospike.InvalidArgError),
        ({"hosts": [("127.0.0.1", 1)], "timeout": 200}, aerospike.ClusterError),
    ],
)
def test_bad_configurations(config: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        aerospike.client(config).connect()
    with pytest.raises(error):
        asyncio.run(aerospike.AsyncClient(config).connect())  # type: ignore[arg-type]


def test_a_configuration_is_a_dictionary() -> None:
    with pytest.raises(TypeError):
        aerospike.client(5)  # type: ignore[arg-type]


def test_connecting_twice(client: aerospike.Client) -> None:
    with pytest.raises(aerospike.ClientError, match="already connected"):
        client.connect()


# ---- what aerospike-py cannot do ---------------------------------------------------------------

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
POINT = '{"type": "Point", "coordinates": [1.0, 1.0]}'


@pytest.mark.filterwarnings("ignore:geo predicates")
def test_geojson(client: aerospike.Client, namespace: str, fresh_set: str) -> None:
    pytest.importorskip("s2geometry")
    key = (namespace, fresh_set, "k")
    client.put(
        key, {"place": GeoJSON(POINT), "list": [GeoJSON(POINT)], "map": {"p": GeoJSON(POINT)}}
    )
    assert client.get(key).bins == {"place": POINT, "list": [POINT], "map": {"p": POINT}}
    name = f"{fresh_set}_place"
    client.index_geo2dsphere_create(namespace, fresh_set, "place", name)
    region = str(GeoJSON(SQUARE))
    try:
        for predicate, count in (
            (predicates.geo_within_geojson_region("place", region), 1),
            (predicates.geo_within_radius("place", 1.0, 1.0, 10.0), 1),
            (predicates.geo_within_radius("place", 5.0, 5.0, 10.0), 0),
        ):
            query = client.query(namespace, fresh_set)
            query.where(predicate)
            assert len(query.results()) == count
    finally:
        client.index_remove(namespace, name)
    inside = exp.geo_compare(exp.geo_bin("place"), exp.geo_val(region))
    assert client.exists(key, {"filter_expression": inside}).meta is not None


def test_unions_of_hlls(client: aerospike.Client, namespace: str, fresh_set: str) -> None:
    ho = aerospike.hll_operations
    key = (namespace, fresh_set, "k")
    client.operate(key, [ho.hll_add("a", [1, 2, 3], 8), ho.hll_add("b", [3, 4], 8)])
    other = client.get(key).bins["b"]
    assert isinstance(other, bytes)
    counts = [ho.hll_get_union_count("a", [other]), ho.hll_get_intersect_count("a", [bytes(other)])]
    assert client.operate(key, counts).bins == {"a": [4, 1]}


def test_geo_predicates_warn_as_the_original_does() -> None:
    with pytest.warns(FutureWarning, match="not yet supported by aerospike-py; they work"):
        assert predicates.geo_contains_geojson_point("place", POINT)[1:] == ("place", POINT)
