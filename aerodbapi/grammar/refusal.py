"""`Refusal`: what the lexer and the builders raise, a reason and a place; `complaints` words it."""

from __future__ import annotations

from aerodbapi import errors
from aerodbapi.grammar.ast import Span

__all__ = ["Refusal", "refuse"]


class Refusal(Exception):
    """Text is refused from `start` to `end`, for the reason `message`, as an error of `kind`."""

    def __init__(
        self,
        start: int,
        end: int,
        message: str,
        *,
        hint: str = "",
        kind: type[errors.Error] = errors.SyntaxError,
    ) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.message = message
        self.hint = hint
        self.kind = kind


def refuse(
    span: Span | None,
    message: str,
    *,
    hint: str = "",
    kind: type[errors.Error] = errors.SyntaxError,
) -> Refusal:
    """Build the refusal of a node's text."""
    place = span or Span(0, 0, 1, 1)
    return Refusal(place.start, place.end, message, hint=hint, kind=kind)
