"""Tables and views as they were declared, and the record that says so in the cluster.

A declaration is one record of the set `_aerodbapi` in the table's namespace, its key the set's
name. What it says of a column:

    {"name": "amount", "type": "DECIMAL(10, 2)", "bin": "amount", "nullable": true,
     "default": "0", "identity": [1, 1], "comment": "…"}

Absent entries have their usual value. `default` and the texts of constraints are SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aerodbapi.frozen import frozen
from aerodbapi.plan.sql_types import SqlType, parse_type

__all__ = [
    "BOOKKEEPING",
    "INFORMATION_SCHEMA",
    "PRESENCE",
    "DeclaredColumn",
    "DeclaredConstraint",
    "Known",
    "Table",
    "View",
    "counter_key",
    "from_bins",
    "short_names",
]

#: The set that holds declarations and counters; hidden from lists of sets.
BOOKKEEPING: Final = "_aerodbapi"
#: The namespace of tables that are made locally (`plan.information_schema`).
INFORMATION_SCHEMA: Final = "information_schema"
#: The bin of a record all of whose columns are NULL: a record without bins cannot be.
PRESENCE: Final = "__row"

_LONGEST: Final = 15  # bytes of a bin's name


@frozen
class DeclaredColumn:
    """A column: `bin` is the bin that holds it ("" for the only key column: the user key does).

    `default`: SQL text. `identity`: (start, step) of the counter that its values come from.
    """

    name: str
    type: SqlType
    bin: str
    nullable: bool = True
    default: str | None = None
    identity: tuple[int, int] | None = None
    comment: str | None = None


@frozen
class DeclaredConstraint:
    """A constraint that is kept as information: nothing enforces it."""

    kind: str
    columns: tuple[str, ...]
    name: str | None = None
    text: str = ""
    table: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()


@frozen
class Table:
    """A declared table. `key`: the names of the primary key's columns.

    One of them is the record's user key; several together make a user key of text (`joined`)
    and are bins besides. `generation`: of the record that it was read from, 0 for none.
    """

    namespace: str
    set: str
    columns: tuple[DeclaredColumn, ...]
    key: tuple[str, ...] = ()
    constraints: tuple[DeclaredConstraint, ...] = ()
    key_name: str | None = None
    generation: int = 0

    def column(self, name: str, quoted: bool = True) -> DeclaredColumn | None:
        """Find a column by its exact name, or without quotes by one that differs in case only."""
        alike = None
        folded = name.lower()
        for column in self.columns:
            if column.name == name:
                return column
            if not quoted and column.name.lower() == folded:
                alike = column
        return alike

    def of_bin(self, bin: str) -> DeclaredColumn | None:
        """Find a column by its bin."""
        return next((column for column in self.columns if column.bin == bin), None)

    @property
    def key_column(self) -> DeclaredColumn | None:
        """The column that is the user key; None when there is no key, or one of several columns."""
        return self.column(self.key[0]) if len(self.key) == 1 else None

    @property
    def may_be_empty(self) -> bool:
        """Whether a record may have no value besides its key."""
        return all(column.nullable for column in self.columns if column.bin)

    @property
    def drawn(self) -> tuple[DeclaredColumn, ...]:
        """The columns whose values are drawn from a counter."""
        return tuple(column for column in self.columns if column.identity is not None)

    def bins(self) -> dict[str, Any]:
        """What its record holds."""
        facts = {
            "kind": "table",
            "columns": [_column_facts(column) for column in self.columns],
            "key": list(self.key),
            "constraints": [_constraint_facts(each) for each in self.constraints],
        }
        return facts if self.key_name is None else {**facts, "key_name": self.key_name}


@frozen
class View:
    """A view: `text` is its query, with every table's namespace."""

    namespace: str
    set: str
    text: str
    columns: tuple[str, ...] = ()
    generation: int = 0

    def bins(self) -> dict[str, Any]:
        """What its record holds."""
        return {"kind": "view", "text": self.text, "columns": list(self.columns)}


@frozen
class Known:
    """That it is known what a name was declared as; None: as nothing."""

    what: Table | View | None = None

    @property
    def table(self) -> Table | None:
        return self.what if isinstance(self.what, Table) else None

    @property
    def view(self) -> View | None:
        return self.what if isinstance(self.what, View) else None


def counter_key(set_name: str, column: str) -> str:
    """The key of the record whose bin `value` is the last value drawn for a column."""
    return f"{set_name}#{column}"


# ---- records -----------------------------------------------------------------------------------


def _column_facts(column: DeclaredColumn) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": column.name, "type": str(column.type), "bin": column.bin}
    if not column.nullable:
        facts["nullable"] = False
    for name in ("default", "comment"):
        if getattr(column, name) is not None:
            facts[name] = getattr(column, name)
    if column.identity is not None:
        facts["identity"] = list(column.identity)
    return facts


def _constraint_facts(each: DeclaredConstraint) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": each.kind, "columns": list(each.columns), "text": each.text}
    if each.name is not None:
        facts["name"] = each.name
    if each.table:
        facts |= {"table": list(each.table), "referenced": list(each.referenced)}
    return facts


def from_bins(
    namespace: str, set_name: str, bins: Mapping[str, Any], generation: int
) -> Table | View | None:
    """Read a declaration's record; None when it is something else."""
    if bins.get("kind") == "view":
        columns = tuple(bins.get("columns") or ())
        return View(namespace, set_name, bins["text"], columns, generation)
    if bins.get("kind") != "table":
        return None
    return Table(
        namespace,
        set_name,
        tuple(_column(facts) for facts in bins["columns"]),
        tuple(bins.get("key") or ()),
        tuple(_constraint(facts) for facts in bins.get("constraints") or ()),
        bins.get("key_name"),
        generation,
    )


def _column(facts: Mapping[str, Any]) -> DeclaredColumn:
    identity = facts.get("identity")
    return DeclaredColumn(
        facts["name"],
        parse_type(facts["type"]),
        facts["bin"],
        facts.get("nullable", True),
        facts.get("default"),
        None if identity is None else (identity[0], identity[1]),
        facts.get("comment"),
    )


def _constraint(facts: Mapping[str, Any]) -> DeclaredConstraint:
    return DeclaredConstraint(
        facts["kind"],
        tuple(facts["columns"]),
        facts.get("name"),
        facts.get("text", ""),
        tuple(facts.get("table") or ()),
        tuple(facts.get("referenced") or ()),
    )


# ---- names of bins -----------------------------------------------------------------------------


def short_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Give each column name its bin's: itself where it fits 15 bytes, else a shortened one.

    A shortened name ends in `~` and a number, and is nobody else's.
    """
    wanted, others = list(names), frozenset(taken)
    used = {*others, PRESENCE, *filter(_fits, wanted)}
    found: dict[str, str] = {}
    for name in wanted:
        own = _fits(name) and name not in others
        found[name] = name if own else _shortened(name, used)
        used.add(found[name])
    return found


def _fits(name: str) -> bool:
    return 0 < len(name.encode()) <= _LONGEST and name != PRESENCE


def _shortened(name: str, used: set[str]) -> str:
    number = 1
    while True:
        end = f"~{number}"
        head = name.encode()[: _LONGEST - len(end)].decode("utf-8", "ignore")
        if head + end not in used:
            return head + end
        number += 1
