"""Users and roles: an immutable directory, swapped whole at every change.

Every command looks its user up in the directory of the moment, so that a revoked role counts
at once, on open connections too. Stored as definitions "user" and "role" (JSON texts) beside
those of namespaces and indexes, and durable as they are.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.security.privileges import PERMITS, PREDEFINED_ROLES, Privilege
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Directory",
    "Effective",
    "Role",
    "User",
    "default_admin",
    "hashed",
    "parse_allowlist",
]

_ALLOWLIST: Final = 73
_DEFAULT_USER: Final = "admin"
#: What a client sends for the password "admin": its bcrypt hash with the salt all clients share.
_ADMIN_CREDENTIAL: Final = b"$2a$10$7EqJtq98hPqEX7fNZaFWoO1mVO/4MLpGzsqojz6E9Gef6iXDjXdDa"
#: The same of the word that stands for "no login by password" (users with certificates).
_NO_PASSWORD_CREDENTIAL: Final = b"$2a$10$7EqJtq98hPqEX7fNZaFWoOePA2sZy..tlOF99W2N0g5KZ3dLaw8WO"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def hashed(credential: bytes, salt: bytes) -> bytes:
    """Hash a credential for keeping.

    A credential is itself the bcrypt hash of a password, slow to guess; this hash only sees to
    it that what the file holds cannot be sent as a credential.
    """
    return hashlib.sha256(salt + credential).digest()


@frozen
class User:
    """A user. `secret`: the kept hash, or b"" when no password logs in.

    `serial` tells a user from an earlier one of the same name.
    """

    name: str
    salt: bytes
    secret: bytes
    roles: frozenset[str]
    serial: str

    @classmethod
    def new(cls, name: str, credential: bytes, roles: Iterable[str], serial: str = "") -> User:
        """Make a user, or (with the old one's serial) a user with another password."""
        salt = secrets.token_bytes(16)
        secret = b"" if credential == _NO_PASSWORD_CREDENTIAL else hashed(credential, salt)
        return cls(name, salt, secret, frozenset(roles), serial or secrets.token_hex(8))

    def knows(self, credential: bytes) -> bool:
        """Tell whether a credential is this user's, in a time that does not depend on it."""
        return hmac.compare_digest(hashed(credential, self.salt), self.secret or b"-" * 32)

    def to_json(self) -> str:
        """Give the user as the store keeps it."""
        return json.dumps(
            {
                "salt": self.salt.hex(),
                "secret": self.secret.hex(),
                "roles": sorted(self.roles),
                "serial": self.serial,
            }
        )

    @classmethod
    def from_json(cls, name: str, text: str) -> User:
        """Read a stored user."""
        kept: dict[str, Any] = json.loads(text)
        salt, secret = bytes.fromhex(kept["salt"]), bytes.fromhex(kept["secret"])
        return cls(name, salt, secret, frozenset(kept["roles"]), kept["serial"])


@frozen
class Role:
    """A role. `allowlist`: addresses and networks as given, comma-separated; "" for any.

    `read_quota`, `write_quota`: records per second, 0 for no limit.
    """

    name: str
    privileges: frozenset[Privilege] = frozenset()
    allowlist: str = ""
    read_quota: int = 0
    write_quota: int = 0

    def to_json(self) -> str:
        """Give the role as the store keeps it."""
        kept = [sorted(self.privileges), self.allowlist, self.read_quota, self.write_quota]
        return json.dumps(kept)

    @classmethod
    def from_json(cls, name: str, text: str) -> Role:
        """Read a stored role."""
        privileges, allowlist, reads, writes = json.loads(text)
        return cls(name, frozenset(Privilege(*p) for p in privileges), allowlist, reads, writes)


_PREDEFINED: Final = {
    name: Role(name, frozenset((privilege,))) for name, privilege in PREDEFINED_ROLES.items()
}


def parse_allowlist(text: str) -> tuple[Network, ...]:
    """Read comma-separated addresses and networks; Refused(73) for anything else."""
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(","))
    except ValueError:
        raise Refused(_ALLOWLIST) from None


@frozen
class Effective:
    """What a user's roles come to. `scopes`: (namespace, set), empty for all → permissions.

    `networks`: where connections may come from; empty for everywhere. Quotas are the highest
    of the roles that have one, in records per second, 0 for none.
    """

    scopes: Mapping[tuple[str, str], int]
    networks: tuple[Network, ...]
    read_quota: int
    write_quota: int

    def allows(self, needed: int, namespace: str = "", set_name: str = "") -> bool:
        """Tell whether all needed permissions are given on a set ("": on all of them)."""
        scopes = self.scopes
        have = scopes.get(("", ""), 0)
        if needed & ~have and namespace:
            have |= scopes.get((namespace, ""), 0)
            if set_name:
                have |= scopes.get((namespace, set_name), 0)
        return not needed & ~have

    def allows_within(self, needed: int, namespace: str) -> bool:
        """Tell whether some set of the namespace, or all of it, gives the permissions."""
        have = self.scopes.get(("", ""), 0)
        for (scope, _), permissions in self.scopes.items():
            if scope == namespace:
                have |= permissions
        return not needed & ~have

    def welcomes(self, host: str) -> bool:
        """Tell whether connections from an address are allowed."""
        if not self.networks:
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)


@frozen
class Directory:
    """All users and roles at one moment."""

    users: Mapping[str, User]
    roles: Mapping[str, Role]
    _effective: dict[str, Effective] = field(default_factory=dict, compare=False)

    @classmethod
    def from_definitions(cls, users: Mapping[str, str], roles: Mapping[str, str]) -> Directory:
        """Read what the store keeps; the predefined roles are always there."""
        return cls(
            {name: User.from_json(name, text) for name, text in users.items()},
            {**{name: Role.from_json(name, text) for name, text in roles.items()}, **_PREDEFINED},
        )

    def with_user(self, name: str, user: User | None) -> Directory:
        """Give the directory with a user added, changed or (None) dropped."""
        users = {**self.users}
        if user is None:
            users.pop(name, None)
        else:
            users[name] = user
        return Directory(users, self.roles)

    def with_role(self, name: str, role: Role | None) -> Directory:
        """Give the directory with a role added, changed or (None) dropped."""
        roles = {**self.roles}
        if role is None:
            roles.pop(name, None)
        else:
            roles[name] = role
        return Directory(self.users, roles)

    def effective(self, name: str) -> Effective | None:
        """Add a user's roles up; None when there is no such user."""
        found = self._effective.get(name)
        if found is None and name in self.users:
            found = self._effective[name] = self._sum(self.users[name])
        return found

    def _sum(self, user: User) -> Effective:
        scopes: dict[tuple[str, str], int] = {}
        networks: list[Network] = []
        reads = writes = 0
        for name in sorted(user.roles):
            role = self.roles.get(name)
            if role is None:
                continue
            for code, namespace, set_name in role.privileges:
                scope = (namespace, set_name)
                scopes[scope] = scopes.get(scope, 0) | PERMITS.get(code, 0)
            if role.allowlist:
                networks += parse_allowlist(role.allowlist)
            reads = max(reads, role.read_quota)
            writes = max(writes, role.write_quota)
        return Effective(scopes, tuple(networks), reads, writes)


def default_admin() -> User:
    """Make the user that a new node has: all predefined roles, the password "admin"."""
    return User.new(_DEFAULT_USER, _ADMIN_CREDENTIAL, PREDEFINED_ROLES)
