"""Expired records: invisible at once, then reaped from memory, indexes and file."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.expiry import Reaper
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.storage import now_2010
from aerodbapi.protocol.flags import Info2, Info3
from tests.embedded.driver import NOT_FOUND, OK, Driver


@pytest.fixture
def db():
    driver = Driver(EmbeddedNode())
    for i in range(20):
        driver.put(i, {"n": i}, ttl=1000, send_key=i)
    expire(driver, range(10))
    return driver


def expire(db, keys):
    """Make records' time be over now."""
    namespace = db.node.store.namespace("test")
    wanted = {b"\x01" + i.to_bytes(8, "big") for i in keys}
    for record in namespace.all_records():
        if record.key in wanted:
            record.void_time = now_2010() - 1


def stored(db):
    return db.node.store.namespace("test").count()


def test_reads_do_not_see_them(db):
    assert [db.get(i).code for i in range(20)] == [NOT_FOUND] * 10 + [OK] * 10
    assert db.exists(0).code == NOT_FOUND
    assert db.select(0, "n").code == NOT_FOUND


def test_writes_start_again(db):
    assert db.put(0, {"m": 1}, info3=Info3.UPDATE_ONLY).code == NOT_FOUND
    assert db.put(0, {"m": 1}, info2=Info2.CREATE_ONLY)[:2] == (OK, 1)
    assert db.get(0).bins == {"m": 1}


def test_removing_one_finds_nothing_but_frees_it(db):
    assert db.remove(0).code == NOT_FOUND
    assert stored(db) == 19


def test_a_sweep_frees_them_all(db):
    db.info("sindex-create:namespace=test;set=s;indexname=by_n;bin=n;type=numeric")
    assert stored(db) == 20
    assert db.node.reaper.sweep() == 10
    assert stored(db) == 10
    assert db.info("sindex-stat:namespace=test;indexname=by_n").startswith("entries=10;")
    assert db.node.reaper.sweep() == 0


def test_steps_free_them_little_by_little(db, monkeypatch):
    reaper = Reaper(db.node.store)
    clock = [0.0]
    monkeypatch.setattr("aerodbapi.embedded.expiry.time.monotonic", lambda: clock[0])
    reaper.step()
    for _ in range(300):
        reaper.step()  # no time has passed: does nothing
    assert stored(db) > 9
    for _ in range(256):
        clock[0] += 0.2
        reaper.step()
    assert stored(db) == 10


def test_a_store_without_void_times_is_not_walked(monkeypatch):
    db = Driver(EmbeddedNode())
    db.put("k", {"a": 1})
    monkeypatch.setattr(type(db.node.store.namespace("test")), "records", None)
    assert db.node.reaper.sweep() == 0


@pytest.mark.parametrize(("percent", "touched"), [(80, True), (20, False), (0, False)])
def test_a_read_renews_what_has_little_time_left(db, percent, touched):
    (record,) = [r for r in db.node.store.namespace("test").all_records() if r.key[-1] == 15]
    record.void_time -= 500
    record.last_update_ms -= 500_000
    generation, before = record.generation, record.void_time
    assert db.get(15, ttl=percent).code == OK
    (record,) = [r for r in db.node.store.namespace("test").all_records() if r.key[-1] == 15]
    assert (record.void_time > before + 400) is touched
    assert record.generation == generation
