"""HLL commands that make or change an HLL: INIT, ADD, UNION, REFRESH_COUNT and FOLD."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.hll import estimates, request
from aerodbapi.embedded.hll.request import ALLOW_FOLD, Form, Request
from aerodbapi.embedded.hll.sketch import Sketch, fits, unite
from aerodbapi.embedded.replies import Refused

__all__ = ["CHANGES", "Change"]

_BIN_NOT_FOUND: Final = 17
_NOT_APPLICABLE: Final = 26

#: The bin's HLL or None, the request → the new HLL, and an integer to answer or None.
Change = Callable[["Sketch | None", Request], tuple[Sketch, "int | None"]]


def _init(old: Sketch | None, request: Request) -> tuple[Sketch, None]:
    """Make an empty HLL; what the request leaves open stays as it is in the bin."""
    index_bits, minhash_bits = request.index_bits, request.minhash_bits
    if index_bits is None and old is not None:
        index_bits = old.index_bits
    if minhash_bits is None:
        minhash_bits = 0 if old is None else old.minhash_bits
    if index_bits is None or not fits(index_bits, minhash_bits):
        raise Refused(_NOT_APPLICABLE)
    return Sketch.empty(index_bits, minhash_bits), None


def _add(old: Sketch | None, request: Request) -> tuple[Sketch, int]:
    """Add elements, making the HLL when there is none; answer how many changed it."""
    if old is None:
        if request.index_bits is None:
            raise Refused(_NOT_APPLICABLE)
        old = Sketch.empty(request.index_bits, request.minhash_bits or 0)
    return old, sum(map(old.add, request.elements))


def _union(old: Sketch | None, request: Request) -> tuple[Sketch, None]:
    """Join HLLs to the bin's; with ALLOW_FOLD that may lose index or minhash bits."""
    sketches = request.sketches if old is None else [*request.sketches, old]
    new = unite(sketches)
    loses = old is not None and (new.index_bits, new.minhash_bits) != _bits(old)
    if loses and not request.has(ALLOW_FOLD):
        raise Refused(_NOT_APPLICABLE)
    return new, None


def _bits(sketch: Sketch) -> tuple[int, int]:
    return sketch.index_bits, sketch.minhash_bits


def _refresh_count(old: Sketch | None, request: Request) -> tuple[Sketch, int]:
    """Remember the count in the HLL, and answer it."""
    if old is None:
        raise Refused(_BIN_NOT_FOUND)
    old.cache = estimates.count(old)
    return old, old.cache


def _fold(old: Sketch | None, request: Request) -> tuple[Sketch, None]:
    """Reduce the index bits of an HLL that has no minhash bits."""
    if old is None:
        raise Refused(_BIN_NOT_FOUND)
    index_bits = request.index_bits
    if old.minhash_bits or index_bits is None or index_bits > old.index_bits:
        raise Refused(_NOT_APPLICABLE)
    if index_bits == old.index_bits:
        return old, None
    return Sketch.of(index_bits, 0, old.folded(index_bits, 0)), None


_CREATE: Final = request.CREATE_ONLY | request.NO_FAIL
_BITS: Final = (request.INDEX_BITS, request.MINHASH_BITS, request.FLAGS)

#: Command → its form, and what it does.
CHANGES: Final[dict[int, tuple[Form, Change]]] = {
    0: (Form(_BITS, 0, _CREATE | request.UPDATE_ONLY), _init),
    1: (Form((request.ELEMENTS, *_BITS), 1, _CREATE), _add),
    2: (
        Form((request.SKETCHES, request.FLAGS), 1, _CREATE | request.UPDATE_ONLY | ALLOW_FOLD),
        _union,
    ),
    3: (Form(), _refresh_count),
    4: (Form((request.INDEX_BITS,), 1), _fold),
}
