"""Rows → Arrow record batches, for reads whose records are looked at on the way.

Each row has the values of the columns, then the user key and the digest of its record. A value
that does not fit its column raises Misfit, which names it: nothing is bent or dropped.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import pyarrow as pa

from aerodbapi.plan.kinds import TYPE_CODES, kind_of
from aerodbapi.plan.operations import InputColumn
from aerodbapi.relational.literals import variant
from aerodbapi.relational.types import arrow_type
from aerodbapi.types import GeoJSON, HyperLogLog

__all__ = ["Misfit", "column_array", "record_batch", "result_batch", "schema_of"]


class Looked(Protocol):
    """Something by row, of which few are looked at."""

    def __getitem__(self, index: int, /) -> Any: ...


class Misfit(Exception):
    """A value that its column has no place for; whoever planned decides what becomes of it."""

    def __init__(self, column: InputColumn, value: Any, key: Any, digest: bytes | None) -> None:
        super().__init__(column.name)
        self.column = column
        self.value = value
        self.key = key
        self.digest = digest

    @property
    def kind(self) -> str:
        return kind_of(self.value)

    def record(self) -> str:
        """Name the record, for an error."""
        if self.key is not None:
            return f"the record with PK {self.key!r}"
        return f"the record {self.digest.hex() if self.digest else 'that was computed'}"


def schema_of(columns: Sequence[InputColumn], names: Iterable[str]) -> Any:
    """The Arrow schema of an input; without columns a dummy stands for the number of rows."""
    fields = [pa.field(name, arrow_type(column.type)) for name, column in zip(names, columns)]
    return pa.schema(fields or [pa.field("_", pa.bool_())])


def record_batch(rows: Sequence[Sequence[Any]], columns: Sequence[InputColumn], schema: Any) -> Any:
    """Build a batch of rows."""
    if not columns:
        return pa.record_batch([pa.nulls(len(rows), pa.bool_())], schema=schema)
    cells = list(zip(*rows)) if rows else [()] * (len(columns) + 2)
    arrays = [
        column_array(values, column, field.type, cells[-2], cells[-1])
        for values, column, field in zip(cells, columns, schema)
    ]
    return pa.record_batch(arrays, schema=schema)


def result_batch(rows: Sequence[Sequence[Any]], columns: Sequence[InputColumn], schema: Any) -> Any:
    """Build a batch of rows that have nothing but the columns."""
    cells = list(zip(*rows)) if rows else [()] * len(columns)
    nothing = [None] * len(rows)
    arrays = [
        column_array(values, column, field.type, nothing, nothing)
        for values, column, field in zip(cells, columns, schema)
    ]
    return pa.record_batch(arrays, schema=schema)


def column_array(
    values: Sequence[Any],
    column: InputColumn,
    type: Any,
    keys: Looked,
    digests: Looked,
) -> Any:
    """Build one column. Raises Misfit for the first value that it has no place for."""
    code = column.type.partition("(")[0]
    fitting, change = _FITTING.get(code, (None, variant))
    if fitting is not None and not fitting.issuperset(map(_type_of, values)):
        for index, value in enumerate(values):
            if _type_of(value) not in fitting and TYPE_CODES.get(kind_of(value)) != code:
                raise Misfit(column, value, keys[index], digests[index])
    if change is not None:
        values = [None if value is None else change(value) for value in values]
    try:
        return pa.array(values, type=type)
    except UnicodeEncodeError:
        return pa.array([_readable(value) for value in values], type=type)


_type_of = type
_NONE: Final = type(None)


def _readable(value: Any) -> Any:
    """Text that was not UTF-8: what cannot be read of it is shown as such."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def _fits(*types: type) -> frozenset[type]:
    return frozenset([_NONE, *types])


#: Type code → the types of its values, and how they become Arrow's. Others are variants.
_FITTING: Final[dict[str, tuple[frozenset[type], Callable[[Any], Any] | None]]] = {
    "BIGINT": (_fits(int), None),
    "INTEGER": (_fits(int), None),
    "DOUBLE": (_fits(float, int), float),
    "BOOLEAN": (_fits(bool), None),
    "VARCHAR": (_fits(str), None),
    "BLOB": (_fits(bytes, bytearray), None),
    "HLL": (_fits(HyperLogLog), bytes),
    "GEOJSON": (_fits(GeoJSON), lambda value: value.text),
    "UUID": (_fits(uuid.UUID), str),
    "DATE": (_fits(datetime.date), None),
    "TIME": (_fits(datetime.time), None),
    "TIMESTAMP": (_fits(datetime.datetime), None),
    "TIMESTAMPTZ": (_fits(datetime.datetime), None),
    "DECIMAL": (_fits(decimal.Decimal), None),
    "NULL": (_fits(), None),
}
