"""Selecting pairs of a map by key, index, value or rank (server source: particle_map.c).

Each function gives the selected places and the result that the return type asks for. A place
is a key's index, as keys are always sorted; still, maps that say so and maps that do not
answer a few questions differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.embedded.cdt import ranges
from aerodbapi.embedded.cdt.item_lists import (
    equal_places,
    item_ranks,
    item_runs,
    items_of,
    runs_in_order,
    runs_result,
)
from aerodbapi.embedded.cdt.map_results import (
    ELEMENTS,
    everything,
    inverted_places,
    pairs_result,
    places_answer,
    ranks_of,
)
from aerodbapi.embedded.cdt.order import Comparer, comparer, find, lower_bound, sort_key
from aerodbapi.embedded.cdt.results import (
    INDEX_RANGES,
    INDEXES,
    RANK_RANGES,
    RANKS,
    Choice,
    Kind,
    Return,
    boolean,
    missing,
    places_result,
    refuse,
    run_result,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aerodbapi.embedded.cdt.values import MapValue
    from aerodbapi.embedded.storage import Particle

__all__ = [
    "by_index_range",
    "by_key",
    "by_key_interval",
    "by_key_list",
    "by_rank_range",
    "by_relative_index",
    "by_relative_rank",
    "by_value",
    "by_value_interval",
    "by_value_list",
    "find_key",
]


def find_key(found: MapValue, key: bytes) -> tuple[int, bool]:
    """Give a key's index, or the one that it would have, and whether it is there."""
    order = comparer(key)
    if not found.ordered:
        place = next((i for i, other in enumerate(found.keys) if order(other) == 0), None)
        return (lower_bound(found.keys, order), False) if place is None else (place, True)
    return find(found.keys, order)


# ---- by index ----------------------------------------------------------------------------------


def by_index_range(found: MapValue, how: Return, index: int, count: int = ranges.ALL) -> Choice:
    """Select `count` pairs from the key of an index; Refused(26)."""
    n = found.count
    start, count = ranges.resolve(index, count, n, how.multi)
    if how.kind in RANK_RANGES or (how.inverted and not how.multi):
        raise refuse()
    if how.inverted:
        others = ranges.complement(start, count, n)
        if others is None:
            return _outside(found, how, start, count)
        how = how.straight()
        start, count = others
    if not count:
        return Choice((), missing(how, start))
    if count == n:
        return everything(found, how)
    places = range(start, start + count)
    if how.kind in ELEMENTS:
        return Choice(places, pairs_result(found, how, places))
    if how.kind in RANKS:
        return Choice(places, ranks_of(found, how, places))
    return Choice(places, run_result(how, start, count, n))


def _outside(found: MapValue, how: Return, start: int, count: int) -> Choice:
    """Select what is on both sides of a run of indexes."""
    n = found.count
    places = (*range(start), *range(start + count, n))
    result: Particle | None
    if how.kind in ELEMENTS:
        result = pairs_result(found, how, places)
    elif how.kind in RANKS:
        result = ranks_of(found, how, places)
    elif how.kind == Kind.EXISTS and found.ordered:
        result = boolean(bool(places))
    else:
        result = run_result(how, start, count, n)
    return Choice(places, result)


def by_relative_index(
    found: MapValue, how: Return, key: bytes, index: int, count: int = ranges.ALL
) -> Choice:
    """Select by index, counted from where `key` is or would be."""
    base = find_key(found, key)[0] if found.ordered else lower_bound(found.keys, comparer(key))
    return by_index_range(found, how, *ranges.relative(index, count, base))


# ---- by key ------------------------------------------------------------------------------------


def by_key(found: MapValue, how: Return, key: bytes) -> Choice:
    """Select the pair of a key."""
    if how.kind in RANK_RANGES:
        raise refuse()
    if how.inverted and not found.ordered:
        raise refuse()
    place, is_there = find_key(found, key)
    if not is_there:
        return Choice((), missing(how, -1))
    if found.ordered:
        return by_index_range(found, how, place, 1)
    places = (place,)
    if how.kind in RANKS:
        return Choice(places, ranks_of(found, how, places))
    if how.kind in ELEMENTS:
        return Choice(places, pairs_result(found, how, places))
    return Choice(places, run_result(how, place, 1, found.count))


def by_key_interval(found: MapValue, how: Return, begin: bytes, end: bytes | None = None) -> Choice:
    """Select the pairs whose keys are from `begin` up to but without `end` (None: all)."""
    if how.kind in RANK_RANGES:
        raise refuse()
    low = comparer(begin)
    start = find_key(found, begin)[0] if found.ordered else lower_bound(found.keys, low)
    stop = found.count
    if end is not None:
        stop = find_key(found, end)[0] if found.ordered else lower_bound(found.keys, comparer(end))
    count = max(stop - start, 0)
    if found.ordered:
        return by_index_range(found, how, start, count)
    places = inverted_places(how, range(start, start + count), found.count)
    return Choice(places, _interval_result(found, how, places, start, count))


def _interval_result(
    found: MapValue, how: Return, places: Sequence[int], start: int, count: int
) -> Particle | None:
    if how.kind in ELEMENTS:
        return pairs_result(found, how, places)
    if how.kind in RANKS:
        return ranks_of(found, how, places)
    return run_result(how, start, count, found.count)


def by_key_list(found: MapValue, how: Return, keys: bytes) -> Choice:
    """Select the pairs of several keys; Refused(4) for no list of them."""
    items = items_of(keys)
    if not items:
        return _no_items(found, how, INDEX_RANGES | RANK_RANGES | RANKS)
    n = found.count
    if not found.ordered:
        sort_keys = [sort_key(key) for key in found.keys]
        places = inverted_places(how, equal_places(found.keys, sort_keys, items), n)
        if how.kind in INDEXES:
            runs = item_runs(found.keys, sort_keys, items)
            return Choice(places, item_ranks(how, runs, n))
        return Choice(places, places_answer(found, how, places))
    runs = runs_in_order(found.keys, items)
    named = sorted({place for start, count in runs for place in range(start, start + count)})
    places = inverted_places(how, named, n)
    if how.kind in INDEXES:
        if how.inverted:
            return Choice(places, places_result(how, places, n))
        return Choice(places, runs_result(how, runs, n))
    return Choice(places, places_answer(found, how, places))


def _no_items(found: MapValue, how: Return, refused: frozenset[int]) -> Choice:
    if how.kind in refused:
        raise refuse()
    if how.inverted:
        return everything(found, how.straight())
    if how.kind > Kind.ORDERED_MAP or how.kind in (14, 15):
        return Choice((), None)  # a type that there is not: the server does not look
    return Choice((), missing(how, 0))


# ---- by value ----------------------------------------------------------------------------------


def by_value(found: MapValue, how: Return, value: bytes) -> Choice:
    """Select the pairs whose value equals one, or the first of them."""
    order = comparer(value)

    def equals(place: int) -> bool:
        return order(found.values[place]) == 0

    return _by_values(found, how, order, equals)


def by_value_interval(
    found: MapValue, how: Return, begin: bytes, end: bytes | None = None
) -> Choice:
    """Select the pairs whose values are from `begin` up to but without `end` (None: all)."""
    low = comparer(begin)
    high: Comparer | None = None if end is None else comparer(end)

    def inside(place: int) -> bool:
        value = found.values[place]
        return low(value) >= 0 and (high is None or high(value) < 0)

    return _by_values(found, how, low, inside)


def _by_values(found: MapValue, how: Return, low: Comparer, named: Callable[[int], bool]) -> Choice:
    if how.kind in INDEX_RANGES or (how.inverted and not how.multi):
        raise refuse()
    n = found.count
    if not n:
        return Choice((), missing(how, -1))
    places = [place for place in range(n) if named(place)]
    rank = 0
    if how.kind in RANKS or how.kind in RANK_RANGES:
        rank = sum(low(value) < 0 for value in found.values)
    if not places:
        if how.inverted:
            return everything(found, how.straight())
        return Choice((), missing(how, rank))
    if not how.multi:
        places = places[:1]
    count = len(places)
    chosen = inverted_places(how, places, n)
    if how.kind in ELEMENTS or how.kind in INDEXES:
        single = how.kind in INDEXES and not how.multi
        answer = places_result(how, chosen, n) if single else places_answer(found, how, chosen)
        return Choice(chosen, answer)
    return Choice(chosen, run_result(how, rank, count, n))


def by_value_list(found: MapValue, how: Return, values: bytes) -> Choice:
    """Select the pairs whose values equal one of several; Refused(4) for no list of them."""
    items = items_of(values)
    if not items:
        return _no_items(found, how, INDEX_RANGES | RANK_RANGES)
    n = found.count
    places = inverted_places(how, equal_places(found.values, found.value_keys, items), n)
    if how.kind in RANKS:
        runs = item_runs(found.values, found.value_keys, items)
        return Choice(places, item_ranks(how, runs, n))
    return Choice(places, places_answer(found, how, places))


# ---- by rank -----------------------------------------------------------------------------------


def by_rank_range(found: MapValue, how: Return, rank: int, count: int = ranges.ALL) -> Choice:
    """Select `count` pairs from the one whose value is the `rank`-th; Refused(26)."""
    n = found.count
    start, count = ranges.resolve(rank, count, n, how.multi)
    if how.kind in INDEX_RANGES or (how.inverted and not how.multi):
        raise refuse()
    if how.inverted:
        others = ranges.complement(start, count, n)
        if others is not None:
            how = how.straight()
            start, count = others
    if not count:
        return Choice((), missing(how, start))
    by_value = found.by_value()[start : start + count]
    places = inverted_places(how, sorted(by_value), n)
    return Choice(places, _rank_result(found, how, (start, count), places, by_value))


def _rank_result(
    found: MapValue,
    how: Return,
    run: tuple[int, int],
    places: Sequence[int],
    by_value: Sequence[int],
) -> Particle | None:
    """Answer with `places` in the order of keys, or `by_value` in the order of values."""
    kind = how.kind
    if kind in INDEXES:
        return places_result(how, places if how.inverted else by_value, found.count)
    if kind in ELEMENTS:
        in_key_order = how.inverted or kind == Kind.ORDERED_MAP
        return pairs_result(found, how, places if in_key_order else by_value)
    return run_result(how, *run, found.count)


def by_relative_rank(
    found: MapValue, how: Return, value: bytes, rank: int, count: int = ranges.ALL
) -> Choice:
    """Select by rank, counted from where `value` is or would be."""
    order = comparer(value)
    base = sum(order(other) < 0 for other in found.values)
    return by_rank_range(found, how, *ranges.relative(rank, count, base))
