"""Lua that loops, eats memory or wants out: it fails in time, and the node goes on."""

from __future__ import annotations

import base64
import time

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.embedded.udf.endpoint import Lua, result

pytest.importorskip("lupa.lua54")

TIMEOUT_MS = 150
PATIENCE = 3.0  # seconds: far more than the timeout, on a busy machine

TIMED_OUT = b"UDF Execution Timeout"
NO_MEMORY = b"not enough memory"

#: (body of a function, how its failure begins or which of several ways it may end)
LOOPS = [
    "while true do end",
    "::again:: goto again",
    "local function f() return f() end return f()",
    "while true do pcall(function() while true do end end) end",
    "local function f() while true do end end while true do pcall(pcall, f) end",
    "xpcall(error, function() while true do end end)",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "while true do coroutine.wrap(function() end)() end",
    "do local x <close> = setmetatable({}, {__close = function() while true do end end}) end",
    "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
    "tostring(setmetatable({}, {__tostring = function() while true do end end}))",
    "table.sort({1, 2, 3}, function() while true do end end)",
    "string.gsub(('a'):rep(1000), '.', function() while true do end end)",
    "table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, 1 << 62)",
    "load(function() return 'x = 1 ' end)",
    "string.find(string.rep('a', 30000), '.-.-.-.-b')",
    "return string.rep('a', 200000):match('(.-)(.-)b')",
    "string.rep('a', 100000):gsub('a-b', '')",
    "for x in string.rep('(', 300000):gmatch('%b()') do end",
    "string.find(string.rep('a', 2000000), string.rep('a', 1000000) .. 'b', 1, true)",
    "for i = 1, 1e9 do rec['b' .. i] = i end",
    "rec.a = 1 aerospike:create(rec) for i = 1, 1e9 do rec.a = i aerospike:update(rec) end",
    "while true do info('again') end",
    "local m = map() for i = 1, 1e5 do m[-i] = 1 for k in map.keys(m) do break end end",
    "setmetatable(_G, {__index = function() while true do end end}) return nope",
]
EATERS = [
    "local t = {} for i = 1, 1e9 do t[i] = i end",
    "local s = 'x' while true do s = s .. s end",
    "local t while true do t = {t} end",
    "collectgarbage('stop') local t = {} while true do t = {t, string.rep('x', 1000)} end",
    "local function f() f() return 1 end f()",
    "local l = list{1} for i = 1, 60 do list.concat(l, l) end",
    "local l = list() l[1 << 31] = 1",
    "local b = bytes() bytes.set_byte(b, 100000000, 1)",
    "string.gsub(string.rep('a', 1 << 23), '', 'xxxxxxxxxxxxxxxx')",
]
#: Bodies that end at once, and with what.
REFUSED = [
    ("string.rep('x', 1 << 40)", b"resulting string too large"),
    ("table.move({}, 1, math.maxinteger - 1, 2)", b"too many elements to move"),
    ("table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)", b"too many"),
    ("local l = list() list.append(l, l) return l", b"nested too deeply"),
    ("local m = map() m.x = m rec.x = m aerospike:create(rec)", b"nested too deeply"),
    ("local function f() return coroutine.wrap(f)() end f()", b"C stack overflow"),
    ("string.find('x', string.rep('(', 33))", b"too many captures"),
    ("coroutine.yield(1)", b"attempt to yield from outside a coroutine"),
    ("io.open('/etc/passwd')", b"global 'io'"),
    ("os.execute('true')", b"field 'execute'"),
    ("os.exit()", b"field 'exit'"),
    ("dofile('/etc/passwd')", b"global 'dofile'"),
    ("package.loadlib('x', '*')", b"field 'loadlib'"),
    ("require('../../x')", b"module '../../x' not found"),
    ("debug.getregistry()", b"global 'debug'"),
    ("string.dump(print)", b"field 'dump'"),
    ("python.eval('1')", b"global 'python'"),
]
LOOPING_GC = "__gc = function() while true do end end"
#: Bodies that do no harm: they give true.
HARMLESS = [
    "return load('\\27Lua', 'x', 'b') == nil",
    "return string.rep('', 1 << 62) == ''",
    f"setmetatable({{}}, {{{LOOPING_GC}}}) collectgarbage() return true",
    f"local m = {{__gc = 1}} setmetatable({{}}, m) m.{LOOPING_GC} collectgarbage() return true",
    f"getmetatable(list()).{LOOPING_GC} list() collectgarbage() return true",
    "getmetatable(list()).__index = nil return list{true}[1]",
    "return python == nil and package.loaded.python == nil and package.loaded.io == nil",
    "return os.getenv('HOME') == nil",
]


@pytest.fixture(scope="module")
def lua():
    return Lua(EmbeddedNode())


def run(lua, body):
    assert lua.put_module("hostile.lua", f"function f(rec) {body} end") == "ok"
    started = time.monotonic()
    code, name, value = result(lua.call("k", "hostile", "f", timeout=TIMEOUT_MS))
    assert time.monotonic() - started < PATIENCE
    return code, name, value


def assert_unharmed(lua):
    assert lua.put_module("good.lua", "function f(rec, x) return x end") == "ok"
    assert result(lua.call("k", "good", "f", True)) == (0, "SUCCESS", b"\1")


@pytest.mark.parametrize("body", LOOPS)
def test_loops_end_in_time(lua, body):
    assert run(lua, body) == (100, "FAILURE", TIMED_OUT)
    assert_unharmed(lua)


@pytest.mark.parametrize("body", EATERS)
def test_memory_is_limited(lua, body):
    code, name, value = run(lua, body)
    assert (code, name) == (100, "FAILURE")
    assert value in (NO_MEMORY, TIMED_OUT)
    assert_unharmed(lua)


@pytest.mark.parametrize(("body", "text"), REFUSED)
def test_refusals(lua, body, text):
    code, name, value = run(lua, body)
    assert (code, name) == (100, "FAILURE")
    assert text in value


@pytest.mark.parametrize("body", HARMLESS)
def test_harmless(lua, body):
    assert run(lua, body) == (0, "SUCCESS", b"\1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("while true do end", TIMED_OUT),
        ("local t = {} while true do t[#t + 1] = {} end", NO_MEMORY),
    ],
)
def test_modules_that_do_not_load(lua, text, message):
    answer = lua.put_module("endless.lua", text)
    head, _, encoded = answer.partition("message=")
    assert head == "error=compile_error;file=;line=0;"
    assert base64.b64decode(encoded) == message
    assert "endless.lua" not in lua.info("udf-list")


def test_a_function_that_breaks_its_module_harms_no_other(lua):
    text = "function f(r) for k in pairs(_G) do _G[k] = nil end end function g(r) return true end"
    lua.put_module("broken.lua", text)
    lua.call("k", "broken", "f")
    assert_unharmed(lua)
    lua.put_module("broken.lua", text)  # which gives it fresh states
    assert result(lua.call("k", "broken", "g")) == (0, "SUCCESS", b"\1")


def test_what_a_failed_function_wrote_is_gone(lua):
    body = "rec.a = 1 aerospike:create(rec) while true do end"
    assert run(lua, body) == (100, "FAILURE", TIMED_OUT)
    assert lua.get("k").result_code == 2
