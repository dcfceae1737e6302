"""What enable_metrics() takes, and what get_stats() and metrics listeners are given."""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "Cluster",
    "ClusterStats",
    "ConnectionStats",
    "MetricsListeners",
    "MetricsPolicy",
    "NamespaceMetrics",
    "Node",
    "NodeStats",
]


class ConnectionStats:
    """A node's connections; the last four count since the client connected."""

    in_use: int
    in_pool: int
    opened: int
    closed: int
    recovered: int
    aborted: int


class NamespaceMetrics:
    """A node's commands on a namespace. Latencies count commands by powers of two, in ms."""

    ns: str
    bytes_in: int
    bytes_out: int
    error_count: int
    timeout_count: int
    key_busy_count: int
    conn_latency: list[int]
    write_latency: list[int]
    read_latency: list[int]
    batch_latency: list[int]
    query_latency: list[int]


class Node:
    """A node, as metrics listeners see it."""

    name: str
    address: str
    port: int
    conns: ConnectionStats
    metrics: list[NamespaceMetrics]


class Cluster:
    """The cluster, as metrics listeners see it."""

    cluster_name: str | None
    app_id: str | None
    invalid_node_count: int
    command_count: int
    retry_count: int
    nodes: list[Node]


class NodeStats:
    """A node's part of get_stats()."""

    name: str
    address: str
    port: int
    conns: ConnectionStats
    error_count: int
    timeout_count: int
    key_busy_count: int


class ClusterStats:
    """What get_stats() answers with."""

    nodes: list[NodeStats]
    retry_count: int
    thread_pool_queued_tasks: int
    recover_queue_size: int


class MetricsListeners:
    """Functions that are called as metrics are enabled, taken, and disabled."""

    def __init__(
        self,
        enable_listener: Callable[[], None],
        snapshot_listener: Callable[[Cluster], None],
        node_close_listener: Callable[[Node], None],
        disable_listener: Callable[[Cluster], None],
    ) -> None:
        self.enable_listener = enable_listener
        self.snapshot_listener = snapshot_listener
        self.node_close_listener = node_close_listener
        self.disable_listener = disable_listener


class MetricsPolicy:
    """How metrics are taken: `interval` in cluster tends, `report_size_limit` in bytes."""

    def __init__(
        self,
        metrics_listeners: MetricsListeners | None = None,
        report_dir: str = ".",
        report_size_limit: int = 0,
        interval: int = 30,
        latency_columns: int = 7,
        latency_shift: int = 1,
        labels: dict[str, str] | None = None,
    ) -> None:
        self.metrics_listeners = metrics_listeners
        self.report_dir = report_dir
        self.report_size_limit = report_size_limit
        self.interval = interval
        self.latency_columns = latency_columns
        self.latency_shift = latency_shift
        self.labels = {} if labels is None else labels
