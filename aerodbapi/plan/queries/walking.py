"""Going through bound queries: direct parts, copies, columns, and what an expression contains."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aerodbapi.frozen import compared
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes

__all__ = [
    "AGGREGATES",
    "VOLATILE",
    "aggregates",
    "columns_in",
    "contains",
    "has_subquery",
    "mapped",
    "replaced",
    "sources_of",
    "tables_in",
    "windows_in",
]

#: Functions of the engine that make one value of many rows.
AGGREGATES: Final = frozenset(
    [
        "ANY_VALUE",
        "APPROX_COUNT_DISTINCT",
        "APPROX_QUANTILE",
        "APPROX_TOP_K",
        "ARBITRARY",
        "ARG_MAX",
        "ARG_MIN",
        "ARRAY_AGG",
        "AVG",
        "BIT_AND",
        "BIT_OR",
        "BIT_XOR",
        "BITSTRING_AGG",
        "BOOL_AND",
        "BOOL_OR",
        "CORR",
        "COUNT",
        "COUNT_IF",
        "COUNTIF",
        "COUNT_STAR",
        "COVAR_POP",
        "COVAR_SAMP",
        "ENTROPY",
        "EVERY",
        "FAVG",
        "FIRST",
        "FSUM",
        "GEOMETRIC_MEAN",
        "GEOMEAN",
        "GROUP_CONCAT",
        "GROUPING",
        "HISTOGRAM",
        "JSON_GROUP_ARRAY",
        "JSON_GROUP_OBJECT",
        "KAHAN_SUM",
        "KURTOSIS",
        "KURTOSIS_POP",
        "LAST",
        "LIST",
        "LISTAGG",
        "MAD",
        "MAP_AGG",
        "MAX",
        "MAX_BY",
        "MEAN",
        "MEDIAN",
        "MIN",
        "MIN_BY",
        "MODE",
        "PRODUCT",
        "QUANTILE",
        "QUANTILE_CONT",
        "QUANTILE_DISC",
        "PERCENTILE_CONT",
        "PERCENTILE_DISC",
        "REGR_AVGX",
        "REGR_AVGY",
        "REGR_COUNT",
        "REGR_INTERCEPT",
        "REGR_R2",
        "REGR_SLOPE",
        "REGR_SXX",
        "REGR_SXY",
        "REGR_SYY",
        "RESERVOIR_QUANTILE",
        "SEM",
        "SKEWNESS",
        "STDDEV",
        "STDDEV_POP",
        "STDDEV_SAMP",
        "STRING_AGG",
        "SUM",
        "SUMKAHAN",
        "SUM_NO_OVERFLOW",
        "VAR_POP",
        "VAR_SAMP",
        "VARIANCE",
    ]
)
#: Functions whose value is another at every call: what holds them stays where it is written.
VOLATILE: Final = frozenset({"RANDOM", "UUID", "GEN_RANDOM_UUID", "NEXTVAL", "SETSEED", "UNNEST"})

_QUERIES: Final = (ast.Subquery, ast.Exists, ast.InQuery)


def mapped(node: Any, change: Callable[[Any], Any]) -> Any:
    """Copy `node` with `change` applied to each part of it that is a node."""
    old = {name: getattr(node, name) for name in compared(type(node))}
    new = {name: _changed(value, change) for name, value in old.items()}
    if all(new[name] is old[name] for name in old):
        return node
    return dataclasses.replace(node, **new)


def _changed(part: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(part, ast.Node):
        return change(part)
    if type(part) is tuple:
        made = tuple(_changed(each, change) for each in part)
        return part if all(a is b for a, b in zip(made, part)) else made
    return part


def replaced(node: Any, change: Callable[[ast.Column], ast.Expr]) -> Any:
    """Copy `node` with `change` applied to every column in it, those of queries inside too."""
    if isinstance(node, ast.Column):
        return change(node)
    if type(node) is tuple:
        return tuple(replaced(part, change) for part in node)
    return mapped(node, lambda part: replaced(part, change))


def columns_in(*parts: Any) -> Iterator[ast.Column]:
    """Yield every column in `parts`, those of queries inside too."""
    for node in nodes(parts):
        if isinstance(node, ast.Column):
            yield node


def tables_in(*parts: Any) -> frozenset[str]:
    """Name the tables whose columns stand in `parts`."""
    return frozenset(column.table[0] for column in columns_in(*parts) if column.table)


def contains(part: Any, test: Callable[[Any], bool]) -> bool:
    """Tell whether some node of `part` passes `test`."""
    return any(test(node) for node in nodes(part))


def has_subquery(part: Any) -> bool:
    """Tell whether a query stands in an expression."""
    return contains(part, lambda node: isinstance(node, _QUERIES))


def sources_of(source: Any) -> Iterator[Any]:
    """Yield what is joined in a FROM, left to right."""
    if isinstance(source, ast.Join):
        yield from sources_of(source.left)
        yield from sources_of(source.right)
    elif source is not None:
        yield source


def _outside(parts: Iterable[Any], wanted: Callable[[Any], bool], closed: Any) -> Iterator[Any]:
    """Yield the nodes that pass `wanted`; what is below nodes of `closed` is not looked at."""
    for part in parts:
        if type(part) is tuple:
            yield from _outside(part, wanted, closed)
        elif isinstance(part, ast.Node):
            if wanted(part):
                yield part
            if not isinstance(part, closed):
                below = (getattr(part, name) for name in compared(type(part)))
                yield from _outside(below, wanted, closed)


_BODIES: Final = (ast.Select, ast.SetOperation, ast.ValueRows)


def aggregates(*parts: Any) -> Iterator[ast.Call]:
    """Yield the aggregates of a select's own (not those of windows, nor of queries inside)."""
    for node in _outside(parts, lambda node: True, (*_BODIES, ast.Over)):
        if isinstance(node, ast.Over):
            inside = (*node.call.arguments, node.window)
            yield from aggregates(*inside)
        elif isinstance(node, ast.Call) and (node.name in AGGREGATES or node.filter is not None):
            yield node


def windows_in(*parts: Any) -> Iterator[ast.Over]:
    """Yield the window functions of a select's own."""
    yield from _outside(parts, lambda node: isinstance(node, ast.Over), _BODIES)
