"""Type codes of bound expressions, as far as they can be told without the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.grammar import ast
from aerodbapi.plan import outputs
from aerodbapi.plan.kinds import kind_of, type_code
from aerodbapi.plan.tree import COMPARISONS

__all__ = ["comparable", "type_of"]

#: Gives a column's type code.
Lookup = Callable[[ast.Column], str]

_BY_NAME: Final = {
    **dict.fromkeys(("COUNT", "ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "LENGTH"), "BIGINT"),
    **dict.fromkeys(("AVG", "STDDEV", "VARIANCE", "MEDIAN", "PERCENT_RANK"), "DOUBLE"),
    **dict.fromkeys(("UPPER", "LOWER", "TRIM", "SUBSTR", "SUBSTRING", "STRING_AGG"), "VARCHAR"),
}
_AS_ARGUMENT: Final = frozenset(
    [
        "MIN",
        "MAX",
        "FIRST",
        "LAST",
        "ANY_VALUE",
        "COALESCE",
        "NULLIF",
        "LAG",
        "LEAD",
        "FIRST_VALUE",
        "LAST_VALUE",
    ]
)
_TRUTHS: Final = (ast.Between, ast.In, ast.InQuery, ast.Like, ast.IsNull, ast.IsTruth, ast.Exists)
_NUMBERS: Final = frozenset({"BIGINT", "DOUBLE"})


def type_of(node: ast.Expr, lookup: Lookup) -> str:
    """Name the type code of `node`; "" when it is not known."""
    if isinstance(node, ast.Column):
        return lookup(node)
    if isinstance(node, ast.Literal):
        return "VARCHAR" if node.value is None else type_code([kind_of(node.value)])
    if isinstance(node, ast.Cast):
        return outputs.type_of(node, None)
    if isinstance(node, (*_TRUTHS, ast.Distinct)):
        return "BOOLEAN"
    if isinstance(node, ast.Over):
        return type_of(node.call, lookup)
    if isinstance(node, ast.Call):
        if node.name in _AS_ARGUMENT and node.arguments:
            return type_of(node.arguments[0], lookup)
        return _BY_NAME.get(node.name, "")
    if isinstance(node, (ast.Unary, ast.Binary)):
        return _operator(node, lookup)
    return ""


def _operator(node: ast.Unary | ast.Binary, lookup: Lookup) -> str:
    if node.op in COMPARISONS or node.op in ("AND", "OR", "NOT"):
        return "BOOLEAN"
    if isinstance(node, ast.Unary):
        return type_of(node.operand, lookup)
    if node.op == "||":
        return "VARCHAR"
    sides = {type_of(node.left, lookup), type_of(node.right, lookup)}
    if not sides <= _NUMBERS:
        return ""
    return "DOUBLE" if node.op == "/" or "DOUBLE" in sides else "BIGINT"


def comparable(left: str, right: str) -> bool:
    """Tell whether equal values of both types are alike to every comparison."""
    if left == right:
        return left not in _ANYTHING
    return {left, right} <= _NUMBERS


_ANYTHING: Final = frozenset({"", "NULL", "JSON", "GEOJSON", "HLL"})
