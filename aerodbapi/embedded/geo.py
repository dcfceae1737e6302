"""GeoJSON on the sphere: points in regions, the cells that index a shape, query ranges.

The only user of s2geometry (extra `geo`), which is imported when the first shape comes.
Shapes are Point, Polygon (with holes), MultiPolygon and AeroCircle, bare or as a Feature's
geometry (server source: geojson.cc, geospatial.cc). Functions take JSON text as UTF-8 bytes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import frozen

__all__ = [
    "InvalidShape",
    "Shape",
    "cells",
    "match",
    "parse",
    "particle",
    "query_ranges",
    "require",
    "text_of",
    "valid",
]

EARTH_RADIUS_METRES: Final = 6_371_000.0
_MAX_CELLS: Final = 12
_STORED_LEVELS: Final = (1, 30)
_QUERY_LEVELS: Final = (1, 20)
_IS_REGION: Final = 1


class InvalidShape(errors.InvalidGeoJSON):
    """Text that is no shape the server understands (result code 160)."""


@frozen
class Shape:
    """A point (`cell` is its S2 leaf cell) or a region (`cell` is 0)."""

    cell: int
    region: Any


def require() -> Any:
    """Import s2geometry; raises errors.UnsupportedFeature (16) when it is not installed."""
    try:
        import s2geometry
    except ImportError:
        raise errors.UnsupportedFeature(
            'geo indexes and queries need s2geometry: pip install "aerodbapi[geo]"'
        ) from None
    return s2geometry


@lru_cache(maxsize=4096)
def parse(text: bytes) -> Shape:
    """Read a shape; raises InvalidShape, or UnsupportedFeature without s2geometry."""
    s2 = require()
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        if not isinstance(document, dict):
            raise InvalidShape("GeoJSON is a JSON object")
        kind = document.get("type")
        if kind == "Feature":
            document = document.get("geometry")
            if not isinstance(document, dict):
                raise InvalidShape("a feature without a geometry")
            kind = document.get("type")
        make = _SHAPES.get(kind) if isinstance(kind, str) else None
        if make is None:
            raise InvalidShape(f"no shape of type {kind!r:.40}")
        return make(s2, document.get("coordinates"))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidShape(f"not GeoJSON: {error}") from None


def valid(text: bytes) -> bool:
    """Tell whether text is a shape; raises UnsupportedFeature without s2geometry."""
    try:
        parse(text)
    except InvalidShape:
        return False
    return True


def _refuse_constant(name: str) -> float:
    raise InvalidShape(f"{name} is not JSON")


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidShape("coordinates are arrays")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidShape("a coordinate that is no number")
    return float(value)


def _vertex(s2: Any, value: Any) -> Any:
    longitude, latitude = (_number(part) for part in _pair(value))
    place = s2.S2LatLng.FromDegrees(latitude, longitude)
    if not place.is_valid():
        raise InvalidShape(f"no place has longitude {longitude} and latitude {latitude}")
    return place.ToPoint()


def _pair(value: Any) -> list[Any]:
    if len(_array(value)) != 2:
        raise InvalidShape(f"{len(value)} coordinates, not 2")
    pair: list[Any] = value
    return pair


def _point(s2: Any, coordinates: Any) -> Shape:
    return Shape(s2.S2CellId(_vertex(s2, coordinates)).id(), None)


def _loop(s2: Any, vertices: Any) -> Any:
    points: list[Any] = []
    places: list[tuple[float, float, float]] = []
    for vertex in _array(vertices):
        point = _vertex(s2, vertex)
        place = (point.x(), point.y(), point.z())
        if not places or places[-1] != place:
            points.append(point)
            places.append(place)
    if len(points) < 4:
        raise InvalidShape("a loop of less than 4 points")
    if places[0] != places[-1]:
        raise InvalidShape("a loop that is not closed")
    loop = s2.S2Loop()
    loop.Init(points[:-1])
    loop.Normalize()
    return loop


def _polygon_region(s2: Any, loops: Any) -> Any:
    polygon = s2.S2Polygon()
    polygon.InitNested([_loop(s2, loop) for loop in _array(loops)])
    return polygon


def _polygon(s2: Any, coordinates: Any) -> Shape:
    return Shape(0, _polygon_region(s2, coordinates))


def _multi_polygon(s2: Any, coordinates: Any) -> Shape:
    union = s2.S2Polygon()
    for loops in _array(coordinates):
        joined = s2.S2Polygon()
        joined.InitToUnion(union, _polygon_region(s2, loops))
        union = joined
    return Shape(0, union)


def _circle(s2: Any, coordinates: Any) -> Shape:
    centre, radius = _pair(coordinates)
    angle = s2.S1Angle.Radians(_number(radius) / EARTH_RADIUS_METRES)
    return Shape(0, s2.S2Cap(_vertex(s2, centre), angle))


_SHAPES: Final = {
    "Point": _point,
    "Polygon": _polygon,
    "MultiPolygon": _multi_polygon,
    "AeroCircle": _circle,
}


def _covering(region: Any, levels: tuple[int, int]) -> list[Any]:
    coverer = require().S2RegionCoverer()
    coverer.set_min_level(levels[0])
    coverer.set_max_level(levels[1])
    coverer.set_max_cells(_MAX_CELLS)
    coverer.set_level_mod(1)
    return list(coverer.GetCovering(region))


@lru_cache(maxsize=4096)
def cells(text: bytes) -> tuple[int, ...]:
    """Give the S2 cells that index a shape: a point's leaf, or a region's covering.

    Raises InvalidShape and UnsupportedFeature.
    """
    shape = parse(text)
    if shape.cell:
        return (shape.cell,)
    return tuple(cell.id() for cell in _covering(shape.region, _STORED_LEVELS))


def query_ranges(text: bytes) -> list[tuple[int, int]]:
    """Give the ranges of cell ids that hold every match of a query shape, in order.

    A region looks for points in it, a point for regions around it (its own cell and all
    larger ones). Raises InvalidShape and UnsupportedFeature.
    """
    shape = parse(text)
    if not shape.cell:
        covering = _covering(shape.region, _QUERY_LEVELS)
        return sorted((cell.range_min().id(), cell.range_max().id()) for cell in covering)
    cell = require().S2CellId(shape.cell)
    ranges = []
    while cell.level() > 0:
        ranges.append((cell.id(), cell.id()))
        cell = cell.parent()
    return sorted(ranges)


def match(candidate: bytes, query: bytes) -> bool:
    """Tell whether a point lies in the query's region, or a region around its point.

    Two points never match, nor do two regions. Invalid shapes match nothing. Raises
    UnsupportedFeature without s2geometry.
    """
    try:
        mine, asked = parse(candidate), parse(query)
    except InvalidShape:
        return False
    if bool(mine.cell) == bool(asked.cell):
        return False
    place = require().S2CellId(mine.cell or asked.cell).ToPoint()
    return bool((asked if mine.cell else mine).region.Contains(place))


def text_of(value: bytes) -> bytes:
    """Give the JSON text of a GEOJSON particle."""
    return value[3 + 8 * int.from_bytes(value[1:3], "big") :]


def particle(text: bytes) -> bytes:
    """Make the value of a GEOJSON particle: flags, number of cells, cells, text.

    Raises InvalidShape and UnsupportedFeature.
    """
    found = cells(text)
    flags = 0 if parse(text).cell else _IS_REGION
    header = bytes((flags,)) + len(found).to_bytes(2, "big")
    return header + b"".join(cell.to_bytes(8, "big") for cell in found) + text
