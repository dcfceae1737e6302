"""Policies: which keys each kind has, how they are checked, and the engine's policies of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, TypeVar, Union

from aerodbapi.cluster.policy import Policy
from aerodbapi.compat.aerospike.dynamic import DynamicFile
from aerodbapi.compat.aerospike.exception import ParamError
from aerodbapi.compat.aerospike.expressions import expression
from aerodbapi.compat.aerospike.raising import guarded, param_error
from aerodbapi.compat.aerospike.transaction import Transaction
from aerodbapi.compat.aerospike.values import Inward
from aerodbapi.native import policies as native

__all__ = ["KEYS", "Policies", "check_keys"]

_log = logging.getLogger("aerodbapi")
_TRACE: Final = 5
_P = TypeVar("_P", bound=Policy)
Given = Union[Mapping[str, Any], None]

_BASE: Final = (
    "total_timeout socket_timeout max_retries sleep_between_retries timeout_delay connect_timeout "
    "compress expressions txn error_detail_verbosity"
)
_BATCH: Final = (
    "concurrent allow_inline allow_inline_ssd respond_all_keys deserialize replica read_mode_ap "
    "read_mode_sc read_touch_ttl_percent"
)
_OPERATE: Final = (
    "key gen exists commit_level replica durable_delete deserialize read_touch_ttl_percent "
    "read_mode_ap read_mode_sc on_locking_only ttl"
)

#: Kind of policy → the keys it has.
KEYS: Final[dict[str, frozenset[str]]] = {
    kind: frozenset(words.split())
    for kind, words in {
        "read": f"{_BASE} key replica read_mode_ap read_mode_sc deserialize read_touch_ttl_percent",
        "write": f"{_BASE} key gen exists commit_level durable_delete replica "
        "compression_threshold ttl on_locking_only",
        "operate": f"{_BASE} {_OPERATE}",
        "remove": f"{_BASE} key gen generation commit_level replica durable_delete",
        "apply": f"{_BASE} key replica commit_level durable_delete ttl on_locking_only",
        **dict.fromkeys(
            ("batch", "batch_parent_write", "txn_verify", "txn_roll"), f"{_BASE} {_BATCH}"
        ),
        "batch_read": "read_touch_ttl_percent read_mode_ap read_mode_sc expressions",
        "batch_write": "key gen commit_level durable_delete exists on_locking_only expressions ttl",
        "batch_apply": "key commit_level ttl durable_delete on_locking_only expressions",
        "batch_remove": "key commit_level gen generation durable_delete expressions",
        "query": f"{_BASE} deserialize replica short_query expected_duration partition_filter",
        "scan": f"{_BASE} durable_delete records_per_second max_records replica ttl "
        "partition_filter",
        "info": "timeout send_as_is check_bounds",
        "admin": "timeout",
    }.items()
}
#: Policies that keys beside the groups do not change.
_OWN: Final = frozenset({"txn_verify", "txn_roll", "batch_write", "batch_apply", "batch_remove"})
#: Keys whose values are no integers, and how each kind of the engine's policies calls a key.
_OBJECTS: Final = frozenset({"expressions", "txn", "partition_filter"})
_WITHOUT_EFFECT: Final = frozenset(
    {"partition_filter", "error_detail_verbosity", "txn", "expressions"}
)
_UNSIGNED: Final = frozenset(
    {"total_timeout", "socket_timeout", "max_retries", "sleep_between_retries", "timeout"}
)
_BOOLEANS: Final = frozenset(
    [
        "compress",
        "durable_delete",
        "on_locking_only",
        "allow_inline",
        "allow_inline_ssd",
        "respond_all_keys",
        "short_query",
        "concurrent",
        "deserialize",
    ]
)
_ENGINE: Final[dict[str, type[Policy]]] = {
    "read": native.ReadPolicy,
    "write": native.WritePolicy,
    "operate": native.WritePolicy,
    "remove": native.WritePolicy,
    "apply": native.WritePolicy,
    "batch": native.BatchPolicy,
    "batch_parent_write": native.BatchPolicy,
    "txn_verify": native.BatchPolicy,
    "txn_roll": native.BatchPolicy,
    "batch_read": native.ReadPolicy,
    "batch_write": native.WritePolicy,
    "batch_apply": native.WritePolicy,
    "batch_remove": native.WritePolicy,
    "query": native.QueryPolicy,
    "scan": native.QueryPolicy,
    "info": native.InfoPolicy,
    "admin": native.AdminPolicy,
}
_RECORD: Final = {"total_timeout": 1000, "socket_timeout": 30000}
_TRANSACTION: Final = {
    "total_timeout": 10_000,
    "socket_timeout": 3000,
    "max_retries": 5,
    "sleep_between_retries": 1000,
    "replica": "master",
}
_START: Final[dict[str, dict[str, Any]]] = {
    "read": {**_RECORD, "max_retries": 2},
    "write": {**_RECORD, "max_retries": 0},
    "operate": {**_RECORD, "max_retries": 0},
    "remove": {**_RECORD, "max_retries": 0},
    "apply": {**_RECORD, "max_retries": 0},
    "batch": {**_RECORD, "max_retries": 2},
    "batch_parent_write": {**_RECORD, "max_retries": 0},
    "txn_verify": {**_TRANSACTION, "read_mode_sc": "linearize"},
    "txn_roll": _TRANSACTION,
    "query": {"total_timeout": 0, "socket_timeout": 30000, "max_retries": 5},
    "scan": {"total_timeout": 0, "socket_timeout": 30000, "max_retries": 5},
    "info": {"total_timeout": 5000},
    "admin": {"total_timeout": 5000},
}


def check_keys(given: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    """Raise ParamError for a key that is not known (config validate_keys)."""
    for key in given:
        if key not in known:
            _log.log(_TRACE, "%s key %r does not exist", what, key)
            param_error(f'"{key}" is an invalid {what} dictionary key')


class Policies:
    """A client's default policies, and those of single calls."""

    __slots__ = ("_file", "_inward", "_validate", "defaults")

    def __init__(
        self,
        configured: Mapping[str, Any],
        inward: Inward,
        validate: bool,
        file: DynamicFile | None = None,
    ) -> None:
        self._inward = inward
        self._file = file
        self._validate = validate
        self.defaults: dict[str, Any] = {}
        common = self._common(configured)
        for kind, cls in _ENGINE.items():
            start = cls(**_START.get(kind, {}))
            shared = () if kind in _OWN else KEYS[kind]
            own = {key: value for key, value in common.items() if key in shared}
            if kind in ("info", "admin") and "total_timeout" in common:
                own["timeout"] = common["total_timeout"]
            start = self._coerced(kind, own, start)
            given = configured.get(kind)
            if given is not None:
                start = self._configured(kind, given, start)
            self.defaults[kind] = start

    def _configured(self, kind: str, given: Any, start: Any) -> Any:
        """The default policy of a kind; its keys were checked with the configuration's."""
        try:
            return self._coerced(kind, self._checked(kind, given, validate=False), start)
        except ParamError:
            pass
        return param_error("Invalid Policy setting value")

    def _common(self, configured: Mapping[str, Any]) -> dict[str, Any]:
        """Keys beside the groups of policies; among them those of clients before 3.0."""
        common = {
            key: configured[key]
            for key in (
                [
                    "total_timeout",
                    "socket_timeout",
                    "max_retries",
                    "key",
                    "exists",
                    "replica",
                    "commit_level",
                    "read_mode_ap",
                    "read_mode_sc",
                    "gen",
                ]
            )
            if isinstance(configured.get(key), int)
        }
        for old, new in (
            ("timeout", "total_timeout"),
            ("retry", "max_retries"),
            ("consistency_level", "read_mode_ap"),
        ):
            if isinstance(configured.get(old), int):
                common.setdefault(new, configured[old])
        # A generation is expected by calls, not by all that a client does.
        common.pop("gen", None)
        return common

    def __call__(self, kind: str, given: Given, meta: Given = None) -> Any:
        """The engine's policy of a call: the client's, changed by `given` and `meta`."""
        made = self._own(kind, given, meta)
        return made if self._file is None else self._coerced(kind, self._file.changes(kind), made)

    def _own(self, kind: str, given: Given, meta: Given) -> Any:
        """What the program says."""
        default = self.defaults[kind]
        if given is None and meta is None:
            return default
        changes = {} if given is None else self._checked(kind, given)
        if meta is not None:
            changes |= self._meta(meta)
        made = self._coerced(kind, changes, default)
        if meta is not None and meta.get("gen") is not None and made.gen == "ignore":
            # As on the wire: a generation alone is compared with nothing.
            made = self._coerced(kind, {"generation": 0}, made)
        return made

    def sends_key(self, kind: str, given: Given) -> bool:
        """Whether the effective policy is POLICY_KEY_SEND: get() echoes the key only then."""
        if self._file is not None and "key" in self._file.changes(kind):
            return bool(self._file.changes(kind)["key"])
        if given is not None and "key" in given:
            return bool(given["key"])
        return bool(self.defaults[kind].send_key)

    def _checked(self, kind: str, given: Any, *, validate: bool = True) -> dict[str, Any]:
        if not isinstance(given, dict):
            param_error("policy must be a dict")
        known = KEYS[kind]
        if validate and self._validate:
            check_keys(given, known, "policy")
        changes: dict[str, Any] = {}
        for key, value in given.items():
            if key == "timeout" and key not in known and "total_timeout" in known:
                key = "total_timeout"
            if key not in known:
                continue
            if key not in _OBJECTS and not isinstance(value, int):
                param_error(f"{key} is invalid")
            changes[key] = value
        return changes

    def _meta(self, meta: Any) -> dict[str, Any]:
        if not isinstance(meta, dict):
            param_error("Metadata should be of type dictionary")
        if self._validate:
            check_keys(meta, frozenset({"gen", "ttl"}), "record metadata")
        changes = {}
        for key, name, what in (("gen", "generation", "Generation"), ("ttl", "ttl", "Ttl")):
            value = meta.get(key)
            if value is None:
                continue
            if not isinstance(value, int):
                param_error(f"{what} should be an int or long")
            changes[name] = int(value)
        return changes

    def _coerced(self, kind: str, changes: dict[str, Any], default: Any) -> Any:
        if not changes:
            return default
        made: dict[str, Any] = {}
        for key, value in changes.items():
            if key in _UNSIGNED and value < 0:
                value &= 0xFFFFFFFF
            elif key in _BOOLEANS or key == "key":
                value = bool(value)
            if key == "timeout":
                key = "total_timeout"
            if key not in _WITHOUT_EFFECT:
                made[key] = value
        if changes.get("expressions") is not None:
            made["filter"] = expression(changes["expressions"], self._inward)
        if changes.get("txn") is not None:
            made["txn"] = _transaction(changes["txn"])
        return guarded(native.coerce, _ENGINE[kind], made, default)


def _transaction(value: Any) -> Any:
    if not isinstance(value, Transaction):
        param_error("txn is not of type aerospike.Transaction")
    return value._engine


def described(policies: Policies) -> dict[str, dict[str, Any]]:
    """The default policies as dictionaries of the official keys (Client.get_policies)."""
    return {
        kind: {
            key: _described(key, policies.defaults[kind])
            for key in sorted(keys - _OBJECTS - _NOT_SHOWN)
        }
        for kind, keys in KEYS.items()
        if kind != "batch_read"
    }


#: The official client's own defaults for what has no effect here.
_CONSTANT: Final[dict[str, Any]] = {
    "timeout_delay": 3000,
    "connect_timeout": 0,
    "concurrent": False,
    "send_as_is": True,
    "check_bounds": True,
    "error_detail_verbosity": 0,
}
_WORDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "exists": ("exists", ("ignore", "create", "update", "replace", "create_or_replace")),
    "gen": ("gen", ("ignore", "equal", "greater")),
    "commit_level": ("commit", ("all", "master")),
    "replica": ("replica", ("master", "any", "sequence", "prefer_rack")),
    "read_mode_ap": ("read_mode_ap", ("one", "all")),
    "read_mode_sc": (
        "read_mode_sc",
        ("session", "linearize", "allow_replica", "allow_unavailable"),
    ),
}
#: Keys that get_policies() leaves out.
_NOT_SHOWN: Final = frozenset({"short_query", "max_records", "records_per_second"})
_NAMES: Final = {"timeout": "total_timeout", "read_touch_ttl_percent": "touch_ttl_percent"}


def _described(key: str, policy: Any) -> Any:
    if key in _CONSTANT:
        return _CONSTANT[key]
    if key == "key":
        return int(policy.send_key)
    if key == "compression_threshold":
        return policy.compression_threshold if policy.compress else 0
    if key in _WORDS:
        name, words = _WORDS[key]
        return words.index(getattr(policy, name))
    if key == "expected_duration":
        return 1 if policy.short_query else 2 if policy.relax else 0
    return getattr(policy, _NAMES.get(key, key), None)
