"""AQL's `IN LIST | MAPKEYS | MAPVALUES WHERE bin = value`: elements of a collection bin."""

from __future__ import annotations

from typing import Final

from aerodbapi import errors
from aerodbapi.grammar.ast import Between, Binary, Call, Column, Expr
from aerodbapi.plan.tree import conjoin, conjuncts, is_bin, is_constant, place

__all__ = ["rewrite"]

_FUNCTIONS: Final = {
    "LIST": "LIST_CONTAINS",
    "MAPKEYS": "MAP_HAS_KEY",
    "MAPVALUES": "MAP_HAS_VALUE",
}


def rewrite(where: Expr, membership: str) -> Expr:
    """Make the first `bin = value` or `bin BETWEEN a AND b` a test of the bin's elements.

    Raises ProgrammingError when there is none among the conjuncts.
    """
    parts = list(conjuncts(where))
    for position, part in enumerate(parts):
        found = _arguments(part)
        if found is not None:
            parts[position] = Call(_FUNCTIONS[membership], found)
            whole = conjoin(parts)
            assert whole is not None
            return whole
    raise errors.ProgrammingError(
        f"IN {membership} needs a condition bin = value or bin BETWEEN a AND b{place(where)}"
    )


def _arguments(part: Expr) -> tuple[Expr, ...] | None:
    if isinstance(part, Binary) and part.op == "=":
        for one, other in ((part.left, part.right), (part.right, part.left)):
            if isinstance(one, Column) and is_bin(one) and is_constant(other):
                return one, other
    if isinstance(part, Between) and not part.negated and isinstance(part.operand, Column):
        bounds = part.operand, part.low, part.high
        return bounds if is_bin(part.operand) and all(map(is_constant, bounds[1:])) else None
    return None
