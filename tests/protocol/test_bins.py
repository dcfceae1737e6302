"""The two decoders of bins, plain and compiled, give the same values and refuse the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import bins as plain
from aerodbapi.protocol.particles import encode

try:
    from aerodbapi.protocol import _bins as compiled
except ImportError:
    compiled = None  # type: ignore[assignment]

Decoder = Callable[[bytes, int, int, "dict[str, Any]"], int]
DECODERS = [
    pytest.param(plain.decode_bins, id="plain"),
    pytest.param(
        compiled and compiled.decode_bins,
        id="compiled",
        marks=pytest.mark.skipif(compiled is None, reason="there was no C compiler"),
    ),
]
READ = 1


def op(name: bytes, kind: int, value: bytes) -> bytes:
    size = 4 + len(name) + len(value)
    return size.to_bytes(4, "big") + bytes((READ, kind, 0, len(name))) + name + value


VALUES = {
    "i": -5,
    "max": 2**63 - 1,
    "min": -(2**63),
    "f": 1.5,
    "inf": float("-inf"),
    "s": "text",
    "empty": "",
    "ü": "Grüße, 世界",
    "b": True,
    "y": b"\x00\xff",
    "l": [1, "two", [3.0]],
    "m": {"a": 1},
    "a name of 15 by": 0,
}


@pytest.mark.parametrize("decode", DECODERS)
def test_values(decode: Decoder) -> None:
    body = b"##" + b"".join(op(name.encode(), *encode(value)) for name, value in VALUES.items())
    for _ in range(2):  # the second time, names are known
        found: dict[str, Any] = {}
        assert decode(body, 2, len(VALUES), found) == len(body)
        assert found == VALUES
        assert [type(value) for value in found.values()] == [type(v) for v in VALUES.values()]


@pytest.mark.parametrize("decode", DECODERS)
def test_text_and_names_that_are_no_utf8_survive(decode: Decoder) -> None:
    body = op(b"\xff\xfe", 3, b"a\xff") + op(b"x" * 40, 1, bytes(8))
    found: dict[str, Any] = {}
    assert decode(body, 0, 2, found) == len(body)
    assert found == {"\udcff\udcfe": "a\udcff", "x" * 40: 0}


@pytest.mark.parametrize("decode", DECODERS)
def test_the_last_of_a_name_stays(decode: Decoder) -> None:
    found: dict[str, Any] = {"kept": 1}
    decode(op(b"a", 1, bytes(8)) + op(b"a", 3, b"x"), 0, 2, found)
    assert found == {"kept": 1, "a": "x"}


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0",
        op(b"a", 1, bytes(8))[:-1],
        op(b"a", 3, b"text")[:-1],
        op(b"a", 1, bytes(7)),
        op(b"a", 1, bytes(9)),
        op(b"a", 2, bytes(7)),
        op(b"a", 17, b""),
        b"\0\0\0\x02" + op(b"abc", 3, b"")[4:],
        b"\xff\xff\xff\xff" + op(b"a", 3, b"x")[4:],
    ],
    ids=range(10),
)
def test_broken_bytes(decode: Decoder, body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body, 0, 1, {})


@pytest.mark.skipif(compiled is None, reason="there was no C compiler")
@given(
    st.lists(
        st.tuples(st.binary(max_size=20), st.integers(0, 24), st.binary(max_size=20)), max_size=5
    ),
    st.integers(-3, 3),
    st.integers(0, 6),
    st.binary(max_size=3),
)
@example([(b"a", 2, bytes(8))], 0, 1, b"")
def test_both_do_the_same(
    ops: list[tuple[bytes, int, bytes]], cut: int, count: int, tail: bytes
) -> None:
    body = b"".join(op(*each) for each in ops)
    body = (body[:cut] if cut < 0 else body) + tail
    assert outcome(plain.decode_bins, body, count) == outcome(compiled.decode_bins, body, count)


def outcome(decode: Decoder, body: bytes, count: int) -> tuple[Any, str]:
    found: dict[str, Any] = {}
    try:
        end: Any = decode(body, 0, count, found)
    except ProtocolError:
        return ProtocolError, ""  # what was decoded before is of no use to anyone
    return end, repr(found)
