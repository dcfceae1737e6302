"""Queries over simulated nodes: every record exactly once, whatever fails on the way."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.cluster.policy import Policy
from aerodbapi.cluster.query import (
    PartitionFilter,
    PartitionTracker,
    columns_decoder,
    query,
)
from aerodbapi.errors import (
    ConnectionFailed,
    Error,
    IndexNotFound,
    NamespaceNotFound,
    ParameterError,
    PartitionUnavailable,
    Timeout,
)
from aerodbapi.protocol.query import IndexRange, QueryRequest
from tests.cluster.simulated import RECORDS_PER_FRAME, Simulation

SCAN = QueryRequest("test", "s")
RANGE = QueryRequest("test", "s", range=IndexRange("i", 1, bytes(8), b"\0" * 7 + b"\xff"))
POLICY = Policy(total_timeout=0, max_retries=5, sleep_between_retries=100)


def emitted(simulation: Simulation) -> list[bytes]:
    return [record[0] for items in simulation.carrier.emitted for record in items]


def exact(simulation: Simulation) -> None:
    counts = Counter(emitted(simulation))
    assert counts == Counter(record.digest for record in simulation.records)


@pytest.mark.parametrize("nodes", [1, 2, 3])
@pytest.mark.parametrize("request_", [SCAN, RANGE], ids=["primary", "secondary"])
def test_all_records_once(nodes: int, request_: QueryRequest) -> None:
    simulation = Simulation(nodes, records=200).connect()
    tracker = simulation.run(query(simulation.cluster, request_, POLICY))
    exact(simulation)
    assert tracker.is_done
    assert len(simulation.queries) == nodes
    assert all(handle.closed is True for handle in simulation.carrier.handles)


def test_partitions_go_to_their_masters_only() -> None:
    simulation = Simulation(3, records=10).connect()
    simulation.run(query(simulation.cluster, SCAN, POLICY))
    for name, request in simulation.queries:
        node = next(n for n in simulation.nodes if n.name == name)
        assert set(request.partitions) == node.claims[0]
        assert not request.digests


@pytest.mark.parametrize("request_", [SCAN, RANGE], ids=["primary", "secondary"])
def test_a_node_dies_in_the_middle(request_: QueryRequest) -> None:
    simulation = Simulation(3, records=300).connect()
    simulation.nodes[1].frames_left = 10
    tracker = simulation.run(query(simulation.cluster, request_, POLICY))
    exact(simulation)
    assert tracker.is_done
    resumed = [request for _, request in simulation.queries[3:]]
    assert sum(len(request.digests) for request in resumed) > 0
    if request_.range:
        assert all(len(request.bvals) == len(request.digests) for request in resumed)


@settings(max_examples=40, deadline=None)
@given(
    frames=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=3, max_size=3),
    refuses=st.sets(st.integers(0, 4095), max_size=20),
    max_records=st.sampled_from([0, 0, 5, 20, 60, 1000]),
    indexed=st.booleans(),
    seed=st.integers(0, 1000),
    replica=st.sampled_from(["sequence", "any", "prefer_rack"]),
    concurrency=st.integers(0, 2),
)
def test_no_record_is_lost_or_doubled(
    frames: list[int | None],
    refuses: set[int],
    max_records: int,
    indexed: bool,
    seed: int,
    replica: str,
    concurrency: int,
) -> None:
    """At most one node dies, another refuses partitions: with two replicas nothing is lost."""
    simulation = Simulation(3, records=100, seed=seed).connect()
    dying = next((i for i, count in enumerate(frames) if count is not None), None)
    if dying is not None:
        simulation.nodes[dying].frames_left = frames[dying]
    else:
        simulation.nodes[seed % 3].refuses = refuses
    request = RANGE if indexed else SCAN
    policy = Policy(total_timeout=0, max_retries=9, replica=replica)
    tracker = PartitionTracker()
    pages = 0
    while not tracker.is_done:
        tracker = pickle.loads(pickle.dumps(tracker))
        before = len(emitted(simulation))
        simulation.run(
            query(
                simulation.cluster,
                replace(request, max_records=max_records),
                policy,
                tracker=tracker,
                concurrency=concurrency,
            )
        )
        page = len(emitted(simulation)) - before
        if max_records:
            assert page == max_records or tracker.is_done
        pages += 1
        assert pages <= 152
    exact(simulation)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_nodes_that_come_and_go(data: st.DataObject) -> None:
    """Every node breaks several of its streams, never all replicas for ever."""
    simulation = Simulation(3, records=120, seed=data.draw(st.integers(0, 99))).connect()
    budget = data.draw(st.integers(1, 8))

    def breaking(node: object, original: object) -> object:
        def stream(*args: object) -> object:
            nonlocal budget
            frames = original(*args)  # type: ignore[operator]
            if budget and data.draw(st.booleans()):
                budget -= 1
                frames = _first(frames, data.draw(st.integers(0, 6)))
            return frames

        return stream

    for node in simulation.nodes:
        node.stream = breaking(node, node.stream)  # type: ignore[method-assign,assignment]
    policy = Policy(total_timeout=0, max_retries=20)
    tracker = simulation.run(query(simulation.cluster, SCAN, policy))
    assert tracker.is_done
    exact(simulation)


def _first(frames, count):  # type: ignore[no-untyped-def]
    for _, frame in zip(range(count), frames, strict=False):
        yield frame


# ---- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [1, 2, 3, 10, 149, 150, 151])
def test_max_records_is_exact(wanted: int) -> None:
    simulation = Simulation(3, records=150).connect()
    request = QueryRequest("test", "s", max_records=wanted)
    tracker = simulation.run(query(simulation.cluster, request, POLICY))
    found = emitted(simulation)
    assert len(found) == len(set(found)) == min(wanted, 150)
    assert tracker.is_done == (wanted > 150)


def test_a_short_answer_is_not_the_end() -> None:
    """Records of one node only: the other nodes' shares go to it in later rounds."""
    simulation = Simulation(3, records=300)
    simulation.records = [r for r in simulation.records if r.pid % 3 == 0]
    simulation.by_pid = {pid: rs for pid, rs in simulation.by_pid.items() if pid % 3 == 0}
    simulation.connect()
    request = QueryRequest("test", "s", max_records=60)
    simulation.run(query(simulation.cluster, request, POLICY))
    assert len(emitted(simulation)) == 60
    assert len(simulation.queries) > 3


def test_a_node_that_ignores_its_limit_is_cut_off() -> None:
    simulation = Simulation(1, factor=1, records=50).connect()
    simulation.repeats = 4  # each record four times: beyond any limit
    request = QueryRequest("test", "s", max_records=2)
    tracker = simulation.run(query(simulation.cluster, request, POLICY))
    assert len(emitted(simulation)) == 2
    assert not tracker.is_done


def test_columns() -> None:
    simulation = Simulation(2, records=20).connect()
    decode = columns_decoder(["i", "missing"])
    simulation.run(query(simulation.cluster, SCAN, POLICY, decode=decode))
    rows = [row for items in simulation.carrier.emitted for row in items]
    assert sorted(rows) == sorted((record.value, None) for record in simulation.records)


def test_items_are_emitted_as_frames_come() -> None:
    simulation = Simulation(1, factor=1, records=30).connect()
    simulation.run(query(simulation.cluster, SCAN, POLICY))
    assert len(simulation.carrier.emitted) == 30 / RECORDS_PER_FRAME


def test_dedupe_by_digest() -> None:
    simulation = Simulation(3, records=100).connect()
    simulation.repeats = 3
    tracker = PartitionTracker(dedupe=True)
    simulation.nodes[0].frames_left = 20
    simulation.run(query(simulation.cluster, RANGE, POLICY, tracker=tracker))
    exact(simulation)


INDEXED = IndexRange("i", 1, bytes(8), b"\0" * 7 + b"\xff")
EQUAL = IndexRange("i", 1, bytes(8), bytes(8))
REGION = IndexRange("i", 23, b"{}", b"{}")


@pytest.mark.parametrize(
    ("request_", "asked", "deduped"),
    [
        (SCAN, None, False),
        (RANGE, None, False),
        (QueryRequest("test", "s", range=INDEXED, index_type=1), None, True),
        (QueryRequest("test", "s", range=INDEXED, index_type=1), False, False),
        (QueryRequest("test", "s", range=EQUAL, index_type=1), None, False),
        (QueryRequest("test", "s", range=REGION), None, True),
        (SCAN, True, True),
    ],
)
def test_indexes_that_repeat_records(
    request_: QueryRequest, asked: bool | None, deduped: bool
) -> None:
    simulation = Simulation(1, factor=1, records=20).connect()
    tracker = PartitionTracker(dedupe=asked)
    simulation.run(query(simulation.cluster, request_, POLICY, tracker=tracker))
    assert (tracker.seen is not None) is deduped
    assert pickle.loads(pickle.dumps(tracker)).seen == tracker.seen


# ---- filters and bookmarks ---------------------------------------------------------------------


def test_partition_filter() -> None:
    simulation = Simulation(3, records=300).connect()
    tracker = PartitionTracker(PartitionFilter(1000, 500))
    simulation.run(query(simulation.cluster, SCAN, POLICY, tracker=tracker))
    wanted = {r.digest for r in simulation.records if 1000 <= r.pid < 1500}
    assert sorted(emitted(simulation)) == sorted(wanted)
    assert set(tracker.statuses()) == set(range(1000, 1500))


def test_filter_after_a_digest() -> None:
    simulation = Simulation(3, records=9000).connect()
    pid, records = next((p, rs) for p, rs in simulation.by_pid.items() if len(rs) > 3)
    ordered = sorted(record.digest for record in records)
    tracker = PartitionTracker(PartitionFilter(digest=ordered[1]))
    assert (tracker.filter.begin, tracker.filter.count) == (pid, 1)
    simulation.run(query(simulation.cluster, SCAN, POLICY, tracker=tracker))
    assert emitted(simulation) == ordered[2:]


@pytest.mark.parametrize(
    ("begin", "count", "digest"),
    [(-1, 1, None), (4096, 1, None), (0, 0, None), (0, 4097, None), (4095, 2, None), (0, 1, b"x")],
)
def test_bad_filters(begin: int, count: int, digest: bytes | None) -> None:
    with pytest.raises(ParameterError):
        PartitionFilter(begin, count, digest)


def test_a_done_tracker_asks_nobody() -> None:
    simulation = Simulation(3, records=10).connect()
    tracker = simulation.run(query(simulation.cluster, SCAN, POLICY))
    asked = len(simulation.queries)
    simulation.run(query(simulation.cluster, SCAN, POLICY, tracker=tracker))
    assert len(simulation.queries) == asked


def test_statuses_restore() -> None:
    simulation = Simulation(3, records=100).connect()
    page = QueryRequest("test", "s", max_records=40)
    first = simulation.run(query(simulation.cluster, page, POLICY))
    second = PartitionTracker()
    second.restore(first.statuses())
    simulation.run(query(simulation.cluster, SCAN, POLICY, tracker=second))
    exact(simulation)


# ---- failures ----------------------------------------------------------------------------------


def test_a_refused_partition_is_read_elsewhere() -> None:
    simulation = Simulation(3, records=200).connect()
    simulation.nodes[0].refuses = set(range(300))
    simulation.run(query(simulation.cluster, SCAN, POLICY))
    exact(simulation)


def test_a_partition_that_nobody_serves() -> None:
    simulation = Simulation(3, records=20).connect()
    for node in simulation.nodes:
        node.refuses = {17}
    with pytest.raises(PartitionUnavailable, match=r"partition 17 unavailable.*after 6 rounds"):
        simulation.run(query(simulation.cluster, SCAN, POLICY))
    # The first failing round was followed at once: its records were delivered.
    assert simulation.carrier.sleeps == [0.1] * 4


def test_no_retries() -> None:
    simulation = Simulation(3, records=100).connect()
    simulation.nodes[1].frames_left = 2
    with pytest.raises(ConnectionFailed, match="after 1 round") as caught:
        simulation.run(query(simulation.cluster, SCAN, Policy(total_timeout=0, max_retries=0)))
    assert caught.value.in_doubt is False
    assert "N1" in str(caught.value.node)


@pytest.mark.parametrize(
    ("code", "error", "queries"), [(4, ParameterError, 3), (201, IndexNotFound, 3)]
)
def test_answers_that_end_the_query(code: int, error: type[Error], queries: int) -> None:
    simulation = Simulation(3, records=30).connect()
    for node in simulation.nodes:
        node.query_code = code
    with pytest.raises(error) as caught:
        simulation.run(query(simulation.cluster, RANGE, POLICY))
    assert caught.value.node is not None
    assert len(simulation.queries) <= queries
    assert simulation.carrier.sleeps == []


def test_an_index_that_one_node_does_not_know_yet() -> None:
    simulation = Simulation(3, records=100).connect()
    simulation.nodes[2].query_code = 201
    simulation.run(query(simulation.cluster, RANGE, POLICY))
    exact(simulation)


def test_unknown_namespace() -> None:
    simulation = Simulation(3).connect()
    with pytest.raises(NamespaceNotFound, match="it has: test"):
        simulation.run(query(simulation.cluster, QueryRequest("none"), POLICY))


def test_total_timeout() -> None:
    simulation = Simulation(2, records=300).connect()
    for node in simulation.nodes:
        node.delay = 0.4
    policy = Policy(total_timeout=2000, max_retries=5)
    with pytest.raises(Timeout, match="total timeout of 2000 ms"):
        simulation.run(query(simulation.cluster, SCAN, policy))
    assert simulation.carrier.now <= 1002.5
    assert 1500 <= simulation.queries[0][1].timeout_ms <= 2000


def test_closing_a_query_early() -> None:
    simulation = Simulation(1, factor=1, records=60).connect()
    tracker = PartitionTracker()
    conversation = query(simulation.cluster, SCAN, POLICY, tracker=tracker)
    steps = simulation.carrier._steps(conversation, [])
    while not simulation.carrier.emitted:
        next(steps)
    conversation.close()
    simulation.run(query(simulation.cluster, SCAN, POLICY, tracker=tracker))
    found = Counter(emitted(simulation))
    assert set(found) == {record.digest for record in simulation.records}
    assert sum(found.values()) == 60 + RECORDS_PER_FRAME  # what was emitted last came again
