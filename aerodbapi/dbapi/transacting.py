"""BEGIN, COMMIT and ROLLBACK: transactions over many records, where namespaces have them.

They need an Enterprise server and a namespace with strong consistency. Elsewhere every write is
final when it returns: BEGIN and ROLLBACK then say in `cursor.messages` that they change nothing.
Within a transaction reads and writes of records belong to it; queries see what is committed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from aerodbapi.cluster import info
from aerodbapi.cluster.batch import BatchResult
from aerodbapi.cluster.batch import batch as cluster_batch
from aerodbapi.dbapi.results import Outcome
from aerodbapi.errors import ProgrammingError
from aerodbapi.frozen import replace
from aerodbapi.native import transactions
from aerodbapi.native.defaults import policies_of
from aerodbapi.native.results import Key
from aerodbapi.native.transactions import Transaction
from aerodbapi.protocol.batch import BatchEntry
from aerodbapi.protocol.flags import Info2
from aerodbapi.protocol.message import encode_field

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.native.policies import BatchPolicy
    from aerodbapi.plan.operations import Target

__all__ = ["STATEMENTS", "batch", "begin", "commit", "rollback"]

_FINAL: Final = "every write is final when it returns"


class _Records(Transaction):
    """A transaction that knows records by their digests: not every statement has their keys."""

    __slots__ = ()

    def fields(self, key: Key, *, deadline: bool) -> list[tuple[int, bytes]]:
        return super().fields(_plain(key), deadline=deadline)

    def saw(self, key: Key, version: bytes | None) -> None:
        super().saw(_plain(key), version)

    def wrote(self, key: Key, version: bytes | None, result_code: int) -> None:
        super().wrote(_plain(key), version, result_code)

    def doubted(self, key: Key) -> None:
        super().doubted(_plain(key))


def _plain(key: Key) -> Key:
    return Key(key[0], key[1], None, key[3])


# ---- the statements ----------------------------------------------------------------------------


def begin(session: Session) -> Conversation[Outcome]:
    """BEGIN. Raises ProgrammingError in a transaction."""
    if session.transaction is not None:
        raise ProgrammingError("a transaction is open already: COMMIT or ROLLBACK ends it")
    namespace = session.conninfo.namespace
    strong = False
    if namespace is not None:
        answers = yield from info.info_one(session.cluster, f"namespace/{namespace}")
        strong = any("strong-consistency=true" in text for text in answers.values())
    if not strong:
        where = f"namespace {namespace}" if namespace else "a connection without a namespace"
        text = f"BEGIN has no effect: {where} has no transactions, and {_FINAL}"
        return Outcome(messages=[text])
    transaction = _Records()
    session.transaction = transaction
    # Only a durable delete can be taken back, and no other is allowed with strong consistency.
    _use(session, transaction, durable_delete=True)
    return Outcome()


def commit(session: Session) -> Conversation[Outcome]:
    """COMMIT. Raises OperationalError, and has rolled back, where others changed what was read."""
    transaction = session.transaction
    if transaction is None:
        return Outcome()
    policies = policies_of(session.conninfo)
    verify, roll = policies["txn_verify"], policies["txn_roll"]
    try:
        yield from transactions.commit(session.cluster, transaction, verify=verify, roll=roll)
    finally:
        if not transaction.in_doubt:
            _end(session)
    return Outcome()


def rollback(session: Session) -> Conversation[Outcome]:
    """ROLLBACK."""
    transaction = session.transaction
    if transaction is None:
        return Outcome(messages=[f"ROLLBACK has no effect: {_FINAL}"])
    roll = policies_of(session.conninfo)["txn_roll"]
    try:
        yield from transactions.abort(session.cluster, transaction, roll=roll)
    finally:
        _end(session)
    return Outcome()


STATEMENTS: Final = {"BEGIN": begin, "COMMIT": commit, "ROLLBACK": rollback}


def _end(session: Session) -> None:
    session.transaction = None
    _use(session, None, durable_delete=session.conninfo.durable_delete)


def _use(session: Session, transaction: Transaction | None, *, durable_delete: bool) -> None:
    session.read_policy = replace(session.read_policy, txn=transaction)
    session.write_policy = replace(
        session.write_policy, txn=transaction, durable_delete=durable_delete
    )
    session.forget_plans()  # they hold policies


# ---- batches -----------------------------------------------------------------------------------


def batch(
    session: Session, target: Target, entries: Sequence[BatchEntry], policy: BatchPolicy
) -> Conversation[list[BatchResult]]:
    """A batch on records of one set, in the open transaction."""
    cluster, txn = session.cluster, session.transaction
    assert txn is not None
    keys = [Key(target.namespace, target.set or None, None, entry.digest) for entry in entries]
    writes = [bool(entry.part[2] & Info2.WRITE) for entry in entries]
    for key in keys:
        txn.join(key)
    written = [key for key, write in zip(keys, writes) if write]
    if written:
        yield from transactions.monitor(cluster, txn, written, policy)
    sent = [
        _with_fields(entry, txn.fields(key, deadline=write))
        for entry, key, write in zip(entries, keys, writes)
    ]
    versions: dict[int, bytes] = {}
    results = yield from cluster_batch(cluster, sent, policy, versions=versions)
    for index, (key, write, result) in enumerate(zip(keys, writes, results)):
        if not write:
            txn.saw(key, versions.get(index))
        elif result.in_doubt:
            txn.write_in_doubt = True
            txn.doubted(key)
        else:
            txn.wrote(key, versions.get(index), result.result_code)
    return results


#: Bytes before an entry's counts, by the bits of its type (protocol.batch).
_OPTIONAL: Final = ((0x10, 1), (0x04, 2), (0x08, 4))  # info4, generation, ttl
_COUNTS: Final = struct.Struct(">HH")
_SIZE: Final = struct.Struct(">I")


def _with_fields(entry: BatchEntry, extra: Iterable[tuple[int, bytes]]) -> BatchEntry:
    """Put further fields behind those of an encoded entry."""
    part = entry.part
    start = 4 + sum(size for bit, size in _OPTIONAL if part[0] & bit)
    n_fields, n_ops = _COUNTS.unpack_from(part, start)
    end = start + _COUNTS.size
    for _ in range(n_fields):
        end += 4 + _SIZE.unpack_from(part, end)[0]
    encoded = [encode_field(type, value) for type, value in extra]
    head = part[:start] + _COUNTS.pack(n_fields + len(encoded), n_ops)
    fields = part[start + _COUNTS.size : end] + b"".join(encoded)
    return BatchEntry(entry.digest, head + fields + part[end:], False)
