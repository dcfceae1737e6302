"""The matcher that can be interrupted finds what the library's finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.udf.runtime import Runtime

pytest.importorskip("lupa.lua54")

#: Answers of both matchers as text: the library's own, and the other one on the same call.
MODULE = b"""
local function answer(...)
  local found = table.pack(pcall(...))
  for i = 1, found.n do
    found[i] = tostring(found[i])
  end
  return table.concat(found, "|", 1, found.n)
end
local function all(gmatch, text, pattern)
  local out = {}
  for a, b in gmatch(text, pattern) do
    out[#out + 1] = tostring(a) .. ":" .. tostring(b)
  end
  return table.concat(out, ",")
end
function both(slow, fast, name, text, pattern, ...)
  if name == "gmatch" then
    return answer(all, slow.gmatch, text, pattern), answer(all, fast.gmatch, text, pattern)
  end
  return answer(slow[name], text, pattern, ...), answer(fast[name], text, pattern, ...)
end
"""


@pytest.fixture(scope="module")
def both():
    runtime = Runtime(lambda name: None)
    compare = runtime._lua.compile(MODULE + b" return both")()
    ours, library = (runtime._host[name] for name in (b"matcher", b"library_matcher"))

    def run(name, text, pattern, *rest):
        found, expected = compare(ours, library, name, text, pattern, *rest)
        # The library's messages begin with a place.
        expected = re.sub(rb"^false\|\[string [^]]*\]:\d+: ", b"false|", expected)
        assert found == expected, (name, text, pattern)

    return run


WORDS = rb"""
a*b a-b a+ a?b? ^a b$ ^$ . .- (a)(b) (a*(.)b) ()a() %a+ %d %S [ab] [^ab] [a-c]+ []] [^]] [%a_]
[a-] [-a] %b() %f[%a]%a+ (.)%1 (a)(%1) %% %. $a a$b ^^a a^b ((((a)))) a.-b.-c %g%p%c%x%l%u%w%s
[ [a % ( ) (() %1 %b %bx %f %fa [% (a%1) [a%] b
"""
PATTERNS = [*WORDS.split(), b"\0+", b"[\0-\x7f]", b""]
TEXTS = [b"", b"a", b"aab", b"abcabc", b"(a(b)c)", b"hello world", b"a.b%c", b"a\0b", b"x]y-Z 1"]
ITEMS = [b"a", b"b", b".", b"%a", b"%d", b"[ab]", b"[^c]", b"(", b")", b"%1", b"%b()"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_tables(both, pattern):
    for text in TEXTS:
        for init in (None, 1, 2, -1, 0, 99, -99):
            both(b"find", text, pattern, init)
            both(b"match", text, pattern, init)
        both(b"gmatch", text, pattern)
        for template in (b"<%0>", b"<%1>", b"%%", b"x", b"%", b"%2", b"%z"):
            both(b"gsub", text, pattern, template)
            both(b"gsub", text, pattern, template, 1)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=12).map(lambda raw: bytes(b"ab(c)1 %"[byte % 8] for byte in raw)),
    st.lists(
        st.sampled_from(
            [b"a", b"b", b".", b"%a", b"%d", b"[ab]", b"[^c]", b"(", b")", b"%1", b"%b()"]
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from([b"", b"*", b"+", b"-", b"?"]), min_size=5, max_size=5),
)
def test_random(both, text, items, suffixes):
    pattern = b"".join(item + suffix for item, suffix in zip(items, suffixes, strict=False))
    both(b"find", text, pattern)
    both(b"gmatch", text, pattern)
    both(b"gsub", text, pattern, b"[%0]")
