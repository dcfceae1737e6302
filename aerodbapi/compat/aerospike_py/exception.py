"""aerospike-py's exceptions, and which of them stands for an error of the native client.

AerospikeError
 ├── ClientError ── BackpressureError, RustPanicError
 ├── ServerError
 │    ├── AerospikeIndexError (IndexError) ── IndexNotFound, IndexFoundError
 │    ├── QueryError ── QueryAbortedError
 │    ├── AdminError
 │    └── UDFError
 ├── RecordError ── RecordNotFound RecordExistsError RecordGenerationError RecordTooBig
 │                  BinNameError BinExistsError BinNotFound BinTypeError FilteredOut
 ├── ClusterError
 ├── AerospikeTimeoutError (TimeoutError)
 └── InvalidArgError
"""

from __future__ import annotations

import warnings
from typing import Final

from aerodbapi import errors

__all__ = [
    "AdminError",
    "AerospikeError",
    "AerospikeIndexError",
    "AerospikeTimeoutError",
    "BackpressureError",
    "BinExistsError",
    "BinNameError",
    "BinNotFound",
    "BinTypeError",
    "ClientError",
    "ClusterError",
    "FilteredOut",
    "IndexFoundError",
    "IndexNotFound",
    "InvalidArgError",
    "QueryAbortedError",
    "QueryError",
    "RecordError",
    "RecordExistsError",
    "RecordGenerationError",
    "RecordNotFound",
    "RecordTooBig",
    "RustPanicError",
    "ServerError",
    "UDFError",
]


class AerospikeError(Exception):
    """Base of them all. `result_code`: the server's, or -1 for an error of the client's own."""

    result_code: int = -1
    #: Whether a write may have been applied although this was raised.
    in_doubt: bool = False


class ClientError(AerospikeError):
    """The client was used wrongly, or failed by itself."""


class ServerError(AerospikeError):
    """The server refused a command."""


class RecordError(AerospikeError):
    """The state of one record did not allow a command."""


class ClusterError(AerospikeError):
    """No connection to a node that could answer."""


class AerospikeTimeoutError(AerospikeError):
    """A deadline passed."""


class InvalidArgError(AerospikeError):
    """An argument that cannot be sent."""


class BackpressureError(ClientError):
    """More commands at a time than `max_concurrent_operations` allows."""


class RustPanicError(ClientError):
    """Never raised here: programs that catch it find the name."""


class RecordNotFound(RecordError):
    """Result code 2."""


class RecordExistsError(RecordError):
    """Result code 5."""


class RecordGenerationError(RecordError):
    """Result code 3."""


class RecordTooBig(RecordError):
    """Result code 13."""


class BinNameError(RecordError):
    """Result code 21."""


class BinExistsError(RecordError):
    """Result code 6."""


class BinNotFound(RecordError):
    """Result code 17."""


class BinTypeError(RecordError):
    """Result code 12."""


class FilteredOut(RecordError):
    """Result code 27."""


class AerospikeIndexError(ServerError):
    """A secondary index is missing or in the way."""


class IndexNotFound(AerospikeIndexError):
    """Result code 201."""


class IndexFoundError(AerospikeIndexError):
    """Result code 200."""


class QueryError(ServerError):
    """A query failed."""


class QueryAbortedError(QueryError):
    """Result codes 15 and 210."""


class AdminError(ServerError):
    """Users, roles and privileges."""


class UDFError(ServerError):
    """Result code 100."""


_CLASSES: Final[dict[str, type[AerospikeError]]] = {
    name: value for name, value in list(globals().items()) if name in __all__
}
for _cls in _CLASSES.values():
    _cls.__module__ = "aerospike"  # what aerospike-py's classes say of themselves

#: Names that the builtins have too, and what they are called now.
_RENAMED: Final = {
    "TimeoutError": "AerospikeTimeoutError",
    "IndexError": "AerospikeIndexError",
}


def __getattr__(name: str) -> type[AerospikeError]:
    if name in _RENAMED:
        new = _RENAMED[name]
        warnings.warn(f"{name} is now called {new}", DeprecationWarning, stacklevel=2)
        return _CLASSES[new]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


#: Result code → exception, and the name that aerospike-py's messages give the code.
_BY_CODE: Final[dict[int, tuple[type[AerospikeError], str]]] = {
    1: (ServerError, "ServerError"),
    2: (RecordNotFound, "KeyNotFoundError"),
    3: (RecordGenerationError, "GenerationError"),
    4: (ServerError, "ParameterError"),
    5: (RecordExistsError, "KeyExistsError"),
    6: (BinExistsError, "BinExistsError"),
    8: (ServerError, "ServerMemError"),
    9: (ServerError, "Timeout"),
    11: (ServerError, "PartitionUnavailable"),
    12: (BinTypeError, "BinTypeError"),
    13: (RecordTooBig, "RecordTooBig"),
    14: (ServerError, "KeyBusy"),
    15: (QueryAbortedError, "ScanAbort"),
    16: (ServerError, "UnsupportedFeature"),
    17: (BinNotFound, "BinNotFound"),
    18: (ServerError, "DeviceOverload"),
    19: (ServerError, "KeyMismatch"),
    20: (ServerError, "InvalidNamespace"),
    21: (BinNameError, "BinNameTooLong"),
    22: (ServerError, "FailForbidden"),
    23: (RecordError, "ElementNotFound"),
    24: (RecordError, "ElementExists"),
    25: (ServerError, "EnterpriseOnly"),
    26: (ServerError, "OpNotApplicable"),
    27: (FilteredOut, "FilteredOut"),
    100: (UDFError, "UdfBadResponse"),
    160: (ServerError, "InvalidGeojson"),
    200: (IndexFoundError, "IndexFound"),
    201: (IndexNotFound, "IndexNotFound"),
    210: (QueryAbortedError, "QueryAborted"),
}


def from_native(error: errors.Error) -> AerospikeError:
    """The exception that a program written for aerospike-py expects in place of `error`."""
    made = _made(error)
    made.in_doubt = error.in_doubt
    return made


def error_type(error: errors.Error) -> str:
    """The label `error_type` of metrics and spans."""
    if isinstance(error, errors.ConnectionFailed):
        return "Connection"
    if isinstance(error, errors.Timeout):
        return "Timeout"
    return _BY_CODE.get(error.result_code or 0, (ServerError, type(error).__name__))[1]


def _made(error: errors.Error) -> AerospikeError:
    code = error.result_code
    if isinstance(error, errors.ConnectionClosed):
        return ClientError("Client is not connected. Call connect() first.")
    if isinstance(error, errors.Timeout):
        return AerospikeTimeoutError(f"Timeout: {error}")
    if isinstance(error, errors.NamespaceNotFound) and error.node is None:
        return ClusterError(f"Invalid node: {error.message}")
    if isinstance(error, (errors.ConnectionFailed, errors.PartitionUnavailable)):
        return ClusterError(f"Connection error: {error}")
    if code is None or code < 0:
        wrong = isinstance(error, (errors.ProgrammingError, errors.DataError))
        return InvalidArgError(error.message) if wrong else _client_error(error)
    return _server_error(error, code)


def _client_error(error: errors.Error) -> AerospikeError:
    if isinstance(error, errors.OperationalError) and error.result_code in (-4, -7, -8, -14):
        return ClusterError(str(error))
    return ClientError(str(error))


def _server_error(error: errors.Error, code: int) -> AerospikeError:
    cls, name = _BY_CODE.get(code, (ServerError, ""))
    if isinstance(error, errors.AuthenticationError):
        cls = AdminError
    doubt = str(error.in_doubt).lower()
    # A node calls itself NAME@HOST:PORT here, HOST:PORT there.
    node = (error.node or "").rpartition("@")[2]
    said = f"Server error: {name or error.message}, In Doubt: {doubt}, Node: {node}"
    plain = errors.RESULT_CODES.get(code, (errors.Error, ""))[1]
    if error.message and error.message != plain:
        said += f": {error.message}"
    made = cls(f"AEROSPIKE_ERR ({code}): {said}")
    made.result_code = code
    return made


def bad_parameter(message: str) -> ServerError:
    """What a server answers to a command that asks for nothing (code 4), without asking it."""
    error = ServerError(f"AEROSPIKE_ERR (4): Server error: ParameterError: {message}")
    error.result_code = 4
    return error
