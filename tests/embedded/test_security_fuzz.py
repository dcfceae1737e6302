"""Any bytes in an admin frame: an answer with a result code, and a node that goes on."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol import admin as wire
from aerodbapi.protocol.admin import AdminMessage
from aerodbapi.protocol.frame import ADMIN, HEADER_SIZE, frame, parse_header
from tests.embedded.peers import Peer, credential, logged_in, names, privileges

CODES = frozenset(
    (0, 50, 53, 54, 55, 60, 61, 62, 64, 65, 70, 71, 72, 73, 75, 80, 81, 90),
)
VALUES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [
            b"admin",
            b"u",
            b"r",
            b"read",
            credential("admin"),
            credential("pw"),
            names("read"),
            names("r", "write"),
            privileges(10),
            privileges((11, "test", "s")),
            b"127.0.0.1",
            struct.pack(">I", 7),
        ]
    ),
)
FIELDS = st.lists(st.tuples(st.integers(0, 20), VALUES), max_size=6)


@pytest.fixture(scope="module")
def node():
    return EmbeddedNode(security=True)


def codes(peer, body):
    """Send a body; give the result codes of the reply's messages."""
    (reply,) = peer.receive(frame(ADMIN, body))
    assert parse_header(reply) == (ADMIN, len(reply) - HEADER_SIZE)
    at, found = HEADER_SIZE, []
    while at < len(reply):
        message, at = wire.decode(reply, at)
        found.append(message.result)
    assert found
    assert set(found) <= CODES
    return found


@given(body=st.binary(max_size=120))
def test_any_bytes(node, body):
    assert codes(Peer(node), body)[0] != 0


@given(command=st.sampled_from(range(22)), fields=FIELDS)
def test_any_fields_before_a_login(node, command, fields):
    body = wire.encode(AdminMessage(command, 0, tuple(fields)))[HEADER_SIZE:]
    peer = Peer(node)
    found = codes(peer, body)
    if command not in (0, 20):
        assert found in ([80], [54])


@given(command=st.sampled_from(range(22)), fields=FIELDS, cut=st.integers(0, 40))
def test_any_fields_of_an_administrator(command, fields, cut):
    node = EmbeddedNode(security=True)
    peer = logged_in(node)
    body = wire.encode(AdminMessage(command, 0, tuple(fields)))[HEADER_SIZE:]
    codes(peer, body)
    codes(logged_in(node) if "admin" in _users(node) and _still(node) else Peer(node), body[:-cut])
    assert Peer(node).driver().get("k").code == 80


def _users(node):
    return node.security.directory.users


def _still(node):
    """Tell whether the administrator's password is still the first one."""
    return _users(node)["admin"].knows(credential("admin"))


@given(data=st.data())
def test_changed_frames(node, data):
    body = bytearray(wire.login_request("admin", credential("admin"))[HEADER_SIZE:])
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    codes(Peer(node), bytes(body))
    assert Peer(node).login("admin", "admin") == 0
