"""What sqlglot makes of a statement plans the same: tools write statements anew on their way here.

Its generic dialect reads neither `//` nor keeps NULLS FIRST where a column ascends: it takes
NULLs for the least of values, and leaves out what would be the rule then.
"""

from __future__ import annotations

import functools
import logging
import re
from typing import Any

import pytest

from aerodbapi.grammar import ast, parse
from aerodbapi.grammar.walk import transform
from aerodbapi.plan import explain
from aerodbapi.plan.bind import Context
from aerodbapi.plan.catalog import from_sample
from aerodbapi.plan.planner import plan
from tests.language import flights_data
from tests.language.ecosystem import STATEMENTS as ECOSYSTEM
from tests.plan.catalogs import catalog

sqlglot = pytest.importorskip("sqlglot")

STATEMENTS = [
    (f"{each.group}: {each.title}", each.sql)
    for each in flights_data.statements()
    if "//" not in each.sql and not re.search(r"(?<!DESC) NULLS FIRST", each.sql)
] + list(ECOSYSTEM.items())
#: Functions whose first argument is the name of a unit, in any case of letters.
_OF_UNITS = frozenset({"DATE_TRUNC", "DATE_PART", "DATE_DIFF", "DATE_ADD", "DATE_SUB", "EXTRACT"})


def retold(text: str, **options: Any) -> str:
    return str(sqlglot.transpile(text, **options)[0])


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "sqlglot")


@pytest.mark.parametrize("pretty", [False, True], ids=["line", "pretty"])
@pytest.mark.parametrize(("name", "text"), STATEMENTS, ids=[name for name, _ in STATEMENTS])
def test_a_statement_retold_has_the_same_plan(name: str, text: str, pretty: bool) -> None:
    other = retold(text, pretty=pretty)
    assert tree(other) == tree(text)
    assert planned(other) == planned(text)


def tree(text: str) -> Any:
    return transform(parse(text), _same_units)


def _same_units(node: Any) -> Any:
    if isinstance(node, ast.Call) and node.name in _OF_UNITS and node.arguments:
        first, *others = node.arguments
        if isinstance(first, ast.Literal) and isinstance(first.value, str):
            return ast.Call(node.name, (ast.Literal(first.value.upper()), *others))
    return node


def planned(text: str) -> str:
    lines = explain.lines(plan(tree(text), known(), Context(namespace="test")))
    return "\n".join(lines)


@functools.cache
def known() -> Any:
    found = catalog()
    for name, row in flights_data.samples():
        found.put(from_sample("test", name, [("key", row)]))
    return found
