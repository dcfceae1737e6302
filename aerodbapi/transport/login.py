"""Who we are: the security conversation that opens each connection, for every carrier.

`authenticate` is a generator: it yields request frames and is sent reply bodies. The first
connection to a node logs in and brings a session token; later ones show the token. A server
without security answers the login with 52, and is not asked again.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

from aerodbapi.conninfo import ConnInfo
from aerodbapi.errors import Error, error_for
from aerodbapi.protocol import admin

__all__ = ["Credentials", "Session", "authenticate"]

_NOT_ENABLED: Final = 52
#: The token is not accepted (any more): log in again.
_STALE: Final = frozenset({53, 56, 65, 66, 80})
#: Seconds before its end at which a token is renewed, as the C client does.
_RENEW_BEFORE: Final = 60


class Credentials:
    """The user's secrets of one carrier; the password is hashed once (tens of milliseconds)."""

    __slots__ = ("_hash", "auth", "password", "user")

    def __init__(self, conninfo: ConnInfo) -> None:
        self.auth = conninfo.auth
        self.user = conninfo.user
        self.password = conninfo.password or ""
        self._hash: bytes | None = None

    @property
    def needed(self) -> bool:
        return self.user is not None or self.auth == "pki"

    @property
    def password_hash(self) -> bytes:
        """Raises NotSupportedError where the bcrypt package is missing."""
        if self._hash is None:
            self._hash = admin.hash_password(self.password)
        return self._hash

    def prepare(self) -> None:
        """Hash the password ahead of the login, where blocking does no harm."""
        if self.auth != "pki":
            _ = self.password_hash

    def login(self) -> bytes:
        """Build the login's frame."""
        if self.auth == "pki":
            return admin.login_request(None, None)
        clear = self.password if self.auth == "external" else None
        return admin.login_request(self.user, self.password_hash, clear)

    def show(self, token: bytes) -> bytes:
        """Build the frame that shows a session token."""
        return admin.authenticate_request(None if self.auth == "pki" else self.user, token)


@dataclass(slots=True)
class Session:
    """What one node granted. `expires`: time.monotonic() seconds; `open`: it has no security."""

    token: bytes | None = None
    expires: float = float("inf")
    open: bool = False

    def current(self) -> bytes | None:
        return self.token if time.monotonic() < self.expires else None


def authenticate(credentials: Credentials, session: Session) -> Generator[bytes, bytes, None]:
    """Open one connection's session; raises AuthenticationError with the server's code."""
    if not credentials.needed or session.open:
        return
    token = session.current()
    if token is not None:
        answer, _ = admin.decode((yield credentials.show(token)))
        if answer.result == 0:
            return
        if answer.result not in _STALE:
            raise _refused(answer.result, credentials)
        session.token = None
    answer, _ = admin.decode((yield credentials.login()))
    if answer.result == _NOT_ENABLED:
        session.open = True
        return
    if answer.result != 0:
        raise _refused(answer.result, credentials)
    session.token = answer.field(admin.Field.SESSION_TOKEN)
    seconds = answer.session_ttl
    session.expires = float("inf")
    if seconds is not None:
        session.expires = time.monotonic() + max(seconds - _RENEW_BEFORE, seconds / 2)


def _refused(result: int, credentials: Credentials) -> Error:
    error = error_for(result)
    who = f"user {credentials.user!r}" if credentials.user else "the client certificate"
    error.args = (f"login of {who} failed: {error.message}",)
    return error
