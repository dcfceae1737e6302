"""Users, roles, privileges, allowlists and quotas (Enterprise servers with security enabled).

A privilege is a dictionary: `{"code": Privilege.READ, "ns": "test", "set": "demo"}`; namespace
and set only limit the privileges on data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aerodbapi.cluster.effects import Close, Exchange, Next, Stream
from aerodbapi.errors import ParameterError, ProtocolError, error_for
from aerodbapi.protocol import admin
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from aerodbapi.protocol.message import encode_name

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.policy import Policy

__all__ = ["Privilege", "Role", "User"]

_QUERY_END: Final = 50
_NO_USER: Final = 60
_NO_ROLE: Final = 70
_U32_MAX: Final = 0xFFFFFFFF


class Privilege:
    """Codes of privileges; those from READ on may be limited to a namespace and a set."""

    USER_ADMIN: Final = 0
    SYS_ADMIN: Final = 1
    DATA_ADMIN: Final = 2
    UDF_ADMIN: Final = 3
    SINDEX_ADMIN: Final = 4
    READ: Final = 10
    READ_WRITE: Final = 11
    READ_WRITE_UDF: Final = 12
    WRITE: Final = 13
    TRUNCATE: Final = 14


_FIRST_SCOPED: Final = Privilege.READ


class User(NamedTuple):
    """What is known of a user. `user["roles"]` works.

    `read_info`, `write_info`: quota, rate, … as the server counts them.
    """

    roles: list[str]
    read_info: list[int]
    write_info: list[int]
    conns_in_use: int

    def __getitem__(self, item: Any) -> Any:
        return getattr(self, item) if isinstance(item, str) else tuple.__getitem__(self, item)

    def get(self, name: str, default: Any = None) -> Any:
        """The field of this name."""
        return getattr(self, name, default)


class Role(NamedTuple):
    """A role. `role["privileges"]` works. `whitelist`: addresses that it may connect from.

    `read_quota`, `write_quota`: records per second, 0 without limit.
    """

    privileges: list[dict[str, Any]]
    whitelist: list[str]
    read_quota: int
    write_quota: int

    def __getitem__(self, item: Any) -> Any:
        return getattr(self, item) if isinstance(item, str) else tuple.__getitem__(self, item)

    def get(self, name: str, default: Any = None) -> Any:
        """The field of this name."""
        return getattr(self, name, default)


# ---- fields ------------------------------------------------------------------------------------


def _text(what: str, value: Any) -> bytes:
    if not isinstance(value, str) or not value:
        raise ParameterError(f"{what} is text, not {value!r}", result_code=-2)
    return encode_name(value)


def _names(roles: Any) -> bytes:
    if isinstance(roles, str) or not isinstance(roles, Sequence):
        raise ParameterError(f"roles are a list of names, not {roles!r}", result_code=-2)
    if len(roles) > 255:
        raise ParameterError(f"at most 255 roles, not {len(roles)}", result_code=-2)
    return bytes((len(roles),)) + b"".join(_short("a role", role) for role in roles)


def _short(what: str, value: Any, *, empty: bool = False) -> bytes:
    """A text with its length in one byte before it."""
    raw = b"" if empty and not value else _text(what, value)
    if len(raw) > 255:
        raise ParameterError(f"{what} has at most 255 bytes: {value!r}", result_code=-2)
    return bytes((len(raw),)) + raw


def _privileges(privileges: Any) -> bytes:
    if isinstance(privileges, (str, Mapping)) or not isinstance(privileges, Sequence):
        raise ParameterError(
            f"privileges are a list of dictionaries with code, ns and set, not {privileges!r}",
            result_code=-2,
        )
    parts = [bytes((len(privileges),))]
    for privilege in privileges:
        if not isinstance(privilege, Mapping) or not isinstance(privilege.get("code"), int):
            raise ParameterError(
                f"a privilege is a dictionary with a code, not {privilege!r}", result_code=-2
            )
        code, namespace, set_name = privilege["code"], privilege.get("ns"), privilege.get("set")
        if not 0 <= code <= 255:
            raise ParameterError(f"no privilege has the code {code}", result_code=-2)
        parts.append(bytes((code,)))
        if code >= _FIRST_SCOPED:
            parts.append(_short("ns", namespace, empty=True))
            parts.append(_short("set", set_name, empty=True))
        elif namespace or set_name:
            raise ParameterError(
                f"privilege {code} is for the whole cluster: without ns and set", result_code=-2
            )
    return b"".join(parts)


def _addresses(whitelist: Any) -> bytes:
    if isinstance(whitelist, str) or not isinstance(whitelist, Iterable):
        raise ParameterError(f"whitelist is a list of addresses, not {whitelist!r}", result_code=-2)
    return b",".join(_text("an address", address) for address in whitelist)


def _quota(what: str, value: Any) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _U32_MAX:
        raise ParameterError(
            f"{what} is a number of records per second, not {value!r}", result_code=-2
        )
    return value.to_bytes(4, "big")


# ---- commands ----------------------------------------------------------------------------------


def create_user(
    cluster: Cluster, user: str, password: str, roles: Sequence[str], *, policy: Policy
) -> Conversation[None]:
    """Create a user with these roles."""
    yield from _command(
        cluster,
        policy,
        Command.CREATE_USER,
        (Field.USER, _text("user", user)),
        (Field.PASSWORD, _hashed(password)),
        (Field.ROLES, _names(roles)),
    )


def create_pki_user(
    cluster: Cluster, user: str, roles: Sequence[str], *, policy: Policy
) -> Conversation[None]:
    """Create a user who shows a certificate and has no password."""
    nothing = admin.hash_password("nopassword")
    yield from _command(
        cluster,
        policy,
        Command.CREATE_USER,
        (Field.USER, _text("user", user)),
        (Field.PASSWORD, nothing),
        (Field.ROLES, _names(roles)),
    )


def drop_user(cluster: Cluster, user: str, *, policy: Policy) -> Conversation[None]:
    """Remove a user."""
    yield from _command(cluster, policy, Command.DROP_USER, (Field.USER, _text("user", user)))


def set_password(
    cluster: Cluster, user: str, password: str, *, policy: Policy
) -> Conversation[None]:
    """Set anybody's password, as a user administrator."""
    yield from _command(
        cluster,
        policy,
        Command.SET_PASSWORD,
        (Field.USER, _text("user", user)),
        (Field.PASSWORD, _hashed(password)),
    )


def change_password(
    cluster: Cluster, user: str, password: str, old_password: str, *, policy: Policy
) -> Conversation[None]:
    """Change one's own password."""
    yield from _command(
        cluster,
        policy,
        Command.CHANGE_PASSWORD,
        (Field.USER, _text("user", user)),
        (Field.OLD_PASSWORD, _hashed(old_password)),
        (Field.PASSWORD, _hashed(password)),
    )


def grant_roles(
    cluster: Cluster, user: str, roles: Sequence[str], *, policy: Policy
) -> Conversation[None]:
    """Give a user more roles."""
    yield from _user_roles(cluster, Command.GRANT_ROLES, user, roles, policy)


def revoke_roles(
    cluster: Cluster, user: str, roles: Sequence[str], *, policy: Policy
) -> Conversation[None]:
    """Take roles from a user."""
    yield from _user_roles(cluster, Command.REVOKE_ROLES, user, roles, policy)


def _user_roles(
    cluster: Cluster, command: int, user: str, roles: Sequence[str], policy: Policy
) -> Conversation[None]:
    yield from _command(
        cluster, policy, command, (Field.USER, _text("user", user)), (Field.ROLES, _names(roles))
    )


def create_role(
    cluster: Cluster,
    role: str,
    privileges: Sequence[Mapping[str, Any]],
    whitelist: Sequence[str] | None = None,
    read_quota: int = 0,
    write_quota: int = 0,
    *,
    policy: Policy,
) -> Conversation[None]:
    """Create a role."""
    fields = [(Field.ROLE, _text("role", role))]
    if privileges:
        fields.append((Field.PRIVILEGES, _privileges(privileges)))
    if whitelist:
        fields.append((Field.WHITELIST, _addresses(whitelist)))
    for field, what, value in (
        (Field.READ_QUOTA, "read_quota", read_quota),
        (Field.WRITE_QUOTA, "write_quota", write_quota),
    ):
        packed = _quota(what, value)
        if value:
            fields.append((field, packed))
    yield from _command(cluster, policy, Command.CREATE_ROLE, *fields)


def drop_role(cluster: Cluster, role: str, *, policy: Policy) -> Conversation[None]:
    """Remove a role."""
    yield from _command(cluster, policy, Command.DROP_ROLE, (Field.ROLE, _text("role", role)))


def grant_privileges(
    cluster: Cluster, role: str, privileges: Sequence[Mapping[str, Any]], *, policy: Policy
) -> Conversation[None]:
    """Give a role more privileges."""
    yield from _role_privileges(cluster, Command.GRANT_PRIVILEGES, role, privileges, policy)


def revoke_privileges(
    cluster: Cluster, role: str, privileges: Sequence[Mapping[str, Any]], *, policy: Policy
) -> Conversation[None]:
    """Take privileges from a role."""
    yield from _role_privileges(cluster, Command.REVOKE_PRIVILEGES, role, privileges, policy)


def _role_privileges(
    cluster: Cluster,
    command: int,
    role: str,
    privileges: Sequence[Mapping[str, Any]],
    policy: Policy,
) -> Conversation[None]:
    yield from _command(
        cluster,
        policy,
        command,
        (Field.ROLE, _text("role", role)),
        (Field.PRIVILEGES, _privileges(privileges)),
    )


def set_whitelist(
    cluster: Cluster, role: str, whitelist: Sequence[str] | None, *, policy: Policy
) -> Conversation[None]:
    """Limit a role to connections from these addresses; None or empty: from everywhere."""
    fields = [(Field.ROLE, _text("role", role))]
    if whitelist:
        fields.append((Field.WHITELIST, _addresses(whitelist)))
    yield from _command(cluster, policy, Command.SET_WHITELIST, *fields)


def set_quotas(
    cluster: Cluster, role: str, read_quota: int = 0, write_quota: int = 0, *, policy: Policy
) -> Conversation[None]:
    """Limit the records per second of a role's users; 0 is without limit."""
    yield from _command(
        cluster,
        policy,
        Command.SET_QUOTAS,
        (Field.ROLE, _text("role", role)),
        (Field.READ_QUOTA, _quota("read_quota", read_quota)),
        (Field.WRITE_QUOTA, _quota("write_quota", write_quota)),
    )


# ---- queries -----------------------------------------------------------------------------------


def query_user(cluster: Cluster, user: str, *, policy: Policy) -> Conversation[User]:
    """One user. AuthenticationError (60) when there is no such user."""
    name = (Field.USER, _text("user", user))
    messages = yield from _query(cluster, policy, Command.QUERY_USERS, name)
    if not messages:
        raise error_for(_NO_USER, f"no user is called {user!r}")
    return _user(messages[0])


def query_users(cluster: Cluster, *, policy: Policy) -> Conversation[dict[str, User]]:
    """All users by name."""
    messages = yield from _query(cluster, policy, Command.QUERY_USERS)
    return {_decoded(message.field(Field.USER)): _user(message) for message in messages}


def query_role(cluster: Cluster, role: str, *, policy: Policy) -> Conversation[Role]:
    """One role. AuthenticationError (70) when there is no such role."""
    name = (Field.ROLE, _text("role", role))
    messages = yield from _query(cluster, policy, Command.QUERY_ROLES, name)
    if not messages:
        raise error_for(_NO_ROLE, f"no role is called {role!r}")
    return _role(messages[0])


def query_roles(cluster: Cluster, *, policy: Policy) -> Conversation[dict[str, Role]]:
    """All roles by name."""
    messages = yield from _query(cluster, policy, Command.QUERY_ROLES)
    return {_decoded(message.field(Field.ROLE)): _role(message) for message in messages}


def _user(message: AdminMessage) -> User:
    return User(
        _name_list(message.field(Field.ROLES)),
        _numbers(message.field(Field.READ_INFO)),
        _numbers(message.field(Field.WRITE_INFO)),
        int.from_bytes(message.field(Field.CONNECTIONS) or b"", "big"),
    )


def _role(message: AdminMessage) -> Role:
    addresses = _decoded(message.field(Field.WHITELIST))
    return Role(
        _privilege_list(message.field(Field.PRIVILEGES)),
        addresses.split(",") if addresses else [],
        int.from_bytes(message.field(Field.READ_QUOTA) or b"", "big"),
        int.from_bytes(message.field(Field.WRITE_QUOTA) or b"", "big"),
    )


def _decoded(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "surrogateescape")


class _Reader:
    """Reads counts and short texts one after the other; ProtocolError at a premature end."""

    def __init__(self, raw: bytes | None) -> None:
        self.raw = raw or b""
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        if self.at > len(self.raw):
            raise ProtocolError("a list in a security reply is cut off")
        return self.raw[self.at - 1]

    def text(self) -> str:
        size = self.byte()
        self.at += size
        if self.at > len(self.raw):
            raise ProtocolError("a name in a security reply is cut off")
        return _decoded(self.raw[self.at - size : self.at])


def _name_list(raw: bytes | None) -> list[str]:
    reader = _Reader(raw)
    return [reader.text() for _ in range(reader.byte())] if raw else []


def _numbers(raw: bytes | None) -> list[int]:
    if not raw:
        return []
    count = raw[0]
    if len(raw) < 1 + 4 * count:
        raise ProtocolError("a list of numbers in a security reply is cut off")
    return [int.from_bytes(raw[1 + 4 * i : 5 + 4 * i], "big") for i in range(count)]


def _privilege_list(raw: bytes | None) -> list[dict[str, Any]]:
    privileges: list[dict[str, Any]] = []
    if not raw:
        return privileges
    reader = _Reader(raw)
    for _ in range(reader.byte()):
        code = reader.byte()
        scope = (reader.text(), reader.text()) if code >= _FIRST_SCOPED else ("", "")
        privileges.append({"ns": scope[0], "set": scope[1], "code": code})
    return privileges


# ---- exchanges ---------------------------------------------------------------------------------


def _hashed(password: Any) -> bytes:
    if not isinstance(password, str):
        raise ParameterError(f"a password is text, not {type(password).__name__}", result_code=-2)
    return admin.hash_password(password)


def _limits(cluster: Cluster, policy: Policy) -> tuple[float | None, float | None]:
    total, silence = policy.total_timeout, policy.socket_timeout
    deadline = cluster.clock() + total / 1000 if total else None
    return deadline, silence / 1000 if silence else None


def _command(
    cluster: Cluster, policy: Policy, command: int, *fields: tuple[int, bytes]
) -> Conversation[None]:
    """Send a command to some node; raise the error that it answers with."""
    node = cluster.random_node()
    frame = admin.encode(AdminMessage(command, 0, fields))
    body = yield Exchange(node, frame, *_limits(cluster, policy))
    answer, _ = admin.decode(body)
    if answer.result:
        raise error_for(answer.result, node=str(node))


def _query(
    cluster: Cluster, policy: Policy, command: int, *fields: tuple[int, bytes]
) -> Conversation[list[AdminMessage]]:
    """Ask some node for users or roles: messages, in any number of frames, until the last."""
    node = cluster.random_node()
    frame = admin.encode(AdminMessage(command, 0, fields))
    handle = yield Stream(node, frame, *_limits(cluster, policy))
    found: list[AdminMessage] = []
    while True:
        body = yield Next(handle)
        offset = 0
        while offset < len(body):
            message, offset = admin.decode(body, offset)
            if message.result:
                yield Close(handle, True)
                if message.result == _QUERY_END:
                    return found
                raise error_for(message.result, node=str(node))
            found.append(message)
