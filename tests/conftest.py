"""The node that tests talk to, the sets they write to, and the options that choose them.

`--hosts HOST:PORT[,…]` points the suites at a real cluster; without it each test process (each
xdist worker) serves an embedded node of its own on a free port of the loopback interface.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

Address = tuple[str, int]

#: Sets are reused so that a long-lived server, which never forgets a set's name and holds at
#: most 4,095 of them, does not run out: this many at a time in one process …
_SETS_PER_PROCESS = 24
#: … and names for this many processes before they come round again.
_PROCESSES = 89
_INFO_TIMEOUT = 10.0  # seconds
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 10.0

_numbers = itertools.count()
_in_use: set[str] = set()


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
    with embedded_node(namespace) as address:
        yield address


@contextlib.contextmanager
def embedded_node(namespace: str) -> Iterator[Address]:
    """Serve a node from a process of its own, so that no client can hold up its threads."""
    command = (sys.executable, "-m", "aerodbapi.embedded.server", "--port", "0")
    process = subprocess.Popen(
        (*command, "--namespace", namespace), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        # The line comes or the pipe ends; the timer sees to it that one of the two happens.
        timer = threading.Timer(_START_TIMEOUT, process.kill)
        timer.start()
        line = process.stdout.readline()
        timer.cancel()
        assert line.startswith("listening on "), f"the node did not start: {line!r}"
        yield parse_hosts(line.removeprefix("listening on "))[0]
        assert process.poll() is None, "the node died during the tests"
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture
def fresh_set(node_address: Address, namespace: str) -> Iterator[str]:
    """Give the name of an empty set of this test's own; it is truncated afterwards."""
    with _empty_set(node_address, namespace) as name:
        yield name


@pytest.fixture(scope="module")
def module_set(node_address: Address, namespace: str) -> Iterator[str]:
    """As `fresh_set`, for all tests of a file that only read what the file wrote."""
    with _empty_set(node_address, namespace) as name:
        yield name


@contextlib.contextmanager
def _empty_set(address: Address, namespace: str) -> Iterator[str]:
    name = f"t_{os.getpid() % _PROCESSES}_{next(_numbers) % _SETS_PER_PROCESS}"
    if name in _in_use:
        name += "_"
    _in_use.add(name)
    truncate(address, namespace, name)
    yield name
    truncate(address, namespace, name)
    _in_use.discard(name)


def truncate(address: Address, namespace: str, set_name: str) -> None:
    """Empty a set and wait until it is.

    A server removes records after its answer, and leaves those written in the same millisecond.
    """
    for attempt in range(200):
        if attempt % 20 == 0:
            answer = info(address, f"truncate:namespace={namespace};set={set_name}")
            assert answer.lower() == "ok", answer
        state = info(address, f"sets/{namespace}/{set_name}")
        if not state or state.startswith("objects=0:"):
            return
        time.sleep(0.01)
    pytest.fail(f"set {set_name} does not become empty: {state}")


def info(address: Address, command: str) -> str:
    """Ask one info command on a connection of its own; shares no code with the package."""
    body = command.encode() + b"\n"
    with socket.create_connection(address, timeout=_INFO_TIMEOUT) as connection:
        connection.sendall(struct.pack(">BB", 2, 1) + len(body).to_bytes(6, "big") + body)
        with connection.makefile("rb") as stream:
            length = int.from_bytes(stream.read(8)[2:], "big")
            answer = stream.read(length).decode()
    return answer.removesuffix("\n").partition("\t")[2]
