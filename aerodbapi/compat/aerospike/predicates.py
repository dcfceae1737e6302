"""Predicates of queries, as the tuples that Query.where() takes.

(EQUAL or RANGE, datatype, bin, value[, value][, collection]); None for values of a type that no
index has, which where() then refuses.
"""

from __future__ import annotations

import builtins
import json
from typing import Any, Union

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.raising import param_error

__all__ = [
    "between",
    "contains",
    "equals",
    "geo_contains_geojson_point",
    "geo_contains_point",
    "geo_within_geojson_region",
    "geo_within_radius",
    "range",
]

_EQUAL, _RANGE = 0, 1
Predicate = Union["tuple[Any, ...]", None]


def _datatype(value: Any) -> int | None:
    if isinstance(value, int):
        return a.INDEX_NUMERIC
    if isinstance(value, str):
        return a.INDEX_STRING
    return a.INDEX_BLOB if isinstance(value, (bytes, bytearray)) else None


def equals(bin: str, val: Any, /) -> Predicate:
    """The bin equals an integer, text or bytes."""
    datatype = _datatype(val)
    return None if datatype is None else (_EQUAL, datatype, bin, val)


def between(bin: str, min: Any, max: Any, /) -> Predicate:
    """The bin is an integer in a range, both ends included."""
    if not isinstance(min, int) or not isinstance(max, int):
        return None
    return (_RANGE, a.INDEX_NUMERIC, bin, min, max)


def contains(bin: str, index_type: Any, val: Any, /) -> Predicate:
    """The bin's list or map holds a value; `index_type` is INDEX_TYPE_*."""
    datatype = _datatype(val)
    if datatype is None or not isinstance(index_type, int):
        return None
    return (_EQUAL, datatype, bin, val, None, index_type)


def range(bin: str, index_type: int, min: int, max: int, /) -> Predicate:
    """The bin's list or map holds an integer in a range, both ends included."""
    if not all(isinstance(value, int) for value in (index_type, min, max)):
        return None
    return (_RANGE, a.INDEX_NUMERIC, bin, min, max, index_type)


def geo_within_geojson_region(bin: str, shape: str, index_type: int = 0, /) -> Predicate:
    """The bin's point lies within a region, given as GeoJSON text."""
    return _geo(bin, shape, index_type)


def geo_contains_geojson_point(bin: str, point: str, index_type: int = 0, /) -> Predicate:
    """The bin's region contains a point, given as GeoJSON text."""
    return _geo(bin, point, index_type)


def _geo(bin: str, shape: Any, index_type: int) -> Predicate:
    if not isinstance(shape, str):
        return None
    return (_RANGE, a.INDEX_GEO2DSPHERE, bin, shape, None, index_type)


def geo_within_radius(
    bin: Any, long: float, lat: float, radius_meters: float, index_type: int = 0, /
) -> Predicate:
    """The bin's point lies within a circle."""
    if not _is_bin(bin) or not _numbers(long, lat, radius_meters):
        param_error(
            "Latitude, longitude and radius should be integer or double type, bin of string type"
        )
    shape = {"type": "AeroCircle", "coordinates": [[long, lat], radius_meters]}
    return _geo(bin, json.dumps(shape), index_type)


def geo_contains_point(bin: Any, long: float, lat: float, index_type: int = 0, /) -> Predicate:
    """The bin's region contains a point."""
    if not _is_bin(bin) or not _numbers(long, lat):
        param_error("Latitude and longitude should be integer or double type, bin of string type")
    return _geo(bin, json.dumps({"type": "Point", "coordinates": [long, lat]}), index_type)


def _is_bin(bin: builtins.object) -> bool:
    """None stands for the bin where the index is of an expression."""
    return bin is None or isinstance(bin, str)


def _numbers(*values: builtins.object) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
