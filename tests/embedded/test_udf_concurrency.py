"""Functions from many threads: each call is one atomic write, and changes of texts show."""

from __future__ import annotations

import threading
import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.embedded.driver import Driver
from tests.embedded.udf.endpoint import Lua, result

pytest.importorskip("lupa.lua54")

THREADS = 6
CALLS = 60
COUNTER = """
function inc(rec)
  rec.n = (rec.n or 0) + 1
  if aerospike:exists(rec) then aerospike:update(rec) else aerospike:create(rec) end
  return rec.n
end
function spin(rec) local x = 0 for i = 1, 30000000 do x = x + i end return x end
"""


def in_threads(work):
    failures = []

    def run(number):
        try:
            work(number)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert failures == []


def test_no_increment_is_lost():
    lua = Lua(EmbeddedNode(), "s")
    lua.put_module("m.lua", COUNTER)

    def work(number):
        for _ in range(CALLS):
            assert lua.call("k", "m", "inc").result_code == 0

    in_threads(work)
    found = Driver(lua.receiver).get("k")
    assert (found.bins, found.generation) == ({"n": THREADS * CALLS}, THREADS * CALLS)


def test_texts_change_meanwhile():
    lua = Lua(EmbeddedNode(), "s")
    texts = [f"function f(rec) return {number} end" for number in (1, 2)]
    lua.put_module("m.lua", texts[0])

    def work(number):
        for turn in range(CALLS // 2):
            if number == 0:
                assert lua.put_module("m.lua", texts[turn % 2]) == "ok"
            code, name, value = result(lua.call(number, "m", "f"))
            assert (code, name) == (0, "SUCCESS")
            assert value[-1] in (1, 2)

    in_threads(work)
    lua.put_module("m.lua", "function f(rec) return 3 end")
    assert result(lua.call("k", "m", "f"))[2][-1] == 3


def test_a_long_function_holds_up_only_its_record():
    lua = Lua(EmbeddedNode(), "s")
    lua.put_module("m.lua", COUNTER)
    done = []

    def spin():
        done.append(lua.call("slow", "m", "spin").result_code)

    thread = threading.Thread(target=spin)
    thread.start()
    started = time.monotonic()
    assert lua.call("fast", "m", "inc").result_code == 0
    quick = time.monotonic() - started
    thread.join(60)
    assert done == [0]
    assert quick < 5
