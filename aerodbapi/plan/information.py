"""SHOW and DESCRIBE: which facts, and the columns that they come in."""

from __future__ import annotations

from typing import Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.plan import operations as op
from aerodbapi.plan.bind import bind_table
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.tree import place

__all__ = ["SHOW_COLUMNS", "describe", "show"]

_TEXT, _COUNT = "VARCHAR", "BIGINT"

#: What InfoRows are named → their columns and types. A row is a mapping by column name.
SHOW_COLUMNS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "namespaces": (("namespace", _TEXT),),
    "sets": (
        ("namespace", _TEXT),
        ("set", _TEXT),
        ("objects", _COUNT),
        ("tombstones", _COUNT),
        ("data_used_bytes", _COUNT),
        ("truncate_lut", _COUNT),
        ("sindexes", _COUNT),
        ("default_ttl", _COUNT),
    ),
    "bins": (
        ("namespace", _TEXT),
        ("set", _TEXT),
        ("bin", _TEXT),
        ("type", _TEXT),
    ),
    "indexes": (
        ("namespace", _TEXT),
        ("set", _TEXT),
        ("index", _TEXT),
        ("bin", _TEXT),
        ("type", _TEXT),
        ("collection", _TEXT),
        ("entries_per_value", _COUNT),
        ("state", _TEXT),
    ),
    "modules": (("filename", _TEXT), ("hash", _TEXT), ("type", _TEXT)),
    "nodes": (("node", _TEXT), ("address", _TEXT), ("build", _TEXT)),
    "functions": (
        ("function", _TEXT),
        ("kind", _TEXT),
        ("engine", "BOOLEAN"),
        ("usage", _TEXT),
    ),
    "settings": (
        ("name", _TEXT),
        ("value", _TEXT),
        ("default", _TEXT),
        ("meaning", _TEXT),
    ),
    **dict.fromkeys(
        ("users", "user"),
        (
            ("user", _TEXT),
            ("roles", _TEXT),
            ("connections", _COUNT),
            ("read_quota", _COUNT),
            ("write_quota", _COUNT),
        ),
    ),
    **dict.fromkeys(
        ("roles", "role"),
        (
            ("role", _TEXT),
            ("privileges", _TEXT),
            ("whitelist", _TEXT),
            ("read_quota", _COUNT),
            ("write_quota", _COUNT),
        ),
    ),
    **dict.fromkeys(
        ("jobs", "queries", "scans"),
        (
            ("node", _TEXT),
            ("job", _TEXT),
            ("namespace", _TEXT),
            ("set", _TEXT),
            ("kind", _TEXT),
            ("module", _TEXT),
            ("function", _TEXT),
            ("index", _TEXT),
            ("status", _TEXT),
            ("progress", "DOUBLE"),
            ("run_time", _COUNT),
            ("records", _COUNT),
            ("from", _TEXT),
        ),
    ),
    "describe": (
        ("column", _TEXT),
        ("type", _TEXT),
        ("kinds", _TEXT),
        ("key", "BOOLEAN"),
    ),
}


def show(statement: ast.Show, planning: Planning) -> op.Plan:
    """Plan SHOW; its argument names a namespace, or a namespace and a set."""
    what = statement.what.lower()
    if what not in SHOW_COLUMNS or what == "describe":
        raise errors.NotSupportedError(
            f"not supported yet: SHOW {statement.what}{place(statement)}"
        )
    return _plan(op.InfoRows(what, statement.argument))


def describe(statement: ast.Describe, planning: Planning) -> op.Plan:
    """Plan DESCRIBE: PK and the bins of a set, from the catalog."""
    target = bind_table(statement.table, planning.context)
    planning.catalog.get(target.namespace, target.set)
    set_name = () if target.set is None else (target.set,)
    return _plan(op.InfoRows("describe", (target.namespace, *set_name)))


def _plan(leaf: op.InfoRows) -> op.Plan:
    columns = tuple(
        op.OutputColumn(name, ast.Column(name), code) for name, code in SHOW_COLUMNS[leaf.what]
    )
    return op.Plan(op.Project(leaf, columns), columns)
