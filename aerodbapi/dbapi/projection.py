"""Records become rows: the residual predicate, the select list, and SELECT *'s late columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aerodbapi.grammar.ast import Column, Expr
from aerodbapi.plan.evaluate import compile_predicate, compile_row
from aerodbapi.plan.kinds import TYPE_CODES, kind_of
from aerodbapi.plan.operations import OutputColumn, Project

if TYPE_CHECKING:
    from aerodbapi.dbapi.statistics import Meter

__all__ = ["Projection", "Row", "RowBuilder"]


#: Takes bins, with a value each, that turned up unexpectedly.
Learn = Callable[[dict[str, Any]], None]


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
        self.known = frozenset(
            column.source.name for column in project.columns if isinstance(column.source, Column)
        )

    def bind(
        self, values: Sequence[Any], *, checked: bool = False, learn: Learn | None = None
    ) -> RowBuilder:
        """Make a builder. `checked`: the server's answer is exact, the residual is not looked at.

        `learn` is told of bins that the columns of SELECT * lack.
        """
        keep = self._keep(values) if self._keep is not None and not checked else None
        return RowBuilder(self, self._make(values), keep, learn)


class RowBuilder:
    """Builds one execution's rows.

    Rows of SELECT * depend on the bins met before them, so they are built where they are read:
    `items` passes their records on, and `finish` makes the rows. All others `items` builds at
    once, on whatever thread reads the stream. `finish` is None where there is nothing to do.
    """

    __slots__ = (
        "_columns",
        "_extra",
        "_keep",
        "_known",
        "_learn",
        "_make",
        "fixed",
        "meter",
        "star",
        "unseen",
    )

    def __init__(
        self,
        projection: Projection,
        make: Callable[[Any], tuple[Any, ...]],
        keep: Callable[[Any], Any] | None,
        learn: Learn | None,
    ) -> None:
        self._make = make
        self._keep = keep
        self._learn = learn
        self._known = projection.known
        self._columns = projection.columns
        self.star = projection.star
        #: Bins that the catalog did not know, with the first value met.
        self._extra: dict[str, Any] = {}
        #: Once the columns are settled, new bins go to `unseen` instead.
        self.fixed = False
        self.meter: Meter | None = None
        self.unseen: set[str] = set()

    @property
    def columns(self) -> tuple[OutputColumn, ...]:
        """The columns as known now."""
        if not self._extra:
            return self._columns
        extra = [
            OutputColumn(name, Column(name), TYPE_CODES.get(kind_of(value), "JSON"))
            for name, value in self._extra.items()
        ]
        return (*self._columns[: self.star], *extra, *self._columns[self.star :])

    @property
    def filters(self) -> bool:
        """Whether records have to be looked at before they become rows."""
        return self._keep is not None

    @property
    def finish(self) -> Callable[[list[Row]], list[tuple[Any, ...]]] | None:
        """What makes rows of items, on the reader's side."""
        return None if self.star is None else self._star_rows

    def kept(self, records: Iterable[Row]) -> list[bool]:
        """Which records the residual lets through."""
        keep = self._keep
        assert keep is not None
        return [keep(record) is True for record in records]

    def items(self, records: list[Row]) -> list[Any]:
        """What to emit for those records that the residual lets through."""
        if self._keep is not None:
            keep = self._keep
            if self.meter is not None:
                self.meter.looked(len(records))
            records = [record for record in records if keep(record) is True]
        return self.built(records)

    def built(self, records: list[Row]) -> list[Any]:
        """What to emit for these records, all of them."""
        return records if self.star is not None else list(map(self._make, records))

    def rows(self, records: list[Row]) -> list[tuple[Any, ...]]:
        """The finished rows of those records that the residual lets through."""
        items = self.items(records)
        return items if self.star is None else self._star_rows(items)

    def _star_rows(self, records: list[Row]) -> list[tuple[Any, ...]]:
        known = self._known
        for record in records:
            if not known.issuperset(record.bins):
                self._meet(record.bins)
        make = self._make
        if not self._extra:
            return list(map(make, records))
        star, extra = self.star, tuple(self._extra)
        rows = []
        for record in records:
            row, bins = make(record), record.bins
            if bins is self._extra:
                values = [*bins.values()]
            else:
                get = bins.get
                values = [get(name) for name in extra]
            rows.append((*row[:star], *values, *row[star:]))
        return rows

    def _meet(self, bins: dict[str, Any]) -> None:
        """Take up bins that the catalog did not know, in the order in which they turn up."""
        new = bins
        if self._extra or self.fixed or not self._known.isdisjoint(bins):
            met = (self._known, self._extra, self.unseen)
            new = {name: value for name, value in bins.items() if not any(name in m for m in met)}
        if self.fixed:
            self.unseen.update(new)
        else:
            # Never changed in place: the first may be the first record's own bins.
            self._extra = {**self._extra, **new} if self._extra else new
        if new and self._learn is not None:
            self._learn(new)
