"""The namespace as a transaction sees it, and as those outside of it may change it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.replies import Refused
from aerodbapi.embedded.storage import Namespace, Record, now_2010
from aerodbapi.frozen import frozen
from aerodbapi.protocol.flags import Info2, Info4

if TYPE_CHECKING:
    from aerodbapi.embedded.records import Command
    from aerodbapi.embedded.transaction_monitors import Monitor
    from aerodbapi.embedded.transactions import Transactions

__all__ = [
    "Inside",
    "Outside",
    "Provisional",
    "encode_provisional",
    "restore_provisional",
    "version_of",
]

_PARAMETER: Final = 4
_BLOCKED: Final = 120
_VERSION_MISMATCH: Final = 121
_EXPIRED: Final = 122
_ALREADY_LOCKED: Final = 126
_VERSION_SIZE: Final = 7
_TIME_MASK: Final = (1 << 40) - 1


@frozen
class Provisional:
    """What a transaction makes of a record: its new version, or None when it removed it."""

    transaction: int
    set_name: str
    digest: bytes
    record: Record | None

    def apply(self, namespace: Namespace) -> None:
        """Make it so; the caller holds the partition's lock."""
        old = namespace.find(self.set_name, self.digest)
        if self.record is not None:
            namespace.put(self.record, old)
        elif old is not None:
            namespace.remove(old)


def version_of(record: Record | None) -> bytes:
    """Give what tells a record's versions apart: 7 bytes, all zero for a record that is not."""
    if record is None:
        return bytes(_VERSION_SIZE)
    version = record.generation << 40 | (record.last_update_ms & _TIME_MASK)
    return version.to_bytes(_VERSION_SIZE, "little")


class _View(Namespace):
    """A namespace whose records are those of another, seen differently."""

    __slots__ = ("_base", "_provisional")

    def __init__(self, base: Namespace, transactions: Transactions) -> None:
        self._base = base
        self._provisional = transactions.provisional
        self._store = base._store
        self.name = base.name
        self.default_ttl = base.default_ttl
        self.has_void_times = base.has_void_times
        self.partitions = base.partitions
        self.locks = base.locks
        self.sets = base.sets
        self.transactions = transactions


class Outside(_View):
    """For writes that belong to no transaction: they do not get past a lock."""

    __slots__ = ()

    def find(self, set_name: str, digest: bytes) -> Record | None:
        """Look a record up to change it; Refused(120) when a transaction holds it."""
        if digest in self._provisional:
            raise Refused(_BLOCKED)
        return self._base.find(set_name, digest)

    def put(self, record: Record, old: Record | None) -> None:
        """Store a record."""
        self._base.put(record, old)

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self._base.remove(record)


class Inside(_View):
    """For commands of a transaction: its own provisional versions stand for the records.

    `looked`: the record was looked up and nothing spoke against it; `found` is it, as it is
    outside, None when there is none.
    """

    __slots__ = ("_command", "_id", "_monitor", "found", "looked")

    def __init__(
        self,
        base: Namespace,
        transactions: Transactions,
        id: int,
        monitor: Monitor | None,
        command: Command,
    ) -> None:
        super().__init__(base, transactions)
        self._id = id
        self._monitor = monitor
        self._command = command
        self.looked = False
        self.found: Record | None = None

    def find(self, set_name: str, digest: bytes) -> Record | None:
        """Look a record up; refuses when another transaction holds it, or it has changed."""
        held = self._provisional.get(digest)
        if held is not None:
            if held.transaction != self._id:
                raise Refused(_BLOCKED)
            command = self._command
            if command.info2 & Info2.WRITE and command.info4 & Info4.TXN_ON_LOCKING_ONLY:
                raise Refused(_ALREADY_LOCKED)
            return held.record
        record = self._base.find(set_name, digest)
        if record is not None and record.expired(now_2010()):
            record = None
        wanted = self._command.version
        if wanted is not None:
            if len(wanted) != _VERSION_SIZE:
                raise Refused(_PARAMETER)
            if wanted != version_of(record):
                raise Refused(_VERSION_MISMATCH)
        self.looked, self.found = True, record
        return record

    def put(self, record: Record, old: Record | None) -> None:
        """Keep a provisional version."""
        self._keep(record.set_name, record.digest, record)

    def remove(self, record: Record) -> None:
        """Keep that the record is to be removed."""
        self._keep(record.set_name, record.digest, None)

    def _keep(self, set_name: str, digest: bytes, record: Record | None) -> None:
        if self._monitor is None:
            raise Refused(_EXPIRED)
        version = Provisional(self._id, set_name, digest, record)
        self._monitor.hold(digest, self._provisional, version)


def encode_provisional(held: Provisional) -> str:
    """Write a provisional version as the durable file keeps it."""
    kept: list[Any] = [held.transaction, held.set_name]
    if held.record is not None:
        r = held.record
        key = None if r.key is None else base64.b64encode(r.key).decode()
        packed = base64.b64encode(r.packed).decode()
        kept += [key, r.generation, r.void_time, r.last_update_ms, r.n_bins, packed]
    return json.dumps(kept)


def restore_provisional(text: str, digest: bytes) -> Provisional:
    """Read what `encode_provisional` wrote."""
    id, set_name, *kept = json.loads(text)
    if not kept:
        return Provisional(id, set_name, digest, None)
    key, generation, void_time, last_update_ms, n_bins, packed = kept
    raw_key = None if key is None else base64.b64decode(key)
    record = Record(
        digest,
        set_name,
        raw_key,
        generation,
        void_time,
        last_update_ms,
        n_bins,
        base64.b64decode(packed),
    )
    return Provisional(id, set_name, digest, record)
