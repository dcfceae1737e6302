"""The admin commands: login, users, roles; one table from command to function.

Each function gets the request and the connection's session, gives the reply's frame, and
refuses with the server's result code. wire.md §15 has the encodings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.security.accounts import Role, User, hashed, parse_allowlist
from aerodbapi.embedded.security.privileges import (
    PREDEFINED_ROLES,
    Permission,
    decode_names,
    decode_privileges,
    encode_names,
    encode_privileges,
)
from aerodbapi.errors import OperationalError, ProtocolError
from aerodbapi.frozen import replace
from aerodbapi.protocol import admin
from aerodbapi.protocol.admin import AdminMessage, Command, Field
from aerodbapi.protocol.frame import ADMIN, HEADER_SIZE, frame

if TYPE_CHECKING:
    from aerodbapi.embedded.node import Session
    from aerodbapi.embedded.security.security import Security

__all__ = ["answer"]

_OK: Final = 0
_SERVER: Final = 1
_QUERY_END: Final = 50
_SCHEME: Final = 53
_COMMAND: Final = 54
_FIELD: Final = 55
_USER: Final = 60
_USER_EXISTS: Final = 61
_PASSWORD: Final = 62
_FORBIDDEN_PASSWORD: Final = 64
_CREDENTIAL: Final = 65
_ROLE: Final = 70
_ROLE_EXISTS: Final = 71
_QUOTAS_NOT_ENABLED: Final = 74
_QUOTA: Final = 75
_ROLE_VIOLATION: Final = 81
_NO_LDAP: Final = 90

_MAX_NAME: Final = 63  # bytes, of users and of roles
_CREDENTIAL_SIZE: Final = 60
#: What clients send for a quota that is to stay as it is.
_KEEP_QUOTA: Final = 0xFFFFFFFF

_Handler = Callable[["Security", "Session", AdminMessage], bytes]


def answer(security: Security, session: Session, body: bytes) -> bytes:
    """Answer an admin request's body with a frame; never raises for what a peer sends."""
    if body and body[0] != 0:
        return _reply(_SCHEME)
    try:
        message = admin.decode_request(body)
    except ProtocolError:
        return _reply(_FIELD)
    try:
        handler, needed = _COMMANDS.get(message.command, (None, 0))
        if handler is None:
            raise Refused(_COMMAND)
        if needed is not None and not security.guard(session).allows(needed):
            raise Refused(_ROLE_VIOLATION)
        return handler(security, session, message)
    except Refused as refused:
        return _reply(refused.result_code)
    except OperationalError:
        return _reply(_SERVER)


def _reply(result: int, *fields: tuple[int, bytes]) -> bytes:
    return admin.encode(AdminMessage(0, result, fields))


def _blocks(blocks: list[tuple[tuple[int, bytes], ...]]) -> bytes:
    """Answer a query: a message per user or role, and one that ends the reply."""
    messages = [AdminMessage(0, _OK, fields) for fields in blocks]
    messages.append(AdminMessage(0, _QUERY_END))
    return frame(ADMIN, b"".join(admin.encode(m)[HEADER_SIZE:] for m in messages))


# --- sessions ---


def _login(security: Security, session: Session, message: AdminMessage) -> bytes:
    """Check a credential; the connection is the user's from then on.

    As much is computed for a user that does not exist as for a wrong password.
    """
    session.user = ""
    if message.field(Field.CLEAR_PASSWORD) is not None:
        raise Refused(_NO_LDAP)
    name = _name(message.field(Field.USER), _USER)
    credential = message.field(Field.CREDENTIAL) or b""
    user = security.directory.users.get(name)
    if user is None:
        hashed(credential, bytes(16))
        raise Refused(_USER)
    if not user.knows(credential):
        raise Refused(_CREDENTIAL)
    security.admit(session, user)
    return _reply(
        _OK,
        (Field.SESSION_TOKEN, security.tokens.issue(user)),
        (Field.SESSION_TTL, security.tokens.ttl.to_bytes(4, "big")),
    )


def _authenticate(security: Security, session: Session, message: AdminMessage) -> bytes:
    session.user = ""
    user = security.directory.users.get(_name(message.field(Field.USER), _USER))
    if user is None:
        raise Refused(_USER)
    security.tokens.check(user, message.field(Field.SESSION_TOKEN) or b"")
    security.admit(session, user)
    return _reply(_OK)


# --- users ---


def _create_user(security: Security, session: Session, message: AdminMessage) -> bytes:
    name = _name(message.field(Field.USER), _USER)
    credential = _new_credential(message)
    with security.lock:
        if name in security.directory.users:
            raise Refused(_USER_EXISTS)
        security.keep_user(name, User.new(name, credential, _known_roles(security, message)))
    return _reply(_OK)


def _drop_user(security: Security, session: Session, message: AdminMessage) -> bytes:
    with security.lock:
        security.keep_user(_user(security, message).name, None)
    return _reply(_OK)


def _set_password(security: Security, session: Session, message: AdminMessage) -> bytes:
    credential = _new_credential(message)
    with security.lock:
        _change_secret(security, _user(security, message), credential)
    return _reply(_OK)


def _change_password(security: Security, session: Session, message: AdminMessage) -> bytes:
    """Change one's own password; the old one has to be shown."""
    credential = _new_credential(message)
    with security.lock:
        user = _user(security, message)
        if user.name != session.user:
            raise Refused(_ROLE_VIOLATION)
        if not user.knows(message.field(Field.OLD_PASSWORD) or b""):
            raise Refused(_PASSWORD)
        _change_secret(security, user, credential)
    return _reply(_OK)


def _change_secret(security: Security, user: User, credential: bytes) -> None:
    if not user.secret:
        raise Refused(_FORBIDDEN_PASSWORD)  # a certificate's user has none to change
    security.keep_user(user.name, User.new(user.name, credential, user.roles, user.serial))


def _grant_roles(security: Security, session: Session, message: AdminMessage) -> bytes:
    with security.lock:
        user = _user(security, message)
        roles = user.roles | _known_roles(security, message)
        security.keep_user(user.name, replace(user, roles=roles))
    return _reply(_OK)


def _revoke_roles(security: Security, session: Session, message: AdminMessage) -> bytes:
    """Take roles away; one that the user does not have is no error."""
    with security.lock:
        user = _user(security, message)
        names = decode_names(message.field(Field.ROLES) or b"\0")
        if not names:
            raise Refused(_ROLE)
        security.keep_user(user.name, replace(user, roles=user.roles.difference(names)))
    return _reply(_OK)


def _query_users(security: Security, session: Session, message: AdminMessage) -> bytes:
    """Describe one user or, for whoever administers users, all of them."""
    may_ask = security.guard(session).allows(Permission.USER_ADMIN)
    raw = message.field(Field.USER)
    if not may_ask and (raw is None or raw != session.user.encode()):
        raise Refused(_ROLE_VIOLATION)
    users = security.directory.users
    found = users.values() if raw is None else (_user(security, message),)
    return _blocks([_describe_user(security, u) for u in sorted(found, key=_by_name)])


def _describe_user(security: Security, user: User) -> tuple[tuple[int, bytes], ...]:
    effective = security.directory.effective(user.name)
    quotas = (0, 0) if effective is None else (effective.read_quota, effective.write_quota)
    figures = []
    for writes, quota in enumerate(quotas):
        meter = security.meters.of(user.name, writes=bool(writes))
        # The quota, records a second, the rates reserved by queries, queries without a rate.
        numbers = (quota, meter.recent(), meter.reserved, meter.unlimited)
        counted = (min(number, 0xFFFFFFFF).to_bytes(4, "big") for number in numbers)
        figures.append(bytes((4,)) + b"".join(counted))
    return (
        (Field.USER, user.name.encode()),
        (Field.ROLES, encode_names(sorted(user.roles))),
        (Field.READ_INFO, figures[0]),
        (Field.WRITE_INFO, figures[1]),
        (Field.CONNECTIONS, security.connections_of(user.name).to_bytes(4, "big")),
    )


# --- roles ---


def _create_role(security: Security, session: Session, message: AdminMessage) -> bytes:
    name = _name(message.field(Field.ROLE), _ROLE)
    privileges = message.field(Field.PRIVILEGES)
    role = Role(
        name,
        frozenset() if privileges is None else frozenset(decode_privileges(privileges)),
        _allowlist(message),
        *_quotas(security, message, Role(name)),
    )
    with security.lock:
        if name in security.directory.roles:
            raise Refused(_ROLE_EXISTS)
        security.keep_role(name, role)
    return _reply(_OK)


def _drop_role(security: Security, session: Session, message: AdminMessage) -> bytes:
    """Forget a role; its users lose it."""
    with security.lock:
        name = _role(security, message, changes=True).name
        for user in list(security.directory.users.values()):
            if name in user.roles:
                security.keep_user(user.name, replace(user, roles=user.roles - {name}))
        security.keep_role(name, None)
    return _reply(_OK)


def _grant_privileges(security: Security, session: Session, message: AdminMessage) -> bytes:
    privileges = decode_privileges(message.field(Field.PRIVILEGES) or b"\0")
    with security.lock:
        role = _role(security, message, changes=True)
        security.keep_role(role.name, replace(role, privileges=role.privileges.union(privileges)))
    return _reply(_OK)


def _revoke_privileges(security: Security, session: Session, message: AdminMessage) -> bytes:
    privileges = decode_privileges(message.field(Field.PRIVILEGES) or b"\0")
    with security.lock:
        role = _role(security, message, changes=True)
        security.keep_role(
            role.name, replace(role, privileges=role.privileges.difference(privileges))
        )
    return _reply(_OK)


def _set_allowlist(security: Security, session: Session, message: AdminMessage) -> bytes:
    allowlist = _allowlist(message)
    with security.lock:
        role = _role(security, message, changes=True)
        security.keep_role(role.name, replace(role, allowlist=allowlist))
    return _reply(_OK)


def _set_quotas(security: Security, session: Session, message: AdminMessage) -> bytes:
    if not security.quotas:
        raise Refused(_QUOTAS_NOT_ENABLED)
    with security.lock:
        role = _role(security, message, changes=True)
        reads, writes = _quotas(security, message, role)
        security.keep_role(role.name, replace(role, read_quota=reads, write_quota=writes))
    return _reply(_OK)


def _query_roles(security: Security, session: Session, message: AdminMessage) -> bytes:
    roles = security.directory.roles
    one = message.field(Field.ROLE) is not None
    found = (_role(security, message),) if one else roles.values()
    return _blocks([_describe_role(role) for role in sorted(found, key=_by_name)])


def _describe_role(role: Role) -> tuple[tuple[int, bytes], ...]:
    fields = [
        (Field.ROLE, role.name.encode()),
        (Field.PRIVILEGES, encode_privileges(sorted(role.privileges))),
    ]
    if role.allowlist:
        fields.append((Field.WHITELIST, role.allowlist.encode()))
    for kind, quota in (
        (Field.READ_QUOTA, role.read_quota),
        (Field.WRITE_QUOTA, role.write_quota),
    ):
        fields.append((kind, quota.to_bytes(4, "big")))
    return tuple(fields)


# --- what requests name ---


def _by_name(found: User | Role) -> str:
    return found.name


def _name(raw: bytes | None, code: int) -> str:
    """Read a user's or role's name; refused with `code` when it can be none."""
    try:
        name = (raw or b"").decode()
    except UnicodeDecodeError:
        raise Refused(code) from None
    if not 0 < len(raw or b"") <= _MAX_NAME or "\0" in name:
        raise Refused(code)
    return name


def _user(security: Security, message: AdminMessage) -> User:
    user = security.directory.users.get(_name(message.field(Field.USER), _USER))
    if user is None:
        raise Refused(_USER)
    return user


def _role(security: Security, message: AdminMessage, *, changes: bool = False) -> Role:
    """Find the role that is named; a predefined one cannot be changed."""
    role = security.directory.roles.get(_name(message.field(Field.ROLE), _ROLE))
    if role is None or (changes and role.name in PREDEFINED_ROLES):
        raise Refused(_ROLE)
    return role


def _known_roles(security: Security, message: AdminMessage) -> frozenset[str]:
    names = decode_names(message.field(Field.ROLES) or b"\0")
    if not names or not security.directory.roles.keys() >= set(names):
        raise Refused(_ROLE)
    return frozenset(names)


def _new_credential(message: AdminMessage) -> bytes:
    credential = message.field(Field.PASSWORD) or b""
    if len(credential) != _CREDENTIAL_SIZE or not credential.startswith(b"$2"):
        raise Refused(_PASSWORD)
    return credential


def _allowlist(message: AdminMessage) -> str:
    """Read an allowlist, "" for none; Refused(73)."""
    raw = message.field(Field.WHITELIST)
    if not raw:
        return ""
    text = raw.decode("ascii", "replace")
    parse_allowlist(text)
    return text


def _quotas(security: Security, message: AdminMessage, role: Role) -> tuple[int, int]:
    """Read both quotas; what is not sent, or sent as -1, is the role's of now."""
    found = []
    for kind, now in ((Field.READ_QUOTA, role.read_quota), (Field.WRITE_QUOTA, role.write_quota)):
        raw = message.field(kind)
        if raw is not None and not security.quotas:
            raise Refused(_QUOTAS_NOT_ENABLED)
        if raw is not None and len(raw) != 4:
            raise Refused(_QUOTA)
        quota = _KEEP_QUOTA if raw is None else int.from_bytes(raw, "big")
        found.append(now if quota == _KEEP_QUOTA else quota)
    return found[0], found[1]


#: Command → (function, permission that it needs; 0: a login, None: not even that).
_COMMANDS: Final[dict[int, tuple[_Handler, int | None]]] = {
    Command.LOGIN: (_login, None),
    Command.AUTHENTICATE: (_authenticate, None),
    Command.CREATE_USER: (_create_user, Permission.USER_ADMIN),
    Command.DROP_USER: (_drop_user, Permission.USER_ADMIN),
    Command.SET_PASSWORD: (_set_password, Permission.USER_ADMIN),
    Command.CHANGE_PASSWORD: (_change_password, 0),
    Command.GRANT_ROLES: (_grant_roles, Permission.USER_ADMIN),
    Command.REVOKE_ROLES: (_revoke_roles, Permission.USER_ADMIN),
    Command.QUERY_USERS: (_query_users, 0),
    Command.CREATE_ROLE: (_create_role, Permission.USER_ADMIN),
    Command.DROP_ROLE: (_drop_role, Permission.USER_ADMIN),
    Command.GRANT_PRIVILEGES: (_grant_privileges, Permission.USER_ADMIN),
    Command.REVOKE_PRIVILEGES: (_revoke_privileges, Permission.USER_ADMIN),
    Command.SET_WHITELIST: (_set_allowlist, Permission.USER_ADMIN),
    Command.SET_QUOTAS: (_set_quotas, Permission.USER_ADMIN),
    Command.QUERY_ROLES: (_query_roles, Permission.USER_ADMIN),
}
