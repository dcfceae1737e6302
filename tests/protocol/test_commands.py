"""Single-record commands: what the recorded frames do not show."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import BinNameError, DataError, ParameterError, ProtocolError
from aerodbapi.protocol import commands, message
from aerodbapi.protocol.flags import EPOCH_2010, TTL_NEVER, FieldType, Info1, Info2, OpType
from aerodbapi.protocol.message import Message, Operation
from tests.protocol.strategies import BIN_VALUES, NAMES

DIGEST = bytes(range(20))


def parsed(frame: bytes) -> Message:
    (only,) = message.messages(frame[8:])
    return only


def reply(*ops: Operation, **head: Any) -> bytes:
    return message.encode_message(Message(ops=ops, **head))


@given(st.dictionaries(NAMES, BIN_VALUES, max_size=6))
def test_bins_written_are_the_bins_read(bins: dict[str, Any]) -> None:
    n_ops, ops = commands.bins_ops(bins)
    sent = parsed(commands.write_request("ns", "s", DIGEST, ops, n_ops))
    assert [o.op for o in sent.ops] == [OpType.WRITE] * len(bins)
    body = reply(*sent.ops, generation=3, record_ttl=4)
    assert commands.decode_reply(body) == (0, 3, 4, bins)
    assert commands.decode_reply_ordered(body) == (0, 3, 4, list(bins.items()))


def test_fields_of_a_read() -> None:
    sent = parsed(
        commands.read_request(
            "ns", "s", DIGEST, bins=["a", "b"], filter=b"\x91\x00", send_key=5, touch_ttl=7
        )
    )
    assert sent.info1 == Info1.READ
    assert sent.record_ttl == 7
    assert sent.fields == (
        (FieldType.NAMESPACE, b"ns"),
        (FieldType.SET, b"s"),
        (FieldType.DIGEST, DIGEST),
        (FieldType.KEY, b"\x01" + struct.pack(">q", 5)),
        (FieldType.FILTER, b"\x91\x00"),
    )
    assert sent.ops == (Operation(1, "a"), Operation(1, "b"))


def test_fields_of_a_write() -> None:
    sent = parsed(
        commands.operate_request(
            "ns",
            None,
            DIGEST,
            b"",
            0,
            info2=Info2.WRITE,
            info4=0x10,
            generation=9,
            ttl=TTL_NEVER,
            timeout_ms=5,
            filter=b"\x90",
            key=b"k",
            extra=[(FieldType.TXN_ID, b"12345678")],
        )
    )
    assert (sent.info2, sent.info4, sent.generation) == (1, 0x10, 9)
    assert (sent.record_ttl, sent.transaction_ttl) == (TTL_NEVER, 5)
    assert [type for type, _ in sent.fields] == [0, 1, 4, 2, 5, 43]


@pytest.mark.parametrize("name", ["x" * 16, "é" * 8])
def test_bin_names_are_15_bytes(name: str) -> None:
    assert commands.bins_ops({name[:-1]: 1})[0] == 1
    for call in (
        lambda: commands.bins_ops({name: 1}),
        lambda: commands.bins_ops({name: None}),
        lambda: commands.bins_ops({name: "text"}),
        lambda: commands.read_request("ns", "s", DIGEST, bins=[name]),
        lambda: commands.read_ops([name]),
    ):
        with pytest.raises(BinNameError):
            call()


@pytest.mark.parametrize("value", [1 << 63, object(), "\ud800", [1 << 64]])
def test_values_that_no_bin_holds(value: Any) -> None:
    with pytest.raises(DataError):
        commands.bins_ops({"b": value})


@pytest.mark.parametrize(
    "options", [{"generation": -1}, {"ttl": 1 << 32}, {"timeout_ms": -1}, {"n_ops": 1 << 16}]
)
def test_numbers_out_of_range(options: dict[str, int]) -> None:
    arguments = {"n_ops": 0, **options}
    with pytest.raises(ParameterError):
        commands.write_request("ns", "s", DIGEST, b"", **arguments)


def test_the_last_result_of_a_bin_is_kept() -> None:
    body = reply(Operation(5, "a"), Operation(1, "a", 1, bytes(7) + b"\1"))
    assert commands.decode_reply(body)[3] == {"a": 1}
    assert commands.decode_reply_ordered(body)[3] == [("a", None), ("a", 1)]


def test_fields_of_a_reply_are_skipped() -> None:
    body = reply(Operation(1, "a", 3, b"x"), fields=((3, bytes(7)), (6, bytes(4))), result_code=2)
    assert commands.decode_reply(body) == (2, 0, 0, {"a": "x"})


def test_text_that_is_not_utf8() -> None:
    body = reply(Operation(1, "\udcfe", 3, b"\xff"))
    assert commands.decode_reply(body)[3] == {"\udcfe": "\udcff"}


def test_a_view_is_read_too() -> None:
    body = memoryview(reply(Operation(1, "a", 3, b"x")))
    assert commands.decode_reply(body)[3] == {"a": "x"}  # type: ignore[arg-type]


MALFORMED = {
    "empty": b"",
    "short": bytes(21),
    "header size": b"\x17" + bytes(21),
    "trailing": reply() + b"x",
    "field beyond the end": b"\x16" + bytes(18) + b"\1\0\0" + b"\xff\xff\xff\xff",
    "field then ops": b"\x16" + bytes(18) + b"\1\0\1" + b"\xff\xff\xff\xff",
    "no op": b"\x16" + bytes(20) + b"\1",
    "short integer": reply(Operation(1, "a", 1, bytes(7))),
    "long integer": reply(Operation(1, "a", 1, bytes(9))),
    "short double": reply(Operation(1, "a", 2, bytes(7))),
    "unknown particle": reply(Operation(1, "a", 99, b"")),
    "list": reply(Operation(1, "a", 20, b"\x92")),
    "shorter than its name": b"\x16" + bytes(20) + b"\1" + b"\0\0\0\4\1\3\0\1",
    "shorter than its name, double": b"\x16" + bytes(20) + b"\1" + b"\0\0\0\4\1\2\0\1",
    "shorter than its name, null": b"\x16" + bytes(20) + b"\1" + b"\0\0\0\4\1\0\0\1",
    "beyond the end": b"\x16" + bytes(20) + b"\1" + b"\0\0\0\x09\1\3\0\1ab",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_reply(name: str) -> None:
    for decode in (commands.decode_reply, commands.decode_reply_ordered):
        with pytest.raises(ProtocolError):
            decode(MALFORMED[name])


@pytest.mark.parametrize(
    ("void_time", "now", "ttl"),
    [
        (0, EPOCH_2010, TTL_NEVER),
        (100, EPOCH_2010, 100),
        (100, EPOCH_2010 + 0.9, 100),
        (100, EPOCH_2010 + 99, 1),
        (100, EPOCH_2010 + 100, 1),
        (100, EPOCH_2010 + 1000, 1),
    ],
)
def test_ttl(void_time: int, now: float, ttl: int) -> None:
    assert commands.ttl_of(void_time, now) == ttl
