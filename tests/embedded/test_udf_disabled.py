"""A node that stores modules in Lua and does not run them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import Error
from aerodbapi.native.client import Client

MODULE = "function one(rec) return 1 end function all(s) return s end"


@pytest.fixture
def client() -> Iterator[Client]:
    node = EmbeddedNode(udf_execution=False)
    with serve(node, port=0), Client({"hosts": [node.address]}) as client:
        client.put(("test", "s", 1), {"n": 1})
        yield client
    node.close()


def test_nothing_is_run(client: Client) -> None:
    pytest.importorskip("lupa.lua54")
    client.udf_put("m.lua", source=MODULE)
    assert [module.name for module in client.udf_list()] == ["m.lua"]
    with pytest.raises(Error) as caught:
        client.apply(("test", "s", 1), "m", "one")
    assert caught.value.result_code == 22
    with pytest.raises(Error) as caught:
        client.query("test", "s").apply("m", "all").results()
    assert caught.value.result_code == 22
    with pytest.raises(Error) as caught:
        client.query("test", "s").apply("m", "one").execute_background()
    assert caught.value.result_code == 22
    assert client.batch_apply([("test", "s", 1)], "m", "one")[0].result == 22


def test_it_says_so(client: Client) -> None:
    (answer,) = client.info_all("get-config:context=service").values()
    assert "disable-udf-execution=true" in answer
