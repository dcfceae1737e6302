"""Expressions: values, three-valued logic, static types, and what malformed bytes come to."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi import errors
from aerodbapi.embedded import filters
from aerodbapi.embedded.expressions import UNKNOWN, ExpressionError, compile_expression
from aerodbapi.embedded.storage import EPOCH_2010, Record
from aerodbapi.protocol import cdt, particles
from aerodbapi.protocol import expressions as e
from aerodbapi.types import KeyOrderedDict

LEAST, MOST = -(2**63), 2**63 - 1
NOW = 500_000_000


def record(key: bytes | None = None, void_time: int = 0, **bins: object) -> Record:
    packed = {name: particles.encode(value) for name, value in bins.items()}
    digest = bytes(range(20))
    return Record.of(digest, "s", packed, key=key, void_time=void_time, last_update_ms=1000)


def value(expression: e.Exp, given_record: Record | None = None) -> object:
    compiled = compile_expression(e.pack_expression(expression))
    return compiled.evaluate(record() if given_record is None else given_record, NOW)


I, F, S, T, B = e.int_bin("i"), e.float_bin("f"), e.str_bin("s"), e.bool_bin("t"), e.blob_bin("b")  # noqa: E741
SAMPLE = record(
    i=7,
    f=2.5,
    s="ab",
    t=True,
    b=b"\x01",
    l=[1, "a", 2.5],
    m=KeyOrderedDict(a=1, b=2),
    u={"a": 1},
)
MISSING = e.int_bin("none")
X = e.var("x")
YES, NO = e.eq(e.val(1), 1), e.eq(e.val(1), 2)
WHO_KNOWS = e.eq(MISSING, 1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (e.and_(YES, YES), True),
        (e.and_(YES, NO), False),
        (e.and_(WHO_KNOWS, NO), False),
        (e.and_(NO, WHO_KNOWS), False),
        (e.and_(WHO_KNOWS, YES), UNKNOWN),
        (e.and_(YES, WHO_KNOWS, YES), UNKNOWN),
        (e.or_(NO, NO), False),
        (e.or_(WHO_KNOWS, YES), True),
        (e.or_(YES, WHO_KNOWS), True),
        (e.or_(WHO_KNOWS, NO), UNKNOWN),
        (e.not_(YES), False),
        (e.not_(NO), True),
        (e.not_(WHO_KNOWS), UNKNOWN),
        (e.exclusive(YES, NO), True),
        (e.exclusive(YES, YES), False),
        (e.exclusive(NO, NO, NO), False),
        (e.exclusive(YES, YES, WHO_KNOWS), False),
        (e.exclusive(YES, WHO_KNOWS, YES), UNKNOWN),
        (e.unknown(), UNKNOWN),
    ],
)
def test_logic_has_three_values(expression, expected):
    assert value(expression, SAMPLE) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (e.eq(I, 7), True),
        (e.ne(I, 7), False),
        (e.gt(I, 6), True),
        (e.ge(I, 7), True),
        (e.lt(I, 7), False),
        (e.le(I, LEAST), False),
        (e.eq(I, MISSING), UNKNOWN),
        (e.eq(e.int_bin("f"), 2), UNKNOWN),
        (e.eq(F, 2.5), True),
        (e.lt(F, math.inf), True),
        (e.eq(F, math.nan), False),
        (e.ne(F, math.nan), True),
        (e.gt(S, "aa"), True),
        (e.lt(S, "ab\0"), True),
        (e.eq(B, b"\x01"), True),
        (e.eq(T, True), True),
        (e.gt(T, False), True),
        (e.eq(e.val(None), None), True),
        (e.lt(e.val(None), None), False),
        (e.eq(e.list_bin("l"), [1, "a", 2.5]), True),
        (e.gt(e.list_bin("l"), [1, "a"]), True),
        (e.lt(e.list_bin("l"), [1, "b"]), True),
        (e.gt(e.list_bin("l"), [1, "a", MOST]), True),  # doubles come after integers
        (e.eq(e.map_bin("m"), KeyOrderedDict(a=1, b=2)), True),
        (e.lt(e.map_bin("m"), KeyOrderedDict(a=1, b=3)), True),
        (e.eq(e.map_bin("u"), KeyOrderedDict(a=1)), UNKNOWN),  # an unordered map
    ],
)
def test_comparison(expression, expected):
    assert value(expression, SAMPLE) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (e.add(I, 1), 8),
        (e.add(e.val(MOST), 1), LEAST),
        (e.add(I, MISSING), UNKNOWN),
        (e.add(F, 1.5, 2.0), 6.0),
        (e.sub(I), -7),
        (e.sub(I, 1, 2), 4),
        (e.sub(e.val(LEAST)), LEAST),
        (e.mul(e.val(2**62), 4), 0),
        (e.div(e.val(-7), 2), -3),
        (e.div(e.val(7), -2), -3),
        (e.div(e.val(7), 2, 2), 1),
        (e.div(e.val(7), 0), UNKNOWN),
        (e.div(e.val(2)), 0),
        (e.div(e.val(2.0)), 0.5),
        (e.div(e.val(1.0), 0.0), math.inf),
        (e.div(e.val(-1.0), 0.0), -math.inf),
        (e.mod(e.val(-7), 2), -1),
        (e.mod(e.val(7), -2), 1),
        (e.mod(e.val(7), 0), UNKNOWN),
        (e.pow_(e.val(2.0), 10.0), 1024.0),
        (e.pow_(e.val(10.0), 400.0), math.inf),
        (e.pow_(e.val(-10.0), 401.0), -math.inf),
        (e.pow_(e.val(0.0), -1.0), math.inf),
        (e.log(e.val(8.0), 2.0), 3.0),
        (e.log(e.val(0.0), 2.0), -math.inf),
        (e.abs_(e.val(-3)), 3),
        (e.abs_(e.val(LEAST)), LEAST),
        (e.abs_(e.val(-2.5)), 2.5),
        (e.floor(e.val(-2.5)), -3.0),
        (e.ceil(e.val(-2.5)), -2.0),
        (e.floor(e.val(math.inf)), math.inf),
        (e.to_int(e.val(-2.9)), -2),
        (e.to_int(e.val(1e300)), LEAST),
        (e.to_int(e.val(math.nan)), LEAST),
        (e.to_float(e.val(3)), 3.0),
        (e.int_and(e.val(6), 3), 2),
        (e.int_or(e.val(6), 3), 7),
        (e.int_xor(e.val(6), 3), 5),
        (e.int_not(e.val(0)), -1),
        (e.int_left_shift(e.val(1), 63), LEAST),
        (e.int_right_shift(e.val(-1), 60), 15),
        (e.int_arithmetic_right_shift(e.val(-16), 2), -4),
        (e.int_count(e.val(-1)), 64),
        (e.int_left_scan(e.val(1), True), 63),
        (e.int_left_scan(e.val(0), True), -1),
        (e.int_right_scan(e.val(1), True), 63),
        (e.int_right_scan(e.val(-1), False), -1),
        (e.min_(e.val(3), 1, 2), 1),
        (e.max_(e.val(3.0), 7.5), 7.5),
        (e.max_(I, MISSING), UNKNOWN),
    ],
)
def test_arithmetic(expression, expected):
    assert value(expression, SAMPLE) == expected or expected is value(expression, SAMPLE)


@given(st.integers(LEAST, MOST), st.integers(LEAST, MOST))
def test_division_and_remainder_belong_together(a, b):
    quotient, rest = value(e.div(e.val(a), b)), value(e.mod(e.val(a), b))
    if b == 0:
        assert quotient is UNKNOWN
        assert rest is UNKNOWN
    else:
        assert (quotient * b + rest - a) % 2**64 == 0
        assert abs(rest) < abs(b)
        assert rest == 0 or (rest < 0) == (a < 0)


METADATA = record(b"\x03user", NOW + 60, i=1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (e.set_name(), b"s"),
        (e.key_exists(), True),
        (e.key_str(), b"user"),
        (e.key_int(), UNKNOWN),
        (e.is_tombstone(), False),
        (e.ttl(), 60),
        (e.void_time(), (NOW + 60 + EPOCH_2010) * 10**9),
        (e.last_update(), (1000 + EPOCH_2010 * 1000) * 10**6),
        (e.digest_modulo(7), int.from_bytes(bytes(range(16, 20)), "little") % 7),
        (e.digest_modulo(-7), int.from_bytes(bytes(range(16, 20)), "little") % 7),
        (e.device_size(), 0),
        (e.bin_type("i"), 1),
        (e.bin_type("none"), 0),
        (e.bin_exists("i"), True),
        (e.bin_exists("none"), False),
    ],
)
def test_metadata(expression, expected):
    assert value(expression, METADATA) == expected


def test_metadata_of_a_record_without_key_that_never_expires():
    assert value(e.ttl()) == -1
    assert value(e.void_time()) == -1
    assert value(e.key_exists()) is False
    assert value(e.key_str()) is UNKNOWN
    assert value(e.since_update()) > 0
    assert value(e.record_size()) % 16 == 0


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (e.cond(NO, 1, YES, 2, 3), 2),
        (e.cond(NO, 1, NO, 2, 3), 3),
        (e.cond(WHO_KNOWS, 1, YES, 2, 3), UNKNOWN),
        (e.cond(YES, e.unknown(), 3), UNKNOWN),
        (e.cond(NO, e.unknown(), 3), 3),
        (
            e.let(e.def_("x", I), e.def_("y", e.add(e.var("x"), 1)), e.mul(e.var("x"), e.var("y"))),
            56,
        ),
        (e.let(e.def_("x", MISSING), e.cond(YES, 1, e.var("x"))), 1),
        (e.let(e.def_("x", MISSING), e.add(e.var("x"), 1)), UNKNOWN),
        (e.let(e.def_("a", 1), e.let(e.def_("b", 2), e.add(e.var("a"), e.var("b")))), 3),
        (e.in_list(I, [1, 7]), True),
        (e.in_list(I, [1, 7.0]), False),
        (e.in_list(S, ["x", "ab"]), True),
        (e.in_list(F, [2.5]), True),
        (e.in_list(T, [True]), True),
        (e.in_list(B, [b"\x01"]), True),
        (e.in_list(e.list_bin("l"), [[1, "a", 2.5]]), True),
        (e.in_list(I, e.list_bin("l")), False),
        (e.in_list(e.val(1), e.list_bin("l")), True),
        (e.in_list(MISSING, [1]), UNKNOWN),
        (e.in_list(I, e.list_bin("none")), UNKNOWN),
        (e.regex(1, "^a(b|c)$", S), True),
        (e.regex(0, "^a(b|c)$", S), False),
        (e.regex(3, "AB", S), True),
        (e.regex(0, "x", e.str_bin("none")), UNKNOWN),
    ],
)
def test_control_lists_and_patterns(expression, expected):
    assert value(expression, SAMPLE) == expected


def test_keys_and_values_of_a_map():
    assert cdt.unpack(value(e.map_keys(e.map_bin("m")), SAMPLE)) == ["a", "b"]
    assert cdt.unpack(value(e.map_values(e.map_bin("m")), SAMPLE)) == [1, 2]


@pytest.mark.parametrize(
    "expression",
    [
        e.eq(I, "x"),
        e.eq(I, 1.0),
        e.eq(e.geo_bin("g"), e.geo_bin("h")),
        e.eq(e.hll_bin("g"), e.hll_bin("h")),
        e.and_(YES),
        e.and_(YES, I),
        e.not_(I),
        e.add(I, F),
        e.add(S),
        e.floor(I),
        e.to_float(F),
        e.mod(F, 2.0),
        e.pow_(I, 2),
        e.int_left_scan(I, 1),
        e.regex(1, "(", S),
        e.regex(1, "a", I),
        e.in_list(I, 1),
        e.cond(YES, 1, "x"),
        e.cond(I, 1, 2),
        e.let(e.def_("x", e.var("x")), 1),
        e.let(e.def_("1x", 1), 1),
        e.let(e.def_("x", 1), e.let(e.def_("x", 2), 1)),
        e.var("x"),
        e.digest_modulo(0),
        e.int_bin("a-name-of-16-byt"),
    ],
)
def test_what_the_build_refuses(expression):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(e.pack_expression(expression))
    assert caught.value.result_code == 4


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x90",
        b"\x91",
        b"\x91\x03",
        b"\x92\x12",
        b"\x93\x01\x01",
        b"\x01\x01",
        b"\x91\xcc\x80",
        b"\x91\xa1a",
        b"\x93\x01\xa1\x09\x01",
        b"\xc1",
        b"\xdd\xff\xff\xff\xff\x00",
        b"\xd4\xff\x00",
        b"\x92\x12" * 5000 + b"\xc3",
        b"\x93\x40\x01\x01",
    ],
)
def test_malformed_bytes(packed):
    with pytest.raises(ExpressionError):
        compile_expression(packed)


def test_a_filter_gives_a_truth_value():
    with pytest.raises(ExpressionError):
        filters.check(e.pack_expression(I))
    assert filters.matches(e.pack_expression(e.eq(I, 7)), SAMPLE, NOW)
    assert not filters.matches(e.pack_expression(e.eq(I, 8)), SAMPLE, NOW)
    assert not filters.matches(e.pack_expression(e.not_(WHO_KNOWS)), SAMPLE, NOW)


def test_no_record_leaves_all_unknown_that_needs_one():
    for expression in (e.ttl(), e.set_name(), I, e.bin_type("i"), e.key_str(), e.digest_modulo(3)):
        assert compile_expression(e.pack_expression(expression)).evaluate(None, NOW) is UNKNOWN


SEEDS = [
    e.pack_expression(x)
    for x in (
        e.and_(e.gt(I, 1), e.or_(e.eq(S, "x"), e.not_(T))),
        e.cond(e.eq(e.bin_type("i"), 1), e.eq(I, 5), e.unknown()),
        e.let(e.def_("x", e.add(I, 1)), e.in_list(e.var("x"), [1, 2, "a", [1]])),
        e.regex(1, "^(a|b)*[[:alpha:]]{1,2}$", S),
        e.eq(e.map_bin("m"), KeyOrderedDict(a=[1, {}])),
        e.ge(e.pow_(F, 2.0), e.log(e.to_float(I), 2.0)),
        e.lt(e.since_update(), e.int_left_shift(I, 3)),
    )
]


@settings(max_examples=600)
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_expressions_are_refused_or_evaluated(seed, data):
    mutated = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(mutated) - 1))
        mutated[position] = data.draw(st.integers(0, 255))
    try:
        compiled = compile_expression(bytes(mutated))
    except (ExpressionError, errors.UnsupportedFeature):
        return
    compiled.evaluate(SAMPLE, NOW)
    assert compiled.type != 12


@settings(max_examples=400)
@given(st.binary(max_size=40))
def test_random_bytes_are_refused_or_evaluated(packed):
    try:
        compiled = compile_expression(packed)
    except (ExpressionError, errors.UnsupportedFeature):
        return
    assert compiled.evaluate(SAMPLE, NOW) is not NotImplemented
