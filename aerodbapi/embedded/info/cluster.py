"""Info about the node and its cluster of one: names, versions, peers, services, replicas."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.info.request import InfoError, Request

__all__ = ["BUILD", "COMMANDS", "EDITION"]

BUILD: Final = "8.1.2.0"
EDITION: Final = "Aerospike Community Edition"

#: What the node can do, in the server's own words.
_FEATURES: Final = (
    "batch-any;batch-index;blob-bits;cdt-index;cdt-list;cdt-map;cluster-stable;float;geo;"
    "sindex-exists;peers;pipelining;pquery;pscans;query-show;relaxed-sc;replicas;replicas-all;"
    "replicas-master;replicas-max;truncate-namespace;udf"
)
#: A bit per partition, all of them owned; 4096 bits.
_ALL_OWNED: Final = base64.b64encode(b"\xff" * 512).decode()
_WILDCARDS: Final = frozenset(("", "0.0.0.0", "::"))


def _always(text: str) -> Callable[[Request], str]:
    return lambda request: text


def _enterprise_only(request: Request) -> str:
    raise InfoError(25, "enterprise only")


def service_address(request: Request) -> str:
    """Give host:port to connect to: where this peer came in, when the node listens anywhere."""
    host, port = request.node.address
    if host in _WILDCARDS:
        host = (request.peer.local_host if request.peer else "") or "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _name(request: Request) -> str:
    return request.node.name


def _cluster_name(request: Request) -> str:
    return request.node.cluster_name or "null"


def _cluster_key(request: Request) -> str:
    return request.node.cluster_key


def _peers(request: Request) -> str:
    return "0,3000,[]"


def partition_generation(request: Request) -> str:
    """Count the namespaces: clients ask for the replicas again when one is made."""
    return str(len(request.node.store.namespaces))


def _replicas(request: Request) -> str:
    """Give `namespace:regime,replication factor,bitmap of masters` of each namespace.

    A regime other than 0 tells clients of strong consistency.
    """
    return ";".join(
        f"{name}:{0 if namespace.transactions is None else 1},1,{_ALL_OWNED}"
        for name, namespace in list(request.node.store.namespaces.items())
    )


def _replicas_master(request: Request) -> str:
    return ";".join(f"{name}:{_ALL_OWNED}" for name in request.node.store.namespaces)


def _replicas_all(request: Request) -> str:
    return ";".join(f"{name}:1,{_ALL_OWNED}" for name in request.node.store.namespaces)


def _latencies(request: Request) -> str:
    """Histograms that never saw anything: the node measures none."""
    kinds = "read write udf batch-sub-read batch-sub-write batch-sub-udf pi-query si-query"
    names = [f"{{{n}}}-{kind}" for n in request.node.store.namespaces for kind in kinds.split()]
    return ";".join(f"{name}:" for name in ("batch-index", *names))


def _user_agent_set(request: Request) -> str:
    value = request.required("value")
    if request.peer is not None:
        request.peer.user_agent = value
    return "ok"


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "node": _name,
    "name": _name,
    "build": _always(BUILD),
    "edition": _always(EDITION),
    "version": _always(f"{EDITION} build {BUILD}"),
    "release": _always(f"edition={EDITION};version={BUILD};os=any;arch=any;sha="),
    "features": _always(_FEATURES),
    "compatibility-id": _always("15"),
    "digests": _always("RIPEMD160"),
    "status": _always("ok"),
    "logs": _always(""),
    "cluster-name": _cluster_name,
    "cluster-stable": _cluster_key,
    "partition-generation": partition_generation,
    "rebalance-generation": _always("1"),
    "peers-generation": _always("0"),
    "peers-clear-std": _peers,
    "peers-clear-alt": _peers,
    "peers-tls-std": _enterprise_only,
    "peers-tls-alt": _enterprise_only,
    "alumni-clear-std": _peers,
    "service": service_address,
    "service-clear-std": service_address,
    "service-clear-alt": _always(""),
    "service-tls-std": _enterprise_only,
    "service-tls-alt": _enterprise_only,
    "services": _always(""),
    "services-alumni": _always(""),
    "services-alumni-reset": _always("ok"),
    "replicas": _replicas,
    "replicas-master": _replicas_master,
    "replicas-all": _replicas_all,
    "rack-ids": _enterprise_only,
    "racks": _enterprise_only,
    "roster": _enterprise_only,
    "quiesce": _enterprise_only,
    "feature-key": _enterprise_only,
    "best-practices": _always("failed_best_practices=none"),
    "latencies": _latencies,
    "health-outliers": _always(""),
    "health-stats": _always(""),
    "user-agent-set": _user_agent_set,
    "user-agents": _always(""),
}
