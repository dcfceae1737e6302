"""Secondary indexes: which there are, their postings, and how writes keep them true.

`Indexes.update` follows every change of a record under its partition's lock. Postings are a
dict from key to the digests that have it; a sorted list of the keys answers ranges, and is
put in order only when a range is asked for, so that a write costs two dict operations.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from threading import Lock
from typing import TYPE_CHECKING, Final

from aerodbapi import errors
from aerodbapi.embedded import geo
from aerodbapi.embedded.index_keys import GEOJSON, INTEGER, OF_SET, Definition, Key, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aerodbapi.embedded.storage import Record, Store

__all__ = ["MAX_INDEXES", "Index", "Indexes", "entries_per_key", "entries_per_record"]

#: Per namespace (server source: MAX_N_SINDEXES).
MAX_INDEXES: Final = 256


class Index:
    """One secondary index. Methods may be called from many threads."""

    __slots__ = (
        "_fresh",
        "_lock",
        "_postings",
        "_sorted",
        "_stale",
        "definition",
        "entries",
        "n_records",
        "name",
    )

    def __init__(self, name: str, definition: Definition) -> None:
        self.name = name
        self.definition = definition
        self.entries = 0
        self.n_records = 0
        self._lock = Lock()
        self._postings: dict[Key, bytes | set[bytes]] = {}
        # Keys for ranges: a sorted list, keys added since, and keys that nobody has any more.
        self._sorted: list[int] = []
        self._fresh: list[int] = []
        self._stale: set[int] = set()

    def replace(self, digest: bytes, old: tuple[Key, ...], new: tuple[Key, ...]) -> None:
        """File a record under its new keys instead of its old ones; repeating is harmless."""
        with self._lock:
            removed = sum(self._remove(key, digest) for key in old if key not in new)
            added = sum(self._add(key, digest) for key in new)
            self.entries += added - removed
            if added and added == len(new) and not old:
                self.n_records += 1
            elif removed and not new:
                self.n_records -= 1

    def _add(self, key: Key, digest: bytes) -> bool:
        found = self._postings.get(key)
        if found is None:
            self._postings[key] = digest
            if isinstance(key, int):
                if key in self._stale:
                    self._stale.discard(key)
                else:
                    self._fresh.append(key)
            return True
        if isinstance(found, set):
            size = len(found)
            found.add(digest)
            return len(found) > size
        if found == digest:
            return False
        self._postings[key] = {found, digest}
        return True

    def _remove(self, key: Key, digest: bytes) -> bool:
        found = self._postings.get(key)
        if isinstance(found, set):
            if digest not in found:
                return False
            found.discard(digest)
            if len(found) == 1:
                self._postings[key] = found.pop()
            return True
        if found != digest:
            return False
        del self._postings[key]
        if isinstance(key, int):
            self._stale.add(key)
        return True

    def digests(self, key: Key) -> list[bytes]:
        """Give the digests filed under a key, in order."""
        with self._lock:
            found = self._postings.get(key)
            if found is None:
                return []
            return [found] if isinstance(found, bytes) else sorted(found)

    def keys_between(self, low: int, high: int) -> list[int]:
        """Give the numeric keys from `low` to `high`, both included, in order."""
        with self._lock:
            if self._fresh:
                self._sorted += self._fresh
                self._sorted.sort()
                self._fresh = []
            if len(self._stale) * 2 > len(self._sorted):
                self._sorted = sorted(key for key in self._postings if isinstance(key, int))
                self._stale.clear()
            keys = self._sorted
            found = keys[bisect_left(keys, low) : bisect_right(keys, high)]
            return [key for key in found if key not in self._stale] if self._stale else found

    def n_keys(self) -> int:
        """Count the different keys."""
        return len(self._postings)


class Indexes:
    """All secondary indexes of a node."""

    __slots__ = ("_by_name", "_following", "_lock", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._by_name: dict[tuple[str, str], Index] = {}
        #: (namespace, set) → the set's own indexes; set "" → those of the whole namespace.
        self._following: dict[tuple[str, str], tuple[Index, ...]] = {}

    def update(
        self,
        namespace: str,
        set_name: str,
        digest: bytes,
        old: Record | None,
        new: Record | None,
    ) -> None:
        """Follow one record's change; the caller holds the partition's lock."""
        following = self._following
        if not following:
            return
        for index in following.get((namespace, ""), ()):
            _follow(index, digest, old, new)
        if set_name:
            for index in following.get((namespace, set_name), ()):
                _follow(index, digest, old, new)

    def named(self, namespace: str, name: str) -> Index | None:
        """Find an index by its name."""
        return self._by_name.get((namespace, name))

    def defined(self, definition: Definition) -> Index | None:
        """Find the index of exactly this definition."""
        key = (definition.namespace, definition.set_name)
        for index in self._following.get(key, ()):
            if index.definition == definition:
                return index
        return None

    def of_namespace(self, namespace: str | None = None) -> list[Index]:
        """Give the indexes of a namespace (None: all), in order of creation."""
        found = list(self._by_name.items())
        return [index for (owner, _), index in found if namespace in (None, owner)]

    def count_of(self, namespace: str, set_name: str) -> int:
        """Count the indexes on one set."""
        return len(self._following.get((namespace, set_name), ()))

    def create(self, name: str, definition: Definition) -> None:
        """Create an index and fill it from the records that exist.

        The same name and definition again is no error, the same definition under a new name
        renames. Raises errors.IndexExists (200) for a name with another definition, code 206
        above MAX_INDEXES, UnsupportedFeature (16) for geo without s2geometry.
        """
        if definition.kind == GEOJSON:
            geo.require()
        with self._lock:
            present = self._by_name.get((definition.namespace, name))
            if present is not None:
                if present.definition != definition:
                    raise errors.IndexExists(
                        "'indexname' already exists with different definition", result_code=200
                    )
                return
            same = self.defined(definition)
            if same is not None:
                self._rename(same, name)
                return
            if len(self.of_namespace(definition.namespace)) >= MAX_INDEXES:
                raise errors.error_for(206, "already at sindex definition limit")
            index = Index(name, definition)
            self._by_name[definition.namespace, name] = index
            self._follow_from_now(definition, (index,), ())
        self._fill(index)

    def _rename(self, index: Index, name: str) -> None:
        namespace = index.definition.namespace
        del self._by_name[namespace, index.name]
        index.name = name
        self._by_name[namespace, name] = index

    def _follow_from_now(
        self, definition: Definition, added: Iterable[Index], removed: Iterable[Index]
    ) -> None:
        key = (definition.namespace, definition.set_name)
        gone = set(removed)
        kept = [index for index in self._following.get(key, ()) if index not in gone]
        following = {**self._following, key: (*kept, *added)}
        if not following[key]:
            del following[key]
        self._following = following

    def _fill(self, index: Index) -> None:
        """File all existing records; writes meanwhile file themselves through `update`."""
        definition = index.definition
        namespace = self._store.namespaces.get(definition.namespace)
        if namespace is None or definition.source == OF_SET:
            return
        for pid, sets in enumerate(namespace.partitions):
            if not sets:
                continue
            with namespace.locks[pid]:
                for record in namespace.records(pid, definition.set_name or None):
                    index.replace(record.digest, (), keys_of(definition, record))

    def drop(self, namespace: str, name: str) -> bool:
        """Remove an index; False when there is none of this name."""
        with self._lock:
            index = self._by_name.pop((namespace, name), None)
            if index is None:
                return False
            self._follow_from_now(index.definition, (), (index,))
            return True


def _follow(index: Index, digest: bytes, old: Record | None, new: Record | None) -> None:
    definition = index.definition
    if definition.source == OF_SET:
        return
    if old is not None and new is not None and _same_bin(definition.bin, old, new):
        return
    before = () if old is None else keys_of(definition, old)
    after = () if new is None else keys_of(definition, new)
    if before != after:
        index.replace(digest, before, after)


def _same_bin(bin: str, old: Record, new: Record) -> bool:
    if old.packed == new.packed:
        return True
    return bool(bin) and old.particle(bin) == new.particle(bin)


def entries_per_key(index: Index) -> int:
    """Average number of records that share one key, rounded."""
    keys = index.n_keys()
    return (index.entries + keys // 2) // keys if keys else 0


def entries_per_record(index: Index) -> int:
    """Average number of keys that one record has, rounded."""
    if index.definition.source == 0 and index.definition.kind == INTEGER:
        return 1 if index.entries else 0
    records = max(index.n_records, 0)
    return (index.entries + records // 2) // records if records else 0
