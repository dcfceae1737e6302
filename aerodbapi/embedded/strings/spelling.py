"""Numbers that texts spell, and values as texts."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["is_numeric", "spelled", "to_double", "to_integer"]

_PARAMETER: Final = 4
_INCOMPATIBLE_TYPE: Final = 12
_NOT_APPLICABLE: Final = 26
_DOUBLE = struct.Struct(">d")

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_FLOAT: Final = re.compile(r"[+-]?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MOST_DIGITS: Final = 40  # more are no 64-bit number, whatever they are


def to_integer(text: str) -> int:
    """Give the 64-bit integer that a text spells; unsigned ones wrap. Refused(26)."""
    if len(text) <= _MOST_DIGITS and _INTEGER.fullmatch(text):
        number = int(text)
        if -(1 << 63) <= number < 1 << 64:
            return number - (1 << 64) if number >= 1 << 63 else number
    raise Refused(_NOT_APPLICABLE)


def to_double(text: str) -> float:
    """Give the number that a text spells. Refused(26)."""
    if _NUMBER.fullmatch(text):
        return float(text)
    raise Refused(_NOT_APPLICABLE)


def is_numeric(text: str, kind: int) -> bool:
    """Tell whether a text spells a number: 0 any, 1 an integer, 2 one with a point. Refused(4)."""
    if kind > 2:
        raise Refused(_PARAMETER)
    if kind != 2 and _INTEGER.fullmatch(text):
        return True
    return kind != 1 and bool(_FLOAT.fullmatch(text))


def spelled(particle: Particle) -> bytes:
    """Give a scalar as text. Refused(12), and (26) for a blob that is not UTF-8."""
    kind, value = particle
    if kind == ParticleType.INTEGER:
        return str(int.from_bytes(value, "big", signed=True)).encode()
    if kind == ParticleType.DOUBLE:
        return repr(_DOUBLE.unpack(value)[0]).encode()
    if kind == ParticleType.BOOL:
        return b"true" if value != b"\0" else b"false"
    if kind not in (ParticleType.STRING, ParticleType.BLOB):
        raise Refused(_INCOMPATIBLE_TYPE)
    try:
        value.decode()
    except UnicodeDecodeError:
        raise Refused(_NOT_APPLICABLE) from None
    return value
