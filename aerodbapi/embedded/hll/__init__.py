"""HLL operations: HLL_READ, HLL_MODIFY, and the same inside expressions.

`request` reads a command, `changes` and `questions` do it on a `sketch`, `estimates` has the
statistics. Codes (server source: particle_hll.c): 4 a malformed command or HLL; 6 and 17
CREATE_ONLY, UPDATE_ONLY and a missing bin; 12 a bin that is no HLL; 26 bits that do not go
together.
"""

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
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["call", "modify", "read"]

_UNKNOWN: Final = 1
_PARAMETER: Final = 4
_BIN_EXISTS: Final = 6
_INCOMPATIBLE_TYPE: Final = 12
_BIN_NOT_FOUND: Final = 17


def modify(state: State, op: Operation) -> Particle | None:
    """Change the bin's HLL, or make it; ADD and REFRESH_COUNT answer an integer."""
    changed, answer = _modified(op.value, state.bins.get(op.name))
    if changed is not None:
        state.bins[op.name] = changed
    return answer


def read(state: State, op: Operation) -> Particle | None:
    """Answer a question about the bin's HLL."""
    return _answer(op.value, state.bins[op.name])


def call(command: bytes, particle: Particle | None, is_modify: bool) -> Particle | None:
    """Do a command of an expression: give the modified HLL, or a question's answer."""
    if is_modify:
        changed, _ = _modified(command, particle)
        return particle if changed is None else changed
    if particle is None:
        raise Refused(_INCOMPATIBLE_TYPE)
    return _answer(command, particle)


def _modified(payload: bytes, particle: Particle | None) -> tuple[Particle | None, Particle | None]:
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


def _answer(payload: bytes, particle: Particle) -> Particle:
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
