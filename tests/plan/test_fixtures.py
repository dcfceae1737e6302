"""Statements and their plans, one fixture file a rule (and some for what no rule owns).

`UPDATE_FIXTURES=1 pytest tests/plan/test_fixtures.py` writes the plans anew: read the diff.
"""

from __future__ import annotations

import os

import pytest

from aerodbapi import errors
from aerodbapi.grammar.parser import parse
from aerodbapi.plan import explain
from aerodbapi.plan.planner import plan
from aerodbapi.plan.rules import RULES
from tests.plan.catalogs import FIXTURES, Fixture, catalog, fixtures

NAMES = sorted(path.stem for path in FIXTURES.glob("*.txt"))


def planned(fixture: Fixture) -> str:
    """The plan's lines, or the error's class and text."""
    try:
        statement = parse(fixture.text, fixture.profile)
        return "\n".join(explain.lines(plan(statement, catalog(), fixture.context)))
    except errors.Error as error:
        return f"{type(error).__name__}: {error}"


def test_every_rule_has_a_fixture_file():
    assert {rule.__name__ for rule in RULES} <= set(NAMES)


@pytest.mark.parametrize(
    "fixture", [each for name in NAMES for each in fixtures(name)], ids=lambda each: each.place
)
def test_plan(fixture):
    assert planned(fixture) == fixture.expected


@pytest.mark.skipif("UPDATE_FIXTURES" not in os.environ, reason="UPDATE_FIXTURES is not set")
@pytest.mark.parametrize("name", NAMES)
def test_write_fixtures_anew(name):
    path = FIXTURES / f"{name}.txt"
    blocks = [block.strip("\n") for block in path.read_text().split("\n\n") if block.strip()]
    heads = [block.partition("\n=>")[0] for block in blocks]
    plans = [planned(fixture) for fixture in fixtures(name)]
    path.write_text("\n\n".join(f"{h}\n=>\n{p}" for h, p in zip(heads, plans)) + "\n")
