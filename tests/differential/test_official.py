"""The official client gets the same from the embedded node as it got from a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aerospike
import pytest
from aerospike import exception

from tests.conftest import Address
from tests.differential.official_cases import CASES

RECORDED = Path(__file__).parent / "recorded" / "official.json"


def connected(address: Address) -> Any:
    """Connect a client to a node."""
    config = {"hosts": [address], "policies": {"operate": {"total_timeout": 20_000}}}
    return aerospike.client(config).connect()


@pytest.fixture(scope="module")
def client(node_address: Address):
    found = connected(node_address)
    yield found
    found.close()


def answer(client: Any, key: tuple[str, str, str], name: str) -> list[str]:
    """Give what the client shows of a case: results or code, then the bins."""
    start, operations = CASES[name]
    client.put(key, {"a": 1, "b": start})
    try:
        shown = repr(client.operate_ordered(key, operations)[2])
    except exception.AerospikeError as error:
        shown = f"code {error.code}"
    kept = repr(sorted(client.get(key)[2].items()))
    client.remove(key)
    return [shown, kept]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", CASES)
def test_case(client, namespace, set_name, name):
    found = answer(client, (namespace, set_name, "official"), name)
    assert found == json.loads(RECORDED.read_text())[name]
