"""What `Query.where` takes: tuples that name one predicate on an indexed bin."""

from __future__ import annotations

import warnings
from typing import Any

__all__ = [
    "between",
    "contains",
    "equals",
    "geo_contains_geojson_point",
    "geo_within_geojson_region",
    "geo_within_radius",
]


def equals(bin_name: str, val: Any) -> tuple[str, str, Any]:
    """The bin equals an integer, text or bytes."""
    return ("equals", bin_name, val)


def between(bin_name: str, min_val: Any, max_val: Any) -> tuple[str, str, Any, Any]:
    """The bin lies in a range of integers, both ends included."""
    return ("between", bin_name, min_val, max_val)


def contains(bin_name: str, index_type: int, val: Any) -> tuple[str, str, int, Any]:
    """The bin's list or map holds a value; `index_type` is INDEX_TYPE_*."""
    return ("contains", bin_name, index_type, val)


def geo_within_geojson_region(bin_name: str, geojson: str) -> tuple[str, str, str]:
    """The bin's point lies within a region."""
    _warn()
    return ("geo_within_geojson_region", bin_name, geojson)


def geo_within_radius(
    bin_name: str, lat: float, lng: float, radius: float
) -> tuple[str, str, float, float, float]:
    """The bin's point lies within `radius` meters of a place."""
    _warn()
    return ("geo_within_radius", bin_name, lat, lng, radius)


def geo_contains_geojson_point(bin_name: str, geojson: str) -> tuple[str, str, str]:
    """The bin's region contains a point."""
    _warn()
    return ("geo_contains_geojson_point", bin_name, geojson)


def _warn() -> None:
    """Say, as aerospike-py does, that the program does not run there."""
    text = "geo predicates are not yet supported by aerospike-py; they work on aerodbapi"
    warnings.warn(text, FutureWarning, stacklevel=3)
