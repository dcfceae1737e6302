"""GeoJSON shapes: what is valid, what lies in what, and the cells that find it."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi import errors
from aerodbapi.embedded import geo

pytest.importorskip("s2geometry")


def shape(kind, coordinates):
    return json.dumps({"type": kind, "coordinates": coordinates}).encode()


def point(longitude, latitude):
    return shape("Point", [longitude, latitude])


SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [4, 6], [6, 6], [6, 4], [4, 4]]
FAR = [[20, 0], [30, 0], [30, 10], [20, 10], [20, 0]]
REGIONS = {
    "polygon": shape("Polygon", [SQUARE]),
    "holed": shape("Polygon", [SQUARE, HOLE]),
    "several": shape("MultiPolygon", [[SQUARE, HOLE], [FAR]]),
    "circle": shape("AeroCircle", [[5, 5], 100_000.0]),
    "feature": b'{"type":"Feature","geometry":%s}' % shape("AeroCircle", [[5, 5], 1000]),
}


@pytest.mark.parametrize(
    ("region", "inside", "outside"),
    [
        ("polygon", [(5, 5), (1, 1)], [(11, 5), (-1, 5)]),
        ("holed", [(1, 1)], [(5, 5), (11, 5)]),
        ("several", [(1, 1), (25, 5)], [(5, 5), (15, 5)]),
        ("circle", [(5, 5), (5.5, 5)], [(7, 5)]),
        ("feature", [(5, 5)], [(5.1, 5)]),
    ],
)
def test_points_in_regions_and_regions_around_points(region, inside, outside):
    text = REGIONS[region]
    for place in inside:
        assert geo.match(point(*place), text)
        assert geo.match(text, point(*place))
    for place in outside:
        assert not geo.match(point(*place), text)
        assert not geo.match(text, point(*place))


def test_two_points_or_two_regions_never_match():
    assert not geo.match(point(5, 5), point(5, 5))
    assert not geo.match(REGIONS["polygon"], REGIONS["polygon"])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b"{}",
        b'{"type":1}',
        b'{"type":"Point"}',
        b'{"type":"Point","coordinates":[1]}',
        b'{"type":"Point","coordinates":[true,1]}',
        b'{"type":"Point","coordinates":[1,91]}',
        b'{"type":"Point","coordinates":[NaN,1]}',
        b'{"type":"Point","coordinates":["1",1]}',
        b'{"type":"LineString","coordinates":[[1,1],[2,2]]}',
        b'{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}',
        b'{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}',
        b'{"type":"AeroCircle","coordinates":[[0,0]]}',
        b'{"type":"AeroCircle","coordinates":[[0,0],"far"]}',
        b'{"type":"Feature"}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_shape(text):
    assert not geo.valid(text)
    with pytest.raises(geo.InvalidShape) as caught:
        geo.parse(text)
    assert caught.value.result_code == 160


@pytest.mark.parametrize("name", REGIONS)
@given(st.floats(-1, 31), st.floats(-1, 11))
def test_cells_find_whatever_matches(name, longitude, latitude):
    place, region = point(longitude, latitude), REGIONS[name]
    (cell,) = geo.cells(place)
    by_region = any(low <= cell <= high for low, high in geo.query_ranges(region))
    ancestors = {low for low, _ in geo.query_ranges(place)}
    if geo.match(place, region):
        assert by_region
        assert ancestors & set(geo.cells(region))
    assert len(geo.query_ranges(place)) == 30


def test_particles_carry_flags_cells_and_text():
    text = point(-122.0, 37.5)
    assert geo.particle(text) == b"\x00\x00\x01" + bytes.fromhex("808fb8a247954393") + text
    region = geo.particle(REGIONS["circle"])
    assert region[0] == 1
    assert geo.text_of(region) == REGIONS["circle"]


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "s2geometry", None)
    with pytest.raises(errors.UnsupportedFeature, match=r"aerodbapi\[geo\]") as caught:
        geo.valid(b'{"type":"Point","coordinates":[0.5,0.25]}')
    assert caught.value.result_code == 16
