"""aerospike-py's surface (0.14) on this package.

    import aerodbapi.compat.aerospike_py as aerospike

    client = aerospike.client({"hosts": [("127.0.0.1", 3000)]}).connect()
    client.put(("test", "demo", "u1"), {"name": "Ann"})
    key, meta, bins = client.get(("test", "demo", "u1"))

Programs for its older versions run too: `meta["gen"]`, `scan()`, `batch_records`, and
`batch_read(..., _dtype=...)`. What differs on purpose is listed in the documentation.
"""

import logging
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version
from typing import Any

from aerodbapi.compat.aerospike_py import (
    bit_operations,
    constants,
    exception,
    exp,
    hll_operations,
    list_operations,
    map_operations,
    predicates,
)
from aerodbapi.compat.aerospike_py._async_client import AsyncClient, AsyncQuery
from aerodbapi.compat.aerospike_py._client import Client, Query, Scan
from aerodbapi.compat.aerospike_py._lazy import LazyBatchRecords
from aerodbapi.compat.aerospike_py._observability import (
    dropped_log_count,
    get_metrics,
    init_tracing,
    internal_stage_profiling,
    is_internal_stage_metrics_enabled,
    is_metrics_enabled,
    set_internal_stage_metrics_enabled,
    set_log_level,
    set_metrics_enabled,
    shutdown_tracing,
    start_metrics_server,
    stop_metrics_server,
)
from aerodbapi.compat.aerospike_py._partitions import (
    PartitionFilter,
    partition_filter_all,
    partition_filter_by_id,
    partition_filter_by_range,
)
from aerodbapi.compat.aerospike_py._types import HLLPolicy, ListPolicy, MapPolicy, Operation
from aerodbapi.compat.aerospike_py.constants import *  # noqa: F403
from aerodbapi.compat.aerospike_py.exception import (
    AdminError,
    AerospikeError,
    AerospikeIndexError,
    AerospikeTimeoutError,
    BackpressureError,
    BinExistsError,
    BinNameError,
    BinNotFound,
    BinTypeError,
    ClientError,
    ClusterError,
    FilteredOut,
    IndexFoundError,
    IndexNotFound,
    InvalidArgError,
    QueryAbortedError,
    QueryError,
    RecordError,
    RecordExistsError,
    RecordGenerationError,
    RecordNotFound,
    RecordTooBig,
    RustPanicError,
    ServerError,
    UDFError,
)
from aerodbapi.compat.aerospike_py.numpy_batch import NumpyBatchRecords
from aerodbapi.compat.aerospike_py.types import (
    AdminPolicy,
    AerospikeKey,
    AerospikeRecord,
    BatchDeleteMeta,
    BatchDeletePolicy,
    BatchPolicy,
    BatchReadPolicy,
    BatchRecord,
    BatchRecords,
    BatchRetryInfo,
    BatchUDFMeta,
    BatchUDFPolicy,
    BatchWriteResult,
    Bins,
    BinTuple,
    ClientConfig,
    ExistsResult,
    InfoNodeResult,
    OperateOrderedResult,
    Privilege,
    QueryPolicy,
    ReadPolicy,
    Record,
    RecordMetadata,
    RoleInfo,
    ScanPolicy,
    UserInfo,
    UserKey,
    WriteMeta,
    WritePolicy,
)

#: Names that hide builtins, for programs that use them still.
TimeoutError = AerospikeTimeoutError
IndexError = AerospikeIndexError

__all__ = [
    "AdminError",
    "AdminPolicy",
    "AerospikeError",
    "AerospikeIndexError",
    "AerospikeKey",
    "AerospikeRecord",
    "AerospikeTimeoutError",
    "AsyncClient",
    "AsyncQuery",
    "BackpressureError",
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
    "BinExistsError",
    "BinNameError",
    "BinNotFound",
    "BinTuple",
    "BinTypeError",
    "Bins",
    "Client",
    "ClientConfig",
    "ClientError",
    "ClusterError",
    "ExistsResult",
    "FilteredOut",
    "HLLPolicy",
    "IndexError",
    "IndexFoundError",
    "IndexNotFound",
    "InfoNodeResult",
    "InvalidArgError",
    "LazyBatchRecords",
    "ListPolicy",
    "MapPolicy",
    "NumpyBatchRecords",
    "OperateOrderedResult",
    "Operation",
    "PartitionFilter",
    "Privilege",
    "Query",
    "QueryAbortedError",
    "QueryError",
    "QueryPolicy",
    "ReadPolicy",
    "Record",
    "RecordError",
    "RecordExistsError",
    "RecordGenerationError",
    "RecordMetadata",
    "RecordNotFound",
    "RecordTooBig",
    "RoleInfo",
    "RustPanicError",
    "Scan",
    "ScanPolicy",
    "ServerError",
    "TimeoutError",
    "UDFError",
    "UserInfo",
    "UserKey",
    "WriteMeta",
    "WritePolicy",
    "__version__",
    "async_client",
    "bit_operations",
    "client",
    "dropped_log_count",
    "exception",
    "exp",
    "get_metrics",
    "hll_operations",
    "init_tracing",
    "internal_stage_profiling",
    "is_internal_stage_metrics_enabled",
    "is_metrics_enabled",
    "list_operations",
    "map_operations",
    "partition_filter_all",
    "partition_filter_by_id",
    "partition_filter_by_range",
    "predicates",
    "set_internal_stage_metrics_enabled",
    "set_log_level",
    "set_metrics_enabled",
    "shutdown_tracing",
    "start_metrics_server",
    "stop_metrics_server",
]
__all__ += constants.__all__

try:
    __version__ = _version("aerodbapi")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "0.0.0"

logger = logging.getLogger("aerospike_py")
logger.addHandler(logging.NullHandler())


def client(config: dict[str, Any]) -> Client:
    """A client that is not connected yet: `client(config).connect()`."""
    return Client(config)


def async_client(config: dict[str, Any]) -> AsyncClient:
    """An asynchronous client that is not connected yet: `await client.connect()`."""
    return AsyncClient(config)
