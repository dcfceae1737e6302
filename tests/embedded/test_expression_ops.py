"""Operations that evaluate expressions: reading, writing, their flags and refusals."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.packed import list_header, pack_int
from aerodbapi.protocol import expressions as e
from aerodbapi.protocol.flags import Info1, OpType
from aerodbapi.protocol.message import encode_op
from tests.embedded.driver import OK, PARAMETER, Driver, op

BIN_EXISTS, BIN_NOT_FOUND, NOT_APPLICABLE = 6, 17, 26
CREATE_ONLY, UPDATE_ONLY, ALLOW_DELETE, POLICY_NO_FAIL, EVAL_NO_FAIL = 1, 2, 4, 8, 16
N = e.int_bin("n")
UNKNOWN = e.add(e.int_bin("none"), 1)


@pytest.fixture
def db():
    made = Driver(EmbeddedNode())
    made.put(1, {"n": 7, "s": "x"})
    return made


def evaluated(kind, bin, expression, flags=None):
    parts = [e.pack_expression(expression)] + ([] if flags is None else [pack_int(flags)])
    return encode_op(kind, bin, 4, list_header(len(parts)) + b"".join(parts))


def write(bin, expression, flags=0):
    return evaluated(OpType.EXP_MODIFY, bin, expression, flags)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (e.mul(N, 6), 42),
        (e.to_float(N), 7.0),
        (e.gt(N, 6), True),
        (e.str_bin("s"), "x"),
        (e.val([1, "a"]), [1, "a"]),
        (e.val({"a": 1}), {"a": 1}),
        (e.val(b"b"), b"b"),
        (e.set_name(), "s"),
    ],
)
def test_values_are_read_and_written(db, expression, value):
    reading = evaluated(OpType.EXP_READ, "out", expression)
    assert db.command(1, [reading], info1=Info1.READ).ops == [(OpType.EXP_READ, "out", value)]
    assert db.operate(1, write("out", expression)).code == OK
    assert db.get(1).bins["out"] == value


def test_operations_see_what_those_before_them_did(db):
    answer = db.operate(1, op(OpType.WRITE, "n", 10), write("n", e.add(N, 1)), write("m", N))
    assert answer.code == OK
    assert db.get(1).bins == {"n": 11, "s": "x", "m": 11}


@pytest.mark.parametrize(
    ("bin", "expression", "flags", "code", "after"),
    [
        ("n", N, CREATE_ONLY, BIN_EXISTS, 7),
        ("n", e.val(1), CREATE_ONLY | POLICY_NO_FAIL, OK, 7),
        ("m", N, CREATE_ONLY, OK, 7),
        ("m", N, UPDATE_ONLY, BIN_NOT_FOUND, None),
        ("m", N, UPDATE_ONLY | POLICY_NO_FAIL, OK, None),
        ("n", e.val(1), UPDATE_ONLY, OK, 1),
        ("n", UNKNOWN, 0, NOT_APPLICABLE, 7),
        ("n", UNKNOWN, EVAL_NO_FAIL, OK, 7),
        ("n", e.val(None), 0, NOT_APPLICABLE, 7),
        ("n", e.val(None), ALLOW_DELETE, OK, None),
        ("n", N, 32, PARAMETER, 7),
        ("n", e.eq(N, "x"), 0, PARAMETER, 7),
    ],
)
def test_flags_of_writes(db, bin, expression, flags, code, after):
    assert db.operate(1, write(bin, expression, flags)).code == code
    assert db.get(1).bins.get(bin) == after


@pytest.mark.parametrize(
    ("flags", "code"), [(None, NOT_APPLICABLE), (EVAL_NO_FAIL, OK), (CREATE_ONLY, PARAMETER)]
)
def test_flags_of_reads(db, flags, code):
    reading = evaluated(OpType.EXP_READ, "out", UNKNOWN, flags)
    assert db.command(1, [reading], info1=Info1.READ).code == code


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x01", b"\x93\x01\x01\x01", b"\x91", b"\xff"])
def test_malformed_payloads(db, payload):
    for kind, info1 in ((OpType.EXP_READ, Info1.READ), (OpType.EXP_MODIFY, 0)):
        sent = [encode_op(kind, "n", 4, payload)]
        flags = {"info1": info1} if info1 else {"info2": 1}
        assert db.command(1, sent, **flags).code == PARAMETER
