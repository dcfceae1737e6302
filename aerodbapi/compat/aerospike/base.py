"""What every part of Client stands on: configuration, connection, and how calls are made."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, TypeVar

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.effects import Conversation
from aerodbapi.compat.aerospike.config import Settings, settings
from aerodbapi.compat.aerospike.exception import AerospikeError
from aerodbapi.compat.aerospike.raising import (
    fail,
    guarded,
    param_error,
    tell,
    translated,
)
from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import ConnectionFailed, Error
from aerodbapi.native.calls import Call
from aerodbapi.native.engine import Engine

__all__ = ["BaseClient"]

_T = TypeVar("_T")
_log = logging.getLogger("aerodbapi")
_UNSET: Any = object()
_UNCONNECTED = "No connection to aerospike cluster"


class BaseClient:
    """A connection to a cluster; made when the client is."""

    _engine: Engine | None = None
    _settings: Settings

    def __init__(self, config: Any = _UNSET) -> None:
        if config is _UNSET:
            try:
                raise TypeError("Client() missing required argument 'config' (pos 1)")
            except TypeError:
                param_error("No config argument")
        self._settings = settings(config)
        self.connect()

    def connect(self, username: str | None = None, password: str | None = None, /) -> Any:
        """Connect again after close(); a connected client stays as it is."""
        if self._engine is None:
            conninfo = self._settings.conninfo
            if username is not None:
                conninfo = conninfo.replace(user=username, password=password)
            self._engine = self._opened(conninfo)
            self._watch()
            _log.debug("connected to %s", ", ".join(str(n) for n in self._engine.cluster.nodes))
        return self

    def _opened(self, conninfo: ConnInfo) -> Engine:
        try:
            return Engine.open(conninfo)
        except ConnectionFailed as error:
            made = translated(error)
            # The original's text; ours is that of the cause.
            raise type(made)(made.code, "Failed to connect", *made.args[2:]) from error
        except Error as error:
            made = translated(error)
        raise made

    def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            with contextlib.suppress(Exception):
                self._unwatch(self._engine.cluster)
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _unwatch(self, cluster: Cluster) -> None:
        """Count no more (ClusterMethods)."""

    def _watch(self) -> None:
        """Count from now on, where a file says so (ClusterMethods)."""

    def is_connected(self) -> bool:
        """Whether the client is connected."""
        return self._engine is not None

    def __del__(self) -> None:
        # As the original: what is no longer used is closed.
        self.close()

    @property
    def _open(self) -> Engine:
        if self._engine is None:
            fail(11, _UNCONNECTED, depth=2)
        return self._engine

    @property
    def _cluster(self) -> Cluster:
        return self._open.cluster

    def _call(self, call: Call[_T], key: Any = None, **about: Any) -> _T:
        """Do a command. `key`, `about`: what its exceptions tell as attributes."""
        try:
            made: _T = guarded(self._open.call, call)
        except AerospikeError as error:
            tell(error, key=key, **about)
            raise
        return made

    def _run(self, conversation: Conversation[_T]) -> _T:
        made: _T = guarded(self._open.run, conversation)
        return made
