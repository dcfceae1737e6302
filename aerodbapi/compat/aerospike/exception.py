"""The exceptions of `aerospike`: same names, bases and codes; what a result code raises.

An exception has `args == (code, msg, file, line, in_doubt)`, and the same five as attributes of
the instance. `file` and `line` say where in this package it was raised.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AdminError",
    "AerospikeError",
    "AlwaysForbidden",
    "AsyncConnectionError",
    "BatchDisabledError",
    "BatchFailed",
    "BatchMaxRequestError",
    "BatchQueueFullError",
    "BinExistsError",
    "BinIncompatibleType",
    "BinNameError",
    "BinNotFound",
    "ClientAbortError",
    "ClientError",
    "ClusterChangeError",
    "ClusterError",
    "ConnectionError",
    "DeviceOverload",
    "ElementExistsError",
    "ElementNotFoundError",
    "ExpiredPassword",
    "FilteredOut",
    "ForbiddenError",
    "ForbiddenPassword",
    "IllegalState",
    "IndexError",
    "IndexFoundError",
    "IndexNameMaxCount",
    "IndexNameMaxLen",
    "IndexNotFound",
    "IndexNotReadable",
    "IndexOOM",
    "InvalidCommand",
    "InvalidCredential",
    "InvalidField",
    "InvalidGeoJSON",
    "InvalidHostError",
    "InvalidNodeError",
    "InvalidPassword",
    "InvalidPrivilege",
    "InvalidQuota",
    "InvalidRequest",
    "InvalidRole",
    "InvalidUser",
    "InvalidWhitelist",
    "LostConflict",
    "LuaFileNotFound",
    "MaxErrorRateExceeded",
    "MaxRetriesExceeded",
    "NamespaceNotFound",
    "NoMoreConnectionsError",
    "NoResponse",
    "NotAuthenticated",
    "NotWhitelisted",
    "OpNotApplicable",
    "ParamError",
    "QueryAbortedError",
    "QueryError",
    "QueryQueueFull",
    "QueryTimeout",
    "QuotaExceeded",
    "QuotasNotEnabled",
    "RecordBusy",
    "RecordError",
    "RecordExistsError",
    "RecordGenerationError",
    "RecordKeyMismatch",
    "RecordNotFound",
    "RecordTooBig",
    "RoleExistsError",
    "RoleViolation",
    "ScanAbortedError",
    "SecurityNotEnabled",
    "SecurityNotSupported",
    "SecuritySchemeNotSupported",
    "ServerError",
    "ServerFull",
    "TLSError",
    "TimeoutError",
    "TransactionAlreadyAborted",
    "TransactionAlreadyCommitted",
    "TransactionFailed",
    "UDFError",
    "UDFNotFound",
    "UnsupportedFeature",
    "UserExistsError",
]


class AerospikeError(Exception):
    """Base of all. `subcode`: further detail of servers from 8.1.3 on, or None."""

    code: int | None = None
    msg: str | None = None
    file: str | None = None
    line: int | None = None
    in_doubt: bool | None = None
    subcode: int | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        for name, value in zip(_ATTRIBUTES, args):
            setattr(self, name, value)


_ATTRIBUTES = ("code", "msg", "file", "line", "in_doubt")


class ClientError(AerospikeError):
    code: int | None = -1


class ServerError(AerospikeError):
    code: int | None = 1


class TimeoutError(AerospikeError):
    code: int | None = 9


class AdminError(ServerError):
    code: int | None = None


class AlwaysForbidden(ServerError):
    code: int | None = 10


class AsyncConnectionError(ClientError):
    code: int | None = -6


class BatchDisabledError(ServerError):
    code: int | None = 150


class BatchFailed(ClientError):
    code: int | None = -16


class BatchMaxRequestError(ServerError):
    code: int | None = 151


class BatchQueueFullError(ServerError):
    code: int | None = 152


class ClientAbortError(ClientError):
    code: int | None = -5


class ClusterError(ServerError):
    code: int | None = 11


class ConnectionError(ClientError):
    code: int | None = -10


class DeviceOverload(ServerError):
    code: int | None = 18


class ElementExistsError(ServerError):
    code: int | None = 24


class ElementNotFoundError(ServerError):
    code: int | None = 23


class FilteredOut(ServerError):
    code: int | None = 27


class ForbiddenError(ServerError):
    code: int | None = 22


class IndexError(ServerError):
    name: Any = None
    code: int | None = 204


class InvalidGeoJSON(ServerError):
    code: int | None = 160


class InvalidHostError(ClientError):
    code: int | None = -4


class InvalidNodeError(ClientError):
    code: int | None = -8


class InvalidRequest(ServerError):
    code: int | None = 4


class LostConflict(ServerError):
    code: int | None = 28


class MaxErrorRateExceeded(ClientError):
    code: int | None = -14


class MaxRetriesExceeded(ClientError):
    code: int | None = -12


class NamespaceNotFound(ServerError):
    code: int | None = 20


class NoMoreConnectionsError(ClientError):
    code: int | None = -7


class NoResponse(ClientError):
    code: int | None = -15


class OpNotApplicable(ServerError):
    code: int | None = 26


class ParamError(ClientError):
    code: int | None = -2


class QueryAbortedError(ServerError):
    code: int | None = 210


class QueryError(ServerError):
    code: int | None = 213


class RecordError(ServerError):
    key: Any = None
    bin: Any = None
    code: int | None = None


class ScanAbortedError(ServerError):
    code: int | None = 15


class ServerFull(ServerError):
    code: int | None = 8


class TLSError(ClientError):
    code: int | None = -9


class TransactionAlreadyAborted(ClientError):
    code: int | None = -19


class TransactionAlreadyCommitted(ClientError):
    code: int | None = -18


class TransactionFailed(ClientError):
    code: int | None = -17


class UDFError(ServerError):
    module: Any = None
    func: Any = None
    code: int | None = 100


class UnsupportedFeature(ServerError):
    code: int | None = 16


class BinExistsError(RecordError):
    code: int | None = 6


class BinIncompatibleType(RecordError):
    code: int | None = 12


class BinNameError(RecordError):
    code: int | None = 21


class BinNotFound(RecordError):
    code: int | None = 17


class ClusterChangeError(ClusterError):
    code: int | None = 7


class ExpiredPassword(AdminError):
    code: int | None = 63


class ForbiddenPassword(AdminError):
    code: int | None = 64


class IllegalState(AdminError):
    code: int | None = 56


class IndexFoundError(IndexError):
    code: int | None = 200


class IndexNameMaxCount(IndexError):
    code: int | None = 206


class IndexNameMaxLen(IndexError):
    code: int | None = 205


class IndexNotFound(IndexError):
    code: int | None = 201


class IndexNotReadable(IndexError):
    code: int | None = 203


class IndexOOM(IndexError):
    code: int | None = 202


class InvalidCommand(AdminError):
    code: int | None = 54


class InvalidCredential(AdminError):
    code: int | None = 65


class InvalidField(AdminError):
    code: int | None = 55


class InvalidPassword(AdminError):
    code: int | None = 62


class InvalidPrivilege(AdminError):
    code: int | None = 72


class InvalidQuota(AdminError):
    code: int | None = 75


class InvalidRole(AdminError):
    code: int | None = 70


class InvalidUser(AdminError):
    code: int | None = 60


class InvalidWhitelist(AdminError):
    code: int | None = 73


class LuaFileNotFound(UDFError):
    code: int | None = 1302


class NotAuthenticated(AdminError):
    code: int | None = 80


class NotWhitelisted(AdminError):
    code: int | None = 82


class QueryQueueFull(QueryError):
    code: int | None = 211


class QueryTimeout(QueryError):
    code: int | None = 212


class QuotaExceeded(AdminError):
    code: int | None = 83


class QuotasNotEnabled(AdminError):
    code: int | None = 74


class RecordBusy(RecordError):
    code: int | None = 14


class RecordExistsError(RecordError):
    code: int | None = 5


class RecordGenerationError(RecordError):
    code: int | None = 3


class RecordKeyMismatch(RecordError):
    code: int | None = 19


class RecordNotFound(RecordError):
    code: int | None = 2


class RecordTooBig(RecordError):
    code: int | None = 13


class RoleExistsError(AdminError):
    code: int | None = 71


class RoleViolation(AdminError):
    code: int | None = 81


class SecurityNotEnabled(AdminError):
    code: int | None = 52


class SecurityNotSupported(AdminError):
    code: int | None = 51


class SecuritySchemeNotSupported(AdminError):
    code: int | None = 53


class UDFNotFound(UDFError):
    code: int | None = 1301


class UserExistsError(AdminError):
    code: int | None = 61


BY_CODE: dict[int, type[AerospikeError]] = {
    cls.code: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, AerospikeError) and cls.code is not None
}
"""Result code → class; a code that is not here raises AerospikeError."""
