"""Packed msgpack: walking and comparing in place agrees with unpacked values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded import packed
from aerodbapi.protocol import cdt
from aerodbapi.types import INFINITY, WILDCARD, KeyOrderedDict

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=40)
    | st.binary(max_size=40)
    | st.floats(allow_nan=False)
)
keys = st.integers(-(2**62), 2**62) | st.text()
ordered_maps = st.dictionaries(keys, scalars, max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=20) | ordered_maps.map(KeyOrderedDict),
    max_leaves=20,
)


@given(values, values)
def test_order_is_that_of_values(a, b):
    expected = (cdt.sort_key(a) > cdt.sort_key(b)) - (cdt.sort_key(a) < cdt.sort_key(b))
    assert packed.compare(cdt.pack(a), cdt.pack(b)) == (expected, False)


@given(values)
def test_a_value_is_equal_to_itself_and_spans_its_bytes(a):
    data = cdt.pack(a)
    assert packed.compare(data, data) == (0, False)
    reader = packed.Reader(data)
    assert reader.span() == data
    assert reader.done()


@given(st.lists(scalars, max_size=20))
def test_spans_are_the_elements(items):
    assert packed.spans(cdt.pack(items)) == [cdt.pack(item) for item in items]


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_pack_smallest(number):
    assert packed.pack_int(number) == cdt.pack(number)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        packed.compare(data, data)
        packed.Reader(data).skip()
    except packed.PackedError:
        return
    assert packed.Reader(data).peek() > 0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([1, WILDCARD], [1, 2, 3], (0, False)),
        ([INFINITY], [[1]], (1, False)),
        ({"a": 1}, {"a": 1}, (0, True)),
        ([1, {"a": 1}], [2, {"a": 1}], (-1, False)),
        ({}, {}, (0, False)),
        ([1, 2], [1, 2, 3], (-1, False)),
        ([[1], 9], [[1, 2], 0], (-1, False)),
        (KeyOrderedDict(a=1), KeyOrderedDict(a=1, b=0), (-1, False)),
        (1, 1.0, (-1, False)),
        (-1, 0, (-1, False)),
    ],
)
def test_what_comparing_comes_across(left, right, expected):
    assert packed.compare(cdt.pack(left), cdt.pack(right)) == expected
