"""Operations of what the server cannot do alone: a query for the engine over reads of the cluster.

`Relational` is the root of such a plan. Its `query` is the statement with every name bound:

- each base table is `TableName((input.name,), alias=input.name)`, one Input an occurrence;
  each derived table and CTE has a name that is unique in the statement;
- each Column is `Column(column, (table,))`: an input's, a derived table's or a CTE's, and the
  columns are spelt as there (so no name is looked up by the engine, and none is ambiguous);
  stars, USING and NATURAL are written out; only `count(*)` holds a Star;
- an ORDER BY or GROUP BY key that was an alias or a position is the position, an integer Literal;
- what is decided before rows come to the engine has left WHERE and ON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import Expr, Query

if TYPE_CHECKING:
    from aerodbapi.plan.operations import Columns, Operation, OutputColumn, Pushed, Target

__all__ = ["Input", "InputColumn", "KeyJoin", "Relational"]


@frozen
class InputColumn:
    """A column of a table that the engine sees.

    `source`: a bound expression over the record (`plan.evaluate`): a bin, PK, metadata.
    `type`: a type code (BIGINT DOUBLE BOOLEAN VARCHAR BLOB JSON GEOJSON HLL); JSON holds lists,
    maps, and bins of several kinds; NULL where no record is known to have the bin (what is found
    there nevertheless teaches the catalog). `kinds`: those the catalog saw in the bin.
    """

    name: str
    source: Expr
    type: str
    kinds: frozenset[str] = frozenset()


@frozen
class Input:
    """One pushed-down read of a set, seen by the engine as table `name`.

    `read`: Guard, Limit and Filter over a leaf (Get, BatchGet, IndexQuery, PartitionQuery,
    KeyJoin, Empty). Every row that it gives has `columns`; without columns only the number of
    its rows counts. `again`: the engine may read the table several times (a recursive query).
    """

    name: str
    columns: tuple[InputColumn, ...]
    read: Operation
    again: bool = False


@frozen
class KeyJoin:
    """Read the records whose keys are the values of a column of another input, a leaf.

    That input, `input`, comes before this one and is read first. When it ends within `most`
    rows, the distinct values of its column `column` are the keys of a BatchGet of `target`
    (`plan.keys.key_of`; what cannot be a key has no record). When it does not, `otherwise` is
    read in its stead, an operation that brings a superset of these records.
    """

    target: Target
    input: str
    column: str
    bins: Columns
    pushed: Pushed | None
    otherwise: Operation
    most: int = 10_000


@frozen
class Relational:
    """Run `query` over `inputs`; `columns` as the query names them, in order.

    A column's `type` is a type code, or "" where only the engine knows it; its `source` is
    `Column(name)`. The inputs stand in an order in which KeyJoins come after what they need.
    """

    query: Query
    inputs: tuple[Input, ...]
    columns: tuple[OutputColumn, ...]
