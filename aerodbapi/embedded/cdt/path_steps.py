"""Steps of a path: read from the payload, and which elements they choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.cdt.edits import PARAMETER
from aerodbapi.embedded.cdt.item_lists import equal_places
from aerodbapi.embedded.cdt.loop_variables import Loop, loop_of_list, loop_of_map, truth
from aerodbapi.embedded.cdt.order import comparer, nth, sort_key
from aerodbapi.embedded.cdt.values import ORDERED, ListValue, MapValue
from aerodbapi.embedded.expressions import compile_expression
from aerodbapi.embedded.packed import EXT, LIST, TRUE, PackedError, Reader
from aerodbapi.embedded.replies import Refused
from aerodbapi.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aerodbapi.embedded.expressions import Expression

__all__ = ["INDEX", "RANK", "Step", "in_list", "in_map", "steps_of"]

INDEX: Final = 0
RANK: Final = 1
_KEY, _VALUE, _EXPRESSION, _KEYS = 2, 3, 4, 10
_BASE: Final = 0x0F
_OF_LIST: Final = 0x10
_OF_MAP: Final = 0x20
_LIST_OR_MAP: Final = 0x30
_MAP_MASK: Final = 0xF0
_AND: Final = 0x200
_MAX_STEPS: Final = 64


@dataclass(slots=True)
class Step:
    """One step: its type, what it looks for, and the expression that has to be true as well.

    `expression`: of an expression's step; None chooses all.
    """

    type: int
    number: int = 0
    value: bytes = b""
    expression: Expression | None = None
    also: Expression | None = None
    has_also: bool = False

    @property
    def base(self) -> int:
        """Give what the step goes by."""
        return self.type & _BASE


def steps_of(reader: Reader) -> list[Step]:
    """Read a path; Refused(4) when it is none."""
    try:
        count = reader.list_size()
        if not count or count % 2 or count > 2 * _MAX_STEPS:
            raise Refused(PARAMETER)
        steps: list[Step] = []
        for _ in range(count // 2):
            _read_step(reader, steps)
    except PackedError:
        raise Refused(PARAMETER) from None
    return steps


def _read_step(reader: Reader, steps: list[Step]) -> None:
    type = reader.integer()
    if type & _AND:
        if type != _AND | _EXPRESSION or not steps:
            raise Refused(PARAMETER)
        last = steps[-1]
        if last.has_also or last.base == _EXPRESSION:
            raise Refused(PARAMETER)
        last.has_also = True
        last.also = _expression(reader.span())
        return
    step = Step(type)
    if step.base in (INDEX, RANK):
        step.number = reader.integer()
    elif step.base in (_KEY, _VALUE, _KEYS):
        step.value = reader.span()
    elif step.base == _EXPRESSION:
        step.expression = _expression(reader.span())
    else:
        raise Refused(PARAMETER)
    steps.append(step)


def _expression(packed: bytes) -> Expression | None:
    """Compile a step's expression; None for "all"."""
    kind = Reader(packed).peek()
    if kind == TRUE:
        return None
    if kind != LIST:
        raise Refused(PARAMETER)
    return compiled(packed)


def compiled(packed: bytes) -> Expression:
    """Compile an expression; Refused with the code of its fault, usually 4."""
    try:
        return compile_expression(packed)
    except Error as error:
        raise Refused(error.result_code or PARAMETER) from None


# ---- choosing ----------------------------------------------------------------------------------


def in_list(found: ListValue, step: Step, *, no_fail: bool) -> Iterator[int]:
    """Walk the places that a step chooses; Refused(4) for what cannot be told."""
    if step.type & _LIST_OR_MAP not in (0, _OF_LIST):
        raise Refused(PARAMETER)

    def loop(place: int) -> Loop:
        return loop_of_list(place, found.items[place])

    if step.base in (INDEX, RANK):
        return _numbered(step, found.count, lambda: found.keys, loop, ordered=found.ordered)
    tests: dict[int, Callable[[int], bool | None]] = {}
    if step.base == _VALUE:
        order = comparer(step.value)
        tests[_VALUE] = lambda place: order(found.items[place]) == 0
    return _tested(step, found.count, tests.get(step.base), loop, no_fail=no_fail)


def in_map(found: MapValue, step: Step, *, no_fail: bool) -> Iterator[int]:
    """Walk the places that a step chooses; Refused(4) for what cannot be told."""
    if step.type & _MAP_MASK not in (0, _OF_MAP):
        raise Refused(PARAMETER)

    def loop(place: int) -> Loop:
        return loop_of_map(found.keys[place], found.values[place])

    n = found.count
    if step.base in (INDEX, RANK):
        return _numbered(step, n, lambda: found.value_keys, loop, ordered=False, is_map=True)
    return _tested(step, n, _map_test(found, step), loop, no_fail=no_fail)


def _map_test(found: MapValue, step: Step) -> Callable[[int], bool | None] | None:
    if step.base == _KEYS:
        named = frozenset(_places_of_keys(found, step.value))
        return lambda place: place in named
    if step.base == _KEY:
        first = next(iter(equal_places(found.keys, _sort_keys(found), [step.value])), None)
        return lambda place: place == first
    order = comparer(step.value) if step.base == _VALUE else None
    return None if order is None else lambda place: order(found.values[place]) == 0


def _sort_keys(found: MapValue) -> list[tuple[object, ...]]:
    return [sort_key(key) for key in found.keys]


def _places_of_keys(found: MapValue, keys: bytes) -> list[int]:
    """Give the places of a list of keys; one that says that it is ordered has to be."""
    reader = Reader(keys)
    try:
        count, flags = reader.list_size(), 0
        if count and reader.peek() == EXT:
            _, payload = reader.token()
            assert isinstance(payload, bytes)
            count, flags = count - 1, payload[0]
        items = [reader.span() for _ in range(count)]
    except PackedError:
        raise Refused(PARAMETER) from None
    order = [sort_key(item) for item in items]
    if flags & ORDERED and order != sorted(order):
        raise Refused(PARAMETER)
    return equal_places(found.keys, _sort_keys(found), items)


def _numbered(
    step: Step,
    n: int,
    values: Callable[[], list[tuple[object, ...]]],
    loop: Callable[[int], Loop],
    *,
    ordered: bool,
    is_map: bool = False,
) -> Iterator[int]:
    """Walk the one place of an index or rank; an expression that is UNKNOWN refuses it."""
    if not -n <= step.number < n:
        return
    place = step.number % n
    if step.base == RANK and (is_map or not ordered):
        place = nth(values(), place)
    if step.also is None or truth(step.also, loop(place)):
        yield place


def _tested(
    step: Step,
    n: int,
    test: Callable[[int], bool | None] | None,
    loop: Callable[[int], Loop],
    *,
    no_fail: bool,
) -> Iterator[int]:
    """Walk the places that pass the step's test, or expression, and then its other one."""
    for place in range(n):
        if step.base == _EXPRESSION:
            expression = step.expression
            passed = True if expression is None else truth(expression, loop(place))
        else:
            passed = None if test is None else test(place)
        if passed and step.also is not None:
            passed = truth(step.also, loop(place))
        if passed is None and not no_fail:
            raise Refused(PARAMETER)
        if passed:
            yield place
