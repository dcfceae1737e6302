"""The operations that a plan is made of: frozen, printable, the same for every carrier.

A plan is a tree. Its leaves are wire operations (what the cluster is asked); above them stand
the few things done on the way back (Filter, Limit, Project). Values that come with each
execution stay `Slot`s here: one plan serves every execution of a statement's shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal as Choice, Union

from aerodbapi.grammar.ast import Expr

__all__ = [
    "BatchGet",
    "Columns",
    "Constant",
    "CreateIndex",
    "DropIndex",
    "Empty",
    "Filter",
    "Get",
    "IndexChoice",
    "IndexQuery",
    "InfoRows",
    "Limit",
    "Operation",
    "OutputColumn",
    "PartitionQuery",
    "Plan",
    "Project",
    "Pushed",
    "Range",
    "Remove",
    "Slot",
    "Target",
    "Truncate",
    "Value",
    "Values",
    "Write",
]


@dataclass(frozen=True, slots=True)
class Slot:
    """Value number `index` of those bound beside the plan."""

    index: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is part of the statement's shape."""

    value: Any


Value = Union[Slot, Constant]


@dataclass(frozen=True, slots=True)
class Target:
    """Whose records: `set` None is the whole namespace, "" the records without a set."""

    namespace: str
    set: str | None


#: Bins to read: None all of them, () only metadata.
Columns = Union[tuple[str, ...], None]


@dataclass(frozen=True, slots=True)
class Pushed:
    """The part of WHERE that travels as a filter expression (built when values are bound).

    `exact`: the server's answer is final. Otherwise it is a superset, and a Filter above
    holds the whole predicate again.
    """

    predicate: Expr
    exact: bool


@dataclass(frozen=True, slots=True)
class IndexChoice:
    """A secondary index: its name, bin, type and collection, and why it was chosen."""

    name: str
    bin: str
    type: Choice["NUMERIC", "STRING", "BLOB", "GEO2DSPHERE"]
    collection: Choice["LIST", "MAPKEYS", "MAPVALUES"] | None = None
    entries_per_value: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """What of the index is read, both ends included; an open end is None.

    `low_open`, `high_open`: the bound itself is excluded (integers only).
    Equality has the same Value at both ends.
    """

    low: Value | None
    high: Value | None
    low_open: bool = False
    high_open: bool = False


# ---- wire operations ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Get:
    """Read one record. `digest`: `key` is a digest, not a user key."""

    target: Target
    key: Value
    bins: Columns
    pushed: Pushed | None = None
    digest: bool = False


@dataclass(frozen=True, slots=True)
class BatchGet:
    """Read the records of `keys`, each once, in the order given; absent ones give no row."""

    target: Target
    keys: tuple[Value, ...]
    bins: Columns
    pushed: Pushed | None = None
    digest: bool = False


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """Read through a secondary index; `ranges` has one entry a query (IN gives several)."""

    target: Target
    index: IndexChoice
    ranges: tuple[Range, ...]
    bins: Columns
    pushed: Pushed | None = None
    limit: Value | None = None


@dataclass(frozen=True, slots=True)
class PartitionQuery:
    """Read a whole set or namespace through the primary index."""

    target: Target
    bins: Columns
    pushed: Pushed | None = None
    limit: Value | None = None


@dataclass(frozen=True, slots=True)
class Empty:
    """No rows, and nothing is asked: a contradiction, or LIMIT 0. `why` says so in EXPLAIN."""

    why: str


@dataclass(frozen=True, slots=True)
class Values:
    """Rows of constants: SELECT without FROM."""

    rows: tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, slots=True)
class InfoRows:
    """Rows made of info answers: SHOW and DESCRIBE. `what` is the SHOW word, lower case."""

    what: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """Write records by key. `mode`: create (fail if it exists), merge, replace (whole record).

    `rows`: (key, ((bin, value), …)) each; more than one row is a batch.
    """

    target: Target
    mode: Choice["create", "merge", "replace"]
    rows: tuple[tuple[Value, tuple[tuple[str, Value], ...]], ...]
    options: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Change the records that `source` finds. `assignments`: (bin, expression); a source of
    Get or BatchGet is written by key under its filter, any other is read first and each record
    written under the same filter and its digest.
    """

    source: Operation
    assignments: tuple[tuple[str, Expr], ...]
    predicate: Expr | None
    options: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the records that `source` finds; the same rule as Update's."""

    source: Operation
    predicate: Expr | None
    options: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    target: Target
    up_to: Value | None = None


@dataclass(frozen=True, slots=True)
class CreateIndex:
    target: Target
    name: str
    bin: str
    type: str | None
    collection: str | None
    if_not_exists: bool


@dataclass(frozen=True, slots=True)
class DropIndex:
    namespace: str
    name: str
    if_exists: bool


# ---- on the way back ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """The residual: keep the rows of which `predicate` is true (not false, not NULL)."""

    child: Operation
    predicate: Expr


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` rows after the first `offset`; then the child is stopped."""

    child: Operation
    count: Value | None
    offset: Value | None = None


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the result: `source` is an expression over the record; `type` a TypeCode name."""

    name: str
    source: Expr
    type: str


@dataclass(frozen=True, slots=True)
class Project:
    """Rows of `columns` (the last operation of a query that returns rows).

    `columns` None: SELECT * over a set whose bins are known only from the rows: PK, then the
    bins of the catalog, then bins not seen before.
    """

    child: Operation
    columns: tuple[OutputColumn, ...]


Operation = Union[
    Get,
    BatchGet,
    IndexQuery,
    PartitionQuery,
    Empty,
    Values,
    InfoRows,
    Write,
    Update,
    Remove,
    Truncate,
    CreateIndex,
    DropIndex,
    Filter,
    Limit,
    Project,
]


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement's plan. `columns` is () when it returns no rows.

    `notes`: what EXPLAIN adds in words. `parameters`: how many values must be bound.
    """

    root: Operation
    columns: tuple[OutputColumn, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: int = 0
    explain: bool = False
