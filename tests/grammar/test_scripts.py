"""Scripts cut into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerodbapi.grammar import statements

SCRIPTS = [
    ("", []),
    (" ;; ; ", []),
    ("SELECT 1", [("SELECT 1", 0)]),
    ("SELECT 1;", [("SELECT 1", 0)]),
    ("SELECT 1; SELECT 2 ;\n SELECT 3\n", [("SELECT 1", 0), ("SELECT 2", 10), ("SELECT 3", 22)]),
    ("SELECT ';'; SELECT \";\"", [("SELECT ';'", 0), ('SELECT ";"', 12)]),
    ("SELECT 'it''s; so'; b", [("SELECT 'it''s; so'", 0), ("b", 20)]),
    ("SELECT '\"'; SELECT '\"'", [("SELECT '\"'", 0), ("SELECT '\"'", 12)]),
    ("a -- x; y\n; b", [("a -- x; y", 0), ("b", 12)]),
    ("a /* x; ' */ ; b", [("a /* x; ' */", 0), ("b", 15)]),
    ("# x; y\na; # b", [("a", 7), ("# b", 10)]),
    ("-- only a comment; here", []),
    ("/* c */ -- d\n# e\n a", [("a", 18)]),
    ("a;\n  # x; y\n  # z\nb", [("a", 0), ("b", 18)]),
    ("a - b / c; d", [("a - b / c", 0), ("d", 11)]),
    ("SELECT 'never closed; b; c", [("SELECT 'never closed; b; c", 0)]),
    ("a /* never closed; b", [("a /* never closed; b", 0)]),
    ("a;\r\nb;\r\n", [("a", 0), ("b", 4)]),
]


@pytest.mark.parametrize(("text", "found"), SCRIPTS)
def test_scripts(text: str, found: list[tuple[str, int]]) -> None:
    assert list(statements(text)) == found


@given(st.text(alphabet="a'\";-/*#\n ", max_size=40))
def test_statements_stand_where_they_are_said_to(text: str) -> None:
    end = 0
    for statement, offset in statements(text):
        assert statement
        assert offset >= end
        assert text.startswith(statement, offset)
        end = offset + len(statement)
