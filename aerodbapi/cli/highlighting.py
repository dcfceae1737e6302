"""The language's words in colour: a lexer for pygments. Imported by the prompt only."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

from aerodbapi.cli.completing import FUNCTIONS, STATEMENTS
from aerodbapi.grammar import keywords

__all__ = ["StatementLexer"]


class StatementLexer(RegexLexer):  # type: ignore[misc]  # pygments has no types
    """Statements of AQL and SQL."""

    name = "AQL and SQL on Aerospike"
    aliases: ClassVar[list[str]] = ["aql"]
    filenames: ClassVar[list[str]] = ["*.aql"]
    flags = re.IGNORECASE | re.MULTILINE

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"--[^\n]*|^[ \t]*#[^\n]*", Comment.Single),
            (r"/\*(?:[^*]|\*(?!/))*(?:\*/)?", Comment.Multiline),
            (r"[xX]'[0-9a-fA-F]*'", Number.Hex),
            (r"'(?:[^']|'')*'?", String.Single),
            (r'"(?:[^"]|"")*"?', String.Double),
            (r"\?[0-9]*|(?<!:):[^\W\d]\w*", Name.Variable),
            (r"0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w$])", Number),
            (words(("PK", "__digest", "__gen", "__ttl", "__set"), r"\b", r"\b"), Name.Builtin),
            (words(FUNCTIONS, r"\b", r"(?=\s*\()"), Name.Function),
            (words(tuple({*keywords(), *STATEMENTS}), r"\b", r"\b"), Keyword),
            (r"[^\W\d][\w$]*(?=\s*\()", Name.Function),
            (r"\w[\w$]*", Name),
            (r"<>|!=|[<>]=?|=|\|\||::|[-+*/%]", Operator),
            (r"[(),.;\[\]]", Punctuation),
            (r".", Punctuation),
        ]
    }
