"""Lists and maps both ways, their order, and bytes that no server sends."""

from __future__ import annotations

import itertools
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.protocol import cdt, cdt_reader, msgpack_plain
from aerodbapi.protocol.cdt_reader import FlatMap
from aerodbapi.types import INFINITY, WILDCARD, GeoJSON, HyperLogLog, KeyOrderedDict
from tests.protocol.strategies import CDT_VALUES

#: Value and bytes: the same both ways.
BOTH_WAYS = [
    (None, "c0"),
    (True, "c3"),
    (127, "7f"),
    (128, "cc80"),
    (256, "cd0100"),
    (1 << 16, "ce00010000"),
    (1 << 32, "cf0000000100000000"),
    ((1 << 63) - 1, "cf7fffffffffffffff"),
    (-1, "ff"),
    (-33, "d0df"),
    (-129, "d1ff7f"),
    (-(1 << 15) - 1, "d2ffff7fff"),
    (-(1 << 63), "d38000000000000000"),
    (1.5, "cb3ff8000000000000"),
    ("", "a103"),
    ("a", "a20361"),
    ("x" * 31, "d92003" + "78" * 31),
    ("é", "a303c3a9"),
    (b"", "a104"),
    (b"\xff\x80", "a304ff80"),
    (HyperLogLog(b"\1"), "a21201"),
    (GeoJSON("{}"), "a3177b7d"),
    ([], "90"),
    ([1, "a", b"x", 2.5, True, None], "9601a20361a20478cb4004000000000000c3c0"),
    ({"a": [1], "b": 1}, "82a203619101a2036201"),
    (KeyOrderedDict(a=1, b=2), "83c70001c0a2036101a2036202"),
    ({b"k": 1}, "81a2046b01"),
    (INFINITY, "d4ff01"),
    (WILDCARD, "d4ff00"),
    ([1, WILDCARD], "9201d4ff00"),
    ({"a": [INFINITY]}, "81a2036191d4ff01"),
    ([b"\xff\xd4\xff\x00"], "91a504ffd4ff00"),
]

#: Bytes that other clients and servers write, and their value.
READ_ONLY = [
    ("ca3fc00000", 1.5),
    ("c4020361", "a"),
    ("c50002046b", b"k"),
    ("c6000000020361", "a"),
    ("da00020361", "a"),
    ("db000000020361", "a"),
    ("a0", b""),
    ("a20761", b"a"),
    ("a4036361ff", "ca\udcff"),
    ("92c7000105", [5]),
    ("92c7001105", [5]),
    ("93c700010405", [4, 5]),
    ("82c70003c0a2036101", {"a": 1}),
    ("82c70000c00102", {1: 2}),
    ("83c70008c0a2036201a2036102", ["b", 1, "a", 2]),
    ("82c70008c09101a20361", [[1], "a"]),
    ("cfffffffffffffffff", -1),
    ("91cf8000000000000000", [-(1 << 63)]),
    ("8101cfffffffffffffffff", {1: -1}),
    ("81c7000105", KeyOrderedDict()),
    ("8181010203", {((1, 2),): 3}),
    ("81cb3ff800000000000001", {1.5: 1}),
    ("81c001", {None: 1}),
    ("81c301", {True: 1}),
    ("819201a2036101", {(1, "a"): 1}),
    ("8192019202a2046201", {(1, (2, b"b")): 1}),
]

UNPACKABLE = [
    1 << 63,
    -(1 << 63) - 1,
    [1 << 64],
    {"a": Ellipsis},
    {1.5: 1},
    {None: 1},
    {True: 1},
    {(1, 2): 1},
    {"a": 1, 2.5: 2},
    KeyOrderedDict({1.5: 1}),
    {1, 2},
    "\ud800",
    {"\ud800": 1, 1: 1},
    [1j],
]

MALFORMED = [
    "",
    "c1",
    "9101c0",
    "0101",
    "92",
    "81",
    "8101",
    "a3",
    "d9ff03",
    "dcffff",
    "ddffffffff",
    "df7fffffff",
    "dbffffffff03",
    "cb00",
    "c7",
    "c70001",
    "9201c70001",
    "8101c70001",
    "8201c0c70001c0",
    "d4ff02",
    "c702ff0000",
    "d6ff00000000",
    "91d6ff00000000",
    "8101d6ff00000000",
    "81d6ff0000000001",
    "c70cff000000000000000000000000",
    "d7ffffffffff00000000",
    "91" * 5000 + "c0",
    "81" * 5000 + "c0",
    "91" * 700 + "d4ff00",
    "91" * 900 + "cfffffffffffffffff"[:8],
    "91d4ff00c1",
    "81d4ff00",
    "82a317ff7b01a317ff7b02",
]


@pytest.mark.parametrize(("value", "data"), BOTH_WAYS)
def test_both_ways(value: Any, data: str) -> None:
    assert cdt.pack(value).hex() == data
    read = cdt.unpack(bytes.fromhex(data))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(("data", "value"), READ_ONLY)
def test_read(data: str, value: Any) -> None:
    read = cdt.unpack(bytes.fromhex(data))
    assert read == value
    assert type(read) in (type(value), KeyOrderedDict, FlatMap)


@given(CDT_VALUES)
def test_round_trip(value: Any) -> None:
    read = cdt.unpack(cdt.pack(value))
    assert read == value
    assert cdt.pack(read) == cdt.pack(value)


@given(CDT_VALUES)
def test_both_readers_agree(value: Any) -> None:
    data = cdt.pack([value])
    plain = msgpack_plain.unpack(data, False, cdt_reader._list, cdt_reader._map, cdt_reader._ext)
    assert plain == cdt.unpack(data)
    raw = msgpack_plain.unpack(data, True, None, list, cdt_reader._ext)
    assert repr(raw) == repr(cdt.unpack_raw(data))


@pytest.mark.parametrize("length", [0, 15, 16, 31, 32, 255, 256, 65535, 65536])
def test_lengths(length: int) -> None:
    for value in (
        "x" * length,
        b"\xff" * length,
        list(range(length)),
        {i: i for i in range(length)},
    ):
        assert cdt.unpack(cdt.pack(value)) == value
        assert cdt.unpack(cdt.pack([value, WILDCARD])) == [value, WILDCARD]


@pytest.mark.parametrize("value", UNPACKABLE, ids=repr)
def test_what_cannot_be_stored(value: Any) -> None:
    with pytest.raises(DataError):
        cdt.pack(value)


def test_nesting_too_deep_to_write() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(DataError):
        cdt.pack(deep)
    assert cdt.pack([1]) == b"\x91\x01"


@pytest.mark.parametrize("data", MALFORMED, ids=lambda data: data[:24])
def test_malformed(data: str) -> None:
    with pytest.raises(ProtocolError):
        cdt.unpack(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["", "c1", "9101c0", "92", "d6ff00000000", "91d4ff05"])
def test_malformed_raw(data: str) -> None:
    with pytest.raises(ProtocolError):
        cdt.unpack_raw(bytes.fromhex(data))


def test_raw() -> None:
    data = bytes.fromhex("93a173a2036182c70001c0a2046201")
    name, text, pairs = cdt.unpack_raw(data)
    assert (name, text) == (b"s", b"\x03a")
    assert [type(pairs[0][0]), pairs[0][0].value, pairs[1]] == [cdt.Flags, 1, (b"\x04b", 1)]
    assert cdt.typed(text) == "a"
    assert cdt.unpack_raw(b"\x91\xd4\xff\x00") == [WILDCARD]


def test_dicts_are_written_in_order() -> None:
    mixed = {b"b": 1, "b": 2, 2: 3, "a": 5, -1: 6, b"a": 7}
    assert list(cdt.unpack(cdt.pack(mixed))) == [-1, 2, "a", "b", b"a", b"b"]
    assert list(cdt.unpack(cdt.pack({"b": 1, "é": 2, "a": 3, "Z": 4}))) == ["Z", "a", "b", "é"]


def test_a_packer_survives_a_failure() -> None:
    for _ in range(3):
        with pytest.raises(DataError):
            cdt.pack_lowered([1, 1 << 70])
        assert cdt.pack([1, "a"]).hex() == "9201a20361"


def test_the_library_may_be_its_python_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    from msgpack import fallback

    monkeypatch.setattr(msgpack, "unpackb", fallback.unpackb)
    for value, data in BOTH_WAYS:
        assert cdt.unpack(bytes.fromhex(data)) == value
    for text in MALFORMED:
        with pytest.raises(ProtocolError):
            cdt.unpack(bytes.fromhex(text))


# ---- order -------------------------------------------------------------------------------------

#: Ascending, each strictly above the one before.
ASCENDING: list[Any] = [
    None,
    False,
    True,
    -(1 << 63),
    -1,
    0,
    1,
    (1 << 63) - 1,
    "",
    "A",
    "a",
    "aa",
    "b",
    "é",
    "\uffff",
    "\U0001f600",
    [],
    [None],
    [0],
    [0, 0],
    [1],
    ["a"],
    {},
    {2: 0},
    {"a": 0},
    {"a": 1},
    {1: 0, 2: 0},
    b"",
    b"a",
    b"aa",
    b"b",
    HyperLogLog(b""),
    float("-inf"),
    -1.0,
    0.0,
    1.0,
    GeoJSON('{"a":1}'),
    GeoJSON('{"b":1}'),
    WILDCARD,
    INFINITY,
]


@pytest.mark.parametrize(("low", "high"), list(itertools.pairwise(ASCENDING)), ids=repr)
def test_order(low: Any, high: Any) -> None:
    assert cdt.sort_key(low) < cdt.sort_key(high)
    assert not cdt.sort_key(high) < cdt.sort_key(low)


@given(st.permutations(ASCENDING))
def test_order_is_total(values: list[Any]) -> None:
    assert list(map(repr, sorted(values, key=cdt.sort_key))) == list(map(repr, ASCENDING))


def test_order_of_kin() -> None:
    assert cdt.sort_key((1, 2)) == cdt.sort_key([1, 2])
    assert cdt.sort_key(bytearray(b"a")) == cdt.sort_key(b"a")
    assert cdt.sort_key(KeyOrderedDict(a=1)) == cdt.sort_key({"a": 1})
    assert sorted([1.0, float("nan"), 0.0], key=cdt.sort_key)[1:] == [0.0, 1.0]
    for wrong in (Ellipsis, {1, 2}, "\ud800"):
        with pytest.raises(DataError):
            cdt.sort_key(wrong)
