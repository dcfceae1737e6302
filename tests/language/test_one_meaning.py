"""A condition means the same wherever it runs: on the server, here, and in DuckDB.

Tables, conditions and expressions are random. Columns of one type each are held against DuckDB
over the raw rows; columns that hold anything against the plan that pushes nothing down.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

import aerodbapi
from aerodbapi import errors
from aerodbapi.dbapi import statements
from aerodbapi.grammar.ast import Literal, Parameter
from aerodbapi.grammar.render import to_sql
from aerodbapi.grammar.walk import transform
from tests.language import meaning
from tests.plan import strategies

SETTINGS = settings(
    max_examples=int(os.environ.get("MEANING_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_ARROW = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
}
#: A record by which all columns of the typed table are known.
_FULL = {"i": 1, "j": 1, "f": 1.5, "g": 1.5, "s": "x", "u": "x", "t": True, "r": b"x"}


class Rows:
    """A set whose records are replaced for each example, and ways to ask for them."""

    def __init__(self, address: Any, namespace: str, set_name: str) -> None:
        self.namespace, self.set_name = namespace, set_name
        self.client = aerodbapi.client({"hosts": [address]}).connect()
        self.pushing = aerodbapi.connect(hosts=[address], namespace=namespace)
        self.unpushing = aerodbapi.connect(hosts=[address], namespace=namespace)
        self.count = 0

    def close(self) -> None:
        for each in (self.client, self.pushing, self.unpushing):
            each.close()

    def fill(self, rows: list[dict[str, Any]]) -> None:
        for number in range(max(len(rows), self.count)):
            key = (self.namespace, self.set_name, number)
            if number < len(rows):
                # A record has a bin at least.
                bins = {"present": 1, **rows[number]}
                self.client.put(key, bins, policy={"exists": "create_or_replace"})
            else:
                self.client.remove(key)
        self.count = len(rows)

    def pushed(self, sql: str, values: list[Any]) -> Any:
        return answer(self.pushing.cursor(), sql.format(table=self.set_name), values)

    def unpushed(self, sql: str, values: list[Any]) -> Any:
        unpushing = functools.partial(statements.Context, push=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(statements, "Context", unpushing)
            return answer(self.unpushing.cursor(), sql.format(table=self.set_name), values)


def answer(cursor: Any, sql: str, values: list[Any]) -> Any:
    """Give the rows in the order of their keys; DataError for what has no answer."""
    try:
        cursor.execute(sql, values)
        return sorted(cursor.fetchall())
    except errors.DataError:
        return errors.DataError


@pytest.fixture(scope="module")
def rows(node_address: Any, namespace: str, module_set: str) -> Iterator[Rows]:
    rows = Rows(node_address, namespace, module_set)
    yield rows
    rows.close()


@pytest.fixture(scope="module")
def typed(node_address: Any, namespace: str) -> Iterator[Rows]:
    from tests.conftest import _empty_set

    with _empty_set(node_address, namespace) as name:
        rows = Rows(node_address, namespace, name)
        rows.fill([_FULL])
        for connection in (rows.pushing, rows.unpushing):
            assert len(connection.cursor().execute(f"SELECT * FROM {name}").fetchall()) == 1
        yield rows
        rows.close()


# ---- DuckDB's answer ---------------------------------------------------------------------------


class Ducks:
    """DuckDB over the raw rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.connection = duckdb.connect()
        # As it stands: what fails is to fail, though the answer may be known without.
        self.connection.execute("PRAGMA disable_optimizer")
        columns = {
            name: pa.array([row.get(name) for row in rows], _ARROW[type])
            for name, type in meaning.COLUMNS.items()
        }
        self.connection.register("raw", pa.table({"PK": pa.array(range(len(rows))), **columns}))
        self.connection.execute("CREATE TABLE t AS FROM raw")
        self.size = len(rows)

    def value(self, text: meaning.Text) -> list[Any]:
        """Give each row's value, DataError where it has none."""
        sql, values = meaning.ducks(text)
        try:
            found = self.connection.execute(f"SELECT {sql} FROM t ORDER BY PK", values).fetchall()
            return [value for (value,) in found]
        except duckdb.Error:
            return [self._one(sql, values, number) for number in range(self.size)]

    def _one(self, sql: str, values: list[Any], number: int) -> Any:
        try:
            query = f"SELECT {sql} FROM (FROM t WHERE PK = {number})"
            ((value,),) = self.connection.execute(query, values).fetchall()
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            return errors.DataError
        return value


def agree(found: Any, expected: Any) -> bool:
    """Compare values; NaN with itself, and doubles as computed by the same rules."""
    if isinstance(found, float) and isinstance(expected, float):
        return found == expected or (math.isnan(found) and math.isnan(expected))
    return type(found) is type(expected) and bool(found == expected)


# ---- columns of one type: as DuckDB says --------------------------------------------------------


@SETTINGS
@given(meaning.tables, meaning.CONDITIONS)
def test_a_condition_selects_what_duckdb_selects(typed, table, condition):
    typed.fill(table)
    wanted = Ducks(table).value(condition)
    text, values = meaning.ours(condition)
    sql = f"SELECT PK FROM {{table}} WHERE {text}"
    may_fail = errors.DataError in wanted or meaning.has_null(condition)
    pushed, unpushed = typed.pushed(sql, values), typed.unpushed(sql, values)
    _check(pushed, wanted, may_fail)
    _check(unpushed, wanted, may_fail)
    if unpushed is not errors.DataError:
        assert pushed == unpushed
    _check(typed.pushed(f"{sql} ORDER BY PK", values), wanted, may_fail)


def _check(found: Any, wanted: list[Any], may_fail: bool) -> None:
    """Rows that raise in DuckDB may be passed over by another condition here.

    DuckDB knows that NULL = f(x) is NULL where f(x) fails.
    """
    if found is errors.DataError:
        assert may_fail
        return
    keys = {key for (key,) in found}
    for number, value in enumerate(wanted):
        if value is not errors.DataError:
            assert (number in keys) is (value is True), number


@SETTINGS
@given(meaning.tables, meaning.EXPRESSION)
def test_an_expression_is_what_duckdb_computes(typed, table, expression):
    typed.fill(table)
    wanted = Ducks(table).value(expression)
    text, values = meaning.ours(expression)
    for order in ("", " ORDER BY PK"):
        found = typed.pushed(f"SELECT PK, {text} AS x FROM {{table}}{order}", values)
        if errors.DataError in wanted or (
            found is errors.DataError and meaning.has_null(expression)
        ):
            continue
        assert found is not errors.DataError
        for number, value in found:
            assert agree(value, wanted[number]), (number, value, wanted[number], order)


# ---- columns that hold anything: pushed or not, the same ----------------------------------------


def lifted(predicate: Any, values: list[Any]) -> tuple[Any, list[Any]]:
    """Make parameters of the literals: not every value can be written."""
    used: list[Any] = []

    def change(node: Any) -> Any:
        if isinstance(node, Literal):
            used.append(node.value)
        elif isinstance(node, Parameter):
            used.append(values[node.index])
        else:
            return node
        return Parameter(len(used) - 1)

    return transform(predicate, change), used


@SETTINGS
@given(strategies.tables, strategies.predicates, strategies.bound)
def test_what_is_pushed_selects_the_same(rows, table, predicate, values):
    rows.fill(table)
    predicate, values = lifted(predicate, values)
    sql = f"SELECT PK FROM {{table}} WHERE {to_sql(predicate)}"
    pushed, unpushed = rows.pushed(sql, values), rows.unpushed(sql, values)
    if unpushed is not errors.DataError:
        assert pushed == unpushed
