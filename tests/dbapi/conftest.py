"""Connections of every kind, and a table for each test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faces import Opener, opener

__all__ = ["connection", "cursor", "opener", "table"]


@pytest.fixture
def connection(opener: Opener) -> Any:
    return opener.connection()


@pytest.fixture
def cursor(connection: Any) -> Any:
    return connection.cursor()


@pytest.fixture
def table(namespace: str, fresh_set: str) -> str:
    """Name an empty table, as statements write it."""
    return f"{namespace}.{fresh_set}"
