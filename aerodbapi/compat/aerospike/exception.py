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
    code = -1


class ServerError(AerospikeError):
    code = 1


class TimeoutError(AerospikeError):
    code = 9


class AdminError(ServerError):
    code = None


class AlwaysForbidden(ServerError):
    code = 10


class AsyncConnectionError(ClientError):
    code = -6


class BatchDisabledError(ServerError):
    code = 150


class BatchFailed(ClientError):
    code = -16


class BatchMaxRequestError(ServerError):
    code = 151


class BatchQueueFullError(ServerError):
    code = 152


class ClientAbortError(ClientError):
    code = -5


class ClusterError(ServerError):
    code = 11


class ConnectionError(ClientError):
    code = -10


class DeviceOverload(ServerError):
    code = 18


class ElementExistsError(ServerError):
    code = 24


class ElementNotFoundError(ServerError):
    code = 23


class FilteredOut(ServerError):
    code = 27


class ForbiddenError(ServerError):
    code = 22


class IndexError(ServerError):
    name: Any = None
    code = 204


class InvalidGeoJSON(ServerError):
    code = 160


class InvalidHostError(ClientError):
    code = -4


class InvalidNodeError(ClientError):
    code = -8


class InvalidRequest(ServerError):
    code = 4


class LostConflict(ServerError):
    code = 28


class MaxErrorRateExceeded(ClientError):
    code = -14


class MaxRetriesExceeded(ClientError):
    code = -12


class NamespaceNotFound(ServerError):
    code = 20


class NoMoreConnectionsError(ClientError):
    code = -7


class NoResponse(ClientError):
    code = -15


class OpNotApplicable(ServerError):
    code = 26


class ParamError(ClientError):
    code = -2


class QueryAbortedError(ServerError):
    code = 210


class QueryError(ServerError):
    code = 213


class RecordError(ServerError):
    key: Any = None
    bin: Any = None
    code = None


class ScanAbortedError(ServerError):
    code = 15


class ServerFull(ServerError):
    code = 8


class TLSError(ClientError):
    code = -9


class TransactionAlreadyAborted(ClientError):
    code = -19


class TransactionAlreadyCommitted(ClientError):
    code = -18


class TransactionFailed(ClientError):
    code = -17


class UDFError(ServerError):
    module: Any = None
    func: Any = None
    code = 100


class UnsupportedFeature(ServerError):
    code = 16


class BinExistsError(RecordError):
    code = 6


class BinIncompatibleType(RecordError):
    code = 12


class BinNameError(RecordError):
    code = 21


class BinNotFound(RecordError):
    code = 17


class ClusterChangeError(ClusterError):
    code = 7


class ExpiredPassword(AdminError):
    code = 63


class ForbiddenPassword(AdminError):
    code = 64


class IllegalState(AdminError):
    code = 56


class IndexFoundError(IndexError):
    code = 200


class IndexNameMaxCount(IndexError):
    code = 206


class IndexNameMaxLen(IndexError):
    code = 205


class IndexNotFound(IndexError):
    code = 201


class IndexNotReadable(IndexError):
    code = 203


class IndexOOM(IndexError):
    code = 202


class InvalidCommand(AdminError):
    code = 54


class InvalidCredential(AdminError):
    code = 65


class InvalidField(AdminError):
    code = 55


class InvalidPassword(AdminError):
    code = 62


class InvalidPrivilege(AdminError):
    code = 72


class InvalidQuota(AdminError):
    code = 75


class InvalidRole(AdminError):
    code = 70


class InvalidUser(AdminError):
    code = 60


class InvalidWhitelist(AdminError):
    code = 73


class LuaFileNotFound(UDFError):
    code = 1302


class NotAuthenticated(AdminError):
    code = 80


class NotWhitelisted(AdminError):
    code = 82


class QueryQueueFull(QueryError):
    code = 211


class QueryTimeout(QueryError):
    code = 212


class QuotaExceeded(AdminError):
    code = 83


class QuotasNotEnabled(AdminError):
    code = 74


class RecordBusy(RecordError):
    code = 14


class RecordExistsError(RecordError):
    code = 5


class RecordGenerationError(RecordError):
    code = 3


class RecordKeyMismatch(RecordError):
    code = 19


class RecordNotFound(RecordError):
    code = 2


class RecordTooBig(RecordError):
    code = 13


class RoleExistsError(AdminError):
    code = 71


class RoleViolation(AdminError):
    code = 81


class SecurityNotEnabled(AdminError):
    code = 52


class SecurityNotSupported(AdminError):
    code = 51


class SecuritySchemeNotSupported(AdminError):
    code = 53


class UDFNotFound(UDFError):
    code = 1301


class UserExistsError(AdminError):
    code = 61


BY_CODE: dict[int, type[AerospikeError]] = {
    cls.code: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, AerospikeError) and cls.code is not None
}
"""Result code → class; a code that is not here raises AerospikeError."""
