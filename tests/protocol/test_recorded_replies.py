"""Our decoders read the server's recorded replies as the official client did."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from aerodbapi.errors import error_for
from aerodbapi.protocol import batch, commands, digest, frame, info, message, query
from aerodbapi.protocol.flags import TTL_NEVER, Info3
from aerodbapi.types import GeoJSON, HyperLogLog, KeyOrderedDict
from tests.protocol import recorded

RECORDS = [
    "get",
    "exists",
    "select",
    "get_geo",
    "get_kod",
    "operate_rw",
    "operate_read_all",
    "operate_delete",
    "exp_ops",
    "get_compress",
]
ORDERED = ["operate_ordered", "list_ops", "list_ops2", "map_ops", "ctx_ops", "bit_ops", "hll_ops"]
WRITES = sorted(
    name
    for name, e in recorded.EXCHANGES.items()
    if e["result"] == "0" and not name.startswith("query")
)
REFUSALS = ["filter_get", "put_compress"]
BATCHES = [name for name in recorded.EXCHANGES if name.startswith("batch_")]
QUERIES = ["query_eq_int", "query_eq_str", "query_range", "query_none", "scan"]


def shown(value: Any) -> Any:
    """Values as the official client shows them: GeoJSON as text."""
    if isinstance(value, GeoJSON):
        return value.text
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def reply(name: str) -> bytes:
    (body,) = recorded.replies(name)
    return body


@pytest.mark.parametrize("name", RECORDS)
def test_record(name: str) -> None:
    _, meta, *bins = recorded.result(name)
    code, generation, void_time, decoded = commands.decode_reply(reply(name))
    assert (code, generation) == (0, meta["gen"])
    assert {key: shown(value) for key, value in decoded.items()} == (bins[0] if bins else {})
    assert (void_time == 0) == (meta["ttl"] == TTL_NEVER)


def test_bin_types_of_a_record() -> None:
    bins = commands.decode_reply(reply("get"))[3]
    assert [type(value) for value in bins.values()] == [int, float, str, bytes, bool, list, dict]
    assert type(commands.decode_reply(reply("get_kod"))[3]["m"]) is KeyOrderedDict
    hll = commands.decode_reply(reply("hll_read"))[3]["h"]
    assert (type(hll), len(hll)) == (HyperLogLog, 459)


@pytest.mark.parametrize("name", ORDERED)
def test_results_in_order(name: str) -> None:
    _, meta, results = recorded.result(name)
    code, generation, _, decoded = commands.decode_reply_ordered(reply(name))
    assert (code, generation) == (0, meta["gen"])
    # Long results were recorded in part.
    assert decoded[: len(results)] == results
    assert len(results) >= min(len(decoded), 5)


@pytest.mark.parametrize("name", WRITES)
def test_write(name: str) -> None:
    code, generation, _, bins = commands.decode_reply(reply(name))
    assert (code, bins) == (0, {})
    assert generation > 0 or name == "remove"


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal(name: str) -> None:
    kind, _, rest = recorded.EXCHANGES[name]["result"].partition(" ")
    code = commands.decode_reply(reply(name))[0]
    assert code == ast.literal_eval(rest)[0]
    assert kind in (type(error_for(code)).__name__, "AerospikeError")


def test_transaction_is_refused_after_its_monitor_was_written() -> None:
    assert [commands.decode_reply(body)[0] for body in recorded.replies("txn_put")] == [0, 25]


def test_udf_result() -> None:
    assert commands.decode_reply(reply("apply"))[3] == {"SUCCESS": recorded.result("apply")}


def batch_replies(name: str) -> list[batch.BatchReply]:
    """Results of all frames by index; the last frame ends the batch."""
    frames = [batch.decode_batch(body) for body in recorded.replies(name)]
    assert [last for _, last, _ in frames] == [False] * (len(frames) - 1) + [True]
    assert frames[-1][2] == 0
    return sorted((r for results, _, _ in frames for r in results), key=lambda r: r[0])


@pytest.mark.parametrize("name", ["batch_read", "batch_read_bins", "batch_operate"])
def test_batch_of_records(name: str) -> None:
    decoded = [
        (bins, generation) if code == 0 else None
        for _, code, generation, _, bins in batch_replies(name)
    ]
    expected = [record and (record[2], record[1]["gen"]) for record in recorded.result(name)]
    assert decoded == expected


def test_batch_of_metadata() -> None:
    decoded = [(r[0], r[1], r[2], r[4]) for r in batch_replies("batch_read_exists")]
    assert decoded == [(0, 0, 1, {}), (1, 0, 3, {})]


def test_batch_of_removes() -> None:
    assert [r[1] for r in batch_replies("batch_remove")] == recorded.result("batch_remove")


def test_batch_of_everything() -> None:
    assert [(r[0], r[1], r[4]) for r in batch_replies("batch_write")] == [
        (0, 0, {"i": None}),
        (1, 0, {"i": 3}),
        (2, 0, {"i": 3}),
        (3, 0, {}),
        (4, 100, {"FAILURE": "UDF: Execution Error 1"}),
    ]


@pytest.mark.parametrize("name", QUERIES)
def test_query(name: str) -> None:
    decoded = [query.decode_query_frame(body) for body in recorded.replies(name)]
    assert [f.last for f in decoded] == [False] * (len(decoded) - 1) + [True]
    assert {f.result_code for f in decoded} == {0}
    records = [record for f in decoded for record in f.records]
    count = recorded.result(name)
    assert len(records) == count
    for found, set, _, generation, void_time, bins, bval in records:
        assert (len(found), set, generation > 0, void_time > 0) == (20, "vec", True, True)
        assert (bval is not None) == (name == "query_range")
        assert bval is None or bval == bins["i"]


@pytest.mark.parametrize("name", QUERIES)
def test_columns_are_the_records_bins(name: str) -> None:
    names = ("s", "none", "i", "h", "m")
    for body in recorded.replies(name):
        records, columns = query.decode_query_frame(body), query.decode_query_columns(body, names)
        assert columns.rows == [tuple(map(r[5].get, names)) for r in records.records]
        assert columns.digests == [r[0] for r in records.records]
        assert columns.bvals == [r[6] for r in records.records]
        assert (columns.last, columns.result_code) == (records.last, records.result_code)


def test_query_brings_stored_keys_and_their_digests() -> None:
    records = [
        r for body in recorded.replies("scan") for r in query.decode_query_frame(body).records
    ]
    keys = {key: found for found, _, key, *_ in records if key is not None}
    assert keys == {"k1": digest.digest("vec", "k1")}


def test_pages_do_not_overlap() -> None:
    frames = [query.decode_query_frame(body) for body in recorded.replies("query_paginate")]
    ends = [i for i, f in enumerate(frames) if f.last]
    assert len(ends) == 2
    pages = [frames[: ends[0]], frames[ends[0] + 1 : ends[1]]]
    first, second = ({r[0] for f in page for r in f.records} for page in pages)
    assert (len(first), len(second)) == recorded.result("query_paginate")[:2]
    assert not first & second


@pytest.mark.parametrize("name", ["query_bg_ops", "query_bg_udf"])
def test_background_query_is_acknowledged_by_one_message(name: str) -> None:
    (only,) = message.messages(reply(name))
    assert (only.info3, only.result_code) == (Info3.LAST, 0)
    assert query.decode_query_frame(reply(name)).last


def test_info_reply() -> None:
    assert info.decode_reply(reply("info")) == {"node": "C1D01000000FC02"}


@pytest.mark.parametrize("name", sorted(recorded.EXCHANGES))
def test_messages_encode_to_their_own_bytes(name: str) -> None:
    for whole in recorded.frames(name, ">") + recorded.frames(name, "<"):
        kind, length = frame.parse_header(whole)
        assert length == len(whole) - frame.HEADER_SIZE
        if kind == frame.MESSAGE:
            body = whole[frame.HEADER_SIZE :]
            assert b"".join(map(message.encode_message, message.messages(body))) == body


@pytest.mark.parametrize("name", [n for n in recorded.EXCHANGES if n.startswith(("query", "scan"))])
def test_the_node_reads_recorded_queries(name: str) -> None:
    for whole in recorded.requests(name):
        (asked,) = message.messages(whole[frame.HEADER_SIZE :])
        q = query.parse_query(asked)
        assert (q.namespace, q.set) == ("test", "vec")
        assert q.background == ("_bg_" in name)
        assert len(q.partitions) + len(q.digests) == (0 if q.background else 4096)
        assert (q.range is None) == (name not in ("query_eq_int", "query_eq_str", "query_range"))
        if not q.background:
            assert query.encode_query(q) == whole


@pytest.mark.parametrize("name", BATCHES)
def test_the_node_reads_recorded_batches(name: str) -> None:
    (whole,) = recorded.requests(name)
    (asked,) = message.messages(whole[frame.HEADER_SIZE :])
    field = asked.field(41)
    assert field is not None
    assert batch.batch_flags(field) == batch.DEFAULT_FLAGS
    keys = batch.decode_batch_request(field)
    assert [key.index for key in keys] == list(range(len(keys)))
    assert {(key.namespace, key.set) for key in keys} == {("test", "vec")}
    assert [key.is_udf for key in keys] == [
        name == "batch_write" and i == 4 for i in range(len(keys))
    ]
    assert all(key.info1 | key.info2 for key in keys)
