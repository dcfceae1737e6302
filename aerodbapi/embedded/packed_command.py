"""The packed command of a bit or HLL operation: its number, then its arguments one by one.

What an argument may look like: server source, msgpack_in.c. Anything else is refused (4), as
is a wrong number of arguments; bytes behind the last argument are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from aerodbapi.embedded.packed import PackedError, Reader
from aerodbapi.embedded.replies import Refused

__all__ = ["UINT64", "Argument", "arguments", "open_command", "signed", "unsigned"]

UINT64: Final = (1 << 64) - 1

_PARAMETER: Final = 4

#: An argument's name in the request, and the function that reads and checks it.
Argument = tuple[str, Callable[[Reader], Any]]


def open_command(payload: bytes) -> tuple[Reader, int, int]:
    """Give a reader at the first argument, the command's number, and how many arguments."""
    reader = Reader(payload)
    try:
        count = reader.list_size()
        return reader, reader.integer(), count - 1
    except PackedError:
        raise Refused(_PARAMETER) from None


def arguments(reader: Reader, table: Sequence[Argument], least: int, count: int) -> dict[str, Any]:
    """Read `count` arguments by a table of which the first `least` must be there."""
    if not least <= count <= len(table):
        raise Refused(_PARAMETER)
    try:
        return {name: read(reader) for name, read in table[:count]}
    except PackedError:
        raise Refused(_PARAMETER) from None


def signed(reader: Reader) -> int:
    """Read a 64-bit integer."""
    return reader.integer()


def unsigned(reader: Reader) -> int:
    """Read a 64-bit integer as an unsigned one: negative numbers become very large."""
    return reader.integer() & UINT64
