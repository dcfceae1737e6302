"""The texts of info commands, by the server's version: pure functions.

From version 8.1 on, parameters name the namespace "namespace" and an index's bin "bin";
before, they are "ns" and "indexdata" (wire.md "Secondary index, UDF, truncate, other info
commands"). Names that would break the text out of its place raise ProgrammingError.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from aerodbapi.errors import ProgrammingError

if TYPE_CHECKING:
    from aerodbapi.cluster.node import Version

__all__ = [
    "query_abort",
    "query_show",
    "set_index_create",
    "sindex_create",
    "sindex_delete",
    "sindex_list",
    "sindex_stat",
    "truncate",
    "xdr_filter",
]

_NAMED: Final = (8, 1)  # "namespace=", "bin=;type=", "id="
_INTEGER: Final = (8, 1, 3)  # the index type NUMERIC is called INTEGER
_QUERIES: Final = (6, 0)  # scans and queries are one
_SHOW: Final = (5, 7)  # query-show instead of jobs:
_SEPARATORS: Final = frozenset(";:\t\r\n\0")


def _checked(what: str, name: str) -> str:
    if not name or not _SEPARATORS.isdisjoint(name):
        raise ProgrammingError(f"{what} cannot be {name!r}: empty, or with ';', ':' or a newline")
    return name


def _namespace(version: Version, namespace: str) -> str:
    key = "namespace" if version >= _NAMED else "ns"
    return f"{key}={_checked('a namespace', namespace)}"


def sindex_create(
    version: Version,
    namespace: str,
    set: str | None,
    name: str,
    bin: str,
    kind: str,
    *,
    collection: str | None = None,
    context: bytes = b"",
    expression: bytes = b"",
) -> str:
    """Text that creates a secondary index.

    `kind`: STRING | NUMERIC (INTEGER means the same) | BLOB | GEO2DSPHERE. `collection`: None,
    or LIST | MAPKEYS | MAPVALUES. `context`: packed CDT context. `expression`: packed; it
    replaces the bin.
    """
    parts = [_namespace(version, namespace)]
    if set:
        parts.append(f"set={_checked('a set', set)}")
    parts.append(f"indexname={_checked('an index name', name)}")
    kind = kind.upper()
    if kind in ("NUMERIC", "INTEGER"):
        kind = "INTEGER" if version >= _INTEGER else "NUMERIC"
    if context:
        parts.append(f"context={base64.b64encode(context).decode()}")
    if expression:
        parts.append(f"exp={base64.b64encode(expression).decode()}")
    if collection and collection.upper() != "DEFAULT":
        parts.append(f"indextype={collection.upper()}")
    if expression:
        parts.append(f"type={kind}")
    elif version >= _NAMED:
        parts += [f"bin={_checked('a bin', bin)}", f"type={kind}"]
    else:
        parts.append(f"indexdata={_checked('a bin', bin)},{kind}")
    return f"sindex-create:{';'.join(parts)}"


def set_index_create(namespace: str, set: str, name: str) -> str:
    """Text that creates a set index (servers from 8.1.2 on)."""
    parts = (
        f"namespace={_checked('a namespace', namespace)}",
        f"set={_checked('a set', set)}",
        f"indexname={_checked('an index name', name)}",
        "indextype=SET",
    )
    return f"sindex-create:{';'.join(parts)}"


def xdr_filter(data_center: str, namespace: str, expression: bytes) -> str:
    """Text that sets the filter of a data center and namespace; no expression removes it."""
    packed = base64.b64encode(expression).decode() if expression else "null"
    dc, ns = _checked("a data center", data_center), _checked("a namespace", namespace)
    return f"xdr-set-filter:dc={dc};namespace={ns};exp={packed}"


def sindex_delete(version: Version, namespace: str, name: str) -> str:
    """Text that drops a secondary index."""
    checked = _checked("an index name", name)
    return f"sindex-delete:{_namespace(version, namespace)};indexname={checked}"


def sindex_stat(version: Version, namespace: str, name: str) -> str:
    """Text that asks for the state of a secondary index (load_pct, entries …)."""
    checked = _checked("an index name", name)
    if version >= _NAMED:
        return f"sindex-stat:{_namespace(version, namespace)};indexname={checked}"
    return f"sindex/{_checked('a namespace', namespace)}/{checked}"


def sindex_list(version: Version, namespace: str | None = None) -> str:
    """Text that lists the secondary indexes of a namespace, or of all."""
    if namespace is None:
        return "sindex-list:" if version >= _NAMED else "sindex"
    if version >= _NAMED:
        return f"sindex-list:{_namespace(version, namespace)}"
    return f"sindex/{_checked('a namespace', namespace)}"


def truncate(
    version: Version, namespace: str, set: str | None = None, before_ns: int | None = None
) -> str:
    """Text that empties a set, or a whole namespace when `set` is None.

    `before_ns`: only records last updated before this (nanoseconds since 1970).
    """
    del version  # the same text for all: kept so that every builder is called alike
    text = f"namespace={_checked('a namespace', namespace)}"
    if set:
        text = f"truncate:{text};set={_checked('a set', set)}"
    else:
        text = f"truncate-namespace:{text}"
    return text if before_ns is None else f"{text};lut={before_ns}"


def query_show(version: Version, task_id: int, module: str = "query") -> str:
    """Text that asks for the state of a background job (`module`: query or scan, before 6.0)."""
    if version >= _QUERIES:
        return f"query-show:{'id' if version >= _NAMED else 'trid'}={task_id}"
    if version >= _SHOW:
        return f"{module}-show:trid={task_id}"
    return f"jobs:module={module};cmd=get-job;trid={task_id}"


def query_abort(version: Version, task_id: int) -> str:
    """Text that ends a running query."""
    return f"query-abort:{'id' if version >= _NAMED else 'trid'}={task_id}"
