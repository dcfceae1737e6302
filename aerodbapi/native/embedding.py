"""Which embedded node serves a ConnInfo: nodes with a file are shared within the process.

An in-memory node belongs to the one who opened it. A node with a file is opened once for a
process, whoever asks, and closed with its last user: its file has one writer.

Connections that nobody closed are released by the garbage collector, which may strike in the
middle of any line here, in the thread that holds the lock: hence the re-entrant lock, and the
second looks.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING

from aerodbapi.embedded.node import EmbeddedNode

if TYPE_CHECKING:
    from aerodbapi.conninfo import ConnInfo

__all__ = ["acquire", "release"]


class _Shared:
    """A node and one entry for each of its users."""

    __slots__ = ("node", "users")

    def __init__(self, node: EmbeddedNode) -> None:
        self.node = node
        self.users: list[None] = []


_lock = RLock()
_shared: dict[str, _Shared] = {}


def acquire(conninfo: ConnInfo) -> EmbeddedNode:
    """Open the node, or join its other users. Raises OperationalError as EmbeddedNode does."""
    if conninfo.path is None:
        return EmbeddedNode()
    path = os.path.realpath(conninfo.path)
    with _lock:
        while True:
            shared = _shared.get(path)
            if shared is None:
                shared = _shared[path] = _Shared(EmbeddedNode(path))
            shared.users.append(None)
            if _shared.get(path) is shared:  # else its last user has just closed it
                return shared.node


def release(conninfo: ConnInfo, node: EmbeddedNode) -> None:
    """Give the node back; its last user closes it."""
    if conninfo.path is None:
        node.close()
        return
    path = os.path.realpath(conninfo.path)
    with _lock:
        shared = _shared[path]
        shared.users.pop()
        if not shared.users and _shared.pop(path, None) is not None:
            node.close()
