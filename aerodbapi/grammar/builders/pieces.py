"""What the builders hand each other: places, names, lists, and AQL's quotes.

In profile `aql` both quotes make one token, and its position says whether it is a name or a
string. Where an expression stands the parser cannot know yet: it builds `Quoted`, and whoever
takes it as an operand settles it with `name_of` or `value_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.frozen import frozen
from aerodbapi.grammar import tokens
from aerodbapi.grammar.ast import Column, Expr, Literal, Span

__all__ = ["RULES", "Clause", "Name", "Quoted", "name", "name_of", "place", "value_of", "values_of"]


@frozen
class Name:
    """One name with its place; `quoted` when it stood in quotes."""

    text: str
    quoted: bool
    span: Span


@frozen
class Quoted:
    """AQL's quoted token where an expression stands: a name or a string."""

    text: str
    span: Span


@frozen
class Clause:
    """A clause of a statement before it is put together."""

    kind: str
    value: Any
    span: Span


def place(children: Any) -> Span:
    """Return the place from the first to the last of `children` that has one."""
    first = _end(children, 1)
    last = _end(children, -1)
    if first is None or last is None:
        return Span(0, 0, 1, 1)
    return Span(first.start, last.end, first.line, first.column)


def _end(child: Any, step: int) -> Span | None:
    if type(child) in (list, tuple):
        for part in child[::step]:
            found = _end(part, step)
            if found is not None:
                return found
        return None
    if hasattr(child, "start_pos"):
        return Span(child.start_pos, child.end_pos, child.line, child.column)
    span: Span | None = getattr(child, "span", None)
    return span


def name_of(node: Any) -> Expr:
    """Return the expression `node` where a name is looked for."""
    if type(node) is Quoted:
        return Column(node.text, quoted=True, span=node.span)
    return node  # type: ignore[no-any-return]


def value_of(node: Any) -> Expr:
    """Return the expression `node` where a value is looked for."""
    if type(node) is Quoted:
        return Literal(node.text, span=node.span)
    return node  # type: ignore[no-any-return]


def values_of(nodes: Any) -> tuple[Expr, ...]:
    return tuple(value_of(node) for node in nodes)


def name(c: list[Any]) -> Name:
    """A name; what begins with a digit would need quotes in most places, and counts as quoted."""
    token = c[0]
    if token.type == "QUOTED_NAME":
        return Name(tokens.unquoted(token), True, place(c))
    return Name(str(token), token[0].isdigit(), place(c))


def _extend(c: list[Any]) -> list[Any]:
    """Lengthen a list of rows or expressions in place: there may be very many."""
    entries: list[Any] = c[0]
    entries.append(c[2])
    return entries


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "first": lambda c: c[0],
        "second": lambda c: c[1],
        "third": lambda c: c[2],
        "last": lambda c: c[-1],
        "nothing": lambda c: None,
        "empty": lambda c: (),
        "one": lambda c: (c[0],),
        "append": lambda c: (*c[0], c[-1]),
        "push": lambda c: (*c[0], c[1]),
        "begin": lambda c: [c[0]],
        "extend": _extend,
        "name": name,
        "alias": lambda c: c[0],
    }
)
