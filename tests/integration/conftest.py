"""Our faces and the official client side by side, on the node under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aerospike
import pytest

import aerodbapi

_TIMEOUT = 20_000  # milliseconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The official client deprecates much of what people use it for."""
    for item in items:
        if "official" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.interop)
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


@pytest.fixture(scope="session")
def official(node_address: tuple[str, int]) -> Iterator[Any]:
    limits = {"total_timeout": _TIMEOUT, "socket_timeout": _TIMEOUT}
    policies = dict.fromkeys(("read", "write", "batch", "scan", "query", "info"), limits)
    client = aerospike.client({"hosts": [node_address], "policies": policies}).connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def native(node_address: tuple[str, int]) -> Iterator[Any]:
    """Our native client."""
    with aerodbapi.client({"hosts": [node_address], "timeout": _TIMEOUT}) as client:
        yield client


@pytest.fixture
def cursor(node_address: tuple[str, int], namespace: str) -> Iterator[Any]:
    """A cursor of a connection of its own."""
    host, port = node_address
    url = f"aerospike://{host}:{port}/{namespace}?timeout={_TIMEOUT}"
    with aerodbapi.connect(url) as connection:
        yield connection.cursor()
