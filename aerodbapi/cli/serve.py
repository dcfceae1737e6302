"""`aerodbapi serve`: the embedded node on TCP, for programs in any language."""

from __future__ import annotations

import argparse
import signal

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import Server, add_node_options, node_options

__all__ = ["add_parser", "run"]


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `aerodbapi serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=3000, help="port; 0 takes a free one")
    parser.add_argument("--data", metavar="FILE", help="keep the records in this file")
    add_node_options(parser)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def run(given: argparse.Namespace) -> int:
    """Serve until interrupted or terminated; return 0. Errors are raised as the package's."""
    node = EmbeddedNode(given.data, **node_options(given))
    try:
        server = Server(node, given.host, given.port)
        before = {
            number: signal.signal(number, lambda *_: server.stop())
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            host, port = server.address
            where = f"records in {given.data}" if given.data else "records in memory only"
            print(f"listening on {host}:{port}", flush=True)
            print(f"{where}; Ctrl-C stops it", flush=True)
            server.run()
        finally:
            server.close()
            for number, handler in before.items():
                signal.signal(number, handler)
    finally:
        node.close()
    print("stopped")
    return 0
