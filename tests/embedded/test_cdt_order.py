"""The order of packed values: keys, comparisons, searches and ranks agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.cdt import order
from aerodbapi.embedded.packed import compare
from aerodbapi.protocol import cdt
from aerodbapi.types import INFINITY, WILDCARD, GeoJSON, KeyOrderedDict

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from((127, 128, 255, 256, -32, -33, 2**32)),
    st.text(max_size=40),
    st.binary(max_size=4),
    st.floats(allow_nan=False),
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.integers(0, 9) | st.text(max_size=2), inside, max_size=3)
    ),
    max_leaves=8,
).map(cdt.pack)

#: In their order; those of one row are equal.
RISING = [
    [None],
    [False],
    [True],
    [-(2**63)],
    [-300],
    [-1],
    [0],
    [127],
    [2**63 - 1],
    [""],
    ["a"],
    ["b"],
    [[]],
    [[1]],
    [[1, 0]],
    [[2]],
    [{}, KeyOrderedDict()],
    [{2: 1}, KeyOrderedDict({2: 1})],
    [{1: 1, 2: 1}],
    [b"", b""],
    [b"a"],
    [-1.5],
    [0.0, -0.0],
    [1.5],
    [GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}')],
    [INFINITY],
]


def sign(left: bytes, right: bytes) -> int:
    first, second = order.sort_key(left), order.sort_key(right)
    return (first > second) - (first < second)


@given(VALUES, VALUES)
def test_keys_sort_as_comparing_does(left, right):
    assert sign(left, right) == compare(left, right)[0]
    assert order.comparer(right)(left) == compare(left, right)[0]


@pytest.mark.parametrize("place", range(len(RISING)))
def test_rising(place):
    for value in map(cdt.pack, RISING[place]):
        for other_place, row in enumerate(RISING):
            for other in map(cdt.pack, row):
                wanted = (place > other_place) - (place < other_place)
                assert sign(value, other) == wanted


def test_unsigned_integers_beyond_63_bits_are_negative_numbers_of_their_own_kind():
    assert sign(b"\xcf" + b"\xff" * 8, b"\x00") == -1
    assert sign(b"\xcf" + b"\xff" * 8, b"\xff") == 1


@pytest.mark.parametrize(
    ("value", "wanted", "result"),
    [
        (5, WILDCARD, 0),
        ([1, 5], [1, WILDCARD], 0),
        ([1], [1, WILDCARD], -1),
        ([1, 5, 9], [1, WILDCARD], 0),
        ([2], [1, WILDCARD], 1),
        (5, [WILDCARD], -1),
        (5, INFINITY, -1),
        ([1, 5], [1, INFINITY], -1),
    ],
)
def test_wildcards(value, wanted, result):
    assert order.comparer(cdt.pack(wanted))(cdt.pack(value)) == result


@pytest.mark.parametrize(
    ("value", "wildcard", "markers"),
    [
        (1, False, False),
        ("\xff\x00", False, False),
        (b"\xd4\xff\x00", False, False),
        (WILDCARD, True, True),
        (INFINITY, False, True),
        ([[INFINITY]], False, True),
        ({1: WILDCARD}, True, True),
    ],
)
def test_markers(value, wildcard, markers):
    packed = cdt.pack(value)
    assert order.has_wildcard(packed) is wildcard
    assert order.holds_markers(packed) is markers


@given(st.lists(VALUES, max_size=12), VALUES)
def test_searches(values, wanted):
    values.sort(key=order.sort_key)
    compare_with = order.comparer(wanted)
    signs = [compare_with(value) for value in values]
    begin, end = order.lower_bound(values, compare_with), order.upper_bound(values, compare_with)
    assert signs == [-1] * begin + [0] * (end - begin) + [1] * (len(values) - end)
    place, found = order.find(values, compare_with)
    assert found == (begin < end)
    assert begin <= place <= max(begin, end - 1)


@given(st.lists(st.integers(0, 5).map(cdt.pack), max_size=10), st.data())
def test_ranks(values, data):
    keys = [order.sort_key(value) for value in values]
    rank = data.draw(st.integers(0, len(values)))
    count = data.draw(st.integers(0, len(values) - rank))
    places = order.ranked(keys, rank, count)
    found = [keys[place] for place in places]
    assert sorted(found) == sorted(keys)[rank : rank + count]
    assert found == sorted(found, reverse=rank <= len(values) - rank - count)
    assert len(set(places)) == count
    if rank < len(values):
        assert keys[order.nth(keys, rank)] == sorted(keys)[rank]
