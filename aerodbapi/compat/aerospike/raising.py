"""How the façade raises: its own errors with the official texts, and those of the engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from aerodbapi.compat.aerospike import exception
from aerodbapi.compat.aerospike.status import NAMES
from aerodbapi.errors import (
    RESULT_CODES,
    ConnectionClosed,
    ConnectionFailed,
    DataError,
    Error,
    NamespaceNotFound,
    NotSupportedError,
)

__all__ = ["client_error", "fail", "guarded", "param_error", "tell", "translated"]

_T = TypeVar("_T")
_INVALID_NAMESPACE = "Invalid namespace: "
_PARAM, _CLIENT, _CLUSTER, _CONNECTION = -2, -1, 11, -10


def fail(code: int, message: str, *, in_doubt: bool = False, depth: int = 1) -> NoReturn:
    """Raise the exception of a result code."""
    frame = sys._getframe(depth)
    where = os.path.basename(frame.f_code.co_filename)
    cls = exception.BY_CODE.get(code, exception.AerospikeError)
    error = cls(code, message, where, frame.f_lineno, in_doubt)
    error.code = code
    raise error from None


def param_error(message: str) -> NoReturn:
    """Raise ParamError."""
    fail(_PARAM, message, depth=2)


def client_error(message: str) -> NoReturn:
    """Raise ClientError."""
    fail(_CLIENT, message, depth=2)


def translated(error: Error) -> exception.AerospikeError:
    """The façade's exception for an error of the engine."""
    code = _code(error)
    cls = exception.BY_CODE.get(code, exception.AerospikeError)
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    where, line = "", 0
    if traceback is not None:
        where = os.path.basename(traceback.tb_frame.f_code.co_filename)
        line = traceback.tb_lineno
    made = cls(code, message_of(error, code), where, line, error.in_doubt)
    made.code = code
    return made


def _code(error: Error) -> int:
    if isinstance(error, ConnectionClosed):
        return _CLUSTER
    if error.result_code is not None:
        # What the client itself finds wrong with its arguments is -2, here as there.
        by_client = error.result_code == 4 and error.node is None
        return _PARAM if by_client else error.result_code
    if isinstance(error, DataError):
        return _PARAM
    if isinstance(error, ConnectionFailed):
        return _CONNECTION
    return 16 if isinstance(error, NotSupportedError) else _CLIENT


def message_of(error: Error, code: int) -> str:
    """The official text of an error: "host:port NAME" unless the server or engine says more."""
    if isinstance(error, ConnectionClosed):
        return "No connection to aerospike cluster"
    if isinstance(error, NamespaceNotFound) and error.node is None:
        return _INVALID_NAMESPACE + error.message.partition("'")[2].partition("'")[0]
    known = RESULT_CODES.get(code)
    said = error.message
    if not said or (known is not None and said == known[1]):
        said = NAMES.get(code, "AEROSPIKE_ERR")
    told = said.partition(" [info command ")
    if told[1] and error.node is not None:
        return f"{told[0]} from {_address(error)}"
    return said if error.node is None else f"{_address(error)} {said}"


def _address(error: Error) -> str:
    """Where an error comes from: "host:port" of "name@host:port"."""
    return (error.node or "").rpartition("@")[2]


def guarded(call: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
    """Call the engine; its errors become the façade's."""
    try:
        return call(*args, **kwargs)
    except Error as error:
        made = translated(error)
    raise made


def tell(error: exception.AerospikeError, **attributes: Any) -> None:
    """Let an exception say what it is about, as far as its class has the attributes."""
    for name, value in attributes.items():
        if hasattr(error, name):
            setattr(error, name, value)
