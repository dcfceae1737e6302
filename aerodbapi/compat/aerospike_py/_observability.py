"""Logging, metrics and tracing: the module-level functions."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.compat.aerospike_py._metrics import (
    get_metrics_text,
    internal_stage_profiling,
    is_internal_stage_metrics_enabled,
    is_metrics_enabled,
    set_internal_stage_metrics_enabled,
    set_metrics_enabled,
)
from aerodbapi.compat.aerospike_py._tracing import init_tracing, shutdown_tracing

if TYPE_CHECKING:
    from http.server import HTTPServer

__all__ = [
    "dropped_log_count",
    "get_metrics",
    "init_tracing",
    "internal_stage_profiling",
    "is_internal_stage_metrics_enabled",
    "is_metrics_enabled",
    "set_internal_stage_metrics_enabled",
    "set_log_level",
    "set_metrics_enabled",
    "shutdown_tracing",
    "start_metrics_server",
    "stop_metrics_server",
]

_TRACE: Final = 5
logging.addLevelName(_TRACE, "TRACE")
#: LOG_LEVEL_* → Python's level.
_LEVEL_MAP: Final = {
    -1: logging.CRITICAL + 1,
    0: logging.ERROR,
    1: logging.WARNING,
    2: logging.INFO,
    3: logging.DEBUG,
    4: _TRACE,
}
_LOGGERS: Final = ("aerospike_py", "_aerospike", "aerospike_core", "aerospike")
_JOIN_SECONDS: Final = 5.0

_lock: Final = threading.Lock()
_server: tuple[HTTPServer, threading.Thread] | None = None


def set_log_level(level: int) -> None:
    """Set the level of aerospike-py's loggers; `level` is LOG_LEVEL_*. Raises ValueError."""
    if level not in _LEVEL_MAP:
        raise ValueError(f"Invalid log level: {level!r}; it is one of LOG_LEVEL_* (-1 to 4)")
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(_LEVEL_MAP[level])


def get_metrics() -> str:
    """What was measured, in Prometheus' text format."""
    return get_metrics_text()


def dropped_log_count() -> int:
    """0: messages go straight to Python's logging."""
    return 0


def start_metrics_server(port: int = 9464) -> None:
    """Serve get_metrics() under /metrics; a server on another port ends."""
    global _server
    with _lock:
        old = _server
        if old is not None and old[0].server_address[1] == port:
            _server = None
            _stop(*old)
            old = None
        server = _bound(port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        _server = server, thread
        if old is not None:
            _stop(*old)


def stop_metrics_server() -> None:
    """End the server of start_metrics_server."""
    global _server
    with _lock:
        old, _server = _server, None
        if old is not None:
            _stop(*old)


def _bound(port: int) -> HTTPServer:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_response(404)
                self.end_headers()
                return
            body = get_metrics_text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            logging.getLogger("aerospike_py").debug(format, *args)

    return HTTPServer(("", port), Handler)


def _stop(server: HTTPServer, thread: threading.Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join(_JOIN_SECONDS)
