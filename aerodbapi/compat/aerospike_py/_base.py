"""What both clients hold: the configuration, the native client, and how calls are watched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from aerodbapi.compat.aerospike_py import _metrics, _tracing
from aerodbapi.compat.aerospike_py._arguments import instance
from aerodbapi.compat.aerospike_py._commands import Command
from aerodbapi.compat.aerospike_py._config import conninfo, limit
from aerodbapi.compat.aerospike_py.exception import ClientError, error_type, from_native
from aerodbapi.errors import Error

if TYPE_CHECKING:
    from aerodbapi.conninfo import ConnInfo

__all__ = ["BaseClient"]


class BaseClient:
    """A configured client that is not connected yet."""

    #: The native client while connected.
    _native: Any = None

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = dict(instance(config, dict))
        self._limit = limit(self._config)
        self._changing = Lock()
        self._connecting = False

    def is_connected(self) -> bool:
        """Whether `connect` has succeeded and `close` was not called."""
        return self._native is not None

    def get_node_names(self) -> list[str]:
        """The names of the cluster's nodes."""
        names: list[str] = self._require_connection().get_node_names()
        return names

    def start_metrics_server(self, port: int = 9464) -> None:
        """The module's function of this name."""
        from aerodbapi.compat.aerospike_py._observability import start_metrics_server

        start_metrics_server(port)

    def _require_connection(self) -> Any:
        if self._native is None:
            raise ClientError("Client is not connected. Call connect() first.")
        return self._native

    def _begin_connecting(self, username: str | None, password: str | None) -> ConnInfo:
        """Where to connect. Raises ClientError when it is connected, or a password is missing."""
        config = self._config
        if username is not None:
            if password is None:
                raise ClientError("a username needs a password")
            config = {**config, "user": username, "password": password}
        place = conninfo(config)
        with self._changing:
            if self._connecting:
                raise ClientError("Client is already connecting.")
            if self._native is not None:
                raise ClientError("Client is already connected. Call close() first.")
            self._connecting = True
        return place

    def _end_connection(self) -> Any:
        """The native client to close, if there is one. Raises ClientError while connecting."""
        with self._changing:
            if self._connecting:
                raise ClientError("Client is currently connecting: it cannot be closed.")
            native, self._native = self._native, None
        return native

    def _limit_message(self) -> str:
        return (
            f"more than {self._limit.commands} operations at a time: "
            f"waited {self._limit.wait * 1000:.0f} ms for a place"
        )

    @contextmanager
    def _observed(self, command: Command[Any]) -> Iterator[None]:
        """Measure a command, and raise aerospike-py's exceptions for the native client's."""
        start, failure = time.perf_counter(), ""
        with _tracing.span(command.name, command.namespace, command.set_name):
            try:
                yield
            except Error as error:
                failure = error_type(error)
                raise from_native(error) from error
            finally:
                if _metrics.is_metrics_enabled():
                    labels = command.namespace, command.set_name, command.name, failure
                    _metrics.observe(labels, time.perf_counter() - start)
