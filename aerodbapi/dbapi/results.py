"""What an execution gives, before any cursor: rows with their columns, or a count."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from aerodbapi.errors import OperationalError
from aerodbapi.types import TypeCode

if TYPE_CHECKING:
    from aerodbapi.plan.operations import OutputColumn

__all__ = ["Description", "Outcome", "Window", "describe"]

#: One column of `cursor.description` (PEP 249): name, type code, display size, internal size,
#: precision, scale, whether it may be NULL.
Description = tuple[str, TypeCode, None, None, Union[int, None], Union[int, None], bool]


@dataclass(slots=True)
class Outcome:
    """What a statement without columns did. `rowcount` -1: not known.

    `rows`: the records (`projection.Row`) that RETURNING shows, in order; `returned`: the source
    and the rows that executemany made of them.
    """

    rowcount: int = -1
    lastrowid: Any = None
    messages: list[str] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    returned: Any = None

    def add(self, other: Outcome) -> None:
        """Take the outcome of a further execution in."""
        known = min(self.rowcount, other.rowcount) >= 0
        self.rowcount = self.rowcount + other.rowcount if known else -1
        self.rows += other.rows
        self.messages += other.messages


def describe(columns: Sequence[OutputColumn]) -> tuple[Description, ...]:
    """The description of a result; every column may be NULL."""
    return tuple(map(_described, columns))


def _described(column: OutputColumn) -> Description:
    """Name, type code, precision and scale of a DECIMAL; whatever else PEP 249 has is not known."""
    code, _, size = column.type.partition("(")
    if not size:
        return column.name, TypeCode(code), None, None, None, None, True
    precision, _, scale = size.rstrip(")").partition(",")
    return column.name, TypeCode(code), None, None, int(precision), int(scale or 0), True


class Window:
    """LIMIT and OFFSET over batches of rows. Without a count every row is wanted.

    `finish` makes rows of what was emitted (None: they are rows already). `most`: the rows that
    the connection lets a statement give (`max_rows`), 0 any number; `given`: those given so far.
    """

    __slots__ = ("finish", "given", "left", "most", "skip")

    def __init__(self, count: int | None, offset: int | None) -> None:
        self.finish: Callable[[list[Any]], list[Any]] | None = None
        self.left = count
        self.skip = offset or 0
        self.most = self.given = 0

    def full(self) -> bool:
        """Tell whether no further row is wanted."""
        return self.left == 0

    def cut(self, rows: list[Any]) -> list[Any]:
        """The part of the next batch that lies inside the window."""
        if self.skip:
            dropped = min(self.skip, len(rows))
            self.skip -= dropped
            rows = rows[dropped:]
        if self.left is not None:
            rows = rows[: self.left]
            self.left -= len(rows)
        if self.finish is not None:
            rows = self.finish(rows)
        if self.most:
            self.given += len(rows)
            if self.given > self.most:
                raise OperationalError(
                    f"the statement gives more than {self.most} rows (max_rows={self.most}): say "
                    "LIMIT, ask for less, or connect with a larger max_rows"
                )
        return rows

    def over(self, batches: Generator[list[Any], None, None]) -> Generator[list[Any], None, None]:
        """Yield the window's batches, and close the source as soon as no more is wanted."""
        try:
            if self.full():
                return
            for rows in batches:
                yield self.cut(rows)
                if self.full():
                    return
        finally:
            batches.close()
