"""Fills the catalog: a sample of a set's records, and the namespace's secondary indexes.

Records stand in the order of their digests, which are hashes: the first ones that the nodes
send are a fair sample of the whole set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info, info_texts
from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.query import query
from aerodbapi.errors import Error, NamespaceNotFound
from aerodbapi.plan.catalog import SetInfo, from_sample, indexes_from_info
from aerodbapi.plan.declaration import BOOKKEEPING
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.query import QueryRequest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.plan.planner import Missing

__all__ = ["SAMPLE", "indexes", "learn", "sample"]

#: Records looked at to know a set's columns (the number that JDBC's driver takes, too).
SAMPLE: Final = 1000


def learn(session: Session, missing: Missing) -> Conversation[None]:
    """Ask the cluster for what planning would have liked to know."""
    for target in missing.sets:
        session.catalog.put((yield from sample(session, target.namespace, target.set)))
    for namespace in missing.indexes:
        yield from indexes(session, namespace)


def sample(session: Session, namespace: str, set_name: str | None) -> Conversation[SetInfo]:
    """Read a sample and describe the set by it."""
    request = QueryRequest(
        namespace,
        set_name or None,
        max_records=SAMPLE,
        records_per_second=session.query_policy.records_per_second,
    )
    found: list[Any] = []
    yield from collected(query(session.cluster, request, session.query_policy), found.extend)
    if set_name == "":
        found = [record for record in found if not record[1]]
    elif set_name is None:
        found = [record for record in found if record[1] != BOOKKEEPING]
    return from_sample(namespace, set_name, ((record[2], record[5]) for record in found))


#: Since this version the contexts of indexes are given packed where that is asked for.
_PACKED_SINCE: Final = (8, 1)


def indexes(session: Session, namespace: str) -> Conversation[str]:
    """Ask for the namespace's secondary indexes; give the text, keep its facts in the catalog."""
    cluster = session.cluster
    version = info.lowest_version(cluster)
    command = info_texts.sindex_list(version, namespace)
    if version >= _PACKED_SINCE:
        command += ";b64=true"
    try:
        answers = yield from info.info_one(cluster, command)
    except NamespaceNotFound:
        # An embedded node makes namespaces on first use: this one has no index yet.
        answers = {"": ""}
    text = next(iter(answers.values()))
    stats = {}
    for entry in filter(None, text.split(";")):
        name = wire.pairs(entry, ":").get("indexname")
        if not name:
            continue
        try:
            stat = yield from info.info_one(
                cluster, info_texts.sindex_stat(version, namespace, name)
            )
        except Error:
            continue  # dropped in the meantime
        stats[name] = next(iter(stat.values()))
    session.catalog.put_indexes(namespace, indexes_from_info(text, stats))
    return text
