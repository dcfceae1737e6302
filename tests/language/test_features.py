"""The feature matrix, line by line, on the node under test."""

from __future__ import annotations

from typing import Any

import pytest

import aerodbapi
from aerodbapi.protocol.digest import digest
from tests.language.features import ANY, FEATURES, RECORDS, Ordered, Step


@pytest.fixture
def cursor(node_address: Any, namespace: str, fresh_set: str) -> Any:
    options = {"hosts": [node_address], "namespace": namespace, "timeout": 20_000}
    with aerodbapi.client({"hosts": [node_address]}).connect() as client:
        for key, bins in RECORDS.items():
            client.put((namespace, fresh_set, key), bins)
    with aerodbapi.connect(**options) as connection:
        yield connection.cursor()


@pytest.mark.parametrize(
    "steps", FEATURES.values(), ids=[f"{part}: {name}" for part, name in FEATURES]
)
def test_a_line_of_the_feature_matrix(
    cursor: Any, namespace: str, fresh_set: str, steps: list[Step]
) -> None:
    names = {"t": f"{namespace}.{fresh_set}", "s": fresh_set, "ns": namespace}
    for step in steps:
        text = step.sql.format(**names)
        run(cursor, text, step, names)


def run(cursor: Any, text: str, step: Step, names: dict[str, str]) -> None:
    parameters: Any = step.parameters
    if "{digest of u1}" in parameters:
        parameters = (digest(names["s"], "u1"),)
    expected = step.expected
    if isinstance(expected, type):
        with pytest.raises(expected):
            rows_of(cursor, text, parameters)
        return
    cursor.execute(text, parameters)
    if expected is ANY:
        return
    if isinstance(expected, int):
        assert cursor.rowcount == expected, text
        return
    found = cursor.fetchall()
    if isinstance(expected, Ordered):
        assert found == expected.rows, text
        return
    wanted = [tuple(_named(value, names) for value in row) for row in expected]
    assert sorted(found, key=repr) == sorted(wanted, key=repr), text


def rows_of(cursor: Any, text: str, parameters: Any) -> list[Any]:
    cursor.execute(text, parameters)
    rows: list[Any] = cursor.fetchall()
    return rows


def _named(value: Any, names: dict[str, str]) -> Any:
    return value.format(**names) if isinstance(value, str) and "{" in value else value
