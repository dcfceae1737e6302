"""HLL operations: HLL_READ, HLL_MODIFY, and the same inside expressions.

`request` reads a command, `changes` and `questions` do it on a `sketch`, `estimates` has the
statistics. Codes (server source: particle_hll.c): 4 a malformed command or HLL; 6 and 17
CREATE_ONLY, UPDATE_ONLY and a missing bin; 12 a bin that is no HLL; 26 bits that do not go
together. All of it is imported by the first operation: most programs have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["call", "modify", "read"]

_INCOMPATIBLE_TYPE: Final = 12


def modify(state: State, op: Operation) -> Particle | None:
    """Change the bin's HLL, or make it; ADD and REFRESH_COUNT answer an integer."""
    from aerodbapi.embedded.hll import commands

    changed, answer = commands.modified(op.value, state.bins.get(op.name))
    if changed is not None:
        state.bins[op.name] = changed
    return answer


def read(state: State, op: Operation) -> Particle | None:
    """Answer a question about the bin's HLL."""
    from aerodbapi.embedded.hll import commands

    return commands.result(op.value, state.bins[op.name])


def call(command: bytes, particle: Particle | None, is_modify: bool) -> Particle | None:
    """Do a command of an expression: give the modified HLL, or a question's answer."""
    from aerodbapi.embedded.hll import commands

    if is_modify:
        changed, _ = commands.modified(command, particle)
        return particle if changed is None else changed
    if particle is None:
        raise Refused(_INCOMPATIBLE_TYPE)
    return commands.result(command, particle)
