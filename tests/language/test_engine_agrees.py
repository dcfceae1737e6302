"""An expression over known and mixed columns has one value: here, and in the relational engine.

Where DuckDB would cast one side of a comparison or refuse the statement, both say NULL.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

import aerodbapi
from aerodbapi import errors

RECORDS = {
    "u1": {
        "age": 31,
        "name": "Ann",
        "f": 1.5,
        "ok": True,
        "l": [1, "x"],
        "mix": 5,
        "big": 2**53 + 1,
    },
    "u2": {"age": 5, "name": "Bob", "f": math.nan, "ok": False, "l": [2], "mix": "five"},
    "u3": {"mix": 2.5, "big": 2**63 - 1, "m": {"a": 1}},
}
_NULLS = [None, None, None]
#: Expression → its value on each record; DataError where it has none on one of them.
EXPRESSIONS: dict[str, Any] = {
    # two classes
    "age = 'x'": _NULLS,
    "age = '31'": _NULLS,
    "name > 5": _NULLS,
    "age < 'a'": _NULLS,
    "ok = 1": _NULLS,
    "age = ok": _NULLS,
    "age IN ('x', 31)": [True, None, None],
    "age NOT IN ('x', 31)": [False, None, None],
    "age BETWEEN 1 AND 'x'": _NULLS,
    "age BETWEEN 10 AND 'x'": [None, False, None],
    "name LIKE 5": _NULLS,
    "name IS DISTINCT FROM 5": [True, True, True],
    "CASE age WHEN 31 THEN 1 WHEN 'x' THEN 2 END": [1, None, None],
    "NULLIF(age, 'x')": [31, 5, None],
    "name + 1": _NULLS,
    "NOT age": _NULLS,
    "age AND ok": [None, False, None],
    "UPPER(age)": _NULLS,
    "ABS(name)": _NULLS,
    # columns of several kinds
    "mix = 5": [True, None, False],
    "mix > 2": [True, None, True],
    "mix = 'five'": [None, True, None],
    "mix IN (5, 'five')": [True, True, None],
    "mix IS NOT DISTINCT FROM 5": [True, False, False],
    "mix + 1": [6, None, 3.5],
    "LENGTH(mix)": [None, 4, None],
    "CAST(mix AS VARCHAR)": ["5", "five", "2.5"],
    "LENGTH(l)": [2, 1, None],
    "CAST(l AS VARCHAR)": ['[1,"x"]', "[2]", None],
    "l = LIST('[2]')": [False, True, None],
    "l[0]": [1, 2, None],
    # numbers
    "f > 5": [False, True, None],
    "f = f": [True, True, None],
    "age // 0": _NULLS,
    "age % 0": _NULLS,
    "f // 0.0": _NULLS,
    "f % 0.0": _NULLS,
    "age / 0": [math.inf, math.inf, None],
    "big = 9007199254740992.0": [True, None, False],
    "big + 1": errors.DataError,
    "big * 2": errors.DataError,
    "-big": [-(2**53) - 1, None, 1 - 2**63],
    "GREATEST(age, f)": [31.0, math.nan, None],
    "ROUND(age, -1)": [30, 10, None],
    # texts
    "age || name": ["31Ann", "5Bob", None],
    "name || ok || f": ["Anntrue1.5", "Bobfalsenan", None],
}


@pytest.fixture(scope="module")
def cursor(node_address: Any, namespace: str, module_set: str) -> Iterator[Any]:
    with aerodbapi.client({"hosts": [node_address]}).connect() as client:
        for key, bins in RECORDS.items():
            client.put((namespace, module_set, key), bins)
    with aerodbapi.connect(hosts=[node_address], namespace=namespace) as connection:
        cursor = connection.cursor()
        assert len(cursor.execute(f"SELECT * FROM {module_set}").fetchall()) == 3
        yield cursor


@pytest.mark.parametrize("order", ["", " ORDER BY PK"], ids=["here", "engine"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_has_one_value(
    cursor: Any, module_set: str, expression: str, order: str
) -> None:
    sql = f"SELECT PK, {expression} AS x FROM {module_set}{order}"
    expected = EXPRESSIONS[expression]
    if expected is errors.DataError:
        with pytest.raises(errors.DataError):
            cursor.execute(sql).fetchall()
        return
    found = [value for _, value in sorted(cursor.execute(sql).fetchall())]
    assert all(map(same, found, expected)), found


def same(value: Any, other: Any) -> bool:
    if isinstance(value, float) and isinstance(other, float) and value != value:
        return other != other
    return bool(value == other) and isinstance(value, bool) is isinstance(other, bool)


@pytest.mark.parametrize("order", ["", " ORDER BY PK"], ids=["here", "engine"])
@pytest.mark.parametrize(
    "expression",
    [name for name, found in EXPRESSIONS.items() if isinstance(found, list) and True in found],
)
def test_a_condition_keeps_what_it_is_true_of(
    cursor: Any, module_set: str, expression: str, order: str
) -> None:
    found = cursor.execute(f"SELECT PK FROM {module_set} WHERE {expression}{order}").fetchall()
    kept = [key for key, value in zip(RECORDS, EXPRESSIONS[expression]) if value is True]
    assert sorted(found) == [(key,) for key in kept]
