"""Configuration in files: what goes before what, and what is read."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.compat import aerospike
from aerodbapi.compat.aerospike import exception
from aerodbapi.compat.aerospike.dynamic import parse
from aerodbapi.compat.aerospike_helpers.metrics import MetricsPolicy
from tests.conftest import Address

FILE = """\
version: 1.0.0
# what goes before what the program says
dynamic:
  write:
    send_key: false   # not what the program says
    total_timeout: 20000
  read: {replica: MASTER, max_retries: 7}
  metrics:
    enable: true
static:
  client:
    config_interval: 1000
"""


def test_yaml() -> None:
    assert parse(FILE) == {
        "version": "1.0.0",
        "dynamic": {
            "write": {"send_key": False, "total_timeout": 20000},
            "read": {"replica": "MASTER", "max_retries": 7},
            "metrics": {"enable": True},
        },
        "static": {"client": {"config_interval": 1000}},
    }
    assert parse("a: 'x y'\nb:\n  c:\nd: ~\n") == {"a": "x y", "b": {"c": {}}, "d": None}
    with pytest.raises(ValueError, match="line 2"):
        parse("a: 1\n- b\n")


@pytest.mark.parametrize("named", ["provider", "variable"])
def test_a_file_goes_before_the_program(
    node_address: Address,
    namespace: str,
    fresh_set: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str,
) -> None:
    path = tmp_path / "options.yml"
    path.write_text(FILE.replace("enable: true", "enable: false"))
    config: dict[str, Any] = {"hosts": [node_address]}
    if named == "provider":
        config["config_provider"] = aerospike.ConfigProvider(str(path), 1)
    else:
        monkeypatch.setenv("AEROSPIKE_CLIENT_CONFIG_URL", f"file://{path}")
    client = aerospike.client(config)
    key = (namespace, fresh_set, "k")
    client.put(key, {"a": 1}, policy={"key": aerospike.POLICY_KEY_SEND, "total_timeout": 1})
    assert [found[0][2] for found in client.query(namespace, fresh_set).results()] == [None]
    if named == "provider":
        path.write_text(FILE.replace("send_key: false", "send_key: true"))
        time.sleep(0.01)
        client.put(key, {"a": 1}, policy={"total_timeout": 20_000})
        assert [found[0][2] for found in client.query(namespace, fresh_set).results()] == ["k"]
    client.close()


def test_a_file_says_whether_there_are_metrics(node_address: Address, tmp_path: Path) -> None:
    path = tmp_path / "options.yml"
    for says, watches in (("true", True), ("false", False)):
        path.write_text(FILE.replace("enable: true", f"enable: {says}"))
        provider = aerospike.ConfigProvider(str(path))
        client = aerospike.client({"hosts": [node_address], "config_provider": provider})
        client.disable_metrics()
        client.enable_metrics(MetricsPolicy(report_dir=str(tmp_path)))
        assert (client._watcher is not None) is watches
        client.close()
        assert client._watcher is None


def test_a_file_that_cannot_be_read_changes_nothing(
    node_address: Address, namespace: str, fresh_set: str, tmp_path: Path
) -> None:
    provider = aerospike.ConfigProvider(os.fspath(tmp_path / "none.yml"))
    client = aerospike.client({"hosts": [node_address], "config_provider": provider})
    with pytest.raises(exception.RecordNotFound):
        client.get((namespace, fresh_set, "k"))
    client.close()
