"""Lua over many records: aggregations and background functions, as jobs."""

from __future__ import annotations

import struct
import threading

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.udf import streams
from aerodbapi.protocol import expressions as e
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import FieldType, Info3
from tests.embedded.driver import Driver
from tests.embedded.udf.endpoint import Lua

pytest.importorskip("lupa.lua54")

MODULE = """
local function one(rec) return 1 end
local function add(a, b) return a + b end
function count(s) return s : map(one) : reduce(add) end
function sum(s, bin) return s : map(function(rec) return rec[bin] end) : reduce(add) end
function all(s) return s : map(function(rec) return rec.n end) end
function groups(s)
  return s : aggregate(map(), function(m, rec) m[rec.g] = (m[rec.g] or 0) + 1 return m end)
    : reduce(function(a, b) return map.merge(a, b, add) end)
end
function forever(s) return s : map(function() while true do end end) end
function boom(s) return s : map(function(rec) error("boom " .. rec.n) end) end
function double(rec) rec.n = rec.n * 2 aerospike:update(rec) end
function set(rec, name, value) rec[name] = value aerospike:update(rec) end
function drop(rec) if rec.n < 10 then aerospike:remove(rec) end end
function create(rec) aerospike:remove(rec) error("no") end
"""
LARGE = "function all(s) return s : map(function() return ('x'):rep(9000) end) end"
RECORDS = 40
_TASKS = iter(range(1, 1000))


@pytest.fixture
def lua():
    lua = Lua(EmbeddedNode(), "s")
    assert lua.put_module("m.lua", MODULE) == "ok"
    db = Driver(lua.receiver)
    for n in range(RECORDS):
        db.put(n, {"n": n, "g": f"g{n % 3}"})
    return lua


@pytest.fixture
def indexed(lua):
    create = "sindex-create:namespace=test;set=s;indexname=by_n;bin=n;type=numeric"
    assert lua.info(create).lower() == "ok"
    return lua


def between(low, high):
    """An INDEX_RANGE field on bin n."""
    value = b"\1n\1" + b"".join(b"\0\0\0\x08" + struct.pack(">q", v) for v in (low, high))
    return [(FieldType.INDEX_RANGE, b"\1" + value)]


def values(messages):
    last = messages[-1]
    assert (last.result_code, last.info3 & Info3.LAST) == (0, Info3.LAST)
    assert all(o.name == "SUCCESS" for m in messages for o in m.ops)
    return [particles.decode(o.particle_type, o.value) for m in messages for o in m.ops]


def test_one_value_a_partition(lua):
    found = values(lua.query(1, "m", "count"))
    assert sum(found) == RECORDS
    assert len(found) > RECORDS // 2  # so few records meet in a partition seldom
    assert sum(values(lua.query(1, "m", "sum", "n"))) == sum(range(RECORDS))
    assert sorted(values(lua.query(1, "m", "all"))) == list(range(RECORDS))


def test_maps_of_groups(lua):
    total = {}
    for groups in values(lua.query(1, "m", "groups")):
        for group, n in groups.items():
            total[group] = total.get(group, 0) + n
    assert total == {"g0": 14, "g1": 13, "g2": 13}


def test_over_an_index(indexed):
    found = values(indexed.query(1, "m", "all", fields=between(10, 19)))
    assert sorted(found) == list(range(10, 20))


def test_over_nothing(lua):
    lua.info("truncate:namespace=test;set=s")
    assert values(lua.query(1, "m", "count")) == []
    assert values(lua.query(1, "none", "count")) == []  # nobody asks for the module


def test_failures_end_the_aggregation(lua):
    *_, failure, last = lua.query(1, "m", "boom")
    assert failure.ops[0].name == "FAILURE"
    prefix = b"UDF: Execution Error 2 : /opt/aerospike/usr/udf/lua/m.lua:12: boom "
    assert failure.ops[0].value.startswith(prefix)
    assert (last.result_code, last.info3) == (1, Info3.LAST)


def test_a_loop_that_does_not_end(lua, monkeypatch):
    monkeypatch.setattr(streams, "SECONDS", 0.1)
    *_, failure, last = lua.query(1, "m", "forever")
    assert failure.ops[0].value == b"UDF: Execution Error 2 : UDF Execution Timeout"
    assert last.result_code == 1


def test_many_values_come_in_several_frames(lua):
    lua.put_module(
        "big.lua", "function f(s) return s : map(function() return ('x'):rep(9000) end) end"
    )
    found = values(lua.query(1, "big", "f"))
    assert [len(text) for text in found] == [9000] * RECORDS


def test_a_query_that_nobody_reads_to_the_end(lua):
    lua.put_module("m.lua", LARGE)
    reply = lua.receiver.receive(_aggregation(lua, 77))
    next(reply)
    assert ":status=active(ok):" in lua.info("query-show:id=77")
    reply.close()
    assert ":status=done(ok):" in lua.info("query-show:id=77")


def _aggregation(lua, task):
    sent = []
    recorder = Lua(_Recorder(sent), lua.set_name)
    recorder.query(1, "m", "all", task=task)
    return sent[0]


class _Recorder:
    def __init__(self, sent):
        self.sent = sent

    def receive(self, request):
        self.sent.append(request)
        return iter(())


# ---- background ----------------------------------------------------------------------------------


def background(lua, function, *args, **options):
    """Run to the end; gives what query-show tells of the job."""
    task = next(_TASKS)
    [last] = lua.query(2, "m", function, *args, task=task, **options)
    assert (last.result_code, last.info3) == (0, Info3.LAST)
    shown = lua.info(f"query-show:id={task}")
    return dict(pair.partition("=")[::2] for pair in shown.split(":") if "=" in pair)


def numbers(lua):
    db = Driver(lua.receiver)
    return [db.get(n).bins.get("n") for n in range(RECORDS)]


def test_every_record_changes(lua):
    job = background(lua, "double")
    assert (job["job-type"], job["status"]) == ("background-udf", "done(ok)")
    assert (job["recs-succeeded"], job["recs-failed"]) == (str(RECORDS), "0")
    assert numbers(lua) == [2 * n for n in range(RECORDS)]


def test_with_arguments(lua):
    background(lua, "set", "n", [1, {"a": "b"}])
    assert numbers(lua) == [[1, {"a": "b"}]] * RECORDS


def test_background_over_an_index(indexed):
    job = background(indexed, "double", fields=between(10, 19))
    assert job["recs-succeeded"] == "10"
    assert numbers(indexed)[8:12] == [8, 9, 20, 22]


def test_background_with_a_filter(lua):
    odd = e.pack_expression(e.eq(e.mod(e.int_bin("n"), 2), 1))
    job = background(lua, "double", fields=[(FieldType.FILTER, odd)])
    assert (job["recs-succeeded"], job["recs-filtered-bins"]) == ("20", "20")
    assert numbers(lua)[:4] == [0, 2, 2, 6]


def test_removals(lua):
    assert background(lua, "drop")["recs-succeeded"] == str(RECORDS)
    assert numbers(lua)[8:12] == [None, None, 10, 11]


def test_failures_are_counted_and_change_nothing(lua):
    job = background(lua, "create")
    assert (job["recs-succeeded"], job["recs-failed"]) == ("0", str(RECORDS))
    assert numbers(lua) == list(range(RECORDS))
    assert background(lua, "none")["recs-failed"] == str(RECORDS)


def test_an_aborted_job_stops(lua):
    task = next(_TASKS)
    rate = [(FieldType.RECS_PER_SEC, struct.pack(">I", 20))]
    worker = threading.Thread(
        target=lua.query, args=(2, "m", "double"), kwargs={"task": task, "fields": rate}
    )
    worker.start()
    while lua.info(f"query-abort:trid={task}").lower() != "ok":
        assert worker.is_alive()
    worker.join(10)
    assert not worker.is_alive()
    assert "user-aborted" in lua.info(f"query-show:id={task}")
    assert numbers(lua) != [2 * n for n in range(RECORDS)]
