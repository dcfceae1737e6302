"""Transactions over several records, in namespaces with strong consistency.

The client drives them (wire.md §16): a monitor record, in a set of its own, lists what will be
written; each write locks its record and keeps a provisional version aside; commit marks the
monitor and rolls the records forward, abort rolls them back. Whoever reads outside sees the
records as they were, since a provisional version is not in the namespace until it is rolled
forward.

A transaction that nobody finishes ends at its deadline: rolled forward when its monitor is
marked, back otherwise. The durable file keeps the provisional versions of marked transactions
only: a restart finishes those and forgets the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import records
from aerodbapi.embedded.replies import Outcome, Refused
from aerodbapi.embedded.storage import MONITOR_SET, now_2010, partition_of
from aerodbapi.embedded.transaction_monitors import Monitor, MonitorWrite, parse_write
from aerodbapi.embedded.transaction_views import (
    Inside,
    Outside,
    Provisional,
    encode_provisional,
    restore_provisional,
    version_of,
)
from aerodbapi.protocol.digest import digest as digest_of
from aerodbapi.protocol.flags import FieldType, Info2, Info4
from aerodbapi.protocol.message import encode_field

if TYPE_CHECKING:
    from aerodbapi.embedded.records import Command
    from aerodbapi.embedded.storage import Namespace, Record, Store

__all__ = ["Transactions"]

_OK: Final = 0
_NOT_FOUND: Final = 2
_PARAMETER: Final = 4
_FORBIDDEN: Final = 22
_BLOCKED: Final = 120
_VERSION_MISMATCH: Final = 121
_EXPIRED: Final = 122
_TOO_MANY_WRITES: Final = 123
_COMMITTED: Final = 124
_ABORTED: Final = 125
_MONITOR_EXISTS: Final = 127

_ROLL: Final = Info4.TXN_ROLL_FORWARD | Info4.TXN_ROLL_BACK
_MAX_WRITES: Final = 4096
_MAX_SECONDS: Final = 120
_DEFAULT_SECONDS: Final = 10
_NEVER: Final = 1 << 62
#: What the durable file calls a provisional version: `namespace|transaction|digest`.
_KIND: Final = "provisional"


class Transactions:
    """A namespace's transactions; commands go through `execute` rather than records.execute."""

    __slots__ = ("_ids", "_monitors", "_namespace", "_next_deadline", "_store", "provisional")

    def __init__(self, namespace: Namespace, store: Store) -> None:
        self._namespace = namespace
        self._store = store
        self._monitors: dict[int, Monitor] = {}
        self._ids: dict[bytes, int] = {}  # monitor's digest → transaction
        self._next_deadline = _NEVER
        #: Locked records: digest → what their transaction makes of them. Under partition locks.
        self.provisional: dict[bytes, Provisional] = {}
        self._recover()

    def execute(self, command: Command) -> Outcome:
        """Do a record's command, in a transaction or not."""
        try:
            if now_2010() >= self._next_deadline:
                self.expire()
            if command.set_name == MONITOR_SET:
                return self._monitor_command(command)
            if command.info4 & Info4.TXN_VERIFY_READ:
                return self._verify(command)
            if command.transaction is None:
                if command.info4 & _ROLL:
                    raise Refused(_PARAMETER)
                if command.info2 & Info2.WRITE:
                    return records.run(Outside(self._namespace, self), command)
                return records.run(self._namespace, command)
            if len(command.transaction) != 8 or not any(command.transaction):
                raise Refused(_PARAMETER)
            id = int.from_bytes(command.transaction, "little")
            return self._roll(id, command) if command.info4 & _ROLL else self._inside(id, command)
        except Refused as refused:
            return Outcome(refused.result_code)

    # --- records in a transaction ---

    def _inside(self, id: int, command: Command) -> Outcome:
        """Do a command in a transaction; a read's version is answered, to be verified later."""
        monitor = self._monitors.get(id)
        if command.info2 & Info2.WRITE:
            monitor = self._open_monitor(id)
        else:
            command.ttl = 0  # a read that renews the record's time would be a write
        view = Inside(self._namespace, self, id, monitor, command)
        outcome = records.run(view, command)
        held = self.provisional.get(command.digest)
        if not view.looked or (held is not None and held.transaction == id):
            return outcome
        version = version_of(view.found)
        return outcome._replace(n_fields=1, fields=encode_field(FieldType.RECORD_VERSION, version))

    def _open_monitor(self, id: int) -> Monitor:
        """Find the monitor of a transaction that may still write."""
        monitor = self._monitors.get(id)
        if monitor is None:
            raise Refused(_EXPIRED)
        if monitor.closed:
            raise Refused(monitor.closed)
        return monitor

    def _verify(self, command: Command) -> Outcome:
        """Say whether a record is still as a transaction read it: 0, 121, or 120 when locked."""
        if command.info2 & Info2.WRITE or command.version is None:
            raise Refused(_PARAMETER)
        with self._namespace.locks[partition_of(command.digest)]:
            if command.digest in self.provisional:
                return Outcome(_BLOCKED)
            record = self._namespace.find(command.set_name, command.digest)
            if record is not None and record.expired(now_2010()):
                record = None
            same = version_of(record) == command.version
        return Outcome(_OK if same else _VERSION_MISMATCH)

    def _roll(self, id: int, command: Command) -> Outcome:
        """Make one record's provisional version the record, or drop it; no lock, no harm."""
        if not command.info2 & Info2.WRITE:
            raise Refused(_PARAMETER)
        forward = bool(command.info4 & Info4.TXN_ROLL_FORWARD)
        monitor = self._monitors.get(id)
        if monitor is not None:
            if not forward and not monitor.close(_ABORTED):
                raise Refused(_COMMITTED)
            if forward and monitor.closed == _ABORTED:
                raise Refused(_ABORTED)
        self.roll_record(id, command.digest, forward=forward)
        return Outcome(_OK)

    def roll_record(self, id: int, digest: bytes, *, forward: bool) -> None:
        """End a transaction's lock on a record."""
        namespace = self._namespace
        with namespace.locks[partition_of(digest)]:
            held = self.provisional.get(digest)
            if held is None or held.transaction != id:
                return
            if forward:
                held.apply(namespace)
            del self.provisional[digest]
            self._forget(id, digest)
        monitor = self._monitors.get(id)
        if monitor is not None:
            monitor.held.discard(digest)

    # --- monitors ---

    def _monitor_command(self, command: Command) -> Outcome:
        if command.transaction is not None or command.info4:
            raise Refused(_PARAMETER)
        if not command.info2 & Info2.WRITE:
            return records.run(self._namespace, command)
        if command.info2 & Info2.DELETE:
            return self._remove_monitor(command)
        write = parse_write(command)
        with self._namespace.locks[partition_of(command.digest)]:
            if write.forward:
                monitor = self._mark(command.digest)
            else:
                monitor = self._add_keys(command, write)
            record = self._store_monitor(monitor)
        field = encode_field(FieldType.TXN_DEADLINE, monitor.deadline.to_bytes(4, "little"))
        return Outcome(_OK, record.generation, 0, n_fields=1, fields=field)

    def _add_keys(self, command: Command, write: MonitorWrite) -> Monitor:
        """Make a transaction's monitor, or lengthen its list; under the monitor's lock."""
        found = self._ids.get(command.digest)
        if found is None:
            monitor = self._new_monitor(command, write)
        else:
            if write.id is not None:
                raise Refused(_MONITOR_EXISTS)
            monitor = self._open_monitor(found)
        keys = monitor.keys | set(write.keys)
        if len(keys) > _MAX_WRITES:
            raise Refused(_TOO_MANY_WRITES)
        monitor.keys = keys
        if found is None:
            self._monitors[monitor.id] = monitor
            self._ids[monitor.digest] = monitor.id
            self._next_deadline = min(self._next_deadline, monitor.deadline)
        return monitor

    def _new_monitor(self, command: Command, write: MonitorWrite) -> Monitor:
        if write.id is None:
            raise Refused(_EXPIRED)
        signed = write.id - (1 << 64) if write.id >> 63 else write.id
        if not write.id or digest_of(MONITOR_SET, signed) != command.digest:
            raise Refused(_PARAMETER)
        seconds = command.ttl or _DEFAULT_SECONDS
        if seconds > _MAX_SECONDS:
            raise Refused(_PARAMETER)
        return Monitor(write.id, command.digest, now_2010() + seconds)

    def _mark(self, digest: bytes) -> Monitor:
        """Decide that a transaction is committed: nothing can undo it from here on."""
        id = self._ids.get(digest)
        if id is None:
            raise Refused(_EXPIRED)
        monitor = self._open_monitor(id)
        if not monitor.close(_COMMITTED):
            raise Refused(monitor.closed)
        monitor.forward = True
        if self._store.journal is not None:
            # Before the monitor in the file: who finds the mark finds all that it promises.
            for held in list(monitor.held):
                found = self.provisional[held]
                self._store.define(_KIND, self._name(id, held), encode_provisional(found))
        return monitor

    def _store_monitor(self, monitor: Monitor) -> Record:
        old = self._namespace.find(MONITOR_SET, monitor.digest)
        record = monitor.record(old)
        self._namespace.put(record, old)
        return record

    def _remove_monitor(self, command: Command) -> Outcome:
        """Forget a transaction; what it still holds is rolled first."""
        if not command.info2 & Info2.DURABLE_DELETE:
            raise Refused(_FORBIDDEN)
        id = self._ids.get(command.digest)
        if id is None:
            raise Refused(_NOT_FOUND)
        self._finish(self._monitors[id], _ABORTED)
        return Outcome(_OK)

    def _finish(self, monitor: Monitor, why: int) -> None:
        """End a transaction as its mark says and forget its monitor."""
        monitor.close(why)
        for digest in list(monitor.held):
            self.roll_record(monitor.id, digest, forward=monitor.forward)
        with self._namespace.locks[partition_of(monitor.digest)]:
            record = self._namespace.find(MONITOR_SET, monitor.digest)
            if record is not None:
                self._namespace.remove(record)
            self._monitors.pop(monitor.id, None)
            self._ids.pop(monitor.digest, None)

    def expire(self) -> None:
        """End the transactions whose deadline has passed."""
        now = now_2010()
        monitors = list(self._monitors.values())
        self._next_deadline = min(
            (m.deadline for m in monitors if m.deadline > now), default=_NEVER
        )
        for monitor in monitors:
            if monitor.deadline <= now:
                self._finish(monitor, _EXPIRED)

    # --- the durable file ---

    def _name(self, id: int, digest: bytes) -> str:
        return f"{self._namespace.name}|{id}|{digest.hex()}"

    def _forget(self, id: int, digest: bytes) -> None:
        name = self._name(id, digest)
        if name in self._store.definitions(_KIND):
            self._store.define(_KIND, name, None)

    def _recover(self) -> None:
        """Finish what was marked when the node ended, and forget all transactions of then."""
        namespace = self._namespace
        for name, text in list(self._store.definitions(_KIND).items()):
            owner, _, rest = name.partition("|")
            if owner == namespace.name:
                restore_provisional(text, bytes.fromhex(rest.partition("|")[2])).apply(namespace)
                self._store.define(_KIND, name, None)
        for record in list(namespace.all_records(MONITOR_SET)):
            namespace.remove(record)
