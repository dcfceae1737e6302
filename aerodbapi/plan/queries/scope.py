"""Which names can be seen where: the tables of a FROM, the queries around it, USING, aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aerodbapi import errors
from aerodbapi.frozen import frozen
from aerodbapi.grammar import ast
from aerodbapi.plan.bind import bind_column
from aerodbapi.plan.catalog import SetInfo
from aerodbapi.plan.declaration import Table
from aerodbapi.plan.declared import bound_column
from aerodbapi.plan.operations import Target
from aerodbapi.plan.tree import METADATA, is_bin, place

__all__ = ["Base", "Names", "Offered", "Relation", "Scope", "fail", "unique"]


def fail(message: str, node: Any) -> errors.ProgrammingError:
    """Build the error for a name that means nothing, or too much."""
    return errors.ProgrammingError(f"{message}{place(node)}")


class Names:
    """Names given once in a statement, whatever their case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        name, count = wanted, 0
        while name.lower() in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name.lower())
        return name


def unique(names: Iterator[str] | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Make names differ whatever their case."""
    taken = Names()
    return tuple(taken.take(name) for name in names)


@frozen
class Offered:
    """A column that a FROM offers: its name there, what it is, its type code ("" unknown)."""

    name: str
    source: ast.Expr
    type: str


@dataclass(slots=True)
class Base:
    """An occurrence of a set after FROM, and what the statement asks of it.

    `conjuncts`: what its read decides; `hints`: what is decided later, and may travel as well.
    `limit`: how many rows are enough. `again`: read anew by every round of a recursive query.
    """

    name: str
    target: Target
    info: SetInfo | None
    conjuncts: list[ast.Expr] = field(default_factory=list)
    hints: list[ast.Expr] = field(default_factory=list)
    limit: ast.Expr | None = None
    again: bool = False

    @property
    def table(self) -> Table | None:
        """The declaration, if there is one."""
        return None if self.info is None else self.info.declared

    def bind(self, column: ast.Column) -> ast.Column:
        """Resolve a column by its name alone; one of a declared table has to be declared."""
        alone = ast.Column(column.name, (), column.quoted, column.span)
        return bind_column(alone, ((),)) if self.table is None else bound_column(alone, self.table)


@frozen
class Relation:
    """One item of a FROM. `columns`: those that a star stands for.

    A base table has metadata columns too. Where it is not declared it is open: a bin that nobody
    has seen is NULL.
    """

    name: str
    qualifiers: frozenset[tuple[str, ...]]
    columns: tuple[Offered, ...]
    base: Base | None = None

    @property
    def open(self) -> bool:
        return self.base is not None and self.base.table is None

    def find(self, column: ast.Column) -> Offered | None:
        """Find a known column by its name alone."""
        if self.base is None:
            return _one(self.columns, column)
        try:
            bound = self.base.bind(column)
        except errors.ProgrammingError:
            return None  # not declared, or too long for a bin
        own = self.own(bound)
        known = not is_bin(bound) or any(each.source == own for each in self.columns)
        return Offered(column.name, own, self.type(bound)) if known else None

    def unseen(self, column: ast.Column) -> Offered:
        """Take a bin that the catalog does not know; refuse a column that is not declared."""
        assert self.base is not None
        return Offered(column.name, self.own(self.base.bind(column)), "NULL")

    def own(self, bound: ast.Column) -> ast.Column:
        return ast.Column(bound.name, (self.name,), bound.quoted, bound.span)

    def type(self, bound: ast.Column) -> str:
        info = None if self.base is None else self.base.info
        if not is_bin(bound):
            return METADATA.get(bound.name) or ("VARCHAR" if info is None else info.key.code)
        known = None if info is None else info.column(bound.name)
        return "NULL" if known is None else known.code


def _one(columns: tuple[Offered, ...], column: ast.Column) -> Offered | None:
    """Find by the exact name, else by the only one that differs in case."""
    wanted = column.name
    found = [each for each in columns if each.name == wanted]
    if not found and not column.quoted:
        found = [each for each in columns if each.name.lower() == wanted.lower()]
    if len(found) > 1:
        raise fail(f"{wanted} is ambiguous: {len(found)} columns have this name", column)
    return found[0] if found else None


@frozen
class Scope:
    """The names that an expression can see.

    `merged`: the columns of USING, which stand for both sides'; `hidden`: those that a star
    therefore leaves out. `aliases`: the select list's names, for clauses that may use them.
    """

    relations: tuple[Relation, ...] = ()
    outer: Scope | None = None
    merged: Mapping[str, Offered] = field(default_factory=dict)
    hidden: frozenset[ast.Expr] = frozenset()
    aliases: Mapping[str, Offered] = field(default_factory=dict)

    def resolve(self, column: ast.Column) -> Offered:
        """Say what a column is. Raises ProgrammingError when that is nothing or several."""
        if column.table:
            return self._qualified(column)
        found = self._known(column)
        return found if found is not None else self._unseen(column)

    # ---- without a qualifier -----------------------------------------------------------------

    def here(self, column: ast.Column) -> Offered | None:
        """Find a known column of this FROM."""
        merged = self.merged.get(column.name)
        if merged is not None:
            return merged
        found = [(each, each.find(column)) for each in self.relations]
        known = [(relation, offered) for relation, offered in found if offered is not None]
        if len(known) > 1:
            names = " or ".join(f"{relation.name}.{column.name}" for relation, _ in known)
            raise fail(f"{column.name} is ambiguous: write {names}", column)
        return known[0][1] if known else None

    def _known(self, column: ast.Column) -> Offered | None:
        scope: Scope | None = self
        while scope is not None:
            found = scope.here(column) or _one(tuple(scope.aliases.values()), column)
            if found is not None:
                return found
            scope = scope.outer
        return None

    def _unseen(self, column: ast.Column) -> Offered:
        scope: Scope | None = self
        while scope is not None:
            opened = [relation for relation in scope.relations if relation.open]
            if len(opened) == 1:
                return opened[0].unseen(column)
            if opened:
                names = " or ".join(f"{each.name}.{column.name}" for each in opened)
                raise fail(f"no table here is known to have {column.name}: write {names}", column)
            scope = scope.outer
        raise fail(f"there is no column {column.name} here{self._near(column)}", column)

    def _near(self, column: ast.Column) -> str:
        from difflib import get_close_matches

        names = [each.name for relation in self.relations for each in relation.columns]
        near = get_close_matches(column.name, [*names, *self.aliases], 3)
        return f"; did you mean {' or '.join(near)}?" if near else ""

    # ---- with one ----------------------------------------------------------------------------

    def relation(self, qualifier: tuple[str, ...]) -> Relation | None:
        """Find the table that a qualifier names, in this FROM or around it."""
        scope: Scope | None = self
        while scope is not None:
            for fold in (False, True):
                found = [each for each in scope.relations if _called(each, qualifier, fold)]
                if len(found) == 1:
                    return found[0]
                if found:
                    text = ".".join(qualifier)
                    raise errors.ProgrammingError(f"{text} is ambiguous: two tables have this name")
            scope = scope.outer
        return None

    def _qualified(self, column: ast.Column) -> Offered:
        try:
            relation = self.relation(column.table)
        except errors.ProgrammingError as error:
            raise fail(str(error), column) from None
        if relation is None:
            return self._path(column)
        found = relation.find(column)
        if found is not None:
            return found
        if relation.base is not None:
            return relation.unseen(column)
        raise fail(f"{'.'.join(column.table)} has no column {column.name}", column)

    def _path(self, column: ast.Column) -> Offered:
        """Take `a.b` as `a['b']` where `a` is a known column and no table."""
        *outer, name = column.table
        holder = ast.Column(name, tuple(outer), span=column.span)
        known = self._known(holder) if not outer else None
        if outer and self.relation(tuple(outer)) is not None:
            known = self._qualified(holder)
        if outer and known is None and len(column.table) > 1:
            try:
                known = self._path(holder)
            except errors.ProgrammingError:
                known = None
        if known is None:
            raise fail(f"there is no table {'.'.join(column.table)} here", column)
        source = ast.Subscript(known.source, ast.Literal(column.name), column.span)
        return Offered(column.name, source, "JSON")


def _called(relation: Relation, qualifier: tuple[str, ...], fold: bool) -> bool:
    if not fold:
        return qualifier in relation.qualifiers
    wanted = tuple(part.lower() for part in qualifier)
    return wanted in {tuple(part.lower() for part in each) for each in relation.qualifiers}
