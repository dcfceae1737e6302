"""Operations whose value is an expression: EXP_READ gives it, EXP_MODIFY stores it.

The payload is a packed list: the expression and, optionally, flags (server source: expop.c).
Expressions see the bins as the operations before them left them, and the metadata that the
record had before the command.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aerodbapi import errors
from aerodbapi.embedded import geo, packed
from aerodbapi.embedded.expressions import UNKNOWN, Context, Expression, compile_expression
from aerodbapi.embedded.expressions.values import Type, to_particle
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.ops import State
    from aerodbapi.embedded.storage import Particle
    from aerodbapi.protocol.message import Operation

__all__ = ["modify", "read"]

_CREATE_ONLY: Final = 1
_UPDATE_ONLY: Final = 2
_ALLOW_DELETE: Final = 4
_POLICY_NO_FAIL: Final = 8
_EVAL_NO_FAIL: Final = 16
_READ_FLAGS: Final = _EVAL_NO_FAIL
_MODIFY_FLAGS: Final = 31

_PARAMETER: Final = 4
_BIN_EXISTS: Final = 6
_BIN_NOT_FOUND: Final = 17
_NOT_APPLICABLE: Final = 26
_NIL: Final = 0


def read(state: State, op: Operation) -> Particle | None:
    """Give the expression's value; Refused(26) when it is UNKNOWN, without EVAL_NO_FAIL."""
    expression, flags = _parsed(op.value, _READ_FLAGS)
    particle = _evaluated(expression, state)
    if particle is None and not flags & _EVAL_NO_FAIL:
        raise Refused(_NOT_APPLICABLE)
    return None if particle is None or particle[0] == _NIL else particle


def modify(state: State, op: Operation) -> None:
    """Set the bin to the expression's value; NIL removes it when the flags allow that.

    Refused: 6 for CREATE_ONLY and 17 for UPDATE_ONLY (without POLICY_NO_FAIL), 26 for UNKNOWN
    (without EVAL_NO_FAIL) and for a removal without ALLOW_DELETE.
    """
    expression, flags = _parsed(op.value, _MODIFY_FLAGS)
    exists = op.name in state.bins
    if flags & (_CREATE_ONLY if exists else _UPDATE_ONLY):
        if flags & _POLICY_NO_FAIL:
            return
        raise Refused(_BIN_EXISTS if exists else _BIN_NOT_FOUND)
    particle = _evaluated(expression, state)
    if particle is None:
        if not flags & _EVAL_NO_FAIL:
            raise Refused(_NOT_APPLICABLE)
    elif particle[0] != _NIL:
        state.bins[op.name] = particle
    elif flags & _ALLOW_DELETE:
        state.bins.pop(op.name, None)
    elif exists and not flags:  # with any flag the server lets it pass
        raise Refused(_NOT_APPLICABLE)


def _parsed(payload: bytes, allowed: int) -> tuple[Expression, int]:
    try:
        expression, flags = _parse(payload)
    except packed.PackedError:
        raise Refused(_PARAMETER) from None
    except errors.Error as error:
        raise Refused(error.result_code or _PARAMETER) from None
    if flags & ~allowed:
        raise Refused(_PARAMETER)
    return expression, flags


@lru_cache(maxsize=512)
def _parse(payload: bytes) -> tuple[Expression, int]:
    reader = packed.Reader(payload)
    if reader.list_size() not in (1, 2):
        raise packed.PackedError("an operation's expression and flags")
    expression = compile_expression(reader.span())
    flags = 0
    if not reader.done() and reader.peek() in (packed.INTEGER, packed.NEGATIVE):
        flags = reader.integer()
    return expression, flags


def _evaluated(expression: Expression, state: State) -> Particle | None:
    """Give the value's particle, None for UNKNOWN; NIL has particle type 0."""
    context = Context(state.record, state.now, expression.n_variables, state.bins)
    value = expression.function(context)
    if value is UNKNOWN or expression.type == Type.REMOVE:
        return None
    if expression.type == Type.GEOJSON:
        return 23, geo.particle(value)
    return to_particle(expression.type, value)
