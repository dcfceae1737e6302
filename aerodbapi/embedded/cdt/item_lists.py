"""Selecting by a list of values or keys: which elements are equal to one of them, and where.

A run is (rank, count): how many elements are less than an item, and how many equal it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.order import (
    comparer,
    has_wildcard,
    lower_bound,
    sort_key,
    upper_bound,
)
from aerodbapi.embedded.cdt.results import Return, integers, run
from aerodbapi.embedded.packed import PackedError, Reader
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.cdt.order import SortKey
    from aerodbapi.embedded.storage import Particle

__all__ = [
    "Run",
    "equal_places",
    "item_ranks",
    "item_runs",
    "items_of",
    "runs_in_order",
    "runs_result",
]

Run = tuple[int, int]

MAX_ITEMS: Final = 1 << 20
_PARAMETER: Final = 4


def items_of(packed: bytes) -> list[bytes]:
    """Take a list argument apart; Refused(4) when it is none, or too long."""
    reader = Reader(packed)
    try:
        count = reader.list_size()
        if count > MAX_ITEMS:
            raise Refused(_PARAMETER)
        return [reader.span() for _ in range(count)]
    except PackedError:
        raise Refused(_PARAMETER) from None


def equal_places(found: Sequence[bytes], keys: Sequence[SortKey], items: list[bytes]) -> list[int]:
    """Give the places of all elements that equal an item; `keys`: the elements' sort keys."""
    wild = [comparer(item) for item in items if has_wildcard(item)]
    wanted = sorted(sort_key(item) for item in items if not has_wildcard(item))

    def equals(place: int) -> bool:
        key = keys[place]
        at = bisect_left(wanted, key)
        if at < len(wanted) and wanted[at] == key:
            return True
        return any(order(found[place]) == 0 for order in wild)

    return [place for place in range(len(found)) if equals(place)]


def runs_in_order(found: Sequence[bytes], items: list[bytes]) -> list[Run]:
    """Give each item's run in sorted elements."""
    runs = []
    for item in items:
        order = comparer(item)
        begin = lower_bound(found, order)
        runs.append((begin, upper_bound(found, order, begin) - begin))
    return runs


def item_runs(found: Sequence[bytes], keys: Sequence[SortKey], items: list[bytes]) -> list[Run]:
    """Give each item's run among elements in any order; of equal items the last has the count."""
    ranks = sorted(keys)
    runs: list[Run] = []
    for item in items:
        if has_wildcard(item):
            order = comparer(item)
            signs = [order(element) for element in found]
            runs.append((sum(sign < 0 for sign in signs), signs.count(0)))
        else:
            key = sort_key(item)
            begin = bisect_left(ranks, key)
            runs.append((begin, bisect_right(ranks, key) - begin))
    last = {}
    item_keys = [sort_key(item) for item in items]
    for place in sorted(range(len(items)), key=item_keys.__getitem__):
        last[repr(item_keys[place])] = place
    counting = set(last.values())
    return [(rank, count if i in counting else 0) for i, (rank, count) in enumerate(runs)]


def runs_result(how: Return, runs: list[Run], n: int) -> Particle:
    """Answer with the ranks in runs, item after item; counted from the end a run still rises."""
    return integers(chain.from_iterable(run(*found, n, how.reverse) for found in runs))


def item_ranks(how: Return, runs: list[Run], n: int) -> Particle:
    """Answer with the ranks in runs one by one, item after item, or with all others."""
    if how.inverted:
        return _gaps(how, runs, n)
    ranks = chain.from_iterable(range(start, start + count) for start, count in runs)
    return integers(n - rank - 1 if how.reverse else rank for rank in ranks)


def _gaps(how: Return, runs: list[Run], n: int) -> Particle:
    numbers: list[int] = []
    end = 0
    for start, count in sorted(found for found in runs if found[1]):
        numbers += run(end, start - end, n, how.reverse)
        end = start + count
    numbers += run(end, n - end, n, how.reverse)
    return integers(numbers)
