"""A connection of every kind, and two small sets for each test: people, and what they bought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from tests.faces import Opener, opener

__all__ = ["cursor", "loaded", "opener", "people", "tables"]

PEOPLE = [
    ("u0", {"name": "Ann", "age": 31, "city": "Rome", "tags": ["x", "y"], "m": {"a": 1, "b": [7]}}),
    ("u1", {"name": "Bob", "age": 25, "city": "Oslo", "tags": ["y"], "m": {"a": 2}}),
    ("u2", {"name": "Eve", "age": 47, "city": "Rome", "w": 1.5}),
    ("u3", {"name": "Joe", "city": "Bonn", "tags": []}),
    ("u4", {"name": "Zoe", "age": 25, "mix": "text"}),
    ("u5", {"name": "Max", "age": 60, "mix": 5}),
]
#: Who bought what for how much; u9 is nobody.
SALES = [
    (1, {"who": "u0", "item": "pen", "price": 2.5}),
    (2, {"who": "u0", "item": "ink", "price": 7.0}),
    (3, {"who": "u1", "item": "pen", "price": 3.0}),
    (4, {"who": "u2", "item": "cup", "price": 4.0}),
    (5, {"who": "u9", "item": "cup", "price": 4.5}),
]


@pytest.fixture
def cursor(opener: Opener) -> Any:
    pytest.importorskip("duckdb")
    return opener.connection().cursor()


def _filled(cursor: Any, prefix: str) -> dict[str, str]:
    names = {name: f"{prefix}_{name[0]}" for name in ("people", "sales")}
    for name, records in (("people", PEOPLE), ("sales", SALES)):
        cursor.execute(f"DELETE FROM {names[name]}")  # an earlier test's, on a lasting node
        for key, bins in records:
            columns = ", ".join(["PK", *bins])
            marks = ", ".join("?" * (len(bins) + 1))
            cursor.execute(
                f"INSERT INTO {names[name]} ({columns}) VALUES ({marks})", (key, *bins.values())
            )
    return names


@pytest.fixture
def tables(cursor: Any, namespace: str, fresh_set: str) -> dict[str, str]:
    """The names of the sets `people` and `sales`, which hold what is above."""
    return _filled(cursor, f"{namespace}.{fresh_set}")


@pytest.fixture
def people(tables: dict[str, str]) -> str:
    return tables["people"]


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[Any, dict[str, str]]]:
    """A cursor in the process for all tests of a module that only read, and its sets' names."""
    pytest.importorskip("duckdb")
    with aerodbapi.connect() as connection:
        cursor = connection.cursor()
        yield cursor, _filled(cursor, "test.read")
