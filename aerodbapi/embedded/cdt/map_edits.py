"""Editing maps: put, add to a number, remove (server source: particle_map.c)."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from aerodbapi.embedded.cdt.edits import (
    ELEMENT_EXISTS,
    ELEMENT_NOT_FOUND,
    NO_FAIL,
    PARAMETER,
    PARTIAL,
    Edit,
    add,
    storable,
)
from aerodbapi.embedded.cdt.list_edits import without
from aerodbapi.embedded.cdt.map_selection import find_key
from aerodbapi.embedded.cdt.order import sort_key
from aerodbapi.embedded.cdt.results import NOT_APPLICABLE, integer
from aerodbapi.embedded.cdt.values import ORDERED, VALUES_ORDERED, MapValue, empty_map
from aerodbapi.embedded.containers import may_be_key
from aerodbapi.embedded.packed import MAP, PackedError, Reader
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.cdt.results import Choice

__all__ = [
    "clear",
    "decrement",
    "increment",
    "insert_new",
    "insert_new_items",
    "put",
    "put_items",
    "remove",
    "replace",
    "replace_items",
    "set_type",
]

_NO_OVERWRITE: Final = 1
_NO_CREATE: Final = 2
_PERSIST: Final = 0x10


class _Rules(NamedTuple):
    """What a write may do."""

    overwrite: bool
    create: bool
    no_fail: bool = False
    partial: bool = False

    @classmethod
    def of(cls, flags: int) -> _Rules:
        return cls(
            not flags & _NO_OVERWRITE,
            not flags & _NO_CREATE,
            bool(flags & NO_FAIL),
            bool(flags & PARTIAL),
        )

    def fault(self, exists: bool) -> int:
        """Give the code that forbids writing a key, or 0."""
        if exists:
            return 0 if self.overwrite else ELEMENT_EXISTS
        return 0 if self.create else ELEMENT_NOT_FOUND


_NEW: Final = _Rules(overwrite=False, create=True)
_OLD: Final = _Rules(overwrite=True, create=False)
_ANY: Final = _Rules(overwrite=True, create=True)


# ---- one pair ----------------------------------------------------------------------------------


def put(found: MapValue, key: bytes, value: bytes, _order: int = 0, flags: int = 0) -> Edit:
    """Set a key's value; Refused(24) or (23) where the flags forbid it."""
    return _put(found, key, value, _Rules.of(flags))


def insert_new(found: MapValue, key: bytes, value: bytes, _order: int = 0) -> Edit:
    """Set the value of a key that must not be there."""
    return _put(found, key, value, _NEW)


def replace(found: MapValue, key: bytes, value: bytes) -> Edit:
    """Set the value of a key that must be there."""
    return _put(found, key, value, _OLD)


def _put(found: MapValue, key: bytes, value: bytes, rules: _Rules) -> Edit:
    if not _is_key(key):
        raise Refused(PARAMETER)
    key, value = storable(key), storable(value)
    place, exists = find_key(found, key)
    fault = rules.fault(exists)
    if fault:
        if rules.no_fail:
            return Edit(None, integer(found.count))
        raise Refused(fault)
    keys, values = list(found.keys), list(found.values)
    if exists:
        keys[place], values[place] = key, value
    else:
        keys.insert(place, key)
        values.insert(place, value)
    return Edit(found.with_pairs(keys, values), integer(len(keys)))


def _is_key(packed: bytes) -> bool:
    try:
        return may_be_key(packed)
    except PackedError:
        return False


def increment(found: MapValue, key: bytes, delta: bytes | None = None, _order: int = 0) -> Edit:
    """Add to a key's number; a missing one starts from nothing."""
    return _add(found, key, delta, 1)


def decrement(found: MapValue, key: bytes, delta: bytes | None = None, _order: int = 0) -> Edit:
    """Subtract from a key's number; a missing one starts from nothing."""
    return _add(found, key, delta, -1)


def _add(found: MapValue, key: bytes, delta: bytes | None, sign: int) -> Edit:
    place, exists = find_key(found, key)
    packed, result = add(found.values[place] if exists else None, delta, sign)
    return Edit(_put(found, key, packed, _ANY).packed, result)


# ---- several pairs -----------------------------------------------------------------------------


def put_items(found: MapValue, items: bytes, _order: int = 0, flags: int = 0) -> Edit:
    """Set the values of several keys; with PARTIAL those that the flags allow."""
    return _put_items(found, items, _Rules.of(flags))


def insert_new_items(found: MapValue, items: bytes, _order: int = 0) -> Edit:
    """Set the values of several keys that must not be there."""
    return _put_items(found, items, _NEW)


def replace_items(found: MapValue, items: bytes) -> Edit:
    """Set the values of several keys that must be there."""
    return _put_items(found, items, _OLD)


def _put_items(found: MapValue, items: bytes, rules: _Rules) -> Edit:
    added = _pairs(items)
    count = found.count
    if not added.count:
        return Edit(found.packed, integer(count))
    if not count:
        return _fill(found, added, rules)
    merged = list(zip(map(sort_key, found.keys), found.keys, found.values))
    keys = [pair[0] for pair in merged]
    for key, value in zip(added.keys, added.values):
        wanted = sort_key(key)
        place = bisect_left(keys, wanted)
        exists = place < len(keys) and keys[place] == wanted
        fault = rules.fault(exists)
        if fault and not rules.no_fail:
            raise Refused(fault)
        if fault and not rules.partial:
            return Edit(None, integer(count))
        if not fault:
            merged[place : place + exists] = [(wanted, key, value)]
            keys[place : place + exists] = [wanted]
    packed = found.with_pairs([pair[1] for pair in merged], [pair[2] for pair in merged])
    return Edit(packed, integer(len(merged)))


def _fill(found: MapValue, added: MapValue, rules: _Rules) -> Edit:
    """Put pairs into an empty map: NO_CREATE counts only without PARTIAL and NO_FAIL."""
    if not rules.create and not rules.no_fail:
        raise Refused(ELEMENT_NOT_FOUND)
    if not rules.create and not rules.partial:
        return Edit(None, integer(0))
    return Edit(found.with_pairs(added.keys, added.values), integer(added.count))


def _pairs(items: bytes) -> MapValue:
    """Read a map to be added; Refused(4) when it is none."""
    try:
        if Reader(items).peek() != MAP:
            raise Refused(PARAMETER)
    except PackedError:
        raise Refused(PARAMETER) from None
    return MapValue(storable(items))


# ---- the whole map -----------------------------------------------------------------------------


def set_type(found: MapValue, flags: int) -> Edit:
    """Give the map other orders; Refused(26) for flags that there are not."""
    flags &= 0xFF
    if flags & ~(ORDERED | VALUES_ORDERED | _PERSIST):
        raise Refused(NOT_APPLICABLE)
    return Edit(found.with_pairs(found.keys, found.values, flags & ~_PERSIST))


def clear(found: MapValue) -> Edit:
    """Remove all pairs; the orders stay."""
    return Edit(empty_map(found.flags))


def remove(found: MapValue, choice: Choice) -> Edit:
    """Remove selected pairs."""
    if not choice.places:
        return Edit(None, choice.result)
    keys, values = without(found.keys, choice.places), without(found.values, choice.places)
    return Edit(found.with_pairs(keys, values), choice.result)
