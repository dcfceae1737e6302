"""HLL commands that only read."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.hll import estimates, request
from aerodbapi.embedded.hll.request import Form, Request
from aerodbapi.embedded.hll.sketch import Sketch, unite
from aerodbapi.embedded.packed import list_header, pack_int
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["QUESTIONS", "Question", "integer"]

_PARAMETER: Final = 4
_NOT_APPLICABLE: Final = 26
_FEW: Final = 2  # HLLs that can be intersected with the bin's without minhash bits

#: The bin's HLL, the request → the answer.
Question = Callable[[Sketch, Request], "Particle"]


def integer(number: int) -> Particle:
    """Make an integer's particle of an unsigned 64-bit number."""
    return ParticleType.INTEGER, number.to_bytes(8, "big")


def _count(sketch: Sketch, request: Request) -> Particle:
    return integer(estimates.count(sketch))


def _union(sketch: Sketch, request: Request) -> Particle:
    return ParticleType.HLL, unite([*request.sketches, sketch]).pack()


def _union_count(sketch: Sketch, request: Request) -> Particle:
    return integer(estimates.union_count([*request.sketches, sketch]))


def _intersection_count(sketch: Sketch, request: Request) -> Particle:
    return integer(estimates.intersection_count(_to_intersect(sketch, request)))


def _similarity(sketch: Sketch, request: Request) -> Particle:
    found = estimates.similarity(_to_intersect(sketch, request))
    return ParticleType.DOUBLE, struct.pack(">d", found)


def _to_intersect(sketch: Sketch, request: Request) -> list[Sketch]:
    """Refuse more than two HLLs beside the bin's unless all have the same minhash bits."""
    given = request.sketches
    minhash_bits = given[0].minhash_bits
    if len(given) > _FEW:
        if not minhash_bits or any(other.minhash_bits != minhash_bits for other in given):
            raise Refused(_PARAMETER)
        if sketch.minhash_bits != minhash_bits:
            raise Refused(_NOT_APPLICABLE)
    return [*given, sketch]


def _describe(sketch: Sketch, request: Request) -> Particle:
    bits = pack_int(sketch.index_bits) + pack_int(sketch.minhash_bits)
    return ParticleType.LIST, list_header(2) + bits


def _may_contain(sketch: Sketch, request: Request) -> Particle:
    return integer(int(all(map(sketch.may_contain, request.elements))))


_OF_SKETCHES: Final = Form((request.SKETCHES,), 1)

#: Command → its form, and its answer.
QUESTIONS: Final[dict[int, tuple[Form, Question]]] = {
    50: (Form(), _count),
    51: (_OF_SKETCHES, _union),
    52: (_OF_SKETCHES, _union_count),
    53: (_OF_SKETCHES, _intersection_count),
    54: (_OF_SKETCHES, _similarity),
    55: (Form(), _describe),
    56: (Form((request.ELEMENTS,), 1), _may_contain),
}
