"""INSERT into declared tables: columns become bins, with defaults, checks and drawn values.

The statement is written anew: its columns are PK and bins, its cells say what the bins hold. What
follows (`plan.inserts`) need not know of declarations then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import frozen, replace
from aerodbapi.grammar import ast
from aerodbapi.plan.bind import Context
from aerodbapi.plan.declaration import PRESENCE, DeclaredColumn, Table
from aerodbapi.plan.declared import Scope, bound_column, declared_of, encoded
from aerodbapi.plan.defaults import default_expression
from aerodbapi.plan.outputs import type_of
from aerodbapi.plan.table_operations import Draw
from aerodbapi.plan.tree import columns, is_constant, place, rebuild

__all__ = ["Rewritten", "assigned", "insert_rewritten", "or_default", "presence"]

_KEY: Final = ast.Column("PK")


@frozen
class Rewritten:
    """An INSERT in terms of bins.

    `cells`: what each of its columns holds, of the values of one row as parameters 0, 1, …; the
    drawn values follow them. `draws`: the counters, one value a row from each; `raises`: those
    for which the rows have values themselves, in a bin ("" for the key). `rows`: as they were
    written; `width`: how many columns were named.
    """

    statement: ast.Insert
    cells: tuple[ast.Expr, ...]
    draws: tuple[Draw, ...]
    raises: tuple[tuple[Draw, str], ...]
    rows: tuple[tuple[ast.Expr, ...], ...]
    width: int


def insert_rewritten(statement: ast.Insert, table: Table, bound: int) -> Rewritten:
    """Write an INSERT for a declared table anew. `bound`: how many values are bound to it.

    Raises ProgrammingError for unknown columns, IntegrityError for a missing value where the
    column takes no NULL.
    """
    given = _given(statement, table)
    merges = statement.verb == "UPSERT"
    plan = _Row(table, given, merges, statement)
    rows = []
    for number, row in enumerate(statement.rows):
        if len(row) != len(given):
            where = place(row[0]) if row else place(statement)
            raise errors.ProgrammingError(
                f"{len(given)} columns are named, and this row has {len(row)} values{where}"
            )
        first = bound + number * len(plan.draws)
        rows.append(tuple(expression for _, expression in plan.cells(row, first)))
    pattern = list(plan.cells([ast.Parameter(at) for at in range(len(given))], len(given)))
    made = replace(
        statement,
        columns=tuple(column for column, _ in pattern),
        rows=tuple(rows),
        conflict=_conflict(statement, table),
    )
    draws = {column.name: _draw(table, column) for column in table.drawn}
    own = tuple((draws[column.name], column.bin) for column in table.drawn if column.name in given)
    cells = tuple(expression for _, expression in pattern)
    drawn = tuple(draws[column.name] for column in plan.draws)
    return Rewritten(made, cells, drawn, own, statement.rows, len(given))


def _draw(table: Table, column: DeclaredColumn) -> Draw:
    start, step = column.identity or (1, 1)
    return Draw(table.namespace, table.set, column.name, start, step, table.generation)


def _given(statement: ast.Insert, table: Table) -> dict[str, int]:
    """Column name → its place among the values; "" is PK where no column is it."""
    if statement.rows == ((),):
        return {}
    if not statement.columns:
        return {column.name: at for at, column in enumerate(table.columns)}
    found: dict[str, int] = {}
    for at, column in enumerate(statement.columns):
        bound = bound_column(column, table)
        own = declared_of(bound, table)
        if own is None and bound != _KEY:
            raise errors.ProgrammingError(
                f"{column.name} cannot be inserted{place(column)}; WITH (ttl = …) sets a TTL"
            )
        if own is None and table.key:
            raise errors.ProgrammingError(
                f"the key of {table.namespace}.{table.set} is made of "
                f"{', '.join(table.key)}{place(column)}"
            )
        name = "" if own is None else own.name
        if name in found:
            raise errors.ProgrammingError(f"{column.name} is named twice{place(column)}")
        found[name] = at
    return found


class _Row:
    """How one row of values becomes the bins of a record."""

    def __init__(
        self, table: Table, given: Mapping[str, int], merges: bool, statement: ast.Insert
    ) -> None:
        self.table = table
        self.given = given
        self.merges = merges
        self.statement = statement
        self.draws = [each for each in table.drawn if each.name not in given]

    def cells(self, row: Sequence[ast.Expr], drawn: int) -> Iterator[tuple[ast.Column, ast.Expr]]:
        """Yield (PK or bin, expression); the values drawn are parameters from `drawn` on."""
        values = {column.name: self._value(column, row, drawn) for column in self.table.columns}
        keys = [values[name] for name in self.table.key]
        key: ast.Expr
        if not keys:
            key = row[self.given[""]] if "" in self.given else ast.Call("UUID_TEXT", ())
        else:
            columns = [self.table.column(name) for name in self.table.key]
            parts = [
                self._encoded(value, replace(column, nullable=False), None)
                for value, column in zip(keys, columns)
                if value is not None and column is not None
            ]
            key = parts[0] if len(parts) == 1 else ast.Call("$KEY", tuple(parts))
        yield _KEY, key
        shown = None if not keys or len(keys) > 1 else keys[0]
        contents = []
        for column in self.table.columns:
            value = values[column.name]
            if column.bin and value is not None:
                nullable = column.nullable and column.name not in self.table.key
                content = self._encoded(value, replace(column, nullable=nullable), shown)
                contents.append(content)
                yield ast.Column(column.bin, quoted=True), content
        if self.table.may_be_empty and not self.table.key[1:]:
            yield ast.Column(PRESENCE), ast.Call("$PRESENT", tuple(contents))

    def _value(
        self, column: DeclaredColumn, row: Sequence[ast.Expr], drawn: int
    ) -> ast.Expr | None:
        """A column's value; None when the record is not to have it."""
        at = self.given.get(column.name)
        if at is not None:
            cell = row[at]
            if not (isinstance(cell, ast.Call) and cell.name == "DEFAULT" and not cell.arguments):
                return cell
            if column.default is None and column.identity is None:
                return ast.Literal(None)
        if column in self.draws:
            return ast.Parameter(drawn + self.draws.index(column))
        key = column.name in self.table.key
        if column.default is not None and (key or not self.merges):
            return default_expression(column)
        if key or not (column.nullable or self.merges):
            raise errors.IntegrityError(
                f"{self.statement.verb} needs a value for {column.name}"
                f"{', the record’s key' if key else ', which takes no NULL and has no default'}"
                f"{place(self.statement.table)}"
            )
        return None

    @staticmethod
    def _encoded(value: ast.Expr, column: DeclaredColumn, key: ast.Expr | None) -> ast.Expr:
        made = encoded(value, column)
        if key is None or not isinstance(made, ast.Call):
            return made
        return replace(made, arguments=(*made.arguments, key))


# ---- SET ---------------------------------------------------------------------------------------


def assigned(column: ast.Column, value: ast.Expr, table: Table | None) -> ast.Expr:
    """Give what an UPDATE writes into a bin: the bound `value` as the column's type holds it.

    Left as it is where it surely fits: then an operation of the server can do it.
    """
    own = None if table is None else declared_of(column, table)
    if own is None or table is None:
        return value
    if own.name in table.key:
        raise errors.ProgrammingError(
            f"{own.name} cannot be changed{place(column)}: a record keeps its key"
        )
    if _fits(own, value, table):
        return value
    return encoded(value, own)


def or_default(value: ast.Expr, column: ast.Column, table: Table | None) -> ast.Expr:
    """Give what SET column = DEFAULT means; any other value as it is."""
    if not isinstance(value, ast.Column) or value.quoted or value.table:
        return value
    own = None if table is None else declared_of(column, table)
    if own is None or table is None or value.name.upper() != "DEFAULT":
        return value
    if table.column(value.name, quoted=False) is not None:
        return value
    return default_expression(own)


def _fits(own: DeclaredColumn, value: ast.Expr, table: Table) -> bool:
    from aerodbapi.plan.catalog import from_declaration

    if is_constant(value) or not own.type.plain or own.type.size:
        return False
    if own.type.name not in ("INTEGER", "BIGINT", "DOUBLE", "VARCHAR"):
        return False
    if not own.nullable and next(columns(value), None) != column_of(own):
        return False
    return type_of(value, from_declaration(table)) == own.type.code


def column_of(own: DeclaredColumn) -> ast.Column:
    return ast.Column(own.bin)


def presence(
    assignments: Sequence[tuple[str, Any, ast.Expr]], table: Table | None, context: Context
) -> list[tuple[str, tuple[()], ast.Expr]]:
    """What is set besides, so that no record loses its last bin to a NULL and is gone."""
    if table is None or not table.may_be_empty or table.key[1:]:
        return []
    if any(not path and _has_value(value, context) for _, path, value in assignments):
        return []
    return [(PRESENCE, (), ast.Literal(1))]


def _has_value(value: ast.Expr, context: Context) -> bool:
    from aerodbapi.plan.bind import kind

    if isinstance(value, ast.Call) and value.name == "$ENCODE":
        value = value.arguments[0]
    return kind(value, context) not in (None, "null")


# ---- ON CONFLICT -------------------------------------------------------------------------------


def _conflict(statement: ast.Insert, table: Table) -> Any:
    conflict = statement.conflict
    if conflict is None:
        return None
    names = {column.name for column in conflict.columns}
    columns = conflict.columns
    whole = len(names) == max(len(table.key), 1)
    if columns and whole and all(_is_key(column, table) for column in columns):
        columns = (_KEY,)
    scope = Scope.of({(), *_called(statement.table)}, table)
    assignments = tuple(
        _assignment(place_, value, scope, table) for place_, value in conflict.assignments
    )
    where = None if conflict.where is None else _in_bins(conflict.where, scope, table)
    return replace(conflict, columns=columns, assignments=assignments, where=where)


def _is_key(column: ast.Column, table: Table) -> bool:
    own = table.column(column.name, column.quoted)
    return own is not None and own.name in table.key


def _called(name: ast.TableName) -> set[tuple[str, ...]]:
    return {name.parts, name.parts[-1:], *([] if name.alias is None else [(name.alias,)])}


def _assignment(spot: Any, value: ast.Expr, scope: Scope, table: Table) -> tuple[Any, ast.Expr]:
    if not isinstance(spot, ast.Column):
        return spot, _in_bins(value, scope, table)
    bound = bound_column(ast.Column(spot.name, (), spot.quoted, spot.span), table)
    own = declared_of(bound, table)
    if isinstance(value, ast.Column) and _is_excluded(value):
        other = bound_column(replace(value, table=()), table)
        if own is not None and declared_of(other, table) == own:
            return bound, _excluded(value, table)  # encoded already
    return bound, assigned(bound, _in_bins(value, scope, table), table)


def _in_bins(value: ast.Expr, scope: Scope, table: Table) -> ast.Expr:
    """Bind an expression to bins, `excluded.x` to the row's."""
    from aerodbapi.plan.bind import bind_column
    from aerodbapi.plan.declared import stored

    def change(node: ast.Expr) -> ast.Expr:
        if isinstance(node, ast.Column):
            return _excluded(node, table) if _is_excluded(node) else bind_column(node, scope)
        return rebuild(node, change)

    return stored(change(value), table)


def _is_excluded(column: ast.Column) -> bool:
    return len(column.table) == 1 and column.table[0].lower() == "excluded"


def _excluded(column: ast.Column, table: Table) -> ast.Column:
    return replace(bound_column(replace(column, table=()), table), table=("excluded",))
