"""Batches: every kind of entry, its own result code, in the order of the request."""

from __future__ import annotations

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import batch
from aerodbapi.protocol.batch import decode_batch, encode_batch, read_entry, remove_entry
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import BatchFlag, FieldType, Info1, Info2, OpType
from aerodbapi.protocol.frame import HEADER_SIZE, frame
from aerodbapi.protocol.message import Message, encode_field, encode_message, encode_op
from tests.embedded.driver import FILTERED_OUT, NOT_FOUND, OK, PARAMETER, Driver, many

N_IS_ONE = bytes.fromhex("93 01 93 51 02 a1 6e 01")
ALL_KEYS = BatchFlag.RESPOND_ALL_KEYS


@pytest.fixture
def db():
    driver = Driver(EmbeddedNode())
    for i in range(5):
        driver.put(i, {"n": i, "s": f"text {i}"})
    return driver


def key(i):
    return "test", "s", digest("s", i)


def write(i, bins, **flags):
    n_ops, ops = bins_ops(bins)
    return batch.write_entry(*key(i), ops, n_ops, **flags)


def run(db, entries, **options):
    """Send a batch; give (index, code, bins) of each reply, and the batch's own code."""
    results, code = [], None
    for reply in db.node.receive(encode_batch(entries, **options)):
        assert code is None, "a frame behind the last one"
        found, last, result_code = decode_batch(reply[HEADER_SIZE:])
        results += [(index, rc, bins) for index, rc, _, _, bins in found]
        if last:
            code = result_code
    return results, code


def test_reads(db):
    entries = [read_entry(*key(i)) for i in (3, 99, 1)]
    assert run(db, entries) == (
        [(0, OK, {"n": 3, "s": "text 3"}), (1, NOT_FOUND, {}), (2, OK, {"n": 1, "s": "text 1"})],
        OK,
    )


def test_reads_of_some_bins_and_of_none(db):
    entries = [
        read_entry(*key(0), bins=["n"]),
        read_entry(*key(1), bins=["n", "x"]),
        read_entry(*key(2), nobins=True),
    ]
    assert run(db, entries)[0] == [(0, OK, {"n": 0}), (1, OK, {"n": 1}), (2, OK, {})]


def test_entries_of_all_kinds(db):
    entries = [
        write(0, {"n": 10}),
        read_entry(*key(0), bins=["n"]),
        remove_entry(*key(1)),
        remove_entry(*key(1)),
        write(2, {"n": 1}, info2=Info2.WRITE | Info2.CREATE_ONLY),
        write(7, {"n": 7}, ttl=1000),
        batch.write_entry(*key(3), encode_op(OpType.INCR, "n", 1, bytes(7) + b"\5"), 1),
    ]
    results, code = run(db, entries)
    assert code == OK
    assert [(index, rc) for index, rc, _ in results] == [
        (0, OK),
        (1, OK),
        (2, OK),
        (3, NOT_FOUND),
        (4, 5),
        (5, OK),
        (6, OK),
    ]
    assert results[0][2] == {"n": None}  # all operations answer, a write with nothing
    assert results[1][2] == {"n": 10}
    assert db.get(3).bins["n"] == 8
    assert db.get(7).void_time > 0
    assert db.get(1).code == NOT_FOUND


def test_repeated_entries_take_everything_from_the_one_before(db):
    entries = [read_entry(*key(i), bins=["s"]) for i in range(5)]
    request = encode_batch(entries)
    assert len(request) < 5 * len(encode_batch(entries[:1]))
    assert run(db, entries)[0] == [(i, OK, {"s": f"text {i}"}) for i in range(5)]


def test_entries_keep_the_indexes_that_the_client_gives_them(db):
    results, _ = run(db, [read_entry(*key(i), nobins=True) for i in (1, 2)], indexes=[40, 7])
    assert results == [(40, OK, {}), (7, OK, {})]


def test_a_filter_for_all_gives_way_to_an_entrys_own(db):
    entries = [
        read_entry(*key(0), bins=["n"]),
        read_entry(*key(1), bins=["n"]),
        read_entry(*key(2), bins=["n"], filter=bytes.fromhex("93 01 93 51 02 a1 6e 02")),
    ]
    results, _ = run(db, entries, filter=N_IS_ONE)
    assert results == [(0, FILTERED_OUT, {}), (1, OK, {"n": 1}), (2, OK, {"n": 2})]


# (flags, replies that come, the batch's code); the second of three entries fails with 5
ERROR_FLAGS = [
    (ALL_KEYS, [0, 1, 2], OK),
    (ALL_KEYS | BatchFlag.ERROR_RECORD, [0, 1, 2], OK),
    (BatchFlag.ERROR_RECORD, [0, 1], 5),
    (0, [0], 5),
]


@pytest.mark.parametrize(("flags", "indexes", "code"), ERROR_FLAGS)
def test_which_errors_end_the_answers(db, flags, indexes, code):
    entries = [
        read_entry(*key(99)),  # not found is an answer
        write(1, {"n": 1}, info2=Info2.WRITE | Info2.CREATE_ONLY),
        write(2, {"n": 22}),
    ]
    results, found = run(db, entries, flags=flags)
    assert ([index for index, _, _ in results], found) == (indexes, code)
    assert db.get(2).bins["n"] == 22  # executed nevertheless


def test_unknown_names_are_the_entrys_error(db):
    entries = [read_entry("no name", "s", bytes(20)), read_entry(*key(0), nobins=True)]
    assert run(db, entries)[0] == [(0, 20, {}), (1, OK, {})]


def test_a_big_reply_comes_in_frames(db):
    db.put("big", {"b": bytes(50_000)})
    entries = [read_entry(*key("big")) for _ in range(40)]
    request = encode_batch(entries)
    frames = list(db.node.receive(request))
    assert len(frames) > 10
    assert max(map(len, frames)) < 256 << 10
    assert run(db, entries)[0] == [(i, OK, {"b": bytes(50_000)}) for i in range(40)]


def test_a_malformed_filter_ends_the_batch(db):
    assert run(db, [write(0, {"n": 9})], filter=b"\xc1") == ([], PARAMETER)
    assert db.get(0).bins["n"] == 0


def test_many_keys(db):
    n = 6000
    assert run(db, [write(i, {"n": i}) for i in range(n)])[1] == OK
    results, code = run(db, [read_entry(*key(i), bins=["n"]) for i in range(n)])
    assert code == OK
    assert results == [(i, OK, {"n": i}) for i in range(n)]


FIELD = encode_batch([read_entry(*key(0))] * 2)[HEADER_SIZE + 22 + 5 :]


@pytest.mark.parametrize(
    "field",
    [
        None,
        b"",
        b"\0\0\0\0\1",
        b"\0\0\0\1\1",
        FIELD[:-1],
        FIELD + b"x",
        b"\0\0\0\3" + FIELD[4:],
        b"\xff\xff\xff\xff" + FIELD[4:],
        FIELD[:29] + b"\1",
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(db, field):
    fields = () if field is None else ((FieldType.BATCH, field),)
    request = frame(3, encode_message(Message(info1=Info1.BATCH, fields=fields)))
    (reply,) = many(db.node, request)
    assert (reply.result_code, reply.info3) == (PARAMETER, 1)
    assert db.get(0).code == OK


def test_the_field_in_the_table_above_is_well_formed(db):
    body = encode_message(Message(info1=Info1.BATCH)) + encode_field(FieldType.BATCH, FIELD)
    request = frame(3, body[:18] + b"\0\1" + body[20:])
    assert [m.result_code for m in many(db.node, request)] == [OK, OK, OK]


def test_a_size_that_counts_too_much_is_not_looked_at(db):
    request = encode_batch([read_entry(*key(i), bins=["n"]) for i in range(3)], filter=N_IS_ONE)
    field = encode_field(FieldType.BATCH, b"")[4:5]
    at = request.rindex(field + (3).to_bytes(4, "big"))
    size = int.from_bytes(request[at - 4 : at], "big")
    assert at + size == len(request)
    request = request[: at - 4] + (size + 15).to_bytes(4, "big") + request[at:]
    (reply,) = db.node.receive(request)
    assert [(index, rc) for index, rc, *_ in decode_batch(reply[HEADER_SIZE:])[0]] == [
        (0, FILTERED_OUT),
        (1, OK),
        (2, FILTERED_OUT),
    ]
