"""Info about settings: get-config, and the few settings that set-config changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.info.request import InfoError, Request

if TYPE_CHECKING:
    from aerodbapi.embedded.node import EmbeddedNode
    from aerodbapi.embedded.storage import Namespace

__all__ = ["COMMANDS", "namespace_settings", "parse_seconds", "restore"]

_MAX_TTL: Final = 10 * 365 * 86400
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

_SERVICE: Final = {
    "advertise-ipv6": "false",
    "batch-index-threads": "1",
    "batch-max-requests": "0",
    "info-max-ms": "10000",
    "proto-fd-idle-ms": "0",
    "proto-fd-max": "15000",
    "query-max-done": "100",
    "query-threads-limit": "128",
    "service-threads": "1",
    "transaction-max-ms": "1000",
}
_NAMESPACE: Final = {
    "allow-ttl-without-nsup": "false",
    "apply-ttl-reductions": "true",
    "conflict-resolution-policy": "generation",
    "default-read-touch-ttl-pct": "0",
    "disallow-null-setname": "false",
    "max-record-size": "8388608",
    "nsup-period": "120",
    "prefer-uniform-balance": "false",
    "rack-id": "0",
    "read-consistency-level-override": "off",
    "replication-factor": "1",
    "single-query-threads": "1",
    "transaction-pending-limit": "20",
    "write-commit-level-override": "off",
    "index-type": "mem",
    "sindex-type": "mem",
}


def namespace_settings(namespace: Namespace, node: EmbeddedNode) -> dict[str, object]:
    """All settings of a namespace, by name."""
    engine = "memory" if node.path is None else "device"
    return {
        **_NAMESPACE,
        "default-ttl": namespace.default_ttl,
        "strong-consistency": "false" if namespace.transactions is None else "true",
        "storage-engine": engine,
        **({} if node.path is None else {"storage-engine.file[0]": node.path}),
    }


def _get_config(request: Request) -> str:
    context = request.parameters.get("context")
    if context == "namespace":
        name = request.parameters.get("id") or request.namespace_name()
        found = request.node.store.namespaces.get(name)
        if found is None:
            raise InfoError(20, "namespace not found on node")
        return _text(namespace_settings(found, request.node))
    if context is None:
        return _text(_service(request)) + ";" + _text(_network(request))
    if context == "":
        raise InfoError(4, "missing 'context' value")
    if context in ("security", "xdr"):
        return ""
    settings = {"service": _service, "network": _network}.get(context)
    if settings is None:
        raise InfoError(4, "invalid context")
    return _text(settings(request))


def _service(request: Request) -> dict[str, object]:
    node = request.node
    return {
        **_SERVICE,
        "disable-udf-execution": "false" if node.store.runs_functions else "true",
        "cluster-name": node.cluster_name or "null",
        "node-id": node.name,
    }


def _network(request: Request) -> dict[str, object]:
    host, port = request.node.address
    return {"service.port": port, "service.address": host, "service.access-port": 0}


def _text(settings: dict[str, object]) -> str:
    return ";".join(f"{name}={value}" for name, value in settings.items())


def _set_config(request: Request) -> str:
    """Only a namespace's default-ttl can be set."""
    context = request.required("context")
    if context not in ("service", "network", "namespace", "logging"):
        raise InfoError(4, "invalid context")
    if context != "namespace":
        raise InfoError(4, "invalid set-config parameter")
    name = request.parameters.get("id") or request.namespace_name()
    namespace = request.node.store.namespaces.get(name)
    if namespace is None:
        raise InfoError(20, "namespace not found on node")
    seconds = parse_seconds(request.parameters.get("default-ttl", ""))
    if seconds is None or seconds > _MAX_TTL:
        raise InfoError(4, "invalid set-config parameter")
    namespace.default_ttl = seconds
    request.node.store.define("config", f"{name}|default-ttl", str(seconds))
    request.node.store.confirm()
    return "ok"


def parse_seconds(text: str) -> int | None:
    """Read a time as settings write it: digits and s, m, h or d; None when it is not one."""
    match = re.fullmatch(r"([0-9]{1,12})([smhdSMHD]?)", text)
    return None if match is None else int(match[1]) * _UNITS[match[2].lower()]


def restore(node: EmbeddedNode) -> None:
    """Bring back the settings that a durable file remembers."""
    for name, value in node.store.definitions("config").items():
        namespace, _, setting = name.partition("|")
        if setting == "default-ttl":
            node.store.namespace(namespace).default_ttl = int(value)


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "get-config": _get_config,
    "set-config": _set_config,
}
