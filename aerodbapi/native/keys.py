"""Keys as people give them: (namespace, set, user key), or with the digest as fourth."""

from __future__ import annotations

from typing import Any, Final

from aerodbapi.errors import ParameterError
from aerodbapi.native.results import Key
from aerodbapi.protocol.digest import digest

__all__ = ["resolve"]

_new = tuple.__new__
_USER_KEYS: Final = frozenset({str, int})


def resolve(key: Any) -> Key:
    """Complete a key with its digest.

    Takes (namespace, set or None, user key) or (namespace, set, None, digest of 20 bytes).
    Raises ParameterError (code -2) when it is neither.
    """
    kind = type(key)
    if kind is Key:
        return key  # type: ignore[no-any-return]
    if kind is tuple and len(key) == 3:
        # The usual key, at once: what follows looks at every other form.
        namespace, set_name, user_key = key
        usual = type(user_key) in _USER_KEYS and type(namespace) is str
        if usual and (set_name is None or type(set_name) is str):
            return _new(Key, (namespace, set_name, user_key, digest(set_name, user_key)))
    if not isinstance(key, (tuple, list)) or not 3 <= len(key) <= 4:
        raise _bad(key)
    namespace, set_name, user_key = key[0], key[1], key[2]
    if not isinstance(namespace, str) or not (set_name is None or isinstance(set_name, str)):
        raise _bad(key)
    if user_key is None:
        given = key[3] if len(key) == 4 else None
        if not isinstance(given, (bytes, bytearray)) or len(given) != 20:
            raise _bad(key)
        return Key(namespace, set_name, None, bytes(given))
    if isinstance(user_key, bytearray):
        user_key = bytes(user_key)
    if isinstance(user_key, bool) or not isinstance(user_key, (str, int, bytes)):
        raise ParameterError(
            f"a user key is str, int or bytes, not {type(user_key).__name__}", result_code=-2
        )
    return Key(namespace, set_name, user_key, digest(set_name, user_key))


def _bad(key: object) -> ParameterError:
    return ParameterError(
        "a key is (namespace, set, user key) or (namespace, set, None, digest of 20 bytes), "
        f"not {key!r}",
        result_code=-2,
    )
