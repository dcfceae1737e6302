"""Results that only maps give: keys, values and pairs of selected places, and their ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.results import (
    EMPTY_LIST,
    MAP_FLAGS,
    Choice,
    Kind,
    Return,
    boolean,
    element,
    elements,
    integer,
    integers,
    places_result,
    refuse,
)
from aerodbapi.embedded.cdt.values import pack_map
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aerodbapi.embedded.cdt.values import MapValue
    from aerodbapi.embedded.storage import Particle

__all__ = ["ELEMENTS", "everything", "inverted_places", "pairs_result", "places_answer", "ranks_of"]

#: Return types that answer with keys, values or pairs.
ELEMENTS: Final = frozenset((Kind.KEY, Kind.VALUE, *MAP_FLAGS))


def inverted_places(how: Return, places: Sequence[int], n: int) -> Sequence[int]:
    """Give the selected places: those, or all others."""
    if not how.inverted:
        return places
    named = set(places)
    return [place for place in range(n) if place not in named]


def pairs_result(found: MapValue, how: Return, places: Sequence[int]) -> Particle | None:
    """Answer with keys, values or pairs, in the order of `places`."""
    if how.kind in MAP_FLAGS:
        keys, values = found.keys, found.values
        chosen = [keys[place] for place in places], [values[place] for place in places]
        return ParticleType.MAP, pack_map(*chosen, MAP_FLAGS[how.kind])
    parts = found.keys if how.kind == Kind.KEY else found.values
    if how.multi:
        return elements([parts[place] for place in places])
    return element(parts[places[0]]) if places else None


def ranks_of(found: MapValue, how: Return, places: Sequence[int]) -> Particle:
    """Answer with the ranks of the values at places, each turned when counted from the end."""
    rank_of = [0] * found.count
    for rank, place in enumerate(found.by_value()):
        rank_of[place] = rank
    return places_result(how, [rank_of[place] for place in places], found.count)


def places_answer(found: MapValue, how: Return, places: Sequence[int]) -> Particle | None:
    """Answer about selected places, inversion done; ranks are not among the answers."""
    kind = how.kind
    if kind == Kind.NONE:
        return None
    if kind == Kind.COUNT:
        return integer(len(places))
    if kind == Kind.EXISTS:
        return boolean(bool(places))
    if kind in (Kind.INDEX, Kind.REVERSE_INDEX):
        return places_result(how, places, found.count) if places else EMPTY_LIST
    if kind in ELEMENTS:
        return pairs_result(found, how, places)
    raise refuse()


def everything(found: MapValue, how: Return) -> Choice:
    """Select all pairs; indexes and ranks are then simply all numbers, rising."""
    n = found.count
    places = range(n)
    kind = how.kind
    if Kind.INDEX <= kind <= Kind.REVERSE_RANK:
        return Choice(places, integers(places) if how.multi else integer(0))
    if Kind.INDEX_RANGE <= kind <= Kind.REVERSE_RANK_RANGE:
        return Choice(places, integers((0, n)))
    return Choice(places, places_answer(found, how, places))
