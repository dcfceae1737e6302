"""Queries that run Lua: aggregations and background UDFs, told apart and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import FieldType, Info1, UDFOp
from aerodbapi.protocol.message import Message

if TYPE_CHECKING:
    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.query_request import QueryRequest
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace

__all__ = ["UDF_QUERIES", "UDFQuery", "check", "kind_of"]

_PARAMETER: Final = 4
_FORBIDDEN: Final = 22
_UNSUPPORTED: Final = 16

#: (node, namespace, request, message, index) → reply frames.
UDFQuery = Callable[
    ["EmbeddedNode", "Namespace", "QueryRequest", Message, "Index | None"], Iterator[bytes]
]


def kind_of(message: Message) -> int:
    """Give the kind of a UDF query; Refused(4) when the message names none."""
    kind = message.field(FieldType.UDF_OP)
    if kind is None or len(kind) != 1 or kind[0] not in UDF_QUERIES:
        raise Refused(_PARAMETER)
    return kind[0]


def check(message: Message, kind: int) -> None:
    """Refuse what the server refuses before it looks at the fields."""
    if message.info1 & Info1.SHORT_QUERY:
        raise Refused(_PARAMETER)
    if kind == UDFOp.AGGREGATE and message.field(FieldType.FILTER) is not None:
        raise Refused(_UNSUPPORTED)


def _aggregate(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    from aerodbapi.embedded.udf.streams import aggregate

    _check_allowed(namespace)

    return aggregate(node, namespace, request, message, index)


def _background(
    node: EmbeddedNode,
    namespace: Namespace,
    request: QueryRequest,
    message: Message,
    index: Index | None,
) -> Iterator[bytes]:
    from aerodbapi.embedded.udf.background import background

    _check_allowed(namespace)

    return background(node, namespace, request, message, index)


def _check_allowed(namespace: Namespace) -> None:
    if not namespace.runs_functions:
        raise Refused(_FORBIDDEN)


#: Kind of UDF query → what answers it.
UDF_QUERIES: Final[dict[int, UDFQuery]] = {
    UDFOp.AGGREGATE: _aggregate,
    UDFOp.BACKGROUND: _background,
}
