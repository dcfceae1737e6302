"""Info about what the node stores, and truncation: namespaces, sets, statistics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.info.cluster import partition_generation
from aerodbapi.embedded.info.request import InfoError, Request, to_2010_ms
from aerodbapi.embedded.info.settings import namespace_settings
from aerodbapi.embedded.storage import now_2010, now_ms_2010

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Namespace

__all__ = ["COMMANDS"]

_SET_SETTINGS: Final = (
    "default-read-touch-ttl-pct=0:default-ttl=0:disable-eviction=false:enable-index=false:"
    "stop-writes-count=0:stop-writes-size=0"
)


def _namespaces(request: Request) -> str:
    return ";".join(request.node.store.namespaces)


def _namespace(request: Request) -> str:
    """Statistics of a namespace, then its settings."""
    name = request.path[0] if request.path else ""
    namespace = request.node.store.namespaces.get(name)
    if namespace is None:
        return "type=unknown"
    objects = namespace.count()
    used = sum(record.size() for record in namespace.all_records())
    figures = {
        "ns_cluster_size": 1,
        "effective_replication_factor": 1,
        "objects": objects,
        "tombstones": 0,
        "master_objects": objects,
        "master_tombstones": 0,
        "prole_objects": 0,
        "prole_tombstones": 0,
        "non_replica_objects": 0,
        "non_replica_tombstones": 0,
        "unreplicated_records": 0,
        "dead_partitions": 0,
        "unavailable_partitions": 0,
        "clock_skew_stop_writes": "false",
        "stop_writes": "false",
        "hwm_breached": "false",
        "current_time": now_2010(),
        "truncate_lut": _truncate_lut(request, name, ""),
        "truncating": "false",
        "data_used_bytes": used,
        "index_used_bytes": 64 * objects,
    }
    return _text(figures) + ";" + _text(namespace_settings(namespace, request.node))


def _text(figures: dict[str, object]) -> str:
    return ";".join(f"{name}={value}" for name, value in figures.items())


def _sets(request: Request) -> str:
    """`sets`, `sets/<namespace>` or `sets/<namespace>/<set>`."""
    namespaces = request.node.store.namespaces
    if not request.path or not request.path[0]:
        return "".join(_sets_of(request, namespace) for namespace in namespaces.values())
    namespace = namespaces.get(request.path[0])
    if namespace is None:
        return "ns_type=unknown"
    if len(request.path) == 1 or not request.path[1]:
        return _sets_of(request, namespace)
    name = request.path[1]
    return _set(request, namespace, name) + ";" if name in namespace.sets else ""


def _sets_of(request: Request, namespace: Namespace) -> str:
    return "".join(
        f"ns={namespace.name}:set={name}:{_set(request, namespace, name)};"
        for name in list(namespace.sets)
    )


def _set(request: Request, namespace: Namespace, name: str) -> str:
    used = sum(record.size() for record in namespace.all_records(name))
    count = request.node.indexes.count_of(namespace.name, name)
    return (
        f"objects={namespace.count(name)}:tombstones=0:data_used_bytes={used}:"
        f"truncate_lut={_truncate_lut(request, namespace.name, name)}:sindexes={count}:"
        f"index_populating=false:truncating=false:{_SET_SETTINGS}"
    )


def _truncate_lut(request: Request, namespace: str, set_name: str) -> str:
    """Last truncation in ms since 2010, "0" for never."""
    return request.node.store.definitions("truncate").get(f"{namespace}|{set_name}", "0")


def _truncate(request: Request) -> str:
    namespace = request.namespace_name()
    return _truncate_to(request, namespace, request.required("set", limit=63))


def _truncate_namespace(request: Request) -> str:
    return _truncate_to(request, request.namespace_name(), None)


def _truncate_to(request: Request, name: str, set_name: str | None) -> str:
    """Remove at once what was last updated before `lut` (ns since 1970; without: before now)."""
    store = request.node.store
    mark = before = _lut_ms(request.parameters.get("lut"))
    if "lut" not in request.parameters:
        mark, before = now_ms_2010(), now_ms_2010() + 1
    namespace = store.namespaces.get(name)
    if namespace is not None:
        namespace.truncate(set_name, before)
        store.define("truncate", f"{name}|{set_name or ''}", str(mark))
        store.confirm()
    return "ok"


def _lut_ms(text: str | None) -> int:
    if text is None:
        return 0
    lut = to_2010_ms(int(text)) if text.isascii() and text.isdigit() else 0
    if lut <= 0:
        raise InfoError(4, "would truncate to 0")
    if lut > now_ms_2010():
        raise InfoError(4, "would truncate in the future")
    return lut


def _truncate_undo(request: Request) -> str:
    name = request.namespace_name()
    set_name = request.required("set", limit=63) if request.command == "truncate-undo" else ""
    store = request.node.store
    store.define("truncate", f"{name}|{set_name}", None)
    store.confirm()
    return "ok"


def _statistics(request: Request) -> str:
    node = request.node
    figures: dict[str, object] = {
        "cluster_size": 1,
        "cluster_key": node.cluster_key,
        "cluster_generation": partition_generation(request),
        "cluster_principal": node.name,
        "cluster_integrity": "true",
        "cluster_is_member": "true",
        "uptime": int(time.monotonic() - node.started),
        "objects": sum(n.count() for n in list(node.store.namespaces.values())),
        "tombstones": 0,
        "client_connections": len(node.sessions),
        "migrate_allowed": "true",
        "migrate_partitions_remaining": 0,
        "paxos_principal": node.name,
    }
    return _text(figures)


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "namespaces": _namespaces,
    "namespace": _namespace,
    "sets": _sets,
    "statistics": _statistics,
    "truncate": _truncate,
    "truncate-namespace": _truncate_namespace,
    "truncate-undo": _truncate_undo,
    "truncate-namespace-undo": _truncate_undo,
}
