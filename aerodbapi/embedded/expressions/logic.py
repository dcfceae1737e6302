"""Logic, comparison, regular expressions, geo and IN_LIST: the ops that give a truth value.

Three-valued as in exp.c: AND is FALSE as soon as one argument is, whatever was UNKNOWN
before; OR likewise with TRUE; NOT UNKNOWN is UNKNOWN; a comparison with UNKNOWN is UNKNOWN.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from aerodbapi.embedded import geo, packed
from aerodbapi.embedded.expressions.builder import Builder, BuildFunction, expect, is_constant
from aerodbapi.embedded.expressions.regex import compile_posix
from aerodbapi.embedded.expressions.values import (
    UNKNOWN,
    Context,
    ExpressionError,
    Node,
    Type,
    pack_value,
)

__all__ = ["OPS"]

_UNKNOWN, _REGEX, _GEO, _IN_LIST, _AND, _OR, _NOT, _EXCLUSIVE = 0, 7, 8, 9, 16, 17, 18, 19

_COMPARISONS: Final[dict[int, Callable[[Any, Any], bool]]] = {
    1: operator.eq,
    2: operator.ne,
    3: operator.gt,
    4: operator.ge,
    5: operator.lt,
    6: operator.le,
}
_PACKED_TYPES: Final = (Type.LIST, Type.MAP, Type.END)
_INCOMPARABLE: Final = (Type.GEOJSON, Type.HLL, Type.REMOVE)


def _unknown(builder: Builder, op: int, count: int) -> Node:
    expect(count, 0)
    return Node(lambda context: UNKNOWN, Type.TRILEAN, bare=True)


def _compare(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    left, right = builder.next(), builder.next()
    if left.type != right.type:
        raise ExpressionError(f"a comparison of type {left.type} with type {right.type}")
    if left.type in _INCOMPARABLE:
        raise ExpressionError(f"values of type {left.type} do not compare")
    test = _COMPARISONS[op]
    if left.type in _PACKED_TYPES:
        return _compare_packed(test, left, right)
    if left.type == Type.NIL:
        test = _nil_test(test)
    first, second = left.evaluate, right.evaluate
    if is_constant(right):
        known = right.constant

        def against_constant(context: Context) -> Any:
            a = first(context)
            return UNKNOWN if a is UNKNOWN else test(a, known)

        return Node(against_constant, Type.TRILEAN)

    def evaluate(context: Context) -> Any:
        a = first(context)
        if a is UNKNOWN:
            return UNKNOWN
        b = second(context)
        return UNKNOWN if b is UNKNOWN else test(a, b)

    return Node(evaluate, Type.TRILEAN)


def _nil_test(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    outcome = test(0, 0)
    return lambda a, b: outcome


def _compare_packed(test: Callable[[Any, Any], bool], left: Node, right: Node) -> Node:
    first, second = left.evaluate, right.evaluate

    def evaluate(context: Context) -> Any:
        a = first(context)
        if a is UNKNOWN:
            return UNKNOWN
        b = second(context)
        if b is UNKNOWN:
            return UNKNOWN
        try:
            order, unordered = packed.compare(a, b)
        except packed.PackedError:
            return UNKNOWN
        return UNKNOWN if unordered else test(order, 0)

    return Node(evaluate, Type.TRILEAN)


def _regex(builder: Builder, op: int, count: int) -> Node:
    expect(count, 3)
    flags = builder.reader.integer()
    pattern = builder.reader.raw()
    text = builder.typed(Type.STR).evaluate
    search = compile_posix(pattern, flags).search

    def evaluate(context: Context) -> Any:
        value = text(context)
        if value is UNKNOWN:
            return UNKNOWN
        # The server hands the text to regexec() as a C string.
        return search(value.split(b"\0", 1)[0]) is not None

    return Node(evaluate, Type.TRILEAN)


def _geo(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    first, second = builder.typed(Type.GEOJSON).evaluate, builder.typed(Type.GEOJSON).evaluate
    geo.require()

    def evaluate(context: Context) -> Any:
        a = first(context)
        if a is UNKNOWN:
            return UNKNOWN
        b = second(context)
        return UNKNOWN if b is UNKNOWN else geo.match(a, b)

    return Node(evaluate, Type.TRILEAN)


def _in_list(builder: Builder, op: int, count: int) -> Node:
    expect(count, 2)
    needle = builder.next()
    haystack = builder.typed(Type.LIST)
    kind, wanted, listed = needle.type, needle.evaluate, haystack.evaluate
    fast = _scalar_set(kind, haystack.constant) if is_constant(haystack) else None
    if fast is not None:

        def look_up(context: Context) -> Any:
            value = wanted(context)
            return UNKNOWN if value is UNKNOWN else value in fast

        return Node(look_up, Type.TRILEAN)

    def evaluate(context: Context) -> Any:
        value = wanted(context)
        if value is UNKNOWN:
            return UNKNOWN
        found = listed(context)
        if found is UNKNOWN or kind == Type.REMOVE:
            return UNKNOWN
        return _contains(pack_value(kind, value), found)

    return Node(evaluate, Type.TRILEAN)


#: Result type → kinds of list elements that can equal it.
_ELEMENT_KINDS: Final = {
    Type.INT: (packed.INTEGER, packed.NEGATIVE),
    Type.STR: (packed.STRING,),
}


def _scalar_set(kind: int, listed: bytes) -> frozenset[Any] | None:
    """Give a constant list's elements that may equal a value of `kind`; None: look closer."""
    kinds = _ELEMENT_KINDS.get(kind)
    if kinds is None:
        return None
    found: set[Any] = set()
    for element_kind, value in packed.elements(listed):
        if element_kind == packed.WILDCARD:
            return None
        if element_kind in kinds:
            found.add(value[1:] if isinstance(value, bytes) else value)
    return frozenset(found)


def _contains(value: bytes, listed: bytes) -> Any:
    try:
        reader = packed.Reader(listed)
        for _ in range(reader.list_size()):
            if packed.compare(value, reader.span())[0] == 0:
                return True
    except packed.PackedError:
        return UNKNOWN
    return False


def _arguments(builder: Builder, count: int) -> list[Callable[[Context], Any]]:
    if count < 2:
        raise ExpressionError(f"{count} arguments, at least 2 are needed")
    return [builder.typed(Type.TRILEAN).evaluate for _ in range(count)]


def _and(builder: Builder, op: int, count: int) -> Node:
    arguments = tuple(_arguments(builder, count))

    def evaluate(context: Context) -> Any:
        outcome: Any = True
        for argument in arguments:
            value = argument(context)
            if value is False:
                return False
            if value is UNKNOWN:
                outcome = UNKNOWN
        return outcome

    return Node(evaluate, Type.TRILEAN)


def _or(builder: Builder, op: int, count: int) -> Node:
    arguments = tuple(_arguments(builder, count))

    def evaluate(context: Context) -> Any:
        outcome: Any = False
        for argument in arguments:
            value = argument(context)
            if value is True:
                return True
            if value is UNKNOWN:
                outcome = UNKNOWN
        return outcome

    return Node(evaluate, Type.TRILEAN)


def _not(builder: Builder, op: int, count: int) -> Node:
    expect(count, 1)
    argument = builder.typed(Type.TRILEAN).evaluate

    def evaluate(context: Context) -> Any:
        value = argument(context)
        return UNKNOWN if value is UNKNOWN else not value

    return Node(evaluate, Type.TRILEAN)


def _exclusive(builder: Builder, op: int, count: int) -> Node:
    """Exactly one argument is true; the first UNKNOWN before the second TRUE decides."""
    arguments = tuple(_arguments(builder, count))

    def evaluate(context: Context) -> Any:
        seen = False
        for argument in arguments:
            value = argument(context)
            if value is UNKNOWN:
                return UNKNOWN
            if value:
                if seen:
                    return False
                seen = True
        return seen

    return Node(evaluate, Type.TRILEAN)


OPS: Final[dict[int, BuildFunction]] = {
    _UNKNOWN: _unknown,
    **dict.fromkeys(_COMPARISONS, _compare),
    _REGEX: _regex,
    _GEO: _geo,
    _IN_LIST: _in_list,
    _AND: _and,
    _OR: _or,
    _NOT: _not,
    _EXCLUSIVE: _exclusive,
}
