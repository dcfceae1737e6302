"""Session tokens: what a login gives out, and each further connection shows.

A token says whose it is and until when, signed with a key of the running node: nothing is
kept per login, and a restart ends all sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
import time
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from aerodbapi.embedded.security.accounts import User

__all__ = ["DEFAULT_TTL", "Tokens"]

#: Seconds for which a token is good (the server's session-ttl).
DEFAULT_TTL: Final = 86400
_CREDENTIAL: Final = 65
_EXPIRED_SESSION: Final = 66
_HEAD: Final = struct.Struct(">d16s")
_SIGNATURE_SIZE: Final = 32


class Tokens:
    """Makes and checks session tokens. `ttl`: seconds."""

    __slots__ = ("_key", "ttl")

    def __init__(self, ttl: int = DEFAULT_TTL) -> None:
        self.ttl = ttl
        self._key = secrets.token_bytes(32)

    def issue(self, user: User) -> bytes:
        """Make a token for a user who has just logged in."""
        head = _HEAD.pack(time.time() + self.ttl, secrets.token_bytes(16))
        return self._sign(user, head) + head

    def check(self, user: User, token: bytes) -> None:
        """Refuse (65) a token that is not this user's, (66) one whose time is over."""
        signature, head = token[:_SIGNATURE_SIZE], token[_SIGNATURE_SIZE:]
        if len(head) != _HEAD.size or not hmac.compare_digest(signature, self._sign(user, head)):
            raise Refused(_CREDENTIAL)
        if _HEAD.unpack(head)[0] <= time.time():
            raise Refused(_EXPIRED_SESSION)

    def _sign(self, user: User, head: bytes) -> bytes:
        whose = f"{user.serial}|{user.name}|".encode()
        return hmac.new(self._key, whose + head, hashlib.sha256).digest()
