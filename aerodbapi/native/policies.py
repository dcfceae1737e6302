"""Per-command options of the native client: frozen, and built from dictionaries too.

Times are milliseconds, 0 is without limit. Words may be given as the clients' integers:
`{"exists": 1}` is `{"exists": "create"}`. An unknown key raises ParameterError with a hint.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, Union

from aerodbapi.cluster.policy import Policy
from aerodbapi.errors import ParameterError
from aerodbapi.protocol.expressions import Exp, pack_expression
from aerodbapi.protocol.flags import Info2, Info3

__all__ = [
    "BATCH",
    "INFO",
    "QUERY",
    "READ",
    "WRITE",
    "BatchPolicy",
    "Filter",
    "InfoPolicy",
    "QueryPolicy",
    "ReadPolicy",
    "WritePolicy",
    "coerce",
    "packed_filter",
]

_P = TypeVar("_P", bound=Policy)
#: A filter expression: a tree, its packed bytes, or none.
Filter = Union[Exp, bytes, None]


@dataclass(frozen=True, slots=True)
class ReadPolicy(Policy):
    """`send_key`: let the server compare the stored key. `touch_ttl_percent`: read-touch."""

    send_key: bool = False
    filter: Filter = None
    read_mode_ap: str = "one"
    touch_ttl_percent: int = 0


@dataclass(frozen=True, slots=True)
class WritePolicy(Policy):
    """`exists`: ignore create update replace create_or_replace. `gen`: ignore equal greater.

    `generation`: the expected one when `gen` is not ignore. `ttl`: seconds, or the wire's
    special values (0 the namespace's default). `commit`: all master.
    """

    max_retries: int = 0
    send_key: bool = False
    filter: Filter = None
    exists: str = "ignore"
    gen: str = "ignore"
    generation: int = 0
    ttl: int = 0
    commit: str = "all"
    durable_delete: bool = False

    @property
    def info2(self) -> int:
        """The policy's bits in info2, WRITE among them."""
        return (
            Info2.WRITE
            | _EXISTS_INFO2[self.exists]
            | _GEN_INFO2[self.gen]
            | (Info2.DURABLE_DELETE if self.durable_delete else 0)
        )

    @property
    def info3(self) -> int:
        """The policy's bits in info3."""
        return _EXISTS_INFO3[self.exists] | (Info3.COMMIT_MASTER if self.commit == "master" else 0)


@dataclass(frozen=True, slots=True)
class BatchPolicy(Policy):
    """`filter` holds for every key. `respond_all_keys`: go on after a key's failure."""

    total_timeout: int = 10_000
    filter: Filter = None
    allow_inline: bool = True
    allow_inline_ssd: bool = False
    respond_all_keys: bool = True


@dataclass(frozen=True, slots=True)
class QueryPolicy(Policy):
    """`max_records` and `records_per_second` (each node's): 0 is without limit."""

    total_timeout: int = 0
    max_retries: int = 5
    sleep_between_retries: int = 100
    filter: Filter = None
    max_records: int = 0
    records_per_second: int = 0
    include_bins: bool = True
    short_query: bool = False


@dataclass(frozen=True, slots=True)
class InfoPolicy(Policy):
    total_timeout: int = 5000
    max_retries: int = 1


READ: Final = ReadPolicy()
WRITE: Final = WritePolicy()
BATCH: Final = BatchPolicy()
QUERY: Final = QueryPolicy()
INFO: Final = InfoPolicy()

_EXISTS_INFO2: Final = {
    "ignore": 0,
    "create": Info2.CREATE_ONLY,
    "update": 0,
    "replace": 0,
    "create_or_replace": 0,
}
_EXISTS_INFO3: Final = {
    "ignore": 0,
    "create": 0,
    "update": Info3.UPDATE_ONLY,
    "replace": Info3.REPLACE_ONLY,
    "create_or_replace": Info3.CREATE_OR_REPLACE,
}
_GEN_INFO2: Final = {
    "ignore": 0,
    "equal": Info2.GENERATION,
    "greater": Info2.GENERATION_GT,
}

#: Words by the official client's integers (position), for keys whose value is a word.
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "exists": ("ignore", "create", "update", "replace", "create_or_replace"),
    "gen": ("ignore", "equal", "greater"),
    "commit": ("all", "master"),
    "replica": ("master", "any", "sequence", "prefer_rack", "any"),
    "read_mode_ap": ("one", "all"),
}
#: Other spellings of our keys: those of the two existing clients.
_SPELLINGS: Final = {
    "timeout": "total_timeout",
    "expressions": "filter",
    "filter_expression": "filter",
    "key": "send_key",
    "commit_level": "commit",
    "read_touch_ttl_percent": "touch_ttl_percent",
}


def coerce(cls: type[_P], given: _P | Mapping[str, Any] | None, default: _P) -> _P:
    """Return `given` as a policy: None is `default`, a mapping changes single keys of it.

    Raises ParameterError for an unknown key or a value of the wrong kind.
    """
    if given is None:
        return default
    if isinstance(given, cls):
        return given
    if not isinstance(given, Mapping):
        raise ParameterError(
            f"policy is a {cls.__name__} or a dictionary, not {type(given).__name__}",
            result_code=-2,
        )
    changes = {}
    for name, value in given.items():
        key = _SPELLINGS.get(name, name)
        changes[key] = _value(cls, key, value)
    return dataclasses.replace(default, **changes)


def _value(cls: type[Policy], key: str, value: Any) -> Any:
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    if key not in defaults:
        import difflib

        near = difflib.get_close_matches(key, [*defaults, *_SPELLINGS], n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ParameterError(f"unknown key {key!r} for a {cls.__name__}{hint}", result_code=-2)
    if key == "filter":
        return value
    if key in _WORDS:
        return _word(key, value)
    wanted: Any = type(defaults[key])
    if not isinstance(value, int) or (wanted is int and value < 0 and key != "ttl"):
        raise ParameterError(f"{key} is {wanted.__name__}, not {value!r}", result_code=-2)
    return wanted(value)


def _word(key: str, value: Any) -> str:
    words = _WORDS[key]
    if isinstance(value, str) and value in words:
        return value
    if isinstance(value, int) and 0 <= value < len(words):
        return words[value]
    raise ParameterError(f"{key} is one of {', '.join(words)}, not {value!r}", result_code=-2)


def packed_filter(filter: Filter) -> bytes:
    """The bytes of a filter expression; b"" for none."""
    if filter is None:
        return b""
    return filter if isinstance(filter, bytes) else pack_expression(filter)
