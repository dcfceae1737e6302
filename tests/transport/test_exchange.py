"""One request, one reply: good ones, and everything that a server can do wrong."""

from __future__ import annotations

import socket
import threading
import time
import zlib

import pytest

from aerodbapi.cluster.node import Node
from aerodbapi.errors import (
    ConnectionClosed,
    ConnectionFailed,
    Error,
    OperationalError,
    ProtocolError,
    Timeout,
)
from aerodbapi.protocol.frame import INFO, MESSAGE, compress, frame
from tests.transport.scripted import REPLY, REQUEST, Peer, SyncFace, info_for

BIG = frame(MESSAGE, bytes(range(256)) * 4000)


def one_byte_at_a_time(peer: Peer, request: bytes) -> None:
    for index in range(len(REPLY)):
        peer.send(REPLY[index : index + 1])


def in_two_parts(at: int):
    def script(peer: Peer, request: bytes) -> None:
        peer.send(BIG[:at])
        time.sleep(0.02)
        peer.send(BIG[at:])

    return script


GOOD = {
    "small": (lambda peer, _: peer.send(REPLY), b"reply"),
    "empty body": (lambda peer, _: peer.send(frame(MESSAGE, b"")), b""),
    "one byte at a time": (one_byte_at_a_time, b"reply"),
    "a megabyte": (lambda peer, _: peer.send(BIG), BIG[8:]),
    "cut in the header": (in_two_parts(5), BIG[8:]),
    "cut after the header": (in_two_parts(8), BIG[8:]),
    "cut in the body": (in_two_parts(40_000), BIG[8:]),
    "as large as the buffer": (
        lambda peer, _: peer.send(frame(MESSAGE, b"x" * (65536 - 8))),
        b"x" * (65536 - 8),
    ),
    "larger than the buffer": (
        lambda peer, _: peer.send(frame(MESSAGE, b"x" * (65536 - 7))),
        b"x" * (65536 - 7),
    ),
    "compressed": (lambda peer, _: peer.send(compress(BIG)), BIG[8:]),
}


@pytest.mark.parametrize("name", GOOD)
def test_reply_arrives_whole_and_the_connection_is_used_again(name, serve, face):
    script, body = GOOD[name]
    server = serve(script)
    carrier, node = face(server), server.node()
    for _ in range(3):
        assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == body
    assert (server.connections, server.requests) == (1, 3)


def test_info_replies_answer_info_requests(serve, face):
    server = serve(lambda peer, request: peer.send(frame(INFO, b"node\tA1\n")))
    assert face(server).exchange(server.node(), frame(INFO, b"node\n")) == b"node\tA1\n"


def hang_up(peer: Peer, request: bytes) -> bool:
    return False


def after(data: bytes):
    def script(peer: Peer, request: bytes) -> bool:
        peer.send(data)
        return False

    return script


def stay(data: bytes):
    def script(peer: Peer, request: bytes) -> None:
        peer.send(data)

    return script


def damaged() -> bytes:
    whole = bytearray(compress(BIG))
    whole[30] ^= 0xFF
    return bytes(whole)


#: name → (script, error, what it says)
BAD = {
    "no reply": (hang_up, ConnectionFailed, "closed the connection before its reply"),
    "reset": (lambda peer, _: peer.reset(), ConnectionFailed, "reset|closed the connection"),
    "half a header": (after(REPLY[:5]), ConnectionFailed, "after 5 bytes"),
    "half a body": (after(REPLY[:10]), ConnectionFailed, "closed the connection after"),
    "half a big body": (after(BIG[:500_000]), ConnectionFailed, "closed the connection after"),
    "another version": (stay(b"\x01" + REPLY[1:]), ProtocolError, "version 1"),
    "text": (stay(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ProtocolError, "version 72"),
    "unknown kind": (stay(b"\x02\x09" + REPLY[2:]), ProtocolError, "kind"),
    "info for a message": (stay(frame(INFO, b"node\tA\n")), ProtocolError, "kind 1 answers"),
    "oversized": (stay(b"\x02\x03\x00\x00\x10\x00\x00\x00"), ProtocolError, "longer than"),
    "two replies": (stay(REPLY + REPLY), ProtocolError, "nobody asked for"),
    "a reply and a half": (stay(REPLY + REPLY[:3]), ProtocolError, "nobody asked for"),
    "damaged zlib": (stay(damaged()), ProtocolError, "compressed"),
    "zip of another size": (
        stay(frame(4, (99).to_bytes(8, "big") + zlib.compress(REPLY))),
        ProtocolError,
        "compressed",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_fault_becomes_one_error_and_the_pool_stays_healthy(name, serve, face):
    script, kind, text = BAD[name]
    server = serve(lambda peer, request: script(peer, request) if peer.number == 0 else good(peer))
    carrier, node = face(server), server.node()
    with pytest.raises(kind, match=text) as caught:
        carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5)
    assert caught.value.node == str(node)
    assert caught.value.in_doubt
    assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == b"reply"
    assert server.connections == 2
    assert server.wait_open(1) == 1


def good(peer: Peer) -> None:
    peer.send(REPLY)


STALLS = {
    "silence": lambda peer, _: None,
    "half a header": lambda peer, _: peer.send(REPLY[:4]),
    "half a body": lambda peer, _: peer.send(BIG[:100_000]),
}


@pytest.mark.parametrize("limits", [(0.15, None), (None, 0.15), (5.0, 0.15), (0.15, 5.0)])
@pytest.mark.parametrize("name", STALLS)
def test_stall_times_out_and_drops_the_connection(name, limits, serve, face):
    server = serve(STALLS[name])
    socket_timeout, total = limits
    started = time.monotonic()
    with pytest.raises(Timeout) as caught:
        face(server).exchange(
            server.node(), REQUEST, socket_timeout, total and time.monotonic() + total
        )
    assert 0.1 < time.monotonic() - started < 1.5
    assert caught.value.node == str(server.node())
    assert caught.value.in_doubt
    assert server.wait_open(0) == 0


def test_slow_drip_within_the_socket_timeout_still_meets_the_deadline(serve, face):
    def drip(peer: Peer, request: bytes) -> None:
        for _ in range(100):
            time.sleep(0.05)
            peer.send(b"" if _ == 0 else BIG[_ - 1 : _])

    server = serve(drip)
    started = time.monotonic()
    with pytest.raises(Timeout):
        face(server).exchange(server.node(), REQUEST, 1.0, time.monotonic() + 0.4)
    assert time.monotonic() - started < 1.0


def test_slow_drip_may_take_longer_than_the_socket_timeout(serve, face):
    def drip(peer: Peer, request: bytes) -> None:
        for index in range(len(REPLY)):
            time.sleep(0.04)
            peer.send(REPLY[index : index + 1])

    server = serve(drip)
    assert face(server).exchange(server.node(), REQUEST, 0.3, None) == b"reply"


def test_deadline_that_passed_sends_nothing(serve, face):
    server = serve()
    carrier, node = face(server), server.node()
    assert carrier.exchange(node, REQUEST) == b"reply"
    with pytest.raises(Timeout) as caught:
        carrier.exchange(node, REQUEST, None, time.monotonic() - 1)
    assert not caught.value.in_doubt
    assert server.requests == 1
    assert carrier.exchange(node, REQUEST) == b"reply"
    assert server.connections == 1


def test_refused_connection_names_address_and_reason(face):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        node = Node("A1", "127.0.0.1", unused.getsockname()[1])
        with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1: Connection refused") as caught:
            face().exchange(node, REQUEST)
    assert caught.value.result_code == -10
    assert not caught.value.in_doubt


def test_unknown_host_says_so(face):
    with pytest.raises(ConnectionFailed, match=r"cannot find host 'no.such.host.invalid'"):
        face(connect_timeout=5000).exchange(Node("A1", "no.such.host.invalid", 3000), REQUEST)


def test_connect_times_out_when_nobody_accepts(face):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(8)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            started = time.monotonic()
            with pytest.raises(ConnectionFailed, match="timed out") as caught:
                face(connect_timeout=200).exchange(Node("A1", *address), REQUEST)
            assert time.monotonic() - started < 2
            assert not caught.value.in_doubt
        finally:
            for filler in fillers:
                filler.close()


def test_second_address_of_a_host_is_tried(serve, face, monkeypatch):
    server = serve()
    found = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
    dead = [(*found[0][:4], ("127.0.0.2", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: _resolve(host, dead, found))
    node = Node("A1", "two.addresses", server.port)
    assert face().exchange(node, REQUEST, 5.0, time.monotonic() + 5) == b"reply"


def _resolve(host, dead, found):
    return dead + found if host == "two.addresses" else dead if host == "127.0.0.2" else found


def test_closed_carrier_refuses_and_closes_its_connections(serve, face):
    server = serve()
    carrier, node = face(server), server.node()
    carrier.exchange(node, REQUEST)
    if isinstance(carrier, SyncFace):
        carrier.close()
    else:
        carrier.loop.run_until_complete(carrier.carrier.close())
    assert server.wait_open(0) == 0
    with pytest.raises(ConnectionClosed):
        carrier.exchange(node, REQUEST)


def test_many_threads_share_one_carrier(serve):
    def echo(peer: Peer, request: bytes) -> None:
        peer.send(frame(MESSAGE, request[8:]))

    server = serve(echo)
    carrier, node = SyncFace(info_for(server, max_connections=4)), server.node()
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(200):
            body = f"{number}:{turn}".encode()
            try:
                answer = carrier.exchange(node, frame(MESSAGE, body), 5.0, time.monotonic() + 10)
            except Error as error:
                wrong.append(error)
                return
            if answer != body:
                wrong.append((body, answer))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(25)
    carrier.close()
    assert wrong == []
    assert server.requests == 2400
    assert server.connections <= 4


def test_error_of_the_pool_names_its_setting(serve, face):
    server = serve()
    carrier, node = face(server, max_connections=1), server.node()

    def hold():
        from aerodbapi.cluster.effects import Emit, Stream

        handle = yield Stream(node, REQUEST)
        yield Emit(handle)

    held = carrier.items(hold())
    next(held)
    started = time.monotonic()
    with pytest.raises(OperationalError, match="max_connections=1") as caught:
        carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 0.2)
    assert caught.value.result_code == -7
    assert not caught.value.in_doubt
    assert 0.15 < time.monotonic() - started < 2
    held.close()
    assert carrier.exchange(node, REQUEST, 5.0, time.monotonic() + 5) == b"reply"
