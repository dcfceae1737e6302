"""Commands on the inside of one bin: what a list, map, bit, HLL or string operation carries.

A `BinCommand` is data: number, arguments, and the context that leads to a nested element. It
travels in two ways: as the payload of an operation (`pack_command`), or as a CALL inside an
expression (`expression_calls`). The modules `list_commands`, `map_commands`, `bit_commands`,
`hll_commands` and `string_commands` build them; numbers are those of the server's proto.h
(wire.md, "CDT ops").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aerodbapi.errors import DataError, ParameterError
from aerodbapi.frozen import frozen
from aerodbapi.protocol import cdt
from aerodbapi.protocol.expressions import (
    CallSystem,
    Command,
    ContextPath,
    Exp,
    ExpType,
    lower_expression,
    pack_context,
)
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.message import Operation

__all__ = [
    "BinCommand",
    "Context",
    "MapOperation",
    "ReturnType",
    "Step",
    "StepType",
    "answers_always",
    "flat_context",
    "inner_list",
    "integer",
    "items",
    "op_type",
    "operation",
    "optional",
    "pack_command",
    "pack_steps",
    "read_result",
    "steps",
    "wanted",
]

_ANSWER_ALWAYS: Final = frozenset(
    {
        OpType.EXP_READ,
        OpType.EXP_MODIFY,
        OpType.BITS_READ,
        OpType.BITS_MODIFY,
        OpType.HLL_READ,
        OpType.HLL_MODIFY,
        OpType.STRING_READ,
        OpType.STRING_MODIFY,
        OpType.TO_STRING,
    }
)
_FIRST_MAP_COMMAND: Final = 64
_INT_MIN: Final = -(1 << 63)
_INT_MAX: Final = (1 << 63) - 1
#: Head of a payload with a context, and of a path operation.
_CONTEXT_EVAL: Final = 0xFF
_PATH: Final = 0xFE


class ReturnType:
    """What a by-index, by-key, by-rank or by-value command answers with.

    KEY, KEY_VALUE and the two maps are for maps only. INVERTED, added to another one, means
    everything but what was asked for.
    """

    NONE: Final = 0
    INDEX: Final = 1
    REVERSE_INDEX: Final = 2
    RANK: Final = 3
    REVERSE_RANK: Final = 4
    COUNT: Final = 5
    KEY: Final = 6
    VALUE: Final = 7
    KEY_VALUE: Final = 8
    EXISTS: Final = 13
    UNORDERED_MAP: Final = 16
    ORDERED_MAP: Final = 17
    INVERTED: Final = 0x10000


class StepType:
    """How a step of a context finds its element; the last three are create flags."""

    EXPRESSION: Final = 0x04
    LIST_INDEX: Final = 0x10
    LIST_RANK: Final = 0x11
    LIST_VALUE: Final = 0x13
    MAP_INDEX: Final = 0x20
    MAP_RANK: Final = 0x21
    MAP_KEY: Final = 0x22
    MAP_VALUE: Final = 0x23
    MAP_KEYS_IN: Final = 0x2A
    CREATE_UNORDERED: Final = 0x40
    CREATE_KEY_ORDERED: Final = 0x80  # of a list: unordered, padded with nil
    CREATE_ORDERED: Final = 0xC0  # of a map: by key and value
    CREATE_PERSIST_INDEX: Final = 0x100
    AND: Final = 0x200


@frozen
class Step:
    """One step of a context: from a list or map to an element of it. `value` may be an Exp."""

    type: int
    value: Any


#: The way from a bin's value to a nested list or map.
Context = Sequence[Step]


@frozen
class BinCommand:
    """A command on a list, map, blob, HLL or text.

    `system`: CallSystem. `result`: the ExpType that it has inside an expression; None for one
    element's value, whose type the caller knows. `defaults`: further arguments, which clients
    write in operations and not in expressions. `path`: a path operation, which has no number.
    """

    system: int
    code: int
    args: tuple[Any, ...] = ()
    modify: bool = False
    result: int | None = None
    context: tuple[Step, ...] = ()
    defaults: tuple[Any, ...] = ()
    path: bool = False


_OP_TYPES: Final = {
    (CallSystem.CDT, False): OpType.CDT_READ,
    (CallSystem.CDT, True): OpType.CDT_MODIFY,
    (CallSystem.BITS, False): OpType.BITS_READ,
    (CallSystem.BITS, True): OpType.BITS_MODIFY,
    (CallSystem.HLL, False): OpType.HLL_READ,
    (CallSystem.HLL, True): OpType.HLL_MODIFY,
    (CallSystem.STRING, False): OpType.STRING_READ,
    (CallSystem.STRING, True): OpType.STRING_MODIFY,
}

#: ExpType by ReturnType, where it does not depend on the number of elements.
_RESULTS: Final = {
    ReturnType.NONE: ExpType.NIL,
    ReturnType.COUNT: ExpType.INT,
    ReturnType.EXISTS: ExpType.BOOL,
    ReturnType.KEY_VALUE: ExpType.MAP,
    ReturnType.UNORDERED_MAP: ExpType.MAP,
    ReturnType.ORDERED_MAP: ExpType.MAP,
}


def op_type(command: BinCommand) -> int:
    """The OpType of an operation that carries `command`."""
    return _OP_TYPES[command.system, command.modify]


def flat_context(context: Context) -> list[Any]:
    """A context as it is sent: type, value, type, value, …"""
    return [part for step in context for part in (step.type, step.value)]


def pack_steps(context: Context) -> bytes:
    """The bytes of a context (field INDEX_CONTEXT, and the text of a context in base 64)."""
    return pack_context(flat_context(context))


def inner_list(command: BinCommand) -> tuple[Any, ...]:
    """The command as a list that holds its context: what stands in a payload and in a CALL."""
    context = ContextPath(tuple(flat_context(command.context)))
    if command.path:
        return (_PATH, context, *command.args)
    plain = (command.code, *command.args)
    return (_CONTEXT_EVAL, context, Command(plain)) if command.context else plain


def pack_command(command: BinCommand) -> bytes:
    """The payload of an operation. Raises DataError for arguments that are no values."""
    try:
        if command.path:
            return cdt.pack_lowered(lower_expression(Command(inner_list(command))))
        lowered = [command.code, *map(cdt.lower, command.args), *command.defaults]
        if command.context:
            path = ContextPath(tuple(flat_context(command.context)))
            lowered = [_CONTEXT_EVAL, lower_expression(path), lowered]
        return cdt.pack_lowered(lowered)
    except RecursionError:
        raise DataError("an operation's argument is nested too deeply") from None


class MapOperation(Operation):
    """An operation on a map. Clients let those answer one by one, unlike those on lists."""

    __slots__ = ()


def operation(name: str, command: BinCommand) -> Operation:
    """The operation that carries `command` to the bin `name`."""
    is_map = command.system == CallSystem.CDT and command.code >= _FIRST_MAP_COMMAND
    kind = MapOperation if is_map else Operation
    particle = ParticleType.STRING if command.system == CallSystem.STRING else ParticleType.BLOB
    return kind(op_type(command), name, particle, pack_command(command))


def answers_always(op: Operation) -> bool:
    """Tell whether an operation asks for one reply per operation (the clients' rule).

    Those on maps, bits, HLLs and of expressions do; those on lists, scalars and paths do not.
    """
    return op.op in _ANSWER_ALWAYS or type(op) is MapOperation


# ---- checking arguments ------------------------------------------------------------------------


def integer(name: str, value: Any) -> Any:
    """Return `value`, an integer of 64 bits or an expression; else raise ParameterError (-2)."""
    if isinstance(value, Exp):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParameterError(f"{name} is an integer, not {type(value).__name__}", result_code=-2)
    if not _INT_MIN <= value <= _INT_MAX:
        raise ParameterError(f"{name} {value} needs more than 64 bits", result_code=-2)
    return int(value)


def items(name: str, value: Any) -> Any:
    """Return `value`, a list, a tuple or an expression; else raise ParameterError (-2)."""
    if isinstance(value, (list, tuple, Exp)):
        return value
    raise ParameterError(f"{name} is a list, not {type(value).__name__}", result_code=-2)


def optional(name: str, value: Any) -> tuple[Any, ...]:
    """The arguments that an integer adds to a command: none when it is None."""
    return () if value is None else (integer(name, value),)


def wanted(return_type: Any, inverted: bool = False) -> int:
    """Check a ReturnType, and turn it around when `inverted`."""
    if isinstance(return_type, bool) or not isinstance(return_type, int):
        raise ParameterError(
            f"return_type is one of ReturnType, not {return_type!r}", result_code=-2
        )
    return return_type | ReturnType.INVERTED if inverted else return_type


def read_result(return_type: int, *, many: bool = False) -> int | None:
    """The ExpType of what a read command answers with; None for an element's own type.

    `many`: the command selects any number of elements.
    """
    kind = return_type & ~ReturnType.INVERTED
    if kind in _RESULTS:
        return _RESULTS[kind]
    if many:
        return ExpType.LIST
    return None if kind in (ReturnType.KEY, ReturnType.VALUE) else ExpType.INT


def steps(context: Any) -> tuple[Step, ...]:
    """Return a context's steps; None is none. Raises ParameterError (-2) for what is no context."""
    if context is None:
        return ()
    if isinstance(context, (list, tuple)) and all(isinstance(step, Step) for step in context):
        return tuple(context)
    raise ParameterError(
        "a context is a list of steps such as contexts.map_key('k'), not " + (f"{context!r:.60}"),
        result_code=-2,
    )
