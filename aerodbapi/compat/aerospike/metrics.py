"""The official client's metrics policies and listeners, on the engine's metrics."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.compat.aerospike.raising import guarded, param_error
from aerodbapi.compat.aerospike_helpers import metrics as helpers
from aerodbapi.native import metrics
from aerodbapi.native.overview import Connections

__all__ = ["check", "connections", "watcher"]

#: What reports call the version of the client.
_VERSION: Final = "19.3.0"
_PATH_MAX: Final = 256
#: Field → (its type, the largest integer, what its type is called).
_FIELDS: Final[dict[str, tuple[type, int, str]]] = {
    "report_dir": (str, 0, "str"),
    "report_size_limit": (int, (1 << 64) - 1, "unsigned 64-bit integer"),
    "interval": (int, (1 << 32) - 1, "unsigned 32-bit integer"),
    "latency_columns": (int, 255, "unsigned 8-bit integer"),
    "latency_shift": (int, 255, "unsigned 8-bit integer"),
    "labels": (dict, 0, "dict[str, str]"),
}
_CALLBACKS: Final = (
    "enable_listener",
    "disable_listener",
    "node_close_listener",
    "snapshot_listener",
)


def check(policy: Any) -> None:
    """Raise ParamError for a policy whose fields are wrong."""
    listeners = policy.metrics_listeners
    if listeners is not None and type(listeners).__name__ != "MetricsListeners":
        _wrong("metrics_listeners", "aerospike_helpers.metrics.MetricsListeners")
    for name in _CALLBACKS if listeners is not None else ():
        if not callable(getattr(listeners, name)):
            _wrong(f"metrics_listeners.{name}", "callable")
    for name, (kind, most, what) in _FIELDS.items():
        value: Any = getattr(policy, name)
        if not isinstance(value, kind) or (isinstance(value, int) and not 0 <= value <= most):
            _wrong(name, what)
    if not all(isinstance(text, str) for pair in policy.labels.items() for text in pair):
        _wrong("labels", _FIELDS["labels"][2])
    if len(policy.report_dir) >= _PATH_MAX:
        param_error(f"MetricsPolicy.report_dir must be less than {_PATH_MAX} chars")


def _wrong(name: str, kind: str) -> None:
    param_error(f"MetricsPolicy.{name} must be a {kind} type")


def watcher(policy: Any, app_id: str, before: metrics.Watcher | None) -> metrics.Watcher:
    """The engine's watcher for a policy; totals of the one `before` go on."""
    check(policy)
    listeners = policy.metrics_listeners
    made = metrics.MetricsPolicy(
        listener=None if listeners is None else _Listener(listeners, policy.latency_columns),
        report_dir=policy.report_dir,
        report_size_limit=policy.report_size_limit if listeners is None else 0,
        interval=policy.interval,
        latency_columns=policy.latency_columns,
        latency_shift=policy.latency_shift,
        labels=policy.labels,
        app_id=app_id,
        version=_VERSION,
    )
    checked = guarded(metrics.policy_of, made)
    return metrics.Watcher(checked, None if before is None else before.recorder)


class _Listener(metrics.MetricsListener):
    """Hands what the engine tells to a program's functions, as the helpers' objects."""

    def __init__(self, listeners: Any, columns: int) -> None:
        self._given = listeners
        self._columns = columns

    def on_enable(self) -> None:
        _call("enable_listener", self._given.enable_listener)

    def on_snapshot(self, metrics: metrics.ClusterMetrics) -> None:
        _call("snapshot_listener", self._given.snapshot_listener, self._cluster(metrics))

    def on_node_close(self, metrics: metrics.NodeMetrics) -> None:
        _call("node_close_listener", self._given.node_close_listener, self._node(metrics))

    def on_disable(self, metrics: metrics.ClusterMetrics) -> None:
        _call("disable_listener", self._given.disable_listener, self._cluster(metrics))

    def _cluster(self, found: metrics.ClusterMetrics) -> helpers.Cluster:
        made = helpers.Cluster()
        made.cluster_name = found.cluster_name or None
        made.app_id = found.app_id
        made.invalid_node_count = 0
        made.command_count, made.retry_count = found.commands, found.retries
        made.nodes = [self._node(node) for node in found.nodes]
        return made

    def _node(self, found: metrics.NodeMetrics) -> helpers.Node:
        made = helpers.Node()
        made.name, made.address, made.port = found.name, found.address, found.port
        made.conns = connections(found.connections)
        made.metrics = [self._namespace(space) for space in found.namespaces]
        return made

    def _namespace(self, found: metrics.NamespaceMetrics) -> helpers.NamespaceMetrics:
        made = helpers.NamespaceMetrics()
        made.ns = found.namespace
        made.bytes_in, made.bytes_out = found.bytes_in, found.bytes_out
        made.error_count, made.timeout_count = found.errors, found.timeouts
        made.key_busy_count = found.key_busy
        for kind in ("conn", "write", "read", "batch", "query"):
            numbers = found.latency.get(kind, (0,) * self._columns)
            setattr(made, f"{kind}_latency", list(numbers))
        return made


def _call(name: str, listener: Any, *args: Any) -> None:
    try:
        listener(*args)
    except Exception as error:
        kind, said = type(error).__name__, _said(error)
        param_error(f"Python callback {name} threw a {kind} exception. {said}")


def _said(error: Exception) -> str:
    try:
        return f"Exception value: {error}"
    except Exception:
        return "str() on exception value threw an error"


def connections(found: Connections) -> helpers.ConnectionStats:
    """A node's connections."""
    stats = helpers.ConnectionStats()
    stats.in_use, stats.in_pool, stats.opened = found.in_use, found.in_pool, found.opened
    stats.closed, stats.recovered, stats.aborted = found.closed, 0, 0
    return stats
