"""Declared types: their names, what bins hold for their values, and comparison with constants."""

from __future__ import annotations

import datetime as dt
import operator
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi import errors
from aerodbapi.plan.sql_types import SqlType, parse_type
from aerodbapi.plan.storage import bound, decode, encode
from aerodbapi.types import GeoJSON, HyperLogLog

UTC = dt.timezone.utc

# ---- names -------------------------------------------------------------------------------------

NAMES = (
    ("BOOL", "BOOLEAN", "BOOLEAN"),
    ("int", "INTEGER", "BIGINT"),
    ("SMALLINT", "SMALLINT", "BIGINT"),
    ("INT8", "BIGINT", "BIGINT"),
    ("SERIAL", "INTEGER", "BIGINT"),
    ("DOUBLE PRECISION", "DOUBLE", "DOUBLE"),
    ("REAL", "DOUBLE", "DOUBLE"),
    ("FLOAT", "DOUBLE", "DOUBLE"),
    ("NUMERIC", "DECIMAL(18, 3)", "DECIMAL(18, 3)"),
    ("NUMERIC(10)", "DECIMAL(10, 0)", "DECIMAL(10, 0)"),
    ("DECIMAL(10, 2)", "DECIMAL(10, 2)", "DECIMAL(10, 2)"),
    ("CHARACTER VARYING(5)", "VARCHAR(5)", "VARCHAR"),
    ("CHAR(3)", "VARCHAR(3)", "VARCHAR"),
    ("TEXT", "VARCHAR", "VARCHAR"),
    ("BYTEA", "BLOB", "BLOB"),
    ("VARBINARY(10)", "BLOB", "BLOB"),
    ("TIMESTAMP", "TIMESTAMP", "TIMESTAMP"),
    ("TIMESTAMP(6) WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
    ("TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP", "TIMESTAMP"),
    ("DATETIME", "TIMESTAMP", "TIMESTAMP"),
    ("INTEGER[]", "LIST", "JSON"),
    ("MAP", "MAP", "JSON"),
    ("JSONB", "JSON", "JSON"),
    ("UUID", "UUID", "UUID"),
    ("HLL", "HLL", "HLL"),
    ("GEOJSON", "GEOJSON", "GEOJSON"),
)


@pytest.mark.parametrize(("text", "name", "code"), NAMES, ids=lambda value: str(value))
def test_type_names(text, name, code):
    kind = parse_type(text)
    assert (str(kind), kind.code) == (name, code)
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("VARCHR", "did you mean VARCHAR"),
        ("DECIMAL(40, 2)", "1 to 38 digits"),
        ("DECIMAL(2, 5)", "more decimals than digits"),
        ("POINT", "no type"),
    ],
)
def test_no_type(text, error):
    with pytest.raises(errors.Error, match=error):
        parse_type(text)


# ---- both ways ---------------------------------------------------------------------------------

POINT = GeoJSON('{"type":"Point","coordinates":[0,0]}')
NOON = dt.datetime(2024, 2, 29, 12, 0, 0, 5)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")

VALUES = (
    # type, value given, what the bin holds, what comes back
    ("BOOLEAN", True, True, True),
    ("BOOLEAN", 0, False, False),
    ("BOOLEAN", "true", True, True),
    ("INTEGER", 5.0, 5, 5),
    ("INTEGER", "7", 7, 7),
    ("BIGINT", 2**63 - 1, 2**63 - 1, 2**63 - 1),
    ("BIGINT", Decimal("3"), 3, 3),
    ("DOUBLE", 1, 1.0, 1.0),
    ("DOUBLE", Decimal("1.5"), 1.5, 1.5),
    ("DECIMAL(10, 2)", Decimal("12.5"), 1250, Decimal("12.50")),
    ("DECIMAL(10, 2)", 0.1, 10, Decimal("0.10")),
    ("DECIMAL(10, 2)", "-0.005", -1, Decimal("-0.01")),
    ("DECIMAL(10, 2)", 3, 300, Decimal("3.00")),
    ("DECIMAL(30, 2)", -1, (2**127 - 100).to_bytes(16, "big"), Decimal("-1.00")),
    ("VARCHAR(5)", "äöüßé", "äöüßé", "äöüßé"),
    ("VARCHAR", 5, "5", "5"),
    ("VARCHAR", ID, str(ID), str(ID)),
    ("BLOB", bytearray(b"x"), b"x", b"x"),
    ("DATE", dt.date(1970, 1, 2), 1, dt.date(1970, 1, 2)),
    ("DATE", "1969-12-31", -1, dt.date(1969, 12, 31)),
    ("DATE", dt.datetime(2024, 1, 1), 19723, dt.date(2024, 1, 1)),
    ("TIME", dt.time(1, 2, 3, 4), 3723000004, dt.time(1, 2, 3, 4)),
    ("TIME", "23:59", 86340000000, dt.time(23, 59)),
    ("TIMESTAMP", NOON, 1709208000000005, NOON),
    ("TIMESTAMP", "2024-02-29 12:00:00.000005", 1709208000000005, NOON),
    ("TIMESTAMP", "2024-02-29T14:00:00.000005+02:00", 1709208000000005, NOON),
    ("TIMESTAMP", dt.date(1970, 1, 1), 0, dt.datetime(1970, 1, 1)),
    ("TIMESTAMPTZ", NOON.replace(tzinfo=UTC), 1709208000000005, NOON.replace(tzinfo=UTC)),
    ("TIMESTAMPTZ", "2024-02-29 12:00:00.000005Z", 1709208000000005, NOON.replace(tzinfo=UTC)),
    ("UUID", ID, str(ID), ID),
    ("UUID", str(ID).upper(), str(ID), ID),
    ("UUID", ID.bytes, str(ID), ID),
    ("JSON", '{"a": [1, null]}', {"a": [1, None]}, {"a": [1, None]}),
    ("JSON", [1], [1], [1]),
    ("LIST", (1, "a"), [1, "a"], [1, "a"]),
    ("LIST", "[1]", [1], [1]),
    ("MAP", {"a": 1}, {"a": 1}, {"a": 1}),
    ("GEOJSON", POINT.text, POINT, POINT),
    ("HLL", b"x", HyperLogLog(b"x"), HyperLogLog(b"x")),
)


@pytest.mark.parametrize(
    ("code", "value", "raw", "back"),
    VALUES,
    ids=[f"{number}-{code}" for number, (code, *_) in enumerate(VALUES)],
)
def test_both_ways(code, value, raw, back):
    kind = parse_type(code)
    held = encode(kind, value)
    assert (held, type(held)) == (raw, type(raw))
    assert decode(kind, held) == back
    assert type(decode(kind, held)) is type(back)


@pytest.mark.parametrize("name", sorted({parse_type(code).name for code, *_ in VALUES}))
def test_null_stays_null(name):
    kind = parse_type("DECIMAL(5, 2)" if name == "DECIMAL" else name)
    assert encode(kind, None) is None
    assert decode(kind, None) is None
    assert bound(kind, "=", None) is None


MISFITS = (
    ("BOOLEAN", 2),
    ("BOOLEAN", "maybe"),
    ("INTEGER", 1.5),
    ("INTEGER", "x"),
    ("SMALLINT", 40_000),
    ("BIGINT", 2**63),
    ("BIGINT", [1]),
    ("DOUBLE", "x"),
    ("DOUBLE", b"1"),
    ("DECIMAL(4, 2)", 100),
    ("DECIMAL(4, 2)", float("nan")),
    ("DECIMAL(4, 2)", True),
    ("VARCHAR(2)", "abc"),
    ("VARCHAR", b"abc"),
    ("BLOB", "abc"),
    ("DATE", "2024-02-30"),
    ("DATE", 5),
    ("DATE", NOON),
    ("TIME", "25:00"),
    ("TIME", 5),
    ("TIMESTAMP", "yesterday"),
    ("TIMESTAMP", 5),
    ("UUID", "x"),
    ("JSON", "{"),
    ("LIST", {"a": 1}),
    ("MAP", "[]"),
    ("GEOJSON", 5),
    ("HLL", "x"),
)


@pytest.mark.parametrize(("code", "value"), MISFITS, ids=lambda value: str(value))
def test_what_does_not_fit_is_refused(code, value):
    with pytest.raises(ValueError, match=r"."):
        encode(parse_type(code), value)


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("BIGINT", "x"),
        ("BIGINT", True),
        ("BOOLEAN", 1),
        ("DOUBLE", "x"),
        ("VARCHAR", 5),
        ("DATE", "2024-01-01"),
        ("DATE", 10**9),
        ("TIME", -1),
        ("TIMESTAMP", 2**63 - 1),
        ("DECIMAL(5, 2)", 1.5),
        ("DECIMAL(30, 2)", b"x"),
        ("UUID", "x"),
        ("LIST", {}),
        ("HLL", b"x"),
    ],
)
def test_bins_that_hold_something_else_are_refused(code, raw):
    with pytest.raises(ValueError, match="is no"):
        decode(parse_type(code), raw)


# ---- order -------------------------------------------------------------------------------------

DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-999, max_value=999, places=2
)
WIDE = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=4
)
ORDERED = {
    "DECIMAL(5, 2)": DECIMALS,
    "DECIMAL(30, 4)": WIDE,
    "DATE": st.dates(),
    "TIME": st.times(),
    "TIMESTAMP": st.datetimes(),
    "TIMESTAMPTZ": st.datetimes(timezones=st.just(UTC)),
    "UUID": st.uuids(),
}
OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@pytest.mark.parametrize("code", sorted(ORDERED))
@given(data=st.data())
def test_encodings_keep_values_and_their_order(code, data):
    kind, values = parse_type(code), ORDERED[code]
    one, other = data.draw(values), data.draw(values)
    held = encode(kind, one), encode(kind, other)
    assert decode(kind, held[0]) == one
    for compare in OPERATORS.values():
        assert compare(*held) is compare(one, other)


#: Constants between, at and beyond the values that a type can hold, and the same as Python has it.
BETWEEN = {
    "DECIMAL(5, 2)": st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-9999, max_value=9999),
        st.integers(-(10**30), 10**30),
    ),
    "DECIMAL(30, 4)": st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25),
        st.integers(-(10**60), 10**60),
    ),
    "DATE": st.datetimes(),
    "TIMESTAMP": st.datetimes(),
}


@pytest.mark.parametrize("op", sorted(OPERATORS))
@pytest.mark.parametrize("code", sorted(BETWEEN))
@given(data=st.data())
def test_bounds_give_the_answer_of_the_value(code, op, data):
    kind = parse_type(code)
    value, constant = data.draw(ORDERED[code]), data.draw(BETWEEN[code])
    compare = OPERATORS[op]
    wanted = value
    if code == "DATE":
        wanted = dt.datetime(value.year, value.month, value.day)
    given_ = bound(kind, op, constant)
    assert compare(encode(kind, value), given_) is compare(wanted, constant)


@pytest.mark.parametrize(
    ("code", "constant"), [("DATE", 5), ("TIMESTAMP", 5.5), ("TIME", 1), ("UUID", 5)]
)
def test_constants_of_another_class_are_null(code, constant):
    assert bound(parse_type(code), "=", constant) is None


@pytest.mark.parametrize(
    ("code", "constant"),
    [("DATE", "x"), ("TIMESTAMP", "2024-13-01"), ("TIME", "x"), ("UUID", "x"), ("DECIMAL", "x")],
)
def test_text_that_spells_no_value_is_an_error(code, constant):
    with pytest.raises(errors.DataError, match="is compared with"):
        bound(parse_type(code), "=", constant)


def test_lists_are_bounds_one_by_one():
    kind = SqlType("DATE")
    assert bound(kind, "=", ["1970-01-02", dt.date(1970, 1, 3)]) == [1, 2]


@pytest.mark.parametrize(("value", "op"), [(float("inf"), "<"), (float("-inf"), ">")])
@pytest.mark.parametrize("code", ["DECIMAL(5, 2)", "DECIMAL(30, 4)"])
def test_everything_lies_between_the_infinities(code, value, op):
    kind = parse_type(code)
    for each in (-999, 0, 999):
        assert OPERATORS[op](encode(kind, each), bound(kind, op, value))
