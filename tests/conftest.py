"""The node that tests talk to, the sets they write to, and the options that choose them.

`--hosts HOST:PORT[,…]` points the suites at a real cluster; without it each test process (each
xdist worker) serves an embedded node of its own on a free port of the loopback interface.
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
from collections.abc import Iterator

import pytest

Address = tuple[str, int]

#: Sets are reused so that a long-lived server, which never forgets a set's name and holds at
#: most 4,095 of them, does not run out: this many at a time in one process …
_SETS_PER_PROCESS = 24
#: … and names for this many processes before they come round again.
_PROCESSES = 89
_INFO_TIMEOUT = 10.0  # seconds

_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("aerodbapi")
    group.addoption(
        "--hosts",
        metavar="HOST:PORT[,…]",
        default=None,
        help="test against this cluster rather than an embedded node",
    )
    group.addoption(
        "--namespace",
        metavar="NAME",
        default="test",
        help="the namespace to write to (default: test); it has to allow TTLs",
    )


def parse_hosts(text: str) -> list[Address]:
    """Read `host:port,host` as addresses; the port defaults to 3000."""
    hosts = []
    for part in text.split(","):
        host, _, port = part.strip().rpartition(":")
        hosts.append((host, int(port)) if host else (port, 3000))
    return hosts


@pytest.fixture(scope="session")
def real_server(request: pytest.FixtureRequest) -> bool:
    """Tell whether the tests run against a cluster that was named, not our own node."""
    return request.config.getoption("--hosts") is not None


@pytest.fixture(scope="session")
def namespace(request: pytest.FixtureRequest) -> str:
    name: str = request.config.getoption("--namespace")
    return name


@pytest.fixture(scope="session")
def node_address(request: pytest.FixtureRequest, namespace: str) -> Iterator[Address]:
    """Give the address of a node that answers on TCP, for the whole run."""
    hosts = request.config.getoption("--hosts")
    if hosts is not None:
        yield parse_hosts(hosts)[0]
        return
    from aerodbapi.embedded import server

    with server.background(namespaces=(namespace,)) as address:
        yield address


@pytest.fixture
def fresh_set(node_address: Address, namespace: str) -> Iterator[str]:
    """Give the name of an empty set of this test's own; it is truncated afterwards."""
    name = f"t_{os.getpid() % _PROCESSES}_{next(_numbers) % _SETS_PER_PROCESS}"
    truncate(node_address, namespace, name)
    yield name
    truncate(node_address, namespace, name)


def truncate(address: Address, namespace: str, set_name: str) -> None:
    answer = info(address, f"truncate:namespace={namespace};set={set_name}")
    assert answer.lower() == "ok", answer


def info(address: Address, command: str) -> str:
    """Ask one info command on a connection of its own; shares no code with the package."""
    body = command.encode() + b"\n"
    with socket.create_connection(address, timeout=_INFO_TIMEOUT) as connection:
        connection.sendall(struct.pack(">BB", 2, 1) + len(body).to_bytes(6, "big") + body)
        with connection.makefile("rb") as stream:
            length = int.from_bytes(stream.read(8)[2:], "big")
            answer = stream.read(length).decode()
    return answer.removesuffix("\n").partition("\t")[2]
