"""Hundreds of Lua functions: the node answers as a server of version 8.1.2 did.

expected.json holds what the server answered (see udf/scenarios.py); with `--hosts` the same
answers are expected of the cluster that is named.
"""

from __future__ import annotations

import json

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.conftest import parse_hosts
from tests.embedded.udf import scenarios
from tests.embedded.udf.endpoint import Lua, Remote

pytest.importorskip("lupa.lua54")

EXPECTED = json.loads(scenarios.EXPECTED.read_text(encoding="utf-8"))
SNIPPETS = scenarios.snippets()


@pytest.fixture(scope="module")
def lua(request):
    hosts = request.config.getoption("--hosts")
    if hosts is None:
        node = EmbeddedNode()
        node.namespace("test").default_ttl = scenarios.DEFAULT_TTL
        lua = Lua(node)
    else:
        lua = Lua(Remote(parse_hosts(hosts)[0]))
    scenarios.register(lua)
    yield lua
    for module in ("t_snippets.lua", "t_bytes.lua", "t_streams.lua"):
        lua.remove_module(module)


@pytest.mark.parametrize("number", range(len(SNIPPETS)), ids=lambda n: SNIPPETS[n][:60])
def test_snippet(lua, number):
    on_missing, on_record = EXPECTED["snippets"][SNIPPETS[number]]
    assert scenarios.run_snippet(lua, number, exists=False) == on_missing
    assert scenarios.run_snippet(lua, number, exists=True) == on_record


def test_bytes(lua):
    calls = list(scenarios.bytes_calls())
    assert len(calls) == len(EXPECTED["bytes"])
    for args, expected in zip(calls, EXPECTED["bytes"], strict=True):
        assert scenarios.run_bytes_call(lua, args) == expected, args


@pytest.fixture(scope="module")
def filled(lua):
    scenarios.fill(lua)
    yield lua
    for n in range(scenarios.RECORDS):
        lua.remove(n)


@pytest.mark.parametrize("function", EXPECTED["streams"])
def test_stream(filled, function):
    expected = EXPECTED["streams"][function]
    found = scenarios.run_stream(filled, function)
    if function in scenarios.STREAM_FAILURES_DIFFER:
        assert found[0] == expected[0]
        assert found[1].rpartition(": ")[2][:20] == expected[1].rpartition(": ")[2][:20]
    else:
        assert found == expected
