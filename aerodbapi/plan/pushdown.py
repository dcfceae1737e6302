"""Turns predicates into filter expressions: exact, a superset, or not at all; never unchecked.

`compile_filter(predicate)` prepares once; the builder that it returns makes the expression for
each execution's values: `(expression, exact)`. A record of which the predicate is true always
passes the expression; when `exact`, no other does. `None` lets every record pass.

NOT is brought down to the comparisons first (De Morgan holds in three-valued logic), so that
UNKNOWN and FALSE need not be told apart above them. A conjunct may be left out, a disjunction
only whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from aerodbapi.grammar.ast import (
    Between,
    Binary,
    Call,
    Column,
    Expr,
    In,
    IsNull,
    Like,
    Literal,
    Parameter,
    Unary,
)
from aerodbapi.plan import leaves
from aerodbapi.plan.evaluate import FAILING, settled
from aerodbapi.plan.pieces import UNDECIDED, Maker, Options, Piece, all_of, any_of, undecided
from aerodbapi.plan.tree import ARITHMETIC, COMPARISONS, children, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp

__all__ = [
    "NOTHING",
    "Builder",
    "Built",
    "Options",
    "build",
    "can_push",
    "compile_filter",
    "is_exact",
]

#: The filter that no record passes.
NOTHING: Final[Exp] = wire.val(False)

DEFAULT: Final = Options()

#: IN_LIST came with this server version.
IN_LIST_SINCE: Final = (8, 1, 2)


class Built(NamedTuple):
    """A filter for one execution: `exp` None lets all pass; `exact` makes its answer final."""

    exp: Exp | None
    exact: bool


#: Gives the filter for bound values.
Builder = Callable[[Sequence[Any]], Built]

_BUILDERS: Final[dict[tuple[int, Options], tuple[Expr, Builder]]] = {}
_MOST_BUILDERS: Final = 512


def can_push(predicate: Expr, options: Options = DEFAULT) -> bool:
    """Tell whether the server can decide anything of `predicate`."""
    return _compile(predicate, False, options) is not undecided


def build(predicate: Expr, values: Sequence[Any], options: Options = DEFAULT) -> Built:
    """Make the filter of `predicate` with `values` bound; compiled predicates are remembered."""
    # By identity: predicates that differ in 1, 1.0 and TRUE only are equal to Python.
    kept = _BUILDERS.get((id(predicate), options))
    if kept is None or kept[0] is not predicate:
        if len(_BUILDERS) >= _MOST_BUILDERS:
            _BUILDERS.clear()
        kept = _BUILDERS[id(predicate), options] = predicate, compile_filter(predicate, options)
    return kept[1](values)


def compile_filter(predicate: Expr, options: Options = DEFAULT) -> Builder:
    """Prepare the filter of `predicate`."""
    maker = _compile(predicate, False, options)

    def builder(values: Sequence[Any]) -> Built:
        exp, exact = maker(values)
        if exp is True:
            return Built(None, exact)
        return Built(NOTHING if exp is False else exp, exact)

    return builder


# ---- what holds for every value ----------------------------------------------------------------

_SAMPLES: Final[dict[str, Any]] = {
    "null": None,
    "bool": True,
    "int": 1,
    "float": 1.5,
    "str": "2020-01-01",  # a time, too: what is compared with __lut
    "time": datetime.datetime(2020, 1, 1),
    "bytes": b"x",
    # As long as none that goes out: only when it is bound is a list known to be short enough.
    "list:bool": [True] * (leaves.MOST_OPTIONS + 1),
    "list:int": [1] * (leaves.MOST_OPTIONS + 1),
    "list:float": [1.5] * (leaves.MOST_OPTIONS + 1),
    "list:str": ["x"] * (leaves.MOST_OPTIONS + 1),
    "list:bytes": [b"x"] * (leaves.MOST_OPTIONS + 1),
}


def is_exact(predicate: Expr, kinds: Sequence[str | None], options: Options = DEFAULT) -> bool:
    """Tell whether the filter is exact for all values of these kinds (None: any kind)."""
    if not _kinds_decide(predicate, kinds):
        return False
    samples = [_SAMPLES.get(kind or "") for kind in kinds]
    return compile_filter(predicate, options)(samples).exact


def _kinds_decide(node: Expr, kinds: Sequence[str | None]) -> bool:
    """Tell whether the kinds of the parameters alone decide how exact `node` is."""
    if isinstance(node, Parameter):
        return node.index < len(kinds) and kinds[node.index] in _SAMPLES
    if isinstance(node, Literal) or (isinstance(node, Call) and node.name in leaves.GEO):
        return True
    takes_values = (
        is_constant(node)
        or (isinstance(node, Like) and not isinstance(node.pattern, Literal))
        or (isinstance(node, (Unary, Binary)) and node.op in ARITHMETIC)
    )
    if takes_values and _has_parameter(node):
        return False
    # TRUE OR x is decided without x, FALSE OR x is not.
    logical = isinstance(node, (Unary, Binary)) and node.op in ("AND", "OR", "NOT")
    if logical and any(isinstance(child, Parameter) for child in children(node)):
        return False
    return all(_kinds_decide(child, kinds) for child in children(node))


def _has_parameter(node: Expr) -> bool:
    return isinstance(node, Parameter) or any(_has_parameter(child) for child in children(node))


# ---- conditions --------------------------------------------------------------------------------


def _compile(node: Expr, negated: bool, options: Options) -> Maker:
    if is_constant(node):
        return _decided(node, negated)
    method = _CONDITIONS.get(type(node))
    return undecided if method is None else method(node, negated, options)


def _decided(node: Expr, negated: bool) -> Maker:
    wanted, give = not negated, settled(node)

    def maker(values: Sequence[Any]) -> Piece:
        found = give(values)
        return UNDECIDED if found is FAILING else (found is wanted, True)

    return maker


def _unary(node: Unary, negated: bool, options: Options) -> Maker:
    return _compile(node.operand, not negated, options) if node.op == "NOT" else undecided


def _binary(node: Binary, negated: bool, options: Options) -> Maker:
    if node.op in ("AND", "OR"):
        return _logical(node, negated, options)
    if node.op in COMPARISONS:
        return leaves.comparison(node.op, node.left, node.right, negated)
    return undecided


def _logical(node: Binary, negated: bool, options: Options) -> Maker:
    makers = [_compile(part, negated, options) for part in _flat(node, node.op)]
    conjunction = (node.op == "AND") is not negated
    unknown = [maker is undecided for maker in makers]
    if all(unknown) or (any(unknown) and not conjunction):
        return undecided
    join = all_of if conjunction else any_of
    return lambda values: join([maker(values) for maker in makers])


def _flat(node: Expr, op: str) -> list[Expr]:
    if isinstance(node, Binary) and node.op == op:
        return _flat(node.left, op) + _flat(node.right, op)
    return [node]


def _between(node: Between, negated: bool, options: Options) -> Maker:
    both = Binary(
        "AND", Binary(">=", node.operand, node.low), Binary("<=", node.operand, node.high)
    )
    return _compile(both, negated is not node.negated, options)


def _in(node: In, negated: bool, options: Options) -> Maker:
    negated = negated is not node.negated
    if all(is_constant(option) for option in node.options):
        return leaves.membership(node.operand, node.options, negated, options)
    whole: Expr = Binary("=", node.operand, node.options[0])
    for option in node.options[1:]:
        whole = Binary("OR", whole, Binary("=", node.operand, option))
    return _compile(whole, negated, options)


_CONDITIONS: Final[dict[type, Callable[[Any, bool, Options], Maker]]] = {
    Unary: _unary,
    Binary: _binary,
    Between: _between,
    Column: leaves.column,
    In: _in,
    Like: leaves.like,
    IsNull: leaves.is_null,
    Call: leaves.call,
}
