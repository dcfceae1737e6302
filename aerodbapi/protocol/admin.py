"""The admin channel (frame kind 2): login, authentication and user management messages.

Body: scheme 0, result, command, number of fields, 12 zero bytes; fields are u32 length (with the
id), u8 id, value.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from aerodbapi.errors import NotSupportedError, ProtocolError
from aerodbapi.frozen import frozen
from aerodbapi.protocol.frame import ADMIN, frame
from aerodbapi.protocol.message import encode_name

__all__ = [
    "AdminMessage",
    "Command",
    "Field",
    "authenticate_request",
    "decode",
    "decode_request",
    "encode",
    "hash_password",
    "login_request",
]

_HEADER: Final = struct.Struct(">BBBB12x")
_FIELD: Final = struct.Struct(">IB")
#: The salt that clients and servers share: hashing hides the password, it protects nothing more.
_SALT: Final = b"$2a$10$7EqJtq98hPqEX7fNZaFWoO"


class Command:
    """What an admin message asks for."""

    AUTHENTICATE: Final = 0
    CREATE_USER: Final = 1
    DROP_USER: Final = 2
    SET_PASSWORD: Final = 3
    CHANGE_PASSWORD: Final = 4
    GRANT_ROLES: Final = 5
    REVOKE_ROLES: Final = 6
    QUERY_USERS: Final = 9
    CREATE_ROLE: Final = 10
    DROP_ROLE: Final = 11
    GRANT_PRIVILEGES: Final = 12
    REVOKE_PRIVILEGES: Final = 13
    SET_WHITELIST: Final = 14
    SET_QUOTAS: Final = 15
    QUERY_ROLES: Final = 16
    LOGIN: Final = 20


class Field:
    """What a field of an admin message holds."""

    USER: Final = 0
    PASSWORD: Final = 1
    OLD_PASSWORD: Final = 2
    CREDENTIAL: Final = 3
    CLEAR_PASSWORD: Final = 4
    SESSION_TOKEN: Final = 5
    SESSION_TTL: Final = 6
    ROLES: Final = 10
    ROLE: Final = 11
    PRIVILEGES: Final = 12
    WHITELIST: Final = 13
    READ_QUOTA: Final = 14
    WRITE_QUOTA: Final = 15
    READ_INFO: Final = 16
    WRITE_INFO: Final = 17
    CONNECTIONS: Final = 18


@frozen
class AdminMessage:
    """An admin request (`result` 0) or reply (`result`: a result code)."""

    command: int
    result: int = 0
    fields: tuple[tuple[int, bytes], ...] = ()

    def field(self, id: int) -> bytes | None:
        """Value of the first field with this id, or None."""
        for kind, value in self.fields:
            if kind == id:
                return value
        return None

    @property
    def session_ttl(self) -> int | None:
        """Seconds for which a session token is good, or None when the server does not say."""
        raw = self.field(Field.SESSION_TTL)
        return None if raw is None else int.from_bytes(raw, "big")


def encode(message: AdminMessage) -> bytes:
    """Frame of an admin message."""
    parts = [_HEADER.pack(0, message.result, message.command, len(message.fields))]
    parts += [_FIELD.pack(len(value) + 1, id) + value for id, value in message.fields]
    return frame(ADMIN, b"".join(parts))


def decode(body: bytes, offset: int = 0) -> tuple[AdminMessage, int]:
    """The message that begins at `offset`, and the offset behind it (queries answer with many)."""
    try:
        _, result, command, count = _HEADER.unpack_from(body, offset)
        offset += _HEADER.size
        fields = []
        for _ in range(count):
            size, id = _FIELD.unpack_from(body, offset)
            end = offset + 4 + size
            if size < 1 or end > len(body):
                raise ProtocolError(f"an admin field of {size} bytes does not fit its message")
            fields.append((id, bytes(body[offset + 5 : end])))
            offset = end
    except struct.error as error:
        raise ProtocolError(f"an admin message is cut off: {error}") from None
    return AdminMessage(command, result, tuple(fields)), offset


def decode_request(body: bytes) -> AdminMessage:
    """The one message of a request's body."""
    message, end = decode(body)
    if end != len(body):
        raise ProtocolError(f"{len(body) - end} bytes follow an admin request")
    return message


def login_request(
    user: str | None, password_hash: bytes | None, clear_password: str | None = None
) -> bytes:
    """Frame of LOGIN: internal users by hash; external ones with the clear password too (TLS)."""
    fields: list[tuple[int, bytes]] = []
    if user is not None:
        fields.append((Field.USER, encode_name(user)))
    if password_hash is not None:
        fields.append((Field.CREDENTIAL, password_hash))
    if clear_password is not None:
        fields.append((Field.CLEAR_PASSWORD, encode_name(clear_password)))
    return encode(AdminMessage(Command.LOGIN, 0, tuple(fields)))


def authenticate_request(user: str | None, token: bytes) -> bytes:
    """Frame of AUTHENTICATE, sent first on each connection; PKI sessions have no user."""
    fields: list[tuple[int, bytes]] = []
    if user is not None:
        fields.append((Field.USER, encode_name(user)))
    fields.append((Field.SESSION_TOKEN, token))
    return encode(AdminMessage(Command.AUTHENTICATE, 0, tuple(fields)))


def hash_password(password: str) -> bytes:
    """The 60-byte bcrypt hash that stands for a password on the wire.

    Raises NotSupportedError when the `auth` extra is not installed.
    """
    try:
        import bcrypt
    except ImportError:
        raise NotSupportedError(
            'logging in with a password needs bcrypt: pip install "aerodbapi[auth]"'
        ) from None
    hashed: Any = bcrypt.hashpw(password.encode()[:72], _SALT)
    return bytes(hashed)
