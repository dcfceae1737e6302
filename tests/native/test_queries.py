"""Queries and scans as objects: results, pages, background work, aggregation."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.cluster.tracker import PartitionFilter
from aerodbapi.errors import (
    DataError,
    Error,
    IndexNotFound,
    InvalidGeoJSON,
    ParameterError,
    UDFError,
)
from aerodbapi.native import contexts, operations
from aerodbapi.native import expressions as exp
from aerodbapi.native.jobs import JobStatus
from aerodbapi.native.queries import Where, between, contains, equals, geo
from aerodbapi.types import GeoJSON

N = 40
_names = itertools.count()


@pytest.fixture
def demo(client: Any, namespace: str, set_name: str) -> tuple[str, str]:
    """Give the place of records with n from 0 to 39, lists, maps, points and more."""
    client.batch_write(
        [
            (
                (namespace, set_name, n),
                {
                    "n": n,
                    "s": f"s{n % 4}",
                    "l": [n, n + 100],
                    "m": {"k": n, "in": {"x": n % 5}},
                    "g": GeoJSON({"type": "Point", "coordinates": [n / 10, 1.0]}),
                    "b": bytes([n % 3]),
                },
            )
            for n in range(N)
        ]
    )
    return namespace, set_name


@pytest.fixture
def index(client: Any, demo: Any) -> Iterator[Any]:
    """Give a function that creates an index on demo, dropped afterwards; returns its name."""
    made: list[str] = []

    def create(bin_name: str | None, *args: Any, **keywords: Any) -> str:
        name = f"{demo[1]}_{next(_names)}"
        client.index_create(*demo, bin_name, name, *args, **keywords)
        made.append(name)
        return name

    yield create
    for name in made:
        client.index_remove(demo[0], name)


def numbers(query: Any, policy: Any = None) -> list[int]:
    return sorted(record.bins["n"] for record in query.results(policy))


def test_results(client: Any, demo: Any) -> None:
    records = client.query(*demo).results()
    assert sorted(record.bins["n"] for record in records) == list(range(N))
    key, meta, bins = records[0]
    assert key.user_key == bins["n"]
    assert meta.gen == meta["gen"] == 1
    assert numbers(client.scan(*demo)) == list(range(N))


def test_iteration_may_stop_early(client: Any, demo: Any) -> None:
    iterator = iter(client.query(*demo))
    assert {next(iterator).bins["n"] for _ in range(3)} <= set(range(N))
    iterator.close()
    assert len(list(client.query(*demo))) == N


def test_select(client: Any, demo: Any) -> None:
    query = client.query(*demo).select("n", "s")
    assert all(record.bins.keys() == {"n", "s"} for record in query.results())
    assert all(record.bins is None for record in client.query(*demo, bins=[]).results())
    policy = {"include_bins": False}
    assert all(record.bins is None for record in client.query(*demo).results(policy))


def test_filter(client: Any, demo: Any) -> None:
    policy = {"filter": exp.lt(exp.int_bin("n"), 5)}
    assert numbers(client.query(*demo), policy) == [0, 1, 2, 3, 4]
    assert numbers(client.query(*demo, policy=policy)) == [0, 1, 2, 3, 4]


def test_foreach_until_false(client: Any, demo: Any) -> None:
    seen: list[Any] = []

    def callback(record: Any) -> bool | None:
        seen.append(record)
        return False if len(seen) == 7 else None

    client.query(*demo).foreach(callback)
    assert len(seen) == 7


def test_foreach_raises_what_the_callback_raises(client: Any, demo: Any) -> None:
    def callback(record: Any) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        client.query(*demo).foreach(callback)
    assert len(client.query(*demo).results()) == N


def test_pages(client: Any, demo: Any) -> None:
    query = client.query(*demo)
    query.max_records = 15
    assert query.paginate()
    assert not query.is_done()
    pages = []
    while not query.is_done():
        pages.append(numbers(query))
    assert [len(page) for page in pages if page] == [15, 15, 10]
    assert sorted(itertools.chain(*pages)) == list(range(N))
    assert query.results() == []


def test_a_page_goes_on_elsewhere(client: Any, demo: Any) -> None:
    query = client.query(*demo)
    query.paginate()
    first = numbers(query, {"max_records": 25})
    bookmark = pickle.loads(pickle.dumps(query.tracker))
    other = client.query(*demo, partitions=bookmark)
    assert sorted(first + numbers(other)) == list(range(N))


def test_without_paging_each_run_starts_anew(client: Any, demo: Any) -> None:
    query = client.query(*demo)
    assert numbers(query) == numbers(query) == list(range(N))
    assert query.is_done()


def test_partitions(client: Any, demo: Any) -> None:
    halves = [PartitionFilter(0, 2048), PartitionFilter(2048, 2048)]
    found = [numbers(client.query(*demo, partitions=half)) for half in halves]
    assert sorted(found[0] + found[1]) == list(range(N))
    assert all(found)
    pid = client.get_key_partition_id(*demo, 7)
    assert 7 in numbers(client.scan(*demo, partitions=PartitionFilter(pid, 1)))


def test_records_per_second(client: Any, demo: Any) -> None:
    query = client.query(*demo)
    query.records_per_second = 5000
    assert numbers(query) == list(range(N))


# ---- secondary indexes -------------------------------------------------------------------------

NEAR = {"type": "AeroCircle", "coordinates": [[1.0, 1.0], 15_000.0]}
K, IN_X = [contexts.map_key("k")], [contexts.map_key("in"), contexts.map_key("x")]

#: Arguments of index_create behind the name, predicate, keywords of where, the n that answer.
INDEXED: dict[str, tuple[tuple[Any, ...], dict[str, Any], Where, list[int]]] = {
    "integer": (("n",), {}, equals("n", 7), [7]),
    "range": (("n",), {}, between("n", 5, 8), [5, 6, 7, 8]),
    "text": (("s", "STRING"), {}, equals("s", "s1"), list(range(1, N, 4))),
    "blob": (("b", "BLOB"), {}, equals("b", b"\x02"), list(range(2, N, 3))),
    "list": (("l", "NUMERIC", "LIST"), {}, contains("l", "LIST", 103), [3]),
    "list range": (("l", "numeric", "list"), {}, between("l", 0, 2, "list"), [0, 1, 2]),
    "keys": (("m", "STRING", "MAPKEYS"), {}, contains("m", "MAPKEYS", "k"), list(range(N))),
    "values": (("m", "NUMERIC", "MAPVALUES"), {}, contains("m", "MAPVALUES", 9), [9]),
    "context": (("m",), {"ctx": K}, equals("m", 11), [11]),
    "deep": (("m",), {"ctx": IN_X}, equals("m", 4), list(range(4, N, 5))),
    "geo": (("g", "GEO2DSPHERE"), {}, geo("g", GeoJSON(NEAR)), [9, 10, 11]),
}


@pytest.mark.parametrize("name", INDEXED)
def test_index(client: Any, demo: Any, index: Any, name: str) -> None:
    args, keywords, predicate, expected = INDEXED[name]
    index(*args, **keywords)
    query = client.query(*demo).where(predicate, keywords.get("ctx"))
    assert numbers(query) == expected


def test_index_by_name(client: Any, demo: Any, index: Any) -> None:
    name = index("n")
    query = client.query(*demo).where(between(None, 3, 4), index_name=name)
    assert numbers(query) == [3, 4]


def test_index_on_an_expression(client: Any, demo: Any, index: Any) -> None:
    double = exp.mul(exp.int_bin("n"), 2)
    name = index(None, "NUMERIC", expression=double)
    by_expression = client.query(*demo).where(equals(None, 8), expression=double)
    assert numbers(by_expression) == [4]
    by_name = client.query(*demo).where(equals(None, 8), index_name=name)
    assert numbers(by_name) == [4]


def test_pages_of_an_index(client: Any, demo: Any, index: Any) -> None:
    index("n")
    query = client.query(*demo).where(between("n", 0, 29))
    query.paginate()
    query.max_records = 20
    found = []
    while not query.is_done():
        found += numbers(query)
    assert sorted(found) == list(range(30))


def test_no_index(client: Any, demo: Any) -> None:
    with pytest.raises(IndexNotFound) as caught:
        client.query(*demo).where(equals("none", 1)).results()
    assert caught.value.result_code == 201


def test_an_index_of_another_definition(client: Any, demo: Any, index: Any) -> None:
    name = index("n")
    client.index_create(*demo, "n", name)  # the same again is no error
    with pytest.raises(Error) as caught:
        client.index_create(*demo, "s", name, "STRING")
    assert caught.value.result_code == 200


# ---- changing in the background ----------------------------------------------------------------


def test_operations_in_the_background(client: Any, demo: Any, index: Any) -> None:
    query = client.query(*demo).add_ops([operations.write("new", 1), operations.append("s", "!")])
    job = query.execute_background({"filter": exp.lt(exp.int_bin("n"), 10)})
    assert job > 0
    query.wait(job, 30_000)
    client.job_wait(job, timeout=30_000)
    changed = [r for r in client.scan(*demo).results() if "new" in r.bins]
    assert sorted(r.bins["n"] for r in changed) == list(range(10))
    assert all(r.bins["s"].endswith("!") for r in changed)
    assert client.job_info(job).status == JobStatus.COMPLETED


def test_time_to_live_in_the_background(client: Any, demo: Any) -> None:
    scan = client.scan(*demo).add_ops([operations.touch()])
    scan.ttl = 1000
    scan.wait(scan.execute_background(), 30_000)
    assert {999, 1000} >= {record.meta.ttl for record in scan.results()}


def test_what_runs_in_the_background(client: Any, demo: Any) -> None:
    with pytest.raises(ParameterError, match="only write"):
        client.query(*demo).add_ops([operations.read("n")])
    with pytest.raises(ParameterError, match="add_ops or apply"):
        client.query(*demo).execute_background()
    with pytest.raises(ParameterError, match="list of operations"):
        client.query(*demo).add_ops([])
    assert client.job_info(12345).status == JobStatus.COMPLETED
    for wrong in ("5", -1, True):
        with pytest.raises(ParameterError, match="64 bits"):
            client.job_info(wrong)


# ---- functions ---------------------------------------------------------------------------------

LUA = """
function set(rec, bin, value)
  rec[bin] = value
  aerospike:update(rec)
end

local function n(rec) return rec.n end
local function plus(a, b) return a + b end

function total(stream, from)
  local function enough(rec) return rec.n >= from end
  return stream : filter(enough) : map(n) : reduce(plus)
end

function every(stream) return stream : map(n) end
function broken(stream) return stream : map(function(rec) error("on purpose") end) end
"""


@pytest.fixture
def module(client: Any) -> Iterator[str]:
    """Give the name of a Lua module, removed afterwards."""
    name = f"native_queries_{next(_names)}"
    client.udf_put(f"{name}.lua", source=LUA)
    yield name
    client.udf_remove(f"{name}.lua")


def test_a_function_in_the_background(client: Any, demo: Any, module: str) -> None:
    query = client.query(*demo).apply(module, "set", ["u", 5])
    query.wait(query.execute_background(), 30_000)
    assert all(record.bins["u"] == 5 for record in client.scan(*demo).results())


def test_aggregation(client: Any, demo: Any, module: str, index: Any) -> None:
    query = client.query(*demo).apply(module, "total", [10])
    assert query.results() == [sum(range(10, N))]
    assert list(query) == [sum(range(10, N))]
    assert sorted(client.query(*demo).apply(module, "every").results()) == list(range(N))
    index("n")
    query = client.query(*demo).where(between("n", 5, 12)).apply(module, "total", [10])
    assert query.results() == [10 + 11 + 12]


def test_aggregation_with_foreach(client: Any, demo: Any, module: str) -> None:
    seen: list[int] = []
    client.query(*demo).apply(module, "every").foreach(lambda n: seen.append(n))
    assert sorted(seen) == list(range(N))


def test_a_broken_function(client: Any, demo: Any, module: str) -> None:
    with pytest.raises(UDFError, match="on purpose"):
        client.query(*demo).apply(module, "broken").results()
    with pytest.raises(UDFError):
        client.query(*demo).apply("no_such_module", "f").results()


# ---- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "error", "hint"),
    [
        (lambda q: q.select(), ParameterError, "names of bins"),
        (lambda q: q.select("a", 1), ParameterError, "names of bins"),
        (lambda q: q.where(("n", 1)), ParameterError, "equals, between, contains or geo"),
        (lambda q: q.results({"max_records": -1}), ParameterError, "max_records"),
        (lambda q: q.results({"max_record": 1}), ParameterError, "did you mean max_records"),
        (lambda q: q.results({"filter": 5}), ParameterError, "a filter is an expression"),
        (lambda q: q.apply("m", 5), ParameterError, "function is named by text"),
        (lambda q: q.apply("m", "f", "args"), ParameterError, "list"),
        (lambda q: q.apply("m", "f", [object()]), DataError, "cannot be stored"),
        (lambda q: between("n", 1, "a"), ParameterError, "two integers"),
        (lambda q: between("n", "a", "b"), ParameterError, "two integers"),
        (lambda q: equals("n", 1.5), ParameterError, "integer, text or bytes"),
        (lambda q: equals(5, 1), ParameterError, "name is str"),
        (lambda q: contains("n", "SET", 1), ParameterError, "LIST, MAPKEYS or MAPVALUES"),
        (lambda q: geo("g", "{"), InvalidGeoJSON, "not JSON"),
        (lambda q: geo("g", 5), ParameterError, "a shape is GeoJSON"),
        (lambda q: PartitionFilter(4096, 1), ParameterError, "0 to 4095"),
    ],
)
def test_wrong_arguments(client: Any, demo: Any, wrong: Any, error: type[Error], hint: str) -> None:
    with pytest.raises(error, match=hint):
        wrong(client.query(*demo))


def test_a_scan_has_no_predicate(client: Any, demo: Any) -> None:
    with pytest.raises(ParameterError, match="use a query"):
        client.scan(*demo).where(equals("n", 1))


def test_names_are_text(client: Any) -> None:
    with pytest.raises(ParameterError, match="named by text"):
        client.query(5, "set")
    with pytest.raises(ParameterError, match="PartitionFilter"):
        client.query("test", "set", partitions=5).results()
