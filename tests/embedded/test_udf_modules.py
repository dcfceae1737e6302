"""Registering modules: what is refused, what modules see of one another, when a change shows."""

from __future__ import annotations

import base64

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.embedded.udf.endpoint import Lua, result

pytest.importorskip("lupa.lua54")


@pytest.fixture
def lua():
    return Lua(EmbeddedNode())


#: (text, file, line, message) as the server told them
BROKEN = [
    ("function f(", "m.lua", 1, "<name> or '...' expected near <eof>"),
    ("x = 1 +", "m.lua", 1, "unexpected symbol near <eof>"),
    ("\n\na b c", "m.lua", 3, "syntax error near 'b'"),
    ("goto x", "m.lua", 1, "no visible label 'x' for <goto> at line 1"),
    ('x="abc\n"', "m.lua", 1, "unfinished string near '\"abc'"),
    ('error("x")', "m.lua", 1, "x"),
    ('error("two\\nlines")', "m.lua", 1, "two\nlines"),
    ("local x = nil; x.y = 1", "m.lua", 1, "attempt to index a nil value (local 'x')"),
    ('local s = string.rep("x", 1 << 40)', "m.lua", 1, "resulting string too large"),
    ('error("nowhere", 0)', "", 0, "nowhere"),
    ("error({})", "", 0, "(Null error message returned by lua)"),
    ("error()", "", 0, "(Null error message returned by lua)"),
]


@pytest.mark.parametrize(("text", "file", "line", "message"), BROKEN)
def test_broken_texts(lua, text, file, line, message):
    encoded = base64.b64encode(message.encode()).decode()
    expected = f"error=compile_error;file={file};line={line};message={encoded}"
    assert lua.put_module("m.lua", text) == expected
    assert lua.info("udf-get:filename=m.lua") == "error=not_found"


def test_a_broken_text_leaves_the_old_one(lua):
    lua.put_module("m.lua", "function f(rec) return true end")
    assert lua.put_module("m.lua", "function f(").startswith("error=compile_error")
    assert result(lua.call("k", "m", "f")) == (0, "SUCCESS", b"\1")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("filename=x;content=eD0x;content-len=4", "error=invalid_filename"),
        ("filename=x.;content=eD0x;content-len=4", "error=invalid_filename"),
        ("filename=.lua;content=eD0x;content-len=4", "error=invalid_filename"),
        (f"filename={'x' * 124}.lua;content=eD0x;content-len=4", "error=invalid_filename"),
        (f"filename={'x' * 123}.lua;content=eD0x;content-len=4", "ok"),
        ("content=eD0x;content-len=4", "error=invalid_filename"),
        ("filename=x.lua;content=eD0x;content-len=5", "error=invalid_content_len"),
        ("filename=x.lua;content=eD0x", "error=invalid_content_len"),
        ("filename=x.lua;content=eD0x;content-len=8", "error=invalid_content"),
        ("filename=x.lua;content-len=4", "error=invalid_content"),
        ("filename=x.lua;content=e*0x;content-len=4", "error=invalid_base64_content"),
        ("filename=x.lua;content=;content-len=0", "error=invalid_base64_content"),
        ("filename=x.lua;content=eD0x;content-len=4;udf-type=JS", "error=invalid_udf_type"),
        ("filename=x.lua;content=eD0x;content-len=4", "ok"),
        ("filename=x.txt;content=eD0x;content-len=4", "ok"),
    ],
)
def test_put(lua, command, answer):
    assert lua.info(f"udf-put:{command}") == answer


def test_a_text_of_more_than_a_megabyte(lua):
    assert lua.put_module("m.lua", "--" + "x" * (1 << 20)) == "error=invalid_udf_content_len,>1M"


def test_modules_require_modules(lua):
    lua.put_module("base.lua", "local M = {} function M.one() return 1 end return M")
    lua.put_module("top.lua", "local base = require('base') function f(rec) return base.one() end")
    assert result(lua.call("k", "top", "f"))[2][-1:] == b"\1"
    lua.put_module("base.lua", "local M = {} function M.one() return 2 end return M")
    assert result(lua.call("k", "top", "f"))[2][-1:] == b"\2"


def test_modules_that_require_globals(lua):
    lua.put_module("base.lua", "function shared() return true end")
    lua.put_module("top.lua", "require 'base' function f(rec) return shared() end")
    assert result(lua.call("k", "top", "f")) == (0, "SUCCESS", b"\1")
    lua.put_module("other.lua", "function f(rec) return shared == nil end")
    assert result(lua.call("k", "other", "f")) == (0, "SUCCESS", b"\1")


def test_a_required_module_that_is_missing(lua):
    answer = lua.put_module("m.lua", "require('none')")
    assert answer.startswith("error=compile_error;file=m.lua;line=1;message=")
    assert b"module 'none' not found" in base64.b64decode(answer.partition("message=")[2])


def test_modules_that_require_each_other(lua):
    lua.put_module("a.lua", "function f(rec) return true end")
    lua.put_module("b.lua", "require('a')")
    answer = lua.put_module("a.lua", "require('b') function f(rec) return true end")
    assert answer.startswith(("ok", "error=compile_error"))
    assert lua.put_module("c.lua", "function f(rec) return true end") == "ok"
    assert result(lua.call("k", "c", "f")) == (0, "SUCCESS", b"\1")


def test_a_removed_module_is_gone(lua):
    lua.put_module("m.lua", "function f(rec) return true end")
    assert result(lua.call("k", "m", "f")) == (0, "SUCCESS", b"\1")
    assert lua.remove_module("m.lua") == "ok"
    assert result(lua.call("k", "m", "f")) == (100, "FAILURE", b"UDF: Execution Error 1")


def test_a_module_that_runs_once_a_state(lua):
    lua.put_module("m.lua", "n = 0 function f(rec) n = n + 1 return n end")
    answers = [result(lua.call("k", "m", "f"))[2][-1] for _ in range(3)]
    assert answers == [1, 2, 3]
    assert lua.info("udf-clear-cache:") == "ok"
    assert result(lua.call("k", "m", "f"))[2][-1] == 1


def test_other_extensions_are_no_modules(lua):
    lua.put_module("m.txt", "function f(rec) return true end")
    assert result(lua.call("k", "m", "f")) == (100, "FAILURE", b"UDF: Execution Error 1")
