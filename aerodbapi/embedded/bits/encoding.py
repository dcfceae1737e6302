"""A blob's bytes as base-64 text."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.packed import Reader
from aerodbapi.embedded.packed_command import arguments, signed, unsigned
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["B64_ENCODE", "encoded"]

B64_ENCODE: Final = 55

_PARAMETER: Final = 4
_NOT_APPLICABLE: Final = 26
_ARGUMENTS: Final = (("offset", signed), ("size", unsigned), ("inverted", unsigned))


def encoded(blob: bytes, reader: Reader, count: int) -> Particle:
    """Encode `size` bytes from `offset`; without a size, up to the end; inverted, less at it."""
    given = arguments(reader, _ARGUMENTS, 0, count)
    offset, inverted = given.get("offset", 0), given.get("inverted", 0)
    size = given.get("size")
    if offset < 0:
        offset += len(blob)
    if offset < 0 or inverted > 1:
        raise Refused(_PARAMETER)
    end = len(blob) if size is None else len(blob) - size if inverted else offset + size
    if not offset <= end <= len(blob):
        raise Refused(_NOT_APPLICABLE)
    return ParticleType.STRING, base64.b64encode(blob[offset:end])
