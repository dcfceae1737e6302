"""A bit command's arguments, checked: sizes, offsets, flags that each command takes.

Byte offsets and sizes become bits here. Limits: server source, particle_blob.c, bits_parse_*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aerodbapi.embedded.packed import PackedError, Reader
from aerodbapi.embedded.packed_command import Argument, arguments, signed, unsigned
from aerodbapi.embedded.replies import Refused
from aerodbapi.frozen import frozen

__all__ = [
    "CREATE_ONLY",
    "FROM_FRONT",
    "GROW_ONLY",
    "MAX_BYTES",
    "NO_FAIL",
    "PARTIAL",
    "SATURATE",
    "SHRINK_ONLY",
    "SIGNED",
    "UPDATE_ONLY",
    "WRAP",
    "Form",
    "Request",
    "parse",
]

MAX_BYTES: Final = 128 << 20  # the largest message (proto.h, PROTO_SIZE_MAX)

# Flags of every modifying command.
CREATE_ONLY: Final = 1
UPDATE_ONLY: Final = 2
NO_FAIL: Final = 4
PARTIAL: Final = 8

# Further flags of RESIZE, and of ADD, SUBTRACT and (SIGNED alone) GET_INT.
FROM_FRONT: Final = 1
GROW_ONLY: Final = 2
SHRINK_ONLY: Final = 4
SIGNED: Final = 1
SATURATE: Final = 2
WRAP: Final = 4

_PARAMETER: Final = 4
_TRUE: Final = 3  # kind of a packed true (packed.py); false is one less
_FALSE: Final = 2


@dataclass(slots=True)
class Request:
    """One command's arguments; `offset`, from the end when negative, and `size` are in bits."""

    offset: int = 0
    size: int = 0
    value: int = 0
    buffer: bytes = b""
    flags: int = 0
    extra: int = 0

    def has(self, flag: int) -> bool:
        """Tell whether the command has a flag."""
        return bool(self.flags & flag)


@frozen
class Form:
    """What a command looks like: arguments, how many must be there, flags it may have."""

    arguments: tuple[Argument, ...]
    least: int
    flags: int = 0
    extra: int = 0


def parse(form: Form, reader: Reader, count: int) -> Request:
    """Read a command's `count` arguments; Refused(4) for any that the server refuses."""
    request = Request(**arguments(reader, form.arguments, form.least, count))
    bad_flags = request.flags & ~form.flags or request.extra & ~form.extra
    # CREATE_ONLY with UPDATE_ONLY; GROW_ONLY with SHRINK_ONLY or SATURATE with WRAP.
    if bad_flags or request.flags & 3 == 3 or request.extra & 6 == 6:
        raise Refused(_PARAMETER)
    available = 8 * len(request.buffer)
    if not request.size:
        request.size = available
    elif available and available < request.size:
        raise Refused(_PARAMETER)
    return request


def _within(
    read: Callable[[Reader], int], least: int, most: int, unit: int = 1
) -> Callable[[Reader], int]:
    def checked(reader: Reader) -> int:
        number = read(reader)
        if not least <= number <= most:
            raise Refused(_PARAMETER)
        return number * unit

    return checked


def _buffer(reader: Reader) -> bytes:
    """Read bytes without their type prefix, whichever it is; there must be some."""
    content = reader.raw()
    if len(content) < 2:
        raise PackedError("no bytes")
    return content[1:]


def _boolean(reader: Reader) -> int:
    kind, _ = reader.token()
    if kind not in (_TRUE, _FALSE):
        raise PackedError("not a boolean")
    return int(kind == _TRUE)


_BITS: Final = 8 * MAX_BYTES
OFFSET: Final[Argument] = ("offset", _within(signed, -_BITS, _BITS))
BYTE_OFFSET: Final[Argument] = ("offset", _within(signed, -MAX_BYTES, MAX_BYTES, 8))
SIZE: Final[Argument] = ("size", _within(unsigned, 1, _BITS))
INTEGER_SIZE: Final[Argument] = ("size", _within(unsigned, 1, 64))
BYTE_SIZE: Final[Argument] = ("size", _within(unsigned, 1, MAX_BYTES, 8))
NEW_SIZE: Final[Argument] = ("size", _within(unsigned, 0, MAX_BYTES, 8))
SHIFT: Final[Argument] = ("value", _within(unsigned, 0, _BITS))
INTEGER: Final[Argument] = ("value", unsigned)
BOOLEAN: Final[Argument] = ("value", _boolean)
BUFFER: Final[Argument] = ("buffer", _buffer)
FLAGS: Final[Argument] = ("flags", unsigned)
EXTRA: Final[Argument] = ("extra", unsigned)
