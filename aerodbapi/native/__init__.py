"""The native client: `Client`, `AsyncClient`, and all that their calls take and answer with.

    from aerodbapi.native import Client, expressions as exp, lists

    with Client({"hosts": [("127.0.0.1", 3000)]}) as client:
        client.operate(("test", "demo", 1), [lists.list_append("scores", 7)])

Operations are in the modules `operations`, `lists`, `maps`, `bits`, `hlls`, `strings` and
`bin_operations`; expressions in `expressions`, contexts in `contexts`. Everything is imported
when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aerodbapi.cluster.query import PartitionFilter, PartitionTracker
    from aerodbapi.native import (
        bin_operations,
        bits,
        contexts,
        expressions,
        hlls,
        lists,
        maps,
        operations,
        strings,
    )
    from aerodbapi.native.aio import AsyncClient
    from aerodbapi.native.batch_records import Apply, Read, Remove, Write
    from aerodbapi.native.batches import BatchRecord, BatchRecords
    from aerodbapi.native.bin_operations import ExpRead, ExpWrite, PathModify, PathSelect
    from aerodbapi.native.bits import BitOverflow, BitPolicy, BitResize, BitWrite
    from aerodbapi.native.client import Client
    from aerodbapi.native.contexts import Context, Step
    from aerodbapi.native.hlls import HLLPolicy, HLLWrite
    from aerodbapi.native.jobs import JobInfo, JobStatus
    from aerodbapi.native.lists import (
        ListOrder,
        ListPolicy,
        ListSort,
        ListWrite,
        ReturnType,
    )
    from aerodbapi.native.logs import LogLevel, set_log_handler, set_log_level
    from aerodbapi.native.maps import MapOrder, MapPolicy, MapWrite
    from aerodbapi.native.metrics import (
        ClusterMetrics,
        MetricsListener,
        MetricsPolicy,
        NamespaceMetrics,
        NodeMetrics,
    )
    from aerodbapi.native.overview import ClusterStats, Connections, NodeAddress, NodeStats
    from aerodbapi.native.policies import (
        AdminPolicy,
        BatchPolicy,
        InfoPolicy,
        QueryPolicy,
        ReadPolicy,
        WritePolicy,
    )
    from aerodbapi.native.queries import (
        Where,
        between,
        contains,
        equals,
        geo,
    )
    from aerodbapi.native.query_objects import AsyncQuery, Query
    from aerodbapi.native.results import (
        ExistsResult,
        Key,
        Meta,
        OperateOrderedResult,
        Record,
    )
    from aerodbapi.native.serializers import Serializer
    from aerodbapi.native.strings import NumericType, StringPolicy, StringRegex, StringWrite
    from aerodbapi.native.transactions import (
        AbortStatus,
        CommitStatus,
        Transaction,
        TransactionState,
    )
    from aerodbapi.native.udfs import UDFModule
    from aerodbapi.native.users import Privilege, Role, User

__all__ = [
    "AbortStatus",
    "AdminPolicy",
    "Apply",
    "AsyncClient",
    "AsyncQuery",
    "BatchPolicy",
    "BatchRecord",
    "BatchRecords",
    "BitOverflow",
    "BitPolicy",
    "BitResize",
    "BitWrite",
    "Client",
    "ClusterMetrics",
    "ClusterStats",
    "CommitStatus",
    "Connections",
    "Context",
    "ExistsResult",
    "ExpRead",
    "ExpWrite",
    "HLLPolicy",
    "HLLWrite",
    "InfoPolicy",
    "JobInfo",
    "JobStatus",
    "Key",
    "ListOrder",
    "ListPolicy",
    "ListSort",
    "ListWrite",
    "LogLevel",
    "MapOrder",
    "MapPolicy",
    "MapWrite",
    "Meta",
    "MetricsListener",
    "MetricsPolicy",
    "NamespaceMetrics",
    "NodeAddress",
    "NodeMetrics",
    "NodeStats",
    "NumericType",
    "OperateOrderedResult",
    "PartitionFilter",
    "PartitionTracker",
    "PathModify",
    "PathSelect",
    "Privilege",
    "Query",
    "QueryPolicy",
    "Read",
    "ReadPolicy",
    "Record",
    "Remove",
    "ReturnType",
    "Role",
    "Serializer",
    "Step",
    "StringPolicy",
    "StringRegex",
    "StringWrite",
    "Transaction",
    "TransactionState",
    "UDFModule",
    "User",
    "Where",
    "Write",
    "WritePolicy",
    "between",
    "bin_operations",
    "bits",
    "contains",
    "contexts",
    "equals",
    "expressions",
    "geo",
    "hlls",
    "lists",
    "maps",
    "operations",
    "set_log_handler",
    "set_log_level",
    "strings",
]

#: Module → what is found in it.
_HOMES: Final = {
    "aio": "AsyncClient",
    "batch_records": "Apply Read Remove Write",
    "batches": "BatchRecord BatchRecords",
    "bin_operations": "ExpRead ExpWrite PathModify PathSelect",
    "bits": "BitOverflow BitPolicy BitResize BitWrite",
    "client": "Client",
    "contexts": "Context Step",
    "hlls": "HLLPolicy HLLWrite",
    "jobs": "JobInfo JobStatus",
    "lists": "ListOrder ListPolicy ListSort ListWrite ReturnType",
    "logs": "LogLevel set_log_handler set_log_level",
    "maps": "MapOrder MapPolicy MapWrite",
    "metrics": "ClusterMetrics MetricsListener MetricsPolicy NamespaceMetrics NodeMetrics",
    "overview": "ClusterStats Connections NodeAddress NodeStats",
    "policies": "AdminPolicy BatchPolicy InfoPolicy QueryPolicy ReadPolicy WritePolicy",
    "queries": "Where between contains equals geo",
    "query_objects": "AsyncQuery Query",
    "results": "ExistsResult Key Meta OperateOrderedResult Record",
    "serializers": "Serializer",
    "strings": "NumericType StringPolicy StringRegex StringWrite",
    "transactions": "AbortStatus CommitStatus Transaction TransactionState",
    "udfs": "UDFModule",
    "users": "Privilege Role User",
    "..cluster.query": "PartitionFilter PartitionTracker",
}
_HOME_OF: Final = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import a name's module by the first use of the name."""
    home = _HOME_OF.get(name)
    if home is not None:
        module = home if home.startswith(".") else f".{home}"
        value = getattr(import_module(module, __name__), name)
    elif name in __all__:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
