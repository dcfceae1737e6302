"""The log of the official client: a level, and a handler for what is logged."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.raising import param_error

__all__ = ["set_log_handler", "set_log_level"]

Handler = Callable[[int, str, str, int, str], Any]
_LEVELS = {
    a.LOG_LEVEL_OFF: logging.CRITICAL + 1,
    a.LOG_LEVEL_ERROR: logging.ERROR,
    a.LOG_LEVEL_WARN: logging.WARNING,
    a.LOG_LEVEL_INFO: logging.INFO,
    a.LOG_LEVEL_DEBUG: logging.DEBUG,
    a.LOG_LEVEL_TRACE: 5,
}
_logger = logging.getLogger("aerodbapi")


def _print(level: int, function: str, path: str, line: int, message: str) -> None:
    print(f"{os.getpid()}:{line} {message}")


class _Bridge(logging.Handler):
    """Hands records of the engine's logger to a program's handler."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self._given = handler

    def emit(self, record: logging.LogRecord) -> None:
        level = max((own for own, n in _LEVELS.items() if n >= record.levelno), default=0)
        self._given(level, record.funcName, record.pathname, record.lineno, record.getMessage())


_bridges: list[_Bridge] = []


def set_log_level(loglevel: Any) -> int:
    """Log from this level (LOG_LEVEL_*) on."""
    if not isinstance(loglevel, int) or not -(1 << 63) <= loglevel < 1 << 63:
        param_error("Invalid log level")
    _logger.setLevel(_LEVELS.get(loglevel, 5 if loglevel > 0 else logging.CRITICAL + 1))
    return 0


def set_log_handler(log_handler: Any = _print) -> int:
    """Log to a function (level, function, path, line, message); None: nowhere."""
    for bridge in _bridges:
        _logger.removeHandler(bridge)
    _bridges.clear()
    if callable(log_handler):
        _bridges.append(_Bridge(log_handler))
        _logger.addHandler(_bridges[0])
    return 0
