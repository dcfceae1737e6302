"""New blocking connections: TCP, TLS, login, within connect_timeout and login_timeout."""

from __future__ import annotations

import contextlib
import ssl
import threading
from time import monotonic

from aerodbapi.cluster.node import Node
from aerodbapi.conninfo import ConnInfo
from aerodbapi.protocol.frame import ADMIN
from aerodbapi.transport import connect, failures
from aerodbapi.transport.blocking import NEVER, Connection, limit_of, whole_reply
from aerodbapi.transport.login import Credentials, authenticate
from aerodbapi.transport.pool import Pool

__all__ = ["Dialer"]


class Dialer:
    """Makes connections that are ready for commands."""

    __slots__ = ("_context", "_credentials", "_lock", "conninfo")

    def __init__(self, conninfo: ConnInfo) -> None:
        self.conninfo = conninfo
        self._credentials = Credentials(conninfo)
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def dial(self, pool: Pool[Connection], slot: object, deadline: float | None) -> Connection:
        """Connect, encrypt and log in; all of it within connect_timeout and login_timeout."""
        node = pool.node
        context = self._tls()
        sock = connect.open_socket(node, self._dial_limit(node, deadline))
        if context is not None:
            sock = connect.wrap(context, sock, node, connect.tls_name(node, self.conninfo))
        connection = Connection(sock, pool.live, slot)
        if self._credentials.needed and not pool.session.open:
            try:
                self._log_in(pool, connection, deadline)
            except BaseException as error:
                connection.close()
                failure = failures.no_login(error, node)
                if failure is None or failure is error:
                    raise
                raise failure from error
        return connection

    def _tls(self) -> ssl.SSLContext | None:
        """The TLS context, made when first needed; None when connections are plain."""
        if self._context is None and self.conninfo.tls is not None:
            with self._lock:
                if self._context is None:
                    self._context = connect.tls_context(self.conninfo.tls)
        return self._context

    def _dial_limit(self, node: Node, deadline: float | None) -> float | None:
        limit = limit_of(node, self.conninfo.connect_timeout / 1000, deadline)
        return None if limit == NEVER else limit

    def _log_in(
        self, pool: Pool[Connection], connection: Connection, deadline: float | None
    ) -> None:
        # One login at a time: whoever waited finds the token that the first one brought.
        with pool.login_lock if pool.session.current() is None else contextlib.nullcontext():
            steps = authenticate(self._credentials, pool.session)
            request = next(steps, None)
            until = self._login_until(deadline)
            while request is not None:
                connection.arm(limit_of(pool.node, None, until))
                connection.send(request)
                body = whole_reply(connection, pool.node, ADMIN, None, None, until)
                try:
                    request = steps.send(body)
                except StopIteration:
                    return

    def _login_until(self, deadline: float | None) -> float | None:
        if not self.conninfo.login_timeout:
            return deadline
        until = monotonic() + self.conninfo.login_timeout / 1000
        return until if deadline is None else min(until, deadline)
