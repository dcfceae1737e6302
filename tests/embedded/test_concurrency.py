"""Many threads in one node: every command is atomic, and indexes agree with records at the end."""

from __future__ import annotations

import random
import threading

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import info
from aerodbapi.protocol.batch import decode_batch, encode_batch, read_entry
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import Info1, Info2, OpType
from aerodbapi.protocol.frame import HEADER_SIZE
from tests.embedded.driver import GENERATION, NOT_FOUND, OK, Driver, op

THREADS = 6
WAIT = 60


def together(work):
    """Run `work(thread number)` in threads, and raise what any of them raised."""
    errors = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.fixture(params=["memory", "file"])
def node(request, tmp_path):
    node = EmbeddedNode(str(tmp_path / "data.db") if request.param == "file" else None)
    yield node
    node.close()


def test_two_bins_written_together_are_read_together(node):
    def work(number):
        db = Driver(node)
        for i in range(150):
            db.put("k", {"a": (number, i).__repr__(), "b": (number, i).__repr__()})
            found = db.get("k").bins
            assert found["a"] == found["b"]

    together(work)
    assert Driver(node).get("k").generation == THREADS * 150


def test_generation_checks_let_one_writer_through(node):
    Driver(node).put("k", {"n": 0})
    done = [0] * THREADS

    def work(number):
        db = Driver(node)
        while done[number] < 20:
            found = db.get("k")
            answer = db.put(
                "k",
                {"n": found.bins["n"] + 1},
                info2=Info2.GENERATION,
                generation=found.generation,
            )
            assert answer.code in (OK, GENERATION)
            done[number] += answer.code == OK

    together(work)
    assert Driver(node).get("k").bins == {"n": THREADS * 20}


def test_create_only_lets_one_creator_through(node):
    won = [0] * 50

    def work(number):
        db = Driver(node)
        for i in range(50):
            if db.put(i, {"by": number}, info2=Info2.CREATE_ONLY).code == OK:
                won[i] += 1

    together(work)
    assert won == [1] * 50


def test_everything_at_once(node):
    db = Driver(node)
    create = "sindex-create:namespace=test;set=s;indexname=by_n;bin=n;type=numeric"

    def work(number):
        choice = random.Random(number)
        mine = Driver(node)
        for i in range(150):
            key, kind = choice.randrange(40), choice.randrange(12)
            if kind < 5:
                assert mine.put(key, {"n": choice.randrange(10), "s": "x" * i}).code == OK
            elif kind < 7:
                assert mine.get(key).code in (OK, NOT_FOUND)
            elif kind < 8:
                assert mine.remove(key).code in (OK, NOT_FOUND)
            elif kind < 9:
                answer = mine.operate(
                    key, op(OpType.INCR, "n", 1), op(OpType.READ, "n"), info1=Info1.READ
                )
                assert answer.code == OK
                assert list(answer.bins) == ["n"]
            elif kind < 10:
                assert mine.put(key, {"n": None}).code in (OK, NOT_FOUND)
            elif kind < 11:
                entries = [read_entry("test", "s", digest("s", k)) for k in range(40)]
                (reply,) = node.receive(encode_batch(entries))
                assert len(decode_batch(reply[HEADER_SIZE:])[0]) == 40
            else:
                commands = ["truncate:namespace=test;set=s", create, "sets", "namespace/test"]
                (reply,) = node.receive(info.encode_request([choice.choice(commands)]))
                assert b"ERROR" not in reply

    assert db.info(create) == "ok"
    together(work)
    records = list(node.store.namespace("test").all_records("s"))
    with_n = sum("n" in record.bins for record in records)
    assert db.info("sindex-stat:namespace=test;indexname=by_n").startswith(f"entries={with_n};")
    for record in records:
        assert record.n_bins == len(record.bins)
    db.put("after", {"n": 1})
    assert db.get("after").bins == {"n": 1}
