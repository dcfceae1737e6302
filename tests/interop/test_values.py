"""Values and keys of every type, written and read back by the official client."""

from __future__ import annotations

import math
from typing import Any

import aerospike
import pytest

from tests.interop.conftest import Key, code_of

POINT = '{"type": "Point", "coordinates": [1.5, 2]}'

VALUES: list[tuple[str, Any]] = [
    ("zero", 0),
    ("one", 1),
    ("minus_one", -1),
    ("int8_edge", 128),
    ("int16_edge", -32769),
    ("int32_edge", 2**31),
    ("uint32_edge", 2**32),
    ("int64_max", 2**63 - 1),
    ("int64_min", -(2**63)),
    ("float", 1.5),
    ("float_tiny", 5e-324),
    ("float_negative_zero", -0.0),
    ("infinity", math.inf),
    ("minus_infinity", -math.inf),
    ("empty_string", ""),
    ("string", "ascii"),
    ("unicode", "Zürich 東京 🛫"),
    ("long_string", "x" * 100_000),
    ("empty_bytes", b""),
    ("bytes", b"\x00\x01\xff"),
    ("true", True),
    ("false", False),
    ("empty_list", []),
    ("list", [1, "x", b"y", None, True, False, 1.5, -1]),
    ("list_nested", [[[[1]]], [], {"a": [1, {"b": b"c"}]}]),
    ("list_int_edges", [2**63 - 1, -(2**63), 0, -32, -33, 127, 128, 255, 256, 65535, 65536, 2**32]),
    ("list_string_sizes", ["", "x" * 30, "x" * 31, "x" * 32, "x" * 254, "x" * 255, "x" * 70_000]),
    ("list_bytes_sizes", [b"", b"y" * 31, b"y" * 255, b"y" * 70_000]),
    ("list_of_16", list(range(16))),
    ("list_of_70000", list(range(70_000))),
    ("empty_map", {}),
    ("map", {"a": 1, "b": 1.5, "c": None, "d": True, "e": b"x", "f": "y"}),
    ("map_keys", {1: "int", "a": "str", b"k": "bytes", -7: "negative", "": "empty"}),
    ("map_nested", {"a": {"b": {"c": [1, {"d": 2}]}}}),
    ("map_of_16", {i: str(i) for i in range(16)}),
    ("map_of_70000", {i: i for i in range(70_000)}),
]


@pytest.mark.parametrize("value", [v for _, v in VALUES], ids=[n for n, _ in VALUES])
def test_a_value_comes_back_with_its_type(official: Any, key: Key, value: Any) -> None:
    official.put(key, {"v": value})
    _, _, bins = official.get(key)
    assert bins == {"v": value}
    assert type(bins["v"]) is type(value)
    assert repr(bins["v"]) == repr(value) or isinstance(value, dict)


def test_nan_comes_back(official: Any, key: Key) -> None:
    official.put(key, {"v": math.nan, "l": [math.nan]})
    _, _, bins = official.get(key)
    assert math.isnan(bins["v"])
    assert math.isnan(bins["l"][0])


def test_all_values_at_once(official: Any, key: Key) -> None:
    bins = {f"b{number}": value for number, (_, value) in enumerate(VALUES)}
    official.put(key, bins)
    assert official.get(key)[2] == bins


def test_a_key_ordered_dict_comes_back_sorted(official: Any, key: Key) -> None:
    official.put(key, {"m": aerospike.KeyOrderedDict({"b": 1, "a": 2, 3: 4, b"x": 5})})
    found = official.get(key)[2]["m"]
    assert isinstance(found, aerospike.KeyOrderedDict)
    assert list(found.items()) == [(3, 4), ("a", 2), ("b", 1), (b"x", 5)]


def test_a_nested_key_ordered_dict_keeps_its_order(official: Any, key: Key) -> None:
    official.put(key, {"l": [aerospike.KeyOrderedDict({"b": 1, "a": {"y": 1, "x": 2}})]})
    found = official.get(key)[2]["l"][0]
    assert isinstance(found, aerospike.KeyOrderedDict)
    assert list(found) == ["a", "b"]


def test_geojson_comes_back(official: Any, key: Key) -> None:
    region = {
        "type": "Polygon",
        "coordinates": [[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]]],
    }
    official.put(key, {"p": aerospike.GeoJSON(POINT), "r": aerospike.GeoJSON(region)})
    bins = official.get(key)[2]
    assert bins["p"].unwrap() == {"type": "Point", "coordinates": [1.5, 2]}
    assert bins["r"].unwrap() == region
    assert isinstance(bins["p"], aerospike.GeoJSON)


def test_geojson_inside_lists_and_maps(official: Any, key: Key) -> None:
    point = aerospike.GeoJSON(POINT)
    official.put(key, {"l": [point], "m": {"p": point}})
    bins = official.get(key)[2]
    assert bins["l"][0].unwrap() == point.unwrap()
    assert bins["m"]["p"].unwrap() == point.unwrap()


BAD_GEOJSON = [
    '{"type": "Nope"}',
    '{"type": "Point"}',
    '{"type": "Point", "coordinates": ["a", "b"]}',
    '{"type": "Point", "coordinates": [0, 91]}',
]


@pytest.mark.parametrize("text", BAD_GEOJSON)
def test_bad_geojson_is_refused(official: Any, key: Key, text: str) -> None:
    assert code_of(official.put, key, {"v": aerospike.geojson(text), "w": 1}) == 160
    assert code_of(official.get, key) == 2


def test_bad_geojson_inside_a_list_is_not_looked_at(official: Any, key: Key) -> None:
    official.put(key, {"l": [aerospike.GeoJSON('{"type": "Nope"}')]})
    assert official.get(key)[2]["l"][0].unwrap() == {"type": "Nope"}


def test_none_deletes_the_bin(official: Any, key: Key) -> None:
    official.put(key, {"a": 1, "b": 2})
    official.put(key, {"a": None})
    assert official.get(key)[2] == {"b": 2}


def test_deleting_the_last_bin_deletes_the_record(official: Any, key: Key) -> None:
    official.put(key, {"a": 1})
    official.put(key, {"a": aerospike.null()})
    assert code_of(official.get, key) == 2


def test_remove_bin(official: Any, key: Key) -> None:
    official.put(key, {"a": 1, "b": 2, "c": 3})
    official.remove_bin(key, ["a", "c", "none"])
    assert official.get(key)[2] == {"b": 2}
    official.remove_bin(key, ["b"])
    assert code_of(official.get, key) == 2


def test_a_value_replaces_one_of_another_type(official: Any, key: Key) -> None:
    for value in (1, "a", 1.5, b"b", True, [1], {"a": 1}, 7):
        official.put(key, {"v": value})
        assert official.get(key)[2] == {"v": value}


KEYS: list[Any] = [
    "a",
    "",
    "Zürich 東京",
    "x" * 2000,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    b"ab",
    b"\x00",
    bytearray(b"ab"),
    bytearray(b"\xff" * 300),
]


@pytest.mark.parametrize("user_key", KEYS, ids=lambda k: f"{type(k).__name__}-{str(k)[:12]}")
@pytest.mark.parametrize("send", [aerospike.POLICY_KEY_DIGEST, aerospike.POLICY_KEY_SEND])
def test_a_key_of_every_type(
    official: Any, namespace: str, fresh_set: str, user_key: Any, send: int
) -> None:
    key = (namespace, fresh_set, user_key)
    official.put(key, {"v": 1}, policy={"key": send})
    assert official.get(key)[2] == {"v": 1}
    assert official.exists(key)[1]["gen"] == 1
    ((found, _, bins),) = official.scan(namespace, fresh_set).results()
    assert bins == {"v": 1}
    if isinstance(user_key, bytes):
        return  # The client sends these as something of its own, and does not read it back.
    assert bytes(found[3]) == bytes(aerospike.calc_digest(*key))
    if send == aerospike.POLICY_KEY_SEND:
        assert found[2] == user_key
    elif send == aerospike.POLICY_KEY_DIGEST:
        assert found[2] is None


def test_an_int_and_a_string_key_differ(official: Any, namespace: str, fresh_set: str) -> None:
    official.put((namespace, fresh_set, 1), {"v": "int"})
    official.put((namespace, fresh_set, "1"), {"v": "str"})
    assert official.get((namespace, fresh_set, 1))[2] == {"v": "int"}
    assert official.get((namespace, fresh_set, "1"))[2] == {"v": "str"}


def test_a_record_is_found_by_its_digest(official: Any, key: Key) -> None:
    official.put(key, {"v": 1})
    by_digest = (key[0], key[1], None, aerospike.calc_digest(*key))
    assert official.get(by_digest)[2] == {"v": 1}
    official.remove(by_digest)
    assert code_of(official.get, key) == 2


def test_a_stored_key_stays(official: Any, key: Key) -> None:
    send = {"key": aerospike.POLICY_KEY_SEND}
    official.put(key, {"v": 1}, policy=send)
    official.put(key, {"v": 2})
    ((found, _, _),) = official.scan(key[0], key[1]).results()
    assert found[2] == "k"
    official.put(key, {"v": 3}, policy={"exists": aerospike.POLICY_EXISTS_REPLACE})
    ((found, _, _),) = official.scan(key[0], key[1]).results()
    assert found[2] == "k"


def test_a_key_is_added_later(official: Any, key: Key) -> None:
    official.put(key, {"v": 1})
    official.put(key, {"v": 2}, policy={"key": aerospike.POLICY_KEY_SEND})
    ((found, _, _),) = official.scan(key[0], key[1]).results()
    assert found[2] == "k"


def test_the_null_set(official: Any, namespace: str) -> None:
    key = (namespace, None, "t_null_set")
    try:
        official.put(key, {"v": 1})
        assert official.get(key)[2] == {"v": 1}
    finally:
        official.remove(key)
    assert code_of(official.get, key) == 2
