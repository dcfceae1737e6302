"""Writes of batches, stored as they come: the record is what the same single write makes."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerodbapi.embedded import ops
from aerodbapi.embedded.storage import pack_bins
from aerodbapi.errors import Error, ProtocolError
from aerodbapi.native.client import Client
from aerodbapi.protocol import particles
from aerodbapi.protocol.commands import bins_ops
from aerodbapi.protocol.message import decode_ops, encode_op
from aerodbapi.protocol.packed_ops import packed_ops

VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.booleans(),
    st.none(),
    st.lists(st.integers(0, 9), max_size=3),
)
NAMES = st.one_of(st.sampled_from(["a", "b", "a_longer_name"]), st.text(max_size=6))
OPS = st.lists(st.tuples(st.sampled_from([2, 2, 2, 1, 9]), NAMES, VALUES), max_size=5)


def packed(operations: list[tuple[int, str, Any]]) -> bytes:
    parts = []
    for op, name, value in operations:
        parts.append(encode_op(op, name.encode()[:15], *particles.encode(value)))
    return b"".join(parts)


@given(OPS)
def test_plain_writes_are_stored_as_they_come(operations: list[tuple[int, str, Any]]) -> None:
    """Whenever the short road is taken, it stores what the long one would."""
    found, end = packed_ops(packed(operations), 0, len(operations))
    assert end == len(packed(operations))
    assert found == tuple(found) == decode_ops(found.packed, 0, len(found))[0]
    stored = ops.packed_writes(found)
    plain = ops.plain_writes(tuple(found))
    if stored is not None:
        assert plain is not None
        assert stored == pack_bins(plain)
    elif plain is not None:
        assert len(plain) < len(found)  # a bin that is written twice


@given(st.binary(max_size=40), st.integers(0, 4))
def test_broken_operations_are_refused_alike(data: bytes, count: int) -> None:
    def ends(decode: Any) -> Any:
        try:
            return decode(data, 0, count)[1]
        except (ProtocolError, struct.error):
            return "refused"

    assert ends(packed_ops) == ends(decode_ops)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1), min_size=1, max_size=4),
    st.sampled_from(["ignore", "replace", "create_or_replace", "update"]),
)
def test_batches_write_what_single_commands_write(rows: list[Any], exists: str) -> None:
    with Client() as client:
        for row in rows:
            policy = {"exists": exists}
            result = client.batch_write([(("test", "s", 1), row)], policy_write=policy)
            assert result.batch_records[0].result == _put(client, row, policy)
            assert _found(client, 1) == _found(client, 2)


def _put(client: Any, row: Any, policy: Any) -> int | None:
    try:
        client.put(("test", "s", 2), row, policy=policy)
    except Error as error:
        return error.result_code
    return 0


def _found(client: Any, key: int) -> Any:
    (record,) = client.batch_read([("test", "s", key)]).batch_records
    return record.result, record.record and (record.record.meta.gen, repr(record.record.bins))


def test_names_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "_NAMES", {b"x"})
    monkeypatch.setattr(ops, "_MAX_NAMES", 1)
    count, data = bins_ops({"a": 1, "b": 2})
    assert ops.packed_writes(packed_ops(data, 0, count)[0]) is not None
    assert {b"b"} == ops._NAMES
