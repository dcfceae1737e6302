"""The type codes of expressions over columns whose types are known."""

from __future__ import annotations

import pytest

from aerodbapi.grammar import parse
from aerodbapi.plan.bind import Context
from aerodbapi.plan.planner import plan
from tests.plan.catalogs import catalog

TYPES = [
    ("age + 1", "BIGINT"),
    ("age / 2", "DOUBLE"),
    ("age // 2", "BIGINT"),
    ("age * w", "DOUBLE"),
    ("name || age", "VARCHAR"),
    ("age > 5", "BOOLEAN"),
    ("UPPER(name)", "VARCHAR"),
    ("LENGTH(name)", "BIGINT"),
    ("FLOOR(age)", "DOUBLE"),
    ("ABS(age)", "BIGINT"),
    ("ROUND(w)", "DOUBLE"),
    ("STARTS_WITH(name, 'A')", "BOOLEAN"),
    ("COALESCE(age, w)", "DOUBLE"),
    ("COALESCE(NULL, age, 0)", "BIGINT"),
    ("COALESCE(age, name)", "JSON"),
    ("CASE WHEN age > 5 THEN name END", "VARCHAR"),
    ("CASE WHEN age > 5 THEN 1 ELSE 2.5 END", "DOUBLE"),
    ("CAST(name AS BIGINT)", "BIGINT"),
    ("mix", "JSON"),
]


@pytest.mark.parametrize(("text", "code"), TYPES)
def test_the_type_of_an_expression(text: str, code: str) -> None:
    statement = parse(f"SELECT {text} FROM test.demo WHERE w > 1")
    (column,) = plan(statement, catalog(), Context(namespace="test")).columns
    assert column.type == code
