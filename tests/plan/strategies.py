"""Random rows and predicates for the property tests of the planner."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Column,
    In,
    IsNull,
    Like,
    Literal,
    Parameter,
    Unary,
)
from aerodbapi.types import GeoJSON

BINS = ("a", "b", "c")

EDGES = (
    0,
    1,
    -1,
    5,
    7,
    2**53,
    2**53 + 1,
    2**53 + 3,
    2**63 - 512,
    2**63 - 513,
    -(2**53) - 1,
    2**63 - 1,
    -(2**63),
    2**62,
)
FLOATS = (
    0.0,
    -0.0,
    5.0,
    5.5,
    -7.25,
    2.0**53,
    2.0**53 + 2,
    2.0**63 - 1024,
    2.0**63,
    -(2.0**63),
    1e300,
    math.inf,
    -math.inf,
    math.nan,
    float.fromhex("0x1p-1074"),
)
TEXTS = (
    "",
    "a",
    "ab",
    "abc",
    "a\0b",
    "b\0",
    "AB",
    "é",
    "éa",
    "K",
    "\u212a",
    "ſ",
    "a%b",
    "a_b",
    "x\ny",
    "𝔸b",
)

ints = st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9))
floats = st.one_of(st.sampled_from(FLOATS), st.floats())
texts = st.one_of(st.sampled_from(TEXTS), st.text(alphabet="abKk%_é\0.*", max_size=5))
blobs = st.one_of(st.sampled_from((b"", b"a", b"ab", b"\0")), st.binary(max_size=3))
scalars = st.one_of(ints, floats, texts, blobs, st.booleans())
collections = st.one_of(
    st.just([]),
    st.sampled_from(([1], [1.0], ["a"], {"a": 1}, {})),
    st.lists(st.one_of(ints, texts), max_size=3),
    st.dictionaries(texts, ints, max_size=2),
    st.just(GeoJSON('{"type":"Point","coordinates":[0,0]}')),
)
#: What WHERE compares with; beyond int64, too.
constants = st.one_of(
    scalars, st.none(), st.sampled_from((2**63, -(2**63) - 1, 2**64, 10**400, -(10**400)))
)

values = st.one_of(scalars, scalars, collections)
rows = st.one_of(
    st.dictionaries(st.sampled_from(BINS), values, max_size=3),
    values.map(lambda value: dict.fromkeys(BINS, value)),
)
tables = st.lists(rows, min_size=1, max_size=6)
keys = st.one_of(st.none(), ints, texts, blobs)

columns = st.sampled_from([Column(name) for name in BINS] + [Column("PK")])
literals = st.one_of(constants.map(Literal), st.integers(0, 3).map(Parameter))
patterns = st.text(alphabet="ab%_Kkéx\0.$^[", max_size=5).map(Literal)


def _arithmetic(operands: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.builds(Binary, st.sampled_from(("+", "-", "*", "/", "//", "%")), operands, operands),
        st.builds(Unary, st.just("-"), operands),
    )


operands = st.recursive(st.one_of(columns, columns, literals), _arithmetic, max_leaves=3)
#: Arithmetic over numbers alone.
numbers = st.one_of(ints, floats)
numeric_rows = st.fixed_dictionaries({}, optional={name: st.one_of(ints, numbers) for name in BINS})
sums = st.recursive(
    st.one_of(st.sampled_from([Column(name) for name in BINS]), ints.map(Literal)),
    _arithmetic,
    max_leaves=4,
)
comparisons = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
leaves = st.one_of(
    st.builds(Binary, comparisons, columns, literals),
    st.builds(Binary, comparisons, literals, columns),
    st.builds(Binary, comparisons, operands, operands),
    st.builds(Between, columns, literals, literals, st.booleans()),
    st.builds(In, columns, st.lists(literals, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(
        Like,
        columns,
        patterns,
        st.one_of(st.none(), st.just(Literal("x"))),
        st.booleans(),
        st.booleans(),
    ).filter(lambda like: like.escape is None or not like.pattern.value.endswith("x")),
    st.builds(IsNull, columns, st.booleans()),
    st.builds(
        lambda column, value: Call("LIST_CONTAINS", (column, value)),
        st.sampled_from([Column(name) for name in BINS]),
        literals,
    ),
    columns,
    st.sampled_from((Literal(True), Literal(False), Literal(None))),
)


def _logic(parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.builds(Binary, st.sampled_from(("AND", "OR")), parts, parts),
        st.builds(Unary, st.just("NOT"), parts),
    )


predicates = st.recursive(leaves, _logic, max_leaves=5)
bound = st.lists(constants, min_size=4, max_size=4)
