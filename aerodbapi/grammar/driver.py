"""Runs Lark's parse tables: tokens are shifted, rules reduced, and their builders called.

Lark makes the tables of the grammar files (see build.py); running them takes so little that Lark
itself, whose import costs more than all else that a first statement needs, stays out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

__all__ = ["END", "Lexer", "Parse", "Rule", "Tables", "Token", "Unexpected", "parse"]

END: Final = "$END"


class Token(str):
    """A piece of the text: its terminal, its value, and its place (lines and columns from 1)."""

    __slots__ = ("column", "end_pos", "line", "start_pos", "type", "value")

    type: str
    value: Any
    start_pos: int
    end_pos: int
    line: int
    column: int

    def __new__(
        cls, type: str, text: str, start_pos: int, line: int, column: int, end_pos: int
    ) -> Token:
        made = super().__new__(cls, text)
        made.type, made.value = type, text
        made.start_pos, made.end_pos = start_pos, end_pos
        made.line, made.column = line, column
        return made


class Rule(NamedTuple):
    """What a reduction does: `build` gets the `size` topmost values, lone ones stay if `inline`."""

    origin: str
    size: int
    inline: bool
    build: Callable[[list[Any]], Any]


class Tables:
    """The LALR tables: a row a state, which tells for each symbol what to do.

    A number from 0 is the state to go on with; below it, -1 - the number of the rule to reduce.
    `rows` come as texts of numbers (symbol, action, …), of which each is read when first met.
    """

    __slots__ = ("_read", "_rows", "_symbols", "end", "rules", "start")

    def __init__(
        self,
        symbols: Sequence[str],
        rows: Sequence[str],
        rules: Sequence[Rule],
        start: int,
        end: int,
    ) -> None:
        self._symbols = symbols
        self._rows = rows
        self._read: dict[int, dict[str, int]] = {}
        self.rules = rules
        self.start = start
        self.end = end

    def row(self, state: int) -> Mapping[str, int]:
        """Return what can come in `state`."""
        found = self._read.get(state)
        if found is None:
            symbols, numbers = self._symbols, map(int, self._rows[state].split())
            found = self._read[state] = {symbols[each]: next(numbers) for each in numbers}
        return found


class Parse:
    """A parse under way, as the lexer sees it."""

    __slots__ = ("states", "tables")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.states = [tables.start]

    def expected(self) -> Mapping[str, int]:
        """Return the row of the state: it has all terminals that can come, and some that cannot."""
        return self.tables.row(self.states[-1])

    def accepts(self, terminal: str) -> bool:
        """Tell whether `terminal` would be shifted: the table's row alone promises too much.

        LALR tables merge states, so a row may list a terminal that a later reduction refuses.
        """
        tables, states = self.tables, list(self.states)
        while True:
            action = tables.row(states[-1]).get(terminal)
            if action is None:
                return False
            if action >= 0:
                return True
            rule = tables.rules[-1 - action]
            if rule.size:
                del states[-rule.size :]
            states.append(tables.row(states[-1])[rule.origin])
            if states[-1] == tables.end:
                return terminal == END


class Lexer(Protocol):
    """Cuts a text into tokens, looking at the parse."""

    def lex(self, text: str, parse: Parse) -> Iterator[Token]:
        """Yield the tokens."""


class Unexpected(Exception):
    """A token that cannot come where it stands; `expected` are the terminals that can."""

    def __init__(self, token: Token, parse: Parse) -> None:
        super().__init__(token)
        self.token = token
        names = (name for name in parse.expected() if name.lstrip("$").isupper())
        self.expected = {name for name in names if parse.accepts(name)}


def parse(tables: Tables, lexer: Lexer, text: str) -> Any:
    """Return what the builders make of `text`. Raises Unexpected, and what they raise."""
    state, values = Parse(tables), list[Any]()
    token = Token(END, "", 0, 1, 1, 0)
    for token in lexer.lex(text, state):
        _take(state, values, token)
    _take(state, values, Token(END, "", token.start_pos, token.line, token.column, token.end_pos))
    return values[-1]


def _take(state: Parse, values: list[Any], token: Token) -> None:
    """Reduce what ends before `token`, and shift it; the end is only reduced for."""
    tables, states, terminal = state.tables, state.states, token.type
    row, end = tables.row, tables.end
    while True:
        action = row(states[-1]).get(terminal)
        if action is None:
            raise Unexpected(token, state)
        if action >= 0:
            states.append(action)
            values.append(token)
            return
        origin, size, inline, build = tables.rules[-1 - action]
        children: list[Any] = []
        if size:
            children = values[-size:]
            del values[-size:], states[-size:]
        values.append(children[0] if inline and size == 1 else build(children))
        states.append(row(states[-1])[origin])
        if terminal == END and states[-1] == end:
            return
