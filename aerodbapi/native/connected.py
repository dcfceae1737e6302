"""What both clients are: options, and an engine while they are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aerodbapi.errors import ConnectionClosed
from aerodbapi.native import overview
from aerodbapi.native.base import BaseClient
from aerodbapi.native.keys import resolve
from aerodbapi.protocol.digest import partition_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aerodbapi.cluster.observing import Recorder
    from aerodbapi.native.engine import BaseEngine
    from aerodbapi.native.metrics import ClusterMetrics, MetricsPolicy, Watcher
    from aerodbapi.native.overview import NodeAddress

__all__ = ["Connected"]

_E = TypeVar("_E", bound="BaseEngine")


class Connected(BaseClient, Generic[_E]):
    """A client; `connect` gives it an engine, `close` takes it away."""

    _engine: _E | None = None
    _watcher: Watcher | None = None
    _recorder: Recorder | None = None  # of the metrics that were enabled last

    @property
    def _open(self) -> _E:
        engine = self._engine
        if engine is None:
            raise ConnectionClosed("the client is not connected: call connect()")
        return engine

    def is_connected(self) -> bool:
        """Whether `connect` has succeeded and `close` was not called."""
        return self._engine is not None

    def get_node_names(self) -> list[str]:
        """The names of the cluster's nodes."""
        return list(self._open.cluster.nodes)

    def get_nodes(self) -> list[NodeAddress]:
        """The cluster's nodes with their addresses."""
        return overview.nodes(self._open.cluster)

    def get_stats(self) -> overview.ClusterStats:
        """What this client has of connections and errors."""
        return overview.stats(self._open.cluster)

    def enable_metrics(self, policy: MetricsPolicy | Mapping[str, Any] | None = None) -> None:
        """Count commands, bytes and durations, and tell of them as `metrics.MetricsPolicy` says.

        Enabled metrics are disabled first. Raises OperationalError when no report can be written.
        """
        from aerodbapi.native.metrics import Watcher, policy_of  # few programs need them

        chosen = policy_of(policy)
        self.disable_metrics()
        watcher = Watcher(chosen, self._recorder)
        watcher.start(self._open.cluster)
        self._watcher, self._recorder = watcher, watcher.recorder

    def disable_metrics(self) -> None:
        """Count no more, after a last snapshot; does nothing when metrics are not enabled."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None and self._engine is not None:
            watcher.stop(self._engine.cluster)

    def get_metrics(self) -> ClusterMetrics | None:
        """The numbers as they are now, None without metrics."""
        return None if self._watcher is None else self._watcher.taken(self._open.cluster)

    def get_key_partition_id(self, namespace: str, set_name: str | None, user_key: Any) -> int:
        """The partition (0 to 4095) that a key belongs to."""
        return partition_id(resolve((namespace, set_name, user_key)).digest)
