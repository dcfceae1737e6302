"""A node for tests: pytest fixtures, and the same without pytest.

pytest finds this module by itself once the package is installed (`-p no:aerodbapi` keeps it
away). A test that asks for one of these gets a node of its own session on a free port, and
nothing of what other tests left there:

    def test_users(aerospike_connection):             # PEP 249
        aerospike_connection.cursor().execute("INSERT INTO test.u (PK, n) VALUES ('a', 1)")

    def test_anything(aerospike_url, aerospike_config):   # a URL; {"hosts": [(host, port)]}
        aerospike.client(aerospike_config).connect()  # any client, in any language

| fixture | scope | is |
|---|---|---|
| `aerospike_node` | session | a `Node`: address, url, config, info(), clear() |
| `aerospike_namespace` | test | the name of a namespace that is empty when the test begins |
| `aerospike_url` | test | a connection URL, its namespace empty |
| `aerospike_config` | test | a native client's configuration, its namespace empty |
| `aerospike_connection` | test | an open `aerodbapi.connect(...)` |
| `aerospike_client` | test | a connected `aerodbapi.client(...)` |

With xdist every worker has a node. `--aerospike-hosts HOST:PORT` names a server to test against
instead; the namespace that `--aerospike-namespace` names there is emptied for each test.

Without pytest: `with aerodbapi.testing.serve() as node: ...`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pytest

    import aerodbapi

__all__ = ["Node", "serve"]

_Address = tuple[str, int]
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_INFO_SECONDS: Final = 10.0
_CLEAR_SECONDS: Final = 10.0
_MAX_INFO: Final = 64 << 20  # bytes


class Node:
    """A node that answers on TCP, with one namespace for tests."""

    __slots__ = ("host", "namespace", "port")

    def __init__(self, host: str, port: int, namespace: str = "test") -> None:
        self.host = host
        self.port = port
        self.namespace = namespace

    def __repr__(self) -> str:
        return f"<Node {self.url}>"

    @property
    def address(self) -> _Address:
        """(host, port)."""
        return self.host, self.port

    @property
    def url(self) -> str:
        """What `aerodbapi.connect` takes."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"aerospike://{host}:{self.port}/{self.namespace}"

    @property
    def config(self) -> dict[str, Any]:
        """What native clients take: {"hosts": [(host, port)]}, a new one each time."""
        return {"hosts": [self.address]}

    def info(self, command: str) -> str:
        """The node's answer to an info command. Raises OSError when the node is gone."""
        return _info(self.address, command)

    def clear(self) -> None:
        """Remove all records and secondary indexes of the namespace, and all UDF modules.

        Returns when they are gone; raises TimeoutError when they are not after ten seconds.
        """
        _drop_indexes(self)
        _drop_modules(self)
        _drop_records(self)


@contextlib.contextmanager
def serve(namespace: str = "test", host: str = "127.0.0.1") -> Iterator[Node]:
    """Serve a node in memory from a process of its own, on a free port, within a `with` block.

    The process ends with the block, and with this process, however that ends. Raises
    RuntimeError when it does not start.
    """
    import subprocess
    import sys

    command = (sys.executable, "-c", _CHILD, host, namespace)
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Node(host, _port_of(process), namespace)
    finally:
        process.stdin.close()  # the node ends when nothing holds this pipe any more
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


#: The node's process: it says which port it has, and lives as long as its standard input.
_CHILD: Final = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
node = EmbeddedNode(namespaces=(sys.argv[2],))
server = serve(node, sys.argv[1], 0)
print(server.address[1], flush=True)
sys.stdin.read()
server.stop()
"""


def _port_of(process: Any) -> int:
    """The port that a node's process tells. Raises RuntimeError when it does not in time."""
    import threading

    # The line comes or the pipe ends; the timer sees to it that one of the two happens.
    timer = threading.Timer(_START_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    if not line.strip().isdigit():
        raise RuntimeError(f"the embedded node did not start: it said {line!r}")
    return int(line)


# ---- emptying a namespace ----------------------------------------------------------------------


def _drop_indexes(node: Node) -> None:
    for line in _entries(node.info(f"sindex-list:namespace={node.namespace}")):
        fields = dict(pair.partition("=")[::2] for pair in line.split(":"))
        if fields.get("ns") == node.namespace:
            name = fields["indexname"]
            node.info(f"sindex-delete:namespace={node.namespace};indexname={name}")


def _drop_modules(node: Node) -> None:
    for line in _entries(node.info("udf-list")):
        fields = dict(pair.partition("=")[::2] for pair in line.split(","))
        if "filename" in fields:
            node.info(f"udf-remove:filename={fields['filename']}")


def _drop_records(node: Node) -> None:
    """A server removes records after its answer, and leaves those of the same millisecond."""
    import time

    state = f"namespace/{node.namespace}"
    deadline = time.monotonic() + _CLEAR_SECONDS
    tries = 0
    while _count(node.info(state)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"namespace {node.namespace} does not become empty")
        if tries % 20 == 0:
            node.info(f"truncate-namespace:namespace={node.namespace}")
        tries += 1
        time.sleep(0.005)


def _count(state: str) -> int:
    for pair in state.split(";"):
        name, _, value = pair.partition("=")
        if name == "objects":
            return int(value)
    raise ValueError(f"the node has no such namespace: it said {state[:100]!r}")


def _entries(answer: str) -> list[str]:
    return [entry for entry in answer.split(";") if entry]


def _info(address: _Address, command: str) -> str:
    import socket

    from aerodbapi.protocol import frame, info

    with socket.create_connection(address, timeout=_INFO_SECONDS) as connection:
        connection.sendall(info.encode_request([command]))
        with connection.makefile("rb") as stream:
            _, length = frame.parse_header(stream.read(frame.HEADER_SIZE))
            reply = info.decode_reply(stream.read(min(length, _MAX_INFO)))
    return next(iter(reply.values()), "")


# ---- pytest ------------------------------------------------------------------------------------
# pytest is imported by nothing here but its own start: other programs use `serve` alone.


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name a server to test against."""
    group = parser.getgroup("aerospike", "Aerospike node for tests (aerodbapi)")
    group.addoption(
        "--aerospike-hosts",
        metavar="HOST:PORT",
        default=None,
        help="test against this server rather than an embedded node",
    )
    group.addoption(
        "--aerospike-namespace",
        metavar="NAME",
        default="test",
        help="the namespace that is emptied for each test (default: test)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the fixtures known."""
    import types

    import pytest

    fixtures = types.ModuleType("aerodbapi.testing.fixtures")
    for scope, function in _FIXTURES:
        name = function.__name__.lstrip("_")
        setattr(fixtures, name, pytest.fixture(scope=scope, name=name)(function))
    config.pluginmanager.register(fixtures, "aerodbapi-fixtures")


def _aerospike_node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """A node for the whole session: embedded, on a free port, unless a server was named."""
    namespace: str = request.config.getoption("--aerospike-namespace")
    hosts: str | None = request.config.getoption("--aerospike-hosts")
    if hosts is not None:
        host, _, port = hosts.split(",")[0].rpartition(":")
        yield Node(host.strip("[]"), int(port), namespace)
        return
    with serve(namespace) as node:
        yield node


def _aerospike_namespace(aerospike_node: Node) -> str:
    """The name of a namespace without records and indexes."""
    aerospike_node.clear()
    return aerospike_node.namespace


def _aerospike_url(aerospike_node: Node, aerospike_namespace: str) -> str:
    """A connection URL, with an empty namespace."""
    return aerospike_node.url


def _aerospike_config(aerospike_node: Node, aerospike_namespace: str) -> dict[str, Any]:
    """A native client's configuration; the namespace is empty."""
    return aerospike_node.config


def _aerospike_connection(aerospike_url: str) -> Iterator[aerodbapi.Connection]:
    """An open PEP 249 connection, closed after the test."""
    import aerodbapi

    with contextlib.closing(aerodbapi.connect(aerospike_url)) as connection:
        yield connection


def _aerospike_client(aerospike_config: dict[str, Any]) -> Iterator[aerodbapi.Client]:
    """A connected native client, closed after the test."""
    import aerodbapi

    with aerodbapi.client(aerospike_config) as client:
        yield client


_FIXTURES: Final[tuple[tuple[Any, Any], ...]] = (
    ("session", _aerospike_node),
    ("function", _aerospike_namespace),
    ("function", _aerospike_url),
    ("function", _aerospike_config),
    ("function", _aerospike_connection),
    ("function", _aerospike_client),
)
