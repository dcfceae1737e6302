"""Whatever bytes come, decoders return a value or raise ProtocolError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import (
    admin,
    batch,
    cdt,
    commands,
    frame,
    info,
    message,
    particles,
    partitions,
    query,
)
from aerodbapi.types import WILDCARD, GeoJSON, KeyOrderedDict
from tests.protocol import recorded
from tests.protocol.strategies import damaged


def bodies(direction: str) -> list[bytes]:
    return [
        whole[frame.HEADER_SIZE :]
        for name in recorded.EXCHANGES
        for whole in recorded.frames(name, direction)
        if len(whole) < 1000
    ]


REQUESTS, REPLIES = bodies(">"), bodies("<")
CDT = [
    cdt.pack(value)
    for value in (
        [1, "a", b"b", 1.5, None, True, 1 << 62, -(1 << 40)],
        {"a": [{"b": 1}], 2: GeoJSON("{}"), b"x": {}},
        KeyOrderedDict({1: [1, 2], b"k": "v"}),
        [WILDCARD, [[[[]]]], {"m": WILDCARD}],
    )
] + [bytes.fromhex("83c70008c0a2036101a2036202"), bytes.fromhex("92c7000105")]
BATCHES = [
    value
    for name in recorded.EXCHANGES
    if name.startswith("batch")
    for m in message.messages(recorded.requests(name)[0][8:])
    for type, value in m.fields
    if type == 41
]
TEXTS = [b"0,3000,[[A,,[h:1,[::1]:2]]]", b"test:0,1," + b"A" * 683 + b"=", b"ERROR:4:x", b"a=b;c"]
ADMIN = [admin.login_request("u", b"p")[8:], admin.authenticate_request("u", b"t")[8:]]
COMPRESSED = [frame.compress(frame.frame(frame.MESSAGE, body))[8:] for body in REPLIES[:8]]


def ask_node(body: bytes) -> None:
    for m in message.messages(body):
        query.parse_query(m)


def stream(body: bytes) -> None:
    buffer = frame.FrameBuffer()
    for begin in range(0, len(body), 7):
        buffer.feed(body[begin : begin + 7])
        list(buffer)


def text(decode: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda body: decode(body.decode("utf-8", "surrogateescape"))


def particle(body: bytes) -> None:
    particles.decode(body[0] if body else 0, body[1:])


DECODERS: dict[str, tuple[Callable[[bytes], Any], list[bytes]]] = {
    "message": (lambda body: list(message.messages(body)), REPLIES + REQUESTS),
    "reply": (commands.decode_reply, REPLIES),
    "ordered reply": (commands.decode_reply_ordered, REPLIES),
    "batch": (batch.decode_batch, REPLIES),
    "batch request": (batch.decode_batch_request, BATCHES),
    "batch flags": (batch.batch_flags, BATCHES),
    "query": (query.decode_query_frame, REPLIES),
    "columns": (lambda body: query.decode_query_columns(body, ["i", "m"]), REPLIES),
    "query request": (ask_node, REQUESTS),
    "index range": (query.decode_index_range, [b"\1\1i\1" + b"\0\0\0\10" * 4]),
    "cdt": (cdt.unpack, CDT),
    "raw cdt": (cdt.unpack_raw, CDT),
    "particle": (particle, [bytes([type]) + data for type in (19, 20, 23) for data in CDT]),
    "admin": (admin.decode_request, ADMIN),
    "info reply": (info.decode_reply, TEXTS),
    "info request": (info.decode_request, TEXTS),
    "info error": (text(info.error_of), TEXTS),
    "replicas": (text(partitions.decode_replicas), TEXTS),
    "peers": (text(partitions.decode_peers), TEXTS),
    "frames": (stream, [frame.frame(3, body) for body in REPLIES]),
    "compressed": (frame.decompress, COMPRESSED),
}


def refusal(name: str, body: bytes) -> str | None:
    """Why the decoder refuses these bytes; None when it takes them."""
    try:
        DECODERS[name][0](body)
    except ProtocolError as error:
        return error.message
    return None


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_damaged(name: str, data: st.DataObject) -> None:
    assert refusal(name, data.draw(damaged(DECODERS[name][1]))) != ""


@pytest.mark.parametrize("name", DECODERS)
@given(body=st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_random(name: str, body: bytes) -> None:
    assert refusal(name, body) != ""
