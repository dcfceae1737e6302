"""CALL: list, map, bit, HLL and string operations inside expressions; TO_STRING.

`CALLS` holds a function per call system. It is given the packed command (with its context,
as in an operation's payload), the particle that it works on or None, and whether it is to
give the modified particle instead of a result. It raises CallFailed or Refused for what makes
the expression UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.embedded import bits, cdt, hll, packed, strings
from aerodbapi.embedded.expressions.builder import Builder, BuildFunction, expect
from aerodbapi.embedded.expressions.values import (
    REMOVED,
    UNKNOWN,
    Context,
    ExpressionError,
    Node,
    Type,
    from_particle,
    pack_value,
    to_particle,
)
from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.storage import Particle

__all__ = ["CALLS", "OPS", "CallFailed", "CallFunction"]

_CALL: Final = 127
_TO_STRING: Final = 99
_CDT, _BITS, _HLL, _STRING = 0, 1, 2, 3
_MODIFY: Final = 0x40
_WITH_CONTEXT: Final = 0xFF
_SELECT: Final = 0xFE


class CallFailed(Exception):
    """The operation cannot be applied: the expression's value is UNKNOWN."""


CallFunction = Callable[[bytes, "Particle | None", bool], "Particle | None"]

#: Call system (0 list and map, 1 bits, 2 HLL, 3 text) → its operations.
CALLS: dict[int, CallFunction] = {
    _CDT: cdt.call,
    _BITS: bits.call,
    _HLL: hll.call,
    _STRING: strings.call,
}

#: Call system → types that it works on.
_TARGETS: Final = {
    _CDT: (Type.LIST, Type.MAP),
    _BITS: (Type.BLOB,),
    _HLL: (Type.HLL,),
    _STRING: (Type.STR,),
}
_SPELLED: Final = (Type.INT, Type.FLOAT, Type.STR, Type.TRILEAN, Type.BLOB)


def _call(builder: Builder, op: int, count: int) -> Node:
    expect(count, 4)
    type = builder.unsigned()
    if type >= Type.INPUT_END:
        raise ExpressionError(f"calls give no type {type}")
    system = builder.unsigned()
    modify = bool(system & _MODIFY)
    system &= ~_MODIFY
    parts = _command(builder)
    target = builder.next()
    if system not in _TARGETS:
        raise ExpressionError(f"no call system {system}")
    if target.type != Type.NIL and target.type not in _TARGETS[system]:
        raise ExpressionError(f"a call on a value of type {target.type}")
    function = CALLS.get(system)
    if function is None:
        raise errors.UnsupportedFeature("list, map, bit and HLL calls in expressions")
    evaluate = _evaluator(function, parts, target, type, modify)
    return Node(evaluate, Type.NIL if target.type == Type.NIL else type)


def _evaluator(
    function: CallFunction, parts: list[bytes | Node], target: Node, type: int, modify: bool
) -> Callable[[Context], Any]:
    def evaluate(context: Context) -> Any:
        command = _filled(parts, context)
        value = target.evaluate(context)
        if command is None or value is UNKNOWN:
            return UNKNOWN
        particle = None if value is None else to_particle(target.type, value)
        try:
            result = function(command, particle, modify)
        except (CallFailed, Refused):
            return UNKNOWN
        if type == Type.NIL:
            return None if result is None else UNKNOWN
        known = from_particle(type, result)
        return result if target.type == Type.NIL and known is not UNKNOWN else known

    return evaluate


def _filled(parts: list[bytes | Node], context: Context) -> bytes | None:
    """Pack the command with its arguments' values; None when one of them is UNKNOWN."""
    pieces = []
    for part in parts:
        if isinstance(part, bytes):
            pieces.append(part)
            continue
        value = part.evaluate(context)
        if value is UNKNOWN or value is REMOVED:
            return None
        pieces.append(pack_value(part.type, value))
    return b"".join(pieces)


def _command(builder: Builder) -> list[bytes | Node]:
    """Read the command list: lists among its arguments are expressions, the rest is literal."""
    reader = builder.reader
    start = reader.at
    count = reader.list_size()
    if not count:
        raise ExpressionError("a call without a command")
    command = reader.integer()
    if command == _WITH_CONTEXT:
        if count != 3:
            raise ExpressionError("a call's context without a command")
        reader.skip()
        count = reader.list_size()
        reader.integer()
    elif command == _SELECT:
        if count not in (3, 4) or reader.peek() != packed.LIST:
            raise ExpressionError("a selection without a path")
        reader.skip()
        reader.integer()
        reader.skip(count - 3)
        count = 1
    parts: list[bytes | Node] = []
    for _ in range(count - 1):
        if reader.peek() == packed.LIST:
            parts.append(reader.data[start : reader.at])
            parts.append(builder.next())
            start = reader.at
        else:
            reader.skip()
    parts.append(reader.data[start : reader.at])
    return parts


def _to_string(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    target = builder.typed(*_SPELLED)

    def evaluate(context: Context) -> Any:
        value = target.evaluate(context)
        if value is UNKNOWN:
            return UNKNOWN
        try:
            return strings.to_string_particle(to_particle(target.type, value))[1]
        except Refused:
            return UNKNOWN

    return Node(evaluate, Type.STR)


OPS: Final[dict[int, BuildFunction]] = {_CALL: _call, _TO_STRING: _to_string}
