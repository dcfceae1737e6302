"""The user's parameters → the values of one execution of a shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.shape import Placeholder, Shape

__all__ = ["bind", "binder"]

#: Sequences beyond doubt.
_PLAIN: Final = frozenset({tuple, list})


def bind(shape: Shape, parameters: Any = None) -> tuple[Any, ...]:
    """Return the values of one execution: the lifted ones, and the user's in their places.

    Raises ProgrammingError when a parameter is missing or left over; a mapping may hold more
    names than the statement uses.
    """
    if parameters is None:
        parameters = ()
    elif type(parameters) not in _PLAIN and not isinstance(parameters, (Sequence, Mapping)):
        parameters = _sequence(parameters)
    slots = [value for value in shape.values if type(value) is Placeholder]
    if not slots:
        _no_more_than(parameters, 0)
        return shape.values
    named = isinstance(slots[0].key, str)
    if named != isinstance(parameters, Mapping):
        wanted = "a mapping, for the statement names its parameters" if named else "a sequence"
        raise errors.ProgrammingError(
            f"parameters are given as {wanted}; this is {type(parameters).__name__}"
        )
    if not named:
        _no_more_than(parameters, 1 + max(slot.key for slot in slots))  # type: ignore[operator]
    try:
        return tuple(
            parameters[value.key] if type(value) is Placeholder else value for value in shape.values
        )
    except (KeyError, IndexError):
        missing = [slot.key for slot in slots if not _has(parameters, slot.key)]
    named_so = ", ".join(f":{key}" if named else f"?{int(key) + 1}" for key in missing)
    raise errors.ProgrammingError(f"no value for parameter {named_so}")


def binder(shape: Shape) -> Callable[[Any], tuple[Any, ...]]:
    """Return `bind` for one shape, faster for the plainest parameters: a tuple or a list."""
    keys = [value.key if type(value) is Placeholder else None for value in shape.values]
    count = len(keys)
    if not count or keys != list(range(count)):
        return lambda parameters: bind(shape, parameters)

    def bound(parameters: Any) -> tuple[Any, ...]:
        if type(parameters) in _PLAIN and len(parameters) == count:
            return tuple(parameters)
        return bind(shape, parameters)

    return bound


def _sequence(parameters: Any) -> Sequence[Any]:
    """Take what has a length and an order of its own, such as an array or a row of one."""
    try:
        if len(parameters) == 0:
            return ()
        parameters[0], parameters[len(parameters) - 1]
    except (TypeError, LookupError):
        kind = type(parameters).__name__
        raise errors.ProgrammingError(
            f"parameters are given as a sequence or a mapping; this is {kind}"
        ) from None
    sequence: Sequence[Any] = parameters
    return sequence


def _has(parameters: Any, key: int | str) -> bool:
    return key in parameters if isinstance(key, str) else key < len(parameters)


def _no_more_than(parameters: Any, count: int) -> None:
    if not isinstance(parameters, Mapping) and len(parameters) > count:
        raise errors.ProgrammingError(
            f"the statement takes {count} parameters, {len(parameters)} were given"
        )
