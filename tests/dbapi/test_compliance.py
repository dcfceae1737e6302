"""The compliance suite of PEP 249 (`dbapi-compliance` on PyPI), run as it is.

Its tables have no primary key and are created by DDL; Aerospike's records have keys and no
schema. So `Keyed`, a thin layer over the cursor, writes three of its statements anew and touches
nothing else: `create table` and `drop table` empty the set, and `insert into t values (…)` gets
column names and a PK.
"""

from __future__ import annotations

import itertools
import re
from typing import Any, Final

import dbapi20
import pytest

import aerodbapi
from aerodbapi.dbapi.connection import Connection
from aerodbapi.dbapi.cursor import Cursor

_COLUMNS: Final = {"booze": "name", "barflys": "name, drink"}
_TABLE: Final = re.compile(r"(create|drop) table (\w+)\b.*")
_INSERT: Final = re.compile(r"insert into (\w*?(booze|barflys)) values \((.*)\)")
_keys = itertools.count(1)


def keyed(operation: str) -> str:
    """Rewrite a statement of the suite; a `?` in it stays where it is."""
    if found := _TABLE.fullmatch(operation):
        return f"TRUNCATE test.{found[2]}"
    if found := _INSERT.fullmatch(operation):
        table, name, values = found.groups()
        columns = _COLUMNS[name]
        return f"INSERT INTO test.{table} (PK, {columns}) VALUES ({next(_keys)}, {values})"
    return operation.replace(" from ", " from test.")


class Keyed(Cursor):
    """A cursor that takes the suite's statements."""

    def execute(self, operation: str, parameters: Any = None) -> Cursor:
        return super().execute(keyed(operation), parameters)

    def executemany(self, operation: str, seq_of_parameters: Any) -> Cursor:
        # One key in the text would make all of them one record: it becomes a parameter.
        rewritten = re.sub(r"VALUES \(\d+,", "VALUES (?,", keyed(operation))
        given = [(next(_keys), *parameters) for parameters in seq_of_parameters]
        return super().executemany(rewritten, given)


class KeyedConnection(Connection):
    """A connection whose cursors are `Keyed`."""

    def cursor(self, row_factory: Any = None) -> Cursor:
        return Keyed(self, row_factory or self.row_factory)


class Driver:
    """The module, with `KeyedConnection`s."""

    def __getattr__(self, name: str) -> Any:
        return getattr(aerodbapi, name)

    @staticmethod
    def connect(**options: Any) -> Connection:
        connection = aerodbapi.connect(**options)
        connection.__class__ = KeyedConnection
        return connection


class Compliance(dbapi20.DatabaseAPI20Test):
    """What both places to connect to have in common."""

    __test__ = False
    driver = Driver()

    def test_nextset(self) -> None:
        """No statement has two results: the method says so (the suite leaves it to drivers)."""
        with self._connect() as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            assert cursor.nextset() is None

    def test_setoutputsize(self) -> None:
        """Values always come whole (the suite leaves it to drivers)."""
        with self._connect() as connection:
            cursor = connection.cursor()
            cursor.setoutputsize(1, 0)
            cursor.execute("SELECT ?", ("long" * 1000,))
            assert cursor.fetchone() == ("long" * 1000,)

    def test_callproc(self) -> None:
        """Aerospike has no stored procedures, only functions that run on records."""
        with self._connect() as connection, pytest.raises(aerodbapi.NotSupportedError):
            connection.cursor().callproc("lower", ("FOO",))

    def test_non_idempotent_close(self) -> None:
        """Closing twice is allowed, as in nearly every driver: the suite itself doubts this one."""
        connection = self._connect()
        connection.close()
        connection.close()
        assert connection.closed


class TestInTheProcess(Compliance):
    """On an embedded node that all of a test's connections share, by its file."""

    __test__ = True

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Any) -> None:
        self.connect_kw_args = {"url": f"aerospike:///{tmp_path}/compliance.db"}


class TestOnTCP(Compliance):
    """On a node that listens."""

    __test__ = True

    @pytest.fixture(autouse=True)
    def _address(self, node_address: tuple[str, int]) -> None:
        self.connect_kw_args = {"hosts": [node_address]}
