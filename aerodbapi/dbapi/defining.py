"""TRUNCATE, CREATE INDEX and DROP INDEX: info commands that every node has to have obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aerodbapi.cluster import info, info_texts
from aerodbapi.dbapi import declaring
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import Error, IndexNotFound, ProgrammingError
from aerodbapi.plan import operations as plans
from aerodbapi.plan.values import nanoseconds, resolve

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session

__all__ = ["create_index", "drop_index", "truncate"]


def truncate(session: Session, op: plans.Truncate, values: Sequence[Any]) -> Conversation[Outcome]:
    """TRUNCATE: all records, or those last written before a time. The count is not known."""
    before = None if op.up_to is None else nanoseconds(resolve(op.up_to, values))
    session.cluster.check_namespace(op.target.namespace)
    if op.target.set == "":
        raise ProgrammingError("records without a set are truncated with their whole namespace")
    version = info.lowest_version(session.cluster)
    text = info_texts.truncate(version, op.target.namespace, op.target.set, before)
    books = []
    if op.target.set is None:
        books = yield from declaring.books(session, op.target.namespace)
    yield from info.info_one(session.cluster, text)
    yield from declaring.put_back(session, op.target.namespace, books)
    session.catalog.invalidate(op.target.namespace, op.target.set)
    return Outcome()


def create_index(session: Session, op: plans.CreateIndex) -> Conversation[Outcome]:
    """CREATE INDEX: returns when every node has built it."""
    if op.type is None:
        raise ProgrammingError(
            f"the type of index {op.name} is not known yet: say NUMERIC, STRING, BLOB or "
            "GEO2DSPHERE behind the parenthesis"
        )
    cluster = session.cluster
    cluster.check_namespace(op.target.namespace)
    version = info.lowest_version(cluster)
    target = op.target
    text = info_texts.sindex_create(
        version,
        target.namespace,
        target.set,
        op.name,
        op.bin,
        op.type,
        collection=op.collection,
        context=op.context,
        expression=op.expression,
    )
    try:
        yield from info.info_one(cluster, text)
    except Error as error:
        if not (op.if_not_exists and error.result_code == 200):
            raise
    yield from info.wait_for_index(cluster, target.namespace, op.name)
    session.catalog.invalidate(target.namespace)
    return Outcome()


def drop_index(session: Session, op: plans.DropIndex) -> Conversation[Outcome]:
    """DROP INDEX: returns when no node knows it any more."""
    cluster = session.cluster
    cluster.check_namespace(op.namespace)
    version = info.lowest_version(cluster)
    if not op.if_exists and not (yield from session.has_index(op.namespace, op.name)):
        raise IndexNotFound(f"namespace {op.namespace} has no index {op.name}")
    yield from info.info_one(cluster, info_texts.sindex_delete(version, op.namespace, op.name))
    yield from info.wait_for_no_index(cluster, op.namespace, op.name)
    session.catalog.invalidate(op.namespace)
    return Outcome()
