"""The shipped parse tables: made from the grammar as it is, and only a short cut to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from aerodbapi.grammar import build, parse, parser
from aerodbapi.grammar.builders import RULES
from tests.grammar.corpus import EXTENSIONS, PLAIN


@pytest.fixture
def fresh() -> Iterator[None]:
    """Read the tables anew, and once more afterwards."""
    caches = (parser._stored, parser._tables, parser._lexer)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_the_tables_are_up_to_date() -> None:
    stored = json.loads(build.TABLES.read_bytes())
    assert stored["grammar"] == build.fingerprint(), "run python -m aerodbapi.grammar.build"
    assert stored == build.made()


def test_parsing_needs_the_tables_only() -> None:
    program = (
        "import sys; from aerodbapi.grammar import parse; parse('SELECT 1'); "
        "print('lark' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert shown.stdout.split() == [b"False"]


def test_every_rule_has_its_builder() -> None:
    used = {name for _, size, inline, name in build.made()["rules"] if not (inline and size == 1)}
    assert used == set(RULES)


def test_a_rule_without_builder_is_named(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    left = {name: rule for name, rule in RULES.items() if name != "truncate"}
    monkeypatch.setattr(parser, "RULES", left)
    with pytest.raises(Exception, match="rule truncate has no builder"):
        parse("TRUNCATE t")


@pytest.mark.parametrize("damage", ["no file", "no JSON", "other tables"])
def test_without_tables_the_grammar_is_built(
    damage: str, fresh: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    expected = [parse(text) for text in PLAIN + EXTENSIONS]
    tables = tmp_path / "tables.json"
    if damage != "no file":
        tables.write_text("{}" if damage == "other tables" else "{")
    monkeypatch.setattr(parser, "_TABLES", str(tables))
    for cache in (parser._stored, parser._tables, parser._lexer):
        cache.cache_clear()
    assert [parse(text) for text in PLAIN + EXTENSIONS] == expected
