"""The kinds of value that bins hold, and the type codes that stand for them in a result."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final

from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

__all__ = ["KEY_KINDS", "TYPE_CODES", "kind_of", "parameter_kind", "type_code"]

#: Type code of a column all of whose values are of one kind.
TYPE_CODES: Final[dict[str, str]] = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "str": "VARCHAR",
    "bytes": "BLOB",
    "list": "JSON",
    "map": "JSON",
    "geojson": "GEOJSON",
    "hll": "HLL",
}

#: What a user key can be.
KEY_KINDS: Final = frozenset({"int", "str", "bytes"})

_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    bytearray: "bytes",
    memoryview: "bytes",
    list: "list",
    tuple: "list",
    dict: "map",
    KeyOrderedDict: "map",
    GeoJSON: "geojson",
    HyperLogLog: "hll",
    datetime.datetime: "time",
}

#: For subclasses; the more special first (bool is an int, HyperLogLog is bytes).
_BASES: Final[tuple[tuple[type, str], ...]] = (
    (HyperLogLog, "hll"),
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (bytes, "bytes"),
    (bytearray, "bytes"),
    (list, "list"),
    (tuple, "list"),
    (dict, "map"),
    (GeoJSON, "geojson"),
    (datetime.datetime, "time"),
)


def kind_of(value: Any) -> str:
    """Name the kind of a Python value; "other" for what no bin can hold."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    for base, name in _BASES:
        if isinstance(value, base):
            return name
    return "other"


def parameter_kind(value: Any) -> str:
    """Name the kind of a value to be bound; a list of one kind is "list:int", "list:str", …

    This is what `plan.bind.Context.parameters` takes, and what a plan may depend on.
    """
    kind = kind_of(value)
    if kind != "list" or not value:
        return kind
    kinds = {kind_of(element) for element in value}
    return f"list:{kinds.pop()}" if len(kinds) == 1 else kind


def type_code(kinds: Iterable[str]) -> str:
    """Name the column type that holds all of `kinds`; NULLs do not count.

    One kind gives its own type, integers with doubles DOUBLE, any other mixture (or nothing
    known) JSON.
    """
    names = frozenset(kinds) - {"null"}
    if len(names) == 1:
        return TYPE_CODES.get(next(iter(names)), "JSON")
    if names == {"int", "float"}:
        return "DOUBLE"
    return "JSON"
