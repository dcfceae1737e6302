"""Metrics of the official client: listeners, reports, and policies that will not do."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.compat import aerospike
from aerodbapi.compat.aerospike import exception
from aerodbapi.compat.aerospike_helpers.metrics import (
    Cluster,
    MetricsListeners,
    MetricsPolicy,
    NamespaceMetrics,
    Node,
)
from tests.conftest import Address


def config(address: Address, **more: Any) -> dict[str, Any]:
    return {"hosts": [address], "tend_interval": 250, **more}


@pytest.fixture
def client(node_address: Address) -> Iterator[Any]:
    client = aerospike.client(config(node_address))
    yield client
    client.close()


def listeners(heard: list[Any], **changed: Any) -> MetricsListeners:
    given: dict[str, Any] = {
        "enable_listener": lambda: heard.append("enabled"),
        "snapshot_listener": heard.append,
        "node_close_listener": heard.append,
        "disable_listener": heard.append,
    }
    return MetricsListeners(**{**given, **changed})


def test_listeners(node_address: Address, namespace: str, fresh_set: str) -> None:
    client = aerospike.client(config(node_address, app_id="shop"))
    heard: list[Any] = []
    client.enable_metrics(MetricsPolicy(listeners(heard), interval=1, latency_columns=5))
    key = (namespace, fresh_set, "k")
    client.put(key, {"a": 1})
    client.get(key)
    deadline = time.monotonic() + 10
    while len(heard) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    client.disable_metrics()
    assert heard[0] == "enabled"
    assert all(type(each) is Cluster for each in heard[1:])
    last: Cluster = heard[-1]
    assert last.app_id == "shop"
    assert last.command_count >= 2
    (node,) = last.nodes
    assert type(node) is Node
    assert (node.address, node.port) == node_address
    (space,) = [each for each in node.metrics if each.ns == namespace]
    assert type(space) is NamespaceMetrics
    assert (sum(space.write_latency), sum(space.read_latency)) == (1, 1)
    assert len(space.batch_latency) == 5
    assert space.bytes_in > 0 < space.bytes_out
    client.close()


def test_reports(node_address: Address, tmp_path: Path) -> None:
    policy = MetricsPolicy(report_dir=str(tmp_path), labels={"a": "b"}, latency_columns=3)
    client = aerospike.client(config(node_address, policies={"metrics": policy}))
    client.enable_metrics()
    client.disable_metrics()
    (report,) = tmp_path.glob("metrics-*.log")
    header, line = report.read_text().splitlines()
    assert "header(2) cluster[name,clientType,clientVersion," in header
    assert re.search(r"cluster\[[^,]*,python,19\.3\.0,not-set,\[\[a,b\]\],", line)
    client.close()


def fails(*_: Any) -> None:
    raise ValueError("it threw")


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (1, "policy parameter must be an aerospike_helpers.MetricsPolicy type"),
        (MetricsPolicy(report_dir="." * 257), "report_dir must be less than 256 chars"),
        (MetricsPolicy(report_size_limit=1), "report_size_limit"),
        (MetricsPolicy(latency_shift=256), "latency_shift must be a unsigned 8-bit integer type"),
        (MetricsPolicy(labels={"a": 1}), "labels must be a dict"),  # type: ignore[dict-item]
        (
            MetricsPolicy(listeners([], enable_listener=1)),
            "metrics_listeners.enable_listener must be a callable type",
        ),
        (
            MetricsPolicy(listeners([], enable_listener=fails)),
            "enable_listener threw a ValueError exception. Exception value: it threw",
        ),
    ],
    ids=["type", "path", "limit", "shift", "labels", "callable", "throws"],
)
def test_policies_that_will_not_do(client: Any, policy: Any, text: str) -> None:
    with pytest.raises(exception.ParamError) as failure:
        client.enable_metrics(policy)
    assert text in failure.value.msg
    client.disable_metrics()


def test_what_a_configuration_has_for_metrics(node_address: Address) -> None:
    wrong = {"metrics": (MetricsPolicy(),)}
    with pytest.raises(exception.ParamError, match="But a tuple was received instead"):
        aerospike.client(config(node_address, policies=wrong))
    wrong = {"metrics": MetricsPolicy(report_size_limit=1 << 64)}  # type: ignore[dict-item]
    with pytest.raises(exception.ClientError, match="report_size_limit"):
        aerospike.client(config(node_address, policies=wrong))
