"""Records in memory: Store → Namespace → partition → set → digest → Record.

A Record keeps its bins packed, in the very bytes that a read answers with (a run of READ
operations, wire.md §5). A get of all bins or a scan then copies one block; 300,000 records of
19 bins take some 200 MB instead of a gigabyte of small objects; and the durable file stores
the same block. `Record.bins` unpacks them.

Records are values: once stored a Record is never changed, a write stores a new one. Readers
therefore take no lock; writers hold the lock of the record's partition from look-up to store.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

__all__ = [
    "EPOCH_2010",
    "N_PARTITIONS",
    "Journal",
    "Namespace",
    "Particle",
    "Record",
    "SindexHook",
    "Store",
    "now_2010",
    "now_ms_2010",
    "pack_bins",
    "partition_of",
]

EPOCH_2010: Final = 1262304000
N_PARTITIONS: Final = 4096

#: (particle type, value bytes) as they travel: integers and doubles are 8 bytes, big-endian.
Particle = tuple[int, bytes]

_OP = struct.Struct(">IBBBB")  # size without itself, op, particle type, 0, name length
_READ: Final = 1
_OP_OVERHEAD: Final = 4  # what `size` counts besides name and value


def now_2010() -> int:
    """Whole seconds since 2010-01-01T00:00Z, the unit of void-times."""
    return int(time.time()) - EPOCH_2010


def now_ms_2010() -> int:
    """Milliseconds since 2010-01-01T00:00Z, the unit of last-update times."""
    return int((time.time() - EPOCH_2010) * 1000)


def partition_of(digest: bytes) -> int:
    """Give the partition (0 to 4095) of a 20-byte digest."""
    return (digest[0] | digest[1] << 8) & 4095


def pack_bins(bins: Mapping[str, Particle]) -> bytes:
    """Pack bins as the READ operations of a reply, in the mapping's order."""
    parts = []
    for name, (kind, value) in bins.items():
        raw = name.encode()
        parts.append(_OP.pack(_OP_OVERHEAD + len(raw) + len(value), _READ, kind, 0, len(raw)))
        parts.append(raw)
        parts.append(value)
    return b"".join(parts)


@dataclass(slots=True, eq=False)
class Record:
    """One record; treat it as frozen.

    `set_name`: "" for the null set. `key`: the stored user key as in a KEY field (particle type
    byte, then the key's bytes), or None. `generation`: 1 to 65535. `void_time`: seconds since
    2010, 0 for never. `last_update_ms`: milliseconds since 2010. `packed`: the bins, packed.
    """

    digest: bytes
    set_name: str
    key: bytes | None
    generation: int
    void_time: int
    last_update_ms: int
    n_bins: int
    packed: bytes

    @classmethod
    def of(
        cls,
        digest: bytes,
        set_name: str,
        bins: Mapping[str, Particle],
        *,
        key: bytes | None = None,
        generation: int = 1,
        void_time: int = 0,
        last_update_ms: int = 0,
    ) -> Record:
        """Make a record from unpacked bins."""
        packed = pack_bins(bins)
        return cls(digest, set_name, key, generation, void_time, last_update_ms, len(bins), packed)

    @property
    def bins(self) -> dict[str, Particle]:
        """Unpack all bins into a new dict, in stored order."""
        packed, at, bins = self.packed, 0, {}
        unpack = _OP.unpack_from
        for _ in range(self.n_bins):
            size, _op, kind, _zero, name_size = unpack(packed, at)
            name_end = at + 8 + name_size
            end = at + 4 + size
            bins[packed[at + 8 : name_end].decode()] = (kind, packed[name_end:end])
            at = end
        return bins

    def particle(self, name: str) -> Particle | None:
        """Unpack one bin, or None when the record has no such bin."""
        packed, at, wanted = self.packed, 0, name.encode()
        if wanted not in packed:
            return None
        unpack = _OP.unpack_from
        for _ in range(self.n_bins):
            size, _op, kind, _zero, name_size = unpack(packed, at)
            name_end = at + 8 + name_size
            end = at + 4 + size
            if packed[at + 8 : name_end] == wanted:
                return kind, packed[name_end:end]
            at = end
        return None

    def packed_bin(self, name: str) -> bytes | None:
        """Give one bin still packed (a whole READ operation), or None."""
        found = self.particle(name)
        return None if found is None else pack_bins({name: found})

    def expired(self, now: int) -> bool:
        """Tell whether the record's time is over; `now`: seconds since 2010."""
        return 0 < self.void_time <= now

    def size(self) -> int:
        """Bytes that the record's data takes (bins, key and a fixed header)."""
        return len(self.packed) + len(self.key or b"") + len(self.set_name) + 40


class Journal(Protocol):
    """What the durable file does for a namespace: remember, then confirm.

    `put`, `remove` and `truncate` are called under the partition's lock and must be quick;
    `confirm` is called outside of it, before the write is acknowledged, and returns when
    everything that this thread has put is safe.
    """

    def put(self, namespace: str, record: Record) -> None: ...

    def remove(self, namespace: str, digest: bytes) -> None: ...

    def truncate(self, namespace: str, set_name: str | None, before_ms: int) -> None: ...

    def define(self, kind: str, name: str, value: str | None) -> None: ...

    def definitions(self, kind: str) -> dict[str, str]: ...

    def confirm(self) -> None: ...

    def close(self) -> None: ...


class SindexHook(Protocol):
    """Who follows every change of a record, under its partition's lock (the sindexes)."""

    def update(
        self,
        namespace: str,
        set_name: str,
        digest: bytes,
        old: Record | None,
        new: Record | None,
    ) -> None: ...


class Namespace:
    """One namespace's records, in 4096 partitions, each with its lock."""

    __slots__ = ("indexes", "journal", "locks", "name", "partitions", "sets", "truncated")

    def __init__(self, name: str, journal: Journal | None, indexes: SindexHook | None) -> None:
        self.name = name
        self.journal = journal
        self.indexes = indexes
        self.partitions: list[dict[str, dict[bytes, Record]]] = [{} for _ in range(N_PARTITIONS)]
        self.locks = [Lock() for _ in range(N_PARTITIONS)]
        self.sets: dict[str, None] = {}  # every set ever written, "" excepted
        self.truncated: dict[str | None, int] = {}  # set (None: all) → last truncation, ms

    def find(self, set_name: str, digest: bytes) -> Record | None:
        """Look a record up, expired or not; one of another set when the digest says so."""
        sets = self.partitions[partition_of(digest)]
        records = sets.get(set_name)
        if records is not None:
            record = records.get(digest)
            if record is not None:
                return record
        for records in list(sets.values()):
            record = records.get(digest)
            if record is not None:
                return record
        return None

    def put(self, record: Record, old: Record | None) -> None:
        """Store a record in the place of `old`; the caller holds the partition's lock."""
        set_name = record.set_name
        sets = self.partitions[partition_of(record.digest)]
        records = sets.get(set_name)
        if records is None:
            records = sets[set_name] = {}
            if set_name:
                self.sets.setdefault(set_name)
        records[record.digest] = record
        if self.indexes is not None:
            self.indexes.update(self.name, set_name, record.digest, old, record)
        if self.journal is not None:
            self.journal.put(self.name, record)

    def remove(self, record: Record) -> None:
        """Forget a stored record; the caller holds the partition's lock."""
        records = self.partitions[partition_of(record.digest)].get(record.set_name)
        if records is None or records.pop(record.digest, None) is None:
            return
        if self.indexes is not None:
            self.indexes.update(self.name, record.set_name, record.digest, record, None)
        if self.journal is not None:
            self.journal.remove(self.name, record.digest)

    def confirm(self) -> None:
        """Return when this thread's writes are safe: call before acknowledging them."""
        if self.journal is not None:
            self.journal.confirm()

    def records(self, pid: int, set_name: str | None = None) -> list[Record]:
        """Copy the list of one partition's records (None: of all sets); expired ones too."""
        sets = self.partitions[pid]
        if set_name is not None:
            records = sets.get(set_name)
            return [] if not records else list(records.values())
        return [record for records in list(sets.values()) for record in list(records.values())]

    def all_records(self, set_name: str | None = None) -> Iterator[Record]:
        """Walk all partitions; expired records too."""
        for pid in range(N_PARTITIONS):
            yield from self.records(pid, set_name)

    def count(self, set_name: str | None = None) -> int:
        """Count the records of a set (None: of all), expired but unreaped ones included."""
        if set_name is None:
            return sum(len(s) for sets in self.partitions for s in list(sets.values()))
        return sum(len(sets[set_name]) for sets in self.partitions if set_name in sets)

    def truncate(self, set_name: str | None, before_ms: int) -> int:
        """Remove a set's records (None: all) last updated before `before_ms`; say how many."""
        removed = 0
        for pid in range(N_PARTITIONS):
            with self.locks[pid]:
                for record in self.records(pid, set_name):
                    if record.last_update_ms < before_ms:
                        removed += self._drop(pid, record)
        self.truncated[set_name] = max(before_ms, self.truncated.get(set_name, 0))
        if self.journal is not None:
            self.journal.truncate(self.name, set_name, before_ms)
        return removed

    def _drop(self, pid: int, record: Record) -> int:
        del self.partitions[pid][record.set_name][record.digest]
        if self.indexes is not None:
            self.indexes.update(self.name, record.set_name, record.digest, record, None)
        return 1


class Store:
    """All namespaces of a node; `journal` is the durable file, or None for memory only.

    `indexes`: set it before the first record arrives; namespaces hand it every change.
    """

    __slots__ = ("_lock", "indexes", "journal", "namespaces")

    def __init__(self, journal: Journal | None = None, indexes: SindexHook | None = None) -> None:
        self.journal = journal
        self.indexes = indexes
        self.namespaces: dict[str, Namespace] = {}
        self._lock = Lock()

    def namespace(self, name: str) -> Namespace:
        """Give a namespace, making it on first use."""
        found = self.namespaces.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self.namespaces:
                self.namespaces[name] = Namespace(name, self.journal, self.indexes)
            return self.namespaces[name]

    def close(self) -> None:
        """Close the durable file; memory is left to the collector."""
        if self.journal is not None:
            self.journal.close()
