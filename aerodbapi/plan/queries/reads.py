"""The reads of a relational plan: one Input for each set that the query still names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan import operations as op
from aerodbapi.plan.access import access, chosen, wrapped
from aerodbapi.plan.bind import KEY, bind_value, expression_of, kind
from aerodbapi.plan.declared import decoded, with_whole_key
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.evaluate import compile_row
from aerodbapi.plan.kinds import type_code
from aerodbapi.plan.queries.keyjoins import Candidate, candidates
from aerodbapi.plan.queries.scope import Base, unique
from aerodbapi.plan.queries.types import comparable
from aerodbapi.plan.queries.walking import columns_in, replaced
from aerodbapi.plan.tree import METADATA, is_bin

__all__ = ["inputs"]

#: How much a read brings, least first.
_KEYS, _INDEX, _JOINED, _LIMITED, _FILTERED, _SCAN = range(6)
#: Types whose values can be user keys.
_KEY_TYPES: Final = frozenset({"BIGINT", "DOUBLE", "VARCHAR", "BLOB"})


@dataclass(slots=True)
class _Read:
    """A base table on its way to an Input. `join`: the candidate that it reads by."""

    base: Base
    columns: tuple[ast.Column, ...]
    names: tuple[str, ...]
    draft: Draft
    join: Candidate | None = None

    def rank(self) -> int:
        draft = self.draft
        if draft.empty is not None or draft.by_key:
            return _KEYS
        if draft.index is not None:
            return _INDEX
        if self.join is not None:
            return _JOINED
        if draft.limit is not None:
            return _LIMITED
        return _SCAN if draft.pushed is None else _FILTERED


def inputs(
    query: Any, bases: dict[str, Base], planning: Planning
) -> tuple[Any, tuple[op.Input, ...], tuple[str, ...]]:
    """Give the query with the engine's names of columns, the reads, and notes for EXPLAIN."""
    joins = candidates(query, bases)
    for each in joins:
        if each.keys:
            bases[each.table].conjuncts.append(ast.In(KEY, each.keys))
    reads = {name: _read(bases[name], columns, planning) for name, columns in _used(query, bases)}
    _join(reads, [each for each in joins if each.column is not None])
    names = {
        (read.base.name, column): name
        for read in reads.values()
        for column, name in zip(read.columns, read.names)
    }
    found = tuple(_input(read, reads, planning) for read in _in_order(reads))
    notes = (f"{name}: {note}" for name, read in reads.items() for note in read.draft.notes)
    return _renamed(query, names), found, tuple(notes)


def _used(query: Any, bases: dict[str, Base]) -> Iterator[tuple[str, tuple[ast.Column, ...]]]:
    """Yield the base tables that a query reads, in its order, with the columns that it reads."""
    tables = (node.alias for node in nodes(query) if isinstance(node, ast.TableName))
    used: dict[str, dict[ast.Column, None]] = {name: {} for name in tables if name in bases}
    for column in columns_in(query):
        if column.table and column.table[0] in used:
            bound = ast.Column(column.name, (), column.quoted, column.span)
            used[column.table[0]].setdefault(bound)
    for name, columns in used.items():
        yield name, tuple(columns)


def _read(base: Base, columns: tuple[ast.Column, ...], planning: Planning) -> _Read:
    names = unique([column.name for column in columns])
    compile_row(columns)
    draft = chosen(_draft(base, columns), planning)
    return _Read(base, columns, names, draft)


def _draft(base: Base, outputs: tuple[ast.Expr, ...]) -> Draft:
    limit = None if base.limit is None or base.hints else bind_value(base.limit)
    conditions = with_whole_key(tuple(base.conjuncts), base.table)
    return Draft(base.target, conditions, hints=tuple(base.hints), limit=limit, outputs=outputs)


# ---- by the keys of another read ---------------------------------------------------------------


def _join(reads: dict[str, _Read], joins: Sequence[Candidate]) -> None:
    """Choose which sets are read by keys: from the smaller read to the larger one."""
    useful = [each for each in joins if each.table in reads and _fits(each, reads)]
    order = list(reads)

    def cost(each: Candidate) -> tuple[int, int]:
        source = _source(each, reads)
        return source.rank(), order.index(source.base.name)

    while useful:
        best = min(useful, key=cost)
        useful.remove(best)
        read, source = reads[best.table], _source(best, reads)
        larger = read.rank() >= source.rank() and read.rank() > _KEYS
        if larger and read.join is None and not _depends(source, read, reads):
            read.join = best


def _source(join: Candidate, reads: dict[str, _Read]) -> _Read:
    assert join.column is not None
    return reads[join.column.table[0]]


def _fits(join: Candidate, reads: dict[str, _Read]) -> bool:
    """Tell whether a column can hold keys of the table: of the same kind, as far as known."""
    assert join.column is not None
    if join.column.table[0] not in reads:
        return False
    given, source = _type(_source(join, reads), join.column), reads[join.table]
    key = _type(source, KEY)
    unknown = source.base.info is None or not source.base.info.key.types
    return given in _KEY_TYPES and (unknown or comparable(given, key))


def _type(read: _Read, column: ast.Column) -> str:
    info = read.base.info
    if not is_bin(column):
        return METADATA.get(column.name) or ("VARCHAR" if info is None else info.key.code)
    known = None if info is None else info.column(column.name)
    return "NULL" if known is None else known.code


def _depends(read: _Read, on: _Read, reads: dict[str, _Read]) -> bool:
    while read is not on:
        if read.join is None:
            return False
        read = _source(read.join, reads)
    return True


def _in_order(reads: dict[str, _Read]) -> Iterator[_Read]:
    """Yield the reads, those that give keys before those that take them."""
    done: set[str] = set()
    for read in reads.values():
        chain = []
        step: _Read | None = read
        while step is not None and step.base.name not in done:
            chain.append(step)
            done.add(step.base.name)
            step = None if step.join is None else _source(step.join, reads)
        yield from reversed(chain)


# ---- inputs ------------------------------------------------------------------------------------


def _input(read: _Read, reads: dict[str, _Read], planning: Planning) -> op.Input:
    draft = read.draft
    root = access(draft)
    if read.join is not None:
        root = _by_keys(read, reads, planning, root)
    if draft.limit is not None and draft.empty is None:
        root = op.Limit(root, draft.limit)
    key = _key_type(read, reads, planning)
    columns = tuple(_column(read, *pair, key) for pair in zip(read.columns, read.names))
    return op.Input(read.base.name, columns, root, read.base.again)


def _by_keys(
    read: _Read, reads: dict[str, _Read], planning: Planning, otherwise: op.Operation
) -> op.Operation:
    join = read.join
    assert join is not None
    assert join.column is not None
    source = _source(join, reads)
    name = source.names[source.columns.index(ast.Column(join.column.name, (), join.column.quoted))]
    draft = chosen(replace(_draft(read.base, read.columns), keys=()), planning)
    leaf = op.KeyJoin(draft.target, source.base.name, name, draft.bins, draft.pushed, otherwise)
    return wrapped(leaf, draft)


def _key_type(read: _Read, reads: dict[str, _Read], planning: Planning) -> str | None:
    """Name the type of PK where the keys that are asked for tell it."""
    draft = read.draft
    if read.base.table is not None:
        return None
    if draft.by_key and not draft.digest:
        given = [kind(expression_of(key), planning.context) for key in draft.keys or ()]
        kinds = {each.rpartition(":")[2] for each in given if each is not None}
        return type_code(kinds) if None not in given and len(kinds) == 1 else None
    if read.join is not None and not (read.base.info and read.base.info.key.types):
        assert read.join.column is not None
        return _type(_source(read.join, reads), read.join.column)
    return None


def _column(read: _Read, column: ast.Column, name: str, key: str | None) -> op.InputColumn:
    info, table = read.base.info, read.base.table
    source = column if table is None else decoded(column, table, plain=False)
    if column == KEY:
        kinds = frozenset() if info is None else info.key.kinds
        unknown = "NULL" if table is None and not kinds else None  # as of a bin that none has
        return op.InputColumn(name, source, key or unknown or _type(read, column), kinds)
    known = info.column(column.name) if info is not None and is_bin(column) else None
    kinds = frozenset() if known is None else known.kinds
    return op.InputColumn(name, source, _type(read, column), kinds)


def _renamed(query: Any, names: dict[tuple[str, ast.Column], str]) -> Any:
    def change(column: ast.Column) -> ast.Column:
        if not column.table:
            return column
        bound = ast.Column(column.name, (), column.quoted)
        name = names.get((column.table[0], bound), column.name)
        return replace(column, name=name, quoted=False)

    return replaced(query, change)
