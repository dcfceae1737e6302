"""DEFAULT of a declared column: SQL text, kept with the declaration, worked out for each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.grammar.render import to_sql
from aerodbapi.plan.declaration import DeclaredColumn
from aerodbapi.plan.tree import columns, place

__all__ = ["NOW", "default_expression", "default_text"]


def _uuid() -> str:
    import uuid

    return str(uuid.uuid4())


def _utc() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


#: Functions whose value is another one for every row or statement.
NOW: Final[dict[str, Callable[[], Any]]] = {
    **dict.fromkeys(
        ("NOW", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "GETDATE", "TRANSACTION_TIMESTAMP"), _utc
    ),
    **dict.fromkeys(("CURRENT_DATE", "TODAY", "CURDATE"), lambda: _utc().date()),
    **dict.fromkeys(("CURRENT_TIME", "LOCALTIME", "CURTIME"), lambda: _utc().time()),
    **dict.fromkeys(("UUID", "GEN_RANDOM_UUID", "NEWID", "UUID_TEXT"), _uuid),
}


def default_text(expression: ast.Expr) -> str:
    """Give the text that is kept. Raises ProgrammingError for an expression that reads columns."""
    column = next(columns(expression), None)
    if column is not None and column.name.upper() not in NOW:
        raise errors.ProgrammingError(
            f"a DEFAULT reads no columns, and {column.name} is one (text takes '…'){place(column)}"
        )
    if column is not None:
        expression = ast.Call(column.name.upper(), ())
    return to_sql(expression)


def default_expression(column: DeclaredColumn) -> ast.Expr:
    """Give the expression of a column's default."""
    return _parsed(column.default or "NULL")


@lru_cache(maxsize=512)
def _parsed(text: str) -> ast.Expr:
    from aerodbapi.grammar.parser import parse

    tree: Any = parse(f"SELECT {text}")
    expression: ast.Expr = tree.items[0].expression
    return expression
