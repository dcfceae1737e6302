"""Digests and partitions: where a record lives.

A record's digest is RIPEMD-160(set name ‖ particle type ‖ key bytes); the namespace is not part
of it. Its partition is the low 12 bits of the first two bytes, little-endian.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from typing import Any, Final

from aerodbapi.errors import DataError
from aerodbapi.protocol.ripemd160 import RIPEMD160

__all__ = ["N_PARTITIONS", "digest", "key_bytes", "partition_id"]

N_PARTITIONS: Final = 4096

_pack_int = struct.Struct(">Bq").pack
_pack_float = struct.Struct(">Bd").pack


def _ripemd160(data: bytes) -> Any:
    """Start a hash; OpenSSL 3 builds may lack RIPEMD-160, then it is computed in Python."""
    try:
        return hashlib.new("ripemd160", data, usedforsecurity=False)
    except ValueError:
        return RIPEMD160(data)


@lru_cache(maxsize=1024)
def _primed(set: str | None) -> Any:
    """The copy method of a hash that has taken the set's name."""
    return _ripemd160((set or "").encode("utf-8", "surrogateescape")).copy


def key_bytes(user_key: str | int | bytes | float) -> bytes:
    """Particle type and bytes of a user key, as hashed and as sent in the KEY field.

    Raises DataError for another type, or an int beyond 64 bits.
    """
    kind = type(user_key)
    try:
        if kind is str:
            return b"\x03" + user_key.encode()  # type: ignore[union-attr]
        if kind is int:
            return _pack_int(1, user_key)
        if isinstance(user_key, (bytes, bytearray, memoryview)):
            return b"\x04" + bytes(user_key)
        if kind is float:
            return _pack_float(2, user_key)
        return _key_bytes_of_subclass(user_key)
    except struct.error:
        raise DataError(f"the key {user_key!r} needs more than 64 bits") from None
    except UnicodeEncodeError:
        # A stored key that was not UTF-8 comes back with escapes, and must be found again.
        return b"\x03" + _escaped(user_key)


def _key_bytes_of_subclass(user_key: Any) -> bytes:
    for base in (str, float, int):
        if isinstance(user_key, base) and not isinstance(user_key, bool):
            return key_bytes(base(user_key))
    raise DataError(f"a key is text, int, float or bytes, not {type(user_key).__name__}")


def _escaped(text: Any) -> bytes:
    try:
        return bytes(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError as error:
        raise DataError(f"a key that is not text: {error}") from None


def digest(set: str | None, user_key: str | int | bytes | float) -> bytes:
    """Return the 20-byte digest of the record with this user key."""
    state = _primed(set)()
    if type(user_key) is str:
        try:
            state.update(b"\x03" + user_key.encode())
        except UnicodeEncodeError:
            state.update(key_bytes(user_key))
    else:
        state.update(key_bytes(user_key))
    result: bytes = state.digest()
    return result


def partition_id(digest: bytes) -> int:
    """Return the partition (0 to 4095) of a digest."""
    return (digest[0] | digest[1] << 8) & 4095
