"""The admin channel."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.errors import DataError, NotSupportedError, ProtocolError
from aerodbapi.protocol import admin
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from tests.protocol.strategies import U8

MESSAGES = st.builds(
    AdminMessage, U8, U8, st.lists(st.tuples(U8, st.binary(max_size=20)), max_size=4).map(tuple)
)


@given(st.lists(MESSAGES, min_size=1, max_size=3))
def test_round_trip(sent: list[AdminMessage]) -> None:
    body = b"".join(admin.encode(m)[8:] for m in sent)
    offset, found = 0, []
    while offset < len(body):
        m, offset = admin.decode(body, offset)
        found.append(m)
    assert found == sent


def test_login() -> None:
    request = admin.login_request("ann", b"hash")
    assert request.hex() == (
        "02020000000000" "21" "00001402" + "00" * 12 + "00000004" "00" "616e6e"
        "00000005" "03" "68617368"
    )  # fmt: skip
    message = admin.decode_request(request[8:])
    assert (message.command, message.field(Field.USER)) == (Command.LOGIN, b"ann")
    external = admin.decode_request(admin.login_request("ann", b"hash", "clear")[8:])
    assert external.field(Field.CLEAR_PASSWORD) == b"clear"
    assert admin.decode_request(admin.login_request(None, None)[8:]).fields == ()


def test_authenticate() -> None:
    message = admin.decode_request(admin.authenticate_request("ann", b"token")[8:])
    assert message.command == Command.AUTHENTICATE
    assert message.fields == ((Field.USER, b"ann"), (Field.SESSION_TOKEN, b"token"))
    pki = admin.decode_request(admin.authenticate_request(None, b"token")[8:])
    assert pki.field(Field.USER) is None


def test_session_ttl() -> None:
    assert AdminMessage(20, fields=((Field.SESSION_TTL, b"\0\0\1\0"),)).session_ttl == 256
    assert AdminMessage(20).session_ttl is None


def test_a_user_is_text() -> None:
    with pytest.raises(DataError):
        admin.login_request("\ud800", b"")


def test_password_hash() -> None:
    pytest.importorskip("bcrypt")
    hashed = admin.hash_password("admin")
    assert len(hashed) == 60
    assert hashed.startswith(b"$2a$10$7EqJtq98hPqEX7fNZaFWoO")
    assert hashed != admin.hash_password("other")
    assert admin.hash_password("x" * 72) == admin.hash_password("x" * 100)


def test_without_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(NotSupportedError, match=r"aerodbapi\[auth\]"):
        admin.hash_password("admin")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes(15),
        b"\0\0\0\1" + bytes(12),
        b"\0\0\0\1" + bytes(12) + b"\0\0\0\0\0",
        b"\0\0\0\1" + bytes(12) + b"\0\0\0\3\0a",
        bytes(17),
    ],
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        admin.decode_request(body)
