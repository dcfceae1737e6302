"""Random commands: the node answers as whatever listens at the tests' address.

With `--hosts` that is a real server, and this is the proof that the node behaves as it does;
without, it is the node itself on TCP, and both carriers have to agree.
"""

from __future__ import annotations

import random
import socket
import struct

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import FieldType, Info1, Info2, Info3, OpType
from aerodbapi.protocol.frame import HEADER_SIZE
from aerodbapi.protocol.message import decode_message, encode_field, encode_op, request_frame
from tests.conftest import info

KEYS = ("k1", "k2", "k3")
COMMANDS = 300
CLOCKS_APART = 3  # seconds that two void-times may differ by

POINT = b'{"type":"Point","coordinates":[1.0,2.0]}'
#: (type, bytes): good particles and all kinds of bad ones.
PARTICLES = [
    *((1, value) for value in (bytes(7) + b"\5", b"\7", b"\0\7", b"123", b"\xff" * 8, b"")),
    *((2, value) for value in (struct.pack(">d", 1.5), b"1234")),
    *((3, value) for value in (b"abc", b"", b"\xff\xfe")),
    *((4, value) for value in (b"xyz", b"")),
    *((17, value) for value in (b"\1", b"\0", b"\2", b"")),
    *((18, value) for value in (bytes((0, 4, 0)) + bytes(20), b"zz", b"")),
    *(
        (19, bytes.fromhex(text))
        for text in [
            "80 ",
            " 81 01 02 ",
            " 83 c7 00 01 c0 a2 03 62 01 a2 03 61 02 ",
            " 82 02 01 01 01 ",
            " 82 01 01 01 02 ",
            " 81 90 01 ",
            " 81 cb 3ff0000000000000 01 ",
            " 81 c0 01 ",
            " 82 c7 00 01 c0 01 02 ",
            " 82 c7 00 03 c0 01 02 ",
            " 82 c7 00 08 c0 01 02",
        ]
    ),
    *(
        (20, bytes.fromhex(text))
        for text in [
            "92 01 02 ",
            " 90 ",
            " 80 ",
            " 92 01 ",
            " 91 a4 03 616263 ",
            " 93 c7 00 01 05 04 ",
            " 92 d1 0001 cd 0005 ",
            " 91 c4 03 04 6162 ",
            " 91 ca 3f800000 ",
            " dc 0001 01 ",
            " 91 d9 02 03 61 ",
            " 92 01 02 03 ",
            " 91 a1 61 ",
            " 91 a0 ",
            " 91 d4 ff 00 ",
            " 91 c1 ",
            " 91 81 c0 01 ",
            " 92 c7 00 01 01 ",
            " 92 c7 00 00 01",
        ]
    ),
    *((23, value) for value in (bytes(3) + POINT, bytes(3) + b"{}", b"\0")),
    *((kind, b"q") for kind in (0, 5, 7, 9, 22, 255)),
]

#: Fields 43: n == 5 of bin "a", a truth about the key, and no expression at all.
FILTERS = [bytes.fromhex(text) for text in ("93 01 93 51 02 a1 61 05", "92 11 91 47", "c1")]


def operation(choice: random.Random) -> bytes:
    kind = choice.random()
    name = choice.choice(("a", "b", "c"))
    if choice.random() < 0.2:
        name = choice.choice(("d", "", "x" * 15, "y" * 16))
    if kind < 0.35:
        return encode_op(OpType.WRITE, name, *choice.choice(PARTICLES))
    if kind < 0.45:
        modify = choice.choice((OpType.INCR, OpType.APPEND, OpType.PREPEND))
        return encode_op(modify, name, *choice.choice(PARTICLES))
    if kind < 0.55:
        return encode_op(OpType.INCR, name, 1, struct.pack(">q", choice.choice((1, -1, 2**62))))
    if kind < 0.6:
        return encode_op(choice.choice((9, 10)), name, choice.choice((3, 4)), b"zz")
    if kind < 0.85:
        return encode_op(OpType.READ, name if kind < 0.8 else "")
    if kind < 0.9:
        return encode_op(OpType.TOUCH, "")
    if kind < 0.95:
        return encode_op(OpType.DELETE_ALL, choice.choice(("", "a")))
    return encode_op(OpType.WRITE, name)


def command(choice: random.Random, set_name: str) -> tuple[bytes, bytes]:
    """Make a request at random; give it and the digest that it is about."""
    found = digest(set_name, choice.choice(KEYS))
    fields = [(FieldType.NAMESPACE, b"test"), (FieldType.DIGEST, found)]
    sets = [set_name.encode()] * 12 + [b"other", b"", b"x" * 64]
    if choice.random() > 0.03:
        fields.append((FieldType.SET, choice.choice(sets)))
    if choice.random() < 0.15:
        keys = (b"\x03k1", b"\x03k2", b"", b"\x01abc", b"\x01" + bytes(8))
        fields.append((FieldType.KEY, choice.choice(keys)))
    if choice.random() < 0.1:
        fields.append((FieldType.FILTER, choice.choice(FILTERS)))
    info1, info2 = choice.choice((0, 1, 1, 3, 0x21)), choice.choice((1, 1, 1, 0, 0, 3, 0x81))
    if info2 & Info2.WRITE:
        info1 = choice.choice((0, 0, Info1.READ, Info1.READ, Info1.READ | Info1.GET_ALL))
        if choice.random() < 0.2:
            info2 |= choice.choice((0x04, 0x08, 0x10, 0x20, 0x80))
    info3 = choice.choice((0,) * 6 + (Info3.UPDATE_ONLY, Info3.CREATE_OR_REPLACE, 0x20, 0x28))
    ops = [operation(choice) for _ in range(choice.choice((0, 1, 1, 1, 2, 3, 4)))]
    ttls = (0, 0, 100, 0xFFFFFFFF, 0xFFFFFFFE, 315360000, 315360001, 0x80000000)
    header = (info1, info2, info3, 0, choice.randrange(4), choice.choice(ttls), 1000)
    return request(header, fields, ops), found


def request(header, fields, ops=()):
    encoded = b"".join(encode_field(*field) for field in fields)
    return request_frame(*header, len(fields), encoded, len(ops), b"".join(ops))


def get_all(found: bytes) -> bytes:
    return request((3, 0, 0, 0, 0, 0, 1000), [(0, b"test"), (FieldType.DIGEST, found)])


def remove(found: bytes) -> bytes:
    return request((0, 3, 0, 0, 0, 0, 1000), [(0, b"test"), (FieldType.DIGEST, found)])


class Peer:
    """Whatever listens at the tests' address."""

    def __init__(self, address):
        self._connection = socket.create_connection(address, timeout=10)
        self._stream = self._connection.makefile("rb")

    def receive(self, sent):
        self._connection.sendall(sent)
        head = self._stream.read(HEADER_SIZE)
        yield head + self._stream.read(int.from_bytes(head[2:], "big"))

    def close(self):
        self._stream.close()
        self._connection.close()


def answer(node, sent):
    """Give what must be equal of a reply, and its void-time."""
    message, _ = decode_message(b"".join(node.receive(sent)), HEADER_SIZE)
    shown = (message.result_code, message.generation, message.info3, message.ops)
    return shown, message.record_ttl


def same(left, right):
    one, other = left[1], right[1]
    return left[0] == right[0] and bool(one) == bool(other) and abs(one - other) <= CLOCKS_APART


@pytest.fixture
def pair(node_address):
    """The node, and its peer with the same settings."""
    peer, node = Peer(node_address), EmbeddedNode()
    config = info(node_address, "get-config:context=namespace;namespace=test")
    settings = dict(item.split("=", 1) for item in config.split(";"))
    node.store.namespace("test").default_ttl = int(settings["default-ttl"])
    yield node, peer
    peer.close()


@pytest.mark.parametrize("seed", range(4))
def test_random_commands(pair, fresh_set, seed):
    choice = random.Random(seed)
    node, peer = pair
    for _ in range(COMMANDS):
        sent, found = command(choice, fresh_set)
        ours, theirs = answer(node, sent), answer(peer, sent)
        assert same(ours, theirs), (sent.hex(" "), ours, theirs)
        kept, theirs = answer(node, get_all(found)), answer(peer, get_all(found))
        assert same(kept, theirs), (sent.hex(" "), kept, theirs)
    for key in KEYS:
        sent = remove(digest(fresh_set, key))
        assert same(answer(node, sent), answer(peer, sent))
