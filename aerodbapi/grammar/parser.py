"""`parse`: the text of one statement → its syntax tree."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import lark

from aerodbapi import errors
from aerodbapi.grammar.ast import Statement
from aerodbapi.grammar.build import PROFILES, load
from aerodbapi.grammar.lexer import accepts
from aerodbapi.grammar.refusal import Refusal

__all__ = ["parse"]


def parse(text: str, profile: str = "sql") -> Statement:
    """Return the statement that `text` holds, with one `;` allowed at its end.

    `profile`: "sql" reads `"x"` as a name and `a-b` as a subtraction; "aql" reads `"x"` as a
    string where a value stands, and `a-b` as one name. Raises errors.SyntaxError with line,
    column and a caret; DataError for a constant that is not a value; NotSupportedError for a
    statement that this version does not run.
    """
    try:
        return cast(Statement, _parser(profile).parse(text))
    except (lark.UnexpectedToken, Refusal, RecursionError) as problem:
        raise _refused(text, problem) from None


def _refused(text: str, problem: Exception) -> errors.Error:
    from aerodbapi.grammar import complaints

    if isinstance(problem, lark.UnexpectedToken):
        problem = complaints.unexpected(text, problem.token, _expected(problem.state))
    if not isinstance(problem, Refusal):
        problem = Refusal(0, len(text), "the statement is nested too deeply")
    return complaints.dressed(text, problem)


@cache
def _parser(profile: str) -> lark.Lark:
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise errors.ProgrammingError(f"no profile {profile!r}: expected one of {known}")
    return load(profile)


def _expected(state: Any) -> set[str]:
    """The terminals that the parser could have taken in `state`."""
    row = state.parse_conf.states[state.state_stack[-1]]
    return {name for name in row if name.lstrip("$").isupper() and accepts(state, name)}
