"""Elements of a collection: AQL's `IN LIST | MAPKEYS | MAPVALUES WHERE bin = value`, and ANY."""

from __future__ import annotations

from typing import Final

from aerodbapi import errors
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Column,
    Expr,
    In,
    InQuery,
    Literal,
    Parameter,
    Subquery,
    Unary,
)
from aerodbapi.plan.tree import conjoin, conjuncts, is_bin, is_constant, place

__all__ = ["any_of", "rewrite"]

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


def any_of(node: Binary) -> Expr | None:
    """Make `x = ANY(list)` a test of the list's elements, and `x <> ALL(list)` its opposite.

    None for what is no such comparison. Raises NotSupportedError for another operator.
    """
    sides = ((node.left, node.right), (node.right, node.left))
    for value, call in sides:
        if isinstance(call, Call) and call.name in ("ANY", "SOME", "ALL"):
            return _quantified(node, value, call)
    return None


def _quantified(node: Binary, value: Expr, call: Call) -> Expr:
    if len(call.arguments) != 1 or call.distinct or call.filter is not None:
        raise errors.ProgrammingError(f"{call.name} takes one list{place(call)}")
    (holder,) = call.arguments
    wanted = "<>" if call.name == "ALL" else "="
    if node.op != wanted:
        raise errors.NotSupportedError(
            f"not supported yet: {node.op} {call.name}{place(node)}; = ANY and <> ALL are"
        )
    negated = call.name == "ALL"
    if isinstance(holder, Subquery):
        return InQuery(value, holder.query, negated, node.span)
    if isinstance(holder, Call) and holder.name == "ARRAY":
        if not holder.arguments:
            return Literal(negated, node.span)
        return In(value, holder.arguments, negated, node.span)
    if isinstance(holder, (Literal, Parameter)):
        return In(value, (holder,), negated, node.span)
    test = Call("LIST_CONTAINS", (holder, value), span=node.span)
    return Unary("NOT", test, node.span) if negated else test
