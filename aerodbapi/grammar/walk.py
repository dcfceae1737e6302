"""Going through a syntax tree: its nodes, and the same tree with some replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from aerodbapi.grammar import ast

__all__ = ["nodes", "substitute", "transform"]

_Node = TypeVar("_Node")


def _fields(node: Any) -> tuple[str, ...] | None:
    """The names of the fields that hold the parts of a node; None for what is no node."""
    return _names(type(node))


@cache
def _names(cls: Hashable) -> tuple[str, ...] | None:
    assert isinstance(cls, type)
    if cls.__module__ != ast.__name__ or cls is ast.Span:
        return None
    return tuple(f.name for f in dataclasses.fields(cls) if f.name not in ("span", "relational"))


def nodes(node: Any) -> Iterator[Any]:
    """Yield `node` and every node below it, outermost first, in the order of the fields."""
    pending = [node]
    while pending:
        current = pending.pop()
        if type(current) is tuple:
            pending.extend(reversed(current))
            continue
        names = _fields(current)
        if names is not None:
            yield current
            pending.extend(getattr(current, name) for name in reversed(names))


def transform(node: _Node, change: Callable[[Any], Any]) -> _Node:
    """Return `node` with `change` applied to every node, innermost first; spans stay."""
    if type(node) is tuple:
        return tuple(transform(part, change) for part in node)  # type: ignore[attr-defined, return-value]
    names = _fields(node)
    if names is None:
        return node
    old = {name: getattr(node, name) for name in names}
    new = {name: transform(value, change) for name, value in old.items()}
    changed = any(new[name] is not old[name] for name in names)
    result: _Node = change(dataclasses.replace(node, **new) if changed else node)  # type: ignore[type-var]
    return result


def substitute(node: _Node, values: Sequence[Any]) -> _Node:
    """Return `node` with `Literal(values[i])` for every Parameter i; for printing and tests."""

    def change(part: Any) -> Any:
        if isinstance(part, ast.Parameter):
            return ast.Literal(values[part.index], span=part.span)
        return part

    return transform(node, change)
