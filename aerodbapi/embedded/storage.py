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
from dataclasses import dataclass
from threading import Lock, RLock
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aerodbapi.embedded.transactions import Transactions
    from aerodbapi.embedded.udf.engine import Engine

__all__ = [
    "EPOCH_2010",
    "MONITOR_SET",
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
#: The set in which transactions keep their monitors.
MONITOR_SET: Final = "<ERO~MRT"

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
    parts: list[bytes] = []
    pack = _OP.pack
    for name, (kind, value) in bins.items():
        raw = name.encode() if name.isascii() else _name_bytes(name)
        size = len(raw)
        parts += (pack(_OP_OVERHEAD + size + len(value), _READ, kind, 0, size), raw, value)
    return b"".join(parts)


def _name_bytes(name: str) -> bytes:
    """Give a bin's name as it came: bytes that were not UTF-8 are escaped in the text."""
    return name.encode("utf-8", "surrogateescape")


@dataclass(slots=True, eq=False)
class Record:
    """One record; treat it as frozen.

    `set_name`: "" for the null set. `key`: the stored user key as in a KEY field (particle type
    byte, then the key's bytes), or None. `generation`: 1 to 65535. `void_time`: seconds since
    2010, 0 for never. `last_update_ms`: milliseconds since 2010. `packed`: the bins, packed.
    `row`: the record's place in the durable file, which the journal alone sets; 0 without one.
    """

    digest: bytes
    set_name: str
    key: bytes | None
    generation: int
    void_time: int
    last_update_ms: int
    n_bins: int
    packed: bytes
    row: int = 0

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
            bins[str(packed[at + 8 : name_end], "utf-8", "surrogateescape")] = (
                kind,
                packed[name_end:end],
            )
            at = end
        return bins

    def particle(self, name: str) -> Particle | None:
        """Unpack one bin, or None when the record has no such bin."""
        found = self.packed_bin(name)
        return None if found is None else (found[5], found[8 + found[7] :])

    def packed_bin(self, name: str) -> bytes | None:
        """Give one bin still packed (a whole READ operation), or None."""
        packed, at = self.packed, 0
        wanted = _name_bytes(name)
        if wanted not in packed:
            return None
        unpack = _OP.unpack_from
        for _ in range(self.n_bins):
            size, _op, _kind, _zero, name_size = unpack(packed, at)
            if packed[at + 8 : at + 8 + name_size] == wanted:
                return packed[at : at + 4 + size]
            at += 4 + size
        return None

    def expired(self, now: int) -> bool:
        """Tell whether the record's time is over; `now`: seconds since 2010."""
        return 0 < self.void_time < now

    def size(self) -> int:
        """Bytes that the record's data takes (bins, key and a fixed header)."""
        return len(self.packed) + len(self.key or b"") + len(self.set_name) + 40


class Journal(Protocol):
    """What the durable file does for a namespace: remember, then confirm.

    All but `load` and `confirm` only queue, so that they may be called under a partition's
    lock. `confirm` is called outside of it, before a write is acknowledged, and returns when
    everything that this thread has queued is safe; it raises OperationalError when it is not.
    """

    def put(self, namespace: str, record: Record, old: Record | None) -> None: ...

    def remove(self, record: Record) -> None: ...

    def define(self, kind: str, name: str, value: str | None) -> None: ...

    def load(self) -> Iterator[tuple[str, Record]]: ...

    def definitions(self) -> Iterator[tuple[str, str, str]]: ...

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

    __slots__ = (
        "_store",
        "default_ttl",
        "has_void_times",
        "locks",
        "name",
        "partitions",
        "sets",
        "transactions",
    )

    def __init__(self, name: str, store: Store) -> None:
        self._store = store
        self.name = name
        self.default_ttl = 0  # seconds; 0: records live for ever unless a write says otherwise
        self.has_void_times = False  # whether any record ever had one
        self.partitions: list[dict[str, dict[bytes, Record]]] = [{} for _ in range(N_PARTITIONS)]
        self.locks = [Lock() for _ in range(N_PARTITIONS)]
        self.sets: dict[str, None] = {}  # every set ever written, "" excepted
        self.transactions: Transactions | None = None  # with strong consistency only

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
        self._records_of(record)[record.digest] = record
        store = self._store
        if store.indexes is not None:
            store.indexes.update(self.name, record.set_name, record.digest, old, record)
        if store.journal is not None:
            store.journal.put(self.name, record, old)

    def restore(self, record: Record) -> None:
        """Put a record that comes from the durable file."""
        self._records_of(record)[record.digest] = record
        if self._store.indexes is not None:
            self._store.indexes.update(self.name, record.set_name, record.digest, None, record)

    def _records_of(self, record: Record) -> dict[bytes, Record]:
        if record.void_time:
            self.has_void_times = True
        sets = self.partitions[partition_of(record.digest)]
        records = sets.get(record.set_name)
        if records is None:
            records = sets[record.set_name] = {}
            if record.set_name and record.set_name not in self.sets:
                self.sets.setdefault(record.set_name)
                self._store.define("set", f"{self.name}|{record.set_name}", "")
        return records

    def remove(self, record: Record) -> None:
        """Forget a stored record; the caller holds the partition's lock."""
        records = self.partitions[partition_of(record.digest)].get(record.set_name)
        if records is None or records.pop(record.digest, None) is None:
            return
        store = self._store
        if store.indexes is not None:
            store.indexes.update(self.name, record.set_name, record.digest, record, None)
        if store.journal is not None:
            store.journal.remove(record)

    def confirm(self) -> None:
        """Return when this thread's writes are safe: call before acknowledging them."""
        self._store.confirm()

    @property
    def udf(self) -> Engine:
        """The Lua states of the registered modules."""
        return self._store.udf

    @property
    def runs_functions(self) -> bool:
        """Whether Lua is run on records."""
        return self._store.runs_functions

    def records(self, pid: int, set_name: str | None = None) -> list[Record]:
        """Copy the list of one partition's records (None: of all sets); expired ones too.

        Transactions' monitors are there for who names their set.
        """
        sets = self.partitions[pid]
        if set_name is not None:
            records = sets.get(set_name)
            return [] if not records else list(records.values())
        return [
            record
            for name, records in list(sets.items())
            if name != MONITOR_SET
            for record in list(records.values())
        ]

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
            if not self.partitions[pid]:
                continue
            with self.locks[pid]:
                for record in self.records(pid, set_name):
                    if record.last_update_ms < before_ms:
                        self.remove(record)
                        removed += 1
        return removed


class Store:
    """All namespaces of a node; `journal` is the durable file, or None for memory only.

    `indexes`: set it before the first record arrives; namespaces hand it every change.
    `runs_functions`: whether Lua is run on records.
    Definitions are small durable texts by kind and name: "namespace", "set" (name `ns|set`),
    "truncate", "sindex", "udf", "config".
    """

    __slots__ = (
        "_definitions",
        "_lock",
        "_udf",
        "indexes",
        "journal",
        "namespaces",
        "runs_functions",
    )

    def __init__(self, journal: Journal | None = None, indexes: SindexHook | None = None) -> None:
        self.journal = journal
        self.indexes = indexes
        self.namespaces: dict[str, Namespace] = {}
        self._definitions: dict[str, dict[str, str]] = {}
        self._lock = RLock()
        self._udf: Engine | None = None
        self.runs_functions = True

    def load(self) -> None:
        """Bring the durable file's contents into memory, sindexes included: call once."""
        if self.journal is None:
            return
        for kind, name, value in self.journal.definitions():
            self._definitions.setdefault(kind, {})[name] = value
        for name in self.definitions("namespace"):
            self.namespace(name)
        for name in self.definitions("set"):
            namespace, _, set_name = name.partition("|")
            self.namespace(namespace).sets.setdefault(set_name)
        for name, record in self.journal.load():
            self.namespace(name).restore(record)

    def namespace(self, name: str) -> Namespace:
        """Give a namespace, making it on first use."""
        found = self.namespaces.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self.namespaces:
                made = Namespace(name, self)
                if name not in self.definitions("namespace"):
                    self.define("namespace", name, "")
                self.namespaces[name] = made
            return self.namespaces[name]

    def define(self, kind: str, name: str, value: str | None) -> None:
        """Remember a definition, or forget it (None); durable after `confirm`."""
        with self._lock:
            names = dict(self._definitions.get(kind, {}))
            if value is None:
                names.pop(name, None)
            else:
                names[name] = value
            self._definitions[kind] = names
            if self.journal is not None:
                self.journal.define(kind, name, value)

    def definitions(self, kind: str) -> Mapping[str, str]:
        """Give all definitions of a kind, by name; the mapping never changes."""
        return self._definitions.get(kind, {})

    @property
    def udf(self) -> Engine:
        """The Lua states of the registered modules, made on first use."""
        engine = self._udf
        if engine is None:
            from aerodbapi.embedded.udf.engine import Engine

            with self._lock:
                engine = self._udf = self._udf or Engine(self)
        return engine

    def confirm(self) -> None:
        """Return when this thread's writes are safe: call before acknowledging them."""
        if self.journal is not None:
            self.journal.confirm()

    def close(self) -> None:
        """Make everything safe and close the durable file."""
        if self.journal is not None:
            self.journal.close()
