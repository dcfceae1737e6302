"""Info conversations, the texts of commands by version, and waiting for indexes and jobs."""

from __future__ import annotations

from typing import Any

import pytest

from aerodbapi.cluster import info_texts, jobs
from aerodbapi.cluster.info import (
    info_all,
    info_node,
    info_one,
    lowest_version,
    wait_for_index,
    wait_for_no_index,
)
from aerodbapi.errors import (
    ConnectionFailed,
    Error,
    IndexExists,
    IndexNotFound,
    ParameterError,
    ProgrammingError,
    QueryAborted,
    Timeout,
)
from aerodbapi.protocol.flags import Info2
from aerodbapi.protocol.message import decode_message
from aerodbapi.protocol.query import QueryRequest
from tests.cluster.simulated import Simulation

NEW, OLD = (8, 1, 2, 0), (7, 0, 0, 0)
CREATE = info_texts.sindex_create


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            CREATE(NEW, "test", "demo", "idx", "age", "numeric"),
            "sindex-create:namespace=test;set=demo;indexname=idx;bin=age;type=NUMERIC",
        ),
        (
            CREATE((8, 1, 3), "test", None, "idx", "age", "NUMERIC"),
            "sindex-create:namespace=test;indexname=idx;bin=age;type=INTEGER",
        ),
        (
            CREATE(NEW, "test", None, "idx", "age", "INTEGER"),
            "sindex-create:namespace=test;indexname=idx;bin=age;type=NUMERIC",
        ),
        (
            CREATE(OLD, "test", "demo", "idx", "tags", "STRING", collection="list"),
            "sindex-create:ns=test;set=demo;indexname=idx;indextype=LIST;indexdata=tags,STRING",
        ),
        (
            CREATE(NEW, "test", "demo", "idx", "m", "STRING", context=b"\x92\x10\x00"),
            "sindex-create:namespace=test;set=demo;indexname=idx;context=khAA;bin=m;type=STRING",
        ),
        (
            CREATE(NEW, "test", "d", "idx", "", "BLOB", expression=b"\x01", collection="default"),
            "sindex-create:namespace=test;set=d;indexname=idx;exp=AQ==;type=BLOB",
        ),
        (
            info_texts.sindex_delete(NEW, "test", "idx"),
            "sindex-delete:namespace=test;indexname=idx",
        ),
        (info_texts.sindex_delete(OLD, "test", "idx"), "sindex-delete:ns=test;indexname=idx"),
        (info_texts.sindex_stat(NEW, "test", "idx"), "sindex-stat:namespace=test;indexname=idx"),
        (info_texts.sindex_stat(OLD, "test", "idx"), "sindex/test/idx"),
        (info_texts.sindex_list(NEW), "sindex-list:"),
        (info_texts.sindex_list(NEW, "test"), "sindex-list:namespace=test"),
        (info_texts.sindex_list(OLD, "test"), "sindex/test"),
        (info_texts.truncate(NEW, "test", "demo"), "truncate:namespace=test;set=demo"),
        (info_texts.truncate(NEW, "test"), "truncate-namespace:namespace=test"),
        (
            info_texts.truncate(NEW, "test", "demo", 123),
            "truncate:namespace=test;set=demo;lut=123",
        ),
        (info_texts.query_show(NEW, 5), "query-show:id=5"),
        (info_texts.query_show(OLD, 5), "query-show:trid=5"),
        (info_texts.query_show((5, 7, 1), 5, "scan"), "scan-show:trid=5"),
        (info_texts.query_show((5, 6), 5), "jobs:module=query;cmd=get-job;trid=5"),
        (info_texts.query_abort(NEW, 5), "query-abort:id=5"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize("name", ["", "a;b", "a:b", "a\nb", "a\tb", "a\0b"])
def test_names_cannot_break_out(name: str) -> None:
    with pytest.raises(ProgrammingError):
        info_texts.sindex_delete(NEW, "test", name)
    with pytest.raises(ProgrammingError):
        info_texts.truncate(NEW, name or ";", "demo")


# ---- asking ------------------------------------------------------------------------------------


def answering(simulation: Simulation, command: str, *values: str) -> None:
    for node, value in zip(simulation.nodes, values, strict=True):
        node.info[command] = value


def test_all_nodes() -> None:
    simulation = Simulation(3).connect()
    answering(simulation, "edition", "a", "b", "c")
    assert simulation.run(info_all(simulation.cluster, "edition")) == {
        "N0": "a",
        "N1": "b",
        "N2": "c",
    }


def test_one_node() -> None:
    simulation = Simulation(3).connect()
    answering(simulation, "edition", "x", "x", "x")
    assert list(simulation.run(info_one(simulation.cluster, "edition")).values()) == ["x"]
    node = simulation.cluster.nodes["N1"]
    assert simulation.run(info_node(simulation.cluster, node, "edition")) == "x"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("ERROR:200:index exists", IndexExists),
        ("FAIL:4:bad", ParameterError),
        ("ERROR:201:no index", IndexNotFound),
    ],
)
def test_errors_are_raised(value: str, error: type[Error]) -> None:
    simulation = Simulation(2).connect()
    answering(simulation, "what:x=1", value, value)
    for conversation in (
        info_all(simulation.cluster, "what:x=1"),
        info_one(simulation.cluster, "what:x=1"),
    ):
        with pytest.raises(error, match=r"info command what\]") as caught:
            simulation.run(conversation)
        assert caught.value.node is not None


def test_one_goes_to_another_node_when_the_first_is_down() -> None:
    simulation = Simulation(2).connect()
    answering(simulation, "edition", "x", "x")
    simulation.nodes[0].down = True
    for _ in range(10):
        assert simulation.run(_until(simulation)) == "x"


def _until(simulation: Simulation) -> Any:
    try:
        return (yield from info_one(simulation.cluster, "edition")).popitem()[1]
    except ConnectionFailed:
        return "x"  # the dead node twice in a row: allowed


def test_all_raises_when_a_node_is_down() -> None:
    simulation = Simulation(2).connect()
    simulation.nodes[1].down = True
    with pytest.raises(ConnectionFailed):
        simulation.run(info_all(simulation.cluster, "build"))


def test_lowest_version() -> None:
    simulation = Simulation(2)
    simulation.nodes[1].build = "7.2.0.1"
    simulation.connect()
    assert lowest_version(simulation.cluster) == (7, 2, 0, 1)


# ---- waiting -----------------------------------------------------------------------------------

STAT = "sindex-stat:namespace=test;indexname=idx"


class Changing(dict[str, str]):
    """Values that change each time they are read; the last one stays."""

    def __init__(self, name: str, *values: str) -> None:
        super().__init__({name: values[-1]})
        self.values_left = list(values)
        self.name = name

    def __getitem__(self, name: str) -> str:
        if name == self.name and len(self.values_left) > 1:
            return self.values_left.pop(0)
        return super().__getitem__(name)


def test_waiting_for_an_index() -> None:
    simulation = Simulation(2).connect()
    simulation.nodes[0].info = Changing(STAT, "ERROR:201:no index", "load_pct=3", "load_pct=100")
    simulation.nodes[1].info = Changing(STAT, "entries=5;load_pct=99", "load_pct=100")
    simulation.run(wait_for_index(simulation.cluster, "test", "idx"))
    assert len(simulation.carrier.sleeps) == 2
    assert simulation.carrier.sleeps == sorted(simulation.carrier.sleeps)


def test_an_index_that_never_comes() -> None:
    simulation = Simulation(2).connect()
    answering(simulation, STAT, "ERROR:201:no index", "ERROR:201:no index")
    with pytest.raises(IndexNotFound):
        simulation.run(wait_for_index(simulation.cluster, "test", "idx"))
    assert 1005 <= simulation.carrier.now <= 1006


def test_an_index_that_takes_too_long() -> None:
    simulation = Simulation(1).connect()
    answering(simulation, STAT, "load_pct=10")
    with pytest.raises(Timeout, match="building index idx took longer than 900 ms"):
        simulation.run(wait_for_index(simulation.cluster, "test", "idx", total_timeout=900))
    assert simulation.carrier.now <= 1000.9


def test_waiting_for_an_index_to_go() -> None:
    simulation = Simulation(1).connect()
    simulation.nodes[0].info = Changing(STAT, "load_pct=100", "ERROR:201:no index")
    simulation.run(wait_for_no_index(simulation.cluster, "test", "idx"))
    assert len(simulation.carrier.sleeps) == 1


def test_other_errors_end_the_wait() -> None:
    simulation = Simulation(1).connect()
    answering(simulation, STAT, "ERROR:4:bad")
    with pytest.raises(ParameterError):
        simulation.run(wait_for_index(simulation.cluster, "test", "idx"))


# ---- background queries ------------------------------------------------------------------------

UPDATE = QueryRequest("test", "s", ops=b"\0\0\0\5\2\1\0\1i" + bytes(0), n_ops=1)


def test_background_starts_on_every_node() -> None:
    simulation = Simulation(3).connect()
    task = simulation.run(jobs.background(simulation.cluster, UPDATE))
    assert task > 0
    for node in simulation.nodes:
        message, _ = decode_message(node.requests[-1][8:])
        assert message.info2 & Info2.WRITE
        assert message.field(7) == task.to_bytes(8, "big")
        assert message.field(11) is None


@pytest.mark.parametrize(("codes", "doubt"), [((4, 0, 0), True), ((4, 4, 4), False)])
def test_background_failures(codes: tuple[int, ...], doubt: bool) -> None:
    simulation = Simulation(3).connect()
    for node, code in zip(simulation.nodes, codes, strict=True):
        node.reply_codes = [code]
    with pytest.raises(ParameterError, match="started on") as caught:
        simulation.run(jobs.background(simulation.cluster, UPDATE))
    assert caught.value.in_doubt is doubt


def test_waiting_for_a_job() -> None:
    simulation = Simulation(2).connect()
    show = "query-show:id=77"
    active = "trid=77:ns=test:status=active(ok):job-progress=3.00"
    simulation.nodes[0].info = Changing(show, active, active, "trid=77:status=done(ok)")
    simulation.nodes[1].info = Changing(show, active, "ERROR:2:job not found")
    simulation.run(jobs.wait(simulation.cluster, 77))
    assert len(simulation.carrier.sleeps) == 2


def test_a_job_that_was_aborted() -> None:
    simulation = Simulation(1).connect()
    answering(simulation, "query-show:id=77", "trid=77:status=done(user-aborted)")
    with pytest.raises(QueryAborted, match="user-aborted"):
        simulation.run(jobs.wait(simulation.cluster, 77))


def test_abort() -> None:
    simulation = Simulation(2).connect()
    answering(simulation, "query-abort:id=77", "ok", "ERROR:2:id not active")
    assert simulation.run(jobs.abort(simulation.cluster, 77)) is True
    answering(simulation, "query-abort:id=77", "ERROR:2:no", "ERROR:2:no")
    assert simulation.run(jobs.abort(simulation.cluster, 77)) is False
