"""A connection with a table of one's own, on the embedded node in the process and by TCP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import aerodbapi
from tests.conftest import Address

__all__ = ["PLACES", "Table", "table_in"]

PLACES = ("memory", "tcp")


class Table:
    """A table, `{t}` in statements, and the connection that it is used through."""

    def __init__(self, connection: Any, name: str) -> None:
        self.connection = connection
        self.name = name
        self.set = name.partition(".")[2]
        self.cursor = connection.cursor()

    def run(self, statement: str, parameters: Any = None) -> Any:
        """Execute a statement; return the cursor."""
        return self.cursor.execute(statement.replace("{t}", self.name), parameters)

    def rows(self, statement: str, parameters: Any = None) -> list[Any]:
        """All rows, as they come."""
        rows: list[Any] = self.run(statement, parameters).fetchall()
        return rows

    def values(self, statement: str, parameters: Any = None) -> list[Any]:
        """The first column of all rows, sorted by type and value."""
        found = [row[0] for row in self.rows(statement, parameters)]
        return sorted(found, key=lambda value: (type(value).__name__, value))

    def value(self, statement: str, parameters: Any = None) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(statement, parameters)
        return value

    def put(self, key: Any, **bins: Any) -> None:
        """Write a record; None is left out."""
        names = ", ".join(["PK", *(f'"{name}"' for name in bins)])
        marks = ", ".join("?" * (len(bins) + 1))
        self.run(f"REPLACE INTO {{t}} ({names}) VALUES ({marks})", (key, *bins.values()))

    def plan(self, statement: str, parameters: Any = None) -> list[dict[str, Any]]:
        """The operations that a statement is carried out by."""
        self.run("EXPLAIN " + statement, parameters)
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, row)) for row in self.cursor.fetchall()]

    def columns(self) -> list[str]:
        """The names of the last result's columns."""
        return [column[0] for column in self.cursor.description]


@contextlib.contextmanager
def table_in(place: str, address: Address, namespace: str, set_name: str) -> Iterator[Table]:
    """Open a connection to a place, for an empty set that it is told."""
    options = {} if place == "memory" else {"hosts": [address], "timeout": 20_000}
    with aerodbapi.connect(**options) as connection:
        yield Table(connection, f"{namespace}.{set_name}")
