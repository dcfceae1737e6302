"""What both clients are: options, and an engine while they are connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aerodbapi.errors import ConnectionClosed
from aerodbapi.native import overview
from aerodbapi.native.base import BaseClient
from aerodbapi.native.keys import resolve
from aerodbapi.protocol.digest import partition_id

if TYPE_CHECKING:
    from aerodbapi.native.engine import BaseEngine
    from aerodbapi.native.overview import NodeAddress

__all__ = ["Connected"]

_E = TypeVar("_E", bound="BaseEngine")


class Connected(BaseClient, Generic[_E]):
    """A client; `connect` gives it an engine, `close` takes it away."""

    _engine: _E | None = None

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

    def get_key_partition_id(self, namespace: str, set_name: str | None, user_key: Any) -> int:
        """The partition (0 to 4095) that a key belongs to."""
        return partition_id(resolve((namespace, set_name, user_key)).digest)
