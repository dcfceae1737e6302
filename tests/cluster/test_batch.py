"""Batches: split by node, results in order, only what failed tried again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.cluster import batch as batch_module
from aerodbapi.cluster.batch import batch
from aerodbapi.cluster.effects import Stream
from aerodbapi.cluster.policy import Policy
from aerodbapi.errors import ConnectionFailed
from aerodbapi.protocol.batch import BatchEntry, apply_entry, read_entry, remove_entry, write_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.flags import Info3
from aerodbapi.protocol.message import Message, encode_message
from tests.cluster.simulated import Simulation

POLICY = Policy(total_timeout=10_000, max_retries=2)


def reads(simulation: Simulation, namespace: str = "test") -> list[BatchEntry]:
    return [read_entry(namespace, "s", record.digest) for record in simulation.records]


def writes(simulation: Simulation) -> list[BatchEntry]:
    count, ops = bins_ops({"i": 1})
    return [write_entry("test", "s", record.digest, ops, count) for record in simulation.records]


def test_results_in_order() -> None:
    simulation = Simulation(3, records=100).connect()
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert [result.index for result in results] == list(range(100))
    assert [result.bins["i"] for result in results] == [r.value for r in simulation.records]
    for result, record in zip(results, simulation.records, strict=True):
        assert result.result_code == 0
        assert str(result.node).startswith(simulation.owner(record.pid).name)
    assert len(simulation.batches) == 3


def test_nothing() -> None:
    simulation = Simulation(3).connect()
    assert simulation.run(batch(simulation.cluster, [], POLICY)) == []
    assert simulation.carrier.effects == []


def test_one_node_needs_no_fork() -> None:
    simulation = Simulation(1, factor=1, records=20).connect()
    simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert isinstance(simulation.carrier.effects[0], Stream)


def test_missing_records_are_answers() -> None:
    simulation = Simulation(2, records=4).connect()
    entries = [*reads(simulation), read_entry("test", "s", b"\5" * 20)]
    results = simulation.run(batch(simulation.cluster, entries, POLICY))
    assert [result.result_code for result in results] == [0, 0, 0, 0, 2]
    assert len(simulation.batches) <= 3


def test_mixed_entries() -> None:
    simulation = Simulation(2, records=3).connect()
    first, second, third = (record.digest for record in simulation.records)
    count, ops = bins_ops({"i": 1})
    entries = [
        read_entry("test", "s", first, bins=["i"]),
        write_entry("test", "s", second, ops, count, key=7, info4=0x10),
        remove_entry("test", None, third, generation=3),
        apply_entry("test", "s", first, "m", "f", b"\x90"),
    ]
    results = simulation.run(batch(simulation.cluster, entries, POLICY))
    assert [result.result_code for result in results] == [0, 0, 0, 0]


@pytest.mark.parametrize(("count", "most", "requests"), [(10, 4, 3), (8, 4, 2), (1, 1, 1)])
def test_large_batches_are_cut(count: int, most: int, requests: int) -> None:
    simulation = Simulation(1, factor=1, records=count).connect()
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY, max_keys=most))
    assert [result.bins["i"] for result in results] == [r.value for r in simulation.records]
    assert len(simulation.batches) == requests
    assert all(len(indexes) <= most for _, indexes in simulation.batches)


def test_requests_are_cut_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "_MAX_BYTES", 5000)
    simulation = Simulation(1, factor=1, records=9).connect()
    count, ops = bins_ops({"s": "x" * 2000})
    entries = [write_entry("test", "s", r.digest, ops, count) for r in simulation.records]
    results = simulation.run(batch(simulation.cluster, entries, POLICY))
    assert [result.result_code for result in results] == [0] * 9
    assert [len(indexes) for _, indexes in simulation.batches] == [2, 2, 2, 2, 1]


# ---- failures ----------------------------------------------------------------------------------


def test_a_node_that_is_down() -> None:
    simulation = Simulation(3, records=60).connect()
    simulation.nodes[1].down = True
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert [result.bins["i"] for result in results] == [r.value for r in simulation.records]


def test_only_what_is_missing_is_asked_again() -> None:
    simulation = Simulation(3, records=60).connect()
    simulation.nodes[1].frames_left = 2
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert all(result.result_code == 0 for result in results)
    asked_n1 = next(indexes for name, indexes in simulation.batches if name == "N1")
    again = [index for _, indexes in simulation.batches[3:] for index in indexes]
    assert sorted(again) == sorted(asked_n1[6:])  # two frames of three keys arrived


def test_keys_that_a_node_cannot_serve() -> None:
    simulation = Simulation(3, records=30).connect()
    simulation.key_codes = {("N0", index): 18 for index in range(30)}
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert all(result.result_code == 0 for result in results)


@pytest.mark.parametrize("code", [3, 5, 14, 22])
def test_final_answers_of_keys(code: int) -> None:
    simulation = Simulation(2, records=10).connect()
    simulation.key_codes = {(name, 4): code for name in ("N0", "N1")}
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert results[4].result_code == code
    assert results[4].error is None
    assert sum(len(indexes) for _, indexes in simulation.batches) == 10


def test_retries_used_up() -> None:
    simulation = Simulation(2, records=10).connect()
    for node in simulation.nodes:
        node.down = True
    policy = Policy(max_retries=3, sleep_between_retries=20)
    results = simulation.run(batch(simulation.cluster, reads(simulation), policy))
    assert {result.result_code for result in results} == {-10}
    assert all(isinstance(result.error, ConnectionFailed) for result in results)
    assert all(result.node is not None and not result.in_doubt for result in results)
    assert simulation.carrier.sleeps == [0.02, 0.02]


@pytest.mark.parametrize("code", [4, 150, 151, 152])
def test_errors_of_the_whole_batch(code: int) -> None:
    simulation = Simulation(1, factor=1, records=5).connect()
    node = simulation.nodes[0]
    node._batch = lambda message: iter(  # type: ignore[method-assign]
        [encode_message(Message(info3=Info3.LAST, result_code=code))]
    )
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert [result.result_code for result in results] == [code] * 5
    assert simulation.carrier.handles[0].closed is True
    assert len(simulation.carrier.handles) == 1


def test_in_doubt() -> None:
    simulation = Simulation(1, factor=1, records=9).connect()
    simulation.nodes[0].frames_left = 1
    policy = Policy(max_retries=0)
    results = simulation.run(batch(simulation.cluster, writes(simulation), policy))
    assert [result.result_code for result in results] == [0] * 3 + [-10] * 6
    assert [result.in_doubt for result in results] == [False] * 3 + [True] * 6


def test_reads_are_never_in_doubt() -> None:
    simulation = Simulation(1, factor=1, records=9).connect()
    simulation.nodes[0].frames_left = 1
    results = simulation.run(batch(simulation.cluster, reads(simulation), Policy(max_retries=0)))
    assert not any(result.in_doubt for result in results)


def test_unsent_writes_are_not_in_doubt() -> None:
    simulation = Simulation(1, factor=1, records=3).connect()
    simulation.nodes[0].down = True
    results = simulation.run(batch(simulation.cluster, writes(simulation), Policy(max_retries=0)))
    assert [result.in_doubt for result in results] == [False] * 3


def test_unknown_namespaces_fail_key_by_key() -> None:
    simulation = Simulation(2, records=4).connect()
    entries = [*reads(simulation), *reads(simulation, "nope")]
    results = simulation.run(batch(simulation.cluster, entries, POLICY))
    assert [result.result_code for result in results] == [0] * 4 + [20] * 4
    assert "nope" in str(results[5].error)


def test_deadline() -> None:
    simulation = Simulation(1, factor=1, records=9).connect()
    simulation.nodes[0].delay = 0.6
    policy = Policy(total_timeout=1000, max_retries=5)
    results = simulation.run(batch(simulation.cluster, reads(simulation), policy))
    assert simulation.carrier.now == 1001.0
    assert {result.result_code for result in results} == {9}


def test_tripped_nodes_are_not_asked() -> None:
    simulation = Simulation(2, records=10).connect()
    simulation.cluster.nodes["N0"].tripped = True
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY))
    assert all(result.result_code == 0 for result in results)
    assert {name for name, _ in simulation.batches} == {"N1"}


@settings(max_examples=40, deadline=None)
@given(
    frames=st.integers(0, 20),
    dying=st.integers(0, 2),
    refuses=st.sets(st.integers(0, 4095), max_size=300),
    seed=st.integers(0, 100),
    most=st.sampled_from([2, 7, 5000]),
)
def test_every_key_is_answered(
    frames: int, dying: int, refuses: set[int], seed: int, most: int
) -> None:
    simulation = Simulation(3, factor=3, records=60, seed=seed).connect()
    simulation.nodes[dying].frames_left = frames
    simulation.nodes[(dying + 1) % 3].refuses = refuses
    results = simulation.run(batch(simulation.cluster, reads(simulation), POLICY, max_keys=most))
    assert [result.bins.get("i") for result in results] == [r.value for r in simulation.records]
