"""`aerodbapi serve`: the embedded node on TCP, for programs in any language."""

from __future__ import annotations

import argparse

from aerodbapi.embedded.node import EmbeddedNode
from aerodbapi.embedded.server import add_node_options, node_options, serve

__all__ = ["add_parser", "run"]


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `aerodbapi serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=3000, help="port; 0 takes a free one")
    parser.add_argument("--data", metavar="FILE", help="keep the records in this file")
    add_node_options(parser)


def run(given: argparse.Namespace) -> int:
    """Serve until interrupted; return 0."""
    node = EmbeddedNode(given.data, **node_options(given))
    try:
        serve(node, given.host, given.port)
    except KeyboardInterrupt:
        print("stopped")
    finally:
        node.close()
    return 0
