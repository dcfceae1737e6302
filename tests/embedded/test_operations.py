"""Scalar bin operations and the particles that the node takes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol.flags import OpType, ParticleType
from aerodbapi.protocol.message import encode_op
from tests.embedded.driver import BIN_TYPE, OK, PARAMETER, Driver, op

INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def db():
    return Driver(EmbeddedNode())


# (operation, bin before (None: missing), operand, code, bin after)
OPERATIONS = [
    (OpType.INCR, 1, 5, OK, 6),
    (OpType.INCR, 1, -5, OK, -4),
    (OpType.INCR, None, 5, OK, 5),
    (OpType.INCR, 2**63 - 1, 1, OK, -(2**63)),
    (OpType.INCR, 1.5, 2.25, OK, 3.75),
    (OpType.INCR, None, 2.5, OK, 2.5),
    (OpType.INCR, 1.5, 1, BIN_TYPE, 1.5),
    (OpType.INCR, 1, 1.5, BIN_TYPE, 1),
    (OpType.INCR, "a", 1, BIN_TYPE, "a"),
    (OpType.INCR, True, 1, BIN_TYPE, True),
    (OpType.INCR, [1], 1, BIN_TYPE, [1]),
    (OpType.APPEND, "ab", "cd", OK, "abcd"),
    (OpType.APPEND, None, "cd", OK, "cd"),
    (OpType.APPEND, b"ab", b"cd", OK, b"abcd"),
    (OpType.APPEND, "ab", b"cd", BIN_TYPE, "ab"),
    (OpType.APPEND, 1, "cd", BIN_TYPE, 1),
    (OpType.APPEND, [1], [2], BIN_TYPE, [1]),
    (OpType.APPEND, None, 7, OK, 7),
    (OpType.PREPEND, "ab", "cd", OK, "cdab"),
    (OpType.PREPEND, None, "cd", OK, "cd"),
    (OpType.PREPEND, b"ab", b"cd", OK, b"cdab"),
    (OpType.PREPEND, b"ab", "cd", BIN_TYPE, b"ab"),
]


@pytest.mark.parametrize(("kind", "before", "operand", "code", "after"), OPERATIONS)
def test_operation(db, kind, before, operand, code, after):
    db.put("k", {"v": before, "other": 0})
    assert db.operate("k", op(kind, "v", operand)).code == code
    assert db.get("k").bins["v"] == after


@given(INT64, INT64)
def test_increment_wraps_like_64_bit_registers(first, second):
    db = Driver(EmbeddedNode())
    db.put("k", {"n": first})
    db.operate("k", op(OpType.INCR, "n", second))
    expected = (first + second + 2**63) % 2**64 - 2**63
    assert db.get("k").bins == {"n": expected}


# (particle type, bytes, code)
PARTICLES = [
    (ParticleType.INTEGER, bytes(8), OK),
    (ParticleType.INTEGER, b"\x07", OK),
    (ParticleType.INTEGER, b"\0\x07", OK),
    (ParticleType.INTEGER, b"\0\0\0\x07", OK),
    (ParticleType.INTEGER, bytes(3), PARAMETER),
    (ParticleType.INTEGER, b"", PARAMETER),
    (ParticleType.DOUBLE, struct.pack(">d", 1.5), OK),
    (ParticleType.DOUBLE, bytes(4), PARAMETER),
    (ParticleType.STRING, b"\xff", OK),
    (ParticleType.BOOL, b"\1", OK),
    (ParticleType.BOOL, b"\2", PARAMETER),
    (ParticleType.BOOL, b"", PARAMETER),
    (ParticleType.BOOL, bytes(8), PARAMETER),
    (ParticleType.LIST, b"\x92\x01\x02", OK),
    (ParticleType.LIST, b"\x92\x01", 1),
    (ParticleType.LIST, b"\x80", 1),
    (ParticleType.LIST, b"", 1),
    (ParticleType.MAP, b"\x81\x01\x02", OK),
    (ParticleType.MAP, b"\x91\x01", 1),
    (ParticleType.PYTHON_BLOB, b"anything", OK),
    (ParticleType.HLL, bytes((0, 4, 0)) + bytes(8) + bytes(12), OK),
    (ParticleType.HLL, bytes((0, 4, 0)) + bytes(8) + bytes(11), PARAMETER),
    (ParticleType.HLL, bytes((1, 4, 0)) + bytes(8) + bytes(12), PARAMETER),
    (ParticleType.HLL, bytes((0, 3, 0)) + bytes(8) + bytes(6), PARAMETER),
    (ParticleType.HLL, bytes((0, 8, 8)) + bytes(8) + bytes(448), OK),
    (ParticleType.HLL, b"", PARAMETER),
    (ParticleType.GEOJSON, bytes(3) + b'{"type":"Point","coordinates":[1,2]}', OK),
    (ParticleType.GEOJSON, bytes(3) + b'{"type":"Nothing"}', 160),
    (ParticleType.GEOJSON, bytes(3) + b"no json", 160),
    (ParticleType.GEOJSON, b"\0\0", 160),
    (ParticleType.GEOJSON, b"\0\xff\xff", 160),
    (5, b"", PARAMETER),
    (255, b"x", PARAMETER),
]


@pytest.mark.parametrize(("kind", "data", "code"), PARTICLES)
def test_particle(db, kind, data, code):
    answer = db.operate("k", encode_op(OpType.WRITE, "v", kind, data))
    assert answer.code == code
    assert db.exists("k").code == (OK if code == OK else 2)


def test_short_integers_are_kept_as_eight_bytes(db):
    db.operate("k", encode_op(OpType.WRITE, "v", ParticleType.INTEGER, b"\xff"))
    assert db.get("k").bins == {"v": 255}


def test_a_bin_whose_name_is_no_utf8(db):
    db.operate("k", encode_op(OpType.WRITE, b"\xff\xfe", ParticleType.INTEGER, bytes(8)))
    assert db.operate("k", op(OpType.INCR, "n", 1)).code == OK
    assert [name for _, name, _ in db.get("k").ops] == ["\udcff\udcfe", "n"]
