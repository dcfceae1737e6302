"""What both clients have: where to connect, and the policies that their calls start from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Union

from aerodbapi.conninfo import ConnInfo, parse
from aerodbapi.errors import ParameterError
from aerodbapi.native import serializers
from aerodbapi.native.batch_records import Defaults
from aerodbapi.native.defaults import policies_of
from aerodbapi.native.policies import (
    AdminPolicy,
    BatchPolicy,
    InfoPolicy,
    QueryPolicy,
    ReadPolicy,
    WritePolicy,
    coerce,
    knows,
    meta_changes,
)

if TYPE_CHECKING:
    from aerodbapi.native.batches import BatchRecords
    from aerodbapi.native.results import Record
    from aerodbapi.native.serializers import Serializer

__all__ = ["BaseClient", "Config", "Given"]

#: A dictionary of options, a connection URL, or a finished ConnInfo.
Config = Union[Mapping[str, Any], str, ConnInfo, None]
Given = Union[Mapping[str, Any], None]


class BaseClient:
    """A client's options: where to connect, and the policies that calls start from.

    A configuration may have `policies`: {"read": {…}, "write": {…}, …}, for the policies below
    by their names without "_policy"; keys outside of these dictionaries are for all of them. With
    `lua`: {"user_path": …} aggregations take their modules from that folder before the nodes'.
    """

    #: What stores values that Aerospike has no type for (`serializers`).
    serializer: Serializer | None = None

    read_policy: ReadPolicy
    write_policy: WritePolicy
    operate_policy: WritePolicy
    remove_policy: WritePolicy
    apply_policy: WritePolicy
    batch_policy: BatchPolicy
    batch_parent_write_policy: BatchPolicy
    batch_read_policy: ReadPolicy
    batch_write_policy: WritePolicy
    batch_remove_policy: WritePolicy
    batch_apply_policy: WritePolicy
    query_policy: QueryPolicy
    scan_policy: QueryPolicy
    info_policy: InfoPolicy
    admin_policy: AdminPolicy
    txn_verify_policy: BatchPolicy
    txn_roll_policy: BatchPolicy

    def __init__(self, config: Config = None) -> None:
        self.conninfo, policies, self.lua_path = _parsed(config)
        for name, policy in policies_of(self.conninfo).items():
            setattr(self, f"{name}_policy", policy)
        self._configure(policies)

    def _configure(self, policies: Mapping[str, Any]) -> None:
        for name, value in policies.items():
            if not isinstance(value, (Mapping, *_CLASSES)):
                self._configure_all(name, value)
        for name, value in policies.items():
            if isinstance(value, (Mapping, *_CLASSES)):
                attribute = f"{name}_policy"
                current = getattr(self, attribute, None)
                if current is None:
                    raise ParameterError(
                        f"there are no {name!r} policies; there are {', '.join(_POLICIES)}",
                        result_code=-2,
                    )
                setattr(self, attribute, coerce(type(current), value, current))

    def _configure_all(self, key: str, value: Any) -> None:
        """Set a key in the policies of records and batches that know it."""
        for name in _POLICIES[:9]:
            current = getattr(self, f"{name}_policy")
            if knows(type(current), key):
                setattr(self, f"{name}_policy", coerce(type(current), {key: value}, current))

    # ---- serializers -------------------------------------------------------------------------

    def _dumped(self, bins: Any) -> Any:
        return serializers.dumped_bins(self.serializer, bins)

    def _loaded(self, record: Record) -> Record:
        return serializers.loaded_record(self.serializer, record)

    def _dumped_batch(self, records: Iterable[Any]) -> Iterable[Any]:
        """The records of a batch; bins of (key, bins) tuples are ready to be stored."""
        if self.serializer is None:
            return records
        return [
            (given[0], self._dumped(given[1]), *given[2:])
            if isinstance(given, tuple) and len(given) > 1
            else given
            for given in records
        ]

    def _loaded_batch(self, records: BatchRecords) -> BatchRecords:
        if self.serializer is not None:
            for each in records:
                if each.record is not None:
                    each.record = self._loaded(each.record)
        return records

    # ---- the policies of a call --------------------------------------------------------------

    def _read(self, policy: ReadPolicy | Given) -> ReadPolicy:
        return self.read_policy if policy is None else coerce(ReadPolicy, policy, self.read_policy)

    def _write(
        self,
        policy: WritePolicy | Given,
        meta: Given = None,
        default: WritePolicy | None = None,
    ) -> WritePolicy:
        """The write policy of a call. `meta`: {"gen": n} expects that generation, {"ttl": s}."""
        chosen = self.write_policy if default is None else default
        if policy is not None:
            chosen = coerce(WritePolicy, policy, chosen)
        return chosen if meta is None else coerce(WritePolicy, meta_changes(meta), chosen)

    def _operate(self, policy: WritePolicy | Given, meta: Given = None) -> WritePolicy:
        return self._write(policy, meta, self.operate_policy)

    def _batch(self, policy: BatchPolicy | Given, *, writes: bool = False) -> BatchPolicy:
        default = self.batch_parent_write_policy if writes else self.batch_policy
        return coerce(BatchPolicy, policy, default)

    def _each(
        self,
        *,
        read: ReadPolicy | Given = None,
        write: WritePolicy | Given = None,
        remove: WritePolicy | Given = None,
        apply: WritePolicy | Given = None,
    ) -> Defaults:
        """The policies of a batch's records."""
        return Defaults(
            coerce(ReadPolicy, read, self.batch_read_policy),
            coerce(WritePolicy, write, self.batch_write_policy),
            coerce(WritePolicy, remove, self.batch_remove_policy),
            coerce(WritePolicy, apply, self.batch_apply_policy),
        )

    def _query(self, policy: QueryPolicy | Given) -> QueryPolicy:
        return coerce(QueryPolicy, policy, self.query_policy)

    def _info(self, policy: InfoPolicy | Given) -> InfoPolicy:
        return coerce(InfoPolicy, policy, self.info_policy)

    def _admin(self, policy: AdminPolicy | Given) -> AdminPolicy:
        return coerce(AdminPolicy, policy, self.admin_policy)

    def _changed_password(self, username: str, password: str) -> bool:
        """Note a new password; tell whether it is this client's own."""
        if username != self.conninfo.user:
            return False
        self.conninfo = self.conninfo.replace(password=password)
        return True


_CLASSES: Final = (ReadPolicy, WritePolicy, BatchPolicy, QueryPolicy, InfoPolicy, AdminPolicy)
#: The policies by name; the first nine are those of records and batches.
_POLICIES: Final = (
    "read",
    "write",
    "operate",
    "remove",
    "apply",
    "batch",
    "batch_parent_write",
    "batch_write",
    "batch_apply",
    "batch_remove",
    "batch_read",
    "query",
    "scan",
    "info",
    "admin",
    "txn_verify",
    "txn_roll",
)


def _parsed(config: Config) -> tuple[ConnInfo, Mapping[str, Any], str | None]:
    if isinstance(config, ConnInfo):
        return config, {}, None
    if config is None or isinstance(config, str):
        return parse(config), {}, None
    if not isinstance(config, Mapping):
        raise ParameterError(
            f"config is a dictionary, a URL or a ConnInfo, not {type(config).__name__}",
            result_code=-2,
        )
    options = dict(config)
    policies = options.pop("policies", None) or {}
    if not isinstance(policies, Mapping):
        raise ParameterError(
            f"policies are a dictionary by name, not {type(policies).__name__}", result_code=-2
        )
    if options.get("hosts") in ([], ()):
        raise ParameterError(
            "hosts is empty: leave it out for a node in this process", result_code=-2
        )
    path = _lua_path(options.pop("lua", None))
    return parse(**options), policies, path


def _lua_path(given: Any) -> str | None:
    if given is None:
        return None
    path = given.get("user_path") if isinstance(given, Mapping) else given
    if isinstance(path, str) or (path is None and isinstance(given, Mapping)):
        return path
    raise ParameterError(
        f"lua is a dictionary with user_path, a folder, not {given!r:.60}", result_code=-2
    )
