"""Server-side expressions: packed bytes in, a function of a record out (wire.md §12)."""

from aerodbapi.embedded.expressions.compile import Expression, compile_expression
from aerodbapi.embedded.expressions.values import UNKNOWN, Context, ExpressionError, Type

__all__ = [
    "UNKNOWN",
    "Context",
    "Expression",
    "ExpressionError",
    "Type",
    "compile_expression",
]
