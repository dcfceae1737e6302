"""Secondary-index queries of every index kind, through the official client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import aerospike
import pytest
from aerospike import predicates
from aerospike_helpers import expressions as exp

from tests.interop.conftest import code_of, wait_for_index

COUNT = 60
NUMERIC, STRING, BLOB, GEO = (
    aerospike.INDEX_NUMERIC,
    aerospike.INDEX_STRING,
    aerospike.INDEX_BLOB,
    aerospike.INDEX_GEO2DSPHERE,
)
DEFAULT, LIST, KEYS, VALUES = (
    aerospike.INDEX_TYPE_DEFAULT,
    aerospike.INDEX_TYPE_LIST,
    aerospike.INDEX_TYPE_MAPKEYS,
    aerospike.INDEX_TYPE_MAPVALUES,
)

#: (bin, kind of collection, type)
INDEXES = [
    ("n", DEFAULT, NUMERIC),
    ("s", DEFAULT, STRING),
    ("b", DEFAULT, BLOB),
    ("g", DEFAULT, GEO),
    ("l", LIST, NUMERIC),
    ("l", LIST, STRING),
    ("l", LIST, BLOB),
    ("m", KEYS, NUMERIC),
    ("m", KEYS, STRING),
    ("m", KEYS, BLOB),
    ("m", VALUES, NUMERIC),
    ("m", VALUES, STRING),
    ("m", VALUES, BLOB),
    ("gl", LIST, GEO),
    ("gm", VALUES, GEO),
    ("mixed", DEFAULT, NUMERIC),
    ("mixed", DEFAULT, STRING),
]


def point(number: int) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [number / 10, 10.0]}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def bins(n: int) -> dict[str, Any]:
    return {
        "n": n - 20,
        "s": f"s{n % 5}",
        "b": bytes([n % 3, 0]),
        "g": aerospike.GeoJSON(point(n)),
        "l": [n, n + 1, f"l{n % 4}", bytes([n % 4]), n, [999], None],
        "m": {n: n * 2, f"k{n % 6}": f"v{n % 3}", bytes([n % 2]): bytes([n])},
        "gl": [aerospike.GeoJSON(point(n)), aerospike.GeoJSON(point(n + 100))],
        "gm": {"a": aerospike.GeoJSON(point(n)), "b": 1},
        "mixed": [n, str(n), float(n), None][n % 4],
    }


@pytest.fixture(scope="module")
def table(official: Any, namespace: str, module_set: str) -> Iterator[tuple[str, str]]:
    """A set of 60 records with an index of every kind, half of them made before the data."""
    names = []

    def make(indexes: list[tuple[str, int, int]]) -> None:
        for bin, kind, type in indexes:
            names.append(f"{module_set}_{bin}_{kind}_{type}")
            create_index(official, (namespace, module_set), names[-1], bin, kind, type)

    make(INDEXES[::2])
    for number in range(COUNT):
        key = (namespace, module_set, number)
        official.put(key, bins(number), policy={"key": aerospike.POLICY_KEY_SEND})
    make(INDEXES[1::2])
    for name in names:
        wait_for_index(official, namespace, name)
    yield namespace, module_set
    for name in names:
        official.index_remove(namespace, name)


_KINDS = {LIST: "list", KEYS: "mapkeys", VALUES: "mapvalues"}
_TYPES = {NUMERIC: "numeric", STRING: "string", BLOB: "blob", GEO: "geo2dsphere"}


def create_index(
    client: Any, table: tuple[str, str | None], name: str, bin: str, kind: int, type: int
) -> None:
    """Create an index by its info command: the client's method waits for two seconds."""
    namespace, set_name = table
    parts = [f"namespace={namespace}", f"indexname={name}", f"bin={bin}", f"type={_TYPES[type]}"]
    if set_name is not None:
        parts.append(f"set={set_name}")
    if kind != DEFAULT:
        parts.append(f"indextype={_KINDS[kind]}")
    answer = client.info_random_node("sindex-create:" + ";".join(parts))
    assert answer.rstrip().endswith("\tok"), answer


def matching(test: Any) -> list[int]:
    return [number for number in range(COUNT) if test(number)]


def geo(shape: dict[str, Any]) -> str:
    return json.dumps(shape)


HALF = square(1.95, 9, 4.05, 11)
CIRCLE = {"type": "AeroCircle", "coordinates": [[3.0, 10.0], 60_000]}

#: (predicate, keys of the records that it finds)
QUERIES: list[tuple[tuple[Any, ...], list[int]]] = [
    (predicates.equals("n", 5), [25]),
    (predicates.equals("n", -20), [0]),
    (predicates.equals("n", 1000), []),
    (predicates.between("n", -3, 4), matching(lambda n: -3 <= n - 20 <= 4)),
    (predicates.between("n", 0, 0), [20]),
    (predicates.between("n", -(2**63), 2**63 - 1), list(range(COUNT))),
    (predicates.between("n", -(2**63), -1), matching(lambda n: n < 20)),
    (predicates.between("n", 100, 200), []),
    (predicates.equals("s", "s3"), matching(lambda n: n % 5 == 3)),
    (predicates.equals("s", "nope"), []),
    (predicates.equals("s", ""), []),
    (predicates.equals("b", b"\x01\x00"), matching(lambda n: n % 3 == 1)),
    (predicates.equals("b", b"\x01"), []),
    (predicates.contains("l", LIST, 7), [6, 7]),
    (predicates.contains("l", LIST, "l2"), matching(lambda n: n % 4 == 2)),
    (predicates.contains("l", LIST, b"\x03"), matching(lambda n: n % 4 == 3)),
    (predicates.contains("l", LIST, 999), []),
    (predicates.range("l", LIST, 10, 12), matching(lambda n: 9 <= n <= 12)),
    (predicates.contains("m", KEYS, 7), [7]),
    (predicates.contains("m", KEYS, "k4"), matching(lambda n: n % 6 == 4)),
    (predicates.contains("m", KEYS, b"\x01"), matching(lambda n: n % 2 == 1)),
    (predicates.range("m", KEYS, 50, 100), matching(lambda n: n >= 50)),
    (predicates.contains("m", VALUES, 14), [7]),
    (predicates.contains("m", VALUES, 15), []),
    (predicates.contains("m", VALUES, "v2"), matching(lambda n: n % 3 == 2)),
    (predicates.contains("m", VALUES, b"\x05"), [5]),
    (predicates.range("m", VALUES, 0, 20), matching(lambda n: n <= 10)),
    (predicates.equals("mixed", 8), [8]),
    (predicates.equals("mixed", "9"), [9]),
    (predicates.between("mixed", 0, 1000), matching(lambda n: n % 4 == 0)),
    (predicates.geo_within_geojson_region("g", geo(HALF)), matching(lambda n: 20 <= n <= 40)),
    (predicates.geo_within_geojson_region("g", geo(CIRCLE)), matching(lambda n: 25 <= n <= 35)),
    (predicates.geo_within_geojson_region("g", geo(square(50, 50, 51, 51))), []),
    (predicates.geo_within_radius("g", 3.0, 10.0, 60_000), matching(lambda n: 25 <= n <= 35)),
    (
        predicates.geo_within_geojson_region("gl", geo(square(9.95, 9, 10.25, 11)), LIST),
        [0, 1, 2],
    ),
    (
        predicates.geo_within_geojson_region("gm", geo(HALF), VALUES),
        matching(lambda n: 20 <= n <= 40),
    ),
]


def keys(records: list[Any]) -> list[int]:
    return sorted(key[2] for key, _, _ in records)


def query(client: Any, table: tuple[str, str], predicate: Any) -> Any:
    query = client.query(*table)
    query.where(predicate)
    return query


@pytest.mark.parametrize(("predicate", "found"), QUERIES, ids=lambda v: str(v)[:60])
def test_predicates(official: Any, table: tuple[str, str], predicate: Any, found: Any) -> None:
    records = query(official, table, predicate).results()
    assert keys(records) == found
    for key, _, found_bins in records[:3]:
        assert found_bins["n"] == bins(key[2])["n"]


@pytest.mark.parametrize(("predicate", "found"), QUERIES[3:24:4], ids=lambda v: str(v)[:60])
def test_projections(official: Any, table: tuple[str, str], predicate: Any, found: Any) -> None:
    selection = query(official, table, predicate)
    selection.select("n", "s")
    assert [set(bins) for _, _, bins in selection.results()] == [{"n", "s"}] * len(found)


@pytest.mark.parametrize(("predicate", "found"), QUERIES, ids=lambda v: str(v)[:60])
def test_filters_on_top(
    official: Any, table: tuple[str, str], predicate: Any, found: list[int]
) -> None:
    even = exp.Eq(exp.Mod(exp.IntBin("n"), 2), 0).compile()
    records = query(official, table, predicate).results({"expressions": even})
    assert keys(records) == [number for number in found if number % 2 == 0]


@pytest.mark.parametrize("page", [3, 7, 100])
@pytest.mark.parametrize(
    "predicate",
    [
        predicates.between("n", -20, 9),
        predicates.equals("s", "s3"),
        predicates.range("l", LIST, 0, 29),
    ],
    ids=["n", "s", "l"],
)
def test_pages(official: Any, table: tuple[str, str], predicate: Any, page: int) -> None:
    whole = keys(query(official, table, predicate).results())
    paged = query(official, table, predicate)
    paged.max_records = page
    paged.paginate()
    found: list[int] = []
    while not paged.is_done():
        records = paged.results()
        assert len(records) <= page
        found += keys(records)
    # A record comes again for each of its entries that lies behind the place of resumption.
    assert sorted(set(found)) == whole
    assert len(found) == len(whole) or predicate[2] == "l"


def test_max_records(official: Any, table: tuple[str, str]) -> None:
    limited = query(official, table, predicates.between("n", 0, 30))
    limited.max_records = 5
    assert len(set(keys(limited.results()))) == 5


def test_no_bins(official: Any, table: tuple[str, str]) -> None:
    found: list[Any] = []
    query(official, table, predicates.between("n", 0, 3)).foreach(
        found.append, {}, {"nobins": True}
    )
    assert keys(found) == [20, 21, 22, 23]
    assert all(bins == {} for _, _, bins in found)


@pytest.mark.parametrize("count", [1, 64, 2048])
def test_partitions(official: Any, table: tuple[str, str], count: int) -> None:
    begin = official.get_key_partition_id(*table, 25)
    policy = {"partition_filter": {"begin": begin, "count": min(count, 4096 - begin)}}
    found = keys(query(official, table, predicates.between("n", -20, 40)).results(policy))
    assert found == matching(
        lambda n: begin <= official.get_key_partition_id(*table, n) < begin + count
    )


def test_an_empty_range_is_refused(official: Any, table: tuple[str, str]) -> None:
    assert code_of(query(official, table, predicates.between("n", 20, 10)).results) == 4


@pytest.mark.parametrize(
    "predicate",
    [
        predicates.equals("other", 1),
        predicates.contains("n", LIST, 1),
        predicates.contains("l", KEYS, 1),
        predicates.equals("n", "text"),
    ],
    ids=str,
)
def test_no_such_index(official: Any, table: tuple[str, str], predicate: Any) -> None:
    quick = {"max_retries": 0}
    assert code_of(query(official, table, predicate).results, quick) == 201


def test_a_set_without_the_index(official: Any, table: tuple[str, str], fresh_set: str) -> None:
    official.put((table[0], fresh_set, 1), {"n": 5})
    other = query(official, (table[0], fresh_set), predicates.equals("n", 5))
    assert code_of(other.results, {"max_retries": 0}) == 201


def test_an_index_follows_writes(official: Any, table: tuple[str, str]) -> None:
    key = (*table, 25)

    def found(value: Any) -> list[int]:
        return keys(query(official, table, predicates.equals("n", value)).results())

    assert found(5) == [25]
    try:
        official.put(key, {"n": 777})
        assert (found(5), found(777)) == ([], [25])
        official.increment(key, "n", 1)
        assert (found(777), found(778)) == ([], [25])
        official.put(key, {"n": "text"})
        assert found(778) == []
        official.put(key, {"n": None})
        official.put(key, {"n": 778})
        official.remove(key)
        assert found(778) == []
    finally:
        official.put(key, bins(25), policy={"key": aerospike.POLICY_KEY_SEND})
    assert found(5) == [25]


def test_an_index_over_all_sets(
    official: Any, namespace: str, table: tuple[str, str], fresh_set: str
) -> None:
    name = f"{fresh_set}_all"
    bin = f"all{fresh_set[2:]}"
    sets = [table[1], fresh_set]
    create_index(official, (namespace, None), name, bin, DEFAULT, NUMERIC)
    try:
        wait_for_index(official, namespace, name)
        for set_name in sets:
            official.put((namespace, set_name, "all"), {bin: 1})
        everywhere = query(official, (namespace, None), predicates.equals(bin, 1))
        assert sorted(key[1] for key, _, _ in everywhere.results()) == sorted(sets)
    finally:
        official.index_remove(namespace, name)
        official.remove((namespace, table[1], "all"))


REGIONS = {"a": square(0, 0, 10, 10), "b": square(5, 5, 15, 15), "c": square(20, 20, 30, 30)}

#: (longitude, latitude, regions that contain it)
POINTS = [(1, 1, "a"), (7, 7, "ab"), (12, 12, "b"), (25, 25, "c"), (-50, -50, "")]


@pytest.mark.parametrize(("longitude", "latitude", "found"), POINTS)
def test_regions_that_contain_a_point(
    official: Any, namespace: str, fresh_set: str, longitude: int, latitude: int, found: str
) -> None:
    name = f"{fresh_set}_regions"
    create_index(official, (namespace, fresh_set), name, "r", DEFAULT, GEO)
    try:
        for user_key, region in REGIONS.items():
            bins = {"r": aerospike.GeoJSON(region), "id": user_key}
            official.put((namespace, fresh_set, user_key), bins)
        wait_for_index(official, namespace, name)
        point = geo({"type": "Point", "coordinates": [longitude, latitude]})
        for predicate in (
            predicates.geo_contains_geojson_point("r", point),
            predicates.geo_contains_point("r", longitude, latitude),
        ):
            records = query(official, (namespace, fresh_set), predicate).results()
            assert sorted(bins["id"] for _, _, bins in records) == list(found)
    finally:
        official.index_remove(namespace, name)
