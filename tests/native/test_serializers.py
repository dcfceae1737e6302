"""Values without a type of their own, stored as bytes by functions of the program."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.errors import DataError, ParameterError
from aerodbapi.native.serializers import Serializer
from aerodbapi.types import GeoJSON, KeyOrderedDict


@pytest.fixture
def pickling(client: Any) -> Iterator[Any]:
    client.serializer = Serializer(pickle.dumps, pickle.loads)
    yield client
    client.serializer = None


POINT = GeoJSON({"type": "Point", "coordinates": [1.0, 2.0]})
BINS = {
    "tuple": (1, 2),
    "set": {1, 2},
    "object": 1 + 2j,
    "list": [1, (2,), {"in": {3}}],
    "map": KeyOrderedDict({"a": (1,)}),
    "plain": "text",
    "geo": POINT,
}


def test_everywhere(pickling: Any, key: Any) -> None:
    pickling.put(key, BINS)
    stored = pickling.get(key).bins
    assert stored == BINS
    assert type(stored["map"]) is KeyOrderedDict
    assert pickling.select(key, ["set"]).bins == {"set": {1, 2}}
    other = (*key[:2], "other")
    pickling.batch_write([(other, {"set": {3}}), (key, {"set": {4}}, {"ttl": 100})])
    read = pickling.batch_read([key, other], ["set"])
    assert [each.record.bins["set"] for each in read] == [{4}, {3}]
    assert sorted(r.bins["set"] for r in pickling.query(*key[:2], ["set"])) in (
        [{3}, {4}],
        [{4}, {3}],
    )


def test_text_and_one_way(client: Any, key: Any) -> None:
    client.serializer = Serializer(lambda value: json.dumps(sorted(value)))
    try:
        client.put(key, {"b": {2, 1}})
        assert client.get(key).bins == {"b": b"[1, 2]"}
        client.serializer = Serializer(load=json.loads)
        assert client.get(key).bins == {"b": [1, 2]}
    finally:
        client.serializer = None
    assert client.get(key).bins == {"b": b"[1, 2]"}


def test_without_one(client: Any, key: Any) -> None:
    with pytest.raises(DataError, match="set"):
        client.put(key, {"b": {1}})


def test_wrong_functions(client: Any, key: Any) -> None:
    with pytest.raises(ParameterError, match="dump is a function"):
        Serializer(5)  # type: ignore[arg-type]
    client.serializer = Serializer(lambda value: 5)  # type: ignore[arg-type,return-value]
    try:
        with pytest.raises(DataError, match="not bytes"):
            client.put(key, {"b": {1}})
    finally:
        client.serializer = None
