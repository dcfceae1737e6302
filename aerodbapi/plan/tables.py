"""CREATE, ALTER and DROP TABLE, and views: statements become declarations, or changes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import ast
from aerodbapi.grammar.render import to_sql
from aerodbapi.grammar.walk import nodes, transform
from aerodbapi.plan import operations as op
from aerodbapi.plan import table_operations as made
from aerodbapi.plan.bind import bind_table
from aerodbapi.plan.declaration import (
    BOOKKEEPING,
    DeclaredColumn,
    DeclaredConstraint,
    Table,
    View,
    short_names,
)
from aerodbapi.plan.defaults import NOW, default_expression, default_text
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.evaluate import constant
from aerodbapi.plan.sql_types import KEY_TYPES, SERIALS, SqlType, parse_type, type_of_code
from aerodbapi.plan.storage import encode
from aerodbapi.plan.tree import METADATA, place

__all__ = ["PLANNERS", "altered", "column_type_of_code", "table_of_columns"]

_INTEGERS: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})


# ---- CREATE TABLE ------------------------------------------------------------------------------


def create_table(statement: ast.CreateTable, planning: Planning) -> op.Plan:
    """Plan CREATE TABLE. Raises what is wrong with the declaration."""
    target = _named(statement.table, planning)
    for name, value in statement.options:
        raise errors.ProgrammingError(f"CREATE TABLE has no option {name}{place(value)}")
    columns = [_column(definition) for definition in statement.columns]
    _check_names(statement.columns)
    key, key_name = _key(statement)
    assert target.set is not None
    constraints = tuple(_constraints(statement, target.namespace))
    table = Table(target.namespace, target.set, (), key, constraints, key_name)
    table = replace(table, columns=_placed(columns, key))
    _check_key(table, statement)
    notes = tuple(map(_note, table.constraints))
    return _plan(made.CreateTable(table, statement.if_not_exists, notes))


def _named(name: ast.TableName, planning: Planning) -> op.Target:
    target = bind_table(name, planning.context)
    if not target.set:
        raise errors.ProgrammingError(
            f"a table is a set: {'.'.join(name.parts)} names a whole namespace{place(name)}"
        )
    if target.set == BOOKKEEPING or target.namespace == "information_schema":
        raise errors.ProgrammingError(f"{'.'.join(name.parts)} is not to be defined{place(name)}")
    return target


def _column(definition: ast.ColumnDefinition) -> DeclaredColumn:
    kind = parse_type(definition.type, place(definition))
    identity = definition.identity
    if identity is None and definition.type in SERIALS:
        identity = 1, 1
    if identity is not None and kind.name not in _INTEGERS:
        raise errors.ProgrammingError(
            f"{definition.name} is drawn from a counter, and so an integer{place(definition)}"
        )
    nullable = definition.nullable is not False and not definition.key and identity is None
    default = None if definition.default is None else default_text(definition.default)
    column = DeclaredColumn(
        definition.name, kind, definition.name, nullable, default, identity, definition.comment
    )
    _check_default(column, definition)
    return column


def _check_default(column: DeclaredColumn, node: Any) -> None:
    """Have a constant default tried on its column at once."""
    if column.default is None:
        return
    expression = default_expression(column)
    function = constant(expression)
    if any(isinstance(part, ast.Parameter) for part in nodes(expression)):
        raise errors.ProgrammingError(f"a DEFAULT takes no parameters{place(node)}")
    if isinstance(expression, ast.Call) and expression.name in NOW:
        return
    try:
        encode(column.type, function(()))
    except ValueError as error:
        raise errors.DataError(f"the DEFAULT of {column.name}: {error}{place(node)}") from None


def _check_names(definitions: Iterable[ast.ColumnDefinition]) -> None:
    seen: set[str] = set()
    for each in definitions:
        if each.name.lower() in seen:
            raise errors.ProgrammingError(f"the column {each.name} stands twice{place(each)}")
        if each.name in METADATA or each.name == "__key" or not each.name:
            raise errors.ProgrammingError(f"{each.name!r} is no name for a column{place(each)}")
        seen.add(each.name.lower())


def _placed(columns: Iterable[DeclaredColumn], key: tuple[str, ...]) -> tuple[DeclaredColumn, ...]:
    """Give each column its bin, the only key column none."""
    columns = tuple(columns)
    names = [column.name for column in columns]
    alone = key[0] if len(key) == 1 else None
    bins = short_names(name for name in names if name != alone)
    return tuple(
        replace(
            column,
            bin=bins.get(column.name, ""),
            nullable=column.nullable and column.name not in key,
        )
        for column in columns
    )


def _key(statement: ast.CreateTable) -> tuple[tuple[str, ...], str | None]:
    """The columns of the primary key, and the constraint's name."""
    found: list[tuple[tuple[str, ...], str | None, Any]] = [
        ((column.name,), None, column) for column in statement.columns if column.key
    ]
    for each in statement.constraints:
        if each.kind == "PRIMARY KEY":
            names = tuple(_known(name, statement, each) for name in each.columns)
            found.append((names, each.name, each))
    if len(found) > 1 and found[0][0] != found[1][0]:
        raise errors.ProgrammingError(
            f"a table has one PRIMARY KEY; several columns stand in PRIMARY KEY (a, b)"
            f"{place(found[1][2])}"
        )
    if found and len(set(found[0][0])) < len(found[0][0]):
        raise errors.ProgrammingError(f"a column stands twice in the key{place(found[0][2])}")
    return (found[0][0], found[-1][1]) if found else ((), None)


def _known(name: str, statement: ast.CreateTable, node: Any) -> str:
    names = [column.name for column in statement.columns]
    if name in names:
        return name
    alike = [each for each in names if each.lower() == name.lower()]
    if len(alike) == 1:
        return alike[0]
    raise errors.ProgrammingError(f"there is no column {name}{place(node)}")


def _check_key(table: Table, statement: ast.CreateTable) -> None:
    for name in table.key:
        column = table.column(name)
        if column is not None and column.type.name not in KEY_TYPES:
            raise errors.ProgrammingError(
                f"{name} cannot be a key: a {column.type} is no user key{place(statement)}"
            )
    reserved = table.column("PK")
    if reserved is not None and table.key != ("PK",):
        raise errors.ProgrammingError(
            f"PK names the record's key: the column of this name has to be it{place(statement)}"
        )


def _constraints(statement: ast.CreateTable, namespace: str) -> Iterator[DeclaredConstraint]:
    for column in statement.columns:
        for each in column.constraints:
            yield _constraint(replace(each, columns=(column.name,)), namespace)
    for each in statement.constraints:
        if each.kind != "PRIMARY KEY":
            if each.kind != "CHECK":
                names = tuple(_known(name, statement, each) for name in each.columns)
                each = replace(each, columns=names)
            yield _constraint(each, namespace)


def _referred(name: ast.TableName, namespace: str) -> tuple[str, str]:
    """The namespace and set that REFERENCES names; one name is a set beside the table's own."""
    return (namespace, name.parts[0]) if len(name.parts) == 1 else (name.parts[0], name.parts[1])


def _constraint(each: ast.Constraint, namespace: str) -> DeclaredConstraint:
    table: tuple[str, ...] = ()
    if each.table is not None:
        table = _referred(each.table, namespace)
    text = to_sql(replace(each, name=None))
    return DeclaredConstraint(each.kind, each.columns, each.name, text, table, each.referenced)


def _note(each: DeclaredConstraint) -> str:
    return f"{each.text} is kept as information: nothing enforces it"


# ---- tables made of a query's columns ----------------------------------------------------------


def table_of_columns(target: op.Target, columns: Iterable[tuple[str, SqlType]]) -> Table:
    """Declare a table by names and types; a column PK is its key, else keys are made up."""
    found = list(columns)
    key = ("PK",) if any(name == "PK" for name, _ in found) else ()
    assert target.set is not None
    listed = tuple(DeclaredColumn(name, kind, name) for name, kind in found)
    return Table(target.namespace, target.set, _placed(listed, key), key)


def column_type_of_code(code: str) -> SqlType:
    """Give the type to declare for a result's column; JSON, which holds anything, in doubt."""
    try:
        return type_of_code(code or "JSON")
    except errors.Error:
        return SqlType("JSON")


def create_table_as(statement: ast.CreateTableAs, planning: Planning) -> op.Plan:
    """Plan CREATE TABLE … AS."""
    target = _named(statement.table, planning)
    for name, value in statement.options:
        raise errors.ProgrammingError(f"CREATE TABLE has no option {name}{place(value)}")
    return _plan(
        made.CreateTableAs(target, statement.table, statement.query, statement.if_not_exists)
    )


# ---- ALTER TABLE -------------------------------------------------------------------------------


def alter_table(statement: ast.AlterTable, planning: Planning) -> op.Plan:
    """Plan ALTER TABLE; what it does is worked out on the declaration as it then is."""
    target = _named(statement.table, planning)
    if statement.action == "RENAME TO":
        raise errors.NotSupportedError(
            "a set cannot be renamed: CREATE TABLE new AS SELECT * FROM old, then DROP TABLE old"
            f"{place(statement)}"
        )
    if statement.constraint is not None:
        each = statement.constraint
        if each.kind == "PRIMARY KEY":
            raise errors.NotSupportedError(
                f"the key of records that exist cannot be changed{place(statement)}"
            )
        named = None
        if each.table is not None:
            named = replace(each.table, parts=_referred(each.table, target.namespace))
        statement = replace(statement, constraint=replace(each, table=named))
    return _plan(made.AlterTable(target, statement))


def altered(table: Table, statement: ast.AlterTable) -> Table | None:
    """Give the table after the statement; None when nothing is to be done.

    Raises ProgrammingError for columns that there are not, or are already.
    """
    new: Table | None = _ACTIONS[statement.action](table, statement)
    return new


def _add_column(table: Table, statement: ast.AlterTable) -> Table | None:
    definition = statement.column
    assert definition is not None
    if table.column(definition.name, quoted=False) is not None:
        if statement.guarded:
            return None
        raise errors.ProgrammingError(
            f"{table.namespace}.{table.set} has a column {definition.name} already"
            f"{place(definition)}"
        )
    if definition.key:
        raise errors.NotSupportedError(
            f"the key of records that exist cannot be changed{place(definition)}"
        )
    _check_names([definition])
    column = _column(definition)
    taken = [each.bin for each in table.columns]
    column = replace(column, bin=short_names([column.name], taken)[column.name])
    constraints = tuple(
        DeclaredConstraint(each.kind, (column.name,), each.name, to_sql(replace(each, name=None)))
        for each in definition.constraints
    )
    return replace(
        table,
        columns=(*table.columns, column),
        constraints=(*table.constraints, *constraints),
    )


def _existing(table: Table, name: str | None, statement: ast.AlterTable) -> DeclaredColumn:
    found = None if name is None else table.column(name, quoted=False)
    if found is None:
        raise errors.ProgrammingError(
            f"{table.namespace}.{table.set} has no column {name}{place(statement)}"
        )
    return found


def _drop_column(table: Table, statement: ast.AlterTable) -> Table | None:
    if statement.guarded and table.column(statement.name or "", quoted=False) is None:
        return None
    column = _existing(table, statement.name, statement)
    if column.name in table.key:
        raise errors.NotSupportedError(
            f"{column.name} is the records' key, which cannot be dropped{place(statement)}"
        )
    kept = tuple(each for each in table.columns if each is not column)
    if not kept:
        raise errors.ProgrammingError(f"a table has a column at least{place(statement)}")
    constraints = tuple(each for each in table.constraints if column.name not in each.columns)
    return replace(table, columns=kept, constraints=constraints)


def _rename_column(table: Table, statement: ast.AlterTable) -> Table | None:
    column, new = _existing(table, statement.name, statement), statement.new or ""
    other = table.column(new, quoted=False)
    if other is not None and other is not column:
        raise errors.ProgrammingError(
            f"{table.namespace}.{table.set} has a column {new} already{place(statement)}"
        )

    def called(name: str) -> str:
        return new if name == column.name else name

    _check_names([ast.ColumnDefinition(new, "", span=statement.span)])
    return replace(
        table,
        columns=tuple(replace(each, name=called(each.name)) for each in table.columns),
        key=tuple(map(called, table.key)),
        constraints=tuple(
            replace(each, columns=tuple(map(called, each.columns))) for each in table.constraints
        ),
    )


def _changed(**fields: Any) -> Any:
    def change(table: Table, statement: ast.AlterTable) -> Table | None:
        column = _existing(table, statement.name, statement)
        values = {k: v(statement) if callable(v) else v for k, v in fields.items()}
        if values.get("nullable") and column.name in table.key:
            raise errors.ProgrammingError(f"{column.name} is a key{place(statement)}")
        new = replace(column, **values)
        _check_default(new, statement)
        kept = tuple(new if each is column else each for each in table.columns)
        return replace(table, columns=kept)

    return change


def _add_constraint(table: Table, statement: ast.AlterTable) -> Table | None:
    each = statement.constraint
    assert each is not None
    for name in each.columns:
        _existing(table, name, statement)
    named = () if each.table is None else each.table.parts
    text = to_sql(replace(each, name=None))
    constraint = DeclaredConstraint(
        each.kind, each.columns, each.name, text, named, each.referenced
    )
    return replace(table, constraints=(*table.constraints, constraint))


_ACTIONS: Final[dict[str, Any]] = {
    "ADD COLUMN": _add_column,
    "DROP COLUMN": _drop_column,
    "RENAME COLUMN": _rename_column,
    "SET DEFAULT": _changed(default=lambda statement: default_text(statement.default)),
    "DROP DEFAULT": _changed(default=None),
    "SET NOT NULL": _changed(nullable=False),
    "DROP NOT NULL": _changed(nullable=True),
    "ADD CONSTRAINT": _add_constraint,
}


# ---- views, and the rest -----------------------------------------------------------------------


def create_view(statement: ast.CreateView, planning: Planning) -> op.Plan:
    """Plan CREATE VIEW: the tables in its text get their namespaces."""
    target = _named(statement.view, planning)
    for node in nodes(statement.query):
        if isinstance(node, ast.Parameter):
            raise errors.ProgrammingError(f"a view takes no parameters{place(node)}")
    ctes = {node.name for node in nodes(statement.query) if isinstance(node, ast.CTE)}

    def named(node: Any) -> Any:
        if not isinstance(node, ast.TableName) or (len(node.parts) == 1 and node.parts[0] in ctes):
            return node
        found = bind_table(node, planning.context)
        parts = (found.namespace, {None: "*", "": "__default"}.get(found.set, found.set or ""))
        alias = node.alias if node.alias is not None else node.parts[-1]
        return replace(node, parts=parts, alias=None if alias == parts[1] else alias)

    query = transform(statement.query, named)
    assert target.set is not None
    view = View(target.namespace, target.set, to_sql(query), statement.columns)
    return _plan(made.CreateView(view, statement.replace, statement.if_not_exists))


def drop(statement: Any, planning: Planning) -> op.Plan:
    """Plan DROP TABLE and DROP VIEW."""
    table = isinstance(statement, ast.DropTable)
    names = statement.tables if table else statement.views
    targets = tuple(_named(name, planning) for name in names)
    return _plan(made.Drop("TABLE" if table else "VIEW", targets, statement.if_exists))


def refresh(statement: ast.Refresh, planning: Planning) -> op.Plan:
    """Plan REFRESH TABLE."""
    return _plan(made.Refresh(bind_table(statement.table, planning.context)))


def show_create(statement: ast.ShowCreate, planning: Planning) -> op.Plan:
    """Plan SHOW CREATE TABLE: one row, its column named for what it shows."""
    target = _named(statement.table, planning)
    columns = (
        op.OutputColumn("name", ast.Column("name"), "VARCHAR"),
        op.OutputColumn("statement", ast.Column("statement"), "VARCHAR"),
    )
    leaf = op.InfoRows("create", (statement.what, target.namespace, target.set or ""))
    return op.Plan(op.Project(leaf, columns), columns)


def _plan(root: Any) -> op.Plan:
    return op.Plan(root)


PLANNERS: Final[dict[type, Any]] = {
    ast.CreateTable: create_table,
    ast.CreateTableAs: create_table_as,
    ast.AlterTable: alter_table,
    ast.DropTable: drop,
    ast.DropView: drop,
    ast.CreateView: create_view,
    ast.Refresh: refresh,
    ast.ShowCreate: show_create,
}
