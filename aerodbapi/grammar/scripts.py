"""A script → its statements: cuts at `;`, but not inside quotes and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aerodbapi.grammar import tokens

__all__ = ["statements"]

# A quote or comment that is not closed swallows the rest, so that its statement is refused whole.
_UNIT: Final = re.compile(
    rf"(?P<SKIP>{tokens.COMMENT})|{tokens.AQL_QUOTED}|(?P<END>;)|['\"](?s:.*)|/\*(?s:.*)"
    r"|[^;'\"#/\-\n]+|.",
    re.DOTALL,
)


def statements(text: str) -> Iterator[tuple[str, int]]:
    """Yield each statement of `text`, without its `;`, and the offset where it begins.

    Comments before a statement are passed over, and so are empty statements.
    """
    start = position = tokens.SPACE.match(text).end()  # type: ignore[union-attr]
    while position < len(text):
        found = _UNIT.match(text, position)
        assert found is not None  # the last alternative takes anything
        position = found.end()
        if found.lastgroup == "END":
            if found.start() > start:
                yield text[start : found.start()].rstrip(), start
            start = position = tokens.SPACE.match(text, position).end()  # type: ignore[union-attr]
    if start < len(text):
        yield text[start:].rstrip(), start
