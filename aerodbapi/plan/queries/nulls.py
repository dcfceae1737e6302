"""Which columns a condition needs: NULL there, and it cannot be true.

That makes an outer join an inner one: rows filled with NULLs would be refused above it.
"""

from __future__ import annotations

from typing import Final

from aerodbapi.grammar import ast
from aerodbapi.plan.evaluate import MEMBERSHIP
from aerodbapi.plan.tree import COMPARISONS

__all__ = ["needed"]

_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "//", "%", "||"})


def needed(condition: ast.Expr, negated: bool = False) -> frozenset[str]:
    """Name the tables of which a column must not be NULL for `condition` to be true."""
    if isinstance(condition, ast.Unary) and condition.op == "NOT":
        return needed(condition.operand, not negated)
    if isinstance(condition, ast.Binary) and condition.op in ("AND", "OR"):
        left, right = needed(condition.left, negated), needed(condition.right, negated)
        return left | right if (condition.op == "AND") is not negated else left & right
    if isinstance(condition, ast.Binary) and condition.op in COMPARISONS:
        return _strict(condition.left) | _strict(condition.right)
    if isinstance(condition, ast.IsNull):
        return _strict(condition.operand) if condition.negated is not negated else frozenset()
    if isinstance(condition, ast.In):
        lists = any(isinstance(option, ast.Parameter) for option in condition.options)
        loose = lists and condition.negated is not negated
        return frozenset() if loose else _strict(condition.operand)
    if isinstance(condition, ast.InQuery):
        # NOT IN of a query without rows is true of NULL as well.
        return frozenset() if condition.negated is not negated else _strict(condition.operand)
    if isinstance(condition, (ast.Between, ast.Like)):
        return _strict(condition.operand)
    if isinstance(condition, ast.Call) and condition.name in MEMBERSHIP:
        return _strict(condition.arguments[0])
    return _strict(condition) if isinstance(condition, ast.Column) else frozenset()


def _strict(operand: ast.Expr) -> frozenset[str]:
    """Name the tables whose NULLs make an operand NULL."""
    if isinstance(operand, ast.Column):
        return frozenset(operand.table[:1])
    if isinstance(operand, ast.Unary) and operand.op in "+-":
        return _strict(operand.operand)
    if isinstance(operand, ast.Binary) and operand.op in _ARITHMETIC:
        return _strict(operand.left) | _strict(operand.right)
    if isinstance(operand, (ast.Cast, ast.Subscript)):
        return _strict(operand.operand)
    return frozenset()
