"""HLL commands on a bin's particle: the rules that all of them share, and the two tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.hll import request
from aerodbapi.embedded.hll.changes import CHANGES
from aerodbapi.embedded.hll.questions import QUESTIONS, integer
from aerodbapi.embedded.hll.sketch import Sketch, fits
from aerodbapi.embedded.packed_command import open_command
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["modified", "result"]

_UNKNOWN: Final = 1
_PARAMETER: Final = 4
_BIN_EXISTS: Final = 6
_INCOMPATIBLE_TYPE: Final = 12
_BIN_NOT_FOUND: Final = 17


def modified(payload: bytes, particle: Particle | None) -> tuple[Particle | None, Particle | None]:
    """Give the new particle, None to leave the bin alone, and the answer."""
    reader, command, count = open_command(payload)
    if command not in CHANGES:
        raise Refused(_PARAMETER)
    old = None if particle is None else _sketch(particle)
    form, change = CHANGES[command]
    parsed = request.parse(form, reader, count)
    if parsed.has(request.UPDATE_ONLY if old is None else request.CREATE_ONLY):
        if parsed.has(request.NO_FAIL):
            return None, None
        raise Refused(_BIN_NOT_FOUND if old is None else _BIN_EXISTS)
    new, answer = change(old, parsed)
    return (ParticleType.HLL, new.pack()), None if answer is None else integer(answer)


def result(payload: bytes, particle: Particle) -> Particle:
    """Give a question's answer about the bin's particle."""
    reader, command, count = open_command(payload)
    if command not in QUESTIONS:
        raise Refused(_PARAMETER)
    sketch = _sketch(particle)
    form, question = QUESTIONS[command]
    return question(sketch, request.parse(form, reader, count))


def _sketch(particle: Particle) -> Sketch:
    """Read the bin's HLL; a union may have stored one whose bits are too many (1)."""
    if particle[0] != ParticleType.HLL:
        raise Refused(_INCOMPATIBLE_TYPE)
    sketch = Sketch.parse(particle[1])
    if sketch is None or not fits(sketch.index_bits, sketch.minhash_bits):
        raise Refused(_UNKNOWN)
    return sketch
