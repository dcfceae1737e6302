"""GROUP BY and ORDER BY keys: aliases and positions become positions of the select list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.plan.queries.scope import Offered, fail
from aerodbapi.plan.queries.walking import aggregates, windows_in

if TYPE_CHECKING:
    from aerodbapi.plan.queries.expressions import Binding

__all__ = ["group_keys", "order_keys", "position"]


def position(key: ast.Expr) -> int | None:
    """Give the position, from 1, that a bound key is."""
    if isinstance(key, ast.Literal) and type(key.value) is int:
        return key.value
    return None


def _checked(key: ast.Expr, count: int, clause: str) -> ast.Expr:
    number = position(key)
    assert number is not None
    if not 1 <= number <= count:
        raise fail(f"{clause} {number}: there are columns 1 to {count}", key)
    return key


def group_keys(
    node: ast.Select, items: Sequence[ast.SelectItem], bind: Binding
) -> tuple[ast.Expr, ...]:
    """Bind GROUP BY: a column of the tables goes before an alias; ALL is every plain column."""
    if len(node.group) == 1 and _is_all(node.group[0], bind):
        plain = (
            number
            for number, item in enumerate(items, 1)
            if not any(aggregates(item)) and not any(windows_in(item))
        )
        return tuple(ast.Literal(number) for number in plain)
    return tuple(_group_key(key, items, bind) for key in node.group)


def _is_all(key: ast.Expr, bind: Binding) -> bool:
    if not isinstance(key, ast.Column) or key.table or key.quoted or key.name.upper() != "ALL":
        return False
    return bind.scope.here(key) is None


def _group_key(key: ast.Expr, items: Sequence[ast.SelectItem], bind: Binding) -> ast.Expr:
    if position(key) is not None:
        return _checked(key, len(items), "GROUP BY")
    bound: ast.Expr = bind(key)
    for number, item in enumerate(items, 1):
        if item.expression == bound and not isinstance(bound, ast.Column):
            return ast.Literal(number, key.span)
    return bound


def order_keys(
    node: ast.Query, columns: Sequence[Offered], bind: Binding
) -> tuple[ast.OrderItem, ...]:
    """Bind ORDER BY: an alias goes before a column of the tables.

    After a set operation or VALUES there is nothing but the columns of the result.
    """
    closed = not isinstance(node, ast.Select)
    return tuple(
        replace(item, expression=_order_key(item.expression, columns, bind, closed))
        for item in node.order
    )


def _order_key(key: ast.Expr, columns: Sequence[Offered], bind: Binding, closed: bool) -> ast.Expr:
    if position(key) is not None:
        return _checked(key, len(columns), "ORDER BY")
    number = _called(key, columns, bind, closed)
    if number is not None:
        return ast.Literal(number, key.span)
    if closed:
        raise fail("ORDER BY of a set operation takes names or positions of its columns", key)
    bound: ast.Expr = bind(key)
    for number, column in enumerate(columns, 1):
        if column.source == bound:
            return ast.Literal(number, key.span)
    return bound


def _called(key: ast.Expr, columns: Sequence[Offered], bind: Binding, closed: bool) -> int | None:
    """Find the output column that a bare name means."""
    if not isinstance(key, ast.Column) or key.table:
        return None
    for fold in (False, True):
        for number, column in enumerate(columns, 1):
            same = column.name == key.name
            if fold and not key.quoted:
                same = column.name.lower() == key.name.lower()
            if same and (not fold or closed or bind.scope.here(key) is None):
                return number
    return None
