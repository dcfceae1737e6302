"""Nodes of the statements that define tables and views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.grammar.ast import (
    AlterTable,
    ColumnDefinition,
    Constraint,
    CreateTable,
    CreateTableAs,
    CreateView,
    DropTable,
    DropView,
    Refresh,
    ShowCreate,
)
from aerodbapi.grammar.builders.pieces import Clause, Name, name_of, place, value_of
from aerodbapi.grammar.refusal import refuse

__all__ = ["RULES"]


def _texts(names: Any) -> tuple[str, ...]:
    return tuple(name.text for name in names or ())


def _flag(c: Iterable[Any]) -> bool:
    """Whether IF [NOT] EXISTS is among the children."""
    return any(isinstance(part, Clause) and part.kind == "IF" for part in c)


def _options(c: Iterable[Any]) -> Any:
    found = (part.value for part in c if isinstance(part, Clause) and part.kind == "WITH")
    return next(found, ())


# ---- columns -----------------------------------------------------------------------------------


def _type(c: list[Any]) -> str:
    """The words of a type in upper case: DECIMAL(10, 2), TIMESTAMP WITH TIME ZONE, INTEGER[]."""
    text = ""
    for part in c:
        if isinstance(part, tuple):  # sizes
            text += f"({', '.join(map(str, part))})"
        else:
            word = part.text if isinstance(part, Name) else str(part)
            text += f" {word.upper()}" if text else word.upper()
    return text


def _sizes(c: list[Any]) -> tuple[int, ...]:
    for size in c[1]:
        if not size.isdecimal():
            raise refuse(place([size]), f"the size of a type is a whole number, not {size}")
    return tuple(int(size) for size in c[1])


def _column(c: list[Any]) -> ColumnDefinition:
    name, kind, rules = c
    fields: dict[str, Any] = {}
    constraints: list[Constraint] = []
    for rule in rules:
        if isinstance(rule, Constraint):
            constraints.append(rule)
            continue
        if rule.kind in fields and fields[rule.kind] != rule.value:
            raise refuse(rule.span, f"the column {name.text!r} says this twice, and differently")
        if rule.kind:
            fields[rule.kind] = rule.value
    return ColumnDefinition(
        name.text, kind, constraints=tuple(constraints), span=place(c), **fields
    )


def _rule(kind: str, value: Any) -> Callable[[list[Any]], Clause]:
    return lambda c: Clause(kind, value, place(c))


def _identity_sized(c: list[Any]) -> Clause:
    sizes = [int(size) for size in c[2] if size.lstrip("-").isdecimal()]
    return _identity(sizes[0], sizes[1] if len(sizes) > 1 else 1, c)


def _identity(start: int, step: int, c: list[Any]) -> Clause:
    if step < 1:
        message = "values are drawn upwards: the step is a whole number from 1 on"
        raise refuse(place(c), message, kind=errors.NotSupportedError)
    return Clause("identity", (start, step), place(c))


def _generated(c: list[Any]) -> Clause:
    found = {"START": 1, "INCREMENT": 1, **dict(c[4])}
    return _identity(found["START"], found["INCREMENT"], c)


def _identity_option(c: list[Any]) -> tuple[str, int]:
    try:
        return c[0].upper(), int(c[-1])
    except ValueError:
        raise refuse(place(c[-1:]), f"{c[-1]} is no whole number") from None


# ---- constraints -------------------------------------------------------------------------------


def _named(c: list[Any]) -> Any:
    rule = c[2]
    return replace(rule, name=c[1].text, span=place(c)) if isinstance(rule, Constraint) else rule


def _references(c: list[Any]) -> Constraint:
    return Constraint(
        "FOREIGN KEY", table=c[1], referenced=_texts(c[2]), actions=c[3], span=place(c)
    )


def _foreign(c: list[Any]) -> Constraint:
    made: Constraint = replace(c[-1], columns=_texts(c[3]), span=place(c))
    return made


def _over(kind: Any) -> Callable[[list[Any]], Constraint]:
    return lambda c: Constraint(kind, _texts(c[-2]), span=place(c))


# ---- statements --------------------------------------------------------------------------------


def _create_table(c: list[Any]) -> CreateTable:
    table, entries = next(
        (c[i - 1], c[i + 1]) for i, part in enumerate(c) if getattr(part, "type", "") == "LPAR"
    )
    columns = tuple(entry for entry in entries if isinstance(entry, ColumnDefinition))
    constraints = tuple(entry for entry in entries if isinstance(entry, Constraint))
    return CreateTable(table, columns, constraints, _flag(c), _options(c), span=place(c))


def _create_table_as(c: list[Any]) -> CreateTableAs:
    table = next(part for part in c if hasattr(part, "parts"))
    return CreateTableAs(table, c[-1], _flag(c), _options(c), span=place(c))


def _alter_table(c: list[Any]) -> AlterTable:
    made: AlterTable = replace(c[-1], table=c[-2], if_exists=_flag(c[:-1]), span=place(c))
    return made


def _alteration(action: str, **fields: Callable[[list[Any]], Any]) -> Callable[[Any], AlterTable]:
    """Build the rule of one ALTER TABLE action; the table is filled in by `_alter_table`."""

    def build(c: list[Any]) -> AlterTable:
        taken = {name: take(c) for name, take in fields.items()}
        return AlterTable(None, action, guarded=_flag(c), **taken)  # type: ignore[arg-type]

    return build


def _last_name(c: list[Any]) -> str:
    names = [part for part in c if isinstance(part, Name)]
    return names[-1].text


def _first_name(c: list[Any]) -> str:
    return next(part.text for part in c if isinstance(part, Name))


def _create_view(c: list[Any]) -> CreateView:
    view = next(part for part in c if hasattr(part, "parts"))
    replaces = any(isinstance(part, Clause) and part.kind == "OR REPLACE" for part in c)
    return CreateView(view, c[-1], _texts(c[-3]), replaces, _flag(c), span=place(c))


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "create_table": _create_table,
        "create_table_as": _create_table_as,
        "column_definition": _column,
        "column_type": lambda c: c[0] if len(c) == 1 else f"{c[0]}[]",
        "type_words": _type,
        "type_sizes": _sizes,
        "zone_word": lambda c: str(c[0]),
        "rule_not_null": _rule("nullable", False),
        "rule_null": _rule("nullable", True),
        "rule_key": _rule("key", True),
        "rule_unique": lambda c: Constraint("UNIQUE", span=place(c)),
        "rule_default": lambda c: Clause("default", value_of(c[1]), place(c)),
        "rule_identity": _rule("identity", (1, 1)),
        "rule_identity_sized": _identity_sized,
        "rule_generated": _generated,
        "rule_check": lambda c: Constraint("CHECK", expression=name_of(c[2]), span=place(c)),
        "rule_references": lambda c: c[0],
        "rule_ignored": _rule("", None),
        "rule_comment": lambda c: Clause("comment", _comment(c[1]), place(c)),
        "named_rule": _named,
        "identity_word": lambda c: None,
        "generated": lambda c: None,
        "identity_option": _identity_option,
        "references": _references,
        "reference_action": lambda c: f"ON {c[1]} {c[2]}",
        "action_event": lambda c: c[0].upper(),
        "action_done": lambda c: " ".join(c).upper(),
        "rule_keys": _over("PRIMARY KEY"),
        "rule_uniques": _over("UNIQUE"),
        "rule_foreign": _foreign,
        "alter_table": _alter_table,
        "add_column": _alteration("ADD COLUMN", column=lambda c: c[-1]),
        "add_constraint": _alteration("ADD CONSTRAINT", constraint=lambda c: c[-1]),
        "drop_column": _alteration("DROP COLUMN", name=_last_name),
        "rename_column": _alteration("RENAME COLUMN", name=_first_name, new=_last_name),
        "rename_table": _alteration("RENAME TO", table_to=lambda c: c[-1]),
        "set_default": _alteration(
            "SET DEFAULT", name=_first_name, default=lambda c: value_of(c[-1])
        ),
        "drop_default": _alteration("DROP DEFAULT", name=_first_name),
        "set_not_null": _alteration("SET NOT NULL", name=_first_name),
        "drop_not_null": _alteration("DROP NOT NULL", name=_first_name),
        "drop_table": lambda c: DropTable(c[-2], _flag(c), span=place(c)),
        "if_column_exists": lambda c: Clause("IF", True, place(c)),
        "drop_behaviour": lambda c: None,
        "create_view": _create_view,
        "or_replace": lambda c: Clause("OR REPLACE", True, place(c)),
        "drop_view": lambda c: DropView(c[-2], _flag(c), span=place(c)),
        "refresh": lambda c: Refresh(c[-1], span=place(c)),
        "show_create": lambda c: ShowCreate(c[2], c[3], span=place(c)),
        "created_word": lambda c: c[0].upper(),
    }
)


def _comment(node: Any) -> str:
    return str(getattr(value_of(node), "value", ""))
