"""The node's security: the directory of the moment, logins, and a guard for every command."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.security import commands
from aerodbapi.embedded.security.accounts import Directory, default_admin
from aerodbapi.embedded.security.guard import Guard
from aerodbapi.embedded.security.quotas import Meters
from aerodbapi.embedded.security.sessions import DEFAULT_TTL, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aerodbapi.embedded.node import Session
    from aerodbapi.embedded.security.accounts import Role, User
    from aerodbapi.embedded.storage import Store

__all__ = ["Security"]

_NOT_AUTHENTICATED: Final = 80
_NOT_ALLOWED_HERE: Final = 82


class Security:
    """Users, roles, sessions and quotas of a node.

    `sessions`: the node's open connections, by which users' connections are counted.
    `quotas`: False answers 74 to whoever sets one. `session_ttl`: seconds.
    """

    def __init__(
        self,
        store: Store,
        sessions: Mapping[int, Session],
        *,
        quotas: bool = True,
        session_ttl: int = DEFAULT_TTL,
    ) -> None:
        self.store = store
        self.sessions = sessions
        self.quotas = quotas
        self.tokens = Tokens(session_ttl)
        self.meters = Meters()
        self.lock = Lock()  # one change of the directory at a time
        self.directory = Directory.from_definitions(
            store.definitions("user"), store.definitions("role")
        )
        if not self.directory.users:
            admin = default_admin()
            self.keep_user(admin.name, admin)

    def keep_user(self, name: str, user: User | None) -> None:
        """Store a user, or drop one (None), at once valid; the caller holds `lock`.

        Raises OperationalError when the durable file cannot be written.
        """
        self.store.define("user", name, None if user is None else user.to_json())
        self.directory = self.directory.with_user(name, user)
        if user is None:
            self.meters.forget(name)
        self.store.confirm()

    def keep_role(self, name: str, role: Role | None) -> None:
        """Store a role, or drop one (None), as `keep_user` does."""
        self.store.define("role", name, None if role is None else role.to_json())
        self.directory = self.directory.with_role(name, role)
        self.store.confirm()

    def admit(self, session: Session, user: User) -> None:
        """Make a connection this user's; Refused(82) from where the user may not come."""
        effective = self.directory.effective(user.name)
        if effective is None:
            raise Refused(_NOT_AUTHENTICATED)
        if not effective.welcomes(_host(session)):
            raise Refused(_NOT_ALLOWED_HERE)
        session.user, session.user_serial = user.name, user.serial

    def guard(self, session: Session) -> Guard:
        """Give what stands between a connection and the node.

        Raises Refused: 80 without a login, or when the user is gone; 82 when the user may not
        come from this address any more.
        """
        directory = self.directory
        user = directory.users.get(session.user)
        effective = directory.effective(session.user)
        if user is None or effective is None or user.serial != session.user_serial:
            raise Refused(_NOT_AUTHENTICATED)
        if effective.networks and not effective.welcomes(_host(session)):
            raise Refused(_NOT_ALLOWED_HERE)
        return Guard(user.name, effective, self.meters)

    def answer(self, session: Session, body: bytes) -> bytes:
        """Answer an admin request's body with a frame."""
        return commands.answer(self, session, body)

    def connections_of(self, user: str) -> int:
        """Count a user's open connections."""
        return sum(session.user == user for session in list(self.sessions.values()))


def _host(session: Session) -> str:
    return session.address.rpartition(":")[0].strip("[]")
