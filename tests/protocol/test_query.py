"""Partition queries: what the recorded frames do not show."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import BinNameError, ProtocolError
from aerodbapi.protocol import particles, query
from aerodbapi.protocol.flags import FieldType as F
from aerodbapi.protocol.flags import Info1, Info2, Info3
from aerodbapi.protocol.message import Message, Operation, encode_message, encode_op, messages
from aerodbapi.protocol.query import IndexRange, QueryRequest, UDFCall
from tests.protocol.strategies import INT64, NAMES, U8, U32

DIGEST = bytes(range(20))


def parsed(q: QueryRequest) -> Message:
    (only,) = messages(query.encode_query(q)[8:])
    return only


REQUESTS = st.builds(
    QueryRequest,
    namespace=st.just("ns"),
    set=st.sampled_from([None, "s"]),
    bins=st.one_of(st.none(), st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
    partitions=st.lists(st.integers(0, 4095), max_size=5).map(tuple),
    digests=st.lists(st.binary(min_size=20, max_size=20), max_size=3).map(tuple),
    bvals=st.lists(INT64, max_size=3).map(tuple),
    max_records=st.integers(0, (1 << 64) - 1),
    filter=st.sampled_from([b"", b"\x91\x00"]),
    range=st.builds(IndexRange, NAMES, U8, st.binary(max_size=9), st.binary(max_size=9)),
    index_name=st.sampled_from([None, "idx"]),
    index_type=st.integers(0, 3),
    index_context=st.sampled_from([b"", b"\x92\x10\x00"]),
    index_expression=st.sampled_from([b"", b"\x91\x00"]),
    records_per_second=U32,
    socket_timeout_ms=U32,
    timeout_ms=U32,
    task_id=st.integers(0, (1 << 64) - 1),
    short=st.booleans(),
    relax=st.booleans(),
    compress=st.booleans(),
    ttl=st.just(0xFFFFFFFF),
    udf=st.one_of(st.none(), st.just(UDFCall("p", "f", b"\x90", 1))),
    ops=st.just(()),
)


@given(REQUESTS)
def test_the_node_reads_what_clients_ask(q: QueryRequest) -> None:
    message = parsed(q)
    assert query.parse_query(message) == q
    assert message.info3 == Info3.PARTITION_DONE
    assert bool(message.info1 & Info1.SHORT_QUERY) == q.short


def test_only_metadata() -> None:
    message = parsed(QueryRequest("ns", "s", bins=("a",), nobins=True, partitions=[1]))
    assert (message.info1, message.ops) == (Info1.READ | Info1.NOBINDATA, ())
    assert query.parse_query(message).nobins


def test_background_operations() -> None:
    q = QueryRequest("ns", ops=encode_op(2, "a", 1, bytes(8)), n_ops=1, ttl=5)
    message = parsed(q)
    assert (message.info1, message.info2, message.info3) == (0, Info2.WRITE, 0)
    read = query.parse_query(message)
    assert read.background
    assert (read.ops, read.n_ops, read.ttl) == ((Operation(2, "a", 1, bytes(8)),), 1, 5)
    with pytest.raises(TypeError):
        query.encode_query(read)


def test_whole_partitions_are_sent_alike() -> None:
    one, other = (
        query.encode_query(QueryRequest("ns", partitions=pids))
        for pids in (range(4096), list(range(4096)))
    )
    assert one == other


def test_ranges() -> None:
    r = IndexRange("bin", 1, struct.pack(">q", -1), struct.pack(">q", 1))
    assert query.decode_index_range(query.encode_index_range(r)) == r
    with pytest.raises(BinNameError):
        query.encode_index_range(IndexRange("x" * 16, 1, b"", b""))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\1",
        b"\1\3ab",
        b"\1\0\1",
        b"\1\0\1\0\0\0\1",
        b"\1\0\1\0\0\0\0\0\0\0\1",
        b"\1\0\1" + bytes(9),
        b"\2\0\1" + bytes(8),
    ],
)
def test_malformed_range(value: bytes) -> None:
    with pytest.raises(ProtocolError):
        query.decode_index_range(value)


@pytest.mark.parametrize(
    "field",
    [
        (F.PID_ARRAY, b"\1"),
        (F.PID_ARRAY, b"\0\x10"),
        (F.DIGEST_ARRAY, bytes(21)),
        (F.BVAL_ARRAY, bytes(7)),
        (F.MAX_RECORDS, bytes(4)),
        (F.TASK_ID, b""),
        (F.RECS_PER_SEC, bytes(8)),
        (F.SOCKET_TIMEOUT, b"\1"),
        (F.INDEX_TYPE, bytes(2)),
        (F.UDF_OP, b""),
        (F.INDEX_RANGE, b""),
    ],
)
def test_malformed_query(field: tuple[int, bytes]) -> None:
    with pytest.raises(ProtocolError):
        query.parse_query(Message(info1=1, fields=((F.NAMESPACE, b"ns"), field)))


# ---- replies -----------------------------------------------------------------------------------


def record(
    digest: bytes = DIGEST,
    bins: dict[str, Any] | None = None,
    set: str | None = "s",
    key: bytes | None = None,
    bval: int | None = None,
    **head: Any,
) -> bytes:
    fields = [(F.NAMESPACE, b"ns"), (F.DIGEST, digest)]
    if set is not None:
        fields.append((F.SET, set.encode()))
    if key is not None:
        fields.append((F.KEY, key))
    if bval is not None:
        fields.append((F.BVAL_ARRAY, struct.pack("<q", bval)))
    ops = tuple(Operation(1, n, *particles.encode(v)) for n, v in (bins or {}).items())
    return encode_message(Message(fields=tuple(fields), ops=ops, **head))


LAST = encode_message(Message(info3=Info3.LAST))


def test_records_of_many_shapes() -> None:
    d = [bytes([i]) * 20 for i in range(6)]
    body = (
        record(d[0], {"a": 1, "b": "x"}, generation=1, record_ttl=2)
        + record(d[1], {"a": 1.5}, key=b"\3k")
        + record(d[2], {"c": [1]}, set="t")
        + record(d[3], {}, set=None)
        + record(d[4], {"a": None}, key=b"\1" + bytes(7) + b"\5", bval=-3)
        + record(d[5], {"b": True})
        + LAST
    )
    frame = query.decode_query_frame(body)
    assert frame.records == [
        (d[0], "s", None, 1, 2, {"a": 1, "b": "x"}, None),
        (d[1], "s", "k", 0, 0, {"a": 1.5}, None),
        (d[2], "t", None, 0, 0, {"c": [1]}, None),
        (d[3], "", None, 0, 0, {}, None),
        (d[4], "s", 5, 0, 0, {"a": None}, -3),
        (d[5], "s", None, 0, 0, {"b": True}, None),
    ]
    assert (frame.unavailable, frame.last, frame.result_code) == ([], True, 0)
    columns = query.decode_query_columns(body, ["b", "a"])
    assert columns.rows == [
        ("x", 1),
        (None, 1.5),
        (None, None),
        (None, None),
        (None, None),
        (True, None),
    ]
    assert columns.digests == d
    assert columns.bvals == [None, None, None, None, -3, None]


def test_unavailable_partitions() -> None:
    body = (
        encode_message(Message(info3=Info3.PARTITION_DONE, generation=7, result_code=11))
        + record()
        + encode_message(
            Message(
                info3=Info3.PARTITION_DONE,
                generation=8,
                fields=((F.NAMESPACE, b"ns"),),
                ops=(Operation(1, "a"),),
            )
        )
    )
    for frame in (query.decode_query_frame(body), query.decode_query_columns(body, [])):
        assert frame.unavailable == [(7, 11)]
        assert (frame.last, frame.result_code) == (False, 0)
    assert len(query.decode_query_frame(body).records) == 1


@pytest.mark.parametrize("info3", [0, Info3.LAST])
def test_a_failure_ends_the_stream(info3: int) -> None:
    body = record() + encode_message(Message(info3=info3, result_code=210)) + record()
    frame = query.decode_query_frame(memoryview(body))  # type: ignore[arg-type]
    assert (len(frame.records), frame.last, frame.result_code) == (1, True, 210)
    columns = query.decode_query_columns(memoryview(body), ["a"])  # type: ignore[arg-type]
    assert (columns.rows, columns.last, columns.result_code) == ([(None,)], True, 210)


def test_results_of_an_aggregation_have_no_digest() -> None:
    body = encode_message(Message(ops=(Operation(1, "SUCCESS", 1, bytes(8)),)))
    assert query.decode_query_frame(body).records == [(b"", "", None, 0, 0, {"SUCCESS": 0}, None)]


BAD_REPLIES = {
    "header size": b"\x17" + bytes(21),
    "cut header": b"\x16",
    "cut after a record": record() + b"\x16",
    "digest of 19 bytes": record(b"x" * 19),
    "key without a type": record(key=b""),
    "key of an unknown type": record(key=b"\x63"),
    "bval of 7 bytes": encode_message(Message(fields=((F.BVAL_ARRAY, bytes(7)),))),
    "empty field": b"\x16" + bytes(18) + b"\1\0\0" + bytes(5),
    "field beyond the end": b"\x16" + bytes(18) + b"\1\0\0" + b"\xff\xff\xff\xff\4",
    "bin beyond the end": record(bins={"a": "xyz"})[:-1],
    "cut in the digest": record() + record(set=None)[:-3],
    "partition note beyond the end": encode_message(
        Message(info3=Info3.PARTITION_DONE, generation=1, fields=((0, b"ns"),))
    )[:-1],
    "integer of 7 bytes": encode_message(Message(ops=(Operation(1, "a", 1, bytes(7)),))),
    "shorter than its name": b"\x16" + bytes(20) + b"\1" + b"\0\0\0\4\1\3\0\1",
}


@pytest.mark.parametrize("name", BAD_REPLIES)
def test_malformed_reply(name: str) -> None:
    with pytest.raises(ProtocolError):
        query.decode_query_frame(BAD_REPLIES[name])
    with pytest.raises(ProtocolError):
        query.decode_query_columns(BAD_REPLIES[name], ["a"])


def test_the_same_around_another_digest_is_still_checked() -> None:
    good = record(bins={"a": 1})
    for cut in range(1, len(good)):
        with pytest.raises(ProtocolError):
            query.decode_query_frame(good + good[:cut])
