"""From aerospike-py's policy and meta dictionaries to the native client's policies.

Keys that are not known are ignored, as there; a value of the wrong type raises TypeError, a
number out of range OverflowError or InvalidArgError. Times are milliseconds.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from aerodbapi.cluster.policy import Policy
from aerodbapi.compat.aerospike_py._arguments import a_dict, uint32
from aerodbapi.compat.aerospike_py._expressions import packed
from aerodbapi.compat.aerospike_py.exception import InvalidArgError
from aerodbapi.native.policies import (
    AdminPolicy,
    BatchPolicy,
    InfoPolicy,
    QueryPolicy,
    ReadPolicy,
    WritePolicy,
)

__all__ = ["admin", "batch", "batch_each", "info", "query", "read", "write"]

_P = TypeVar("_P", bound=Policy)
_Given = Any

#: Words by aerospike-py's constants, which count otherwise than the official client's.
_EXISTS: Final = {0: "ignore", 1: "update", 2: "create_or_replace", 3: "replace", 4: "create"}
_GEN: Final = {0: "ignore", 1: "equal", 2: "greater"}
_COMMIT: Final = {0: "all", 1: "master"}
_REPLICA: Final = {0: "master", 1: "sequence", 2: "prefer_rack"}
_READ_MODE: Final = {0: "one", 1: "all"}
_TTL: Final = {-1: 0xFFFFFFFF, -2: 0xFFFFFFFE, -3: 0}
_MAX_TTL: Final = (1 << 32) - 1


def _word(words: Mapping[int, str], usual: str) -> Callable[[Any], str]:
    """A constant's word; `usual` for a number that is no constant, as aerospike-py has it."""
    return lambda value: words.get(operator.index(value), usual)


def _replica(value: Any) -> str:
    word = _REPLICA.get(operator.index(value), "sequence")
    if word == "prefer_rack":
        raise InvalidArgError("prefer rack needs rack ids, which the configuration cannot hold")
    return word


def _ttl(value: Any) -> int:
    ttl = operator.index(value)
    if ttl in _TTL:
        return _TTL[ttl]
    if ttl > _MAX_TTL:
        raise InvalidArgError(f"ttl out of range: {ttl} (max: {_MAX_TTL})")
    if ttl < 0:
        raise InvalidArgError(f"ttl out of range: {ttl} (seconds, 0, or one of TTL_*)")
    return ttl


def _touch_percent(value: Any) -> int:
    percent = operator.index(value)
    if not -1 <= percent <= 100:
        raise InvalidArgError(
            f"read_touch_ttl_percent out of range: {percent} "
            "(valid: 0=ServerDefault, -1=DontReset, 1-100=Percent)"
        )
    return percent


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"'{type(value).__name__}' object is not an instance of 'bool'")
    return value


def _send_key(value: Any) -> bool:
    return operator.index(value) == 1


_Table = Mapping[str, tuple[str, Callable[[Any], Any]]]

_COMMON: Final[_Table] = {
    "timeout": ("total_timeout", uint32),
    "total_timeout": ("total_timeout", uint32),
    "socket_timeout": ("socket_timeout", uint32),
    "max_retries": ("max_retries", uint32),
    "sleep_between_retries": ("sleep_between_retries", uint32),
    "filter_expression": ("filter", packed),
}
_REPLICAS: Final[_Table] = {"replica": ("replica", _replica)}
_MODES: Final[_Table] = {
    "read_mode_ap": ("read_mode_ap", _word(_READ_MODE, "one")),
    "read_touch_ttl_percent": ("touch_ttl_percent", _touch_percent),
}
_EACH: Final[_Table] = {
    "key": ("send_key", _send_key),
    "exists": ("exists", _word(_EXISTS, "ignore")),
    "commit_level": ("commit", _word(_COMMIT, "all")),
    "durable_delete": ("durable_delete", _flag),
    "ttl": ("ttl", _ttl),
}
_READ: Final[_Table] = {**_COMMON, **_REPLICAS, **_MODES}
_WRITE: Final[_Table] = {**_COMMON, **_MODES, **_EACH, "gen": ("gen", _word(_GEN, "ignore"))}
_BATCH: Final[_Table] = {
    **_COMMON,
    **_REPLICAS,
    **_MODES,
    "allow_inline": ("allow_inline", _flag),
    "allow_inline_ssd": ("allow_inline_ssd", _flag),
    "respond_all_keys": ("respond_all_keys", _flag),
}
_BATCH_EACH: Final[_Table] = {
    **_EACH,
    "gen": ("gen", _word(_GEN, "ignore")),
    "filter_expression": ("filter", packed),
}
_ADMIN: Final[_Table] = {"timeout": ("total_timeout", uint32)}
_QUERY: Final[_Table] = {
    **_COMMON,
    **_REPLICAS,
    "max_records": ("max_records", uint32),
    "records_per_second": ("records_per_second", uint32),
    "include_bin_data": ("include_bins", _flag),
    "expected_duration": ("short_query", lambda value: operator.index(value) == 1),
}


def _changes(table: _Table, policy: Mapping[str, Any]) -> dict[str, Any]:
    changes = {}
    for key, value in policy.items():
        known = table.get(key)
        if known is not None:
            changes[known[0]] = known[1](value)
    return changes


def _meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    """`gen` in a meta is the generation that the record must have."""
    changes = _changes(_EACH, meta)
    if "gen" in meta:
        changes |= {"generation": uint32(meta["gen"]), "gen": "equal"}
    return changes


def _changed(default: _P, changes: dict[str, Any]) -> _P:
    return dataclasses.replace(default, **changes) if changes else default


_DEFAULTS: Final = (
    ReadPolicy(),
    WritePolicy(),
    BatchPolicy(),
    QueryPolicy(),
    InfoPolicy(),
    AdminPolicy(),
)


def read(policy: _Given) -> ReadPolicy:
    """A read's policy."""
    return _changed(_DEFAULTS[0], _changes(_READ, a_dict(policy)))


def write(policy: _Given, meta: _Given = None) -> WritePolicy:
    """A write's policy. What `policy` says counts more than what `meta` says."""
    changes = _meta(a_dict(meta)) | _changes(_WRITE, a_dict(policy))
    return _changed(_DEFAULTS[1], changes)


def batch(policy: _Given) -> BatchPolicy:
    """A batch's policy."""
    return _changed(_DEFAULTS[2], _changes(_BATCH, a_dict(policy)))


def batch_each(policy: _Given, meta: _Given = None) -> WritePolicy:
    """The policy of one record in a batch. What its `meta` says counts more than `policy`."""
    changes = _changes(_BATCH_EACH, a_dict(policy)) | _meta(a_dict(meta))
    return _changed(_DEFAULTS[1], changes)


def query(policy: _Given) -> QueryPolicy:
    """A query's policy; its `partition_filter` is read elsewhere."""
    return _changed(_DEFAULTS[3], _changes(_QUERY, a_dict(policy)))


def info(policy: _Given) -> InfoPolicy:
    """The policy of info commands, and of all that is done by them."""
    return _changed(_DEFAULTS[4], _changes(_ADMIN, a_dict(policy)))


def admin(policy: _Given) -> AdminPolicy:
    """The policy of commands about users and roles."""
    return _changed(_DEFAULTS[5], _changes(_ADMIN, a_dict(policy)))
