"""Results as Arrow: `fetch_arrow_table`, `fetch_record_batch` and `__arrow_c_stream__`.

Batches of the relational engine are handed on as they are. Rows of other statements become
batches whose columns have the types of `description`: lists, maps and columns of several kinds
are JSON text there, and a table widens a column for a value that would not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi import errors
from aerodbapi.dbapi.relating import RelationalSource
from aerodbapi.plan.kinds import kind_of, type_code
from aerodbapi.plan.operations import InputColumn, OutputColumn

if TYPE_CHECKING:
    from aerodbapi.dbapi.reading import RowSource

__all__ = ["Batches"]


class Batches:
    """Makes Arrow of one result. `rows` below are what the cursor's batches hold."""

    def __init__(self, source: RowSource | RelationalSource) -> None:
        try:
            import pyarrow
        except ImportError as error:
            raise errors.NotSupportedError(
                f'Arrow results need pyarrow: pip install "aerodbapi[sql]" ({error})'
            ) from error
        self._arrow = pyarrow
        self._source = source
        self._columns = tuple(map(_column, source.columns))
        if isinstance(source, RelationalSource):
            source.raw = True
            self.schema = source.arrow_schema()
        else:
            from aerodbapi.relational.columns import schema_of

            names = [column.name for column in self._columns]
            self.schema = schema_of(self._columns, names)

    def first(self, rows: list[Any]) -> Any:
        """What was fetched of the engine's last batch but not yet given, instead of its rows."""
        source = self._source
        if isinstance(source, RelationalSource) and source.last is not None:
            return source.last.slice(source.last.num_rows - len(rows))
        return rows

    def batch(self, rows: Any) -> Any:
        """The batch of what the cursor got next. Raises DataError for a value without a place."""
        if isinstance(rows, self._arrow.RecordBatch):
            return self._source.arrow(rows)  # type: ignore[union-attr]  # a RelationalSource's
        from aerodbapi.relational.columns import Misfit, result_batch

        try:
            return result_batch(rows, self._columns, self.schema)
        except Misfit as misfit:
            raise errors.DataError(
                f"{misfit.value!r:.60} does not fit column {misfit.column.name}, which is "
                f"{misfit.column.type}: fetch_arrow_table widens it"
            ) from misfit

    def reader(self, parts: Iterable[Any]) -> Any:
        """What streams the batches."""
        batches = (self.batch(part) for part in parts if len(part))
        return self._arrow.RecordBatchReader.from_batches(self.schema, batches)

    def table(self, parts: Iterable[Any]) -> Any:
        """The table of all that is still to be fetched."""
        if isinstance(self._source, RelationalSource):
            batches = [self.batch(part) for part in parts if len(part)]
            return self._arrow.Table.from_batches(batches, self.schema)
        from aerodbapi.relational.columns import Misfit, result_batch, schema_of

        rows = [row for part in parts for row in part]
        columns = self._columns
        while True:
            schema = schema_of(columns, [column.name for column in columns])
            try:
                return self._arrow.Table.from_batches([result_batch(rows, columns, schema)])
            except Misfit as misfit:
                columns = tuple(
                    _wider(column, index, rows) if column is misfit.column else column
                    for index, column in enumerate(columns)
                )


def _column(column: OutputColumn) -> InputColumn:
    return InputColumn(column.name, column.source, column.type)


def _wider(column: InputColumn, index: int, rows: Sequence[Any]) -> InputColumn:
    """The column with the type that all of its values have a place in."""
    wider = type_code({kind_of(row[index]) for row in rows})
    return InputColumn(column.name, column.source, "JSON" if wider == column.type else wider)
