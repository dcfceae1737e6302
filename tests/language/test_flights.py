"""Analytical statements over the five flights tables: as DuckDB answers them on the CSV files.

`flights/*.sql` holds them, one file a group. By default every 32nd flight is loaded (and asked
about); the slow test takes all of them.
"""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import aerodbapi
from tests.language import flights_data
from tests.language.flights_data import Statement, Tables

STATEMENTS = flights_data.statements()
PART = 32


class Flights(NamedTuple):
    tables: Tables
    oracle: Any


def _loaded(step: int, address: Any, namespace: str, real_server: bool) -> Iterator[Flights]:
    options = {"hosts": [address], "timeout": 60_000} if real_server else {}
    with aerodbapi.connect(namespace=namespace, **options) as connection:
        tables = Tables(connection, "flights_of_" if real_server else "", step)
        tables.load()
        yield Flights(tables, flights_data.oracle(step))
        if real_server:
            tables.empty()


@pytest.fixture(scope="module")
def part(node_address: Any, namespace: str, real_server: bool) -> Iterator[Flights]:
    yield from _loaded(PART, node_address, namespace, real_server)


@pytest.fixture(scope="module")
def whole(node_address: Any, namespace: str, real_server: bool) -> Iterator[Flights]:
    yield from _loaded(1, node_address, namespace, real_server)


def test_there_are_enough_statements() -> None:
    assert len(STATEMENTS) >= 80


def _names(statement: Statement) -> str:
    return f"{statement.group}: {statement.title}"


@pytest.mark.parametrize("statement", STATEMENTS, ids=_names)
def test_a_statement_over_a_part_of_the_flights(part: Flights, statement: Statement) -> None:
    check(part, statement)


@pytest.mark.slow
def test_all_statements_over_all_flights(whole: Flights) -> None:
    wrong = []
    for statement in STATEMENTS:
        try:
            check(whole, statement)
        except Exception as error:  # all of them are to be heard of
            wrong.append((statement.group, statement.title, str(error)[:500]))
    assert wrong == []


def check(flights: Flights, statement: Statement) -> None:
    expected = flights.oracle.execute(statement.sql)
    names = [column[0] for column in expected.description]
    wanted = [tuple(map(plain, row)) for row in expected.fetchall()]
    cursor = flights.tables.connection.cursor()
    cursor.execute(flights.tables.named(statement.sql))
    assert [column[0] for column in cursor.description] == names
    found = [tuple(map(plain, row)) for row in cursor.fetchall()]
    if not statement.ordered:
        found.sort(key=repr)
        wanted.sort(key=repr)
    assert len(found) == len(wanted)
    for row, other in zip(found, wanted):
        assert len(row) == len(other)
        assert all(map(alike, row, other)), (row, other)


def plain(value: Any) -> Any:
    """Take sums of all widths for numbers."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def alike(value: Any, other: Any) -> bool:
    """Compare; doubles are summed in another order."""
    numbers = (int, float)
    if isinstance(value, bool) is not isinstance(other, bool):
        return False
    if isinstance(value, numbers) and isinstance(other, numbers):
        if isinstance(value, int) and isinstance(other, int):
            return value == other
        return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(value, datetime.date):
        return str(value) == str(other)
    return bool(value == other)
