"""The order of packed values: sort keys, comparing with what is looked for, ranks.

Stored values sort by keys, tuples that compare as the server compares the values. A value that
is only looked for may hold WILDCARD, which equals whatever stands in its place and behind it:
then every comparison walks the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from aerodbapi.embedded.packed import (
    EXT,
    INF,
    INTEGER,
    LIST,
    MAP,
    NEGATIVE,
    STRING,
    WILDCARD,
    Reader,
    compare,
)

__all__ = [
    "Comparer",
    "SortKey",
    "comparer",
    "find",
    "has_wildcard",
    "holds_markers",
    "lower_bound",
    "nth",
    "ranked",
    "sort_key",
    "upper_bound",
]

SortKey = tuple[Any, ...]

#: A stored value → negative, 0 or positive: where it stands to the value looked for.
Comparer = Callable[[bytes], int]

_ONLY_COMPARES: Final = 0xFF  # ext type
_STRING_PREFIX: Final = 3
_META: Final = (EXT, WILDCARD, INF)


def sort_key(packed: bytes) -> SortKey:
    """Give a key that sorts packed values; of WILDCARDs it makes nothing sensible."""
    first = packed[0]
    if first < 0x80:
        return (INTEGER, first)
    if first >= 0xE0:
        return (NEGATIVE, first - 256)
    if 0xA1 <= first <= 0xBF and packed[1] == _STRING_PREFIX:
        return (STRING, packed[1:])
    if 0xCC <= first <= 0xD3:  # integers of 1 to 8 bytes, from 0xD0 on with a sign
        number = int.from_bytes(packed[1:], "big", signed=first >= 0xCF)
        return (NEGATIVE if number < 0 and first >= 0xD0 else INTEGER, number)
    return _key(Reader(packed))


def _key(reader: Reader) -> SortKey:
    kind, value = reader.token()
    if kind not in (LIST, MAP):
        return (kind, value)
    assert isinstance(value, int)
    count = value
    if count and _skip_flags(reader):
        count -= 1
        if kind == MAP:
            reader.skip()
            count -= 1
    inside = [_key(reader) for _ in range(count)]
    return (LIST, inside) if kind == LIST else (MAP, count, inside)


def _skip_flags(reader: Reader) -> bool:
    """Pass over a container's metadata element when that is what comes."""
    at = reader.at
    kind, payload = reader.token()
    if kind in _META and isinstance(payload, bytes) and payload[0] != _ONLY_COMPARES:
        return True
    reader.at = at
    return False


def has_wildcard(packed: bytes) -> bool:
    """Tell whether a value holds WILDCARD somewhere."""
    return b"\xff\x00" in packed and WILDCARD in _kinds(packed)


def holds_markers(packed: bytes) -> bool:
    """Tell whether a value holds WILDCARD or INFINITY, which cannot be stored."""
    return b"\xff" in packed and not {WILDCARD, INF}.isdisjoint(_kinds(packed))


def _kinds(packed: bytes) -> set[int]:
    reader, kinds = Reader(packed), set()
    while not reader.done():
        kinds.add(reader.token()[0])
    return kinds


def comparer(wanted: bytes) -> Comparer:
    """Make the function that compares stored values with `wanted`."""
    if has_wildcard(wanted):
        return lambda found: compare(found, wanted)[0]
    key = sort_key(wanted)

    def against(found: bytes) -> int:
        other = sort_key(found)
        return 0 if other == key else (-1 if other < key else 1)

    return against


def lower_bound(items: Sequence[bytes], order: Comparer, begin: int = 0) -> int:
    """Give the first place in a sorted sequence whose value is not less."""
    end = len(items)
    while begin < end:
        middle = (begin + end) // 2
        if order(items[middle]) < 0:
            begin = middle + 1
        else:
            end = middle
    return begin


def upper_bound(items: Sequence[bytes], order: Comparer, begin: int = 0) -> int:
    """Give the first place in a sorted sequence whose value is greater."""
    end = len(items)
    while begin < end:
        middle = (begin + end) // 2
        if order(items[middle]) <= 0:
            begin = middle + 1
        else:
            end = middle
    return begin


def find(items: Sequence[bytes], order: Comparer) -> tuple[int, bool]:
    """Find an equal value in a sorted sequence; give its place, or that where it belongs.

    Of several equal ones it is the one that the server's binary search meets first.
    """
    begin, end = 0, len(items)
    place = end // 2
    while begin < end:
        sign = order(items[place])
        if sign == 0:
            return place, True
        if sign < 0:
            begin = place + 1
            if begin == end:
                break
            place = (place + end) // 2
        else:
            end = place
            place = (place + begin) // 2
    return begin, False


def ranked(keys: Sequence[SortKey], rank: int, count: int) -> list[int]:
    """Give the places of the values of ranks `rank` to `rank + count - 1`, as the server does.

    It takes them off a heap, from whichever end is nearer: the order of the result is falling
    when that is the low end, else rising. Which of several equal values gets which rank
    depends on the heap as well (server source: cdt.c `order_heap_*`), hence the simulation.
    """
    n = len(keys)
    falling = rank <= n - rank - count
    order = sorted(range(n), key=keys.__getitem__)
    levels = [0] * n
    for before, after in pairwise(order):
        levels[after] = levels[before] + (keys[before] < keys[after])
    if n and levels[order[-1]] == n - 1:
        chosen = order[rank : rank + count]
        return chosen[::-1] if falling else chosen
    discarded = rank if falling else n - rank - count
    taken = _off_the_heap([-level for level in levels] if not falling else levels)
    chosen = [next(taken) for _ in range(discarded + count)][discarded:]
    return chosen[::-1]


def _off_the_heap(levels: list[int]) -> Iterator[int]:
    """Walk places of values from the lowest level up, as they come off a binary heap."""
    heap = list(range(len(levels)))
    for top in range(len(heap) // 2 - 1, -1, -1):
        _sink(heap, top, levels)
    while heap:
        yield heap[0]
        last = heap.pop()
        if heap:
            heap[0] = last
            _sink(heap, 0, levels)


def _sink(heap: list[int], at: int, levels: list[int]) -> None:
    size = len(heap)
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        other = child + 1
        if other < size and levels[heap[other]] < levels[heap[child]]:
            child = other
        if levels[heap[child]] >= levels[heap[at]]:
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


def nth(keys: Sequence[SortKey], rank: int) -> int:
    """Give the place of the `rank`-th value; of equal ones that which quickselect comes to.

    Paths find ranks so, with the middle value as pivot (server source: cdt.c
    `order_index_qselect`).
    """
    order = list(range(len(keys)))
    begin, end = 0, len(order) - 1
    while begin < end:
        middle = begin + (end - begin) // 2
        order[begin], order[middle] = order[middle], order[begin]
        pivot = order[begin]
        split = _partition(order, keys, begin, end)
        order[begin], order[split] = order[split], order[begin]
        if split == rank:
            return pivot
        if split < rank:
            begin = split + 1
        else:
            end = split - 1
    return order[begin]


def _partition(order: list[int], keys: Sequence[SortKey], begin: int, end: int) -> int:
    """Move what is less than the value at `begin` before what is greater; give the last less."""
    pivot = keys[order[begin]]
    low, high = begin + 1, end
    while True:
        while low < high and keys[order[low]] < pivot:
            low += 1
        while low <= high and high != begin and pivot < keys[order[high]]:
            high -= 1
        if low >= high:
            return high
        order[low], order[high] = order[high], order[low]
        low += 1
        high -= 1
