"""Hypothesis strategies for values, messages and damaged bytes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aerodbapi.protocol.message import Message, Operation
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
FLOATS = st.floats(allow_nan=False)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
#: Text with bytes that were not UTF-8.
ESCAPED = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
GEO = st.builds(lambda x: GeoJSON({"type": "Point", "coordinates": [x, x]}), st.integers(-9, 9))
HLL = st.binary(max_size=40).map(HyperLogLog)

SCALARS = st.one_of(
    st.none(), st.booleans(), INT64, FLOATS, TEXT, ESCAPED, st.binary(max_size=300), GEO, HLL
)
#: What a map may have as keys.
KEYS = st.one_of(INT64, TEXT, st.binary(max_size=40))


def _containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maps = st.dictionaries(KEYS, children, max_size=6)
    return st.one_of(st.lists(children, max_size=20), maps, maps.map(KeyOrderedDict))


CDT_VALUES = st.recursive(SCALARS, _containers, max_leaves=30)
BIN_VALUES = st.one_of(SCALARS, CDT_VALUES)

NAMES = st.text(st.characters(codec="utf-8"), max_size=3)
U8, U16, U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))

OPERATIONS = st.builds(Operation, U8, NAMES, U8, st.binary(max_size=30))
MESSAGES = st.builds(
    Message,
    U8,
    U8,
    U8,
    U8,
    U8,
    U32,
    U32,
    U32,
    st.lists(st.tuples(U8, st.binary(max_size=30)), max_size=4).map(tuple),
    st.lists(OPERATIONS, max_size=4).map(tuple),
)


@st.composite
def damaged(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of the originals, cut, with bytes changed, or with parts of others in it."""
    body = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(body) - 1, 0)))
        match draw(st.integers(0, 4)):
            case 0:
                del body[at:]
            case 1 | 2 if body:
                body[at] = draw(U8)
            case 3:
                body[at:at] = draw(st.binary(max_size=8))
            case _:
                other = draw(st.sampled_from(originals))
                begin = draw(st.integers(0, len(other)))
                body[at : at + 16] = other[begin : begin + 16]
    return bytes(body)
