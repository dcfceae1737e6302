"""Calls as the original's argument parser takes them: its TypeErrors, and what it checks first.

`parsed` wraps a function; `parse_all` the public methods of a class. Python's own complaint about
missing, surplus and unknown arguments is told in C's words, which programs test for.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["parse_all", "parsed"]

Function = Callable[..., Any]
#: Method → types of its first parameters, which are checked before anything else.
_TYPES: Final[dict[str, tuple[type | None, ...]]] = {
    "job_info": (int, str),
    "query_apply": (str,),
    "scan_apply": (str,),
    "udf_get": (None, int),
    "udf_put": (None, int),
}
#: Formats that take what has __index__, and name the value alone.
_INDICES: Final = frozenset({"udf_get", "udf_put"})


def parse_all(cls: Any, *, without: tuple[str, ...] = ()) -> None:
    """Wrap the public methods of a class, its bases' among them."""
    for name in dir(cls):
        method = inspect.getattr_static(cls, name)
        if name[0] != "_" and inspect.isfunction(method) and name not in without:
            wrapped: Any = parsed(method, skip=1)
            wrapped.__objclass__ = cls
            wrapped.__qualname__ = f"{cls.__name__}.{name}"
            setattr(cls, name, wrapped)


def parsed(function: Function, *, skip: int = 0) -> Function:
    """Wrap a function. `skip`: parameters before those that a caller gives (self)."""
    types = _TYPES.get(function.__name__)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if types is not None:
            _check(function, types, args[skip:], kwargs)
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # from within
            complaint = _complaint(function, args[skip:], kwargs, skip) or str(error)
        raise TypeError(complaint)

    return call


def _parameters(function: Function, skip: int) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())[skip:]


def _complaint(
    function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], skip: int
) -> str | None:
    """C's text for arguments that do not fit."""
    name = function.__name__
    parameters = _parameters(function, skip)
    if any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters):
        return None
    given, limit = len(args) + len(kwargs), len(parameters)
    if given > limit:
        plural = "" if limit == 1 else "s"
        return f"{name}() takes at most {limit} argument{plural} ({given} given)"
    for index, parameter in enumerate(parameters):
        by_name = parameter.name in kwargs
        if index < len(args) and by_name:
            where = f"given by name ('{parameter.name}') and position ({index + 1})"
            return f"argument for {name}() {where}"
        if index >= len(args) and not by_name and parameter.default is parameter.empty:
            return f"{name}() missing required argument '{parameter.name}' (pos {index + 1})"
    names = {parameter.name for parameter in parameters}
    unknown = next((key for key in kwargs if key not in names), None)
    return f"'{unknown}' is an invalid keyword argument for {name}()"


def _check(
    function: Function,
    types: tuple[type | None, ...],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> None:
    name = function.__name__
    for index, (kind, parameter) in enumerate(zip(types, _parameters(function, 1))):
        if index >= len(args) and parameter.name not in kwargs:
            continue
        value = args[index] if index < len(args) else kwargs[parameter.name]
        if kind is int and name in _INDICES:
            operator.index(value)
        elif kind is not None and not isinstance(value, kind):
            found = type(value).__name__
            found = "None" if value is None else found
            raise TypeError(f"{name}() argument {index + 1} must be {kind.__name__}, not {found}")
