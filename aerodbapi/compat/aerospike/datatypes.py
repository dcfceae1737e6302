"""The classes of values: GeoJSON, KeyOrderedDict, null, CDTInfinite, CDTWildcard."""

from __future__ import annotations

import json
from typing import Any, cast

from aerodbapi import types
from aerodbapi.compat.aerospike.raising import client_error, param_error

__all__ = [
    "CDTInfinite",
    "CDTWildcard",
    "GeoJSON",
    "KeyOrderedDict",
    "geodata",
    "geojson",
    "null",
]


class GeoJSON:
    """A shape: a dictionary or JSON text."""

    __slots__ = ("geo_data",)

    def __init__(self, *data: Any) -> None:
        if len(data) != 1:
            param_error("GeoJSON() expects exactly 1 parameter")
        if isinstance(data[0], dict):
            self.geo_data: Any = data[0]
        else:
            self.geo_data = _parsed(
                data[0], "Geospatial data should be a dictionary or raw GeoJSON string"
            )

    def wrap(self, geo_data: dict[str, Any], /) -> int:
        """Take a dictionary as the shape."""
        if not isinstance(geo_data, dict):
            param_error("Geospatial data should be a dictionary or raw GeoJSON string")
        self.geo_data = geo_data
        return 0

    def unwrap(self) -> dict[str, Any]:
        """The shape as a dictionary."""
        return cast("dict[str, Any]", self.geo_data)

    def loads(self, raw_geo: str, /) -> int:
        """Take JSON text as the shape."""
        self.geo_data = _parsed(raw_geo, "Argument should be a GeoJSON string")
        return 0

    def dumps(self) -> str:
        """The shape as JSON text."""
        try:
            return json.dumps(self.geo_data)
        except (TypeError, ValueError):
            client_error("Unable to call get data in str format")

    def __str__(self) -> str:
        return self.dumps()

    def __repr__(self) -> str:
        return f"'{self.dumps()}'"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GeoJSON) and self.geo_data == other.geo_data

    def __hash__(self) -> int:
        return hash(self.dumps())


def _parsed(text: Any, complaint: str) -> Any:
    if not isinstance(text, str):
        param_error(complaint)
    try:
        shape = json.loads(text)
    except ValueError:
        client_error("String is not GeoJSON serializable -> Unable to load GeoJSON")
    if not isinstance(shape, dict):
        param_error(complaint)
    return shape


def geodata(geo_data: dict[str, Any]) -> GeoJSON:
    """A shape from a dictionary."""
    if not isinstance(geo_data, dict):
        param_error("The geospatial data should be a dictionary")
    return GeoJSON(geo_data)


def geojson(geojson_str: str) -> GeoJSON:
    """A shape from JSON text."""
    if not isinstance(geojson_str, str):
        param_error("The geospatial data should be a GeoJSON string")
    return GeoJSON(geojson_str)


class KeyOrderedDict(types.KeyOrderedDict):
    """A map that the server keeps sorted by key."""

    __slots__ = ()
    __repr__ = dict.__repr__


class null:  # noqa: N801 (the official client's name)
    """Put into a bin it removes it, as None does."""


class CDTInfinite:
    """Greater than every value, in list and map ranges."""

    def __init__(self, *_: Any) -> None:
        pass


class CDTWildcard:
    """Equal to every value from its place on, in list and map comparisons."""

    def __init__(self, *_: Any) -> None:
        pass
