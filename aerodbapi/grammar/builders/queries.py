"""Nodes of queries, and the order of their clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi.frozen import frozen, replace
from aerodbapi.grammar import tokens
from aerodbapi.grammar.ast import (
    CTE,
    Column,
    Derived,
    Expr,
    Join,
    Literal,
    OrderItem,
    Query,
    Select,
    SelectItem,
    SetOperation,
    Span,
    Star,
    Subquery,
    TableFunction,
    TableName,
    ValueRows,
)
from aerodbapi.grammar.builders.pieces import (
    Clause,
    Name,
    name,
    name_of,
    place,
    value_of,
    values_of,
)
from aerodbapi.grammar.refusal import refuse
from aerodbapi.grammar.relational import inside, ordered
from aerodbapi.grammar.render import to_sql
from aerodbapi.grammar.walk import nodes

__all__ = ["RULES", "Row"]

#: Clauses in their order; LIMIT alone may also stand before WHERE, as AQL has it.
_ORDER: Final = ("FROM", "WHERE", "GROUP BY", "HAVING", "WINDOW", "ORDER BY", "LIMIT", "OFFSET")
_RANK: Final = {name: rank for rank, name in enumerate(_ORDER)} | {"OFFSET": _ORDER.index("LIMIT")}


@frozen
class Row:
    """One row of VALUES."""

    values: tuple[Expr, ...]
    span: Span


@frozen
class _Boxed:
    """A query in parentheses beside a set operator, with the clauses that follow it."""

    query: Query
    clauses: tuple[Clause, ...]
    span: Span


@frozen
class _Member:
    """A table with `IN LIST | MAPKEYS | MAPVALUES`."""

    table: TableName
    membership: Any
    span: Span


# ---- names and tables --------------------------------------------------------------------------


def _table(c: list[Any]) -> TableName:
    parts = tuple(part.text if isinstance(part, Name) else str(part) for part in c[::2])
    return TableName(parts, span=place(c))


def _table_as(c: list[Any]) -> TableName:
    table: TableName = c[0]
    return replace(table, alias=c[-1].text, span=place(c))


def _texts(names: Iterable[Name] | None) -> tuple[str, ...]:
    return tuple(name.text for name in names or ())


def _derived(c: list[Any]) -> Derived:
    alias, columns = c[1] or (None, ())
    return Derived(c[0], alias, columns, span=place(c))


def _lateral(c: list[Any]) -> Derived:
    return replace(_derived(c[1:]), lateral=True, span=place(c))


def _table_function(c: list[Any]) -> TableFunction:
    alias, columns = c[5] or (None, ())
    word, arguments = str(c[0]).upper(), _names(c[2])
    return TableFunction(word, arguments, alias, columns, c[4] is not None, span=place(c))


def _join(kind: str, left: Any, right: Any, span: Span, **condition: Any) -> Join:
    for side in (left, right):
        if isinstance(side, _Member):
            raise refuse(side.span, f"IN {side.membership} belongs to a query of one table")
    return Join(kind, left, right, span=span, **condition)  # type: ignore[arg-type]


# ---- the select list ---------------------------------------------------------------------------


def _item(c: list[Any]) -> SelectItem:
    expression = name_of(c[0])
    name = (
        expression.name if isinstance(expression, Column) else to_sql(expression, parameters="bare")
    )
    return SelectItem(expression, name, span=place(c))


def _item_as(c: list[Any]) -> SelectItem:
    return SelectItem(name_of(c[0]), c[-1].text, True, span=place(c))


def _star(c: list[Any]) -> Star:
    return Star(_texts(c[0]) if len(c) > 1 else (), span=place(c))


# ---- clauses -----------------------------------------------------------------------------------


def _clause(kind: str, take: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Clause]:
    return lambda c: Clause(kind, take(c), place(c))


def _count(c: list[Any]) -> Expr | None:
    """A number of rows: a whole number from 0, a parameter, or an expression of such; ALL: None."""
    span, expression = place(c), value_of(c[0])
    if isinstance(expression, Literal):
        value = expression.value
        if type(value) is int and 0 <= value <= tokens.INT64_MAX:
            return expression
    elif isinstance(expression, Column) and to_sql(expression).upper() == "ALL":
        return None
    elif not any(isinstance(node, (Column, Star, Subquery)) for node in nodes(expression)):
        return expression
    raise refuse(span, "syntax error near token '{token}': expected a whole number from 0")


def _limit(c: list[Any]) -> tuple[Any, Any]:
    """(count, membership)"""
    return c[1], c[3].text if len(c) > 2 else None


def _given(count: Expr | None, c: list[Any]) -> Expr:
    if count is None:
        raise refuse(place(c), "ALL is for LIMIT: expected a whole number from 0")
    return count


def _names(expressions: Any) -> tuple[Expr, ...]:
    return tuple(name_of(expression) for expression in expressions)


def _gathered(clauses: Iterable[Clause]) -> dict[str, Clause]:
    """Return the clauses by kind, each once and in their order; refuses others."""
    found: dict[str, Clause] = {}
    last = ""
    for clause in clauses:
        if clause.kind in found:
            raise refuse(clause.span, f"a second {clause.kind}")
        aql = clause.kind == "WHERE" and last == "LIMIT" and "OFFSET" not in found
        if last and _RANK[clause.kind] < _RANK[last] and not aql:
            raise refuse(clause.span, f"{clause.kind} must stand before {last}")
        if clause.kind in ("GROUP BY", "HAVING", "WINDOW", "ORDER BY") and "LIMIT" in found:
            raise refuse(clause.span, f"{clause.kind} must stand before LIMIT")
        found[clause.kind] = clause
        last = clause.kind
    return found


def _tail(found: Mapping[str, Clause]) -> dict[str, Any]:
    """The fields that every query has: order, limit, offset."""
    fields: dict[str, Any] = {}
    if "ORDER BY" in found:
        fields["order"] = found["ORDER BY"].value
    if "LIMIT" in found:
        fields["limit"] = found["LIMIT"].value[0]
    if "OFFSET" in found:
        fields["offset"] = found["OFFSET"].value
    return fields


# ---- queries -----------------------------------------------------------------------------------


def _select(c: list[Any]) -> Select:
    _, distinct, items, clauses = c
    found = _gathered(clauses)
    fields = _tail(found) | _from(found)
    for kind, field in (("WHERE", "where"), ("GROUP BY", "group"), ("HAVING", "having")):
        if kind in found:
            fields[field] = found[kind].value
    if "WINDOW" in found:
        fields["windows"] = found["WINDOW"].value
    if "FROM" not in found:
        _refuse_star(items)
    return Select(
        items,
        distinct=distinct is not None,
        relational=ordered([*_engine_clauses(distinct, found), *_engine_parts(items, fields)]),
        span=place(c),
        **fields,
    )


def _refuse_star(items: Iterable[SelectItem]) -> None:
    for item in items:
        if isinstance(item.expression, Star):
            raise refuse(item.span, f"syntax error near token '{item.name}': FROM must follow")


def _from(found: Mapping[str, Clause]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    source: Any = found["FROM"].value if "FROM" in found else None
    membership = found["LIMIT"].value[1] if "LIMIT" in found else None
    if isinstance(source, _Member):
        if membership is not None:
            raise refuse(found["LIMIT"].span, "a second IN LIST, MAPKEYS or MAPVALUES")
        source, membership = source.table, source.membership
    if membership is not None and not isinstance(source, TableName):
        raise refuse(found["LIMIT"].span, f"IN {membership} belongs to a query of one table")
    if source is not None:
        fields["table" if isinstance(source, TableName) else "source"] = source
    if membership is not None:
        fields["membership"] = membership
    return fields


def _engine_clauses(distinct: Any, found: Mapping[str, Clause]) -> Iterable[tuple[str, Span]]:
    if distinct is not None:
        yield "DISTINCT", distinct
    for kind in ("GROUP BY", "HAVING", "WINDOW", "ORDER BY"):
        if kind in found:
            yield kind, found[kind].span


def _engine_parts(items: Any, fields: Mapping[str, Any]) -> Iterable[tuple[str, Span]]:
    names = ("source", "where", "group", "having", "order")
    return inside(items, *(fields.get(name) for name in names))


def _values_query(c: list[Any]) -> ValueRows:
    found = _gathered(c[2])
    for kind in ("FROM", "WHERE", "GROUP BY", "HAVING", "WINDOW"):
        if kind in found:
            raise refuse(found[kind].span, f"{kind} cannot follow VALUES")
    rows = c[1]
    for row in rows[1:]:
        if len(row.values) != len(rows[0].values):
            counts = f"{len(row.values)} and not {len(rows[0].values)} values"
            raise refuse(row.span, f"{counts}, as the first row has")
    span = place(c)
    return ValueRows(
        tuple(row.values for row in rows),
        relational=ordered([("VALUES", span), *inside(tuple(row.values for row in rows))]),
        span=span,
        **_tail(found),
    )


def _boxed(c: list[Any]) -> _Boxed:
    return _Boxed(c[0], c[1] if len(c) > 1 else (), place(c))


def _set_operation(c: list[Any]) -> SetOperation:
    left, word, right = c
    operator, every, at = word
    fields: dict[str, Any] = {}
    if isinstance(left, _Boxed):
        left = left.query
    else:
        _refuse_tail(left, operator)
    if isinstance(right, _Boxed):
        fields = _tail(_tail_only(right.clauses, operator))
        right = right.query
    else:
        right, fields = _without_tail(right)
    relational = [(operator, at), *left.relational, *right.relational]
    if "order" in fields:
        relational.append(("ORDER BY", place(fields["order"])))
    return SetOperation(
        operator, left, right, every, relational=ordered(relational), span=place(c), **fields
    )


def _set_word(c: list[Any]) -> tuple[str, bool, Span]:
    return c[0].upper(), len(c) == 2 and c[1].upper() == "ALL", place(c)


def _refuse_tail(query: Query, operator: str) -> None:
    for field, text in (("order", "ORDER BY"), ("limit", "LIMIT"), ("offset", "OFFSET")):
        value = getattr(query, field)
        if value:
            message = f"{text} before {operator} needs parentheses around its query"
            raise refuse(place([value]), message)


def _tail_only(clauses: Iterable[Clause], operator: str) -> dict[str, Clause]:
    found = _gathered(clauses)
    for kind in ("FROM", "WHERE", "GROUP BY", "HAVING", "WINDOW"):
        if kind in found:
            raise refuse(found[kind].span, f"{kind} cannot follow the operands of {operator}")
    return found


def _without_tail(query: Any) -> tuple[Any, dict[str, Any]]:
    """The last operand without the clauses that hold for the whole set operation."""
    fields = {n: getattr(query, n) for n in ("order", "limit", "offset") if getattr(query, n)}
    if not fields:
        return query, {}
    relational = tuple(entry for entry in query.relational if entry[0] != "ORDER BY")
    return replace(query, order=(), limit=None, offset=None, relational=relational), fields


def _with_query(c: list[Any]) -> Query:
    span, ctes = c[0]
    query: Query = c[1]
    relational = ordered([("WITH", span), *query.relational])
    whole = replace(span, end=place(c[1:]).end)
    return replace(query, ctes=ctes, relational=relational, span=whole)


def _with(c: list[Any]) -> tuple[Span, tuple[CTE, ...]]:
    ctes = c[-1]
    return place(c), tuple(replace(cte, recursive=len(c) == 3) for cte in ctes)


def _nulls(c: list[Any]) -> bool:
    return c[1].upper() == "FIRST"  # type: ignore[no-any-return]


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "table": _table,
        "table_part": name,
        "table_as": _table_as,
        "table_alias": _table_as,
        "member_table": lambda c: _Member(c[0], c[2].text, place(c)),
        "derived": _derived,
        "lateral": _lateral,
        "table_function": _table_function,
        "derived_alias": lambda c: (c[-2].text, _texts(c[-1])),
        "comma_join": lambda c: _join("CROSS", c[0], c[2], place(c)),
        "cross_join": lambda c: _join("CROSS", c[0], c[3], place(c)),
        "natural_join": lambda c: _join(c[2], c[0], c[3], place(c), natural=True),
        "join": lambda c: _join(c[1], c[0], c[2], place(c), **c[3]),
        "join_word": lambda c: "INNER" if c[0].upper() == "JOIN" else c[0].upper(),
        "join_on": lambda c: {"condition": name_of(c[1])},
        "join_using": lambda c: {"using": _texts(c[2])},
        "item": _item,
        "item_as": _item_as,
        "item_alias": _item_as,
        "star": _star,
        "table_star": _star,
        "distinct": lambda c: place(c),
        "from_clause": _clause("FROM", lambda c: c[1]),
        "where_clause": _clause("WHERE", lambda c: name_of(c[1])),
        "group_clause": _clause("GROUP BY", lambda c: _names(c[2])),
        "having_clause": _clause("HAVING", lambda c: name_of(c[1])),
        "window_clause": _clause("WINDOW", lambda c: c[1]),
        "order_clause": _clause("ORDER BY", lambda c: c[2]),
        "limit_clause": _clause("LIMIT", _limit),
        "offset_clause": _clause("OFFSET", lambda c: _given(c[1], c)),
        "fetch_clause": _clause("LIMIT", lambda c: (_given(c[2], c), None)),
        "first_word": lambda c: c[0],
        "rows_word": lambda c: None,
        "count": _count,
        "ascending": lambda c: False,
        "descending": lambda c: True,
        "nulls_first": _nulls,
        "nulls_last": _nulls,
        "order_item": lambda c: OrderItem(name_of(c[0]), c[1], c[2] or False, span=place(c)),
        "row": lambda c: Row(values_of(c[1]), place(c)),
        "select": _select,
        "values_query": _values_query,
        "boxed": _boxed,
        "parenthesized_tail": _boxed,
        "set_operation": _set_operation,
        "union_word": _set_word,
        "intersect_word": _set_word,
        "with_query": _with_query,
        "with": _with,
        "recursive": lambda c: True,
        "cte": lambda c: CTE(c[0].text, c[3], _texts(c[1]), span=place(c)),
    }
)
