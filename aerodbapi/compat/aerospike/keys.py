"""Keys as the official client takes them, and its records as tuples."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike.raising import param_error
from aerodbapi.compat.aerospike.values import integer, outward
from aerodbapi.native.results import Key
from aerodbapi.protocol.digest import digest as compute
from aerodbapi.protocol.digest import partition_id

__all__ = ["calc_digest", "full_key", "get_partition_id", "meta_dict", "native_key", "record"]

_TUPLES = "key tuple must be (Namespace, Set, Key) or (Namespace, Set, None, Digest)"


def native_key(key: Any) -> Key:
    """The engine's key of a tuple, or of a dictionary {"ns", "set", "key", "digest"}."""
    namespace, set_name, user_key, digest = _parts(key)
    if not isinstance(namespace, str):
        param_error("namespace must be a string")
    if set_name is not None and not isinstance(set_name, str):
        param_error("set must be a string")
    if user_key is not None:
        own = _user_key(user_key)
        return Key(namespace, set_name, own, compute(set_name, own))
    if digest is None:
        param_error("either key or digest is required")
    if not isinstance(digest, bytearray):
        param_error("digest is invalid. expected a bytearray")
    if len(digest) != 20:
        param_error(f"digest size is invalid. should be 20 bytes, but received {len(digest)}")
    return Key(namespace, set_name, None, bytes(digest))


def _parts(key: Any) -> tuple[Any, Any, Any, Any]:
    if isinstance(key, dict):
        return key.get("ns"), key.get("set"), key.get("key"), key.get("digest")
    if not isinstance(key, tuple):
        param_error("key is invalid")
    if not 3 <= len(key) <= 4:
        param_error(_TUPLES)
    return key[0], key[1], key[2], key[3] if len(key) == 4 else None


def _user_key(key: Any) -> Any:
    if isinstance(key, bytes):
        # The official client stores bytes as text, whatever they are.
        key = key.decode("utf-8", "surrogateescape")
    if isinstance(key, int):
        return integer(int(key), "integer value for KEY")
    if not isinstance(key, (str, bytearray)):
        param_error("key is invalid")
    return bytes(key) if isinstance(key, bytearray) else str(key)


def full_key(key: Key, echo: bool = True) -> tuple[Any, ...]:
    """(namespace, set, user key, digest); `echo` False hides the user key."""
    user_key: Any = key[2] if echo else None
    if isinstance(user_key, bytes):
        user_key = bytearray(user_key)
    return (key[0], key[1], user_key, bytearray(key[3]))


def meta_dict(meta: Any) -> dict[str, int] | None:
    """{"ttl", "gen"} of the engine's metadata."""
    return None if meta is None else {"ttl": meta[1], "gen": meta[0]}


def record(found: Any, echo: bool, deserialize: Any = None) -> tuple[Any, ...]:
    """(key, meta, bins) of the engine's record."""
    key, meta, bins = found
    made = {name: outward(value, deserialize) for name, value in (bins or {}).items()}
    return (full_key(key, echo), meta_dict(meta), made)


def calc_digest(ns: str, set: str | None, key: Any) -> bytearray:
    """The digest of a key, by which servers know the record."""
    if not isinstance(ns, str):
        raise TypeError("Namespace should be a string")
    if not isinstance(set, str):
        raise TypeError("Set should be a string or unicode")
    if not isinstance(key, (str, int, bytearray)):
        raise TypeError("Key is invalid")
    return bytearray(compute(set, _user_key(key)))


def get_partition_id(digest: Any, /) -> int:
    """The partition of a digest of 20 bytes."""
    if not isinstance(digest, (bytes, bytearray)):
        raise TypeError(f"argument 1 must be bytes or bytearray, not {type(digest).__name__}")
    if len(digest) != 20:
        param_error(f"digest size is invalid. should be 20 bytes, but received {len(digest)}")
    return partition_id(bytes(digest))
