"""A connection to a node with security, in the tests' words: logins, users, roles."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache

from aerodbapi.embedded.node import EmbeddedNode, Session
from aerodbapi.protocol import admin
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from aerodbapi.protocol.frame import HEADER_SIZE
from tests.embedded.driver import Driver

OK = 0
QUERY_END = 50

Fields = tuple[tuple[int, bytes], ...]

credential = lru_cache(admin.hash_password)


def names(*roles: str) -> bytes:
    """Value of a ROLES field."""
    return bytes((len(roles),)) + b"".join(bytes((len(r),)) + r.encode() for r in roles)


def privileges(*given: tuple[int, str, str] | int) -> bytes:
    """Value of a PRIVILEGES field; a privilege without scope may be given as its code."""
    parts = [bytes((len(given),))]
    for privilege in given:
        code, *scope = (privilege, "", "") if isinstance(privilege, int) else privilege
        parts.append(bytes((code,)))
        if code >= 10:
            parts += [bytes((len(name),)) + name.encode() for name in scope]
    return b"".join(parts)


class Peer:
    """One connection; it can stand for a node where a Driver wants one."""

    def __init__(self, node: EmbeddedNode, address: str = "127.0.0.1:40000") -> None:
        self.node = node
        self.session = Session(address)

    def receive(self, request: bytes) -> Iterator[bytes]:
        return self.node.receive(request, self.session)

    def driver(self, namespace: str = "test", set: str | None = "s") -> Driver:
        return Driver(self, namespace, set)  # type: ignore[arg-type]

    def ask(self, command: int, *fields: tuple[int, bytes]) -> AdminMessage:
        """Send an admin request; give the first message of the reply."""
        (reply,) = self.receive(admin.encode(AdminMessage(command, 0, fields)))
        return admin.decode(reply[HEADER_SIZE:])[0]

    def code(self, command: int, *fields: tuple[int, bytes]) -> int:
        return self.ask(command, *fields).result

    def blocks(self, command: int, *fields: tuple[int, bytes]) -> list[dict[int, bytes]]:
        """Send a query; give the fields of each block."""
        (reply,) = self.receive(admin.encode(AdminMessage(command, 0, fields)))
        body, at, found = reply[HEADER_SIZE:], 0, []
        while at < len(body):
            message, at = admin.decode(body, at)
            if message.result == QUERY_END:
                assert at == len(body)
                return found
            assert message.result == OK, message
            found.append(dict(message.fields))
        raise AssertionError("the reply has no end")

    def login(self, user: str, password: str) -> int:
        return self.enter(user, password).result

    def enter(self, user: str, password: str) -> AdminMessage:
        return self.ask(
            Command.LOGIN,
            (Field.USER, user.encode()),
            (Field.CREDENTIAL, credential(password)),
        )

    def create_user(self, user: str, password: str, *roles: str) -> int:
        return self.code(
            Command.CREATE_USER,
            (Field.USER, user.encode()),
            (Field.PASSWORD, credential(password)),
            (Field.ROLES, names(*roles)),
        )

    def roles(self, command: int, user: str, *roles: str) -> int:
        return self.code(command, (Field.USER, user.encode()), (Field.ROLES, names(*roles)))

    def create_role(
        self,
        role: str,
        *given: tuple[int, str, str] | int,
        allowlist: str = "",
        quotas: tuple[int, int] | None = None,
    ) -> int:
        fields = [(Field.ROLE, role.encode()), (Field.PRIVILEGES, privileges(*given))]
        if allowlist:
            fields.append((Field.WHITELIST, allowlist.encode()))
        if quotas is not None:
            fields.append((Field.READ_QUOTA, struct.pack(">I", quotas[0])))
            fields.append((Field.WRITE_QUOTA, struct.pack(">I", quotas[1])))
        return self.code(Command.CREATE_ROLE, *fields)


def logged_in(node: EmbeddedNode, user: str = "admin", password: str = "admin") -> Peer:
    """Connect and log in."""
    peer = Peer(node)
    assert peer.login(user, password) == OK
    return peer
