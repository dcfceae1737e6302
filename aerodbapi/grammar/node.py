"""What every node of the syntax tree is, and its place in the text."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Final

from aerodbapi.frozen import frozen

__all__ = ["SPAN", "Node", "Span"]


@frozen
class Span:
    """Where a node stands: characters `start` to `end` of the text, `line` and `column` from 1."""

    start: int
    end: int
    line: int
    column: int


class Node:
    """Base of the syntax tree's nodes: frozen, and equal whatever their places are."""

    __slots__ = ()


#: The field of a node that tells its place; no part of its meaning.
SPAN: Final[Any] = field(default=None, compare=False, repr=False)
