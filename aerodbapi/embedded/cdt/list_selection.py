"""Selecting elements of a list by index, value or rank (server source: particle_list.c).

Each function gives the selected places and the result that the return type asks for. An
ordered list's ranks are its indexes, so that most selections from it are ranges of indexes.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt import ranges
from aerodbapi.embedded.cdt.item_lists import (
    equal_places,
    item_ranks,
    item_runs,
    items_of,
    runs_in_order,
    runs_result,
)
from aerodbapi.embedded.cdt.order import comparer, lower_bound, ranked, upper_bound
from aerodbapi.embedded.cdt.results import (
    INDEX_RANGES,
    INDEXES,
    MAP_FLAGS,
    RANK_RANGES,
    RANKS,
    Choice,
    Kind,
    Return,
    boolean,
    element,
    elements,
    integer,
    missing,
    places_result,
    refuse,
    run_result,
)
from aerodbapi.embedded.packed import compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aerodbapi.embedded.cdt.order import Comparer
    from aerodbapi.embedded.cdt.values import ListValue
    from aerodbapi.embedded.storage import Particle

__all__ = [
    "by_index_range",
    "by_rank_range",
    "by_relative_rank",
    "by_value",
    "by_value_interval",
    "by_value_list",
]

_NOT_OF_LISTS: Final = frozenset((Kind.KEY, *MAP_FLAGS))
_OF_RUNS: Final = RANKS | RANK_RANGES | {Kind.NONE, Kind.COUNT, Kind.EXISTS}


def _missing(how: Return, place: int) -> Choice:
    if how.kind in _NOT_OF_LISTS:
        raise refuse()
    return Choice((), missing(how, place))


def _refuse_one_inverted(how: Return) -> None:
    if how.inverted and not how.multi:
        raise refuse()


def _values(found: ListValue, how: Return, places: Sequence[int]) -> Particle | None:
    """Answer with elements, in the order of `places`."""
    if not how.multi:
        return element(found.items[places[0]]) if places else None
    items = found.items
    return elements([items[place] for place in places])


# ---- by index ----------------------------------------------------------------------------------


def by_index_range(found: ListValue, how: Return, index: int, count: int = ranges.ALL) -> Choice:
    """Select `count` elements from `index`; Refused(26)."""
    n = found.count
    start, count = ranges.resolve(index, count, n, how.multi)
    _refuse_one_inverted(how)
    if how.inverted:
        if how.kind in INDEX_RANGES or how.kind in RANK_RANGES:
            raise refuse()
        others = ranges.complement(start, count, n)
        if others is None:
            return _outside(found, how, start, count)
        how = how.straight()
        start, count = others
    if not count:
        return _missing(how, start)
    return Choice(range(start, start + count), _index_result(found, how, start, count))


def _index_result(found: ListValue, how: Return, start: int, count: int) -> Particle | None:
    kind = how.kind
    if kind == Kind.VALUE:
        items = found.slice(start, start + count)
        return elements(items) if how.multi else element(items[0])
    if kind in RANKS and not found.ordered and count < found.count:
        return _ranks_of(found, how, range(start, start + count))
    if kind in RANK_RANGES and not found.ordered:
        raise refuse()
    return run_result(how, start, count, found.count)


def _ranks_of(found: ListValue, how: Return, places: Sequence[int]) -> Particle:
    ranks = sorted(found.keys)
    numbers = [bisect_left(ranks, found.keys[place]) for place in places]
    return places_result(how, numbers, found.count)


def _outside(found: ListValue, how: Return, start: int, count: int) -> Choice:
    """Select what is on both sides of a run."""
    n = found.count
    places = (*range(start), *range(start + count, n))
    kind = how.kind
    result: Particle | None = None
    if kind == Kind.EXISTS:
        result = boolean(bool(places))
    elif kind == Kind.VALUE:
        result = _values(found, how, places)
    elif kind in RANKS and not found.ordered:
        result = _ranks_of(found, how, places)
    elif kind in INDEXES or kind in RANKS or kind in (Kind.NONE, Kind.COUNT):
        result = run_result(how, start, count, n)
    else:
        raise refuse()
    return Choice(places, result)


# ---- by value ----------------------------------------------------------------------------------


def by_value(found: ListValue, how: Return, value: bytes) -> Choice:
    """Select the elements that equal a value, or the first of them."""
    _refuse_one_inverted(how)
    order = comparer(value)
    if found.ordered:
        start = lower_bound(found.items, order)
        count = upper_bound(found.items, order, start) - start
        return _ordered_run(found, how, start, count if how.multi else min(count, 1))
    signs = [order(item) for item in found.items]
    places = [place for place, sign in enumerate(signs) if sign == 0]
    rank = sum(sign < 0 for sign in signs)
    return _loose(found, how, places if how.multi else places[:1], rank)


def by_value_interval(
    found: ListValue, how: Return, begin: bytes, end: bytes | None = None
) -> Choice:
    """Select the elements from `begin` up to but without `end` (None: to the last)."""
    _refuse_one_inverted(how)
    low = comparer(begin)
    high: Comparer | None = None if end is None else comparer(end)
    if found.ordered:
        start = stop = lower_bound(found.items, low)
        if end is None:
            stop = found.count
        elif high is not None and compare(begin, end)[0] < 0:
            stop = lower_bound(found.items, high, start)
        return _ordered_run(found, how, start, stop - start)
    signs = [low(item) for item in found.items]
    places = [
        place
        for place, item in enumerate(found.items)
        if signs[place] >= 0 and (high is None or high(item) < 0)
    ]
    return _loose(found, how, places, sum(sign < 0 for sign in signs))


def _ordered_run(found: ListValue, how: Return, start: int, count: int) -> Choice:
    if not count and not how.multi:
        return _missing(how, 0)
    return by_index_range(found, how, start, count)


def _loose(found: ListValue, how: Return, places: list[int], rank: int) -> Choice:
    """Answer about equal or neighbouring values at any places of an unordered list."""
    n, count = found.count, len(places)
    if how.inverted:
        named = set(places)
        places = [place for place in range(n) if place not in named]
    kind = how.kind
    if kind in _OF_RUNS:
        result = run_result(how, rank, count, n)
    elif kind in INDEXES:
        result = places_result(how, places, n) if places or how.multi else integer(-1)
    elif kind == Kind.VALUE:
        result = _values(found, how, places)
    else:
        raise refuse()
    return Choice(places, result)


def by_value_list(found: ListValue, how: Return, values: bytes) -> Choice:
    """Select the elements that equal one of several values; Refused(4) for no list of them."""
    if how.kind in INDEX_RANGES or how.kind in RANK_RANGES:
        raise refuse()
    items = items_of(values)
    if not items:
        if how.inverted:
            return by_index_range(found, how.straight(), 0, found.count)
        return _missing(how, 0)
    if found.ordered:
        return _by_items_ordered(found, how, items)
    places = _inverted(equal_places(found.items, found.keys, items), how, found.count)
    if how.kind in RANKS:
        runs = item_runs(found.items, found.keys, items)
        return Choice(places, item_ranks(how, runs, found.count))
    return Choice(places, _places_answer(found, how, places))


def _by_items_ordered(found: ListValue, how: Return, items: list[bytes]) -> Choice:
    runs = runs_in_order(found.items, items)
    named = sorted({place for start, count in runs for place in range(start, start + count)})
    places = _inverted(named, how, found.count)
    if how.kind in RANKS or (how.kind in INDEXES and not how.inverted):
        if how.inverted:
            return Choice(places, places_result(how, places, found.count))
        return Choice(places, runs_result(how, runs, found.count))
    if how.kind == Kind.VALUE and not how.inverted:
        repeated = [place for start, count in runs for place in range(start, start + count)]
        return Choice(places, _values(found, how, repeated))
    return Choice(places, _places_answer(found, how, places))


def _inverted(places: list[int], how: Return, n: int) -> list[int]:
    if not how.inverted:
        return places
    named = set(places)
    return [place for place in range(n) if place not in named]


def _places_answer(found: ListValue, how: Return, places: list[int]) -> Particle | None:
    """Answer about selected places, inversion done."""
    kind = how.kind
    if kind == Kind.NONE:
        return None
    if kind == Kind.COUNT:
        return integer(len(places))
    if kind == Kind.EXISTS:
        return boolean(bool(places))
    if kind in INDEXES:
        return places_result(how, places, found.count)
    if kind == Kind.VALUE:
        return _values(found, how, places)
    raise refuse()


# ---- by rank -----------------------------------------------------------------------------------


def by_rank_range(found: ListValue, how: Return, rank: int, count: int = ranges.ALL) -> Choice:
    """Select `count` elements from the one that is `rank`-th by value; Refused(26)."""
    _refuse_one_inverted(how)
    if found.ordered:
        return by_index_range(found, how, rank, count)
    n = found.count
    start, count = ranges.resolve(rank, count, n, how.multi)
    if (n - count if how.inverted else count) == 0:
        return _missing(how, start)
    if how.inverted and how.kind in RANK_RANGES:
        raise refuse()
    in_heap_order = ranked(found.keys, start, count)
    places = _inverted(sorted(in_heap_order), how, n)
    if how.kind in _OF_RUNS:
        result = run_result(how, start, count, n)
    elif how.kind in INDEXES:
        result = places_result(how, places, n)
    elif how.kind == Kind.VALUE:
        result = _values(found, how, places if how.inverted else in_heap_order)
    else:
        raise refuse()
    return Choice(places, result)


def by_relative_rank(
    found: ListValue, how: Return, value: bytes, rank: int, count: int = ranges.ALL
) -> Choice:
    """Select by rank, counted from where `value` is or would be."""
    order = comparer(value)
    if found.ordered:
        base = lower_bound(found.items, order)
        return by_index_range(found, how, *ranges.relative(rank, count, base))
    base = sum(order(item) < 0 for item in found.items)
    return by_rank_range(found, how, *ranges.relative(rank, count, base))
