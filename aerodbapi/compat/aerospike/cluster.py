"""Client's methods on the cluster: nodes, info commands, statistics, policies, keys' places."""

from __future__ import annotations

import base64
from typing import Any

from aerodbapi.cluster import info
from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.expressions import context, expression
from aerodbapi.compat.aerospike.keys import native_key
from aerodbapi.compat.aerospike.policies import described
from aerodbapi.compat.aerospike.raising import fail, guarded, param_error
from aerodbapi.compat.aerospike_helpers import metrics
from aerodbapi.native.contexts import to_base64
from aerodbapi.protocol.digest import partition_id
from aerodbapi.protocol.expressions import pack_expression

__all__ = ["ClusterMethods"]

Dict = dict[str, Any]


class ClusterMethods(BaseClient):
    """Nodes, info commands, statistics."""

    _metrics: metrics.MetricsPolicy | None = None

    def get_nodes(self) -> list[tuple[str, int]]:
        """(address, port) of every node."""
        return [(node.host, node.port) for node in self._cluster.nodes.values()]

    def get_node_names(self) -> list[Dict]:
        """{"address", "port", "node_name"} of every node."""
        if self._engine is None:
            fail(11, "No connection to aerospike cluster.")
        return [
            {"address": node.host, "port": node.port, "node_name": node.name}
            for node in self._cluster.nodes.values()
        ]

    def info_all(self, command: str, policy: Dict | None = None) -> dict[str, Any]:
        """Ask every node: {name: (None, answer)}."""
        chosen = self._info(command, policy)
        answers = self._run(info.info_all(self._cluster, command, policy=chosen))
        return {name: (None, f"{answer}\n") for name, answer in answers.items()}

    def info_random_node(self, command: str, policy: Dict | None = None) -> str:
        """Ask some node: the command, a tab, and its answer."""
        chosen = self._info(command, policy)
        answers = self._run(info.info_one(self._cluster, command, policy=chosen))
        return f"{command}\t{next(iter(answers.values()))}\n"

    def info_single_node(self, command: str, host: str, policy: Dict | None = None) -> str:
        """Ask the node of this name: the command, a tab, and its answer."""
        chosen = self._info(command, policy)
        if not isinstance(host, str):
            param_error("host must be a string")
        node = self._cluster.nodes.get(host)
        if node is None:
            param_error(f"Could not get node with name {host}.")
        answer = self._run(info.info_node(self._cluster, node, command, policy=chosen))
        return f"{command}\t{answer}\n"

    def _info(self, command: Any, policy: Dict | None) -> Any:
        if not isinstance(command, str):
            param_error("Request must be a string")
        return self._settings.policies("info", policy)

    def get_key_partition_id(self, ns: str, set: str, key: Any) -> int:
        """The partition that holds a key."""
        return partition_id(native_key((ns, set, key)).digest)

    def get_expression_base64(self, expression: Any) -> str:
        """A compiled expression as text."""
        packed = guarded(pack_expression, _expression(expression, self._settings.inward))
        return base64.b64encode(packed).decode()

    def get_cdtctx_base64(self, ctx: Any) -> str:
        """A context as text."""
        if not isinstance(ctx, list) or not ctx:
            param_error("ctx is a list of at least one step")
        return guarded(to_base64, context(ctx, self._settings.inward))

    def shm_key(self) -> int | None:
        """The key of shared memory in the configuration (which is not used here), or None."""
        return self._settings.shm_key

    def get_policies(self) -> dict[str, Dict]:
        """The client's default policies."""
        return described(self._settings.policies)

    # ---- statistics --------------------------------------------------------------------------

    def get_stats(self) -> metrics.ClusterStats:
        """Connections and failures, by node."""
        stats = metrics.ClusterStats()
        stats.nodes = [_node_stats(node) for node in self._cluster.nodes.values()]
        stats.retry_count = 0
        stats.thread_pool_queued_tasks = 0
        stats.recover_queue_size = 0
        return stats

    def enable_metrics(self, policy: metrics.MetricsPolicy | None = None) -> None:
        """Call the policy's listeners from now on."""
        if policy is not None and type(policy).__name__ != "MetricsPolicy":
            param_error("policy parameter must be an aerospike_helpers.MetricsPolicy type")
        chosen = metrics.MetricsPolicy() if policy is None else policy
        _check(chosen)
        self._metrics = chosen
        if chosen.metrics_listeners is not None:
            _listen("enable_listener", chosen.metrics_listeners.enable_listener)

    def disable_metrics(self) -> None:
        """Call no listeners any more."""
        chosen, self._metrics = self._metrics, None
        if chosen is not None and chosen.metrics_listeners is not None:
            _listen("disable_listener", chosen.metrics_listeners.disable_listener, self._snapshot())

    def _snapshot(self) -> metrics.Cluster:
        cluster = metrics.Cluster()
        cluster.cluster_name = self._settings.conninfo.cluster_name
        cluster.app_id = None
        cluster.invalid_node_count = cluster.command_count = cluster.retry_count = 0
        cluster.nodes = []
        for node in self._cluster.nodes.values():
            made = metrics.Node()
            made.name, made.address, made.port = node.name, node.host, node.port
            made.conns = _connections(node)
            made.metrics = []
            cluster.nodes.append(made)
        return cluster


_FIELDS = {
    "report_dir": str,
    "report_size_limit": int,
    "interval": int,
    "latency_columns": int,
    "latency_shift": int,
    "labels": dict,
}
_NAMES = {str: "str", int: "unsigned 64-bit integer", dict: "dict[str, str]"}


def _check(policy: Any) -> None:
    for name, kind in _FIELDS.items():
        if not isinstance(getattr(policy, name), kind):
            param_error(f"MetricsPolicy.{name} must be a {_NAMES[kind]} type")
    listeners = policy.metrics_listeners
    if listeners is not None and type(listeners).__name__ != "MetricsListeners":
        param_error("MetricsPolicy.metrics_listeners must be a MetricsListeners type")


def _listen(name: str, listener: Any, *args: Any) -> None:
    try:
        listener(*args)
    except Exception as error:
        message = (
            f"Python callback {name} threw a {type(error).__name__} exception. "
            f"Exception value: {error}"
        )
        param_error(message)


def _expression(compiled: Any, inward: Any) -> Any:
    return expression(compiled, inward)


def _connections(node: Any) -> metrics.ConnectionStats:
    stats = metrics.ConnectionStats()
    pool = node.link
    stats.in_pool = len(getattr(pool, "idle", ())) if pool is not None else 0
    stats.in_use = stats.opened = stats.closed = stats.recovered = stats.aborted = 0
    return stats


def _node_stats(node: Any) -> metrics.NodeStats:
    stats = metrics.NodeStats()
    stats.name, stats.address, stats.port = node.name, node.host, node.port
    stats.conns = _connections(node)
    stats.error_count = stats.timeout_count = stats.key_busy_count = 0
    return stats
