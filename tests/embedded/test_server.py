"""The node on TCP: connections, pipelining, slow and rude peers, shutdown."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import Server, serve
from aerodbapi.errors import OperationalError
from aerodbapi.protocol import info
from aerodbapi.protocol.admin import login_request
from aerodbapi.protocol.commands import bins_ops, decode_reply, read_request, write_request
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.frame import HEADER_SIZE, MAX_BODY, compress, parse_header
from tests.embedded.driver import Driver

ROOT = Path(__file__).parents[2]
WAIT = 10


@pytest.fixture
def server():
    node = EmbeddedNode()
    with serve(node, "127.0.0.1", 0) as server:
        yield server
    node.close()


@pytest.fixture
def peer(server):
    with connect(server) as connection:
        yield connection


def connect(server):
    return socket.create_connection(server.address, timeout=WAIT)


def receive(connection):
    """Receive one frame: its kind and body."""
    head = exactly(connection, HEADER_SIZE)
    kind, length = parse_header(head)
    return kind, exactly(connection, length)


def exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        more = connection.recv(size - len(data))
        assert more, "the server hung up"
        data += more
    return bytes(data)


def put_request(key, bins):
    n_ops, ops = bins_ops(bins)
    return write_request("test", "s", digest("s", key), ops, n_ops)


def get_request(key):
    return read_request("test", "s", digest("s", key))


def get(connection, key):
    connection.sendall(get_request(key))
    return decode_reply(receive(connection)[1])


def test_the_server_announces_the_port_that_the_system_chose(server, peer):
    host, port = server.address
    assert port > 0
    peer.sendall(info.encode_request(["service-clear-std", "namespaces"]))
    kind, body = receive(peer)
    assert kind == 1
    assert info.decode_reply(body) == {"service-clear-std": f"{host}:{port}", "namespaces": "test"}


def test_put_and_get(peer):
    peer.sendall(put_request("k", {"a": 1, "b": "two"}))
    assert decode_reply(receive(peer)[1])[:2] == (0, 1)
    assert get(peer, "k")[3] == {"a": 1, "b": "two"}


def test_a_request_that_arrives_byte_by_byte(peer):
    for byte in put_request("k", {"a": 1}):
        peer.sendall(bytes((byte,)))
    assert decode_reply(receive(peer)[1])[0] == 0


def test_requests_sent_in_one_go_are_answered_in_order(peer):
    requests = [put_request(i, {"n": i}) for i in range(200)]
    requests += [get_request(i) for i in range(200)]
    sender = threading.Thread(target=peer.sendall, args=(b"".join(requests),))
    sender.start()
    replies = [decode_reply(receive(peer)[1]) for _ in requests]
    sender.join(WAIT)
    assert [bins for *_, bins in replies[200:]] == [{"n": i} for i in range(200)]


def test_a_big_record(peer):
    peer.sendall(put_request("k", {"b": bytes(7 << 20)}))
    assert decode_reply(receive(peer)[1])[0] == 0
    assert get(peer, "k")[3] == {"b": bytes(7 << 20)}


def test_login_is_told_that_there_is_no_security(peer):
    peer.sendall(login_request("user", b"hash"))
    kind, body = receive(peer)
    assert (kind, body[1], len(body)) == (2, 51, 16)
    assert get(peer, "k")[0] == 2


def test_compressed_requests_are_enterprise(peer):
    peer.sendall(compress(get_request("k")))
    assert decode_reply(receive(peer)[1])[0] == 25
    assert get(peer, "k")[0] == 2


GARBAGE = [
    b"GET / HTTP/1.1\r\n\r\n",
    bytes((2, 9)) + bytes(6),
    bytes((1, 3)) + bytes(6),
    bytes((2, 3)) + (MAX_BODY + 1).to_bytes(6, "big"),
    bytes((2, 5)) + bytes(6),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda data: data[:8].hex())
def test_garbage_ends_its_own_connection_only(server, peer, garbage):
    get(peer, "k")
    with connect(server) as rude:
        rude.sendall(garbage)
        assert rude.recv(100) == b""
    assert get(peer, "k")[0] == 2


def test_a_malformed_message_in_a_good_frame_is_answered(peer):
    for body in (b"", b"x", bytes(22), b"\x16" + bytes(17) + b"\xff\xff\0\0"):
        peer.sendall(bytes((2, 3)) + len(body).to_bytes(6, "big") + body)
        assert decode_reply(receive(peer)[1])[0] == 4
    assert get(peer, "k")[0] == 2


@pytest.mark.parametrize("sent", [0, 4, 8, 20])
def test_a_peer_that_hangs_up_within_a_request(server, peer, sent):
    with connect(server) as leaving:
        leaving.sendall(put_request("k", {"a": 1})[:sent])
    assert get(peer, "k")[0] == 2
    until(lambda: len(server._connections) == 1)


def until(condition):
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_a_peer_that_does_not_read_holds_up_nobody_else(server, peer):
    peer.sendall(put_request("big", {"b": bytes(1 << 20)}))
    receive(peer)
    with connect(server) as slow:
        slow.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            for _ in range(100_000):
                slow.sendall(get_request("big"))
        started = time.monotonic()
        assert get(peer, "k")[0] == 2
        assert time.monotonic() - started < 5


def test_many_connections_at_once(server):
    errors = []

    def work(n):
        try:
            with connect(server) as connection:
                for i in range(20):
                    connection.sendall(put_request(f"{n}-{i}", {"n": n * i}))
                    assert decode_reply(receive(connection)[1])[0] == 0
                    assert get(connection, f"{n}-{i}")[3] == {"n": n * i}
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not errors


def test_increments_from_many_connections_are_all_counted(server, peer):
    from aerodbapi.protocol.flags import OpType
    from aerodbapi.protocol.message import encode_op

    increment = encode_op(OpType.INCR, "n", 1, bytes(7) + b"\1")
    request = write_request("test", "s", digest("s", "k"), increment, 1)

    def work():
        with connect(server) as connection:
            for _ in range(100):
                connection.sendall(request)
                receive(connection)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert get(peer, "k")[3] == {"n": 800}


def test_closing_ends_the_connections_and_frees_the_port():
    node = EmbeddedNode()
    server = serve(node, "127.0.0.1", 0)
    with connect(server) as peer:
        get(peer, "k")
        server.close()
        assert peer.recv(10) == b""
    server.close()
    assert not any(thread.is_alive() for thread in server._threads)
    again = Server(node, *server.address)
    again.close()


def test_a_port_that_is_taken(server):
    with pytest.raises(OperationalError, match="cannot listen on"):
        Server(EmbeddedNode(), *server.address)


def test_ipv6():
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    node = EmbeddedNode()
    try:
        server = serve(node, "::1", 0)
    except OperationalError:
        pytest.skip("no IPv6 here")
    with server, connect(server) as peer:
        peer.sendall(info.encode_request(["service"]))
        value = info.decode_reply(receive(peer)[1])["service"]
        assert value == f"[::1]:{server.address[1]}"


@pytest.fixture
def process(tmp_path):
    """A server in a process of its own, durable, on a port that it chose."""
    running = start(tmp_path / "data.db")
    yield running
    running.kill()
    running.wait(WAIT)
    running.stdout.close()


def start(path):
    return subprocess.Popen(
        [sys.executable, "-m", "aerodbapi.embedded.server", "--port", "0", "--data", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def address_of(running):
    words, _, port = running.stdout.readline().rpartition(":")
    assert words == "listening on 127.0.0.1"
    return "127.0.0.1", int(port)


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_process_cleanly(process, signal_name, tmp_path):
    with socket.create_connection(address_of(process), timeout=WAIT) as peer:
        peer.sendall(put_request("k", {"a": 1}))
        receive(peer)
        process.send_signal(getattr(signal, signal_name))
        assert process.wait(WAIT) == 0
    node = EmbeddedNode(str(tmp_path / "data.db"))
    (reply,) = node.receive(get_request("k"))
    assert decode_reply(reply[HEADER_SIZE:])[3] == {"a": 1}
    node.close()
    assert not (tmp_path / "data.db-wal").exists()


def test_a_file_in_use_is_said_in_one_line(process, tmp_path):
    address_of(process)
    second = subprocess.run(
        [
            sys.executable,
            "-m",
            "aerodbapi.embedded.server",
            "--port",
            "0",
            "--data",
            str(tmp_path / "data.db"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert second.returncode == 1
    assert "in use by another process" in second.stderr
    assert second.stderr.count("\n") == 1


def test_named_namespaces_are_all_that_there_are():
    from aerodbapi.embedded.server import add_node_options, node_options

    parser = argparse.ArgumentParser()
    add_node_options(parser)
    given = node_options(parser.parse_args(["--namespace", "one", "--cluster-name", "mine"]))
    db = Driver(EmbeddedNode(**given), "one")
    assert db.put(1, {"n": 1}).code == 0
    assert Driver(db.node, "test").put(1, {"n": 1}).code == 20
    assert db.info("sindex-create:ns=two;set=s;indexname=i;bin=b;type=numeric").startswith(
        "ERROR:20"
    )
    assert db.info("namespaces") == "one"
    assert db.info("cluster-name") == "mine"
    assert Driver(EmbeddedNode(**node_options(parser.parse_args([])))).put(1, {"n": 1}).code == 0


def test_compressed_requests_are_of_another_edition():
    ops = bins_ops({"n": 1})
    request = compress(write_request("test", "s", digest("s", 1), ops[1], ops[0]))
    for node, code in ((EmbeddedNode(), 25), (EmbeddedNode(strong_consistency=("test",)), 0)):
        (reply,) = node.receive(request)
        assert reply[HEADER_SIZE + 5] == code
    (reply,) = node.receive(request[:-3] + b"\0\0\0")
    assert reply[HEADER_SIZE + 5] == 4
