"""Editing lists: append, insert, set, add to a number, sort, remove (server: particle_list.c)."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.edits import (
    ELEMENT_EXISTS,
    NO_FAIL,
    PARAMETER,
    PARTIAL,
    Edit,
    add,
    storable,
)
from aerodbapi.embedded.cdt.order import SortKey, comparer, find, sort_key
from aerodbapi.embedded.cdt.results import NOT_APPLICABLE, integer
from aerodbapi.embedded.cdt.values import ORDERED, ListValue, empty_list
from aerodbapi.embedded.packed import LIST, PackedError, Reader
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aerodbapi.embedded.cdt.results import Choice

__all__ = [
    "append",
    "append_items",
    "clear",
    "increment",
    "insert",
    "insert_items",
    "remove",
    "set_item",
    "set_type",
    "sort",
]

_UNIQUE: Final = 1
_BOUNDED: Final = 2
_DESCENDING: Final = 1
_DROP_DUPLICATES: Final = 2
_PERSIST: Final = 0x10

_TOO_BIG: Final = 13
_MAX_INDEX: Final = 0x7FFFFFFF
_MAX_PADDING: Final = 8 << 20  # more nils than fit into a record
_NIL: Final = b"\xc0"


def _items(value: bytes) -> list[bytes]:
    """Take a list to be added apart; Refused(4) when it is none."""
    try:
        if Reader(value).peek() != LIST:
            raise Refused(PARAMETER)
        return ListValue(storable(value)).items
    except PackedError:
        raise Refused(PARAMETER) from None


def _exists(flags: int, count: int | None) -> Edit:
    """Leave the list as it is because a value is there: with NO_FAIL, else Refused(24)."""
    if not flags & NO_FAIL:
        raise Refused(ELEMENT_EXISTS)
    return Edit(None, None if count is None else integer(count))


# ---- adding ------------------------------------------------------------------------------------


def append(found: ListValue, value: bytes, _order: int = 0, flags: int = 0) -> Edit:
    """Add one value: at the end, or where it belongs."""
    value = storable(value)
    if not found.ordered:
        return _insert(found, found.count, [value], flags, is_list=False)
    place, exists = find(found.items, comparer(value))
    if exists and flags & _UNIQUE:
        return _exists(flags, found.count)
    items = [*found.items[:place], value, *found.items[place:]]
    return Edit(found.with_items(items), integer(len(items)))


def append_items(found: ListValue, values: bytes, _order: int = 0, flags: int = 0) -> Edit:
    """Add several values: at the end, or where they belong."""
    items = _items(values)
    if not items:
        return Edit(found.packed, integer(found.count))
    if found.ordered:
        return _merge(found, items, flags)
    return _insert(found, found.count, items, flags, is_list=True)


def _merge(found: ListValue, items: list[bytes], flags: int) -> Edit:
    """Add values to an ordered list, each before the equal one that a search meets."""
    added = sorted(((sort_key(item), item) for item in items), key=itemgetter(0))
    if flags & _UNIQUE:
        distinct = [pair for i, pair in enumerate(added) if not i or pair[0] != added[i - 1][0]]
        if len(distinct) < len(added):
            if not flags & NO_FAIL:
                raise Refused(NOT_APPLICABLE)
            if not _is_partial(flags):
                return Edit(None, integer(found.count))
        added = distinct
    merged: list[bytes] = []
    taken = 0
    for _, item in added:
        place, exists = find(found.items, comparer(item))
        if exists and flags & _UNIQUE:
            if not _is_partial(flags):
                return _exists(flags, found.count)
            continue
        merged += [*found.items[taken:place], item]
        taken = place
    merged += found.items[taken:]
    return Edit(found.with_items(merged), integer(len(merged)))


def _is_partial(flags: int) -> bool:
    """Tell whether what can be added is; PARTIAL alone means nothing."""
    return flags & PARTIAL != 0 and flags & NO_FAIL != 0


def _contains(found: ListValue, key: SortKey) -> bool:
    place = bisect_left(found.keys, key)
    return place < found.count and found.keys[place] == key


def insert(found: ListValue, index: int, value: bytes, flags: int = 0) -> Edit:
    """Put one value before the element at `index`; beyond the end nils fill the gap."""
    value = storable(value)
    _refuse_ordered(found)
    return _insert(found, index, [value], flags, is_list=False)


def insert_items(found: ListValue, index: int, values: bytes, flags: int = 0) -> Edit:
    """Put several values before the element at `index`."""
    items = _items(values)
    _refuse_ordered(found)
    if not items:
        return Edit(found.packed, integer(found.count))
    return _insert(found, index, items, flags, is_list=True)


def _refuse_ordered(found: ListValue) -> None:
    if found.ordered:
        raise Refused(NOT_APPLICABLE)


def _insert(found: ListValue, index: int, items: list[bytes], flags: int, *, is_list: bool) -> Edit:
    count = found.count
    if index < 0:
        index += count
    if not 0 <= index <= _MAX_INDEX:
        raise Refused(NOT_APPLICABLE)
    if flags & _BOUNDED and index > count:
        if flags & NO_FAIL:
            return Edit(None, integer(count))
        raise Refused(NOT_APPLICABLE)
    if flags & _UNIQUE:
        fresh = _fresh(found, items, flags, is_list=is_list)
        if not fresh:
            return _exists(flags, count)
        items = fresh
    if index - count > _MAX_PADDING:
        raise Refused(_TOO_BIG)
    if index >= count:
        items = [_NIL] * (index - count) + items
        if not found.flags:
            return Edit(found.appended(items), integer(count + len(items)))
    items = [*found.items[:index], *items, *found.items[index:]]
    return Edit(found.with_items(items), integer(len(items)))


def _fresh(found: ListValue, items: list[bytes], flags: int, *, is_list: bool) -> list[bytes]:
    """Give the items that an unordered list does not hold yet; [] when nothing is to be added.

    What is twice among the items themselves is another fault (26) than what is in the list.
    """
    fresh: list[bytes] = []
    seen: list[SortKey] = []
    for item in items:
        key = sort_key(item)
        if key in found.keys:
            if not (is_list and _is_partial(flags)):
                return []
        elif key in seen:
            if not flags & NO_FAIL:
                raise Refused(NOT_APPLICABLE)
            if not _is_partial(flags):
                return []
        else:
            fresh.append(item)
        seen.append(key)
    return fresh


# ---- changing ----------------------------------------------------------------------------------


def set_item(found: ListValue, index: int, value: bytes, flags: int = 0) -> Edit:
    """Replace the element at `index`; beyond the end nils fill the gap."""
    value = storable(value)
    _refuse_ordered(found)
    count = found.count
    if index >= count:
        return Edit(_insert(found, index, [value], flags, is_list=False).packed)
    if index < 0:
        index += count
    if index < 0:
        raise Refused(NOT_APPLICABLE)
    if flags & _UNIQUE:
        key = sort_key(value)
        if any(other == key for place, other in enumerate(found.keys) if place != index):
            return _exists(flags, None)
    items = list(found.items)
    items[index] = value
    return Edit(found.with_items(items))


def increment(
    found: ListValue, index: int, delta: bytes | None = None, _order: int = 0, flags: int = 0
) -> Edit:
    """Add to the number at `index`; beyond the end it starts from nothing."""
    count = found.count
    if index < 0:
        index += count
    if not 0 <= index <= _MAX_INDEX:
        raise Refused(NOT_APPLICABLE)
    packed, result = add(found.slice(index, index + 1)[0] if index < count else None, delta)
    if found.ordered:
        return Edit(_replace_ordered(found, index, packed, flags), result)
    return Edit(set_item(found, index, packed, flags).packed, result)


def _replace_ordered(found: ListValue, index: int, value: bytes, flags: int) -> bytes | None:
    if index > found.count:
        raise Refused(NOT_APPLICABLE)
    key = sort_key(value)
    if flags & _UNIQUE and _contains(found, key):
        if bisect_left(found.keys, key) == index:
            return None
        return _exists(flags, None).packed
    keys, items = list(found.keys), list(found.items)
    del keys[index : index + 1], items[index : index + 1]
    items.insert(bisect_left(keys, key), value)
    return found.with_items(items)


def sort(found: ListValue, flags: int = 0) -> Edit:
    """Sort the elements once, and drop all but one of equal ones."""
    if found.count <= 1:
        return Edit()
    falling = bool(flags & _DESCENDING) and not found.ordered
    order = sorted(range(found.count), key=found.keys.__getitem__, reverse=falling)
    if flags & _DROP_DUPLICATES:
        distinct = [
            place
            for i, place in enumerate(order)
            if not i or found.keys[place] != found.keys[order[i - 1]]
        ]
        if falling and len(distinct) > 1:
            raise Refused(PARAMETER)  # the server looks for duplicates in rising order only
        order = distinct
    return Edit(found.with_items([found.items[place] for place in order]))


def set_type(found: ListValue, flags: int) -> Edit:
    """Make the list ordered or unordered; Refused(26) for other flags than that and persist."""
    flags &= 0xFF
    if flags & ~(ORDERED | _PERSIST):
        raise Refused(NOT_APPLICABLE)
    flags &= ORDERED
    if flags == found.flags:
        return Edit(found.packed)
    items = found.items
    if flags:
        order = sorted(range(found.count), key=found.keys.__getitem__)
        items = [items[place] for place in order]
    return Edit(found.with_items(items, flags))


def clear(found: ListValue) -> Edit:
    """Remove all elements; the order stays."""
    return Edit(empty_list(found.flags))


def remove(found: ListValue, choice: Choice) -> Edit:
    """Remove selected elements."""
    if not choice.places:
        return Edit(None, choice.result)
    return Edit(found.with_items(without(found.items, choice.places)), choice.result)


def without(items: list[bytes], places: Sequence[int]) -> list[bytes]:
    """Give the items at all other places; `places` rise."""
    if isinstance(places, range):
        return items[: places.start] + items[places.stop :]
    gone = set(places)
    return [item for place, item in enumerate(items) if place not in gone]
