"""Records become rows: the residual predicate, the select list, and SELECT *'s late columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from aerodbapi.grammar.ast import Column, Expr
from aerodbapi.plan.evaluate import compile_predicate, compile_row
from aerodbapi.plan.kinds import TYPE_CODES, kind_of
from aerodbapi.plan.operations import OutputColumn, Project

__all__ = ["Projection", "Row", "RowBuilder"]


class Row(NamedTuple):
    """A record as the evaluator sees it. `ttl` in seconds, -1 for never; `set` "" for none."""

    bins: dict[str, Any]
    key: Any
    digest: bytes | None
    generation: int
    ttl: int
    set: str


class Projection:
    """The compiled select list and residual of a plan; `bind` makes a builder per execution."""

    def __init__(self, project: Project, predicate: Expr | None) -> None:
        self.columns = project.columns
        self.star = project.star
        self._make = compile_row([column.source for column in project.columns])
        self._keep = compile_predicate(predicate) if predicate is not None else None
        self._known = frozenset(
            column.source.name for column in project.columns if isinstance(column.source, Column)
        )

    def bind(self, values: Sequence[Any], *, checked: bool = False) -> RowBuilder:
        """`checked`: the server's answer was exact, so the residual need not be looked at."""
        keep = self._keep(values) if self._keep is not None and not checked else None
        return RowBuilder(self, self._make(values), keep)


class RowBuilder:
    """Builds one execution's rows. `names` and `types` grow when SELECT * meets new bins."""

    __slots__ = ("_extra", "_keep", "_known", "_make", "_star", "columns", "fixed", "unseen")

    def __init__(
        self,
        projection: Projection,
        make: Callable[[Any], tuple[Any, ...]],
        keep: Callable[[Any], Any] | None,
    ) -> None:
        self._make = make
        self._keep = keep
        self._star = projection.star
        self._known = projection._known
        self._extra: dict[str, None] = {}
        self.columns: tuple[OutputColumn, ...] = projection.columns
        #: Once the description has been shown, new bins go to `unseen` instead of `columns`.
        self.fixed = False
        self.unseen: set[str] = set()

    @property
    def filters(self) -> bool:
        """Whether records have to be looked at before they become rows."""
        return self._keep is not None

    def kept(self, records: Iterable[Row]) -> list[bool]:
        """Which records the residual lets through."""
        keep = self._keep
        assert keep is not None
        return [keep(record) is True for record in records]

    def rows(self, records: list[Row]) -> list[tuple[Any, ...]]:
        """The rows of those records that the residual lets through."""
        if self._keep is not None:
            keep = self._keep
            records = [record for record in records if keep(record) is True]
        return self.built(records)

    def built(self, records: list[Row]) -> list[tuple[Any, ...]]:
        """The rows of these records, all of them."""
        if self._star is None:
            return list(map(self._make, records))
        return self._star_rows(records)

    def _star_rows(self, records: list[Row]) -> list[tuple[Any, ...]]:
        known = self._known
        for record in records:
            if not known.issuperset(record.bins):
                self._meet(record.bins)
        make = self._make
        if not self._extra:
            return list(map(make, records))
        star, extra = self._star, tuple(self._extra)
        rows = []
        for record in records:
            row, get = make(record), record.bins.get
            rows.append((*row[:star], *[get(name) for name in extra], *row[star:]))
        return rows

    def _meet(self, bins: dict[str, Any]) -> None:
        """Add bins that the catalog did not know, in the order in which they turn up."""
        new = [name for name in bins if name not in self._known]
        if self.fixed:
            self.unseen.update(name for name in new if name not in self._extra)
            return
        for name in new:
            if name in self._extra:
                continue
            self._extra[name] = None
            column = OutputColumn(name, Column(name), TYPE_CODES.get(kind_of(bins[name]), "JSON"))
            at = (self._star or 0) + len(self._extra) - 1
            self.columns = (*self.columns[:at], column, *self.columns[at:])
