"""Indexes, truncation and info of the native client, as conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.cluster import info, info_texts

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.cluster.policy import Policy

__all__ = ["index_create", "index_remove", "info_all", "info_random", "truncate"]


def index_create(
    cluster: Cluster,
    namespace: str,
    set_name: str | None,
    bin_name: str,
    index_name: str,
    index_type: str,
    collection: str | None,
    *,
    policy: Policy,
) -> Conversation[None]:
    """Create a secondary index; return when every node has built it."""
    version = info.lowest_version(cluster)
    text = info_texts.sindex_create(
        version, namespace, set_name, index_name, bin_name, index_type, collection=collection
    )
    yield from info.info_one(cluster, text, policy=policy)
    yield from info.wait_for_index(cluster, namespace, index_name)


def index_remove(
    cluster: Cluster, namespace: str, index_name: str, *, policy: Policy
) -> Conversation[None]:
    """Drop a secondary index; return when no node knows it."""
    text = info_texts.sindex_delete(info.lowest_version(cluster), namespace, index_name)
    yield from info.info_one(cluster, text, policy=policy)
    yield from info.wait_for_no_index(cluster, namespace, index_name)


def truncate(
    cluster: Cluster, namespace: str, set_name: str | None, nanos: int, *, policy: Policy
) -> Conversation[None]:
    """Remove all records, or with `nanos` (ns since 1970) those last written before."""
    version = info.lowest_version(cluster)
    text = info_texts.truncate(version, namespace, set_name, nanos or None)
    yield from info.info_one(cluster, text, policy=policy)


def info_all(cluster: Cluster, command: str, *, policy: Policy) -> Conversation[dict[str, str]]:
    """Ask every node; its name → its answer."""
    return (yield from info.info_all(cluster, command, policy=policy))


def info_random(cluster: Cluster, command: str, *, policy: Policy) -> Conversation[str]:
    """Ask some node."""
    answers = yield from info.info_one(cluster, command, policy=policy)
    return next(iter(answers.values()))
