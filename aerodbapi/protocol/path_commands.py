"""Path commands: read or change all elements that a context with expressions selects.

A context step with `StepType.EXPRESSION` selects many elements at once: all children (value
True), or those for which an expression on their loop variables is true. Servers from 8.1.0 on.
"""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import BinCommand, Context, integer, steps
from aerodbapi.protocol.expressions import CallSystem, ExpType

__all__ = ["PathModify", "PathSelect", "modify_by_path", "select_by_path"]

_MODIFY: Final = 0x04


class PathSelect:
    """What select_by_path answers with; NO_FAIL: elements of an unexpected type are left out."""

    MATCHING_TREE: Final = 0
    VALUE: Final = 1
    MAP_KEY: Final = 2
    MAP_KEY_VALUE: Final = 3
    NO_FAIL: Final = 0x10


class PathModify:
    """Flags of modify_by_path."""

    DEFAULT: Final = 0
    NO_FAIL: Final = 0x10


def select_by_path(ctx: Context, flags: int = PathSelect.MATCHING_TREE) -> BinCommand:
    """The elements that `ctx` selects; `flags` are PathSelect's."""
    result = ExpType.LIST if flags & 0x03 else None
    return BinCommand(
        CallSystem.CDT, 0, (integer("flags", flags),), False, result, _path(ctx), path=True
    )


def modify_by_path(ctx: Context, exp: Any, flags: int = PathModify.DEFAULT) -> BinCommand:
    """Replace each element that `ctx` selects by the value of `exp`, or remove it.

    `exp` sees the element in its loop variables; remove_result() removes it.
    """
    args = (integer("flags", flags) | _MODIFY, exp)
    return BinCommand(CallSystem.CDT, 0, args, True, None, _path(ctx), path=True)


def _path(ctx: Any) -> Any:
    context = steps(ctx)
    if not context:
        raise ParameterError("a path needs a context of at least one step", result_code=-2)
    return context
