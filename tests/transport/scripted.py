"""A TCP server that does what a test tells it, and the carriers' faces under one roof."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from aerodbapi.cluster.cluster import Cluster
from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo, parse
from aerodbapi.protocol.frame import MESSAGE, frame
from aerodbapi.transport.aio import AsyncCarrier
from aerodbapi.transport.async_loopback import AsyncLoopbackCarrier
from aerodbapi.transport.loopback import LoopbackCarrier
from aerodbapi.transport.sync import SyncCarrier

#: Answers one request on a connection; False hangs up.
Script = Callable[["Peer", bytes], "bool | None"]

REQUEST = frame(MESSAGE, b"request")
REPLY = frame(MESSAGE, b"reply")


class Peer:
    """The server's end of one connection. `number`: counts connections from 0."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock = sock
        self.number = number
        self.requests = 0

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self) -> bytes | None:
        """The next whole frame; None when the client hung up."""
        header = self._exactly(8)
        if header is None or header[0] != 2:  # as a server does
            return None
        body = self._exactly(int.from_bytes(header[2:], "big"))
        return None if body is None else header + body

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                return None
            data += part
        return data


class Server:
    """Serves `script` on an ephemeral port until `close`."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.context = context
        self.peers: list[Peer] = []
        self.requests = 0
        self.open = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def connections(self) -> int:
        return len(self.peers)

    def node(self, name: str = "A1") -> Node:
        return Node(name, "127.0.0.1", self.port)

    def wait_open(self, count: int, seconds: float = 5.0) -> int:
        """Wait until `count` connections are open; return how many are."""
        until = time.monotonic() + seconds
        while self.open != count and time.monotonic() < until:
            time.sleep(0.005)
        return self.open

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Hang up on everybody."""
        for peer in list(self.peers):
            with suppress(OSError):
                socket.socket.shutdown(peer.sock, socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock, len(self.peers))
            with self._lock:
                self.peers.append(peer)
                self.open += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: Peer) -> None:
        try:
            if self.context is not None:
                peer.sock = self.context.wrap_socket(peer.sock, server_side=True)
            while (request := peer.read()) is not None:
                peer.requests += 1
                with self._lock:
                    self.requests += 1
                if self.script(peer, request) is False:
                    break
        except OSError:
            pass
        finally:
            peer.sock.close()
            with self._lock:
                self.open -= 1


def replying(reply: bytes = REPLY) -> Script:
    return lambda peer, request: peer.send(reply)


# ---- carriers ----------------------------------------------------------------------------------


class Face:
    """A carrier as a test sees it: blocking, whatever it is inside."""

    carrier: Any

    def exchange(self, *args: Any) -> bytes:
        return self.carrier.exchange(*args)

    def run(self, conversation: Any) -> Any:
        return self.carrier.run(conversation)

    def items(self, conversation: Any) -> Iterator[Any]:
        return iter(self.carrier.iterate(conversation))

    def pause(self, seconds: float) -> None:
        """Let time pass, and the carrier do what it does meanwhile."""
        time.sleep(seconds)

    def close(self) -> None:
        self.carrier.close()


class SyncFace(Face):
    def __init__(self, info: ConnInfo) -> None:
        self.carrier = SyncCarrier(info, Cluster(info))


class AsyncFace(Face):
    def __init__(self, info: ConnInfo) -> None:
        self.loop = asyncio.new_event_loop()
        self.carrier = AsyncCarrier(info, Cluster(info))

    def exchange(self, *args: Any) -> bytes:
        return self.loop.run_until_complete(self.carrier.exchange(*args))

    def run(self, conversation: Any) -> Any:
        return self.loop.run_until_complete(self.carrier.run(conversation))

    def items(self, conversation: Any) -> Iterator[Any]:
        iterator = self.carrier.iterate(conversation)
        try:
            while True:
                try:
                    yield self.loop.run_until_complete(iterator.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self.loop.run_until_complete(iterator.aclose())

    def pause(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def close(self) -> None:
        self.loop.run_until_complete(self.carrier.close())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


class LoopbackFace(Face):
    def __init__(self, resolver: Any) -> None:
        self.carrier = LoopbackCarrier(resolver)


class AsyncLoopbackFace(AsyncFace):
    def __init__(self, resolver: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.carrier = AsyncLoopbackCarrier(resolver)


FACES = {"threads": SyncFace, "asyncio": AsyncFace}


def info_for(server: Server | None = None, **options: Any) -> ConnInfo:
    port = 1 if server is None else server.port
    return parse(f"aerospike://127.0.0.1:{port}", environ={}, **options)
