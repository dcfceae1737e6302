"""Statements and their plans, one fixture file a rule (and some for what no rule owns).

`python -m tests.plan.write_fixtures` writes the plans anew: read the diff.
"""

from __future__ import annotations

import pytest

from aerodbapi.plan.rules import RULES
from tests.plan.catalogs import FIXTURES, fixtures, planned

NAMES = sorted(path.stem for path in FIXTURES.glob("*.txt"))


def test_every_rule_has_a_fixture_file():
    assert {rule.__name__ for rule in RULES} <= set(NAMES)


@pytest.mark.parametrize(
    "fixture", [each for name in NAMES for each in fixtures(name)], ids=lambda each: each.place
)
def test_plan(fixture):
    assert planned(fixture) == fixture.expected
