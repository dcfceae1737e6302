"""What an equality between two tables carries over: `a.x = b.y AND a.x > 5` says `b.y > 5` too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aerodbapi.grammar import ast
from aerodbapi.plan.queries.types import Lookup, comparable
from aerodbapi.plan.queries.walking import columns_in, has_subquery, replaced
from aerodbapi.plan.tree import COMPARISONS, is_constant

__all__ = ["implied", "one_way", "pairs", "unnested"]


def pairs(conjuncts: Sequence[ast.Expr]) -> Iterator[tuple[ast.Column, ast.Column]]:
    """Yield the columns of different tables that are said to be equal."""
    for each in conjuncts:
        if isinstance(each, ast.Binary) and each.op == "=":
            left, right = each.left, each.right
            if not isinstance(left, ast.Column) or not isinstance(right, ast.Column):
                continue
            if left.table != right.table:
                yield left, right


def implied(conjuncts: Sequence[ast.Expr], lookup: Lookup) -> list[ast.Expr]:
    """Give what follows for the other columns of each class of equal ones."""
    found: list[ast.Expr] = []
    for columns in _classes(pairs(conjuncts), lookup):
        for each in conjuncts:
            column = _subject(each)
            if column in columns:
                found += (_on(each, other) for other in columns if other != column)
    return [each for each in found if each not in conjuncts]


def one_way(
    known: Sequence[ast.Expr], on: Sequence[ast.Expr], side: frozenset[str], lookup: Lookup
) -> list[ast.Expr]:
    """Give what an outer join's condition carries from the side that it keeps to the other."""
    found = []
    for left, right in pairs(on):
        if left.table[0] in side:
            left, right = right, left
        if right.table[0] in side and comparable(lookup(left), lookup(right)):
            found += [_on(each, right) for each in known if _subject(each) == left]
    return found


def unnested(source: object, said: Sequence[ast.Expr]) -> list[ast.Call]:
    """Give what an equality with an element of UNNEST(list) says of the list."""
    if not isinstance(source, ast.TableFunction) or source.name != "UNNEST":
        return []
    holder = source.arguments[0]
    if not isinstance(holder, ast.Column) or len(source.columns) - source.ordinality != 1:
        return []
    element = ast.Column(source.columns[0], (source.alias or "",))
    found = []
    for each in said:
        if isinstance(each, ast.Binary) and each.op == "=" and _subject(each) == element:
            value = each.right if each.left == element else each.left
            found.append(ast.Call("LIST_CONTAINS", (holder, value)))
    return found


def _classes(
    equal: Iterator[tuple[ast.Column, ast.Column]], lookup: Lookup
) -> list[list[ast.Column]]:
    classes: list[list[ast.Column]] = []
    for pair in equal:
        if not comparable(*map(lookup, pair)):
            continue
        joined = [each for each in classes if any(column in each for column in pair)]
        classes = [each for each in classes if each not in joined]
        classes.append(list(dict.fromkeys(c for each in (*joined, pair) for c in each)))
    return classes


def _subject(conjunct: ast.Expr) -> ast.Column | None:
    """Give the column that a conjunct compares with constants, and with nothing else."""
    if has_subquery(conjunct):
        return None
    if isinstance(conjunct, ast.Binary) and conjunct.op in COMPARISONS:
        sides = (conjunct.left, conjunct.right), (conjunct.right, conjunct.left)
        for column, other in sides:
            if isinstance(column, ast.Column) and is_constant(other):
                return column
    if isinstance(conjunct, (ast.Between, ast.In)) and isinstance(conjunct.operand, ast.Column):
        return conjunct.operand if len(set(columns_in(conjunct))) == 1 else None
    if isinstance(conjunct, ast.Binary) and conjunct.op in ("AND", "OR"):
        left, right = _subject(conjunct.left), _subject(conjunct.right)
        return left if left == right else None
    return None


def _on(conjunct: ast.Expr, column: ast.Column) -> ast.Expr:
    made: ast.Expr = replaced(conjunct, lambda _: column)
    return made
