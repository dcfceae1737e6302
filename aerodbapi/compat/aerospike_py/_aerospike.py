"""The names of aerospike-py's compiled module, for programs that import from it."""

from __future__ import annotations

from aerodbapi.compat.aerospike_py import constants
from aerodbapi.compat.aerospike_py._async_client import AsyncClient
from aerodbapi.compat.aerospike_py._client import Client, Query
from aerodbapi.compat.aerospike_py._lazy import LazyBatchRecords
from aerodbapi.compat.aerospike_py._metrics import (
    get_metrics_text,
    is_internal_stage_metrics_enabled,
    is_metrics_enabled,
    set_internal_stage_metrics_enabled,
    set_metrics_enabled,
)
from aerodbapi.compat.aerospike_py._observability import dropped_log_count
from aerodbapi.compat.aerospike_py._partitions import (
    PartitionFilter,
    partition_filter_all,
    partition_filter_by_id,
    partition_filter_by_range,
)
from aerodbapi.compat.aerospike_py._tracing import init_tracing, shutdown_tracing
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
from aerodbapi.compat.aerospike_py.types import BatchRecord, BatchRecords

TimeoutError = AerospikeTimeoutError
IndexError = AerospikeIndexError

__all__ = [
    "AdminError",
    "AerospikeError",
    "AerospikeIndexError",
    "AerospikeTimeoutError",
    "AsyncClient",
    "BackpressureError",
    "BatchRecord",
    "BatchRecords",
    "BinExistsError",
    "BinNameError",
    "BinNotFound",
    "BinTypeError",
    "Client",
    "ClientError",
    "ClusterError",
    "FilteredOut",
    "IndexError",
    "IndexFoundError",
    "IndexNotFound",
    "InvalidArgError",
    "LazyBatchRecords",
    "PartitionFilter",
    "Query",
    "QueryAbortedError",
    "QueryError",
    "RecordError",
    "RecordExistsError",
    "RecordGenerationError",
    "RecordNotFound",
    "RecordTooBig",
    "RustPanicError",
    "ServerError",
    "TimeoutError",
    "UDFError",
    "dropped_log_count",
    "get_metrics_text",
    "init_tracing",
    "is_internal_stage_metrics_enabled",
    "is_metrics_enabled",
    "partition_filter_all",
    "partition_filter_by_id",
    "partition_filter_by_range",
    "set_internal_stage_metrics_enabled",
    "set_metrics_enabled",
    "shutdown_tracing",
]
__all__ += constants.__all__
