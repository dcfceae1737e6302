"""Text → tokens, under the parser's guidance: a word is a keyword only where one can stand.

In every state the parse table says which terminals can come; a word that spells a keyword which
leads on is that keyword, else it is a name. That is why bins called `count`, `limit` or `type`
need no quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from aerodbapi.grammar import tokens
from aerodbapi.grammar.driver import Parse, Token
from aerodbapi.grammar.refusal import Refusal

__all__ = ["AqlLexer", "SqlLexer"]

_NAMES: Final = ("NAME", "TABLE_NAME", "SHOWN")

# Where a name could stand as well, these words are keywords only before a text that fits.
_BEFORE: Final = {
    word: re.compile(pattern, re.IGNORECASE)
    for words, pattern in (
        ("CAST TRY_CAST EXISTS FILTER", r"\("),
        ("GROUP ORDER PARTITION", r"BY\b"),
        ("ARRAY", r"\["),
        ("INTERVAL", r"['\"0-9?:.]"),
        ("IF", r"(?:NOT|EXISTS)\b"),
        ("TABLE", r"[\w\"']"),
        ("MODULE PACKAGE", r"[\w\"'?:]"),
        ("PRIMARY FOREIGN", r"KEY\b"),
        ("UNIQUE", r"(?:[(,)]|\Z|(?:KEY|NOT|NULL|DEFAULT|PRIMARY|REFERENCES|CHECK|CONSTRAINT)\b)"),
        ("CHECK", r"\("),
        ("COLUMN", r"[\w\"']"),
        (
            "CONSTRAINT",
            r"[\w\"']+\s+(?:PRIMARY|UNIQUE|FOREIGN|CHECK|NOT|NULL|DEFAULT|REFERENCES)\b",
        ),
        ("FORMAT", r"(?:=|(?:ROWS|TREE|TEXT)\s*[,)])"),
        ("LATERAL", r"(?:\(|\w+\s*\()"),
        ("RECURSIVE", r"(?!AS\b)[\w\"']"),
        ("LEFT RIGHT FULL", r"(?:OUTER|JOIN)\b"),
        ("INNER CROSS", r"JOIN\b"),
        ("NATURAL", r"(?:JOIN|INNER|LEFT|RIGHT|FULL)\b"),
        ("FETCH", r"(?:FIRST|NEXT)\b"),
        ("WINDOW", r"[\w\"']+\s+AS\b"),
        ("DISTINCT ALL", r"(?!FROM\b|AS\b)[\w\"'(*?:\[.+-]"),
        ("CASE NOT", r"(?!(?:FROM|AS|IS|AND|OR)\b)[\w\"'(?:\[+-]|\.[0-9]"),
    )
    for word in words.split()
}


class SqlLexer:
    """The lexer of profile `sql`: `"x"` is a name, `a-b` a subtraction except in a table's name."""

    piece: ClassVar[re.Pattern[str]] = tokens.PIECE
    table_name: ClassVar[re.Pattern[str]] = re.compile(tokens.TABLE_NAME)
    quotes_are_names = True

    def __init__(self, keywords: Iterable[str]) -> None:
        self.keywords = frozenset(keywords)

    def lex(self, text: str, parse: Parse) -> Iterator[Token]:
        """Yield the tokens of `text`, each as the parse stands when it is asked for."""
        scan = _Scan(self, text, parse)
        position = scan.skip(0)
        while position < len(text):
            token = scan.token(position)
            yield token
            position = scan.skip(token.end_pos)


class AqlLexer(SqlLexer):
    """The lexer of profile `aql`: both quotes make the same token, names may hold `-` and `:`."""

    piece = tokens.AQL_PIECE
    table_name = re.compile(r"\w(?:[\w$]|[-:](?=\w))*")
    quotes_are_names = False


class _Scan:
    """One pass over one text."""

    __slots__ = ("counter", "lexer", "line", "line_start", "parse", "style", "text")

    def __init__(self, lexer: SqlLexer, text: str, parse: Parse) -> None:
        self.lexer = lexer
        self.text = text
        self.parse = parse
        self.line = 1
        self.line_start = 0
        self.counter = 0
        self.style = ""

    def skip(self, position: int) -> int:
        """Pass over white space and comments, counting lines."""
        end: int = tokens.SPACE.match(self.text, position).end()  # type: ignore[union-attr]
        self._count_lines(position, end)
        return end

    def token(self, start: int) -> Token:
        expected = self.parse.expected()
        found = self._table_name(start, expected) or self.lexer.piece.match(self.text, start)
        if found is None or self.text.startswith("/*", start):
            from aerodbapi.grammar import complaints

            raise complaints.unreadable(self.text, start)
        kind = found.lastgroup
        if kind in ("WORD", None):
            return self._word(found.group(), start, expected)
        if kind == "OPERATOR":
            return self._operator(found.group(), start, expected)
        return self._literal(kind or "", found.group(), start, expected)

    def _table_name(self, start: int, expected: Any) -> re.Match[str] | None:
        is_table = self._takes("TABLE_NAME", "NAME", expected)
        if is_table or ("NAME" in expected and "NUMBER" not in expected):
            if self.lexer.quotes_are_names and not is_table:
                return None
            return self.lexer.table_name.match(self.text, start)
        return None

    def _word(self, word: str, start: int, expected: Any) -> Token:
        upper = word.upper()
        if upper in self.lexer.keywords and self._is_keyword(upper, start + len(word), expected):
            return self._make(upper, word, start)
        for terminal in ("SHOWN", "TABLE_NAME"):
            if self._takes(terminal, "NAME", expected):
                return self._make(terminal, word, start)
        return self._make("NAME", word, start)

    def _takes(self, terminal: str, rival: str, expected: Any) -> bool:
        """Tell whether `terminal` can stand here; where `rival` is listed too, look twice."""
        if terminal not in expected:
            return False
        return rival not in expected or self.parse.accepts(terminal)

    def _is_keyword(self, word: str, end: int, expected: Any) -> bool:
        name = next((name for name in _NAMES if name in expected), None)
        if word not in expected:
            return name is None
        if name is None:
            return True
        before = _BEFORE.get(word)
        if before is not None:
            following = tokens.SPACE.match(self.text, end).end()  # type: ignore[union-attr]
            if before.match(self.text, following) is None:
                return False
        return self.parse.accepts(word) or not self.parse.accepts(name)

    def _operator(self, text: str, start: int, expected: Any) -> Token:
        if text == "-" and "NUMBER" in expected and self.parse.accepts("NUMBER"):
            signed = tokens.SIGNED_NUMBER.match(self.text, start)
            if signed is not None:
                return self._make("NUMBER", signed.group(), start)
        return self._make(tokens.OPERATORS[text], text, start)

    def _literal(self, kind: str, text: str, start: int, expected: Any) -> Token:
        if kind == "CAST":
            return self._make("CAST_SIGN", text, start)
        if kind == "PARAMETER":
            return self._parameter(text, start)
        if kind in ("STRING", "QUOTED"):
            if not self.lexer.quotes_are_names:
                quoted = self._takes("QUOTED", "QUOTED_NAME", expected)
                kind = "QUOTED" if quoted else "QUOTED_NAME"
            elif kind == "QUOTED":
                kind = "QUOTED_NAME"
        return self._make(kind, text, start)

    def _parameter(self, text: str, start: int) -> Token:
        style = ":" if text[0] == ":" else "?" if text == "?" else "?1"
        token = self._make("PARAMETER", text, start)
        if self.style and style != self.style:
            hint = "a statement takes ? or :name, not both"
            message = f"{text!r} mixes two kinds of parameters"
            raise Refusal(start, start + len(text), message, hint=hint)
        self.style = style
        index = int(text[1:6]) - 1 if style == "?1" else self.counter
        if index < 0:
            raise Refusal(start, start + len(text), "parameters count from ?1")
        token.value = (index, text[1:] or None)
        self.counter += 1
        return token

    def _make(self, terminal: str, text: str, start: int) -> Token:
        end = start + len(text)
        token = Token(terminal, text, start, self.line, start - self.line_start + 1, end)
        self._count_lines(start, end)
        return token

    def _count_lines(self, start: int, end: int) -> None:
        lines = self.text.count("\n", start, end)
        if lines:
            self.line += lines
            self.line_start = self.text.rindex("\n", start, end) + 1
