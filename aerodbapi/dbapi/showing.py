"""SHOW and DESCRIBE: rows made of what the nodes' info commands and the catalog say.

What is counted per node (objects, tombstones) is summed over the nodes; with replication it
counts every copy, as the servers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cluster import info
from aerodbapi.dbapi import sampling
from aerodbapi.dbapi.declaring import declaration
from aerodbapi.errors import ProgrammingError
from aerodbapi.plan.declaration import BOOKKEEPING, INFORMATION_SCHEMA, Known
from aerodbapi.protocol import info as wire

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.plan.catalog import IndexInfo

__all__ = ["SHOWS", "answer_of"]

_Rows = list[dict[str, Any]]
#: Facts of a set that are added up over the nodes; the others are taken from any node.
_SUMMED: Final = frozenset({"objects", "tombstones", "data_used_bytes"})
_SET_FACTS: Final = {
    "objects": ("objects",),
    "tombstones": ("tombstones",),
    "data_used_bytes": ("data_used_bytes", "memory_data_bytes"),
    "truncate_lut": ("truncate_lut",),
    "sindexes": ("sindexes",),
    "default_ttl": ("default-ttl",),
}


def _namespaces(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    names = yield from _known_namespaces(session)
    return [{"namespace": name} for name in names]


def _known_namespaces(session: Session) -> Conversation[list[str]]:
    answers = yield from info.info_all(session.cluster, "namespaces")
    names = {name: None for text in answers.values() for name in text.strip().split(";") if name}
    return list(names)


def _sets(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    if arguments:
        session.cluster.check_namespace(arguments[0])
    command = "sets/" + "/".join(_checked(arguments)) if arguments else "sets"
    answers = yield from info.info_all(session.cluster, command)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for text in answers.values():
        for facts in _entries(text):
            place = (facts.get("ns", ""), facts.get("set", ""))
            row = found.setdefault(place, {"namespace": place[0], "set": place[1]})
            for column, names in _SET_FACTS.items():
                value = next((int(facts[n]) for n in names if facts.get(n, "").isdecimal()), None)
                if value is not None:
                    before = row.get(column) or 0
                    row[column] = before + value if column in _SUMMED else value
    return [found[place] for place in sorted(found) if place[1] != BOOKKEEPING]


def _bins(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    namespace, set_name = _table(session, arguments, "SHOW BINS")
    described = yield from _columns(session, namespace, set_name)
    return [
        {"namespace": namespace, "set": set_name or None, "bin": name, "type": code}
        for name, code, _, key in described
        if not key
    ]


def _indexes(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    namespaces = [_checked(arguments)[0]] if arguments else None
    if arguments:
        session.cluster.check_namespace(arguments[0])
    if namespaces is None:
        namespaces = yield from _known_namespaces(session)
    found: list[IndexInfo] = []
    for namespace in namespaces:
        yield from sampling.indexes(session, namespace)
        found += session.catalog.indexes(namespace) or ()
    return [_index_row(i) for i in found if len(arguments) < 2 or i.set == arguments[1]]


def _index_row(index: IndexInfo) -> dict[str, Any]:
    return {
        "namespace": index.namespace,
        "set": index.set,
        "index": index.name,
        "bin": index.bin,
        "type": index.type,
        "collection": index.collection,
        "entries_per_value": index.entries_per_value,
        "state": index.state,
    }


def _modules(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    answers = yield from info.info_one(session.cluster, "udf-list")
    text = next(iter(answers.values()))
    return [
        {name: facts.get(name) for name in ("filename", "hash", "type")}
        for facts in (wire.pairs(entry, ",") for entry in text.strip().split(";") if entry)
    ]


def _nodes(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    yield from ()
    return [
        {"node": node.name, "address": node.address, "build": node.build}
        for node in session.cluster.nodes.values()
    ]


def _describe(session: Session, arguments: tuple[str, ...]) -> Conversation[_Rows]:
    namespace, set_name = _table(session, arguments, "DESCRIBE")
    described = yield from _columns(session, namespace, set_name)
    return [
        {"column": name, "type": code, "kinds": kinds, "key": key}
        for name, code, kinds, key in described
    ]


def _columns(
    session: Session, namespace: str, set_name: str | None
) -> Conversation[list[tuple[str, str, str, bool]]]:
    """(name, type, kinds seen, is PK) of a set's columns, as declared or freshly sampled."""
    known = (yield from declaration(session, namespace, set_name)) if set_name else Known()
    declared = known.table
    if declared is not None:
        return [
            (column.name, str(column.type), column.type.kind or "", column.name in declared.key)
            for column in declared.columns
        ]
    session.catalog.put((yield from sampling.sample(session, namespace, set_name)))
    found = session.catalog.get(namespace, set_name)
    if found is None:
        return []
    return [
        (column.name, column.code, ", ".join(sorted(column.kinds)), column is found.key)
        for column in (found.key, *found.columns)
    ]


def _table(session: Session, arguments: tuple[str, ...], verb: str) -> tuple[str, str | None]:
    """A namespace and a set out of one or two names."""
    default = session.conninfo.namespace
    if len(arguments) == 2:
        return arguments[0], arguments[1]
    if len(arguments) == 1:
        alone = session.conninfo.profile == "aql" or default is None or verb == "DESCRIBE"
        return (arguments[0], None) if alone else (str(default), arguments[0])
    raise ProgrammingError(f"{verb} takes a table: {verb} namespace.set")


def _checked(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Names that stay in their place in an info command."""
    for name in arguments:
        if not name or any(c in name for c in "/;:\n\t\0"):
            raise ProgrammingError(f"{name!r} cannot be the name of a namespace or set")
    return arguments


def _entries(text: str) -> Iterator[dict[str, str]]:
    for entry in text.strip().split(";"):
        if entry:
            yield wire.pairs(entry, ":")


_Answer = Callable[["Session", tuple[str, ...]], "Conversation[_Rows]"]

#: What InfoRows names → the conversation that gives its rows by column name.
SHOWS: Final[dict[str, _Answer]] = {
    "namespaces": _namespaces,
    "sets": _sets,
    "bins": _bins,
    "indexes": _indexes,
    "modules": _modules,
    "nodes": _nodes,
    "describe": _describe,
}


def answer_of(what: str) -> _Answer | None:
    """What answers `SHOW what`."""
    from aerodbapi.dbapi import looking  # users, roles, jobs, settings: few programs need them

    if what.startswith(INFORMATION_SCHEMA):
        from aerodbapi.dbapi import information

        return information.ROWS[what.partition(".")[2]]
    if what == "create":
        from aerodbapi.dbapi import information

        return information.created
    return SHOWS.get(what) or looking.SHOWS.get(what)
