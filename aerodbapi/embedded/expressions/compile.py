"""Packed expression → Expression: the tables of ops put together, and the cache."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.expressions import arithmetic, calls, control, logic, reading
from aerodbapi.embedded.expressions.builder import Builder
from aerodbapi.embedded.expressions.values import (
    REMOVED,
    UNKNOWN,
    Context,
    Evaluate,
    ExpressionError,
    Type,
    to_particle,
)
from aerodbapi.embedded.packed import PackedError
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle, Record

__all__ = ["Expression", "compile_expression"]

#: exp.c, EXP_MAX_SIZE.
MAX_SIZE: Final = 1 << 20

_OPS: Final = {**logic.OPS, **arithmetic.OPS, **reading.OPS, **control.OPS, **calls.OPS}


@frozen
class Expression:
    """A compiled expression: `type` is its static result type (values.Type).

    `bins`: names that it reads. `uses_metadata`: metadata besides the digest.
    """

    function: Evaluate
    type: int
    n_variables: int
    bins: frozenset[str]
    uses_metadata: bool
    uses_key: bool
    uses_digest: bool

    def evaluate(self, record: Record | None, now: float) -> Any:
        """Give the value for a record, or UNKNOWN; `now`: seconds since 2010."""
        return self.function(Context(record, now, self.n_variables))

    def particle(self, record: Record | None, now: float) -> Particle | None:
        """Give the value as a particle (NIL: type 0), or None when it is UNKNOWN."""
        value = self.evaluate(record, now)
        return None if value is UNKNOWN or value is REMOVED else to_particle(self.type, value)


@lru_cache(maxsize=512)
def compile_expression(data: bytes) -> Expression:
    """Compile a packed expression; results are kept by its bytes.

    Raises ExpressionError for whatever the server refuses (result code 4), malformed bytes
    included, and errors.UnsupportedFeature (16) for ops whose support is not installed.
    """
    if len(data) > MAX_SIZE:
        raise ExpressionError("an expression longer than 1 MiB")
    builder = Builder(data, _OPS)
    try:
        node = builder.next()
    except PackedError as error:
        raise ExpressionError(str(error)) from None
    if not builder.reader.done():
        raise ExpressionError("bytes after the expression")
    if node.type == Type.END:
        raise ExpressionError("an expression without a type")
    return Expression(
        node.evaluate,
        node.type,
        builder.max_variables,
        frozenset(builder.reads_bins),
        builder.reads_metadata,
        builder.reads_key,
        builder.reads_digest,
    )
