"""Random joins, derived tables and conditions: the answer is DuckDB's over the same rows.

What is pushed where, which outer joins become inner ones, and which set is read by keys is
decided here alone; none of it may change an answer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aerodbapi

duckdb = pytest.importorskip("duckdb")

#: Rows of the three tables: key, x, y; a missing bin is NULL.
ROWS: dict[str, list[tuple[int, int | None, int | None]]] = {
    "a": [(1, 1, None), (2, 2, 5), (3, None, 5), (4, 3, 1), (5, 1, 2)],
    "b": [(1, 2, 2), (2, 2, None), (4, 4, 1), (6, None, 3), (7, 1, 5)],
    "c": [(2, 5, 1), (3, 1, 1), (5, None, None), (7, 2, 4)],
}


@pytest.fixture(scope="module")
def engines() -> Any:
    other = duckdb.connect()
    with aerodbapi.connect(namespace="test") as connection:
        cursor = connection.cursor()
        for name, rows in ROWS.items():
            other.execute(f"CREATE TABLE {name} (PK BIGINT, x BIGINT, y BIGINT)")
            other.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", rows)
            # `z` is there so that a record with neither x nor y is one.
            marks = [(*row, 0) for row in rows]
            cursor.executemany(f"INSERT INTO {name} (PK, x, y, z) VALUES (?, ?, ?, ?)", marks)
        yield cursor, other


columns = st.sampled_from(["PK", "x", "y"])
numbers = st.integers(0, 5)


@st.composite
def conditions(draw: Any, tables: list[str], *, join: bool = False) -> str:
    """A condition on some of `tables`; of a join mostly an equality of two."""
    side = f"{draw(st.sampled_from(tables))}.{draw(columns)}"
    kind = draw(st.integers(0, 3 if join else 7))
    if join and kind and len(tables) > 1:
        other = f"{tables[-1]}.{draw(columns)}"
        mine = f"{draw(st.sampled_from(tables[:-1]))}.{draw(columns)}"
        return f"{mine} = {other}"
    texts = {
        0: f"{side} > {draw(numbers)}",
        1: f"{side} = {draw(numbers)}",
        2: f"{side} IS NULL",
        3: f"{side} IS NOT NULL",
        4: f"{side} IN ({draw(numbers)}, {draw(numbers)})",
        5: f"({side} = {draw(numbers)} OR {draw(st.sampled_from(tables))}.{draw(columns)} IS NULL)",
        6: f"coalesce({side}, 1) = {draw(numbers)}",
        7: f"{side} = {draw(st.sampled_from(tables))}.{draw(columns)}",
    }
    return texts[kind]


@st.composite
def sources(draw: Any, name: str) -> str:
    """A table, or a query in parentheses that gives it or a part of it."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return f"(SELECT * FROM {name} WHERE {draw(conditions([name]))}) {name}"
    if kind == 1:
        return f"(SELECT DISTINCT PK, x, y FROM {name}) {name}"
    return name


@st.composite
def statements(draw: Any) -> str:
    order = draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(2, 3))]
    text = draw(sources(order[0]))
    for count, name in enumerate(order[1:], 2):
        kind = draw(st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]))
        # DuckDB takes FULL and RIGHT joins on equalities only where they stay such.
        on = draw(conditions(list(order[:count]), join=True))
        if kind in ("FULL JOIN", "RIGHT JOIN"):
            on = f"{order[count - 2]}.{draw(columns)} = {name}.{draw(columns)}"
        more = draw(st.booleans()) and kind in ("JOIN", "LEFT JOIN")
        if more:
            on += f" AND {draw(conditions(list(order[:count])))}"
        text = f"{text} {kind} {draw(sources(name))} ON {on}"
    where = [draw(conditions(list(order))) for _ in range(draw(st.integers(0, 2)))]
    if draw(st.integers(0, 4)) == 0:
        where.append(f"{order[0]}.PK IN (SELECT x FROM c q WHERE {draw(conditions(['q']))})")
    shown = ", ".join(f"{name}.PK, {name}.x, {name}.y" for name in order)
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT {shown} FROM {text}{condition}"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=statements())
def test_the_answer_is_duckdbs(engines: Any, text: str) -> None:
    cursor, other = engines
    # What stands in a derived table as * has one column more here.
    expected = Counter(other.execute(text).fetchall())
    assert Counter(cursor.execute(text).fetchall()) == expected
