"""What every node of the syntax tree is: its place, and when two are equal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

__all__ = ["Node", "Span", "parts"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stands: characters `start` to `end` of the text, `line` and `column` from 1."""

    start: int
    end: int
    line: int
    column: int


class Node:
    """Base of the nodes below: equal when their types and their parts are, whatever their places.

    Written once here rather than generated for each class, which would double the import's time.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in parts(type(self)))

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in parts(type(self)))))

    def __repr__(self) -> str:
        shown = []
        for entry in fields(self):  # type: ignore[arg-type]
            value = getattr(self, entry.name)
            if entry.compare and value is not entry.default and value != entry.default:
                shown.append(f"{entry.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


_PARTS: Final[dict[type, tuple[str, ...]]] = {}


def parts(cls: type) -> tuple[str, ...]:
    """Return the names of a node's fields, without those that only say where it stands."""
    if cls not in _PARTS:
        _PARTS[cls] = tuple(entry.name for entry in fields(cls) if entry.compare)
    return _PARTS[cls]
