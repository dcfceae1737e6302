"""What tools make of a statement means the same: sqlglot's generic dialect stands for them."""

from __future__ import annotations

import logging

import pytest

from aerodbapi.grammar import parse
from tests.grammar.corpus import PLAIN

sqlglot = pytest.importorskip("sqlglot")


@pytest.mark.parametrize("text", PLAIN)
def test_rewritten_statements_keep_their_tree(text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "sqlglot")
    assert parse(sqlglot.transpile(text)[0]) == parse(text)


@pytest.mark.parametrize("text", PLAIN)
def test_statements_laid_out_in_lines_keep_their_tree(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "sqlglot")
    assert parse(sqlglot.transpile(text, pretty=True)[0]) == parse(text)
