"""Queries by partition: what comes, in which order, where they resume, and what is refused."""

from __future__ import annotations

import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.storage import partition_of
from aerodbapi.protocol import expressions as e
from aerodbapi.protocol import particles
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType
from aerodbapi.protocol.frame import MESSAGE, frame
from aerodbapi.protocol.message import Message, Operation, encode_message
from aerodbapi.types import GeoJSON
from tests.embedded.driver import NOT_FOUND, OK, PARAMETER, UNSUPPORTED, Driver, many

ALL = struct.pack("<4096H", *range(4096))
INDEX_NOT_FOUND = 201
ABORTED = 210
N = 300
SPECIAL_RECORD = 1000


def bins_of(number):
    return {
        "n": number,
        "tens": number // 10,
        "text": f"t{number % 7}",
        "list": [number, number + 1],
    }


@pytest.fixture(scope="module")
def node():
    made = EmbeddedNode()
    db = Driver(made, set="many")
    for number in range(N):
        db.put(number, bins_of(number), send_key=number if number % 2 else None)
    Driver(made, set="other").put(1, {"n": 1})
    for name, text in {
        "n": "bin=n;type=numeric",
        "tens": "bin=tens;type=numeric",
        "text": "bin=text;type=string",
        "list": "bin=list;type=numeric;indextype=list",
    }.items():
        assert db.info(f"sindex-create:namespace=test;set=many;indexname={name};{text}") == "ok"
    return made


def request(
    fields=(),
    *,
    set=b"many",
    pids=ALL,
    ops=(),
    info1=Info1.READ,
    info2=0,
    info3=Info3.PARTITION_DONE,
):
    shared = [(FieldType.NAMESPACE, b"test")]
    if set is not None:
        shared.append((FieldType.SET, set))
    shared += fields
    if pids is not None:
        shared.append((FieldType.PID_ARRAY, pids))
    message = Message(
        info1=info1,
        info2=info2,
        info3=info3,
        record_ttl=0xFFFFFFFF,
        fields=tuple(shared),
        ops=tuple(ops),
    )
    return frame(MESSAGE, encode_message(message))


def query(node, fields=(), **flags):
    """Run a query; gives the record messages. The last message has to say that all went well."""
    *records, last = many(node, request(fields, **flags))
    assert (last.info3, last.result_code) == (Info3.LAST, OK)
    return records


def refusal(node, fields=(), **flags):
    """Run a query that is refused; gives the result code."""
    (answer,) = many(node, request(fields, **flags))
    assert answer.info3 == 0
    return answer.result_code


def numbers(messages, bin="n"):
    return sorted(
        particles.decode(op.particle_type, op.value)
        for message in messages
        for op in message.ops
        if op.name == bin
    )


def digests(messages):
    return [message.field(FieldType.DIGEST) for message in messages]


def between(bin, low, high, kind=1):
    bounds = struct.pack(">Iq", 8, low) + struct.pack(">Iq", 8, high)
    return FieldType.INDEX_RANGE, bytes((1, len(bin))) + bin + bytes((kind,)) + bounds


def equals(bin, value, kind=3):
    size = struct.pack(">I", len(value))
    return FieldType.INDEX_RANGE, bytes((1, len(bin))) + bin + bytes((kind,)) + (size + value) * 2


def filtered(expression):
    return FieldType.FILTER, e.pack_expression(expression)


def limited(count):
    return FieldType.MAX_RECORDS, struct.pack(">Q", count)


SHORT = Info1.READ | Info1.SHORT_QUERY
LIST_INDEX = (FieldType.INDEX_TYPE, b"\x01")


def test_a_set_comes_whole_with_its_fields(node):
    records = query(node)
    assert numbers(records) == list(range(N))
    for message in records:
        kinds = [kind for kind, _ in message.fields]
        number = particles.decode(message.ops[0].particle_type, message.ops[0].value)
        wanted = [FieldType.NAMESPACE, FieldType.DIGEST, FieldType.SET]
        assert kinds == wanted + ([FieldType.KEY] if number % 2 else [])
        assert message.field(FieldType.SET) == b"many"
        assert message.field(FieldType.DIGEST) == digest("many", number)
        assert message.generation == 1
        assert [op.name for op in message.ops] == list(bins_of(number))
        assert {op.op for op in message.ops} == {OpType.READ}


@pytest.mark.parametrize(("set", "count"), [(None, N + 1), (b"", N + 1), (b"other", 1), (b"x", 0)])
def test_sets(node, set, count):
    assert len(query(node, set=set)) == count


def test_only_the_partitions_that_are_asked_for_in_digest_order(node):
    pids = sorted({partition_of(digest("many", number)) for number in range(40)})
    found = digests(query(node, pids=struct.pack(f"<{len(pids)}H", *pids)))
    expected = {digest("many", n) for n in range(N) if partition_of(digest("many", n)) in pids}
    assert set(found) == expected
    assert [partition_of(d) for d in found] == sorted(partition_of(d) for d in found)
    assert found == sorted(found, key=lambda d: (partition_of(d), d))


def test_without_bins_and_with_some(node):
    assert all(message.ops == () for message in query(node, info1=Info1.READ | Info1.NOBINDATA))
    records = query(node, ops=[Operation(OpType.READ, "text"), Operation(OpType.READ, "n")])
    assert {tuple(op.name for op in m.ops) for m in records} == {("text", "n")}
    names = ["none", "text", "list", "tens", "n"]
    records = query(node, ops=[Operation(OpType.READ, name) for name in names])
    assert {tuple(op.name for op in m.ops) for m in records} == {("text", "list", "tens", "n")}
    assert query(node, ops=[Operation(OpType.READ, "none")]) == []


def test_respond_all_ops_answers_missing_bins_too(node):
    ops = [Operation(OpType.READ, "none"), Operation(OpType.READ, "n")]
    records = query(node, ops=ops, info2=Info2.RESPOND_ALL_OPS)
    assert len(records) == N
    assert {tuple((o.name, o.particle_type) for o in m.ops) for m in records} == {
        (("none", 0), ("n", 1))
    }


def test_filters(node):
    over = e.and_(e.gt(e.int_bin("n"), 10), e.lt(e.int_bin("n"), 14))
    assert numbers(query(node, [filtered(over)])) == [11, 12, 13]
    unknown = e.not_(e.eq(e.int_bin("none"), 1))
    assert query(node, [filtered(unknown)]) == []
    assert numbers(query(node, [filtered(over), between(b"n", 12, 200)])) == [12, 13]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([between(b"n", 5, 5)], [5]),
        ([between(b"n", -5, 3)], [0, 1, 2, 3]),
        ([between(b"tens", 2, 3)], list(range(20, 40))),
        ([between(b"n", 1000, 2000)], []),
        ([equals(b"text", b"t3")], list(range(3, N, 7))),
        ([equals(b"text", b"no")], []),
        ([between(b"list", 7, 7), LIST_INDEX], [6, 7]),
        ([between(b"list", 7, 9), LIST_INDEX], [6, 7, 8, 9]),
        ([(FieldType.INDEX_NAME, b"n"), between(b"", 4, 5)], [4, 5]),
    ],
)
def test_secondary_index_queries(node, fields, expected):
    records = query(node, fields)
    assert numbers(records) == expected
    for message in records:
        assert len(message.field(FieldType.BVAL_ARRAY)) == 8
        assert message.fields[-1][0] == FieldType.BVAL_ARRAY


def test_bvals_are_the_numbers_indexed(node):
    for message in query(node, [between(b"n", 3, 9)]):
        (bval,) = struct.unpack("<q", message.field(FieldType.BVAL_ARRAY))
        assert numbers([message]) == [bval]


def pages(node, size, *fields):
    """Query page by page as clients do: each partition goes on after its last record."""
    resume: dict[int, tuple[bytes, bytes]] = {}
    while True:
        fresh = [pid for pid in range(4096) if pid not in resume]
        more = [*fields, limited(size)]
        if resume:
            more.append((FieldType.DIGEST_ARRAY, b"".join(d for d, _ in resume.values())))
            if fields:
                more.append((FieldType.BVAL_ARRAY, b"".join(b for _, b in resume.values())))
        page = query(node, more, pids=struct.pack(f"<{len(fresh)}H", *fresh))
        assert len(page) <= size
        if not page:
            return
        yield page
        for message in page:
            found = message.field(FieldType.DIGEST)
            resume[partition_of(found)] = (found, message.field(FieldType.BVAL_ARRAY) or b"")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], list(range(N))),
        ([between(b"n", 10, 150)], list(range(10, 151))),
        ([between(b"tens", 0, 20)], list(range(210))),
        ([equals(b"text", b"t3")], list(range(3, N, 7))),
        ([between(b"list", 50, 90), LIST_INDEX], list(range(49, 91))),
    ],
)
@pytest.mark.parametrize("size", [7, 64, 1000])
def test_pages_cover_everything_once(node, fields, expected, size):
    found = numbers([message for page in pages(node, size, *fields) for message in page])
    assert found == expected


@pytest.mark.parametrize(
    ("fields", "flags", "code"),
    [
        ([], {"info3": 0}, UNSUPPORTED),
        ([], {"pids": None}, UNSUPPORTED),
        ([], {"pids": b""}, PARAMETER),
        ([], {"pids": b"\x00\x00\x00\x00"}, PARAMETER),
        ([], {"pids": b"\x00\x10"}, PARAMETER),
        ([], {"pids": ALL + b"\x00\x00"}, PARAMETER),
        ([], {"set": b"s" * 64}, PARAMETER),
        ([], {"set": b"\xff"}, PARAMETER),
        ([(FieldType.DIGEST_ARRAY, b"x" * 20)], {}, PARAMETER),
        ([(FieldType.DIGEST_ARRAY, b"x")], {"pids": None}, PARAMETER),
        ([(FieldType.BVAL_ARRAY, b"12345678")], {}, PARAMETER),
        ([(FieldType.DIGEST_ARRAY, b"x" * 20), between(b"n", 1, 2)], {"pids": None}, PARAMETER),
        ([(FieldType.RECS_PER_SEC, b"1")], {}, PARAMETER),
        (
            [(FieldType.RECS_PER_SEC, b"\0\0\0\1")],
            {"info1": Info1.READ | Info1.SHORT_QUERY},
            PARAMETER,
        ),
        ([(FieldType.SOCKET_TIMEOUT, b"1")], {}, PARAMETER),
        ([(FieldType.MAX_RECORDS, b"1")], {}, PARAMETER),
        ([(FieldType.FILTER, b"\x01")], {}, PARAMETER),
        ([(FieldType.FILTER, b"")], {}, PARAMETER),
        ([between(b"none", 1, 2)], {}, INDEX_NOT_FOUND),
        ([between(b"n", 1, 2)], {"set": b"other"}, INDEX_NOT_FOUND),
        ([between(b"n", 1, 2), LIST_INDEX], {}, INDEX_NOT_FOUND),
        ([equals(b"n", b"1")], {}, INDEX_NOT_FOUND),
        ([(FieldType.INDEX_NAME, b"no"), between(b"", 4, 5)], {}, INDEX_NOT_FOUND),
        ([(FieldType.INDEX_NAME, b"n"), between(b"n", 4, 5)], {}, PARAMETER),
        ([between(b"", 4, 5)], {}, PARAMETER),
        ([between(b"n", 2, 1)], {}, PARAMETER),
        ([between(b"n", 1, 2, kind=2)], {}, PARAMETER),
        ([between(b"b" * 16, 1, 2)], {}, PARAMETER),
        ([equals(b"text", b"x" * 2048)], {}, PARAMETER),
        ([equals(b"g", b"{}", kind=23)], {}, PARAMETER),
        ([(FieldType.INDEX_RANGE, b"")], {}, PARAMETER),
        ([(FieldType.INDEX_RANGE, b"\x02\x01n")], {}, PARAMETER),
        ([(FieldType.INDEX_RANGE, b"\x01\x05n")], {}, PARAMETER),
        ([between(b"n", 1, 2), (FieldType.INDEX_TYPE, b"")], {}, PARAMETER),
        ([between(b"n", 1, 2), (FieldType.INDEX_CONTEXT, b"\xff")], {}, PARAMETER),
        ([], {"ops": [Operation(OpType.WRITE, "n", 1, bytes(8))]}, PARAMETER),
        ([], {"ops": [Operation(OpType.READ, "b" * 16)]}, PARAMETER),
    ],
)
def test_refusals(node, fields, flags, code):
    assert refusal(node, fields, **flags) == code


def test_an_unknown_namespace_is_made_like_for_records(node):
    message = Message(
        info1=Info1.READ,
        info3=Info3.PARTITION_DONE,
        fields=((FieldType.NAMESPACE, b"n" * 32), (FieldType.PID_ARRAY, ALL)),
    )
    (answer,) = many(node, frame(MESSAGE, encode_message(message)))
    assert answer.result_code == 20


def test_expired_records_do_not_come():
    db = Driver(EmbeddedNode())
    db.put(1, {"n": 1}, ttl=1000)
    db.put(2, {"n": 2})
    db.info("sindex-create:namespace=test;set=s;indexname=n;bin=n;type=numeric")
    db.node.store.namespace("test").find("s", digest("s", 1)).void_time = 1
    assert numbers(query(db.node, set=b"s")) == [2]
    assert numbers(query(db.node, [between(b"n", 0, 9)], set=b"s")) == [2]


def test_frames_are_small_and_made_when_asked_for():
    db = Driver(EmbeddedNode())
    for number in range(400):
        db.put(number, {"n": number, "pad": b"x" * 2000})
    replies = db.node.receive(request(set=b"s"))
    first = next(replies)
    assert len(first) < 200_000
    for number in range(400):
        db.remove(number)
    assert sum(map(len, replies)) < len(first)
    stopped = db.node.receive(request(set=b"s"))
    next(stopped)
    stopped.close()
    assert {job.finished_at is None for job in db.node.jobs.all()} == {False}


def test_pacing_spreads_records_over_time(node):
    started = time.monotonic()
    rate = (FieldType.RECS_PER_SEC, struct.pack(">I", 100))
    assert len(query(node, [rate, between(b"n", 0, 20)])) == 21
    assert 0.15 < time.monotonic() - started < 5


def test_a_task_id_is_used_once_and_shown(node):
    task = (FieldType.TASK_ID, struct.pack(">Q", 4711))
    query(node, [task])
    assert refusal(node, [task]) == PARAMETER
    shown = Driver(node).info("query-show:id=4711")
    assert shown.startswith("trid=4711:ns=test:set=many:n-pids-requested=4096:")
    assert ":status=done(ok):job-progress=100.00:" in shown
    assert f":recs-succeeded={N}:" in shown
    assert "trid=4711:" in Driver(node).info("query-show")
    assert Driver(node).info("query-show:id=1234567") == "ERROR:2:job not found"
    assert Driver(node).info("query-abort:id=4711") == "ERROR:2:id not active"
    assert Driver(node).info("query-abort:id=x") == "ERROR:4:bad id"


def test_an_aborted_query_ends_with_its_code():
    db = Driver(EmbeddedNode())
    for number in range(400):
        db.put(number, {"pad": b"x" * 2000})
    replies = db.node.receive(request([(FieldType.TASK_ID, struct.pack(">Q", 5))], set=b"s"))
    next(replies)
    assert db.info("query-abort:id=5") == "ok"
    last = [*replies][-1]
    assert last[8 + 3] == Info3.LAST
    assert last[8 + 5] == ABORTED
    assert "status=done(user-aborted)" in db.info("query-show:id=5")
    assert db.info("query-abort-all") == "number-of-queries-killed:0"


def background(db, fields=(), *, ops=None, info1=0, set=b"s"):
    ops = [Operation(OpType.WRITE, "new", 1, bytes(8))] if ops is None else ops
    (answer,) = many(
        db.node, request(fields, set=set, pids=None, ops=ops, info1=info1, info2=Info2.WRITE)
    )
    return answer


@pytest.fixture
def db():
    made = Driver(EmbeddedNode())
    for number in range(20):
        made.put(number, {"n": number})
    made.info("sindex-create:namespace=test;set=s;indexname=n;bin=n;type=numeric")
    return made


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ([], range(20)),
        ([between(b"n", 3, 5)], range(3, 6)),
        ([filtered(e.ge(e.int_bin("n"), 15))], range(15, 20)),
        ([filtered(e.eq(e.mod(e.int_bin("n"), 2), 0)), between(b"n", 3, 6)], (4, 6)),
    ],
)
def test_background_operations(db, fields, changed):
    answer = background(db, [(FieldType.TASK_ID, struct.pack(">Q", 9)), *fields])
    assert (answer.info3, answer.result_code) == (Info3.LAST, OK)
    assert [n for n in range(20) if "new" in db.get(n).bins] == list(changed)
    shown = db.info("query-show:id=9")
    assert f":recs-succeeded={len(changed)}:" in shown
    assert ":job-type=background-ops" in shown


def test_background_work_is_done_even_when_the_reply_is_dropped(db):
    ops = [Operation(OpType.WRITE, "n", 0, b"")]
    replies = db.node.receive(request(set=b"s", pids=None, ops=ops, info1=0, info2=Info2.WRITE))
    next(replies)
    replies.close()
    assert query(db.node, set=b"s") == []


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ({"set": b"none"}, NOT_FOUND),
        ({"ops": []}, PARAMETER),
        ({"ops": [Operation(OpType.READ, "n")]}, PARAMETER),
        ({"info1": Info1.READ}, PARAMETER),
        ({"info1": Info1.SHORT_QUERY}, PARAMETER),
        ({"fields": [between(b"none", 1, 2)]}, INDEX_NOT_FOUND),
        ({"fields": [(FieldType.FILTER, b"\x01")]}, PARAMETER),
        ({"fields": [(FieldType.RECS_PER_SEC, struct.pack(">I", 10_001))]}, PARAMETER),
        ({"fields": [(FieldType.UDF_PACKAGE, b"m")]}, PARAMETER),
    ],
)
def test_background_refusals(db, flags, code):
    assert background(db, **flags).result_code == code


def udf(db, kind, fields=(), *, set=b"s", info1=0):
    named = [
        (FieldType.UDF_OP, kind),
        (FieldType.UDF_PACKAGE, b"m"),
        (FieldType.UDF_FUNCTION, b"f"),
        (FieldType.UDF_ARGS, b""),
    ]
    info2 = Info2.WRITE if kind == b"\x02" else 0
    sent = request([*named, *fields], set=set, pids=None, info1=info1, info2=info2)
    return [(m.info3, m.result_code, m.ops) for m in many(db.node, sent)]


def test_lua_modules_that_do_not_exist(db):
    failure = Operation(OpType.READ, "FAILURE", 3, b"UDF: Execution Error 1")
    assert udf(db, b"\x01") == [(0, OK, (failure,)), (Info3.LAST, 1, ())]
    task = (FieldType.TASK_ID, struct.pack(">Q", 8))
    assert udf(db, b"\x02", [task]) == [(Info3.LAST, OK, ())]
    assert ":recs-failed=20:" in db.info("query-show:id=8")
    assert udf(db, b"\x02", set=b"none") == [(0, NOT_FOUND, ())]
    assert udf(db, b"\x01", [filtered(e.eq(e.val(1), 1))]) == [(0, UNSUPPORTED, ())]
    assert udf(db, b"\x00") == [(0, PARAMETER, ())]
    assert udf(db, b"\x01", info1=SHORT) == [(0, PARAMETER, ())]


def test_expressions_are_projected(db):
    payload = b"\x91" + e.pack_expression(e.mul(e.int_bin("n"), 2))
    ops = [Operation(OpType.EXP_READ, "double", 4, payload), Operation(OpType.READ, "n")]
    assert numbers(query(db.node, set=b"s", ops=ops), "double") == list(range(0, 40, 2))


def test_geo_queries():
    pytest.importorskip("s2geometry")
    db = Driver(EmbeddedNode())
    for number in range(20):
        place = GeoJSON({"type": "Point", "coordinates": [float(number), 0.0]})
        circle = GeoJSON({"type": "AeroCircle", "coordinates": [[float(number), 0.0], 150_000]})
        db.put(number, {"n": number, "place": place, "area": circle, "places": [place, place]})
    for name, text in {
        "place": "bin=place;type=geo2dsphere",
        "area": "bin=area;type=geo2dsphere",
        "places": "bin=places;type=geo2dsphere;indextype=list",
    }.items():
        db.info(f"sindex-create:namespace=test;set=s;indexname={name};{text}")
    square = b'{"type":"Polygon","coordinates":[[[2.5,-1],[6.5,-1],[6.5,1],[2.5,1],[2.5,-1]]]}'
    point = b'{"type":"Point","coordinates":[7.4,0.0]}'
    assert numbers(query(db.node, [equals(b"place", square, 23)], set=b"s")) == [3, 4, 5, 6]
    assert numbers(query(db.node, [equals(b"area", point, 23)], set=b"s")) == [7, 8]
    found = query(db.node, [equals(b"places", square, 23), LIST_INDEX], set=b"s")
    assert numbers(found) == [3, 4, 5, 6]
    assert query(db.node, [equals(b"place", point, 23)], set=b"s") == []
    paged = [m for page in pages_of_shape(db.node, square) for m in page]
    assert numbers(paged) == [3, 4, 5, 6]


def pages_of_shape(node, shape):
    resume: dict[int, tuple[bytes, bytes]] = {}
    while True:
        fresh = [pid for pid in range(4096) if pid not in resume]
        fields = [equals(b"place", shape, 23), limited(1)]
        if resume:
            fields.append((FieldType.DIGEST_ARRAY, b"".join(d for d, _ in resume.values())))
            fields.append((FieldType.BVAL_ARRAY, b"".join(b for _, b in resume.values())))
        page = query(node, fields, set=b"s", pids=struct.pack(f"<{len(fresh)}H", *fresh))
        if not page:
            return
        yield page
        for message in page:
            found = message.field(FieldType.DIGEST)
            resume[partition_of(found)] = (found, message.field(FieldType.BVAL_ARRAY))


def test_writes_meanwhile_break_nothing_and_repeat_nothing():
    db = Driver(EmbeddedNode())
    for number in range(500):
        db.put(number, {"n": number, "pad": "x" * 300})
    db.info("sindex-create:namespace=test;set=s;indexname=n;bin=n;type=numeric")
    stop = threading.Event()

    def write():
        turn = 0
        while not stop.is_set():
            turn += 1
            db.put(turn % 500, {"n": 500 - turn % 1000})
            db.put(1000 + turn % 50, {"n": turn})
            db.remove(1000 + (turn + 25) % 50)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for fields in ([], [between(b"n", -(2**63), 2**63 - 1)]) * 4:
            found = digests(query(db.node, fields, set=b"s"))
            assert len(found) == len(set(found))
            assert len(found) >= (500 if not fields else 1)
    finally:
        stop.set()
        writer.join(10)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_requests_are_answered(node, data):
    seed = bytearray(
        request(
            [between(b"n", 1, 9), filtered(e.gt(e.int_bin("n"), 3)), limited(5)],
            pids=ALL[:16],
            ops=[Operation(OpType.READ, "n")],
        )
    )
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(9, len(seed) - 1))
        seed[position] = data.draw(st.integers(0, 255))
    for number, reply in enumerate(node.receive(bytes(seed))):
        assert len(reply) >= 30
        assert number < 100
