"""Our encoders produce the frames that the official client sent."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from aerodbapi.protocol import batch, cdt, commands, frame, info, particles, query
from aerodbapi.protocol import expressions as ex
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import (
    TTL_KEEP,
    TTL_NEVER,
    FieldType,
    Info1,
    Info2,
    Info3,
    OpType,
    ParticleType,
    UDFOp,
)
from aerodbapi.protocol.message import encode_op
from aerodbapi.types import GeoJSON, KeyOrderedDict
from tests.protocol import recorded

WRITE = Info2.WRITE
ALL_OPS = Info2.RESPOND_ALL_OPS
#: Digest of a key that was not written down.
UNKNOWN_KEY = bytes.fromhex("a485d376521931ff001f7451b72e79057640962a")
POINT = GeoJSON('{"type": "Point", "coordinates": [1.0, 2.0]}')


def d(key: Any = "k1") -> bytes:
    return digest("vec", key)


def read(key: Any = "k1", **options: Any) -> list[bytes]:
    return [commands.read_request("test", "vec", d(key), **options)]


def put(bins: dict[str, Any], user_key: Any = "k1", **options: Any) -> list[bytes]:
    n_ops, ops = commands.bins_ops(bins)
    return [commands.write_request("test", "vec", d(user_key), ops, n_ops, **options)]


def operate(*ops: bytes, user_key: Any = "k1", **options: Any) -> list[bytes]:
    return [
        commands.operate_request("test", "vec", d(user_key), b"".join(ops), len(ops), **options)
    ]


def op(code: int, name: str = "", value: Any = None) -> bytes:
    return encode_op(code, name, *particles.encode(value))


def cdt_ops(name: str, *commands_: tuple[int, list[Any]]) -> list[bytes]:
    return [encode_op(code, name, ParticleType.BLOB, cdt.pack(list_)) for code, list_ in commands_]


def expression_op(code: int, name: str, exp: Any) -> bytes:
    packed = b"\x92" + ex.pack_expression(exp) + b"\x00"
    return encode_op(code, name, ParticleType.BLOB, packed)


def batch_of(*entries: batch.BatchEntry) -> list[bytes]:
    return [batch.encode_batch(entries)]


def batch_reads(*keys: str, **options: Any) -> list[bytes]:
    return batch_of(*(batch.read_entry("test", "vec", d(key), **options) for key in keys))


def ask(name: str, **options: Any) -> list[bytes]:
    """A query with the task id that was drawn for it."""
    sent = recorded.requests(name)[0]
    at = sent.index(b"\x00\x00\x00\x09\x07") + 5
    task_id = int.from_bytes(sent[at : at + 8], "big")
    options.setdefault("partitions", range(4096))
    return [
        query.encode_query(
            query.QueryRequest(namespace="test", set="vec", task_id=task_id, **options)
        )
    ]


def int_range(low: int, high: int) -> query.IndexRange:
    return query.IndexRange("i", 1, struct.pack(">q", low), struct.pack(">q", high))


UDF_FIELDS = (
    (FieldType.UDF_PACKAGE, b"m"),
    (FieldType.UDF_FUNCTION, b"echo"),
    (FieldType.UDF_ARGS, cdt.pack([{"a": 1}])),
)

LIST_OPS = [
    (4, [1, 7]),
    (4, [1, 7, 0, 4]),
    (4, [2, [1, 2]]),
    (4, [3, 0, 9]),
    (4, [4, 0, [9, 8]]),
    (4, [12, 0, 3]),
    (4, [5, 0]),
    (4, [6, 0, 1]),
    (4, [7, 0]),
    (4, [8, 0, 1]),
    (4, [9, 0, 5]),
    (3, [17, 0]),
    (3, [18, 0, 2]),
    (4, [10, 0, 5]),
    (3, [16]),
    (4, [13, 0]),
    (4, [0, 1]),
    (4, [11]),
]
LIST_OPS_BY = [
    (4, [2, [1, 2, 3, 4, 5]]),
    (3, [19, 7, 0]),
    (3, [24, 7, 0, 2]),
    (3, [24, 7, 0]),
    (3, [21, 7, 0]),
    (3, [26, 7, 0, 2]),
    (3, [22, 5, 1]),
    (3, [23, 0x10005, [1, 2]]),
    (3, [25, 7, 1, 3]),
    (3, [25, 7, None, 3]),
    (3, [25, 7, 1]),
    (3, [27, 7, 2, 0, 1]),
    (4, [32, 7, 0]),
    (4, [34, 7, 0]),
    (4, [35, 5, 3]),
]
MAP_OPS = [
    (4, [64, 1]),
    (4, [67, "k", 1, 0]),
    (4, [67, "k2", 1, 1, 4]),
    (4, [68, {"x": 1, "y": 2}, 0]),
    (4, [73, "x", 3, 0]),
    (4, [74, "x", 1, 0]),
    (3, [96]),
    (3, [97, 7, "x"]),
    (3, [103, 8, "a", "z"]),
    (3, [107, 7, ["x", "y"]]),
    (3, [102, 6, 1]),
    (3, [105, 6, 1, 3]),
    (3, [108, 6, [1]]),
    (3, [98, 6, 0]),
    (3, [104, 1, 0, 6]),
    (3, [100, 6, 0]),
    (3, [106, 1, 0, 6]),
    (3, [109, 6, "x", 0, 1]),
    (3, [110, 6, 1, 0, 1]),
    (4, [76, 0, "k"]),
    (4, [75]),
]
CTX_OPS = [
    (4, [67, "m", [1, 2], 0]),
    (4, [255, [34, "m"], [1, 3]]),
    (4, [255, [162, "z"], [67, "a", 1, 0]]),
]
BIT_OPS = [
    (13, [0, 5, 0, 0]),
    (13, [1, 0, b"\xff", 0]),
    (13, [2, 0, 1, 0]),
    (13, [3, 0, 8, b"\x0f", 0]),
    (13, [4, 0, 8, b"\xf0", 0]),
    (13, [5, 0, 8, b"\x01", 0]),
    (13, [6, 0, 8, b"\xff", 0]),
    (13, [7, 0, 8, 0]),
    (13, [8, 0, 8, 1, 0]),
    (13, [9, 0, 8, 1, 0]),
    (13, [10, 0, 8, 1, 0, 4]),
    (13, [11, 0, 8, 1, 0, 3]),
    (12, [50, 0, 8]),
    (12, [51, 0, 8]),
    (12, [52, 0, 8, True]),
    (12, [53, 0, 8, True]),
    (12, [54, 0, 8, 1]),
]
HLL_OPS = [
    (16, [0, 8, 8, 0]),
    (16, [1, ["a", "b"], -1, -1, 0]),
    (15, [50]),
    (15, [55]),
    (16, [3]),
]

#: Recorded keys of the second page: what the first page had read is resumed by digest.
PAGE_RESUMES = (
    bytes.fromhex("32003a4fe908093324895cff031803bbae83afe9"),
    bytes.fromhex("36f5a8b115d4ffa90df6be72974a31e0d5b6e2df"),
    bytes.fromhex("a3a6ceba9e2704279964e9b6314359ac3266099d"),
)


def second_page(name: str) -> bytes:
    resumed = {digest[0] | (digest[1] & 0x0F) << 8 for digest in PAGE_RESUMES}
    sent = recorded.requests(name)[1]
    at = sent.index(b"\x00\x00\x00\x09\x07") + 5
    return query.encode_query(
        query.QueryRequest(
            namespace="test",
            set="vec",
            task_id=int.from_bytes(sent[at : at + 8], "big"),
            partitions=[pid for pid in range(4096) if pid not in resumed],
            digests=PAGE_RESUMES,
            max_records=3,
        )
    )


def transaction_requests() -> list[bytes]:
    """The monitor record's write, then the write in the transaction."""
    txn_id, key = bytes.fromhex("592c0bde7e85c1dd"), bytes.fromhex("ddc1857ede0b2c59")
    monitor = digest("<ERO~MRT", int.from_bytes(key, "big", signed=True))
    ops = encode_op(2, "id", 1, key) + encode_op(
        4, "keyds", ParticleType.BLOB, cdt.pack([1, d(), 1, 13])
    )
    n_ops, write = commands.bins_ops({"i": 1})
    txn = ((FieldType.TXN_ID, txn_id), (FieldType.TXN_DEADLINE, bytes(4)))
    return [
        commands.operate_request("test", "<ERO~MRT", monitor, ops, 2, info2=WRITE),
        commands.operate_request("test", "vec", d(), write, n_ops, info2=WRITE, extra=txn),
    ]


BUILDERS: dict[str, Callable[[], list[bytes]]] = {
    "remove": lambda: operate(info2=WRITE | Info2.DELETE),
    "put_scalar": lambda: put(
        {
            "i": 1,
            "f": 1.5,
            "s": "ab",
            "b": b"\x00\x01",
            "t": True,
            "l": [1, "a", b"x", 2.5, True, None],
            "m": {"b": 1, "a": [1]},
        }
    ),
    "get": read,
    "exists": lambda: read(nobins=True),
    "select": lambda: read(bins=["i", "s"]),
    "put_geo": lambda: put({"g": POINT, "lg": [POINT]}, "geo"),
    "get_geo": lambda: read("geo"),
    "put_kod": lambda: put({"m": KeyOrderedDict({"b": 2, "a": 1})}, "kod"),
    "get_kod": lambda: read("kod"),
    "put_intkey": lambda: put({"i": -1}, -5),
    "put_byteskey": lambda: put({"i": 1 << 40}, b"\x01\x02"),
    "put_nulset": lambda: [
        commands.write_request("test", None, digest(None, "k"), commands.bins_ops({"i": 300})[1], 1)
    ],
    "put_sendkey_ttl_gen": lambda: put(
        {"i": 2},
        key="k1",
        ttl=100,
        generation=1,
        info2=WRITE | Info2.GENERATION,
        info3=Info3.COMMIT_MASTER | Info3.UPDATE_ONLY,
    ),
    "put_exists_CREATE": lambda: put({"i": 2}, "ex", info2=WRITE | Info2.CREATE_ONLY),
    "put_exists_CREATE_OR_REPLACE": lambda: put({"i": 2}, "ex", info3=Info3.CREATE_OR_REPLACE),
    "put_exists_IGNORE": lambda: put({"i": 2}, "ex"),
    "put_exists_REPLACE": lambda: put({"i": 2}, "ex", info3=Info3.REPLACE_ONLY),
    "put_exists_UPDATE": lambda: put({"i": 2}, "ex", info3=Info3.UPDATE_ONLY),
    "put_gen_gt": lambda: put({"i": 2}, info2=WRITE | Info2.GENERATION_GT, generation=100),
    "put_TTL_NAMESPACE_DEFAULT": lambda: put({"i": 2}),
    "put_TTL_NEVER_EXPIRE": lambda: put({"i": 2}, ttl=TTL_NEVER),
    "put_TTL_DONT_UPDATE": lambda: put({"i": 2}, ttl=TTL_KEEP),
    "put_TTL_CLIENT_DEFAULT": lambda: put({"i": 2}),
    "incr": lambda: operate(op(OpType.INCR, "i", 5), info2=WRITE),
    "append": lambda: operate(op(OpType.APPEND, "s", "cd"), info2=WRITE),
    "prepend": lambda: operate(op(OpType.PREPEND, "s", "zz"), info2=WRITE),
    "touch": lambda: operate(op(OpType.TOUCH), info2=WRITE, ttl=200),
    "remove_bin": lambda: put({"b": None}),
    "operate_rw": lambda: operate(
        op(OpType.INCR, "i", 1),
        op(OpType.READ, "i"),
        op(OpType.WRITE, "n"),
        op(OpType.APPEND, "s", "q"),
        op(OpType.TOUCH),
        info1=Info1.READ,
        info2=WRITE,
        ttl=100,
    ),
    "operate_read_all": lambda: operate(op(OpType.READ, "i"), info1=Info1.READ),
    "operate_ordered": lambda: operate(
        op(OpType.INCR, "i", 1),
        op(OpType.READ, "i"),
        op(OpType.READ, "i"),
        info1=Info1.READ,
        info2=WRITE,
    ),
    "operate_delete": lambda: operate(op(OpType.DELETE_ALL), user_key="ex", info2=WRITE),
    "list_ops": lambda: operate(*cdt_ops("l", *LIST_OPS), info1=Info1.READ, info2=WRITE),
    "list_ops2": lambda: operate(*cdt_ops("l", *LIST_OPS_BY), info1=Info1.READ, info2=WRITE),
    "map_ops": lambda: operate(*cdt_ops("m", *MAP_OPS), info1=Info1.READ, info2=WRITE | ALL_OPS),
    "ctx_ops": lambda: operate(*cdt_ops("m", *CTX_OPS), info2=WRITE | ALL_OPS),
    "bit_ops": lambda: operate(
        op(OpType.WRITE, "b", b"\x01\x02\x03\x04"),
        *cdt_ops("b", *BIT_OPS),
        user_key="bits",
        info1=Info1.READ,
        info2=WRITE | ALL_OPS,
    ),
    "hll_ops": lambda: operate(
        *cdt_ops("h", *HLL_OPS), user_key="hll", info1=Info1.READ, info2=WRITE | ALL_OPS
    ),
    "hll_read": lambda: read("hll"),
    "exp_ops": lambda: operate(
        expression_op(OpType.EXP_MODIFY, "e", ex.add(ex.int_bin("i"), 10)),
        expression_op(OpType.EXP_READ, "v", ex.int_bin("i")),
        info1=Info1.READ,
        info2=WRITE | ALL_OPS,
    ),
    "filter_get": lambda: read(filter=ex.pack_expression(ex.gt(ex.int_bin("i"), 1000))),
    "batch_read": lambda: batch_reads("b1", "b2", "nope"),
    "batch_read_bins": lambda: batch_reads("b1", "b2", bins=["i"]),
    "batch_read_exists": lambda: batch_reads("b1", "b2", nobins=True),
    "batch_operate": lambda: batch_of(
        *(
            batch.write_entry(
                "test",
                "vec",
                d(key),
                op(OpType.INCR, "i", 1) + op(OpType.READ, "i"),
                2,
                info1=Info1.READ,
            )
            for key in ("b1", "b2")
        )
    ),
    "batch_remove": lambda: batch_of(
        batch.remove_entry("test", "vec", d("b1")), batch.remove_entry("test", "vec", UNKNOWN_KEY)
    ),
    "batch_write": lambda: batch_of(
        batch.write_entry("test", "vec", d("b3"), commands.bins_ops({"i": 3})[1], 1),
        batch.read_entry("test", "vec", d("b2"), bins=["i"]),
        # The recording client compares only what it can cheaply; we would repeat this one.
        batch.read_entry("test", "vec", d("b3"), bins=["i"])._replace(repeatable=False),
        batch.remove_entry("test", "vec", d("b3")),
        batch.apply_entry("test", "vec", d("b2"), "mod", "fn", cdt.pack([1, "a"])),
    ),
    "apply": lambda: operate(info2=WRITE, extra=UDF_FIELDS),
    "query_eq_int": lambda: ask("query_eq_int", range=int_range(2, 2)),
    "query_eq_str": lambda: ask(
        "query_eq_str", range=query.IndexRange("s", ParticleType.STRING, b"ab", b"ab")
    ),
    "query_range": lambda: ask("query_range", range=int_range(0, 100)),
    "query_none": lambda: ask("query_none"),
    "query_paginate": lambda: [
        *ask("query_paginate", max_records=3),
        second_page("query_paginate"),
    ],
    "query_bg_ops": lambda: ask(
        "query_bg_ops", partitions=(), timeout_ms=1000, ops=op(OpType.WRITE, "bg", 1), n_ops=1
    ),
    "query_bg_udf": lambda: ask(
        "query_bg_udf",
        partitions=(),
        timeout_ms=1000,
        udf=query.UDFCall("m", "echo", cdt.pack([1]), UDFOp.BACKGROUND),
    ),
    "scan": lambda: ask("scan"),
    "get_compress": lambda: read(info1_extra=Info1.COMPRESS_RESPONSE),
    "txn_put": transaction_requests,
    "info": lambda: [info.encode_request(["node"])],
}


def test_every_exchange_has_its_builder() -> None:
    # Compressed bytes depend on the zlib at hand: see the test below.
    assert BUILDERS.keys() == recorded.EXCHANGES.keys() - {"put_compress"}


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_request_is_the_recorded_one(name: str) -> None:
    assert [frame.hex() for frame in BUILDERS[name]()] == [
        frame.hex() for frame in recorded.requests(name)
    ]


def test_compressed_request_holds_the_command() -> None:
    (sent,) = recorded.requests("put_compress")
    kind, length = frame.parse_header(sent)
    assert (kind, length) == (frame.COMPRESSED, len(sent) - frame.HEADER_SIZE)
    inner_kind, body = frame.decompress(sent[frame.HEADER_SIZE :])
    assert inner_kind == frame.MESSAGE
    again = frame.compress(frame.frame(frame.MESSAGE, body))
    assert frame.decompress(again[frame.HEADER_SIZE :]) == (frame.MESSAGE, body)
    ((_, value),) = [(n, v) for n, v in commands_of(body).items()]
    assert body == put({"s": value})[0][8:]


def commands_of(body: bytes) -> dict[str, Any]:
    return commands.decode_reply(body)[3]
