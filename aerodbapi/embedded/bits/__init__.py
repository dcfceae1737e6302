"""Bit operations on blobs: BITS_READ, BITS_MODIFY, and the same inside expressions.

`request` reads a command, `resizing`, `fields` and `scans` do it. Bits count from the most
significant one of byte 0. Codes (server source: particle_blob.c): 4 a malformed command, and
offsets before the blob; 6 and 17 CREATE_ONLY and a bin that is missing; 12 a bin that is no
blob; 26 a range outside the blob, an overflow. NO_FAIL makes most of them do nothing.
All of it is imported by the first operation: most programs have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["call", "modify", "read"]

_INCOMPATIBLE_TYPE: Final = 12


def modify(state: State, op: Operation) -> None:
    """Change the bin's blob, or make it; nothing is answered."""
    from aerodbapi.embedded.bits import commands

    _check_payload(op)
    changed = commands.modified(op.value, state.bins.get(op.name))
    if changed is not None:
        state.bins[op.name] = changed


def read(state: State, op: Operation) -> Particle | None:
    """Read from the bin's blob."""
    from aerodbapi.embedded.bits import commands

    _check_payload(op)
    return commands.result(op.value, state.bins[op.name])


def call(command: bytes, particle: Particle | None, is_modify: bool) -> Particle | None:
    """Do a command of an expression: give the modified blob, or a reading command's result."""
    from aerodbapi.embedded.bits import commands

    if is_modify:
        changed = commands.modified(command, particle)
        return particle if changed is None else changed
    if particle is None:
        raise Refused(_INCOMPATIBLE_TYPE)
    return commands.result(command, particle)


def _check_payload(op: Operation) -> None:
    if op.particle_type != ParticleType.BLOB:
        raise Refused(_INCOMPATIBLE_TYPE)
