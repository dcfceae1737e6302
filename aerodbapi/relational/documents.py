"""Lists and maps in the engine: bins of them are JSON there, taken apart by these functions.

`UNNEST` after FROM gives the elements of a list, or with two columns a map's keys and values;
what is no list, or no map, gives no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aerodbapi import errors
from aerodbapi.grammar import ast
from aerodbapi.grammar.walk import nodes
from aerodbapi.plan.tree import place

if TYPE_CHECKING:
    from aerodbapi.relational.duck_sql import Queries
    from aerodbapi.relational.expressions import Expressions

__all__ = ["CALLS", "inner_types", "table_function"]

_LIST: Final = "CASE WHEN json_type({0}) = 'ARRAY' THEN json_extract({0}, '$[*]') END"
_KEYS: Final = "CASE WHEN json_type({0}) = 'OBJECT' THEN json_keys({0}) END"
_VALUES: Final = "CASE WHEN json_type({0}) = 'OBJECT' THEN json_extract({0}, '$.*') END"
#: The element that a list comprehension is at.
_EACH: Final = '"\u2063each"'
#: Functions after FROM besides UNNEST.
_SERIES: Final = frozenset({"RANGE", "GENERATE_SERIES"})


# ---- after FROM --------------------------------------------------------------------------------


def table_function(w: Queries, node: ast.TableFunction) -> str:
    """Write a function after FROM; UNNEST as a select list of unnested lists."""
    alias = w.names.written(node.alias or node.name)
    names = [w.names.written(name) for name in node.columns]
    if node.name in _SERIES and not node.ordinality:
        return f"{node.name.lower()}({w.listed(node.arguments)}) AS {alias} ({', '.join(names)})"
    if node.name != "UNNEST" or len(node.arguments) != 1:
        raise errors.NotSupportedError(f"no function {node.name} stands after FROM{place(node)}")
    lists = _lists(w, node)
    cells = [f"unnest({each})" for each in lists]
    if node.ordinality:
        cells.append(f"generate_subscripts({lists[0]}, 1)")
    shown = ", ".join(f"{cell} AS {name}" for cell, name in zip(cells, names))
    return f"LATERAL (SELECT {shown}) AS {alias} ({', '.join(names)})"


def _lists(w: Queries, node: ast.TableFunction) -> list[str]:
    """The lists, side by side, that UNNEST takes apart."""
    (holder,) = node.arguments
    text = w.write(holder)
    if len(node.columns) - node.ordinality == 2:
        document = w.type_of(holder) == "JSON"
        return [_KEYS.format(text), _VALUES.format(text)] if document else _entries(text)
    return [elements(w, holder)]


def _entries(text: str) -> list[str]:
    return [f"map_keys({text})", f"map_values({text})"]


# ---- in expressions ----------------------------------------------------------------------------


def elements(w: Expressions, holder: Any) -> str:
    """The list that an expression is, JSON or not."""
    text = w.write(holder)
    return _LIST.format(text) if w.type_of(holder) == "JSON" else text


def _unnest(w: Expressions, node: ast.Call) -> str:
    return f"unnest({elements(w, node.arguments[0])})"


def _holds(lists: Callable[[Expressions, Any], str]) -> Callable[[Expressions, ast.Call], str]:
    """LIST_CONTAINS and its kin: (holder, value), or (holder, low, high)."""

    def write(w: Expressions, node: ast.Call) -> str:
        holder, *bounds = node.arguments
        document = w.type_of(holder) == "JSON"
        element = w.as_class(_EACH, bounds) if document else _EACH
        whole = f"[{element} FOR {_EACH} IN {lists(w, holder)}]"
        if len(bounds) == 1:
            return f"list_contains({whole}, {w.write(bounds[0])})"
        low, high = map(w.write, bounds)
        within = f"{_EACH} BETWEEN {low} AND {high}"
        return f"list_contains([{within} FOR {_EACH} IN {whole}], TRUE)"

    return write


def _keys(w: Expressions, holder: Any) -> str:
    text = w.write(holder)
    keys = _KEYS.format(text) if w.type_of(holder) == "JSON" else f"map_keys({text})"
    return f"[to_json({_EACH}) FOR {_EACH} IN {keys}]"


def _values(w: Expressions, holder: Any) -> str:
    text = w.write(holder)
    return _VALUES.format(text) if w.type_of(holder) == "JSON" else f"map_values({text})"


#: (name, numbers of arguments) that are written here.
CALLS: Final[Mapping[str, tuple[tuple[int, ...], Callable[[Any, ast.Call], str]]]] = {
    "UNNEST": ((1,), _unnest),
    "LIST_CONTAINS": ((2, 3), _holds(elements)),
    "MAP_HAS_KEY": ((2, 3), _holds(_keys)),
    "MAP_HAS_VALUE": ((2, 3), _holds(_values)),
}


# ---- types of what inner queries give ----------------------------------------------------------


def inner_types(query: Any, w: Expressions) -> dict[str, dict[str, str]]:
    """The type codes of the columns of derived tables, CTEs and UNNEST, where they are known."""
    bodies = [node for node in nodes(query) if isinstance(node, _TABLES)]
    known, found = w.types, dict[str, dict[str, str]]()
    while True:  # what stands further out reads what stands further in
        before = dict(found)
        for node in bodies:
            _learn(node, found, w)
            w.types = {**known, **found}
        if found == before:
            return found


_TABLES: Final = (ast.Derived, ast.CTE, ast.TableFunction, ast.TableName)


def _learn(node: Any, found: dict[str, dict[str, str]], w: Expressions) -> None:
    if isinstance(node, ast.TableName):
        if node.alias and node.parts[-1] in found:
            found[node.alias] = found[node.parts[-1]]
    elif isinstance(node, ast.TableFunction):
        documents = node.name == "UNNEST" and w.type_of(node.arguments[0]) == "JSON"
        names = node.columns[: len(node.columns) - node.ordinality]
        found[node.alias or ""] = dict.fromkeys(names, "JSON") if documents else {}
        if documents and len(names) == 2:
            found[node.alias or ""][names[0]] = "VARCHAR"
    else:
        name = node.name if isinstance(node, ast.CTE) else node.alias or ""
        found[name] = _given(node.query, node.columns, w)


def _given(query: Any, columns: tuple[str, ...], w: Expressions) -> dict[str, str]:
    while isinstance(query, ast.SetOperation):
        query = query.left
    if isinstance(query, ast.ValueRows):
        return {}
    codes = ((name, w.type_of(i.expression)) for name, i in zip(columns, query.items))
    return {name: code for name, code in codes if code is not None}
