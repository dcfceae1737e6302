"""Nodes for the differential tests: the embedded one, and a server when one is named."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from tests.conftest import parse_hosts
from tests.differential.peers import Peer


@pytest.fixture(scope="session")
def node() -> Iterator[EmbeddedNode]:
    """An embedded node in this process."""
    with_close = EmbeddedNode()
    yield with_close
    with_close.close()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Peer | None]:
    """The server of `--hosts`, or None."""
    hosts = request.config.getoption("--hosts")
    if hosts is None:
        yield None
        return
    peer = Peer(parse_hosts(hosts)[0])
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def set_name() -> str:
    """The set of this test process."""
    return "differential" + os.environ.get("PYTEST_XDIST_WORKER", "")
