"""Particles both ways."""

from __future__ import annotations

import decimal
from collections import OrderedDict
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.protocol.flags import ParticleType as P
from aerodbapi.protocol.particles import decode, encode
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict
from tests.protocol.strategies import BIN_VALUES

POINT = '{"type":"Point","coordinates":[1.0,2.0]}'

#: Value, type, bytes: the same both ways.
BOTH_WAYS = [
    (None, P.NULL, ""),
    (0, P.INTEGER, "0000000000000000"),
    (-1, P.INTEGER, "ffffffffffffffff"),
    ((1 << 63) - 1, P.INTEGER, "7fffffffffffffff"),
    (-(1 << 63), P.INTEGER, "8000000000000000"),
    (1.5, P.DOUBLE, "3ff8000000000000"),
    (float("-inf"), P.DOUBLE, "fff0000000000000"),
    ("", P.STRING, ""),
    ("é", P.STRING, "c3a9"),
    ("\0", P.STRING, "00"),
    (b"", P.BLOB, ""),
    (b"\0\xff", P.BLOB, "00ff"),
    (False, P.BOOL, "00"),
    (True, P.BOOL, "01"),
    (HyperLogLog(b"\1"), P.HLL, "01"),
    ([], P.LIST, "90"),
    ({}, P.MAP, "80"),
    (KeyOrderedDict(), P.MAP, "81c70001c0"),
    (GeoJSON(POINT), P.GEOJSON, "000000" + POINT.encode().hex()),
]


class Colour(IntEnum):
    RED = 1


#: Value, and what it is read back as.
ONE_WAY = [
    (bytearray(b"a"), b"a"),
    (memoryview(b"a"), b"a"),
    ((1, "a"), [1, "a"]),
    (OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
    (Colour.RED, 1),
]

UNSTORABLE = [1 << 63, -(1 << 63) - 1, 1j, decimal.Decimal(1), {1}, Ellipsis, "\ud800", range(3)]

MALFORMED = [
    (P.NULL, b"x"),
    (P.INTEGER, b""),
    (P.INTEGER, bytes(7)),
    (P.INTEGER, bytes(9)),
    (P.DOUBLE, bytes(4)),
    (P.BOOL, b""),
    (P.BOOL, b"\0\0"),
    (P.LIST, b""),
    (P.MAP, b"\x81"),
    (P.GEOJSON, b""),
    (P.GEOJSON, b"\0\0\1{}"),
    (P.GEOJSON, b"\0\xff\xff"),
    (24, b""),
    (255, b"x"),
]


@pytest.mark.parametrize(("value", "type", "data"), BOTH_WAYS)
def test_both_ways(value: Any, type: int, data: str) -> None:
    assert encode(value) == (type, bytes.fromhex(data))
    decoded = decode(type, bytes.fromhex(data))
    assert decoded == value
    assert decoded.__class__ is value.__class__


@pytest.mark.parametrize(("value", "read"), ONE_WAY)
def test_one_way(value: Any, read: Any) -> None:
    decoded = decode(*encode(value))
    assert decoded == read
    assert type(decoded) is type(read)


@given(BIN_VALUES)
def test_round_trip(value: Any) -> None:
    decoded = decode(*encode(value))
    assert decoded == value
    assert type(decoded) is type(value)


def test_nan() -> None:
    value = decode(*encode(float("nan")))
    assert value != value


@pytest.mark.parametrize("value", UNSTORABLE, ids=repr)
def test_unstorable(value: Any) -> None:
    with pytest.raises(DataError) as caught:
        encode(value)
    assert type(value).__name__ in str(caught.value) or isinstance(value, (int, str))


@pytest.mark.parametrize(("type", "data"), MALFORMED)
def test_malformed(type: int, data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(type, data)


@pytest.mark.parametrize("type", range(7, 13))
def test_blobs_of_other_languages(type: int) -> None:
    assert decode(type, b"\x80x") == b"\x80x"


def test_the_servers_cells_are_dropped() -> None:
    shape = decode(P.GEOJSON, b"\0\0\1" + bytes(8) + POINT.encode())
    assert shape.text == POINT


def test_text_that_is_not_utf8_is_written_back_as_it_was() -> None:
    assert encode(decode(P.STRING, b"caf\xe9")) == (P.STRING, b"caf\xe9")


def test_views_are_read_too() -> None:
    assert decode(P.STRING, memoryview(b"ab")) == "ab"  # type: ignore[arg-type]
