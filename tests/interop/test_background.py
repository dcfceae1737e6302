"""Queries that change records on the node, in the background, through the official client."""

from __future__ import annotations

import time
from typing import Any

import aerospike
import pytest
from aerospike import predicates
from aerospike_helpers import expressions as exp
from aerospike_helpers.operations import operations as op

from tests.interop.conftest import code_of, info, wait_for_index

COUNT = 50


@pytest.fixture
def table(official: Any, namespace: str, fresh_set: str) -> tuple[str, str]:
    for number in range(COUNT):
        official.put((namespace, fresh_set, number), {"n": number, "s": "a"}, policy={"ttl": 500})
    return namespace, fresh_set


def finish(client: Any, job: int, kind: str) -> dict[str, int]:
    """Wait for a job's end and give what the node says of it."""
    for _ in range(200):
        found: dict[str, int] = client.job_info(job, kind)
        if found["status"] == aerospike.JOB_STATUS_COMPLETED:
            return found
        time.sleep(0.05)
    pytest.fail(f"job {job} did not end: {found}")


KINDS = {"query": aerospike.JOB_QUERY, "scan": aerospike.JOB_SCAN}


def run(client: Any, kind: str, table: tuple[str, str], ops: list[Any], **policy: Any) -> Any:
    statement = getattr(client, kind)(*table)
    statement.add_ops(ops)
    return finish(client, statement.execute_background(policy), KINDS[kind])


def values(client: Any, table: tuple[str, str], bin: str = "n") -> list[Any]:
    return sorted(bins[bin] for _, _, bins in client.scan(*table).results() if bin in bins)


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_changes_once(official: Any, table: tuple[str, str], kind: str) -> None:
    found = run(official, kind, table, [op.increment("n", 1000), op.append("s", "b")])
    assert found == {"progress_pct": 100, "records_read": COUNT, "status": 2}
    assert values(official, table) == [1000 + number for number in range(COUNT)]
    assert set(values(official, table, "s")) == {"ab"}
    _, meta, _ = official.get((*table, 1))
    assert meta["gen"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_passes_the_filter(official: Any, table: tuple[str, str], kind: str) -> None:
    low = exp.LT(exp.IntBin("n"), 10).compile()
    run(official, kind, table, [op.write("new", 1)], expressions=low)
    assert values(official, table, "new") == [1] * 10


def test_by_an_index(official: Any, table: tuple[str, str]) -> None:
    namespace, set_name = table
    name = f"{set_name}_bg"
    command = f"namespace={namespace};set={set_name};indexname={name};bin=n;type=numeric"
    assert info(official, f"sindex-create:{command}") == "ok"
    try:
        wait_for_index(official, namespace, name)
        query = official.query(*table)
        query.where(predicates.between("n", 10, 19))
        query.add_ops([op.write("new", 1), op.write("s", None)])
        found = finish(official, query.execute_background(), aerospike.JOB_QUERY)
        assert found["records_read"] == 10
        assert values(official, table, "new") == [1] * 10
        assert len(values(official, table, "s")) == COUNT - 10
    finally:
        official.index_remove(namespace, name)


def test_deleting(official: Any, table: tuple[str, str]) -> None:
    high = exp.GE(exp.IntBin("n"), 20).compile()
    run(official, "query", table, [op.delete()], expressions=high)
    assert values(official, table) == list(range(20))


def test_touching_sets_the_ttl(official: Any, table: tuple[str, str]) -> None:
    query = official.query(*table)
    query.ttl = 5000
    query.add_ops([op.touch()])
    finish(official, query.execute_background(), aerospike.JOB_QUERY)
    ttls = {meta["ttl"] // 100 for _, meta, _ in official.scan(*table).results()}
    assert ttls <= {49, 50}


def test_a_wrong_type_fails_its_record_alone(official: Any, table: tuple[str, str]) -> None:
    official.put((*table, 7), {"n": "text"})
    job = official.query(*table)
    job.add_ops([op.increment("n", 1000)])
    identity = job.execute_background()
    finish(official, identity, aerospike.JOB_QUERY)
    found = [bins["n"] for _, _, bins in official.scan(*table).results()]
    assert sorted(map(str, found)) == sorted(
        "text" if number == 7 else str(1000 + number) for number in range(COUNT)
    )
    shown = dict(
        pair.split("=", 1) for pair in info(official, f"query-show:id={identity}").split(":")
    )
    assert shown["recs-succeeded"] == str(COUNT - 1)
    assert shown["recs-failed"] == "1"
    assert shown["status"] == "done(ok)"
    assert shown["job-type"] == "background-ops"
    assert (shown["ns"], shown["set"]) == table


def test_an_unknown_job_counts_as_done(official: Any) -> None:
    found = official.job_info(12345, aerospike.JOB_QUERY)
    assert found["status"] == aerospike.JOB_STATUS_COMPLETED
    assert code_of(official.info_random_node, "query-show:id=12345") == 2


def test_no_such_index(official: Any, table: tuple[str, str]) -> None:
    query = official.query(*table)
    query.where(predicates.between("n", 0, 5))
    query.add_ops([op.increment("n", 1)])
    assert code_of(query.execute_background) == 201


def test_an_unknown_namespace(official: Any, real_server: bool) -> None:
    if not real_server:
        pytest.skip("an embedded node makes namespaces on first use")
    query = official.query("t_nope", "s")
    query.add_ops([op.increment("n", 1)])
    assert code_of(query.execute_background) == 20


def test_reads_do_not_run_in_the_background(official: Any, table: tuple[str, str]) -> None:
    query = official.query(*table)
    query.add_ops([op.read("n")])
    assert code_of(query.execute_background) == -2
