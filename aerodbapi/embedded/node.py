"""The embedded node: one request frame in, reply frames out.

The node answers as a Community server of version 8.1 does. Two things differ on purpose:
namespaces are made on first use, and expired records are gone at once rather than when the
reaper comes by.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded import sindex_commands
from aerodbapi.embedded.expiry import Reaper
from aerodbapi.embedded.info import DEFAULT_NAMES, Info, settings
from aerodbapi.embedded.query_jobs import Jobs
from aerodbapi.embedded.records import Command, execute
from aerodbapi.embedded.replies import Outcome, Refused, message_frame
from aerodbapi.embedded.sindex import Indexes
from aerodbapi.embedded.storage import Store
from aerodbapi.errors import OperationalError, ProtocolError
from aerodbapi.protocol.flags import FieldType, Info1, Info2
from aerodbapi.protocol.frame import (
    ADMIN,
    COMPRESSED,
    HEADER_SIZE,
    INFO,
    decompress,
    frame,
    parse_header,
)
from aerodbapi.protocol.info import decode_request, encode_reply
from aerodbapi.protocol.message import decode_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aerodbapi.embedded.security import Security
    from aerodbapi.embedded.security.guard import Guard
    from aerodbapi.embedded.storage import Namespace
    from aerodbapi.protocol.message import Message

__all__ = ["EmbeddedNode", "Session"]

#: What a configuration file could name a namespace.
_NAMESPACE_NAME: Final = re.compile(r"[A-Za-z0-9_\-]{1,31}")
_SERVER: Final = 1
_PARAMETER: Final = 4
_NAMESPACE: Final = 20
_ENTERPRISE_ONLY: Final = 25
_NOT_AUTHENTICATED: Final = 80
#: Answer to every admin request of an edition without security: scheme 0, result 51.
_NO_SECURITY: Final = frame(ADMIN, bytes((0, 51)) + bytes(14))


@dataclass(slots=True)
class Session:
    """One connection's side of the node: who the peer is, and where it came in."""

    address: str = "embedded"
    local_host: str = ""
    user_agent: str = ""
    user: str = ""  # who has logged in here, with security
    user_serial: str = ""


class EmbeddedNode:
    """A node in this process; `receive` may be called from many threads.

    `path`: the durable file, or None for memory only. `namespaces`: those that exist from the
    start; `fixed`: there are no others, else they are made on first use. `address`: what the node
    tells clients to connect to. `security`: connections have to log in (at first as admin with
    the password admin) and need privileges; calls without a `peer` come from this process and may
    do everything. `quotas`: whether roles may limit records per second. `session_ttl`: seconds a
    login is good for. `strong_consistency`: the namespaces that have transactions.
    `udf_execution`: whether Lua modules may be run.
    Raises OperationalError when the durable file cannot be opened or is in use.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        name: str = "BB9AE5D0B5A5A01",
        namespaces: Iterable[str] = ("test",),
        fixed: bool = False,
        address: tuple[str, int] = ("127.0.0.1", 3000),
        cluster_name: str = "docker",  # as in the server's container image
        durability: str = "normal",
        security: bool = False,
        quotas: bool = True,
        session_ttl: int = 86400,
        strong_consistency: Iterable[str] = (),
        udf_execution: bool = True,
    ) -> None:
        self.name = name
        self.path = path
        self.address = address
        self.cluster_name = cluster_name
        self._fixed = fixed
        self.cluster_key = secrets.token_hex(6).upper()
        self.started = time.monotonic()
        self.sessions: dict[int, Session] = {}  # by socket; the TCP server keeps it
        self.store = Store(_journal(path, durability))
        self.store.runs_functions = udf_execution
        self.indexes = Indexes(self.store)
        self.store.indexes = self.indexes
        self.store.load()
        for namespace in namespaces:
            self.store.namespace(namespace)
        for namespace in strong_consistency:
            self._make_consistent(namespace)
        settings.restore(self)
        sindex_commands.restore(self.indexes, self.store)
        self.store.confirm()
        self.reaper = Reaper(self.store)
        self.jobs = Jobs()
        self.info = Info(self)
        self.security: Security | None = None
        if security:
            from aerodbapi.embedded.security import Security

            self.security = Security(
                self.store, self.sessions, quotas=quotas, session_ttl=session_ttl
            )

    def _make_consistent(self, name: str) -> None:
        from aerodbapi.embedded.transactions import Transactions

        namespace = self.store.namespace(name)
        namespace.transactions = Transactions(namespace, self.store)

    def receive(self, request: bytes, peer: Session | None = None) -> Iterator[bytes]:
        """Answer a whole request frame with reply frames, made as they are asked for.

        Raises ProtocolError for a frame that no reply can be framed for: the connection that
        brought it has to be closed.
        """
        kind, length = parse_header(request)
        if len(request) != HEADER_SIZE + length:
            raise ProtocolError(f"a frame of {length} bytes came with {len(request) - HEADER_SIZE}")
        guard = None
        if self.security is not None and peer is not None:
            if kind == ADMIN:
                return iter((self.security.answer(peer, request[HEADER_SIZE:]),))
            try:
                guard = self.security.guard(peer)
            except Refused as refused:
                return iter((_refusal(kind, refused.result_code),))
        if kind == INFO:
            return self._answer_info(request[HEADER_SIZE:], peer, guard)
        if kind == ADMIN:
            return iter((_NO_SECURITY,))
        if kind == COMPRESSED:
            return self._answer_compressed(request, peer)
        try:
            message, end = decode_message(request, HEADER_SIZE)
        except ProtocolError:
            return iter((message_frame(Outcome(_PARAMETER)),))
        if message.info1 & Info1.BATCH:
            from aerodbapi.embedded import batch

            return batch.run(self, message, guard)
        if end != len(request):
            return iter((message_frame(Outcome(_PARAMETER)),))
        return self._answer_message(message, guard)

    def _answer_compressed(self, request: bytes, peer: Session | None) -> Iterator[bytes]:
        """Answer what a frame holds, as a node of the edition that has security or transactions;
        answers are not compressed, which requests allow and never demand."""
        spaces = self.store.namespaces.values()
        if self.security is None and all(space.transactions is None for space in spaces):
            return iter((message_frame(Outcome(_ENTERPRISE_ONLY)),))
        try:
            kind, body = decompress(request[HEADER_SIZE:])
        except ProtocolError:
            return iter((message_frame(Outcome(_PARAMETER)),))
        return self.receive(frame(kind, body), peer)

    def namespace_of(self, message: Message) -> Namespace:
        """Give the namespace that a message names, made on first use; Refused(20)."""
        raw = message.field(FieldType.NAMESPACE)
        return self.namespace("" if raw is None else raw.decode("utf-8", "surrogateescape"))

    def namespace(self, name: str) -> Namespace:
        """Give a namespace, made on first use unless they are fixed; else Refused(20)."""
        found = self.store.namespaces.get(name)
        if found is not None:
            return found
        if self._fixed or not _NAMESPACE_NAME.fullmatch(name):
            raise Refused(_NAMESPACE)
        return self.store.namespace(name)

    def _answer_message(self, message: Message, guard: Guard | None) -> Iterator[bytes]:
        digest = message.field(FieldType.DIGEST)
        if digest is None:
            from aerodbapi.embedded import queries

            return queries.run(self, message, guard)
        try:
            if len(digest) != 20:
                raise Refused(_PARAMETER)
            namespace = self.namespace_of(message)
            command = Command.of(message, digest)
            if guard is not None:
                guard.record(namespace.name, command)
            outcome = execute(namespace, command)
        except Refused as refused:
            outcome = Outcome(refused.result_code)
        if message.info2 & Info2.WRITE:
            self.reaper.step()
            try:
                self.store.confirm()
            except OperationalError:
                outcome = Outcome(_SERVER)
        return iter((message_frame(outcome),))

    def _answer_info(
        self, body: bytes, peer: Session | None, guard: Guard | None
    ) -> Iterator[bytes]:
        names = decode_request(body) or ([""] if body else DEFAULT_NAMES)
        return iter((encode_reply(self.info.answer(names, peer, guard)),))

    def close(self) -> None:
        """Make everything safe and release the durable file; a second close does nothing."""
        self.store.close()


def _refusal(kind: int, result_code: int) -> bytes:
    """Answer a connection that has not logged in, in the kind of frame that it sent."""
    if kind == INFO:
        what = "not authenticated" if result_code == _NOT_AUTHENTICATED else "not whitelisted"
        return frame(INFO, f"ERROR:{result_code}:{what}\n".encode())
    return message_frame(Outcome(result_code))


def _journal(path: str | None, durability: str) -> Any:
    if path is None:
        return None
    from aerodbapi.embedded.sqlite import SQLiteJournal

    return SQLiteJournal(path, durability=durability)
