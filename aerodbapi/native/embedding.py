"""Which embedded node serves a ConnInfo: nodes with a file or a name are shared in the process.

An in-memory node without a name belongs to the one who opened it. A node with a file is opened
once for a process, whoever asks, and closed with its last user: its file has one writer. So is
an in-memory node with a name, whose data goes with its last user.

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
_shared: dict[tuple[str | None, str | None], _Shared] = {}


def acquire(conninfo: ConnInfo) -> EmbeddedNode:
    """Open the node, or join its other users. Raises OperationalError as EmbeddedNode does."""
    place = _place(conninfo)
    if place is None:
        return EmbeddedNode()
    with _lock:
        while True:
            shared = _shared.get(place)
            if shared is None:
                shared = _shared[place] = _Shared(EmbeddedNode(place[0]))
            shared.users.append(None)
            if _shared.get(place) is shared:  # else its last user has just closed it
                return shared.node


def _place(conninfo: ConnInfo) -> tuple[str | None, str | None] | None:
    """The file or the name by which a node is shared."""
    if conninfo.path is not None:
        return os.path.realpath(conninfo.path), None
    return None if conninfo.memory is None else (None, conninfo.memory)


def release(conninfo: ConnInfo, node: EmbeddedNode) -> None:
    """Give the node back; its last user closes it."""
    place = _place(conninfo)
    if place is None:
        node.close()
        return
    with _lock:
        shared = _shared[place]
        shared.users.pop()
        if not shared.users and _shared.pop(place, None) is not None:
            node.close()
