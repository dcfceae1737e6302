"""Paths: selecting elements at all levels of a list or map at once, and changing them.

A path is a list of steps, one per level. Each chooses elements of every list or map that the
steps before it chose. What the last step chooses is answered as a tree of what leads there, or
as a flat list; or an expression gives its new value (server source: cdt.c `cdt_select_*`,
`cdt_process_state_select`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.edits import INCOMPATIBLE_TYPE, PARAMETER, Edit, storable
from aerodbapi.embedded.cdt.loop_variables import Loop, evaluate, loop_of_list, loop_of_map
from aerodbapi.embedded.cdt.order import holds_markers
from aerodbapi.embedded.cdt.path_steps import INDEX, RANK, Step, compiled, in_list, in_map, steps_of
from aerodbapi.embedded.cdt.results import elements
from aerodbapi.embedded.cdt.values import ListValue, MapValue
from aerodbapi.embedded.expressions.values import REMOVED, UNKNOWN, pack_value
from aerodbapi.embedded.packed import LIST, MAP, PackedError, Reader
from aerodbapi.embedded.replies import Refused
from aerodbapi.protocol.flags import ParticleType

if TYPE_CHECKING:
    from aerodbapi.embedded.expressions import Expression
    from aerodbapi.embedded.storage import Particle

__all__ = ["select"]

_UNKNOWN_ERROR: Final = 1

_TREE, _VALUES, _MAP_KEYS, _PAIRS, _APPLY = range(5)
_KIND: Final = 0x0F
_NO_FAIL: Final = 0x10
_CONTAINERS: Final = (ParticleType.LIST, ParticleType.MAP)


def select(reader: Reader, count: int, particle: Particle | None, *, modify: bool) -> Edit:
    """Do a path operation: what follows its number is at the reader, `count` arguments.

    Raises Refused: 12 for a bin that is no list or map, or an element on the way that is none,
    4 for a malformed path and for an expression that is UNKNOWN, 1 for a new value that is.
    """
    if particle is None or particle[0] not in _CONTAINERS:
        raise Refused(INCOMPATIBLE_TYPE)
    steps = steps_of(reader)
    try:
        flags = reader.integer()
        kind = flags & _KIND
        if kind > _APPLY or count != (3 if kind == _APPLY else 2):
            raise Refused(PARAMETER)
        if kind == _APPLY and not modify:
            raise Refused(PARAMETER)
        change = compiled(reader.span()) if kind == _APPLY else None
    except PackedError:
        raise Refused(PARAMETER) from None
    walk = _Walk(steps, kind, bool(flags & _NO_FAIL), change)
    selected = walk.down(particle[1], 0)
    if kind == _APPLY:
        return Edit(selected)
    if kind == _TREE:
        return Edit(None, (particle[0], selected))
    return Edit(None, elements(walk.leaves))


class _Walk:
    """One walk along a path. `leaves`: elements chosen by the last step, for flat answers.

    `_at_end`: a step by index or rank was done. The server then stands behind the whole bin,
    and whoever has elements left to look at, on a level above, fails with 1.
    """

    def __init__(
        self, steps: list[Step], kind: int, no_fail: bool, change: Expression | None
    ) -> None:
        self._steps = steps
        self._kind = kind
        self._no_fail = no_fail
        self._change = change
        self._at_end = False
        self.leaves: list[bytes] = []

    def down(self, packed: bytes, level: int) -> bytes:
        """Walk one list or map; give its part of the tree, or what it changes to."""
        kind = Reader(packed).peek()
        if kind == LIST:
            return self._list(ListValue(packed), level)
        if kind == MAP:
            return self._map(MapValue(packed), level)
        raise Refused(INCOMPATIBLE_TYPE)

    def _list(self, found: ListValue, level: int) -> bytes:
        if not found.count and not found.flags:
            return found.packed
        if self._is_last(level) and self._kind & _MAP_KEYS:
            if self._no_fail:
                return found.packed
            raise Refused(INCOMPATIBLE_TYPE)
        if not found.count:
            return found.packed
        new: dict[int, bytes | None] = {}
        step = self._steps[level]
        jumps = step.base == RANK
        for place in in_list(found, step, no_fail=self._no_fail):
            loop = loop_of_list(place, found.items[place])
            new[place] = self._element(b"", found.items[place], level, loop)
            self._go_on(place, found.count, jumps)
        self._at_end |= jumps and -found.count <= step.number < found.count
        if self._kind != _APPLY:
            return found.with_items([item for item in new.values() if item is not None], 0)
        items = [new.get(place, item) for place, item in enumerate(found.items)]
        return _in_order(found, [item for item in items if item is not None])

    def _map(self, found: MapValue, level: int) -> bytes:
        if not found.count:
            return found.packed
        new: dict[int, bytes | None] = {}
        step = self._steps[level]
        jumps = step.base in (INDEX, RANK)
        for place in in_map(found, step, no_fail=self._no_fail):
            key, value = found.keys[place], found.values[place]
            new[place] = self._element(key, value, level, loop_of_map(key, value))
            self._go_on(place, found.count, jumps)
        self._at_end |= jumps and -found.count <= step.number < found.count
        if self._kind != _APPLY:
            chosen = [(found.keys[place], item) for place, item in new.items()]
        else:
            chosen = [(key, new.get(i, found.values[i])) for i, key in enumerate(found.keys)]
        pairs = [(key, value) for key, value in chosen if value is not None]
        flags = found.flags if self._kind == _APPLY else 0
        return found.with_pairs([key for key, _ in pairs], [value for _, value in pairs], flags)

    def _go_on(self, place: int, n: int, jumps: bool) -> None:
        """Go from one chosen element to the next, unless there is no way back (see above)."""
        if self._at_end and not jumps and place < n - 1:
            raise Refused(_UNKNOWN_ERROR)

    def _is_last(self, level: int) -> bool:
        return level + 1 == len(self._steps)

    def _element(self, key: bytes, value: bytes, level: int, loop: Loop) -> bytes | None:
        """Go on with a chosen element; give what stands for it, None when it is removed."""
        if not self._is_last(level):
            is_container = Reader(value).peek() in (LIST, MAP)
            return self.down(value, level + 1) if is_container else value
        if self._kind == _APPLY:
            return self._changed(value, loop)
        if self._kind & _MAP_KEYS:
            self.leaves.append(key)
        if self._kind & _VALUES:
            self.leaves.append(value)
        return value

    def _changed(self, value: bytes, loop: Loop) -> bytes | None:
        assert self._change is not None
        new = evaluate(self._change, loop)
        if new is UNKNOWN:
            if self._no_fail:
                return value
            raise Refused(_UNKNOWN_ERROR)
        if new is REMOVED:
            return None
        packed = pack_value(self._change.type, new)
        if holds_markers(packed):
            raise Refused(INCOMPATIBLE_TYPE)
        return storable(packed)


def _in_order(found: ListValue, items: list[bytes]) -> bytes:
    """Pack a list's changed elements; an ordered list is sorted again."""
    packed = found.with_items(items)
    if not found.ordered:
        return packed
    changed = ListValue(packed)
    order = sorted(range(changed.count), key=changed.keys.__getitem__)
    return changed.with_items([items[place] for place in order])
