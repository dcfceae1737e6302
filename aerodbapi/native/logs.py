"""What the package logs, for programs that do not use `logging` themselves.

The package logs to the loggers "aerodbapi…". `set_log_handler` gives every entry from
`set_log_level` on to a function, as the existing clients do.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Final

from aerodbapi.errors import ParameterError

__all__ = ["LogLevel", "set_log_handler", "set_log_level"]

#: Called with level (LogLevel), function, path, line and message.
Handler = Callable[[int, str, str, int, str], Any]

_logger = logging.getLogger("aerodbapi")
_TRACE: Final = 5


class LogLevel:
    """How much is told."""

    OFF: Final = -1
    ERROR: Final = 0
    WARN: Final = 1
    INFO: Final = 2
    DEBUG: Final = 3
    TRACE: Final = 4


_LEVELS: Final = {
    LogLevel.OFF: logging.CRITICAL + 1,
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.TRACE: _TRACE,
}


class _Bridge(logging.Handler):
    """Hands entries to a function."""

    def __init__(self, function: Handler) -> None:
        super().__init__()
        self.function = function

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.function(
                _level_of(record.levelno),
                record.funcName,
                record.pathname,
                record.lineno,
                record.getMessage(),
            )
        except Exception:
            self.handleError(record)


def _level_of(number: int) -> int:
    """The LogLevel of a level of `logging`."""
    for level in (LogLevel.ERROR, LogLevel.WARN, LogLevel.INFO, LogLevel.DEBUG):
        if number >= _LEVELS[level]:
            return level
    return LogLevel.TRACE


def set_log_level(level: int) -> None:
    """Log from this level on: one of LogLevel, or OFF."""
    if isinstance(level, bool) or level not in _LEVELS:
        raise ParameterError(
            f"a log level is one of LogLevel (-1 to 4), not {level!r}", result_code=-2
        )
    _logger.setLevel(_LEVELS[level])


def print_entry(level: int, function: str, path: str, line: int, message: str) -> None:
    """Write an entry to standard error: what set_log_handler() without a function does."""
    print(f"{path}:{line} {function}: {message}", file=sys.stderr)


def set_log_handler(handler: Handler | None = print_entry) -> None:
    """Give all entries to `handler`, instead of the one before; None: to none."""
    if handler is not None and not callable(handler):
        raise ParameterError(
            f"a log handler is a function, not {type(handler).__name__}", result_code=-2
        )
    for old in [h for h in _logger.handlers if isinstance(h, _Bridge)]:
        _logger.removeHandler(old)
    if handler is not None:
        _logger.addHandler(_Bridge(handler))
