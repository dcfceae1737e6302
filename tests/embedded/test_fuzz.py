"""Any bytes: only ProtocolError may come out of a node, and it goes on answering."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.errors import ProtocolError
from aerodbapi.protocol import info
from aerodbapi.protocol.frame import HEADER_SIZE, parse_header
from aerodbapi.protocol.message import messages
from tests.embedded.driver import Driver
from tests.protocol import recorded

SEEDS = [
    request
    for name, exchange in recorded.EXCHANGES.items()
    for way, _ in exchange["frames"]
    if way == ">"
    for request in recorded.requests(name)
]
COMMANDS = EmbeddedNode().info.value("help").split(";")
#: Numbers that are interesting in a length, count, type or flag.
NUMBERS = (0, 1, 2, 3, 4, 15, 16, 20, 22, 0x7F, 0x80, 0xFE, 0xFF)
FRAMES_READ = 200  # of one reply, which may be as long as the set


@pytest.fixture(scope="module")
def node():
    node = EmbeddedNode()
    db = Driver(node, set="vec")
    for i in range(20):
        db.put(i, {"i": i, "s": f"text {i}", "l": [i], "m": {"a": i}}, send_key=i)
    db.info("sindex-create:namespace=test;set=vec;indexname=by_i;bin=i;type=numeric")
    return node


def receive(node, request):
    """Send a request; check that every frame of its reply is one."""
    try:
        for frame in itertools.islice(node.receive(request), FRAMES_READ):
            kind, length = parse_header(frame)
            assert len(frame) == HEADER_SIZE + length
            if kind == 3:
                assert list(messages(frame[HEADER_SIZE:]))
    except ProtocolError:
        return


def alive(node):
    db = Driver(node, set="alive")
    return db.put("k", {"a": 1}).code == 0 and db.get("k").bins == {"a": 1}


def mutated(choice, request):
    """Change a request's body in some places, and let the header fit again, mostly."""
    body = bytearray(request[HEADER_SIZE:])
    for _ in range(choice.choice((1, 1, 1, 2, 3, 8))):
        kind, at = choice.randrange(6), choice.randrange(len(body) + 1)
        if kind == 0 and body:
            body[at % len(body)] = choice.choice(NUMBERS)
        elif kind == 1 and body:
            body[at % len(body)] ^= 1 << choice.randrange(8)
        elif kind == 2:
            del body[at : at + choice.choice((1, 2, 4, 20))]
        elif kind == 3:
            body[at:at] = bytes(choice.choice(NUMBERS) for _ in range(choice.choice((1, 4, 9))))
        elif kind == 4:
            body[at:at] = body[at : at + choice.randrange(60)]
        else:
            del body[at:]
    head = request[:2] + len(body).to_bytes(6, "big")
    return (request[:HEADER_SIZE] if choice.random() < 0.02 else head) + bytes(body)


def test_mutations_of_recorded_requests_to_a_durable_node(durable):
    choice = random.Random(99)
    for _ in range(700):
        receive(durable, mutated(choice, choice.choice(SEEDS)))
    assert alive(durable)


@pytest.mark.parametrize("seed", range(8))
def test_mutations_of_recorded_requests(node, seed):
    choice = random.Random(seed)
    for _ in range(700):
        receive(node, mutated(choice, choice.choice(SEEDS)))
    assert alive(node)


@given(kind=st.integers(1, 4), body=st.binary(max_size=300))
def test_random_bodies(kind, body):
    node = _NODE
    receive(node, bytes((2, kind)) + len(body).to_bytes(6, "big") + body)
    assert alive(node)


_NODE = EmbeddedNode()


@given(
    header=st.binary(min_size=17, max_size=17),
    n_fields=st.integers(0, 5),
    n_ops=st.integers(0, 5),
    rest=st.binary(max_size=200),
)
def test_random_message_headers(header, n_fields, n_ops, rest):
    body = b"\x16" + header + bytes((0, n_fields, 0, n_ops)) + rest
    receive(_NODE, b"\2\3" + len(body).to_bytes(6, "big") + body)
    assert alive(_NODE)


@given(st.binary(max_size=100))
def test_random_bytes_are_no_frame(data):
    receive(_NODE, data)
    assert alive(_NODE)


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture(scope="module")
def durable(tmp_path_factory):
    """A node whose definitions go to a file, which takes less than memory does."""
    node = EmbeddedNode(str(tmp_path_factory.mktemp("fuzz") / "data.db"))
    yield node
    node.close()


@given(command=st.sampled_from(COMMANDS), separator=st.sampled_from(":/;= \t"), text=TEXT)
def test_random_parameters_of_info_commands(durable, command, separator, text):
    check_info(durable, f"{command}{separator}{text}")


PARAMETERS = ("namespace", "ns", "set", "indexname", "bin", "type", "lut", "id", "context")
VALUES = ("", "test", "vec", "-1", "0", "9" * 30, "numeric", "a" * 300, "é", "\udcff", "a b", "/")


@given(
    command=st.sampled_from(COMMANDS),
    parameters=st.dictionaries(
        st.sampled_from((*PARAMETERS, "filename", "content", "content-len", "default-ttl")),
        st.sampled_from(VALUES),
        max_size=5,
    ),
)
def test_strange_parameters_of_info_commands(durable, command, parameters):
    pairs = (f"{name}={value}" for name, value in parameters.items())
    check_info(durable, f"{command}:{';'.join(pairs)}")


def check_info(node, command):
    if "\n" in command:
        return
    (reply,) = node.receive(info.encode_request([command]))
    assert reply[HEADER_SIZE:].endswith(b"\n")
    assert alive(node)
