"""What plans of statements on declarations are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.grammar import ast
    from aerodbapi.plan.declaration import Table, View
    from aerodbapi.plan.operations import Target

__all__ = ["AlterTable", "CreateTable", "CreateTableAs", "CreateView", "Draw", "Drop", "Refresh"]


@frozen
class Draw:
    """A counter that a column's values are drawn from: `start`, then steps of `step`.

    `generation`: of the declaration; values drawn ahead count for it only.
    """

    namespace: str
    set: str
    column: str
    start: int = 1
    step: int = 1
    generation: int = 0


@frozen
class CreateTable:
    """Declare a table. `notes`: what of the declaration nothing enforces."""

    table: Table
    if_not_exists: bool
    notes: tuple[str, ...] = ()


@frozen
class CreateTableAs:
    """Declare a table by a query's columns, and write the query's rows into it."""

    target: Target
    name: ast.TableName
    query: ast.Query
    if_not_exists: bool


@frozen
class AlterTable:
    """Change a declaration as `statement` says (`plan.tables.altered`)."""

    target: Target
    statement: ast.AlterTable


@frozen
class Drop:
    """Remove declarations; of tables their records and indexes too. `what`: TABLE or VIEW."""

    what: str
    targets: tuple[Target, ...]
    if_exists: bool


@frozen
class CreateView:
    """Store a query under a name."""

    view: View
    replace: bool
    if_not_exists: bool


@frozen
class Refresh:
    """Look at a set anew."""

    target: Target


#: Only for annotations elsewhere: any of the above.
TableOperation = Any
