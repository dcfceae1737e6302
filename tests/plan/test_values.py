"""Bound values: keys, digests, index bounds, counts, times."""

from __future__ import annotations

import datetime
import math

import pytest

from aerodbapi import errors
from aerodbapi.grammar.ast import Binary, Literal, Parameter
from aerodbapi.plan.bind import bind_value
from aerodbapi.plan.keys import digest_of, key_of, write_key
from aerodbapi.plan.kinds import kind_of, parameter_kind, type_code
from aerodbapi.plan.operations import Constant, Range, Slot
from aerodbapi.plan.times import nanoseconds
from aerodbapi.plan.values import count_of, index_bounds, keys_of, resolve
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

MAX, MIN = 2**63 - 1, -(2**63)
DIGEST = bytes(range(20))


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("a", "a"),
        (5, 5),
        (5.0, 5),
        (5.5, None),
        (math.nan, None),
        (math.inf, None),
        (True, None),
        (None, None),
        (MAX + 1, None),
        (2.0**63, None),
        (-(2.0**63), MIN),
        (bytearray(b"x"), b"x"),
        ([1], None),
    ],
)
def test_key_of(value, key):
    found = key_of(value)
    assert found == key
    assert type(found) is type(key)


@pytest.mark.parametrize("value", ["a", "", 5, MAX, b"x"])
def test_write_key(value):
    assert write_key(value) == value


@pytest.mark.parametrize("value", [5.0, True, MAX + 1, [1], {}, GeoJSON("{}")])
def test_write_key_refuses(value):
    with pytest.raises(errors.DataError):
        write_key(value)


def test_a_null_key_is_an_integrity_error():
    with pytest.raises(errors.IntegrityError):
        write_key(None)


def test_digest_of():
    for value in (DIGEST, bytearray(DIGEST), DIGEST.hex(), "AAECAwQFBgcICQoLDA0ODxAREhM="):
        assert digest_of(value) == DIGEST
    assert digest_of(None) is None
    for value in ("", "zz" * 20, b"x", 5, "AAEC", "é" * 28):
        with pytest.raises(errors.ProgrammingError):
            digest_of(value)


def test_keys_of_spreads_lists_and_keeps_the_order():
    keys = (Slot(0), Constant("b"), Slot(1))
    assert keys_of(keys, [["a", 1, 1.0, None, "b"], "c"]) == ["a", 1, "b", "c"]
    assert keys_of((Slot(0),), [[]]) == []
    assert keys_of((Slot(0),), [DIGEST.hex()], digest=True) == [DIGEST]


@pytest.mark.parametrize(
    ("bound", "values", "expected"),
    [
        (Range(Slot(0), Slot(0)), [5], [(5, 5)]),
        (Range(Slot(0), Slot(0)), [5.0], [(5, 5)]),
        (Range(Slot(0), Slot(0)), [5.5], []),
        (Range(Slot(0), Slot(0)), [None], []),
        (Range(Slot(0), Slot(0)), ["x"], []),
        (Range(Slot(0), Slot(0)), [math.nan], []),
        (Range(Slot(0), Slot(0)), [[1, 2, 1, None]], [(1, 1), (2, 2)]),
        (Range(Slot(0), None), [5], [(5, MAX)]),
        (Range(Slot(0), None, low_open=True), [5], [(6, MAX)]),
        (Range(Slot(0), None, low_open=True), [5.5], [(6, MAX)]),
        (Range(Slot(0), None, low_open=True), [MAX], []),
        (Range(Slot(0), None), [2.0**63], [(MAX - 511, MAX)]),
        (Range(Slot(0), None, low_open=True), [2.0**63], []),
        (Range(Slot(0), Slot(0)), [2.0**53], [(2**53, 2**53 + 1)]),
        (Range(None, Slot(0), high_open=True), [math.nan], [(MIN, MAX)]),
        (Range(Slot(0), None), [math.nan], []),
        (Range(Slot(0), None), [-math.inf], [(MIN, MAX)]),
        (Range(Slot(0), None), [math.inf], []),
        (Range(None, Slot(0), high_open=True), [5], [(MIN, 4)]),
        (Range(None, Slot(0), high_open=True), [MIN], []),
        (Range(None, Slot(0)), [10**400], [(MIN, MAX)]),
        (Range(Slot(0), Slot(1)), [1, 3], [(1, 3)]),
        (Range(Slot(0), Slot(1)), [3, 1], []),
        (Range(Slot(0), Slot(1)), [1, None], []),
        (Range(Slot(0), Slot(1)), [1.5, 2.5], [(2, 2)]),
    ],
)
def test_index_bounds_of_numbers(bound, values, expected):
    assert index_bounds([bound], "NUMERIC", values) == expected


def test_index_bounds_of_equalities():
    bound = Range(Slot(0), Slot(0))
    assert index_bounds([bound, bound], "STRING", ["x"]) == [("x", "x")]
    assert index_bounds([bound], "STRING", [5]) == []
    assert index_bounds([bound], "BLOB", [b"x"]) == [(b"x", b"x")]


def test_count_of():
    assert count_of(None, []) is None
    assert count_of(Slot(0), [None]) is None
    assert count_of(Slot(0), [0]) == 0
    assert count_of(bind_value(Binary("+", Parameter(0), Parameter(1))), [2, 3]) == 5
    for value in (-1, 1.0, True, "1"):
        with pytest.raises(errors.ProgrammingError, match="OFFSET"):
            count_of(Slot(0), [value], "OFFSET")


def test_resolve_keeps_types_apart():
    assert resolve(Constant(True), ()) is True
    assert resolve(bind_value(Binary("+", Literal(1), Literal(1.0))), ()) == 2.0
    assert resolve(bind_value(Binary("+", Literal(1), Literal(1))), ()) == 2


def test_nanoseconds():
    utc = datetime.timezone.utc
    moment = datetime.datetime(2017, 12, 18, 9, 53, 20, 123456, tzinfo=utc)
    assert nanoseconds(moment) == 1513590800123456000
    assert nanoseconds("2017-12-18T09:53:20+00:00") == 1513590800000000000
    local = datetime.datetime(2017, 12, 18, 9, 53, 20)
    assert nanoseconds("Dec 18 2017 09:53:20") == nanoseconds(local)
    assert nanoseconds(5) == 5
    assert nanoseconds(None) is None
    for value in ("yesterday", 1.5, [1]):
        with pytest.raises(errors.ProgrammingError):
            nanoseconds(value)


def test_kinds():
    values = [None, True, 1, 1.0, "x", b"x", [], (), {}, KeyOrderedDict(), GeoJSON("{}")]
    names = ["null", "bool", "int", "float", "str", "bytes", *["list"] * 2, *["map"] * 2, "geojson"]
    assert [kind_of(value) for value in values] == names
    assert kind_of(HyperLogLog(b"")) == "hll"
    assert kind_of(type("Text", (str,), {})("x")) == "str"
    assert kind_of(object()) == "other"
    assert parameter_kind([1, 2]) == "list:int"
    assert parameter_kind([1, "x"]) == parameter_kind([]) == "list"


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        (["int"], "BIGINT"),
        (["int", "null"], "BIGINT"),
        (["int", "float"], "DOUBLE"),
        (["int", "str"], "JSON"),
        (["list", "map"], "JSON"),
        (["hll"], "HLL"),
        (["geojson"], "GEOJSON"),
        ([], "JSON"),
    ],
)
def test_type_code(kinds, code):
    assert type_code(kinds) == code
