"""Metrics: what is counted, who is told, what reports say; and the statistics without them."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from aerodbapi.cluster.observing import Recorder
from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import serve
from aerodbapi.errors import OperationalError, ParameterError, RecordNotFound
from aerodbapi.native.client import Client
from aerodbapi.native.metrics import ClusterMetrics, MetricsListener, MetricsPolicy


class Noting(MetricsListener):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def on_enable(self) -> None:
        self.told.append(("enable", None))

    def on_snapshot(self, metrics: ClusterMetrics) -> None:
        self.told.append(("snapshot", metrics))

    def on_disable(self, metrics: ClusterMetrics) -> None:
        self.told.append(("disable", metrics))


def _space(metrics: ClusterMetrics, namespace: str) -> Any:
    (node,) = metrics.nodes
    return next(space for space in node.namespaces if space.namespace == namespace)


def test_what_is_counted(client: Any, key: Any) -> None:
    listener = Noting()
    client.enable_metrics({"listener": listener, "latency_columns": 3})
    for number in range(5):
        client.put(key, {"n": number})
        client.get(key)
    with pytest.raises(RecordNotFound):
        client.get((*key[:2], "none"))
    client.batch_read([key, key])
    assert len(list(client.scan(*key[:2]))) == 1
    metrics = client.get_metrics()
    found = _space(metrics, key[0])
    assert metrics.commands >= 13  # background work of others may be among them
    assert metrics.retries == 0
    assert (found.errors, found.timeouts, found.key_busy) == (0, 0, 0)
    assert {kind: sum(numbers) for kind, numbers in found.latency.items()} == {
        "conn": 0,
        "write": 5,
        "read": 6,
        "batch": 0,
        "query": 1,
    }
    assert all(len(numbers) == 3 for numbers in found.latency.values())
    assert sum(_space(metrics, "").latency["batch"]) == 1
    assert found.bytes_out > 500
    assert found.bytes_in > 200
    client.disable_metrics()
    client.disable_metrics()
    assert [what for what, _ in listener.told] == ["enable", "disable"]
    assert listener.told[-1][1].commands == metrics.commands
    assert client.get_metrics() is None
    client.get(key)
    client.enable_metrics()
    assert client.get_metrics().commands == metrics.commands
    client.disable_metrics()


def test_snapshots_and_reports(tmp_path: Path) -> None:
    listener = Noting()
    node = EmbeddedNode(cluster_name="here")
    with serve(node, port=0), Client({"hosts": [node.address], "tend_interval": 100}) as client:
        client.enable_metrics(MetricsPolicy(listener=listener, interval=1))
        client.put(("test", "s", 1), {"n": 1})
        _until(lambda: len(listener.told) > 3)
        client.enable_metrics(
            {
                "report_dir": str(tmp_path),
                "interval": 2,
                "labels": {"a": "b"},
                "latency_shift": 2,
                "app_id": "app",
            }
        )
        assert [what for what, _ in listener.told][-1] == "disable"
        client.put(("test", "s", 1), {"n": 1})
        _until(lambda: len(_lines(tmp_path)) > 2)
        connections = client.get_metrics().nodes[0].connections
        assert connections.opened >= 1 <= connections.in_pool + connections.in_use
    header, *rest = _lines(tmp_path)
    assert re.fullmatch(r"[-\d]{10} [\d:]{8} header\(2\) cluster\[name,.*latency\(7,2\).*", header)
    for line in rest:
        assert re.match(r"[-\d]{10} [\d:]{8} cluster\[[^,]*,python,[^,]+,app,\[\[a,b\]\],", line)
        assert line.endswith("]")
    assert re.search(r"test,0,0,0,\d+,\d+,\[conn\[0,0,0,0,0,0,0\],write\[[\d,]+\]", rest[-1])


def _until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert true()


def _lines(directory: Path) -> list[str]:
    files = sorted(directory.glob("metrics-*.log"))
    return [line for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize(
    "policy",
    [
        5,
        {"unknown": 1},
        {"interval": "x"},
        {"interval": 0},
        {"latency_columns": 0},
        {"latency_shift": 9},
        {"report_size_limit": 10},
        {"listener": print},
        {"labels": "x"},
    ],
)
def test_wrong_policies(client: Any, policy: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        client.enable_metrics(policy)
    assert caught.value.result_code == -2
    assert client.get_metrics() is None


def test_reports_that_cannot_be_written(client: Any) -> None:
    with pytest.raises(OperationalError, match="Failed to open file"):
        client.enable_metrics({"report_dir": "/nowhere/at/all"})
    assert client.get_metrics() is None


def test_listeners_that_fail(client: Any, key: Any) -> None:
    class Failing(MetricsListener):
        def on_enable(self) -> None:
            raise KeyError("no")

    with pytest.raises(KeyError):
        client.enable_metrics({"listener": Failing()})
    client.put(key, {"n": 1})


def test_failing_snapshots_do_not_stop_the_tending() -> None:
    class Failing(MetricsListener):
        calls = 0

        def on_snapshot(self, metrics: ClusterMetrics) -> None:
            self.calls += 1
            raise KeyError("no")

    listener = Failing()
    node = EmbeddedNode()
    with serve(node, port=0), Client({"hosts": [node.address], "tend_interval": 50}) as client:
        client.enable_metrics({"listener": listener, "interval": 1})
        _until(lambda: listener.calls > 2)


def test_failures_and_retries_are_counted() -> None:
    node = EmbeddedNode()
    answer = node.receive
    codes = [18, 14]

    def receive(request: bytes, peer: Any = None) -> Any:
        for reply in answer(request, peer):
            if request[1] == 3 and codes:
                reply = reply[:13] + bytes((codes.pop(0),)) + reply[14:]
            yield reply

    node.receive = receive  # type: ignore[method-assign]
    key = ("test", "s", 1)
    with serve(node, port=0), Client({"hosts": [node.address]}) as client:
        client.enable_metrics()
        with pytest.raises(Exception, match="14"):
            client.put(key, {"n": 1}, policy={"max_retries": 2})
        found = _space(client.get_metrics(), "test")
        assert (found.errors, found.timeouts, found.key_busy) == (1, 0, 1)
        assert client.get_metrics().retries == 1
        stats = client.get_stats()
        assert stats.retries == 1
        assert (stats.nodes[0].error_total, stats.nodes[0].busy_total) == (1, 1)
        assert stats.nodes[0].opened >= 1


@pytest.mark.parametrize(
    ("seconds", "shift", "column"),
    [(0.0005, 1, 0), (0.001, 1, 0), (0.0015, 1, 1), (0.003, 1, 2), (0.003, 2, 1), (99.0, 1, 3)],
)
def test_columns(seconds: float, shift: int, column: int) -> None:
    recorder = Recorder(4, shift)
    node: Any = EmbeddedNode()
    counts = recorder.counts(node, "test")
    recorder.took(counts, "read", seconds)
    assert counts.latency["read"].index(1) == column
