"""A secondary index answers one condition: equality before range before collection, and among
those the index with the fewest entries per value.

Two things make an index inexact. It holds values of one type only, and doubles are in none: a
numeric index is used only where the catalog has seen integers and no doubles in the bin. And a
range on a collection index may bring a record twice: such a query is marked for deduplication.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aerodbapi.frozen import frozen, replace
from aerodbapi.grammar.ast import Between, Binary, Call, Column, Expr, In, Literal, Subscript
from aerodbapi.plan.bind import bind_value, is_bin, kind
from aerodbapi.plan.catalog import IndexInfo
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.evaluate import MEMBERSHIP
from aerodbapi.plan.indexes import element
from aerodbapi.plan.operations import IndexChoice, Range, Value
from aerodbapi.plan.tree import FLIPPED, is_constant

__all__ = ["index_choice"]

#: Kind of the compared value → type of the index that holds it.
_INDEX_TYPES: Final = {
    "int": "NUMERIC",
    "float": "NUMERIC",
    "str": "STRING",
    "bytes": "BLOB",
    "geojson": "GEO2DSPHERE",
}
_EQUALITY, _RANGE, _COLLECTION = range(3)
_GEO: Final = frozenset({"GEO_WITHIN", "GEO_CONTAINS"})


@frozen
class _Candidate:
    """What an index of `type` on `bin` could answer: `conjuncts`, by reading `ranges`.

    `path`: the element of the bin that they are about.
    """

    shape: int
    bin: str
    type: str
    collection: str | None
    ranges: tuple[Range, ...]
    conjuncts: tuple[Expr, ...]
    path: Subscript | None = None


def index_choice(draft: Draft, planning: Planning) -> Draft:
    """Choose the index, if any, through which the records are read."""
    if draft.by_key or draft.empty or not planning.context.push:
        return draft
    candidates = list(_candidates(draft, planning))
    if not candidates:
        return draft
    indexes = planning.catalog.indexes(draft.target.namespace) or ()
    found = []
    for candidate in candidates:
        for index in indexes:
            if _answers(index, candidate, draft):
                doubt = _doubt(index, candidate, draft, planning)
                if doubt is None:
                    found.append((candidate, index))
                elif doubt not in draft.notes:
                    draft = replace(draft, notes=(*draft.notes, doubt))
    if not found:
        return draft
    candidate, index = min(found, key=_cost)
    return _chosen(draft, candidate, index)


def _cost(pair: tuple[_Candidate, IndexInfo]) -> tuple[int, float, bool, str]:
    candidate, index = pair
    entries = index.entries_per_value
    return (
        candidate.shape,
        float("inf") if entries is None else entries,
        index.set is None,
        index.name,
    )


def _chosen(draft: Draft, candidate: _Candidate, index: IndexInfo) -> Draft:
    done = candidate.conjuncts
    return replace(
        draft,
        index=IndexChoice(
            index.name,
            index.bin,
            index.type,  # type: ignore[arg-type]
            index.collection,  # type: ignore[arg-type]
            index.entries_per_value,
            index.context,
        ),
        ranges=candidate.ranges,
        chosen=done,
        where=tuple(part for part in draft.where if not any(part is each for each in done)),
    )


def _answers(index: IndexInfo, candidate: _Candidate, draft: Draft) -> bool:
    place = index.plain if candidate.path is None else _is_at(index, candidate.path)
    return (
        place
        and index.state == "RW"
        and index.bin == candidate.bin
        and index.type == candidate.type
        and index.collection == candidate.collection
        and index.set in ((draft.target.set, None) if draft.target.set else (None,))
    )


def _is_at(index: IndexInfo, path: Subscript) -> bool:
    """Tell whether an index is on the element that `path` leads to."""
    return bool(index.context) and element(path) == (index.bin, index.context)


def _doubt(index: IndexInfo, candidate: _Candidate, draft: Draft, planning: Planning) -> str | None:
    """Say why an index may miss records; None when it has all that are asked for."""
    if candidate.path is not None and candidate.type == "NUMERIC":
        return f"index {index.name} not used: it holds no doubles, which the element may be"
    if candidate.type != "NUMERIC" or candidate.collection is not None:
        return None
    info = planning.catalog.get(draft.target.namespace, draft.target.set)
    column = None if info is None else info.column(candidate.bin)
    if column is None:
        return f"index {index.name} not used: bin {candidate.bin} is not in the catalog"
    if "float" in column.kinds or "int" not in column.kinds:
        return f"index {index.name} not used: it holds no doubles, bin {candidate.bin} does"
    return None


# ---- what the conjuncts ask --------------------------------------------------------------------


def _candidates(draft: Draft, planning: Planning) -> Iterator[_Candidate]:
    bounds: dict[tuple[str, str], list[tuple[Expr, Range]]] = {}
    for conjunct in draft.where:
        found = _candidate(conjunct, planning)
        if found is None:
            continue
        if found.shape == _RANGE:
            bounds.setdefault((found.bin, found.type), []).append((conjunct, found.ranges[0]))
        else:
            yield found
    for (name, index_type), ranges in bounds.items():
        yield _joined(name, index_type, ranges)


def _joined(name: str, index_type: str, ranges: list[tuple[Expr, Range]]) -> _Candidate:
    """Join a lower and an upper bound on one bin; further ones stay conditions."""
    conjunct, whole = ranges[0]
    used = [conjunct]
    for other, bound in ranges[1:]:
        if whole.low is None and bound.high is None:
            whole = replace(whole, low=bound.low, low_open=bound.low_open)
            used.append(other)
        elif whole.high is None and bound.low is None:
            whole = replace(whole, high=bound.high, high_open=bound.high_open)
            used.append(other)
    return _Candidate(_RANGE, name, index_type, None, (whole,), tuple(used))


def _candidate(conjunct: Expr, planning: Planning) -> _Candidate | None:
    if isinstance(conjunct, Binary) and conjunct.op in FLIPPED:
        return _comparison(conjunct, planning)
    if isinstance(conjunct, Between) and not conjunct.negated:
        return _between(conjunct, planning)
    if isinstance(conjunct, In) and not conjunct.negated:
        return _in(conjunct, planning)
    if isinstance(conjunct, Call):
        return _call(conjunct, planning)
    return None


def _type(planning: Planning, *values: Expr) -> str | None:
    """Name the type of index that holds all of `values`."""
    types = set()
    for value in values:
        name = kind(value, planning.context) if is_constant(value) else None
        types.add(_INDEX_TYPES.get((name or "").removeprefix("list:")))
    return types.pop() if len(types) == 1 else None


def _bin(expression: Expr) -> str | None:
    return expression.name if isinstance(expression, Column) and is_bin(expression) else None


def _keyed(expression: Expr) -> str | None:
    """The bin of a path of keys, `m['a']['b']`.

    One with a place in a list is none: `m[0]` may be a key of a map as well, and no index on
    places has those.
    """
    node = expression
    while isinstance(node, Subscript):
        if not isinstance(node.index, Literal) or not isinstance(node.index.value, str):
            return None
        node = node.operand
    return None if node is expression else _bin(node)


def _comparison(node: Binary, planning: Planning) -> _Candidate | None:
    op, left, right = node.op, node.left, node.right
    if is_constant(left):
        op, left, right = FLIPPED[op], right, left
    path = left if isinstance(left, Subscript) and op == "=" else None
    name = _bin(left) if path is None else _keyed(path)
    index_type = _type(planning, right)
    if name is None or index_type is None or index_type == "GEO2DSPHERE" or op == "<>":
        return None
    if (kind(right, planning.context) or "").startswith("list"):
        return None
    value = bind_value(right)
    if op == "=":
        whole = (Range(value, value),)
        return _Candidate(_EQUALITY, name, index_type, None, whole, (node,), path)
    if index_type != "NUMERIC":
        return None
    bound = (
        Range(None, value, high_open=op == "<")
        if op[0] == "<"
        else Range(value, None, low_open=op == ">")
    )
    return _Candidate(_RANGE, name, index_type, None, (bound,), (node,))


def _between(node: Between, planning: Planning) -> _Candidate | None:
    name = _bin(node.operand)
    if name is None or _type(planning, node.low, node.high) != "NUMERIC":
        return None
    bound = Range(bind_value(node.low), bind_value(node.high))
    return _Candidate(_RANGE, name, "NUMERIC", None, (bound,), (node,))


def _in(node: In, planning: Planning) -> _Candidate | None:
    name, index_type = _bin(node.operand), _type(planning, *node.options)
    if name is None or index_type is None or index_type == "GEO2DSPHERE":
        return None
    ranges = tuple(_equal(bind_value(option)) for option in node.options)
    return _Candidate(_EQUALITY, name, index_type, None, ranges, (node,))


def _equal(value: Value) -> Range:
    return Range(value, value)


def _call(node: Call, planning: Planning) -> _Candidate | None:
    if node.name in _GEO and len(node.arguments) == 2:
        return _geo(node, planning)
    if node.name not in MEMBERSHIP or len(node.arguments) not in (2, 3):
        return None
    holder, *values = node.arguments
    name, index_type = _bin(holder), _type(planning, *values)
    kinds = {kind(value, planning.context) for value in values}
    if name is None or index_type in (None, "GEO2DSPHERE") or not kinds <= {"int", "str", "bytes"}:
        return None
    if len(values) == 2 and index_type != "NUMERIC":
        return None
    assert index_type is not None
    bound = Range(bind_value(values[0]), bind_value(values[-1]))
    return _Candidate(_COLLECTION, name, index_type, MEMBERSHIP[node.name], (bound,), (node,))


def _geo(node: Call, planning: Planning) -> _Candidate | None:
    name, shape = _bin(node.arguments[0]), node.arguments[1]
    if name is None or not is_constant(shape):
        return None
    if kind(shape, planning.context) not in ("geojson", None):
        return None
    value = bind_value(shape)
    return _Candidate(_RANGE, name, "GEO2DSPHERE", None, (_equal(value),), (node,))
