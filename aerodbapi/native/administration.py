"""Indexes, truncation and info of the native client, as conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Union

from aerodbapi.cluster import info, info_texts
from aerodbapi.errors import OperationalError, ParameterError
from aerodbapi.native import contexts
from aerodbapi.protocol.expressions import Exp, pack_expression

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.node import Node
    from aerodbapi.cluster.policy import Policy
    from aerodbapi.native.contexts import Context

__all__ = [
    "index_create",
    "index_remove",
    "info_all",
    "info_node",
    "info_random",
    "set_index_create",
    "set_xdr_filter",
    "truncate",
]

#: What an index may be on: kinds of values, and of collections.
INDEX_TYPES: Final = ("NUMERIC", "STRING", "BLOB", "GEO2DSPHERE", "INTEGER")
COLLECTIONS: Final = ("LIST", "MAPKEYS", "MAPVALUES", "DEFAULT")


def index_create(
    cluster: Cluster,
    namespace: str,
    set_name: str | None,
    bin_name: str | None,
    index_name: str,
    index_type: str = "NUMERIC",
    collection: str | None = None,
    *,
    context: Context | None = None,
    expression: Union[Exp, bytes, None] = None,
    policy: Policy,
) -> Conversation[None]:
    """Create a secondary index; return when every node has built it.

    It is on a bin, on an element of it (`context`), or on the value of an `expression`
    (`bin_name` is None then).
    """
    kind = _one_of("index_type", index_type, INDEX_TYPES)
    within = None if collection is None else _one_of("collection", collection, COLLECTIONS)
    if (bin_name is None) == (expression is None):
        raise ParameterError("an index is on a bin or on an expression", result_code=-2)
    text = info_texts.sindex_create(
        info.lowest_version(cluster),
        _name("namespace", namespace),
        set_name,
        _name("index_name", index_name),
        bin_name or "",
        kind,
        collection=within,
        context=contexts.to_bytes(context) if context else b"",
        expression=expression if isinstance(expression, bytes) else _packed(expression),
    )
    yield from info.info_one(cluster, text, policy=policy)
    yield from info.wait_for_index(cluster, namespace, index_name)


def _packed(expression: Any) -> bytes:
    if expression is None:
        return b""
    if not isinstance(expression, Exp):
        raise ParameterError(
            f"an expression, or its packed bytes, not {type(expression).__name__}", result_code=-2
        )
    return pack_expression(expression)


def _one_of(what: str, value: Any, allowed: Sequence[str]) -> str:
    if isinstance(value, str) and value.upper() in allowed:
        return value.upper()
    raise ParameterError(f"{what} is one of {', '.join(allowed)}, not {value!r}", result_code=-2)


def _name(what: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ParameterError(f"{what} is text, not {type(value).__name__}", result_code=-2)


def set_index_create(
    cluster: Cluster, namespace: str, set_name: str, index_name: str, *, policy: Policy
) -> Conversation[None]:
    """Create a set index, which makes queries of a small set quick (servers from 8.1.2 on)."""
    text = info_texts.set_index_create(
        _name("namespace", namespace), _name("set_name", set_name), _name("index_name", index_name)
    )
    yield from info.info_one(cluster, text, policy=policy)
    yield from info.wait_for_index(cluster, namespace, index_name)


def index_remove(
    cluster: Cluster, namespace: str, index_name: str, *, policy: Policy
) -> Conversation[None]:
    """Drop a secondary index; return when no node knows it."""
    text = info_texts.sindex_delete(
        info.lowest_version(cluster), _name("namespace", namespace), _name("index_name", index_name)
    )
    yield from info.info_one(cluster, text, policy=policy)
    yield from info.wait_for_no_index(cluster, namespace, index_name)


def truncate(
    cluster: Cluster, namespace: str, set_name: str | None, nanos: int, *, policy: Policy
) -> Conversation[None]:
    """Remove all records, or with `nanos` (ns since 1970) those last written before."""
    given: Any = nanos
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ParameterError(f"nanos are ns since 1970, or 0, not {nanos!r}", result_code=-2)
    version = info.lowest_version(cluster)
    text = info_texts.truncate(version, _name("namespace", namespace), set_name, nanos or None)
    yield from info.info_one(cluster, text, policy=policy)


# ---- info --------------------------------------------------------------------------------------


def info_all(cluster: Cluster, command: str, *, policy: Policy) -> Conversation[dict[str, str]]:
    """Ask every node; its name → its answer."""
    return (yield from info.info_all(cluster, _name("command", command), policy=policy))


def info_random(cluster: Cluster, command: str, *, policy: Policy) -> Conversation[str]:
    """Ask some node."""
    answers = yield from info.info_one(cluster, _name("command", command), policy=policy)
    return next(iter(answers.values()))


def info_node(
    cluster: Cluster, command: str, node_name: str, *, policy: Policy
) -> Conversation[str]:
    """Ask the node of this name."""
    node: Node | None = cluster.nodes.get(node_name)
    if node is None:
        known = ", ".join(cluster.nodes)
        raise OperationalError(
            f"the cluster has no node {node_name!r}; it has {known}", result_code=-8
        )
    return (yield from info.info_node(cluster, node, _name("command", command), policy=policy))


def set_xdr_filter(
    cluster: Cluster,
    data_center: str,
    namespace: str,
    expression: Union[Exp, bytes, None],
    *,
    policy: Policy,
) -> Conversation[str]:
    """Let XDR ship only the records for which `expression` is true; None: all of them."""
    packed = expression if isinstance(expression, bytes) else _packed(expression)
    text = info_texts.xdr_filter(
        _name("data_center", data_center), _name("namespace", namespace), packed
    )
    answers = yield from info.info_one(cluster, text, policy=policy)
    return next(iter(answers.values()))
