"""Aggregations whose client's share is a module in a folder of the program's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.errors import ParameterError, UDFError
from aerodbapi.native.aio import AsyncClient
from aerodbapi.native.client import Client

pytest.importorskip("lupa.lua54")

NODES = "function total(s) return s : map(function(r) return r.n end) : reduce(math.max) end"
LOCAL = (
    "local function add(a, b) return a + b end\n"
    "function total(s) return s : map(function(r) return r.n end) : reduce(add) end"
)


def _filled(client: Any) -> None:
    for number in range(20):
        client.put(("test", "lua", number), {"n": 1})


def test_the_folder_goes_before_the_nodes(tmp_path: Path) -> None:
    (tmp_path / "m.lua").write_text(LOCAL)
    with Client({"lua": {"user_path": str(tmp_path)}}) as client:
        _filled(client)
        client.udf_put("m.lua", source=LOCAL)
        assert client.query("test", "lua").apply("m", "total").results() == [20]
        (tmp_path / "m.lua").write_text(NODES)
        assert client.query("test", "lua").apply("m", "total").results() == [1]


def test_what_is_not_in_the_folder_is_the_nodes(tmp_path: Path) -> None:
    with Client({"lua": {"user_path": str(tmp_path)}}) as client:
        _filled(client)
        client.udf_put("m.lua", source=LOCAL)
        assert client.query("test", "lua").apply("m", "total").results() == [20]


def test_a_broken_module_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "m.lua").write_text("function total(s")
    with Client({"lua": {"user_path": str(tmp_path)}}) as client:
        _filled(client)
        client.udf_put("m.lua", source=LOCAL)
        with pytest.raises(UDFError):
            client.query("test", "lua").apply("m", "total").results()


def test_awaited(tmp_path: Path) -> None:
    (tmp_path / "m.lua").write_text(LOCAL)

    async def main() -> Any:
        async with AsyncClient({"lua": {"user_path": str(tmp_path)}}) as client:
            for number in range(5):
                await client.put(("test", "lua", number), {"n": 2})
            await client.udf_put("m.lua", source=LOCAL)
            return await client.query("test", "lua").apply("m", "total").results()

    assert asyncio.run(main()) == [10]


@pytest.mark.parametrize("lua", [5, {"user_path": 5}])
def test_wrong_folders(lua: Any) -> None:
    with pytest.raises(ParameterError):
        Client({"lua": lua})
