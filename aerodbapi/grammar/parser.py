"""`parse`: the text of one statement → its syntax tree."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, cast

from aerodbapi import errors
from aerodbapi.grammar import driver
from aerodbapi.grammar.ast import Statement
from aerodbapi.grammar.builders import RULES
from aerodbapi.grammar.lexer import AqlLexer, SqlLexer
from aerodbapi.grammar.refusal import Refusal

__all__ = ["keywords", "parse"]

_LEXERS: Final = {"sql": SqlLexer, "aql": AqlLexer}
_TABLES: Final = os.path.join(os.path.dirname(__file__), "tables.json")


def parse(text: str, profile: str = "sql") -> Statement:
    """Return the statement that `text` holds, with one `;` allowed at its end.

    `profile`: "sql" reads `"x"` as a name and `a-b` as a subtraction; "aql" reads `"x"` as a
    string where a value stands, and `a-b` as one name. Raises errors.SyntaxError with line,
    column and a caret; DataError for a constant that is not a value; NotSupportedError for a
    statement that this version does not run.
    """
    if profile not in _LEXERS:
        known = ", ".join(_LEXERS)
        raise errors.ProgrammingError(f"no profile {profile!r}: expected one of {known}")
    tables, lexer = _tables(), _lexer(profile)
    try:
        return cast(Statement, driver.parse(tables, lexer, text))
    except (driver.Unexpected, Refusal, RecursionError) as problem:
        raise _refused(text, problem) from None


def keywords() -> frozenset[str]:
    """Return the words that mean something somewhere in a statement."""
    return frozenset(_stored()["keywords"])


def _refused(text: str, problem: Exception) -> errors.Error:
    from aerodbapi.grammar import complaints

    if isinstance(problem, driver.Unexpected):
        problem = complaints.unexpected(text, problem.token, problem.expected)
    if not isinstance(problem, Refusal):
        problem = Refusal(0, len(text), "the statement is nested too deeply")
    return complaints.dressed(text, problem)


@cache
def _lexer(profile: str) -> SqlLexer:
    return _LEXERS[profile](_stored()["keywords"])


@cache
def _stored() -> Mapping[str, Any]:
    """Return the shipped tables, or what Lark makes of the grammar where they are missing."""
    try:
        with open(_TABLES, encoding="utf-8") as file:
            found: Mapping[str, Any] = json.load(file)
        if found.keys() >= {"keywords", "start", "end", "symbols", "rules", "rows"}:
            return found
    except (OSError, ValueError):
        pass
    from aerodbapi.grammar import build

    return build.made()


@cache
def _tables() -> driver.Tables:
    stored = _stored()
    rules = [
        driver.Rule(origin, size, bool(inline), _builder(name))
        for origin, size, inline, name in stored["rules"]
    ]
    return driver.Tables(stored["symbols"], stored["rows"], rules, stored["start"], stored["end"])


def _builder(name: str) -> Callable[[list[Any]], Any]:
    def missing(children: list[Any]) -> Any:
        raise errors.InternalError(f"the grammar's rule {name} has no builder")

    return RULES.get(name, missing)
