"""Which Lua function a message asks for, with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_TIMEOUT_MS", "Call", "call_of"]

#: Server setting transaction-max-ms: what a command without a timeout gets.
DEFAULT_TIMEOUT_MS: Final = 1000
_MAX_NAME: Final = 127  # bytes (udf.h, UDF_MAX_STRING_SZ)
_PARAMETER: Final = 4


@frozen
class Call:
    """A function of a module (its name without ".lua"), and its packed list of arguments."""

    module: str
    function: bytes
    arguments: bytes
    timeout_ms: int = DEFAULT_TIMEOUT_MS


def call_of(fields: Mapping[int, bytes], timeout_ms: int) -> Call:
    """Take the call out of a message's fields; Refused(4) when one is missing or too long."""
    module = fields.get(FieldType.UDF_PACKAGE)
    function = fields.get(FieldType.UDF_FUNCTION)
    arguments = fields.get(FieldType.UDF_ARGS)
    if module is None or function is None or arguments is None:
        raise Refused(_PARAMETER)
    if len(module) > _MAX_NAME or len(function) > _MAX_NAME:
        raise Refused(_PARAMETER)
    return Call(
        module.decode("utf-8", "surrogateescape"),
        function,
        arguments,
        timeout_ms or DEFAULT_TIMEOUT_MS,
    )
