"""Parsed rules → nodes: one small function a rule, all in the table `RULES`.

Each gets its rule's children, keywords and punctuation included, in the order of the grammar
files. Refused constructs raise `complaints.Refusal` with their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar.builders import (
    commands,
    definitions,
    expressions,
    pieces,
    queries,
    security,
    statements,
)

__all__ = ["RULES"]

RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        **pieces.RULES,
        **expressions.RULES,
        **queries.RULES,
        **statements.RULES,
        **definitions.RULES,
        **commands.RULES,
        **security.RULES,
    }
)
