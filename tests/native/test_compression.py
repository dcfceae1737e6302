"""Compressed requests, and lists and maps left packed: policies `compress`, `deserialize`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.embedded.node import EmbeddedNode, Session
from aerodbapi.embedded.server import serve
from aerodbapi.native import operations
from aerodbapi.native.client import Client
from aerodbapi.protocol import cdt
from aerodbapi.protocol.flags import Info1
from aerodbapi.protocol.frame import COMPRESSED, HEADER_SIZE, compress, decompress, frame


class Compressing(EmbeddedNode):
    """A node that takes and gives compressed frames, as Enterprise servers do; notes them."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[int] = []

    def receive(self, request: bytes, peer: Session | None = None) -> Iterator[bytes]:
        if request[1] == 3 or request[1] == COMPRESSED:
            self.kinds.append(request[1])
        if request[1] == COMPRESSED:
            request = frame(*decompress(request[HEADER_SIZE:]))
        wanted = request[1] == 3 and request[HEADER_SIZE + 1] & Info1.COMPRESS_RESPONSE
        for reply in super().receive(request, peer):
            yield compress(reply) if wanted else reply


@pytest.fixture
def node() -> Iterator[Compressing]:
    node = Compressing()
    with serve(node, port=0):
        yield node


LONG = {"text": "x" * 2000}
KEY = ("test", "s", 1)


@pytest.mark.parametrize(
    ("policy", "bins", "kind"),
    [
        ({}, LONG, 3),
        ({"compress": True}, LONG, COMPRESSED),
        ({"compress": True}, {"n": 1}, 3),
        ({"compression_threshold": 1000}, LONG, COMPRESSED),
        ({"compression_threshold": 5000}, LONG, 3),
        ({"compression_threshold": 0}, LONG, 3),
    ],
)
def test_writes(node: Compressing, policy: Any, bins: Any, kind: int) -> None:
    with Client({"hosts": [node.address]}) as client:
        client.put(KEY, bins, policy=policy)
        assert node.kinds == [kind]
        client.batch_write([(KEY, bins)], policy=policy)
        assert node.kinds == [kind, kind]
        assert client.get(KEY).bins == bins


def test_answers(node: Compressing) -> None:
    with Client({"hosts": [node.address], "policies": {"compress": True}}) as client:
        client.put(KEY, LONG)
        assert client.get(KEY).bins == LONG
        assert client.select(KEY, ["text"]).bins == LONG
        assert client.operate(KEY, [operations.read("text")]).bins == LONG
        assert client.batch_read([KEY])[0].record.bins == LONG
        assert [found.bins for found in client.scan("test", "s")] == [LONG]


def test_lists_and_maps_left_packed(client: Any, key: Any) -> None:
    bins = {"l": [1, "a"], "m": {"k": [2]}, "s": "text", "b": b"bytes", "n": 5}
    packed = {**bins, "l": cdt.pack(bins["l"]), "m": cdt.pack(bins["m"])}
    client.put(key, bins)
    policy = {"deserialize": False}
    assert client.get(key, policy=policy).bins == packed
    assert client.select(key, ["l"], policy=policy).bins == {"l": packed["l"]}
    reads = [operations.read("l"), operations.read("m")]
    assert client.operate(key, reads, policy=policy).bins == {"l": packed["l"], "m": packed["m"]}
    found = client.operate_ordered(key, reads, policy=policy).ordered_bins
    assert found == [("l", packed["l"]), ("m", packed["m"])]
    assert client.batch_read([key], policy=policy)[0].record.bins == packed
    assert [record.bins for record in client.scan(*key[:2], policy=policy)] == [packed]
