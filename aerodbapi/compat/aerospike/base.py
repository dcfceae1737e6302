"""What every part of Client stands on: configuration, connection, and how calls are made."""

from __future__ import annotations

from typing import Any, TypeVar

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Conversation
from aerodbapi.compat.aerospike.config import Settings, settings
from aerodbapi.compat.aerospike.raising import fail, guarded, param_error
from aerodbapi.native.calls import Call
from aerodbapi.native.engine import Engine

__all__ = ["BaseClient"]

_T = TypeVar("_T")
_UNSET: Any = object()


class BaseClient:
    """A connection to a cluster; made when the client is."""

    _engine: Engine | None = None
    _settings: Settings

    def __init__(self, config: Any = _UNSET) -> None:
        if config is _UNSET:
            param_error("No config argument")
        self._settings = settings(config)
        self.connect()

    def connect(self, username: str | None = None, password: str | None = None, /) -> Any:
        """Connect again after close(); a connected client stays as it is."""
        if self._engine is None:
            conninfo = self._settings.conninfo
            if username is not None:
                conninfo = conninfo.replace(user=username, password=password)
            self._engine = guarded(Engine.open, conninfo)
        return self

    def close(self) -> None:
        """Close all connections."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def is_connected(self) -> bool:
        """Whether the client is connected."""
        return self._engine is not None

    def __del__(self) -> None:
        # As the original: what is no longer used is closed.
        self.close()

    @property
    def _open(self) -> Engine:
        if self._engine is None:
            fail(11, "No connection to aerospike cluster", depth=2)
        return self._engine

    @property
    def _cluster(self) -> Cluster:
        return self._open.cluster

    def _call(self, call: Call[_T]) -> _T:
        made: _T = guarded(self._open.call, call)
        return made

    def _run(self, conversation: Conversation[_T]) -> _T:
        made: _T = guarded(self._open.run, conversation)
        return made
