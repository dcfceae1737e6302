"""The conditions at a predicate's leaves as filter expressions: comparisons, IN, LIKE and the like.

Each function prepares one kind of condition, or its negation, and gives the maker of its piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aerodbapi.grammar.ast import Call, Column, Expr, IsNull, Like, Literal
from aerodbapi.plan import patterns
from aerodbapi.plan.arms import (
    Arm,
    Arms,
    Operand,
    at_risk,
    class_of_kind,
    column_arms,
    compare_arms,
    constant_test,
    operand,
    presence,
    value_arms,
)
from aerodbapi.plan.evaluate import FAILING, MEMBERSHIP, settled
from aerodbapi.plan.kinds import kind_of
from aerodbapi.plan.matching import pattern_of
from aerodbapi.plan.pieces import (
    ALL,
    NEVER,
    UNDECIDED,
    Maker,
    Options,
    Piece,
    all_of,
    any_of,
    undecided,
)
from aerodbapi.plan.semantics import INT64_MAX, INT64_MIN
from aerodbapi.plan.times import nanoseconds
from aerodbapi.plan.tree import is_bin, is_constant
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.flags import ParticleType
from aerodbapi.types import GeoJSON

__all__ = ["GEO", "call", "column", "comparison", "is_null", "like", "membership"]

LAST_UPDATE: Final = Column("__lut")
#: Functions that only the server evaluates.
GEO: Final = frozenset({"GEO_WITHIN", "GEO_CONTAINS"})


def comparison(op: str, left: Expr, right: Expr, negated: bool) -> Maker:
    """`left op right`: an arm for every pair of types that compares."""
    lefts, rights = operand(left), operand(right)
    if lefts is None or rights is None:
        return undecided
    if LAST_UPDATE in (left, right):
        lefts, rights = _as_times(left, lefts), _as_times(right, rights)

    def maker(values: Sequence[Any]) -> Piece:
        left_arms, right_arms = lefts(values), rights(values)
        if left_arms is None or right_arms is None:
            return UNDECIDED
        return any_of(compare_arms(op, left_arms, right_arms, negated))

    return maker


def _as_times(expression: Expr, give: Operand) -> Operand:
    """Read a constant beside __lut as a time."""
    if not is_constant(expression):
        return give
    value = settled(expression)
    return lambda values: value_arms(nanoseconds(value(values)))


def column(node: Column, negated: bool, options: Options) -> Maker:
    """A bin as a condition: true booleans."""
    for arm in column_arms(node) or ():
        if arm.kind == "bool" and arm.exp is not None:
            piece: Piece = (wire.not_(arm.exp) if negated else arm.exp), True
            return lambda values: piece
    return lambda values: NEVER


# ---- IN ----------------------------------------------------------------------------------------


#: Of IN: a server looks at them one by one for every record, and takes no filter beyond 1 MiB.
MOST_OPTIONS: Final = 256


def membership(
    expression: Expr, constants: Sequence[Expr], negated: bool, options: Options
) -> Maker:
    """`expression IN (constants)`; a constant that is a list counts as its elements."""
    operand_arms = operand(expression)
    if operand_arms is None:
        return undecided
    givers = [settled(option) for option in constants]

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
            return UNDECIDED
        return _in_values(arms, wanted, negated, options)

    return maker


def _in_values(arms: Arms, wanted: Sequence[Any], negated: bool, options: Options) -> Piece:
    if not wanted:
        return ALL if negated else NEVER
    if len(wanted) > MOST_OPTIONS:
        return UNDECIDED
    found = [value_arms(value) for value in wanted]
    if None in found:
        return UNDECIDED
    constants = [arm for each in found for arm in each or ()]
    classes = {class_of_kind(arm.kind) for arm in constants}
    # With a NULL or with values of two classes among the options, NOT IN is never true.
    if negated and (len(constants) < len(wanted) or len(classes) > 1):
        return NEVER
    same_class = [arm for arm in arms if class_of_kind(arm.kind) in classes]
    return any_of([_in_arm(arm, constants, negated, options) for arm in same_class])


def _in_arm(arm: Arm, constants: Sequence[Arm], negated: bool, options: Options) -> Piece:
    """Say that `arm` is among those of `constants` that it compares with, or is none of them."""
    if arm.exp is None:
        return at_risk(presence(arm), arm.risks)[0], False
    same = class_of_kind(arm.kind)
    values = [each.value for each in constants if class_of_kind(each.kind) == same]
    wanted = _whole(arm.kind, values)
    if options.in_list and wanted is not None and len(wanted) > 1:
        test = wire.in_list(arm.exp, wire.val(wanted))
        return at_risk(wire.not_(test) if negated else test, arm.risks)
    pieces = [constant_test("<>" if negated else "=", arm, value) for value in values]
    return (all_of if negated else any_of)(pieces)


def _whole(kind: str, values: Sequence[Any]) -> list[Any] | None:
    """Give what IN_LIST may be asked with; None where the values are not what is equal."""
    if kind not in ("int", "str", "bytes"):
        return None
    if kind == "int":
        if any(isinstance(value, float) and not abs(value) < 2.0**53 for value in values):
            return None
        values = [int(value) for value in values if value == int(value)]
        values = [value for value in values if INT64_MIN <= value <= INT64_MAX]
    return list(dict.fromkeys(values))


# ---- LIKE, IS NULL, membership -----------------------------------------------------------------


def like(node: Like, negated: bool, options: Options) -> Maker:
    """`column LIKE pattern`, as far as a regular expression can be trusted (see `patterns`)."""
    negated = negated is not node.negated
    escape = node.escape if node.escape is not None else Literal(None)
    if not (isinstance(node.operand, Column) and is_constant(node.pattern) and is_constant(escape)):
        return undecided
    arms = [arm for arm in column_arms(node.operand) or () if arm.kind == "str"]
    if not arms:
        return undecided
    arm, give_text, give_mark = arms[0], settled(node.pattern), settled(escape)

    def maker(values: Sequence[Any]) -> Piece:
        text, mark = give_text(values), give_mark(values)
        if FAILING in (text, mark):
            return UNDECIDED
        if not isinstance(text, str) or not (mark is None or isinstance(mark, str)):
            return NEVER
        pattern = pattern_of(text, mark)
        side = patterns.lower if negated else patterns.upper
        return _like_piece(arm, side(pattern, node.ignore_case, options.nul_free), negated)

    return maker


def _like_piece(arm: Arm, bound: patterns.Bound, negated: bool) -> Piece:
    assert arm.exp is not None
    if isinstance(bound, patterns.Equal):
        return (wire.ne if negated else wire.eq)(arm.exp, wire.val(bound.text)), True
    if isinstance(bound, patterns.NoneKnown):
        return (presence(arm), bound.exact) if not (negated and bound.exact) else NEVER
    matched = wire.regex(bound.flags, bound.source, arm.exp)
    return (wire.not_(matched) if negated else matched), bound.exact


def is_null(node: IsNull, negated: bool, options: Options) -> Maker:
    """`column IS NULL`: the bin is not there, or no key is stored."""
    if not isinstance(node.operand, Column):
        return undecided
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


def call(node: Call, negated: bool, options: Options) -> Maker:
    """LIST_CONTAINS(bin, value): IN_LIST turned round. Ranges and maps are left alone."""
    if node.name in GEO:
        return _geo(node, negated)
    if MEMBERSHIP.get(node.name) != "LIST" or len(node.arguments) != 2 or not options.in_list:
        return undecided
    holder, wanted = node.arguments
    if not isinstance(holder, Column) or not is_bin(holder) or not is_constant(wanted):
        return undecided
    bin_exp, give = wire.list_bin(holder.name), settled(wanted)
    is_list = wire.eq(wire.bin_type(holder.name), wire.val(ParticleType.LIST))

    def maker(values: Sequence[Any]) -> Piece:
        value = give(values)
        kind = kind_of(value)
        if kind not in ("int", "str", "bytes"):
            return NEVER if value is None else UNDECIDED
        if kind == "int" and not INT64_MIN <= value <= INT64_MAX:
            return (is_list, True) if negated else NEVER
        test = wire.in_list(wire.val(value), bin_exp)
        return (wire.not_(test) if negated else test), True

    return maker


def _geo(node: Call, negated: bool) -> Maker:
    """GEO_WITHIN(bin, shape), GEO_CONTAINS(bin, shape): a point in a region, either way round."""
    if len(node.arguments) != 2:
        return undecided
    holder, shape = node.arguments
    if not isinstance(holder, Column) or not is_bin(holder) or not is_constant(shape):
        return undecided
    bin_exp, give = wire.geo_bin(holder.name), settled(shape)

    def maker(values: Sequence[Any]) -> Piece:
        value = give(values)
        if isinstance(value, str):
            value = GeoJSON.trusted(value)
        if not isinstance(value, GeoJSON):
            return NEVER
        test = wire.geo_compare(bin_exp, wire.val(value))
        return (wire.not_(test) if negated else test), True

    return maker
