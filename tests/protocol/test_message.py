"""Messages both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import DataError, ProtocolError
from aerodbapi.protocol import message
from aerodbapi.protocol.frame import MESSAGE, frame
from aerodbapi.protocol.message import Message, Operation
from tests.protocol.strategies import MESSAGES


@given(st.lists(MESSAGES, max_size=4))
def test_round_trip(sent: list[Message]) -> None:
    body = b"".join(map(message.encode_message, sent))
    assert list(message.messages(body)) == sent


@given(MESSAGES)
def test_a_request_frame_is_the_message_in_a_frame(m: Message) -> None:
    fields = b"".join(message.encode_field(*field) for field in m.fields)
    ops = b"".join(message.encode_op(o.op, o.name, o.particle_type, o.value) for o in m.ops)
    body = message.encode_message(m)
    if m.result_code == 0:
        assert frame(MESSAGE, body) == message.request_frame(
            m.info1,
            m.info2,
            m.info3,
            m.info4,
            m.generation,
            m.record_ttl,
            m.transaction_ttl,
            len(m.fields),
            fields,
            len(m.ops),
            ops,
        )
    assert body.endswith(fields + ops)


@given(MESSAGES, st.data())
def test_every_cut_is_refused(m: Message, data: st.DataObject) -> None:
    body = message.encode_message(m)
    cut = body[: data.draw(st.integers(1, len(body) - 1))]
    with pytest.raises(ProtocolError):
        list(message.messages(cut))


def test_bytes_of_a_message() -> None:
    m = Message(
        info1=1, generation=2, record_ttl=3, fields=((0, b"ns"),), ops=(Operation(2, "b", 1, b"v"),)
    )
    assert message.encode_message(m).hex() == (
        "16" "01000000" "00" "00000002" "00000003" "00000000" "0001" "0001"
        "00000003" "00" "6e73"
        "00000006" "02" "01" "00" "01" "62" "76"
    )  # fmt: skip
    assert m.field(0) == b"ns"
    assert m.field(1) is None


BAD = {
    "header size": b"\x15" + bytes(21),
    "no field": b"\x16" + bytes(18) + b"\x01" + bytes(2),
    "field of no type": b"\x16" + bytes(18) + b"\x01\0\0" + b"\0\0\0\0\0",
    "field too long": b"\x16" + bytes(18) + b"\x01\0\0" + b"\xff\xff\xff\xff\0",
    "no op": b"\x16" + bytes(20) + b"\x01",
    "op shorter than its name": b"\x16" + bytes(20) + b"\x01" + b"\0\0\0\4\1\0\0\1",
    "op too long": b"\x16" + bytes(20) + b"\x01" + b"\xff\xff\xff\xff\1\0\0\0",
    "op header cut": b"\x16" + bytes(20) + b"\x01" + b"\0\0\0\0",
}


@pytest.mark.parametrize("name", BAD)
def test_malformed(name: str) -> None:
    with pytest.raises(ProtocolError):
        message.decode_message(BAD[name])


def test_a_name_that_was_not_text_survives() -> None:
    body = message.encode_message(Message(ops=(Operation(1, "\udcff"),)))
    assert body.endswith(b"\xff")
    assert message.decode_message(body)[0].ops[0].name == "\udcff"
    with pytest.raises(DataError):
        message.encode_op(1, "\ud800")


def test_key_fields() -> None:
    assert message.key_fields("test", "s") == (2, b"\0\0\0\5\0test" + b"\0\0\0\2\1s")
    assert message.key_fields("test", None) == (2, b"\0\0\0\5\0test" + b"\0\0\0\1\1")
    assert message.key_fields("test", "") == message.key_fields("test", None)
