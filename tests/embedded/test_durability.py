"""The durable file: what was acknowledged is there again, whatever ended the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.errors import OperationalError
from aerodbapi.protocol.batch import encode_batch, write_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest
from aerodbapi.types import GeoJSON, KeyOrderedDict
from tests.embedded.driver import NOT_FOUND, OK, Driver, many

ROOT = Path(__file__).parents[2]
VALUES = {
    "int": -5,
    "float": 2.5,
    "text": "é",
    "blob": b"\0\xff",
    "bool": True,
    "list": [1, "a", [b"b", None]],
    "map": KeyOrderedDict(a=1, b={2: 3}),
    "geo": GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}'),
}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "data.db")


def reopened(path):
    return Driver(EmbeddedNode(path))


def test_records_come_back_as_they_were(path):
    db = Driver(EmbeddedNode(path))
    db.put("k", VALUES, ttl=1000, send_key="k")
    db.put("k", {"int": 6})
    db.put("gone", {"a": 1})
    db.remove("gone")
    db.put("empty", {"a": 1})
    db.put("empty", {"a": None})
    Driver(db.node, "other", set=None).put(7, {"a": 1})
    before = db.get("k")
    (record,) = db.node.store.namespace("test").records(before_pid(db), "s")
    db.node.close()

    db = reopened(path)
    assert db.get("k") == before
    assert db.get("k").bins == {**VALUES, "int": 6}
    assert db.get("gone").code == db.get("empty").code == NOT_FOUND
    assert Driver(db.node, "other", set=None).get(7).bins == {"a": 1}
    (again,) = db.node.store.namespace("test").all_records()
    assert (again.key, again.last_update_ms) == (record.key, record.last_update_ms)
    assert db.info("namespaces") == "test;other"
    assert db.info("sets/test/s").startswith("objects=1:")
    db.node.close()


def before_pid(db):
    from aerodbapi.embedded.storage import partition_of

    return partition_of(digest(db.set, "k"))


def test_definitions_come_back(path):
    db = Driver(EmbeddedNode(path))
    db.put("k", {"n": 5})
    db.info("sindex-create:namespace=test;set=s;indexname=by_n;bin=n;type=numeric")
    db.info("sindex-create:namespace=test;set=s;indexname=dropped;bin=m;type=numeric")
    db.info("sindex-delete:namespace=test;indexname=dropped")
    db.info("udf-put:filename=m.lua;content=AAAA;content-len=4;udf-type=LUA;")
    db.info("set-config:context=namespace;namespace=test;default-ttl=60")
    db.info("truncate:namespace=test;set=t")
    expected = {name: db.info(name) for name in ("sindex-list:", "udf-list", "sets/test/t")}
    stat = db.info("sindex-stat:namespace=test;indexname=by_n")
    db.node.close()

    db = reopened(path)
    assert {name: db.info(name) for name in expected} == expected
    assert db.info("sindex-stat:namespace=test;indexname=by_n") == stat
    assert stat.startswith("entries=1;")
    assert db.put("k", {"n": 5}).void_time > 0
    db.node.close()


def test_truncated_records_stay_away(path):
    db = Driver(EmbeddedNode(path))
    for i in range(100):
        db.put(i, {"n": i})
    db.info("truncate:namespace=test;set=s")
    db.put(3, {"n": 33})
    db.node.close()
    db = reopened(path)
    assert [i for i in range(100) if db.get(i).code == OK] == [3]
    assert db.get(3).bins == {"n": 33}
    db.node.close()


def test_reaped_records_leave_the_file(path):
    db = Driver(EmbeddedNode(path))
    db.put("k", {"n": 1}, ttl=1000)
    for record in db.node.store.namespace("test").all_records():
        record.void_time = 1
    assert db.node.reaper.sweep() == 1
    db.node.close()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM record").fetchone() == (0,)
    file.close()


def test_rewriting_a_record_does_not_grow_the_file(path):
    db = Driver(EmbeddedNode(path))
    for i in range(500):
        db.put("k", {"n": i})
    db.node.close()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM record").fetchone() == (1,)
    file.close()


def test_batches_are_durable(path):
    db = Driver(EmbeddedNode(path))
    entries = []
    for i in range(2000):
        n_ops, ops = bins_ops({"n": i})
        entries.append(write_entry("test", "s", digest("s", i), ops, n_ops))
    assert {m.result_code for m in many(db.node, encode_batch(entries))} == {OK}
    journal = db.node.store.journal
    assert journal is not None
    assert not journal._queue  # all of it is in the file before the last reply
    db.node.close()
    db = reopened(path)
    assert db.get(1999).bins == {"n": 1999}
    assert db.node.store.namespace("test").count() == 2000
    db.node.close()


def test_many_threads_share_commits(path):
    node = EmbeddedNode(path)
    journal = node.store.journal
    commits = []
    write = journal._write

    def slow_write(changes):
        commits.append(len(changes))
        time.sleep(0.002)  # as a disk is: the others queue up meanwhile
        write(changes)

    journal._write = slow_write

    def work(thread):
        db = Driver(node)
        for i in range(50):
            assert db.put((thread, i).__repr__(), {"n": i}).code == OK

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(commits) >= 400
    assert len(commits) < 300
    node.close()
    db = reopened(path)
    assert db.node.store.namespace("test").count() == 400
    db.node.close()


def test_a_write_that_cannot_be_stored_is_not_acknowledged(path):
    db = Driver(EmbeddedNode(path))
    journal = db.node.store.journal
    write = journal._write

    def fail(changes):
        raise sqlite3.OperationalError("disk full")

    journal._write = fail
    assert db.put("k", {"n": 1}).code == 1
    n_ops, ops = bins_ops({"n": 2})
    batch = encode_batch([write_entry("test", "s", digest("s", "b"), ops, n_ops)])
    assert [(m.result_code, m.info3) for m in many(db.node, batch)] == [(1, 1)]
    journal._write = write
    assert db.put("k2", {"n": 1}).code == OK  # and takes the others along
    db.node.close()
    db = reopened(path)
    assert [db.get(key).code for key in ("k", "b", "k2")] == [OK, OK, OK]
    db.node.close()


def test_one_node_at_a_time(path):
    node = EmbeddedNode(path)
    with pytest.raises(OperationalError, match="in use by another process"):
        EmbeddedNode(path)
    script = f"from aerodbapi.embedded.node import EmbeddedNode; EmbeddedNode({path!r})"
    done = run_python(script)
    assert "in use by another process" in done.stderr
    node.close()
    node.close()
    EmbeddedNode(path).close()


def run_python(script):
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_files_that_are_none_of_ours(tmp_path):
    text = tmp_path / "text"
    text.write_text("no database at all, but long enough to look at" * 100)
    with pytest.raises(OperationalError, match="not a database"):
        EmbeddedNode(str(text))
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE t (a)")
    file.close()
    with pytest.raises(OperationalError, match="of another program"):
        EmbeddedNode(str(other))
    with pytest.raises(OperationalError, match="cannot open"):
        EmbeddedNode(str(tmp_path / "no" / "such" / "folder.db"))
    with pytest.raises(OperationalError, match="durability"):
        EmbeddedNode(str(tmp_path / "new.db"), durability="perhaps")


def test_a_file_of_a_newer_version(path):
    EmbeddedNode(path).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version=99")
    file.close()
    with pytest.raises(OperationalError, match="newer version"):
        EmbeddedNode(path)


def test_full_durability(path):
    db = Driver(EmbeddedNode(path, durability="full"))
    assert db.put("k", {"a": 1}).code == OK
    assert db.node.store.journal._value("PRAGMA synchronous") == 2
    db.node.close()


WRITER = """
import sys, threading
from aerodbapi.embedded.node import EmbeddedNode
from tests.embedded.driver import Driver
node = EmbeddedNode(sys.argv[1])
lock = threading.Lock()
def work(thread):
    db = Driver(node)
    for i in range(1_000_000):
        key = f"{thread}-{i % 200}"
        answer = db.put(key, {"n": i, "pad": "x" * 200}) if i % 7 else db.remove(key)
        with lock:
            sys.stdout.write(f"{key} {i} {answer.code}\\n")
            sys.stdout.flush()
for n in range(3):
    threading.Thread(target=work, args=(n,), daemon=True).start()
threading.Event().wait(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.1])
def test_a_killed_process_loses_nothing_that_it_acknowledged(path, seconds):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    first = writer.stdout.readline()
    killer = threading.Timer(seconds, writer.kill)
    killer.start()
    lines = [first, *writer.stdout]
    killer.join()
    assert writer.wait(10) == -signal.SIGKILL
    writer.stdout.close()
    acknowledged = {}
    for line in lines:
        parts = line.split()
        if line.endswith("\n") and len(parts) == 3:
            acknowledged[parts[0]] = (int(parts[1]), int(parts[2]))
    assert len(lines) > 50
    check(path, acknowledged)


def check(path, acknowledged):
    """Each key holds its last acknowledged write, or the one that was under way."""
    db = reopened(path)
    for key, (i, code) in acknowledged.items():
        following = i + 200  # the same key's next command; at most one was under way
        found = db.get(key)
        written = found.bins.get("n") if found.code == OK else None
        expected = i if i % 7 else None
        possible = {expected, following if following % 7 else None}
        assert code in (OK, NOT_FOUND)
        assert written in possible, (key, i, found)
    db.node.close()
