"""What samples run on: our façade or the original, in the process or over TCP."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import Address

__all__ = ["OFFICIAL", "Official", "Rust"]

#: Name of a way to run → (prefix of the package's modules, whether the node is in the process).
OFFICIAL = {
    "embedded": ("aerodbapi.compat.", True),
    "tcp": ("aerodbapi.compat.", False),
    "original": ("", False),
}


@dataclass
class Official:
    """The official client's modules, a connected client, and where its records go."""

    aerospike: ModuleType
    client: Any
    config: dict[str, Any]
    prefix: str
    ns: str
    set: str

    def helpers(self, name: str) -> Any:
        """A module of aerospike_helpers."""
        return importlib.import_module(f"{self.prefix}aerospike_helpers.{name}")

    @property
    def exception(self) -> Any:
        return self.aerospike.exception

    def key(self, name: Any = "key") -> tuple[str, str, Any]:
        return self.ns, self.set, name


@pytest.fixture(autouse=True)
def deprecations() -> Iterator[None]:
    """Documents use calls that the newest original deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@pytest.fixture(autouse=True, scope="module")
def scratch_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Work in a directory that is thrown away: the originals leave files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("scratch"))
        yield


@pytest.fixture(params=list(OFFICIAL))
def way(request: pytest.FixtureRequest) -> str:
    """How a sample runs."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def official(way: str, request: pytest.FixtureRequest, namespace: str) -> Iterator[Official]:
    """The official client, connected, with an empty set."""
    prefix, in_process = OFFICIAL[way]
    module = importlib.import_module(f"{prefix}aerospike")
    if in_process:
        config: dict[str, Any] = {"url": "aerospike:///"}
        set_name = "demo"
    else:
        address: Address = request.getfixturevalue("node_address")
        config = {"hosts": [address]}
        set_name = request.getfixturevalue("fresh_set")
    client = module.client({**config, "policies": _PATIENT})
    if in_process:
        client.truncate(namespace, set_name, 0)
    yield Official(module, client, config, prefix, namespace, set_name)
    client.close()


_TIMES = {"total_timeout": 20_000, "socket_timeout": 20_000}
_PATIENT = dict.fromkeys(
    ["read", "write", "apply", "operate", "remove", "query", "scan", "batch"], _TIMES
)


# ---- aerospike-py ------------------------------------------------------------------------------


class Waiting:
    """A client whose coroutines are waited for, so that one sample serves both kinds."""

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda *args, **kwargs: self._loop.run_until_complete(_done(method, args, kwargs))


async def _done(method: Any, args: Any, kwargs: Any) -> Any:
    answer = method(*args, **kwargs)
    answer = await answer if inspect.isawaitable(answer) else answer
    if hasattr(answer, "foreach"):
        return Waiting(answer, asyncio.get_running_loop())
    return answer


@dataclass
class Rust:
    """aerospike-py's modules, a connected client of one of its two kinds, and where to write."""

    aerospike: ModuleType
    client: Any
    config: dict[str, Any]
    prefix: str
    ns: str
    set: str

    def module(self, name: str) -> Any:
        """A module of aerospike_py."""
        return importlib.import_module(f"{self.prefix}aerospike_py.{name}")

    def key(self, name: Any = "user1") -> tuple[str, str, Any]:
        return self.ns, self.set, name


@pytest.fixture(params=["sync", "async"])
def rust(
    request: pytest.FixtureRequest, way: str, namespace: str, fresh_set: str
) -> Iterator[Rust]:
    """aerospike-py, connected, with an empty set."""
    prefix, in_process = OFFICIAL[way]
    module = importlib.import_module(f"{prefix}aerospike_py")
    config: dict[str, Any] = {"timeout": 20_000}
    if in_process:
        config["url"] = "aerospike:///"
    else:
        config["hosts"] = [request.getfixturevalue("node_address")]
    loop = asyncio.new_event_loop()
    kind = module.Client if request.param == "sync" else module.AsyncClient
    client = Waiting(kind(config), loop)
    client.connect()
    yield Rust(module, client, config, prefix, namespace, fresh_set)
    client.close()
    loop.close()
