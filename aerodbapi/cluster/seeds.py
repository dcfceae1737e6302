"""Reach a host for the first time: is it a node, of the right cluster, and under which address.

Also the text of the error when no seed can be reached, which says for each what to do about it.
"""

from __future__ import annotations

import base64
import functools
from typing import TYPE_CHECKING, Final

from aerodbapi.cluster.effects import Conversation
from aerodbapi.cluster.forks import together
from aerodbapi.cluster.info import ask
from aerodbapi.cluster.node import Node
from aerodbapi.errors import ConnectionFailed, Error, ProtocolError, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.conninfo import Host

__all__ = ["WrongCluster", "access_address", "greet", "no_seed", "probe", "seed_hosts"]

#: Partition queries and batch-any, the only forms that this client speaks, came with 6.0.
_OLDEST: Final = (6, 0)
_USER_AGENT: Final = (8, 1)  # has the info command user-agent-set
_USER_AGENT_BYTES: Final = 63
_NOT_READY: Final = "-1"  # partition-generation before a node joined its cluster
_TLS: Final = -9  # result code
_LOCAL: Final = ("localhost", "127.", "::1")


class WrongCluster(ConnectionFailed):
    """The node belongs to a cluster of another name; `tend.connect` raises it as its base."""


def seed_hosts(cluster: Cluster) -> list[tuple[str, int, str | None]]:
    """The seeds as (host, port, tls_name); a node in this process has one of its own."""
    info = cluster.conninfo
    if not info.hosts:
        return [("127.0.0.1", 3000, None)]
    return [(seed.name, seed.port, _tls_name(cluster, seed)) for seed in info.hosts]


def _tls_name(cluster: Cluster, seed: Host) -> str | None:
    tls = cluster.conninfo.tls
    if seed.tls_name is not None or tls is None:
        return seed.tls_name
    return tls.name if tls.name is not None else seed.name


def service_name(cluster: Cluster, kind: str) -> str:
    """Name the info command that lists addresses: kind "service" or "peers"."""
    transport = "tls" if cluster.conninfo.tls is not None else "clear"
    audience = "alt" if cluster.conninfo.services_alternate else "std"
    return f"{kind}-{transport}-{audience}"


def info_deadline(cluster: Cluster, *, login: bool = False) -> float | None:
    """The clock when an answer of a node is overdue; None when timeouts are off."""
    info = cluster.conninfo
    limit = info.connect_timeout + (info.login_timeout if login and info.user else 0)
    return cluster.clock() + limit / 1000 if info.connect_timeout else None


def probe(cluster: Cluster, host: str, port: int, tls_name: str | None) -> Conversation[Node]:
    """Ask a host who it is; return a new Node that is not part of the cluster yet.

    Raises WrongCluster, or ConnectionFailed when it cannot be reached, is no node, is too old,
    or has not joined its cluster yet.
    """
    info = cluster.conninfo
    node = Node("", host, port, tls_name)
    names = ["node", "partition-generation", "build"]
    if info.cluster_name:
        names.append("cluster-name")
    reply = yield from ask(node, names, info_deadline(cluster, login=True))
    name, build = reply.get("node", ""), reply.get("build", "")
    if not name or not build:
        raise ProtocolError("the answer does not name a node and its build", node=str(node))
    if info.cluster_name and reply.get("cluster-name") != info.cluster_name:
        raise WrongCluster(
            f"{node.address} belongs to the cluster {reply.get('cluster-name')!r}, "
            f"not to {info.cluster_name!r}: correct cluster_name or the seeds",
            node=str(node),
        )
    if reply.get("partition-generation") == _NOT_READY:
        raise ConnectionFailed(f"the node {name} is still starting", node=str(node))
    found = Node(name, host, port, tls_name, build=build)
    if found.version < _OLDEST:
        raise ConnectionFailed(
            f"the node runs version {build}; this client needs 6.0 or later", node=str(found)
        )
    found.link = node.link
    return found


def access_address(cluster: Cluster, node: Node) -> Conversation[Node]:
    """Find the node's own address when the seed may be a load balancer's.

    Returns `node` itself when it lists the seed's address among its own, or when none of its
    addresses answers as the same node (they are internal ones: it was not told otherwise).
    """
    command = service_name(cluster, "service")
    reply = yield from ask(node, [command], info_deadline(cluster))
    addresses = _addresses(reply.get(command, ""))
    if (node.host, node.port) in addresses or _is_local(node.host):
        return node
    for host, port in addresses:
        try:
            other = yield from probe(cluster, host, port, node.tls_name)
        except Error:
            continue
        if other.name == node.name:
            return other
    return node


def _is_local(host: str) -> bool:
    return host.lower().startswith(_LOCAL)


def _addresses(text: str) -> list[tuple[str, int]]:
    """Parse "host:port,[ipv6]:port"; what does not parse is left out."""
    found = []
    for part in text.replace(";", ",").split(","):
        host, _, port = part.strip().rpartition(":")
        if host and port.isdecimal() and not host.startswith("ERROR"):
            found.append((host.strip("[]"), int(port)))
    return found


def greet(cluster: Cluster, nodes: Sequence[Node]) -> Conversation[None]:
    """Tell new nodes which client this is, where they can count it; failures do not matter."""
    if cluster.conninfo.embedded:
        return
    command = f"user-agent-set:value={_user_agent()}"
    deadline = info_deadline(cluster)
    yield from together(ask(n, [command], deadline) for n in nodes if n.version >= _USER_AGENT)


@functools.lru_cache(maxsize=1)
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("aerodbapi")
    except PackageNotFoundError:
        number = "0"
    text = f"1,aerodbapi-{number},not-set"[:_USER_AGENT_BYTES]
    return base64.b64encode(text.encode()).decode()


# ---- no seed answers ---------------------------------------------------------------------------

#: Word in the reason or in the type of its cause → what to do about it; the first match counts.
_ADVICE: Final = (
    (("still starting",), "wait until the node has joined its cluster"),
    (("6.0 or later",), "use a newer server"),
    (("refused",), "start the server there, or correct the port (its service port, often 3000)"),
    (
        ("gaierror", "not known", "resolve", "resolution", "hostname"),
        "correct the host's name, or make it known to DNS",
    ),
    (
        ("timed out", "timeout"),
        "check that a firewall does not block it, or raise connect_timeout",
    ),
    (("unreachable", "no route"), "check the network, or use services_alternate"),
    (
        ("closed", "hung up", "reset", "protocol"),
        "check that this is the service port, and whether the server expects TLS",
    ),
)


def no_seed(failures: Iterable[tuple[str, Error]]) -> ConnectionFailed:
    """Build the error for seeds that all failed: each by address, with reason and remedy."""
    lines = [f"  {address}: {_reason(error)}" for address, error in failures]
    seeds = "no seed" if len(lines) > 1 else "the seed"
    verb = "can be reached" if len(lines) > 1 else "cannot be reached"
    return ConnectionFailed("\n".join([f"{seeds} {verb}", *lines]))


def _reason(error: Error) -> str:
    if error.result_code == _TLS:
        return error.message  # the carrier has said what to do
    cause = type(error.__cause__).__name__ if error.__cause__ is not None else ""
    kind = "timed out" if isinstance(error, Timeout) else ""
    kind = "protocol" if isinstance(error, ProtocolError) else kind
    text = f"{error.message} {cause} {kind}".lower()
    for words, advice in _ADVICE:
        if any(word in text for word in words):
            return f"{error.message}: {advice}"
    return error.message
