"""Batches: what the recorded frames do not show."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import batch, message
from aerodbapi.protocol.batch import BatchEntry
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3
from aerodbapi.protocol.message import Message, Operation, encode_op

DIGESTS = st.binary(min_size=20, max_size=20)
D1, D2 = bytes(20), b"\1" * 20


def keys_of(request: bytes) -> list[batch.BatchKey]:
    (asked,) = message.messages(request[8:])
    field = asked.field(FieldType.BATCH)
    assert field is not None
    return batch.decode_batch_request(field)


def entry(draw: st.DataObject, digest: bytes) -> BatchEntry:
    set = draw.draw(st.sampled_from([None, "s", "t"]))
    match draw.draw(st.integers(0, 3)):
        case 0:
            bins = draw.draw(st.sampled_from([None, ["a"], ["a", "b"]]))
            return batch.read_entry("ns", set, digest, bins=bins)
        case 1:
            key = draw.draw(st.sampled_from([None, 1]))
            return batch.write_entry(
                "ns", set, digest, encode_op(2, "a", 1, bytes(8)), 1, generation=7, ttl=9, key=key
            )
        case 2:
            return batch.remove_entry("ns", set, digest)
        case _:
            return batch.apply_entry("ns", set, digest, "p", "f", b"\x90")


@given(st.lists(DIGESTS, max_size=8), st.data())
def test_repeats_mean_what_they_replace(digests: list[bytes], data: st.DataObject) -> None:
    entries = [entry(data, digest) for digest in digests]
    plain = [e._replace(repeatable=False) for e in entries]
    short, long = batch.encode_batch(entries), batch.encode_batch(plain)
    assert keys_of(short) == keys_of(long)
    assert [key.digest for key in keys_of(short)] == digests
    assert len(short) <= len(long)


def test_equal_reads_take_25_bytes() -> None:
    entries = [batch.read_entry("ns", "s", bytes([i]) * 20) for i in range(10)]
    one, ten = (len(batch.encode_batch(entries[:n])) for n in (1, 10))
    assert ten - one == 9 * 25


def test_a_sent_key_is_never_repeated() -> None:
    ops = encode_op(2, "a", 1, bytes(8))
    entries = [batch.write_entry("ns", "s", D1, ops, 1, key="k") for _ in range(2)]
    assert [key.fields for key in keys_of(batch.encode_batch(entries))] == [
        ((0, b"ns"), (1, b"s"), (2, b"\3k"))
    ] * 2
    assert len(batch.encode_batch(entries)) > len(batch.encode_batch(entries[:1])) + 25


def test_what_an_entry_says() -> None:
    request = batch.encode_batch(
        [
            batch.write_entry(
                "ns", "s", D1, b"", 0, info3=Info3.UPDATE_ONLY, info4=0x10, generation=3, ttl=4
            ),
            batch.read_entry("ns", "s", D2, nobins=True, filter=b"\x90", touch_ttl=5),
            batch.read_entry("ns", "s", D2, ops=(1, encode_op(3, "l", 4, b"\x91\x10"))),
        ],
        indexes=[7, 3, 9],
        flags=2,
        filter=b"\x91\x00",
        timeout_ms=77,
        info1_extra=Info1.COMPRESS_RESPONSE,
    )
    (asked,) = message.messages(request[8:])
    assert (asked.info1, asked.transaction_ttl) == (0x88, 77)
    assert asked.fields[0] == (FieldType.FILTER, b"\x91\x00")
    field = asked.fields[1][1]
    assert batch.batch_flags(field) == 2
    write, exists, read = batch.decode_batch_request(field)
    assert [key.index for key in (write, exists, read)] == [7, 3, 9]
    assert (write.info2, write.info3, write.info4) == (0x81, Info3.UPDATE_ONLY, 0x10)
    assert (write.generation, write.ttl) == (3, 4)
    assert (exists.info1, exists.ttl) == (Info1.READ | Info1.NOBINDATA, 5)
    assert dict(exists.fields)[FieldType.FILTER] == b"\x90"
    assert (read.info1, read.ops) == (Info1.READ, (Operation(3, "l", 4, b"\x91\x10"),))


def test_removes_add_flags() -> None:
    (key,) = keys_of(
        batch.encode_batch(
            [batch.remove_entry("ns", "s", D1, info2=Info2.GENERATION, generation=2)]
        )
    )
    assert (key.info2, key.generation) == (0x87, 2)


HEAD = struct.pack(">IB", 1, 0) + bytes(4) + D1

BAD_REQUESTS = {
    "empty": b"",
    "no keys": struct.pack(">IB", 1, 0),
    "many keys": struct.pack(">IB", 0xFFFFFFFF, 0),
    "repeats nothing": HEAD + b"\1",
    "unknown type": HEAD + b"\x40" + bytes(8),
    "repeat and more": HEAD + b"\3" + bytes(8),
    "cut info": HEAD + b"\2\0",
    "cut counts": HEAD + b"\2\0\0\0\0",
    "cut field": HEAD + b"\2\0\0\0" + b"\0\1\0\0",
    "cut op": HEAD + b"\2\0\0\0" + b"\0\0\0\1",
    "trailing": HEAD + b"\2\0\0\0" + b"\0\0\0\0" + b"x",
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_malformed_request(name: str) -> None:
    with pytest.raises(ProtocolError):
        batch.decode_batch_request(BAD_REQUESTS[name])


def test_flags_of_nothing() -> None:
    with pytest.raises(ProtocolError):
        batch.batch_flags(b"\0\0\0\1")


def test_replies_end_with_the_last_one() -> None:
    one = message.encode_message(Message(transaction_ttl=5, generation=1, result_code=2))
    last = message.encode_message(Message(info3=Info3.LAST, result_code=151))
    assert batch.decode_batch(one) == ([(5, 2, 1, 0, {})], False, 0)
    assert batch.decode_batch(one + last) == ([(5, 2, 1, 0, {})], True, 151)
    assert batch.decode_batch(memoryview(last)) == ([], True, 151)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        b"\x16",
        b"\x15" + bytes(21),
        b"\x16" + bytes(18) + b"\1\0\0",
        b"\x16" + bytes(18) + b"\1\0\0\0\0\0\7",
    ],
)
def test_malformed_reply(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        batch.decode_batch(body)
