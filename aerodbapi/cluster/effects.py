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

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Union

from aerodbapi.frozen import frozen

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
    "Pull",
    "Pulled",
    "Sleep",
    "Stream",
    "Work",
]

_T = TypeVar("_T")


@frozen
class Exchange:
    """Send one request frame, receive one reply frame: answered with the reply's body (bytes).

    `request`: the whole frame, with its 8-byte header. `deadline`: time.monotonic() seconds or
    None. `socket_timeout`: longest silence in seconds or None. The body arrives decompressed.
    """

    node: Node
    request: bytes
    deadline: float | None = None
    socket_timeout: float | None = None


@frozen
class Stream:
    """Send one request whose reply is many frames: answered with a handle for Next and Close.

    The connection belongs to the handle until Close or the conversation's end; a handle that is
    dropped before its last frame costs the connection (which also stops the server's query).
    """

    node: Node
    request: bytes
    deadline: float | None = None
    socket_timeout: float | None = None


@frozen
class Next:
    """The next frame of a stream: answered with its body (bytes)."""

    handle: Any


@frozen
class Close:
    """End a stream. `reusable`: its last frame was read, so the connection may be pooled."""

    handle: Any
    reusable: bool


@frozen
class Fork:
    """Run conversations together: answered with a list of their outcomes, in order.

    An outcome is what the branch returned, or the aerodbapi Error that it raised. Any other
    exception ends all branches and is raised. With `stop_on_error` the first Error ends the
    other branches (theirs become QueryAborted).
    """

    branches: tuple[Conversation[Any], ...]
    stop_on_error: bool = False


@frozen
class Sleep:
    """Let `seconds` pass: answered with None."""

    seconds: float


@frozen
class Emit:
    """Hand `items` to whoever reads the conversation's results; answered with None.

    The carrier holds the conversation back while its reader is slow: memory stays bounded.
    """

    items: Any


class Pulled(Protocol):
    """What a conversation emits, for whichever thread asks; begun when the first item is.

    One thread at a time gets items. `close`, from any thread, ends the conversation and its
    streams; a thread that waits for an item then gets QueryAborted.
    """

    def __iter__(self) -> Iterator[Any]: ...
    def __next__(self) -> Any: ...
    def close(self) -> None: ...


#: Gives what a conversation emits to a function that runs as Work.
Pull = Callable[["Conversation[Any]"], Pulled]


@frozen
class Work:
    """Run a function that blocks, off the event loop: answered with what it returns.

    `function(pull)` may read other conversations by `pull`, in any thread; what it pulls lives
    until the conversation that yielded the Work ends. `interrupt`, from any thread, makes the
    function return or raise soon: it is called when the answer is not wanted any more.
    """

    function: Callable[[Pull], Any]
    interrupt: Callable[[], None] | None = None


Effect = Union[Exchange, Stream, Next, Close, Fork, Sleep, Emit, Work]
#: A generator that yields effects, is sent their answers and returns a value of type _T.
Conversation = Generator[Effect, Any, _T]
