"""Nodes of AQL's own statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.grammar import tokens
from aerodbapi.grammar.ast import (
    Aggregate,
    BinOperation,
    Call,
    Column,
    Execute,
    Expr,
    Info,
    Kill,
    Literal,
    Module,
    Operate,
    Parameter,
    Run,
    Select,
    Setting,
    Statistics,
    Use,
)
from aerodbapi.grammar.builders.pieces import Name, name_of, place, value_of, values_of
from aerodbapi.grammar.builders.procedures import PROCEDURES, SCHEMA, unknown
from aerodbapi.grammar.refusal import refuse
from aerodbapi.grammar.settings import SETTINGS
from aerodbapi.grammar.walk import nodes

__all__ = ["RULES"]


def word(part: Any) -> str:
    """The text of a `table_part` or `principal`: a bare name, or what stands in quotes."""
    if isinstance(part, Name):
        return part.text
    quoted = part.type in ("QUOTED_NAME", "QUOTED", "STRING")
    return tokens.unquoted(part) if quoted else str(part)


def _parameter(token: Any) -> Parameter:
    index, name = token.value
    return Parameter(index, name, span=place([token]))


# ---- functions and operations ------------------------------------------------------------------


def _udf(c: list[Any]) -> tuple[str, str, tuple[Expr, ...]]:
    """(module, function, arguments)"""
    arguments = values_of(c[4]) if len(c) > 5 else ()
    refuse_columns(arguments)
    return word(c[0]), word(c[2]), arguments


def refuse_columns(arguments: tuple[Expr, ...]) -> None:
    """Refuse arguments that are columns: most often strings without their quotes."""
    for node in nodes(arguments):
        if isinstance(node, Column):
            raise refuse(
                node.span,
                f"syntax error near token '{node.name}': a value is wanted here",
                hint=f"a string value stands in single quotes: '{node.name}'",
            )


#: What SELECT calls them → the statement.
_CALLED: Final = {"UDF": Execute, "AGGREGATE": Aggregate}


def _whole_query(c: list[Any]) -> Any:
    """SELECT UDF('m', 'f', …) and SELECT AGGREGATE('m', 'f', …) are statements of their own."""
    query = c[0]
    if not isinstance(query, Select) or not any(map(_called, query.items)):
        return query
    item = query.items[0]
    call: Any = item.expression
    if len(query.items) > 1 or query.table is None or query.relational or _windowed(query):
        raise refuse(
            call.span or query.span,
            "UDF(…) and AGGREGATE(…) stand alone after SELECT, with FROM one table and WHERE only",
        )
    texts = [getattr(argument, "value", None) for argument in call.arguments[:2]]
    if len(texts) < 2 or not all(isinstance(text, str) for text in texts):
        raise refuse(call.span, f"{call.name}('module', 'function', …) takes two texts first")
    arguments = call.arguments[2:]
    refuse_columns(arguments)
    fields: dict[str, Any] = {"rows": True} if call.name == "UDF" else {}
    return _CALLED[call.name](
        *texts,
        arguments,
        query.table,
        query.where,
        query.membership,
        name=item.name if item.aliased else None,
        span=query.span,
        **fields,
    )


def _called(item: Any) -> bool:
    return isinstance(item.expression, Call) and item.expression.name in _CALLED


def _windowed(query: Select) -> bool:
    return bool(query.order or query.limit or query.offset)


def _on(c: list[Any]) -> dict[str, Any]:
    """What follows ON: the table with its collection, and the condition."""
    table, membership = c[0]
    return {"table": table, "membership": membership, "where": c[1]}


def _execute(c: list[Any]) -> Execute:
    module, function, arguments = c[1]
    options = c[5].value if len(c) > 5 else ()
    return Execute(module, function, arguments, options=options, span=place(c), **_on(c[3:5]))


def _aggregate(c: list[Any]) -> Aggregate:
    module, function, arguments = c[1]
    return Aggregate(module, function, arguments, span=place(c), **_on(c[3:5]))


def _procedure(c: list[Any]) -> Any:
    """CALL without ON: one of the package's own procedures."""
    schema, name, arguments = c[1]
    span = place(c)
    if schema.lower() != SCHEMA:
        raise refuse(span, f"CALL {schema}.{name}(…) needs ON and a table: it runs on records")
    build = PROCEDURES.get(name.lower())
    if build is None:
        raise unknown(name, span)
    return build(arguments, span)


def _bin_operation(c: list[Any]) -> BinOperation:
    name, policy = c[0].text.upper(), c[-1]
    arguments: tuple[Expr, ...] = ()
    if len(c) > 4:
        first, *others = c[2]
        arguments = (name_of(first), *map(_policy_word, values_of(others)))
        if not isinstance(arguments[0], Column) or arguments[0].table:
            raise refuse(place([first]), f"the first argument of {name} is a bin")
        refuse_columns(arguments[1:])
    names = tuple(part.text.upper() for part in policy or ())
    return BinOperation(name, arguments, names, span=place(c))


def _policy_word(argument: Expr) -> Expr:
    """MAP_SET_TYPE takes the name of a type as it is."""
    if isinstance(argument, Column) and argument.name.upper().startswith("AS_"):
        return Literal(argument.name.upper(), span=argument.span)
    return argument


def _operate(c: list[Any]) -> Operate:
    options = c[5].value if len(c) > 5 else ()
    return Operate(c[1], c[3], c[4], options, span=place(c))


# ---- modules and information -------------------------------------------------------------------


def _register(c: list[Any]) -> Module:
    source = value_of(c[4]) if len(c) > 4 else None
    return Module("REGISTER", value_of(c[2]), source, span=place(c))


def _module(c: list[Any]) -> Module:
    verb = "REMOVE" if str(c[0]).upper() == "REMOVE" else "DESC"
    return Module(verb, c[2], span=place(c))  # type: ignore[arg-type]


def _module_name(c: list[Any]) -> Expr:
    first = c[0]
    if isinstance(first, tuple):
        return Literal(".".join(map(word, first)), span=place([*first]))
    if first.type == "PARAMETER":
        return _parameter(first)
    return Literal(word(first), span=place(c))


def _statistics(c: list[Any]) -> Statistics:
    return Statistics(c[1].upper(), tuple(map(word, c[2:])), span=place(c))


def _job(c: list[Any]) -> Literal:
    if not c[0].isdigit() or len(c[0]) > 20:
        raise refuse(place(c), f"syntax error near token '{c[0]}': a job's id is a whole number")
    return Literal(int(c[0]), span=place(c))


def _kill(c: list[Any]) -> Kill:
    kind = c[-2].upper().removeprefix("KILL_")
    return Kill(kind, value_of(c[-1]), span=place(c))


# ---- the session -------------------------------------------------------------------------------


def _setting_name(name: Name) -> str:
    upper = name.text.upper()
    if upper not in SETTINGS:
        import difflib

        close = difflib.get_close_matches(upper, SETTINGS, n=1)
        raise refuse(
            name.span,
            f"syntax error near token '{name.text}': there is no such setting",
            hint=f"did you mean {close[0]}?" if close else "SHOW SETTINGS lists them",
        )
    return upper


def _set(c: list[Any]) -> Setting:
    name, value = _setting_name(c[1]), c[3]
    if isinstance(value, Name):
        if value.text.upper() == "DEFAULT" and not value.quoted:
            return Setting("RESET", name, span=place(c))
        value = Literal(value.text, span=value.span)
    return Setting("SET", name, value_of(value), span=place(c))


def _get(c: list[Any]) -> Setting:
    name = c[1]
    wanted = "ALL" if name.text.upper() == "ALL" else _setting_name(name)
    return Setting(c[0].upper(), wanted, span=place(c))


def _run(c: list[Any]) -> Run:
    file = c[1]
    text = file.text if isinstance(file, Name) else value_of(file).value  # type: ignore[union-attr]
    return Run(str(text), span=place(c))


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "whole_query": _whole_query,
        "execute": _execute,
        "aggregate": _aggregate,
        "procedure": _procedure,
        "udf": _udf,
        "udf_table": lambda c: (c[0], c[2].text if len(c) > 1 else None),
        "udf_where": lambda c: name_of(c[1]),
        "operate": _operate,
        "bin_operation": _bin_operation,
        "register": _register,
        "module": _module,
        "module_word": lambda c: str(c[0]),
        "module_name": _module_name,
        "describe_word": lambda c: str(c[0]),
        "statistics": _statistics,
        "info": lambda c: Info(value_of(c[1]), span=place(c)),
        "job": _job,
        "kill": _kill,
        "set": _set,
        "get": _get,
        "setting_sign": lambda c: None,
        "setting_value": lambda c: c[0],
        "use": lambda c: Use(word(c[1]), span=place(c)),
        "run": _run,
    }
)
