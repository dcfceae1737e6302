"""Nodes of expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar import tokens, values
from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Distinct,
    Exists,
    Expr,
    Frame,
    In,
    InQuery,
    Interval,
    IsNull,
    IsTruth,
    Like,
    Literal,
    Over,
    Parameter,
    Span,
    Star,
    Subquery,
    Subscript,
    Unary,
    Window,
)
from aerodbapi.grammar.builders.pieces import Name, Quoted, name_of, place, value_of, values_of
from aerodbapi.grammar.refusal import refuse
from aerodbapi.grammar.synonyms import SYNONYMS

__all__ = ["RULES", "column"]

#: Names that are calls without parentheses.
_WORDS: Final = frozenset(["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"])
_INTERVAL = re.compile(r"\s*([+-]?[0-9]+)\s+([A-Za-z]+)\s*")


# ---- constants and names -----------------------------------------------------------------------


def _number(c: list[Any]) -> Literal:
    span = place(c)
    try:
        value = tokens.number(c[0])
        return Literal(values.check_integer(value) if isinstance(value, int) else value, span=span)
    except ValueError as error:
        raise refuse(span, str(error), kind=errors.DataError) from None


def _parameter(c: list[Any]) -> Parameter:
    index, name = c[0].value
    return Parameter(index, name, span=place(c))


def column(c: list[Any]) -> Column:
    *table, last = c[0]
    return Column(last.text, tuple(name.text for name in table), last.quoted, span=place(c))


def _column_or_word(c: list[Any]) -> Expr:
    names = c[0]
    if len(names) == 1 and not names[0].quoted and names[0].text.upper() in _WORDS:
        return Call(names[0].text.upper(), (), span=place(c))
    return column(c)


def _quoted_pair(c: list[Any]) -> tuple[Name, ...]:
    return (Name(tokens.unquoted(c[0]), True, place(c[:1])), c[2])


def _typed_string(c: list[Any]) -> Expr:
    names, text = c
    name = names[0].text.upper()
    if len(names) > 1 or names[0].quoted or name not in values.TYPE_NAMES:
        message = f"syntax error near token {text_of(text)}: a string cannot follow a name"
        if name == "X":
            message = "a blob is X'…' with an even number of hexadecimal digits"
        raise refuse(text.span, message)
    return _cast(value_of(text), values.TYPE_NAMES[name], place(c))


def text_of(node: Any) -> str:
    return repr(node.text if type(node) is Quoted else node.value)


# ---- operators ---------------------------------------------------------------------------------


def _logical(c: list[Any]) -> Binary:
    return Binary(c[1].upper(), name_of(c[0]), name_of(c[2]), span=place(c))


def _negation(c: list[Any]) -> Expr:
    """`NOT a IN (…)` is `a NOT IN (…)`: some tools write only the one, people the other."""
    operand = name_of(c[1])
    if isinstance(operand, (In, InQuery, Between, Like, IsNull, IsTruth, Distinct)):
        return replace(operand, negated=not operand.negated, span=place(c))
    return Unary("NOT", operand, span=place(c))


def _comparison(c: list[Any]) -> Binary:
    return Binary(c[1], name_of(c[0]), value_of(c[2]), span=place(c))


def _arithmetic(c: list[Any]) -> Binary:
    settle = value_of if c[1] == "||" else name_of
    return Binary(str(c[1]), settle(c[0]), settle(c[2]), span=place(c))


def _between(c: list[Any]) -> Between:
    return Between(name_of(c[0]), value_of(c[2]), value_of(c[4]), c[1], span=place(c))


def _in_list(c: list[Any]) -> In:
    return In(name_of(c[0]), values_of(c[3]), c[1], span=place(c))


def _in_query(c: list[Any]) -> InQuery:
    return InQuery(name_of(c[0]), c[2], c[1], span=place(c))


def _in_parameter(c: list[Any]) -> In:
    return In(name_of(c[0]), (c[2],), c[1], span=place(c))


def _like_word(c: list[Any]) -> tuple[bool, bool]:
    """(ignore case, negated)"""
    return c[-1].upper() == "ILIKE", len(c) == 2


def _like(c: list[Any]) -> Like:
    ignore_case, negated = c[1]
    escape = value_of(c[4]) if len(c) > 3 else None
    return Like(name_of(c[0]), value_of(c[2]), escape, ignore_case, negated, span=place(c))


def _regexp(c: list[Any]) -> Expr:
    call = Call("REGEXP_LIKE", (name_of(c[0]), value_of(c[2])), span=place(c))
    return Unary("NOT", call, span=call.span) if c[1] else call


def _geo(c: list[Any]) -> Call:
    return Call(f"GEO_{c[1].upper()}", (name_of(c[0]), value_of(c[2])), span=place(c))


def _is_truth(c: list[Any]) -> IsTruth:
    value = {"TRUE": True, "FALSE": False, "UNKNOWN": None}[c[2]]
    return IsTruth(name_of(c[0]), value, c[1], span=place(c))


def _is_distinct(c: list[Any]) -> Distinct:
    return Distinct(name_of(c[0]), value_of(c[4]), c[1], span=place(c))


def _negated(c: list[Any]) -> bool:
    return len(c) == 2


def _subscript_name(c: list[Any]) -> Subscript:
    inner = Subscript(name_of(c[0]), value_of(c[2]), span=place(c[:4]))
    return Subscript(inner, Literal(c[5].text, span=c[5].span), span=place(c))


# ---- casts -------------------------------------------------------------------------------------


def _cast(operand: Expr, type: str, span: Span, lenient: bool = False) -> Expr:
    if isinstance(operand, Literal) and type in values.FOLDED:
        try:
            return Literal(values.cast(operand.value, type), span=span)
        except ValueError as error:
            if lenient:
                return Literal(None, span=span)
            raise refuse(operand.span, str(error), kind=errors.DataError) from None
    return Cast(operand, type, lenient, span=span)


def _type(c: list[Any]) -> str:
    text = " ".join(part.text if isinstance(part, Name) else str(part) for part in c).upper()
    return values.TYPE_NAMES.get(text, text)


def _sized_type(c: list[Any]) -> str:
    return f"{_type(c[:1])}({', '.join(str(size) for size in c[2])})"


# ---- CASE, INTERVAL, calls ---------------------------------------------------------------------


def _when(c: list[Any]) -> tuple[Expr, Expr]:
    return value_of(c[1]), value_of(c[3])


def _case(c: list[Any]) -> Case:
    branches = tuple((name_of(condition), result) for condition, result in c[1])
    return Case(None, branches, c[2], span=place(c))


def _interval(c: list[Any]) -> Interval:
    amount, unit = value_of(c[1]), c[2].text.upper() if c[2] else None
    if isinstance(amount, Literal) and isinstance(amount.value, str):
        whole = _INTERVAL.fullmatch(amount.value if unit is None else f"{amount.value} {unit}")
        if whole is not None:
            amount, unit = Literal(int(whole[1]), span=amount.span), whole[2].upper()
    return Interval(amount, unit, span=place(c))


def _array(c: list[Any]) -> Call:
    return Call("ARRAY", values_of(c[2]) if len(c) == 4 else (), span=place(c))


def _call_name(c: list[Any]) -> str:
    name = ".".join(name.text for name in c[0]).upper()
    return SYNONYMS.get(name, name)


def _call(c: list[Any]) -> Expr:
    name = _call_name(c)
    arguments = values_of(c[2])
    if name in values.CALL_TYPES and len(arguments) == 1:
        return _cast(arguments[0], values.TYPE_NAMES[name], place(c))
    rewrite = _REWRITTEN.get((name, len(arguments)))
    return Call(name, arguments, span=place(c)) if rewrite is None else rewrite(arguments, place(c))


#: Calls that another form says as well → that form.
_REWRITTEN: Final[Mapping[tuple[str, int], Callable[[tuple[Expr, ...], Span], Expr]]] = {
    ("MOD", 2): lambda of, span: Binary("%", of[0], of[1], span=span),
    ("IF", 2): lambda of, span: Case(None, ((of[0], of[1]),), span=span),
    ("IF", 3): lambda of, span: Case(None, ((of[0], of[1]),), of[2], span=span),
    ("LOCATE", 2): lambda of, span: Call("STRPOS", of[::-1], span=span),
    ("POSITION", 2): lambda of, span: Call("STRPOS", of[::-1], span=span),
}


def _call_ordered(c: list[Any]) -> Call:
    """An aggregate in order; sqlglot writes STRING_AGG's separator after the order."""
    name, arguments, order = _call_name(c), values_of(c[2]), c[5]
    if name == "STRING_AGG" and len(arguments) == 1 and len(order) > 1:
        last = order[-1].expression
        if isinstance(last, (Literal, Parameter)):
            arguments, order = (*arguments, last), order[:-1]
    return Call(name, arguments, order=order, span=place(c))


def _call_from(c: list[Any]) -> Call:
    """EXTRACT(unit FROM x), TRIM(what FROM x), SUBSTRING(x FROM start FOR length)."""
    name = _call_name(c)
    arguments = values_of(c[2:-1:2])
    first = arguments[0]
    if name == "EXTRACT" and isinstance(first, Column):
        arguments = (Literal(first.name.upper(), span=first.span), *arguments[1:])
    if name == "TRIM":
        arguments = (arguments[1], arguments[0], *arguments[2:])
    return Call(name, arguments, span=place(c))


def _filtered(c: list[Any]) -> Call:
    call, condition = c
    if not isinstance(call, Call):
        raise refuse(call.span, "FILTER follows an aggregate only")
    return Call(call.name, call.arguments, call.distinct, call.order, condition, span=place(c))


def _over(call: Any, window: Window | str, span: Span) -> Over:
    if not isinstance(call, Call):
        raise refuse(call.span, "OVER follows a function only")
    return Over(call, window, span=span)


def _frame_bound(c: list[Any]) -> tuple[str, Expr | None]:
    return c[1].upper(), None


RULES: Final[Mapping[str, Callable[[list[Any]], Any]]] = MappingProxyType(
    {
        "number": _number,
        "string": lambda c: Literal(tokens.unquoted(c[0]), span=place(c)),
        "quoted": lambda c: Quoted(tokens.unquoted(c[0]), place(c)),
        "parameter": _parameter,
        "null": lambda c: Literal(None, span=place(c)),
        "true": lambda c: Literal(True, span=place(c)),
        "false": lambda c: Literal(False, span=place(c)),
        "blob": lambda c: Literal(bytes.fromhex(c[0][2:-1]), span=place(c)),
        "column_or_word": _column_or_word,
        "quoted_pair": _quoted_pair,
        "typed_string": _typed_string,
        "logical": _logical,
        "negation": _negation,
        "compare": lambda c: "<>" if c[0] == "!=" else str(c[0]),
        "comparison": _comparison,
        "between": _between,
        "between_word": _negated,
        "in_list": _in_list,
        "in_query": _in_query,
        "in_parameter": _in_parameter,
        "in_word": _negated,
        "like": _like,
        "like_word": _like_word,
        "regexp": _regexp,
        "regexp_word": _negated,
        "geo": _geo,
        "is_word": _negated,
        "truth": lambda c: c[0].upper(),
        "is_null": lambda c: IsNull(name_of(c[0]), c[1], span=place(c)),
        "is_truth": _is_truth,
        "is_distinct": _is_distinct,
        "arithmetic": _arithmetic,
        "sign": lambda c: Unary(str(c[0]), name_of(c[1]), span=place(c)),
        "subscript": lambda c: Subscript(name_of(c[0]), value_of(c[2]), span=place(c)),
        "subscript_name": _subscript_name,
        "parentheses": lambda c: c[1],
        "cast_sign": lambda c: _cast(value_of(c[0]), c[2], place(c)),
        "cast": lambda c: _cast(value_of(c[2]), c[4], place(c)),
        "try_cast": lambda c: _cast(value_of(c[2]), c[4], place(c), lenient=True),
        "type": _type,
        "sized_type": _sized_type,
        "when": _when,
        "otherwise": lambda c: value_of(c[1]),
        "case": _case,
        "simple_case": lambda c: Case(name_of(c[1]), c[2], c[3], span=place(c)),
        "subquery": lambda c: Subquery(c[0], span=place(c)),
        "exists": lambda c: Exists(c[1], span=place(c)),
        "interval": _interval,
        "array": _array,
        "call": _call,
        "call_query": lambda c: Call(_call_name(c), (Subquery(c[1], place(c[1:])),), span=place(c)),
        "call_star": lambda c: Call(_call_name(c), (Star(span=place(c[2:3])),), span=place(c)),
        "call_empty": lambda c: Call(_call_name(c), (), span=place(c)),
        "call_all": lambda c: _call([c[0], c[1], *c[3:]]),
        "call_distinct_ordered": lambda c: Call(
            _call_name(c), values_of(c[3]), True, c[6], span=place(c)
        ),
        "row_value": lambda c: Call("ROW", values_of((c[1], *c[3])), span=place(c)),
        "call_distinct": lambda c: Call(_call_name(c), values_of(c[3]), True, span=place(c)),
        "call_ordered": _call_ordered,
        "call_from": _call_from,
        "filter": lambda c: name_of(c[3]),
        "filtered": _filtered,
        "over_name": lambda c: c[1].text,
        "over_window": lambda c: c[2],
        "over": lambda c: _over(c[0], c[1], place(c)),
        "filtered_over": lambda c: _over(_filtered(c[:2]), c[2], place(c)),
        "window_item": lambda c: (c[0].text, c[3]),
        "window": lambda c: Window(values_of(c[0] or ()), c[1] or (), c[2]),
        "frame_unit": lambda c: c[0].upper(),
        "frame": lambda c: Frame(c[0], c[1]),
        "frame_between": lambda c: Frame(c[0], c[2], c[4]),
        "frame_unbounded": _frame_bound,
        "frame_current": lambda c: ("CURRENT ROW", None),
        "frame_offset": lambda c: (c[1].upper(), value_of(c[0])),
    }
)
