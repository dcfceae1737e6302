"""Text → syntax tree, statements of a script, and the shape that statements share.

The parser, and Lark with it, is imported by the first call of `parse`: a statement whose plan is
cached needs only `lift` and `bind`.
"""

from __future__ import annotations

from aerodbapi.grammar.ast import Statement
from aerodbapi.grammar.binding import bind, binder
from aerodbapi.grammar.render import to_sql
from aerodbapi.grammar.scripts import statements
from aerodbapi.grammar.shape import Placeholder, Shape, lift
from aerodbapi.grammar.walk import nodes, placed, substitute, transform

__all__ = [
    "Placeholder",
    "Shape",
    "bind",
    "binder",
    "keywords",
    "lift",
    "nodes",
    "parse",
    "parse_shape",
    "statements",
    "substitute",
    "to_sql",
    "transform",
]


def keywords() -> frozenset[str]:
    """Return the words that mean something somewhere in a statement; none is reserved."""
    from aerodbapi.grammar import parser

    return parser.keywords()


def parse(text: str, profile: str = "sql") -> Statement:
    """Return the statement that `text` holds; see `parser.parse`."""
    from aerodbapi.grammar import parser

    return parser.parse(text, profile)


def parse_shape(shape: Shape, text: str | None = None) -> Statement:
    """Return the tree of a shape, in which Parameter i stands for value i.

    `text`: what the shape was lifted from; the places in the tree and in errors are then those
    of the text, else those of `shape.key`.
    """
    from aerodbapi.grammar import parser

    if text is None or text == shape.key:
        return parser.parse(shape.key, shape.profile)
    like = parser.parse(text, shape.profile)
    return placed(parser.parse(shape.key, shape.profile), like)
