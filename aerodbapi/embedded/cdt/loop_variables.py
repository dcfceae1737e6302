"""What an expression in a path sees: the element that the path is at, as loop variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded import geo
from aerodbapi.embedded.expressions import UNKNOWN, Context, Type
from aerodbapi.embedded.packed import (
    BYTES,
    DOUBLE,
    FALSE,
    GEOJSON,
    INTEGER,
    LIST,
    MAP,
    NEGATIVE,
    NIL,
    STRING,
    TRUE,
    Reader,
)

if TYPE_CHECKING:
    from aerodbapi.embedded.expressions import Expression

__all__ = ["Loop", "evaluate", "loop_of_list", "loop_of_map", "truth"]

Variable = tuple[int, Any]

#: The key, the value and the index of an element; None for what it does not have.
Loop = tuple["Variable | None", "Variable | None", "Variable | None"]

_PLAIN: Final = {
    NIL: Type.NIL,
    INTEGER: Type.INT,
    NEGATIVE: Type.INT,
    DOUBLE: Type.FLOAT,
}
_TYPED: Final = {3: Type.STR, 4: Type.BLOB, 18: Type.HLL}


def _variable(packed: bytes) -> Variable | None:
    kind, value = Reader(packed).token()
    if kind in _PLAIN:
        return _PLAIN[kind], value
    if kind in (TRUE, FALSE):
        return Type.TRILEAN, kind == TRUE
    if kind in (LIST, MAP):
        return (Type.LIST if kind == LIST else Type.MAP), packed
    if kind not in (STRING, BYTES, GEOJSON) or not value:
        return None
    assert isinstance(value, bytes)
    if kind == GEOJSON:
        return (Type.GEOJSON, value[1:]) if geo.valid(value[1:]) else None
    return (_TYPED[value[0]], value[1:]) if value[0] in _TYPED else None


def loop_of_list(index: int, value: bytes) -> Loop:
    """Give the loop variables at an element of a list."""
    return None, _variable(value), (Type.INT, index)


def loop_of_map(key: bytes, value: bytes) -> Loop:
    """Give the loop variables at a pair of a map."""
    return _variable(key), _variable(value), None


def evaluate(expression: Expression, loop: Loop) -> Any:
    """Give an expression's value, or UNKNOWN; there is no record to look at."""
    context = Context(None, 0, expression.n_variables)
    context.loop = loop
    return expression.function(context)


def truth(expression: Expression, loop: Loop) -> bool | None:
    """Tell whether an expression is true; None when it is UNKNOWN. Other values are not."""
    value = evaluate(expression, loop)
    if value is UNKNOWN:
        return None
    return value is True and expression.type == Type.TRILEAN
