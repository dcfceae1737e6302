"""Frames: headers, streams cut anywhere, compression."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol.frame import (
    ADMIN,
    COMPRESSED,
    INFO,
    MAX_BODY,
    MESSAGE,
    FrameBuffer,
    compress,
    decompress,
    frame,
    parse_header,
)

FRAMES = st.lists(
    st.tuples(st.sampled_from([INFO, ADMIN, MESSAGE, COMPRESSED]), st.binary(max_size=50)),
    max_size=6,
)

BAD_HEADERS = [
    b"",
    b"\2\3\0\0\0\0\0",
    b"\1\3\0\0\0\0\0\0",
    b"\3\3\0\0\0\0\0\0",
    b"\2\0\0\0\0\0\0\0",
    b"\2\5\0\0\0\0\0\0",
    b"\2\3" + (MAX_BODY + 1).to_bytes(6, "big"),
    b"\2\3\xff\xff\xff\xff\xff\xff",
    b"HTTP/1.1",
]


def test_header() -> None:
    assert frame(MESSAGE, b"abc") == b"\2\3\0\0\0\0\0\3abc"
    assert parse_header(b"\2\3\0\0\0\0\0\3abc") == (MESSAGE, 3)
    assert parse_header(b"\2\1" + MAX_BODY.to_bytes(6, "big")) == (INFO, MAX_BODY)


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_bad_header(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_header(header)
    buffer = FrameBuffer()
    buffer.feed(header)
    if len(header) >= 8:
        with pytest.raises(ProtocolError):
            list(buffer)
    else:
        assert list(buffer) == []


@given(FRAMES, st.integers(1, 20))
def test_stream_cut_anywhere(frames: list[tuple[int, bytes]], step: int) -> None:
    stream = b"".join(frame(kind, body) for kind, body in frames)
    buffer = FrameBuffer()
    found = []
    for begin in range(0, len(stream), step):
        buffer.feed(stream[begin : begin + step])
        found.extend(buffer)
    assert found == frames
    assert len(buffer) == 0


def test_what_is_not_whole_is_held_back() -> None:
    buffer = FrameBuffer()
    buffer.feed(frame(INFO, b"one") + frame(INFO, b"two")[:-1])
    assert list(buffer) == [(INFO, b"one")]
    assert len(buffer) == 10
    assert list(buffer) == []
    buffer.feed(memoryview(b"o"))
    assert list(buffer) == [(INFO, b"two")]


@given(st.sampled_from([INFO, ADMIN, MESSAGE]), st.binary(max_size=2000))
def test_compression(kind: int, body: bytes) -> None:
    outer, length = parse_header(compressed := compress(frame(kind, body)))
    assert (outer, length) == (COMPRESSED, len(compressed) - 8)
    assert decompress(compressed[8:]) == (kind, body)


def _compressed(inner: bytes, size: int) -> bytes:
    return struct.pack(">Q", size) + zlib.compress(inner)


WHOLE = frame(MESSAGE, bytes(100))
BAD_COMPRESSED = {
    "empty": b"",
    "no stream": struct.pack(">Q", 108),
    "not zlib": struct.pack(">Q", 108) + b"not zlib at all",
    "cut": _compressed(WHOLE, 108)[:-8],
    "claims less": _compressed(WHOLE, 107),
    "claims more": _compressed(WHOLE, 109),
    "claims too much": _compressed(WHOLE, 1 << 62),
    "claims nothing": _compressed(b"", 0),
    "holds no frame": _compressed(b"x" * 108, 108),
    "holds more than a frame": _compressed(WHOLE + b"x", 109),
    "holds a compressed frame": _compressed(frame(COMPRESSED, bytes(100)), 108),
    "bomb": _compressed(bytes(1 << 24), 108),
}


@pytest.mark.parametrize("name", BAD_COMPRESSED)
def test_bad_compressed_body(name: str) -> None:
    with pytest.raises(ProtocolError):
        decompress(BAD_COMPRESSED[name])
