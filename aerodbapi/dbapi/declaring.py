"""What names were declared as: asked of the cluster, kept for a while, put into statements.

A statement's tables are looked up before it is planned: one point read a table that was not
looked up within the last seconds. Views give way to their queries here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Union

from aerodbapi.cluster import info
from aerodbapi.cluster.collect import collected
from aerodbapi.cluster.commands import command
from aerodbapi.cluster.query import query
from aerodbapi.errors import Error, NamespaceNotFound, ProgrammingError, RecordExists
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes, transform
from aerodbapi.native import records
from aerodbapi.native.results import Key
from aerodbapi.plan.bind import Context, bind_table
from aerodbapi.plan.declaration import BOOKKEEPING, Known, Table, View, from_bins
from aerodbapi.protocol import info as wire
from aerodbapi.protocol.digest import digest
from aerodbapi.protocol.flags import TTL_NEVER
from aerodbapi.protocol.query import QueryRequest

if TYPE_CHECKING:
    from aerodbapi.cluster.effects import Conversation
    from aerodbapi.dbapi.session import Session
    from aerodbapi.grammar.ast import Statement
    from aerodbapi.native.calls import Call

__all__ = [
    "FRESH",
    "Places",
    "bookkeeping_key",
    "books",
    "carried",
    "changed",
    "declaration",
    "fresh_until",
    "latest",
    "look_up",
    "put_back",
    "renewed",
    "resolved",
]

#: Seconds for which it counts what a name was declared as; then its record is read again.
FRESH: Final = 5.0
_NESTED: Final = 32  # views in views
#: (namespace, set) of names that were looked up; no set: whether there are declarations at all.
Places = tuple[tuple[str, Union[str, None]], ...]

#: Answers to a look-up that mean "nothing declared": no record, no namespace, no right to read.
_NOTHING: Final = frozenset({2, 20, 80, 81, 83})


def carried(session: Session, call: Call[Any]) -> Conversation[Any]:
    """Carry out a single-record command inside a conversation."""
    body = yield from command(
        session.cluster,
        call.key[0],
        call.partition,
        call.frame,
        policy=call.policy,
        write=call.write,
        accept=call.accept,
    )
    return call.read(body, call.key)


def bookkeeping_key(namespace: str, name: str) -> Key:
    """The key of a declaration or a counter."""
    return Key(namespace, BOOKKEEPING, name, digest(BOOKKEEPING, name))


# ---- looking up --------------------------------------------------------------------------------


def declaration(session: Session, namespace: str, set_name: str) -> Conversation[Known]:
    """Read what a name was declared as, and keep it in the catalog."""
    found: Table | View | None = None
    clock = session.catalog.clock
    try:
        call = records.get(bookkeeping_key(namespace, set_name), session.read_policy)
        record = yield from carried(session, call)
        found = from_bins(namespace, set_name, record.bins, record.meta.gen)
    except NamespaceNotFound:
        pass  # the statement itself will say so
    except Error as error:
        if error.result_code not in _NOTHING:
            raise
    known = Known(found)
    session.catalog.declare(namespace, set_name, known, clock() + FRESH)
    return known


def look_up(session: Session, namespace: str, set_name: str | None) -> Conversation[Known]:
    """Say what a name was declared as, from the catalog where that is fresh."""
    known = session.catalog.declaration(namespace, set_name)
    if known is None and set_name:
        known = yield from declaration(session, namespace, set_name)
    return known or Known()


def latest(session: Session, tree: Statement, context: Context) -> dict[tuple[str, str], Known]:
    """What the catalog says of a statement's tables before any look-up."""
    found = {}
    for name in _tables(tree):
        place = _place(name, context)
        known = None if place is None else session.catalog.declaration(*place)
        if place is not None and known is not None:
            found[place] = known
    return found


def changed(session: Session, before: dict[tuple[str, str], Known]) -> Conversation[bool]:
    """Look up again what the catalog had; tell whether any of it is another now."""
    differs = False
    for (namespace, set_name), known in before.items():
        now = yield from declaration(session, namespace, set_name)
        differs = differs or now != known
    return differs


# ---- a whole namespace -------------------------------------------------------------------------


def books(session: Session, namespace: str) -> Conversation[list[tuple[str, dict[str, Any]]]]:
    """Read all declarations and counters of a namespace: (key, bins) each."""
    found: list[Any] = []
    request = QueryRequest(namespace, BOOKKEEPING)
    yield from collected(query(session.cluster, request, session.query_policy), found.extend)
    return [(record[2], record[5]) for record in found if isinstance(record[2], str)]


def put_back(
    session: Session, namespace: str, found: list[tuple[str, dict[str, Any]]]
) -> Conversation[None]:
    """Write what `books` read again, where it is gone: a truncation takes records only."""
    policy = replace(session.write_policy, ttl=TTL_NEVER, send_key=True, exists="create")
    for name, bins in found:
        with suppress(RecordExists):
            yield from carried(session, records.put(bookkeeping_key(namespace, name), bins, policy))


# ---- statements --------------------------------------------------------------------------------


def resolved(
    session: Session, tree: Statement, context: Context
) -> Conversation[tuple[Statement, Places]]:
    """Look up a statement's tables, and put the views' queries into it.

    Returns the statement, and what was looked up.
    """
    places: dict[tuple[str, str | None], None] = {}
    for _ in range(_NESTED):
        views: dict[tuple[str, ...], View] = {}
        for name in _tables(tree):
            place = _place(name, context)
            if place is None:
                namespace = _whole(session, name, context)
                if namespace is not None:
                    places[namespace, None] = None
                    yield from _books(session, namespace)
                continue
            places[place] = None
            known = yield from look_up(session, *place)
            if known.view is not None:
                views[name.parts] = known.view
        if not views:
            return tree, tuple(places)
        tree = _expanded(tree, views)
    raise ProgrammingError(f"views refer to each other more than {_NESTED} deep")


def fresh_until(session: Session, places: Places) -> float:
    """The clock up to which what was looked up counts."""
    until = (session.catalog.declared_until(*place) for place in places)
    return min(until, default=float("inf"))


def renewed(session: Session, places: Places) -> Conversation[float]:
    """Look up again what does not count any more; give the clock up to which it all does."""
    for namespace, set_name in places:
        if set_name is None:
            yield from _books(session, namespace)
        else:
            yield from look_up(session, namespace, set_name)
    return fresh_until(session, places)


def _whole(session: Session, name: ast.TableName, context: Context) -> str | None:
    """The namespace that a table's name means as a whole, if it does."""
    try:
        target = bind_table(name, context)
    except ProgrammingError:
        return None
    known = target.set is None and target.namespace in session.cluster.partitions
    return target.namespace if known else None


def _books(session: Session, namespace: str) -> Conversation[None]:
    """Learn whether a namespace holds declarations."""
    catalog = session.catalog
    if catalog.keeps_books(namespace) is None:
        answers = yield from info.info_all(session.cluster, f"sets/{namespace}/{BOOKKEEPING}")
        facts = [wire.pairs(text.strip(";\n "), ":") for text in answers.values()]
        found = any(one.get("objects", "0") != "0" for one in facts)
        catalog.note_books(namespace, found, catalog.clock() + FRESH)


def _tables(tree: Statement) -> list[ast.TableName]:
    if isinstance(tree, _DEFINING):
        return []
    if isinstance(tree, ast.Select) and tree.table is not None and not tree.relational:
        return [tree.table]
    ctes = {node.name for node in nodes(tree) if isinstance(node, ast.CTE)}
    return [
        node
        for node in nodes(tree)
        if isinstance(node, ast.TableName) and not (len(node.parts) == 1 and node.parts[0] in ctes)
    ]


#: Statements that do their own looking up.
_DEFINING: Final = (
    ast.CreateTable,
    ast.CreateTableAs,
    ast.CreateView,
    ast.AlterTable,
    ast.DropTable,
    ast.DropView,
    ast.Refresh,
    ast.ShowCreate,
)


def _place(name: ast.TableName, context: Context) -> tuple[str, str] | None:
    """The namespace and set of a table; None where nothing can be declared."""
    try:
        target = bind_table(name, context)
    except ProgrammingError:
        return None  # planning says what is wrong
    if not target.set or target.set == BOOKKEEPING or target.namespace == "information_schema":
        return None
    return target.namespace, target.set


def _expanded(tree: Any, views: dict[tuple[str, ...], View]) -> Any:
    """Put the queries of views where their names stand after FROM."""
    changed = isinstance(tree, (ast.Insert, ast.Update, ast.Delete, ast.Truncate))
    own = getattr(tree, "table", None)
    if own is not None and changed and own.parts in views:
        raise ProgrammingError(f"{'.'.join(own.parts)} is a view: its tables can be changed")

    def change(node: Any) -> Any:
        if isinstance(node, ast.Select) and node.table is not None and node.table.parts in views:
            span = node.table.span or ast.Span(0, 0, 1, 1)
            source = _derived(node.table, views)
            said = (("subquery", span), *node.relational)
            return replace(node, table=None, source=source, relational=said)
        if isinstance(node, ast.Select) and node.source is not None:
            return replace(node, source=_source(node.source, views))
        return node

    return transform(tree, change)


def _source(source: Any, views: dict[tuple[str, ...], View]) -> Any:
    if isinstance(source, ast.Join):
        left, right = _source(source.left, views), _source(source.right, views)
        return replace(source, left=left, right=right)
    if isinstance(source, ast.TableName) and source.parts in views:
        return _derived(source, views)
    return source


def _derived(name: ast.TableName, views: dict[tuple[str, ...], View]) -> ast.Derived:
    from aerodbapi.grammar.parser import parse

    view = views[name.parts]
    query: Any = parse(view.text)
    return ast.Derived(query, name.alias or name.parts[-1], view.columns, span=name.span)
