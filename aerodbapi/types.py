"""Values that Python has no type for, and PEP 249's type objects and constructors.

Values: `GeoJSON`, `HyperLogLog`, `KeyOrderedDict`, `INFINITY`, `WILDCARD`.
PEP 249: `TypeCode` (what `description` carries), `STRING BINARY NUMBER DATETIME ROWID`,
`Date Time Timestamp DateFromTicks TimeFromTicks TimestampFromTicks Binary`.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Hashable
from typing import Any, Final

__all__ = [
    "BINARY",
    "DATETIME",
    "INFINITY",
    "NUMBER",
    "ROWID",
    "STRING",
    "WILDCARD",
    "Binary",
    "Date",
    "DateFromTicks",
    "GeoJSON",
    "HyperLogLog",
    "KeyOrderedDict",
    "Marker",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "TypeCode",
    "TypeObject",
]


class GeoJSON:
    """A GeoJSON shape. `text` is kept exactly as given; `value` is the parsed object.

    Takes JSON text or a mapping. Raises ValueError when text is not a JSON object.
    Two shapes are equal when their parsed objects are.
    """

    __slots__ = ("text",)

    def __init__(self, shape: str | dict[str, Any]) -> None:
        self.text: str = shape if isinstance(shape, str) else json.dumps(shape)
        if isinstance(shape, str) and not isinstance(_parse(shape), dict):
            raise ValueError(f"GeoJSON is a JSON object, not {shape[:40]!r}")

    @classmethod
    def trusted(cls, text: str) -> GeoJSON:
        """Wrap text that a server has checked already."""
        shape = cls.__new__(cls)
        shape.text = text
        return shape

    @property
    def value(self) -> Any:
        return _parse(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GeoJSON) and (self.text == other.text or self.value == other.value)

    def __hash__(self) -> int:
        return hash(json.dumps(self.value, sort_keys=True))

    def __repr__(self) -> str:
        return f"GeoJSON({self.text!r})"

    def __str__(self) -> str:
        return self.text


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"GeoJSON is not JSON: {error}") from None


class HyperLogLog(bytes):
    """An HLL bin's value: the server's registers, opaque to programs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"HyperLogLog({bytes.__repr__(self)})"

    __str__ = __repr__


class KeyOrderedDict(dict[Any, Any]):
    """A map that the server keeps sorted by key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"KeyOrderedDict({dict.__repr__(self)})"


class Marker:
    """A value that only compares: the end of an open range, or a match for anything."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


#: Greater than every value, in list and map ranges.
INFINITY: Final = Marker("INFINITY")
#: Equal to every value from its position on, in list and map comparisons.
WILDCARD: Final = Marker("WILDCARD")


class TypeCode(str):
    """A column's type in `description`: its SQL name, equal to its PEP 249 type object too.

    The names are BIGINT DOUBLE BOOLEAN VARCHAR BLOB JSON GEOJSON HLL, of declared columns and of
    expressions DECIMAL DATE TIME TIMESTAMP TIMESTAMPTZ UUID too; data-frame libraries choose
    their column types by them.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypeObject):
            return other == self
        return str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class TypeObject(Hashable):
    """One of PEP 249's type objects: equal to every type code that it stands for."""

    __slots__ = ("codes", "name")

    def __init__(self, name: str, *codes: str) -> None:
        self.name = name
        self.codes = frozenset(codes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypeObject):
            return self.codes == other.codes
        return isinstance(other, str) and str.__str__(other) in self.codes

    def __hash__(self) -> int:
        return hash(self.codes)

    def __repr__(self) -> str:
        return self.name


STRING: Final = TypeObject("STRING", "VARCHAR", "JSON", "GEOJSON", "UUID")
BINARY: Final = TypeObject("BINARY", "BLOB", "HLL")
NUMBER: Final = TypeObject("NUMBER", "BIGINT", "DOUBLE", "BOOLEAN", "INTEGER", "DECIMAL")
DATETIME: Final = TypeObject("DATETIME", "TIMESTAMP", "TIMESTAMPTZ", "DATE", "TIME")
ROWID: Final = TypeObject("ROWID", "DIGEST")

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> datetime.date:  # noqa: N802 (PEP 249's name)
    """Local date of `ticks` seconds since the epoch."""
    return datetime.date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> datetime.time:  # noqa: N802 (PEP 249's name)
    """Local time of day of `ticks` seconds since the epoch."""
    return datetime.time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> datetime.datetime:  # noqa: N802 (PEP 249's name)
    """Local date and time of `ticks` seconds since the epoch."""
    return datetime.datetime(*time.localtime(ticks)[:6])
