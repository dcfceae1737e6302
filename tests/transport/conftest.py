"""Fixtures: scripted servers and carriers that are closed when a test ends."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.transport.scripted import FACES, Face, Script, Server, info_for, replying


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start scripted servers."""
    servers: list[Server] = []

    def start(script: Script | None = None, **options: Any) -> Server:
        servers.append(Server(script or replying(), **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(params=sorted(FACES))
def face(request: pytest.FixtureRequest) -> Iterator[Callable[..., Face]]:
    """Open carriers of each kind that has sockets."""
    faces: list[Face] = []

    def start(server: Server | None = None, **options: Any) -> Face:
        faces.append(FACES[request.param](info_for(server, **options)))
        return faces[-1]

    yield start
    for carrier in faces:
        carrier.close()


@pytest.fixture(scope="module", autouse=True)
def _no_socket_is_forgotten() -> Iterator[None]:
    """Make sockets that nobody closed show, as a ResourceWarning, in their own module."""
    yield
    gc.collect()
