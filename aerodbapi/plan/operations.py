"""The operations that a plan is made of: frozen, printable, the same for every carrier.

A plan is a tree. Its leaves are wire operations (what the cluster is asked); above them stand
the few things done on the way back (Filter, Limit, Project). Values that come with each
execution stay `Slot`s here: one plan serves every execution of a statement's shape.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, Union
from typing import Literal as Choice

from aerodbapi.frozen import frozen
from aerodbapi.grammar.ast import Expr
from aerodbapi.plan.relational_operations import Input, InputColumn, KeyJoin, Relational
from aerodbapi.plan.table_operations import Draw

__all__ = [
    "BatchGet",
    "Columns",
    "Computed",
    "Constant",
    "CreateIndex",
    "DropIndex",
    "Empty",
    "Filter",
    "Found",
    "Get",
    "Guard",
    "IndexChoice",
    "IndexQuery",
    "InfoRows",
    "Input",
    "InputColumn",
    "KeyJoin",
    "Limit",
    "Operation",
    "OutputColumn",
    "PartitionQuery",
    "Plan",
    "Project",
    "Pushed",
    "Range",
    "Relational",
    "Remove",
    "Returning",
    "Slot",
    "Step",
    "Subqueries",
    "Target",
    "Transact",
    "Truncate",
    "Value",
    "Values",
    "Write",
]


@frozen
class Slot:
    """Value number `index` of those bound beside the plan."""

    index: int


@frozen
class Constant:
    """A value that is part of the statement's shape."""

    value: Any


@frozen
class Computed:
    """An expression without columns, worked out once per execution (`plan.values.resolve`).

    `function(values)` does it.
    """

    expression: Expr
    function: Any = field(default=None, compare=False, repr=False)


Value = Union[Slot, Constant, Computed]


@frozen
class Target:
    """Whose records: `set` None is the whole namespace, "" the records without a set."""

    namespace: str
    set: str | None


#: Bins to read: None all of them, () only metadata.
Columns = Union[tuple[str, ...], None]


@frozen
class Pushed:
    """The part of WHERE that travels as a filter expression (built when values are bound).

    `exact`: the server's answer is final whatever values are bound. Otherwise it may be a
    superset, and a Filter above holds what has to be looked at again. `builder(values)` gives
    `(expression or None, exact)` for one execution (a `plan.pushdown.Built`): where it says
    exact, that Filter may be skipped; where the expression is `plan.pushdown.NOTHING`, no
    record can match and nothing need be sent.
    """

    predicate: Expr
    exact: bool
    builder: Any = field(default=None, compare=False, repr=False)


@frozen
class IndexChoice:
    """A secondary index: its name, bin, type and collection, and why it was chosen."""

    name: str
    bin: str
    type: Choice["NUMERIC", "STRING", "BLOB", "GEO2DSPHERE"]
    collection: Choice["LIST", "MAPKEYS", "MAPVALUES"] | None = None
    entries_per_value: int | None = None
    context: bytes = b""


@frozen
class Range:
    """What of the index is read, both ends included; an open end is None.

    `low_open`, `high_open`: the bound itself is excluded (integers only).
    Equality has the same Value at both ends; a Slot that is bound to a list then stands for
    one equality an element. `plan.values.index_bounds` turns Ranges into what is sent.
    """

    low: Value | None
    high: Value | None
    low_open: bool = False
    high_open: bool = False


# ---- wire operations ---------------------------------------------------------------------------


@frozen
class Get:
    """Read one record.

    `key` becomes a user key by `plan.values.key_of`, or with `digest` a digest by
    `plan.values.digest_of`; None from either means that no record has it.
    """

    target: Target
    key: Value
    bins: Columns
    pushed: Pushed | None = None
    digest: bool = False


@frozen
class BatchGet:
    """Read the records of `keys`, each once, in the order given; absent ones give no row.

    A Slot that is bound to a list stands for its elements (`plan.values.keys_of`).
    """

    target: Target
    keys: tuple[Value, ...]
    bins: Columns
    pushed: Pushed | None = None
    digest: bool = False


@frozen
class IndexQuery:
    """Read through a secondary index; `ranges` has one entry a query (IN gives several).

    `dedupe`: a record may arrive twice (a range on a collection index); keep one per digest.
    `respond_all`: as PartitionQuery's.
    """

    target: Target
    index: IndexChoice
    ranges: tuple[Range, ...]
    bins: Columns
    pushed: Pushed | None = None
    limit: Value | None = None
    dedupe: bool = False
    respond_all: bool = False


@frozen
class PartitionQuery:
    """Read a whole set or namespace through the primary index.

    `limit` goes on the wire; a short answer is not the end. `respond_all`: records that have
    none of `bins` must come too, which takes the RESPOND_ALL_OPS bit (a server drops them
    otherwise: server query.c, apply_ops_make_response, from 8.1.2).
    """

    target: Target
    bins: Columns
    pushed: Pushed | None = None
    limit: Value | None = None
    respond_all: bool = False


@frozen
class Empty:
    """No rows, and nothing is asked: a contradiction, or LIMIT 0. `why` says so in EXPLAIN."""

    why: str


@frozen
class Values:
    """Rows of constants: SELECT without FROM."""

    rows: tuple[tuple[Expr, ...], ...]


@frozen
class InfoRows:
    """Rows made locally: SHOW, DESCRIBE, information_schema. `what` is the SHOW word, lower case.

    `values` follow `arguments` once they are bound: what narrows the rows, None for nothing.
    """

    what: str
    arguments: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()


@frozen
class Returning:
    """Give rows of the records as written, or as they were when deleted.

    `columns`, `star` as a Project's; `bins` that are read for them.
    """

    columns: tuple[OutputColumn, ...]
    star: int | None
    bins: Columns


@frozen
class Write:
    """Write records by key. `mode`: create (fail if it exists), merge, replace (whole record).

    `rows`: (key, ((bin, value), …)) each; more than one row is a batch. Of INSERT … SELECT
    instead: `source` is the query's plan, and `names` are its columns' bins, "" for the key;
    `whole`: its rows are read to the end before the first is written (it reads what it writes).
    `conflict`: of a row whose key exists in mode create; `update` then changes the record, with
    the row's values behind those bound to the statement, first the key, then by `names`.
    `draws`: counters of which a value each stands behind the bound ones, row by row. `raises`:
    counters that go on above what a row gives in a bin ("" for the key) itself. `cells`: how the
    `names` are worked out of a row of `source`, its values (and drawn ones) parameters.
    """

    target: Target
    mode: Choice["create", "merge", "replace"]
    rows: tuple[tuple[Value, tuple[tuple[str, Value], ...]], ...]
    options: tuple[tuple[str, Value], ...] = ()
    source: Plan | None = None
    names: tuple[str, ...] = ()
    whole: bool = False
    conflict: Choice["fail", "ignore", "update"] = "fail"
    update: Update | None = None
    returning: Returning | None = None
    draws: tuple[Draw, ...] = ()
    raises: tuple[tuple[Draw, str], ...] = ()
    cells: tuple[Expr, ...] = ()


@frozen
class Step:
    """One assignment of an UPDATE, and how it is done (see `plan.assignments`).

    - write: WRITE of `value` (NULL deletes the bin).
    - append, prepend: that operation with `value`, where the bin holds such.
    - expression: an expression write, made by `build(values)`.
    - place: an operation on the list or map at `path`.
    - function: one of `plan.bin_functions` on the bin, such as LIST_APPEND.
    - compute: read the record, evaluate `expression`, write under the record's generation and
      begin again when it has changed. One compute step makes the whole update go that way, and
      so does a record on which the operations would not do what SQL means.
    """

    bin: str
    how: Choice["write", "append", "prepend", "expression", "place", "function", "compute"]
    expression: Expr
    value: Value | None = None
    path: tuple[Expr, ...] = ()
    build: Any = field(default=None, compare=False, repr=False)
    info: Any = field(default=None, compare=False, repr=False)


@frozen
class Update:
    """Change the records that `source` finds, as `steps` say.

    A source of Get or BatchGet is written by key under its filter, any other is read first and
    each record written under the same filter and its digest.
    `predicate`: what the filter does not decide (None: the filter is exact). Then each record
    is read (`source.bins` holds what that needs), checked, and written under its generation.
    `generation`: from WHERE __gen = v; the write expects it, and a mismatch is 0 rows.
    `limit`: so many records are changed at most. An update never creates a record.
    """

    source: Operation
    steps: tuple[Step, ...]
    predicate: Expr | None
    options: tuple[tuple[str, Value], ...] = ()
    generation: Value | None = None
    limit: Value | None = None
    returning: Returning | None = None


@frozen
class Remove:
    """Delete the records that `source` finds; the same rule as Update's."""

    source: Operation
    predicate: Expr | None
    options: tuple[tuple[str, Value], ...] = ()
    generation: Value | None = None
    limit: Value | None = None
    returning: Returning | None = None


@frozen
class Found:
    """Ask the relational engine which records to change, a leaf under Update and Remove.

    `query` gives the digest, the generation and the key of each, and the value of every step.
    `again` has one more parameter, the digests of those that had changed before they were written.
    """

    target: Target
    query: Plan
    again: Plan


@frozen
class Transact:
    """BEGIN, COMMIT or ROLLBACK."""

    what: Choice["BEGIN", "COMMIT", "ROLLBACK"]


@frozen
class Subqueries:
    """Run `queries` first: their values stand behind those bound to the statement `child`.

    Each is (how, plan): "value" (the one value, NULL without a row), "list" (the first column),
    "exists".
    """

    child: Operation
    queries: tuple[tuple[Choice["value", "list", "exists"], Plan], ...]


@frozen
class Truncate:
    """Remove all records, or those last written before `up_to`."""

    target: Target
    up_to: Value | None = None


@frozen
class CreateIndex:
    """Make a secondary index; `type` None infers it.

    `context`: packed, of an element of the bin; `expression`: packed, instead of a bin; `over`:
    either of them as text.
    """

    target: Target
    name: str
    bin: str
    type: str | None
    collection: str | None
    if_not_exists: bool
    context: bytes = b""
    expression: bytes = b""
    over: str = ""


@frozen
class DropIndex:
    """Remove a secondary index."""

    namespace: str
    name: str
    if_exists: bool


# ---- on the way back ---------------------------------------------------------------------------


@frozen
class Guard:
    """Evaluate `predicate`, which has no columns, once per execution: unless it is true there
    are no rows, and the child asks nothing.
    """

    child: Operation
    predicate: Expr


@frozen
class Filter:
    """The residual: keep the rows of which `predicate` is true (not false, not NULL)."""

    child: Operation
    predicate: Expr


@frozen
class Limit:
    """At most `count` rows after the first `offset`; then the child is stopped."""

    child: Operation
    count: Value | None
    offset: Value | None = None


@frozen
class OutputColumn:
    """A column of the result: `source` is an expression over the record; `type` a TypeCode name."""

    name: str
    source: Expr
    type: str


@frozen
class Project:
    """Rows of `columns` (the last operation of a query that returns rows).

    `star`: SELECT * is among them; PK and the catalog's bins stand in `columns`, and bins that
    the catalog did not know belong at this position, in order of first appearance.
    """

    child: Operation
    columns: tuple[OutputColumn, ...]
    star: int | None = None


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
    Found,
    Subqueries,
    Transact,
    Truncate,
    CreateIndex,
    DropIndex,
    Guard,
    Filter,
    Limit,
    Project,
    KeyJoin,
    Relational,
]


@frozen
class Plan:
    """A statement's plan. `columns` is () when it returns no rows.

    `notes`: what EXPLAIN adds in words. `parameters`: how many values must be bound.
    `explain`: answer with `plan.explain.rows(plan)` and run nothing; with `analyze` run it and
    say what each step did; `tree`: as lines of text.
    `catalog_version`: what the catalog's was; a plan of another version is made again.
    """

    root: Operation
    columns: tuple[OutputColumn, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: int = 0
    explain: bool = False
    catalog_version: int = 0
    analyze: bool = False
    tree: bool = False
