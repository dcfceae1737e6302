"""User keys and digests: what a bound value means as one."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aerodbapi import errors
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN

__all__ = ["digest_of", "key_of", "write_key"]


def key_of(value: Any) -> int | str | bytes | None:
    """Turn the value of `PK = value` into the user key; None when no key equals it.

    A whole double is the integer that it equals, as everywhere in comparisons.
    """
    kind = kind_of(value)
    if kind == "str":
        return str(value)
    if kind == "float" and value == value and abs(value) < 2.0**64 and value == int(value):
        kind, value = "int", int(value)
    if kind == "int":
        return int(value) if INT64_MIN <= value <= INT64_MAX else None
    return bytes(value) if kind == "bytes" else None


def write_key(value: Any) -> int | str | bytes:
    """Check the value that an INSERT gives to PK.

    Raises IntegrityError for NULL and DataError for what is no integer, string or blob.
    """
    if value is None:
        raise errors.IntegrityError("PK is NULL: every record has a key")
    kind = kind_of(value)
    if kind == "int" and INT64_MIN <= value <= INT64_MAX:
        return int(value)
    if kind == "str":
        return str(value)
    if kind == "bytes":
        return bytes(value)
    raise errors.DataError(f"PK is an integer of 64 bits, a string or bytes, not {value!r}")


def digest_of(value: Any) -> bytes | None:
    """Turn the value of `DIGEST =` or `EDIGEST =` into 20 bytes; None for NULL.

    Takes the bytes themselves, 40 hex digits, or base64 of 28 characters. Raises
    ProgrammingError for anything else.
    """
    if value is None:
        return None
    digest: Any = _decode(value) if isinstance(value, str) else value
    if kind_of(digest) != "bytes" or len(digest) != 20:
        raise errors.ProgrammingError(
            f"a digest is 20 bytes, 40 hex digits or base64 of 20 bytes, not {value!r}"
        )
    return bytes(digest)


def _decode(text: str) -> bytes | None:
    try:
        if len(text) == 40:
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
