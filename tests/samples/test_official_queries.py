"""query.rst, scan.rst and predicates.rst with their examples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.samples.conftest import Official

PLAYERS = [
    {"score": 100, "elo": 1400},
    {"score": 20, "elo": 1500},
    {"score": 10, "elo": 1100},
    {"score": 200, "elo": 900},
]


@pytest.fixture
def players(official: Official) -> Iterator[list[Any]]:
    keys = [official.key(f"player{i}") for i in range(4)]
    for key, bins in zip(keys, PLAYERS):
        official.client.put(key, bins)
    names = [f"{official.set}_{bin}" for bin in ("score", "elo")]
    for bin, name in zip(("score", "elo"), names):
        official.client.index_integer_create(official.ns, official.set, bin, name)
    yield keys
    for name in names:
        official.client.index_remove(official.ns, name)


def new(official: Official, kind: str = "query") -> Any:
    return getattr(official.client, kind)(official.ns, official.set)


def finished(official: Official, job: int, kind: str) -> None:
    """Wait for a background job, as the documents do."""
    aerospike = official.aerospike
    module = aerospike.JOB_QUERY if kind == "query" else aerospike.JOB_SCAN
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        response = official.client.job_info(job, module)
        if response["status"] != aerospike.JOB_STATUS_INPROGRESS:
            break
        time.sleep(0.01)


def limit(lim: int, result: list[Any]) -> Callable[[Any], Any]:
    c = [0]

    def key_add(record: Any) -> Any:
        if c[0] >= lim:
            return False
        result.append(record[0])
        c[0] += 1
        return None

    return key_add


def test_results(official: Official, players: list[Any]) -> None:
    predicates = official.aerospike.predicates
    query = new(official)
    query.select("score")
    query.where(predicates.equals("score", 100))
    (record,) = query.results()
    assert record[0][:3] == (official.ns, official.set, None)
    assert record[2] == {"score": 100}
    query = new(official)
    query.where(predicates.between("elo", 1000, 1450))
    assert sorted(bins["elo"] for _, _, bins in query.results()) == [1100, 1400]


def test_foreach(official: Official, players: list[Any]) -> None:
    def update_elo(record: Any) -> None:
        key, _, bins = record
        bins["elo"] = bins["elo"] + bins["score"]
        official.client.put(key, bins)

    new(official).foreach(update_elo)
    found = official.client.batch_read(players)
    assert [br.record[2]["elo"] for br in found.batch_records] == [1500, 1520, 1110, 1100]


@pytest.mark.parametrize("kind", ["query", "scan"])
def test_foreach_until_false(official: Official, players: list[Any], kind: str) -> None:
    keys: list[Any] = []
    new(official, kind).foreach(limit(2, keys))
    assert len(keys) == 2


@pytest.mark.parametrize("kind", ["query", "scan"])
def test_partitions(official: Official, kind: str) -> None:
    keys = [official.key(n) for n in range(300)]
    client = official.client
    wanted = {}
    for key in keys:
        pid = client.get_key_partition_id(*key)
        if pid < 1000:
            wanted[key[2]] = pid
            client.put(key, {"id": key[2]})
    partitions = []
    policy = {"partition_filter": {"begin": 0, "count": 1000}}
    new(official, kind).foreach(lambda part_id, _: partitions.append(part_id), policy)
    assert sorted(partitions) == sorted(wanted.values())
    some = sorted(wanted.values())[0]
    policy = {"partition_filter": {"begin": some, "count": 4}}
    found = new(official, kind).results(policy)
    expected = sorted(n for n, pid in wanted.items() if some <= pid < some + 4)
    assert sorted(bins["id"] for _, _, bins in found) == expected


def test_background_query(official: Official, players: list[Any]) -> None:
    operations = official.helpers("operations.operations")
    expr = official.helpers("expressions")
    query = new(official)
    query.add_ops([operations.increment("score", 100)])
    finished(official, query.execute_background(), "query")
    scores = [official.client.get(key)[2]["score"] for key in players]
    assert scores == [200, 120, 110, 300]
    strong = expr.GE(expr.IntBin("elo"), 1000).compile()
    finished(official, query.execute_background(policy={"expressions": strong}), "query")
    scores = [official.client.get(key)[2]["score"] for key in players]
    assert scores == [300, 220, 210, 300]


def test_pages(official: Official, players: list[Any]) -> None:
    query = new(official)
    query.max_records = 2
    query.paginate()
    pages = []
    while not query.is_done() and len(pages) < 4:
        pages.append(len(query.results()))
    assert sum(pages) == 4
    assert max(pages) == 2


def test_pages_of_a_scan(official: Official, players: list[Any]) -> None:
    scan = new(official, "scan")
    scan.paginate()
    found = 0
    for _ in range(4):
        found += len(scan.results(policy={"max_records": 2}))
        if scan.is_done():
            break
    assert (found, scan.is_done()) == (4, True)


@pytest.mark.parametrize("kind", ["query", "scan"])
def test_resuming(official: Official, kind: str) -> None:
    for i in range(15):
        official.client.put(official.key(i), {"id": i})
    records: list[Any] = []
    resumed: list[Any] = []

    def callback(record: Any) -> Any:
        if len(records) == 5:
            return False
        records.append(record[0][3])
        return None

    first = new(official, kind)
    first.paginate()
    first.foreach(callback)
    assert len(records) == 5
    policy = {"partition_filter": {"partition_status": first.get_partitions_status()}}
    rest = new(official, kind)
    rest.foreach(lambda part_id, record: resumed.append(record[0][3]), policy)
    assert len(resumed) == 10
    assert len({bytes(digest) for digest in records + resumed}) == 15


def test_scan_results(official: Official) -> None:
    client, aerospike = official.client, official.aerospike
    policy = {"key": aerospike.POLICY_KEY_SEND}
    client.put(official.key("key1"), {"id": 1, "a": 1}, policy=policy)
    client.put(official.key("key2"), {"id": 2, "b": 2}, policy=policy)
    scan = new(official, "scan")
    scan.select("id", "a", "zzz")
    found = sorted((key[2], bins) for key, _, bins in scan.results())
    assert found == [("key1", {"id": 1, "a": 1}), ("key2", {"id": 2})]
    keys = []
    new(official, "scan").foreach(
        lambda record: keys.append(record[0][2]), options={"concurrent": True, "nobins": True}
    )
    assert sorted(keys) == ["key1", "key2"]


def test_background_scan(official: Official) -> None:
    operations = official.helpers("operations.operations")
    lists = official.helpers("operations.list_operations")
    official.client.put(official.key(), {"text": "a", "list": [1, 2, 3]})
    scan = new(official, "scan")
    nothing = official.aerospike.LIST_RETURN_NONE
    scan.add_ops([operations.append("text", "b"), lists.list_remove_by_index("list", 1, nothing)])
    finished(official, scan.execute_background(), "scan")
    assert official.client.get(official.key())[2] == {"text": "ab", "list": [1, 3]}


def test_background_udf(official: Official, way: str, tmp_path: Path) -> None:
    pytest.importorskip("lupa")
    module = tmp_path / f"my_udf_{way}_{official.set}.lua"
    module.write_text(
        "function my_udf(rec, bin, offset)\n"
        "  rec[bin] = rec[bin] + offset\n  aerospike:update(rec)\nend\n"
    )
    client = official.client
    client.udf_put(str(module))
    keys = [official.key(i) for i in (1, 2, 3)]
    for number, key in enumerate(keys, 1):
        client.put(key, {"number": number})
    scan = new(official, "scan")
    scan.apply(module.stem, "my_udf", ["number", 10])
    finished(official, scan.execute_background(), "scan")
    found = [br.record[2] for br in client.batch_read(keys).batch_records]
    assert found == [{"number": 11}, {"number": 12}, {"number": 13}]
    client.udf_remove(module.name)


# ---- predicates --------------------------------------------------------------------------------

RECTANGLE = [
    [-80.590000, 28.60000],
    [-80.590000, 28.61800],
    [-80.620000, 28.61800],
    [-80.620000, 28.60000],
    [-80.590000, 28.60000],
]
PAD = [-80.604333, 28.608389]


def test_predicates(official: Official) -> None:
    client, aerospike, p = official.client, official.aerospike, official.aerospike.predicates
    name = official.set
    client.put(official.key(1), {"age": 25, "name": "that guy", "tags": ["x", "y"], "blob": b"\1"})
    client.put(official.key(2), {"age": 40, "name": "other", "tags": ["y"], "blob": b"\2"})
    client.index_integer_create(official.ns, official.set, "age", f"{name}_age")
    client.index_string_create(official.ns, official.set, "name", f"{name}_name")
    client.index_blob_create(official.ns, official.set, "blob", f"{name}_blob")
    client.index_list_create(
        official.ns, official.set, "tags", aerospike.INDEX_STRING, f"{name}_tags"
    )
    for predicate, ages in (
        (p.between("age", 20, 30), [25]),
        (p.equals("name", "that guy"), [25]),
        (p.equals("blob", b"\2"), [40]),
        (p.contains("tags", aerospike.INDEX_TYPE_LIST, "y"), [25, 40]),
        (p.contains("tags", aerospike.INDEX_TYPE_LIST, "x"), [25]),
    ):
        query = new(official)
        query.where(predicate)
        assert sorted(bins["age"] for _, _, bins in query.results()) == ages
    for bin in ("age", "name", "blob", "tags"):
        client.index_remove(official.ns, f"{name}_{bin}")


def test_points_within(official: Official) -> None:
    pytest.importorskip("s2geometry")
    client, aerospike, p = official.client, official.aerospike, official.aerospike.predicates
    client.index_geo2dsphere_create(official.ns, official.set, "loc", f"{official.set}_loc")
    point = aerospike.geojson(f'{{"type":"Point", "coordinates":{PAD}}}')
    client.put(official.key("launchpad1"), {"pad_id": 1, "loc": point})
    region = aerospike.GeoJSON({"type": "Polygon", "coordinates": [RECTANGLE]})
    for predicate in (
        p.geo_within_geojson_region("loc", region.dumps()),
        p.geo_within_radius("loc", -80.605000, 28.60900, 400.0),
    ):
        query = new(official)
        query.select("pad_id", "loc")
        query.where(predicate)
        (record,) = query.results()
        assert record[2]["pad_id"] == 1
        assert record[2]["loc"].unwrap()["coordinates"] == PAD
    client.index_remove(official.ns, f"{official.set}_loc")


def test_regions_that_contain(official: Official) -> None:
    pytest.importorskip("s2geometry")
    client, aerospike, p = official.client, official.aerospike, official.aerospike.predicates
    client.index_geo2dsphere_create(official.ns, official.set, "area", f"{official.set}_area")
    region = aerospike.GeoJSON({"type": "Polygon", "coordinates": [RECTANGLE]})
    client.put(official.key("kennedy space center"), {"area": region})
    point = aerospike.GeoJSON({"type": "Point", "coordinates": PAD})
    for predicate in (
        p.geo_contains_geojson_point("area", point.dumps()),
        p.geo_contains_point("area", *PAD),
    ):
        query = new(official)
        query.where(predicate)
        assert len(query.results()) == 1
    client.index_remove(official.ns, f"{official.set}_area")
