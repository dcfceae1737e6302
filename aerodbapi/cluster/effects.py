"""The effects that a conversation yields, and what each is answered with.

A conversation is a generator: it decides what to say to whom, and yields frozen effects to the
carrier (threads, asyncio, loopback) that does them and sends the answer back in. A failed
effect is thrown in as an exception of `aerodbapi.errors`:

- ConnectionFailed: no connection could be made (a connect that times out too), or it broke.
  The carrier sets its `in_doubt` once a byte of the request has left: the node may have acted.
- Timeout: the deadline or the socket timeout passed after the request was sent.
- AuthenticationError: the login failed. ProtocolError: bytes that no correct peer sends.

Each error carries `node` as `str(node)`. A conversation that ends early (it raised, or was
closed) releases what it held: its open streams cost their connections.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, Union

if TYPE_CHECKING:
    from aerodbapi.cluster.node import Node

__all__ = [
    "Close",
    "Conversation",
    "Effect",
    "Emit",
    "Exchange",
    "Fork",
    "Next",
    "Sleep",
    "Stream",
]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Send one request frame, receive one reply frame: answered with the reply's body (bytes).

    `request`: the whole frame, with its 8-byte header. `deadline`: time.monotonic() seconds or
    None. `socket_timeout`: longest silence in seconds or None. The body arrives decompressed.
    """

    node: Node
    request: bytes
    deadline: float | None = None
    socket_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Send one request whose reply is many frames: answered with a handle for Next and Close.

    The connection belongs to the handle until Close or the conversation's end; a handle that is
    dropped before its last frame costs the connection (which also stops the server's query).
    """

    node: Node
    request: bytes
    deadline: float | None = None
    socket_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The next frame of a stream: answered with its body (bytes)."""

    handle: Any


@dataclass(frozen=True, slots=True)
class Close:
    """End a stream. `reusable`: its last frame was read, so the connection may be pooled."""

    handle: Any
    reusable: bool


@dataclass(frozen=True, slots=True)
class Fork:
    """Run conversations together: answered with a list of their outcomes, in order.

    An outcome is what the branch returned, or the aerodbapi Error that it raised. Any other
    exception ends all branches and is raised. With `stop_on_error` the first Error ends the
    other branches (theirs become QueryAborted).
    """

    branches: tuple[Conversation[Any], ...]
    stop_on_error: bool = False


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let `seconds` pass: answered with None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand `items` to whoever reads the conversation's results; answered with None.

    The carrier holds the conversation back while its reader is slow: memory stays bounded.
    """

    items: Any


Effect = Union[Exchange, Stream, Next, Close, Fork, Sleep, Emit]
#: A generator that yields effects, is sent their answers and returns a value of type _T.
Conversation = Generator[Effect, Any, _T]
