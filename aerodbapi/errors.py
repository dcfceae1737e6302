"""Every exception the package raises, and the table from Aerospike result code to class.

The tree (PEP 249, "Exceptions"; the classes in brackets are raised for the result codes
that `RESULT_CODES` lists)::

    Exception
    ├── Warning
    └── Error
        ├── InterfaceError                 the driver was used wrongly (a closed cursor, …)
        │   └── ConnectionClosed
        └── DatabaseError                  [any code that has no class of its own]
            ├── DataError                  [BinTypeError RecordTooBig OpNotApplicable
            │                               InvalidGeoJSON ElementNotFound BinNotFound …]
            ├── OperationalError           [RecordNotFound FilteredOut Timeout KeyBusy
            │   │                           PartitionUnavailable DeviceOverload …]
            │   ├── ConnectionFailed       no connection, or it broke
            │   └── AuthenticationError    [the security codes 50 to 83]
            ├── IntegrityError             [RecordExists GenerationError ElementExists …]
            ├── InternalError              [ServerError]
            │   └── ProtocolError          bytes that no correct peer sends
            ├── ProgrammingError           [ParameterError BinNameError NamespaceNotFound
            │   │                           IndexNotFound IndexFound]
            │   └── SyntaxError            text that the grammar refuses; has line and column
            └── NotSupportedError          [EnterpriseOnly UnsupportedFeature]

Every error carries `result_code` (int or None), `node` (text or None) and `in_doubt`
(True when a write may have happened although it failed). All pickle with those attributes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

__all__ = [
    "RESULT_CODES",
    "AuthenticationError",
    "BatchError",
    "BinExists",
    "BinNameError",
    "BinNotFound",
    "BinTypeError",
    "ConnectionClosed",
    "ConnectionFailed",
    "DataError",
    "DatabaseError",
    "DeviceOverload",
    "ElementExists",
    "ElementNotFound",
    "EnterpriseOnly",
    "Error",
    "FilteredOut",
    "Forbidden",
    "GenerationError",
    "IndexExists",
    "IndexNotFound",
    "IndexNotReadable",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "InvalidGeoJSON",
    "KeyBusy",
    "KeyMismatch",
    "NamespaceNotFound",
    "NotSupportedError",
    "OpNotApplicable",
    "OperationalError",
    "ParameterError",
    "PartitionUnavailable",
    "ProgrammingError",
    "ProtocolError",
    "QueryAborted",
    "RecordExists",
    "RecordNotFound",
    "RecordTooBig",
    "ServerError",
    "SyntaxError",
    "Timeout",
    "UDFError",
    "UnsupportedFeature",
    "Warning",
    "error_for",
]


class Warning(Exception):
    """Important warnings, such as data cut off on insertion (PEP 249)."""


class Error(Exception):
    """Base of every error of the package (PEP 249).

    `result_code`: Aerospike's (0 to 255 from a server, below 0 from the client) or None.
    `node`: name or address of the node that answered or failed, or None.
    `in_doubt`: True when a write may have been applied although this was raised.
    `results`: of a statement that wrote several records, each one's error or None, in order.
    """

    result_code: int | None = None
    node: str | None = None
    in_doubt: bool = False
    results: tuple[Error | None, ...] = ()

    def __init__(
        self,
        message: str = "",
        *,
        result_code: int | None = None,
        node: str | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message)
        if result_code is not None:
            self.result_code = result_code
        self.node = node
        self.in_doubt = in_doubt

    @property
    def message(self) -> str:
        """The text without result code and node."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        notes = []
        if self.result_code is not None:
            notes.append(f"result code {self.result_code}")
        if self.node is not None:
            notes.append(f"node {self.node}")
        if self.in_doubt:
            notes.append("in doubt: the write may have been applied")
        return f"{self.message} ({', '.join(notes)})" if notes else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(cls: type[Error], args: tuple[Any, ...]) -> Error:
    error = cls.__new__(cls)
    Exception.__init__(error, *args)
    return error


class InterfaceError(Error):
    """The driver itself was used wrongly, such as a closed cursor (PEP 249)."""


class ConnectionClosed(InterfaceError):
    """The connection, client or cursor has been closed by its user."""


class DatabaseError(Error):
    """Errors related to the database (PEP 249)."""


class DataError(DatabaseError):
    """Problems with the processed data, such as a value out of range (PEP 249)."""


class OperationalError(DatabaseError):
    """The database's operation failed, not necessarily by the program's fault (PEP 249)."""


class IntegrityError(DatabaseError):
    """The relational integrity is affected, such as a duplicate key (PEP 249)."""


class InternalError(DatabaseError):
    """The database met an internal error (PEP 249)."""


class ProgrammingError(DatabaseError):
    """The program's mistake: syntax, unknown names, wrong parameter counts (PEP 249)."""


class NotSupportedError(DatabaseError):
    """A method or statement that the database does not support (PEP 249)."""


class ProtocolError(InternalError):
    """Bytes that no correct peer sends: the connection that brought them is not usable."""


class SyntaxError(ProgrammingError):
    """Text that the grammar refuses; the message shows the line with a caret.

    `line` and `column` count from 1; `token` is the offending text ("" at the end).
    """

    def __init__(self, message: str, *, line: int = 1, column: int = 1, token: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.token = token


class ConnectionFailed(OperationalError):
    """No connection could be made to a node, or it broke during a command (code -10)."""

    result_code = -10


class AuthenticationError(OperationalError):
    """Login, privileges, allowlists and quotas (codes 50 to 83)."""


class Forbidden(OperationalError):
    """The server refuses the command in its present state or configuration (code 22)."""

    result_code = 22


class Timeout(OperationalError):
    """The deadline passed on the client, or the server gave up (code 9)."""

    result_code = 9


class RecordNotFound(OperationalError):
    """No record has this key (code 2)."""

    result_code = 2


class FilteredOut(OperationalError):
    """The filter expression is not true of the record (code 27)."""

    result_code = 27


class PartitionUnavailable(OperationalError):
    """No node that can be reached owns the record's partition (code 11)."""

    result_code = 11


class DeviceOverload(OperationalError):
    """The node's storage cannot keep up with its writes (code 18)."""

    result_code = 18


class KeyBusy(OperationalError):
    """Too many commands wait for the same record (code 14)."""

    result_code = 14


class QueryAborted(OperationalError):
    """The query or scan was ended by an operator or by its own client (codes 15, 210)."""

    result_code = 210


class UDFError(OperationalError):
    """A Lua function failed or could not be compiled (code 100)."""

    result_code = 100


class IndexNotReadable(OperationalError):
    """The secondary index is still being built (code 203)."""

    result_code = 203


class BatchError(OperationalError):
    """Some of a batch failed; `results` holds each one's error or None, in order (code -16)."""

    result_code = -16

    def __init__(self, message: str = "", *, results: tuple[Error | None, ...] = (), **notes: Any):
        super().__init__(message, **notes)
        self.results = results


class ServerError(InternalError):
    """The server failed without saying why (code 1)."""

    result_code = 1


class RecordExists(IntegrityError):
    """Create-only, and the record exists (code 5)."""

    result_code = 5


class BinExists(IntegrityError):
    """Create-only, and the bin exists (code 6)."""

    result_code = 6


class GenerationError(IntegrityError):
    """The record's generation is not the expected one (code 3)."""

    result_code = 3


class KeyMismatch(IntegrityError):
    """The stored user key is not the one sent: two keys with one digest (code 19)."""

    result_code = 19


class ElementExists(IntegrityError):
    """The list or map element exists already (code 24)."""

    result_code = 24


class BinTypeError(DataError):
    """The operation does not fit the type of the bin's value (code 12)."""

    result_code = 12


class RecordTooBig(DataError):
    """The record is larger than the namespace allows (code 13)."""

    result_code = 13


class BinNotFound(DataError):
    """Update-only, and the bin does not exist (code 17)."""

    result_code = 17


class ElementNotFound(DataError):
    """The list or map has no such element (code 23)."""

    result_code = 23


class OpNotApplicable(DataError):
    """The operation cannot be applied to the value as it is now (code 26)."""

    result_code = 26


class InvalidGeoJSON(DataError):
    """The text is not a GeoJSON shape that the server understands (code 160)."""

    result_code = 160


class ParameterError(ProgrammingError):
    """A malformed or contradictory command (code 4; -2 when the client noticed)."""

    result_code = 4


class BinNameError(ProgrammingError):
    """A bin name longer than 15 bytes, or too many bins (code 21)."""

    result_code = 21


class NamespaceNotFound(ProgrammingError):
    """The cluster has no such namespace; namespaces come from its configuration (code 20)."""

    result_code = 20


class IndexExists(ProgrammingError):
    """An index of this name exists with another definition (code 200)."""

    result_code = 200


class IndexNotFound(ProgrammingError):
    """No secondary index answers this query (code 201)."""

    result_code = 201


class EnterpriseOnly(NotSupportedError):
    """Only the Enterprise edition of the server does this (code 25)."""

    result_code = 25


class UnsupportedFeature(NotSupportedError):
    """This server version or configuration does not do this (code 16)."""

    result_code = 16


#: Result code → (class, what it says). From the server's proto.h and the client's status codes.
RESULT_CODES: MappingProxyType[int, tuple[type[Error], str]] = MappingProxyType(
    {
        -20: (OperationalError, "metrics conflict"),
        -19: (OperationalError, "the transaction is aborted already"),
        -18: (OperationalError, "the transaction is committed already"),
        -17: (OperationalError, "the transaction failed"),
        -16: (BatchError, "one or more of the batch failed"),
        -15: (OperationalError, "the node did not answer"),
        -14: (OperationalError, "too many errors from this node lately"),
        -12: (OperationalError, "the retries are used up"),
        -10: (ConnectionFailed, "connection failed"),
        -9: (ConnectionFailed, "TLS failed"),
        -8: (OperationalError, "no such node"),
        -7: (OperationalError, "no free connection to the node"),
        -5: (QueryAborted, "stopped by the client"),
        -4: (OperationalError, "no such host"),
        -2: (ParameterError, "bad parameter"),
        -1: (OperationalError, "client error"),
        1: (ServerError, "the server failed"),
        2: (RecordNotFound, "record not found"),
        3: (GenerationError, "the record has another generation"),
        4: (ParameterError, "bad parameter"),
        5: (RecordExists, "record exists"),
        6: (BinExists, "bin exists"),
        7: (OperationalError, "cluster key mismatch"),
        8: (OperationalError, "the server is out of memory or refuses writes"),
        9: (Timeout, "timed out on the server"),
        10: (Forbidden, "always forbidden"),
        11: (PartitionUnavailable, "partition unavailable"),
        12: (BinTypeError, "the operation does not fit the bin's type"),
        13: (RecordTooBig, "record too big"),
        14: (KeyBusy, "too many commands wait for this record"),
        15: (QueryAborted, "scan aborted"),
        16: (UnsupportedFeature, "not supported by this server"),
        17: (BinNotFound, "bin not found"),
        18: (DeviceOverload, "the node's storage is overloaded"),
        19: (KeyMismatch, "the stored key differs from the one sent"),
        20: (NamespaceNotFound, "namespace not found"),
        21: (BinNameError, "bin name longer than 15 bytes"),
        22: (Forbidden, "forbidden in the server's present state or configuration"),
        23: (ElementNotFound, "element not found"),
        24: (ElementExists, "element exists"),
        25: (EnterpriseOnly, "needs the Enterprise edition"),
        26: (OpNotApplicable, "the operation cannot be applied to this value"),
        27: (FilteredOut, "filtered out"),
        28: (OperationalError, "lost a conflict to a newer write"),
        29: (DataError, "text that is not UTF-8"),
        32: (KeyBusy, "the record is being shipped by XDR"),
        50: (AuthenticationError, "end of query"),
        51: (AuthenticationError, "this server has no security"),
        52: (AuthenticationError, "security is not enabled"),
        53: (AuthenticationError, "unknown authentication scheme"),
        54: (AuthenticationError, "unknown security command"),
        55: (AuthenticationError, "bad field in a security command"),
        56: (AuthenticationError, "not possible in this state of the security protocol"),
        60: (AuthenticationError, "no such user"),
        61: (AuthenticationError, "user exists"),
        62: (AuthenticationError, "bad password"),
        63: (AuthenticationError, "password expired"),
        64: (AuthenticationError, "password was used before"),
        65: (AuthenticationError, "wrong user or password"),
        66: (AuthenticationError, "session expired"),
        70: (AuthenticationError, "no such role"),
        71: (AuthenticationError, "role exists"),
        72: (AuthenticationError, "bad privilege"),
        73: (AuthenticationError, "bad allowlist"),
        74: (AuthenticationError, "quotas are not enabled"),
        75: (AuthenticationError, "bad quota"),
        80: (AuthenticationError, "not authenticated"),
        81: (AuthenticationError, "the user's roles do not allow this"),
        82: (AuthenticationError, "the client's address is not on the allowlist"),
        83: (AuthenticationError, "quota exceeded"),
        90: (AuthenticationError, "LDAP is not enabled"),
        91: (AuthenticationError, "LDAP setup failed"),
        92: (AuthenticationError, "LDAP TLS setup failed"),
        93: (AuthenticationError, "LDAP authentication failed"),
        94: (AuthenticationError, "LDAP query failed"),
        100: (UDFError, "the UDF failed"),
        120: (KeyBusy, "the record is locked by a transaction"),
        121: (GenerationError, "the record changed since the transaction read it"),
        122: (OperationalError, "the transaction expired"),
        123: (OperationalError, "the transaction has too many writes"),
        124: (OperationalError, "the transaction is committed"),
        125: (OperationalError, "the transaction is aborted"),
        126: (OperationalError, "the record is locked by this transaction already"),
        127: (OperationalError, "the transaction's monitor exists"),
        150: (OperationalError, "batch is disabled"),
        151: (ParameterError, "too many keys in one batch for this server"),
        152: (OperationalError, "the server's batch queues are full"),
        160: (InvalidGeoJSON, "invalid GeoJSON"),
        200: (IndexExists, "an index of this name exists with another definition"),
        201: (IndexNotFound, "no such secondary index"),
        202: (OperationalError, "out of memory for the index"),
        203: (IndexNotReadable, "the index is still being built"),
        204: (OperationalError, "the index failed"),
        205: (ParameterError, "index name too long"),
        206: (OperationalError, "too many indexes"),
        210: (QueryAborted, "query aborted"),
        211: (OperationalError, "too many queries wait"),
        212: (Timeout, "query timed out"),
        213: (OperationalError, "the query failed"),
    }
)


def error_for(
    result_code: int,
    message: str = "",
    *,
    node: str | None = None,
    in_doubt: bool = False,
) -> Error:
    """Build the error of `result_code`; an unknown code gives DatabaseError.

    `message` says more than the table's text, which it replaces when given.
    """
    cls, text = RESULT_CODES.get(result_code, (DatabaseError, "unknown result code"))
    return cls(message or text, result_code=result_code, node=node, in_doubt=in_doubt)
