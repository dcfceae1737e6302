"""Client's methods on the cluster: nodes, info commands, statistics, policies, keys' places."""

from __future__ import annotations

import base64
import logging
from typing import Any

from aerodbapi.cluster import info
from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.expressions import context, expression
from aerodbapi.compat.aerospike.keys import native_key
from aerodbapi.compat.aerospike.metrics import connections as made
from aerodbapi.compat.aerospike.metrics import watcher
from aerodbapi.compat.aerospike.policies import described
from aerodbapi.compat.aerospike.raising import fail, guarded, param_error
from aerodbapi.compat.aerospike_helpers import metrics
from aerodbapi.native.contexts import to_base64
from aerodbapi.native.metrics import Watcher
from aerodbapi.native.overview import connections
from aerodbapi.protocol.digest import partition_id
from aerodbapi.protocol.expressions import pack_expression

__all__ = ["ClusterMethods"]

Dict = dict[str, Any]
_log = logging.getLogger("aerodbapi")


class ClusterMethods(BaseClient):
    """Nodes, info commands, statistics."""

    _watcher: Watcher | None = None

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
        if self._engine is None:
            fail(11, "No connection to aerospike cluster.")
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
        """Connections and failures, by node. Failures are counted while metrics are enabled."""
        watcher = self._watcher
        recorder = None if watcher is None else watcher.recorder
        stats = metrics.ClusterStats()
        nodes = self._cluster.nodes.values()
        stats.nodes = [_node_stats(node, recorder) for node in nodes]
        stats.retry_count = 0 if recorder is None else recorder.retries
        stats.thread_pool_queued_tasks = 0
        stats.recover_queue_size = 0
        return stats

    def enable_metrics(self, policy: metrics.MetricsPolicy | None = None) -> None:
        """Count from now on, and call the policy's listeners or write reports."""
        cluster = self._cluster
        if self._dynamic("enable") is False:
            _log.warning("metrics are disabled by the configuration's file")
            return
        if policy is not None and type(policy).__name__ != "MetricsPolicy":
            param_error("policy parameter must be an aerospike_helpers.MetricsPolicy type")
        chosen = policy or self._settings.metrics or metrics.MetricsPolicy()
        made = watcher(chosen, self._app_id(), self._watcher)
        self._unwatch(cluster)
        guarded(made.start, cluster)
        for node in cluster.nodes.values():
            made.recorder.counts(node, "")  # reported from the beginning
        self._watcher = made

    def disable_metrics(self) -> None:
        """Count no more."""
        cluster = self._cluster
        if self._dynamic("enable") is True:
            _log.warning("metrics are enabled by the configuration's file")
            return
        self._unwatch(cluster)

    def _unwatch(self, cluster: Any) -> None:
        watching, self._watcher = self._watcher, None
        if watching is not None:
            watching.stop(cluster)

    def _watch(self) -> None:
        if self._dynamic("enable") is True:
            self.enable_metrics()

    def _dynamic(self, key: str) -> Any:
        file = self._settings.file
        return None if file is None else file.metrics.get(key)

    def _app_id(self) -> str:
        return self._settings.app_id or self._settings.conninfo.user or "not-set"


def _expression(compiled: Any, inward: Any) -> Any:
    return expression(compiled, inward)


def _node_stats(node: Any, recorder: Any) -> metrics.NodeStats:
    stats = metrics.NodeStats()
    stats.name, stats.address, stats.port = node.name, node.host, node.port
    stats.conns = made(connections(node))
    counts = [] if recorder is None else list(recorder.nodes.get(node.name, {}).values())
    stats.error_count = sum(each.errors for each in counts)
    stats.timeout_count = sum(each.timeouts for each in counts)
    stats.key_busy_count = sum(each.busy for each in counts)
    return stats
