"""Declared tables as the tests of them use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

__all__ = ["accounts", "declared", "rows", "view"]


def rows(cursor: Any, text: str, *values: Any) -> list[Any]:
    """Execute, and give all rows."""
    found: list[Any] = cursor.execute(text, values).fetchall()
    return found


@pytest.fixture
def declared(namespace: str, fresh_set: str, connection: Any) -> Iterator[str]:
    """Name a table that nobody has declared, and drop it in the end."""
    name = f"{namespace}.{fresh_set}"
    yield name
    connection.execute(f"DROP TABLE IF EXISTS {name}")


@pytest.fixture
def view(namespace: str, fresh_set: str, connection: Any) -> Iterator[str]:
    """Name a view, and drop it in the end."""
    name = f"{namespace}.{fresh_set}_v"
    yield name
    connection.execute(f"DROP VIEW IF EXISTS {name}")


@pytest.fixture
def accounts(cursor: Any, declared: str) -> str:
    """Declare a table of two records."""
    cursor.execute(
        f"CREATE TABLE {declared} (id INT PRIMARY KEY, balance DECIMAL(10, 2) NOT NULL, day DATE)"
    )
    cursor.execute(f"INSERT INTO {declared} VALUES (1, 10.5, '2024-01-31'), (2, 3, NULL)")
    return declared
