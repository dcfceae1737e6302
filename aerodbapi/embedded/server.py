"""The node on TCP: a thread per connection, blocking reads.

A connection's requests are answered one after another, pipelined or not; a peer that reads
slowly holds up its own thread alone, and a frame that is none closes its own connection alone.
`python -m aerodbapi.embedded.server --port N [--data FILE]` serves in the foreground.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.node import EmbeddedNode, Session
from aerodbapi.errors import OperationalError, ProtocolError
from aerodbapi.protocol.frame import HEADER_SIZE, parse_header

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Server", "add_node_options", "main", "node_options", "serve"]

_READ_SIZE: Final = 64 << 10
_REAP_SECONDS: Final = 10.0
_JOIN_SECONDS: Final = 5.0
_BACKLOG: Final = 512


class Server:
    """A node listening on a port; also a context manager, which closes it.

    `port` 0 lets the system choose; `address` is the real (host, port) from construction on,
    and the node tells it to clients. Raises OperationalError when the port is not to be had.
    """

    def __init__(self, node: EmbeddedNode, host: str = "127.0.0.1", port: int = 3000) -> None:
        self._node = node
        try:
            self._listener = _listen(host, port)
        except OSError as error:
            raise OperationalError(f"cannot listen on {host}:{port}: {error}") from None
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        node.address = self.address
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> Server:
        """Serve from threads of its own and return."""
        for target in (self._accept_all, self._reap):
            thread = threading.Thread(target=target, name=f"node-{target.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def run(self) -> None:
        """Serve in the calling thread until `stop`; `close` has to follow."""
        reaper = threading.Thread(target=self._reap, name="node-reaper", daemon=True)
        reaper.start()
        self._threads.append(reaper)
        self._accept_all()

    def _accept_all(self) -> None:
        while not self._closing.is_set():
            try:
                connection, peer = self._listener.accept()
            except OSError:
                if self._closing.is_set():
                    return
                # Out of descriptors, or a peer that went away already: others may do better.
                self._closing.wait(0.05)
                continue
            thread = threading.Thread(
                target=self._converse, args=(connection, peer), name="node-peer", daemon=True
            )
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _converse(self, connection: socket.socket, peer: tuple[str, int]) -> None:
        session = Session(f"{peer[0]}:{peer[1]}")
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session.local_host = connection.getsockname()[0]
            self._node.sessions[id(connection)] = session
            self._answer_all(connection, session)
        except (OSError, ProtocolError):
            pass  # the peer is gone, or speaks something else: this connection ends
        finally:
            self._node.sessions.pop(id(connection), None)
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()

    def _answer_all(self, connection: socket.socket, session: Session) -> None:
        """Answer request after request until the peer hangs up."""
        receive, send, answer = connection.recv, connection.sendall, self._node.receive
        held = b""
        while True:
            while len(held) < HEADER_SIZE:
                more = receive(_READ_SIZE)
                if not more:
                    return
                held += more
            size = HEADER_SIZE + parse_header(held)[1]
            if len(held) < size:
                held = _receive_rest(connection, held, size)
            request, held = (held, b"") if len(held) == size else (held[:size], held[size:])
            for frame in answer(request, session):
                send(frame)

    def _reap(self) -> None:
        while not self._closing.wait(_REAP_SECONDS):
            with contextlib.suppress(OperationalError):
                self._node.reaper.sweep()

    def stop(self) -> None:
        """Accept no more connections; takes no lock, so that a signal handler may call it."""
        self._closing.set()
        # Closing alone does not wake a thread in accept or recv; shutting down does.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop, and end every connection after its current reply frame; the node stays."""
        self.stop()
        for connection in self._open():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            threads = [*self._threads, *self._connections.values()]
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_JOIN_SECONDS)

    def _open(self) -> list[socket.socket]:
        with self._lock:
            return list(self._connections)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _receive_rest(connection: socket.socket, held: bytes, size: int) -> bytes:
    """Receive until `size` bytes are there; what arrives behind them is left in the socket."""
    whole = bytearray(size)
    whole[: len(held)] = held
    view = memoryview(whole)[len(held) :]
    while view:
        count = connection.recv_into(view)
        if not count:
            raise ProtocolError("the peer hung up within a frame")
        view = view[count:]
    return bytes(whole)


def serve(node: EmbeddedNode, host: str = "127.0.0.1", port: int = 3000) -> Server:
    """Put a node on TCP in the background; close the returned server to stop."""
    return Server(node, host, port).start()


def add_node_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a node has."""
    parser.add_argument(
        "--namespace",
        action="append",
        metavar="NAME",
        help="a namespace that there is; may be repeated, and then there are no others (default: "
        "test, and others when they are first used)",
    )
    parser.add_argument(
        "--security",
        action="store_true",
        help="connections have to log in; a new node knows admin with the password admin",
    )
    parser.add_argument(
        "--strong-consistency",
        action="append",
        metavar="NAMESPACE",
        help="a namespace with transactions (may be repeated)",
    )
    parser.add_argument(
        "--disable-udf-execution",
        action="store_true",
        help="modules in Lua can be stored, and not be run",
    )
    parser.add_argument(
        "--cluster-name",
        metavar="NAME",
        default="docker",
        help="what the node calls its cluster (default: docker, as the server's image does)",
    )


def node_options(options: argparse.Namespace) -> dict[str, Any]:
    """Give what `add_node_options` read as arguments of EmbeddedNode."""
    return {
        "namespaces": options.namespace or ("test",),
        "fixed": bool(options.namespace),
        "security": options.security,
        "strong_consistency": options.strong_consistency or (),
        "cluster_name": options.cluster_name,
        "udf_execution": not options.disable_udf_execution,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve in the foreground until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="aerodbapi.embedded.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000, help="0 lets the system choose")
    parser.add_argument("--data", help="durable file; without it the data is in memory only")
    add_node_options(parser)
    options = parser.parse_args(arguments)
    try:
        node = EmbeddedNode(options.data, **node_options(options))
        server = Server(node, options.host, options.port)
    except OperationalError as error:
        print(error.message, file=sys.stderr)
        return 1
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: server.stop())
    host, port = server.address
    print(f"listening on {host}:{port}", flush=True)
    try:
        server.run()
    finally:
        server.close()
        node.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
