"""Metrics: what a client did, by node and namespace; snapshots for listeners, or report files.

    client.enable_metrics({"interval": 10, "report_dir": "/var/log/app"})
    client.enable_metrics(MetricsPolicy(listener=Listener()))   # on_snapshot(ClusterMetrics)

A snapshot is taken every `interval` rounds of tending, by the thread or task that tends, and at
the end. A node in the process is not tended: its snapshots are those that `get_metrics` takes.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

from aerodbapi.cluster.observing import LATENCIES, Recorder
from aerodbapi.errors import OperationalError, ParameterError
from aerodbapi.frozen import frozen
from aerodbapi.native.overview import Connections, connections

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.node import Node

__all__ = [
    "ClusterMetrics",
    "MetricsListener",
    "MetricsPolicy",
    "NamespaceMetrics",
    "NodeMetrics",
    "Watcher",
    "policy_of",
    "snapshot",
]

_log = logging.getLogger("aerodbapi.metrics")
_LEAST_LIMIT: Final = 1_000_000
_COLUMNS: Final = range(1, 33)
_SHIFTS: Final = range(6)


class NamespaceMetrics(NamedTuple):
    """One node's and one namespace's numbers; batches and info requests are under ""."""

    namespace: str
    bytes_in: int
    bytes_out: int
    errors: int
    timeouts: int
    key_busy: int
    latency: Mapping[str, tuple[int, ...]]


class NodeMetrics(NamedTuple):
    """One node's numbers."""

    name: str
    address: str
    port: int
    connections: Connections
    namespaces: tuple[NamespaceMetrics, ...]


class ClusterMetrics(NamedTuple):
    """A snapshot. `commands`, `retries`: since metrics were first enabled."""

    cluster_name: str
    app_id: str
    commands: int
    retries: int
    nodes: tuple[NodeMetrics, ...]


class MetricsListener:
    """Who is told; inherit and override. What a method raises is logged, but for on_enable's."""

    def on_enable(self) -> None:
        """Metrics are enabled."""

    def on_snapshot(self, metrics: ClusterMetrics) -> None:
        """An interval is over."""

    def on_node_close(self, metrics: NodeMetrics) -> None:
        """A node has left the cluster."""

    def on_disable(self, metrics: ClusterMetrics) -> None:
        """Metrics are disabled; these are the last."""


@frozen
class MetricsPolicy:
    """`listener`: who is told; None writes reports into `report_dir` (None: neither).

    `report_size_limit`: bytes after which a new file is begun, 0 for none. `interval`: rounds of
    tending between snapshots. `latency_columns`, `latency_shift`: the first column counts
    commands up to 1 ms, each further one those up to 2^shift times as long. `labels`: shown in
    reports. `app_id`: what the program calls itself. `version`: of the client, in reports, where
    it is not this package's.
    """

    listener: MetricsListener | None = None
    report_dir: str | None = None
    report_size_limit: int = 0
    interval: int = 30
    latency_columns: int = 7
    latency_shift: int = 1
    labels: Mapping[str, str] | None = None
    app_id: str = ""
    version: str = ""


_KINDS: Final[dict[str, Any]] = {
    "listener": (MetricsListener, type(None)),
    "report_dir": (str, type(None)),
    "report_size_limit": int,
    "interval": int,
    "latency_columns": int,
    "latency_shift": int,
    "labels": (Mapping, type(None)),
    "app_id": str,
    "version": str,
}


def policy_of(given: MetricsPolicy | Mapping[str, Any] | None) -> MetricsPolicy:
    """Return `given` as a policy. Raises ParameterError (-2) for what is none."""
    if given is None:
        return MetricsPolicy()
    if isinstance(given, Mapping):
        unknown = next((key for key in given if key not in _KINDS), None)
        if unknown is not None:
            raise ParameterError(f"unknown key {unknown!r} for a MetricsPolicy", result_code=-2)
        given = MetricsPolicy(**given)
    if not isinstance(given, MetricsPolicy):
        raise ParameterError(
            f"policy is a MetricsPolicy or a dictionary, not {type(given).__name__}",
            result_code=-2,
        )
    for key, kind in _KINDS.items():
        value = getattr(given, key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ParameterError(f"MetricsPolicy.{key}: {value!r} will not do", result_code=-2)
    _check_ranges(given)
    return given


def _check_ranges(policy: MetricsPolicy) -> None:
    ranges = {
        "interval": policy.interval >= 1,
        "latency_columns": policy.latency_columns in _COLUMNS,
        "latency_shift": policy.latency_shift in _SHIFTS,
        "report_size_limit": policy.report_size_limit == 0
        or policy.report_size_limit >= _LEAST_LIMIT,
    }
    for key, good in ranges.items():
        if not good:
            raise ParameterError(
                f"MetricsPolicy.{key} is out of range: {getattr(policy, key)}", result_code=-2
            )


def snapshot(cluster: Cluster, recorder: Recorder, app_id: str = "") -> ClusterMetrics:
    """The numbers as they are now."""
    return ClusterMetrics(
        cluster.conninfo.cluster_name or "",
        app_id,
        recorder.commands,
        recorder.retries,
        tuple(_node(node, recorder) for node in cluster.nodes.values()),
    )


def _node(node: Node, recorder: Recorder) -> NodeMetrics:
    spaces = dict(recorder.nodes.get(node.name, {}))
    return NodeMetrics(
        node.name,
        node.host,
        node.port,
        connections(node),
        tuple(
            NamespaceMetrics(
                namespace,
                counts.bytes_in,
                counts.bytes_out,
                counts.errors,
                counts.timeouts,
                counts.busy,
                {kind: tuple(numbers) for kind, numbers in counts.latency.items()},
            )
            for namespace, counts in spaces.items()
        ),
    )


class Watcher:
    """Takes the snapshots of one client from `start` to `stop`."""

    def __init__(self, policy: MetricsPolicy, recorder: Recorder | None = None) -> None:
        self.policy = policy
        self.recorder = Recorder(policy.latency_columns, policy.latency_shift)
        if recorder is not None:  # totals go on, durations begin anew
            self.recorder.commands, self.recorder.retries = recorder.commands, recorder.retries
        self._listener: MetricsListener = policy.listener or MetricsListener()
        self._rounds = 0

    def start(self, cluster: Cluster) -> None:
        """Begin. Raises OperationalError when no report can be written, and what on_enable does."""
        if self.policy.listener is None and self.policy.report_dir is not None:
            self._listener = _Report(self.policy, cluster)
        self._listener.on_enable()
        cluster.observer = self

    def stop(self, cluster: Cluster) -> None:
        """End, with a last snapshot; raises what on_disable does."""
        cluster.observer = None
        self._listener.on_disable(self.taken(cluster))

    def taken(self, cluster: Cluster) -> ClusterMetrics:
        """A snapshot."""
        return snapshot(cluster, self.recorder, self.policy.app_id)

    def tended(self, cluster: Cluster, removed: Iterable[Node]) -> None:
        """Follow a round of tending."""
        self._rounds += 1
        try:
            for node in removed:
                self._listener.on_node_close(_node(node, self.recorder))
            if self._rounds % self.policy.interval == 0:
                self._listener.on_snapshot(self.taken(cluster))
        except Exception as error:
            _log.warning("a metrics listener failed: %s: %s", type(error).__name__, error)


# ---- reports -----------------------------------------------------------------------------------

_HEADER: Final = (
    "header(2) cluster[name,clientType,clientVersion,appId,label[],cpu,mem,invalidNodeCount,"
    "commandCount,retryCount,delayQueueTimeoutCount,eventloop[],node[]] label[name,value] "
    "eventloop[processSize,queueSize] node[name,address,port,syncConn,asyncConn,namespace[]] "
    "conn[inUse,inPool,opened,closed,recovered,aborted] namespace[name,errors,timeouts,keyBusy,"
    "bytesIn,bytesOut,latency[]] latency({columns},{shift})[type[l1,l2,l3...]]"
)


class _Report(MetricsListener):
    """Writes the snapshots into files named by the second in which they are begun."""

    def __init__(self, policy: MetricsPolicy, cluster: Cluster) -> None:
        self._policy = policy
        self._cpu = (time.monotonic(), time.process_time())
        self._file = self._opened()

    def _opened(self) -> TextIO:
        name = time.strftime("metrics-%Y%m%d%H%M%S.log")
        path = os.path.join(self._policy.report_dir or ".", name)
        try:
            file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - until metrics end
        except OSError as error:
            raise OperationalError(f"Failed to open file: {path}", result_code=-1) from error
        columns, shift = self._policy.latency_columns, self._policy.latency_shift
        file.write(f"{_now()} {_HEADER.format(columns=columns, shift=shift)}\n")
        file.flush()
        return file

    def on_snapshot(self, metrics: ClusterMetrics) -> None:
        self._file.write(f"{_now()} {self._line(metrics)}\n")
        self._file.flush()
        limit = self._policy.report_size_limit
        if limit and self._file.tell() >= limit:
            self._file.close()
            self._file = self._opened()

    def on_node_close(self, metrics: NodeMetrics) -> None:
        self._file.write(f"{_now()} {_node_text(metrics)}\n")

    def on_disable(self, metrics: ClusterMetrics) -> None:
        self.on_snapshot(metrics)
        self._file.close()

    def _line(self, metrics: ClusterMetrics) -> str:
        labels = ",".join(f"[{key},{value}]" for key, value in (self._policy.labels or {}).items())
        nodes = ",".join(map(_node_text, metrics.nodes))
        client = f"python,{self._policy.version or _version()},{metrics.app_id}"
        return (
            f"cluster[{metrics.cluster_name},{client},[{labels}],"
            f"{self._load()},{_memory()},0,{metrics.commands},{metrics.retries},0,[],[{nodes}]]"
        )

    def _load(self) -> int:
        """Percent of one processor that the process used since the last line."""
        then, used = self._cpu
        self._cpu = now = (time.monotonic(), time.process_time())
        return int(100 * (now[1] - used) / max(now[0] - then, 1e-6))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("aerodbapi")
    except PackageNotFoundError:  # run from a source tree
        return "0"


def _memory() -> int:
    """The most memory that the process had, in the system's unit; 0 where nobody tells."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _node_text(node: NodeMetrics) -> str:
    numbers = ",".join(map(str, (*node.connections, *[0] * len(node.connections))))
    spaces = ",".join(map(_namespace_text, node.namespaces))
    return f"[{node.name},{node.address},{node.port},{numbers},[{spaces}]]"


def _namespace_text(space: NamespaceMetrics) -> str:
    latency = ",".join(f"{kind}[{','.join(map(str, space.latency[kind]))}]" for kind in LATENCIES)
    return (
        f"{space.namespace},{space.errors},{space.timeouts},{space.key_busy},{space.bytes_in},"
        f"{space.bytes_out},[{latency}]"
    )
