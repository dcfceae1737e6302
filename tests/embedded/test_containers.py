"""Lists and maps on their way into a bin: the smallest form, sorted maps, honest orders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.containers import MAX_DEPTH, canonical
from aerodbapi.embedded.packed import LIST, MAP, PackedError, pack_int
from aerodbapi.protocol import cdt
from aerodbapi.types import KeyOrderedDict

# sent → kept; each was sent to a server 8.1.2 and read back
KEPT_LISTS = [
    ("90", "90"),
    ("dc 0000", "90"),
    ("92 01 02", "92 01 02"),
    ("dc 0001 01", "91 01"),
    ("dd 00000001 01", "91 01"),
    ("92 d1 0001 cd 0005", "92 01 05"),
    ("91 d0 ff", "91 ff"),
    ("91 cf 0000000000000007", "91 07"),
    ("91 cf ffffffffffffffff", "91 cf ffffffffffffffff"),
    ("91 d3 8000000000000000", "91 d3 8000000000000000"),
    ("91 d9 02 03 61", "91 a2 03 61"),
    ("91 c4 03 04 6162", "91 a3 04 6162"),
    ("91 a0", "91 a0"),
    ("91 a1 61", "91 a1 61"),
    ("91 ca 3f800000", "91 ca 3f800000"),
    ("92 c7 00 00 01", "91 01"),
    ("93 c7 00 01 04 05", "93 c7 00 01 04 05"),
    ("93 c7 00 01 05 05", "93 c7 00 01 05 05"),
    ("92 c2 c0", "92 c2 c0"),
    ("92 c7 00 11 01", "92 c7 00 01 01"),
    ("92 c7 00 10 01", "91 01"),
    ("91 c7 00 01", "91 c7 00 01"),
    ("91 c7 00 00", "90"),
    ("91 92 c7 00 11 01", "91 92 c7 00 01 01"),
    ("91 82 02 01 01 01", "91 82 01 01 02 01"),
]
KEPT_MAPS = [
    ("80", "80"),
    ("81 01 02", "81 01 02"),
    ("82 02 01 01 01", "82 01 01 02 01"),
    ("83 a2 03 61 01 05 02 a2 04 00 03", "83 05 02 a2 03 61 01 a2 04 00 03"),
    ("83 c7 00 01 c0 a2 03 61 02 a2 03 62 01", "83 c7 00 01 c0 a2 03 61 02 a2 03 62 01"),
    ("82 c7 00 08 c0 01 02", "81 01 02"),
    ("82 c7 00 03 c0 01 02", "82 c7 00 03 c0 01 02"),
    ("82 c7 00 11 c0 01 02", "82 c7 00 01 c0 01 02"),
    ("81 c7 00 01 c0", "81 c7 00 01 c0"),
    ("de 0001 01 02", "81 01 02"),
]
REFUSED_LISTS = [
    "",
    "80",
    "01",
    "92 01",
    "92 01 02 03",
    "91 c1",
    "91 d4 ff 00",
    "92 01 d4 ff 01",
    "93 c7 00 01 05 04",
    "91 a4 03 6162",
    "91 81 c0 01",
    "dd ffffffff 01",
    "91 92 c7 00 01 02 01 00",
]
REFUSED_MAPS = [
    "90",
    "81 01",
    "82 01 01 01 02",
    "83 01 01 02 01 01 02",
    "81 90 01",
    "81 cb 3ff0000000000000 01",
    "81 c0 01",
    "81 c3 01",
    "81 a0 01",
    "81 a2 17 7b 01",
    "83 c7 00 01 c0 a2 03 62 01 a2 03 61 02",
    "df ffffffff 01 01",
]


@pytest.mark.parametrize(("sent", "kept"), KEPT_LISTS)
def test_list(sent, kept):
    assert canonical(bytes.fromhex(sent), LIST) == bytes.fromhex(kept)


@pytest.mark.parametrize(("sent", "kept"), KEPT_MAPS)
def test_map(sent, kept):
    assert canonical(bytes.fromhex(sent), MAP) == bytes.fromhex(kept)


@pytest.mark.parametrize("sent", REFUSED_LISTS)
def test_refused_list(sent):
    with pytest.raises(PackedError):
        canonical(bytes.fromhex(sent), LIST)


@pytest.mark.parametrize("sent", REFUSED_MAPS)
def test_refused_map(sent):
    with pytest.raises(PackedError):
        canonical(bytes.fromhex(sent), MAP)


def test_depth_is_limited():
    assert canonical(b"\x91" * MAX_DEPTH + b"\x01", LIST) == b"\x91" * MAX_DEPTH + b"\x01"
    with pytest.raises(PackedError):
        canonical(b"\x91" * (MAX_DEPTH + 1) + b"\x01", LIST)
    with pytest.raises(PackedError):
        canonical(b"\x91" * 100_000, LIST)


KEYS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(max_size=20), st.binary(max_size=20))
VALUES = st.recursive(
    st.one_of(KEYS, st.none(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=5).map(KeyOrderedDict),
    ),
    max_leaves=20,
)


@settings(max_examples=30, deadline=None)
@given(st.lists(VALUES, max_size=6))
def test_what_clients_pack_is_kept_as_it_is(value):
    packed = cdt.pack(value)
    assert canonical(packed, LIST) == packed


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(KEYS, KEYS, max_size=30))
def test_maps_come_out_sorted_whatever_the_order(value):
    pairs = [cdt.pack(key) + cdt.pack(item) for key, item in reversed(value.items())]
    size = len(pairs)
    header = bytes((0x80 | size,)) if size < 16 else b"\xde" + size.to_bytes(2, "big")
    assert canonical(header + b"".join(pairs), MAP) == cdt.pack(value)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_take_their_smallest_form(number):
    wide = b"\x91\xd3" + number.to_bytes(8, "big", signed=True)
    assert canonical(wide, LIST) == b"\x91" + pack_int(number)


@given(st.binary(max_size=200))
def test_any_bytes_are_kept_or_refused(data):
    for kind in (LIST, MAP):
        try:
            kept = canonical(data, kind)
        except PackedError:
            continue
        assert canonical(kept, kind) == kept
        cdt.unpack(kept)
