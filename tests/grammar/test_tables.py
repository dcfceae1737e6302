"""The shipped parse tables: made from the grammar as it is, and only a short cut to it."""

from __future__ import annotations

import json
from typing import Any

import lark
import pytest

from aerodbapi.grammar import build, parse, parser
from aerodbapi.grammar.builders import RULES
from tests.grammar.corpus import EXTENSIONS, PLAIN


def test_the_tables_are_up_to_date() -> None:
    stored = json.loads(build.TABLES.read_bytes())
    assert stored["grammar"] == build.fingerprint(), "run python -m aerodbapi.grammar.build"


def test_the_shipped_tables_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the grammar was built anew")

    monkeypatch.setattr(build, "from_grammar", fail)
    assert isinstance(build.load("sql"), lark.Lark)


def test_every_rule_has_its_builder() -> None:
    used = set()
    for rule in build.from_grammar(build.PROFILES["sql"]).rules:
        inlined = rule.options.expand1 and not rule.alias and len(rule.expansion) == 1
        if not inlined:
            used.add(rule.alias or rule.origin.name)
    assert used == set(RULES)


@pytest.mark.parametrize("damage", ["another lark", "no file", "no JSON", "other tables"])
def test_without_tables_the_grammar_is_built(
    damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    if damage == "another lark":
        monkeypatch.setattr(lark, "__version__", "9.9.9")
    else:
        tables = tmp_path / "tables.json"
        monkeypatch.setattr(build, "TABLES", tables)
        if damage != "no file":
            tables.write_text("{}" if damage == "other tables" else "{")
    parser._parser.cache_clear()
    try:
        trees = [parse(text) for text in PLAIN + EXTENSIONS]
    finally:
        parser._parser.cache_clear()
    monkeypatch.undo()
    assert trees == [parse(text) for text in PLAIN + EXTENSIONS]
