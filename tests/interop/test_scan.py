"""Reading whole sets, in parts, and stopped early, through the official client."""

from __future__ import annotations

from typing import Any

import aerospike
import pytest
from aerospike_helpers import expressions as exp
from aerospike_helpers.operations import operations
from aerospike_helpers.operations.expression_operations import expression_read

from tests.interop.conftest import code_of

COUNT = 400
KINDS = ["query", "scan"]


@pytest.fixture(scope="module")
def table(official: Any, namespace: str, module_set: str) -> tuple[str, str]:
    """A set of 400 records {n, s, f}, with stored keys 0 to 399."""
    for number in range(COUNT):
        official.put(
            (namespace, module_set, number),
            {"n": number, "s": f"s{number % 7}", "f": number / 2},
            policy={"key": aerospike.POLICY_KEY_SEND, "ttl": 1000},
        )
    return namespace, module_set


def statement(client: Any, kind: str, table: tuple[str, str]) -> Any:
    return getattr(client, kind)(*table)


def numbers(records: list[Any]) -> list[int]:
    return sorted(bins["n"] for _, _, bins in records)


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_comes_once(official: Any, table: tuple[str, str], kind: str) -> None:
    records = statement(official, kind, table).results()
    assert numbers(records) == list(range(COUNT))
    for (namespace, set_name, user_key, digest), meta, bins in records:
        assert (namespace, set_name) == table
        assert bins == {"n": user_key, "s": f"s{user_key % 7}", "f": user_key / 2}
        assert bytes(digest) == bytes(aerospike.calc_digest(*table, user_key))
        assert meta["gen"] == 1
        assert 900 < meta["ttl"] <= 1000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [["n"], ["n", "s"], ["n", "none"], ["n"] * 2])
def test_projection(official: Any, table: tuple[str, str], kind: str, names: list[str]) -> None:
    selection = statement(official, kind, table)
    selection.select(*names)
    records = selection.results()
    assert numbers(records) == list(range(COUNT))
    assert {name for _, _, bins in records for name in bins} == set(names) - {"none"}


@pytest.mark.parametrize("kind", KINDS)
def test_records_without_a_selected_bin_do_not_come(
    official: Any, table: tuple[str, str], kind: str
) -> None:
    selection = statement(official, kind, table)
    selection.select("none")
    assert selection.results() == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_bins(official: Any, table: tuple[str, str], kind: str) -> None:
    found: list[Any] = []
    statement(official, kind, table).foreach(found.append, {}, {"nobins": True})
    assert sorted(key[2] for key, _, _ in found) == list(range(COUNT))
    assert all(bins == {} and meta["gen"] == 1 for _, meta, bins in found)


@pytest.mark.parametrize("most", [1, 10, COUNT - 1, COUNT, COUNT + 1])
def test_max_records_of_a_scan(official: Any, table: tuple[str, str], most: int) -> None:
    records = official.scan(*table).results({"max_records": most})
    assert len({bins["n"] for _, _, bins in records}) == len(records) == min(most, COUNT)


@pytest.mark.parametrize("most", [1, 10, COUNT])
def test_max_records_of_a_query(official: Any, table: tuple[str, str], most: int) -> None:
    query = official.query(*table)
    query.max_records = most
    assert len({bins["n"] for _, _, bins in query.results()}) == most


@pytest.mark.parametrize("page", [7, 100, 399, 1000])
def test_pages_of_a_query(official: Any, table: tuple[str, str], page: int) -> None:
    query = official.query(*table)
    query.max_records = page
    query.paginate()
    pages = []
    while not query.is_done():
        pages.append(query.results())
        assert len(pages) <= COUNT
    assert all(len(records) == page for records in pages[: COUNT // page])
    assert numbers([record for records in pages for record in records]) == list(range(COUNT))


def test_pages_of_a_scan(official: Any, table: tuple[str, str]) -> None:
    scan = official.scan(*table)
    scan.paginate()
    pages = []
    while not scan.is_done():
        pages.append(scan.results({"max_records": 150}))
    assert [len(page) for page in pages if page] == [150, 150, 100]
    assert numbers([record for page in pages for record in page]) == list(range(COUNT))


def test_pages_of_a_filtered_scan(official: Any, table: tuple[str, str]) -> None:
    scan = official.scan(*table)
    scan.paginate()
    even = exp.Eq(exp.Mod(exp.IntBin("n"), 2), 0).compile()
    found: list[Any] = []
    while not scan.is_done():
        found += scan.results({"max_records": 30, "expressions": even})
    assert numbers(found) == list(range(0, COUNT, 2))


def test_a_page_resumes_from_a_status(official: Any, table: tuple[str, str]) -> None:
    first = official.scan(*table)
    first.paginate()
    begun = first.results({"max_records": 123})
    status = first.get_partitions_status()
    second = official.scan(*table)
    rest = second.results({"partition_filter": {"partition_status": status}})
    assert numbers(begun + rest) == list(range(COUNT))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1, 7, 512, 1024])
def test_partition_filters_split_the_set(
    official: Any, table: tuple[str, str], kind: str, step: int
) -> None:
    expected: dict[int, set[int]] = {}
    for number in range(COUNT):
        partition = official.get_key_partition_id(*table, number)
        expected.setdefault(partition // step, set()).add(number)
    for part in [*list(expected)[:10], 4095 // step]:
        policy = {
            "partition_filter": {"begin": part * step, "count": min(step, 4096 - part * step)}
        }
        records = statement(official, kind, table).results(policy)
        assert set(numbers(records)) == expected.get(part, set())


@pytest.mark.parametrize("kind", KINDS)
def test_stopping_early(official: Any, table: tuple[str, str], kind: str) -> None:
    found: list[Any] = []

    def take_five(record: Any) -> bool:
        found.append(record)
        return len(found) < 5

    statement(official, kind, table).foreach(take_five)
    assert len(found) == 5
    assert len(statement(official, kind, table).results()) == COUNT


@pytest.mark.parametrize("kind", KINDS)
def test_filters(official: Any, table: tuple[str, str], kind: str) -> None:
    low = exp.And(exp.LT(exp.IntBin("n"), 50), exp.Eq(exp.StrBin("s"), "s3")).compile()
    records = statement(official, kind, table).results({"expressions": low})
    assert numbers(records) == list(range(3, 50, 7))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_set_is_empty(official: Any, namespace: str, kind: str) -> None:
    assert statement(official, kind, (namespace, "t_never_written")).results() == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_namespace(official: Any, kind: str) -> None:
    assert code_of(statement(official, kind, ("t_nope", "s")).results) == 20


def test_the_null_set_name_scans_all_sets(
    official: Any, table: tuple[str, str], fresh_set: str
) -> None:
    namespace, set_name = table
    other = (namespace, fresh_set, "other")
    official.put(other, {"n": -1})
    found = {(key[1], bins.get("n")) for key, _, bins in official.scan(namespace, None).results()}
    assert {(set_name, number) for number in range(COUNT)} <= found
    assert (fresh_set, -1) in found


def test_records_per_second_slows_nothing_else(official: Any, table: tuple[str, str]) -> None:
    query = official.query(*table)
    query.records_per_second = 5000
    assert len(query.results()) == COUNT


@pytest.mark.parametrize(
    "duration",
    [
        aerospike.QUERY_DURATION_LONG,
        aerospike.QUERY_DURATION_SHORT,
        aerospike.QUERY_DURATION_LONG_RELAX_AP,
    ],
)
def test_query_durations(official: Any, table: tuple[str, str], duration: int) -> None:
    """A short query runs in one go and takes no filter on top of its partitions."""
    policy = {"expected_duration": duration}
    assert len(official.query(*table).results(policy)) == COUNT


def plus_one(name: str, flags: int = 0) -> dict[str, Any]:
    return expression_read("e", exp.Add(exp.IntBin(name), 1).compile(), flags)


#: (operations, what comes of the record whose n is its argument)
PROJECTIONS: list[tuple[list[dict[str, Any]], Any]] = [
    ([operations.read("n")], lambda n: {"n": n}),
    ([operations.read("n"), plus_one("n")], lambda n: {"n": n, "e": n + 1}),
    ([plus_one("n")], lambda n: {"e": n + 1}),
    ([plus_one("none", aerospike.EXP_READ_EVAL_NO_FAIL)], lambda n: {"e": None}),
    ([operations.read("none")], lambda n: {"none": None}),
]


@pytest.mark.parametrize(("ops", "bins"), PROJECTIONS)
def test_a_query_projects_by_operations(
    official: Any, table: tuple[str, str], ops: list[dict[str, Any]], bins: Any
) -> None:
    query = official.query(*table)
    query.add_ops(ops)
    found = query.results()
    assert len(found) == COUNT
    assert all(record == bins(key[2]) for key, _, record in found)


def test_a_failing_operation_drops_its_record(
    official: Any, namespace: str, fresh_set: str
) -> None:
    official.put((namespace, fresh_set, 1), {"n": 1})
    official.put((namespace, fresh_set, 2), {"n": "text"})
    query = official.query(namespace, fresh_set)
    query.add_ops([plus_one("n")])
    assert [bins for _, _, bins in query.results()] == [{"e": 2}]


def test_large_records_travel_in_several_frames(
    official: Any, namespace: str, fresh_set: str
) -> None:
    for number in range(40):
        official.put((namespace, fresh_set, number), {"n": number, "v": bytes([number]) * 100_000})
    records = official.scan(namespace, fresh_set).results()
    assert numbers(records) == list(range(40))
    assert all(bins["v"] == bytes([bins["n"]]) * 100_000 for _, _, bins in records)
