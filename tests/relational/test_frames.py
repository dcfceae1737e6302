"""Frames read all at once give what reading them record by record gives."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.grammar import ast
from aerodbapi.plan.operations import InputColumn
from aerodbapi.protocol import particles
from aerodbapi.protocol.query import QueryColumns, decode_query_frame
from aerodbapi.relational.columns import Misfit, record_batch, schema_of
from aerodbapi.relational.frames import Frames
from aerodbapi.types import GeoJSON, HyperLogLog

relaxed = settings(deadline=None, max_examples=30)

LAST = struct.pack(">BBBBBBIIIHH", 22, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
DONE = struct.pack(">BBBBBBIIIHH", 22, 0, 0, 4, 0, 0, 7, 0, 0, 0, 0)
UNAVAILABLE = struct.pack(">BBBBBBIIIHH", 22, 0, 0, 4, 0, 11, 9, 0, 0, 0, 0)

#: Columns of every type; the last three are not bins.
COLUMNS = tuple(
    InputColumn(name, ast.Column(name), type)
    for name, type in (
        *(("i", "BIGINT"), ("d", "DOUBLE"), ("b", "BOOLEAN"), ("s", "VARCHAR"), ("y", "BLOB")),
        *(("j", "JSON"), ("g", "GEOJSON"), ("h", "HLL"), ("PK", "VARCHAR")),
        *(("__digest", "BLOB"), ("__gen", "BIGINT"), ("__set", "VARCHAR")),
    )
)
BINS: dict[str, Any] = {
    "i": st.integers(-(2**63), 2**63 - 1),
    "d": st.floats(allow_nan=False) | st.integers(-1000, 1000),
    "b": st.booleans(),
    "s": st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    "y": st.binary(),
    "j": st.lists(st.integers(0, 5)) | st.text(max_size=3) | st.integers(0, 9),
    "g": st.just(GeoJSON('{"type":"Point","coordinates":[1,2]}')),
    "h": st.binary(min_size=1).map(HyperLogLog),
    "other": st.integers() .filter(lambda value: abs(value) < 2**63),
}  # fmt: skip
RECORDS = st.lists(
    st.tuples(
        st.binary(min_size=20, max_size=20),
        st.none() | st.text(alphabet="abcé", max_size=5),
        st.integers(1, 65535),
        st.fixed_dictionaries({}, optional=BINS),
    ),
    min_size=20,
    max_size=40,
)


def field(kind: int, value: bytes) -> bytes:
    return struct.pack(">IB", len(value) + 1, kind) + value


def message(record: tuple[bytes, Any, int, dict[str, Any]]) -> bytes:
    """A record as a node sends it."""
    digest, key, generation, bins = record
    fields = [field(0, b"test"), field(4, digest), field(1, b"set")]
    if key is not None:
        fields.append(field(2, b"\3" + key.encode()))
    ops = []
    for name, value in bins.items():
        kind, data = particles.encode(value)
        raw = name.encode()
        ops.append(struct.pack(">IBBBB", 4 + len(raw) + len(data), 1, kind, 0, len(raw)))
        ops.append(raw + data)
    head = struct.pack(
        ">BBBBBBIIIHH", 22, 0, 0, 0, 0, 0, generation, 0, 0, len(fields), len(bins)
    )  # fmt: skip
    return b"".join((head, *fields, *ops))


def plain(body: bytes) -> QueryColumns:
    """The same, record by record."""
    found, unavailable, last, code = decode_query_frame(body)
    rows = []
    for digest, set_name, key, generation, _, bins, _ in found:
        own = {"PK": key, "__digest": digest, "__gen": generation, "__set": set_name, **bins}
        rows.append((*[own.get(column.name) for column in COLUMNS], key, digest))
    batch = record_batch(rows, COLUMNS, SCHEMA)
    return QueryColumns(batch, [r[0] for r in found], [None] * len(found), unavailable, last, code)


SCHEMA = schema_of(COLUMNS, [column.name for column in COLUMNS])


def unread(body: bytes) -> QueryColumns:
    raise AssertionError("this frame is like the others")


@relaxed
@given(RECORDS, st.sampled_from([b"", DONE, DONE + DONE]), st.sampled_from([b"", LAST]))
def test_any_records(records: Any, between: bytes, end: bytes) -> None:
    body = between.join(map(message, records)) + end
    expected = plain(body)
    found = Frames(COLUMNS, SCHEMA, unread, every=True)(body)
    assert found.rows.to_pylist() == expected.rows.to_pylist()
    assert found[1:] == expected[1:]


@relaxed
@given(RECORDS)
def test_the_positions_are_those_of_the_last_record_of_each_partition(records: Any) -> None:
    body = b"".join(map(message, records))
    last: dict[int, bytes] = {}
    for digest, *_ in records:
        last[(digest[0] | digest[1] << 8) & 4095] = digest
    assert set(Frames(COLUMNS, SCHEMA, unread)(body).digests) == set(last.values())


def many(**bins: Any) -> list[bytes]:
    return [message((bytes([n] * 20), None, 1, bins)) for n in range(40)]


def test_what_follows_the_records() -> None:
    found = Frames(COLUMNS, SCHEMA, unread)(b"".join(many(i=1)) + UNAVAILABLE + LAST)
    assert (found.unavailable, found.last, len(found.rows)) == ([(9, 11)], True, 40)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        LAST,
        b"".join(many(i=1)[:3]),
        b"".join(many(i=1)[:20]) + UNAVAILABLE + b"".join(many(i=1)[20:]),
        # Text that looks like the beginning of a record's fields.
        b"".join(many(s="x" * 22 + "\0\0\0\5\0test\0\0\0\x15\x04" + "y" * 60)),
        b"".join(many(s="".join(map(chr, message((b"\1" * 20, None, 1, {})))))),
    ],
    ids=["empty", "end", "few", "note", "text", "record"],
)
def test_other_frames_are_left_to_the_plain_reader(body: bytes) -> None:
    read: list[bytes] = []

    def noted(frame: bytes) -> QueryColumns:
        read.append(frame)
        return plain(frame)

    found = Frames(COLUMNS, SCHEMA, noted)(body)
    assert read == [body]
    assert found.rows.to_pylist() == plain(body).rows.to_pylist()


@relaxed
@given(RECORDS, st.data())
def test_bytes_that_were_changed_never_pass_for_others(records: Any, data: Any) -> None:
    """Whatever is broken: the plain reader's answer or error, or the same values."""
    body = bytearray(b"".join(map(message, records)))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = Frames(COLUMNS, SCHEMA, plain, every=True)(bytes(body))
    except Exception as error:
        with pytest.raises(type(error)):
            plain(bytes(body))
        return
    expected = plain(bytes(body))
    assert repr(found.rows.to_pylist()) == repr(expected.rows.to_pylist())


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("i", 1.5, "float"),
        ("i", True, "bool"),
        ("i", "1", "str"),
        ("d", "1", "str"),
        ("b", 1, "int"),
        ("s", b"x", "bytes"),
        ("y", "x", "str"),
        ("g", "{}", "str"),
        ("h", b"x", "bytes"),
    ],
)
def test_a_value_of_another_kind_is_named(name: str, value: Any, kind: str) -> None:
    messages = many()
    messages[30] = message((b"\7" * 20, "k", 1, {name: value}))
    with pytest.raises(Misfit) as caught:
        Frames(COLUMNS, SCHEMA, plain)(b"".join(messages))
    misfit = caught.value
    assert (misfit.column.name, misfit.kind) == (name, kind)
    assert misfit.record() == "the record with PK 'k'"


def test_without_columns_only_the_number_counts() -> None:
    found = Frames((), schema_of((), ()), unread)(b"".join(many(i=1)))
    assert found.rows.num_rows == 40


def test_text_that_is_not_utf8_is_shown_as_such() -> None:
    body = b"".join(many(s="ab")).replace(b"sab", b"s\xffb")
    found = Frames(COLUMNS, SCHEMA, plain)(body)
    assert found.rows.column("s").to_pylist()[0] == "\ufffdb"
