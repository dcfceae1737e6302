"""Which embedded node serves a ConnInfo: nodes with a file are shared within the process.

An in-memory node belongs to the one who opened it. A node with a file is opened once for a
process, whoever asks, and closed with its last user: its file has one writer.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from aerodbapi.embedded.node import EmbeddedNode

if TYPE_CHECKING:
    from aerodbapi.conninfo import ConnInfo

__all__ = ["acquire", "release"]

_lock = Lock()
_shared: dict[str, tuple[EmbeddedNode, int]] = {}


def acquire(conninfo: ConnInfo) -> EmbeddedNode:
    """Open the node, or join its other users. Raises OperationalError as EmbeddedNode does."""
    if conninfo.path is None:
        return EmbeddedNode()
    path = os.path.abspath(conninfo.path)
    with _lock:
        node, users = _shared.get(path, (None, 0))
        if node is None:
            node = EmbeddedNode(path)
        _shared[path] = (node, users + 1)
        return node


def release(conninfo: ConnInfo, node: EmbeddedNode) -> None:
    """Give the node back; its last user closes it."""
    if conninfo.path is not None:
        path = os.path.abspath(conninfo.path)
        with _lock:
            _, users = _shared[path]
            if users > 1:
                _shared[path] = (node, users - 1)
                return
            del _shared[path]
    node.close()
