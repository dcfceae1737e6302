"""Which records a query meets, batch by batch, in the order that resuming needs.

A primary index query goes partition by partition, in each by digest. A secondary index query
goes key by key, under each key by digest: every partition sees its (bval, digest) rising, so
that each can resume after its last one. Batches hold records as they were when the batch was
made; expired records and filters are the caller's business.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from aerodbapi.embedded import geo
from aerodbapi.embedded.index_keys import (
    DEFAULT,
    GEOJSON,
    INTEGER,
    OF_SET,
    bval_of,
    keys_of,
    shapes_of,
)
from aerodbapi.embedded.storage import N_PARTITIONS, now_ms_2010, partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aerodbapi.embedded.index_keys import Key
    from aerodbapi.embedded.query_request import IndexRange, QueryRequest, Resume
    from aerodbapi.embedded.sindex import Index
    from aerodbapi.embedded.storage import Namespace, Record

__all__ = ["Batch", "batches"]

_by_digest = attrgetter("digest")
_UNSIGNED = (1 << 64) - 1
#: A record that changed this short before the query may not have been filed under its keys yet.
_CHANGING_MS = 3000
_BATCH = 512

#: (percent done, bval, records)
Batch = tuple[float, int, "list[Record]"]


def batches(namespace: Namespace, request: QueryRequest, index: Index | None) -> Iterator[Batch]:
    """Walk the records of the requested partitions (None: all), by `index` when given."""
    if index is None or request.index is None:
        return _primary(namespace, request)
    return _Secondary(namespace, request, request.index, index).walk()


def _primary(namespace: Namespace, request: QueryRequest) -> Iterator[Batch]:
    partitions = request.partitions
    if partitions is None:
        partitions = dict.fromkeys(range(N_PARTITIONS))
    for done, (pid, resume) in enumerate(partitions.items()):
        if not namespace.partitions[pid]:
            continue
        records = namespace.records(pid, request.set_name)
        records.sort(key=_by_digest)
        if resume is not None:
            after = resume[1]
            records = [record for record in records if record.digest > after]
        if records:
            yield 100.0 * done / len(partitions), 0, records


class _Secondary:
    """One walk over a secondary index."""

    def __init__(
        self, namespace: Namespace, request: QueryRequest, asked: IndexRange, index: Index
    ) -> None:
        self.namespace = namespace
        self.set_name = request.set_name
        self.partitions = request.partitions
        self.asked = asked
        self.index = index
        self.definition = index.definition
        self.started_ms = now_ms_2010() - _CHANGING_MS
        self.resumes = request.n_resumed > 0
        #: Digests that were answered already, when a record may be under several keys.
        self.seen: set[bytes] | None = set() if self._may_repeat() else None

    def _may_repeat(self) -> bool:
        (low, high), *more = self.asked.ranges or (((0, 0)),)
        return bool(more) or low != high

    def walk(self) -> Iterator[Batch]:
        """Yield the records under each key of the ranges."""
        if self.definition.source == OF_SET or self.definition.kind != self.asked.definition.kind:
            return
        keys = self._keys()
        for done, key in enumerate(keys):
            bval = bval_of(self.definition.kind, key)
            digests = self.index.digests(key)
            for at in range(0, len(digests), _BATCH):
                records = self._records(key, digests[at : at + _BATCH])
                if records:
                    yield 100.0 * done / len(keys), bval, records

    def _keys(self) -> list[Key]:
        keys: list[Key] = []
        for low, high in self.asked.ranges:
            if isinstance(low, int) and isinstance(high, int):
                keys += self.index.keys_between(low, high)
            else:
                keys.append(low)
        return keys

    def _records(self, key: Key, digests: list[bytes]) -> list[Record]:
        partitions, seen = self.partitions, self.seen
        records = []
        for digest in digests:
            pid = partition_of(digest)
            resume = None
            if partitions is not None:
                if pid not in partitions:
                    continue
                resume = partitions[pid]
                if resume is not None and not self._is_after(key, digest, resume):
                    continue
            if seen is not None and digest in seen:
                continue
            record = self.namespace.find(self.set_name or self.definition.set_name, digest)
            if record is None or not self._belongs(record, key, resume):
                continue
            if seen is not None:
                seen.add(digest)
            records.append(record)
        return records

    def _is_after(self, key: Key, digest: bytes, resume: Resume) -> bool:
        bval, last = resume
        if isinstance(key, bytes):
            return digest > last
        if self.definition.kind != INTEGER:
            bval &= _UNSIGNED
        return (key, digest) > (bval, last)

    def _belongs(self, record: Record, key: Key, resume: Resume | None) -> bool:
        """Check what the posting alone does not tell."""
        definition = self.definition
        wanted = self.set_name or definition.set_name
        if wanted and record.set_name != wanted:
            return False
        several = definition.source != DEFAULT or definition.kind == GEOJSON
        changed = record.last_update_ms >= self.started_ms
        if changed or (several and resume is not None):
            keys = keys_of(definition, record)
            if key not in keys:
                return False
            if resume is not None and several and not self._is_first(key, keys):
                return False
        return not self.asked.shape or self._matches_shape(record)

    def _is_first(self, key: Key, keys: tuple[Key, ...]) -> bool:
        """Tell whether the record was not answered under a lower key, before the resume."""
        for other in keys:
            for low, high in self.asked.ranges:
                if low <= other <= high and other < key:  # type: ignore[operator]
                    return False
        return True

    def _matches_shape(self, record: Record) -> bool:
        query = self.asked.shape
        return any(geo.match(text, query) for text in shapes_of(self.definition, record))
