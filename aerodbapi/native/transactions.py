"""Transactions over many records (Enterprise servers, namespaces of strong consistency).

    txn = Transaction()
    try:
        client.put(key1, {"n": 1}, policy={"txn": txn})
        client.put(key2, {"n": 2}, policy={"txn": txn})
        client.commit(txn)
    except Error:
        client.abort(txn)

A transaction belongs to one namespace. Its monitor, a record in the set "<ERO~MRT" whose key is
the transaction's number, lists what is written; the servers lock what it lists. A commit checks
that what was read is unchanged, marks the monitor, and rolls every written record forward
(wire.md, "Transactions").
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster.batch import BatchResult, batch
from aerodbapi.cluster.commands import command
from aerodbapi.cluster.policy import Policy, server_timeout
from aerodbapi.errors import Error, OperationalError, ParameterError, error_for
from aerodbapi.frozen import replace
from aerodbapi.native.keys import resolve
from aerodbapi.native.lists import ListOrder, ListWrite, list_append, list_append_items
from aerodbapi.native.operations import encode
from aerodbapi.native.operations import write as write_bin
from aerodbapi.protocol.batch import BatchEntry, read_entry, write_entry
from aerodbapi.protocol.commands import operate_request, with_fields
from aerodbapi.protocol.flags import FieldType, Info2, Info3, Info4
from aerodbapi.protocol.message import decode_message

if TYPE_CHECKING:
    from aerodbapi.cluster.cluster import Cluster
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.native.calls import Call
    from aerodbapi.native.policies import BatchPolicy
    from aerodbapi.native.results import Key
    from aerodbapi.protocol.message import Operation

__all__ = [
    "AbortStatus",
    "CommitStatus",
    "Transaction",
    "TransactionState",
    "abort",
    "carry_out",
    "commit",
]

#: Why a transaction takes no commands, by its state.
_FORBIDDEN: Final = {
    1: "it is currently being committed",
    2: "it has been committed",
    3: "it has been aborted",
    4: "a commit failed on it with an in-doubt outcome",
}
_MONITOR_SET: Final = "<ERO~MRT"
_ID_BIN, _DIGESTS_BIN, _FORWARD_BIN = "id", "keyds", "fwd"
_LIST_POLICY: Final = {
    "order": ListOrder.ORDERED,
    "flags": ListWrite.ADD_UNIQUE | ListWrite.NO_FAIL | ListWrite.PARTIAL,
}
_U32_MAX: Final = 0xFFFFFFFF
_COMMITTED: Final = 124
_ABORTED: Final = 125
_FAILED: Final = -17
_ALREADY_COMMITTED: Final = -18
_ALREADY_ABORTED: Final = -19


class TransactionState:
    """How far a transaction is.

    COMMIT_FAILED: nobody knows whether a commit was done. It may be tried again; an abort might
    undo half of it.
    """

    OPEN: Final = 0
    VERIFIED: Final = 1
    COMMITTED: Final = 2
    ABORTED: Final = 3
    COMMIT_FAILED: Final = 4


class CommitStatus:
    """What commit() came to. Abandoned: the servers finish the work by themselves later."""

    OK: Final = 0
    ALREADY_COMMITTED: Final = 1
    ROLL_FORWARD_ABANDONED: Final = 5
    CLOSE_ABANDONED: Final = 6


class AbortStatus:
    """What abort() came to. Abandoned: the servers finish the work by themselves later."""

    OK: Final = 0
    ALREADY_ABORTED: Final = 1
    ROLL_BACK_ABANDONED: Final = 3
    CLOSE_ABANDONED: Final = 4
    COMMIT_FAILED: Final = 5


class Transaction:
    """A transaction; give it to commands as `policy={"txn": transaction}`.

    `timeout`: seconds from its first write until the servers abort it, 0 for their default of
    10. `id`: its number. One thread or task at a time may use it.
    """

    __slots__ = (
        "_timeout",
        "deadline",
        "id",
        "in_doubt",
        "namespace",
        "reads",
        "state",
        "write_in_doubt",
        "writes",
    )

    def __init__(self, timeout: int = 0) -> None:
        self.id = random.SystemRandom().randrange(1, 1 << 64)
        self.timeout = timeout
        self.namespace: str | None = None
        self.state = TransactionState.OPEN
        self.in_doubt = False  # its commit
        self.write_in_doubt = False  # some write: then the servers have to close it
        self.deadline: int | None = None  # as servers write it; None before the first write
        self.reads: dict[Key, bytes] = {}  # what was read → its version
        self.writes: dict[Key, None] = {}

    @property
    def timeout(self) -> int:
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: Any) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise ParameterError(
                f"timeout is a number of seconds, not {type(seconds).__name__}", result_code=-2
            )
        if not 0 <= seconds <= _U32_MAX:
            raise ParameterError(f"timeout is out of range: {seconds}", result_code=-2)
        self._timeout = seconds

    def __repr__(self) -> str:
        names = ("open", "verified", "committed", "aborted", "commit in doubt")
        return f"<Transaction {self.id} {names[self.state]}>"

    def join(self, key: Key) -> None:
        """Check that a command on `key` may belong to this transaction."""
        if self.state != TransactionState.OPEN:
            raise ParameterError(
                "Issuing commands to this transaction is forbidden because "
                f"{_FORBIDDEN[self.state]}.",
                result_code=-2,
            )
        if self.namespace is None:
            self.namespace = key[0]
        elif self.namespace != key[0]:
            raise ParameterError(
                f"a transaction is for one namespace: {self.namespace!r}, not {key[0]!r}",
                result_code=-2,
            )

    def fields(self, key: Key, *, deadline: bool) -> list[tuple[int, bytes]]:
        """What a command on `key` tells the server of its transaction."""
        fields = [(FieldType.TXN_ID, self.id.to_bytes(8, "little"))]
        version = self.reads.get(key)
        if version is not None:
            fields.append((FieldType.RECORD_VERSION, version))
        if deadline and self.deadline is not None:
            fields.append((FieldType.TXN_DEADLINE, self.deadline.to_bytes(4, "little")))
        return fields

    def saw(self, key: Key, version: bytes | None) -> None:
        """Remember the version that a server sent with a record."""
        if version is not None:
            self.reads[key] = version

    def wrote(self, key: Key, version: bytes | None, result_code: int) -> None:
        """Remember what became of a write."""
        if version is not None:
            self.reads[key] = version
        elif result_code == 0:
            self.doubted(key)

    def doubted(self, key: Key) -> None:
        """Remember a write that was done."""
        self.reads.pop(key, None)
        self.writes[key] = None

    def close(self) -> None:
        """Forget what was read and written."""
        self.namespace, self.deadline = None, None
        self.write_in_doubt = False
        self.reads, self.writes = {}, {}


# ---- commands of a transaction -----------------------------------------------------------------


def carry_out(cluster: Cluster, call: Call[Any]) -> Conversation[bytes]:
    """Do a single-record command as a part of its transaction; return the reply's body."""
    txn: Transaction = call.txn
    key = call.key
    txn.join(key)
    if call.write:
        yield from monitor(cluster, txn, [key], call.policy)
    frame = with_fields(call.frame, txn.fields(key, deadline=call.write))
    try:
        body = yield from command(
            cluster,
            key[0],
            call.partition,
            frame,
            policy=call.policy,
            write=call.write,
            accept=call.accept,
        )
    except Error as error:
        if call.write and error.in_doubt:
            txn.write_in_doubt = True
            txn.doubted(key)
        raise
    message, _ = decode_message(body)
    version = message.field(FieldType.RECORD_VERSION)
    if call.write:
        txn.wrote(key, version, message.result_code)
    else:
        txn.saw(key, version)
    return body


def monitor(
    cluster: Cluster, txn: Transaction, keys: Iterable[Key], policy: Policy
) -> Conversation[None]:
    """Enter what is about to be written in the transaction's monitor."""
    new = [key[3] for key in keys if key not in txn.writes]
    if not new:
        return
    ops: list[Operation] = []
    if txn.deadline is None:
        ops.append(write_bin(_ID_BIN, _signed(txn.id)))
    if len(new) == 1:
        ops.append(list_append(_DIGESTS_BIN, new[0], _LIST_POLICY))
    else:
        ops.append(list_append_items(_DIGESTS_BIN, new, _LIST_POLICY))
    body = yield from _on_monitor(cluster, txn, policy, ops, ttl=txn.timeout)
    message, _ = decode_message(body)
    deadline = message.field(FieldType.TXN_DEADLINE)
    txn.deadline = int.from_bytes(deadline or b"", "little")


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def _on_monitor(
    cluster: Cluster,
    txn: Transaction,
    policy: Policy,
    ops: Sequence[Operation],
    *,
    info2: int = Info2.WRITE,
    ttl: int = 0,
    accept: frozenset[int] = frozenset({0}),
) -> Conversation[bytes]:
    assert txn.namespace is not None
    key = resolve((txn.namespace, _MONITOR_SET, _signed(txn.id)))
    frame = operate_request(
        key[0],
        key[1],
        key[3],
        encode(tuple(ops)),
        len(ops),
        info2=info2,
        ttl=ttl,
        timeout_ms=server_timeout(policy),
    )
    pid = (key[3][0] | key[3][1] << 8) & 4095
    plain = Policy(
        total_timeout=policy.total_timeout,
        socket_timeout=policy.socket_timeout,
        max_retries=policy.max_retries,
        sleep_between_retries=policy.sleep_between_retries,
    )
    return (
        yield from command(cluster, key[0], pid, frame, policy=plain, write=True, accept=accept)
    )


# ---- the end -----------------------------------------------------------------------------------


def commit(
    cluster: Cluster, txn: Transaction, *, verify: BatchPolicy, roll: BatchPolicy
) -> Conversation[int]:
    """Commit a transaction; return a CommitStatus.

    Raises OperationalError (-17) when a record was changed by others since it was read: the
    transaction is rolled back then; (-19) when it is aborted already.
    """
    _check(txn)
    if txn.state == TransactionState.COMMITTED:
        return CommitStatus.ALREADY_COMMITTED
    if txn.state == TransactionState.ABORTED:
        raise error_for(_ALREADY_ABORTED, f"{txn!r} cannot be committed")
    if txn.state == TransactionState.OPEN:
        yield from _verify(cluster, txn, verify, roll)
        txn.state = TransactionState.VERIFIED
    known = yield from _marked(cluster, txn, roll)
    txn.state = TransactionState.COMMITTED
    txn.in_doubt = False
    if not (yield from _roll(cluster, txn, roll, Info4.TXN_ROLL_FORWARD)):
        return CommitStatus.ROLL_FORWARD_ABANDONED
    closed = yield from _remove_monitor(cluster, txn, roll)
    txn.close()
    if not closed:
        return CommitStatus.CLOSE_ABANDONED
    return CommitStatus.ALREADY_COMMITTED if known else CommitStatus.OK


def _marked(cluster: Cluster, txn: Transaction, policy: BatchPolicy) -> Conversation[bool]:
    """Mark the monitor: from then on the commit is done; tell whether it was marked before."""
    if txn.deadline is None:
        return False
    try:
        body = yield from _mark_forward(cluster, txn, policy)
    except Error as error:
        if error.result_code == _ABORTED:
            txn.state = TransactionState.ABORTED
            txn.in_doubt = False
        elif txn.in_doubt or error.in_doubt:
            txn.in_doubt = error.in_doubt = True
            txn.state = TransactionState.COMMIT_FAILED
        error.args = (f"Txn aborted:\nMark roll forward abandoned: {error.message}",)
        raise
    return body[5] == _COMMITTED


def abort(cluster: Cluster, txn: Transaction, *, roll: BatchPolicy) -> Conversation[int]:
    """Roll a transaction back; return an AbortStatus. OperationalError (-18) after a commit."""
    _check(txn)
    if txn.state == TransactionState.ABORTED:
        return AbortStatus.ALREADY_ABORTED
    if txn.state == TransactionState.COMMITTED:
        raise error_for(_ALREADY_COMMITTED, f"{txn!r} cannot be aborted")
    if txn.state == TransactionState.COMMIT_FAILED:
        raise error_for(
            _FAILED,
            "Abort not allowed because a commit already failed on this transaction with an "
            "in-doubt outcome: commit it again",
        )
    txn.state = TransactionState.ABORTED
    if not (yield from _roll(cluster, txn, roll, Info4.TXN_ROLL_BACK)):
        return AbortStatus.ROLL_BACK_ABANDONED
    closed = yield from _remove_monitor(cluster, txn, roll)
    txn.close()
    return AbortStatus.OK if closed else AbortStatus.CLOSE_ABANDONED


def _check(txn: Any) -> None:
    if not isinstance(txn, Transaction):
        raise ParameterError(
            f"a transaction is a Transaction, not {type(txn).__name__}", result_code=-2
        )


def _verify(
    cluster: Cluster, txn: Transaction, verify: BatchPolicy, roll: BatchPolicy
) -> Conversation[None]:
    """Ask whether everything that was read is unchanged; roll back and raise if it is not."""
    entries = [_verify_entry(key, version) for key, version in txn.reads.items()]
    if not entries:
        return
    results = yield from batch(cluster, entries, verify)
    changed = [key for key, r in zip(txn.reads, results, strict=True) if r.result_code]
    if not changed:
        return
    reason = _reason(results)
    undone = yield from abort(cluster, txn, roll=roll)
    how = "rolled back" if undone == AbortStatus.OK else "left to the servers to roll back"
    raise OperationalError(
        f"the transaction failed and was {how}: {len(changed)} of the records that it read "
        f"were changed or cannot be checked ({reason})",
        result_code=_FAILED,
    )


def _reason(results: Sequence[BatchResult]) -> str:
    failed = next(result for result in results if result.result_code)
    return error_for(failed.result_code, node=failed.node).message


def _verify_entry(key: Key, version: bytes) -> BatchEntry:
    entry = read_entry(
        key[0],
        key[1],
        key[3],
        nobins=True,
        info3=Info3.SC_READ_TYPE,
        info4=Info4.TXN_VERIFY_READ,
        extra=[(FieldType.RECORD_VERSION, version)],
    )
    return entry._replace(repeatable=False)


def _mark_forward(cluster: Cluster, txn: Transaction, policy: BatchPolicy) -> Conversation[bytes]:
    ops = [write_bin(_FORWARD_BIN, True)]
    accept = frozenset({0, _COMMITTED})
    return (yield from _on_monitor(cluster, txn, policy, ops, accept=accept))


def _roll(
    cluster: Cluster, txn: Transaction, policy: BatchPolicy, info4: int
) -> Conversation[bool]:
    """Roll what was written forward or back; tell whether all of it was."""
    if not txn.writes:
        return True
    entries = [
        write_entry(
            key[0],
            key[1],
            key[3],
            b"",
            0,
            info2=Info2.WRITE | Info2.DURABLE_DELETE,
            info4=info4,
            extra=txn.fields(key, deadline=False),
        )._replace(repeatable=False)
        for key in txn.writes
    ]
    try:
        results = yield from batch(cluster, entries, replace(policy, txn=None))
    except Error:
        return False
    return all(result.result_code == 0 for result in results)


def _remove_monitor(cluster: Cluster, txn: Transaction, policy: BatchPolicy) -> Conversation[bool]:
    if txn.deadline is None or txn.write_in_doubt:
        return True
    info2 = Info2.WRITE | Info2.DELETE | Info2.DURABLE_DELETE
    try:
        yield from _on_monitor(cluster, txn, policy, (), info2=info2)
    except Error:
        return False
    return True
