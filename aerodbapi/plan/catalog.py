"""What is known of sets and indexes: declared or sampled columns with their types, index facts.

Aerospike has no schema. A set's columns are those of its declaration if there is one, else those
of a sample (spread over the partitions by whoever reads it) and of what this program wrote since;
a bin that is not known is then no error. Reading declarations, samples and info texts is dbapi's;
here they are only understood and kept.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from aerodbapi.frozen import frozen, replace
from aerodbapi.plan.declaration import INFORMATION_SCHEMA, Known, Table
from aerodbapi.plan.kinds import kind_of, type_code

__all__ = [
    "Catalog",
    "ColumnInfo",
    "IndexInfo",
    "SetInfo",
    "from_declaration",
    "from_sample",
    "indexes_from_info",
]


@frozen
class ColumnInfo:
    """A bin: the kinds of value seen in it with their counts, and its type code's name.

    `label`: the declared column's name, where it differs from the bin's. A declared column's
    `code` is `sql_types.SqlType.code`; its bin then holds what `plan.storage` says.
    """

    name: str
    types: tuple[tuple[str, int], ...]
    code: str
    label: str | None = None

    @property
    def title(self) -> str:
        """The column's name in SQL."""
        return self.label or self.name

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.types)


@frozen
class SetInfo:
    """A set as sampled: bins in order of first appearance; `key` describes PK.

    `set` as in operations.Target; `sampled` counts the records looked at. `declared`: the
    columns are this table's, in its order (but for the key column, which is `key`).
    """

    namespace: str
    set: str | None
    columns: tuple[ColumnInfo, ...]
    sampled: int
    key: ColumnInfo = ColumnInfo("PK", (), "VARCHAR")
    declared: Table | None = None

    def column(self, name: str) -> ColumnInfo | None:
        """Find a bin by its exact name."""
        return next((column for column in self.columns if column.name == name), None)


@frozen
class IndexInfo:
    """A secondary index. `set` None: of the whole namespace.

    `type`: NUMERIC STRING BLOB GEO2DSPHERE; `collection`: LIST MAPKEYS MAPVALUES or None;
    `entries_per_value`: average number of records per indexed value, None when unknown;
    `state`: RW when it may be queried; `plain`: no context path, no expression; `context`:
    packed, of an index on an element.
    """

    namespace: str
    set: str | None
    name: str
    bin: str
    type: str
    collection: str | None = None
    entries_per_value: int | None = None
    state: str = "RW"
    plain: bool = True
    context: bytes = b""


def from_declaration(table: Table) -> SetInfo:
    """Describe a set by its declaration: its records need not be looked at."""
    columns, key = [], ColumnInfo("PK", (), "VARCHAR")
    for column in table.columns:
        kind, code = column.type.kind, column.type.code
        kinds = () if kind is None else ((kind, 1),)
        label = None if column.name == column.bin else column.name
        if column.bin:
            columns.append(ColumnInfo(column.bin, kinds, code, label))
        else:
            key = ColumnInfo("PK", kinds, code, label)
    return SetInfo(table.namespace, table.set, tuple(columns), 0, key, table)


# ---- reading what servers say ------------------------------------------------------------------


def _column(name: str, counts: Mapping[str, int]) -> ColumnInfo:
    return ColumnInfo(name, tuple(counts.items()), type_code(counts))


def from_sample(
    namespace: str, set: str | None, records: Iterable[tuple[Any, Mapping[str, Any]]]
) -> SetInfo:
    """Describe a set by sampled records, (user key or None, bins) each.

    A bin of one kind has that kind's type, integers with doubles are DOUBLE, other mixtures
    JSON. NULLs do not count.
    """
    bins: dict[str, dict[str, int]] = {}
    keys: dict[str, int] = {}
    sampled = 0
    for key, values in records:
        sampled += 1
        if key is not None:
            _count(keys, key)
        for name, value in values.items():
            if value is not None:
                _count(bins.setdefault(name, {}), value)
    columns = tuple(_column(name, counts) for name, counts in bins.items())
    return SetInfo(namespace, set, columns, sampled, _key_column(keys))


def _count(counts: dict[str, int], value: Any) -> None:
    kind = kind_of(value)
    counts[kind] = counts.get(kind, 0) + 1


def _key_column(counts: Mapping[str, int]) -> ColumnInfo:
    return _column("PK", counts) if counts else ColumnInfo("PK", (), "VARCHAR")


_TYPES: Final = {
    "numeric": "NUMERIC",
    "integer": "NUMERIC",
    "string": "STRING",
    "text": "STRING",
    "blob": "BLOB",
    "geo2dsphere": "GEO2DSPHERE",
    "geojson": "GEO2DSPHERE",
}
_COLLECTIONS: Final = {"list": "LIST", "mapkeys": "MAPKEYS", "mapvalues": "MAPVALUES"}
_NOTHING: Final = frozenset({"", "null", "NULL", "none"})


def indexes_from_info(text: str, stats: Mapping[str, str] | None = None) -> tuple[IndexInfo, ...]:
    """Read a `sindex-list` answer, and `sindex-stat` answers by index name.

    Entries that lack a name, bin or known type are left out (a set index among them).
    """
    found: dict[tuple[str, str], IndexInfo] = {}
    for entry in text.split(";"):
        facts = _pairs(entry, ":")
        index = _index(facts, (stats or {}).get(facts.get("indexname", ""), ""))
        if index is not None:
            found[index.namespace, index.name] = index
    return tuple(found.values())


def _index(facts: Mapping[str, str], stat: str) -> IndexInfo | None:
    type_name = _TYPES.get(facts.get("type", "").lower())
    if type_name is None or not facts.get("indexname") or "bin" not in facts:
        return None
    set_name = facts.get("set", "")
    return IndexInfo(
        namespace=facts.get("ns") or facts.get("namespace", ""),
        set=None if set_name in _NOTHING else set_name,
        name=facts["indexname"],
        bin=facts["bin"],
        type=type_name,
        collection=_COLLECTIONS.get(facts.get("indextype", "").lower()),
        entries_per_value=_entries(_pairs(stat, ";")),
        state=facts.get("state", "RW"),
        plain=facts.get("context", "") in _NOTHING and facts.get("exp", "") in _NOTHING,
        context=_context(facts.get("context", "")),
    )


def _context(text: str) -> bytes:
    """The packed context, where the server gave it in base 64; else nothing is known of it."""
    try:
        return b"" if text in _NOTHING else base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _pairs(text: str, separator: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.strip().split(separator))
    return {name: value for name, equals, value in pairs if equals}


def _entries(stat: Mapping[str, str]) -> int | None:
    value = stat.get("entries_per_bval", "")
    return int(value) if value.isdigit() else None


# ---- the catalog -------------------------------------------------------------------------------


@frozen
class _Kept:
    """An entry, and the clock at which it is too old."""

    value: Any
    until: float


_UNDECLARED: Final = Known()


def _local(name: str) -> Table:
    """A table of information_schema; one without columns where there is none of this name."""
    from aerodbapi.plan.information_schema import known_table  # few programs need it

    return known_table(name).table or Table(INFORMATION_SCHEMA, name, ())


class Catalog:
    """Sets and indexes as last seen. Readers take no lock: each entry is replaced whole.

    `ttl`: seconds that an entry counts. `version` changes whenever a plan might: with new
    columns, kinds or indexes; plans made under another version are to be made again.
    """

    def __init__(self, ttl: float = 3600.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.ttl = ttl
        self.version = 0
        self.clock = clock
        self._sets: dict[tuple[str, str | None], _Kept] = {}
        self._indexes: dict[str, _Kept] = {}
        self._declared: dict[tuple[str, str], _Kept] = {}
        self._tables: dict[tuple[str, str], SetInfo] = {}
        self._books: dict[str, _Kept] = {}

    def get(self, namespace: str, set: str | None) -> SetInfo | None:
        """Give what is known of a set; None when that is nothing, or too old."""
        if set:
            if namespace == INFORMATION_SCHEMA:
                return from_declaration(_local(set))
            declared = self._tables.get((namespace, set))
            if declared is not None:
                return declared
        info: SetInfo | None = self._fresh(self._sets.get((namespace, set)))
        return info

    def declaration(self, namespace: str, set: str | None) -> Known | None:
        """Say what a set's name was declared as; None when that is to be asked."""
        if not set:
            return _UNDECLARED
        if namespace == INFORMATION_SCHEMA:
            return Known(_local(set))
        found: Known | None = self._fresh(self._declared.get((namespace, set)))
        return found

    def declare(self, namespace: str, set: str, known: Known, until: float) -> None:
        """Note what a name was declared as; that counts up to the clock `until`."""
        place = (namespace, set)
        before = self._declared.get(place)
        self._declared[place] = _Kept(known, until)
        if (before.value if before is not None else _UNDECLARED) == known:
            return
        self._tables.pop(place, None)
        if known.table is not None:
            self._tables[place] = from_declaration(known.table)
        self.version += 1

    def keeps_books(self, namespace: str) -> bool | None:
        """Say whether a namespace holds declarations; None when that is to be asked."""
        found: bool | None = self._fresh(self._books.get(namespace))
        return found

    def note_books(self, namespace: str, found: bool, until: float) -> None:
        """Note whether a namespace holds declarations; that counts up to the clock `until`."""
        before = self._books.get(namespace)
        self._books[namespace] = _Kept(found, until)
        if (before is not None and before.value) != found:
            self.version += 1

    def declared_until(self, namespace: str, set: str | None) -> float:
        """The clock up to which it counts what a name was declared as."""
        kept = self._declared.get((namespace, set)) if set else self._books.get(namespace)
        return float("inf") if kept is None else kept.until

    def indexes(self, namespace: str) -> tuple[IndexInfo, ...] | None:
        """Give the namespace's secondary indexes; None when they are to be asked for."""
        found: tuple[IndexInfo, ...] | None = self._fresh(self._indexes.get(namespace))
        return found

    def _fresh(self, kept: _Kept | None) -> Any:
        return None if kept is None or kept.until <= self.clock() else kept.value

    def put(self, info: SetInfo) -> None:
        """Take a sample. Columns known before keep their places, and what was learnt stays."""
        place = (info.namespace, info.set)
        before = self._sets.get(place)
        if before is not None:
            info = _merged(before.value, info)
        self._sets[place] = _Kept(info, self.clock() + self.ttl)
        if before is None or _shape(before.value) != _shape(info):
            self.version += 1

    def put_indexes(self, namespace: str, indexes: Iterable[IndexInfo]) -> None:
        """Take the list of a namespace's indexes."""
        kept, before = tuple(indexes), self._indexes.get(namespace)
        self._indexes[namespace] = _Kept(kept, self.clock() + self.ttl)
        if before is None or before.value != kept:
            self.version += 1

    def learn(self, namespace: str, set: str | None, bins: Mapping[str, Any]) -> None:
        """Note the kinds of values that were written; cheap when they are known already."""
        for place in {(namespace, set), (namespace, None)}:
            if place in self._tables:
                continue
            kept = self._sets.get(place)
            if kept is None or all(_knows(kept.value, item) for item in bins.items()):
                continue
            news = from_sample(namespace, place[1], [(None, bins)])
            self._sets[place] = _Kept(_merged(kept.value, replace(news, sampled=0)), kept.until)
            self.version += 1

    def invalidate(self, namespace: str | None = None, set: str | None = None) -> None:
        """Forget a set, or with one argument a namespace and its indexes, or everything."""
        if namespace is None:
            self._sets, self._indexes, self._declared, self._tables = {}, {}, {}, {}
        elif set is None:
            self._indexes.pop(namespace, None)
            self._sets = {
                place: kept for place, kept in self._sets.items() if place[0] != namespace
            }
        else:
            self._sets.pop((namespace, set), None)
            self._declared.pop((namespace, set), None)
            self._tables.pop((namespace, set), None)
        self.version += 1


def _knows(info: SetInfo, item: tuple[str, Any]) -> bool:
    name, value = item
    if value is None:
        return True
    column = info.column(name)
    return column is not None and kind_of(value) in column.kinds


def _merged(before: SetInfo, now: SetInfo) -> SetInfo:
    """Join two views of a set: `before`'s order of columns, all kinds, the newer counts."""
    columns = {column.name: dict(column.types) for column in before.columns}
    for column in now.columns:
        columns.setdefault(column.name, {}).update(column.types)
    keys = {**dict(before.key.types), **dict(now.key.types)}
    return SetInfo(
        now.namespace,
        now.set,
        tuple(_column(name, counts) for name, counts in columns.items()),
        now.sampled or before.sampled,
        _key_column(keys),
    )


def _shape(info: SetInfo) -> tuple[Any, ...]:
    return tuple((column.name, column.kinds) for column in (*info.columns, info.key))
