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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from aerodbapi.plan import patterns
from aerodbapi.plan.arms import (
    Arm,
    Arms,
    Operand,
    Piece,
    class_of_kind,
    column_arms,
    compare_arms,
    float_bound,
    int_bound,
    operand,
    presence,
    value_arms,
)
from aerodbapi.plan.assignments import expression_writes
from aerodbapi.plan.evaluate import MEMBERSHIP, constant
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN, pattern_of
from aerodbapi.plan.times import nanoseconds
from aerodbapi.plan.tree import COMPARISONS, children, is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp
from aerodbapi.types import GeoJSON

__all__ = [
    "NOTHING",
    "Builder",
    "Built",
    "Options",
    "build",
    "compile_filter",
    "expression_writes",
    "is_exact",
]

#: The filter that no record passes.
NOTHING: Final[Exp] = wire.val(False)

#: IN_LIST came with this server version.
IN_LIST_SINCE: Final = (8, 1, 2)


class Built(NamedTuple):
    """A filter for one execution: `exp` None lets all pass; `exact` makes its answer final."""

    exp: Exp | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What the server and the data allow.

    `nul_free`: the strings hold no NUL characters, so that all of a LIKE can be pushed.
    """

    in_list: bool = False
    nul_free: bool = False


#: Gives the filter for bound values.
Builder = Callable[[Sequence[Any]], Built]
_Maker = Callable[[Sequence[Any]], Piece]

LAST_UPDATE: Final = Column("__lut")
GEO: Final = frozenset({"GEO_WITHIN", "GEO_CONTAINS"})

_BUILDERS: Final[dict[tuple[int, Options], tuple[Expr, Builder]]] = {}
_MOST_BUILDERS: Final = 512

_ALL: Final[Piece] = (True, True)
_NEVER: Final[Piece] = (False, True)
_UNDECIDED: Final[Piece] = (True, False)


def can_push(predicate: Expr, options: Options = Options()) -> bool:
    """Tell whether the server can decide anything of `predicate`."""
    return _compile(predicate, False, options) is not _undecided


def build(predicate: Expr, values: Sequence[Any], options: Options = Options()) -> Built:
    """Make the filter of `predicate` with `values` bound; compiled predicates are remembered."""
    # By identity: predicates that differ in 1, 1.0 and TRUE only are equal to Python.
    kept = _BUILDERS.get((id(predicate), options))
    if kept is None or kept[0] is not predicate:
        if len(_BUILDERS) >= _MOST_BUILDERS:
            _BUILDERS.clear()
        kept = _BUILDERS[id(predicate), options] = predicate, compile_filter(predicate, options)
    return kept[1](values)


def compile_filter(predicate: Expr, options: Options = Options()) -> Builder:
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
    "list:bool": [True],
    "list:int": [1],
    "list:float": [1.5],
    "list:str": ["x"],
    "list:bytes": [b"x"],
}


def is_exact(predicate: Expr, kinds: Sequence[str | None], options: Options = Options()) -> bool:
    """Tell whether the filter is exact for all values of these kinds (None: any kind)."""
    if not _kinds_decide(predicate, kinds):
        return False
    samples = [_SAMPLES.get(kind or "") for kind in kinds]
    return compile_filter(predicate, options)(samples).exact


def _kinds_decide(node: Expr, kinds: Sequence[str | None]) -> bool:
    """Tell whether the kinds of the parameters alone decide how exact `node` is."""
    if isinstance(node, Parameter):
        return node.index < len(kinds) and kinds[node.index] in _SAMPLES
    if isinstance(node, Literal) or (isinstance(node, Call) and node.name in GEO):
        return True
    takes_values = (
        is_constant(node)
        or (isinstance(node, Like) and not isinstance(node.pattern, Literal))
        or (isinstance(node, (Unary, Binary)) and node.op in "+-*/%")
    )
    if takes_values and _has_parameter(node):
        return False
    return all(_kinds_decide(child, kinds) for child in children(node))


def _has_parameter(node: Expr) -> bool:
    return isinstance(node, Parameter) or any(_has_parameter(child) for child in children(node))


# ---- conditions --------------------------------------------------------------------------------


def _compile(node: Expr, negated: bool, options: Options) -> _Maker:
    if is_constant(node):
        wanted, give = not negated, constant(node)
        return lambda values: (give(values) is wanted, True)
    method = _CONDITIONS.get(type(node))
    return _undecided if method is None else method(node, negated, options)


def _undecided(values: Sequence[Any]) -> Piece:
    return _UNDECIDED


def _unary(node: Unary, negated: bool, options: Options) -> _Maker:
    return _compile(node.operand, not negated, options) if node.op == "NOT" else _undecided


def _binary(node: Binary, negated: bool, options: Options) -> _Maker:
    if node.op in ("AND", "OR"):
        return _logical(node, negated, options)
    if node.op in COMPARISONS:
        return _comparison(node.op, node.left, node.right, negated)
    return _undecided


def _logical(node: Binary, negated: bool, options: Options) -> _Maker:
    makers = [_compile(part, negated, options) for part in _flat(node, node.op)]
    conjunction = (node.op == "AND") is not negated
    unknown = [maker is _undecided for maker in makers]
    if all(unknown) or (any(unknown) and not conjunction):
        return _undecided
    join = _all_of if conjunction else _any_of
    return lambda values: join([maker(values) for maker in makers])


def _flat(node: Expr, op: str) -> list[Expr]:
    if isinstance(node, Binary) and node.op == op:
        return _flat(node.left, op) + _flat(node.right, op)
    return [node]


def _all_of(pieces: Sequence[Piece]) -> Piece:
    if any(exp is False for exp, _ in pieces):
        return _NEVER
    exps = [exp for exp, _ in pieces if isinstance(exp, Exp)]
    exact = all(each for _, each in pieces)
    if not exps:
        return True, exact
    return (exps[0] if len(exps) == 1 else wire.and_(*exps)), exact


def _any_of(pieces: Sequence[Piece]) -> Piece:
    if any(exp is True for exp, _ in pieces):
        return _ALL if _ALL in pieces else _UNDECIDED
    exps = [exp for exp, _ in pieces if isinstance(exp, Exp)]
    if not exps:
        return _NEVER
    exact = all(each for exp, each in pieces if exp is not False)
    return (exps[0] if len(exps) == 1 else wire.or_(*exps)), exact


def _comparison(op: str, left: Expr, right: Expr, negated: bool) -> _Maker:
    lefts, rights = operand(left), operand(right)
    if lefts is None or rights is None:
        return _undecided
    if LAST_UPDATE in (left, right):
        lefts, rights = _as_times(left, lefts), _as_times(right, rights)

    def maker(values: Sequence[Any]) -> Piece:
        left_arms, right_arms = lefts(values), rights(values)
        if left_arms is None or right_arms is None:
            return _UNDECIDED
        return _any_of(compare_arms(op, left_arms, right_arms, negated))

    return maker


def _as_times(expression: Expr, give: Operand) -> Operand:
    """Read a constant beside __lut as a time."""
    if not is_constant(expression):
        return give
    value = constant(expression)
    return lambda values: value_arms(nanoseconds(value(values)))


def _between(node: Between, negated: bool, options: Options) -> _Maker:
    both = Binary(
        "AND", Binary(">=", node.operand, node.low), Binary("<=", node.operand, node.high)
    )
    return _compile(both, negated is not node.negated, options)


def _column(node: Column, negated: bool, options: Options) -> _Maker:
    for arm in column_arms(node) or ():
        if arm.kind == "bool" and arm.exp is not None:
            piece: Piece = (wire.not_(arm.exp) if negated else arm.exp), True
            return lambda values: piece
    return lambda values: _NEVER


# ---- IN ----------------------------------------------------------------------------------------


def _in(node: In, negated: bool, options: Options) -> _Maker:
    negated = negated is not node.negated
    operand_arms = operand(node.operand)
    if operand_arms is None:
        return _undecided
    if not all(is_constant(each) for each in node.options):
        whole: Expr = Binary("=", node.operand, node.options[0])
        for option in node.options[1:]:
            whole = Binary("OR", whole, Binary("=", node.operand, option))
        return _compile(whole, negated, options)

    givers = [constant(option) for option in node.options]

    def maker(values: Sequence[Any]) -> Piece:
        arms = operand_arms(values)
        wanted: list[Any] = []
        for give in givers:
            value = give(values)
            if isinstance(value, (list, tuple, set, frozenset)):
                wanted.extend(value)
            else:
                wanted.append(value)
        if arms is None:
            return _UNDECIDED
        return _in_values(arms, wanted, negated, options)

    return maker


def _in_values(arms: Arms, wanted: Sequence[Any], negated: bool, options: Options) -> Piece:
    if not wanted:
        return _ALL if negated else _NEVER
    found = [value_arms(value) for value in wanted]
    if None in found:
        return _UNDECIDED
    constants = [arm for each in found for arm in each or ()]
    classes = {class_of_kind(arm.kind) for arm in constants}
    # With a NULL or with values of two classes among the options, NOT IN is never true.
    if negated and (len(constants) < len(wanted) or len(classes) > 1):
        return _NEVER
    same_class = [arm for arm in arms if class_of_kind(arm.kind) in classes]
    return _any_of([_in_arm(arm, constants, negated, options) for arm in same_class])


def _in_arm(arm: Arm, constants: Sequence[Arm], negated: bool, options: Options) -> Piece:
    if arm.exp is None:
        return presence(arm), False
    wanted = list(dict.fromkeys(_equal_to(arm.kind, constants)))
    if not wanted:
        return (presence(arm), True) if negated else _NEVER
    if len(wanted) > 1 and options.in_list and arm.kind in ("int", "str", "bytes"):
        test = wire.in_list(arm.exp, wire.val(wanted))
    else:
        tests = [wire.eq(arm.exp, wire.val(value)) for value in wanted]
        test = tests[0] if len(tests) == 1 else wire.or_(*tests)
    return (wire.not_(test) if negated else test), True


def _equal_to(kind: str, constants: Sequence[Arm]) -> Iterator[Any]:
    """Yield the values of `kind` that equal one of `constants`."""
    for arm in constants:
        if kind in ("int", "float"):
            if arm.kind in ("int", "float"):
                bound = (int_bound if kind == "int" else float_bound)("=", arm.value)
                if not isinstance(bound, bool):
                    yield bound[1]
        elif kind == arm.kind:
            yield arm.value


# ---- LIKE, IS NULL, membership -----------------------------------------------------------------


def _like(node: Like, negated: bool, options: Options) -> _Maker:
    negated = negated is not node.negated
    escape = node.escape if node.escape is not None else Literal(None)
    if not (isinstance(node.operand, Column) and is_constant(node.pattern) and is_constant(escape)):
        return _undecided
    arms = [arm for arm in column_arms(node.operand) or () if arm.kind == "str"]
    if not arms:
        return _undecided
    arm, give_text, give_mark = arms[0], constant(node.pattern), constant(escape)

    def maker(values: Sequence[Any]) -> Piece:
        text, mark = give_text(values), give_mark(values)
        if not isinstance(text, str) or not (mark is None or isinstance(mark, str)):
            return _NEVER
        pattern = pattern_of(text, mark)
        side = patterns.lower if negated else patterns.upper
        return _like_piece(arm, side(pattern, node.ignore_case, options.nul_free), negated)

    return maker


def _like_piece(arm: Arm, bound: patterns.Bound, negated: bool) -> Piece:
    assert arm.exp is not None
    if isinstance(bound, patterns.Equal):
        return (wire.ne if negated else wire.eq)(arm.exp, wire.val(bound.text)), True
    if isinstance(bound, patterns.NoneKnown):
        return (presence(arm), bound.exact) if not (negated and bound.exact) else _NEVER
    matched = wire.regex(bound.flags, bound.source, arm.exp)
    return (wire.not_(matched) if negated else matched), bound.exact


def _is_null(node: IsNull, negated: bool, options: Options) -> _Maker:
    if not isinstance(node.operand, Column):
        return _undecided
    column, wants_value = node.operand, negated is not node.negated
    if is_bin(column):
        test = wire.ne if wants_value else wire.eq
        piece: Piece = test(wire.bin_type(column.name), wire.val(0)), True
    elif column.name == "PK":
        exists = wire.key_exists()
        piece = (exists if wants_value else wire.not_(exists)), True
    else:
        piece = wants_value, True
    return lambda values: piece


def _call(node: Call, negated: bool, options: Options) -> _Maker:
    """LIST_CONTAINS(bin, value): IN_LIST turned round. Ranges and maps are left alone."""
    if node.name in GEO:
        return _geo(node, negated)
    if MEMBERSHIP.get(node.name) != "LIST" or len(node.arguments) != 2 or not options.in_list:
        return _undecided
    holder, wanted = node.arguments
    if not isinstance(holder, Column) or not is_constant(wanted):
        return _undecided
    bin_exp, give = wire.list_bin(holder.name), constant(wanted)

    def maker(values: Sequence[Any]) -> Piece:
        value = give(values)
        kind = kind_of(value)
        if kind not in ("int", "str", "bytes"):
            return _NEVER if value is None else _UNDECIDED
        if kind == "int" and not INT64_MIN <= value <= INT64_MAX:
            return (wire.eq(wire.bin_type(holder.name), wire.val(20)), True) if negated else _NEVER
        test = wire.in_list(wire.val(value), bin_exp)
        return (wire.not_(test) if negated else test), True

    return maker


def _geo(node: Call, negated: bool) -> _Maker:
    """GEO_WITHIN(bin, shape), GEO_CONTAINS(bin, shape): a point in a region, either way round."""
    if len(node.arguments) != 2:
        return _undecided
    holder, shape = node.arguments
    if not isinstance(holder, Column) or not is_bin(holder) or not is_constant(shape):
        return _undecided
    bin_exp, give = wire.geo_bin(holder.name), constant(shape)

    def maker(values: Sequence[Any]) -> Piece:
        value = give(values)
        if isinstance(value, str):
            value = GeoJSON.trusted(value)
        if not isinstance(value, GeoJSON):
            return _NEVER
        test = wire.geo_compare(bin_exp, wire.val(value))
        return (wire.not_(test) if negated else test), True

    return maker


_CONDITIONS: Final[dict[type, Callable[[Any, bool, Options], _Maker]]] = {
    Unary: _unary,
    Binary: _binary,
    Between: _between,
    Column: _column,
    In: _in,
    Like: _like,
    IsNull: _is_null,
    Call: _call,
}
