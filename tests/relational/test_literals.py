"""Values as DuckDB reads them back, and names that it takes for what they are."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import uuid
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.errors import DataError
from aerodbapi.grammar import ast
from aerodbapi.relational.literals import constant, quoted, variant
from aerodbapi.relational.names import Names
from aerodbapi.types import GeoJSON, HyperLogLog

relaxed = settings(deadline=None)

VALUES: list[tuple[Any, str]] = [
    (None, '"NULL"'),
    (True, "BOOLEAN"),
    (0, "INTEGER"),
    (-1, "BIGINT"),
    (2**63 - 1, "BIGINT"),
    (-(2**63), "BIGINT"),
    (1.5, "DOUBLE"),
    (-0.0, "DOUBLE"),
    (1e300, "DOUBLE"),
    (5e-324, "DOUBLE"),
    (math.inf, "DOUBLE"),
    (-math.inf, "DOUBLE"),
    ("", "VARCHAR"),
    ('it\'s "quoted" \\ ?1 $1 -- ; /* é 🦆', "VARCHAR"),
    ("a\0b\0'", "VARCHAR"),
    (b"", "BLOB"),
    (b"\x00\xff'\\", "BLOB"),
    (HyperLogLog(b"\x01"), "BLOB"),
    (datetime.date(2013, 1, 1), "DATE"),
    (datetime.time(23, 59, 59, 999999), "TIME"),
    (datetime.datetime(2013, 1, 1, 10, 0, 0, 1), "TIMESTAMP"),
    (datetime.timedelta(days=-1, microseconds=1), "INTERVAL"),
    (decimal.Decimal("12.50"), "DECIMAL(4,2)"),
    (decimal.Decimal("0.001"), "DECIMAL(3,3)"),
    (decimal.Decimal("1E+3"), "DECIMAL(4,0)"),
    (uuid.UUID(int=5), "UUID"),
    ([1, None], "INTEGER[]"),
    ([], "INTEGER[]"),
    ({"a": 1}, "MAP(VARCHAR, INTEGER)"),
]


def read(text: str) -> Any:
    return duckdb.execute(f"SELECT {text} AS x, typeof({text}) AS t").fetchone()


@pytest.mark.parametrize(("value", "type"), VALUES, ids=lambda value: ascii(value)[:30])
def test_a_constant_is_read_as_its_value(value: Any, type: str) -> None:
    found, name = read(constant(value))
    assert found == value
    if value not in ([], None):
        assert name == type


@relaxed
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text(value: str) -> None:
    assert read(constant(value))[0] == value


@relaxed
@given(st.one_of(st.floats(allow_nan=False), st.integers(-(2**63), 2**63 - 1), st.binary()))
def test_any_number_and_any_bytes(value: Any) -> None:
    assert read(constant(value))[0] == value


def test_moments_with_a_zone_are_instants() -> None:
    moment = datetime.datetime(
        2013, 1, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
    )
    text = f"CAST({constant(moment)} AT TIME ZONE 'UTC' AS VARCHAR)"
    assert read(text)[0] == "2013-01-01 10:00:00"


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, Ellipsis, "\ud800", 1j], ids=ascii)
def test_what_no_constant_can_be(value: Any) -> None:
    with pytest.raises(DataError):
        constant(value)


@relaxed
@given(
    st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
def test_any_name(name: str) -> None:
    assert duckdb.execute(f"SELECT 1 AS {quoted(name)}").description[0][0] == name


def test_names_that_differ_in_case_stay_apart() -> None:
    query = ast.Select(
        (ast.SelectItem(ast.Column("a"), "a"), ast.SelectItem(ast.Column("A"), "A")),
    )
    names = Names(query, ("b",))
    assert names.written("a") == '"a"'
    assert names.plain("A").lower() != "a"
    assert names.plain("b") == "b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("a", '"a"'),
        ([1, {"é": None}], '[1,{"é":null}]'),
        ({1: "a", "b": True}, '{"1":"a","b":true}'),
        (b"\x01\xff", '"01ff"'),
        ([b"\x01"], '["01"]'),
        (math.nan, '"nan"'),
        ({b"k": math.inf}, '{"\\"6b\\"":"inf"}'),
        (GeoJSON('{"type":"Point","coordinates":[1,2]}'), '{"type":"Point","coordinates":[1,2]}'),
    ],
    ids=ascii,
)
def test_variants_are_json(value: Any, text: str) -> None:
    assert variant(value) == text
    json.loads(text)
