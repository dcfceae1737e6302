"""A plan in the making: what the rules have decided so far about one table's records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from aerodbapi.frozen import frozen, replace
from aerodbapi.grammar.ast import Expr, TableName
from aerodbapi.plan.bind import Context, qualifiers
from aerodbapi.plan.catalog import IndexInfo, SetInfo
from aerodbapi.plan.declaration import INFORMATION_SCHEMA, Known, Table
from aerodbapi.plan.operations import (
    Columns,
    IndexChoice,
    Pushed,
    Range,
    Target,
    Value,
)

__all__ = ["Draft", "Knowledge", "Planning", "Rule", "declared", "known", "placed", "scope"]


class Knowledge(Protocol):
    """What planning asks of a catalog."""

    @property
    def version(self) -> int: ...
    def get(self, namespace: str, set: str | None) -> SetInfo | None: ...
    def indexes(self, namespace: str) -> tuple[IndexInfo, ...] | None: ...
    def declaration(self, namespace: str, set: str | None) -> Known | None: ...
    def keeps_books(self, namespace: str) -> bool | None: ...


def declared(catalog: Knowledge, target: Target) -> Table | None:
    """Give the table that a set was declared as."""
    found = catalog.declaration(target.namespace, target.set)
    return None if found is None else found.table


def scope(
    table: TableName | None, target: Target, planning: Planning
) -> frozenset[tuple[str, ...]]:
    """Give the names that columns of a table may have, and what it was declared as."""
    return qualifiers(table, target, declared(planning.catalog, target))


def placed(target: Target, planning: Planning) -> Planning:
    """Have nothing pushed where the rows are not in the cluster."""
    if target.namespace != INFORMATION_SCHEMA:
        return planning
    return replace(planning, context=replace(planning.context, push=False))


def known(catalog: Knowledge, target: Target) -> SetInfo | None:
    """Give what is known of a set, where that is welcome but not worth a sample."""
    catalog = getattr(catalog, "unwatched", catalog)
    return catalog.get(target.namespace, target.set)


@frozen
class Planning:
    """What a rule may look at besides the draft."""

    catalog: Knowledge
    context: Context


@frozen
class Draft:
    """Access to one table.

    `where`: conjuncts that the access path does not answer; `guards`: those without columns
    (in reads only). `hints`: conjuncts that are decided later, and sent where that helps.
    `keys`: the user keys (digests, with `digest`) read; `single`: one of them, by a Get.
    `outputs`: the expressions to be computed from each record, None for all bins.
    `writes`: the records are to be changed, so every condition has to travel with the write.
    `chosen`: conjuncts that the index answers. `empty`: why there are no rows.
    `bins`, `respond_all`, `pushed`, `residual`, `wire_limit`: as in the operations.
    """

    target: Target
    where: tuple[Expr, ...] = ()
    outputs: tuple[Expr, ...] | None = None
    limit: Value | None = None
    offset: Value | None = None
    writes: bool = False
    guards: tuple[Expr, ...] = ()
    empty: str | None = None
    keys: tuple[Value, ...] | None = None
    single: bool = False
    digest: bool = False
    index: IndexChoice | None = None
    ranges: tuple[Range, ...] = ()
    chosen: tuple[Expr, ...] = ()
    pushed: Pushed | None = None
    residual: Expr | None = None
    bins: Columns = None
    respond_all: bool = False
    wire_limit: Value | None = None
    hints: tuple[Expr, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def by_key(self) -> bool:
        return self.keys is not None


#: A planning rule: takes a draft and gives a better one, or the same.
Rule = Callable[[Draft, Planning], Draft]
