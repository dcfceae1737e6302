"""The text of statements that define tables and views; `render` has the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from aerodbapi.grammar import ast

__all__ = ["WRITERS"]

#: render's writer, which imports this module.
_Writer = Any


def _column(w: _Writer, node: ast.ColumnDefinition) -> str:
    return " ".join([w.name(node.name), node.type, *_rules(w, node)])


def _rules(w: _Writer, node: ast.ColumnDefinition) -> Iterator[str]:
    if node.nullable is not None:
        yield "NULL" if node.nullable else "NOT NULL"
    if node.key:
        yield "PRIMARY KEY"
    if node.identity is not None:
        start, step = node.identity
        usual = node.identity == (1, 1)
        yield "AUTO_INCREMENT" if usual else f"IDENTITY({start}, {step})"
    if node.default is not None:
        yield f"DEFAULT {w.operand(node.default, 8)}"
    if node.comment is not None:
        yield f"COMMENT {w.write(ast.Literal(node.comment))}"
    for constraint in node.constraints:
        yield w.write(constraint)


def _constraint(w: _Writer, node: ast.Constraint) -> str:
    head = f"CONSTRAINT {w.name(node.name)} " if node.name is not None else ""
    columns = f" ({w.names(node.columns)})" if node.columns else ""
    if node.kind == "CHECK":
        return f"{head}CHECK ({w.named(node.expression)})"
    if node.kind != "FOREIGN KEY":
        return f"{head}{node.kind}{columns}"
    kind = f"FOREIGN KEY{columns} " if columns else ""
    referenced = f" ({w.names(node.referenced)})" if node.referenced else ""
    actions = "".join(f" {action}" for action in node.actions)
    return f"{head}{kind}REFERENCES {w.write(node.table)}{referenced}{actions}"


def _guard(given: bool, words: str) -> str:
    return f"{words} " if given else ""


def _create_table(w: _Writer, node: ast.CreateTable) -> str:
    guard = _guard(node.if_not_exists, "IF NOT EXISTS")
    entries = w.list((*node.columns, *node.constraints))
    return f"CREATE TABLE {guard}{w.write(node.table)} ({entries}){w.options(node.options)}"


def _create_table_as(w: _Writer, node: ast.CreateTableAs) -> str:
    guard = _guard(node.if_not_exists, "IF NOT EXISTS")
    head = f"CREATE TABLE {guard}{w.write(node.table)}{w.options(node.options)}"
    return f"{head} AS {w.write(node.query)}"


def _alter_table(w: _Writer, node: ast.AlterTable) -> str:
    head = f"ALTER TABLE {_guard(node.if_exists, 'IF EXISTS')}{w.write(node.table)}"
    return f"{head} {_ACTIONS[node.action](w, node)}"


def _column_action(w: _Writer, node: ast.AlterTable) -> str:
    return f"ALTER COLUMN {w.name(node.name)} {node.action}"


_ACTIONS: Final[dict[str, Callable[[_Writer, ast.AlterTable], str]]] = {
    "ADD COLUMN": lambda w, n: (
        f"ADD COLUMN {_guard(n.guarded, 'IF NOT EXISTS')}{w.write(n.column)}"
    ),
    "ADD CONSTRAINT": lambda w, n: f"ADD {w.write(n.constraint)}",
    "DROP COLUMN": lambda w, n: f"DROP COLUMN {_guard(n.guarded, 'IF EXISTS')}{w.name(n.name)}",
    "RENAME COLUMN": lambda w, n: f"RENAME COLUMN {w.name(n.name)} TO {w.name(n.new)}",
    "RENAME TO": lambda w, n: f"RENAME TO {w.write(n.table_to)}",
    "SET DEFAULT": lambda w, n: f"{_column_action(w, n)} {w.operand(n.default, 8)}",
    "DROP DEFAULT": _column_action,
    "SET NOT NULL": _column_action,
    "DROP NOT NULL": _column_action,
}


def _drop(word: str, w: _Writer, names: Any, if_exists: bool) -> str:
    return f"DROP {word} {_guard(if_exists, 'IF EXISTS')}{w.list(names)}"


def _create_view(w: _Writer, node: ast.CreateView) -> str:
    columns = f" ({w.names(node.columns)})" if node.columns else ""
    head = f"CREATE {_guard(node.replace, 'OR REPLACE')}VIEW"
    guard = _guard(node.if_not_exists, "IF NOT EXISTS")
    return f"{head} {guard}{w.write(node.view)}{columns} AS {w.write(node.query)}"


WRITERS: Final[dict[type, Callable[[_Writer, Any], str]]] = {
    ast.ColumnDefinition: _column,
    ast.Constraint: _constraint,
    ast.CreateTable: _create_table,
    ast.CreateTableAs: _create_table_as,
    ast.AlterTable: _alter_table,
    ast.DropTable: lambda w, n: _drop("TABLE", w, n.tables, n.if_exists),
    ast.CreateView: _create_view,
    ast.DropView: lambda w, n: _drop("VIEW", w, n.views, n.if_exists),
    ast.Refresh: lambda w, n: f"REFRESH TABLE {w.write(n.table)}",
    ast.ShowCreate: lambda w, n: f"SHOW CREATE {n.what} {w.write(n.table)}",
}
