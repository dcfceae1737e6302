"""Contexts: the way from a bin's list or map down to the one that a command works on.

A step is a type and a value: the element at an index or rank, of a value or a key. Where an
element is missing, flags of the step let it be created, and with it all that the steps behind
it ask for (server source: cdt.c `cdt_context_dig`, `*_subcontext_by_*`). Whatever a way cannot
be walked for, the server answers 26; 4 is for a context that is no list of steps at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aerodbapi.embedded.cdt.map_selection import find_key
from aerodbapi.embedded.cdt.order import comparer, holds_markers, lower_bound, ranked
from aerodbapi.embedded.cdt.results import NOT_APPLICABLE
from aerodbapi.embedded.cdt.values import ORDERED, ListValue, MapValue, pack_map
from aerodbapi.embedded.containers import canonical_element
from aerodbapi.embedded.packed import LIST, MAP, PackedError, Reader, list_header
from aerodbapi.embedded.replies import Refused

__all__ = ["Way", "dig"]

_PARAMETER: Final = 4

_INDEX, _RANK, _KEY, _VALUE = range(4)
_BASE: Final = 0x0F
_OF_LIST: Final = 0x10
_OF_MAP: Final = 0x20
_TYPE: Final = 0x3F
_LIST_INDEX: Final = _OF_LIST | _INDEX
_MAP_KEY: Final = _OF_MAP | _KEY

_CREATE: Final = 0xC0
_PERSIST: Final = 0x100
_LIST_UNBOUNDED: Final = 0x80
_LIST_ORDERED: Final = 0xC0
#: What the creating flags of a step make of a map.
_MAP_ORDERS: Final = {0x80: 1, 0xC0: 3}

_NIL: Final = b"\xc0"
_MAX_PADDING: Final = 8 << 20  # more nils than fit into a record


def _nowhere() -> Refused:
    return Refused(NOT_APPLICABLE)


class Step:
    """One step. `type`: with its flags. Its value is read when it is needed."""

    __slots__ = ("_reader", "type")

    def __init__(self, reader: Reader) -> None:
        try:
            self.type = reader.integer()
        except PackedError:
            raise Refused(_PARAMETER) from None
        self._reader = reader
        base = self.type & _BASE
        of_either = self.type & (_OF_LIST | _OF_MAP)
        if base > _VALUE or (not of_either and self.type & (_CREATE | _PERSIST)):
            raise _nowhere()

    @property
    def creates(self) -> bool:
        """Tell whether the element may be created."""
        return bool(self.type & _CREATE)

    def number(self) -> int:
        """Read the value as an index or rank."""
        try:
            return self._reader.integer()
        except PackedError:
            raise _nowhere() from None

    def value(self) -> bytes:
        """Read the value packed."""
        try:
            return self._reader.span()
        except PackedError:
            raise _nowhere() from None

    def key(self) -> bytes:
        """Read the value as a key."""
        try:
            return canonical_element(self.value())
        except PackedError:
            raise _nowhere() from None


@dataclass(slots=True)
class _ListLevel:
    """An element of a list: its place, and how many nils before it are to be created."""

    found: ListValue
    place: int
    missing: bool = False
    padding: int = 0

    def element(self) -> bytes:
        return self.found.slice(self.place, self.place + 1)[0]

    def put(self, element: bytes) -> bytes:
        """Pack the list with another element in the place."""
        items = [*self.found.items, *[_NIL] * self.padding]
        items[self.place : self.place + 1] = [element]
        if self.found.ordered:
            del items[self.place]
            items.insert(lower_bound(items, comparer(element)), element)
        return self.found.with_items(items)


@dataclass(slots=True)
class _MapLevel:
    """A value of a map: its key's place; `key`: the one to create."""

    found: MapValue
    place: int
    key: bytes | None = None

    @property
    def missing(self) -> bool:
        return self.key is not None

    def element(self) -> bytes:
        return self.found.values[self.place]

    def put(self, element: bytes) -> bytes:
        """Pack the map with another value in the place."""
        keys, values = list(self.found.keys), list(self.found.values)
        if self.key is None:
            values[self.place] = element
        else:
            keys.insert(self.place, self.key)
            values.insert(self.place, element)
        return self.found.with_pairs(keys, values)


_Level = _ListLevel | _MapLevel
_Wrap = Callable[[bytes], bytes]


@dataclass(slots=True)
class Way:
    """A walked way. `packed`: what is at its end, or None when it is to be created.

    `tainted`: the last step by value looked for something that cannot be stored. `by_rank`:
    creation begins at a rank, `lost`: before the beginning; a server then does not find the
    steps behind it, or ends itself.
    """

    packed: bytes | None
    levels: list[_Level]
    created: list[_Wrap]
    tainted: bool = False
    by_rank: bool = False
    lost: bool = False

    def put(self, packed: bytes) -> bytes:
        """Give the whole list or map with `packed` at the way's end."""
        if self.lost or (self.by_rank and self.created):
            raise _nowhere()
        for wrap in reversed(self.created):
            packed = wrap(packed)
        for level in reversed(self.levels):
            packed = level.put(packed)
        return packed


def dig(top: bytes | None, reader: Reader, *, modify: bool) -> Way:
    """Walk the context at the reader, from a packed list or map or (modifying) from nothing.

    Raises Refused(26) or (4).
    """
    try:
        count = reader.list_size()
    except PackedError:
        raise Refused(_PARAMETER) from None
    if not count or count % 2:
        raise Refused(_PARAMETER)
    way = Way(top, [], [])
    for _ in range(count // 2):
        if way.created or (way.levels and way.levels[-1].missing):
            way.created.append(_creation(reader))
            continue
        step = Step(reader)
        if way.packed is None:
            if not step.creates:
                raise _nowhere()
            way.created.append(_wrapping(step))
            continue
        level = _walk(way, step)
        way.levels.append(level)
        if level.missing and not modify:
            raise _nowhere()
        way.packed = None if level.missing else level.element()
    return way


def _walk(way: Way, step: Step) -> _Level:
    assert way.packed is not None
    kind = Reader(way.packed).peek()
    if kind == LIST and not step.type & _OF_MAP:
        list_walk = _LIST_WALKS.get(step.type & _BASE)
        if list_walk is not None:
            return list_walk(way, ListValue(way.packed), step)
    elif kind == MAP and not step.type & _OF_LIST:
        return _MAP_WALKS[step.type & _BASE](way, MapValue(way.packed), step)
    raise _nowhere()


# ---- lists -------------------------------------------------------------------------------------


def _list_index(way: Way, found: ListValue, step: Step) -> _Level:
    index, n = step.number(), found.count
    if -n <= index < n:
        return _ListLevel(found, index % n)
    if not step.creates:
        raise _nowhere()
    way.lost = index < -1
    if index == n or found.ordered or (not n and index == -1):
        return _ListLevel(found, n, missing=True)
    if step.type & (_CREATE | _PERSIST) != _LIST_UNBOUNDED:
        raise _nowhere()
    if not n <= index <= n + _MAX_PADDING:
        raise _nowhere()
    return _ListLevel(found, index, missing=True, padding=index - n)


def _list_rank(way: Way, found: ListValue, step: Step) -> _Level:
    if found.ordered:
        level = _list_index(way, found, step)
        way.by_rank = level.missing
        return level
    rank, n = step.number(), found.count
    if not -n <= rank < n:
        raise _nowhere()
    return _ListLevel(found, ranked(found.keys, rank % n, 1)[0])


def _list_value(way: Way, found: ListValue, step: Step) -> _Level:
    value = step.value()
    way.tainted |= holds_markers(value)
    order = comparer(value)
    if found.ordered:
        place = lower_bound(found.items, order)
        if place < found.count and order(found.items[place]) == 0:
            return _ListLevel(found, place)
        raise _nowhere()
    return _ListLevel(found, _first_equal(found.items, value))


def _first_equal(items: list[bytes], value: bytes) -> int:
    order = comparer(value)
    place = next((place for place, item in enumerate(items) if order(item) == 0), None)
    if place is None:
        raise _nowhere()
    return place


_LIST_WALKS: Final = {_INDEX: _list_index, _RANK: _list_rank, _VALUE: _list_value}


# ---- maps --------------------------------------------------------------------------------------


def _map_index(way: Way, found: MapValue, step: Step) -> _Level:
    return _MapLevel(found, _numbered(found, step))


def _map_rank(way: Way, found: MapValue, step: Step) -> _Level:
    return _MapLevel(found, found.by_value()[_numbered(found, step)])


def _numbered(found: MapValue, step: Step) -> int:
    number, n = step.number(), found.count
    if not -n <= number < n:
        raise _nowhere()
    return number % n


def _map_key(way: Way, found: MapValue, step: Step) -> _Level:
    way.tainted = False
    key = step.key()
    place, is_there = find_key(found, key)
    if is_there:
        return _MapLevel(found, place)
    if not step.creates:
        raise _nowhere()
    return _MapLevel(found, place, key)


def _map_value(way: Way, found: MapValue, step: Step) -> _Level:
    value = step.value()
    way.tainted |= holds_markers(value)
    return _MapLevel(found, _first_equal(found.values, value))


_MAP_WALKS: Final = {_INDEX: _map_index, _RANK: _map_rank, _KEY: _map_key, _VALUE: _map_value}


# ---- creating ----------------------------------------------------------------------------------


def _creation(reader: Reader) -> _Wrap:
    """Read a step behind the one where creation begins."""
    try:
        step = Step(reader)
    except Refused:
        raise _nowhere() from None
    if step.type & _PERSIST:
        raise _nowhere()
    return _wrapping(step)


def _wrapping(step: Step) -> _Wrap:
    """Make the function that puts a new element into the new container that a step wants."""
    kind, flags = step.type & _TYPE, step.type & _CREATE
    if kind == _MAP_KEY:
        key, orders = step.key(), _MAP_ORDERS.get(flags, 0)
        return lambda element: pack_map([key], [element], orders)
    if kind != _LIST_INDEX:
        raise _nowhere()
    index = step.number()
    if index < -1 or index > _MAX_PADDING:
        raise _nowhere()
    if flags == _LIST_ORDERED:
        return lambda element: b"\x92\xc7\x00" + bytes((ORDERED,)) + element
    padding = max(index, 0)
    if flags != _LIST_UNBOUNDED and padding and not step.type & _PERSIST:
        raise _nowhere()
    if flags != _LIST_UNBOUNDED:
        padding = 0
    return lambda element: list_header(padding + 1) + _NIL * padding + element
