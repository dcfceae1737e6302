"""Other people's clients, connected to the node under test, and how their results are read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aerospike
import aerospike_py
import pytest
from aerospike import exception

HERE = Path(__file__).parent

Key = tuple[str, str, Any]

#: Milliseconds; generous, because a loaded machine is no fault of the node.
TIMEOUT = 20_000
_LIMITS = {"total_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
_POLICIES = dict.fromkeys(
    ("read", "write", "apply", "operate", "remove", "query", "scan", "batch", "info"), _LIMITS
)


@pytest.fixture(scope="session")
def official(node_address: tuple[str, int]) -> Iterator[Any]:
    """The official client (C), for the whole run."""
    client = aerospike.client({"hosts": [node_address], "policies": _POLICIES}).connect()
    yield client
    client.close()


@pytest.fixture(scope="session")
def rust(node_address: tuple[str, int]) -> Iterator[Any]:
    """The Rust client aerospike-py, for the whole run."""
    client = aerospike_py.client({"hosts": [node_address], "timeout": TIMEOUT}).connect()
    yield client
    client.close()


@pytest.fixture
def key(namespace: str, fresh_set: str) -> Key:
    """The key of a record that does not exist yet."""
    return namespace, fresh_set, "k"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here; the official client deprecates much of what people use it for."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


def wait_for_rust_index(client: Any, namespace: str, name: str) -> None:
    """As `wait_for_index`."""
    command = f"sindex-stat:namespace={namespace};indexname={name}"
    for _ in range(200):
        if all("load_pct=100" in answer.response for answer in client.info_all(command)):
            return
        time.sleep(0.05)
    pytest.fail(f"index {name} is not ready")


def touch_for(seconds: int) -> dict[str, Any]:
    """Build the operation that renews a record for so long."""
    return {"op": aerospike.OPERATOR_TOUCH, "val": seconds}


def info(client: Any, command: str) -> str:
    """Ask any node one info command; give the value without the command's name."""
    answer: str = client.info_random_node(command)
    return answer.partition("\t")[2].rstrip("\n")


def wait_for_index(client: Any, namespace: str, name: str) -> None:
    """Return when an index answers queries; fail after ten seconds."""
    command = f"sindex-stat:namespace={namespace};indexname={name}"
    for _ in range(200):
        if "load_pct=100" in client.info_random_node(command):
            return
        time.sleep(0.05)
    pytest.fail(f"index {name} is not ready")


def code_of(command: Callable[..., Any], *args: Any, **kwargs: Any) -> int:
    """Run a command of either client; give the server's result code, 0 when it succeeded."""
    try:
        command(*args, **kwargs)
    except exception.AerospikeError as error:
        return int(error.code)
    except aerospike_py.AerospikeError as error:
        return int(error.result_code)
    return 0
