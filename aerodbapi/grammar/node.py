"""What every node of the syntax tree is, and its place in the text."""

from __future__ import annotations

from aerodbapi.frozen import frozen

__all__ = ["Node", "Span"]


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
