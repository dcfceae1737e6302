"""Per-command options of the native client: frozen, and built from dictionaries too.

Times are milliseconds, 0 is without limit. Words may be given as the clients' integers:
`{"exists": 1}` is `{"exists": "create"}`. An unknown key raises ParameterError with a hint.

One class serves all that reads one record, one all that writes one (put, operate, remove,
touch, apply, and each record of a batch). `filter` is an expression that must hold; `txn` the
transaction that a command belongs to (`transactions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, Union

from aerodbapi.cluster.policy import Policy
from aerodbapi.errors import ParameterError
from aerodbapi.frozen import defaults, frozen, replace
from aerodbapi.protocol.expressions import Exp, pack_expression
from aerodbapi.protocol.flags import TTL_KEEP, TTL_NEVER, Info1, Info2, Info3, Info4

__all__ = [
    "ADMIN",
    "BATCH",
    "INFO",
    "QUERY",
    "READ",
    "SC_INFO3",
    "WRITE",
    "AdminPolicy",
    "BatchPolicy",
    "Filter",
    "InfoPolicy",
    "QueryPolicy",
    "ReadPolicy",
    "WritePolicy",
    "coerce",
    "knows",
    "meta_changes",
    "packed_filter",
    "read_info1",
    "ttl_value",
]

_P = TypeVar("_P", bound=Policy)
#: A filter expression: a tree, its packed bytes, or none.
Filter = Union[Exp, bytes, None]


@frozen
class ReadPolicy(Policy):
    """`send_key`: let the server compare the stored key. `read_mode_ap`: one | all replicas.

    `read_mode_sc` (strong consistency): session | linearize | allow_replica |
    allow_unavailable. `touch_ttl_percent`: renew the TTL when less than this part of it is
    left; 0 the namespace's setting, -1 never.
    """

    send_key: bool = False
    filter: Filter = None
    read_mode_ap: str = "one"
    read_mode_sc: str = "session"
    touch_ttl_percent: int = 0
    txn: Any = None

    def __post_init__(self) -> None:
        if self.read_mode_sc == "linearize":
            object.__setattr__(self, "linearize", True)


@frozen
class WritePolicy(Policy):
    """`exists`: ignore create update replace create_or_replace. `gen`: ignore equal greater.

    `generation`: the expected one when `gen` is not ignore. `ttl`: seconds, or the wire's
    special values (0 the namespace's default; -1 never, -2 keep). `commit`: all master.
    `on_locking_only`: fail when the record is locked by this transaction already. The read
    modes are for what an `operate` reads.
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
    on_locking_only: bool = False
    read_mode_ap: str = "one"
    read_mode_sc: str = "session"
    touch_ttl_percent: int = 0
    txn: Any = None

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

    @property
    def info4(self) -> int:
        """The policy's bits in info4."""
        return Info4.TXN_ON_LOCKING_ONLY if self.on_locking_only else 0


@frozen
class BatchPolicy(Policy):
    """`filter` holds for every key. `respond_all_keys`: go on after a key's failure.

    `allow_inline`, `allow_inline_ssd`: let the server work in the thread that took the request,
    when its records are in memory, on flash. The read modes are for the keys that are read.
    """

    total_timeout: int = 10_000
    filter: Filter = None
    allow_inline: bool = True
    allow_inline_ssd: bool = False
    respond_all_keys: bool = True
    read_mode_ap: str = "one"
    read_mode_sc: str = "session"
    touch_ttl_percent: int = 0
    txn: Any = None

    def __post_init__(self) -> None:
        if self.read_mode_sc == "linearize":
            object.__setattr__(self, "linearize", True)


@frozen
class QueryPolicy(Policy):
    """`max_records` and `records_per_second` (each node's): 0 is without limit.

    `include_bins`: False reads only metadata. `short_query`: expected to be small and quick.
    `relax`: long query that may read what a migration moves twice or not at all (AP mode).
    `max_concurrent_nodes`: 0 is all at once. `ttl`, `durable_delete`: of background queries.
    """

    total_timeout: int = 0
    max_retries: int = 5
    sleep_between_retries: int = 100
    filter: Filter = None
    max_records: int = 0
    records_per_second: int = 0
    include_bins: bool = True
    short_query: bool = False
    relax: bool = False
    max_concurrent_nodes: int = 0
    ttl: int = 0
    durable_delete: bool = False


@frozen
class InfoPolicy(Policy):
    """Of info commands, index and UDF definitions, truncation."""

    total_timeout: int = 5000
    max_retries: int = 1


@frozen
class AdminPolicy(Policy):
    """Of security commands."""

    total_timeout: int = 5000
    max_retries: int = 0


READ: Final = ReadPolicy()
WRITE: Final = WritePolicy()
BATCH: Final = BatchPolicy()
QUERY: Final = QueryPolicy()
INFO: Final = InfoPolicy()
ADMIN: Final = AdminPolicy()

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

#: The bits of read_mode_sc in info3.
SC_INFO3: Final = {
    "session": 0,
    "linearize": Info3.SC_READ_TYPE,
    "allow_replica": Info3.SC_READ_RELAX,
    "allow_unavailable": Info3.SC_READ_RELAX | Info3.SC_READ_TYPE,
}


def read_info1(policy: ReadPolicy | WritePolicy | BatchPolicy) -> int:
    """The bits of a policy's read modes, and of compression, in info1."""
    all_replicas = Info1.CONSISTENCY_ALL if policy.read_mode_ap == "all" else 0
    return all_replicas | (Info1.COMPRESS_RESPONSE if policy.compress else 0)


#: Words by the official client's integers (position), for keys whose value is a word.
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "exists": ("ignore", "create", "update", "replace", "create_or_replace"),
    "gen": ("ignore", "equal", "greater"),
    "commit": ("all", "master"),
    "replica": ("master", "any", "sequence", "prefer_rack", "any"),
    "read_mode_ap": ("one", "all"),
    "read_mode_sc": ("session", "linearize", "allow_replica", "allow_unavailable"),
}
#: Other spellings of our keys: those of the two existing clients.
_SPELLINGS: Final = {
    "timeout": "total_timeout",
    "expressions": "filter",
    "filter_expression": "filter",
    "key": "send_key",
    "commit_level": "commit",
    "read_touch_ttl_percent": "touch_ttl_percent",
    "include_bin_data": "include_bins",
}
#: Keys of the existing clients that change nothing here: connections are made within the client's
#: connect_timeout and dropped after a timeout; batches ask all nodes at once; info commands are
#: sent as they are; queries hold no queue of records.
_WITHOUT_EFFECT: Final = frozenset(
    {
        "timeout_delay",
        "connect_timeout",
        "concurrent",
        "concurrency",
        "send_as_is",
        "check_bounds",
        "record_queue_size",
    }
)
#: What expected_duration means, by its word or integer.
_DURATIONS: Final = {
    "long": {"short_query": False, "relax": False},
    "short": {"short_query": True, "relax": False},
    "long_relax_ap": {"short_query": False, "relax": True},
}
#: TTLs as people write them → as they are sent.
_TTLS: Final = {-1: TTL_NEVER, -2: TTL_KEEP}
#: The TTL that means "the client's own": the key then changes nothing.
_TTL_OF_CLIENT: Final = (-3, 0xFFFFFFFD)
_U32_MAX: Final = 0xFFFFFFFF
_GENERATION_MAX: Final = 0xFFFF  # generations have 16 bits


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
    changes: dict[str, Any] = {}
    for name, value in given.items():
        key = _SPELLINGS.get(name, name)
        if key in _WITHOUT_EFFECT or (key == "ttl" and value in _TTL_OF_CLIENT):
            continue
        if key == "compression_threshold":
            if value == 0:
                continue  # the clients' word for their default
            changes["compress"] = True
        if key == "expected_duration" and cls is QueryPolicy:
            changes |= _duration(value)
        else:
            changes[key] = _value(cls, key, value)
    return replace(default, **changes) if changes else default


_defaults = lru_cache(maxsize=32)(defaults)


def _value(cls: Any, key: str, value: Any) -> Any:
    defaults = _defaults(cls)
    if key not in defaults:
        import difflib

        near = difflib.get_close_matches(str(key), [*defaults, *_SPELLINGS], n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ParameterError(f"unknown key {key!r} for a {cls.__name__}{hint}", result_code=-2)
    if key == "filter":
        return _filter(value)
    if key == "txn":
        return _transaction(value)
    if key in _WORDS:
        return _word(key, value)
    if key == "ttl":
        return ttl_value(value)
    wanted: Any = type(defaults[key])
    lowest = -1 if key == "touch_ttl_percent" else 0
    highest = _GENERATION_MAX if key == "generation" else _U32_MAX
    if not isinstance(value, int) or (wanted is int and not lowest <= value <= highest):
        kind = f"int within {lowest} to {highest}" if wanted is int else wanted.__name__
        raise ParameterError(f"{key} is {kind}, not {value!r}", result_code=-2)
    return wanted(value)


def ttl_value(value: Any) -> int:
    """A TTL as it is sent. Raises ParameterError for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        sent = _TTLS.get(value, value)
        if 0 <= sent <= _U32_MAX:
            return sent
    raise ParameterError(
        f"ttl is a number of seconds, 0 (default), -1 (never) or -2 (keep), not {value!r}",
        result_code=-2,
    )


def knows(cls: Any, key: str) -> bool:
    """Tell whether policies of this class have `key`, in any spelling."""
    return _SPELLINGS.get(key, key) in _defaults(cls)


def meta_changes(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What `meta` changes in a WritePolicy: {"gen": n} expects that generation, {"ttl": s}."""
    if not isinstance(meta, Mapping):
        raise ParameterError(
            f"meta is a dictionary with gen and ttl, not {type(meta).__name__}", result_code=-2
        )
    changes: dict[str, Any] = {}
    for key, value in meta.items():
        if key not in ("gen", "ttl"):
            raise ParameterError(f"meta has gen and ttl, not {key!r}", result_code=-2)
        if value is not None:
            changes |= {"ttl": value} if key == "ttl" else {"gen": "equal", "generation": value}
    return changes


def _duration(value: Any) -> dict[str, bool]:
    words = tuple(_DURATIONS)
    if isinstance(value, int) and 0 <= value < len(words):
        value = words[value]
    if value not in _DURATIONS:
        raise ParameterError(
            f"expected_duration is one of {', '.join(words)}, not {value!r}", result_code=-2
        )
    return _DURATIONS[value]


def _filter(value: Any) -> Filter:
    if value is None or isinstance(value, (Exp, bytes)):
        return value
    raise ParameterError(
        f"a filter is an expression or its packed bytes, not {type(value).__name__}",
        result_code=-2,
    )


def _transaction(value: Any) -> Any:
    from aerodbapi.native.transactions import Transaction  # few programs need them

    if value is None or isinstance(value, Transaction):
        return value
    raise ParameterError(f"txn is a Transaction, not {type(value).__name__}", result_code=-2)


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
