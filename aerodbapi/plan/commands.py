"""AQL's own statements become plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.plan import actions
from aerodbapi.plan import operations as op
from aerodbapi.plan.bind import (
    bin_name,
    bind_column,
    bind_expression,
    bind_table,
    bind_value,
    options,
)
from aerodbapi.plan.draft import Draft, Planning, scope
from aerodbapi.plan.membership import rewrite
from aerodbapi.plan.rules import RULES
from aerodbapi.plan.tree import conjuncts, is_bin, place
from aerodbapi.plan.writes import WRITE_OPTIONS

__all__ = ["PLANNERS", "Access"]

#: Builds the operations that find a draft's records.
Access = Callable[[Draft], op.Operation]
_Planner = Callable[[Any, Planning, Access], op.Plan]


# ---- records -----------------------------------------------------------------------------------


def _found(
    statement: Any, planning: Planning, access: Access, what: str, *, writes: bool = True
) -> Any:
    """The source of the records that a statement means; refuses what the server cannot decide."""
    target = bind_table(statement.table, planning.context)
    allowed = scope(statement.table, target, planning)
    where = None if statement.where is None else bind_expression(statement.where, allowed)
    membership = getattr(statement, "membership", None)
    if membership is not None:
        if where is None:
            raise errors.ProgrammingError(f"IN {membership} needs a WHERE")
        where = rewrite(where, membership)
    draft = Draft(target, conjuncts(where), outputs=(), writes=writes)
    for rule in RULES:
        draft = rule(draft, planning)
    if draft.residual is not None:
        raise errors.NotSupportedError(
            f"{what} takes conditions that the server decides, and this is none"
            f"{place(statement.where)}"
        )
    return access(draft)


def _values(arguments: Sequence[ast.Expr]) -> tuple[op.Value, ...]:
    return tuple(map(_value, arguments))


def _value(argument: ast.Expr) -> op.Value:
    return bind_value(bind_expression(argument))


def _rows(action: Any, *columns: tuple[str, str]) -> op.Plan:
    outputs = tuple(op.OutputColumn(name, ast.Column(name), code) for name, code in columns)
    return op.Plan(action, outputs)


def _execute(statement: ast.Execute, planning: Planning, access: Access) -> op.Plan:
    """EXECUTE: by key at once, with rows; else in the background, unless rows are wanted."""
    source = _found(statement, planning, access, "EXECUTE")
    by_key = isinstance(source, (op.Get, op.BatchGet, op.Empty))
    background = not by_key and not statement.rows
    given = options(statement.options, WRITE_OPTIONS)
    action = actions.Apply(
        source,
        statement.module,
        statement.function,
        _values(statement.arguments),
        background,
        given,
    )
    if background:
        return _rows(action, ("job", "VARCHAR"))
    return _rows(action, (statement.name or statement.function, "JSON"))


def _aggregate(statement: ast.Aggregate, planning: Planning, access: Access) -> op.Plan:
    source = _found(statement, planning, access, "AGGREGATE", writes=False)
    # While the indexes are not known yet, this is only a look at what should be.
    known = planning.catalog.indexes(source.target.namespace) if _filters(source) else None
    if known is not None:
        raise errors.NotSupportedError(
            f"AGGREGATE takes a condition that a secondary index answers{place(statement.where)}:"
            " create one, or let the function filter the stream"
        )
    if isinstance(source, (op.Get, op.BatchGet)):
        raise errors.NotSupportedError(
            f"AGGREGATE is about many records, not about those of a key{place(statement.where)}"
        )
    arguments = _values(statement.arguments)
    action = actions.StreamUDF(source, statement.module, statement.function, arguments)
    return _rows(action, (statement.name or statement.function, "JSON"))


def _filters(source: Any) -> bool:
    return getattr(source, "pushed", None) is not None


def _operate(statement: ast.Operate, planning: Planning, access: Access) -> op.Plan:
    from aerodbapi.plan.bin_functions import FUNCTIONS

    steps = tuple(_step(operation) for operation in statement.operations)
    source = _found(statement, planning, access, "OPERATE")
    given = options(statement.options, WRITE_OPTIONS)
    action = actions.Operate(source, steps, given)
    answering = [step for step in steps if FUNCTIONS[step.function].answers]
    read = [step.bin for step in answering]
    names = []
    for step in answering:
        own = step.function == "READ" or read.count(step.bin) == 1
        names.append(step.bin if own else f"{step.function}({step.bin})")
    return _rows(action, *((name, "JSON") for name in names))


def _step(operation: ast.BinOperation) -> actions.BinStep:
    from aerodbapi.plan.bin_functions import FUNCTIONS, check_count

    function = FUNCTIONS.get(operation.name)
    if function is None:
        import difflib

        close = difflib.get_close_matches(operation.name, FUNCTIONS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise errors.ProgrammingError(f"OPERATE knows no {operation.name}{place(operation)}{hint}")
    arguments = operation.arguments
    name = ""
    if not function.bare:
        if not arguments:
            raise errors.ProgrammingError(
                f"{operation.name} is written {function.usage}{place(operation)}"
            )
        column: Any = arguments[0]
        bound = bind_column(column, ((),))
        if not is_bin(bound):
            raise errors.ProgrammingError(f"{column.name} is no bin{place(column)}")
        name, arguments = bin_name(bound), arguments[1:]
    check_count(function, len(arguments))
    return actions.BinStep(function.name, name, _values(arguments), operation.policy)


# ---- facts -------------------------------------------------------------------------------------

_TEXT: Final = "VARCHAR"
_FACTS: Final = (("node", _TEXT), ("name", _TEXT), ("value", _TEXT))
SETTING_COLUMNS: Final = (
    ("name", _TEXT),
    ("value", _TEXT),
    ("default", _TEXT),
    ("meaning", _TEXT),
)


def _statistics(statement: ast.Statistics, planning: Planning, access: Access) -> op.Plan:
    look = actions.Look("statistics", (statement.kind, *statement.names))
    return _rows(look, *_FACTS)


def _info(statement: ast.Info, planning: Planning, access: Access) -> op.Plan:
    look = actions.Look("info", (_value(statement.command),))
    return _rows(look, ("node", _TEXT), ("request", _TEXT), ("response", _TEXT))


def _module(statement: ast.Module, planning: Planning, access: Access) -> op.Plan:
    if statement.verb == "DESC":
        look = actions.Look("module", (_value(statement.name),))
        return _rows(
            look, ("filename", _TEXT), ("type", _TEXT), ("hash", _TEXT), ("content", _TEXT)
        )
    arguments: list[tuple[str, Any]] = [("name", _value(statement.name))]
    if statement.verb == "REGISTER":
        source = None if statement.source is None else _value(statement.source)
        arguments.append(("source", source))
    return _command(f"{statement.verb} MODULE", *arguments)


def _setting(statement: ast.Setting, planning: Planning, access: Access) -> op.Plan:
    if statement.verb == "GET":
        return _rows(actions.Look("settings", (statement.name,)), *SETTING_COLUMNS)
    arguments: list[tuple[str, Any]] = [("name", statement.name)]
    if statement.value is not None:
        arguments += [("value", _value(statement.value))]
    return _command(statement.verb, *arguments)


# ---- commands ----------------------------------------------------------------------------------


def _command(what: str, *arguments: tuple[str, Any]) -> op.Plan:
    root: Any = actions.Command(what, arguments)
    return op.Plan(root)


def _run(statement: ast.Run, planning: Planning, access: Access) -> op.Plan:
    raise errors.ProgrammingError(
        f"RUN belongs to the command line{place(statement)}: a program reads the file and"
        " executes its statements"
    )


def _grant(statement: ast.Grant, planning: Planning, access: Access) -> op.Plan:
    verb = "REVOKE" if statement.revoke else "GRANT"
    if statement.privileges:
        privileges = _privileges(statement.privileges)
        return _command(
            f"{verb} PRIVILEGES", ("role", statement.grantee), ("privileges", privileges)
        )
    return _command(f"{verb} ROLES", ("user", statement.grantee), ("roles", statement.roles))


def _privileges(names: Sequence[ast.PrivilegeName]) -> tuple[tuple[str, str, str], ...]:
    return tuple((each.name, each.namespace, each.set) for each in names)


def _create_user(statement: ast.CreateUser, planning: Planning, access: Access) -> op.Plan:
    password = _value(statement.password)
    return _command(
        "CREATE USER",
        ("user", statement.name),
        ("password", password),
        ("roles", statement.roles),
    )


def _create_role(statement: ast.CreateRole, planning: Planning, access: Access) -> op.Plan:
    return _command(
        "CREATE ROLE",
        ("role", statement.name),
        ("privileges", _privileges(statement.privileges)),
        ("whitelist", statement.whitelist),
        ("read_quota", statement.read_quota),
        ("write_quota", statement.write_quota),
    )


def _drop(statement: ast.DropPrincipal, planning: Planning, access: Access) -> op.Plan:
    return _command(
        f"DROP {statement.kind}", ("name", statement.name), ("if_exists", statement.if_exists)
    )


def _set_password(statement: ast.SetPassword, planning: Planning, access: Access) -> op.Plan:
    password = _value(statement.password)
    return _command("SET PASSWORD", ("password", password), ("user", statement.user))


def _set_whitelist(statement: ast.SetWhitelist, planning: Planning, access: Access) -> op.Plan:
    return _command("SET WHITELIST", ("role", statement.role), ("addresses", statement.addresses))


def _set_quotas(statement: ast.SetQuotas, planning: Planning, access: Access) -> op.Plan:
    return _command(
        "SET QUOTAS",
        ("role", statement.role),
        ("read", statement.read),
        ("write", statement.write),
    )


def _kill(statement: ast.Kill, planning: Planning, access: Access) -> op.Plan:
    return _command("KILL", ("kind", statement.kind), ("job", _value(statement.job)))


def _use(statement: ast.Use, planning: Planning, access: Access) -> op.Plan:
    return _command("USE", ("namespace", statement.namespace))


#: Statement → what plans it.
PLANNERS: Final[dict[type, _Planner]] = {
    ast.Execute: _execute,
    ast.Aggregate: _aggregate,
    ast.Operate: _operate,
    ast.Module: _module,
    ast.Statistics: _statistics,
    ast.Info: _info,
    ast.Kill: _kill,
    ast.Setting: _setting,
    ast.Use: _use,
    ast.Run: _run,
    ast.CreateUser: _create_user,
    ast.CreateRole: _create_role,
    ast.DropPrincipal: _drop,
    ast.Grant: _grant,
    ast.SetPassword: _set_password,
    ast.SetWhitelist: _set_whitelist,
    ast.SetQuotas: _set_quotas,
}
