"""An HLL command's arguments, checked (server source: particle_hll.c, hll_parse_*)."""

from __future__ import annotations

from typing import Final

from aerodbapi.embedded.hll.elements import elements
from aerodbapi.embedded.hll.sketch import Sketch, fits, fits_index, fits_minhash
from aerodbapi.embedded.packed import LIST, PackedError, Reader
from aerodbapi.embedded.packed_command import Argument, arguments, signed, unsigned
from aerodbapi.embedded.replies import Refused
from aerodbapi.frozen import frozen

__all__ = [
    "ALLOW_FOLD",
    "CREATE_ONLY",
    "ELEMENTS",
    "FLAGS",
    "INDEX_BITS",
    "MINHASH_BITS",
    "NO_FAIL",
    "SKETCHES",
    "UPDATE_ONLY",
    "Form",
    "Request",
    "parse",
]

CREATE_ONLY: Final = 1
UPDATE_ONLY: Final = 2
NO_FAIL: Final = 4
ALLOW_FOLD: Final = 8

_PARAMETER: Final = 4
_UNSET: Final = -1


@frozen
class Request:
    """One command's arguments; numbers of bits are None when they are left to the server."""

    elements: list[bytes]
    sketches: list[Sketch]
    index_bits: int | None
    minhash_bits: int | None
    flags: int

    def has(self, flag: int) -> bool:
        """Tell whether the command has a flag."""
        return bool(self.flags & flag)


@frozen
class Form:
    """What a command looks like: arguments, how many must be there, flags it may have."""

    arguments: tuple[Argument, ...] = ()
    least: int = 0
    flags: int = 0


def parse(form: Form, reader: Reader, count: int) -> Request:
    """Read a command's `count` arguments; Refused(4) for any that the server refuses."""
    found = arguments(reader, form.arguments, form.least, count)
    index_bits, minhash_bits = found.get("index_bits"), found.get("minhash_bits")
    flags = found.get("flags", 0)
    if index_bits is not None and minhash_bits is not None and not fits(index_bits, minhash_bits):
        raise Refused(_PARAMETER)
    if flags & ~form.flags or flags & 3 == 3:  # CREATE_ONLY with UPDATE_ONLY
        raise Refused(_PARAMETER)
    return Request(
        found.get("elements", []), found.get("sketches", []), index_bits, minhash_bits, flags
    )


def _index_bits(reader: Reader) -> int | None:
    bits = signed(reader)
    if bits != _UNSET and not fits_index(bits):
        raise Refused(_PARAMETER)
    return None if bits == _UNSET else bits


def _minhash_bits(reader: Reader) -> int | None:
    bits = signed(reader)
    if bits != _UNSET and not fits_minhash(bits):
        raise Refused(_PARAMETER)
    return None if bits == _UNSET else bits


def _sketches(reader: Reader) -> list[Sketch]:
    """Read a list of HLLs, or one alone; the type prefixes before them do not matter."""
    count = reader.list_size() if reader.peek() == LIST else 1
    if not count:
        raise PackedError("no HLL")
    return [_sketch(reader) for _ in range(count)]


def _sketch(reader: Reader) -> Sketch:
    sketch = Sketch.parse(reader.raw()[1:])
    if sketch is None:
        raise Refused(_PARAMETER)
    return sketch


ELEMENTS: Final[Argument] = ("elements", elements)
SKETCHES: Final[Argument] = ("sketches", _sketches)
INDEX_BITS: Final[Argument] = ("index_bits", _index_bits)
MINHASH_BITS: Final[Argument] = ("minhash_bits", _minhash_bits)
FLAGS: Final[Argument] = ("flags", unsigned)
