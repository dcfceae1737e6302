"""What samples run on: our façade or the original, in the process or over TCP."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import Address

__all__ = ["OFFICIAL", "Official"]

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
