"""Filter expressions: whether a record passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.embedded.expressions import ExpressionError, Type, compile_expression
from aerodbapi.embedded.expressions.values import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from aerodbapi.embedded.storage import Record

__all__ = ["check", "matcher", "matches"]


def matcher(packed_filter: bytes) -> Callable[[Record, float], bool]:
    """Compile a filter (kept by its bytes) into a function of record and time now.

    Raises ExpressionError (result code 4) when the bytes are malformed, ill-typed, or give
    something else than a truth value.
    """
    expression = compile_expression(packed_filter)
    if expression.type != Type.TRILEAN:
        raise ExpressionError("a filter that gives no truth value")
    function, n_variables = expression.function, expression.n_variables

    def passes(record: Record, now: float) -> bool:
        return function(Context(record, now, n_variables)) is True

    return passes


def check(packed_filter: bytes) -> None:
    """Raise ExpressionError when the server would refuse the filter."""
    matcher(packed_filter)


def matches(packed_filter: bytes, record: Record, now: float) -> bool:
    """Tell whether a record passes; UNKNOWN does not. `now`: seconds since 2010.

    Raises ExpressionError (result code 4) and errors.UnsupportedFeature (16).
    """
    return matcher(packed_filter)(record, now)
