"""One bin out of a record's packed bins, without unpacking the others.

A record's bins are a run of READ operations (wire.md §5). The walk reads one size per bin; it
is the inner loop of filters and projections, hence closures with everything precomputed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["packed_finder", "particle_finder"]

_size_of = struct.Struct(">I").unpack_from


def _offset_finder(name: bytes) -> Callable[[bytes], int]:
    """Make the function that gives where a bin's operation starts, or -1."""
    needle = bytes((len(name),)) + name  # as the operation's header has it, from its byte 7
    stop = 8 + len(name)
    size_of = _size_of

    def find(packed: bytes) -> int:
        if needle not in packed:
            return -1
        at, end = 0, len(packed)
        while at < end:
            if packed[at + 7 : at + stop] == needle:
                return at
            at += 4 + size_of(packed, at)[0]
        return -1

    return find


def particle_finder(name: str) -> Callable[[bytes], Particle | None]:
    """Make the function from packed bins to one bin's particle."""
    raw = name.encode("utf-8", "surrogateescape")
    find, stop = _offset_finder(raw), 8 + len(raw)

    def particle(packed: bytes) -> Particle | None:
        at = find(packed)
        if at < 0:
            return None
        return packed[at + 5], packed[at + stop : at + 4 + _size_of(packed, at)[0]]

    return particle


def packed_finder(name: str) -> Callable[[bytes], bytes | None]:
    """Make the function from packed bins to one bin's whole operation."""
    find = _offset_finder(name.encode("utf-8", "surrogateescape"))

    def operation(packed: bytes) -> bytes | None:
        at = find(packed)
        return None if at < 0 else packed[at : at + 4 + _size_of(packed, at)[0]]

    return operation
