"""Going through a syntax tree: its nodes, and the same tree with some replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from aerodbapi.frozen import compared, replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.node import Node

__all__ = ["nodes", "placed", "substitute", "transform"]

_Node = TypeVar("_Node")


def _fields(node: Any) -> tuple[str, ...] | None:
    """The names of the fields that hold the parts of a node; None for what is no node."""
    return compared(type(node)) if isinstance(node, Node) else None


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
    result: _Node = change(replace(node, **new) if changed else node)
    return result


def placed(node: _Node, like: Any) -> _Node:
    """Return `node` with the places of `like`, a tree of the same build."""
    if type(node) is tuple and type(like) is tuple:
        return tuple(map(placed, node, like))  # type: ignore[call-overload, return-value]
    names = _fields(node)
    if names is None or _fields(like) is None:
        return node
    changes: dict[str, Any] = {"span": like.span} if hasattr(node, "span") else {}
    if type(node) is type(like):
        changes |= {name: placed(getattr(node, name), getattr(like, name)) for name in names}
        if hasattr(like, "relational"):
            changes["relational"] = like.relational
    return replace(node, **changes)


def substitute(node: _Node, values: Sequence[Any]) -> _Node:
    """Return `node` with `Literal(values[i])` for every Parameter i; for printing and tests."""

    def change(part: Any) -> Any:
        if isinstance(part, ast.Parameter):
            return ast.Literal(values[part.index], span=part.span)
        return part

    return transform(node, change)
