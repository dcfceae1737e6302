"""What commands answer with (named tuples that are also the plain ones), and what they take.

Programs of three ages read results in three ways, and all of them work: `record.meta.gen`,
`record.meta["gen"]`, and `key, meta, bins = record`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypedDict, Union

__all__ = [
    "AdminPolicy",
    "AerospikeKey",
    "AerospikeRecord",
    "BatchDeleteMeta",
    "BatchDeletePolicy",
    "BatchPolicy",
    "BatchReadPolicy",
    "BatchRecord",
    "BatchRecords",
    "BatchRetryInfo",
    "BatchUDFMeta",
    "BatchUDFPolicy",
    "BatchWriteResult",
    "BinTuple",
    "Bins",
    "ClientConfig",
    "ExistsResult",
    "InfoNodeResult",
    "OperateOrderedResult",
    "Privilege",
    "QueryPolicy",
    "ReadPolicy",
    "Record",
    "RecordMetadata",
    "RoleInfo",
    "ScanPolicy",
    "UserInfo",
    "UserKey",
    "WriteMeta",
    "WritePolicy",
]

Bins = dict[str, Any]
UserKey = Union[str, int]
AerospikeRecord = dict[str, Any]
#: What batch_read answers with, seen as the dictionary that it is.
BatchRecords = dict[UserKey, AerospikeRecord]


class AerospikeKey(NamedTuple):
    """A record's identity. `user_key` is None where only the digest is known."""

    namespace: str
    set_name: str
    user_key: Union[str, int, bytes, None]
    digest: bytes


class RecordMetadata(NamedTuple):
    """`gen`: the generation. `ttl`: seconds left, 0xFFFFFFFF for never.

    Reads like the dictionary {"gen": …, "ttl": …} too.
    """

    gen: int
    ttl: int

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            if item in self._fields:
                return getattr(self, item)
            raise KeyError(item)
        return tuple.__getitem__(self, item)

    def __contains__(self, item: object) -> bool:
        return item in self._fields if isinstance(item, str) else tuple.__contains__(self, item)

    def get(self, name: str, default: Any = None) -> Any:
        """The field of this name."""
        return getattr(self, name) if name in self._fields else default

    def keys(self) -> tuple[str, ...]:
        """The fields' names."""
        return self._fields

    def values(self) -> tuple[int, ...]:
        """The fields' values."""
        return tuple(self)

    def items(self) -> Iterator[tuple[str, int]]:
        """The fields' names with their values."""
        return zip(self._fields, self)


class Record(NamedTuple):
    """A record as read."""

    key: AerospikeKey | None
    meta: RecordMetadata | None
    bins: Bins | None


class ExistsResult(NamedTuple):
    """`meta` is None when there is no such record."""

    key: AerospikeKey | None
    meta: RecordMetadata | None


class InfoNodeResult(NamedTuple):
    """What one node answered to an info command."""

    node_name: str
    error_code: int
    response: str


class BinTuple(NamedTuple):
    """A bin's name and a value."""

    name: str
    value: Any


class OperateOrderedResult(NamedTuple):
    """One BinTuple for each bin that operations answered for."""

    key: AerospikeKey | None
    meta: RecordMetadata | None
    ordered_bins: list[BinTuple]


class BatchRecord(NamedTuple):
    """One key of a batch: its result code, and its record where there is one."""

    key: AerospikeKey | None
    result: int
    record: Record | None
    in_doubt: bool = False


class BatchRetryInfo(NamedTuple):
    """What `batch_write(retry=…)` did: tries made and allowed, and what failed until the end.

    `truncated_by_timeout`: the total timeout ended it before `max_attempts`.
    `unresolved`: records whose last result was one that a further try might have mended.
    """

    attempts: int = 1
    max_attempts: int = 1
    truncated_by_timeout: bool = False
    unresolved: int = 0


class BatchWriteResult(NamedTuple):
    """The results of a batch that writes, in the order of its keys."""

    batch_records: list[BatchRecord]
    retry: BatchRetryInfo = BatchRetryInfo()


# ---- arguments, for annotations ----------------------------------------------------------------


class _Common(TypedDict, total=False):
    socket_timeout: int
    total_timeout: int
    max_retries: int
    sleep_between_retries: int
    timeout_delay: int
    filter_expression: Any


class ReadPolicy(_Common, total=False):
    """Times in ms; the rest are POLICY_* constants."""

    replica: int
    read_mode_ap: int
    read_touch_ttl_percent: int


class WritePolicy(_Common, total=False):
    """Times in ms, `ttl` in seconds or TTL_*; the rest are POLICY_* constants."""

    durable_delete: bool
    key: int
    exists: int
    gen: int
    commit_level: int
    ttl: int
    read_mode_ap: int
    read_touch_ttl_percent: int


class BatchPolicy(_Common, total=False):
    """The whole batch's options, and defaults for each record that it writes."""

    allow_inline: bool
    allow_inline_ssd: bool
    respond_all_keys: bool
    replica: int
    read_mode_ap: int
    read_touch_ttl_percent: int
    concurrency: int
    key: int
    exists: int
    gen: int
    commit_level: int
    durable_delete: bool
    ttl: int


class BatchReadPolicy(TypedDict, total=False):
    """One key's options in `batch_read`."""

    read_touch_ttl_percent: int
    filter_expression: Any


class BatchDeleteMeta(TypedDict, total=False):
    """One key's options in `batch_remove`; `gen` is the generation that it must have."""

    gen: int
    key: int
    commit_level: int
    durable_delete: bool


class BatchDeletePolicy(BatchDeleteMeta, total=False):
    """Options of `batch_remove`; here `gen` is POLICY_GEN_*."""

    filter_expression: Any


class BatchUDFPolicy(TypedDict, total=False):
    """Options of `batch_apply`."""

    commit_level: int
    ttl: int
    key: int
    durable_delete: bool
    filter_expression: Any


class BatchUDFMeta(TypedDict, total=False):
    """One key's call and options in `batch_apply`."""

    module: str
    function: str
    args: list[Any]
    ttl: int
    commit_level: int
    key: int
    durable_delete: bool


class AdminPolicy(TypedDict, total=False):
    """`timeout` in ms."""

    timeout: int


class QueryPolicy(_Common, total=False):
    """Options of a query; `partition_filter` is a PartitionFilter."""

    max_records: int
    records_per_second: int
    replica: int
    read_mode_ap: int
    read_touch_ttl_percent: int
    max_concurrent_nodes: int
    record_queue_size: int
    expected_duration: int
    include_bin_data: bool
    partition_filter: Any


class ScanPolicy(_Common, total=False):
    """Options of a query without predicate."""

    replica: int
    read_mode_ap: int
    records_per_second: int
    max_records: int
    durable_delete: bool
    ttl: int
    partition_filter: Any


class WriteMeta(TypedDict, total=False):
    """`gen`: the generation that the record must have. `ttl`: seconds, or TTL_*."""

    gen: int
    ttl: int
    key: int
    exists: int
    commit_level: int
    durable_delete: bool


class ClientConfig(TypedDict, total=False):
    """`timeout` (to connect) and `tend_interval` in ms, `idle_timeout` in seconds."""

    hosts: list[tuple[str, int]]
    cluster_name: str | None
    auth_mode: int
    user: str
    password: str
    timeout: int
    idle_timeout: int
    max_conns_per_node: int
    min_conns_per_node: int
    conn_pools_per_node: int
    tend_interval: int
    use_services_alternate: bool
    max_concurrent_operations: int
    operation_queue_timeout_ms: int


class Privilege(TypedDict, total=False):
    """`code`: PRIV_*, perhaps limited to a namespace and a set."""

    code: int | str
    ns: str
    set: str


class UserInfo(TypedDict):
    """A user."""

    user: str
    roles: list[str]
    conns_in_use: int


class RoleInfo(TypedDict):
    """A role."""

    name: str
    privileges: list[Privilege]
    allowlist: list[str]
    read_quota: int
    write_quota: int
