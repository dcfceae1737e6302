"""COND, LET, VAR and QUOTE, loop variables, and the keys or values of a map."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.embedded import packed
from aerodbapi.embedded.expressions.builder import Builder, BuildFunction, constant, expect
from aerodbapi.embedded.expressions.values import (
    REMOVED,
    UNKNOWN,
    Context,
    ExpressionError,
    Node,
    Type,
)

__all__ = ["OPS"]

_REMOVE, _MAP_KEYS, _MAP_VALUES = 100, 101, 102
_LOOP_VARIABLE, _COND, _VAR, _LET, _QUOTE = 122, 123, 124, 125, 126
_N_LOOP_VARIABLES: Final = 3
_LOOP_INDEX: Final = 2


def _cond(builder: Builder, op: int, count: int) -> Node:
    """The first case whose condition is true; an UNKNOWN condition makes all UNKNOWN."""
    if count < 3 or count % 2 == 0:
        raise ExpressionError("conditions come in pairs, followed by a default")
    cases = []
    type: int | None = None
    for _ in range(count // 2):
        condition = builder.typed(Type.TRILEAN)
        action = builder.next()
        type = _agreed(type, action)
        cases.append((condition.evaluate, action.evaluate))
    default = builder.next()
    type = default.type if type is None else _agreed(type, default)
    otherwise = default.evaluate

    def evaluate(context: Context) -> Any:
        for condition, action in cases:
            value = condition(context)
            if value is UNKNOWN:
                return UNKNOWN
            if value:
                return action(context)
        return otherwise(context)

    return Node(evaluate, Type.TRILEAN if type is None else type)


def _agreed(type: int | None, action: Node) -> int | None:
    """Give the type of all actions so far; the op UNKNOWN fits any."""
    if action.bare:
        return type
    if type is not None and action.type != type:
        raise ExpressionError(f"an action of type {action.type} beside one of type {type}")
    return action.type


def _let(builder: Builder, op: int, count: int) -> Node:
    if count < 3 or count % 2 == 0:
        raise ExpressionError("variables come in pairs, followed by an expression")
    outer = dict(builder.variables)
    definitions = []
    for _ in range(count // 2):
        name = _variable_name(builder.reader.raw())
        if name in builder.variables:
            raise ExpressionError(f"variable {name!r} is defined already")
        slot = len(builder.variables)
        builder.variables[name] = (slot, Type.END)
        value = builder.next()
        builder.variables[name] = (slot, value.type)
        definitions.append((slot, value.evaluate))
        builder.max_variables = max(builder.max_variables, slot + 1)
    body = builder.next()
    builder.variables = outer
    scope = body.evaluate

    def evaluate(context: Context) -> Any:
        for slot, value in definitions:
            context.variables[slot] = value(context)
        return scope(context)

    return Node(evaluate, body.type, bare=body.bare)


def _variable_name(name: bytes) -> bytes:
    text = name.decode("latin-1")
    if not name or not name.isascii() or not text.replace("_", "a").isalnum():
        raise ExpressionError(f"{name!r} is no name for a variable")
    if text[0].isdigit():
        raise ExpressionError(f"variable {name!r} begins with a digit")
    return name


def _var(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    name = builder.reader.raw()
    found = builder.variables.get(name)
    if found is None:
        raise ExpressionError(f"no variable {name!r}")
    slot, type = found
    if type == Type.END:
        raise ExpressionError(f"variable {name!r} is used in its own definition")

    def evaluate(context: Context) -> Any:
        return context.variables[slot]

    return Node(evaluate, type)


def _loop_variable(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    type, which = builder.unsigned(), builder.unsigned()
    if type >= Type.END or type == Type.INPUT_END or which >= _N_LOOP_VARIABLES:
        raise ExpressionError("no such loop variable")
    if which == _LOOP_INDEX and type != Type.INT:
        raise ExpressionError("a loop's index is an integer")

    def evaluate(context: Context) -> Any:
        found = context.loop[which]
        return found[1] if found is not None and found[0] == type else UNKNOWN

    return Node(evaluate, type)


def _quote(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    if builder.reader.peek() != packed.LIST:
        raise ExpressionError("only lists are quoted")
    return constant(Type.LIST, builder.reader.span())


def _remove(builder: Builder, op: int, count: int) -> Node:
    expect(count, 0)
    return Node(lambda context: REMOVED, Type.REMOVE)


def _map_part(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    argument = builder.next()
    value, is_map, keys = argument.evaluate, argument.type == Type.MAP, op == _MAP_KEYS

    def evaluate(context: Context) -> Any:
        found = value(context)
        if found is UNKNOWN or not is_map:
            return UNKNOWN
        return _part_of(found, 0 if keys else 1)

    return Node(evaluate, Type.LIST)


def _part_of(packed_map: bytes, part: int) -> bytes:
    """Give a packed map's keys (part 0) or values (1) as a packed list."""
    reader = packed.Reader(packed_map)
    kind, count = reader.token()
    assert kind == packed.MAP
    assert isinstance(count, int)
    if count and reader.peek() == packed.EXT:
        reader.skip(2)
        count -= 2
    chosen = []
    for _ in range(count // 2):
        pair = reader.span(), reader.span()
        chosen.append(pair[part])
    return packed.list_header(len(chosen)) + b"".join(chosen)


OPS: Final[dict[int, BuildFunction]] = {
    _REMOVE: _remove,
    _MAP_KEYS: _map_part,
    _MAP_VALUES: _map_part,
    _LOOP_VARIABLE: _loop_variable,
    _COND: _cond,
    _VAR: _var,
    _LET: _let,
    _QUOTE: _quote,
}
