"""The client's share of stream UDFs: what the nodes gave, reduced in Lua."""

from __future__ import annotations

import sys

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.errors import DataError, UDFError, UnsupportedFeature
from aerodbapi.native import lua
from aerodbapi.protocol import particles
from aerodbapi.types import GeoJSON
from tests.embedded.driver import Driver
from tests.embedded.udf.endpoint import Lua

pytest.importorskip("lupa.lua54")

MODULE = """
local function one(rec) return 1 end
local function add(a, b) return a + b end
function count(s) return s : map(one) : reduce(add) end
function twice(s) return s : map(one) : reduce(add) : map(function(n) return n * 2 end) end
function large(s) return s : reduce(add) : filter(function(n) return n > 5 end) end
function groups(s)
  return s : aggregate(map(), function(m, rec) m[rec.g] = (m[rec.g] or 0) + 1 return m end)
    : reduce(function(a, b) return map.merge(a, b, add) end)
end
function average(s)
  return s : aggregate(map{n = 0, sum = 0}, function(m, rec)
      m.n = m.n + 1 m.sum = m.sum + rec.n return m
    end)
    : reduce(function(a, b) a.n = a.n + b.n a.sum = a.sum + b.sum return a end)
    : map(function(m) return m.sum / m.n end)
end
function by_group(s) return s : groupby(function(rec) return rec.g end) end
function maximum(s) return s : map(function(rec) return rec.n end) : reduce(math.max) end
function names(s) return s : map(function(rec) return rec.s end) end
function scaled(s, factor) return s : reduce(add) : map(function(n) return n * factor end) end
function early() error("early") end
function late(s) return s : reduce(function() error("late") end) end
function forever(s) return s : reduce(function() while true do end end) end
"""


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        ("count", [1, 2, 3], [6]),
        ("count", [5], [5]),
        ("count", [], []),
        ("twice", [4, 5], [18]),
        ("large", [1, 2], []),
        ("large", [4, 5], [9]),
        ("groups", [{"a": 1}, {"a": 2, "b": 5}], [{"a": 3, "b": 5}]),
        ("average", [{"n": 1, "sum": 4}, {"n": 1, "sum": 6}], [5.0]),
        ("by_group", [{"g": [1]}, {"g": [2], "h": [3]}], [{"g": [1, 2], "h": [3]}]),
        ("maximum", [1.5, 2, -1], [2]),
        ("names", ["x", "y"], ["x", "y"]),  # nothing is left for the client
        ("names", [1, 2.5, True, False, b"raw", [1, None], {"a": {}}], None),
        ("names", ["x", None, "y"], ["x"]),  # as the server's clients: nil ends a stream
        ("names", [GeoJSON('{"type":"Point","coordinates":[1,2]}')], None),
    ],
)
def test_reduce(function, values, expected):
    found = lua.reduce(MODULE, function, [], iter(values))
    assert found == (values if expected is None else expected)


def test_arguments():
    assert lua.reduce(MODULE, "scaled", [10], [1, 2]) == [30]
    with pytest.raises(DataError):
        lua.reduce(MODULE, "scaled", [object()], [1])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("none", "UDF: Execution Error 2 : function not found"),
        ("early", "UDF: Execution Error 2 : .*m.lua:22: early"),
        ("late", "UDF: Execution Error 2 : .*m.lua:23: late"),
    ],
)
def test_failures(function, message):
    with pytest.raises(UDFError, match=message) as caught:
        lua.reduce(MODULE, function, [], [1, 2], module="m.lua")
    assert caught.value.result_code == 100


def test_a_reduce_that_does_not_end():
    with pytest.raises(UDFError, match="UDF Execution Timeout"):
        lua.reduce(MODULE, "forever", [], [1, 2], seconds=0.1)


def test_modules_of_a_folder(tmp_path):
    (tmp_path / "base.lua").write_text("return {add = function(a, b) return a + b end}")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "top.lua").write_text(
        "local base = require('base') function f(s) return s : reduce(base.add) end"
    )
    folder = lua.folder(tmp_path)
    assert lua.reduce(folder, "f", [], [1, 2], module="deep.top") == [3]
    for missing in ("none", "../base", "", "a..b", "/etc/passwd", "x\0y"):
        assert folder(missing) is None
        with pytest.raises(UDFError, match="Execution Error 1 : no module"):
            lua.reduce(folder, "f", [], [1], module=missing)


def test_a_module_that_does_not_load():
    with pytest.raises(UDFError, match=r"(?s)Execution Error 1 : .*unexpected symbol"):
        lua.reduce("x = +", "f", [], [1])
    with pytest.raises(UDFError, match=r"Execution Error 1 : .*module 'base' not found"):
        lua.reduce("require('base')", "f", [], [1])


def test_without_lupa(monkeypatch):
    from aerodbapi.embedded.udf import runtime

    monkeypatch.setitem(sys.modules, "lupa.lua54", None)
    monkeypatch.setattr(runtime, "_lupa", runtime._lupa.__wrapped__)
    with pytest.raises(UnsupportedFeature, match=r'pip install "aerodbapi\[udf\]"'):
        lua.reduce(MODULE, "count", [], [1])


@pytest.mark.parametrize(
    ("function", "expected"),
    [("count", 30), ("groups", {"g0": 10, "g1": 10, "g2": 10}), ("average", 14.5), ("maximum", 29)],
)
def test_node_and_client_together(function, expected):
    node = Lua(EmbeddedNode(), "s")
    assert node.put_module("m.lua", MODULE) == "ok"
    for n in range(30):
        Driver(node.receiver).put(n, {"n": n, "g": f"g{n % 3}", "s": str(n)})
    values = [
        particles.decode(o.particle_type, o.value)
        for message in node.query(1, "m", function)
        for o in message.ops
    ]
    assert lua.reduce(MODULE, function, [], values) == [expected]
