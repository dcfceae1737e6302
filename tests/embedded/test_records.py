"""Single records: what each flag, generation, TTL and key does, with the server's codes."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.storage import now_2010
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType
from aerodbapi.types import GeoJSON, KeyOrderedDict
from tests.embedded.driver import (
    BIN_NAME,
    BIN_TYPE,
    ENTERPRISE_ONLY,
    EXISTS,
    FILTERED_OUT,
    GENERATION,
    KEY_MISMATCH,
    NAMESPACE,
    NOT_FOUND,
    OK,
    PARAMETER,
    TOO_BIG,
    UNSUPPORTED,
    Driver,
    op,
    writes,
)

NEVER = 0xFFFFFFFF
KEEP = 0xFFFFFFFE


@pytest.fixture
def db():
    return Driver(EmbeddedNode())


@pytest.mark.parametrize(
    "value",
    [
        0,
        1,
        -1,
        2**63 - 1,
        -(2**63),
        0.5,
        "",
        "text",
        "é",
        b"",
        b"\x00\x01",
        True,
        False,
        [],
        [1, "a", b"b", None, 2.5, [True]],
        {},
        {"a": [1], 2: "b"},
        KeyOrderedDict(a=1),
        GeoJSON('{"type":"Point","coordinates":[1.0,2.0]}'),
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was_written(db, value):
    assert db.put("k", {"v": value}).code == OK
    assert db.get("k").bins == {"v": value}


def test_bins_keep_their_order_and_a_second_put_merges(db):
    db.put("k", {"b": 1, "a": 2})
    assert db.put("k", {"c": 3, "a": 4})[:2] == (OK, 2)
    assert [(name, value) for _, name, value in db.get("k").ops] == [("b", 1), ("a", 4), ("c", 3)]


def test_reads_of_nothing(db):
    assert db.get("k") == (NOT_FOUND, 0, 0, [])
    assert db.exists("k") == (NOT_FOUND, 0, 0, [])
    assert db.remove("k") == (NOT_FOUND, 0, 0, [])


def test_select_leaves_out_missing_bins_unless_all_operations_answer(db):
    db.put("k", {"a": 1})
    assert db.select("k", "a", "x") == (OK, 1, 0, [(OpType.READ, "a", 1)])
    answer = db.select("k", "x", "a", info2=Info2.RESPOND_ALL_OPS)
    assert answer.ops == [(OpType.READ, "x", None), (OpType.READ, "a", 1)]


def test_exists_gives_no_bins(db):
    db.put("k", {"a": 1})
    assert db.exists("k") == (OK, 1, 0, [])


def test_remove_answers_without_generation(db):
    db.put("k", {"a": 1})
    assert db.remove("k") == (OK, 0, 0, [])
    assert db.get("k").code == NOT_FOUND


# (record exists, flags of info2, flags of info3, code)
EXISTS_RULES = [
    (False, 0, 0, OK),
    (True, 0, 0, OK),
    (False, Info2.CREATE_ONLY, 0, OK),
    (True, Info2.CREATE_ONLY, 0, EXISTS),
    (False, 0, Info3.UPDATE_ONLY, NOT_FOUND),
    (True, 0, Info3.UPDATE_ONLY, OK),
    (False, 0, Info3.CREATE_OR_REPLACE, OK),
    (True, 0, Info3.CREATE_OR_REPLACE, OK),
    (False, 0, Info3.REPLACE_ONLY, NOT_FOUND),
    (True, 0, Info3.REPLACE_ONLY, OK),
]


@pytest.mark.parametrize(("exists", "info2", "info3", "code"), EXISTS_RULES)
def test_exists_rules(db, exists, info2, info3, code):
    if exists:
        db.put("k", {"old": 1})
    assert db.put("k", {"new": 2}, info2=info2, info3=info3).code == code
    replaced = info3 & (Info3.CREATE_OR_REPLACE | Info3.REPLACE_ONLY)
    expected = {"old": 1} if exists and not (code == OK and replaced) else {}
    if code == OK:
        expected["new"] = 2
    assert db.get("k").bins == expected


# (policy flag, expected generation, stored generation (0: no record), code)
GENERATION_RULES = [
    (Info2.GENERATION, 2, 2, OK),
    (Info2.GENERATION, 1, 2, GENERATION),
    (Info2.GENERATION, 3, 2, GENERATION),
    (Info2.GENERATION, 0, 0, OK),
    (Info2.GENERATION, 1, 0, GENERATION),
    (Info2.GENERATION_GT, 3, 2, OK),
    (Info2.GENERATION_GT, 2, 2, GENERATION),
    (Info2.GENERATION_GT, 1, 2, GENERATION),
    (Info2.GENERATION_GT, 1, 0, OK),
    (Info2.GENERATION_GT, 0, 0, GENERATION),
]


@pytest.mark.parametrize(("flag", "sent", "stored", "code"), GENERATION_RULES)
@pytest.mark.parametrize("command", ["put", "remove"])
def test_generation_rules(db, flag, sent, stored, code, command):
    for _ in range(stored):
        db.put("k", {"a": 1})
    if command == "put":
        answer = db.put("k", {"a": 1}, info2=flag, generation=sent)
        assert answer.generation == (stored + 1 if code == OK else stored)
    else:
        answer = db.remove("k", info2=flag, generation=sent)
        code = code if stored else NOT_FOUND
    assert answer.code == code


def test_generation_wraps_to_one(db):
    db.put("k", {"a": 1})
    record = db.node.store.namespace("test").find("s", next(iter(all_digests(db))))
    record.generation = 65535
    assert db.put("k", {"a": 1}).generation == 1


def all_digests(db):
    return [record.digest for record in db.node.store.namespace("test").all_records()]


def test_a_failed_command_tells_the_record_that_it_failed_on(db):
    _, generation, void_time, _ = db.put("k", {"a": 1}, ttl=1000)
    failed = db.put("k", {"a": 1}, info2=Info2.CREATE_ONLY)
    assert failed == (EXISTS, generation, void_time, [])


@pytest.mark.parametrize(
    ("default", "ttl", "lifetime"),
    [
        (0, 0, None),
        (500, 0, 500),
        (500, NEVER, None),
        (0, 77, 77),
        (500, 77, 77),
        (500, KEEP, 500),
        (0, KEEP, None),
        (0, 315360000, 315360000),
    ],
)
def test_ttl_of_a_new_record(db, default, ttl, lifetime):
    db.node.store.namespace("test").default_ttl = default
    answer = db.put("k", {"a": 1}, ttl=ttl)
    if lifetime is None:
        assert answer.void_time == 0
    else:
        assert answer.void_time - now_2010() in (lifetime, lifetime - 1)


@pytest.mark.parametrize("ttl", [315360001, 0xFFFFFFFD, 1 << 31])
def test_ttl_that_is_too_long(db, ttl):
    assert db.put("k", {"a": 1}, ttl=ttl).code == PARAMETER
    assert db.get("k").code == NOT_FOUND


def test_keeping_the_ttl(db):
    first = db.put("k", {"a": 1}, ttl=1000)
    assert db.put("k", {"a": 2}, ttl=KEEP).void_time == first.void_time
    assert db.put("k", {"a": 2}, ttl=NEVER).void_time == 0
    assert db.put("k", {"a": 2}, ttl=KEEP).void_time == 0


def test_touch(db):
    assert db.operate("k", op(OpType.TOUCH, ""), ttl=9).code == NOT_FOUND
    db.put("k", {"a": 1})
    answer = db.operate("k", op(OpType.TOUCH, ""), ttl=900)
    assert answer.generation == 2
    assert answer.void_time - now_2010() in (900, 899)
    assert db.get("k").bins == {"a": 1}


def test_read_touch_renews_what_is_nearly_over(db):
    db.put("k", {"a": 1}, ttl=1000)
    namespace = db.node.store.namespace("test")
    record = namespace.find("s", all_digests(db)[0])
    record.void_time -= 500
    record.last_update_ms -= 500_000
    before = record.void_time
    assert db.get("k", ttl=20).void_time == before
    assert db.get("k", ttl=NEVER).void_time == before
    touched = db.get("k", ttl=80)
    assert touched.void_time >= before + 499
    assert touched.generation == 1
    assert db.get("k", ttl=101).code == PARAMETER


def test_the_key_is_stored_once_and_checked_from_then_on(db):
    db.put("k", {"a": 1})
    assert db.put("k", {"a": 1}, send_key="k").code == OK
    assert db.put("k", {"a": 1}, send_key="other").code == KEY_MISMATCH
    assert db.put("k", {"a": 1}).code == OK
    assert db.get("k", send_key="other").code == KEY_MISMATCH
    assert db.get("k", send_key="k").code == OK
    assert db.remove("k", send_key="other").code == KEY_MISMATCH
    (record,) = db.node.store.namespace("test").all_records()
    assert record.key == b"\x03k"


@pytest.mark.parametrize("key", [b"", b"\x01\0\0\0\1"], ids=["empty", "short integer"])
def test_a_key_that_is_none(db, key):
    assert db.put("k", {"a": 1}, fields=[(FieldType.KEY, key)]).code == UNSUPPORTED


def test_the_set_of_a_stored_record_is_fixed(db):
    db.put("k", {"a": 1})
    assert db.put("k", {"a": 1}, set="other").code == PARAMETER
    assert db.put("k", {"a": 1}, set=None).code == PARAMETER
    assert db.get("k", set="other").code == PARAMETER
    assert db.get("k", set=None).code == OK
    assert db.remove("k", set="other").code == PARAMETER
    assert db.remove("k", set=None).code == OK


@pytest.mark.parametrize(("length", "code"), [(63, OK), (64, PARAMETER)])
def test_length_of_a_sets_name(db, length, code):
    db.set = "x" * length
    assert db.put("k", {"a": 1}).code == code
    assert db.get("k").code == (OK if code == OK else NOT_FOUND)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("n" * 31, OK),
        ("n" * 32, NAMESPACE),
        ("", NAMESPACE),
        ("a b", NAMESPACE),
        ("x;y", NAMESPACE),
    ],
)
def test_namespaces_are_made_on_first_use(db, name, code):
    db.namespace = name
    assert db.put("k", {"a": 1}).code == code
    assert (name in db.info("namespaces").split(";")) == (code == OK)


@pytest.mark.parametrize(
    ("name", "code"),
    [("x" * 15, OK), ("x" * 16, BIN_NAME), ("é" * 7, OK), ("é" * 8, BIN_NAME), ("a\0b", BIN_NAME)],
)
def test_length_of_a_bins_name(db, name, code):
    assert db.put("k", {name: 1}).code == code
    db.put("k", {"a": 1})
    assert db.select("k", name).code == code


def test_a_bin_is_removed_by_null_and_the_record_by_its_last_bin(db):
    db.put("k", {"a": 1, "b": 2})
    assert db.put("k", {"a": None}) == (OK, 2, 0, [])
    assert db.get("k").bins == {"b": 2}
    assert db.put("k", {"b": None}) == (OK, 0, 0, [])
    assert db.get("k").code == NOT_FOUND
    assert db.put("k", {"b": None}).code == NOT_FOUND


def test_delete_all_then_write(db):
    db.put("k", {"a": 1, "b": 2})
    answer = db.operate("k", op(OpType.DELETE_ALL, ""), *writes({"c": 3}))
    assert answer[:2] == (OK, 2)
    assert db.get("k").bins == {"c": 3}
    assert db.operate("k", op(OpType.DELETE_ALL, "")).code == OK
    assert db.get("k").code == NOT_FOUND


def test_durable_deletes_are_enterprise(db):
    db.put("k", {"a": 1})
    assert db.remove("k", info2=Info2.DURABLE_DELETE).code == ENTERPRISE_ONLY
    assert db.put("k", {"a": None}, info2=Info2.DURABLE_DELETE).code == ENTERPRISE_ONLY
    assert db.put("k", {"a": 2}, info2=Info2.DURABLE_DELETE).code == OK
    assert db.get("k").bins == {"a": 2}


def test_transactions_are_enterprise(db):
    assert db.put("k", {"a": 1}, fields=[(FieldType.TXN_ID, b"12345678")]).code == ENTERPRISE_ONLY


@pytest.mark.parametrize(
    ("ops", "flags", "code"),
    [
        ([], {}, PARAMETER),
        ([op(OpType.READ, "a")], {}, PARAMETER),
        ([op(OpType.READ, "a")], {"info1": Info1.READ}, NOT_FOUND),
        ([*writes({"a": 1})], {"info1": Info1.READ | Info1.GET_ALL}, PARAMETER),
        ([op(99, "a")], {}, PARAMETER),
        ([op(OpType.CDT_MODIFY, "a", b"\x91\x10")], {}, PARAMETER),
        ([*writes({"a": None})], {"info3": Info3.CREATE_OR_REPLACE}, PARAMETER),
        ([op(OpType.INCR, "a", 1)], {"info3": Info3.CREATE_OR_REPLACE}, PARAMETER),
        ([op(OpType.APPEND, "a", "x")], {"info3": Info3.REPLACE_ONLY}, PARAMETER),
        ([op(OpType.TOUCH, "")], {"info3": Info3.CREATE_OR_REPLACE}, PARAMETER),
        ([op(OpType.DELETE_ALL, "")], {"info3": Info3.CREATE_OR_REPLACE}, PARAMETER),
    ],
)
def test_writes_that_contradict_themselves(db, ops, flags, code):
    assert db.operate("k", *ops, **flags).code == code


READ_ALL = {"info1": Info1.READ | Info1.GET_ALL}


@pytest.mark.parametrize(
    ("ops", "flags", "code"),
    [
        ([op(OpType.READ, "")], READ_ALL, OK),
        ([op(OpType.READ, "")] * 2, READ_ALL, PARAMETER),
        ([op(OpType.READ, ""), op(OpType.READ, "a")], READ_ALL, PARAMETER),
        ([op(OpType.READ, "")], {**READ_ALL, "info2": Info2.RESPOND_ALL_OPS}, PARAMETER),
    ],
)
def test_reading_all_bins_within_a_write(db, ops, flags, code):
    answer = db.operate("k", *writes({"a": 1, "b": 2}), *ops, **flags)
    assert answer.code == code
    if code == OK:
        assert answer.ops == [(OpType.READ, "a", 1), (OpType.READ, "b", 2)]


def test_more_operations_than_the_server_takes(db):
    ops = [op(OpType.WRITE, "a", 1)] * 32768
    assert db.operate("k", *ops).code == OK
    assert db.operate("k", *ops, ops[0]).code == PARAMETER
    reads = ["a"] * 32769
    assert db.select("k", *reads).code == PARAMETER
    assert len(db.select("k", *reads[1:]).ops) == 32768


def test_more_bins_than_a_record_holds(db):
    assert db.put("k", {f"b{i}": i for i in range(32767)}).code == OK
    assert db.put("k", {"one more": 1}).code == PARAMETER
    assert len(db.get("k").ops) == 32767


def test_a_record_that_is_too_big(db):
    big = b"x" * (4 << 20)
    assert db.put("k", {"a": big}).code == OK
    assert db.put("k", {"b": big}).code == TOO_BIG
    assert db.get("k").bins == {"a": big}


def test_a_read_after_a_write_in_one_command_sees_it(db):
    db.put("k", {"n": 1, "s": "a"})
    answer = db.operate(
        "k",
        op(OpType.READ, "n"),
        op(OpType.INCR, "n", 5),
        op(OpType.READ, "n"),
        *writes({"s": None}),
        op(OpType.READ, "s"),
        info1=Info1.READ,
    )
    assert answer.ops == [(OpType.READ, "n", 1), (OpType.READ, "n", 6)]


def test_every_operation_answers_when_asked_to(db):
    answer = db.operate(
        "k",
        *writes({"n": 1}),
        op(OpType.INCR, "n", 5),
        op(OpType.TOUCH, ""),
        op(OpType.READ, "n"),
        op(OpType.READ, "x"),
        info1=Info1.READ,
        info2=Info2.RESPOND_ALL_OPS,
    )
    assert answer.code == NOT_FOUND  # TOUCH asks for a record
    db.put("k", {"n": 0})
    answer = db.operate(
        "k",
        *writes({"n": 1}),
        op(OpType.INCR, "n", 5),
        op(OpType.READ, "n"),
        op(OpType.READ, "x"),
        info1=Info1.READ,
        info2=Info2.RESPOND_ALL_OPS,
    )
    assert answer.ops == [
        (OpType.WRITE, "n", None),
        (OpType.INCR, "n", None),
        (OpType.READ, "n", 6),
        (OpType.READ, "x", None),
    ]


def test_a_command_that_fails_half_way_changes_nothing(db):
    db.put("k", {"n": 1, "s": "a"})
    answer = db.operate("k", *writes({"n": 2}), op(OpType.INCR, "s", 1))
    assert answer[:2] == (BIN_TYPE, 1)
    assert db.get("k") == (OK, 1, 0, [(OpType.READ, "n", 1), (OpType.READ, "s", "a")])


# n == 1, packed: [EQ, [BIN, INT, "n"], 1]
N_IS_ONE = bytes.fromhex("93 01 93 51 02 a1 6e 01")


def test_filters(db):
    sent = [(FieldType.FILTER, N_IS_ONE)]
    assert db.get("k", fields=sent).code == NOT_FOUND
    assert db.put("k", {"n": 1}, fields=sent).code == OK
    assert db.put("k", {"n": 2}, fields=sent).code == OK
    assert db.put("k", {"n": 3}, fields=sent) == (FILTERED_OUT, 2, 0, [])
    assert db.get("k", fields=sent) == (FILTERED_OUT, 2, 0, [])
    assert db.remove("k", fields=sent).code == FILTERED_OUT
    assert db.get("k").bins == {"n": 2}
    assert db.get("k", fields=[(FieldType.FILTER, b"\xc1")]).code == PARAMETER


@pytest.mark.parametrize(("length", "code"), [(19, PARAMETER), (21, PARAMETER), (0, PARAMETER)])
def test_a_digest_that_is_none(db, length, code):
    extra = [(FieldType.DIGEST, bytes(length))]
    # The last field of a kind counts for nothing: the first one does.
    assert db.put("k", {"a": 1}, fields=extra).code == OK
    from aerodbapi.protocol.message import Message, encode_message
    from tests.embedded.driver import one

    fields = ((FieldType.NAMESPACE, b"test"), (FieldType.DIGEST, bytes(length)))
    body = encode_message(Message(info1=3, fields=fields))
    assert one(db.node, bytes((2, 3)) + len(body).to_bytes(6, "big") + body).result_code == code


def test_neither_read_nor_write(db):
    assert db.command("k", []).code == PARAMETER
